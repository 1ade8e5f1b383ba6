/* SPDX-License-Identifier: Apache-2.0 */
/* The references inside a failing expression, and what they stand for. */
#include <stdlib.h>

#include "base/buf.h"
#include "eval/eval_int.h"
#include "eval/quote.h"

static struct str counted(struct arena *arena, struct str what, size_t n) {
    if (n == 0)
        return str_format(arena, "empty %.*s", STR_ARG(what));
    return str_format(arena, "%.*s with %zu element%s", STR_ARG(what), n, n == 1 ? "" : "s");
}

static struct str compact_object(struct arena *arena, const struct type *type) {
    if (type->n == 0)
        return S("object with no attributes");
    if (type->n == 1)
        return str_format(arena, "object with 1 attribute %s",
                          quote_text(arena, intern_str(type->names[0])));
    return str_format(arena, "object with %u attributes", type->n);
}

static struct str compact_number(struct arena *arena, struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    value_write_number(&out, v);
    if (out.len <= 10)
        return buf_take(&out, arena);
    buf_clear(&out);
    return str_format(arena, "%.10g", value_to_double(v));
}

static struct str compact(struct arena *arena, struct value v) {
    const struct type *type = value_type(v);
    if (value_marks(v) & VALUE_SENSITIVE)
        return S("(sensitive value)");
    if (value_marks(v) & VALUE_EPHEMERAL)
        return S("(ephemeral value)");
    if (value_is_null(v))
        return S("null");
    if (!value_is_known(v))
        return S("(not yet known)");
    switch (type->kind) {
    case TYPE_BOOL:
        return v.boolean ? S("true") : S("false");
    case TYPE_NUMBER:
        return compact_number(arena, v);
    case TYPE_STRING:
        return str_from(quote_text(arena, value_str(v)));
    case TYPE_OBJECT:
        return compact_object(arena, type);
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_MAP:
    case TYPE_TUPLE:
        return counted(arena, type_friendly(arena, type), value_count(v));
    default:
        return type_friendly(arena, type);
    }
}

struct str explain_value(struct arena *arena, struct value v, unsigned causes) {
    if (value_marks(v) & VALUE_SENSITIVE)
        return causes & EVAL_CAUSE_SENSITIVE ? S("has a sensitive value") : S("");
    if (value_marks(v) & VALUE_EPHEMERAL)
        return causes & EVAL_CAUSE_EPHEMERAL ? S("has an ephemeral value") : S("");
    if (value_is_known(v))
        return str_cat(arena, S("is "), compact(arena, v));
    const struct type *type = value_type(v);
    bool unknown = causes & EVAL_CAUSE_UNKNOWN;
    if (type == type_dynamic)
        return unknown ? S("will be known only after apply") : S("");
    return str_format(arena, "is a %.*s%s", STR_ARG(type_friendly(arena, type)),
                      unknown ? ", known only after apply" : "");
}

static struct str traversal_text(struct arena *arena, const struct traversal *t, uint32_t n) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add(&out, t->root);
    for (uint32_t i = 0; i < n; i++) {
        const struct step *step = &t->steps[i];
        if (step->kind == STEP_ATTR) {
            buf_byte(&out, '.');
            buf_add(&out, step->name);
        } else {
            buf_byte(&out, '[');
            buf_add(&out, compact(arena, step->index));
            buf_byte(&out, ']');
        }
    }
    return buf_take(&out, arena);
}

struct explain {
    struct eval_env env;
    unsigned causes;
    struct diag_value *at;
    size_t n, cap;
};

static bool traversal_value(const struct explain *x, const struct expr *expr, uint32_t n,
                            struct value *ret_value) {
    struct expr shorter = {.kind = expr->kind,
                           .json = expr->json,
                           .start = expr->start,
                           .end = expr->end,
                           .file = expr->file,
                           .traversal = expr->traversal};
    size_t errors = x->env.diags->n_errors;
    shorter.traversal.n = n;
    *ret_value = eval_any(&x->env, &shorter);
    return x->env.diags->n_errors == errors;
}

static void explain_traversal(struct explain *x, const struct expr *expr) {
    struct arena *arena = x->env.arena;
    for (uint32_t n = expr->traversal.n; n > 0; n--) {
        struct value v;
        if (!traversal_value(x, expr, n, &v))
            continue;
        struct diag_value said = {traversal_text(arena, &expr->traversal, n),
                                  explain_value(arena, v, x->causes)};
        for (size_t i = 0; i < x->n; i++)
            if (str_eq(x->at[i].traversal, said.traversal))
                return;
        if (said.statement.len == 0)
            return;
        x->at = arena_grow(arena, x->at, x->n, &x->cap, sizeof *x->at);
        x->at[x->n++] = said;
        return;
    }
}

static void explain_expr(struct explain *x, const struct expr *expr);

static void explain_loop(struct explain *x, const struct loop *loop) {
    struct eval_binding key = {loop->key_name, value_unknown(type_dynamic), x->env.bindings};
    struct eval_binding value = {loop->value_name, value_unknown(type_dynamic), &key};
    const struct eval_binding *outer = x->env.bindings;
    explain_expr(x, loop->collection);
    x->env.bindings = &value;
    explain_expr(x, loop->key);
    explain_expr(x, loop->value);
    explain_expr(x, loop->condition);
    x->env.bindings = outer;
}

static void explain_children(struct explain *x, const struct expr *expr) {
    struct expr_list list = expr->kind == EXPR_CALL ? expr->call.args : expr->list;
    switch ((enum expr_kind)expr->kind) {
    case EXPR_RELATIVE:
        explain_expr(x, expr->relative.source);
        break;
    case EXPR_CALL:
    case EXPR_TEMPLATE:
    case EXPR_TUPLE:
        for (uint32_t i = 0; i < list.n; i++)
            explain_expr(x, list.at[i]);
        break;
    case EXPR_OBJECT:
        for (uint32_t i = 0; i < expr->items.n; i++) {
            if (!expr->items.at[i].bare_key)
                explain_expr(x, expr->items.at[i].key);
            explain_expr(x, expr->items.at[i].value);
        }
        break;
    case EXPR_CONDITIONAL:
        explain_expr(x, expr->operand[2]);
        __attribute__((fallthrough));
    case EXPR_INDEX:
    case EXPR_SPLAT:
    case EXPR_BINARY:
        explain_expr(x, expr->operand[1]);
        __attribute__((fallthrough));
    case EXPR_WRAP:
    case EXPR_UNARY:
    case EXPR_PARENS:
    case EXPR_JOIN:
        explain_expr(x, expr->operand[0]);
        break;
    default:
        break;
    }
}

static void explain_expr(struct explain *x, const struct expr *expr) {
    if (!expr || x->n >= 100 || x->env.depth > 1000)
        return;
    x->env.depth++;
    if (expr->kind == EXPR_TRAVERSAL)
        explain_traversal(x, expr);
    else if (expr->kind == EXPR_FOR)
        explain_loop(x, expr->loop);
    else
        explain_children(x, expr);
    x->env.depth--;
}

static int by_traversal(const void *a, const void *b) {
    const struct diag_value *x = a, *y = b;
    return str_cmp(x->traversal, y->traversal);
}

void explain_diag(const struct eval_env *env, const struct expr *expr, unsigned causes,
                  struct diag *diag) {
    struct explain x = {.env = *env, .causes = causes};
    x.env.diags = diags_new(env->arena);
    x.env.quiet = true;
    x.env.hard_failure = NULL;
    x.env.depth = 0;
    explain_expr(&x, expr);
    if (x.n)
        qsort(x.at, x.n, sizeof *x.at, by_traversal);
    diag->values = x.at;
    diag->n_values = x.n;
}
