/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversion rules between types alone. `unsafe` also allows what depends on the value: text that
 * may be a number, a map that may have an object's keys, an unknown type. For this folder only;
 * everyone else uses convert.h.
 */
#ifndef LOAM_UNIFY_H
#define LOAM_UNIFY_H

#include "value/type.h"

/* True also for equal types. */
bool unify_can_convert(const struct type *from, const struct type *to, bool unsafe);
/* The type that all convert to, or NULL. */
const struct type *unify_types(const struct type *const *types, size_t n, bool unsafe);
/* `out` with each "any" in it replaced by what `in`, which converts to it, has there. */
const struct type *unify_fill_dynamic(const struct type *in, const struct type *out);
/* Why a value of type `got` cannot become `want`. */
struct str unify_mismatch(struct arena *arena, const struct type *got, const struct type *want);

#endif
