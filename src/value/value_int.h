/* SPDX-License-Identifier: Apache-2.0 */
/* What values are made of; for this folder only. */
#ifndef LOAM_VALUE_INT_H
#define LOAM_VALUE_INT_H

#include "value/path.h"
#include "value/value.h"

/* From marks of a value (1, 2, 4) to the bits that say the mark is inside (32, 64, 128). */
#define VALUE_INSIDE_SHIFT 5
#define VALUE_MARKS_INSIDE (VALUE_MARKS << VALUE_INSIDE_SHIFT)

/* Elements of a compound value. */
struct value_group {
    const struct type *type;
    unsigned inside;        /* flags that the elements give to the whole */
    const struct str *keys; /* of a map */
    struct value at[];
};

/* Where a walk is, kept on the stack; becomes a path only when something is wrong there. */
struct trail {
    const struct trail *up;
    struct path_step step;
};
struct path path_from_trail(struct arena *arena, const struct trail *trail);

/* Bytes by which sets of compound values are ordered. */
void set_key_write(struct buf *out, struct value v);

#endif
