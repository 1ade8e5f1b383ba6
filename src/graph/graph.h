/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dependency graph over integers: who needs whom, in which order, and where that is impossible.
 * Nodes are numbered from 0 in the order of their creation; what they mean is the caller's affair.
 * All results are deterministic: ties are broken by node number.
 */
#ifndef LOAM_GRAPH_H
#define LOAM_GRAPH_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct graph_edge {
    uint32_t node, needs;
};

/* Compressed rows: those of node i are at[start[i]] .. at[start[i + 1]]. */
struct graph_rows {
    uint32_t *start;
    uint32_t *at;
};

struct graph {
    struct arena *arena;
    uint32_t n;
    struct graph_edge *edges;
    size_t n_edges, cap_edges;
    struct graph_rows needs, users; /* after graph_freeze() */
    bool frozen;
};

/* Items 0..n-1 by the node that each belongs to; UINT32_MAX: to none. */
struct graph_rows graph_group(struct arena *arena, const uint32_t *node_of, size_t n,
                              size_t n_nodes);
void graph_init(struct graph *g, struct arena *arena);
uint32_t graph_node(struct graph *g);
/* `node` can only be done after `needs`. Duplicates and self-edges are allowed. */
void graph_edge(struct graph *g, uint32_t node, uint32_t needs);
/* Builds the rows, without duplicates; needed before everything below. */
void graph_freeze(struct graph *g);

const uint32_t *graph_needs(const struct graph *g, uint32_t node, uint32_t *ret_n);
const uint32_t *graph_users(const struct graph *g, uint32_t node, uint32_t *ret_n);

/* The members of one cycle (a strongly connected component, or a node that needs itself). */
struct graph_cycle {
    uint32_t *members; /* sorted */
    uint32_t n;
};

/* All cycles, ordered by their smallest member; *ret_n = 0 when the graph can be walked. */
struct graph_cycle *graph_cycles(struct arena *arena, const struct graph *g, size_t *ret_n);
/* Every node after what it needs. The graph has no cycle. */
uint32_t *graph_order(struct arena *arena, const struct graph *g);
/* Marks everything that the nodes marked in `set` need (or, with `users`, are needed by). */
void graph_close(const struct graph *g, bool *set, bool users);

#endif
