/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "base/clock.h"
#include "resolve/ref_check.h"

struct console {
    struct planner planner;
    struct frame frame;
};

/* What an instance will be; false: the plan does not have it. Changes are sorted by address. */
static bool value_from_plan(const struct plan *plan, const struct instance_addr *addr,
                            struct value *ret_value) {
    size_t low = 0, high = plan->n_changes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (addr_instance_order(&plan->changes[middle]->addr, addr) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < plan->n_changes && addr_instance_eq(&plan->changes[low]->addr, addr); low++) {
        if (plan->changes[low]->deposed.len)
            continue;
        *ret_value = plan->changes[low]->after;
        return true;
    }
    return false;
}

static bool value_from_state(void *context, struct arena *arena, const struct instance_addr *addr,
                             struct value *ret_value) {
    struct planner *p = context;
    if (p->options->planned && value_from_plan(p->options->planned, addr, ret_value))
        return true;
    (void)arena;
    return prior_value(p, addr, ret_value);
}

const struct scope *plan_console_scope(struct arena *arena, struct config *config,
                                       const struct state *state,
                                       const struct provider_factories *providers,
                                       const struct plan_options *options, struct diags *diags) {
    struct console *c = arena_alloc(arena, sizeof *c);
    struct planner *p = &c->planner;
    p->arena = p->locked_arena = arena;
    pthread_mutex_init(&p->lock, NULL);
    p->config = config;
    p->options = options;
    p->pool = pool_new(arena, providers);
    p->prior_state = state ? state_copy(arena, state) : state_new(arena);
    p->prev = p->prior_state;
    p->units = units_new(arena, config, p->pool, diags);
    if (!p->units)
        return NULL;
    size_t n;
    struct state_entry *entries = state_entries(arena, p->prior_state, &n);
    p->priors = arena_array(arena, n, sizeof *p->priors);
    for (size_t i = 0; i < n; i++) {
        const struct unit_module *module = unit_module(p->units, entries[i].addr.module);
        p->priors[p->n_priors++] = (struct prior){
            .addr = entries[i].addr,
            .prev_addr = &entries[i].addr,
            .resource = entries[i].resource,
            .instance = entries[i].instance,
            .unit = module ? unit_resource(module, entries[i].addr.resource) : NULL,
        };
    }
    struct resolve_options ro = {
        .phase = RESOLVE_CONSOLE,
        .partial = true,
        .absent_unknown = !options->planned,
        .inputs = &options->variables,
        .root_dir = options->root_dir,
        .cwd = options->cwd,
        .workspace = options->workspace,
        .plan_time_ms = clock_now_ms(),
        .instance = value_from_state,
        .context = p,
    };
    p->resolve = resolve_new(arena, p->units, &ro);
    frame_init(&c->frame, p->resolve, p->resolve->root, NULL, NULL);
    return &c->frame.scope;
}

bool plan_console_check(const struct scope *scope, const struct ref *ref, struct diags *diags) {
    const struct frame *frame = scope->context;
    return ref_check(frame->inst->unit, NULL, false, ref, diags);
}
