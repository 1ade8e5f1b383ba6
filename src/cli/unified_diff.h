/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts as `diff -u` shows them: hunks with three lines around each change. */
#ifndef LOAM_UNIFIED_DIFF_H
#define LOAM_UNIFIED_DIFF_H

#include "base/str.h"

struct arena;
struct buf;

/* Headed "--- old/NAME" and "+++ new/NAME"; nothing when the texts are equal. */
void unified_diff_write(struct buf *out, struct arena *scratch, struct str name, struct str before,
                        struct str after);

#endif
