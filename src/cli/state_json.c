/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "cli/checks_json.h"
#include "value/as_json.h"

/* The reason alone: the command has the beginning of the sentence. */
static void refuse(struct diags *diags, struct str why) {
    (void)diags_add(diags, SEVERITY_ERROR, (struct span){0}, why, S(""));
}

bool state_json_decode(struct arena *arena, struct pool *pool,
                       const struct state_resource *resource, const struct state_object *object,
                       const struct schema **ret_schema, struct value *ret_value,
                       struct diags *diags) {
    const struct provider_schema *all = pool_schema(pool, resource->provider.provider, diags);
    const struct schema *schema =
        all ? pool_type(all, resource->addr.mode, resource->addr.type) : NULL;
    struct str address = addr_resource_text(arena, resource->addr);
    if (!schema) {
        struct str source = addr_provider_text(arena, resource->provider.provider);
        refuse(diags, str_format(arena, "no schema found for %.*s (in provider %.*s)",
                                 STR_ARG(address), STR_ARG(source)));
        return false;
    }
    if (object->schema_version > schema->version) {
        refuse(diags,
               str_format(arena,
                          "schema version %" PRId64 " for %.*s in state does not match "
                          "version %" PRId64 " from the provider",
                          object->schema_version, STR_ARG(address), (int64_t)schema->version));
        return false;
    }
    struct json *json = state_attributes(arena, object);
    struct convert_error error;
    struct value v;
    bool ok = json != NULL;
    if (ok && object->schema_version < schema->version && resource->addr.mode == MODE_MANAGED) {
        struct provider *p = pool_plain(pool, resource->provider.provider, diags);
        ok = p && p->ops->upgrade(p, arena, resource->addr.type, object->schema_version, json, &v,
                                  diags);
    } else if (ok && !as_json_read(arena, json, schema_type(schema->block), &v, &error)) {
        refuse(diags, convert_error_text(arena, &error));
        ok = false;
    }
    if (!ok)
        return false;
    struct paths marked = object->sensitive;
    schema_sensitive(arena, schema->block, v, &marked);
    *ret_value = path_mark(arena, v, &marked, VALUE_SENSITIVE);
    *ret_schema = schema;
    return true;
}

void state_json_address(struct json_out *o, struct arena *arena, const struct instance_addr *addr,
                        struct provider_addr provider, bool with_module) {
    json_out_member(o, S("address"), addr_instance_text(arena, addr));
    if (with_module && addr->module.n)
        json_out_member(o, S("module_address"), addr_module_text(arena, addr->module));
    json_out_member(o, S("mode"), addr->resource.mode == MODE_MANAGED ? S("managed") : S("data"));
    json_out_member(o, S("type"), addr->resource.type);
    json_out_member(o, S("name"), addr->resource.name);
    if (addr->key.kind == KEY_STRING)
        json_out_member(o, S("index"), addr->key.text);
    if (addr->key.kind == KEY_INT) {
        json_out_key(o, S("index"));
        json_out_int(o, addr->key.number);
    }
    json_out_member(o, S("provider_name"), addr_provider_text(arena, provider));
}

void state_json_output(struct json_out *o, struct value v, const struct type *type) {
    json_out_key(o, S("value"));
    as_json_write(o->to, v, type, true);
    json_out_key(o, S("type"));
    type_write_json(o->to, type);
}

static void outputs(struct json_out *o, struct arena *arena, const struct state *state) {
    if (!state->outputs.n)
        return;
    struct map_entry *sorted = map_sorted(arena, &state->outputs);
    json_out_key(o, S("outputs"));
    json_out_open(o, '{');
    for (size_t i = 0; i < state->outputs.n; i++) {
        const struct state_output *output = sorted[i].value;
        json_out_key(o, output->name);
        json_out_open(o, '{');
        json_out_flag(o, S("sensitive"), output->sensitive);
        state_json_output(o, output->value, output->type);
        json_out_close(o, '}');
    }
    json_out_close(o, '}');
}

static void depends_on(struct json_out *o, const struct state_object *object) {
    if (!object->n_dependencies)
        return;
    json_out_key(o, S("depends_on"));
    json_out_open(o, '[');
    for (size_t i = 0; i < object->n_dependencies; i++) {
        json_out_item(o);
        json_out_str(o, object->dependencies[i]);
    }
    json_out_close(o, ']');
}

static bool object(struct json_out *o, struct arena *arena, struct pool *pool,
                   const struct state_entry *entry, const struct state_object *it,
                   struct str deposed, struct diags *diags) {
    const struct schema *schema;
    struct value v;
    if (!state_json_decode(arena, pool, entry->resource, it, &schema, &v, diags))
        return false;
    json_out_item(o);
    json_out_open(o, '{');
    state_json_address(o, arena, &entry->addr, entry->resource->provider.provider, false);
    json_out_key(o, S("schema_version"));
    json_out_int(o, schema->version);
    json_out_key(o, S("values"));
    json_out_known(o, v);
    json_out_key(o, S("sensitive_values"));
    json_out_sensitive(o, v);
    depends_on(o, it);
    if (it->tainted)
        json_out_flag(o, S("tainted"), true);
    if (deposed.len)
        json_out_member(o, S("deposed_key"), deposed);
    if (it->identity.len) {
        json_out_key(o, S("identity_schema_version"));
        json_out_int(o, it->identity_schema_version);
        json_out_key(o, S("identity"));
        json_out_raw(o, it->identity);
    }
    json_out_close(o, '}');
    return true;
}

/* The instances of the whole state, and where this walk through them stands. */
struct walk {
    struct json_out *o;
    struct arena *arena;
    struct pool *pool;
    const struct state_entry *entries;
    size_t n;
    struct diags *diags;
};

static bool module_starts(struct module_path module, struct module_path prefix) {
    if (module.n < prefix.n)
        return false;
    return addr_module_eq((struct module_path){module.at, prefix.n}, prefix);
}

static bool resources(struct walk *w, size_t start, size_t end, struct module_path here) {
    bool ok = true, open = false;
    for (size_t i = start; i < end; i++) {
        const struct state_entry *e = &w->entries[i];
        if (e->addr.module.n != here.n)
            continue;
        if (!open) {
            json_out_key(w->o, S("resources"));
            json_out_open(w->o, '[');
            open = true;
        }
        if (e->instance->current)
            ok = object(w->o, w->arena, w->pool, e, e->instance->current, S(""), w->diags) && ok;
        for (size_t k = 0; k < e->instance->n_deposed; k++)
            ok = object(w->o, w->arena, w->pool, e, &e->instance->deposed[k].object,
                        e->instance->deposed[k].key, w->diags) &&
                 ok;
    }
    if (open)
        json_out_close(w->o, ']');
    return ok;
}

/* Members of the module `here`, whose instances and those below are entries[start..end). */
static bool module_members(struct walk *w, size_t start, size_t end, struct module_path here) {
    bool ok = resources(w, start, end, here), open = false;
    for (size_t i = start; i < end;) {
        if (w->entries[i].addr.module.n <= here.n) {
            i++;
            continue;
        }
        struct module_path child = {w->entries[i].addr.module.at, here.n + 1};
        size_t stop = i;
        while (stop < end && module_starts(w->entries[stop].addr.module, child))
            stop++;
        if (!open) {
            json_out_key(w->o, S("child_modules"));
            json_out_open(w->o, '[');
            open = true;
        }
        json_out_item(w->o);
        json_out_open(w->o, '{');
        ok = module_members(w, i, stop, child) && ok;
        json_out_member(w->o, S("address"), addr_module_text(w->arena, child));
        json_out_close(w->o, '}');
        i = stop;
    }
    if (open)
        json_out_close(w->o, ']');
    return ok;
}

/* Step by step, so that a module and all below it stand together; resources keep their order. */
static int by_module(const void *a, const void *b) {
    const struct state_entry *x = a, *y = b;
    struct module_path m = x->addr.module, n = y->addr.module;
    for (size_t i = 0; i < m.n && i < n.n; i++) {
        int order = str_cmp(m.at[i].name, n.at[i].name);
        if (!order)
            order = addr_key_order(m.at[i].key, n.at[i].key);
        if (order)
            return order;
    }
    if (m.n != n.n)
        return m.n < n.n ? -1 : 1;
    return addr_instance_order(&x->addr, &y->addr);
}

bool state_json_values(struct json_out *o, struct arena *arena, const struct state *state,
                       struct pool *pool, struct diags *diags) {
    struct walk w = {.o = o, .arena = arena, .pool = pool, .diags = diags};
    struct state_entry *entries = state_entries(arena, state, &w.n);
    w.entries = entries;
    if (w.n)
        qsort(entries, w.n, sizeof *entries, by_module);
    outputs(o, arena, state);
    json_out_key(o, S("root_module"));
    json_out_open(o, '{');
    bool ok = module_members(&w, 0, w.n, (struct module_path){NULL, 0});
    json_out_close(o, '}');
    return ok;
}

static bool has_values(struct arena *arena, const struct state *state) {
    size_t n;
    (void)state_entries(arena, state, &n);
    return n || state->outputs.n;
}

bool state_json_write(struct json_out *o, struct arena *arena, const struct state *state,
                      struct str terraform_version, bool with_checks, struct pool *pool,
                      struct diags *diags) {
    bool ok = true;
    json_out_open(o, '{');
    json_out_member(o, S("format_version"), S("1.0"));
    json_out_member(o, S("terraform_version"), terraform_version);
    if (has_values(arena, state)) {
        json_out_key(o, S("values"));
        json_out_open(o, '{');
        ok = state_json_values(o, arena, state, pool, diags);
        json_out_close(o, '}');
    }
    if (with_checks) {
        size_t n;
        const struct check_result *checks = checks_json_read(arena, state->check_results, &n);
        checks_json_write(o, arena, checks, n);
    }
    json_out_close(o, '}');
    return ok;
}
