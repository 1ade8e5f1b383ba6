/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/level.h"
#include "config/config_int.h"
#include "config/version.h"

static const struct body_attr_schema terraform_attrs[] = {
    {STR("required_version"), false}, {STR("experiments"), false}, {STR("language"), false}};
static const struct str type_label[] = {STR("type")};
static const struct str provider_label[] = {STR("provider")};
static const struct body_block_schema terraform_blocks[] = {
    {.type = STR("backend"), .label_names = type_label, .n_labels = 1},
    {.type = STR("cloud")},
    {.type = STR("required_providers")},
    {.type = STR("provider_meta"), .label_names = provider_label, .n_labels = 1},
    {.type = STR("encryption")},
};
static const struct body_schema terraform_schema = {.attrs = terraform_attrs,
                                                    .n_attrs = COUNT(terraform_attrs),
                                                    .blocks = terraform_blocks,
                                                    .n_blocks = COUNT(terraform_blocks)};

static void read_required_version(const struct config_reader *reader,
                                  const struct attribute *attr) {
    struct config_module *module = reader->module;
    struct str version;
    if (!config_static_version(reader, attr, &version))
        return;
    size_t n = module->n_required_versions;
    module->required_versions =
        config_static_grow(reader, module->required_versions, n, sizeof version);
    module->required_version_spans = config_static_grow(reader, module->required_version_spans, n,
                                                        sizeof *module->required_version_spans);
    module->required_versions[n] = version;
    module->required_version_spans[n] = attr->span;
    module->n_required_versions = n + 1;
}

/* Experiments of this language exist only in prereleases of the reference, never here. */
static void read_experiments(const struct config_reader *reader, const struct attribute *attr) {
    struct expr_list list;
    if (!body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return;
    (void)diags_error(reader->diags, attr->name_span, "Module uses experimental features",
                      "Experimental features are intended only for gathering early feedback on new "
                      "language designs, and so are available only in alpha releases of "
                      "Terraform.");
}

static void read_language(const struct config_reader *reader, const struct attribute *attr) {
    struct str keyword = config_static_keyword(reader, attr->expr);
    if (str_eq(keyword, S("TF2021")))
        return;
    if (keyword.len == 0) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid language edition",
                          "The \"language\" argument expects a bare language edition keyword. "
                          "Terraform %s supports only language edition %s, which is the default.",
                          LEVEL_TERRAFORM, "TF2021");
        return;
    }
    (void)diags_error(reader->diags, expr_span(attr->expr), "Unsupported language edition",
                      "Terraform v%s only supports language edition %s. To use a language edition "
                      "other than this, upgrade to a newer version.",
                      LEVEL_TERRAFORM, "TF2021");
}

/* State is kept in one place. */
static void check_one_store(const struct config_reader *reader) {
    const struct config_backend *cloud = reader->module->cloud, *backend = reader->module->backend;
    if (cloud == NULL || backend == NULL)
        return;
    struct str here = config_static_range(reader, cloud->span);
    struct str there = config_static_range(reader, backend->span);
    (void)diags_error(reader->diags, backend->span,
                      "Both a backend and cloud configuration are present",
                      "A module may declare either one 'cloud' block OR one 'backend' block "
                      "configuring a state backend. The 'cloud' block is configured at %.*s; a "
                      "backend is configured at %.*s. Remove the backend block to configure "
                      "HCP Terraform or Terraform Enterprise.",
                      STR_ARG(here), STR_ARG(there));
}

static void read_backend(struct config_reader *reader, const struct block *block) {
    struct config_module *module = reader->module;
    struct config_backend *backend = arena_alloc(reader->arena, sizeof *backend);
    *backend = (struct config_backend){
        .type = block->labels[0], .config = block->body, .span = block->header};
    bool duplicate = reader->override ? reader->seen_backend : module->backend != NULL;
    if (duplicate) {
        struct str place = config_static_range(reader, module->backend->span);
        (void)diags_error(reader->diags, backend->span, "Duplicate backend configuration",
                          reader->override
                              ? "Each override file may have only one backend configuration. A "
                                "backend was previously configured at %.*s."
                              : "A module may have only one backend configuration. The backend was "
                                "previously configured at %.*s.",
                          STR_ARG(place));
        return;
    }
    if (reader->override) {
        reader->seen_backend = true;
        module->cloud = NULL;
    }
    module->backend = backend;
    check_one_store(reader);
}

static void read_cloud(struct config_reader *reader, const struct block *block) {
    struct config_module *module = reader->module;
    struct config_backend *cloud = arena_alloc(reader->arena, sizeof *cloud);
    *cloud =
        (struct config_backend){.type = S("cloud"), .config = block->body, .span = block->header};
    bool duplicate = reader->override ? reader->seen_cloud : module->cloud != NULL;
    if (duplicate) {
        struct str place = config_static_range(reader, module->cloud->span);
        (void)diags_error(reader->diags, cloud->span, "Duplicate HCP Terraform configurations",
                          "A module may have only one 'cloud' block configuring HCP Terraform or "
                          "Terraform Enterprise. The 'cloud' block was previously configured at "
                          "%.*s.",
                          STR_ARG(place));
        return;
    }
    if (reader->override) {
        reader->seen_cloud = true;
        module->backend = NULL;
    }
    module->cloud = cloud;
    check_one_store(reader);
}

static void read_aliases(const struct config_reader *reader, const struct expr *expr,
                         struct config_required_provider *required) {
    struct expr_list list;
    if (!body_static_list(reader->arena, expr, &list, reader->diags))
        return;
    required->aliases = arena_array(reader->arena, list.n, sizeof *required->aliases);
    for (uint32_t i = 0; i < list.n; i++) {
        struct traversal traversal;
        if (!body_static_traversal(reader->arena, reader->sources, list.at[i], &traversal,
                                   reader->diags))
            continue;
        if (!str_eq(traversal.root, required->name)) {
            (void)diags_error(reader->diags, expr_span(expr), "Invalid configuration_aliases value",
                              "Configuration aliases must be prefixed with the provider name. "
                              "Expected \"%.*s\", but found \"%.*s\".",
                              STR_ARG(required->name), STR_ARG(traversal.root));
            continue;
        }
        if (traversal.n != 1 || traversal.steps[0].kind != STEP_ATTR) {
            (void)diags_error(reader->diags, expr_span(expr), "Invalid configuration_aliases value",
                              "Configuration aliases can only contain references to local "
                              "provider configuration names in the format of provider.alias");
            continue;
        }
        required->aliases[required->n_aliases++] = traversal.steps[0].name;
    }
}

static void read_constraint(const struct config_reader *reader, const struct expr *expr,
                            struct config_required_provider *required) {
    struct diags attempt = {.arena = reader->diags->arena};
    struct config_reader quiet = *reader;
    quiet.diags = &attempt;
    struct value v = config_static_value(&quiet, expr);
    if (attempt.n_errors > 0 || v.kind != VALUE_STRING) {
        (void)diags_error(reader->diags, expr_span(expr), "Invalid version constraint",
                          "Version must be specified as a string.");
        return;
    }
    struct version_constraints constraints;
    if (!version_parse_constraints(reader->arena, value_str(v), &constraints)) {
        (void)diags_error(reader->diags, expr_span(expr), "Invalid version constraint",
                          "This string does not use correct version constraint syntax.");
        return;
    }
    required->version = value_str(v);
    required->version_span = expr_span(expr);
}

static bool read_source(const struct config_reader *reader, const struct expr *expr,
                        struct config_required_provider *required) {
    struct diags attempt = {.arena = reader->diags->arena};
    struct config_reader quiet = *reader;
    quiet.diags = &attempt;
    struct value v = config_static_value(&quiet, expr);
    struct addr_error error;
    if (attempt.n_errors > 0 || v.kind != VALUE_STRING) {
        (void)diags_error(reader->diags, expr_span(expr), "Invalid source",
                          "Source must be specified as a string.");
        return false;
    }
    if (!addr_provider_parse(reader->arena, value_str(v), &required->addr, &error)) {
        (void)diags_add(reader->diags, SEVERITY_ERROR, expr_span(expr), error.summary,
                        error.detail);
        return false;
    }
    return true;
}

/* The name of an object item's key: bare, or a constant string. */
static struct str item_key(const struct config_reader *reader, const struct object_item *item) {
    struct str bare = body_keyword(item->key);
    if (bare.len > 0)
        return bare;
    struct value v = config_static_value(reader, item->key);
    return v.kind == VALUE_STRING ? value_str(v) : S("");
}

static void read_object(const struct config_reader *reader, const struct attribute *attr,
                        struct config_required_provider *required) {
    struct object_items items;
    struct diags attempt = {.arena = reader->diags->arena};
    if (!body_static_map(reader->arena, attr->expr, &items, &attempt)) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid required_providers object",
                          "required_providers entries must be strings or objects.");
        return;
    }
    for (uint32_t i = 0; i < items.n; i++) {
        const struct object_item *item = &items.at[i];
        struct str key = item_key(reader, item);
        if (str_eq(key, S("version"))) {
            read_constraint(reader, item->value, required);
        } else if (str_eq(key, S("source"))) {
            (void)read_source(reader, item->value, required);
        } else if (str_eq(key, S("configuration_aliases"))) {
            read_aliases(reader, item->value, required);
        } else {
            (void)diags_error(reader->diags, expr_span(item->key),
                              "Invalid required_providers object",
                              "required_providers objects can only contain \"version\", "
                              "\"source\" and \"configuration_aliases\" attributes. To configure a "
                              "provider, use a \"provider\" block.");
            return;
        }
    }
}

static void read_required_provider(const struct config_reader *reader,
                                   const struct attribute *attr) {
    struct config_required_provider *required = arena_alloc(reader->arena, sizeof *required);
    *required = (struct config_required_provider){
        .name = attr->name, .version = S(""), .span = expr_span(attr->expr)};
    struct diags attempt = {.arena = reader->diags->arena};
    struct config_reader quiet = *reader;
    quiet.diags = &attempt;
    struct value v = value_unknown(type_dynamic);
    if (attr->expr->kind != EXPR_OBJECT)
        v = config_static_value(&quiet, attr->expr);
    if (attempt.n_errors == 0 && value_is_known(v) && type_is_primitive(value_type(v))) {
        if (!config_static_version(reader, attr, &required->version))
            return;
        required->version_span = expr_span(attr->expr);
    } else {
        if (!config_static_provider_name(reader, attr->name, expr_span(attr->expr)))
            return;
        read_object(reader, attr, required);
    }
    if (required->addr.type.len == 0) {
        struct addr_error error;
        if (!addr_provider_parse(reader->arena, attr->name, &required->addr, &error)) {
            (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid provider name", "%.*s",
                              STR_ARG(error.detail));
            return;
        }
    }
    map_put(reader->arena, &reader->module->required, required->name, required);
}

static void read_required_providers(const struct config_reader *reader, const struct block *block) {
    struct config_module *module = reader->module;
    if (!reader->override && module->required_span.file != 0) {
        struct str place = config_static_range(reader, module->required_span);
        (void)diags_error(reader->diags, block->header,
                          "Duplicate required providers configuration",
                          "A module may have only one required providers configuration. The "
                          "required providers were previously configured at %.*s.",
                          STR_ARG(place));
        return;
    }
    if (!reader->override)
        module->required_span = block->header;
    size_t before = reader->diags->n_errors;
    struct body_content *content = body_attributes(reader->arena, block->body, reader->diags);
    if (reader->diags->n_errors > before)
        return;
    for (size_t i = 0; i < content->n_attrs; i++)
        read_required_provider(reader, content->attrs[i]);
}

static void read_provider_meta(const struct config_reader *reader, const struct block *block) {
    if (!config_static_provider_name(reader, block->labels[0], block->header))
        return;
    struct map *metas = &reader->module->provider_metas;
    struct config_provider_meta *existing = map_get(metas, block->labels[0]);
    if (existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        (void)diags_error(reader->diags, block->header, "Duplicate provider_meta block",
                          "A provider_meta block for provider \"%.*s\" was already declared at "
                          "%.*s. Providers may only have one provider_meta block per module.",
                          STR_ARG(existing->name), STR_ARG(place));
    }
    struct config_provider_meta *meta = arena_alloc(reader->arena, sizeof *meta);
    *meta = (struct config_provider_meta){
        .name = block->labels[0], .config = block->body, .span = block->header};
    /* Nothing can be referred to in it. */
    const struct body_content *content =
        body_attributes(reader->arena, meta->config, reader->diags);
    for (size_t i = 0; i < content->n_attrs; i++)
        (void)config_static_value(reader, content->attrs[i]->expr);
    map_put(reader->arena, metas, meta->name, meta);
}

void config_terraform_read(struct config_reader *reader, const struct block *block) {
    struct body_content *content =
        body_content(reader->arena, block->body, &terraform_schema, reader->diags);
    const struct attribute *attr = body_attr(content, S("required_version"));
    if (attr != NULL)
        read_required_version(reader, attr);
    attr = body_attr(content, S("experiments"));
    if (attr != NULL)
        read_experiments(reader, attr);
    attr = body_attr(content, S("language"));
    if (attr != NULL)
        read_language(reader, attr);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *inner = content->blocks[i];
        if (str_eq(inner->type, S("backend")))
            read_backend(reader, inner);
        else if (str_eq(inner->type, S("cloud")))
            read_cloud(reader, inner);
        else if (str_eq(inner->type, S("required_providers")))
            read_required_providers(reader, inner);
        else if (str_eq(inner->type, S("provider_meta")))
            read_provider_meta(reader, inner);
        else
            reader->module->encryption = inner->body;
    }
}
