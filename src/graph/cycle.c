/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph.h"

#include <stdlib.h>

/* Tarjan's algorithm with its own stack, so that a chain of a million nodes is no problem. */
struct tarjan {
    struct arena *arena;
    const struct graph *g;
    uint32_t *index, *low; /* index 0: not seen */
    uint32_t *cursor;      /* next edge of a node */
    bool *open;            /* on the component stack */
    uint32_t *component, n_component;
    uint32_t *path, n_path;
    uint32_t counter;
    struct graph_cycle *cycles;
    size_t n_cycles, cap_cycles;
};

static int order_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int order_cycles(const void *a, const void *b) {
    const struct graph_cycle *x = a, *y = b;
    return order_u32(x->members, y->members);
}

static bool needs_itself(const struct graph *g, uint32_t node) {
    uint32_t n;
    const uint32_t *needs = graph_needs(g, node, &n);
    for (uint32_t i = 0; i < n; i++)
        if (needs[i] == node)
            return true;
    return false;
}

static void enter(struct tarjan *t, uint32_t node) {
    t->index[node] = t->low[node] = ++t->counter;
    t->open[node] = true;
    t->component[t->n_component++] = node;
    t->path[t->n_path++] = node;
}

static void take_component(struct tarjan *t, uint32_t root) {
    uint32_t first = t->n_component;
    do {
        t->open[t->component[--first]] = false;
    } while (t->component[first] != root);
    uint32_t n = t->n_component - first;
    t->n_component = first;
    if (n == 1 && !needs_itself(t->g, root))
        return;
    uint32_t *members = arena_copy(t->arena, t->component + first, n * sizeof *members);
    qsort(members, n, sizeof *members, order_u32);
    t->cycles = arena_grow(t->arena, t->cycles, t->n_cycles, &t->cap_cycles, sizeof *t->cycles);
    t->cycles[t->n_cycles++] = (struct graph_cycle){members, n};
}

static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static void visit(struct tarjan *t, uint32_t start) {
    enter(t, start);
    while (t->n_path > 0) {
        uint32_t node = t->path[t->n_path - 1], n;
        const uint32_t *needs = graph_needs(t->g, node, &n);
        if (t->cursor[node] < n) {
            uint32_t next = needs[t->cursor[node]++];
            if (t->index[next] == 0)
                enter(t, next);
            else if (t->open[next])
                t->low[node] = min_u32(t->low[node], t->index[next]);
            continue;
        }
        t->n_path--;
        if (t->n_path > 0) {
            uint32_t above = t->path[t->n_path - 1];
            t->low[above] = min_u32(t->low[above], t->low[node]);
        }
        if (t->low[node] == t->index[node])
            take_component(t, node);
    }
}

struct graph_cycle *graph_cycles(struct arena *arena, const struct graph *g, size_t *ret_n) {
    struct arena *scratch = arena_new();
    struct tarjan t = {
        .arena = arena,
        .g = g,
        .index = arena_array(scratch, g->n, sizeof(uint32_t)),
        .low = arena_array(scratch, g->n, sizeof(uint32_t)),
        .cursor = arena_array(scratch, g->n, sizeof(uint32_t)),
        .open = arena_array(scratch, g->n, sizeof(bool)),
        .component = arena_array(scratch, g->n, sizeof(uint32_t)),
        .path = arena_array(scratch, g->n, sizeof(uint32_t)),
    };
    for (uint32_t i = 0; i < g->n; i++)
        if (t.index[i] == 0)
            visit(&t, i);
    if (t.n_cycles > 1)
        qsort(t.cycles, t.n_cycles, sizeof *t.cycles, order_cycles);
    arena_free(scratch);
    *ret_n = t.n_cycles;
    return t.cycles;
}
