/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What variables and locals mean before anything is planned, for module sources that are put
 * together from them (OpenTofu's early evaluation).
 */
#include "base/arena.h"
#include "base/fs.h"
#include "config/config_int.h"
#include "config/variables.h"
#include "eval/eval.h"
#include "eval/refs.h"

struct static_scope {
    struct scope scope;
    struct config *config;
    const struct config_module *module;
    const struct map *inputs; /* of the root module */
    struct str subject;       /* what is computed, for messages */
    const struct expr *expr;
    const struct static_scope *outer; /* what needs it, or NULL */
};

static const struct scope_ops static_ops;

static bool is_computed(const struct static_scope *s, const struct expr *expr) {
    while (s != NULL && s->expr != expr)
        s = s->outer;
    return s != NULL;
}

static bool evaluate(const struct static_scope *from, const struct config_module *module,
                     struct str subject, struct arena *arena, const struct expr *expr,
                     struct value *ret_value, struct diags *diags) {
    if (is_computed(from, expr)) {
        (void)diags_error(diags, expr_span(expr), "Circular reference", "%.*s is self referential",
                          STR_ARG(subject));
        return false;
    }
    struct static_scope inner = *from;
    inner.module = module;
    inner.subject = subject;
    inner.expr = expr;
    inner.outer = from;
    inner.scope.context = &inner;
    size_t before = diags->n_errors;
    *ret_value = eval_expr(arena, &inner.scope, expr, diags);
    return diags->n_errors == before;
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
    if (expr != NULL)
        return evaluate(s, s->module->parent, refs_text(arena, ref), arena, expr, ret_value, diags);
    *ret_value = v->has_default ? v->default_value : value_unknown(v->type);
    return true;
}

static bool get_local(const struct static_scope *s, struct arena *arena, const struct ref *ref,
                      struct value *ret_value, struct diags *diags) {
    const struct config_local *local = map_get(&s->module->locals, ref->name);
    if (local == NULL) {
        (void)diags_error(diags, ref->span, "Undefined local", "Undefined local local.%.*s",
                          STR_ARG(ref->name));
        return false;
    }
    struct str name = str_format(arena, "local.%.*s", STR_ARG(ref->name));
    if (evaluate(s, s->module, name, arena, local->expr, ret_value, diags))
        return true;
    if (!is_computed(s, local->expr))
        (void)diags_error(diags, ref->span, "Unable to compute static value",
                          "%.*s depends on %.*s which is not available", STR_ARG(s->subject),
                          STR_ARG(name));
    return false;
}

static bool refuse_dynamic(const struct static_scope *s, struct arena *arena, const struct ref *ref,
                           struct diags *diags) {
    struct str text = refs_text(arena, ref);
    if (ref->kind == REF_MODULE && ref->n_rest > 0 && ref->rest[0].kind == STEP_ATTR)
        text = str_format(arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(ref->rest[0].name));
    (void)diags_error(diags, ref->span,
                      ref->kind == REF_MODULE ? "Module output not supported in static context"
                                              : "Dynamic value in static context",
                      "Unable to use %.*s in static context, which is required by %.*s",
                      STR_ARG(text), STR_ARG(s->subject));
    return false;
}

static bool static_get(const struct scope *scope, struct arena *arena, const struct ref *ref,
                       const struct value *key, struct value *ret_value, bool *ret_used_key,
                       struct diags *diags) {
    const struct static_scope *s = scope->context;
    (void)key;
    *ret_used_key = false;
    if (ref->kind == REF_VARIABLE)
        return get_variable(s, arena, ref, ret_value, diags);
    if (ref->kind == REF_LOCAL)
        return get_local(s, arena, ref, ret_value, diags);
    bool here = str_eq(ref->name, S("module"));
    if (ref->kind == REF_PATH && (here || str_eq(ref->name, S("root")))) {
        const struct config_module *module = here ? s->module : s->config->root;
        *ret_value = value_string(arena, fs_clean(arena, module->dir));
        return true;
    }
    return refuse_dynamic(s, arena, ref, diags);
}

static const struct scope_ops static_ops = {.get = static_get};

bool config_static_scope_text(struct config *config, const struct config_module *module,
                              const struct map *inputs, const struct config_call *call,
                              struct str *ret_text, struct diags *diags) {
    const struct expr *expr = call->source_expr;
    struct static_scope s = {
        .config = config,
        .module = module,
        .inputs = inputs,
        .subject = str_format(config->arena, "module.%.*s.source", STR_ARG(call->name)),
        .expr = expr};
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
