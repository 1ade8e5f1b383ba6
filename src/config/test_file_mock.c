/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "config/test_file_int.h"
#include "hcl/parse.h"

static const struct str type_label[] = {STR("type")};
static const struct body_attr_schema override_attrs[] = {
    {STR("target"), false}, {STR("override_during"), false}, {STR("values"), false}};
static const struct body_attr_schema module_attrs[] = {
    {STR("target"), false}, {STR("override_during"), false}, {STR("outputs"), false}};
static const struct body_schema override_schema = {.attrs = override_attrs,
                                                   .n_attrs = COUNT(override_attrs)};
static const struct body_schema module_schema = {.attrs = module_attrs,
                                                 .n_attrs = COUNT(module_attrs)};
static const struct body_attr_schema mock_attrs[] = {{STR("defaults"), false},
                                                     {STR("override_during"), false}};
static const struct body_schema mock_schema = {.attrs = mock_attrs, .n_attrs = COUNT(mock_attrs)};
static const struct body_attr_schema provider_attrs[] = {
    {STR("alias"), false}, {STR("source"), false}, {STR("override_during"), false}};
static const struct body_block_schema provider_blocks[] = {
    {STR("mock_resource"), type_label, 1}, {STR("mock_data"), type_label, 1},
    {STR("override_resource"), NULL, 0},   {STR("override_data"), NULL, 0},
    {STR("override_module"), NULL, 0},
};
static const struct body_schema provider_schema = {.attrs = provider_attrs,
                                                   .n_attrs = COUNT(provider_attrs),
                                                   .blocks = provider_blocks,
                                                   .n_blocks = COUNT(provider_blocks)};
static const struct body_schema mocks_file_schema = {.blocks = provider_blocks,
                                                     .n_blocks = COUNT(provider_blocks)};

bool test_file_is_override(struct str block_type) {
    return str_starts(block_type, S("override_"));
}

static enum test_override_kind kind_of(struct str type) {
    return str_eq(type, S("override_module")) ? TEST_OVERRIDE_MODULE
           : str_eq(type, S("override_data")) ? TEST_OVERRIDE_DATA
                                              : TEST_OVERRIDE_RESOURCE;
}

/* Does the target name what this kind of block is for? */
static bool fits(enum test_override_kind kind, const struct target *target) {
    if (kind == TEST_OVERRIDE_MODULE)
        return target->kind == TARGET_MODULE;
    return target->kind != TARGET_MODULE &&
           target->addr.resource.mode == (kind == TEST_OVERRIDE_DATA ? MODE_DATA : MODE_MANAGED);
}

static void read_target(const struct config_reader *reader, const struct block *block,
                        const struct attribute *attr, struct test_override *override) {
    static const char *const wanted[] = {"resources", "data sources", "modules"};
    struct traversal traversal;
    if (!body_static_traversal(reader->arena, reader->sources, attr->expr, &traversal,
                               reader->diags) ||
        !addr_parse_traversal(reader->arena, &traversal, expr_span(attr->expr), &override->target,
                              reader->diags))
        return;
    if (!fits(override->kind, &override->target)) {
        struct str text = addr_target_text(reader->arena, &override->target);
        (void)diags_error(reader->diags, attr->span, "Invalid override target",
                          "You can only target %s from %.*s blocks, not %.*s.",
                          wanted[override->kind], STR_ARG(block->type), STR_ARG(text));
    }
}

static bool read_during(const struct config_reader *reader, const struct attribute *attr,
                        bool before) {
    if (attr == NULL)
        return before;
    struct str word = body_keyword(attr->expr);
    if (!str_eq(word, S("plan")) && !str_eq(word, S("apply"))) {
        (void)diags_error(reader->diags, attr->span, "Invalid override_during value",
                          "The override_during attribute must be a value of plan or apply.");
    }
    return str_eq(word, S("plan"));
}

static const struct expr *read_values(const struct config_reader *reader, const struct block *block,
                                      const struct attribute *attr) {
    if (attr == NULL)
        return NULL;
    if (attr->expr->kind == EXPR_LITERAL || attr->expr->kind == EXPR_TUPLE) {
        struct str summary =
            str_format(reader->arena, "Invalid %.*s attribute", STR_ARG(attr->name));
        (void)diags_error(reader->diags, attr->span, str_c(reader->arena, summary),
                          "%.*s blocks must specify %s %.*s attribute that is an object.",
                          STR_ARG(block->type), str_eq(attr->name, S("outputs")) ? "an" : "a",
                          STR_ARG(attr->name));
        return NULL;
    }
    return attr->expr;
}

/* Is there an override of the same target before this one? */
static bool is_overridden(const struct config_reader *reader, const struct block *block,
                          const struct test_override_list *list, const struct target *target) {
    struct str text = addr_target_text(reader->arena, target);
    for (size_t i = 0; i < list->n; i++) {
        if (!str_eq(addr_target_text(reader->arena, &list->at[i].target), text))
            continue;
        struct str place = config_static_range(reader, list->at[i].span);
        struct str summary =
            str_format(reader->arena, "Duplicate %.*s block", STR_ARG(block->type));
        (void)diags_error(reader->diags, block->header, str_c(reader->arena, summary),
                          "An %.*s block targeting %.*s has already been defined at %.*s.",
                          STR_ARG(block->type), STR_ARG(text), STR_ARG(place));
        return true;
    }
    return false;
}

static void read_override(const struct config_reader *reader, const struct block *block,
                          bool during_plan, struct test_override_list *list) {
    struct test_override override = {.kind = kind_of(block->type), .span = block->header};
    bool module = override.kind == TEST_OVERRIDE_MODULE;
    size_t before = reader->diags->n_errors;
    struct body_content *content = body_content(
        reader->arena, block->body, module ? &module_schema : &override_schema, reader->diags);
    const struct attribute *target = body_attr(content, S("target"));
    if (target == NULL) {
        (void)diags_error(reader->diags, block->header, "Missing target attribute",
                          "%.*s blocks must specify a target address.", STR_ARG(block->type));
    } else {
        read_target(reader, block, target, &override);
        override.target_span = target->span;
    }
    override.values =
        read_values(reader, block, body_attr(content, module ? S("outputs") : S("values")));
    override.during_plan =
        read_during(reader, body_attr(content, S("override_during")), during_plan);
    if (reader->diags->n_errors > before || is_overridden(reader, block, list, &override.target))
        return;
    list->at = arena_grow(reader->arena, list->at, list->n, &list->cap, sizeof *list->at);
    list->at[list->n++] = override;
}

void test_file_override(const struct config_reader *reader, const struct block *block,
                        struct test_override_list *list) {
    read_override(reader, block, false, list);
}

/* The parts of a mock provider, which may stand in several files. */
struct collected {
    struct test_mock *mocks;
    size_t n_mocks, cap_mocks;
    struct test_override_list overrides;
    bool during_plan;
};

static void read_mock(const struct config_reader *reader, const struct block *block,
                      struct collected *c) {
    struct body_content *content =
        body_content(reader->arena, block->body, &mock_schema, reader->diags);
    bool data = str_eq(block->type, S("mock_data"));
    for (size_t i = 0; i < c->n_mocks; i++) {
        if (c->mocks[i].data == data && str_eq(c->mocks[i].type, block->labels[0])) {
            struct str place = config_static_range(reader, c->mocks[i].span);
            struct str summary =
                str_format(reader->arena, "Duplicate %.*s block", STR_ARG(block->type));
            (void)diags_error(reader->diags, block->header, str_c(reader->arena, summary),
                              "A %.*s block for %.*s has already been defined at %.*s.",
                              STR_ARG(block->type), STR_ARG(block->labels[0]), STR_ARG(place));
            return;
        }
    }
    struct test_mock mock = {
        .data = data,
        .type = block->labels[0],
        .defaults = read_values(reader, block, body_attr(content, S("defaults"))),
        .during_plan =
            read_during(reader, body_attr(content, S("override_during")), c->during_plan),
        .span = block->header,
    };
    c->mocks = arena_grow(reader->arena, c->mocks, c->n_mocks, &c->cap_mocks, sizeof mock);
    c->mocks[c->n_mocks++] = mock;
}

static void read_blocks(const struct config_reader *reader, const struct body_content *content,
                        struct collected *c) {
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (test_file_is_override(block->type))
            read_override(reader, block, c->during_plan, &c->overrides);
        else
            read_mock(reader, block, c);
    }
}

/* All *.tfmock.hcl files of the folder that `source` names. */
static void read_folder(const struct config_reader *reader, const struct attribute *attr,
                        struct collected *c) {
    struct str dir, *names;
    size_t n;
    if (!config_static_string(reader, attr->expr, &dir))
        return;
    int error = fs_list(reader->arena, dir, &names, &n);
    if (error != 0) {
        struct str why = fs_error_text(reader->arena, error);
        (void)diags_error(reader->diags, attr->span, "Failed to load mock data",
                          "The folder \"%.*s\" could not be read: %.*s.", STR_ARG(dir),
                          STR_ARG(why));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool json = str_ends(names[i], S(".tfmock.json"));
        struct str bytes, path = fs_clean(reader->arena, fs_join(reader->arena, dir, names[i]));
        if ((!json && !str_ends(names[i], S(".tfmock.hcl"))) ||
            fs_read(reader->arena, path, BUF_MAX_DOCUMENT, &bytes) != 0)
            continue;
        uint32_t file = sources_add(reader->sources, path, bytes);
        struct body *body =
            json ? parse_json_file(reader->arena, reader->sources, file, reader->diags)
                 : parse_file(reader->arena, reader->sources, file, reader->diags);
        read_blocks(reader, body_content(reader->arena, body, &mocks_file_schema, reader->diags),
                    c);
    }
}

void test_file_mock(const struct config_reader *reader, const struct block *block,
                    struct test_mock_provider *ret_mock) {
    struct collected c = {.n_mocks = 0};
    struct body_content *content =
        body_content(reader->arena, block->body, &provider_schema, reader->diags);
    const struct attribute *alias = body_attr(content, S("alias"));
    const struct attribute *source = body_attr(content, S("source"));
    *ret_mock = (struct test_mock_provider){.name = block->labels[0], .span = block->header};
    c.during_plan = read_during(reader, body_attr(content, S("override_during")), false);
    if (alias != NULL)
        (void)config_static_string(reader, alias->expr, &ret_mock->alias);
    if (source != NULL)
        read_folder(reader, source, &c);
    read_blocks(reader, content, &c);
    ret_mock->mocks = c.mocks;
    ret_mock->n_mocks = c.n_mocks;
    ret_mock->overrides = c.overrides.at;
    ret_mock->n_overrides = c.overrides.n;
}
