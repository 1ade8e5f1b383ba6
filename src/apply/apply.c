/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/apply_int.h"

#include <stdlib.h>

#include "apply/check_results.h"
#include "base/arena.h"
#include "graph/walk.h"
#include "resolve/configure.h"
#include "resolve/lease.h"
#include "resolve/locate.h"
#include "resolve/pool.h"

/* ---- what the steps share ---- */

static void remember_provider(struct run *run, struct provider *provider) {
    pthread_mutex_lock(&run->lock);
    bool known = false;
    for (size_t i = 0; i < run->n_in_use; i++)
        known = known || run->in_use[i] == provider;
    if (!known) {
        if (run->n_in_use == run->cap_in_use) {
            run->cap_in_use = run->cap_in_use * 2 + 4;
            run->in_use = xrealloc(run->in_use, run->cap_in_use * sizeof(struct provider *));
        }
        run->in_use[run->n_in_use++] = provider;
    }
    pthread_mutex_unlock(&run->lock);
}

struct provider *apply_provider(struct task *task) {
    struct provider *provider =
        configure_provider(task->run->resolve, task->change->provider, task->address, task->diags);
    if (provider)
        remember_provider(task->run, provider);
    return provider;
}

static void stop_providers(void *context, bool at_once) {
    struct run *run = context;
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < run->n_in_use; i++)
        if (run->in_use[i]->ops->stop)
            run->in_use[i]->ops->stop(run->in_use[i], at_once);
    pthread_mutex_unlock(&run->lock);
}

void apply_blame(struct task *task, size_t from) {
    const struct change *change = task->change;
    locate_diags(task->arena, task->diags, from, task->address,
                 change->config ? change->config->config : NULL, change->schema->block);
}

struct str apply_config_address(struct arena *arena, const struct instance_addr *addr) {
    struct module_step *steps = arena_array(arena, addr->module.n, sizeof *steps);
    for (size_t i = 0; i < addr->module.n; i++)
        steps[i].name = addr->module.at[i].name;
    const struct instance_addr plain = {.module = {steps, addr->module.n},
                                        .resource = addr->resource};
    return addr_instance_text(arena, &plain);
}

bool apply_check_rules(struct task *task, struct frame *frame, enum rules_kind kind) {
    const struct config_resource *config = task->change->config;
    if (!config)
        return true;
    const struct config_rules *rules =
        kind == RULES_PRECONDITION ? &config->preconditions : &config->postconditions;
    struct rules_result result = {0};
    if (rules->n == 0)
        return true;
    bool done = rules_check(frame, task->arena, rules, kind, &result, task->diags);
    check_results_add(task->run, task->arena, S("resource"),
                      apply_config_address(task->arena, &task->change->addr), task->address,
                      &result);
    return done;
}

bool apply_not_configured(struct task *task) {
    if (!diags_failed(task->diags))
        diags_error(task->diags, (struct span){0}, "Resource instance is not in the configuration",
                    "The plan has a change for %.*s, but the configuration that it was made from "
                    "has no such instance now. Make a new plan.",
                    STR_ARG(task->address));
    return false;
}

static void set_id(struct event *event, struct value object) {
    static const struct str keys[] = {STR("id"), STR("name")};
    if (value_is_null(object) || !value_is_known(object) || value_marks(object))
        return;
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct value part;
        if (value_get(object, keys[i], &part) && part.kind == VALUE_STRING && !value_marks(part) &&
            value_str(part).len > 0) {
            event->id_key = keys[i];
            event->id_value = value_str(part);
            return;
        }
    }
}

struct event apply_event(const struct task *task, enum event_kind kind, enum action action,
                         struct value object) {
    struct event event = {
        .kind = kind,
        .addr = &task->change->addr,
        .deposed = task->change->deposed,
        .action = action,
    };
    set_id(&event, object);
    return event;
}

void apply_end(struct task *task, struct event event, bool failed, struct value object) {
    event.elapsed_ms = ticker_end(&task->run->ticker, task->worker->index);
    event.kind = failed ? EVENT_APPLY_ERRORED : EVENT_APPLY_DONE;
    /* The reference names the deposed object only when it begins. */
    event.deposed = S("");
    if (!value_is_null(object))
        set_id(&event, object);
    events_send(task->run->options->events, &event);
}

/* ---- the walk ---- */

static bool run_change(struct run *run, struct worker *w, const struct step_node *what,
                       struct diags *diags) {
    struct change *change = run->plan->changes[what->change];
    struct task task = {
        .run = run,
        .worker = w,
        .arena = w->arena,
        .scratch = w->scratch,
        .change = change,
        .diags = diags,
        .address = addr_instance_text(w->arena, &change->addr),
        .index = what->change,
    };
    if (what->kind == STEP_READ)
        return data_read_run(&task);
    return what->kind == STEP_DESTROY ? destroy_run(&task) : managed_run(&task);
}

static bool run_step(struct run *run, struct worker *w, const struct step_node *what,
                     struct diags *diags) {
    const struct plan *plan = run->plan;
    switch ((unsigned)what->kind) {
    case STEP_OUTPUT:
        return output_set_run(run, w, &plan->outputs[what->change], diags);
    case STEP_OPEN:
        return ephemeral_open_run(run, w, &plan->ephemerals[what->change], diags);
    case STEP_CLOSE:
        return ephemeral_close_run(run, &plan->ephemerals[what->change], diags);
    default:
        return run_change(run, w, what, diags);
    }
}

static bool run_node(void *context, unsigned worker, uint32_t node, uint32_t *ret_items) {
    struct run *run = context;
    const struct step_node *what = &run->plan->nodes[node];
    struct worker *w = &run->workers[worker];
    struct diags diags = {.arena = w->arena};
    *ret_items = 0;
    if (what->kind == STEP_EVALUATE || what->kind == STEP_PROVIDER)
        return true;
    bool done = run_step(run, w, what, &diags);
    if (diags.n > 0) {
        run->node_diags[node] = arena_copy(w->arena, &diags, sizeof diags);
        arena_merge(w->arena, w->scratch);
    }
    arena_reset(w->scratch);
    return done;
}

static struct graph *make_graph(struct run *run) {
    struct graph *graph = arena_alloc(run->arena, sizeof *graph);
    graph_init(graph, run->arena);
    for (size_t i = 0; i < run->plan->n_nodes; i++)
        graph_node(graph);
    for (size_t i = 0; i < run->plan->n_nodes; i++) {
        const struct step_node *node = &run->plan->nodes[i];
        for (uint32_t j = 0; j < node->n_after; j++)
            graph_edge(graph, (uint32_t)i, node->after[j]);
    }
    graph_freeze(graph);
    return graph;
}

/* What a plan read from a file lacks: schemas and configuration. */
static bool complete_changes(struct run *run, struct diags *diags) {
    size_t before = diags->n_errors;
    for (size_t i = 0; i < run->plan->n_changes; i++) {
        struct change *change = run->plan->changes[i];
        if (!change->schema) {
            const struct provider_schema *provider =
                pool_schema(run->pool, change->provider->provider, diags);
            if (!provider)
                continue;
            change->schema =
                pool_type(provider, change->addr.resource.mode, change->addr.resource.type);
            if (!change->schema)
                diags_error(diags, (struct span){0}, "Missing resource schema",
                            "The provider does not support resource type \"%.*s\".",
                            STR_ARG(change->addr.resource.type));
        }
        if (!change->config) {
            const struct config_module *module = config_module(run->config, change->addr.module);
            if (module)
                change->config = config_resource(module, change->addr.resource);
        }
        if (change->deposed.len == 0)
            map_put(run->arena, &run->changes, addr_instance_text(run->arena, &change->addr),
                    change);
    }
    return diags->n_errors == before;
}

static void start_resolver(struct run *run, struct arena *arena) {
    const struct apply_options *options = run->options;
    const struct resolve_options resolve = {
        .phase = RESOLVE_APPLY,
        .partial = run->plan->n_targets > 0 || run->plan->n_excludes > 0,
        .inputs = &options->variables,
        .values = &run->plan->variables,
        .root_dir = options->root_dir,
        .cwd = options->cwd,
        .workspace = options->workspace,
        .plan_time_ms = run->plan->timestamp_ms,
        .instance = known_instance,
        .context = run,
    };
    run->resolve = resolve_new(arena, run->units, &resolve);
}

static void walk(struct run *run, struct diags *diags) {
    static const struct walk_ops ops = {.begin = run_node};
    unsigned n = run->options->parallelism > 0 ? run->options->parallelism : 10;
    struct graph *graph = make_graph(run);
    run->node_diags = arena_array(run->arena, run->plan->n_nodes, sizeof *run->node_diags);
    run->workers = arena_array(run->arena, n, sizeof *run->workers);
    for (unsigned i = 0; i < n; i++)
        run->workers[i] = (struct worker){.arena = arena_new(), .scratch = arena_new(), .index = i};
    run->ticker = (struct ticker){
        .slots = arena_array(run->arena, n, sizeof(struct ticking)),
        .n_slots = n,
        .events = run->options->events,
        .cancel = run->options->cancel,
        .abort_now = run->options->abort_now,
        .on_interrupt = stop_providers,
        .context = run,
    };
    ticker_start(&run->ticker);
    const struct walk_options options = {.workers = n, .cancel = run->options->cancel};
    run->node_status = walk_graph(run->arena, graph, &options, &ops, run);
    ticker_stop(&run->ticker);
    for (size_t i = 0; i < run->plan->n_nodes; i++)
        if (run->node_diags[i])
            diags_append(diags, run->node_diags[i]);
}

static bool is_cancelled(const struct run *run) {
    return run->options->cancel && *run->options->cancel;
}

/* An interrupted run must not pass for a complete one. */
static void report_halt(const struct run *run, struct diags *diags) {
    for (size_t i = 0; i < run->plan->n_nodes; i++) {
        unsigned kind = (unsigned)run->plan->nodes[i].kind;
        if (run->node_status[i] == WALK_WAITING && kind != STEP_EVALUATE && kind != STEP_PROVIDER) {
            diags_error(diags, (struct span){0}, "execution halted", NULL);
            return;
        }
    }
}

/* A destroy leaves no data sources behind; nothing is done to what they read. */
static void drop_data_sources(struct run *run) {
    size_t n;
    struct state_entry *entries = state_entries(run->arena, run->state, &n);
    for (size_t i = 0; i < n; i++)
        if (entries[i].addr.resource.mode == MODE_DATA)
            state_set_current(run->state, &entries[i].addr, &entries[i].resource->provider, NULL);
}

static void execute(struct run *run, struct diags *diags) {
    struct arena *resolver_arena = arena_new();
    start_resolver(run, resolver_arena);
    run->progress = arena_array(run->arena, run->plan->n_changes, sizeof *run->progress);
    run->leases = lease_begin(run->options->events);
    size_t before = diags->n_errors;
    check_results_begin(run);
    walk(run, diags);
    if (is_cancelled(run))
        report_halt(run, diags);
    husks_keep(run, diags);
    if (diags->n_errors == before && !is_cancelled(run))
        check_run_variables(run, diags);
    if (diags->n_errors == before && !is_cancelled(run))
        check_run_all(run, diags);
    check_results_keep(run);
    if (run->plan->mode == PLAN_DESTROY && !is_cancelled(run))
        drop_data_sources(run);
    lease_end(run->leases, diags->n_errors > before, diags);
    resolve_free(run->resolve);
    for (unsigned i = 0; i < run->ticker.n_slots; i++) {
        arena_merge(run->arena, run->workers[i].arena);
        arena_free(run->workers[i].arena);
        arena_free(run->workers[i].scratch);
    }
    arena_merge(run->arena, resolver_arena);
    arena_free(resolver_arena);
}

static void warn_partial(const struct plan *plan, struct diags *diags) {
    if (plan->n_targets == 0 && plan->n_excludes == 0)
        return;
    bool excludes = plan->n_excludes > 0;
    diags_warn(diags, (struct span){0}, "Applied changes may be incomplete",
               "The plan was created with %s in effect, so some changes requested in the "
               "configuration may have been ignored and the output values may not be fully "
               "updated. Run the following command to verify that no other changes are pending:\n"
               "    loam plan\n\nNote that %s not suitable for routine use, and %s provided "
               "only for exceptional situations such as recovering from errors or mistakes, or "
               "when Loam specifically suggests to use it as part of an error message.",
               excludes ? "the -target or the -exclude option" : "the -target option",
               excludes ? "the -target and -exclude options are" : "the -target option is",
               excludes ? "are" : "is");
}

struct state *apply_run(struct arena *arena, struct config *config, struct plan *plan,
                        const struct provider_factories *providers,
                        const struct apply_options *options, struct apply_counts *ret_counts,
                        struct diags *diags) {
    /* State and pool grow in arenas of their own, each under its own lock. */
    struct arena *state_arena = arena_new();
    struct arena *pool_arena = arena_new();
    struct run run = {
        .arena = arena,
        .config = config,
        .plan = plan,
        .options = options,
        .pool = pool_new(pool_arena, providers),
        .state = state_copy(state_arena, plan->prior_state),
    };
    pthread_mutex_init(&run.lock, NULL);
    if (complete_changes(&run, diags))
        run.units = units_new(arena, config, run.pool, diags);
    if (run.units)
        execute(&run, diags);
    if (!options->refresh_only)
        warn_partial(plan, diags);
    pool_close(run.pool);
    free(run.in_use);
    pthread_mutex_destroy(&run.lock);
    arena_merge(arena, pool_arena);
    arena_free(pool_arena);
    arena_merge(arena, state_arena);
    arena_free(state_arena);
    run.state->arena = arena;
    *ret_counts = run.counts;
    return run.state;
}
