/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema resource_attrs[] = {
    {STR("count"), false},
    {STR("for_each"), false},
    {STR("provider"), false},
    {STR("depends_on"), false},
};
static const struct str type_label[] = {STR("type")};
static const struct body_block_schema resource_blocks[] = {
    {.type = STR("locals")},
    {.type = STR("lifecycle")},
    {.type = STR("connection")},
    {.type = STR("provisioner"), .label_names = type_label, .n_labels = 1},
    {.type = STR("_")},
};
static const struct body_block_schema data_blocks[] = {
    {.type = STR("lifecycle")}, {.type = STR("locals")}, {.type = STR("_")}};
static const struct body_schema resource_schema = {.attrs = resource_attrs,
                                                   .n_attrs = COUNT(resource_attrs),
                                                   .blocks = resource_blocks,
                                                   .n_blocks = COUNT(resource_blocks)};
static const struct body_schema data_schema = {.attrs = resource_attrs,
                                               .n_attrs = COUNT(resource_attrs),
                                               .blocks = data_blocks,
                                               .n_blocks = COUNT(data_blocks)};

/* The words that differ between the three kinds of resource blocks. */
struct words {
    const char *block;    /* in "Reserved block type name in X block" */
    const char *bad_type; /* summary for a first label that is no name */
    const char *bad_name;
    const char *this_resource;  /* in "This X already has a lifecycle block" */
    const char *duplicate_kind; /* in `Duplicate X "type" configuration` */
    const char *duplicate_noun; /* in "A TYPE X named" */
    const char *missing;        /* summary of an override without base */
};

static const struct words words_of[] = {
    [MODE_MANAGED] = {"resource", "Invalid resource type name", "Invalid resource name", "resource",
                      "resource", "resource", "Missing resource to override"},
    [MODE_DATA] = {"data", "Invalid data source name", "Invalid data resource name", "resource",
                   "data", "data resource", "Missing data resource to override"},
    [MODE_EPHEMERAL] = {"ephemeral", "Invalid ephemeral resource type",
                        "Invalid ephemeral resource name", "resource", "ephemeral",
                        "ephemeral resource", "Missing ephemeral resource to override"},
    [MODE_LIST] = {"list", "Invalid list type name", "Invalid list name", "resource", "list",
                   "list", "Missing list to override"},
};

void config_resource_repetition(const struct config_reader *reader, const struct attribute *count,
                                const struct attribute *enabled, const struct attribute *for_each) {
    const struct attribute *set[3];
    size_t n = 0;
    const struct attribute *all[] = {count, enabled, for_each};
    for (size_t i = 0; i < COUNT(all); i++)
        if (all[i] != NULL)
            set[n++] = all[i];
    if (n < 2)
        return;
    struct str names = str_format(reader->arena, "\"%.*s\"", STR_ARG(set[0]->name));
    for (size_t i = 1; i < n; i++) {
        names = str_format(reader->arena, "%.*s%s\"%.*s\"", STR_ARG(names),
                           i + 1 < n ? ", " : " and ", STR_ARG(set[i]->name));
    }
    struct str summary = str_format(reader->arena, "Invalid combination of %.*s", STR_ARG(names));
    (void)diags_error(reader->diags, set[n - 1]->name_span, str_c(reader->arena, summary),
                      "The %.*s meta-arguments are mutually-exclusive%s to be explicit about the "
                      "number of resources to be created.",
                      STR_ARG(names),
                      enabled ? ". Only one may be used" : ", only one should be used");
}

/* A data source inside a check block has no instances of its own. */
static bool allowed_nested(const struct config_reader *reader, const struct attribute *attr,
                           bool nested) {
    if (!nested)
        return true;
    struct str summary =
        str_format(reader->arena, "Invalid \"%.*s\" attribute", STR_ARG(attr->name));
    (void)diags_error(reader->diags, attr->name_span, str_c(reader->arena, summary),
                      "The \"count\" and \"for_each\" meta-arguments are not supported within "
                      "nested data blocks.");
    return false;
}

static void read_arguments(const struct config_reader *reader, const struct body_content *content,
                           bool nested, struct config_resource *resource) {
    const struct attribute *attr = body_attr(content, S("count"));
    if (attr != NULL && allowed_nested(reader, attr, nested))
        resource->count = attr->expr;
    attr = body_attr(content, S("for_each"));
    if (attr != NULL && allowed_nested(reader, attr, nested))
        resource->for_each = attr->expr;
    attr = body_attr(content, S("provider"));
    if (attr != NULL)
        (void)config_static_provider(reader, attr->expr, "provider", &resource->provider);
    attr = body_attr(content, S("depends_on"));
    if (attr != NULL)
        config_static_depends_on(reader, attr, &resource->depends_on);
}

/* What was seen of blocks that may stand only once. */
struct seen {
    const struct block *lifecycle, *connection, *escape;
};

static bool first_of(const struct config_reader *reader, const struct block **seen,
                     const struct block *block, const char *what) {
    if (*seen == NULL) {
        *seen = block;
        return true;
    }
    struct str place = config_static_range(reader, (*seen)->header);
    struct str summary = str_format(reader->arena, "Duplicate %s block", what);
    (void)diags_error(reader->diags, block->header, str_c(reader->arena, summary),
                      "This resource already has a %s block at %.*s.", what, STR_ARG(place));
    return false;
}

static void read_escape(const struct config_reader *reader, struct seen *seen,
                        const struct block *block, struct config_resource *resource) {
    if (seen->escape != NULL) {
        struct str place = config_static_range(reader, seen->escape->header);
        /* Of ephemeral resources the reference says the same as of data sources. */
        const char *kind = words_of[resource->addr.mode].block;
        if (resource->addr.mode == MODE_EPHEMERAL)
            kind = words_of[MODE_DATA].block;
        (void)diags_error(reader->diags, block->header, "Duplicate escaping block",
                          "The special block type \"_\" can be used to force particular arguments "
                          "to be interpreted as resource-type-specific rather than as "
                          "meta-arguments, but each %s block can have only one such block. The "
                          "first escaping block was at %.*s.",
                          kind, STR_ARG(place));
        return;
    }
    seen->escape = block;
    resource->config = config_merge_bodies(reader->arena, resource->config, block->body, false);
}

static void read_provisioner(const struct config_reader *reader, const struct block *block,
                             struct config_resource *resource) {
    struct config_provisioner provisioner;
    if (!config_provisioner_read(reader, block, &provisioner))
        return;
    resource->provisioners = config_static_grow(reader, resource->provisioners,
                                                resource->n_provisioners, sizeof provisioner);
    resource->provisioners[resource->n_provisioners++] = provisioner;
}

static void read_block(const struct config_reader *reader, const struct block *block, bool nested,
                       struct seen *seen, struct config_lifecycle_attrs *lifecycle,
                       struct config_resource *resource) {
    if (str_eq(block->type, S("lifecycle"))) {
        if (nested) {
            (void)diags_error(reader->diags, block->header, "Invalid lifecycle block",
                              "Nested data blocks do not support \"lifecycle\" blocks as the "
                              "lifecycle is managed by the containing block.");
        }
        if (first_of(reader, &seen->lifecycle, block, "lifecycle"))
            config_lifecycle_read(reader, block, resource, lifecycle);
    } else if (str_eq(block->type, S("_"))) {
        read_escape(reader, seen, block, resource);
    } else if (str_eq(block->type, S("connection"))) {
        if (first_of(reader, &seen->connection, block, "connection"))
            resource->connection = block->body;
    } else if (str_eq(block->type, S("provisioner"))) {
        read_provisioner(reader, block, resource);
    } else {
        struct str summary = str_format(reader->arena, "Reserved block type name in %s block",
                                        words_of[resource->addr.mode].block);
        (void)diags_error(reader->diags, block->type_span, str_c(reader->arena, summary),
                          "The block type name \"%.*s\" is reserved for use by Terraform in a "
                          "future version.",
                          STR_ARG(block->type));
    }
}

static void check_connection(const struct config_reader *reader,
                             const struct config_resource *resource) {
    for (size_t i = 0; resource->connection != NULL && i < resource->n_provisioners; i++) {
        if (resource->provisioners[i].when_destroy) {
            config_provisioner_only_self(reader, resource->connection);
            return;
        }
    }
}

struct config_resource *config_resource_parse(const struct config_reader *reader,
                                              const struct block *block, enum resource_mode mode,
                                              bool nested) {
    struct config_resource *resource = arena_alloc(reader->arena, sizeof *resource);
    struct body *remain = NULL;
    bool is_read = mode == MODE_DATA || mode == MODE_EPHEMERAL;
    struct body_content *content =
        body_partial_content(reader->arena, block->body, is_read ? &data_schema : &resource_schema,
                             &remain, reader->diags);
    *resource = (struct config_resource){
        .addr = {.mode = mode, .type = block->labels[0], .name = block->labels[1]},
        .config = remain,
        .provider = {.name = S(""), .alias = S("")},
        .span = block->header,
        .type_span = block->label_spans[0],
        .body_span = block->body->span};
    (void)config_static_is_name(reader, resource->addr.type, block->label_spans[0],
                                words_of[mode].bad_type);
    (void)config_static_is_name(reader, resource->addr.name, block->label_spans[1],
                                words_of[mode].bad_name);
    read_arguments(reader, content, nested, resource);
    struct seen seen = {.lifecycle = NULL};
    struct config_lifecycle_attrs lifecycle = {.enabled = NULL};
    for (size_t i = 0; i < content->n_blocks; i++)
        read_block(reader, content->blocks[i], nested, &seen, &lifecycle, resource);
    if (!nested) {
        config_resource_repetition(reader, body_attr(content, S("count")), lifecycle.enabled,
                                   body_attr(content, S("for_each")));
    }
    if (resource->provider.name.len == 0 && str_starts(resource->addr.type, S("_"))) {
        (void)diags_error(reader->diags, resource->span, "Invalid provider local name",
                          "\"\" is an invalid implied provider local name: must have at least one "
                          "character");
    }
    check_connection(reader, resource);
    return resource;
}

void config_resource_add(const struct config_reader *reader, struct config_resource *resource) {
    const struct words *words = &words_of[resource->addr.mode];
    struct map *resources = &reader->module->resources;
    struct str key = addr_resource_text(reader->arena, resource->addr);
    struct config_resource *existing = map_get(resources, key);
    if (reader->override) {
        if (existing == NULL) {
            (void)diags_error(reader->diags, resource->span, words->missing,
                              "There is no %.*s %s named \"%.*s\". An override file can only "
                              "override %s %s block defined in a primary configuration file.",
                              STR_ARG(resource->addr.type), words->duplicate_noun,
                              STR_ARG(resource->addr.name),
                              resource->addr.mode == MODE_EPHEMERAL ? "an" : "a", words->block);
            return;
        }
        config_merge_resource(reader, existing, resource);
        return;
    }
    if (existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        struct str summary = str_format(reader->arena, "Duplicate %s \"%.*s\" configuration",
                                        words->duplicate_kind, STR_ARG(existing->addr.type));
        (void)diags_error(reader->diags, resource->span, str_c(reader->arena, summary),
                          "A %.*s %s named \"%.*s\" was already declared at %.*s. Resource names "
                          "must be unique per type in each module%s.",
                          STR_ARG(existing->addr.type), words->duplicate_noun,
                          STR_ARG(existing->addr.name), STR_ARG(place),
                          resource->check != NULL ? ", including within check blocks" : "");
        return;
    }
    map_put(reader->arena, resources, key, resource);
}

void config_resource_read(struct config_reader *reader, const struct block *block) {
    enum resource_mode mode = str_eq(block->type, S("data"))        ? MODE_DATA
                              : str_eq(block->type, S("ephemeral")) ? MODE_EPHEMERAL
                                                                    : MODE_MANAGED;
    config_resource_add(reader, config_resource_parse(reader, block, mode, false));
}
