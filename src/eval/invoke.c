/* SPDX-License-Identifier: Apache-2.0 */
/* Calls in expressions: finding the function, its arguments, and errors with their places. */
#include "eval/eval_int.h"
#include "eval/func.h"
#include "eval/func_int.h"
#include "eval/quote.h"
#include "provider/provider.h"

struct invocation {
    const struct eval_env *env;
    const struct expr *expr;
    const struct func *func;
    struct value *args;
    const struct expr **exprs; /* of each argument; an expanded one is there many times */
    size_t n;
    size_t written; /* how many stand there one by one; the rest is expanded */
};

static struct value dynamic(void) {
    return value_unknown(type_dynamic);
}

/* The first token of an expression, as HCL's StartRange. */
static struct span start_span(const struct expr *expr, bool part) {
    struct span span = expr_span(expr);
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL:
        if (!part && expr->literal.kind == VALUE_STRING && !expr->heredoc && !expr->json &&
            span.end >= span.start + 2) {
            span.start++;
            span.end--;
        }
        return span;
    case EXPR_TEMPLATE:
        return expr->list.n ? start_span(expr->list.at[0], true) : span;
    case EXPR_TRAVERSAL:
        return expr->traversal.root_span;
    case EXPR_RELATIVE:
        return start_span(expr->relative.source, false);
    case EXPR_CALL:
        return span_join(expr->call.name_span, expr->call.open_paren);
    case EXPR_INDEX:
    case EXPR_SPLAT:
    case EXPR_BINARY:
    case EXPR_CONDITIONAL:
    case EXPR_PARENS:
        return start_span(expr->operand[0], false);
    case EXPR_TUPLE:
    case EXPR_OBJECT:
    case EXPR_UNARY:
        span.end = span.start + 1;
        return span;
    case EXPR_FOR:
        return expr->loop->open_span.file ? expr->loop->open_span : span;
    default:
        return span;
    }
}

static struct str type_json(struct arena *arena, const struct type *type) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    type_write_json(&out, type);
    return buf_take(&out, arena);
}

static struct diag_param param_info(struct arena *arena, const struct func_param *param) {
    return (struct diag_param){str_from(param->name), type_json(arena, func_param_type(param))};
}

/* For "while calling f(a, b...)". */
static void attach_call(const struct invocation *inv, struct diag *diag) {
    struct arena *arena = inv->env->diags->arena;
    const struct func *func = inv->func;
    if (inv->env->quiet || !func)
        return;
    struct diag_call *call = arena_alloc(arena, sizeof *call);
    struct diag_param *params = arena_array(arena, func->n_params + 1, sizeof *params);
    for (size_t i = 0; i < func->n_params; i++)
        params[i] = param_info(arena, &func->params[i]);
    if (func->variadic)
        params[func->n_params] = param_info(arena, func->variadic);
    call->called_as = call->name = str_from(func->name);
    call->params = params;
    call->n_params = func->n_params + (func->variadic ? 1 : 0);
    call->variadic = func->variadic;
    call->return_type_json = type_json(arena, func_signature_type(func));
    diag->call = call;
}

static struct value unknown_function(const struct eval_env *env, const struct expr *expr) {
    struct str name = expr->call.name;
    struct span at = expr->call.name_span, all = expr_span(expr);
    ptrdiff_t colons = str_find(name, S("::"));
    if (colons >= 0 && !str_starts(name, S("provider::"))) {
        eval_fail(env, at, all, expr, "Unknown provider function",
                  "The function namespace %s is not valid. Provider function calls must use the "
                  "\"provider::\" namespace prefix.",
                  quote_text(env->arena, str_slice(name, 0, (size_t)colons)));
        return dynamic();
    }
    struct str near = func_nearest(env->arena, name, env->scope);
    eval_fail(env, at, all, expr, "Call to unknown function",
              "There is no function named %s.%s%s%s", quote_text(env->arena, name),
              near.len ? " Did you mean " : "", near.len ? quote_text(env->arena, near) : "",
              near.len ? "?" : "");
    return dynamic();
}

static bool bad_expansion(const struct invocation *inv, const struct expr *arg,
                          const char *detail) {
    attach_call(inv, eval_fail(inv->env, expr_span(arg), expr_span(inv->expr), arg,
                               "Invalid expanding argument value", "%s", detail));
    return false;
}

/* `f(list...)`: the elements become arguments; *ret_unknown: how many cannot be told. */
static bool expand_last(struct invocation *inv, struct value list, const struct expr *arg,
                        bool *ret_unknown) {
    const struct type *type = value_type(list);
    bool sequence = type->kind == TYPE_TUPLE || type->kind == TYPE_LIST || type->kind == TYPE_SET;
    if (!sequence && type != type_dynamic)
        return bad_expansion(inv, arg,
                             "The expanding argument (indicated by ...) must be of a tuple, list, "
                             "or set type.");
    if (value_is_null(list))
        return bad_expansion(inv, arg,
                             "The expanding argument (indicated by ...) must not be null.");
    if (!value_is_known(list)) {
        *ret_unknown = true;
        return true;
    }
    size_t n = value_count(list), total = inv->written + n;
    inv->args = arena_array(inv->env->arena, total, sizeof *inv->args);
    inv->exprs = arena_array(inv->env->arena, total, sizeof(*inv->exprs));
    for (size_t i = 0; i < n; i++) {
        inv->args[inv->written + i] = value_mark(value_at(list, i), value_marks(list));
        inv->exprs[inv->written + i] = arg;
    }
    inv->n = total;
    return true;
}

/* Makes room for the arguments, an expanded list evaluated. false: an error was added. */
static bool count_args(struct invocation *inv, bool *ret_unknown) {
    const struct call *call = &inv->expr->call;
    size_t errors = inv->env->diags->n_errors, n = call->args.n;
    inv->written = call->expand && n ? n - 1 : n;
    *ret_unknown = false;
    if (inv->written < n) {
        struct value list = eval_any(inv->env, call->args.at[n - 1]);
        if (inv->env->diags->n_errors > errors ||
            !expand_last(inv, list, call->args.at[n - 1], ret_unknown))
            return false;
    } else {
        inv->n = n;
        inv->args = arena_array(inv->env->arena, n, sizeof *inv->args);
        inv->exprs = arena_array(inv->env->arena, n, sizeof(*inv->exprs));
    }
    for (size_t i = 0; inv->exprs && i < inv->written; i++)
        inv->exprs[i] = call->args.at[i];
    return true;
}

/* Too few or too many; n arguments are given. */
static bool check_arity(const struct invocation *inv, size_t n) {
    const struct func *func = inv->func;
    const struct expr *expr = inv->expr;
    if (n < func->n_params) {
        attach_call(inv, eval_fail(inv->env, expr->call.close_paren, expr_span(expr), expr,
                                   "Not enough function arguments",
                                   "Function %s expects%s %zu argument(s). Missing value for %s.",
                                   quote_text(inv->env->arena, str_from(func->name)),
                                   func->variadic ? " at least" : "", func->n_params,
                                   quote_text(inv->env->arena, str_from(func->params[n].name))));
        return false;
    }
    if (n > func->n_params && !func->variadic) {
        const struct expr *extra =
            inv->exprs ? inv->exprs[func->n_params] : expr->call.args.at[func->n_params];
        attach_call(inv,
                    eval_fail(inv->env, start_span(extra, false), expr_span(expr), expr,
                              "Too many function arguments",
                              "Function %s expects only %zu argument(s).",
                              quote_text(inv->env->arena, str_from(func->name)), func->n_params));
        return false;
    }
    return true;
}

static struct value report(const struct invocation *inv, struct str error, size_t arg) {
    const struct expr *expr = inv->expr;
    if (arg == FUNC_NO_ARG || arg >= inv->n)
        attach_call(inv, eval_fail(inv->env, start_span(expr, false), expr_span(expr), expr,
                                   "Error in function call", "Call to function %s failed: %.*s.",
                                   quote_text(inv->env->arena, expr->call.name), STR_ARG(error)));
    else
        attach_call(
            inv, eval_fail(inv->env, start_span(inv->exprs[arg], false), expr_span(expr),
                           inv->exprs[arg], "Invalid function argument",
                           "Invalid value for %s parameter: %.*s.",
                           quote_text(inv->env->arena, str_from(func_param(inv->func, arg)->name)),
                           STR_ARG(error)));
    return dynamic();
}

/* Evaluates and converts; every argument that fails is reported. */
static bool evaluate_args(struct invocation *inv) {
    size_t errors = inv->env->diags->n_errors;
    for (size_t i = 0; i < inv->n; i++) {
        const struct type *type =
            inv->func ? func_param_type(func_param(inv->func, i)) : type_dynamic;
        struct convert_error why;
        if (i < inv->written)
            inv->args[i] = eval_any(inv->env, inv->exprs[i]);
        if (!convert_value(inv->env->arena, inv->args[i], type, &inv->args[i], &why))
            report(inv, why.text, i);
    }
    return inv->env->diags->n_errors == errors;
}

static struct value call_plain(struct invocation *inv) {
    struct func_call failure;
    struct value result;
    bool unknown;
    if (!count_args(inv, &unknown) || unknown)
        return dynamic();
    if (!check_arity(inv, inv->n) || !evaluate_args(inv))
        return dynamic();
    if (func_call(inv->env->arena, inv->env->scope, inv->func, inv->args, inv->n, &failure,
                  &result))
        return result;
    return report(inv, failure.error, failure.error_arg);
}

/* try() and can(). */

/* An argument evaluated so that its errors stay apart; false: something undeclared is in it. */
static bool attempt(const struct eval_env *env, const struct expr *arg, struct diags *errors,
                    struct value *ret_value) {
    bool hard = false;
    struct eval_env inner = *env;
    inner.diags = errors;
    inner.quiet = true;
    inner.hard_failure = &hard;
    *ret_value = eval_any(&inner, arg);
    if (!hard)
        return true;
    if (env->hard_failure)
        *env->hard_failure = true;
    diags_append(env->diags, errors);
    return false;
}

static struct str attempt_errors(const struct eval_env *env, const struct diags *errors) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add(&out, S("no expression succeeded:\n"));
    for (size_t i = 0; i < errors->n; i++) {
        const struct diag *d = &errors->at[i];
        buf_addf(&out, "- %.*s", STR_ARG(d->summary));
        if (d->subject.file && env->scope && env->scope->sources)
            buf_addf(&out, " (at %.*s)",
                     STR_ARG(sources_range(env->arena, env->scope->sources, d->subject)));
        buf_addf(&out, "\n  %.*s\n", STR_ARG(d->detail));
    }
    buf_add(&out, S("\nAt least one expression must produce a successful result"));
    return buf_take(&out, env->arena);
}

/* Argument i of try() or can(): one out of an expanded list is a value already. */
static bool attempt_arg(const struct invocation *inv, size_t i, struct diags *errors,
                        struct value *ret_value) {
    if (i < inv->written)
        return attempt(inv->env, inv->exprs[i], errors, ret_value);
    *ret_value = inv->args[i];
    return true;
}

/* What went wrong is dead once an attempt succeeds, so it lies in `scratch`. */
static struct value try_each(struct invocation *inv, struct arena *scratch) {
    struct diags all = {.arena = scratch};
    for (size_t i = 0; i < inv->n; i++) {
        struct diags errors = {.arena = scratch};
        struct value v;
        if (!attempt_arg(inv, i, &errors, &v))
            return dynamic();
        if (!diags_failed(&errors))
            return value_is_wholly_known(v) ? v : value_mark(dynamic(), value_marks_inside(v));
        diags_append(&all, &errors);
    }
    return report(inv, attempt_errors(inv->env, &all), FUNC_NO_ARG);
}

static struct value call_try(struct invocation *inv) {
    bool unknown;
    if (!count_args(inv, &unknown) || unknown)
        return dynamic();
    if (inv->n == 0)
        return report(inv, S("at least one argument is required"), FUNC_NO_ARG);
    struct arena *scratch = arena_new();
    struct value v = try_each(inv, scratch);
    arena_free(scratch);
    return v;
}

static struct value call_can(struct invocation *inv) {
    bool unknown;
    if (!count_args(inv, &unknown) || unknown)
        return dynamic();
    if (!check_arity(inv, inv->n))
        return value_unknown(type_bool);
    struct arena *scratch = arena_new();
    struct diags errors = {.arena = scratch};
    struct value v, result = dynamic();
    if (attempt_arg(inv, 0, &errors, &v)) {
        bool known = diags_failed(&errors) || value_is_wholly_known(v);
        result = known ? value_bool(!diags_failed(&errors)) : value_unknown(type_bool);
    }
    arena_free(scratch);
    return result;
}

/* templatestring() */

#define NO_TEMPLATE "invalid template expression: "

/* Why an expression is no template kept elsewhere, or empty. */
static struct str template_refusal(const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_TRAVERSAL:
    case EXPR_INDEX:
    case EXPR_RELATIVE:
    case EXPR_SPLAT:
        return S("");
    case EXPR_WRAP:
        return S(NO_TEMPLATE
                 "templatestring is only for rendering templates retrieved dynamically "
                 "from elsewhere; to treat the inner expression as template syntax, write the "
                 "reference expression directly without any template interpolation syntax");
    case EXPR_LITERAL:
        if (expr->literal.kind != VALUE_STRING)
            break;
        __attribute__((fallthrough));
    case EXPR_TEMPLATE:
        return S(NO_TEMPLATE
                 "templatestring is only for rendering templates retrieved dynamically "
                 "from elsewhere, and so does not support providing a literal template; consider "
                 "using a template string expression instead");
    default:
        break;
    }
    return S(NO_TEMPLATE "must be a direct reference to a single string from elsewhere, containing "
                         "valid Terraform template syntax");
}

static struct value call_templatestring(struct invocation *inv) {
    const struct expr_list args = inv->expr->call.args;
    if (!check_arity(inv, args.n))
        return dynamic();
    inv->exprs = arena_array(inv->env->arena, args.n, sizeof(*inv->exprs));
    for (inv->n = 0; inv->n < args.n; inv->n++)
        inv->exprs[inv->n] = args.at[inv->n];
    struct str refusal = template_refusal(args.at[0]);
    if (inv->env->scope && inv->env->scope->in_template)
        return report(inv,
                      S("cannot recursively call templatestring from inside another template "
                        "function"),
                      FUNC_NO_ARG);
    return refusal.len ? report(inv, refusal, 0) : call_plain(inv);
}

static bool run_remote(struct func_call *call, struct value *ret_value) {
    const struct func_remote *remote = call->func->remote;
    struct diags diags = {.arena = call->arena};
    if (call->scope->ops->call(call->scope, call->arena, remote->provider, remote->function,
                               call->args, call->n, remote->span, ret_value, &diags))
        return true;
    return func_fail(call, "%.*s",
                     STR_ARG(diags.n ? diags.at[0].detail : S("the provider gave no reason")));
}

/* The row of a provider's function, as if it stood in a table. */
static const struct func *remote_func(struct arena *arena, struct str name,
                                      const struct provider_function *signature,
                                      const struct func_remote *remote) {
    struct func_param *params = arena_array(arena, signature->n_params + 1, sizeof *params);
    struct func *func = arena_alloc(arena, sizeof *func);
    for (size_t i = 0; i < signature->n_params; i++)
        params[i] = (struct func_param){.name = str_c(arena, signature->param_names[i]),
                                        .type = &signature->param_types[i]};
    params[signature->n_params] = (struct func_param){.name = "args", .type = &signature->variadic};
    *func = (struct func){
        .name = str_c(arena, name),
        .params = params,
        .n_params = signature->n_params,
        .variadic = signature->variadic ? &params[signature->n_params] : NULL,
        .result = &signature->result,
        .run = run_remote,
        .maybe_null = true,
        .remote = arena_copy(arena, remote, sizeof *remote),
    };
    return func;
}

static struct value call_provider(const struct eval_env *env, const struct expr *expr) {
    struct str prefix = S("provider::");
    struct str rest = str_slice(expr->call.name, prefix.len, expr->call.name.len);
    ptrdiff_t colons = str_find(rest, S("::"));
    struct invocation inv = {.env = env, .expr = expr};
    if (colons <= 0) {
        eval_fail(env, expr->call.name_span, expr_span(expr), expr, "Unknown provider function",
                  "The function call must include the provider name after the \"provider::\" "
                  "prefix.");
        return dynamic();
    }
    if (!env->scope || !env->scope->ops || !env->scope->ops->call || !env->scope->ops->signature)
        return unknown_function(env, expr);
    struct func_remote remote = {str_slice(rest, 0, (size_t)colons),
                                 str_slice(rest, (size_t)colons + 2, rest.len), expr_span(expr)};
    const struct provider_function *signature = env->scope->ops->signature(
        env->scope, env->arena, remote.provider, remote.function, expr->call.name_span, env->diags);
    if (!signature)
        return dynamic();
    inv.func = remote_func(env->arena, expr->call.name, signature, &remote);
    return call_plain(&inv);
}

struct value invoke_eval(const struct eval_env *env, const struct expr *expr) {
    struct invocation inv = {.env = env, .expr = expr};
    if (!env->scope || env->scope->constant_only) {
        eval_fail(env, expr_span(expr), (struct span){0}, NULL, "Function calls not allowed",
                  "Functions may not be called here.");
        return dynamic();
    }
    if (str_starts(expr->call.name, S("provider::")))
        return call_provider(env, expr);
    inv.func = func_find(expr->call.name, env->scope);
    if (!inv.func)
        return unknown_function(env, expr);
    switch (inv.func->special) {
    case FUNC_TRY:
        return call_try(&inv);
    case FUNC_CAN:
        return call_can(&inv);
    case FUNC_TEMPLATESTRING:
        return call_templatestring(&inv);
    case FUNC_PLAIN:
        break;
    }
    return call_plain(&inv);
}
