/* SPDX-License-Identifier: Apache-2.0 */
/* Creating and updating one managed resource instance. */
#include "apply/apply_int.h"

#include "apply/compat.h"
#include "apply/outcome.h"
#include "apply/settle.h"
#include "base/arena.h"
#include "resolve/expansion.h"
#include "resolve/frame.h"
#include "resolve/rules.h"

/* Everything about the operation that its parts pass on. */
struct operation {
    struct frame frame;
    enum action action;     /* ACTION_CREATE or ACTION_UPDATE */
    struct value prior;     /* unmarked; null on create */
    struct value config;    /* unmarked */
    struct value planned;   /* unmarked, settled */
    struct str private_;    /* with the plan */
    struct value identity;  /* the same */
    struct paths sensitive; /* of the configuration */
    struct value result;    /* marked */
};

static bool is_create(const struct change *change) {
    return change->action == ACTION_CREATE || steps_action_replaces(change->action);
}

static bool check_postconditions(struct task *task, struct frame *frame, struct value self) {
    frame->has_self = true;
    frame->self = self;
    return apply_check_rules(task, frame, RULES_POSTCONDITION);
}

/* An import is done by the plan; here it is counted, reported and written down. */
static void finish_import(struct task *task) {
    struct change *change = task->change;
    struct event event = apply_event(task, EVENT_IMPORT_START, ACTION_CREATE, change->before);
    if (change->import_id.len > 0) {
        event.id_key = S("id");
        event.id_value = change->import_id;
    }
    event.text = change->import_id;
    events_send(task->run->options->events, &event);
    if (!outcome_object(task, S("")))
        outcome_save(task, S(""),
                     &(struct outcome){.value = change->before,
                                       .private_ = change->private_,
                                       .identity = change->identity});
    pthread_mutex_lock(&task->run->lock);
    task->run->counts.imported++;
    pthread_mutex_unlock(&task->run->lock);
    event.kind = EVENT_IMPORT_DONE;
    events_send(task->run->options->events, &event);
}

static bool report_unknown_config(struct task *task, struct value config) {
    (void)config;
    diags_error(task->diags, (struct span){0}, "Configuration contains unknown value",
                "configuration for %.*s still contains unknown values during apply (this is a bug "
                "in loam; please report it!)",
                STR_ARG(task->address));
    return false;
}

/* The configuration once more, now that what it waited for is known, and the plan made final. */
static bool prepare(struct task *task, struct operation *op) {
    struct change *change = task->change;
    struct arena *arena = task->scratch;
    struct unit *unit = unit_resource(op->frame.inst->unit, change->addr.resource);
    struct value config;
    if (!unit || !frame_config(&op->frame, arena, unit, &config, task->diags))
        return false;
    if (!value_is_wholly_known(config))
        return report_unknown_config(task, config);
    path_marked(arena, config, VALUE_SENSITIVE, &op->sensitive);
    path_marked(arena, change->after, VALUE_SENSITIVE, &op->sensitive);
    op->config = value_unmark_deep(arena, config);
    op->prior = op->action == ACTION_CREATE ? value_null(schema_type(change->schema->block))
                                            : value_unmark_deep(arena, change->before);
    op->private_ = change->private_;
    op->identity = change->identity;
    struct value final = schema_unknown_computed(arena, change->schema->block, op->config);
    op->planned = settle_planned(arena, value_unmark_deep(arena, change->after), final);
    return true;
}

static struct value mark_result(struct task *task, const struct operation *op, struct value v) {
    if (value_is_null(v))
        return v;
    struct paths paths = op->sensitive;
    paths.at = arena_copy(task->scratch, paths.at, paths.n * sizeof *paths.at);
    paths.cap = paths.n;
    schema_sensitive(task->scratch, task->change->schema->block, v, &paths);
    return path_mark(task->scratch, v, &paths, VALUE_SENSITIVE);
}

static void report_unknowns(struct task *task, struct value v, struct path path) {
    if (value_is_wholly_known(v))
        return;
    if (!value_is_known(v)) {
        diags_error(task->diags, (struct span){0},
                    "Provider returned invalid result object after apply",
                    "After the apply operation, the provider still indicated an unknown value for "
                    "%.*s%.*s. All values must be known after apply, so this is always a bug in "
                    "the provider and should be reported in the provider's own repository. "
                    "Loam will still save the other known object values in the state.",
                    STR_ARG(task->address), STR_ARG(path_text(task->scratch, path)));
        return;
    }
    for (size_t i = 0; i < value_count(v); i++) {
        struct path inner = v.kind == VALUE_OBJECT ? path_attr(task->scratch, path, value_key(v, i))
                            : v.kind == VALUE_MAP  ? path_key(task->scratch, path, value_key(v, i))
                                                   : path_index(task->scratch, path, (int64_t)i);
        report_unknowns(task, value_at(v, i), inner);
    }
}

/* Holds what the provider made against what it had planned. */
static void check_result(struct task *task, const struct operation *op, bool legacy) {
    struct str provider = addr_provider_text(task->scratch, task->change->provider->provider);
    if (!legacy) {
        struct compat_problems problems = {0};
        struct value planned =
            path_mark(task->scratch, op->planned, &op->sensitive, VALUE_SENSITIVE);
        compat_check(task->scratch, task->change->schema->block, planned, op->result, &problems);
        for (size_t i = 0; i < problems.n; i++)
            diags_error(task->diags, (struct span){0},
                        "Provider produced inconsistent result after apply",
                        "When applying changes to %.*s, provider \"%.*s\" produced an unexpected "
                        "new value: %.*s.\n\nThis is a bug in the provider, which should be "
                        "reported in the provider's own issue tracker.",
                        STR_ARG(task->address), STR_ARG(provider), STR_ARG(problems.at[i]));
    }
    if (!diags_failed(task->diags) && value_is_null(op->result))
        diags_error(task->diags, (struct span){0},
                    "Provider returned invalid result object after apply",
                    "After applying a %s plan, the provider returned a null object for %.*s. Only "
                    "destroying should always produce a null value, so this is always a bug in "
                    "the provider and should be reported in the provider's own repository.",
                    op->action == ACTION_CREATE ? "Create" : "Update", STR_ARG(task->address));
}

/* Saves what came of the call, errors or not. */
static void keep_result(struct task *task, struct operation *op,
                        const struct provider_apply_response *response) {
    bool failed = diags_failed(task->diags);
    if (value_is_null(op->result)) {
        /* Providers that give no object with an error are taken to have changed nothing. */
        outcome_unchanged(task, S(""));
        return;
    }
    const struct state_object *old = outcome_object(task, S(""));
    /* Until its provisioners have run, a new object counts as half made: we may be killed. */
    bool pending = op->action == ACTION_CREATE && provision_is_wanted(task);
    bool tainted = pending || (failed && (op->action == ACTION_CREATE || (old && old->tainted)));
    outcome_save(task, S(""),
                 &(struct outcome){.value = op->result,
                                   .private_ = response->private_,
                                   .identity = response->identity,
                                   .tainted = tainted});
}

static bool call_provider(struct task *task, struct operation *op, struct provider *provider) {
    struct change *change = task->change;
    const struct provider_apply_request request = {
        .type = change->addr.resource.type,
        .prior = op->prior,
        .planned = op->planned,
        .config = op->config,
        .private_ = op->private_,
        .identity = op->identity,
    };
    struct provider_apply_response response = {0};
    size_t from = task->diags->n;
    op->result = op->prior;
    if (!outcome_intent(task, S(""), op->action == ACTION_CREATE ? S("create") : S("update"),
                        op->planned))
        return false;
    bool done = provider->ops->apply(provider, task->scratch, &request, &response, task->diags);
    apply_blame(task, from);
    op->result = response.state;
    if (op->result.kind == VALUE_NULL)
        op->result = value_null(schema_type(change->schema->block));
    if (!value_is_null(op->result))
        report_unknowns(task, op->result, (struct path){0});
    op->result = mark_result(task, op, settle_known(task->scratch, op->result));
    if (done && !diags_failed(task->diags))
        check_result(task, op, response.legacy);
    keep_result(task, op, &response);
    return !diags_failed(task->diags);
}

/* Only marks change: nothing for a provider to do. */
static bool changes_only_marks(const struct operation *op, const struct change *change) {
    return change->action == ACTION_UPDATE && value_is_wholly_known(op->planned) &&
           value_same(op->prior, op->planned);
}

static void count_success(struct task *task, const struct operation *op) {
    pthread_mutex_lock(&task->run->lock);
    if (op->action == ACTION_CREATE)
        task->run->counts.added++;
    else
        task->run->counts.changed++;
    pthread_mutex_unlock(&task->run->lock);
}

static void report_inconsistent(struct task *task, const struct compat_problems *problems) {
    struct str provider = addr_provider_text(task->scratch, task->change->provider->provider);
    for (size_t i = 0; i < problems->n; i++)
        diags_error(task->diags, (struct span){0}, "Provider produced inconsistent final plan",
                    "When expanding the plan for %.*s to include new values learned so far during "
                    "apply, provider \"%.*s\" produced an invalid new value for %.*s.\n\nThis is "
                    "a bug in the provider, which should be reported in the provider's own issue "
                    "tracker.",
                    STR_ARG(task->address), STR_ARG(provider), STR_ARG(problems->at[i]));
}

/*
 * The provider says what the planned object is, now that the configuration is known. What it
 * promised before, it must not take back.
 */
static bool settle_with_provider(struct task *task, struct operation *op,
                                 struct provider *provider) {
    const struct change *change = task->change;
    const struct config_lifecycle *lifecycle = &change->config->lifecycle;
    const struct schema_block *block = change->schema->block;
    if (lifecycle->ignore_all || lifecycle->n_ignore > 0 || !provider->ops->plan)
        return true;
    const struct state_object *old =
        op->action == ACTION_UPDATE ? outcome_object(task, S("")) : NULL;
    const struct provider_plan_request request = {
        .type = change->addr.resource.type,
        .prior = op->prior,
        .proposed = schema_propose(task->scratch, block, op->prior, op->config),
        .config = op->config,
        .private_ = old ? old->private_ : S(""),
        .identity = old ? change->identity : value_null(type_dynamic),
    };
    struct provider_plan_response response = {0};
    struct diags asked = {.arena = task->scratch};
    if (!provider->ops->plan(provider, task->scratch, &request, &response, &asked)) {
        size_t from = task->diags->n;
        diags_append(task->diags, &asked);
        apply_blame(task, from);
        return false;
    }
    struct value final = value_unmark_deep(task->scratch, response.planned);
    if (!response.legacy) {
        struct compat_problems problems = {0};
        compat_check(task->scratch, block, value_unmark_deep(task->scratch, change->after), final,
                     &problems);
        report_inconsistent(task, &problems);
        if (problems.n > 0)
            return false;
    }
    op->planned = final;
    op->private_ = response.private_;
    if (response.identity.kind == VALUE_OBJECT)
        op->identity = response.identity;
    return true;
}

/* What seemed to change only because something was unknown turned out to stay as it was. */
static bool stays_as_it_was(const struct operation *op, const struct change *change) {
    return op->action == ACTION_UPDATE && !value_is_wholly_known(change->after) &&
           value_is_wholly_known(op->planned) && value_same(op->prior, op->planned);
}

/* From here on, others see the result. */
static void publish(struct task *task, struct operation *op) {
    op->result = value_keep(task->arena, task->scratch, op->result);
    expansion_set_at(task->run->resolve, &task->change->addr, op->result);
}

static bool keep_as_it_was(struct task *task, struct operation *op) {
    op->result = mark_result(task, op, op->planned);
    outcome_save(task, S(""),
                 &(struct outcome){.value = op->result, .private_ = task->change->private_});
    publish(task, op);
    return true;
}

static bool apply_change(struct task *task, struct operation *op) {
    struct provider *provider = apply_provider(task);
    if (!provider || !settle_with_provider(task, op, provider))
        return false;
    if (stays_as_it_was(op, task->change))
        return keep_as_it_was(task, op);
    struct event event = apply_event(task, EVENT_APPLY_START, op->action, op->prior);
    ticker_begin(&task->run->ticker, task->worker->index, &event);
    bool done;
    if (changes_only_marks(op, task->change)) {
        op->result = mark_result(task, op, op->planned);
        outcome_save(task, S(""),
                     &(struct outcome){.value = op->result, .private_ = task->change->private_});
        done = true;
    } else {
        done = call_provider(task, op, provider);
    }
    if (!value_is_null(op->result))
        publish(task, op);
    if (done && op->action == ACTION_CREATE && provision_is_wanted(task)) {
        done = outcome_is_recorded(task) && provision_run(task, op->result, false);
        if (done)
            outcome_untaint(task);
    }
    if (done)
        count_success(task, op);
    apply_end(task, event, !done, op->result);
    return done;
}

static bool create_or_update(struct task *task, struct operation *op) {
    struct str deposed = {0};
    bool aside = task->change->action == ACTION_CREATE_DELETE && outcome_depose(task, &deposed);
    if (aside)
        task->run->progress[task->index].deposed = deposed;
    bool done = apply_check_rules(task, &op->frame, RULES_PRECONDITION) && prepare(task, op) &&
                apply_change(task, op);
    if (!done && aside && outcome_restore(task, deposed))
        task->run->progress[task->index].deposed = S("");
    return done && check_postconditions(task, &op->frame, op->result);
}

bool managed_run(struct task *task) {
    struct change *change = task->change;
    struct operation *op = arena_alloc(task->scratch, sizeof *op);
    if (change->importing)
        finish_import(task);
    if (!change->config)
        return true;
    if (!frame_at(&op->frame, task->run->resolve, &change->addr, task->diags))
        return apply_not_configured(task);
    if (change->action == ACTION_NOOP)
        return apply_check_rules(task, &op->frame, RULES_PRECONDITION) &&
               check_postconditions(task, &op->frame, change->after);
    op->action = is_create(change) ? ACTION_CREATE : ACTION_UPDATE;
    return create_or_update(task, op);
}
