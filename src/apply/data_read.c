/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a data source that had to wait for the apply. */
#include "apply/apply_int.h"

#include "apply/outcome.h"
#include "apply/settle.h"
#include "base/arena.h"
#include "resolve/expansion.h"
#include "resolve/frame.h"
#include "resolve/rules.h"

static bool check_object(struct task *task, struct value state) {
    struct str provider = addr_provider_text(task->arena, task->change->provider->provider);
    if (value_is_null(state)) {
        diags_error(task->diags, (struct span){0}, "Provider produced null object",
                    "Provider \"%.*s\" produced a null value for %.*s.\n\nThis is a bug in the "
                    "provider, which should be reported in the provider's own issue tracker.",
                    STR_ARG(provider), STR_ARG(task->address));
        return false;
    }
    if (value_is_wholly_known(state))
        return true;
    diags_error(task->diags, (struct span){0}, "Provider produced invalid object",
                "Provider \"%.*s\" produced a value for %.*s that is not wholly known.\n\nThis is "
                "a bug in the provider, which should be reported in the provider's own issue "
                "tracker.",
                STR_ARG(provider), STR_ARG(task->address));
    return false;
}

static bool read_object(struct task *task, struct provider *provider, struct value config,
                        struct value *ret_state) {
    struct str type = task->change->addr.resource.type;
    size_t from = task->diags->n;
    bool done = provider->ops->validate_data(provider, task->arena, type, config, task->diags);
    if (done) {
        struct event event =
            apply_event(task, EVENT_APPLY_START, ACTION_READ, value_null(type_dynamic));
        ticker_begin(&task->run->ticker, task->worker->index, &event);
        struct value state = value_null(type_dynamic);
        done = provider->ops->read_data(provider, task->arena, type, config, &state, task->diags);
        apply_end(task, event, !done, state);
        if (done)
            *ret_state = state;
    }
    apply_blame(task, from);
    return done;
}

/* Inside a check block nothing about its data source may stop the run; says what went wrong. */
static struct str soften(struct task *task) {
    struct str problem = {0};
    for (size_t i = 0; i < task->diags->n; i++) {
        struct diag *d = &task->diags->at[i];
        if (d->severity == SEVERITY_ERROR && !problem.len)
            problem = str_format(task->arena, "%.*s%s%.*s", STR_ARG(d->summary),
                                 d->detail.len ? ": " : "", STR_ARG(d->detail));
        if (d->severity == SEVERITY_ERROR)
            d->severity = SEVERITY_WARNING;
        d->kind = DIAG_CHECK;
    }
    task->diags->n_errors = 0;
    return problem;
}

static bool read_all(struct task *task, struct frame *frame, struct unit *unit) {
    struct change *change = task->change;
    struct value config, state;
    if (!apply_check_rules(task, frame, RULES_PRECONDITION) ||
        !frame_config(frame, task->arena, unit, &config, task->diags))
        return false;
    struct provider *provider = apply_provider(task);
    if (!provider || !read_object(task, provider, value_unmark_deep(task->arena, config), &state) ||
        !check_object(task, state))
        return false;
    struct paths sensitive = {0};
    path_marked(task->arena, config, VALUE_SENSITIVE, &sensitive);
    schema_sensitive(task->arena, change->schema->block, state, &sensitive);
    state = path_mark(task->arena, state, &sensitive, VALUE_SENSITIVE);
    outcome_save(task, S(""), &(struct outcome){.value = state});
    expansion_set_at(task->run->resolve, &change->addr, state);
    frame->has_self = true;
    frame->self = state;
    return apply_check_rules(task, frame, RULES_POSTCONDITION);
}

bool data_read_run(struct task *task) {
    struct change *change = task->change;
    struct frame *frame = arena_alloc(task->arena, sizeof *frame);
    if (!change->config || !frame_at(frame, task->run->resolve, &change->addr, task->diags))
        return apply_not_configured(task);
    struct unit *unit = unit_resource(frame->inst->unit, change->addr.resource);
    if (!unit)
        return true;
    bool done = read_all(task, frame, unit);
    if (done || !unit->in_check)
        return done;
    check_run_unread(task, frame->inst, unit->in_check->name, soften(task));
    return true;
}
