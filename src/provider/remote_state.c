/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/builtin_int.h"

#include "base/arena.h"
#include "value/convert.h"

static bool add_error(struct arena *arena, struct diags *diags, struct str attr,
                      const char *summary, struct str detail) {
    struct diag *diag = diags_error(diags, (struct span){0}, summary, "%.*s", STR_ARG(detail));
    diag->path = str_format(arena, ".%.*s", STR_ARG(attr));
    return false;
}

static bool is_object_like(struct value v) {
    enum type_kind kind = value_type(v)->kind;
    return value_is_null(v) || kind == TYPE_OBJECT || kind == TYPE_MAP || kind == TYPE_DYNAMIC;
}

/* What is wrong with a local backend's configuration; empty: nothing. */
static struct str local_problem(struct arena *arena, struct value config) {
    if (value_is_null(config))
        return S("");
    if (config.kind != VALUE_OBJECT && config.kind != VALUE_MAP)
        return S("an object is required");
    for (size_t i = 0; i < value_count(config); i++) {
        struct str name = value_key(config, i);
        if (!str_eq(name, S("path")) && !str_eq(name, S("workspace_dir")))
            return str_format(arena, "unexpected attribute \"%.*s\"", STR_ARG(name));
    }
    for (size_t i = 0; i < value_count(config); i++) {
        struct value converted;
        struct convert_error error = {0};
        if (!convert_value(arena, value_at(config, i), type_string, &converted, &error))
            return str_format(arena, ".%.*s: %.*s", STR_ARG(value_key(config, i)),
                              STR_ARG(convert_error_text(arena, &error)));
    }
    return S("");
}

/* Everything that is wrong with a wholly known backend and config. */
static bool check_backend(const struct builtin_hooks *hooks, struct arena *arena,
                          struct value attrs, struct diags *diags) {
    struct str backend = value_str(value_attr(attrs, S("backend")));
    struct value config = value_attr(attrs, S("config"));
    if (str_eq(backend, S("local"))) {
        struct str problem = local_problem(arena, config);
        if (problem.len == 0)
            return true;
        return add_error(arena, diags, S("config"), "Invalid backend configuration",
                         str_format(arena,
                                    "The given configuration is not valid for backend "
                                    "\"local\": %.*s.",
                                    STR_ARG(problem)));
    }
    bool found = false;
    if (hooks->remote_state)
        return hooks->remote_state(hooks->context, arena, backend, config, S("default"), &found,
                                   NULL, diags);
    return add_error(
        arena, diags, S("backend"), "Invalid backend configuration",
        str_format(arena, "There is no backend type named \"%.*s\".", STR_ARG(backend)));
}

bool remote_state_validate(const struct builtin_hooks *hooks, struct arena *arena,
                           struct value config, struct diags *diags) {
    size_t before = diags->n_errors;
    struct value backend = value_attr(config, S("backend"));
    struct value settings = value_attr(config, S("config"));
    if (backend.kind == VALUE_STRING && value_is_wholly_known(settings))
        check_backend(hooks, arena, config, diags);
    else if (!is_object_like(settings))
        add_error(arena, diags, S("config"), "Invalid backend configuration",
                  S("The configuration must be an object value."));
    if (!is_object_like(value_attr(config, S("defaults"))))
        add_error(arena, diags, S("defaults"), "Invalid default values",
                  S("Defaults must be given in an object value."));
    return diags->n_errors == before;
}

/* Outputs of the state over the defaults. */
static struct value with_defaults(struct arena *arena, struct value defaults,
                                  struct value outputs) {
    size_t n_defaults = value_is_null(defaults) ? 0 : value_count(defaults);
    size_t n_outputs = value_count(outputs);
    const struct name **names = arena_array(arena, n_defaults + n_outputs, sizeof *names);
    struct value *values = arena_array(arena, n_defaults + n_outputs, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < n_defaults; i++) {
        struct value output;
        if (value_get(outputs, value_key(defaults, i), &output))
            continue;
        names[n] = intern_name(value_key(defaults, i));
        values[n++] = value_at(defaults, i);
    }
    for (size_t i = 0; i < n_outputs; i++) {
        names[n] = intern_name(value_key(outputs, i));
        values[n++] = value_at(outputs, i);
    }
    return value_object(arena, names, values, n);
}

bool remote_state_read(const struct builtin_hooks *hooks, struct arena *arena, struct value config,
                       struct value *ret_state, struct diags *diags) {
    if (!check_backend(hooks, arena, config, diags))
        return false;
    struct value workspace = value_attr(config, S("workspace"));
    struct str name = workspace.kind == VALUE_STRING ? value_str(workspace) : S("default");
    struct value outputs = value_object(arena, NULL, NULL, 0);
    bool found = false;
    if (hooks->remote_state &&
        !hooks->remote_state(hooks->context, arena, value_str(value_attr(config, S("backend"))),
                             value_attr(config, S("config")), name, &found, &outputs, diags))
        return false;
    if (!found)
        return add_error(arena, diags, S("workspace"), "Unable to find remote state",
                         S("No stored state was found for the given workspace in the given "
                           "backend."));
    const struct type *type = value_type(config);
    struct value *values = arena_array(arena, type->n, sizeof *values);
    for (uint32_t i = 0; i < type->n; i++) {
        values[i] = value_at(config, i);
        if (str_eq(intern_str(type->names[i]), S("outputs")))
            values[i] = with_defaults(arena, value_attr(config, S("defaults")), outputs);
    }
    *ret_state = value_object(arena, type->names, values, type->n);
    return true;
}
