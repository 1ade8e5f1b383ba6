/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include <stdlib.h>

/* A target and a configuration address overlap when one may contain the other; keys aside. */
static bool overlaps(const struct target *target, struct module_path module,
                     const struct resource_addr *resource) {
    const struct module_path want = target->addr.module;
    size_t n = want.n < module.n ? want.n : module.n;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(want.at[i].name, module.at[i].name))
            return false;
    if (target->kind == TARGET_MODULE)
        return module.n >= want.n;
    return module.n == want.n && addr_resource_eq(*resource, target->addr.resource);
}

static bool any_overlap(const struct target *targets, size_t n, struct module_path module,
                        const struct resource_addr *resource) {
    for (size_t i = 0; i < n; i++)
        if (overlaps(&targets[i], module, resource))
            return true;
    return false;
}

static bool any_contains(const struct target *targets, size_t n, const struct instance_addr *addr) {
    for (size_t i = 0; i < n; i++)
        if (addr_target_contains(&targets[i], addr))
            return true;
    return false;
}

static bool node_overlaps(const struct plan_node *node, const struct target *targets, size_t n) {
    if (node->closes)
        return false;
    if (!node->unit)
        return any_overlap(targets, n, node->orphans->addr.module, &node->orphans->addr.resource);
    return node->unit->kind == UNIT_RESOURCE &&
           any_overlap(targets, n, node->unit->module->path, &node->unit->resource->addr);
}

/* Root outputs follow when everything they stand on is in. */
static void include_outputs(struct planner *p, bool *set) {
    bool *needs = arena_array(p->arena, p->graph.n, sizeof *needs);
    for (size_t i = 0; i < p->units->root->outputs.n; i++) {
        const struct unit *unit = p->units->root->outputs.entries[i].value;
        for (uint32_t k = 0; k < p->graph.n; k++)
            needs[k] = k == unit->index;
        graph_close(&p->graph, needs, false);
        bool complete = true, any = false;
        for (uint32_t k = 0; k < p->units->n; k++) {
            if (!needs[k] || p->units->at[k]->kind != UNIT_RESOURCE)
                continue;
            any = true;
            complete = complete && set[k];
        }
        if (complete && any)
            for (uint32_t k = 0; k < p->graph.n; k++)
                set[k] = set[k] || needs[k];
    }
}

static void include_targets(struct planner *p) {
    const struct plan_options *o = p->options;
    bool *set = arena_array(p->arena, p->graph.n, sizeof *set);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        set[i] = node_overlaps(&p->nodes[i], o->targets, o->n_targets);
        p->nodes[i].directly = set[i];
    }
    if (o->mode == PLAN_DESTROY) {
        /* What stands on a destroyed object goes with it. */
        bool *users = arena_copy(p->arena, set, p->graph.n * sizeof *set);
        graph_close(&p->graph, users, true);
        for (uint32_t i = 0; i < p->n_nodes; i++)
            p->nodes[i].destroy_too = users[i];
        target_destroy_mark(p);
    }
    graph_close(&p->graph, set, false);
    include_outputs(p, set);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        p->nodes[i].included = set[i];
}

/* What an excluded object stands on must not be destroyed either. */
static void keep_excludes(struct planner *p) {
    const struct plan_options *o = p->options;
    bool *kept = arena_array(p->arena, p->graph.n, sizeof *kept);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        kept[i] = node_overlaps(&p->nodes[i], o->excludes, o->n_excludes);
    graph_close(&p->graph, kept, false);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        uint32_t n;
        const uint32_t *users = graph_users(&p->graph, i, &n);
        p->nodes[i].destroy_too = true;
        for (uint32_t k = 0; k < n; k++)
            if (kept[users[k]])
                p->nodes[i].destroy_too = false;
    }
}

/* Everything but what is excluded and what stands on it. */
static void drop_excludes(struct planner *p) {
    const struct plan_options *o = p->options;
    bool *set = arena_array(p->arena, p->graph.n, sizeof *set);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        struct plan_node *node = &p->nodes[i];
        bool hit = node_overlaps(node, o->excludes, o->n_excludes);
        node->directly = hit;
        bool whole = false;
        for (size_t k = 0; k < o->n_excludes; k++)
            whole = whole || (o->excludes[k].kind != TARGET_INSTANCE &&
                              node_overlaps(node, &o->excludes[k], 1));
        set[i] = hit && whole;
    }
    bool *dropped = arena_copy(p->arena, set, p->graph.n * sizeof *set);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        dropped[i] = dropped[i] || p->nodes[i].directly;
    graph_close(&p->graph, dropped, true);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        p->nodes[i].included = !(set[i] || (dropped[i] && !p->nodes[i].directly));
}

/* List blocks and what they need. */
static void include_lists(struct planner *p) {
    bool *set = arena_array(p->arena, p->graph.n, sizeof *set);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        const struct unit *unit = p->nodes[i].unit;
        set[i] = unit && unit->kind == UNIT_RESOURCE && unit->resource->addr.mode == MODE_LIST;
    }
    graph_close(&p->graph, set, false);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        p->nodes[i].included = set[i];
}

void targets_apply(struct planner *p) {
    if (p->options->query) {
        include_lists(p);
        return;
    }
    if (p->options->n_targets > 0)
        include_targets(p);
    if (p->options->n_excludes == 0)
        return;
    drop_excludes(p);
    if (p->options->mode == PLAN_DESTROY)
        keep_excludes(p);
}

bool targets_include(const struct planner *p, const struct plan_node *node,
                     const struct instance_addr *addr) {
    const struct plan_options *o = p->options;
    if (o->n_targets > 0 && node->directly && !any_contains(o->targets, o->n_targets, addr))
        return false;
    return o->n_excludes == 0 || !any_contains(o->excludes, o->n_excludes, addr);
}

static struct str flag_text(struct arena *arena, const struct instance_addr *addr) {
    return str_replace(arena, addr_instance_text(arena, addr), S("\""), S("\\\""));
}

/* Ends of moves that the flags leave out, as they would be written. */
static struct str *moves_left_out(const struct planner *p, size_t *ret_n) {
    const struct plan_options *o = p->options;
    struct str *list = arena_array(p->arena, p->n_priors * 2, sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < p->n_priors; i++) {
        const struct instance_addr *ends[] = {p->priors[i].prev_addr, &p->priors[i].addr};
        for (int k = 0; p->priors[i].moved && k < 2; k++)
            if (o->n_targets > 0 ? !any_contains(o->targets, o->n_targets, ends[k])
                                 : any_contains(o->excludes, o->n_excludes, ends[k]))
                list[n++] = flag_text(p->arena, ends[k]);
    }
    if (n > 1)
        qsort(list, n, sizeof *list, str_cmp_qsort);
    *ret_n = n;
    return list;
}

bool targets_check_moves(const struct planner *p, struct diags *diags) {
    bool targets = p->options->n_targets > 0;
    size_t n;
    if (!targets && p->options->n_excludes == 0)
        return true;
    const struct str *texts = moves_left_out(p, &n);
    if (n == 0)
        return true;
    struct buf list;
    buf_init(&list, BUF_MAX_TEXT);
    for (size_t i = 0; i < n; i++)
        buf_addf(&list, "\n  %s=\"%.*s\"", targets ? "-target" : "-exclude", STR_ARG(texts[i]));
    struct str options = buf_str(&list);
    const char *flag = targets ? "-target=..." : "-exclude=...";
    diags_error(diags, (struct span){0}, "Moved resource instances excluded by targeting",
                "Resource instances in your current state have moved to new addresses in the "
                "latest configuration. Loam must include those resource instances while planning "
                "in order to ensure a correct result, but your %s options %s.\n\nTo create a valid "
                "plan, either remove your %s options altogether or %s:%.*s\n\nNote that %s these "
                "options may include further additional resource instances in your plan, in order "
                "to respect object dependencies.",
                flag,
                targets ? "do not fully cover all of those resource instances"
                        : "exclude some of those resource instances",
                flag,
                targets ? "add the following additional target options"
                        : "just specifically remove the following options",
                STR_ARG(options), targets ? "adding" : "removing");
    buf_clear(&list);
    return false;
}

static void say_unmatched(struct job *job, const struct target *target) {
    struct buf list;
    buf_init(&list, BUF_MAX_TEXT);
    size_t n = 0;
    for (size_t i = 0; i < job->node->n_items; i++) {
        const struct item *item = &job->node->items[i];
        if (item->kind != ITEM_INSTANCE || !addr_module_eq(item->inst->path, target->addr.module))
            continue;
        struct instance_addr addr = job_addr(job, item);
        struct str text = flag_text(job->arena, &addr);
        buf_addf(&list, "\n  -replace=\"%.*s\"", STR_ARG(text));
        n++;
    }
    struct str name = addr_target_text(job->arena, target), options = buf_str(&list);
    if (n == 0)
        diags_warn(&job->diags, (struct span){0},
                   "Incompletely-matched force-replace resource instance",
                   "Your force-replace request for %.*s doesn't match any resource instances "
                   "because this resource doesn't have any instances.",
                   STR_ARG(name));
    else
        diags_warn(&job->diags, (struct span){0},
                   "Incompletely-matched force-replace resource instance",
                   "Your force-replace request for %.*s doesn't match any resource instances "
                   "because it lacks an instance key.\n\nTo force replacement of %s, use %s "
                   "instead:%.*s",
                   STR_ARG(name), n == 1 ? "the single declared instance" : "particular instances",
                   n == 1 ? "the following option" : "one or more of the following options",
                   STR_ARG(options));
    buf_clear(&list);
}

void targets_check_replace(struct job *job) {
    const struct plan_options *o = job->p->options;
    const struct unit *unit = job->node->unit;
    const struct config_resource *c = unit->resource;
    if (!c->count && !c->for_each)
        return;
    for (size_t i = 0; i < o->n_force_replace; i++) {
        const struct target *target = &o->force_replace[i];
        if (target->kind == TARGET_RESOURCE && overlaps(target, unit->module->path, &c->addr))
            say_unmatched(job, target);
    }
}
