/* SPDX-License-Identifier: Apache-2.0 */
/* `a ? b : c`: both results are evaluated, because the type of the whole depends on both. */
#include "eval/eval_int.h"
#include "eval/quote.h"
#include "value/convert.h"
#include "value/ops.h"

static struct str mismatch(struct arena *arena, const struct type *a, const struct type *b);

static struct str mismatch_objects(struct arena *arena, const struct type *a,
                                   const struct type *b) {
    for (uint32_t i = 0; i < a->n; i++) {
        const char *name = quote_text(arena, intern_str(a->names[i]));
        ptrdiff_t at = type_attr(b, a->names[i]);
        if (at < 0)
            return str_format(arena,
                              "The 'true' value includes object attribute %s, which is absent in "
                              "the 'false' value",
                              name);
        if (a->items[i] != b->items[at])
            return str_format(arena, "Type mismatch for object attribute %s: %.*s", name,
                              STR_ARG(mismatch(arena, a->items[i], b->items[at])));
    }
    for (uint32_t i = 0; i < b->n; i++)
        if (type_attr(a, b->names[i]) < 0)
            return str_format(arena,
                              "The 'false' value includes object attribute %s, which is absent in "
                              "the 'true' value",
                              quote_text(arena, intern_str(b->names[i])));
    return S("");
}

static struct str mismatch_tuples(struct arena *arena, const struct type *a, const struct type *b) {
    if (a->n != b->n)
        return str_format(arena,
                          "The 'true' tuple has length %u, but the 'false' tuple has length %u",
                          a->n, b->n);
    for (uint32_t i = 0; i < a->n; i++)
        if (a->items[i] != b->items[i])
            return str_format(arena, "Type mismatch for tuple element %u: %.*s", i,
                              STR_ARG(mismatch(arena, a->items[i], b->items[i])));
    return S("");
}

/* What differs, as a sentence without its full stop. */
static struct str mismatch(struct arena *arena, const struct type *a, const struct type *b) {
    struct str why = S("");
    if (a->kind == TYPE_OBJECT && b->kind == TYPE_OBJECT)
        why = mismatch_objects(arena, a, b);
    else if (a->kind == TYPE_TUPLE && b->kind == TYPE_TUPLE)
        why = mismatch_tuples(arena, a, b);
    else if (a->kind == b->kind && type_is_collection(a) && a->element->kind == b->element->kind &&
             (a->element->kind == TYPE_OBJECT || a->element->kind == TYPE_TUPLE))
        why = str_format(arena, "Mismatched %s element types: %.*s",
                         a->kind == TYPE_LIST  ? "list"
                         : a->kind == TYPE_SET ? "set"
                                               : "map",
                         STR_ARG(mismatch(arena, a->element, b->element)));
    if (why.len)
        return why;
    struct str a_name = type_friendly(arena, a), b_name = type_friendly(arena, b);
    if (str_eq(a_name, b_name))
        return S("At least one deeply-nested attribute or element is not compatible across both "
                 "the 'true' and the 'false' value");
    return str_format(arena, "The 'true' value is %.*s, but the 'false' value is %.*s",
                      STR_ARG(a_name), STR_ARG(b_name));
}

static bool is_bare_null(struct value v) {
    return value_is_null(v) && value_type(v) == type_dynamic && !value_marks(v);
}

/* NULL: no type fits both. */
static const struct type *common_type(struct arena *arena, struct value yes, struct value no) {
    const struct type *types[2] = {value_type(yes), value_type(no)};
    if (is_bare_null(yes))
        return types[1];
    if (is_bare_null(no) || types[0] == types[1])
        return types[0];
    if (types[0] == type_dynamic || types[1] == type_dynamic)
        return type_dynamic;
    return convert_unify(arena, types, 2);
}

/* Where one of two refinements bounds a side, the wider bound of both. */
static void widen(struct value_unknown *range, const struct value_unknown *a,
                  const struct value_unknown *b) {
    if (a->has_min && b->has_min) {
        int order = ops_compare(a->min, b->min);
        range->has_min = true;
        range->min = order <= 0 ? a->min : b->min;
        range->min_inclusive = order < 0   ? a->min_inclusive
                               : order > 0 ? b->min_inclusive
                                           : a->min_inclusive || b->min_inclusive;
    }
    if (a->has_max && b->has_max) {
        int order = ops_compare(a->max, b->max);
        range->has_max = true;
        range->max = order >= 0 ? a->max : b->max;
        range->max_inclusive = order > 0   ? a->max_inclusive
                               : order < 0 ? b->max_inclusive
                                           : a->max_inclusive || b->max_inclusive;
    }
    if (type_is_collection(range->type)) {
        range->min_length = a->min_length < b->min_length ? a->min_length : b->min_length;
        if (a->max_length >= 0 && b->max_length >= 0)
            range->max_length = a->max_length > b->max_length ? a->max_length : b->max_length;
    }
}

/* What is known of any value, known ones included. */
static struct value_unknown range_of(struct value v) {
    if (!value_is_known(v))
        return value_refinement(v);
    struct value_unknown range = {.type = value_type(v), .max_length = -1};
    range.not_null = !value_is_null(v);
    if (value_is_number(v)) {
        range.has_min = range.has_max = range.min_inclusive = range.max_inclusive = true;
        range.min = range.max = v;
    } else if (range.not_null && type_is_collection(range.type)) {
        range.min_length = range.max_length = (int64_t)value_count(v);
    }
    return range;
}

static struct value undecided(const struct eval_env *env, const struct type *type,
                              struct value condition, struct value yes, struct value no) {
    unsigned marks = value_marks(condition) | value_marks(yes) | value_marks(no);
    if (value_is_null(yes) && value_is_null(no))
        return value_mark(value_null(type), marks);
    if (type == type_dynamic)
        return value_mark(value_unknown(type), marks);
    struct value_unknown a = range_of(value_unmark(yes)), b = range_of(value_unmark(no));
    struct value_unknown range = {.type = type, .max_length = -1};
    range.not_null = a.not_null && b.not_null;
    if (a.type == b.type && (type == type_number || type_is_collection(type)))
        widen(&range, &a, &b);
    return value_mark(value_unknown_refined(env->arena, &range), marks);
}

static bool condition_value(const struct eval_env *env, const struct expr *expr,
                            struct value *ret_condition) {
    const struct expr *condition = expr->operand[0];
    struct convert_error why;
    struct value v = eval_any(env, condition);
    *ret_condition = v;
    if (!value_is_known(v))
        return true; /* of any type, as the reference */
    if (value_is_null(v)) {
        eval_fail(env, expr_span(condition), expr_span(expr), condition, "Null condition",
                  "The condition value is null. Conditions must either be true or false.");
        return false;
    }
    if (convert_value(env->arena, v, type_bool, ret_condition, &why))
        return true;
    eval_fail(env, expr_span(condition), expr_span(expr), condition, "Incorrect condition type",
              "The condition expression must be of type bool.");
    return false;
}

static struct value chosen(const struct eval_env *env, const struct expr *expr,
                           const struct type *type, struct value v, bool yes) {
    const struct expr *branch = expr->operand[yes ? 1 : 2];
    struct convert_error why;
    struct value converted;
    if (value_type(v) == type || convert_value(env->arena, v, type, &converted, &why))
        return value_type(v) == type ? v : converted;
    eval_fail(
        env, expr_span(branch), expr_span(expr), branch, "Inconsistent conditional result types",
        "The %s result value has the wrong type: %s.", yes ? "true" : "false", eval_why(env, &why));
    return value_unknown(type);
}

struct value conditional_eval(const struct eval_env *env, const struct expr *expr) {
    struct diags yes_diags = {.arena = env->arena}, no_diags = {.arena = env->arena};
    struct eval_env yes_env = *env, no_env = *env;
    struct value condition;
    yes_env.diags = &yes_diags;
    no_env.diags = &no_diags;
    struct value yes = eval_any(&yes_env, expr->operand[1]);
    struct value no = eval_any(&no_env, expr->operand[2]);
    const struct type *type = common_type(env->arena, yes, no);
    if (!type) {
        struct str what = mismatch(env->arena, value_type(yes), value_type(no));
        eval_fail(env, span_join(expr_span(expr->operand[1]), expr_span(expr->operand[2])),
                  expr_span(expr), expr, "Inconsistent conditional result types",
                  "The true and false result expressions must have consistent types. %.*s.",
                  STR_ARG(what));
        return value_unknown(type_dynamic);
    }
    if (!condition_value(env, expr, &condition))
        return value_unknown(type);
    if (!value_is_known(condition))
        return undecided(env, type, condition, yes, no);
    bool which = value_unmark(condition).boolean;
    diags_append(env->diags, which ? &yes_diags : &no_diags);
    /* The result tells of both branches, so it has the marks of both. */
    unsigned marks = value_marks(condition) | value_marks(yes) | value_marks(no);
    return value_mark(chosen(env, expr, type, which ? yes : no, which), marks);
}
