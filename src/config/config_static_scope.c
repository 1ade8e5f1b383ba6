/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What variables and locals mean before anything is planned, for module sources that are put
 * together from them (OpenTofu's early evaluation).
 */
#include "base/arena.h"
#include "config/config_int.h"
#include "config/variables.h"
#include "eval/eval.h"

/* Locals that use each other in a circle end here. */
#define MAX_DEPTH 50

struct static_scope {
    struct scope scope;
    struct config *config;
    const struct config_module *module;
    const struct map *inputs; /* of the root module */
    int depth;
};

static const struct scope_ops static_ops;

static struct value evaluate(const struct static_scope *from, const struct config_module *module,
                             struct arena *arena, const struct expr *expr, struct diags *diags) {
    struct static_scope inner = *from;
    inner.module = module;
    inner.depth++;
    inner.scope.context = &inner;
    return eval_expr(arena, &inner.scope, expr, diags);
}

/* The argument that the caller gives a child's variable, or NULL. */
static const struct expr *argument_of(struct arena *arena, const struct config_module *module,
                                      struct str name) {
    struct diags ignored = {.arena = arena};
    struct body_content *content = body_attributes(arena, module->call->config, &ignored);
    const struct attribute *attr = body_attr(content, name);
    return attr == NULL ? NULL : attr->expr;
}

static bool get_variable(const struct static_scope *s, struct arena *arena, const struct ref *ref,
                         struct value *ret_value, struct diags *diags) {
    const struct config_variable *v = map_get(&s->module->variables, ref->name);
    if (v == NULL) {
        (void)diags_error(diags, ref->span, "Undefined variable", "Undefined variable var.%.*s",
                          STR_ARG(ref->name));
        return false;
    }
    if (s->module->parent == NULL) {
        return variables_final(arena, s->config, v, map_get(s->inputs, ref->name), ret_value,
                               diags);
    }
    const struct expr *expr = argument_of(arena, s->module, ref->name);
    if (expr != NULL) {
        size_t before = diags->n_errors;
        *ret_value = evaluate(s, s->module->parent, arena, expr, diags);
        return diags->n_errors == before;
    }
    *ret_value = v->has_default ? v->default_value : value_unknown(v->type);
    return true;
}

static bool static_get(const struct scope *scope, struct arena *arena, const struct ref *ref,
                       const struct value *key, struct value *ret_value, bool *ret_used_key,
                       struct diags *diags) {
    const struct static_scope *s = scope->context;
    (void)key;
    *ret_used_key = false;
    if (s->depth > MAX_DEPTH) {
        (void)diags_error(diags, ref->span, "Circular reference",
                          "This value refers to itself through other values.");
        return false;
    }
    if (ref->kind == REF_VARIABLE)
        return get_variable(s, arena, ref, ret_value, diags);
    const struct config_local *local =
        ref->kind == REF_LOCAL ? map_get(&s->module->locals, ref->name) : NULL;
    if (local == NULL) {
        (void)diags_error(diags, ref->span, "Module source contains a reference",
                          "Only input variables and local values can be used in a module source.");
        return false;
    }
    size_t before = diags->n_errors;
    *ret_value = evaluate(s, s->module, arena, local->expr, diags);
    return diags->n_errors == before;
}

static const struct scope_ops static_ops = {.get = static_get};

bool config_static_scope_text(struct config *config, const struct config_module *module,
                              const struct map *inputs, const struct expr *expr,
                              struct str *ret_text, struct diags *diags) {
    struct static_scope s = {.config = config, .module = module, .inputs = inputs};
    size_t before = diags->n_errors;
    s.scope = (struct scope){.ops = &static_ops, .context = &s, .sources = config->sources};
    struct value v = value_unmark(eval_expr(config->arena, &s.scope, expr, diags));
    if (diags->n_errors > before)
        return false;
    if (v.kind != VALUE_STRING) {
        (void)diags_error(diags, expr_span(expr), "Invalid module source",
                          "The module source must be a string that is known before planning.");
        return false;
    }
    *ret_text = value_str(v);
    return true;
}
