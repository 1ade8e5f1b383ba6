/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as the language computes them: binary floats of 512 bits, rounded to nearest even, exact
 * for every number that people write. A number keeps the precision it was made with (512 from text,
 * 53 from a double, all its bits from rounding to a whole), because the shortest decimal that
 * stands for it depends on it. Immutable; lives in the arena given; never NaN.
 */
#ifndef LOAM_BIGNUM_H
#define LOAM_BIGNUM_H

#include "base/buf.h"
#include "base/str.h"

struct arena;
struct bignum;

#define BIGNUM_BITS 512
/* Decimal exponents beyond this are refused by the parser, to bound memory. */
#define BIGNUM_MAX_EXPONENT 100000

/* Decimal text: sign, digits, fraction, exponent; "inf". NULL when it is not one. */
const struct bignum *bignum_parse(struct arena *arena, struct str text);
/* A whole number in base 2..62 with optional sign, digits as parseint() has them; NULL when not. */
const struct bignum *bignum_parse_base(struct arena *arena, struct str text, int base);
const struct bignum *bignum_from_int(struct arena *arena, int64_t i);
/* 53 bits; d is not NaN. */
const struct bignum *bignum_from_double(struct arena *arena, double d);
const struct bignum *bignum_copy(struct arena *arena, const struct bignum *a);

const struct bignum *bignum_add(struct arena *arena, const struct bignum *a,
                                const struct bignum *b);
const struct bignum *bignum_subtract(struct arena *arena, const struct bignum *a,
                                     const struct bignum *b);
const struct bignum *bignum_multiply(struct arena *arena, const struct bignum *a,
                                     const struct bignum *b);
/* b is not 0. */
const struct bignum *bignum_divide(struct arena *arena, const struct bignum *a,
                                   const struct bignum *b);
/* Remainder of the division truncated towards zero, rounded as big.Float of Go does it. */
const struct bignum *bignum_modulo(struct arena *arena, const struct bignum *a,
                                   const struct bignum *b);
const struct bignum *bignum_negate(struct arena *arena, const struct bignum *a);
const struct bignum *bignum_floor(struct arena *arena, const struct bignum *a);
const struct bignum *bignum_ceil(struct arena *arena, const struct bignum *a);

int bignum_compare(const struct bignum *a, const struct bignum *b);
int bignum_compare_int(const struct bignum *a, int64_t i);
int bignum_sign(const struct bignum *a);
bool bignum_is_minus_zero(const struct bignum *a); /* prints as "-0" */
bool bignum_is_infinite(const struct bignum *a);
bool bignum_is_whole(const struct bignum *a);
/* false when the number has a fraction or is out of range. */
bool bignum_to_int(const struct bignum *a, int64_t *ret_int);
/* Nearest double; *ret_exact (may be NULL) says whether nothing was lost. */
double bignum_to_double(const struct bignum *a, bool *ret_exact);

/* Shortest decimal that reads back as the same number, without exponent. */
void bignum_write(struct buf *out, const struct bignum *a);
/* verb: 'e', 'f' or 'g'; precision as in C, -1 = shortest. Exact decimal, rounded half to even. */
void bignum_format(struct buf *out, const struct bignum *a, char verb, int precision);
/* The whole part in base 2..36, lower case. */
void bignum_write_base(struct buf *out, const struct bignum *a, int base);

#endif
