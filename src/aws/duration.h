/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as Go writes them: "1h30m", "15m", "1.5s". */
#ifndef LOAM_DURATION_H
#define LOAM_DURATION_H

#include "base/str.h"

struct arena;

/* false with Go's own words: `time: missing unit in duration "1"`. */
bool duration_parse(struct arena *arena, struct str text, int64_t *ret_ms, struct str *ret_error);

#endif
