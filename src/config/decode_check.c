/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/decode_int.h"

static void check_nested(struct arena *arena, const struct body_content *content,
                         const struct schema_block *schema, const struct schema_nested *nested,
                         struct diags *diags) {
    size_t n = 0;
    bool dynamic_found = false;
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        struct decode_dynamic dynamic;
        if (decode_is_dynamic(block, schema)) {
            if (str_eq(block->labels[0], nested->name)) {
                dynamic_found = true;
                if (decode_dynamic_read(arena, block, schema, &dynamic, diags)) {
                    (void)decode_check(arena, dynamic.content->body, nested->block, diags);
                }
            }
        } else if (str_eq(block->type, nested->name)) {
            (void)decode_check(arena, block->body, nested->block, diags);
            n++;
            if (nested->max_items > 0 && n == (size_t)nested->max_items + 1) {
                struct str summary =
                    str_format(diags->arena, "Too many %.*s blocks", STR_ARG(nested->name));
                (void)diags_error(diags, block->header, str_c(diags->arena, summary),
                                  "No more than %u \"%.*s\" blocks are allowed", nested->max_items,
                                  STR_ARG(nested->name));
            }
        }
    }
    if (!dynamic_found && n < nested->min_items) {
        struct str summary =
            str_format(diags->arena, "Insufficient %.*s blocks", STR_ARG(nested->name));
        (void)diags_error(diags, content->missing_item, str_c(diags->arena, summary),
                          "At least %u \"%.*s\" blocks are required.", nested->min_items,
                          STR_ARG(nested->name));
    }
}

bool decode_check(struct arena *arena, const struct body *body, const struct schema_block *block,
                  struct diags *diags) {
    size_t before = diags->n_errors;
    struct body_schema schema = decode_schema(arena, body, block);
    struct body_content *content = body_content(arena, body, &schema, diags);
    for (size_t i = 0; i < block->n_attrs; i++) {
        const struct schema_nested *nested = decode_attr_block(arena, body, &block->attrs[i]);
        if (nested != NULL) {
            check_nested(arena, content, block, nested, diags);
        }
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        check_nested(arena, content, block, &block->blocks[i], diags);
    }
    return diags->n_errors == before;
}
