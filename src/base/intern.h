/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that are compared by pointer: attribute names, type names, addresses. Interned once for the
 * life of the process; safe to call from any thread.
 */
#ifndef LOAM_INTERN_H
#define LOAM_INTERN_H

#include "base/str.h"

struct name {
    uint64_t hash;
    size_t len;
    char at[];
};

const struct name *intern_name(struct str s);
struct str intern_str(const struct name *name);

#endif
