/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session_hooks.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval.h"
#include "hcl/body.h"
#include "hcl/format.h"
#include "hcl/parse.h"
#include "state/backend.h"
#include "value/convert.h"

/* An object of the backend's schema from the one that was written; false: an unknown argument. */
static bool backend_config(struct arena *arena, const struct schema_block *schema,
                           struct value given, struct value *ret_config, struct diags *diags) {
    const struct type *type = schema_type(schema);
    bool object = given.kind == VALUE_OBJECT || given.kind == VALUE_MAP;
    struct value *values = arena_array(arena, type->n, sizeof *values);
    size_t used = 0;
    for (uint32_t i = 0; i < type->n; i++) {
        struct value v;
        struct convert_error error;
        values[i] = value_null(type->items[i]);
        if (!object || !value_get(given, intern_str(type->names[i]), &v))
            continue;
        used++;
        if (!convert_value(arena, value_unmark_deep(arena, v), type->items[i], &values[i], &error))
            values[i] = value_null(type->items[i]);
    }
    if (object && used < value_count(given)) {
        struct diag *diag = diags_error(diags, (struct span){0}, "Invalid backend configuration",
                                        "The given configuration has an argument that the backend "
                                        "does not have.");
        diag->path = S("config");
        return false;
    }
    *ret_config = value_object_of(arena, type, values);
    return true;
}

static bool remote_state(void *context, struct arena *arena, struct str backend,
                         struct value config, struct str workspace, bool *ret_found,
                         struct value *ret_outputs, struct diags *diags) {
    struct state *state = NULL;
    struct value complete;
    const struct schema_block *schema = backend_schema(arena, backend);
    if (!schema) {
        struct diag *diag =
            diags_error(diags, (struct span){0}, "Invalid backend configuration",
                        "There is no backend type named \"%.*s\".", STR_ARG(backend));
        diag->path = S("backend");
        return false;
    }
    if (!backend_config(arena, schema, config, &complete, diags))
        return false;
    if (!ret_outputs)
        return true;
    struct state_store *store = backend_open(arena, backend, complete, workspace, diags);
    if (!store)
        return false;
    store->encryption = context;
    bool read = store->ops->read(store, arena, &state, diags);
    store->ops->close(store);
    if (!read)
        return false;
    *ret_found = state != NULL;
    if (!state)
        return true;
    size_t n = state->outputs.n;
    const struct name **names = arena_array(arena, n, sizeof *names);
    struct value *values = arena_array(arena, n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        const struct state_output *o = state->outputs.entries[i].value;
        names[i] = intern_name(o->name);
        values[i] = o->value;
    }
    *ret_outputs = value_object(arena, names, values, n);
    return true;
}

/* "FILE:LINE,COL-COL: Summary; Detail" of the first error, behind what was tried. */
static bool tfvars_failed(struct arena *arena, const struct sources *sources,
                          const struct diags *diags, struct str what, struct str *ret_error) {
    const struct diag *first = &diags->at[0];
    struct str place = sources_range(arena, sources, first->subject);
    *ret_error = str_format(arena, "%.*s: %.*s: %.*s; %.*s", STR_ARG(what), STR_ARG(place),
                            STR_ARG(first->summary), STR_ARG(first->detail));
    return false;
}

static bool decode_tfvars(void *context, struct arena *arena, struct str source,
                          struct value *ret_value, struct str *ret_error) {
    (void)context;
    struct sources *sources = sources_new(arena);
    struct diags *diags = diags_new(arena);
    uint32_t file = sources_add(sources, S("<decode_tfvars argument>"), source);
    struct body *body = parse_file(arena, sources, file, diags);
    if (diags_failed(diags))
        return tfvars_failed(arena, sources, diags, S("invalid tfvars syntax"), ret_error);
    struct body_content *content = body_attributes(arena, body, diags);
    struct scope scope = {.sources = sources, .pure = true, .constant_only = true};
    const struct name **names = arena_array(arena, content->n_attrs, sizeof *names);
    struct value *values = arena_array(arena, content->n_attrs, sizeof *values);
    if (diags_failed(diags))
        return tfvars_failed(arena, sources, diags, S("invalid tfvars content"), ret_error);
    for (size_t i = 0; i < content->n_attrs; i++) {
        struct str name = content->attrs[i]->name;
        names[i] = intern_name(name);
        values[i] = eval_expr(arena, &scope, content->attrs[i]->expr, diags);
        if (diags_failed(diags))
            return tfvars_failed(
                arena, sources, diags,
                str_format(arena, "invalid expression for variable \"%.*s\"", STR_ARG(name)),
                ret_error);
    }
    *ret_value = value_object(arena, names, values, content->n_attrs);
    return true;
}

const struct builtin_hooks *session_hooks_builtin(struct arena *arena, struct encryption *remote) {
    const struct builtin_hooks hooks = {
        .context = remote,
        .remote_state = remote_state,
        .decode_tfvars = decode_tfvars,
        .format = format_source,
    };
    return arena_copy(arena, &hooks, sizeof hooks);
}
