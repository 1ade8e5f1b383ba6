/* SPDX-License-Identifier: Apache-2.0 */
/* Time: wall clock in UTC and a monotonic one for durations, and their texts. */
#ifndef LOAM_CLOCK_H
#define LOAM_CLOCK_H

#include "base/str.h"

struct arena;

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_now_ms(void);
/* Never goes back; only differences mean anything. */
int64_t clock_monotonic_ms(void);
void clock_sleep_ms(int64_t ms);

struct clock_civil {
    int year, month, day, hour, minute, second, ms;
    int weekday; /* 0 = Sunday */
    int yearday; /* 0 = 1 January */
};

struct clock_civil clock_civil(int64_t unix_ms);
int64_t clock_from_civil(int year, int month, int day, int hour, int minute, int second);

/* "2006-01-02T15:04:05Z" */
struct str clock_rfc3339(struct arena *arena, int64_t unix_ms);
/* "20060102T150405Z", the basic form that AWS signatures use */
struct str clock_basic(struct arena *arena, int64_t unix_ms);
/* RFC 3339 with offset and optional fraction, or the basic form; false when it is neither. */
bool clock_parse(struct str text, int64_t *ret_unix_ms);

#endif
