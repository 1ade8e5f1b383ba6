/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema output_attrs[] = {
    {STR("value"), true},      {STR("description"), false}, {STR("depends_on"), false},
    {STR("sensitive"), false}, {STR("ephemeral"), false},   {STR("deprecated"), false},
};
/* In an override file the value may be given elsewhere. */
static const struct body_attr_schema override_attrs[] = {
    {STR("value"), false},     {STR("description"), false}, {STR("depends_on"), false},
    {STR("sensitive"), false}, {STR("ephemeral"), false},   {STR("deprecated"), false},
};
static const struct body_block_schema output_blocks[] = {{.type = STR("precondition")},
                                                         {.type = STR("postcondition")}};
static const struct body_schema output_schema = {.attrs = output_attrs,
                                                 .n_attrs = COUNT(output_attrs),
                                                 .blocks = output_blocks,
                                                 .n_blocks = COUNT(output_blocks)};
static const struct body_schema override_schema = {.attrs = override_attrs,
                                                   .n_attrs = COUNT(override_attrs),
                                                   .blocks = output_blocks,
                                                   .n_blocks = COUNT(output_blocks)};

static void read_arguments(const struct config_reader *reader, const struct body_content *content,
                           struct config_output *output) {
    const struct attribute *attr = body_attr(content, S("description"));
    if (attr != NULL) {
        (void)config_static_string(reader, attr->expr, &output->description);
        output->description_set = true;
    }
    attr = body_attr(content, S("value"));
    if (attr != NULL) {
        output->expr = attr->expr;
        output->value_attr = attr;
    }
    attr = body_attr(content, S("sensitive"));
    if (attr != NULL) {
        (void)config_static_bool(reader, attr->expr, &output->sensitive);
        output->sensitive_set = true;
    }
    attr = body_attr(content, S("ephemeral"));
    if (attr != NULL) {
        (void)config_static_bool(reader, attr->expr, &output->ephemeral);
        output->ephemeral_set = true;
    }
    attr = body_attr(content, S("deprecated"));
    if (attr != NULL && config_static_string(reader, attr->expr, &output->deprecated) &&
        str_trim(output->deprecated).len == 0) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid `deprecated` attribute",
                          "The \"deprecated\" argument must not be empty, and should provide "
                          "instructions on how to migrate away from usage of this deprecated "
                          "output value.");
    }
    attr = body_attr(content, S("depends_on"));
    if (attr != NULL)
        config_static_depends_on(reader, attr, &output->depends_on);
}

static void read_blocks(const struct config_reader *reader, const struct body_content *content,
                        struct config_output *output) {
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (str_eq(block->type, S("precondition"))) {
            config_rule_add(reader, &output->preconditions, config_rule_read(reader, block));
        } else {
            (void)diags_error(reader->diags, block->type_span, "Postconditions are not allowed",
                              "Output values can only have preconditions, not postconditions.");
        }
    }
}

static void add_output(const struct config_reader *reader, struct config_output *output) {
    struct map *outputs = &reader->module->outputs;
    struct config_output *existing = map_get(outputs, output->name);
    if (reader->override) {
        if (existing == NULL) {
            (void)diags_error(reader->diags, output->span,
                              "Missing base output definition to override",
                              "There is no output named \"%.*s\". An override file can only "
                              "override an output that was already defined in a primary "
                              "configuration file.",
                              STR_ARG(output->name));
            return;
        }
        config_merge_output(reader, existing, output);
        return;
    }
    if (existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        (void)diags_error(reader->diags, output->span, "Duplicate output definition",
                          "An output named \"%.*s\" was already defined at %.*s. Output names must "
                          "be unique within a module.",
                          STR_ARG(output->name), STR_ARG(place));
    }
    map_put(reader->arena, outputs, output->name, output);
}

void config_output_read(struct config_reader *reader, const struct block *block) {
    struct config_output *output = arena_alloc(reader->arena, sizeof *output);
    *output = (struct config_output){
        .name = block->labels[0], .description = S(""), .deprecated = S(""), .span = block->header};
    struct body_content *content =
        body_content(reader->arena, block->body,
                     reader->override ? &override_schema : &output_schema, reader->diags);
    (void)config_static_is_name(reader, output->name, block->label_spans[0], "Invalid output name");
    read_arguments(reader, content, output);
    read_blocks(reader, content, output);
    add_output(reader, output);
}
