/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/value_set.h"

#include "base/arena.h"

void value_set_init(struct value_set *set, struct arena *arena, size_t n) {
    set->n_slots = 8;
    while (set->n_slots < n * 2)
        set->n_slots *= 2;
    set->slots = arena_array(arena, set->n_slots, sizeof *set->slots);
    set->used = arena_array(arena, set->n_slots, sizeof *set->used);
}

/* The slot that holds v or where it belongs. */
static size_t slot_of(const struct value_set *set, struct value v) {
    size_t at = (size_t)value_hash(v) & (set->n_slots - 1);
    while (set->used[at] && !value_same(set->slots[at], v))
        at = (at + 1) & (set->n_slots - 1);
    return at;
}

bool value_set_add(struct value_set *set, struct value v) {
    size_t at = slot_of(set, v);
    if (set->used[at])
        return false;
    set->used[at] = true;
    set->slots[at] = v;
    return true;
}

bool value_set_has(const struct value_set *set, struct value v) {
    return set->used[slot_of(set, v)];
}
