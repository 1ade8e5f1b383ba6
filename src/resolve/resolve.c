/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/resolve.h"

#include "base/clock.h"
#include "resolve/expansion.h"
#include "resolve/frame.h"
#include "resolve/rules.h"
#include "value/convert.h"

static void free_arena(void *arena) {
    arena_free(arena);
}

struct resolve *resolve_new(struct arena *arena, struct units *units,
                            const struct resolve_options *options) {
    struct resolve *r = arena_alloc(arena, sizeof *r);
    r->arena = arena_new();
    arena_hold(arena, free_arena, r->arena);
    r->units = units;
    r->pool = units->pool;
    r->options = *options;
    if (options->plan_time_ms)
        r->plan_time = clock_rfc3339(arena, options->plan_time_ms);
    r->root = arena_alloc(arena, sizeof *r->root);
    r->root->unit = units->root;
    r->root->cells = arena_array(arena, units->root->n_slots, sizeof *r->root->cells);
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&r->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    return r;
}

void resolve_free(struct resolve *r) {
    pthread_mutex_destroy(&r->lock);
}

struct module_inst *resolve_module(struct resolve *r, struct module_path path,
                                   struct diags *diags) {
    struct module_inst *inst = r->root;
    for (size_t i = 0; i < path.n; i++) {
        const struct unit *call = map_get(&inst->unit->calls, path.at[i].name);
        struct expansion *e = call ? expansion_of(r, inst, call, diags) : NULL;
        struct resolve_instance *instance = e ? expansion_find(e, path.at[i].key) : NULL;
        if (!instance || !instance->module)
            return NULL;
        inst = instance->module;
    }
    return inst;
}

static bool each_below(struct resolve *r, struct module_inst *inst,
                       const struct unit_module *const *chain, size_t n,
                       bool (*visit)(void *context, struct module_inst *inst), void *context,
                       struct diags *diags) {
    if (n == 0)
        return visit(context, inst);
    struct expansion *e = expansion_of(r, inst, chain[0]->call, diags);
    if (!e)
        return false;
    bool ok = true;
    for (uint32_t i = 0; i < e->n; i++)
        ok = each_below(r, e->at[i].module, chain + 1, n - 1, visit, context, diags) && ok;
    return ok;
}

bool resolve_each_module(struct resolve *r, const struct unit_module *module,
                         bool (*visit)(void *context, struct module_inst *inst), void *context,
                         struct diags *diags) {
    size_t n = module->path.n;
    struct arena *scratch = arena_new();
    const struct unit_module **chain = arena_array(scratch, n, sizeof *chain);
    for (size_t i = n; i > 0; i--, module = module->parent)
        chain[i - 1] = module;
    bool ok = each_below(r, r->root, chain, n, visit, context, diags);
    arena_free(scratch);
    return ok;
}

static struct value mark_variable(const struct config_variable *v, struct value value) {
    unsigned marks = (v->sensitive ? VALUE_SENSITIVE : 0) | (v->ephemeral ? VALUE_EPHEMERAL : 0);
    return marks ? value_mark(value, marks) : value;
}

static bool root_variable(struct resolve *r, struct arena *arena, const struct unit *unit,
                          struct value *ret_value, struct diags *diags) {
    const struct config_variable *v = unit->variable;
    if (r->options.phase == RESOLVE_VALIDATE) {
        *ret_value = mark_variable(v, value_unknown(type_without_optional(v->type)));
        return true;
    }
    const struct variable_input *input =
        r->options.inputs ? map_get(r->options.inputs, v->name) : NULL;
    const struct value *saved = r->options.values ? map_get(r->options.values, v->name) : NULL;
    struct variable_input kept = {.name = v->name, .origin = ORIGIN_PLAN};
    if (saved && !(input && v->ephemeral)) {
        kept.value = *saved;
        input = &kept;
    }
    if (r->options.phase == RESOLVE_CONSOLE && !input && !v->has_default) {
        *ret_value = mark_variable(v, value_unknown(type_without_optional(v->type)));
        return true;
    }
    return variables_final(arena, r->units->config, v, input, ret_value, diags);
}

static bool bad_input(struct resolve *r, struct arena *arena, const struct module_inst *inst,
                      const struct unit *unit, struct str why, struct diags *diags) {
    struct str module = addr_module_text(arena, inst->path);
    struct str place = sources_range(arena, r->units->config->sources, unit->variable->span);
    diags_error(diags, expr_span(unit->input->expr), "Invalid value for input variable",
                "The given value is not suitable for %.*s.var.%.*s declared at %.*s: %.*s.",
                STR_ARG(module), STR_ARG(unit->name), STR_ARG(place), STR_ARG(why));
    return false;
}

static bool default_variable(const struct config_variable *v, struct value *ret_value) {
    *ret_value = mark_variable(v, v->has_default ? v->default_value
                                                 : value_null(type_without_optional(v->type)));
    return true;
}

/* A variable of a child module: the caller's argument, in the caller's scope. */
static bool module_variable(struct resolve *r, struct arena *arena, struct module_inst *inst,
                            const struct unit *unit, struct value *ret_value, struct diags *diags) {
    const struct config_variable *v = unit->variable;
    if (!unit->input)
        return default_variable(v, ret_value);
    struct frame frame;
    const struct expansion caller = {.kind = inst->kind};
    frame_init(&frame, r, inst->parent, &caller, inst->self);
    if (inst->kind == REPEAT_UNKNOWN)
        frame.key.kind = unit->module->call->call->count ? KEY_INT : KEY_STRING;
    size_t before = diags->n_errors;
    struct value given = eval_expr(arena, &frame.scope, unit->input->expr, diags);
    if (diags->n_errors > before)
        return false;
    unsigned marks = value_marks(given);
    inst->cells[unit->slot].given_sensitive = marks & VALUE_SENSITIVE;
    given = value_unmark(given);
    if (value_is_null(given) && !v->nullable && v->has_default)
        return default_variable(v, ret_value);
    if (v->defaults && !value_is_null(given))
        given = typeexpr_apply(arena, v->defaults, given);
    struct convert_error error;
    struct value converted;
    if (!convert_value(arena, given, v->type, &converted, &error))
        return bad_input(r, arena, inst, unit, convert_error_text(arena, &error), diags);
    if (value_is_null(converted) && !v->nullable) {
        struct str place = sources_range(arena, r->units->config->sources, v->span);
        diags_error(diags, expr_span(unit->input->expr), "Required variable not set",
                    "The given value is not suitable for %.*s.var.%.*s defined at %.*s: required "
                    "variable may not be set to null.",
                    STR_ARG(addr_module_text(arena, inst->path)), STR_ARG(unit->name),
                    STR_ARG(place));
        return false;
    }
    if ((marks & VALUE_EPHEMERAL || value_marks_inside(converted) & VALUE_EPHEMERAL) &&
        !v->ephemeral) {
        diags_error(diags, expr_span(unit->input->expr), "Ephemeral value not allowed",
                    "This input variable is not declared as accepting a ephemeral values, so it "
                    "cannot be set to a result derived from an ephemeral value.");
        return false;
    }
    *ret_value = mark_variable(v, marks ? value_mark(converted, marks) : converted);
    return true;
}

/* At apply, what planning could not decide is known: the rules are asked once more. */
static bool passes_rules(struct resolve *r, struct arena *arena, struct module_inst *inst,
                         const struct unit *unit, struct value v, struct diags *diags) {
    if (r->options.phase != RESOLVE_APPLY || !unit->validation)
        return true;
    struct frame frame;
    struct rules_result result;
    frame_init(&frame, r, inst, NULL, NULL);
    struct span span = unit->input ? expr_span(unit->input->expr) : unit->variable->span;
    return rules_validate(&frame, arena, unit->variable, v, span, &result, diags);
}

static bool variable(struct resolve *r, struct arena *arena, struct module_inst *inst,
                     const struct unit *unit, struct value *ret_value, struct diags *diags) {
    bool ok = inst->parent ? module_variable(r, arena, inst, unit, ret_value, diags)
                           : root_variable(r, arena, unit, ret_value, diags);
    return ok && passes_rules(r, arena, inst, unit, *ret_value, diags);
}

static bool evaluate(struct resolve *r, struct arena *arena, struct module_inst *inst,
                     const struct unit *unit, struct value *ret_value, struct diags *diags) {
    if (unit->kind == UNIT_VARIABLE)
        return variable(r, arena, inst, unit, ret_value, diags);
    struct frame frame;
    frame_init(&frame, r, inst, NULL, NULL);
    frame.unit = unit;
    size_t before = diags->n_errors;
    const struct expr *expr = unit->kind == UNIT_LOCAL ? unit->local->expr : unit->output->expr;
    struct value v = expr ? eval_expr(arena, &frame.scope, expr, diags) : value_null(type_dynamic);
    if (diags->n_errors > before)
        return false;
    /* `sensitive` of a module's output says what the root shows, as in the reference; it marks
     * nothing by itself. */
    if (unit->kind == UNIT_OUTPUT && inst->parent && unit->output->ephemeral)
        v = value_mark(v, VALUE_EPHEMERAL);
    *ret_value = v;
    return true;
}

/* What the expression needed on the way to its value goes. */
static bool fill_cell(struct resolve *r, struct module_inst *inst, const struct unit *unit,
                      struct value *ret_value, struct diags *diags) {
    struct arena *scratch = arena_new();
    size_t before = diags->n;
    struct value v;
    bool ok = evaluate(r, scratch, inst, unit, &v, diags);
    if (ok)
        *ret_value = value_keep(r->arena, scratch, v);
    if (diags->n > before)
        arena_merge(r->arena, scratch); /* diagnostics may speak of values in it */
    arena_free(scratch);
    return ok;
}

bool resolve_value(struct resolve *r, struct module_inst *inst, const struct unit *unit,
                   struct value *ret_value, struct diags *diags) {
    struct cell *cell = &inst->cells[unit->slot];
    uint8_t state = atomic_load_explicit(&cell->state, memory_order_acquire);
    if (state == CELL_EMPTY && !unit->broken) {
        pthread_mutex_lock(&r->lock);
        state = atomic_load_explicit(&cell->state, memory_order_acquire);
        if (state == CELL_EMPTY) {
            atomic_store_explicit(&cell->state, CELL_BUSY, memory_order_relaxed);
            cell->value = value_unknown(type_dynamic);
            state = fill_cell(r, inst, unit, &cell->value, diags) ? CELL_READY : CELL_FAILED;
            atomic_store_explicit(&cell->state, state, memory_order_release);
        }
        pthread_mutex_unlock(&r->lock);
    } else if (state == CELL_BUSY) {
        /* Another thread is at work on it: wait for its lock. */
        pthread_mutex_lock(&r->lock);
        state = atomic_load_explicit(&cell->state, memory_order_acquire);
        pthread_mutex_unlock(&r->lock);
    }
    if (state != CELL_READY)
        return false;
    *ret_value = cell->value;
    return true;
}

bool resolve_output(struct resolve *r, struct str name, struct value *ret_value,
                    struct diags *diags) {
    const struct unit *unit = map_get(&r->units->root->outputs, name);
    return unit && resolve_value(r, r->root, unit, ret_value, diags);
}
