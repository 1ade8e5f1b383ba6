/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session_hooks.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval.h"
#include "hcl/body.h"
#include "hcl/format.h"
#include "hcl/parse.h"
#include "state/state_store.h"

/* The attribute "path" of a local backend's configuration, or the default. */
static struct str local_path(struct arena *arena, struct value config, struct str workspace) {
    struct value path, dir;
    bool object = !value_is_null(config) && value_is_known(config);
    if (!str_eq(workspace, S("default")) && workspace.len) {
        struct str base = S("terraform.tfstate.d");
        if (object && value_get(config, S("workspace_dir"), &dir) && dir.kind == VALUE_STRING)
            base = value_str(dir);
        return str_format(arena, "%.*s/%.*s/terraform.tfstate", STR_ARG(base), STR_ARG(workspace));
    }
    if (object && value_get(config, S("path"), &path) && path.kind == VALUE_STRING)
        return value_str(path);
    return S("terraform.tfstate");
}

static bool remote_state(void *context, struct arena *arena, struct str backend,
                         struct value config, struct str workspace, bool *ret_found,
                         struct value *ret_outputs, struct diags *diags) {
    (void)context;
    struct state *state = NULL;
    if (!str_eq(backend, S("local"))) {
        struct diag *diag =
            diags_error(diags, (struct span){0}, "Invalid backend configuration",
                        "There is no backend type named \"%.*s\".", STR_ARG(backend));
        diag->path = S("backend");
        return false;
    }
    if (!ret_outputs)
        return true;
    struct state_store *store =
        state_store_local(arena, local_path(arena, config, workspace), S("-"));
    if (!store->ops->read(store, arena, &state, diags))
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
        values[i] = value_mark(o->value, o->sensitive ? VALUE_SENSITIVE : 0);
    }
    *ret_outputs = value_object(arena, names, values, n);
    return true;
}

static bool decode_tfvars(void *context, struct arena *arena, struct str source,
                          struct value *ret_value, struct str *ret_error) {
    (void)context;
    struct sources *sources = sources_new(arena);
    struct diags *diags = diags_new(arena);
    uint32_t file = sources_add(sources, S("<decode_tfvars argument>"), source);
    struct body *body = parse_file(arena, sources, file, diags);
    struct body_content *content = body_attributes(arena, body, diags);
    struct scope scope = {.sources = sources, .pure = true, .constant_only = true};
    const struct name **names = arena_array(arena, content->n_attrs, sizeof *names);
    struct value *values = arena_array(arena, content->n_attrs, sizeof *values);
    for (size_t i = 0; i < content->n_attrs; i++) {
        names[i] = intern_name(content->attrs[i]->name);
        values[i] = eval_expr(arena, &scope, content->attrs[i]->expr, diags);
    }
    if (diags_failed(diags)) {
        *ret_error = str_cat(arena, S("invalid tfvars syntax: "), diags->at[0].detail);
        return false;
    }
    *ret_value = value_object(arena, names, values, content->n_attrs);
    return true;
}

const struct builtin_hooks *session_hooks_builtin(void) {
    static const struct builtin_hooks hooks = {
        .remote_state = remote_state,
        .decode_tfvars = decode_tfvars,
        .format = format_source,
    };
    return &hooks;
}
