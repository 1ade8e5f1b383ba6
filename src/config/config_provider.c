/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"
#include "hcl/parse.h"

static const struct body_attr_schema provider_attrs[] = {
    {STR("alias"), false}, {STR("version"), false},    {STR("for_each"), false},
    {STR("count"), false}, {STR("depends_on"), false}, {STR("source"), false},
};
static const struct body_block_schema provider_blocks[] = {
    {.type = STR("_")}, {.type = STR("lifecycle")}, {.type = STR("locals")}};
static const struct body_schema provider_schema = {.attrs = provider_attrs,
                                                   .n_attrs = COUNT(provider_attrs),
                                                   .blocks = provider_blocks,
                                                   .n_blocks = COUNT(provider_blocks)};

static void read_alias(const struct config_reader *reader, const struct attribute *attr,
                       struct config_provider *provider) {
    (void)config_static_string(reader, attr->expr, &provider->alias);
    if (!parse_is_identifier(provider->alias)) {
        (void)diags_error(reader->diags, (struct span){.file = 0},
                          "Invalid provider configuration alias",
                          "An alias must be a valid name. " CONFIG_BAD_NAME);
    }
}

static void read_version(const struct config_reader *reader, const struct attribute *attr,
                         struct config_provider *provider) {
    (void)diags_warn(reader->diags, expr_span(attr->expr),
                     "Version constraints inside provider configuration blocks are deprecated",
                     "Terraform 0.13 and earlier allowed provider version constraints inside the "
                     "provider configuration block, but that is now deprecated and will be removed "
                     "in a future version of Terraform. To silence this warning, move the provider "
                     "version constraint into the required_providers block.");
    (void)config_static_version(reader, attr, &provider->version);
    provider->version_span = expr_span(attr->expr);
}

/* Which instances there are is known before anything is made: no object decides it. */
static void check_static(const struct config_reader *reader,
                         const struct config_provider *provider) {
    struct refs refs = {0};
    refs_of_expr(reader->arena, provider->for_each, &refs, NULL);
    for (size_t i = 0; i < refs.n; i++) {
        const struct ref *ref = &refs.at[i];
        bool module = ref->kind == REF_MODULE;
        if (!module && ref->kind != REF_MANAGED && ref->kind != REF_DATA &&
            ref->kind != REF_EPHEMERAL)
            continue;
        struct str text = refs_text(reader->arena, ref);
        if (module && ref->n_rest > 0 && ref->rest[0].kind == STEP_ATTR)
            text =
                str_format(reader->arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(ref->rest[0].name));
        (void)diags_error(reader->diags, ref->span,
                          module ? "Module output not supported in static context"
                                 : "Dynamic value in static context",
                          "Unable to use %.*s in static context, which is required by "
                          "provider.%.*s.%.*s.for_each",
                          STR_ARG(text), STR_ARG(provider->name), STR_ARG(provider->alias));
    }
}

static void read_arguments(const struct config_reader *reader, const struct body_content *content,
                           struct config_provider *provider) {
    static const struct str reserved[] = {STR("count"), STR("depends_on"), STR("source")};
    const struct attribute *attr = body_attr(content, S("alias"));
    if (attr != NULL)
        read_alias(reader, attr, provider);
    attr = body_attr(content, S("version"));
    if (attr != NULL)
        read_version(reader, attr, provider);
    attr = body_attr(content, S("for_each"));
    if (attr != NULL) {
        provider->for_each = attr->expr;
        if (provider->alias.len == 0) {
            (void)diags_error(reader->diags, expr_span(attr->expr),
                              "Alias required when using \"for_each\"",
                              "The for_each argument is allowed only for provider configurations "
                              "with an alias.");
        }
        check_static(reader, provider);
    }
    for (size_t i = 0; i < COUNT(reserved); i++) {
        attr = body_attr(content, reserved[i]);
        if (attr != NULL) {
            (void)diags_error(reader->diags, attr->name_span,
                              "Reserved argument name in provider block",
                              "The provider argument name \"%.*s\" is reserved for use by "
                              "Terraform in a future version.",
                              STR_ARG(reserved[i]));
        }
    }
}

static void read_blocks(const struct config_reader *reader, const struct body_content *content,
                        struct config_provider *provider) {
    const struct block *escape = NULL;
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (!str_eq(block->type, S("_"))) {
            (void)diags_error(reader->diags, block->type_span,
                              "Reserved block type name in provider block",
                              "The block type name \"%.*s\" is reserved for use by Terraform in a "
                              "future version.",
                              STR_ARG(block->type));
        } else if (escape != NULL) {
            struct str place = config_static_range(reader, escape->header);
            (void)diags_error(reader->diags, block->header, "Duplicate escaping block",
                              "The special block type \"_\" can be used to force particular "
                              "arguments to be interpreted as provider-specific rather than as "
                              "meta-arguments, but each provider block can have only one such "
                              "block. The first escaping block was at %.*s.",
                              STR_ARG(place));
        } else {
            escape = block;
            provider->config =
                config_merge_bodies(reader->arena, provider->config, block->body, false);
        }
    }
}

static void merge_provider(const struct config_reader *reader, struct config_provider *base,
                           const struct config_provider *over) {
    if (over->version.len > 0) {
        base->version = over->version;
        base->version_span = over->version_span;
    }
    base->config = config_merge_bodies(reader->arena, base->config, over->config, true);
}

static void report_duplicate(const struct config_reader *reader,
                             const struct config_provider *existing,
                             const struct config_provider *provider) {
    struct str place = config_static_range(reader, existing->span);
    if (existing->alias.len == 0) {
        (void)diags_error(reader->diags, provider->span, "Duplicate provider configuration",
                          "A default (non-aliased) provider configuration for \"%.*s\" was already "
                          "given at %.*s. If multiple configurations are required, set the "
                          "\"alias\" argument for alternative configurations.",
                          STR_ARG(existing->name), STR_ARG(place));
        return;
    }
    (void)diags_error(reader->diags, provider->span, "Duplicate provider configuration",
                      "A provider configuration for \"%.*s\" with alias \"%.*s\" was already given "
                      "at %.*s. Each configuration for the same provider must have a distinct "
                      "alias.",
                      STR_ARG(existing->name), STR_ARG(existing->alias), STR_ARG(place));
}

static void add_provider(const struct config_reader *reader, struct config_provider *provider) {
    struct map *providers = &reader->module->providers;
    struct str key = provider->alias.len == 0
                         ? provider->name
                         : str_format(reader->arena, "%.*s.%.*s", STR_ARG(provider->name),
                                      STR_ARG(provider->alias));
    struct config_provider *existing = map_get(providers, key);
    if (reader->override && existing != NULL) {
        merge_provider(reader, existing, provider);
        return;
    }
    if (reader->override && provider->alias.len > 0) {
        (void)diags_error(reader->diags, provider->span,
                          "Missing base provider configuration for override",
                          "There is no %.*s provider configuration with the alias \"%.*s\". An "
                          "override file can only override an aliased provider configuration that "
                          "was already defined in a primary configuration file.",
                          STR_ARG(provider->name), STR_ARG(provider->alias));
        return;
    }
    if (existing != NULL) {
        report_duplicate(reader, existing, provider);
        return;
    }
    map_put(reader->arena, providers, key, provider);
}

void config_provider_read(struct config_reader *reader, const struct block *block) {
    struct body *remain = NULL;
    struct body_content *content =
        body_partial_content(reader->arena, block->body, &provider_schema, &remain, reader->diags);
    if (!config_static_provider_name(reader, block->labels[0], block->header))
        return;
    struct config_provider *provider = arena_alloc(reader->arena, sizeof *provider);
    *provider = (struct config_provider){.name = block->labels[0],
                                         .alias = S(""),
                                         .version = S(""),
                                         .config = remain,
                                         .span = block->header};
    read_arguments(reader, content, provider);
    read_blocks(reader, content, provider);
    add_provider(reader, provider);
}
