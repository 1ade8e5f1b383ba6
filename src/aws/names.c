/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/names.h"

#include <ctype.h>
#include <stdatomic.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

#define SUFFIX_LEN 26
#define DIGITS 18 /* yyyymmddhhmmss and tenths of milliseconds */

struct str names_unique(struct arena *arena, struct str prefix) {
    static atomic_uint counter;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct clock_civil c = clock_civil((int64_t)now.tv_sec * 1000);
    struct str head = prefix.len > 0 ? prefix : S("terraform-");
    return str_format(arena, "%.*s%04d%02d%02d%02d%02d%02d%04ld%08x", STR_ARG(head), c.year,
                      c.month, c.day, c.hour, c.minute, c.second, now.tv_nsec / 100000,
                      atomic_fetch_add(&counter, 1) + 1);
}

struct str names_prefix(struct str name) {
    if (name.len < SUFFIX_LEN)
        return S("");
    struct str suffix = str_slice(name, name.len - SUFFIX_LEN, name.len);
    for (size_t i = 0; i < SUFFIX_LEN; i++) {
        unsigned char c = (unsigned char)suffix.at[i];
        if (i < DIGITS ? !isdigit(c) : !(isdigit(c) || (c >= 'a' && c <= 'f')))
            return S("");
    }
    return str_slice(name, 0, name.len - SUFFIX_LEN);
}
