/* SPDX-License-Identifier: Apache-2.0 */
/* Is what a provider made what it had planned? The reference's AssertObjectCompatible. */
#ifndef LOAM_COMPAT_H
#define LOAM_COMPAT_H

#include "provider/schema.h"

struct compat_problems {
    struct str *at; /* ".input: was cty.StringVal(\"a\"), but now ..." */
    size_t n, cap;
};

/* Adds one problem for each known part of `planned` that `actual` has otherwise. */
void compat_check(struct arena *arena, const struct schema_block *block, struct value planned,
                  struct value actual, struct compat_problems *problems);

#endif
