/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_old.h"

#include "base/arena.h"
#include "value/as_json.h"

static bool is_root(const struct json *module) {
    const struct json *path = json_get(module, S("path"));
    return path == NULL || (path->kind == JSON_ARRAY && path->n <= 1);
}

/* A list or a map of texts, as such outputs could only be. */
static struct value output_value(struct arena *arena, const struct json *json) {
    struct value v = as_json_implied(arena, json);
    struct convert_error error;
    if (json->kind == JSON_ARRAY && as_json_read(arena, json, type_list(type_string), &v, &error))
        return v;
    if (json->kind == JSON_OBJECT && as_json_read(arena, json, type_map(type_string), &v, &error))
        return v;
    return v;
}

/* In format 1 an output is its text alone. */
static void take_output(struct state *state, struct str name, const struct json *json) {
    bool whole = json->kind == JSON_OBJECT && json_get(json, S("value")) != NULL;
    struct state_output *output = arena_alloc(state->arena, sizeof *output);
    output->name = name;
    output->sensitive = whole && json_get_bool(json, S("sensitive"));
    output->value = output_value(state->arena, whole ? json_get(json, S("value")) : json);
    output->type = value_type(output->value);
    map_put(state->arena, &state->outputs, name, output);
}

static bool has_managed(const struct json *module) {
    const struct json *resources = json_get(module, S("resources"));
    for (size_t i = 0; resources && resources->kind == JSON_OBJECT && i < resources->n; i++)
        if (!str_starts(resources->members[i].name, S("data.")))
            return true;
    return false;
}

bool state_old_take(struct state *state, const struct json *modules) {
    for (size_t i = 0; modules && modules->kind == JSON_ARRAY && i < modules->n; i++) {
        const struct json *module = &modules->items[i];
        if (module->kind != JSON_OBJECT)
            continue;
        if (has_managed(module))
            return false;
        const struct json *outputs = is_root(module) ? json_get(module, S("outputs")) : NULL;
        for (size_t k = 0; outputs && outputs->kind == JSON_OBJECT && k < outputs->n; k++)
            take_output(state, outputs->members[k].name, &outputs->members[k].value);
    }
    return true;
}
