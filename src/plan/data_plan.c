/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "base/clock.h"
#include "resolve/locate.h"

struct reading {
    struct job *job;
    struct item *item;
    const struct unit *unit;
    const struct config_resource *c;
    const struct schema *schema;
    struct provider *provider;
    struct instance_addr addr;
    struct str address;
    struct frame frame;
    struct value config;
};

static bool validate(struct reading *r) {
    struct job *job = r->job;
    size_t first = job->diags.n;
    bool ok =
        !r->provider->ops->validate_data ||
        r->provider->ops->validate_data(r->provider, job->arena, r->schema->name,
                                        value_unmark_deep(job->arena, r->config), &job->diags);
    locate_diags(job->arena, &job->diags, first, r->address, r->c->config, r->schema->block);
    return ok;
}

/* The configuration's marks on a value of the same shape. */
static struct value mark(struct reading *r, struct value v) {
    if (value_marks_inside(r->config) & VALUE_SENSITIVE) {
        struct paths paths = {0};
        path_marked(r->job->arena, r->config, VALUE_SENSITIVE, &paths);
        v = path_mark(r->job->arena, v, &paths, VALUE_SENSITIVE);
    }
    return job_mark_schema(r->job->arena, r->schema, v);
}

static struct value unknown_object(struct reading *r) {
    struct value plain = value_unmark_deep(r->job->arena, r->config);
    return mark(r, schema_unknown_computed(r->job->arena, r->schema->block, plain));
}

static bool defer(struct reading *r, enum action_reason reason) {
    struct value null = value_null(schema_type(r->schema->block));
    struct value after = r->job->p->skip_changes ? null : unknown_object(r);
    if (!r->job->p->skip_changes) {
        struct change *change = job_change(r->job, r->item, ACTION_READ, null, after);
        change->reason = reason;
        change->n_dependencies = 0; /* the state keeps none for what is only read */
    }
    r->item->has_object = r->item->prior != NULL;
    expansion_set(r->item->expansion, r->item->instance,
                  r->job->p->skip_changes ? value_unknown(type_dynamic) : after);
    return true;
}

static bool read_now(struct reading *r, struct value *ret_value) {
    struct job *job = r->job;
    struct value none = value_null(schema_type(r->schema->block));
    int64_t started = clock_monotonic_ms();
    job_event(job, EVENT_READ_START, &r->addr, S(""), none, 0, S(""));
    size_t first = job->diags.n;
    struct value v;
    bool ok =
        r->provider->ops->read_data(r->provider, job->arena, r->schema->name,
                                    value_unmark_deep(job->arena, r->config), &v, &job->diags);
    locate_diags(job->arena, &job->diags, first, r->address, r->c->config, r->schema->block);
    if (!ok)
        return false;
    *ret_value = mark(r, v);
    job_event(job, EVENT_READ_DONE, &r->addr, S(""), *ret_value, started, S(""));
    return true;
}

/* In a check block a failed read is only a failed check; returns what went wrong. */
static struct str soften(struct job *job, size_t first) {
    struct str problem = {0};
    for (size_t i = first; i < job->diags.n; i++) {
        if (job->diags.at[i].severity != SEVERITY_ERROR)
            continue;
        struct diag *d = &job->diags.at[i];
        if (!problem.len)
            problem = str_format(job->arena, "%.*s%s%.*s", STR_ARG(d->summary),
                                 d->detail.len ? ": " : "", STR_ARG(d->detail));
        d->severity = SEVERITY_WARNING;
        job->diags.n_errors--;
    }
    return problem;
}

/* What the state keeps of an object that could not be read: nothing is known of it. */
static struct value unknown_as_null(struct arena *arena, struct value v) {
    if (!value_is_known(v))
        return value_null(value_type(v));
    if (v.kind != VALUE_OBJECT || value_is_wholly_known(v))
        return v;
    const struct type *type = value_type(v);
    struct value *values = arena_array(arena, type->n, sizeof *values);
    for (uint32_t i = 0; i < type->n; i++)
        values[i] = unknown_as_null(arena, value_at(v, i));
    return value_object_of(arena, type, values);
}

static void read_in_check(struct reading *r, bool ok, struct value *value, size_t first) {
    if (!ok) {
        *value = unknown_object(r);
        struct plan_node *check = &r->job->p->nodes[r->unit->in_check->index];
        check->problem = soften(r->job, first);
        atomic_store(&check->pending, true);
    }
    if (r->job->p->skip_changes)
        return;
    struct change *change =
        job_change(r->job, r->item, ACTION_READ, value_null(schema_type(r->schema->block)), *value);
    change->reason = REASON_READ_CHECK_NESTED;
    change->n_dependencies = 0;
}

static bool finish(struct reading *r, struct value v) {
    struct item *item = r->item;
    item->after = v;
    item->has_after = true;
    struct item kept = *item;
    kept.after = unknown_as_null(r->job->arena, v);
    item->object = prior_encode(r->job->arena, r->schema, &kept, NULL);
    item->has_object = true;
    expansion_set(item->expansion, item->instance, v);
    r->frame.has_self = true;
    r->frame.self = v;
    return job_conditions(r->job, item, &r->frame, &r->c->postconditions, RULES_POSTCONDITION);
}

bool data_plan(struct job *job, struct item *item) {
    struct reading r = {
        .job = job,
        .item = item,
        .unit = job->node->unit,
        .c = job->node->unit->resource,
        .schema = job->node->unit->schema,
        .addr = job_addr(job, item),
    };
    /* What goes away is not checked any more. */
    if (r.unit->in_check && job->p->options->mode == PLAN_DESTROY)
        return true;
    if (!r.schema || !job_check_self(job, item))
        return false;
    r.provider = job_provider(job, item->provider, &r.addr);
    if (!r.provider)
        return false;
    r.address = addr_instance_text(job->arena, &r.addr);
    frame_init(&r.frame, job->p->resolve, item->inst, item->expansion, item->instance);
    r.frame.unit = r.unit;
    if (!job_conditions(job, item, &r.frame, &r.c->preconditions, RULES_PRECONDITION) ||
        !frame_config(&r.frame, job->arena, r.unit, &r.config, &job->diags) || !validate(&r))
        return false;
    if (!value_is_wholly_known(r.config))
        return defer(&r, REASON_READ_CONFIG_UNKNOWN);
    if (job_dependencies_pending(job))
        return defer(&r, REASON_READ_DEPENDENCY_PENDING);
    struct value v;
    size_t first = job->diags.n;
    bool ok = read_now(&r, &v);
    if (r.unit->in_check)
        read_in_check(&r, ok, &v, first);
    else if (!ok)
        return false;
    return finish(&r, v);
}
