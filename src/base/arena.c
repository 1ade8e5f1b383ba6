/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#define WATCHED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define RED_ZONE ((size_t)16)
#define MIN_ALIGN ((size_t)8) /* what a byte of AddressSanitizer's shadow stands for */
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define RED_ZONE ((size_t)0)
#define MIN_ALIGN ((size_t)1)
#endif

#define FIRST_CHUNK ((size_t)4096 - 64)
#define LARGEST_CHUNK ((size_t)1 << 20)
/* An arena that grew this large goes on in huge pages, which cost a fault per 2 MiB, not per 4 KiB.
 */
#define HUGE_FROM ((size_t)16 << 20)
#define HUGE_PAGE ((size_t)2 << 20)

struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct hold {
    struct hold *next;
    void (*drop)(void *object);
    void *object;
};

struct arena {
    struct chunk *chunks; /* the current one first */
    struct hold *holds;
    size_t used;
    size_t next_size;
};

_Noreturn void bug_at(const char *file, int line, const char *what) {
    fprintf(stderr, "loam: internal error at %s:%d: %s\n", file, line, what);
    abort();
}

void *xmalloc(size_t size) {
    void *p = malloc(size ? size : 1);
    if (!p)
        bug("out of memory");
    return p;
}

void *xrealloc(void *old, size_t size) {
    void *p = realloc(old, size ? size : 1);
    if (!p)
        bug("out of memory");
    return p;
}

struct arena *arena_new(void) {
    struct arena *arena = xmalloc(sizeof *arena);
    *arena = (struct arena){.next_size = FIRST_CHUNK};
    return arena;
}

static void drop_holds(struct arena *arena) {
    while (arena->holds) {
        struct hold *hold = arena->holds;
        arena->holds = hold->next;
        hold->drop(hold->object);
        free(hold);
    }
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    drop_holds(arena);
    for (struct chunk *c = arena->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

void arena_reset(struct arena *arena) {
    drop_holds(arena);
    struct chunk *keep = NULL;
    for (struct chunk *c = arena->chunks, *next; c; c = next) {
        next = c->next;
        if (!next) {
            keep = c;
            keep->used = 0;
            ASAN_POISON_MEMORY_REGION(c->bytes, c->size);
        } else {
            free(c);
        }
    }
    arena->chunks = keep;
    arena->used = 0;
    arena->next_size = FIRST_CHUNK;
}

/* Whole huge pages where that is asked for and possible. */
static void *chunk_bytes(size_t *size, bool huge) {
    if (!huge)
        return xmalloc(*size);
    *size = (*size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    void *p = aligned_alloc(HUGE_PAGE, *size);
    if (!p)
        bug("out of memory");
    madvise(p, *size, MADV_HUGEPAGE); /* a wish: without it the pages are small */
    return p;
}

static struct chunk *add_chunk(struct arena *arena, size_t size) {
    if (size > SIZE_MAX / 2)
        bug("allocation too large");
    size_t whole = sizeof(struct chunk) + size;
    struct chunk *c = chunk_bytes(&whole, arena->used >= HUGE_FROM && size >= LARGEST_CHUNK);
    size = whole - sizeof *c;
    c->size = size;
    c->used = 0;
    c->next = arena->chunks;
    arena->chunks = c;
    ASAN_POISON_MEMORY_REGION(c->bytes, size);
    return c;
}

/* Its bytes from start on become an object; what lies behind them stays forbidden. */
static void *cut(struct chunk *c, size_t start, size_t size) {
    c->used = start + size + RED_ZONE;
    ASAN_UNPOISON_MEMORY_REGION(c->bytes + start, size);
    return c->bytes + start;
}

static void *take(struct arena *arena, size_t size, size_t align) {
    struct chunk *c = arena->chunks;
    arena->used += size;
    if (size > SIZE_MAX - RED_ZONE)
        bug("allocation too large");
    size_t need = size + RED_ZONE;
    if (align < MIN_ALIGN)
        align = MIN_ALIGN;
    if (c) {
        size_t start = (c->used + align - 1) & ~(align - 1);
        if (start <= c->size && need <= c->size - start)
            return cut(c, start, size);
    }
    if (need > arena->next_size / 2 && c) {
        /* A large object gets a chunk of its own behind the current one, which stays in use. */
        struct chunk *own = add_chunk(arena, need);
        arena->chunks = c;
        own->next = c->next;
        c->next = own;
        return cut(own, 0, size);
    }
    c = add_chunk(arena, need > arena->next_size ? need : arena->next_size);
    if (arena->next_size < LARGEST_CHUNK)
        arena->next_size *= 2;
    return cut(c, 0, size);
}

void *arena_alloc(struct arena *arena, size_t size) {
    void *p = take(arena, size, alignof(max_align_t));
    return memset(p, 0, size);
}

void *arena_array(struct arena *arena, size_t n, size_t size) {
    if (size && n > SIZE_MAX / size)
        bug("allocation too large");
    return arena_alloc(arena, n * size);
}

void *arena_raw(struct arena *arena, size_t n, size_t size) {
    if (size && n > SIZE_MAX / size)
        bug("allocation too large");
    return take(arena, n * size, alignof(max_align_t));
}

char *arena_bytes(struct arena *arena, size_t size) {
    return take(arena, size, 1);
}

void *arena_copy(struct arena *arena, const void *from, size_t size) {
    void *p = take(arena, size, alignof(max_align_t));
    return size ? memcpy(p, from, size) : p;
}

void arena_merge(struct arena *into, struct arena *from) {
    if (from->chunks) {
        struct chunk *last = from->chunks;
        while (last->next)
            last = last->next;
        if (into->chunks) {
            last->next = into->chunks->next;
            into->chunks->next = from->chunks;
        } else {
            into->chunks = from->chunks;
        }
    }
    if (from->holds) {
        struct hold *last = from->holds;
        while (last->next)
            last = last->next;
        last->next = into->holds;
        into->holds = from->holds;
    }
    into->used += from->used;
    *from = (struct arena){.next_size = FIRST_CHUNK};
}

void arena_hold(struct arena *arena, void (*drop)(void *object), void *object) {
    struct hold *hold = xmalloc(sizeof *hold);
    *hold = (struct hold){arena->holds, drop, object};
    arena->holds = hold;
}

bool arena_has(const struct arena *arena, const void *p) {
    const char *at = p;
    for (const struct chunk *c = arena->chunks; c; c = c->next)
        if (at >= c->bytes && at < c->bytes + c->used)
            return true;
    return false;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

void *arena_grow_full(struct arena *arena, void *items, size_t n, size_t *cap, size_t size) {
    size_t more = *cap ? *cap * 2 : 4;
    if (more > SIZE_MAX / size)
        bug("allocation too large");
    char *bigger = take(arena, more * size, alignof(max_align_t));
    if (n)
        memcpy(bigger, items, n * size);
    memset(bigger + n * size, 0, (more - n) * size);
    *cap = more;
    return bigger;
}
