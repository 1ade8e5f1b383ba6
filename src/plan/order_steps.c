/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "resolve/configure.h"

/*
 * Between the operations stand barriers, so that the number of edges stays linear: a unit is ready
 * when all units it needs are done, and done when all its operations are. Old objects are grouped
 * by their address in the configuration: a group's gate opens when everything that depends on it is
 * gone, and the group is gone when all its objects are.
 */
struct group {
    uint32_t gate, gone;
    bool any;  /* something of it is destroyed */
    bool late; /* only after its replacement is made and in use */
};

struct ordering {
    struct planner *p;
    struct plan *plan;
    struct graph graph;
    struct step_node *steps;
    size_t n, cap;
    uint32_t *ready, *done, *after_users; /* per unit; NONE when there is no such node */
    struct map groups;                    /* configuration address -> struct group * */
    uint32_t *create, *destroy;           /* per change, or NONE */
};

#define NONE UINT32_MAX

static uint32_t add_step(struct ordering *o, struct step_node step) {
    o->steps = arena_grow(o->p->arena, o->steps, o->n, &o->cap, sizeof *o->steps);
    o->steps[o->n++] = step;
    return graph_node(&o->graph);
}

static uint32_t add_barrier(struct ordering *o) {
    return add_step(o, (struct step_node){.kind = STEP_EVALUATE});
}

static void after(struct ordering *o, uint32_t node, uint32_t needs) {
    if (node != NONE && needs != NONE)
        graph_edge(&o->graph, node, needs);
}

static struct str config_address(struct ordering *o, const struct instance_addr *addr) {
    struct instance_addr plain = {.resource = addr->resource};
    struct module_step *steps = arena_array(o->p->arena, addr->module.n, sizeof *steps);
    for (size_t i = 0; i < addr->module.n; i++)
        steps[i].name = addr->module.at[i].name;
    plain.module = (struct module_path){steps, addr->module.n};
    return addr_instance_text(o->p->arena, &plain);
}

static struct group *group_of(struct ordering *o, struct str address) {
    struct group *group = map_get(&o->groups, address);
    if (group)
        return group;
    group = arena_alloc(o->p->arena, sizeof *group);
    group->gate = add_barrier(o);
    group->gone = add_barrier(o);
    after(o, group->gone, group->gate);
    map_put(o->p->arena, &o->groups, address, group);
    return group;
}

static bool destroys(const struct change *c) {
    return c->action == ACTION_DELETE || c->action == ACTION_FORGET ||
           c->action == ACTION_DELETE_CREATE || c->action == ACTION_CREATE_DELETE;
}

static bool has_conditions(const struct change *c) {
    return c->config && c->config->preconditions.n + c->config->postconditions.n > 0;
}

static bool creates(const struct change *c) {
    return c->action == ACTION_CREATE || c->action == ACTION_UPDATE || c->action == ACTION_READ ||
           steps_action_replaces(c->action) ||
           (c->action == ACTION_NOOP && (c->importing || has_conditions(c)));
}

static const struct unit *unit_of(const struct ordering *o, const struct change *c) {
    const struct unit_module *module = unit_module(o->p->units, c->addr.module);
    return module ? unit_resource(module, c->addr.resource) : NULL;
}

/* What the existing object depends on, by the state. */
static const struct state_object *old_object(const struct ordering *o, const struct change *c) {
    const struct prior *prior = prior_find(o->p, &c->addr);
    return prior ? prior->instance->current : NULL;
}

static void add_barriers(struct ordering *o) {
    const struct units *units = o->p->units;
    for (size_t i = 0; i < units->n; i++) {
        bool resource = units->at[i]->kind == UNIT_RESOURCE;
        o->done[i] = add_barrier(o);
        o->ready[i] = resource ? add_barrier(o) : o->done[i];
        if (resource)
            after(o, o->done[i], o->ready[i]);
    }
    for (size_t i = 0; i < units->graph.n_edges; i++) {
        const struct graph_edge *edge = &units->graph.edges[i];
        if (edge->node != edge->needs)
            after(o, o->ready[edge->node], o->done[edge->needs]);
    }
}

/* Everything that uses a unit, directly or through values, is done. */
static uint32_t users_barrier(struct ordering *o, const struct unit *unit) {
    if (o->after_users[unit->index] != NONE)
        return o->after_users[unit->index];
    uint32_t node = o->after_users[unit->index] = add_barrier(o);
    struct arena *scratch = arena_new();
    const struct graph *g = &o->p->units->graph;
    bool *seen = arena_array(scratch, g->n, sizeof *seen);
    uint32_t *stack = arena_array(scratch, g->n, sizeof *stack);
    uint32_t depth = 0;
    stack[depth++] = unit->index;
    seen[unit->index] = true;
    while (depth > 0) {
        uint32_t n, at = stack[--depth];
        const uint32_t *users = graph_users(g, at, &n);
        for (uint32_t i = 0; i < n; i++) {
            if (seen[users[i]])
                continue;
            seen[users[i]] = true;
            after(o, node, o->done[users[i]]);
            if (o->p->units->at[users[i]]->kind != UNIT_RESOURCE)
                stack[depth++] = users[i];
        }
    }
    arena_free(scratch);
    return node;
}

static uint32_t add_create(struct ordering *o, size_t index, const struct unit *unit) {
    const struct change *c = o->plan->changes[index];
    uint32_t node = add_step(
        o, (struct step_node){.kind = c->action == ACTION_READ ? STEP_READ : STEP_CREATE_UPDATE,
                              .change = (uint32_t)index});
    if (!unit || o->done[unit->index] == NONE)
        return node;
    after(o, node, o->ready[unit->index]);
    after(o, o->done[unit->index], node);
    return node;
}

static uint32_t add_destroy(struct ordering *o, size_t index) {
    const struct change *c = o->plan->changes[index];
    uint32_t node =
        add_step(o, (struct step_node){.kind = STEP_DESTROY, .change = (uint32_t)index});
    struct group *group = group_of(o, config_address(o, &c->addr));
    group->any = true;
    after(o, node, group->gate);
    after(o, group->gone, node);
    return node;
}

/* An object goes only when all that depends on it is gone. */
static void order_destroys(struct ordering *o, const struct change *c) {
    const struct state_object *old = old_object(o, c);
    struct str *deps = old ? old->dependencies : c->dependencies;
    size_t n = old ? old->n_dependencies : c->n_dependencies;
    struct group *own = group_of(o, config_address(o, &c->addr));
    for (size_t i = 0; i < n; i++) {
        struct group *needed = map_get(&o->groups, deps[i]);
        if (needed && needed->any && needed != own)
            after(o, needed->gate, own->gone);
    }
}

/*
 * What used an object is changed after that is gone, unless the object is one that is kept until
 * nothing needs it.
 */
static void order_users(struct ordering *o, const struct change *c, uint32_t node) {
    const struct state_object *old = old_object(o, c);
    if (!old || c->create_before_destroy)
        return;
    for (size_t i = 0; i < old->n_dependencies; i++) {
        struct group *needed = map_get(&o->groups, old->dependencies[i]);
        if (needed && needed->any && !needed->late)
            after(o, node, needed->gone);
    }
}

/* What was put aside goes when the object that took its place is as it should be. */
static void order_deposed(struct ordering *o, size_t index) {
    const struct change *c = o->plan->changes[index];
    for (size_t i = index; i-- > 0 && addr_instance_eq(&o->plan->changes[i]->addr, &c->addr);)
        after(o, o->destroy[index], o->create[i]);
    for (size_t i = index + 1;
         i < o->plan->n_changes && addr_instance_eq(&o->plan->changes[i]->addr, &c->addr); i++)
        after(o, o->destroy[index], o->create[i]);
}

static void export_nodes(struct ordering *o) {
    graph_freeze(&o->graph);
    for (size_t i = 0; i < o->n; i++) {
        uint32_t n;
        o->steps[i].after = graph_needs(&o->graph, (uint32_t)i, &n);
        o->steps[i].n_after = n;
    }
    o->plan->nodes = o->steps;
    o->plan->n_nodes = o->n;
}

static void add_outputs(struct ordering *o) {
    for (size_t i = 0; i < o->plan->n_outputs; i++) {
        const struct output_change *output = &o->plan->outputs[i];
        if (output->action == ACTION_NOOP)
            continue;
        uint32_t node = add_step(o, (struct step_node){.kind = STEP_OUTPUT, .change = (uint32_t)i});
        const struct unit *unit = map_get(&o->p->units->root->outputs, output->name);
        if (unit && output->action != ACTION_DELETE)
            after(o, node, o->done[unit->index]);
    }
}

/*
 * Ephemeral resources are opened when what they need is ready and closed when everything that
 * stands on them is done and closed, deletions through a provider that was configured with them
 * included.
 */
static void order_close(struct ordering *o, uint32_t own, const uint32_t *close_of) {
    const struct graph *g = &o->p->units->graph;
    struct arena *scratch = arena_new();
    bool *set = arena_array(scratch, g->n, sizeof *set);
    set[own] = true;
    graph_close(g, set, true);
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t n;
        graph_users(g, i, &n);
        if (set[i] && n == 0)
            after(o, close_of[own], o->done[i]);
        if (set[i] && i != own)
            after(o, close_of[own], close_of[i]);
    }
    for (size_t i = 0; i < o->plan->n_changes; i++) {
        const struct unit *provider = configure_unit(o->p->units, o->plan->changes[i]->provider);
        if (o->destroy[i] != NONE && provider && set[provider->index])
            after(o, close_of[own], o->destroy[i]);
    }
    arena_free(scratch);
}

static void add_ephemerals(struct ordering *o) {
    const struct units *units = o->p->units;
    uint32_t next = 0, *close_of = arena_array(o->p->arena, units->n, sizeof *close_of);
    if (o->plan->n_ephemerals == 0)
        return;
    for (uint32_t i = 0; i < units->n; i++) {
        const struct plan_node *node = &o->p->nodes[i];
        close_of[i] = NONE;
        if (!plan_results_opens(node))
            continue;
        close_of[i] = add_step(o, (struct step_node){.kind = STEP_CLOSE, .change = next});
        for (size_t k = 0; k < node->n_items; k++) {
            uint32_t open = add_step(o, (struct step_node){.kind = STEP_OPEN, .change = next++});
            after(o, open, o->ready[i]);
            after(o, o->done[i], open);
            after(o, close_of[i], open);
        }
    }
    for (uint32_t i = 0; i < units->n; i++)
        if (close_of[i] != NONE)
            order_close(o, i, close_of);
}

/* The data sources of checks are read when everything else is as it should be. */
static void order_checks(struct ordering *o) {
    const struct units *units = o->p->units;
    uint32_t all = NONE;
    for (size_t i = 0; i < units->n; i++) {
        const struct unit *unit = units->at[i];
        if (unit->kind != UNIT_RESOURCE || !unit->in_check || o->ready[i] == NONE)
            continue;
        if (all == NONE) {
            all = add_barrier(o);
            for (size_t j = 0; j < units->n; j++)
                if (units->at[j]->kind == UNIT_RESOURCE && !units->at[j]->in_check)
                    after(o, all, o->done[j]);
        }
        after(o, o->ready[i], all);
    }
}

static bool any_creates(const struct ordering *o) {
    if (o->plan->n_ephemerals > 0)
        return true;
    for (size_t i = 0; i < o->plan->n_changes; i++)
        if (creates(o->plan->changes[i]))
            return true;
    for (size_t i = 0; i < o->plan->n_outputs; i++)
        if (o->plan->outputs[i].action == ACTION_CREATE ||
            o->plan->outputs[i].action == ACTION_UPDATE)
            return true;
    return false;
}

/* The nodes of one change. */
static void add_change(struct ordering *o, size_t index) {
    const struct change *c = o->plan->changes[index];
    const struct unit *unit = unit_of(o, c);
    uint32_t create = NONE, destroy = NONE;
    if (creates(c))
        create = add_create(o, index, unit);
    if (destroys(c))
        destroy = add_destroy(o, index);
    o->create[index] = create;
    o->destroy[index] = destroy;
    if (c->action == ACTION_CREATE_DELETE) {
        group_of(o, config_address(o, &c->addr))->late = true;
        after(o, destroy, create);
        if (unit && o->done[unit->index] != NONE)
            after(o, destroy, users_barrier(o, unit));
    } else if (create != NONE && destroy != NONE) {
        after(o, create, destroy);
    } else if (destroy != NONE && c->create_before_destroy && c->deposed.len == 0) {
        group_of(o, config_address(o, &c->addr))->late = true;
    }
}

void order_steps(struct planner *p) {
    struct ordering o = {.p = p, .plan = p->plan};
    size_t n_units = p->units->n;
    graph_init(&o.graph, p->arena);
    o.ready = arena_array(p->arena, n_units, sizeof *o.ready);
    o.done = arena_array(p->arena, n_units, sizeof *o.done);
    o.after_users = arena_array(p->arena, n_units, sizeof *o.after_users);
    for (size_t i = 0; i < n_units; i++)
        o.ready[i] = o.done[i] = o.after_users[i] = NONE;
    if (any_creates(&o))
        add_barriers(&o);
    o.create = arena_array(p->arena, p->plan->n_changes, sizeof *o.create);
    o.destroy = arena_array(p->arena, p->plan->n_changes, sizeof *o.destroy);
    for (size_t i = 0; i < p->plan->n_changes; i++)
        add_change(&o, i);
    for (size_t i = 0; i < p->plan->n_changes; i++) {
        const struct change *c = p->plan->changes[i];
        if (destroys(c))
            order_destroys(&o, c);
        if (o.create[i] != NONE && c->action != ACTION_READ)
            order_users(&o, c, o.create[i]);
        if (c->deposed.len)
            order_deposed(&o, i);
    }
    add_outputs(&o);
    add_ephemerals(&o);
    order_checks(&o);
    export_nodes(&o);
}
