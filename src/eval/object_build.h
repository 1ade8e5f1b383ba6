/* SPDX-License-Identifier: Apache-2.0 */
/* Objects made attribute by attribute, in time linear in their number. */
#ifndef LOAM_OBJECT_BUILD_H
#define LOAM_OBJECT_BUILD_H

#include "value/value.h"

struct object_build {
    struct arena *arena;
    const struct name **names;
    struct value *values;
    size_t n, cap, value_cap;
    struct map *index;
};

void object_build_init(struct object_build *o, struct arena *arena);
/* false when the name was there; then its value is replaced only if `replace`. */
bool object_build_put(struct object_build *o, struct str name, struct value v, bool replace);
struct value object_build_value(const struct object_build *o);

#endif
