/* SPDX-License-Identifier: Apache-2.0 */
/* What someone may have meant, at the end of a message. */
#ifndef LOAM_HINT_H
#define LOAM_HINT_H

#include "base/str.h"

struct arena;

/* ` Did you mean "x"?` or nothing: the first candidate that is a likely typo, as the reference. */
struct str hint_did_you_mean(struct arena *arena, struct str word, const struct str *candidates,
                             size_t n);

#endif
