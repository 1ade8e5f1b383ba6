/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

/* A reference of replace_triggered_by, taken apart. */
struct trigger {
    struct ref ref;
    const struct step *steps; /* behind the resource and its key */
    uint32_t n_steps;
    bool has_key;
    struct value key;
};

static const struct expr *innermost(const struct expr *expr) {
    for (;;)
        if (expr->kind == EXPR_RELATIVE)
            expr = expr->relative.source;
        else if (expr->kind == EXPR_INDEX || expr->kind == EXPR_PARENS)
            expr = expr->operand[0];
        else
            return expr;
}

static bool take_apart(struct job *job, struct frame *frame, const struct expr *expr,
                       struct trigger *t) {
    *t = (struct trigger){0};
    const struct expr *root = innermost(expr);
    if (root->kind != EXPR_TRAVERSAL ||
        !refs_parse(job->arena, &root->traversal, expr_span(root), &t->ref, &job->diags))
        return false;
    t->steps = t->ref.rest;
    t->n_steps = t->ref.n_rest;
    t->has_key = t->ref.has_key;
    t->key = t->ref.key;
    if (expr->kind == EXPR_RELATIVE) {
        t->steps = expr->relative.traversal.steps;
        t->n_steps = expr->relative.traversal.n;
        expr = expr->relative.source;
    }
    if (expr->kind == EXPR_INDEX) {
        size_t before = job->diags.n_errors;
        t->has_key = true;
        t->key = eval_expr(job->arena, &frame->scope, expr->operand[1], &job->diags);
        return job->diags.n_errors == before;
    }
    return true;
}

static bool changes(const struct change *change) {
    return change && (change->action == ACTION_UPDATE || steps_action_replaces(change->action));
}

static struct value step_into(struct value v, const struct step *steps, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        v = value_unmark(v);
        struct value next;
        int64_t index;
        bool found = false;
        if (value_is_null(v) || !value_is_known(v))
            return v;
        if (steps[i].kind == STEP_ATTR)
            found = (v.kind == VALUE_OBJECT || v.kind == VALUE_MAP) &&
                    value_get(v, steps[i].name, &next);
        else if (steps[i].index.kind == VALUE_STRING)
            found = (v.kind == VALUE_OBJECT || v.kind == VALUE_MAP) &&
                    value_get(v, value_str(steps[i].index), &next);
        else if (value_to_int(steps[i].index, &index) && index >= 0 &&
                 (v.kind == VALUE_LIST || v.kind == VALUE_TUPLE) &&
                 (size_t)index < value_count(v)) {
            next = value_at(v, (size_t)index);
            found = true;
        }
        if (!found)
            return value_null(type_dynamic);
        v = next;
    }
    return v;
}

static bool item_fires(struct job *job, const struct trigger *t, const struct change *change) {
    if (!changes(change))
        return false;
    if (t->n_steps == 0)
        return true;
    struct value before = step_into(change->before, t->steps, t->n_steps);
    struct value after = step_into(change->after, t->steps, t->n_steps);
    before = value_unmark_deep(job->arena, before);
    after = value_unmark_deep(job->arena, after);
    if (!value_is_wholly_known(after) || !value_is_wholly_known(before))
        return true;
    return value_type(before) != value_type(after) || !value_same(before, after);
}

static bool trigger_fires(struct job *job, const struct frame *frame, const struct trigger *t) {
    const struct unit *unit = unit_of_ref(frame->inst->unit, &t->ref);
    if (!unit || unit->kind != UNIT_RESOURCE)
        return false;
    const struct plan_node *node = &job->p->nodes[unit->index];
    struct key key = {0};
    if (t->has_key) {
        struct value v = value_unmark(t->key);
        if (!value_is_known(v) || value_is_null(v))
            return false;
        key = addr_key_of(v);
    }
    for (size_t r = 0; r < node->n_ranges; r++) {
        if (node->ranges[r].inst != frame->inst)
            continue;
        for (uint32_t i = 0; i < node->ranges[r].n; i++) {
            const struct item *item = &node->items[node->ranges[r].first + i];
            if (t->has_key && !addr_key_eq(item->instance->key, key))
                continue;
            if (item_fires(job, t, item->change))
                return true;
        }
    }
    return false;
}

bool triggers_fire(struct job *job, struct frame *frame, const struct config_resource *config,
                   bool *ret_fire) {
    bool fire = false;
    for (size_t i = 0; i < config->lifecycle.n_replace_triggered_by; i++) {
        struct trigger t;
        const struct expr *expr = config->lifecycle.replace_triggered_by[i];
        if (!take_apart(job, frame, expr, &t))
            return false;
        if (!fire)
            fire = trigger_fires(job, frame, &t);
    }
    *ret_fire = fire;
    return true;
}
