/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory by lifespan. An arena hands out zeroed memory that lives until the arena is reset or
 * freed; nothing is freed one by one. By convention a function takes `arena` when its result lives
 * there and `scratch` when what it takes is dead on return. An arena belongs to one thread at a
 * time; arena_merge() hands all of one to another. Out of memory aborts, so no caller checks.
 *
 * Under AddressSanitizer each object has a red zone behind it, and what a reset gave up
 * is forbidden.
 */
#ifndef LOAM_ARENA_H
#define LOAM_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);
/* Forgets everything, keeps the first chunk for reuse. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. size may be 0. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));
/* n elements, checked for overflow. */
void *arena_array(struct arena *arena, size_t n, size_t size);
/* The same without zeros, for what is written before it is read. Pages that are not cost nothing,
 * so it may be asked for generously. */
void *arena_raw(struct arena *arena, size_t n, size_t size);
/* Unaligned and not zeroed, for text. */
char *arena_bytes(struct arena *arena, size_t size);
void *arena_copy(struct arena *arena, const void *from, size_t size);

/* Moves everything that `from` holds into `into`; `from` is empty after. Pointers stay valid. */
void arena_merge(struct arena *into, struct arena *from);
/* Calls drop(object) when the arena is reset or freed; the last registered goes first. */
void arena_hold(struct arena *arena, void (*drop)(void *object), void *object);
/* Whether an object of this arena is at `p`; takes time in the number of its chunks, which is
 * logarithmic in the bytes of a small arena. */
bool arena_has(const struct arena *arena, const void *p);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/*
 * Room for one more element in a growing array: returns the array, moved and at least doubled when
 * `n` has reached `*cap`. Use: `v->at = arena_grow(a, v->at, v->n, &v->cap, sizeof *v->at);`
 */
void *arena_grow_full(struct arena *arena, void *items, size_t n, size_t *cap, size_t size);
static inline void *arena_grow(struct arena *arena, void *items, size_t n, size_t *cap,
                               size_t size) {
    return items && n < *cap ? items : arena_grow_full(arena, items, n, cap, size);
}

/* For memory outside any arena: abort on failure. Release with free(). */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));

/* Broken invariant: says where on stderr and aborts. */
_Noreturn void bug_at(const char *file, int line, const char *what);
#define bug(what) bug_at(__FILE__, __LINE__, (what))

#endif
