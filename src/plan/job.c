/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "base/clock.h"
#include "resolve/configure.h"

struct provider_use {
    struct provider *provider;
};

static void prefetch(struct job *job, struct provider *provider,
                     const struct provider_config_addr *addr) {
    struct planner *p = job->p;
    if (!provider->ops->prefetch || !p->options->refresh)
        return;
    struct arena *scratch = arena_new();
    struct provider_prefetch_item *items =
        arena_array(scratch, p->n_priors + p->config->root->n_imports, sizeof *items);
    struct provider *plain = pool_plain(p->pool, addr->provider, &job->diags);
    const struct provider_schema *schema = pool_schema(p->pool, addr->provider, &job->diags);
    struct provider_config_addr whole = *addr;
    whole.key = (struct key){.kind = KEY_NONE};
    struct str want = addr_provider_config_text(scratch, &whole);
    const struct state_resource *last = NULL;
    bool ours = false;
    size_t n = 0;
    for (size_t i = 0; i < p->n_priors; i++) {
        struct prior *prior = &p->priors[i];
        const struct state_resource *resource = prior->resource;
        if (resource != last)
            ours = resource->addr.mode == MODE_MANAGED &&
                   str_eq(want, addr_provider_config_text(scratch, &resource->provider));
        last = resource;
        bool same = ours && addr_key_eq(prior->provider->key, addr->key);
        const struct schema *type =
            same ? pool_type(schema, MODE_MANAGED, resource->addr.type) : NULL;
        if (!type || !prior->instance->current || !prior_decode(job, prior, type, plain))
            continue;
        items[n++] = (struct provider_prefetch_item){
            .type = resource->addr.type,
            .state = value_unmark_deep(scratch, prior->value),
            .identity = value_null(type_dynamic),
        };
    }
    n += imports_prefetch(p, scratch, addr, items + n);
    if (n > 0)
        provider->ops->prefetch(provider, items, n);
    arena_free(scratch);
}

struct provider *job_provider(struct job *job, const struct provider_config_addr *addr,
                              const struct instance_addr *user) {
    struct planner *p = job->p;
    if (pool_has_stand_ins(p->pool))
        return configure_provider(p->resolve, addr, addr_instance_text(job->arena, user),
                                  &job->diags);
    if (job->node->provider)
        return job->node->provider;
    struct str key = addr_provider_config_text(job->arena, addr);
    /* The resolver's lock is taken before the planner's, here as everywhere. */
    struct provider *provider =
        configure_provider(p->resolve, addr, addr_instance_text(job->arena, user), &job->diags);
    pthread_mutex_lock(&p->lock);
    struct provider_use *use = map_get(&p->providers, key);
    if (!use) {
        use = arena_alloc(job->arena, sizeof *use);
        use->provider = provider;
        map_put(job->arena, &p->providers, key, use);
        if (provider)
            prefetch(job, provider, addr);
    }
    pthread_mutex_unlock(&p->lock);
    return provider;
}

/* What identifies an object to a reader: its id, or else its name. */
static void object_id(struct value object, struct event *event) {
    static const struct str keys[] = {STR("id"), STR("name")};
    struct value plain = value_unmark(object);
    if (value_is_null(plain) || !value_is_known(plain) || plain.kind != VALUE_OBJECT)
        return;
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct value v;
        if (!value_get(plain, keys[i], &v) || value_marks(v))
            continue;
        if (v.kind == VALUE_STRING) {
            event->id_key = keys[i];
            event->id_value = value_str(v);
            return;
        }
    }
}

void job_event(const struct job *job, enum event_kind kind, const struct instance_addr *addr,
               struct str deposed, struct value object, int64_t started_ms, struct str text) {
    struct event event = {
        .kind = kind,
        .addr = addr,
        .deposed = deposed,
        .action = kind == EVENT_IMPORT_START ? ACTION_NOOP : ACTION_READ,
        .elapsed_ms = started_ms ? clock_monotonic_ms() - started_ms : 0,
        .text = text,
    };
    object_id(object, &event);
    if (kind == EVENT_IMPORT_START) {
        event.id_key = S("id");
        event.id_value = text;
    }
    events_send(job->p->options->events, &event);
}

struct instance_addr job_addr(const struct job *job, const struct item *item) {
    if (item->kind != ITEM_INSTANCE)
        return item->prior->addr;
    return (struct instance_addr){item->inst->path, job->node->unit->resource->addr,
                                  item->instance->key};
}

struct change *job_change(struct job *job, struct item *item, enum action action,
                          struct value before, struct value after) {
    const struct unit *unit = item->kind == ITEM_INSTANCE ? job->node->unit : NULL;
    struct change *change = arena_alloc(job->arena, sizeof *change);
    change->addr = job_addr(job, item);
    change->prev_addr = &change->addr;
    if (item->prior) {
        if (item->prior->prev_addr != &item->prior->addr)
            change->prev_addr = item->prior->prev_addr;
        change->moved = item->prior->moved;
    }
    if (unit) {
        change->config = unit->resource;
        change->schema = unit->schema;
        change->dependencies = unit->dependencies;
        change->n_dependencies = unit->n_dependencies;
        change->create_before_destroy = job->node->forced_cbd;
    }
    change->provider = item->provider;
    change->action = action;
    change->before = before;
    change->after = after;
    item->change = change;
    if (action != ACTION_NOOP)
        atomic_store_explicit(&job->node->pending, true, memory_order_release);
    return change;
}

void job_check(struct job *job, struct str kind, struct str address, struct str instance,
               const struct rules_result *result) {
    struct plan_node *node = job->node;
    pthread_mutex_lock(&job->p->lock);
    node->checks = arena_grow(job->arena, node->checks, node->n_checks, &node->cap_checks,
                              sizeof *node->checks);
    node->checks[node->n_checks++] = (struct check_result){
        .kind = kind,
        .address = address,
        .instance = instance,
        .status = result->status,
        .problems = result->problems,
        .n_problems = result->n_problems,
    };
    pthread_mutex_unlock(&job->p->lock);
}

bool job_soften_conditions(struct job *job) {
    if (job->p->options->mode == PLAN_NORMAL)
        return false;
    for (size_t i = 0; i < job->diags.n; i++) {
        if (job->diags.at[i].kind == DIAG_CHECK && job->diags.at[i].severity == SEVERITY_ERROR) {
            job->diags.at[i].severity = SEVERITY_WARNING;
            job->diags.n_errors--;
        }
    }
    return job->diags.n_errors == 0;
}

bool job_conditions(struct job *job, struct item *item, struct frame *frame,
                    const struct config_rules *rules, enum rules_kind kind) {
    if (rules->n == 0)
        return true;
    struct rules_result result;
    struct instance_addr addr = job_addr(job, item);
    bool ok = rules_check(frame, job->arena, rules, kind, &result, &job->diags);
    job_check(job, S("resource"), unit_config_text(job->arena, job->node->unit),
              addr_instance_text(job->arena, &addr), &result);
    return ok || job_soften_conditions(job);
}

static bool unit_pending(const struct planner *p, uint32_t index) {
    const struct unit *unit = p->units->at[index];
    return unit->kind == UNIT_RESOURCE && unit->resource->addr.mode == MODE_MANAGED &&
           atomic_load_explicit(&p->nodes[index].pending, memory_order_acquire);
}

/*
 * Managed resources that the depends_on of a resource or of a module around it names, and those
 * behind whatever else it names.
 */
static bool refs_pending(const struct planner *p, const struct unit_module *scope,
                         const struct refs *refs) {
    bool *set = NULL;
    struct arena *scratch = arena_new();
    bool pending = false;
    for (size_t i = 0; i < refs->n && !pending; i++) {
        const struct unit *unit = unit_of_ref(scope, &refs->at[i]);
        if (!unit)
            continue;
        if (unit->kind == UNIT_RESOURCE) {
            pending = unit_pending(p, unit->index);
            continue;
        }
        if (unit->kind == UNIT_CALL)
            unit = unit->close;
        if (!set)
            set = arena_array(scratch, p->units->n, sizeof *set);
        set[unit->index] = true;
    }
    if (set && !pending) {
        graph_close(&p->units->graph, set, false);
        for (uint32_t i = 0; i < p->units->n && !pending; i++)
            pending = set[i] && unit_pending(p, i);
    }
    arena_free(scratch);
    return pending;
}

bool job_dependencies_pending(const struct job *job) {
    const struct planner *p = job->p;
    const struct unit *unit = job->node->unit;
    const struct config_resource *c = unit->resource;
    if (c->preconditions.n + c->postconditions.n > 0) {
        struct arena *scratch = arena_new();
        bool *set = arena_array(scratch, p->units->n, sizeof *set);
        set[unit->index] = true;
        graph_close(&p->units->graph, set, false);
        bool pending = false;
        for (uint32_t i = 0; i < p->units->n && !pending; i++)
            pending = set[i] && i != unit->index && unit_pending(p, i);
        arena_free(scratch);
        if (pending)
            return true;
    }
    for (size_t i = 0; i < unit->n_waits_for; i++)
        if (unit_pending(p, unit->waits_for[i]->index))
            return true;
    if (c->depends_on.n > 0 && refs_pending(p, unit->module, &c->depends_on))
        return true;
    for (const struct unit_module *m = unit->module; m->parent; m = m->parent)
        if (m->call->call->depends_on.n > 0 &&
            refs_pending(p, m->parent, &m->call->call->depends_on))
            return true;
    return false;
}

/* How often a reference names the instance: by its own address, and by its resource's. */
static int times_named(const struct ref *ref, struct key key) {
    if (!ref->has_key)
        return key.kind == KEY_NONE ? 2 : 1;
    return addr_key_eq(addr_key_of(ref->key), key);
}

bool job_check_self(struct job *job, const struct item *item) {
    const struct unit *unit = job->node->unit;
    if (unit->n_self == 0)
        return true;
    struct instance_addr addr = job_addr(job, item);
    struct str text = addr_instance_text(job->arena, &addr);
    for (size_t i = 0; i < unit->n_self; i++)
        for (int k = times_named(&unit->self[i], addr.key); k > 0; k--)
            diags_error(&job->diags, unit->self[i].span, "Self-referential block",
                        "Configuration for %.*s may not refer to itself.", STR_ARG(text));
    return job->diags.n_errors == 0;
}

struct value job_mark_schema(struct arena *arena, const struct schema *schema, struct value v) {
    if (value_is_null(v) || !value_is_known(v))
        return v;
    struct paths paths = {0};
    schema_sensitive(arena, schema->block, v, &paths);
    return paths.n ? path_mark(arena, v, &paths, VALUE_SENSITIVE) : v;
}

struct value job_keep(struct job *job, struct value v, struct value old) {
    return value_same(v, old) ? old : value_keep(job->arena, job->scratch, v);
}

struct str job_keep_text(struct job *job, struct str text, struct str old) {
    return str_eq(text, old) ? old : str_dup(job->arena, text);
}
