/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include <stdlib.h>

/* ---- state and drift ---- */

static void add_drift(struct planner *p, size_t *cap, const struct item *item,
                      const struct schema *schema) {
    const struct prior *prior = item->prior;
    bool gone = item->has_after && value_is_null(item->after);
    bool changed = gone || (item->refreshed && !value_same(prior->value, item->after));
    if (!changed && !prior->moved)
        return;
    struct plan *plan = p->plan;
    plan->drifts = arena_grow(p->arena, plan->drifts, plan->n_drifts, cap, sizeof *plan->drifts);
    plan->drifts[plan->n_drifts++] = (struct drift){
        .addr = prior->addr,
        .prev_addr = *prior->prev_addr,
        .schema = schema,
        .provider = *prior->provider,
        .action = gone      ? ACTION_DELETE
                  : changed ? ACTION_UPDATE
                            : ACTION_NOOP,
        .before = prior->value,
        .after = item->has_after ? item->after : prior->value,
    };
}

static const struct schema *item_schema(const struct planner *p, const struct plan_node *node,
                                        const struct item *item) {
    if (node->unit)
        return node->unit->schema;
    struct diags quiet = {.arena = p->arena};
    return pool_type(pool_schema(p->pool, item->prior->provider->provider, &quiet),
                     item->prior->addr.resource.mode, item->prior->addr.resource.type);
}

static void collect_item(struct planner *p, const struct plan_node *node, struct item *item,
                         size_t *cap) {
    if (item->kind == ITEM_DEPOSED) {
        if (item->refreshed && value_is_null(item->after))
            state_set_deposed(p->prior_state, &item->prior->addr, item->provider,
                              item->prior->instance->deposed[item->deposed].key, NULL);
        return;
    }
    struct instance_addr addr =
        item->kind == ITEM_INSTANCE
            ? (struct instance_addr){item->inst->path, node->unit->resource->addr,
                                     item->instance->key}
            : item->prior->addr;
    if (item->prior && item->prior->decoded && addr.resource.mode == MODE_MANAGED)
        add_drift(p, cap, item, item_schema(p, node, item));
    if (!item->has_object)
        return;
    state_set_current(p->prior_state, &addr, item->provider, item->object);
}

static int order_drifts(const void *a, const void *b) {
    const struct drift *x = a, *y = b;
    return addr_instance_order(&x->addr, &y->addr);
}

void plan_results_collect(struct planner *p, struct diags *diags) {
    (void)diags;
    size_t cap = 0;
    for (uint32_t i = 0; i < p->n_nodes; i++)
        for (size_t k = 0; k < p->nodes[i].n_items; k++)
            collect_item(p, &p->nodes[i], &p->nodes[i].items[k], &cap);
    if (p->plan->n_drifts > 1)
        qsort(p->plan->drifts, p->plan->n_drifts, sizeof *p->plan->drifts, order_drifts);
}

/* ---- changes ---- */

static int order_changes(const void *a, const void *b) {
    const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;
    int order = addr_instance_order(&x->addr, &y->addr);
    return order ? order : str_cmp(x->deposed, y->deposed);
}

static size_t count_changes(const struct plan_node *node) {
    size_t n = 0;
    for (size_t i = 0; i < node->n_items; i++)
        n += node->items[i].change != NULL;
    return n;
}

static void take_changes(struct planner *p, const struct plan_node *node) {
    for (size_t i = 0; i < node->n_items; i++)
        if (node->items[i].change)
            p->plan->changes[p->plan->n_changes++] = node->items[i].change;
}

bool plan_results_opens(const struct plan_node *node) {
    return node->unit && node->unit->kind == UNIT_RESOURCE && node->n_items > 0 &&
           node->unit->resource->addr.mode == MODE_EPHEMERAL;
}

/* A destruction opens only what the configuration of a provider asks for, when it does. */
void plan_results_ephemerals(struct planner *p) {
    struct plan *plan = p->plan;
    size_t n = 0;
    if (plan->mode == PLAN_DESTROY)
        return;
    for (uint32_t i = 0; i < p->n_nodes; i++)
        n += plan_results_opens(&p->nodes[i]) ? p->nodes[i].n_items : 0;
    plan->ephemerals = arena_array(p->arena, n, sizeof *plan->ephemerals);
    for (uint32_t i = 0; i < p->n_nodes; i++) {
        struct plan_node *node = &p->nodes[i];
        struct job job = {.p = p, .node = node};
        for (size_t k = 0; plan_results_opens(node) && k < node->n_items; k++)
            plan->ephemerals[plan->n_ephemerals++] = job_addr(&job, &node->items[k]);
    }
}

void plan_results_changes(struct planner *p) {
    size_t n = p->destroys ? count_changes(p->destroys) : 0;
    for (uint32_t i = 0; i < p->n_nodes; i++)
        n += count_changes(&p->nodes[i]);
    p->plan->changes = arena_array(p->arena, n, sizeof(struct change *));
    for (uint32_t i = 0; i < p->n_nodes; i++)
        take_changes(p, &p->nodes[i]);
    if (p->destroys)
        take_changes(p, p->destroys);
    if (n > 1)
        qsort(p->plan->changes, n, sizeof *p->plan->changes, order_changes);
}

/* ---- outputs ---- */

static struct str output_text(struct arena *arena, struct module_path module, struct str name) {
    struct str text = addr_module_text(arena, module);
    return str_format(arena, "%.*s%soutput.%.*s", STR_ARG(text), text.len ? "." : "",
                      STR_ARG(name));
}

static bool output_conditions(struct job *job, struct module_inst *inst) {
    const struct config_output *c = job->node->unit->output;
    if (c->preconditions.n == 0)
        return true;
    struct frame frame;
    frame_init(&frame, job->p->resolve, inst, NULL, NULL);
    struct rules_result result;
    bool ok =
        rules_check(&frame, job->arena, &c->preconditions, RULES_OUTPUT, &result, &job->diags);
    job_check(job, S("output_value"), output_text(job->arena, inst->unit->path, c->name),
              output_text(job->arena, inst->path, c->name), &result);
    return ok || (job->p->options->mode == PLAN_DESTROY && job_soften_conditions(job));
}

bool plan_results_output(struct job *job, struct module_inst *inst) {
    const struct unit *unit = job->node->unit;
    struct value v;
    if (!output_conditions(job, inst) ||
        !resolve_value(job->p->resolve, inst, unit, &v, &job->diags))
        return false;
    job->node->refused = !plan_results_output_check(inst, unit->output, v, &job->diags);
    return !job->node->refused;
}

bool plan_results_output_check(const struct module_inst *inst, const struct config_output *c,
                               struct value v, struct diags *diags) {
    unsigned marks = value_marks_inside(v);
    if (marks & VALUE_EPHEMERAL && !c->ephemeral) {
        diags_error(diags, c->expr ? expr_span(c->expr) : c->span, "Ephemeral value not allowed",
                    "This output value is not declared as returning an ephemeral value, so it "
                    "cannot be set to a result derived from an ephemeral value.");
        return false;
    }
    if (inst->parent || !(marks & VALUE_SENSITIVE) || c->sensitive)
        return true;
    diags_error(diags, c->span, "Output refers to sensitive values",
                "To reduce the risk of accidentally exporting sensitive data that was intended "
                "to be only internal, Loam requires that any root module output containing "
                "sensitive data be explicitly marked as sensitive, to confirm your intent.\n\nIf "
                "you do intend to export this data, annotate the output value as sensitive by "
                "adding the following argument:\n    sensitive = true");
    return false;
}

static struct value old_output(const struct state_output *old) {
    return old->sensitive ? value_mark(old->value, VALUE_SENSITIVE) : old->value;
}

static enum action output_action(const struct output_change *o, const struct state_output *old,
                                 struct arena *arena) {
    struct value after = value_unmark_deep(arena, o->after);
    if (value_is_null(after))
        return old ? ACTION_UPDATE : ACTION_NOOP;
    if (!old)
        return ACTION_CREATE;
    struct value before = value_unmark_deep(arena, old->value);
    if (value_is_wholly_known(after) && value_type(after) == value_type(before) &&
        value_same(after, before) && o->sensitive == old->sensitive)
        return ACTION_NOOP;
    return ACTION_UPDATE;
}

static void add_output(struct planner *p, struct output_change change, size_t *cap) {
    struct plan *plan = p->plan;
    plan->outputs =
        arena_grow(p->arena, plan->outputs, plan->n_outputs, cap, sizeof *plan->outputs);
    plan->outputs[plan->n_outputs++] = change;
}

static int order_outputs(const void *a, const void *b) {
    const struct output_change *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

/* What is known already counts as the prior state's, too. */
static void keep_output(struct planner *p, const struct output_change *change) {
    struct value v = value_unmark_deep(p->arena, change->after);
    if (value_is_null(v) || change->action == ACTION_DELETE) {
        map_remove(&p->prior_state->outputs, change->name);
        return;
    }
    if (!value_is_wholly_known(v))
        return;
    struct state_output *output = arena_alloc(p->arena, sizeof *output);
    *output = (struct state_output){change->name, v, value_type(v), change->sensitive};
    map_put(p->arena, &p->prior_state->outputs, change->name, output);
}

static void configured_outputs(struct planner *p, size_t *cap) {
    const struct map *outputs = &p->units->root->outputs;
    for (size_t i = 0; i < outputs->n; i++) {
        const struct unit *unit = outputs->entries[i].value;
        struct cell *cell = &p->resolve->root->cells[unit->slot];
        if (!p->nodes[unit->index].included || p->nodes[unit->index].refused ||
            unit->output->ephemeral || atomic_load(&cell->state) != CELL_READY)
            continue;
        const struct state_output *old = map_get(&p->prev->outputs, unit->name);
        struct output_change change = {
            .name = unit->name,
            .before = old ? old_output(old) : value_null(type_dynamic),
            .after =
                unit->output->sensitive ? value_mark(cell->value, VALUE_SENSITIVE) : cell->value,
            .sensitive = unit->output->sensitive,
        };
        change.action = output_action(&change, old, p->arena);
        if (value_is_null(change.after))
            change.after = value_null(type_dynamic);
        keep_output(p, &change);
        add_output(p, change, cap);
    }
}

static void removed_outputs(struct planner *p, const struct map *outputs, bool all, size_t *cap) {
    for (size_t i = 0; i < outputs->n; i++) {
        const struct state_output *old = outputs->entries[i].value;
        if (!all && map_get(&p->units->root->outputs, old->name))
            continue;
        add_output(p,
                   (struct output_change){
                       .name = old->name,
                       .action = ACTION_DELETE,
                       .before = old_output(old),
                       .after = value_null(type_dynamic),
                       .sensitive = old->sensitive,
                   },
                   cap);
    }
}

/* All there are: what the refresh before the destruction made of them, else those of the state. */
static void destroyed_outputs(struct planner *p, size_t *cap) {
    const struct map *outputs = &p->units->root->outputs;
    for (size_t i = 0; i < outputs->n; i++) {
        const struct unit *unit = outputs->entries[i].value;
        struct cell *cell = &p->resolve->root->cells[unit->slot];
        if (p->nodes[unit->index].refused || unit->output->ephemeral ||
            atomic_load(&cell->state) != CELL_READY)
            continue;
        const struct output_change now = {.name = unit->name,
                                          .action = ACTION_UPDATE,
                                          .after = cell->value,
                                          .sensitive = unit->output->sensitive};
        keep_output(p, &now);
    }
    removed_outputs(p, &p->prior_state->outputs, true, cap);
}

void plan_results_outputs(struct planner *p, struct diags *diags) {
    (void)diags;
    size_t cap = 0;
    if (p->options->mode == PLAN_DESTROY) {
        if (p->options->n_targets == 0 && p->options->n_excludes == 0)
            destroyed_outputs(p, &cap);
    } else {
        configured_outputs(p, &cap);
        if (p->options->n_targets == 0)
            removed_outputs(p, &p->prev->outputs, false, &cap);
    }
    if (p->plan->n_outputs > 1)
        qsort(p->plan->outputs, p->plan->n_outputs, sizeof *p->plan->outputs, order_outputs);
}

/* ---- checks ---- */

static int order_checks(const void *a, const void *b) {
    const struct check_result *x = a, *y = b;
    int order = str_cmp(x->kind, y->kind);
    order = order ? order : str_cmp(x->address, y->address);
    return order ? order : str_cmp(x->instance, y->instance);
}

/* Two kinds of conditions of one instance are one result. */
static void fold(struct check_result *into, const struct check_result *from, struct arena *arena) {
    static const int rank[] = {
        [CHECK_PASS] = 0, [CHECK_UNKNOWN] = 1, [CHECK_ERROR] = 2, [CHECK_FAIL] = 3};
    if (rank[from->status] > rank[into->status])
        into->status = from->status;
    if (from->n_problems == 0)
        return;
    size_t n = into->n_problems + from->n_problems;
    struct str *all = arena_array(arena, n, sizeof *all);
    for (size_t i = 0; i < into->n_problems; i++)
        all[i] = into->problems[i];
    for (size_t i = 0; i < from->n_problems; i++)
        all[into->n_problems + i] = from->problems[i];
    into->problems = all;
    into->n_problems = n;
}

/* Of what goes away only the outputs of the root are still listed one by one; nothing is judged. */
static size_t forget_results(struct check_result *at, size_t n) {
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        struct check_result r = at[i];
        r.status = CHECK_UNKNOWN;
        r.n_problems = 0;
        if (!str_eq(r.kind, S("output_value")) || !str_starts(r.address, S("output.")))
            r.instance = S("");
        if (out == 0 || !str_eq(at[out - 1].address, r.address))
            at[out++] = r;
    }
    return out;
}

void plan_results_checks(struct planner *p) {
    size_t n = 0, out = 0;
    for (uint32_t i = 0; p->nodes && i < p->n_nodes; i++)
        n += p->nodes[i].n_checks;
    struct check_result *all = arena_array(p->arena, n, sizeof *all);
    n = 0;
    for (uint32_t i = 0; p->nodes && i < p->n_nodes; i++)
        for (size_t k = 0; k < p->nodes[i].n_checks; k++)
            all[n++] = p->nodes[i].checks[k];
    if (n > 1)
        qsort(all, n, sizeof *all, order_checks);
    for (size_t i = 0; i < n; i++)
        if (out > 0 && order_checks(&all[out - 1], &all[i]) == 0)
            fold(&all[out - 1], &all[i], p->arena);
        else
            all[out++] = all[i];
    if (p->options->mode == PLAN_DESTROY)
        out = forget_results(all, out);
    p->plan->checks = all;
    p->plan->n_checks = out;
}
