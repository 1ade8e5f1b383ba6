/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/test_file_int.h"
#include "hcl/parse.h"

static const struct body_attr_schema run_attrs[] = {
    {STR("command"), false},   {STR("expect_failures"), false}, {STR("providers"), false},
    {STR("state_key"), false}, {STR("parallel"), false},
};
static const struct body_block_schema run_blocks[] = {
    {STR("plan_options"), NULL, 0},
    {STR("variables"), NULL, 0},
    {STR("assert"), NULL, 0},
    {STR("module"), NULL, 0},
    {STR("override_resource"), NULL, 0},
    {STR("override_data"), NULL, 0},
    {STR("override_module"), NULL, 0},
};
static const struct body_schema run_schema = {.attrs = run_attrs,
                                              .n_attrs = COUNT(run_attrs),
                                              .blocks = run_blocks,
                                              .n_blocks = COUNT(run_blocks)};
static const struct body_attr_schema options_attrs[] = {
    {STR("mode"), false}, {STR("refresh"), false}, {STR("replace"), false}, {STR("target"), false}};
static const struct body_schema options_schema = {.attrs = options_attrs,
                                                  .n_attrs = COUNT(options_attrs)};
static const struct body_attr_schema module_attrs[] = {{STR("source"), false},
                                                       {STR("version"), false}};
static const struct body_schema module_schema = {.attrs = module_attrs,
                                                 .n_attrs = COUNT(module_attrs)};

void test_file_inputs(const struct config_reader *reader, const struct block *block,
                      struct test_inputs *inputs) {
    struct body_content *content = body_attributes(reader->arena, block->body, reader->diags);
    struct test_input *at = arena_array(reader->arena, inputs->n + content->n_attrs, sizeof *at);
    for (size_t i = 0; i < inputs->n; i++)
        at[i] = inputs->at[i];
    for (size_t i = 0; i < content->n_attrs; i++) {
        const struct attribute *attr = content->attrs[i];
        at[inputs->n++] =
            (struct test_input){.name = attr->name, .expr = attr->expr, .span = attr->span};
    }
    inputs->at = at;
}

static struct target *read_targets(const struct config_reader *reader, const struct attribute *attr,
                                   size_t *ret_n) {
    struct expr_list list;
    *ret_n = 0;
    if (attr == NULL || !body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return NULL;
    struct target *targets = arena_array(reader->arena, list.n, sizeof *targets);
    for (uint32_t i = 0; i < list.n; i++) {
        struct traversal traversal;
        if (body_static_traversal(reader->arena, reader->sources, list.at[i], &traversal,
                                  reader->diags) &&
            addr_parse_traversal(reader->arena, &traversal, expr_span(list.at[i]), &targets[*ret_n],
                                 reader->diags))
            ++*ret_n;
    }
    return targets;
}

static void read_options(const struct config_reader *reader, const struct block *block,
                         struct test_run *run) {
    struct body_content *content =
        body_content(reader->arena, block->body, &options_schema, reader->diags);
    const struct attribute *mode = body_attr(content, S("mode"));
    const struct attribute *refresh = body_attr(content, S("refresh"));
    bool wanted = true;
    if (mode != NULL) {
        struct str word = body_keyword(mode->expr);
        run->refresh_only = str_eq(word, S("refresh-only"));
        if (!run->refresh_only && !str_eq(word, S("normal"))) {
            (void)diags_error(reader->diags, mode->span, "Invalid \"mode\" keyword",
                              "The \"mode\" argument requires one of the following keywords "
                              "without quotes: normal or refresh-only");
        }
    }
    if (refresh != NULL)
        (void)config_static_bool(reader, refresh->expr, &wanted);
    run->no_refresh = !wanted;
    if (run->refresh_only && run->no_refresh)
        (void)diags_error(reader->diags, refresh->span, "Incompatible plan options",
                          "The \"refresh\" option cannot be set to false when running a test in "
                          "\"refresh-only\" mode.");
    run->targets = read_targets(reader, body_attr(content, S("target")), &run->n_targets);
    run->replace = read_targets(reader, body_attr(content, S("replace")), &run->n_replace);
    if (run->refresh_only && run->n_replace > 0) {
        (void)diags_warn(reader->diags, body_attr(content, S("replace"))->span,
                         "Incompatible plan options",
                         "The \"replace\" option is ignored when mode is set to \"refresh-only\".");
    }
}

static void read_module(const struct config_reader *reader, const struct block *block,
                        struct test_run *run) {
    struct body_content *content =
        body_content(reader->arena, block->body, &module_schema, reader->diags);
    const struct attribute *source = body_attr(content, S("source"));
    run->module_span = block->header;
    if (source != NULL)
        (void)config_static_string(reader, source->expr, &run->source);
    else
        (void)diags_error(reader->diags, block->header,
                          "Missing \"source\" attribute for module block",
                          "You must specify a source attribute when executing alternate modules "
                          "during test executions.");
}

static void read_expected(const struct config_reader *reader, const struct attribute *attr,
                          struct test_run *run) {
    struct expr_list list;
    if (!body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return;
    run->expected = arena_array(reader->arena, list.n, sizeof *run->expected);
    for (uint32_t i = 0; i < list.n; i++) {
        struct traversal traversal;
        struct ref ref;
        if (!body_static_traversal(reader->arena, reader->sources, list.at[i], &traversal,
                                   reader->diags) ||
            !refs_parse(reader->arena, &traversal, expr_span(list.at[i]), &ref, reader->diags))
            continue;
        run->expected[run->n_expected++] = list.at[i];
    }
}

static void read_providers(const struct config_reader *reader, const struct attribute *attr,
                           struct test_run *run) {
    struct object_items items;
    run->providers_set = true;
    if (!body_static_map(reader->arena, attr->expr, &items, reader->diags))
        return;
    run->providers = arena_array(reader->arena, items.n, sizeof *run->providers);
    for (uint32_t i = 0; i < items.n; i++) {
        struct config_provider_map *map = &run->providers[run->n_providers];
        if (config_static_provider(reader, items.at[i].key, "providers", &map->inner) &&
            config_static_provider(reader, items.at[i].value, "providers", &map->outer))
            run->n_providers++;
    }
}

static void read_attrs(const struct config_reader *reader, const struct body_content *content,
                       struct test_run *run) {
    const struct attribute *command = body_attr(content, S("command"));
    const struct attribute *expected = body_attr(content, S("expect_failures"));
    const struct attribute *providers = body_attr(content, S("providers"));
    const struct attribute *key = body_attr(content, S("state_key"));
    if (command != NULL) {
        struct str word = body_keyword(command->expr);
        run->plan = str_eq(word, S("plan"));
        if (!run->plan && !str_eq(word, S("apply"))) {
            (void)diags_error(reader->diags, command->span, "Invalid \"command\" keyword",
                              "The \"command\" argument requires one of the following keywords "
                              "without quotes: apply or plan.");
        }
    }
    if (expected != NULL)
        read_expected(reader, expected, run);
    if (providers != NULL)
        read_providers(reader, providers, run);
    if (key != NULL)
        (void)config_static_string(reader, key->expr, &run->state_key);
}

void test_file_run(const struct config_reader *reader, const struct block *block,
                   struct test_run *run) {
    struct body_content *content =
        body_content(reader->arena, block->body, &run_schema, reader->diags);
    struct test_override_list overrides = {.n = 0};
    struct span options = {.file = 0}, variables = {.file = 0}, module = {.file = 0};
    *run = (struct test_run){.name = block->labels[0], .span = block->header};
    read_attrs(reader, content, run);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *inner = content->blocks[i];
        size_t before = reader->diags->n_errors;
        if (str_eq(inner->type, S("plan_options"))) {
            if (test_file_once(reader, inner, "run block", &options))
                read_options(reader, inner, run);
        } else if (str_eq(inner->type, S("variables"))) {
            if (test_file_once(reader, inner, "run block", &variables))
                test_file_inputs(reader, inner, &run->inputs);
        } else if (str_eq(inner->type, S("module"))) {
            if (test_file_once(reader, inner, "run block", &module))
                read_module(reader, inner, run);
        } else if (test_file_is_override(inner->type)) {
            test_file_override(reader, inner, &overrides);
        } else {
            struct config_rule rule = config_rule_read(reader, inner);
            if (reader->diags->n_errors == before)
                config_rule_add(reader, &run->asserts, rule);
        }
    }
    run->overrides = overrides.at;
    run->n_overrides = overrides.n;
}
