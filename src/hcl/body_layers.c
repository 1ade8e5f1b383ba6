/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a body with another laid over it, as override files and `_` blocks make them. */
#include "base/arena.h"
#include "hcl/body_int.h"

/* The same schema without anything required: what one layer lacks the other may have. */
static struct body_schema relaxed(struct arena *arena, const struct body_schema *schema) {
    struct body_schema copy = *schema;
    struct body_attr_schema *attrs = arena_array(arena, schema->n_attrs, sizeof *attrs);
    for (size_t i = 0; i < schema->n_attrs; i++)
        attrs[i] = (struct body_attr_schema){.name = schema->attrs[i].name};
    copy.attrs = attrs;
    return copy;
}

/* A dynamic block counts as one of the type it makes. */
static struct str block_kind(const struct block *block) {
    bool dynamic = str_eq(block->type, S("dynamic")) && block->n_labels == 1;
    return dynamic ? block->labels[0] : block->type;
}

static bool has_block(const struct body_content *content, struct str kind) {
    for (size_t i = 0; i < content->n_blocks; i++)
        if (str_eq(block_kind(content->blocks[i]), kind))
            return true;
    return false;
}

static void merge(struct body_builder *b, const struct body_content *base,
                  const struct body_content *over, bool adds) {
    for (size_t i = 0; i < base->n_attrs; i++)
        if (adds || !body_attr(over, base->attrs[i]->name))
            body_add_attr(b, base->attrs[i]);
    for (size_t i = 0; i < over->n_attrs; i++)
        body_add_attr(b, over->attrs[i]);
    for (size_t i = 0; i < base->n_blocks; i++)
        if (adds || !has_block(over, block_kind(base->blocks[i])))
            body_add_block(b, base->blocks[i]);
    for (size_t i = 0; i < over->n_blocks; i++)
        body_add_block(b, over->blocks[i]);
}

struct body_content *body_layers_content(struct arena *arena, const struct body *body,
                                         const struct body_schema *schema, bool strict,
                                         struct body **ret_remain, struct diags *diags) {
    struct body_schema loose = relaxed(arena, schema);
    struct body plain = *body;
    struct body_content *base, *over;
    struct body_builder b;
    plain.over = NULL;
    if (strict) {
        base = body_content(arena, &plain, &loose, diags);
        over = body_content(arena, body->over, &loose, diags);
    } else {
        struct body *rest = NULL, *over_rest = NULL;
        base = body_partial_content(arena, &plain, &loose, &rest, diags);
        over = body_partial_content(arena, body->over, &loose, &over_rest, diags);
        rest->over = over_rest;
        rest->over_adds = body->over_adds;
        if (ret_remain)
            *ret_remain = rest;
    }
    body_begin(&b, arena, body, schema, diags);
    merge(&b, base, over, body->over_adds);
    body_check_required(&b);
    return b.content;
}

struct body_content *body_layers_attributes(struct arena *arena, const struct body *body,
                                            struct diags *diags) {
    struct body plain = *body;
    struct body_builder b;
    plain.over = NULL;
    struct body_content *base = body_attributes(arena, &plain, diags);
    struct body_content *over = body_attributes(arena, body->over, diags);
    body_begin(&b, arena, body, NULL, diags);
    merge(&b, base, over, body->over_adds);
    return b.content;
}
