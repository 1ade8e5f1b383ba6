/* SPDX-License-Identifier: Apache-2.0 */
/* Prose in lines of a width: words move, lines that are indented or short stay as they are. */
#ifndef LOAM_WRAP_H
#define LOAM_WRAP_H

#include "base/str.h"

struct buf;

/* Lines of text broken at blanks so that none is wider than width columns, 0 = never. */
void wrap_text(struct buf *out, struct str text, int width);

#endif
