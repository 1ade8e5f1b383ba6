/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic. */
#include <gmp.h>
#include <math.h>
#include <stdlib.h>

#include "eval/func_int.h"

static bool run_abs(struct func_call *call, struct value *ret_value) {
    struct value n = call->args[0];
    *ret_value = ops_compare(n, value_int(0)) < 0 ? ops_negate(call->arena, n) : n;
    return true;
}

/* direction 1: up to the next whole number, -1: down to it. */
static bool to_whole(struct func_call *call, int direction, struct value *ret_value) {
    struct value n = call->args[0], fraction;
    *ret_value = n;
    if (ops_is_whole(n) || !ops_modulo(call->arena, n, value_int(1), &fraction))
        return true;
    if (value_is_number(fraction) && isfinite(value_to_double(fraction))) {
        struct value whole = ops_subtract(call->arena, n, fraction);
        int sign = ops_compare(fraction, value_int(0));
        *ret_value = sign == direction ? ops_add(call->arena, whole, value_int(direction)) : whole;
    }
    return true;
}

static bool run_ceil(struct func_call *call, struct value *ret_value) {
    return to_whole(call, 1, ret_value);
}

static bool run_floor(struct func_call *call, struct value *ret_value) {
    return to_whole(call, -1, ret_value);
}

static bool from_double(struct func_call *call, double d, struct value *ret_value) {
    if (isnan(d))
        return func_fail(call, "the result is not a number");
    *ret_value = value_double(call->arena, d);
    return true;
}

static bool run_log(struct func_call *call, struct value *ret_value) {
    double n = value_to_double(call->args[0]), base = value_to_double(call->args[1]);
    return from_double(call, log(n) / log(base), ret_value);
}

static bool run_pow(struct func_call *call, struct value *ret_value) {
    double n = value_to_double(call->args[0]), power = value_to_double(call->args[1]);
    return from_double(call, pow(n, power), ret_value);
}

static bool extreme(struct func_call *call, int direction, struct value *ret_value) {
    if (call->n == 0)
        return func_fail(call, "must pass at least one number");
    struct value best = call->args[0];
    for (size_t i = 1; i < call->n; i++)
        if (ops_compare(call->args[i], best) * direction > 0)
            best = call->args[i];
    *ret_value = best;
    return true;
}

static bool run_max(struct func_call *call, struct value *ret_value) {
    return extreme(call, 1, ret_value);
}

static bool run_min(struct func_call *call, struct value *ret_value) {
    return extreme(call, -1, ret_value);
}

static bool run_signum(struct func_call *call, struct value *ret_value) {
    int64_t n;
    if (!func_int_arg(call, 0, &n))
        return false;
    *ret_value = value_int(n < 0 ? -1 : n > 0 ? 1 : 0);
    return true;
}

static int digit_of(char c, int base) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'z' ? c - 'a' + 10
                : c >= 'A' && c <= 'Z' ? c - 'A' + (base <= 36 ? 10 : 36)
                                       : 99;
    return digit < base ? digit : -1;
}

/* Digits to decimal through GMP, whose letters run the other way round above base 36. */
static bool digits_value(struct arena *arena, struct str digits, int base, bool negative,
                         struct value *ret_value) {
    static const char letters[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char *text = arena_bytes(arena, digits.len + 1);
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digit_of(digits.at[i], base);
        if (digit < 0)
            return false;
        text[i] = letters[digit];
    }
    text[digits.len] = 0;
    mpz_t n;
    if (digits.len == 0 || mpz_init_set_str(n, text, base) != 0)
        return false;
    if (negative)
        mpz_neg(n, n);
    char *decimal = arena_bytes(arena, mpz_sizeinbase(n, 10) + 2);
    mpz_get_str(decimal, 10, n);
    mpz_clear(n);
    return value_number_parse(arena, str_from(decimal), ret_value);
}

static bool run_parseint(struct func_call *call, struct value *ret_value) {
    int64_t base;
    if (!value_to_int(call->args[1], &base) || base < 2 || base > 62)
        return func_fail_arg(call, 1, "base must be a whole number between 2 and 62 inclusive");
    struct str all = value_str(call->args[0]), digits = all;
    bool negative = str_starts(all, S("-"));
    if (negative || str_starts(all, S("+")))
        digits = str_slice(all, 1, all.len);
    if (digits_value(call->arena, digits, (int)base, negative, ret_value))
        return true;
    return func_fail_arg(call, 0, "cannot parse %s as a base %d integer",
                         quote_text(call->arena, all), (int)base);
}

static const struct type *type_parseint(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    if (type == type_string)
        return type_number;
    return func_no_type_arg(call, 0, "first argument must be a string, not %s",
                            func_friendly(call, type));
}

static const struct func_param num[] = {{"num", &type_number, NULL, 0, NULL}};
static const struct func_param log_params[] = {{"num", &type_number, NULL, 0, NULL},
                                               {"base", &type_number, NULL, 0, NULL}};
static const struct func_param pow_params[] = {{"num", &type_number, NULL, 0, NULL},
                                               {"power", &type_number, NULL, 0, NULL}};
static const struct func_param numbers = {"numbers", &type_number, NULL, 0, NULL};
static const struct func_param parseint_params[] = {{"number", NULL, NULL, 0, NULL},
                                                    {"base", &type_number, NULL, 0, NULL}};

static const struct func functions[] = {
    {"abs", num, 1, .result = &type_number, .run = run_abs},
    {"ceil", num, 1, .result = &type_number, .run = run_ceil},
    {"floor", num, 1, .result = &type_number, .run = run_floor},
    {"log", log_params, 2, .result = &type_number, .run = run_log},
    {"max", NULL, 0, &numbers, .result = &type_number, .run = run_max},
    {"min", NULL, 0, &numbers, .result = &type_number, .run = run_min},
    {"parseint", parseint_params, 2, .result_type = type_parseint, .result = &type_number,
     .run = run_parseint},
    {"pow", pow_params, 2, .result = &type_number, .run = run_pow},
    {"signum", num, 1, .result = &type_number, .run = run_signum},
};

const struct func_table func_number_table = {functions, COUNT(functions)};
