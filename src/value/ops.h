/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators on values whose types were checked: unknown in, unknown out (refined where possible),
 * marks of the operands carried to the result. They never fail, but for 0 / 0.
 */
#ifndef LOAM_OPS_H
#define LOAM_OPS_H

#include "value/value.h"

/* As `==`: unknown when either holds unknowns that could decide it. */
struct value ops_equal(struct arena *arena, struct value a, struct value b);
struct value ops_not(struct arena *arena, struct value a);
struct value ops_and(struct arena *arena, struct value a, struct value b);
struct value ops_or(struct arena *arena, struct value a, struct value b);
struct value ops_add(struct arena *arena, struct value a, struct value b);
struct value ops_subtract(struct arena *arena, struct value a, struct value b);
struct value ops_multiply(struct arena *arena, struct value a, struct value b);
/* false: zero by zero or infinity by infinity; another division by zero gives an infinity, and a
 * remainder by zero the dividend. */
bool ops_divide(struct arena *arena, struct value a, struct value b, struct value *ret_value);
bool ops_modulo(struct arena *arena, struct value a, struct value b, struct value *ret_value);
struct value ops_negate(struct arena *arena, struct value a);
/* sign: -1 a<b, 0, 1; only for known numbers. */
int ops_compare(struct value a, struct value b);
struct value ops_less(struct arena *arena, struct value a, struct value b);
struct value ops_less_equal(struct arena *arena, struct value a, struct value b);
bool ops_is_whole(struct value a); /* a known number without a fraction */
/* A set whose unknown elements may turn out to be equal to others: its length is unknown. */
bool ops_may_shrink(struct value v);

#endif
