/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/spares.h"

#include "base/arena.h"

void *spares_grow(struct arena *scratch, struct spares *spares, void *items, size_t n, size_t *cap,
                  size_t size) {
    if (!items && spares->n) {
        struct spare spare = spares->at[--spares->n];
        *cap = spare.cap;
        items = spare.array;
    }
    return arena_grow(scratch, items, n, cap, size);
}

void spares_keep(struct arena *scratch, struct spares *spares, void *items, size_t cap) {
    if (!items)
        return;
    spares->at = arena_grow(scratch, spares->at, spares->n, &spares->cap, sizeof *spares->at);
    spares->at[spares->n++] = (struct spare){items, cap};
}
