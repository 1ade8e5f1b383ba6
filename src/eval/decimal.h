/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as `%e`, `%f` and `%g` write them, with Go's rules and exact rounding. */
#ifndef LOAM_DECIMAL_H
#define LOAM_DECIMAL_H

#include "base/buf.h"
#include "value/value.h"

/* verb: one of e E f g G; precision -1: as many digits as the number needs (g only). */
void decimal_write(struct buf *out, struct arena *scratch, struct value number, char verb,
                   int precision);

#endif
