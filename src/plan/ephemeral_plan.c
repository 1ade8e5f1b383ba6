/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "resolve/configure.h"
#include "resolve/lease.h"

/* What the instance is known to be; false with errors. */
static bool value_of(struct job *job, struct provider *provider, const struct instance_addr *addr,
                     struct value config, struct value *ret_value) {
    const struct unit *unit = job->node->unit;
    if (value_is_wholly_known(config)) {
        struct lease_request request = {addr, unit, provider, config};
        return lease_open(job->p->leases, job->arena, &request, ret_value, &job->diags);
    }
    struct event event = {.kind = EVENT_OPEN_DEFERRED, .addr = addr, .action = ACTION_OPEN};
    events_send(job->p->options->events, &event);
    struct value v = schema_unknown_computed(job->arena, unit->schema->block,
                                             value_unmark_deep(job->arena, config));
    *ret_value = value_mark(v, VALUE_EPHEMERAL);
    return true;
}

bool ephemeral_plan(struct job *job, struct item *item) {
    const struct unit *unit = job->node->unit;
    if (!unit->schema)
        return false;
    struct instance_addr addr = job_addr(job, item);
    struct provider *provider = job_provider(job, item->provider, &addr);
    if (!provider || !provider->ops->open_ephemeral)
        return false;
    struct frame frame;
    frame_init(&frame, job->p->resolve, item->inst, item->expansion, item->instance);
    struct value config, v;
    if (!job_conditions(job, item, &frame, &unit->resource->preconditions, RULES_PRECONDITION) ||
        !frame_config(&frame, job->arena, unit, &config, &job->diags) ||
        !value_of(job, provider, &addr, config, &v))
        return false;
    expansion_set(item->expansion, item->instance, v);
    frame.has_self = true;
    frame.self = v;
    return job_conditions(job, item, &frame, &unit->resource->postconditions, RULES_POSTCONDITION);
}

bool ephemeral_plan_now(struct planner *p, struct arena *arena, const struct instance_addr *addr,
                        struct value *ret_value) {
    struct frame frame;
    struct diags *ignored = diags_new(arena);
    struct value config;
    struct provider_config_addr serving;
    if (lease_find(p->leases, addr, ret_value))
        return true;
    if (!frame_at(&frame, p->resolve, addr, ignored))
        return false;
    const struct unit *unit = unit_resource(frame.inst->unit, addr->resource);
    if (!unit || !unit->schema || !frame_config(&frame, arena, unit, &config, ignored) ||
        !value_is_wholly_known(config) || !configure_address(&frame, arena, &serving, ignored))
        return false;
    struct provider *provider =
        configure_provider(p->resolve, &serving, addr_instance_text(arena, addr), ignored);
    if (!provider || !provider->ops->open_ephemeral)
        return false;
    struct lease_request request = {addr, unit, provider, config};
    return lease_open(p->leases, arena, &request, ret_value, ignored);
}
