/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct graph_rows graph_group(struct arena *arena, const uint32_t *node_of, size_t n,
                              size_t n_nodes) {
    struct graph_rows rows = {
        .start = arena_array(arena, n_nodes + 2, sizeof *rows.start),
        .at = arena_array(arena, n, sizeof *rows.at),
    };
    for (size_t i = 0; i < n; i++)
        if (node_of[i] != UINT32_MAX)
            rows.start[node_of[i] + 2]++;
    for (size_t i = 2; i < n_nodes + 2; i++)
        rows.start[i] += rows.start[i - 1];
    for (size_t i = 0; i < n; i++)
        if (node_of[i] != UINT32_MAX)
            rows.at[rows.start[node_of[i] + 1]++] = (uint32_t)i;
    return rows;
}

void graph_init(struct graph *g, struct arena *arena) {
    *g = (struct graph){.arena = arena};
}

uint32_t graph_node(struct graph *g) {
    if (g->n == UINT32_MAX)
        bug("graph too large");
    return g->n++;
}

void graph_edge(struct graph *g, uint32_t node, uint32_t needs) {
    g->edges = arena_grow(g->arena, g->edges, g->n_edges, &g->cap_edges, sizeof *g->edges);
    g->edges[g->n_edges++] = (struct graph_edge){node, needs};
    g->frozen = false;
}

static int order_u32(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Sorts each row and drops its duplicates, closing the gaps. */
static void rows_tidy(struct graph_rows *rows, uint32_t n) {
    uint32_t out = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t begin = rows->start[i], end = rows->start[i + 1], first = out;
        qsort(rows->at + begin, end - begin, sizeof *rows->at, order_u32);
        for (uint32_t k = begin; k < end; k++)
            if (out == first || rows->at[out - 1] != rows->at[k])
                rows->at[out++] = rows->at[k];
        rows->start[i] = first;
    }
    rows->start[n] = out;
}

static struct graph_rows rows_of(const struct graph *g, bool users) {
    struct graph_rows rows = {
        .start = arena_array(g->arena, (size_t)g->n + 2, sizeof(uint32_t)),
        .at = arena_array(g->arena, g->n_edges, sizeof(uint32_t)),
    };
    /* Counts are kept one slot ahead, so that filling leaves each start where it belongs. */
    for (size_t i = 0; i < g->n_edges; i++)
        rows.start[(users ? g->edges[i].needs : g->edges[i].node) + 2]++;
    for (uint32_t i = 2; i <= g->n; i++)
        rows.start[i] += rows.start[i - 1];
    for (size_t i = 0; i < g->n_edges; i++) {
        uint32_t from = users ? g->edges[i].needs : g->edges[i].node;
        uint32_t to = users ? g->edges[i].node : g->edges[i].needs;
        rows.at[rows.start[from + 1]++] = to;
    }
    rows_tidy(&rows, g->n);
    return rows;
}

void graph_freeze(struct graph *g) {
    if (g->frozen)
        return;
    g->needs = rows_of(g, false);
    g->users = rows_of(g, true);
    g->frozen = true;
}

static const uint32_t *row(const struct graph_rows *rows, uint32_t node, uint32_t *ret_n) {
    *ret_n = rows->start[node + 1] - rows->start[node];
    return rows->at + rows->start[node];
}

const uint32_t *graph_needs(const struct graph *g, uint32_t node, uint32_t *ret_n) {
    return row(&g->needs, node, ret_n);
}

const uint32_t *graph_users(const struct graph *g, uint32_t node, uint32_t *ret_n) {
    return row(&g->users, node, ret_n);
}

uint32_t *graph_order(struct arena *arena, const struct graph *g) {
    uint32_t *order = arena_array(arena, g->n, sizeof *order);
    uint32_t *missing = arena_array(arena, g->n, sizeof *missing);
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        graph_needs(g, i, &missing[i]);
        if (missing[i] == 0)
            order[tail++] = i;
    }
    while (head < tail) {
        uint32_t n;
        const uint32_t *users = graph_users(g, order[head++], &n);
        for (uint32_t k = 0; k < n; k++)
            if (--missing[users[k]] == 0)
                order[tail++] = users[k];
    }
    if (tail != g->n)
        bug("graph_order: cycle");
    return order;
}

void graph_close(const struct graph *g, bool *set, bool users) {
    uint32_t *stack = xmalloc(((size_t)g->n + 1) * sizeof *stack);
    uint32_t depth = 0;
    for (uint32_t i = 0; i < g->n; i++)
        if (set[i])
            stack[depth++] = i;
    while (depth > 0) {
        uint32_t n;
        const uint32_t *next = row(users ? &g->users : &g->needs, stack[--depth], &n);
        for (uint32_t k = 0; k < n; k++) {
            if (!set[next[k]]) {
                set[next[k]] = true;
                stack[depth++] = next[k];
            }
        }
    }
    free(stack);
}
