/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

void buf_init(struct buf *b, size_t max) {
    *b = (struct buf){.max = max};
}

void buf_clear(struct buf *b) {
    free(b->at);
    *b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b) {
    b->len = 0;
    b->overflow = false;
}

static bool make_room(struct buf *b, size_t more) {
    if (b->overflow || more > b->max - b->len) {
        b->overflow = true;
        return false;
    }
    size_t need = b->len + more;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 128;
    while (cap < need)
        cap *= 2;
    b->at = xrealloc(b->at, cap);
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct str s) {
    if (!s.len || !make_room(b, s.len))
        return;
    memcpy(b->at + b->len, s.at, s.len);
    b->len += s.len;
}

void buf_add_c(struct buf *b, const char *text) {
    buf_add(b, str_from(text));
}

void buf_byte(struct buf *b, char byte) {
    if (make_room(b, 1))
        b->at[b->len++] = byte;
}

void buf_fill(struct buf *b, char byte, size_t n) {
    if (!n || !make_room(b, n))
        return;
    memset(b->at + b->len, byte, n);
    b->len += n;
}

void buf_addf(struct buf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, format, args);
    if (n < 0)
        bug("format failed");
    if ((size_t)n < sizeof small) {
        buf_add(b, (struct str){small, (size_t)n});
    } else if (make_room(b, (size_t)n + 1)) {
        vsnprintf(b->at + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

void buf_rune(struct buf *b, uint32_t rune) {
    char bytes[4];
    buf_add(b, (struct str){bytes, utf8_encode(rune, bytes)});
}

struct str buf_str(const struct buf *b) {
    return (struct str){b->at ? b->at : "", b->len};
}

struct str buf_take(struct buf *b, struct arena *arena) {
    struct str s = str_dup(arena, buf_str(b));
    buf_clear(b);
    return s;
}
