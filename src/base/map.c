/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Up to this many entries a walk beats a hash table. */
#define SMALL 8

static void index_entry(struct map *map, size_t i) {
    size_t mask = map->n_slots - 1;
    size_t slot = str_hash(map->entries[i].key) & mask;
    while (map->slots[slot])
        slot = (slot + 1) & mask;
    map->slots[slot] = (uint32_t)i + 1;
}

static void rebuild(struct map *map) {
    memset(map->slots, 0, map->n_slots * sizeof *map->slots);
    for (size_t i = 0; i < map->n; i++)
        index_entry(map, i);
}

ptrdiff_t map_find(const struct map *map, struct str key) {
    if (!map->n_slots) {
        for (size_t i = 0; i < map->n; i++)
            if (str_eq(map->entries[i].key, key))
                return (ptrdiff_t)i;
        return -1;
    }
    size_t mask = map->n_slots - 1;
    for (size_t slot = str_hash(key) & mask; map->slots[slot]; slot = (slot + 1) & mask)
        if (str_eq(map->entries[map->slots[slot] - 1].key, key))
            return (ptrdiff_t)map->slots[slot] - 1;
    return -1;
}

void *map_get(const struct map *map, struct str key) {
    ptrdiff_t at = map_find(map, key);
    return at < 0 ? NULL : map->entries[at].value;
}

void map_put(struct arena *arena, struct map *map, struct str key, void *value) {
    ptrdiff_t at = map_find(map, key);
    if (at >= 0) {
        map->entries[at].value = value;
        return;
    }
    map->entries = arena_grow(arena, map->entries, map->n, &map->cap, sizeof *map->entries);
    map->entries[map->n++] = (struct map_entry){key, value};
    if (map->n > SMALL && map->n * 2 > map->n_slots) {
        map->n_slots = map->n_slots ? map->n_slots * 2 : 32;
        map->slots = arena_array(arena, map->n_slots, sizeof *map->slots);
        rebuild(map);
    } else if (map->n_slots) {
        index_entry(map, map->n - 1);
    }
}

bool map_remove(struct map *map, struct str key) {
    ptrdiff_t at = map_find(map, key);
    if (at < 0)
        return false;
    size_t i = (size_t)at;
    memmove(map->entries + i, map->entries + i + 1, (map->n - i - 1) * sizeof *map->entries);
    map->n--;
    if (map->n_slots)
        rebuild(map);
    return true;
}

static int by_key(const void *a, const void *b) {
    return str_cmp(((const struct map_entry *)a)->key, ((const struct map_entry *)b)->key);
}

struct map_entry *map_sorted(struct arena *arena, const struct map *map) {
    struct map_entry *sorted = arena_array(arena, map->n, sizeof *sorted);
    if (map->n) {
        memcpy(sorted, map->entries, map->n * sizeof *sorted);
        qsort(sorted, map->n, sizeof *sorted, by_key);
    }
    return sorted;
}
