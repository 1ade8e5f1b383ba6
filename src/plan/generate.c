/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "hcl/format.h"
#include "value/as_json.h"

/*
 * -generate-config-out: an imported object without a block gets one, made from what was read. The
 * resource joins the configuration before anything else looks at it, with no body; its values come
 * from the object.
 */

static struct str implied_provider_name(struct str type) {
    ptrdiff_t end = str_find_byte(type, '_');
    return end < 0 ? type : str_slice(type, 0, (size_t)end);
}

static bool wants_block(const struct planner *p, const struct config_import *import) {
    const struct config_module *root = p->config->root;
    const struct state_instance *have = state_instance(p->prior_state, &import->to_static.addr);
    return !(have && have->current) && !import->for_each && !import->dynamic &&
           import->to_static.addr.module.n == 0 && import->to_static.addr.key.kind == KEY_NONE &&
           !config_resource(root, import->to_static.addr.resource);
}

void generate_resources(struct planner *p) {
    struct config_module *root = p->config->root;
    if (p->options->generate_config_out.len == 0)
        return;
    for (size_t i = 0; i < root->n_imports; i++) {
        const struct config_import *import = &root->imports[i];
        if (!wants_block(p, import))
            continue;
        struct config_resource *resource = arena_alloc(p->arena, sizeof *resource);
        resource->addr = import->to_static.addr.resource;
        resource->provider = import->provider;
        struct str name = import->provider.name.len ? import->provider.name
                                                    : implied_provider_name(resource->addr.type);
        resource->provider_addr = config_provider_addr(p->arena, root, name);
        resource->span = resource->type_span = import->to_span;
        map_put(p->arena, &root->resources, addr_resource_text(p->arena, resource->addr), resource);
    }
}

/* ---- from an object to a configuration ---- */

static bool is_settable(const struct schema_attr *attr) {
    if (attr->deprecated || attr->write_only || (!attr->required && !attr->optional))
        return false;
    /* Old providers let "id" be set although it means nothing. */
    return !(attr->optional && attr->computed && str_eq(attr->name, S("id")));
}

/* Providers of the old kind say "" for what was never set. */
static bool is_unset(const struct schema_attr *attr, struct value v) {
    return attr->optional && v.kind == VALUE_STRING && v.count == 0;
}

static struct value settable_block(struct arena *arena, const struct schema_block *block,
                                   struct value v);

static struct value settable_nested(struct arena *arena, const struct schema_nested *nested,
                                    struct value v) {
    if (value_is_null(v) || !value_is_known(v))
        return v;
    if (nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP)
        return settable_block(arena, nested->block, v);
    size_t n = value_count(v);
    struct value *items = arena_array(arena, n, sizeof *items);
    struct str *keys = arena_array(arena, n, sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        items[i] = settable_block(arena, nested->block, value_at(v, i));
        if (nested->nesting == NESTING_MAP)
            keys[i] = value_key(v, i);
    }
    const struct type *element = value_type(v)->element;
    switch (v.kind) {
    case VALUE_LIST:
        return value_list(arena, element, items, n);
    case VALUE_SET:
        return value_set(arena, element, items, n);
    case VALUE_MAP:
        return value_map(arena, element, keys, items, n);
    default:
        return v;
    }
}

static struct value settable_block(struct arena *arena, const struct schema_block *block,
                                   struct value v) {
    if (v.kind != VALUE_OBJECT)
        return v;
    const struct type *type = value_type(v);
    struct value *values = arena_array(arena, type->n, sizeof *values);
    for (uint32_t i = 0; i < type->n; i++) {
        struct str name = intern_str(type->names[i]);
        const struct schema_attr *attr = schema_attr(block, name);
        const struct schema_nested *nested = attr ? NULL : schema_nested(block, name);
        values[i] = value_at(v, i);
        if (attr && (!is_settable(attr) || is_unset(attr, values[i])))
            values[i] = value_null(type->items[i]);
        else if (nested)
            values[i] = settable_nested(arena, nested, values[i]);
    }
    return value_object_of(arena, type, values);
}

struct value generate_config(struct job *job, struct provider *provider,
                             const struct schema *schema, struct value object) {
    struct value config =
        settable_block(job->arena, schema->block, value_unmark_deep(job->arena, object));
    return provider->ops->generated
               ? provider->ops->generated(provider, job->arena, schema->name, config)
               : config;
}

/* ---- from a configuration to text ---- */

struct writer {
    struct job *job;
    struct buf out;
};

static struct str expression(struct writer *w, struct value v) {
    struct provider *builtin = pool_plain(w->job->p->pool, addr_provider_builtin, &w->job->diags);
    struct value text;
    struct diags quiet = {.arena = w->job->arena};
    if (value_is_null(v) || !builtin || !builtin->ops->call ||
        !builtin->ops->call(builtin, w->job->arena, S("encode_expr"), &v, 1, &text, &quiet))
        return S("null");
    return value_str(text);
}

/* Texts that hold JSON are easier to read as jsonencode(). */
static struct str attribute_text(struct writer *w, struct value v) {
    if (v.kind == VALUE_STRING && v.count > 0 && (v.bytes[0] == '{' || v.bytes[0] == '[')) {
        struct json_error error;
        struct json *json = json_parse(w->job->arena, value_str(v), &error);
        if (json) {
            struct str inner = expression(w, as_json_implied(w->job->arena, json));
            return str_format(w->job->arena, "jsonencode(%.*s)", STR_ARG(inner));
        }
    }
    return expression(w, v);
}

static void write_block(struct writer *w, const struct schema_block *block, struct value v);

static void write_nested(struct writer *w, const struct schema_nested *nested, struct value v) {
    if (value_is_null(v) || !value_is_known(v))
        return;
    bool single = nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP;
    size_t n = single ? 1 : value_count(v);
    for (size_t i = 0; i < n; i++) {
        buf_add(&w->out, nested->name);
        if (nested->nesting == NESTING_MAP) {
            struct str key = value_key(v, i);
            buf_addf(&w->out, " \"%.*s\"", STR_ARG(key));
        }
        buf_add(&w->out, S(" {\n"));
        write_block(w, nested->block, single ? v : value_at(v, i));
        buf_add(&w->out, S("}\n"));
    }
}

static void write_block(struct writer *w, const struct schema_block *block, struct value v) {
    for (size_t i = 0; i < block->n_attrs; i++) {
        const struct schema_attr *attr = &block->attrs[i];
        struct value part;
        if (!is_settable(attr) || !value_get(v, attr->name, &part))
            continue;
        struct str text = attr->sensitive ? S("null # sensitive") : attribute_text(w, part);
        buf_addf(&w->out, "%.*s = %.*s\n", STR_ARG(attr->name), STR_ARG(text));
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        struct value part;
        if (value_get(v, block->blocks[i].name, &part))
            write_nested(w, &block->blocks[i], part);
    }
}

static struct str formatted(struct writer *w) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    format_source(w->job->arena, buf_str(&w->out), &out);
    buf_clear(&w->out);
    return str_trim_right(buf_take(&out, w->job->arena));
}

/* provider: what stands behind `provider =`, or empty. */
static struct str resource_text(struct job *job, const struct schema *schema, struct str name,
                                struct str provider, struct value config) {
    struct writer w = {.job = job};
    buf_init(&w.out, BUF_MAX_DOCUMENT);
    buf_addf(&w.out, "resource \"%.*s\" \"%.*s\" {\n", STR_ARG(schema->name), STR_ARG(name));
    if (provider.len)
        buf_addf(&w.out, "provider = %.*s\n", STR_ARG(provider));
    write_block(&w, schema->block, config);
    buf_add(&w.out, S("}"));
    return formatted(&w);
}

static struct str provider_text(struct arena *arena, const struct config_provider_ref *provider) {
    return provider->alias.len
               ? str_format(arena, "%.*s.%.*s", STR_ARG(provider->name), STR_ARG(provider->alias))
               : provider->name;
}

struct str generate_text(struct job *job, const struct schema *schema,
                         const struct config_resource *resource, struct value config) {
    const struct config_provider_ref *provider = &resource->provider;
    bool implied = provider->name.len == 0 ||
                   (provider->alias.len == 0 &&
                    str_eq(provider->name, implied_provider_name(resource->addr.type)));
    return resource_text(job, schema, resource->addr.name,
                         implied ? S("") : provider_text(job->arena, provider), config);
}

static struct str import_text(struct job *job, struct str type, struct str name,
                              struct str provider, struct value identity) {
    struct writer w = {.job = job};
    buf_init(&w.out, BUF_MAX_DOCUMENT);
    buf_addf(&w.out, "import {\nto = %.*s.%.*s\nprovider = %.*s\nidentity = {\n", STR_ARG(type),
             STR_ARG(name), STR_ARG(provider));
    const struct type *parts = value_type(identity);
    for (uint32_t i = 0; i < parts->n; i++) {
        struct value part = value_at(identity, i);
        struct str text = value_is_null(part) ? S("") : expression(&w, part);
        struct str key = intern_str(parts->names[i]);
        if (text.len)
            buf_addf(&w.out, "%.*s = %.*s\n", STR_ARG(key), STR_ARG(text));
    }
    buf_add(&w.out, S("}\n}"));
    return formatted(&w);
}

void generate_import(struct job *job, struct provider *served_by, const struct schema *schema,
                     const struct config_provider_ref *provider, struct str name,
                     const struct provider_listed *listed, struct plan_found *found) {
    struct str local = provider_text(job->arena, provider);
    struct value config = generate_config(job, served_by, schema, listed->state);
    found->resource = resource_text(job, schema, name, local, config);
    found->import_ = import_text(job, schema->name, name, local, listed->identity);
}
