/* SPDX-License-Identifier: Apache-2.0 */
#include "value/ops.h"

#include "base/arena.h"
#include "base/bignum.h"

static unsigned marks_of(struct value a, struct value b) {
    return value_marks(a) | value_marks(b);
}

static struct value unknown_not_null(struct arena *arena, const struct type *type) {
    struct value_unknown what = {.type = type, .not_null = true};
    return value_unknown_refined(arena, &what);
}

static bool is_dynamic(struct value v) {
    return value_type(v)->kind == TYPE_DYNAMIC;
}

/* Equality. */

enum answer { NO, YES, UNDECIDED };

static bool never_null(struct value v) {
    return v.kind != VALUE_NULL && (v.kind != VALUE_UNKNOWN || value_refinement(v).not_null);
}

/* False when a known number lies outside of what an unknown one can be. */
static bool number_possible(const struct value_unknown *what, struct value v) {
    if (!value_is_number(v))
        return true;
    if (what->has_min) {
        int order = ops_compare(v, what->min);
        if (order < 0 || (order == 0 && !what->min_inclusive))
            return false;
    }
    if (what->has_max) {
        int order = ops_compare(v, what->max);
        if (order > 0 || (order == 0 && !what->max_inclusive))
            return false;
    }
    return true;
}

/* False when the unknown can certainly not become the known value. */
static bool possible(struct value unknown, struct value known) {
    struct value_unknown what = value_refinement(unknown);
    if (known.kind == VALUE_NULL)
        return !what.not_null;
    if (!type_conforms(value_type(known), what.type))
        return false;
    if (what.type != value_type(known))
        return true;
    if (known.kind == VALUE_STRING)
        return str_starts(value_str(known), what.prefix);
    if (!number_possible(&what, known))
        return false;
    bool counted = known.kind == VALUE_LIST || known.kind == VALUE_MAP ||
                   (known.kind == VALUE_SET && value_is_wholly_known(known));
    int64_t n = (int64_t)value_count(known);
    return !counted || (n >= what.min_length && (what.max_length <= 0 || n <= what.max_length));
}

static enum answer equal(struct value a, struct value b);

static enum answer equal_unknown(struct value a, struct value b) {
    if (a.kind == VALUE_UNKNOWN && b.kind == VALUE_UNKNOWN)
        return UNDECIDED;
    struct value unknown = a.kind == VALUE_UNKNOWN ? a : b;
    struct value known = a.kind == VALUE_UNKNOWN ? b : a;
    if (!possible(unknown, known))
        return NO;
    if (known.kind == VALUE_NULL || value_type(unknown)->has_dynamic)
        return UNDECIDED;
    return value_type(known) == value_type(unknown) ? UNDECIDED : NO;
}

static enum answer equal_sets(struct value a, struct value b) {
    if (!value_is_wholly_known(a) || !value_is_wholly_known(b))
        return UNDECIDED;
    if (value_count(a) != value_count(b))
        return NO;
    for (size_t i = 0; i < value_count(a); i++)
        if (equal(value_at(a, i), value_at(b, i)) != YES)
            return NO;
    return YES;
}

/* The first element that differs or cannot be compared decides. */
static enum answer equal_elements(struct value a, struct value b) {
    if (value_count(a) != value_count(b))
        return NO;
    if (a.kind == VALUE_MAP)
        for (size_t i = 0; i < value_count(a); i++)
            if (!str_eq(value_key(a, i), value_key(b, i)))
                return NO;
    for (size_t i = 0; i < value_count(a); i++) {
        enum answer one = equal(value_at(a, i), value_at(b, i));
        if (one != YES)
            return one;
    }
    return YES;
}

/* False when something in it may still become of any type. */
static bool has_known_type(struct value v) {
    if (v.kind == VALUE_UNKNOWN)
        return !value_type(v)->has_dynamic;
    if (value_is_wholly_known(v))
        return true;
    for (size_t i = 0; i < value_count(v); i++)
        if (!has_known_type(value_at(v, i)))
            return false;
    return true;
}

static enum answer equal(struct value a, struct value b) {
    if ((a.kind == VALUE_NULL && never_null(b)) || (b.kind == VALUE_NULL && never_null(a)))
        return NO;
    if (a.kind == VALUE_UNKNOWN || b.kind == VALUE_UNKNOWN)
        return equal_unknown(a, b);
    if (a.kind == VALUE_NULL || b.kind == VALUE_NULL)
        return a.kind == b.kind ? YES : NO;
    const struct type *x = value_type(a), *y = value_type(b);
    if (!has_known_type(a) || !has_known_type(b))
        return type_conforms(x, y) || type_conforms(y, x) ? UNDECIDED : NO;
    if (x != y)
        return NO;
    if (a.kind == VALUE_SET)
        return equal_sets(a, b);
    if (a.kind >= VALUE_LIST && a.kind <= VALUE_OBJECT)
        return equal_elements(a, b);
    return value_same(value_unmark(a), value_unmark(b)) ? YES : NO;
}

struct value ops_equal(struct arena *arena, struct value a, struct value b) {
    unsigned marks = value_marks_inside(a) | value_marks_inside(b);
    if (value_is_null(a) != value_is_null(b))
        marks = marks_of(a, b);
    enum answer answer = equal(a, b);
    struct value result =
        answer == UNDECIDED ? unknown_not_null(arena, type_bool) : value_bool(answer == YES);
    return value_mark(result, marks);
}

/* Logic. A null operand is an error that the caller has raised before. */

static bool is_false(struct value v) {
    return v.kind == VALUE_BOOL && !v.boolean;
}

static bool is_true(struct value v) {
    return v.kind == VALUE_BOOL && v.boolean;
}

struct value ops_not(struct arena *arena, struct value a) {
    struct value result =
        a.kind == VALUE_BOOL ? value_bool(!a.boolean) : unknown_not_null(arena, type_bool);
    return value_mark(result, value_marks(a));
}

struct value ops_and(struct arena *arena, struct value a, struct value b) {
    struct value result = unknown_not_null(arena, type_bool);
    if (is_false(a) || is_false(b))
        result = value_bool(false);
    else if (is_true(a) && is_true(b))
        result = value_bool(true);
    return value_mark(result, marks_of(a, b));
}

struct value ops_or(struct arena *arena, struct value a, struct value b) {
    struct value result = unknown_not_null(arena, type_bool);
    if (is_true(a) || is_true(b))
        result = value_bool(true);
    else if (is_false(a) && is_false(b))
        result = value_bool(false);
    return value_mark(result, marks_of(a, b));
}

/* Arithmetic. */

typedef const struct bignum *arithmetic(struct arena *arena, const struct bignum *a,
                                        const struct bignum *b);

static struct value wide(struct arena *arena, arithmetic *how, struct value a, struct value b) {
    const struct bignum *x = value_to_bignum(arena, a), *y = value_to_bignum(arena, b);
    return value_bignum(how(arena, x, y));
}

/* Not null, and no more is known: operators are functions that do not look at ranges. */
static struct value unknown_number(struct arena *arena, struct value a, struct value b) {
    return value_mark(unknown_not_null(arena, type_number), marks_of(a, b));
}

struct value ops_add(struct arena *arena, struct value a, struct value b) {
    if (!value_is_number(a) || !value_is_number(b))
        return unknown_number(arena, a, b);
    int64_t sum;
    struct value result;
    if (a.kind == VALUE_INT && b.kind == VALUE_INT &&
        !__builtin_add_overflow(a.integer, b.integer, &sum))
        result = value_int(sum);
    else
        result = wide(arena, bignum_add, a, b);
    return value_mark(result, marks_of(a, b));
}

struct value ops_subtract(struct arena *arena, struct value a, struct value b) {
    if (!value_is_number(a) || !value_is_number(b))
        return unknown_number(arena, a, b);
    int64_t difference;
    struct value result;
    if (a.kind == VALUE_INT && b.kind == VALUE_INT &&
        !__builtin_sub_overflow(a.integer, b.integer, &difference))
        result = value_int(difference);
    else
        result = wide(arena, bignum_subtract, a, b);
    return value_mark(result, marks_of(a, b));
}

static bool is_zero(struct value v) {
    return (v.kind == VALUE_INT && v.integer == 0) ||
           (v.kind == VALUE_BIGNUM && bignum_sign(v.bignum) == 0);
}

struct value ops_multiply(struct arena *arena, struct value a, struct value b) {
    if (!value_is_number(a) || !value_is_number(b))
        return unknown_number(arena, a, b);
    int64_t product;
    struct value result;
    if (a.kind == VALUE_INT && b.kind == VALUE_INT &&
        !__builtin_mul_overflow(a.integer, b.integer, &product) &&
        (product || (a.integer | b.integer) >= 0))
        result = value_int(product);
    else
        result = wide(arena, bignum_multiply, a, b);
    return value_mark(result, marks_of(a, b));
}

static bool is_infinite(struct value v) {
    return v.kind == VALUE_BIGNUM && bignum_is_infinite(v.bignum);
}

bool ops_divide(struct arena *arena, struct value a, struct value b, struct value *ret_value) {
    if ((is_zero(a) && is_zero(b)) || (is_infinite(a) && is_infinite(b)))
        return false;
    if (!value_is_number(a) || !value_is_number(b)) {
        *ret_value = unknown_number(arena, a, b);
        return true;
    }
    bool small =
        a.kind == VALUE_INT && b.kind == VALUE_INT && b.integer != -1 && a.integer && b.integer;
    struct value result = small && a.integer % b.integer == 0 ? value_int(a.integer / b.integer)
                                                              : wide(arena, bignum_divide, a, b);
    *ret_value = value_mark(result, marks_of(a, b));
    return true;
}

bool ops_modulo(struct arena *arena, struct value a, struct value b, struct value *ret_value) {
    if (!value_is_number(a) || !value_is_number(b)) {
        *ret_value = unknown_number(arena, a, b);
        return true;
    }
    if (is_zero(b)) {
        *ret_value = value_mark(a, marks_of(a, b));
        return true;
    }
    bool small = a.kind == VALUE_INT && b.kind == VALUE_INT && b.integer != -1;
    struct value result =
        small ? value_int(a.integer % b.integer) : wide(arena, bignum_modulo, a, b);
    *ret_value = value_mark(result, marks_of(a, b));
    return true;
}

struct value ops_negate(struct arena *arena, struct value a) {
    if (!value_is_number(a))
        return value_mark(unknown_not_null(arena, type_number), value_marks(a));
    struct value result = a.kind == VALUE_INT && a.integer && a.integer != INT64_MIN
                              ? value_int(-a.integer)
                              : value_bignum(bignum_negate(arena, value_to_bignum(arena, a)));
    return value_mark(result, value_marks(a));
}

int ops_compare(struct value a, struct value b) {
    if (a.kind == VALUE_INT && b.kind == VALUE_INT)
        return (a.integer > b.integer) - (a.integer < b.integer);
    int order = value_order(a, b);
    return (order > 0) - (order < 0);
}

/* Bounds of a known number are the number itself. */
static struct value_unknown bounds(struct value v) {
    if (!value_is_number(v))
        return value_refinement(v);
    v = value_unmark(v);
    return (struct value_unknown){.type = type_number,
                                  .not_null = true,
                                  .has_min = true,
                                  .has_max = true,
                                  .min_inclusive = true,
                                  .max_inclusive = true,
                                  .min = v,
                                  .max = v};
}

/* Whether a < b (or <=) follows from the bounds alone. */
static enum answer less_by_bounds(struct value a, struct value b) {
    if (is_dynamic(a) || is_dynamic(b))
        return UNDECIDED;
    struct value_unknown x = bounds(a), y = bounds(b);
    if (x.has_max && y.has_min && ops_compare(x.max, y.min) < 0)
        return YES;
    if (x.has_min && y.has_max && ops_compare(x.min, y.max) > 0)
        return NO;
    return UNDECIDED;
}

static struct value less(struct arena *arena, struct value a, struct value b, int limit) {
    struct value result;
    if (value_is_number(a) && value_is_number(b)) {
        result = value_bool(ops_compare(a, b) <= limit);
    } else {
        enum answer answer = less_by_bounds(a, b);
        result =
            answer == UNDECIDED ? unknown_not_null(arena, type_bool) : value_bool(answer == YES);
    }
    return value_mark(result, marks_of(a, b));
}

struct value ops_less(struct arena *arena, struct value a, struct value b) {
    return less(arena, a, b, -1);
}

struct value ops_less_equal(struct arena *arena, struct value a, struct value b) {
    return less(arena, a, b, 0);
}

bool ops_is_whole(struct value a) {
    return a.kind == VALUE_INT || (a.kind == VALUE_BIGNUM && bignum_is_whole(a.bignum));
}

bool ops_may_shrink(struct value v) {
    return v.kind == VALUE_SET && value_count(v) > 1 && !value_is_wholly_known(v);
}
