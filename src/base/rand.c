/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

#include "base/arena.h"

void rand_bytes(void *out, size_t n) {
    char *at = out;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            bug("the system gives no randomness");
        }
        at += got;
        n -= (size_t)got;
    }
}

/* What lies beyond the last multiple of limit is drawn again, so that no remainder is likelier. */
static uint64_t first_rejected(uint64_t limit) {
    return UINT64_MAX - UINT64_MAX % limit;
}

uint64_t rand_below(uint64_t limit) {
    uint64_t r, reject = first_rejected(limit);
    do
        rand_bytes(&r, sizeof r);
    while (r >= reject);
    return r % limit;
}

struct str rand_text(struct arena *arena, size_t n, struct str alphabet) {
    uint64_t drawn[32], reject = first_rejected(alphabet.len);
    size_t left = 0;
    char *at = arena_bytes(arena, n + 1);
    for (size_t i = 0; i < n;) {
        if (!left) {
            left = n - i < COUNT(drawn) ? n - i : COUNT(drawn);
            rand_bytes(drawn, left * sizeof *drawn);
        }
        uint64_t r = drawn[--left];
        if (r < reject)
            at[i++] = alphabet.at[r % alphabet.len];
    }
    at[n] = 0;
    return (struct str){at, n};
}

struct str rand_uuid(struct arena *arena) {
    uint8_t b[16];
    rand_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    return str_format(arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                      b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                      b[12], b[13], b[14], b[15]);
}
