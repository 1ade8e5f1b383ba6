/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic. */
#include <math.h>

#include "base/bignum.h"
#include "eval/func_int.h"

static bool run_abs(struct func_call *call, struct value *ret_value) {
    struct value n = call->args[0];
    int sign = ops_compare(n, value_int(0));
    *ret_value = sign < 0 ? ops_negate(call->arena, n) : sign == 0 ? value_int(0) : n;
    return true;
}

static bool round_to(struct func_call *call,
                     const struct bignum *(*whole)(struct arena *arena, const struct bignum *a),
                     struct value *ret_value) {
    struct value n = call->args[0];
    const struct bignum *rounded;
    *ret_value = n;
    if (n.kind == VALUE_INT || bignum_is_infinite(n.bignum))
        return true;
    rounded = whole(call->arena, n.bignum);
    *ret_value = bignum_sign(rounded) ? value_bignum(rounded) : value_int(0);
    return true;
}

static bool run_ceil(struct func_call *call, struct value *ret_value) {
    return round_to(call, bignum_ceil, ret_value);
}

static bool run_floor(struct func_call *call, struct value *ret_value) {
    return round_to(call, bignum_floor, ret_value);
}

static bool from_double(struct func_call *call, double d, struct value *ret_value) {
    if (isnan(d))
        return func_fail(call, "the result is not a number");
    *ret_value = value_double(call->arena, d);
    return true;
}

/* By the series of fdlibm, as Go computes it: glibc differs in the last digit. */
static double natural_log(double x) {
    static const double odd[] = {6.666666666666735130e-01, 2.857142874366239149e-01,
                                 1.818357216161805012e-01, 1.479819860511658591e-01};
    static const double even[] = {3.999999999940941908e-01, 2.222219843214978396e-01,
                                  1.531383769920937332e-01};
    int exponent;
    if (!(x > 0) || isinf(x))
        return log(x);
    double f = frexp(x, &exponent);
    if (f < M_SQRT1_2) {
        f *= 2;
        exponent--;
    }
    f -= 1;
    double s = f / (2 + f), s2 = s * s, s4 = s2 * s2;
    double r = s2 * (odd[0] + s4 * (odd[1] + s4 * (odd[2] + s4 * odd[3]))) +
               s4 * (even[0] + s4 * (even[1] + s4 * even[2]));
    double half = 0.5 * f * f, k = exponent;
    return k * 6.93147180369123816490e-01 -
           ((half - (s * (half + r) + k * 1.90821492927058770002e-10)) - f);
}

/* By N. Shibata's series, which Go uses on amd64; glibc differs in the last digit here too. */
static double exponential(double x) {
    static const double series[] = {1 / 5040.0, 1 / 720.0, 1 / 120.0, 1 / 24.0, 1 / 6.0, 0.5, 1.0};
    if (!(fabs(x) < 700))
        return exp(x);
    double k = rint(x * M_LOG2E);
    x = fma(-k, 0.69314718055966295651160180568695068359375, x);
    x = fma(-k, 0.28235290563031577122588448175013436025525412068e-12, x) / 16;
    double sum = 1 / 40320.0;
    for (size_t i = 0; i < COUNT(series); i++)
        sum = fma(sum, x, series[i]);
    /* (1 + x) squared four times over, kept without its 1. */
    x *= sum;
    for (int i = 0; i < 3; i++)
        x *= x + 2;
    return ldexp(fma(x, x + 2, 1), (int)k);
}

static bool run_log(struct func_call *call, struct value *ret_value) {
    double n = value_to_double(call->args[0]), base = value_to_double(call->args[1]);
    return from_double(call, natural_log(n) / natural_log(base), ret_value);
}

static bool is_odd(double whole) {
    return fabs(whole) < 9007199254740992.0 && fmod(whole, 2) != 0;
}

/*
 * x to the power y by squaring mantissa and exponent apart, as Go computes it: the last digits of
 * the result are part of the language.
 */
static double power_by_squaring(double x, double y) {
    double whole, part = modf(fabs(y), &whole), mantissa = 1;
    long exponent = 0;
    int x_exponent;
    if (part != 0) {
        if (part > 0.5) {
            part--;
            whole++;
        }
        mantissa = exponential(part * natural_log(x));
    }
    double square = frexp(x, &x_exponent);
    long square_exponent = x_exponent;
    for (int64_t i = (int64_t)whole; i != 0; i >>= 1) {
        if (square_exponent < -4096 || square_exponent > 4096) {
            exponent += square_exponent;
            break;
        }
        if (i & 1) {
            mantissa *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if (square < 0.5) {
            square += square;
            square_exponent--;
        }
    }
    if (y < 0) {
        mantissa = 1 / mantissa;
        exponent = -exponent;
    }
    return ldexp(mantissa, (int)exponent);
}

static double power(double x, double y) {
    bool special = y == 0 || x == 1 || y == 1 || x == 0 || !isfinite(x) || !isfinite(y) ||
                   fabs(y) >= 0x1p63 || (x < 0 && y != trunc(y));
    if (special)
        return pow(x, y);
    if (fabs(y) == 0.5)
        return y > 0 ? sqrt(x) : 1 / sqrt(x);
    double result = power_by_squaring(fabs(x), y);
    return x < 0 && is_odd(y) ? -result : result;
}

static bool run_pow(struct func_call *call, struct value *ret_value) {
    double n = value_to_double(call->args[0]), exponent = value_to_double(call->args[1]);
    return from_double(call, power(n, exponent), ret_value);
}

static bool run_signum(struct func_call *call, struct value *ret_value) {
    int64_t n;
    if (!func_int_arg(call, 0, &n))
        return false;
    *ret_value = value_int(n < 0 ? -1 : n > 0 ? 1 : 0);
    return true;
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

static bool run_parseint(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    int64_t base;
    if (!value_to_int(call->args[1], &base))
        return func_fail_arg(call, 1, FUNC_NOT_WHOLE);
    if (base < 2 || base > 62)
        return func_fail_arg(call, 1, "base must be a whole number between 2 and 62 inclusive");
    const struct bignum *n = bignum_parse_base(call->arena, text, (int)base);
    if (!n)
        return func_fail_arg(call, 0, "cannot parse %s as a base %d integer",
                             quote_text(call->arena, text), (int)base);
    *ret_value = value_bignum(n);
    return true;
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
     .run = run_parseint, .dynamic_signature = true},
    {"pow", pow_params, 2, .result = &type_number, .run = run_pow},
    {"signum", num, 1, .result = &type_number, .run = run_signum},
};

const struct func_table func_number_table = {functions, COUNT(functions)};
