/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema call_attrs[] = {
    {STR("source"), true},    {STR("version"), false},    {STR("count"), false},
    {STR("for_each"), false}, {STR("depends_on"), false}, {STR("providers"), false},
};
static const struct body_attr_schema override_attrs[] = {
    {STR("source"), false},   {STR("version"), false},    {STR("count"), false},
    {STR("for_each"), false}, {STR("depends_on"), false}, {STR("providers"), false},
};
static const struct str type_label[] = {STR("type")};
static const struct body_block_schema call_blocks[] = {
    {.type = STR("_")},
    {.type = STR("lifecycle")},
    {.type = STR("locals")},
    {.type = STR("provider"), .label_names = type_label, .n_labels = 1},
};
static const struct body_schema call_schema = {.attrs = call_attrs,
                                               .n_attrs = COUNT(call_attrs),
                                               .blocks = call_blocks,
                                               .n_blocks = COUNT(call_blocks)};
static const struct body_schema override_schema = {.attrs = override_attrs,
                                                   .n_attrs = COUNT(override_attrs),
                                                   .blocks = call_blocks,
                                                   .n_blocks = COUNT(call_blocks)};
static const struct body_attr_schema lifecycle_attrs[] = {{STR("enabled"), false}};
static const struct body_schema lifecycle_schema = {.attrs = lifecycle_attrs,
                                                    .n_attrs = COUNT(lifecycle_attrs)};

static bool same_ref(const struct config_provider_ref *a, const struct config_provider_ref *b) {
    return str_eq(a->name, b->name) && str_eq(a->alias, b->alias);
}

static void read_providers(const struct config_reader *reader, const struct attribute *attr,
                           struct config_call *call) {
    struct object_items items;
    call->providers_set = true;
    if (!body_static_map(reader->arena, attr->expr, &items, reader->diags))
        return;
    call->providers = arena_array(reader->arena, items.n, sizeof *call->providers);
    for (uint32_t i = 0; i < items.n; i++) {
        struct config_provider_map map;
        bool ok = config_static_provider(reader, items.at[i].key, "providers", &map.inner);
        ok = config_static_provider(reader, items.at[i].value, "providers", &map.outer) && ok;
        for (size_t j = 0; ok && j < call->n_providers; j++) {
            const struct config_provider_map *other = &call->providers[j];
            if (same_ref(&other->inner, &map.inner)) {
                struct span span = span_join(other->inner.span, other->outer.span);
                struct str place = config_static_range(reader, span);
                (void)diags_error(reader->diags, expr_span(items.at[i].value),
                                  "Duplicate provider address",
                                  "A provider configuration was already passed to %.*s%s%.*s at "
                                  "%.*s. Each child provider configuration can be assigned only "
                                  "once.",
                                  STR_ARG(map.inner.name), map.inner.alias.len > 0 ? "." : "",
                                  STR_ARG(map.inner.alias), STR_ARG(place));
                ok = false;
            }
        }
        if (ok)
            call->providers[call->n_providers++] = map;
    }
}

static void read_source(const struct config_reader *reader, const struct attribute *attr,
                        struct config_call *call) {
    struct refs refs = {.n = 0};
    call->source_expr = attr->expr;
    call->source_span = expr_span(attr->expr);
    (void)refs_of_expr(reader->arena, attr->expr, &refs, NULL);
    bool early = refs.n > 0;
    for (size_t i = 0; i < refs.n; i++) {
        enum ref_kind kind = refs.at[i].kind;
        early = early && (kind == REF_VARIABLE || kind == REF_LOCAL || kind == REF_PATH ||
                          kind == REF_TERRAFORM);
    }
    if (early)
        return; /* from what is known early: decided when the tree is built */
    if (config_static_string(reader, attr->expr, &call->source))
        (void)config_source_check(reader, call);
}

static void read_arguments(const struct config_reader *reader, const struct body_content *content,
                           struct config_call *call) {
    const struct attribute *attr = body_attr(content, S("version"));
    if (attr != NULL)
        (void)config_static_version(reader, attr, &call->version);
    attr = body_attr(content, S("source"));
    if (attr != NULL)
        read_source(reader, attr, call);
    attr = body_attr(content, S("count"));
    if (attr != NULL)
        call->count = attr->expr;
    attr = body_attr(content, S("for_each"));
    if (attr != NULL)
        call->for_each = attr->expr;
    attr = body_attr(content, S("depends_on"));
    if (attr != NULL)
        config_static_depends_on(reader, attr, &call->depends_on);
    attr = body_attr(content, S("providers"));
    if (attr != NULL)
        read_providers(reader, attr, call);
}

/*
 * lifecycle is OpenTofu's and holds `enabled` there; without it the block is refused as reserved,
 * as Terraform does.
 */
static const struct attribute *read_lifecycle(const struct config_reader *reader,
                                              const struct block *block, struct config_call *call) {
    struct body *remain = NULL;
    struct diags attempt = {.arena = reader->diags->arena};
    struct body_content *content =
        body_partial_content(reader->arena, block->body, &lifecycle_schema, &remain, &attempt);
    const struct attribute *enabled = body_attr(content, S("enabled"));
    if (enabled == NULL) {
        (void)diags_error(reader->diags, block->type_span,
                          "Reserved block type name in module block",
                          "The block type name \"%.*s\" is reserved for use by Terraform in a "
                          "future version.",
                          STR_ARG(block->type));
        return NULL;
    }
    call->enabled = enabled->expr;
    (void)body_content(reader->arena, block->body, &lifecycle_schema, reader->diags);
    return enabled;
}

static const struct attribute *read_blocks(const struct config_reader *reader,
                                           const struct body_content *content,
                                           struct config_call *call) {
    const struct attribute *enabled = NULL;
    const struct block *escape = NULL;
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (str_eq(block->type, S("lifecycle"))) {
            enabled = read_lifecycle(reader, block, call);
        } else if (!str_eq(block->type, S("_"))) {
            (void)diags_error(reader->diags, block->type_span,
                              "Reserved block type name in module block",
                              "The block type name \"%.*s\" is reserved for use by Terraform in a "
                              "future version.",
                              STR_ARG(block->type));
        } else if (escape != NULL) {
            struct str place = config_static_range(reader, escape->header);
            (void)diags_error(reader->diags, block->header, "Duplicate escaping block",
                              "The special block type \"_\" can be used to force particular "
                              "arguments to be interpreted as module input variables rather than "
                              "as meta-arguments, but each module block can have only one such "
                              "block. The first escaping block was at %.*s.",
                              STR_ARG(place));
        } else {
            escape = block;
            call->config = config_merge_bodies(reader->arena, call->config, block->body, false);
        }
    }
    return enabled;
}

static void add_call(const struct config_reader *reader, struct config_call *call) {
    struct map *calls = &reader->module->calls;
    struct config_call *existing = map_get(calls, call->name);
    if (reader->override) {
        if (existing == NULL) {
            (void)diags_error(reader->diags, call->span, "Missing module call to override",
                              "There is no module call named \"%.*s\". An override file can only "
                              "override a module call that was defined in a primary configuration "
                              "file.",
                              STR_ARG(call->name));
            return;
        }
        config_merge_call(reader, existing, call);
        return;
    }
    if (existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        (void)diags_error(reader->diags, call->span, "Duplicate module call",
                          "A module call named \"%.*s\" was already defined at %.*s. Module calls "
                          "must have unique names within a module.",
                          STR_ARG(call->name), STR_ARG(place));
    }
    map_put(reader->arena, calls, call->name, call);
}

void config_call_read(struct config_reader *reader, const struct block *block) {
    struct config_call *call = arena_alloc(reader->arena, sizeof *call);
    struct body *remain = NULL;
    struct body_content *content = body_partial_content(
        reader->arena, block->body, reader->override ? &override_schema : &call_schema, &remain,
        reader->diags);
    *call = (struct config_call){.name = block->labels[0],
                                 .source = S(""),
                                 .version = S(""),
                                 .config = remain,
                                 .span = block->header,
                                 .source_span = block->header};
    (void)config_static_is_name(reader, call->name, block->label_spans[0],
                                "Invalid module instance name");
    read_arguments(reader, content, call);
    const struct attribute *enabled = read_blocks(reader, content, call);
    config_resource_repetition(reader, body_attr(content, S("count")), enabled,
                               body_attr(content, S("for_each")));
    add_call(reader, call);
}
