/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one growing byte buffer. Every buffer has a maximum, set at init; what would pass it is
 * dropped and `overflow` stays set, so a writer appends freely and its owner checks once at the
 * end.
 */
#ifndef LOAM_BUF_H
#define LOAM_BUF_H

#include "base/str.h"

struct buf {
    char *at;
    size_t len;
    size_t cap;
    size_t max;
    bool overflow;
};

/* All maxima in one list, in bytes. */
#define BUF_MAX_TEXT ((size_t)64 << 20)     /* messages, rendered output */
#define BUF_MAX_DOCUMENT ((size_t)2 << 30)  /* state, plan, configuration, JSON documents */
#define BUF_MAX_STATE ((size_t)64 << 30)    /* state files: each object names all it depends on */
#define BUF_MAX_REQUEST ((size_t)1 << 20)   /* one API request */
#define BUF_MAX_RESPONSE ((size_t)64 << 20) /* one API response */

void buf_init(struct buf *b, size_t max);
/* Frees the bytes; the buffer may be initialised again. */
void buf_clear(struct buf *b);
/* Empty, memory kept. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *text);
void buf_byte(struct buf *b, char byte);
void buf_fill(struct buf *b, char byte, size_t n);
void buf_addf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* UTF-8 of one code point. */
void buf_rune(struct buf *b, uint32_t rune);

/* View of what is there, valid until the next change. */
struct str buf_str(const struct buf *b);
/* Copies the bytes into the arena (NUL behind) and clears the buffer. */
struct str buf_take(struct buf *b, struct arena *arena);

#endif
