/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct str data_labels[] = {STR("type"), STR("name")};
static const struct body_block_schema check_blocks[] = {
    {.type = STR("data"), .label_names = data_labels, .n_labels = 2}, {.type = STR("assert")}};
static const struct body_schema check_schema = {.blocks = check_blocks,
                                                .n_blocks = COUNT(check_blocks)};

static void read_data(const struct config_reader *reader, const struct block *block,
                      struct config_check *check) {
    if (check->data != NULL) {
        struct str place = config_static_range(reader, check->data->span);
        (void)diags_error(reader->diags, block->header, "Multiple data resource blocks",
                          "This check block already has a data resource defined at %.*s.",
                          STR_ARG(place));
        return;
    }
    size_t before = reader->diags->n_errors;
    struct config_resource *data = config_resource_parse(reader, block, MODE_DATA, true);
    if (reader->diags->n_errors == before) {
        data->check = check;
        check->data = data;
    }
}

static void add_check(const struct config_reader *reader, struct config_check *check) {
    struct map *checks = &reader->module->checks;
    struct config_check *existing = map_get(checks, check->name);
    if (check->data != NULL)
        config_resource_add(reader, check->data);
    if (existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        struct str summary = str_format(reader->arena, "Duplicate check \"%.*s\" configuration",
                                        STR_ARG(existing->name));
        (void)diags_error(reader->diags, check->span, str_c(reader->arena, summary),
                          "A check block named \"%.*s\" was already declared at %.*s. Check blocks "
                          "must be unique within each module.",
                          STR_ARG(existing->name), STR_ARG(place));
        return;
    }
    map_put(reader->arena, checks, check->name, check);
}

void config_check_read(struct config_reader *reader, const struct block *block) {
    if (reader->override) {
        (void)diags_error(reader->diags, block->header, "Can't override check blocks",
                          "Override files cannot override check blocks.");
        return;
    }
    struct config_check *check = arena_alloc(reader->arena, sizeof *check);
    *check = (struct config_check){.name = block->labels[0], .span = block->header};
    struct body_content *content =
        body_content(reader->arena, block->body, &check_schema, reader->diags);
    (void)config_static_is_name(reader, check->name, block->label_spans[0],
                                "Invalid check block name");
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *inner = content->blocks[i];
        if (str_eq(inner->type, S("data"))) {
            read_data(reader, inner, check);
            continue;
        }
        size_t before = reader->diags->n_errors;
        struct config_rule rule = config_rule_read(reader, inner);
        if (reader->diags->n_errors == before)
            config_rule_add(reader, &check->asserts, rule);
    }
    if (check->asserts.n == 0) {
        (void)diags_error(reader->diags, check->span, "Zero assert blocks",
                          "Check blocks must have at least one assert block.");
    }
    add_check(reader, check);
}
