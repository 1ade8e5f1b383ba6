/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to pointer, in insertion order. Lives in an arena; keys are not copied. Walk it with
 * `for (size_t i = 0; i < map.n; i++) use(map.entries[i])`. Removal keeps the order of the rest and
 * costs their number, so it is for small maps. A zeroed struct map is an empty one.
 */
#ifndef LOAM_MAP_H
#define LOAM_MAP_H

#include "base/str.h"

struct arena;

struct map_entry {
    struct str key;
    void *value;
};

struct map {
    struct map_entry *entries;
    size_t n;
    size_t cap;
    uint32_t *slots;
    size_t n_slots;
};

void *map_get(const struct map *map, struct str key);
/* Position of the entry, or -1. */
ptrdiff_t map_find(const struct map *map, struct str key);
/* Adds or replaces. */
void map_put(struct arena *arena, struct map *map, struct str key, void *value);
bool map_remove(struct map *map, struct str key);

/* Entries sorted by key, as a new array in `arena`. */
struct map_entry *map_sorted(struct arena *arena, const struct map *map);

#endif
