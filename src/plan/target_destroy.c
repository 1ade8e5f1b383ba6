/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a destroy plan with targets takes with it. An object goes when a target names it, or when it
 * stands on one that goes. Objects in instances of the same module stand side by side: what goes in
 * one of them does not concern the others.
 */
#include "plan/plan_int.h"

static bool is_resource(const struct plan_node *node) {
    return node->unit ? node->unit->kind == UNIT_RESOURCE : node->n_orphans > 0;
}

/* Where the node's resource is written; keys of an orphan's modules aside. */
static struct module_path module_of(const struct plan_node *node) {
    return node->unit ? node->unit->module->path : node->orphans->addr.module;
}

static bool same_module(const struct plan_node *a, const struct plan_node *b) {
    const struct module_path one = module_of(a), other = module_of(b);
    bool same = one.n == other.n;
    for (size_t i = 0; same && i < one.n; i++)
        same = str_eq(one.at[i].name, other.at[i].name);
    return same;
}

/* The objects of a node's resource that the state has. */
static uint32_t count_priors(const struct planner *p, const struct plan_node *node) {
    const uint32_t *start = p->unit_priors.start;
    return node->unit ? start[node->unit->index + 1] - start[node->unit->index] : node->n_orphans;
}

static const struct prior *prior_at(const struct planner *p, const struct plan_node *node,
                                    uint32_t i) {
    const struct graph_rows *rows = &p->unit_priors;
    return node->unit ? &p->priors[rows->at[rows->start[node->unit->index] + i]]
                      : &node->orphans[i];
}

static bool is_named(const struct planner *p, const struct plan_node *node,
                     const struct instance_addr *addr) {
    return node->directly && targets_include(p, node, addr);
}

/* Does a target name an object of the node's in this instance of its module? */
static bool goes_in(const struct planner *p, const struct plan_node *node,
                    struct module_path module) {
    uint32_t n = node->directly ? count_priors(p, node) : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct prior *prior = prior_at(p, node, i);
        if (addr_module_eq(prior->addr.module, module) && is_named(p, node, &prior->addr))
            return true;
    }
    return false;
}

/* Is there an object of `need` that goes and that the node, in this module, stands on? */
static bool is_under(const struct planner *p, const struct plan_node *node,
                     const struct plan_node *need, struct module_path module) {
    if (!is_resource(need))
        return false;
    if (!same_module(node, need) || (node->one_module && need->one_module))
        return need->goes;
    return goes_in(p, need, module);
}

/* Nodes that a search has met, a bit for each. */
static bool meet(uint64_t *met, uint32_t node) {
    uint64_t bit = (uint64_t)1 << (node % 64);
    bool fresh = !(met[node / 64] & bit);
    met[node / 64] |= bit;
    return fresh;
}

/* Follows only what leads to something that goes, so that mostly the first step decides. */
static bool stands(const struct planner *p, const struct plan_node *node,
                   struct module_path module) {
    if (!node->over_going)
        return false;
    struct arena *scratch = arena_new();
    uint64_t *met = arena_array(scratch, p->n_nodes / 64 + 1, sizeof *met);
    uint32_t *next = NULL, at = (uint32_t)(node - p->nodes);
    size_t n_next = 0, cap = 0;
    bool found = false, more = true;
    while (more && !found) {
        uint32_t n;
        const uint32_t *needs = graph_needs(&p->graph, at, &n);
        for (uint32_t k = 0; k < n && !found; k++) {
            const struct plan_node *need = &p->nodes[needs[k]];
            if (!need->destroy_too || !(need->goes || need->over_going) || !meet(met, needs[k]))
                continue;
            next = arena_grow(scratch, next, n_next, &cap, sizeof *next);
            next[n_next++] = needs[k];
            found = is_under(p, node, need, module);
        }
        more = n_next > 0;
        at = more ? next[--n_next] : at;
    }
    arena_free(scratch);
    return found;
}

/* The needs of the node are marked, unless it is in a cycle. */
static bool is_over_going(const struct planner *p, const struct plan_node *node, bool in_order) {
    uint32_t n;
    const uint32_t *needs = graph_needs(&p->graph, (uint32_t)(node - p->nodes), &n);
    bool over = !in_order;
    for (uint32_t k = 0; k < n && !over; k++) {
        const struct plan_node *need = &p->nodes[needs[k]];
        over = need->destroy_too && (need->goes || need->over_going);
    }
    return over;
}

static void mark(struct planner *p, struct plan_node *node) {
    uint32_t n = count_priors(p, node);
    const struct module_path *last = NULL;
    node->one_module = true;
    for (uint32_t i = 1; i < n; i++)
        node->one_module = node->one_module && addr_module_eq(prior_at(p, node, i)->addr.module,
                                                              prior_at(p, node, 0)->addr.module);
    for (uint32_t i = 0; i < n && !node->goes; i++) {
        const struct prior *prior = prior_at(p, node, i);
        bool known = last && addr_module_eq(*last, prior->addr.module);
        if (!known && stands(p, node, prior->addr.module))
            node->stands = true;
        node->goes = node->stands || is_named(p, node, &prior->addr);
        last = &prior->addr.module;
    }
}

void target_destroy_mark(struct planner *p) {
    size_t n_cycles;
    graph_cycles(p->arena, &p->graph, &n_cycles);
    const uint32_t *order = n_cycles ? NULL : graph_order(p->arena, &p->graph);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        struct plan_node *node = &p->nodes[order ? order[i] : i];
        node->over_going = is_over_going(p, node, order != NULL);
        if (node->destroy_too && is_resource(node))
            mark(p, node);
    }
}

bool target_destroy_goes(const struct planner *p, const struct plan_node *node,
                         const struct instance_addr *addr) {
    if (p->options->n_targets == 0)
        return node->included && targets_include(p, node, addr);
    if (!node->destroy_too || !node->goes)
        return false;
    return is_named(p, node, addr) ||
           (node->one_module ? node->stands : stands(p, node, addr->module));
}
