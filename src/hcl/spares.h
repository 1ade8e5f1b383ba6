/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays that lists are collected in until their length is known, kept for the next list of the
 * kind: a parser needs as many as its nesting is deep, not one for every list.
 */
#ifndef LOAM_SPARES_H
#define LOAM_SPARES_H

#include <stddef.h>

struct arena;

struct spare {
    void *array;
    size_t cap;
};

struct spares {
    struct spare *at;
    size_t n, cap;
};

/* arena_grow(), with a kept array for a list that has none yet (items NULL). */
void *spares_grow(struct arena *scratch, struct spares *spares, void *items, size_t n, size_t *cap,
                  size_t size);
/* The array of a list that is done. */
void spares_keep(struct arena *scratch, struct spares *spares, void *items, size_t cap);

#endif
