/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "config/decode.h"
#include "resolve/locate.h"

/* What is known about one instance while its change is worked out. */
struct draft {
    struct job *job;
    struct item *item;
    const struct unit *unit;
    const struct config_resource *c;
    const struct schema *schema;
    struct provider *provider;
    struct instance_addr addr;
    struct str address;
    struct frame frame;
    struct value prior;   /* what the provider plans from; null on create */
    struct value tainted; /* the real prior of a tainted object, else null */
    struct str private_;
    struct value identity;
    struct value config;  /* marked */
    struct value ignored; /* config after ignore_changes, marked */
    struct value planned; /* marked */
    struct str planned_private;
    struct value planned_identity;
    struct paths replace;
    bool force, triggered;
    struct str generated; /* text of a generated configuration */
};

static bool blame(struct draft *d, size_t first, bool ok) {
    locate_diags(d->job->arena, &d->job->diags, first, d->address, d->c->config, d->schema->block);
    return ok;
}

static struct value null_object(const struct schema *schema) {
    return value_null(schema_type(schema->block));
}

static struct value plain(const struct draft *d, struct value v) {
    return value_unmark_deep(d->job->scratch, v);
}

/* The prior object: imported, refreshed or none. */
static bool take_prior(struct draft *d) {
    struct job *job = d->job;
    struct item *item = d->item;
    d->prior = d->tainted = null_object(d->schema);
    item->import =
        item->prior && item->prior->instance->current ? NULL : imports_find(job, &d->addr);
    if (item->import) {
        if (!imports_read(job, item, d->provider, d->schema))
            return false;
        if (!item->import)
            return true;
        d->prior = item->after;
        d->private_ = item->private_after;
        d->identity = item->identity_after.kind == VALUE_OBJECT ? item->identity_after
                                                                : item->import->identity;
        return true;
    }
    if (!item->prior || !item->prior->instance->current)
        return true;
    if (!refresh_prior(job, item, d->provider, d->schema, d->c->config, true))
        return false;
    if (value_is_null(item->after))
        return true;
    if (item->prior->instance->current->tainted) {
        d->tainted = item->after;
        return true;
    }
    d->prior = item->after;
    d->private_ = item->private_after;
    d->identity = item->identity_after.kind == VALUE_OBJECT ? item->identity_after : item->identity;
    return true;
}

static bool is_forced(const struct draft *d) {
    const struct plan_options *options = d->job->p->options;
    for (size_t i = 0; i < options->n_force_replace; i++)
        if (options->force_replace[i].kind != TARGET_MODULE &&
            addr_instance_eq(&options->force_replace[i].addr, &d->addr))
            return true;
    return false;
}

static void ephemeral_error(struct draft *d, const struct path path) {
    struct str name = path_text(d->job->arena, path);
    if (name.len && name.at[0] == '.')
        name = str_slice(name, 1, name.len);
    struct diag *diag = diags_error(
        &d->job->diags, decode_span(d->c->config, d->schema->block, path),
        "Invalid use of ephemeral value",
        "Ephemeral values are not valid for \"%.*s\", because it is not a write-only attribute "
        "and must be persisted to state.",
        STR_ARG(name));
    diag->address = d->address;
}

static const struct schema_attr *top_attr(const struct draft *d, struct path path) {
    return path.n > 0 && path.at[0].kind == PATH_ATTR
               ? schema_attr(d->schema->block, path.at[0].name)
               : NULL;
}

/* Ephemeral values may only be given to write-only attributes. */
static bool check_ephemeral(struct draft *d) {
    if (!(value_marks_inside(d->config) & VALUE_EPHEMERAL))
        return true;
    struct paths paths = {0};
    path_marked(d->job->arena, d->config, VALUE_EPHEMERAL, &paths);
    bool ok = true;
    for (size_t i = 0; i < paths.n; i++) {
        const struct schema_attr *attr = top_attr(d, paths.at[i]);
        if (attr && attr->write_only)
            continue;
        ephemeral_error(d, paths.at[i]);
        ok = false;
    }
    return ok;
}

/* Without a block of its own: it is made from the imported object. */
static bool is_generated(const struct draft *d) {
    return !d->c->config && d->item->import;
}

static bool evaluate_config(struct draft *d) {
    struct job *job = d->job;
    if (is_generated(d)) {
        d->config = generate_config(job, d->provider, d->schema, d->prior);
        d->generated = generate_text(job, d->schema, d->c, d->config);
    } else if (!frame_config(&d->frame, job->scratch, d->unit, &d->config, &job->diags)) {
        return false;
    }
    if (!check_ephemeral(d))
        return false;
    size_t first = job->diags.n;
    if (d->provider->ops->validate_resource &&
        !d->provider->ops->validate_resource(d->provider, job->scratch, d->schema->name,
                                             plain(d, d->config), &job->diags))
        return blame(d, first, false);
    blame(d, first, true);
    d->ignored = ignore_changes_apply(job->scratch, d->c, d->schema->block, d->prior, d->config);
    return true;
}

/* Everything sensitive in the configuration or by schema is so in the plan. */
static struct value mark_planned(struct draft *d, struct value planned, struct value config) {
    struct paths paths = {0};
    if (value_marks_inside(config) & VALUE_SENSITIVE)
        path_marked(d->job->scratch, config, VALUE_SENSITIVE, &paths);
    if (paths.n)
        planned = path_mark(d->job->scratch, planned, &paths, VALUE_SENSITIVE);
    return job_mark_schema(d->job->scratch, d->schema, planned);
}

static bool check_valid(struct draft *d, struct value prior, struct value config,
                        struct value planned) {
    struct job *job = d->job;
    struct str *problems;
    size_t n;
    if (plan_check_valid(job->scratch, d->schema->block, prior, config, planned, &problems, &n))
        return true;
    struct str provider = addr_provider_config_text(job->scratch, d->item->provider);
    for (size_t i = 0; i < n; i++)
        diags_error(&job->diags, (struct span){0}, "Provider produced invalid plan",
                    "Provider \"%.*s\" planned an invalid value for %.*s%.*s.\n\nThis is a bug "
                    "in the provider, which should be reported in the provider's own issue "
                    "tracker.",
                    STR_ARG(provider), STR_ARG(d->address), STR_ARG(problems[i]));
    return false;
}

/* Asks the provider; replace counts only where something really changes. */
static bool ask_provider(struct draft *d) {
    struct job *job = d->job;
    struct value config = plain(d, d->ignored), prior = plain(d, d->prior);
    struct provider_plan_request request = {
        .type = d->schema->name,
        .prior = prior,
        .proposed = schema_propose(job->scratch, d->schema->block, prior, config),
        .config = config,
        .private_ = d->private_,
        .identity = d->identity,
    };
    struct provider_plan_response response = {0};
    size_t first = job->diags.n;
    bool ok = d->provider->ops->plan(d->provider, job->scratch, &request, &response, &job->diags);
    if (!blame(d, first, ok))
        return false;
    struct value planned = value_unmark_deep(job->scratch, response.planned);
    if (!response.legacy && !check_valid(d, prior, config, planned))
        return false;
    if (response.legacy)
        planned = ignore_changes_apply(job->scratch, d->c, NULL, prior, planned);
    d->planned = mark_planned(d, planned, d->ignored);
    d->planned_identity = value_keep(job->arena, job->scratch, response.identity);
    d->planned_private = job_keep_text(job, response.private_, d->private_);
    if (value_is_null(prior))
        return true;
    for (size_t i = 0; i < response.replace.n; i++) {
        struct value before, after;
        bool had = path_get(prior, response.replace.at[i], &before);
        bool has = path_get(planned, response.replace.at[i], &after);
        const struct schema_attr *attr = top_attr(d, response.replace.at[i]);
        if ((had && has && value_same(before, after) && value_is_wholly_known(after) &&
             !(attr && attr->write_only)) ||
            (!had && !has))
            continue;
        paths_add(job->arena, &d->replace, path_copy(job->arena, response.replace.at[i]));
    }
    return true;
}

/* A replacement is planned again from nothing, so that computed attributes are unknown. */
static bool ask_again(struct draft *d) {
    struct job *job = d->job;
    struct value config = plain(d, d->config), prior = null_object(d->schema);
    struct provider_plan_request request = {
        .type = d->schema->name,
        .prior = prior,
        .proposed = schema_propose(job->scratch, d->schema->block, prior, config),
        .config = config,
        .private_ = d->planned_private,
    };
    struct provider_plan_response response = {0};
    struct diags again = {.arena = job->arena};
    if (!d->provider->ops->plan(d->provider, job->scratch, &request, &response, &again)) {
        /* Only errors: the warnings have been given by the first request. */
        size_t first = job->diags.n;
        diags_append(&job->diags, &again);
        return blame(d, first, false);
    }
    struct value planned = value_unmark_deep(job->scratch, response.planned);
    d->planned = mark_planned(d, planned, d->config);
    d->planned_identity = value_keep(job->arena, job->scratch, response.identity);
    d->planned_private = job_keep_text(job, response.private_, d->private_);
    return true;
}

static bool only_marks_differ(const struct draft *d) {
    return value_same(plain(d, d->prior), plain(d, d->planned)) &&
           !value_same(d->prior, d->planned);
}

/* Chooses the action; for a replacement, asks the provider again. */
static bool decide(struct draft *d, enum action *ret_action, enum action_reason *ret_reason) {
    enum action replace = orphan_plan_keeps(d->job, d->c) ? ACTION_FORGET_CREATE
                          : d->job->node->forced_cbd      ? ACTION_CREATE_DELETE
                                                          : ACTION_DELETE_CREATE;
    *ret_reason = REASON_NONE;
    if (value_is_null(d->prior)) {
        *ret_action = ACTION_CREATE;
        if (value_is_null(d->tainted))
            return true;
        *ret_action = replace;
        *ret_reason = REASON_REPLACE_TAINTED;
        d->prior = d->tainted;
        return true;
    }
    struct value before = plain(d, d->prior), after = plain(d, d->planned);
    bool same = value_is_wholly_known(after) && value_same(before, after);
    bool force = d->force || d->triggered;
    if (force || d->replace.n > 0) {
        *ret_action = replace;
        *ret_reason = d->triggered ? REASON_REPLACE_TRIGGERS
                      : d->force   ? REASON_REPLACE_REQUESTED
                                   : REASON_REPLACE_CANNOT_UPDATE;
        return ask_again(d);
    }
    *ret_action = same && !only_marks_differ(d) ? ACTION_NOOP : ACTION_UPDATE;
    return true;
}

static bool expr_is_true(struct draft *d, const struct expr *expr) {
    if (!expr)
        return false;
    struct diags quiet = {.arena = d->job->arena};
    struct value v = value_unmark(eval_expr(d->job->arena, &d->frame.scope, expr, &quiet));
    return v.kind == VALUE_BOOL && v.boolean;
}

static bool check_prevent_destroy(struct draft *d, enum action action) {
    if (action != ACTION_DELETE_CREATE && action != ACTION_CREATE_DELETE && action != ACTION_DELETE)
        return true;
    if (!expr_is_true(d, d->c->lifecycle.prevent_destroy))
        return true;
    diags_error(&d->job->diags, d->c->span, "Instance cannot be destroyed",
                "Resource %.*s has lifecycle.prevent_destroy set, but the plan calls for this "
                "resource to be destroyed. To avoid this error and continue with the plan, "
                "either disable lifecycle.prevent_destroy or reduce the scope of the plan using "
                "the -target option.",
                STR_ARG(d->address));
    return false;
}

static bool same_dependencies(const struct state_object *object, const struct unit *unit) {
    if (object->n_dependencies != unit->n_dependencies)
        return false;
    for (size_t i = 0; i < unit->n_dependencies; i++)
        if (!str_eq(object->dependencies[i], unit->dependencies[i]))
            return false;
    return true;
}

/* An object from before identities were kept gets one. */
static bool new_identity(const struct state_object *old, const struct item *item) {
    return old->identity.len == 0 && item->identity_after.kind == VALUE_OBJECT;
}

/* Until a change is made, an object depends on what it did and on what it will. */
static void merge_dependencies(struct draft *d, const struct state_object *old,
                               struct state_object *object) {
    size_t n = 0, i = 0, k = 0;
    struct str *all =
        arena_array(d->job->arena, old->n_dependencies + d->unit->n_dependencies, sizeof *all);
    while (i < old->n_dependencies || k < d->unit->n_dependencies) {
        int order = i == old->n_dependencies ? 1
                    : k == d->unit->n_dependencies
                        ? -1
                        : str_cmp(old->dependencies[i], d->unit->dependencies[k]);
        all[n++] = order <= 0 ? old->dependencies[i] : d->unit->dependencies[k];
        i += order <= 0;
        k += order >= 0;
    }
    object->dependencies = all;
    object->n_dependencies = n;
}

/* What the prior state of the plan says of this instance. */
static void keep_object(struct draft *d, enum action action) {
    struct item *item = d->item;
    if (!item->has_after)
        return;
    const struct state_object *old = item->prior ? item->prior->instance->current : NULL;
    if (value_is_null(item->after)) {
        item->has_object = old != NULL;
        return;
    }
    bool noop = action == ACTION_NOOP;
    bool changed = !old || !str_eq(old->private_, item->private_after) ||
                   old->schema_version != d->schema->version || new_identity(old, item) ||
                   !value_same(item->prior->value, item->after);
    bool deps = noop && (!old || !same_dependencies(old, d->unit));
    bool merge = !noop && old && item->refreshed && !same_dependencies(old, d->unit);
    bool cbd = !old || old->create_before_destroy != d->job->node->forced_cbd;
    if (!changed && !deps && !merge && !cbd)
        return;
    struct state_object *object = changed ? prior_encode(d->job->arena, d->schema, item, old)
                                          : arena_copy(d->job->arena, old, sizeof *old);
    if (deps) {
        object->dependencies = d->unit->dependencies;
        object->n_dependencies = d->unit->n_dependencies;
    }
    if (merge)
        merge_dependencies(d, old, object);
    object->create_before_destroy = d->job->node->forced_cbd;
    item->object = object;
    item->has_object = true;
}

static bool run_postconditions(struct draft *d, struct value self) {
    d->frame.has_self = true;
    d->frame.self = self;
    return job_conditions(d->job, d->item, &d->frame, &d->c->postconditions, RULES_POSTCONDITION);
}

/* A generated configuration that does not pass is written down all the same, to be mended. */
static bool keep_generated(struct draft *d) {
    if (d->generated.len) {
        struct change *change =
            job_change(d->job, d->item, ACTION_NOOP, d->item->after, d->item->after);
        change->generated_config = d->generated;
        change->import_id = d->item->import->id;
    }
    return false;
}

static bool plan_change(struct draft *d) {
    struct job *job = d->job;
    if (!job_conditions(job, d->item, &d->frame, &d->c->preconditions, RULES_PRECONDITION))
        return false;
    d->force = is_forced(d);
    if (!triggers_fire(job, &d->frame, d->c, &d->triggered))
        return false;
    enum action action;
    enum action_reason reason;
    if (!evaluate_config(d) || !ask_provider(d) || !decide(d, &action, &reason))
        return keep_generated(d);
    d->planned = job_keep(job, d->planned, d->prior);
    struct change *change = job_change(job, d->item, action, d->prior, d->planned);
    change->reason = reason;
    change->replace = d->replace;
    change->private_ = d->planned_private;
    change->identity = d->planned_identity.kind == VALUE_OBJECT ? d->planned_identity : d->identity;
    if (action == ACTION_CREATE || steps_action_replaces(action))
        change->identity = d->planned_identity;
    change->skip_destroy = orphan_plan_keeps(job, d->c);
    if (d->item->import) {
        change->importing = true;
        change->import_id = d->item->import->id;
        change->generated_config = d->generated;
    }
    keep_object(d, action);
    expansion_set(d->item->expansion, d->item->instance, d->planned);
    if (!check_prevent_destroy(d, action))
        return false;
    return run_postconditions(d, d->planned);
}

/* Without planning: what is there counts. */
static bool only_refresh(struct draft *d) {
    struct value v = d->item->has_after ? d->item->after : value_unknown(type_dynamic);
    keep_object(d, ACTION_READ);
    expansion_set(d->item->expansion, d->item->instance, v);
    bool ok = job_conditions(d->job, d->item, &d->frame, &d->c->preconditions, RULES_PRECONDITION);
    return run_postconditions(d, v) && ok;
}

bool managed_plan(struct job *job, struct item *item) {
    struct draft d = {
        .job = job,
        .item = item,
        .unit = job->node->unit,
        .c = job->node->unit->resource,
        .schema = job->node->unit->schema,
        .addr = job_addr(job, item),
    };
    if (!d.schema || !job_check_self(job, item))
        return false;
    d.provider = job_provider(job, item->provider, &d.addr);
    if (!d.provider)
        return false;
    d.address = addr_instance_text(job->arena, &d.addr);
    frame_init(&d.frame, job->p->resolve, item->inst, item->expansion, item->instance);
    d.frame.unit = d.unit;
    if (!take_prior(&d))
        return false;
    return job->p->skip_changes ? only_refresh(&d) : plan_change(&d);
}
