/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical style (`fmt`), token by token. Blanks between tokens change, and a few old forms
 * are written anew: "${x}" alone as x, bare labels in quotes, `type = "list"` as `list(string)`.
 */
#ifndef LOAM_FORMAT_H
#define LOAM_FORMAT_H

#include "base/str.h"

struct arena;
struct buf;

struct body;
struct tokens;

/* source is free of syntax errors (others are written out as they are). */
void format_source(struct arena *scratch, struct str source, struct buf *out);
/* The same for a source that was parsed without errors. */
void format_parsed(struct arena *scratch, struct str source, const struct body *body,
                   struct tokens tokens, struct buf *out);

#endif
