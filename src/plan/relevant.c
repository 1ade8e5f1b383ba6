/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include "eval/refs.h"
#include "hcl/body.h"

#include <stdlib.h>

/*
 * Which attributes of which resources decided the changes: references followed backwards through
 * named values, as far as the configuration tells, without evaluating anything.
 */
struct lead {
    const struct unit_module *module;
    struct module_path path;   /* with keys where a reference gives them */
    const struct unit *around; /* resource whose definition it is in: for count and each */
    struct ref ref;
};

struct search {
    struct planner *p;
    struct arena *arena;
    struct map seen;  /* text of a lead -> itself */
    struct map found; /* text -> struct relevant_attr * */
    struct lead *queue;
    size_t n, cap, head;
};

static struct path steps_path(struct arena *arena, const struct step *steps, uint32_t n) {
    struct path path = {0};
    for (uint32_t i = 0; i < n; i++) {
        int64_t index;
        if (steps[i].kind == STEP_ATTR)
            path = path_attr(arena, path, steps[i].name);
        else if (steps[i].index.kind == VALUE_STRING)
            path = path_key(arena, path, value_str(steps[i].index));
        else if (value_to_int(steps[i].index, &index))
            path = path_index(arena, path, index);
    }
    return path;
}

static bool is_resource(const struct ref *ref) {
    return ref->kind == REF_MANAGED || ref->kind == REF_DATA || ref->kind == REF_EPHEMERAL;
}

static void note(struct search *s, const struct lead *lead, struct str key) {
    const struct unit *unit = unit_of_ref(lead->module, &lead->ref);
    if (!unit)
        return;
    struct relevant_attr *found = arena_alloc(s->p->arena, sizeof *found);
    struct instance_addr addr = {.module = lead->path, .resource = unit->resource->addr};
    if (lead->ref.has_key)
        addr.key = addr_key_of(lead->ref.key);
    found->resource = addr_instance_text(s->p->arena, &addr);
    found->path = steps_path(s->p->arena, lead->ref.rest, lead->ref.n_rest);
    map_put(s->arena, &s->found, key, found);
}

static void push(struct search *s, struct lead lead) {
    struct path path = steps_path(s->arena, lead.ref.rest, lead.ref.n_rest);
    struct str around = lead.ref.kind == REF_COUNT || lead.ref.kind == REF_EACH
                            ? (lead.around ? lead.around->name : S(""))
                            : S("");
    struct str key = str_format(
        s->arena, "%.*s|%.*s|%.*s%.*s|%.*s", STR_ARG(addr_module_text(s->arena, lead.path)),
        STR_ARG(around), STR_ARG(refs_text(s->arena, &lead.ref)),
        STR_ARG(lead.ref.has_key ? addr_key_text(s->arena, addr_key_of(lead.ref.key)) : S("")),
        STR_ARG(path_text(s->arena, path)));
    if (map_get(&s->seen, key))
        return;
    map_put(s->arena, &s->seen, key, s);
    if (is_resource(&lead.ref))
        note(s, &lead, key);
    s->queue = arena_grow(s->arena, s->queue, s->n, &s->cap, sizeof *s->queue);
    s->queue[s->n++] = lead;
}

static void push_all(struct search *s, const struct unit_module *module, struct module_path path,
                     const struct unit *around, const struct refs *refs) {
    for (size_t i = 0; i < refs->n; i++)
        push(s, (struct lead){module, path, around, refs->at[i]});
}

static void push_expr(struct search *s, const struct unit_module *module, struct module_path path,
                      const struct unit *around, const struct expr *expr) {
    struct refs refs = {0};
    if (expr) {
        refs_of_expr(s->arena, expr, &refs, NULL);
        push_all(s, module, path, around, &refs);
    }
}

/* The part of a resource's definition that gives one of its attributes. */
static void push_definition(struct search *s, const struct unit *unit, struct module_path path,
                            const struct step *steps, uint32_t n) {
    const struct body *body = unit->resource->config;
    struct diags quiet = {.arena = s->arena};
    struct refs refs = {0};
    if (!unit->schema || !body)
        return;
    if (n == 0 || steps[0].kind != STEP_ATTR) {
        refs_of_body(s->arena, body, &refs, NULL);
        push_all(s, unit->module, path, unit, &refs);
        return;
    }
    const struct body_attr_schema attr = {.name = steps[0].name};
    const struct body_block_schema block = {.type = steps[0].name};
    bool is_attr = schema_attr(unit->schema->block, steps[0].name) != NULL;
    struct body_schema wanted = {
        .attrs = &attr, .n_attrs = is_attr, .blocks = &block, .n_blocks = !is_attr};
    struct body *rest;
    struct body_content *content = body_partial_content(s->arena, body, &wanted, &rest, &quiet);
    const struct attribute *found = is_attr ? body_attr(content, steps[0].name) : NULL;
    if (found)
        push_expr(s, unit->module, path, unit, found->expr);
    for (size_t i = 0; i < content->n_blocks; i++)
        refs_of_body(s->arena, content->blocks[i]->body, &refs, NULL);
    push_all(s, unit->module, path, unit, &refs);
}

static void follow_module(struct search *s, const struct lead *lead, const struct unit *call) {
    if (!call->child)
        return;
    struct key key = lead->ref.has_key ? addr_key_of(lead->ref.key) : (struct key){0};
    struct module_path path = addr_module_child(s->arena, lead->path, call->name, key);
    const struct map *outputs = &call->child->outputs;
    struct str only = lead->ref.n_rest > 0 && lead->ref.rest[0].kind == STEP_ATTR
                          ? lead->ref.rest[0].name
                          : S("");
    for (size_t i = 0; i < outputs->n; i++) {
        const struct unit *output = outputs->entries[i].value;
        if (only.len == 0 || str_eq(only, output->name))
            push_expr(s, call->child, path, NULL, output->output->expr);
    }
}

static void follow(struct search *s, const struct lead *lead) {
    const struct unit *unit = unit_of_ref(lead->module, &lead->ref);
    if (lead->ref.kind == REF_COUNT || lead->ref.kind == REF_EACH) {
        if (lead->around) {
            push_expr(s, lead->module, lead->path, lead->around, lead->around->resource->count);
            push_expr(s, lead->module, lead->path, lead->around, lead->around->resource->for_each);
        }
        return;
    }
    if (!unit)
        return;
    switch (unit->kind) {
    case UNIT_VARIABLE:
        if (unit->input && lead->path.n > 0)
            push_expr(s, lead->module->parent, addr_module_parent(lead->path), NULL,
                      unit->input->expr);
        break;
    case UNIT_LOCAL:
        push_expr(s, lead->module, lead->path, NULL, unit->local->expr);
        break;
    case UNIT_CALL:
        follow_module(s, lead, unit);
        break;
    case UNIT_RESOURCE:
        push_definition(s, unit, lead->path, lead->ref.rest, lead->ref.n_rest);
        break;
    default:
        break;
    }
}

static void start_from_changes(struct search *s) {
    const struct plan *plan = s->p->plan;
    const struct change *last = NULL;
    for (size_t i = 0; i < plan->n_changes; i++) {
        const struct change *c = plan->changes[i];
        if (c->action == ACTION_NOOP || !c->config)
            continue;
        if (last && last->config == c->config && addr_module_eq(last->addr.module, c->addr.module))
            continue;
        last = c;
        const struct unit_module *module = unit_module(s->p->units, c->addr.module);
        const struct unit *unit = module ? unit_resource(module, c->addr.resource) : NULL;
        if (unit)
            push_definition(s, unit, c->addr.module, NULL, 0);
    }
}

static bool start_from_output(void *context, struct module_inst *inst) {
    struct search *s = context;
    for (size_t i = 0; i < inst->unit->outputs.n; i++) {
        const struct unit *unit = inst->unit->outputs.entries[i].value;
        if (atomic_load(&inst->cells[unit->slot].state) == CELL_READY)
            push_expr(s, inst->unit, inst->path, NULL, unit->output->expr);
    }
    return true;
}

/* Outputs of child modules count as new each time, as they are not in the state. */
static void start_from_modules(struct search *s, const struct unit_module *module) {
    struct diags quiet = {.arena = s->arena};
    if (module->parent)
        resolve_each_module(s->p->resolve, module, start_from_output, s, &quiet);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct unit *call = module->calls.entries[i].value;
        if (call->child)
            start_from_modules(s, call->child);
    }
}

static void start_from_outputs(struct search *s) {
    const struct plan *plan = s->p->plan;
    for (size_t i = 0; i < plan->n_outputs; i++) {
        const struct unit *unit = plan->outputs[i].action == ACTION_NOOP
                                      ? NULL
                                      : map_get(&s->p->units->root->outputs, plan->outputs[i].name);
        if (unit)
            push_expr(s, s->p->units->root, (struct module_path){0}, NULL, unit->output->expr);
    }
}

static int order_found(const void *a, const void *b) {
    const struct relevant_attr *x = a, *y = b;
    int order = str_cmp(x->resource, y->resource);
    for (size_t i = 0; order == 0 && i < x->path.n && i < y->path.n; i++)
        order = str_cmp(x->path.at[i].name, y->path.at[i].name);
    return order ? order : x->path.n < y->path.n ? -1 : x->path.n > y->path.n;
}

void relevant_find(struct planner *p) {
    struct search s = {.p = p, .arena = arena_new()};
    start_from_changes(&s);
    start_from_outputs(&s);
    if (p->options->mode != PLAN_DESTROY)
        start_from_modules(&s, p->units->root);
    while (s.head < s.n) {
        struct lead lead = s.queue[s.head++];
        follow(&s, &lead);
    }
    struct plan *plan = p->plan;
    plan->relevant = arena_array(p->arena, s.found.n, sizeof *plan->relevant);
    for (size_t i = 0; i < s.found.n; i++) {
        const struct relevant_attr *found = s.found.entries[i].value;
        bool twice = false;
        for (size_t k = 0; k < plan->n_relevant && !twice; k++)
            twice = str_eq(plan->relevant[k].resource, found->resource) &&
                    path_eq(plan->relevant[k].path, found->path);
        if (!twice)
            plan->relevant[plan->n_relevant++] = *found;
    }
    if (plan->n_relevant > 1)
        qsort(plan->relevant, plan->n_relevant, sizeof *plan->relevant, order_found);
    arena_free(s.arena);
}
