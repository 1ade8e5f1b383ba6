/* SPDX-License-Identifier: Apache-2.0 */
/* Distinct values found in constant time: behind distinct(), the set functions and matchkeys(). */
#ifndef LOAM_VALUE_SET_H
#define LOAM_VALUE_SET_H

#include "value/value.h"

struct value_set {
    struct value *slots;
    bool *used;
    size_t n_slots;
};

/* n: how many values may come. */
void value_set_init(struct value_set *set, struct arena *arena, size_t n);
/* false when it was there. */
bool value_set_add(struct value_set *set, struct value v);
bool value_set_has(const struct value_set *set, struct value v);

#endif
