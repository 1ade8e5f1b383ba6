/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: conversion of operands, then value/ops. */
#include "eval/eval_int.h"
#include "value/convert.h"
#include "value/ops.h"

static bool is_logical(int op) {
    return op == OP_OR || op == OP_AND;
}

/* NULL: operands of any type. */
static const struct type *operand_type(int op) {
    if (op == OP_EQUAL || op == OP_NOT_EQUAL)
        return NULL;
    return is_logical(op) || op == OP_NOT ? type_bool : type_number;
}

static const struct type *result_type(int op) {
    return op >= OP_ADD && op != OP_NOT ? type_number : type_bool;
}

static bool convert_operand(const struct eval_env *env, const struct expr *whole,
                            const struct expr *operand, const char *which, struct value *v) {
    const struct type *type = operand_type(whole->op);
    struct convert_error why;
    if (!type || convert_value(env->arena, *v, type, v, &why))
        return true;
    eval_fail(env, expr_span(operand), expr_span(whole), operand, "Invalid operand",
              "Unsuitable value for %s operand: %s.", which, eval_why(env, &why));
    return false;
}

static bool compute(struct arena *arena, int op, struct value a, struct value b,
                    struct value *ret_value) {
    switch ((enum expr_op)op) {
    case OP_OR:
        *ret_value = ops_or(arena, a, b);
        return true;
    case OP_AND:
        *ret_value = ops_and(arena, a, b);
        return true;
    case OP_EQUAL:
    case OP_NOT_EQUAL:
        *ret_value =
            value_mark(ops_equal(arena, a, b), value_marks_inside(a) | value_marks_inside(b));
        if (op == OP_NOT_EQUAL)
            *ret_value = ops_not(arena, *ret_value);
        return true;
    case OP_GREATER:
        *ret_value = ops_less(arena, b, a);
        return true;
    case OP_GREATER_EQUAL:
        *ret_value = ops_less_equal(arena, b, a);
        return true;
    case OP_LESS:
        *ret_value = ops_less(arena, a, b);
        return true;
    case OP_LESS_EQUAL:
        *ret_value = ops_less_equal(arena, a, b);
        return true;
    case OP_ADD:
        *ret_value = ops_add(arena, a, b);
        return true;
    case OP_SUBTRACT:
        *ret_value = ops_subtract(arena, a, b);
        return true;
    case OP_MULTIPLY:
        *ret_value = ops_multiply(arena, a, b);
        return true;
    case OP_DIVIDE:
        return ops_divide(arena, a, b, ret_value);
    case OP_MODULO:
        return ops_modulo(arena, a, b, ret_value);
    case OP_NOT:
        *ret_value = ops_not(arena, a);
        return true;
    case OP_NEGATE:
        *ret_value = ops_negate(arena, a);
        return true;
    }
    return false;
}

static struct value operation_failed(const struct eval_env *env, const struct expr *expr,
                                     const char *why) {
    eval_fail(env, expr_span(expr), (struct span){0}, expr, "Operation failed",
              "Error during operation: %s.", why);
    return value_unknown(result_type(expr->op));
}

static struct value operate(const struct eval_env *env, const struct expr *expr, struct value a,
                            struct value b) {
    struct value result;
    if (operand_type(expr->op) && (value_is_null(a) || value_is_null(b)))
        return operation_failed(env, expr, "argument must not be null");
    if (!compute(env->arena, expr->op, a, b, &result))
        return operation_failed(env, expr, "can't divide zero by zero or infinity by infinity");
    return result;
}

/* In this place alone null counts as false, so that `true && null` is decided. */
static bool is_known_bool(struct value v, bool wanted) {
    return v.kind == VALUE_BOOL ? v.boolean == wanted : value_is_null(v) && !wanted;
}

/* Which operand decides alone: 1 left, 2 right, 0 none. */
static int decisive(int op, struct value a, struct value b, bool left_failed) {
    bool strong = op == OP_OR; /* the value that decides */
    bool a_unknown = !value_is_known(a), b_unknown = !value_is_known(b);
    if (a_unknown && b_unknown)
        return left_failed ? 0 : 1;
    if (is_known_bool(a, strong))
        return 1;
    if (is_known_bool(b, strong))
        return 2;
    if (a_unknown && is_known_bool(b, !strong))
        return 1;
    if (b_unknown && is_known_bool(a, !strong))
        return 2;
    return 0;
}

static struct value decided(const struct eval_env *env, struct value v, unsigned marks) {
    if (value_is_known(v))
        return value_mark(value_bool(v.kind == VALUE_BOOL && v.boolean), marks);
    struct value_unknown what = {.type = type_bool, .not_null = true, .max_length = -1};
    return value_mark(value_unknown_refined(env->arena, &what), marks);
}

/* The errors of an operand that does not matter for the result are dropped. */
static struct value logical(const struct eval_env *env, const struct expr *expr) {
    struct diags left = {.arena = env->arena}, right = {.arena = env->arena};
    struct eval_env left_env = *env, right_env = *env;
    left_env.diags = &left;
    right_env.diags = &right;
    struct value a = eval_any(&left_env, expr->operand[0]);
    bool a_fits = convert_operand(&left_env, expr, expr->operand[0], "left", &a);
    struct value b = eval_any(&right_env, expr->operand[1]);
    bool b_fits = convert_operand(&right_env, expr, expr->operand[1], "right", &b);
    bool fits = a_fits && b_fits;
    int side = fits ? decisive(expr->op, value_unmark(a), value_unmark(b), diags_failed(&left)) : 0;
    unsigned marks = fits ? value_marks(a) | value_marks(b) : 0;
    if (side != 2)
        diags_append(env->diags, &left);
    if (side != 1)
        diags_append(env->diags, &right);
    if (side)
        return decided(env, value_unmark(side == 1 ? a : b), marks);
    if (!fits || diags_failed(&left) || diags_failed(&right))
        return value_unknown(type_bool);
    return operate(env, expr, a, b);
}

struct value operate_binary(const struct eval_env *env, const struct expr *expr) {
    size_t errors = env->diags->n_errors;
    if (is_logical(expr->op))
        return logical(env, expr);
    struct value a = eval_any(env, expr->operand[0]);
    (void)convert_operand(env, expr, expr->operand[0], "left", &a);
    struct value b = eval_any(env, expr->operand[1]);
    (void)convert_operand(env, expr, expr->operand[1], "right", &b);
    if (env->diags->n_errors > errors)
        return value_unknown(result_type(expr->op));
    return operate(env, expr, a, b);
}

struct value operate_unary(const struct eval_env *env, const struct expr *expr) {
    size_t errors = env->diags->n_errors;
    struct value v = eval_any(env, expr->operand[0]);
    if (!convert_operand(env, expr, expr->operand[0], "unary", &v) || env->diags->n_errors > errors)
        return value_unknown(result_type(expr->op));
    return operate(env, expr, v, value_int(0));
}
