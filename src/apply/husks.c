/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resources without instances: as in the reference, the state has an entry for every resource that
 * was reached, also when its count is 0 or its creation failed, but not for one whose last instance
 * was just removed.
 */
#include "apply/apply_int.h"

#include "base/arena.h"
#include "graph/walk.h"
#include "resolve/expansion.h"

struct keeping {
    struct run *run;
    const struct unit *unit;
    struct arena *scratch;
    const struct map *emptied;
};

static struct str without_key(struct arena *scratch, struct module_path module,
                              struct resource_addr resource) {
    const struct instance_addr plain = {.module = module, .resource = resource};
    return addr_instance_text(scratch, &plain);
}

/* Resources in their module instances of which something was removed. */
static void find_emptied(struct run *run, struct arena *scratch, struct map *emptied) {
    for (size_t i = 0; i < run->plan->n_nodes; i++) {
        const struct step_node *node = &run->plan->nodes[i];
        if (node->kind != STEP_DESTROY || run->node_status[i] != WALK_DONE)
            continue;
        const struct instance_addr *addr = &run->plan->changes[node->change]->addr;
        map_put(scratch, emptied, without_key(scratch, addr->module, addr->resource), run);
    }
}

/* Resources with a node that was not begun, because something before it failed or was cancelled. */
static void find_unreached(struct run *run, struct arena *scratch, struct map *unreached) {
    for (size_t i = 0; i < run->plan->n_nodes; i++) {
        const struct step_node *node = &run->plan->nodes[i];
        bool begun = run->node_status[i] == WALK_DONE || run->node_status[i] == WALK_FAILED;
        if (begun || (node->kind != STEP_CREATE_UPDATE && node->kind != STEP_READ))
            continue;
        const struct change *change = run->plan->changes[node->change];
        map_put(scratch, unreached, apply_config_address(scratch, &change->addr), run);
    }
}

static bool keep(void *context, struct module_inst *inst) {
    struct keeping *keeping = context;
    const struct unit *unit = keeping->unit;
    if (map_get(keeping->emptied, without_key(keeping->scratch, inst->path, unit->resource->addr)))
        return true;
    /* A resource that is switched off leaves nothing behind. */
    if (unit->resource->lifecycle.enabled) {
        struct diags ignored = {.arena = keeping->run->arena};
        const struct expansion *expansion =
            expansion_of(keeping->run->resolve, inst, unit, &ignored);
        if (!expansion || expansion->n == 0)
            return true;
    }
    state_keep_resource(keeping->run->state, inst->path, unit->resource->addr,
                        &unit->provider_addr);
    return true;
}

void husks_keep(struct run *run, struct diags *diags) {
    bool partial = run->plan->n_targets + run->plan->n_excludes > 0;
    if (partial || !run->plan->applyable)
        return;
    state_drop_husks(run->state);
    if (run->plan->mode == PLAN_DESTROY && !diags_failed(diags))
        return;
    struct arena *scratch = arena_new();
    struct map unreached = {0}, emptied = {0};
    find_unreached(run, scratch, &unreached);
    find_emptied(run, scratch, &emptied);
    for (size_t i = 0; i < run->units->n; i++) {
        const struct unit *unit = run->units->at[i];
        if (unit->kind != UNIT_RESOURCE || unit->in_check ||
            unit->resource->addr.mode == MODE_EPHEMERAL ||
            map_get(&unreached, unit_config_text(scratch, unit)))
            continue;
        struct keeping keeping = {run, unit, scratch, &emptied};
        resolve_each_module(run->resolve, unit->module, keep, &keeping, diags);
    }
    arena_free(scratch);
}
