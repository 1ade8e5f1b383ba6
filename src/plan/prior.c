/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "value/as_json.h"

#include <stdlib.h>

static const struct unit *unit_of_state(const struct planner *p,
                                        const struct state_resource *resource) {
    if (!p->units)
        return NULL;
    const struct unit_module *module = unit_module(p->units, resource->module);
    return module ? unit_resource(module, resource->addr) : NULL;
}

const struct provider_config_addr *prior_provider(struct planner *p,
                                                  const struct state_resource *resource,
                                                  const struct state_instance *instance) {
    if (instance->provider_key.kind == KEY_NONE)
        return &resource->provider;
    struct provider_config_addr own = state_provider(resource, instance);
    return arena_copy(p->arena, &own, sizeof own);
}

void prior_load(struct planner *p, struct diags *diags) {
    struct map moved = {0};
    moves_apply(p, &moved, diags);
    size_t n;
    struct arena *scratch = arena_new();
    struct state_entry *entries = state_entries(scratch, p->prior_state, &n);
    p->priors = arena_array(p->arena, n, sizeof *p->priors);
    p->n_priors = n;
    const struct state_resource *last = NULL;
    const struct unit *unit = NULL;
    for (size_t i = 0; i < n; i++) {
        struct prior *prior = &p->priors[i];
        if (entries[i].resource != last)
            unit = unit_of_state(p, entries[i].resource);
        last = entries[i].resource;
        prior->addr = entries[i].addr;
        prior->prev_addr = &prior->addr;
        prior->resource = entries[i].resource;
        prior->instance = entries[i].instance;
        prior->provider = prior_provider(p, prior->resource, prior->instance);
        prior->unit = unit;
        if (moved.n == 0)
            continue;
        const struct instance_addr *from =
            map_get(&moved, addr_instance_text(scratch, &prior->addr));
        if (from) {
            prior->prev_addr = from;
            prior->moved = !addr_instance_eq(from, &prior->addr);
        }
    }
    arena_free(scratch);
    if (moved.n > 0)
        move_state_translate(p, diags);
}

static int order_prior(const void *key, const void *element) {
    const struct prior *prior = element;
    return addr_instance_order(key, &prior->addr);
}

struct prior *prior_find(const struct planner *p, const struct instance_addr *addr) {
    if (p->n_priors == 0)
        return NULL;
    return bsearch(addr, p->priors, p->n_priors, sizeof *p->priors, order_prior);
}

static bool bad_state(struct job *job, struct str address, struct str why) {
    diags_error(&job->diags, (struct span){0}, "Resource instance data in state is invalid",
                "Instance %.*s data could not be decoded from the state: %.*s.", STR_ARG(address),
                STR_ARG(why));
    return false;
}

static void drop_removed(struct json *json, const struct type *type);

static void drop_removed_inside(struct json *json, const struct type *type) {
    bool each = type->kind == TYPE_LIST || type->kind == TYPE_SET;
    for (size_t i = 0; each && json->kind == JSON_ARRAY && i < json->n; i++)
        drop_removed(&json->items[i], type->element);
    for (size_t i = 0; type->kind == TYPE_MAP && json->kind == JSON_OBJECT && i < json->n; i++)
        drop_removed(&json->members[i].value, type->element);
}

/* Takes out attributes that the schema no longer has, as the reference does for every provider. */
static void drop_removed(struct json *json, const struct type *type) {
    if (type->kind != TYPE_OBJECT || json->kind != JSON_OBJECT) {
        drop_removed_inside(json, type);
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < json->n; i++) {
        ptrdiff_t at = type_attr(type, intern_name(json->members[i].name));
        if (at < 0)
            continue;
        drop_removed(&json->members[i].value, type->items[at]);
        json->members[kept++] = json->members[i];
    }
    json->n = kept;
}

static bool upgrade(struct job *job, const struct state_object *object, struct json *json,
                    const struct schema *schema, struct provider *plain, struct str address,
                    struct value *ret_value) {
    if (object->schema_version > schema->version) {
        struct str name = plain->name;
        diags_error(&job->diags, (struct span){0},
                    "Resource instance managed by newer provider version",
                    "The current state of %.*s was created by a newer provider version than is "
                    "currently selected. Upgrade the %.*s provider to work with this state.",
                    STR_ARG(address), STR_ARG(name));
        return false;
    }
    struct convert_error error;
    const struct type *type = schema_type(schema->block);
    if (object->schema_version == schema->version) {
        drop_removed(json, type);
        if (as_json_read(job->arena, json, type, ret_value, &error))
            return true;
    }
    if (plain && plain->ops->upgrade)
        return plain->ops->upgrade(plain, job->arena, schema->name, object->schema_version, json,
                                   ret_value, &job->diags);
    if (as_json_read(job->arena, json, type, ret_value, &error))
        return true;
    return bad_state(job, address, convert_error_text(job->arena, &error));
}

bool prior_object_value(struct job *job, const struct state_object *object,
                        const struct schema *schema, struct provider *plain, struct str address,
                        struct value *ret_value) {
    struct arena *scratch = arena_new();
    struct json *json = state_attributes(scratch, object);
    struct value v;
    bool ok = json ? upgrade(job, object, json, schema, plain, address, &v)
                   : bad_state(job, address, S("unsupported attribute format"));
    arena_free(scratch);
    if (!ok)
        return false;
    if (object->sensitive.n > 0)
        v = path_mark(job->arena, v, &object->sensitive, VALUE_SENSITIVE);
    *ret_value = job_mark_schema(job->arena, schema, v);
    return true;
}

bool prior_identity(struct job *job, const struct state_object *object, const struct schema *schema,
                    struct provider *plain, struct str address, struct value *ret_identity) {
    struct json_error syntax;
    struct convert_error error;
    *ret_identity = value_null(type_dynamic);
    if (object->identity.len == 0 || !schema->identity)
        return true;
    if (object->identity_schema_version > schema->identity_version) {
        diags_error(&job->diags, (struct span){0},
                    "Resource instance managed by newer provider version",
                    "The current identity of %.*s was created by a newer provider version than is "
                    "currently selected. Upgrade the %.*s provider to work with this state.",
                    STR_ARG(address), STR_ARG(plain->name));
        return false;
    }
    const struct json *json = json_parse(job->arena, object->identity, &syntax);
    if (!json)
        return bad_state(job, address, syntax.text);
    if (object->identity_schema_version == schema->identity_version &&
        as_json_read(job->arena, json, schema_object_type(schema->identity), ret_identity, &error))
        return true;
    if (plain && plain->ops->upgrade_identity)
        return plain->ops->upgrade_identity(plain, job->arena, schema->name,
                                            object->identity_schema_version, json, ret_identity,
                                            &job->diags);
    *ret_identity = value_null(type_dynamic);
    return true;
}

bool prior_decode(struct job *job, struct prior *prior, const struct schema *schema,
                  struct provider *plain) {
    if (prior->decoded)
        return !prior->bad;
    prior->decoded = true;
    const struct state_object *object = prior->instance->current;
    if (!object) {
        prior->value = value_null(schema_type(schema->block));
        return true;
    }
    struct str address = {0};
    size_t errors = job->diags.n_errors;
    if (object->schema_version > schema->version)
        address = addr_instance_text(job->arena, &prior->addr);
    prior->bad = !prior_object_value(job, object, schema, plain, address, &prior->value);
    if (prior->bad && !address.len) {
        address = addr_instance_text(job->arena, &prior->addr);
        for (size_t i = 0; i < job->diags.n && errors < job->diags.n_errors; i++)
            if (job->diags.at[i].address.len == 0)
                job->diags.at[i].address = address;
    }
    return !prior->bad;
}

bool prior_value(struct planner *p, const struct instance_addr *addr, struct value *ret_value) {
    struct prior *prior = prior_find(p, addr);
    if (!prior || !prior->instance->current || !prior->unit || !prior->unit->schema)
        return false;
    pthread_mutex_lock(&p->lock);
    struct arena *arena = p->locked_arena;
    struct job job = {.p = p, .arena = arena, .scratch = arena, .diags = {.arena = arena}};
    struct provider *plain = pool_plain(p->pool, prior->unit->provider_addr.provider, &job.diags);
    bool ok = plain && prior_decode(&job, prior, prior->unit->schema, plain);
    if (ok)
        *ret_value = prior->value;
    pthread_mutex_unlock(&p->lock);
    return ok;
}

static struct str identity_text(struct arena *arena, struct value identity) {
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    as_json_write_plain(&text, value_unmark_deep(arena, identity), 0, false);
    return buf_take(&text, arena);
}

struct state_object *prior_encode(struct arena *arena, const struct schema *schema,
                                  const struct item *item, const struct state_object *base) {
    struct state_object *object =
        base ? arena_copy(arena, base, sizeof *base) : arena_alloc(arena, sizeof *object);
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    as_json_write(&text, item->after, schema_type(schema->block), false);
    object->attributes = buf_take(&text, arena);
    object->sensitive = (struct paths){0};
    if (value_marks_inside(item->after) & VALUE_SENSITIVE)
        path_marked(arena, item->after, VALUE_SENSITIVE, &object->sensitive);
    object->schema_version = schema->version;
    object->private_ = item->private_after;
    if (item->identity_after.kind == VALUE_OBJECT) {
        object->identity = identity_text(arena, item->identity_after);
        object->identity_schema_version = schema->identity_version;
    }
    return object;
}
