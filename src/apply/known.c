/* SPDX-License-Identifier: Apache-2.0 */
/* Values of instances that the run itself does not make. */
#include "apply/apply_int.h"

#include "base/arena.h"
#include "base/json.h"
#include "resolve/pool.h"
#include "value/as_json.h"

static bool object_value(struct arena *arena, const struct schema *schema,
                         const struct state_object *object, struct value *ret_value,
                         struct diags *diags) {
    struct json_error parse_error;
    struct json *json = json_parse(arena, object->attributes, &parse_error);
    struct convert_error error = {0};
    struct value v;
    if (!json || !as_json_read(arena, json, schema_type(schema->block), &v, &error)) {
        if (diags)
            diags_error(diags, (struct span){0}, "Failed to decode resource from state", "%.*s",
                        STR_ARG(json ? convert_error_text(arena, &error) : parse_error.text));
        return false;
    }
    struct paths sensitive = {0};
    for (size_t i = 0; i < object->sensitive.n; i++)
        paths_add(arena, &sensitive, object->sensitive.at[i]);
    schema_sensitive(arena, schema->block, v, &sensitive);
    *ret_value = path_mark(arena, v, &sensitive, VALUE_SENSITIVE);
    return true;
}

static bool from_state(struct run *run, struct arena *arena, const struct instance_addr *addr,
                       struct value *ret_value) {
    pthread_mutex_lock(&run->lock);
    struct state_resource *resource = state_resource(run->state, addr->module, addr->resource);
    struct state_instance *instance = resource ? state_instance(run->state, addr) : NULL;
    const struct state_object *object = instance ? instance->current : NULL;
    pthread_mutex_unlock(&run->lock);
    if (!object)
        return false;
    struct diags *ignored = diags_new(arena);
    const struct provider_schema *provider =
        pool_schema(run->pool, resource->provider.provider, ignored);
    const struct schema *schema =
        provider ? pool_type(provider, addr->resource.mode, addr->resource.type) : NULL;
    return schema && object_value(arena, schema, object, ret_value, NULL);
}

bool known_instance(void *context, struct arena *arena, const struct instance_addr *addr,
                    struct value *ret_value) {
    struct run *run = context;
    if (addr->resource.mode == MODE_EPHEMERAL)
        return ephemeral_open(run, run->resolve->arena, addr, ret_value,
                              diags_new(run->resolve->arena));
    const struct change *change = map_get(&run->changes, addr_instance_text(arena, addr));
    if (!change)
        return from_state(run, arena, addr, ret_value);
    if (change->action != ACTION_NOOP)
        return change->action == ACTION_DELETE || change->action == ACTION_FORGET
                   ? from_state(run, arena, addr, ret_value)
                   : false;
    *ret_value = change->after;
    return true;
}
