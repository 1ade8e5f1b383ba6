/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical style (`fmt`), token by token: only blanks between tokens change. */
#ifndef LOAM_FORMAT_H
#define LOAM_FORMAT_H

#include "base/str.h"

struct buf;

/* source is free of syntax errors; the result is written to out. */
void format_source(struct arena *arena, struct str source, struct buf *out);

#endif
