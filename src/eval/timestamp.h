/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps and durations as the time functions take them, with the reference's complaints. */
#ifndef LOAM_TIMESTAMP_H
#define LOAM_TIMESTAMP_H

#include "base/buf.h"

struct timestamp {
    int64_t seconds;     /* since 1970-01-01 UTC */
    int32_t nanoseconds; /* 0 to 999999999 */
    int32_t offset;      /* of its own zone, in seconds east */
};

/* RFC 3339, strictly or with what Go's parser lets pass. On failure *ret_error is a sentence part.
 */
bool timestamp_parse(struct arena *arena, struct str text, bool strict, struct timestamp *ret_time,
                     struct str *ret_error);
/* "1h30m", "-1.5s": as Go's time.ParseDuration, in nanoseconds. */
bool timestamp_parse_duration(struct arena *arena, struct str text, int64_t *ret_nanoseconds,
                              struct str *ret_error);
/* RFC 3339 with its zone, whole seconds. */
void timestamp_write(struct buf *out, struct timestamp time);
struct timestamp timestamp_add(struct timestamp time, int64_t nanoseconds);
/* By the letters of formatdate(). false: *ret_error says which. */
bool timestamp_format(struct buf *out, struct arena *arena, struct str format,
                      struct timestamp time, struct str *ret_error);

#endif
