/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "resolve/locate.h"

/* Why the configuration has no such instance, when it has the resource. */
static enum action_reason instance_reason(const struct planner *p, struct arena *arena,
                                          const struct prior *prior) {
    const struct config_resource *c = prior->unit->resource;
    struct diags quiet = {.arena = arena};
    if (!resolve_module(p->resolve, prior->addr.module, &quiet))
        return REASON_DELETE_NO_MODULE;
    enum key_kind key = prior->addr.key.kind;
    if (c->lifecycle.enabled)
        return REASON_DELETE_NOT_ENABLED;
    if (c->count)
        return key == KEY_INT ? REASON_DELETE_COUNT_INDEX : REASON_DELETE_WRONG_REPETITION;
    if (c->for_each)
        return key == KEY_STRING ? REASON_DELETE_EACH_KEY : REASON_DELETE_WRONG_REPETITION;
    return key == KEY_NONE ? REASON_NONE : REASON_DELETE_WRONG_REPETITION;
}

static enum action_reason orphan_reason(const struct planner *p, struct arena *arena,
                                        const struct prior *prior) {
    if (p->options->mode == PLAN_DESTROY)
        return REASON_NONE;
    if (prior->unit)
        return instance_reason(p, arena, prior);
    if (prior->moved)
        return REASON_DELETE_NO_MOVE_TARGET;
    return REASON_DELETE_NO_RESOURCE;
}

static const struct schema *orphan_schema(struct job *job, const struct prior *prior) {
    const struct provider_schema *schema =
        pool_schema(job->p->pool, prior->provider->provider, &job->diags);
    return pool_type(schema, prior->addr.resource.mode, prior->addr.resource.type);
}

static bool no_schema(struct job *job, const struct prior *prior) {
    struct str address = addr_instance_text(job->arena, &prior->addr);
    diags_error(&job->diags, (struct span){0}, "No schema available for resource",
                "The provider has no schema for %.*s, so that its state cannot be read.",
                STR_ARG(address));
    return false;
}

/* Providers that want to plan deletions too are asked. */
static bool ask_provider(struct job *job, struct provider *provider, const struct schema *schema,
                         struct value before, struct change *change) {
    const struct provider_schema *all =
        pool_schema(job->p->pool, change->provider->provider, &job->diags);
    if (!all || !all->plan_destroy)
        return true;
    struct value none = value_null(schema_type(schema->block));
    struct provider_plan_request request = {
        .type = schema->name,
        .prior = value_unmark_deep(job->arena, before),
        .proposed = none,
        .config = none,
        .private_ = change->private_,
        .identity = change->identity,
    };
    struct provider_plan_response response = {0};
    size_t first = job->diags.n;
    bool ok = provider->ops->plan(provider, job->arena, &request, &response, &job->diags);
    locate_diags(job->arena, &job->diags, first, addr_instance_text(job->arena, &change->addr),
                 NULL, schema->block);
    if (ok)
        change->private_ = response.private_;
    return ok;
}

static void record(struct job *job, struct item *item, const struct schema *schema) {
    const struct state_object *old = item->prior->instance->current;
    if (item->kind == ITEM_DEPOSED || !item->refreshed)
        return;
    if (value_is_null(item->after)) {
        item->has_object = true;
        return;
    }
    if (value_same(item->prior->value, item->after) && str_eq(old->private_, item->private_after))
        return;
    item->object = prior_encode(job->arena, schema, item, old);
    item->has_object = true;
}

static bool prevented(struct job *job, const struct config_resource *c,
                      const struct instance_addr *addr) {
    if (!c || !c->lifecycle.prevent_destroy)
        return false;
    struct frame frame;
    frame_init(&frame, job->p->resolve, job->p->resolve->root, NULL, NULL);
    struct diags quiet = {.arena = job->arena};
    struct value v =
        value_unmark(eval_expr(job->arena, &frame.scope, c->lifecycle.prevent_destroy, &quiet));
    if (v.kind != VALUE_BOOL || !v.boolean)
        return false;
    struct str address = addr_instance_text(job->arena, addr);
    diags_error(&job->diags, c->span, "Instance cannot be destroyed",
                "Resource %.*s has lifecycle.prevent_destroy set, but the plan calls for this "
                "resource to be destroyed. To avoid this error and continue with the plan, "
                "either disable lifecycle.prevent_destroy or reduce the scope of the plan using "
                "the -target option.",
                STR_ARG(address));
    return true;
}

/* A removed block that keeps the object: it is not even read. */
static bool forgotten(const struct job *job, const struct item *item) {
    const struct config_removed *removed =
        item->kind == ITEM_ORPHAN ? removed_find(job->p->config->root, &item->prior->addr) : NULL;
    return removed && removed->destroy_set && !removed->destroy;
}

bool orphan_plan_keeps(struct job *job, const struct config_resource *config) {
    if (!config || !config->lifecycle.destroy)
        return false;
    struct frame frame;
    struct diags quiet = {.arena = job->arena};
    frame_init(&frame, job->p->resolve, job->p->resolve->root, NULL, NULL);
    struct value v =
        value_unmark(eval_expr(job->arena, &frame.scope, config->lifecycle.destroy, &quiet));
    return v.kind == VALUE_BOOL && !v.boolean;
}

/* lifecycle.destroy = false, now or when the object was last applied; a removed block outdoes it.
 */
static bool keep_object(struct job *job, const struct item *item, const struct state_object *object,
                        struct change *change) {
    const struct prior *prior = item->prior;
    bool config = orphan_plan_keeps(job, prior->unit ? prior->unit->resource : NULL);
    bool state = str_find(object->extra, S("\"skip_destroy\": true")) >= 0;
    if ((!config && !state) || removed_find(job->p->config->root, &prior->addr))
        return false;
    change->action = ACTION_FORGET;
    change->reason = config ? REASON_FORGET_CONFIG : REASON_FORGET_STATE;
    if (job->p->options->mode == PLAN_DESTROY)
        return true;
    struct str address = addr_instance_text(job->arena, &prior->addr);
    diags_warn(&job->diags, (struct span){0}, "Resource will be removed from the state",
               "After this plan is applied, the resource %.*s will not be managed anymore by "
               "Loam.\n\nIn case you want to manage the resource again, you will have to "
               "import it.",
               STR_ARG(address));
    return true;
}

static bool plan_delete(struct job *job, struct item *item, struct provider *provider,
                        const struct schema *schema) {
    struct prior *prior = item->prior;
    struct change *change =
        job_change(job, item, ACTION_DELETE, item->after, value_null(schema_type(schema->block)));
    const struct state_object *object = item->kind == ITEM_DEPOSED
                                            ? &prior->instance->deposed[item->deposed].object
                                            : prior->instance->current;
    change->schema = schema;
    change->private_ = item->private_after;
    change->identity =
        item->identity_after.kind == VALUE_OBJECT ? item->identity_after : item->identity;
    change->dependencies = object->dependencies;
    change->n_dependencies = object->n_dependencies;
    change->create_before_destroy = object->create_before_destroy;
    change->config = prior->unit ? prior->unit->resource : NULL;
    if (item->kind == ITEM_DEPOSED) {
        change->deposed = prior->instance->deposed[item->deposed].key;
        return ask_provider(job, provider, schema, item->after, change);
    }
    change->reason = orphan_reason(job->p, job->arena, prior);
    if (keep_object(job, item, object, change))
        return true;
    if (forgotten(job, item)) {
        change->action = ACTION_FORGET;
        return true;
    }
    if (prior->unit && prevented(job, prior->unit->resource, &prior->addr))
        return false;
    return ask_provider(job, provider, schema, item->after, change);
}

bool orphan_plan(struct job *job, struct item *item) {
    struct prior *prior = item->prior;
    if (prior->addr.resource.mode != MODE_MANAGED) {
        item->has_object = true; /* a data source that is no longer there */
        return true;
    }
    const struct schema *schema = orphan_schema(job, prior);
    if (!schema)
        return job->diags.n_errors ? false : no_schema(job, prior);
    struct provider *provider = job_provider(job, item->provider, &prior->addr);
    if (!provider)
        return false;
    if (!refresh_prior(job, item, provider, schema, NULL, !forgotten(job, item)))
        return false;
    record(job, item, schema);
    if (value_is_null(item->after) || job->p->skip_changes)
        return true;
    return plan_delete(job, item, provider, schema);
}

/* After the refresh of a destroy plan: a deletion for one object that is left. */
static bool destroy_object(struct job *job, struct item *item, const struct state_object *object) {
    const struct prior *prior = item->prior;
    const struct schema *schema = orphan_schema(job, prior);
    if (!schema)
        return job->diags.n_errors ? false : no_schema(job, prior);
    struct provider *plain = pool_plain(job->p->pool, prior->provider->provider, &job->diags);
    if (!prior_object_value(job, object, schema, plain,
                            addr_instance_text(job->arena, &prior->addr), &item->after))
        return false;
    item->private_after = object->private_;
    struct change *change =
        job_change(job, item, ACTION_DELETE, item->after, value_null(schema_type(schema->block)));
    change->schema = schema;
    change->private_ = item->private_after;
    change->dependencies = object->dependencies;
    change->n_dependencies = object->n_dependencies;
    change->create_before_destroy = object->create_before_destroy;
    change->config = prior->unit ? prior->unit->resource : NULL;
    if (item->kind == ITEM_DEPOSED)
        return true;
    if (!prior->unit)
        change->reason = orphan_reason(job->p, job->arena, prior);
    if (keep_object(job, item, object, change))
        return true;
    return !prevented(job, change->config, &prior->addr);
}

static void add_destroy(struct planner *p, struct plan_node *node, struct item item,
                        const struct state_object *object, struct str deposed,
                        struct diags *diags) {
    struct job job = {
        .p = p, .arena = p->arena, .scratch = p->arena, .node = node, .diags = {.arena = p->arena}};
    node->items =
        arena_grow(p->arena, node->items, node->n_items, &node->cap_items, sizeof *node->items);
    struct item *kept = &node->items[node->n_items];
    *kept = item;
    if (destroy_object(&job, kept, object) || kept->change)
        node->n_items++;
    if (kept->change)
        kept->change->deposed = deposed;
    diags_append(diags, &job.diags);
}

/* The current object of an instance and those that replacements left behind. */
static void destroy_prior(struct planner *p, struct plan_node *node, struct prior *prior,
                          struct diags *diags) {
    const struct state_instance *instance = state_instance(p->prior_state, &prior->addr);
    if (instance) /* the refresh may have given it to another configuration */
        prior->provider = prior_provider(p, prior->resource, instance);
    for (uint32_t i = 0; instance && i < instance->n_deposed; i++)
        add_destroy(
            p, node,
            (struct item){
                .kind = ITEM_DEPOSED, .prior = prior, .deposed = i, .provider = prior->provider},
            &instance->deposed[i].object, instance->deposed[i].key, diags);
    if (instance && instance->current)
        add_destroy(p, node,
                    (struct item){.kind = ITEM_ORPHAN, .prior = prior, .provider = prior->provider},
                    instance->current, S(""), diags);
}

void orphan_plan_all(struct planner *p, struct diags *diags) {
    struct plan_node *node = arena_alloc(p->arena, sizeof *node);
    node->included = true;
    node->destroy_too = p->options->n_targets == 0; /* of what no configuration has */
    for (size_t i = 0; i < p->n_priors; i++) {
        struct prior *prior = &p->priors[i];
        if (prior->addr.resource.mode != MODE_MANAGED)
            continue;
        const struct plan_node *at = prior->unit ? &p->nodes[prior->unit->index] : node;
        if (target_destroy_goes(p, at, &prior->addr))
            destroy_prior(p, node, prior, diags);
    }
    p->destroys = node;
}
