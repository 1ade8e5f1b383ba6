/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bignum.h"

#include <assert.h>
#include <gmp.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define MAX_BINARY_EXPONENT (1 << 20)

struct bignum {
    mpfr_t f;
    mp_limb_t limbs[];
};

_Static_assert(sizeof(mp_limb_t) == 8, "limbs are expected to have 64 bits");

/* Zero, with its limbs inside so that MPFR never allocates for it. */
static struct bignum *fresh(struct arena *arena, mpfr_prec_t bits) {
    struct bignum *b = arena_alloc(arena, sizeof *b + mpfr_custom_get_size(bits));
    mpfr_custom_init(b->limbs, bits);
    mpfr_custom_init_set(b->f, MPFR_ZERO_KIND, 0, bits, b->limbs);
    return b;
}

/* Beyond what can be printed in reasonable space a number is infinite or zero. */
static const struct bignum *settled(struct bignum *b) {
    if (mpfr_nan_p(b->f))
        mpfr_set_inf(b->f, 1);
    else if (mpfr_regular_p(b->f) && mpfr_get_exp(b->f) > MAX_BINARY_EXPONENT)
        mpfr_set_inf(b->f, mpfr_sgn(b->f));
    else if (mpfr_regular_p(b->f) && mpfr_get_exp(b->f) < -MAX_BINARY_EXPONENT)
        mpfr_set_zero(b->f, 1);
    return b;
}

static mpfr_prec_t larger_bits(const struct bignum *a, const struct bignum *b) {
    mpfr_prec_t x = mpfr_get_prec(a->f), y = mpfr_get_prec(b->f);
    return x > y ? x : y;
}

static size_t count_digits(struct str s, size_t at) {
    size_t n = 0;
    while (at + n < s.len && s.at[at + n] >= '0' && s.at[at + n] <= '9')
        n++;
    return n;
}

/* Position behind the mantissa; 0 when there is none. */
static size_t scan_mantissa(struct str s) {
    size_t at = s.len && (s.at[0] == '-' || s.at[0] == '+');
    size_t whole = count_digits(s, at), fraction = 0;
    at += whole;
    if (at < s.len && s.at[at] == '.') {
        at++;
        fraction = count_digits(s, at);
        at += fraction;
    }
    return whole + fraction ? at : 0;
}

/* The exponent at `at`: nothing, or e or p with digits up to the end. */
static bool scan_exponent(struct str s, size_t at, char *ret_kind, int64_t *ret_exponent) {
    *ret_kind = 0;
    *ret_exponent = 0;
    if (at == s.len)
        return true;
    char kind = (char)(s.at[at] | 0x20);
    if (kind != 'e' && kind != 'p')
        return false;
    struct str digits = str_slice(s, at + 1, s.len);
    if (digits.len && digits.at[0] == '+')
        digits = str_slice(digits, 1, digits.len);
    *ret_kind = kind;
    if (digits.len && digits.at[0] == '+')
        return false;
    return str_to_int(digits, ret_exponent) && llabs(*ret_exponent) <= BIGNUM_MAX_EXPONENT;
}

static const struct bignum *parse_infinity(struct arena *arena, struct str text) {
    int sign = 1;
    if (text.len && (text.at[0] == '-' || text.at[0] == '+')) {
        sign = text.at[0] == '-' ? -1 : 1;
        text = str_slice(text, 1, text.len);
    }
    if (!str_eq(text, S("inf")) && !str_eq(text, S("Inf")))
        return NULL;
    struct bignum *b = fresh(arena, BIGNUM_BITS);
    mpfr_set_inf(b->f, sign);
    return b;
}

const struct bignum *bignum_parse(struct arena *arena, struct str text) {
    size_t end = scan_mantissa(text);
    if (!end)
        return parse_infinity(arena, text);
    char kind;
    int64_t exponent;
    if (!scan_exponent(text, end, &kind, &exponent))
        return NULL;
    struct bignum *b = fresh(arena, BIGNUM_BITS);
    char *c = xmalloc(text.len + 1);
    memcpy(c, text.at, text.len);
    c[kind == 'p' ? end : text.len] = 0;
    mpfr_set_str(b->f, c, 10, MPFR_RNDN);
    free(c);
    if (kind == 'p')
        mpfr_mul_2si(b->f, b->f, (long)exponent, MPFR_RNDN);
    return settled(b);
}

const struct bignum *bignum_parse_base(struct arena *arena, struct str text, int base) {
    size_t sign = text.len && (text.at[0] == '-' || text.at[0] == '+');
    if (text.len == sign)
        return NULL;
    char *c = xmalloc(text.len + 1);
    c[0] = text.at[0];
    for (size_t i = sign; i < text.len; i++) {
        char byte = text.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        /* GMP reads upper case as 10..35 above base 36, the language the other way round. */
        if (letter && base > 36)
            byte = (char)(byte ^ 0x20);
        c[i] = letter || (byte >= '0' && byte <= '9') ? byte : '!';
    }
    c[text.len] = 0;
    mpz_t z;
    bool ok = mpz_init_set_str(z, text.at[0] == '+' ? c + 1 : c, base) == 0;
    free(c);
    struct bignum *b = NULL;
    if (ok) {
        b = fresh(arena, BIGNUM_BITS);
        mpfr_set_z(b->f, z, MPFR_RNDN);
    }
    mpz_clear(z);
    return b ? settled(b) : NULL;
}

const struct bignum *bignum_from_int(struct arena *arena, int64_t i) {
    struct bignum *b = fresh(arena, BIGNUM_BITS);
    mpfr_set_si(b->f, (long)i, MPFR_RNDN);
    return b;
}

const struct bignum *bignum_from_double(struct arena *arena, double d) {
    assert(d == d);
    struct bignum *b = fresh(arena, 53);
    mpfr_set_d(b->f, d, MPFR_RNDN);
    return b;
}

const struct bignum *bignum_copy(struct arena *arena, const struct bignum *a) {
    struct bignum *b = fresh(arena, mpfr_get_prec(a->f));
    mpfr_set(b->f, a->f, MPFR_RNDN);
    return b;
}

const struct bignum *bignum_add(struct arena *arena, const struct bignum *a,
                                const struct bignum *b) {
    struct bignum *sum = fresh(arena, larger_bits(a, b));
    mpfr_add(sum->f, a->f, b->f, MPFR_RNDN);
    return settled(sum);
}

const struct bignum *bignum_subtract(struct arena *arena, const struct bignum *a,
                                     const struct bignum *b) {
    struct bignum *difference = fresh(arena, larger_bits(a, b));
    mpfr_sub(difference->f, a->f, b->f, MPFR_RNDN);
    return settled(difference);
}

/* Computed in full, then cut down to what the operands had or the product needs. */
const struct bignum *bignum_multiply(struct arena *arena, const struct bignum *a,
                                     const struct bignum *b) {
    mpfr_prec_t bits = larger_bits(a, b);
    struct bignum *product = fresh(arena, BIGNUM_BITS);
    mpfr_mul(product->f, a->f, b->f, MPFR_RNDN);
    mpfr_prec_t needed = mpfr_regular_p(product->f) ? mpfr_min_prec(product->f) : 0;
    if (needed > bits)
        bits = needed;
    if (bits == BIGNUM_BITS)
        return settled(product);
    struct bignum *cut = fresh(arena, bits);
    mpfr_set(cut->f, product->f, MPFR_RNDN);
    return settled(cut);
}

const struct bignum *bignum_divide(struct arena *arena, const struct bignum *a,
                                   const struct bignum *b) {
    struct bignum *quotient = fresh(arena, larger_bits(a, b));
    mpfr_div(quotient->f, a->f, b->f, MPFR_RNDN);
    return settled(quotient);
}

const struct bignum *bignum_modulo(struct arena *arena, const struct bignum *a,
                                   const struct bignum *b) {
    if (bignum_is_infinite(a) || bignum_is_infinite(b))
        return bignum_multiply(arena, a, b);
    struct bignum *whole = fresh(arena, larger_bits(a, b));
    mpfr_div(whole->f, a->f, b->f, MPFR_RNDN);
    mpfr_trunc(whole->f, whole->f);
    struct bignum *work = fresh(arena, mpfr_get_prec(a->f));
    mpfr_mul(work->f, b->f, whole->f, MPFR_RNDN);
    mpfr_sub(work->f, a->f, work->f, MPFR_RNDN);
    return settled(work);
}

const struct bignum *bignum_negate(struct arena *arena, const struct bignum *a) {
    struct bignum *b = fresh(arena, mpfr_get_prec(a->f));
    mpfr_neg(b->f, a->f, MPFR_RNDN);
    return b;
}

/* For a whole number near a: as many bits as it has, as big.Float takes them from a big.Int. */
static struct bignum *fresh_whole(struct arena *arena, const struct bignum *a) {
    mpfr_exp_t bits = mpfr_regular_p(a->f) ? mpfr_get_exp(a->f) + 1 : 0;
    return fresh(arena, bits > 64 ? bits : 64);
}

const struct bignum *bignum_floor(struct arena *arena, const struct bignum *a) {
    struct bignum *b = fresh_whole(arena, a);
    mpfr_floor(b->f, a->f);
    return b;
}

const struct bignum *bignum_ceil(struct arena *arena, const struct bignum *a) {
    struct bignum *b = fresh_whole(arena, a);
    mpfr_ceil(b->f, a->f);
    return b;
}

int bignum_compare(const struct bignum *a, const struct bignum *b) {
    int order = mpfr_cmp(a->f, b->f);
    return (order > 0) - (order < 0);
}

int bignum_compare_int(const struct bignum *a, int64_t i) {
    int order = mpfr_cmp_si(a->f, (long)i);
    return (order > 0) - (order < 0);
}

int bignum_sign(const struct bignum *a) {
    int sign = mpfr_sgn(a->f);
    return (sign > 0) - (sign < 0);
}

bool bignum_is_minus_zero(const struct bignum *a) {
    return mpfr_zero_p(a->f) && mpfr_signbit(a->f);
}

bool bignum_is_infinite(const struct bignum *a) {
    return mpfr_inf_p(a->f) != 0;
}

bool bignum_is_whole(const struct bignum *a) {
    return mpfr_integer_p(a->f) != 0;
}

bool bignum_to_int(const struct bignum *a, int64_t *ret_int) {
    if (!mpfr_integer_p(a->f) || !mpfr_fits_slong_p(a->f, MPFR_RNDZ))
        return false;
    *ret_int = mpfr_get_si(a->f, MPFR_RNDZ);
    return true;
}

double bignum_to_double(const struct bignum *a, bool *ret_exact) {
    double d = mpfr_get_d(a->f, MPFR_RNDN);
    if (ret_exact)
        *ret_exact = mpfr_cmp_d(a->f, d) == 0;
    return d;
}

/* 0.DIGITS times ten to the exponent; no zero at either end. */
struct decimal {
    char *digits;
    size_t n;
    long exponent;
};

/* m times two to the e, exactly. */
static struct decimal decimal_of(const mpz_t m, long e) {
    mpz_t v;
    mpz_init(v);
    if (e >= 0) {
        mpz_mul_2exp(v, m, (mp_bitcnt_t)e);
    } else {
        mpz_ui_pow_ui(v, 5, (unsigned long)-e);
        mpz_mul(v, v, m);
    }
    struct decimal d = {.digits = xmalloc(mpz_sizeinbase(v, 10) + 2)};
    mpz_get_str(d.digits, 10, v);
    d.n = mpz_sgn(v) ? strlen(d.digits) : 0;
    d.exponent = (long)d.n + (e < 0 ? e : 0);
    while (d.n && d.digits[d.n - 1] == '0')
        d.n--;
    if (!d.n)
        d.exponent = 0;
    mpz_clear(v);
    return d;
}

static char decimal_at(const struct decimal *d, size_t i) {
    return i < d->n ? d->digits[i] : '0';
}

static void decimal_trim(struct decimal *d) {
    while (d->n && d->digits[d->n - 1] == '0')
        d->n--;
    if (!d->n)
        d->exponent = 0;
}

static void decimal_round_down(struct decimal *d, size_t n) {
    if (n >= d->n)
        return;
    d->n = n;
    decimal_trim(d);
}

static void decimal_round_up(struct decimal *d, size_t n) {
    if (n >= d->n)
        return;
    while (n > 0 && d->digits[n - 1] == '9')
        n--;
    if (n == 0) {
        d->digits[0] = '1';
        d->n = 1;
        d->exponent++;
        return;
    }
    d->digits[n - 1]++;
    d->n = n;
}

/* To n digits, half to even. */
static void decimal_round(struct decimal *d, size_t n) {
    if (n >= d->n)
        return;
    bool half = d->digits[n] == '5' && n + 1 == d->n;
    bool up = half ? n > 0 && ((d->digits[n - 1] - '0') & 1) : d->digits[n] >= '5';
    if (up)
        decimal_round_up(d, n);
    else
        decimal_round_down(d, n);
}

/*
 * Cuts d to the fewest digits that still lie between the half-way points to both neighbours, by
 * Steele and White's digit-wise method, as Go's math/big prints.
 */
static void decimal_shorten(struct decimal *d, const struct decimal *lower,
                            const struct decimal *upper, bool inclusive) {
    for (size_t i = 0; i < d->n; i++) {
        char m = d->digits[i], l = decimal_at(lower, i), u = decimal_at(upper, i);
        bool down = l != m || (inclusive && i + 1 == lower->n);
        bool up = m != u && (inclusive || m + 1 < u || i + 1 < upper->n);
        if (down && up)
            decimal_round(d, i + 1);
        else if (down)
            decimal_round_down(d, i + 1);
        else if (up)
            decimal_round_up(d, i + 1);
        if (down || up)
            return;
    }
}

static struct decimal decimal_from(const struct bignum *a, bool shortest) {
    if (mpfr_zero_p(a->f))
        return (struct decimal){.digits = xmalloc(1)};
    mpz_t m;
    mpz_init(m);
    long e = (long)mpfr_get_z_2exp(m, a->f);
    mpz_abs(m, m);
    /* One bit more than the precision, so that plus and minus one are the half-way points. */
    mpz_mul_2exp(m, m, 1);
    e--;
    struct decimal d = decimal_of(m, e);
    if (shortest) {
        bool even = mpz_tstbit(m, 1) == 0;
        mpz_sub_ui(m, m, 1);
        struct decimal lower = decimal_of(m, e);
        mpz_add_ui(m, m, 2);
        struct decimal upper = decimal_of(m, e);
        decimal_shorten(&d, &lower, &upper, even);
        free(lower.digits);
        free(upper.digits);
    }
    mpz_clear(m);
    return d;
}

static void write_fixed(struct buf *out, const struct decimal *d, size_t fraction) {
    if (d->exponent > 0) {
        size_t whole = (size_t)d->exponent;
        size_t have = whole < d->n ? whole : d->n;
        buf_add(out, (struct str){d->digits, have});
        buf_fill(out, '0', whole - have);
    } else {
        buf_byte(out, '0');
    }
    if (!fraction)
        return;
    buf_byte(out, '.');
    for (size_t i = 0; i < fraction; i++) {
        long at = d->exponent + (long)i;
        buf_byte(out, at >= 0 ? decimal_at(d, (size_t)at) : '0');
    }
}

static void write_exponential(struct buf *out, const struct decimal *d, size_t fraction) {
    buf_byte(out, decimal_at(d, 0));
    if (fraction)
        buf_byte(out, '.');
    for (size_t i = 1; i <= fraction; i++)
        buf_byte(out, decimal_at(d, i));
    long exponent = d->n ? d->exponent - 1 : 0;
    buf_addf(out, "e%c%02ld", exponent < 0 ? '-' : '+', labs(exponent));
}

static size_t fraction_digits(const struct decimal *d) {
    long n = (long)d->n - d->exponent;
    return n > 0 ? (size_t)n : 0;
}

static void write_general(struct buf *out, const struct decimal *d, bool shortest, int precision) {
    long limit = precision;
    if (limit > (long)d->n && (long)d->n >= d->exponent)
        limit = (long)d->n;
    if (shortest)
        limit = 6;
    long exponent = d->exponent - 1;
    if (d->n && (exponent < -4 || exponent >= limit))
        write_exponential(out, d, d->n - 1);
    else
        write_fixed(out, d, fraction_digits(d));
}

void bignum_format(struct buf *out, const struct bignum *a, char verb, int precision) {
    if (mpfr_inf_p(a->f)) {
        buf_add_c(out, mpfr_sgn(a->f) < 0 ? "-Inf" : "+Inf");
        return;
    }
    if (mpfr_signbit(a->f))
        buf_byte(out, '-');
    bool shortest = precision < 0;
    struct decimal d = decimal_from(a, shortest);
    if (verb == 'f') {
        long keep = shortest ? (long)d.n : d.exponent + precision;
        if (keep >= 0)
            decimal_round(&d, (size_t)keep);
        else
            decimal_round_down(&d, 0);
        write_fixed(out, &d, shortest ? fraction_digits(&d) : (size_t)precision);
    } else if (verb == 'e') {
        if (!shortest)
            decimal_round(&d, (size_t)precision + 1);
        write_exponential(out, &d, shortest ? (d.n ? d.n - 1 : 0) : (size_t)precision);
    } else {
        if (!shortest)
            decimal_round(&d, precision ? (size_t)precision : 1);
        write_general(out, &d, shortest, precision ? precision : 1);
    }
    free(d.digits);
}

void bignum_write(struct buf *out, const struct bignum *a) {
    bignum_format(out, a, 'f', -1);
}

void bignum_write_base(struct buf *out, const struct bignum *a, int base) {
    if (mpfr_inf_p(a->f)) {
        bignum_write(out, a);
        return;
    }
    mpz_t z;
    mpz_init(z);
    mpfr_get_z(z, a->f, MPFR_RNDZ);
    char *text = xmalloc(mpz_sizeinbase(z, base) + 2);
    mpz_get_str(text, base, z);
    buf_add_c(out, text);
    free(text);
    mpz_clear(z);
}
