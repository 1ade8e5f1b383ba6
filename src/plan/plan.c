/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "base/clock.h"
#include "base/trace.h"
#include "resolve/configure.h"
#include "resolve/lease.h"

#include <stdlib.h>

/* ---- one node at a time ---- */

struct spread {
    struct job *job;
    bool ok;
};

static struct item *add_item(struct job *job, struct item item) {
    struct plan_node *node = job->node;
    node->items =
        arena_grow(job->arena, node->items, node->n_items, &node->cap_items, sizeof *node->items);
    node->items[node->n_items] = item;
    return &node->items[node->n_items++];
}

/* All at once, so that growing leaves nothing behind. */
static void reserve_items(struct job *job, size_t more) {
    struct plan_node *node = job->node;
    if (node->n_items > 0 || more <= node->cap_items)
        return;
    node->items = arena_array(job->arena, more, sizeof *node->items);
    node->cap_items = more;
}

static void add_deposed(struct job *job, struct prior *prior) {
    for (uint32_t i = 0; i < prior->instance->n_deposed; i++)
        add_item(job, (struct item){.kind = ITEM_DEPOSED,
                                    .deposed = i,
                                    .prior = prior,
                                    .provider = prior->provider});
}

/* The configuration that serves one instance: that of all of them, or by key its own. */
static const struct provider_config_addr *serving(struct job *job, struct module_inst *inst,
                                                  const struct expansion *e,
                                                  const struct resolve_instance *instance) {
    const struct unit *unit = job->node->unit;
    if (!unit->provider_key)
        return &unit->provider_addr;
    struct frame frame;
    frame_init(&frame, job->p->resolve, inst, e, instance);
    frame.unit = unit;
    struct provider_config_addr *addr = arena_alloc(job->arena, sizeof *addr);
    return configure_address(&frame, job->arena, addr, &job->diags) ? addr : NULL;
}

static bool spread_resource(void *context, struct module_inst *inst) {
    struct spread *s = context;
    struct job *job = s->job;
    const struct unit *unit = job->node->unit;
    struct expansion *e = expansion_of(job->p->resolve, inst, unit, &job->diags);
    if (!e)
        return false;
    struct plan_node *node = job->node;
    uint32_t first = (uint32_t)node->n_items;
    reserve_items(job, e->n);
    for (uint32_t i = 0; i < e->n; i++) {
        struct instance_addr addr = {inst->path, unit->resource->addr, e->at[i].key};
        struct prior *prior = prior_find(job->p, &addr);
        if (prior)
            prior->claimed = true;
        if (!targets_include(job->p, node, &addr))
            continue;
        const struct provider_config_addr *provider = serving(job, inst, e, &e->at[i]);
        if (!provider)
            return false;
        add_item(job, (struct item){.kind = ITEM_INSTANCE,
                                    .inst = inst,
                                    .expansion = e,
                                    .instance = &e->at[i],
                                    .prior = prior,
                                    .provider = provider});
    }
    node->ranges = arena_grow(job->arena, node->ranges, node->n_ranges, &node->cap_ranges,
                              sizeof *node->ranges);
    node->ranges[node->n_ranges++] =
        (struct item_range){inst, first, (uint32_t)node->n_items - first};
    return true;
}

static void spread_orphans(struct job *job) {
    const struct planner *p = job->p;
    uint32_t unit = job->node->unit->index;
    for (uint32_t i = p->unit_priors.start[unit]; i < p->unit_priors.start[unit + 1]; i++) {
        struct prior *prior = &p->priors[p->unit_priors.at[i]];
        if (!targets_include(p, job->node, &prior->addr))
            continue;
        if (!prior->claimed && prior->instance->current)
            add_item(job, (struct item){
                              .kind = ITEM_ORPHAN, .prior = prior, .provider = prior->provider});
        add_deposed(job, prior);
    }
}

static bool begin_resource(struct job *job) {
    struct spread s = {job, true};
    /* A query changes nothing: what is managed is as the state has it. */
    if (job->p->options->query && job->node->unit->resource->addr.mode == MODE_MANAGED)
        return true;
    if (!imports_expand(job))
        return false;
    if (!resolve_each_module(job->p->resolve, job->node->unit->module, spread_resource, &s,
                             &job->diags))
        return false;
    if (!imports_match(job)) {
        job->node->n_items = 0;
        return false;
    }
    targets_check_replace(job);
    spread_orphans(job);
    const struct unit *unit = job->node->unit;
    if (job->node->n_items > 0 && !unit->provider_key) {
        struct instance_addr addr = {unit->module->path, unit->resource->addr, {0}};
        job->node->provider = job_provider(job, &unit->provider_addr, &addr);
        imports_prefetch_repeated(job, job->node->provider);
    }
    return true;
}

static void begin_orphans(struct job *job) {
    for (uint32_t i = 0; i < job->node->n_orphans; i++) {
        struct prior *prior = &job->node->orphans[i];
        if (!targets_include(job->p, job->node, &prior->addr))
            continue;
        if (prior->instance->current)
            add_item(job, (struct item){
                              .kind = ITEM_ORPHAN, .prior = prior, .provider = prior->provider});
        add_deposed(job, prior);
    }
}

static bool visit_value(void *context, struct module_inst *inst) {
    struct spread *s = context;
    struct value v;
    return resolve_value(s->job->p->resolve, inst, s->job->node->unit, &v, &s->job->diags);
}

static bool visit_call(void *context, struct module_inst *inst) {
    struct spread *s = context;
    return expansion_of(s->job->p->resolve, inst, s->job->node->unit, &s->job->diags) != NULL;
}

static struct span variable_span(const struct job *job, const struct unit *unit,
                                 const struct module_inst *inst) {
    if (inst->parent) {
        const struct unit *variable = map_get(&unit->module->variables, unit->name);
        return variable->input ? expr_span(variable->input->expr) : unit->variable->span;
    }
    const struct variable_input *input = map_get(&job->p->options->variables, unit->name);
    return input && input->origin == ORIGIN_FILE ? input->span : unit->variable->span;
}

static struct str in_module(struct arena *arena, const struct module_inst *inst, const char *kind,
                            struct str name, bool keys) {
    struct str module = addr_module_text(arena, keys ? inst->path : inst->unit->path);
    return str_format(arena, "%.*s%s%s%.*s", STR_ARG(module), module.len ? "." : "", kind,
                      STR_ARG(name));
}

static bool visit_validation(void *context, struct module_inst *inst) {
    struct spread *s = context;
    struct job *job = s->job;
    const struct unit *unit = job->node->unit;
    const struct unit *variable = map_get(&unit->module->variables, unit->name);
    struct value v;
    if (!resolve_value(job->p->resolve, inst, variable, &v, &job->diags))
        return false;
    struct frame frame;
    frame_init(&frame, job->p->resolve, inst, NULL, NULL);
    struct rules_result result;
    bool ok = rules_validate(&frame, job->arena, unit->variable, v, variable_span(job, unit, inst),
                             &result, &job->diags);
    job_check(job, S("var"), in_module(job->arena, inst, "var.", unit->name, false),
              in_module(job->arena, inst, "var.", unit->name, true), &result);
    return ok;
}

static bool visit_check(void *context, struct module_inst *inst) {
    struct spread *s = context;
    struct job *job = s->job;
    const struct unit *unit = job->node->unit;
    struct frame frame;
    frame_init(&frame, job->p->resolve, inst, NULL, NULL);
    struct rules_result result = {
        .status = CHECK_FAIL, .problems = &job->node->problem, .n_problems = 1};
    bool ok = true;
    /* Its data source could not be read: the asserts have nothing to speak of. */
    if (!atomic_load(&job->node->pending))
        ok = rules_check(&frame, job->arena, &unit->check->asserts, RULES_ASSERT, &result,
                         &job->diags);
    job_check(job, S("check"), in_module(job->arena, inst, "check.", unit->name, false),
              in_module(job->arena, inst, "check.", unit->name, true), &result);
    return ok;
}

static bool visit_output(void *context, struct module_inst *inst) {
    struct spread *s = context;
    return plan_results_output(s->job, inst);
}

static bool begin_unit(struct job *job) {
    static bool (*const visits[])(void *, struct module_inst *) = {
        [UNIT_VARIABLE] = visit_value, [UNIT_VALIDATION] = visit_validation,
        [UNIT_LOCAL] = visit_value,    [UNIT_OUTPUT] = visit_output,
        [UNIT_CALL] = visit_call,      [UNIT_CHECK] = visit_check,
    };
    const struct unit *unit = job->node->unit;
    if (unit->broken)
        return false;
    if (unit->kind == UNIT_RESOURCE)
        return begin_resource(job);
    if (unit->kind >= COUNT(visits) || !visits[unit->kind])
        return true;
    struct spread s = {job, true};
    return resolve_each_module(job->p->resolve, unit->module, visits[unit->kind], &s, &job->diags);
}

static bool run_item(struct job *job, struct item *item) {
    if (item->kind != ITEM_INSTANCE)
        return orphan_plan(job, item);
    switch (job->node->unit->resource->addr.mode) {
    case MODE_MANAGED:
        return managed_plan(job, item);
    case MODE_DATA:
        return data_plan(job, item);
    case MODE_EPHEMERAL:
        return ephemeral_plan(job, item);
    case MODE_LIST:
        return list_plan(job, item);
    }
    return true;
}

/* ---- the walk ---- */

static struct job open_job(struct planner *p, unsigned worker, uint32_t node, uint32_t item) {
    struct arena *arena = p->worker_arenas[worker];
    return (struct job){
        .p = p,
        .arena = arena,
        .scratch = p->worker_scratches[worker],
        .node = &p->nodes[node],
        .item = item,
        .diags = {.arena = arena},
    };
}

static void close_job(struct job *job) {
    if (job->diags.n == 0) {
        arena_reset(job->scratch);
        return;
    }
    arena_merge(job->arena, job->scratch); /* diagnostics may speak of values in it */
    struct plan_node *node = job->node;
    pthread_mutex_lock(&job->p->lock);
    node->diags =
        arena_grow(job->arena, node->diags, node->n_diags, &node->cap_diags, sizeof *node->diags);
    node->diags[node->n_diags++] = (struct node_diags){job->item, job->diags};
    pthread_mutex_unlock(&job->p->lock);
}

static bool walk_begin(void *context, unsigned worker, uint32_t node, uint32_t *ret_items) {
    struct planner *p = context;
    struct job job = open_job(p, worker, node, 0);
    *ret_items = 0;
    bool ok = true;
    if (job.node->closes)
        ok = lease_close(p->leases, job.node->closes, &job.diags);
    else if (!job.node->included)
        return true;
    else if (job.node->unit)
        ok = begin_unit(&job);
    else
        begin_orphans(&job);
    *ret_items = (uint32_t)job.node->n_items;
    close_job(&job);
    return ok;
}

static bool walk_item(void *context, unsigned worker, uint32_t node, uint32_t item) {
    struct job job = open_job(context, worker, node, item + 1);
    bool ok = run_item(&job, &job.node->items[item]);
    close_job(&job);
    return ok;
}

static int order_diags(const void *a, const void *b) {
    const struct node_diags *x = a, *y = b;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* In the order of nodes and items, so that timing does not show. */
static void merge_diags(struct planner *p, struct diags *diags) {
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        struct plan_node *node = &p->nodes[i];
        if (node->n_diags > 1)
            qsort(node->diags, node->n_diags, sizeof *node->diags, order_diags);
        for (size_t k = 0; k < node->n_diags; k++)
            diags_append(diags, &node->diags[k].diags);
    }
}

static bool run_walk(struct planner *p, struct diags *diags) {
    static const struct walk_ops ops = {walk_begin, walk_item, NULL};
    struct walk_options options = {p->n_workers, p->options->cancel};
    uint8_t *status = walk_graph(p->arena, &p->graph, &options, &ops, p);
    merge_diags(p, diags);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        if (status[i] != WALK_DONE)
            return false;
    return true;
}

/* ---- setting up ---- */

/* The value of an instance that this plan does not touch: what the state has. */
static bool instance_from_state(void *context, struct arena *arena,
                                const struct instance_addr *addr, struct value *ret_value) {
    struct planner *p = context;
    if (addr->resource.mode == MODE_EPHEMERAL)
        return p->no_walk && ephemeral_plan_now(p, arena, addr, ret_value);
    return prior_value(p, addr, ret_value);
}

/* Where the instances of the resource of prior i end. */
static size_t resource_end(const struct planner *p, size_t i) {
    size_t end = i + 1;
    while (end < p->n_priors && p->priors[end].resource == p->priors[i].resource)
        end++;
    return end;
}

static size_t count_orphan_nodes(const struct planner *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n_priors; i = resource_end(p, i))
        n += !p->priors[i].unit;
    return n;
}

static void add_orphan_nodes(struct planner *p) {
    for (size_t i = 0; i < p->n_priors;) {
        size_t end = resource_end(p, i);
        if (!p->priors[i].unit) {
            struct plan_node *node = &p->nodes[p->n_nodes++];
            uint32_t number = graph_node(&p->graph);
            node->orphans = &p->priors[i];
            node->n_orphans = (uint32_t)(end - i);
            node->included = true;
            for (size_t k = i; k < end; k++) {
                const struct unit *unit = configure_unit(p->units, p->priors[k].provider);
                if (unit && (k == i || p->priors[k].provider != p->priors[k - 1].provider))
                    graph_edge(&p->graph, number, unit->index);
            }
        }
        i = end;
    }
}

static bool is_ephemeral(const struct unit *unit) {
    return unit->kind == UNIT_RESOURCE && unit->resource->addr.mode == MODE_EPHEMERAL;
}

static size_t count_ephemerals(const struct planner *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->units->n; i++)
        n += is_ephemeral(p->units->at[i]);
    return n;
}

/* Closes an ephemeral resource behind everything that stands on it, and what stands on it and is
 * ephemeral itself behind the end of that. */
static void order_close(struct planner *p, const struct graph *users, const struct plan_node *node,
                        const uint32_t *close_of) {
    struct arena *scratch = arena_new();
    bool *set = arena_array(scratch, users->n, sizeof *set);
    uint32_t own = node->closes->index, number = close_of[own];
    set[own] = true;
    graph_close(users, set, true);
    for (uint32_t i = 0; i < users->n; i++) {
        uint32_t n;
        graph_users(users, i, &n);
        if (set[i] && n == 0)
            graph_edge(&p->graph, number, i);
        if (set[i] && i != own && i < p->units->n && is_ephemeral(p->units->at[i]))
            graph_edge(&p->graph, number, close_of[i]);
    }
    arena_free(scratch);
}

static void add_close_nodes(struct planner *p) {
    uint32_t first = p->n_nodes;
    if (count_ephemerals(p) == 0)
        return;
    /* The graph so far, to ask it who uses what. */
    struct graph users;
    graph_init(&users, p->arena);
    for (uint32_t i = 0; i < p->n_nodes; i++)
        graph_node(&users);
    for (size_t i = 0; i < p->graph.n_edges; i++)
        graph_edge(&users, p->graph.edges[i].node, p->graph.edges[i].needs);
    graph_freeze(&users);
    uint32_t *close_of = arena_array(p->arena, p->units->n, sizeof *close_of);
    for (size_t i = 0; i < p->units->n; i++) {
        if (!is_ephemeral(p->units->at[i]))
            continue;
        close_of[i] = graph_node(&p->graph);
        p->nodes[p->n_nodes++].closes = p->units->at[i];
    }
    for (uint32_t i = first; i < p->n_nodes; i++)
        order_close(p, &users, &p->nodes[i], close_of);
}

static void index_priors(struct planner *p) {
    struct arena *scratch = arena_new();
    uint32_t *unit_of = arena_array(scratch, p->n_priors, sizeof *unit_of);
    for (size_t i = 0; i < p->n_priors; i++)
        unit_of[i] = p->priors[i].unit ? p->priors[i].unit->index : UINT32_MAX;
    p->unit_priors = graph_group(p->arena, unit_of, p->n_priors, p->units->n);
    arena_free(scratch);
}

static void force_cbd(struct planner *p) {
    bool *set = arena_array(p->arena, p->units->n, sizeof *set);
    bool any = false;
    for (size_t i = 0; i < p->units->n; i++) {
        const struct unit *unit = p->units->at[i];
        set[i] = unit->kind == UNIT_RESOURCE && unit->resource->lifecycle.create_before_destroy;
        any = any || set[i];
    }
    if (any)
        graph_close(&p->units->graph, set, false);
    for (size_t i = 0; i < p->units->n; i++)
        p->nodes[i].forced_cbd = set[i] && p->units->at[i]->kind == UNIT_RESOURCE;
}

static void build_graph(struct planner *p, struct diags *diags) {
    graph_init(&p->graph, p->arena);
    size_t n = p->units->n + count_orphan_nodes(p) + count_ephemerals(p);
    p->nodes = arena_array(p->arena, n, sizeof *p->nodes);
    p->n_nodes = (uint32_t)p->units->n;
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        graph_node(&p->graph);
        p->nodes[i].unit = p->units->at[i];
        p->nodes[i].included = true;
    }
    for (size_t i = 0; i < p->units->graph.n_edges; i++)
        graph_edge(&p->graph, p->units->graph.edges[i].node, p->units->graph.edges[i].needs);
    imports_connect(p, diags);
    index_priors(p);
    add_orphan_nodes(p);
    add_close_nodes(p);
    graph_freeze(&p->graph);
    force_cbd(p);
    targets_apply(p);
}

static void open_workers(struct planner *p) {
    p->n_workers = p->options->parallelism ? p->options->parallelism : 10;
    p->worker_arenas = arena_array(p->arena, p->n_workers, sizeof *p->worker_arenas);
    p->worker_scratches = arena_array(p->arena, p->n_workers, sizeof *p->worker_scratches);
    for (unsigned i = 0; i < p->n_workers; i++) {
        p->worker_arenas[i] = arena_new();
        p->worker_scratches[i] = arena_new();
    }
    p->locked_arena = arena_new();
    pthread_mutex_init(&p->lock, NULL);
}

static void close_workers(struct planner *p) {
    for (unsigned i = 0; i < p->n_workers; i++) {
        arena_merge(p->arena, p->worker_arenas[i]);
        arena_free(p->worker_arenas[i]);
        arena_free(p->worker_scratches[i]);
    }
    arena_merge(p->arena, p->locked_arena);
    arena_free(p->locked_arena);
    pthread_mutex_destroy(&p->lock);
}

static void copy_targets(struct planner *p) {
    const struct plan_options *o = p->options;
    struct plan *plan = p->plan;
    plan->targets = arena_copy(p->arena, o->targets, o->n_targets * sizeof *o->targets);
    plan->n_targets = o->n_targets;
    plan->excludes = arena_copy(p->arena, o->excludes, o->n_excludes * sizeof *o->excludes);
    plan->n_excludes = o->n_excludes;
    plan->force_replace =
        arena_copy(p->arena, o->force_replace, o->n_force_replace * sizeof *o->force_replace);
    plan->n_force_replace = o->n_force_replace;
}

static struct plan *new_plan(struct planner *p, const struct state *state) {
    struct plan *plan = arena_alloc(p->arena, sizeof *plan);
    p->plan = plan;
    plan->mode = p->options->mode;
    plan->timestamp_ms = clock_now_ms();
    plan->workspace = p->options->workspace;
    plan->refreshed = p->options->refresh;
    plan->complete = true;
    plan->prev_state = state ? state_copy(p->arena, state) : state_new(p->arena);
    plan->prior_state = state_copy(p->arena, plan->prev_state);
    p->prev = plan->prev_state;
    p->prior_state = plan->prior_state;
    copy_targets(p);
    return plan;
}

static void make_resolver(struct planner *p) {
    struct resolve_options options = {
        .phase = RESOLVE_PLAN,
        .partial = p->options->n_targets > 0 || p->options->n_excludes > 0 || p->options->query,
        .inputs = &p->options->variables,
        .root_dir = p->options->root_dir,
        .cwd = p->options->cwd,
        .workspace = p->options->workspace,
        .plan_time_ms = p->plan->timestamp_ms,
        .instance = instance_from_state,
        .context = p,
    };
    p->resolve = resolve_new(p->arena, p->units, &options);
}

/* A value as it was given; only texts that are to be read as expressions are read. */
static struct value given_value(struct planner *p, const struct config_variable *v,
                                const struct variable_input *input, struct value final) {
    if (!input)
        return value_unmark(final);
    if (!input->raw_text)
        return input->value;
    if (!v->type_set || type_is_primitive(v->type))
        return value_string(p->arena, input->text);
    return value_unmark(final);
}

/* The final value of a root variable; false when it has none. */
static bool root_value(struct planner *p, const struct unit *unit,
                       const struct variable_input *input, struct value *ret_value) {
    struct cell *cell = &p->resolve->root->cells[unit->slot];
    struct diags quiet = {.arena = p->arena};
    *ret_value = cell->value;
    return atomic_load(&cell->state) == CELL_READY ||
           variables_final(p->arena, p->config, unit->variable, input, ret_value, &quiet);
}

static void save_variables(struct planner *p) {
    const struct map *variables = &p->units->root->variables;
    for (size_t i = 0; i < variables->n; i++) {
        const struct unit *unit = variables->entries[i].value;
        const struct variable_input *input = map_get(&p->options->variables, unit->name);
        struct value final;
        if (!root_value(p, unit, input, &final))
            continue;
        struct value given = given_value(p, unit->variable, input, final);
        /* Only that it was given: what is ephemeral is written nowhere. */
        if (input && unit->variable->ephemeral)
            given = value_mark(value_null(type_dynamic), VALUE_EPHEMERAL);
        map_put(p->arena, &p->plan->variables, unit->name,
                arena_copy(p->arena, &given, sizeof given));
    }
}

/* Before a destruction everything is planned as usual, only to know the outputs of today. */
static void forget_changes(struct planner *p) {
    for (uint32_t i = 0; i < p->n_nodes; i++)
        for (size_t k = 0; k < p->nodes[i].n_items; k++)
            p->nodes[i].items[k].change = NULL;
}

static int order_lists(const void *a, const void *b) {
    return addr_instance_order(&(*(struct plan_list *const *)a)->addr,
                               &(*(struct plan_list *const *)b)->addr);
}

static void sort_lists(struct plan_query *query) {
    if (query->n > 1)
        qsort(query->lists, query->n, sizeof *query->lists, order_lists);
}

static bool make(struct planner *p, struct diags *diags) {
    size_t before = diags->n_errors;
    generate_resources(p);
    p->units = units_new(p->arena, p->config, p->pool, diags);
    if (!p->units)
        return false;
    struct diags checked = {.arena = p->arena};
    bool valid = plan_validate_units(p->arena, p->units, p->options, &checked);
    diags_append(diags, &checked);
    if (!valid)
        return false;
    if (diags->n_errors > before)
        return false;
    deprecations_warn_values(p, diags);
    make_resolver(p);
    prior_load(p, diags);
    if (diags->n_errors > before || !targets_check_moves(p, diags))
        return false;
    build_graph(p, diags);
    if (diags->n_errors > before)
        return false;
    struct diags walked = {.arena = p->arena};
    bool ok = true;
    p->no_walk = p->options->mode == PLAN_DESTROY &&
                 (!p->options->refresh || state_is_empty(p->prior_state));
    if (!p->no_walk)
        ok = run_walk(p, &walked);
    if (p->options->query) {
        diags_append(diags, &walked);
        sort_lists(p->options->query);
        return ok && diags->n_errors == before;
    }
    if (!moves_validate(p, diags) || !removed_validate(p, diags))
        return false;
    p->plan->begun = true;
    /* What is odd about a configuration that is about to go matters no more. */
    if (!ok || p->options->mode != PLAN_DESTROY)
        diags_append(diags, &walked);
    imports_check(p, diags);
    plan_results_collect(p, diags);
    if (p->options->generate_config_out.len && p->config->root->n_imports)
        diags_warn(diags, (struct span){0}, "Config generation is experimental",
                   "Generating configuration during import is currently experimental, and the "
                   "generated configuration format may change in future versions.");
    if (p->options->mode == PLAN_DESTROY) {
        forget_changes(p);
        p->plan->begun = ok;
        if (ok)
            orphan_plan_all(p, diags);
    }
    plan_results_outputs(p, diags);
    return ok && diags->n_errors == before;
}

static void finish(struct planner *p, struct diags *diags) {
    if (p->plan->begun) {
        save_variables(p);
        plan_results_checks(p);
        plan_results_changes(p);
        plan_results_ephemerals(p);
        if (!p->plan->errored)
            removed_warn(p, diags);
        relevant_find(p);
        order_steps(p);
    }
    if (p->resolve)
        resolve_free(p->resolve);
    if (trace_on(TRACE_DEBUG))
        trace_line(TRACE_DEBUG, "plan: %llu API calls", (unsigned long long)pool_calls(p->pool));
    pool_close(p->pool);
}

struct plan *plan_make(struct arena *arena, struct config *config, const struct state *state,
                       const struct provider_factories *providers,
                       const struct plan_options *options, struct diags *diags) {
    struct planner p = {
        .arena = arena,
        .config = config,
        .options = options,
        .skip_changes = options->mode == PLAN_REFRESH_ONLY,
        .pool = pool_new(arena, providers),
    };
    struct plan *plan = new_plan(&p, state);
    open_workers(&p);
    p.leases = lease_begin(options->events);
    bool made = make(&p, diags);
    size_t before = diags->n_errors;
    lease_end(p.leases, !made, diags);
    plan->errored = !made || diags->n_errors > before;
    finish(&p, diags);
    close_workers(&p);
    plan->applyable = !plan->errored && steps_has_changes(plan);
    if (plan->errored || plan->n_targets || plan->n_excludes)
        plan->complete = false;
    return plan;
}
