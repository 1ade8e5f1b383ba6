/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a graph with many threads: a node runs when all that it needs is done; what needs a failed
 * node is skipped. A node may consist of items that are independent of each other (the instances of
 * a resource), which then run in parallel too.
 */
#ifndef LOAM_WALK_H
#define LOAM_WALK_H

#include "graph/graph.h"

enum walk_status { WALK_WAITING, WALK_DONE, WALK_FAILED, WALK_SKIPPED };

/*
 * Callbacks run on any thread; `worker` (below options.workers) names the thread, so that it may
 * have an arena of its own. For one node: begin, then its items in any order, then end. Each
 * returns false when the node failed; items are begun only when `begin` succeeded, `end` is called
 * even when items failed. `item` and `end` may be NULL.
 */
struct walk_ops {
    bool (*begin)(void *context, unsigned worker, uint32_t node, uint32_t *ret_items);
    bool (*item)(void *context, unsigned worker, uint32_t node, uint32_t item);
    bool (*end)(void *context, unsigned worker, uint32_t node);
};

struct walk_options {
    unsigned workers;           /* threads at most, at least 1 */
    const _Atomic bool *cancel; /* or NULL: when it becomes true, nothing new is begun */
};

/*
 * Walks the whole graph, which has no cycles. Returns the status of each node in `arena`; nodes
 * that were not begun because of a cancel stay WALK_WAITING. Threads are started only as work for
 * them turns up; the calling thread is worker 0.
 */
uint8_t *walk_graph(struct arena *arena, const struct graph *g, const struct walk_options *options,
                    const struct walk_ops *ops, void *context);

#endif
