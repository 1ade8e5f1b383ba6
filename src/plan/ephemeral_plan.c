/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "base/clock.h"
#include "resolve/locate.h"

static bool open_now(struct job *job, struct item *item, struct provider *provider,
                     const struct instance_addr *addr, struct value config) {
    const struct unit *unit = job->node->unit;
    const struct schema *schema = unit->schema;
    struct value none = value_null(schema_type(schema->block));
    int64_t started = clock_monotonic_ms(), renew_at = 0;
    job_event(job, EVENT_OPEN_START, addr, S(""), none, 0, S(""));
    size_t first = job->diags.n;
    struct value result;
    struct str private_ = {0};
    bool ok = provider->ops->open_ephemeral(provider, job->arena, schema->name,
                                            value_unmark_deep(job->arena, config), &result,
                                            &private_, &renew_at, &job->diags);
    locate_diags(job->arena, &job->diags, first, addr_instance_text(job->arena, addr),
                 unit->resource->config, schema->block);
    if (!ok)
        return false;
    job_event(job, EVENT_OPEN_DONE, addr, S(""), none, started, S(""));
    if (provider->ops->close_ephemeral) {
        job_event(job, EVENT_CLOSE_START, addr, S(""), none, 0, S(""));
        provider->ops->close_ephemeral(provider, schema->name, private_);
        job_event(job, EVENT_CLOSE_DONE, addr, S(""), none, started, S(""));
    }
    expansion_set(item->expansion, item->instance, value_mark(result, VALUE_EPHEMERAL));
    return true;
}

bool ephemeral_plan(struct job *job, struct item *item) {
    const struct unit *unit = job->node->unit;
    const struct schema *schema = unit->schema;
    if (!schema)
        return false;
    struct instance_addr addr = job_addr(job, item);
    struct provider *provider = job_provider(job, item->provider, &addr);
    if (!provider || !provider->ops->open_ephemeral)
        return false;
    struct frame frame;
    frame_init(&frame, job->p->resolve, item->inst, item->expansion, item->instance);
    struct value config;
    if (!job_conditions(job, item, &frame, &unit->resource->preconditions, RULES_PRECONDITION) ||
        !frame_config(&frame, job->arena, unit, &config, &job->diags))
        return false;
    if (value_is_wholly_known(config) && !job_dependencies_pending(job))
        return open_now(job, item, provider, &addr, config);
    struct value plain = value_unmark_deep(job->arena, config);
    struct value v = schema_unknown_computed(job->arena, schema->block, plain);
    expansion_set(item->expansion, item->instance, value_mark(v, VALUE_EPHEMERAL));
    return true;
}
