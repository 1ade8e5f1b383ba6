/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/expansion.h"

#include "resolve/frame.h"
#include "resolve/repetition.h"

#include <stdlib.h>

static int order_instances(const void *a, const void *b) {
    const struct resolve_instance *x = a, *y = b;
    return addr_key_order(x->key, y->key);
}

static void fill_count(struct expansion *e, struct arena *arena, int64_t count) {
    e->kind = REPEAT_COUNT;
    e->n = (uint32_t)count;
    e->at = arena_array(arena, e->n, sizeof *e->at);
    for (uint32_t i = 0; i < e->n; i++)
        e->at[i].key = addr_key_int(i);
}

/* v is a map, object or set of strings, known. */
static void fill_each(struct expansion *e, struct arena *arena, struct value v) {
    e->kind = REPEAT_EACH;
    e->n = (uint32_t)value_count(v);
    e->at = arena_array(arena, e->n, sizeof *e->at);
    bool set = value_type(v)->kind == TYPE_SET;
    for (uint32_t i = 0; i < e->n; i++) {
        struct value element = value_at(v, i);
        e->at[i].key = addr_key_string(set ? value_str(element) : value_key(v, i));
        e->at[i].each_value = element;
    }
    qsort(e->at, e->n, sizeof *e->at, order_instances);
}

static void fill_one(struct expansion *e, struct arena *arena, enum repetition kind) {
    e->kind = kind;
    e->n = 1;
    e->at = arena_array(arena, 1, sizeof *e->at);
}

struct times {
    const struct expr *count, *for_each, *enabled;
};

static struct times times_of(const struct unit *unit) {
    if (unit->kind == UNIT_CALL)
        return (struct times){unit->call->count, unit->call->for_each, unit->call->enabled};
    if (unit->kind == UNIT_PROVIDER)
        return (struct times){.for_each = unit->provider->for_each};
    return (struct times){unit->resource->count, unit->resource->for_each,
                          unit->resource->lifecycle.enabled};
}

static bool fill(struct resolve *r, struct arena *arena, struct module_inst *inst,
                 const struct unit *unit, struct expansion *e, struct diags *diags) {
    struct times times = times_of(unit);
    const struct expr *count = times.count, *for_each = times.for_each, *enabled = times.enabled;
    if (!count && !for_each && !enabled) {
        fill_one(e, arena, REPEAT_NONE);
        return true;
    }
    struct frame frame;
    frame_init(&frame, r, inst, NULL, NULL);
    bool validate = r->options.phase == RESOLVE_VALIDATE;
    if (enabled) {
        bool on = true;
        if (!repetition_enabled(&frame, arena, enabled, validate, &on, diags))
            return false;
        fill_one(e, arena, REPEAT_NONE);
        e->n = on;
        return true;
    }
    struct value v;
    int64_t n;
    struct arena *scratch = arena_new();
    size_t before = diags->n;
    bool ok = count ? repetition_count(&frame, scratch, count, validate, &n, diags)
                    : repetition_each(&frame, scratch, for_each, validate, &v, diags);
    if (ok && validate)
        fill_one(e, arena, REPEAT_UNKNOWN);
    else if (ok && count)
        fill_count(e, arena, n);
    else if (ok)
        fill_each(e, arena, value_keep(arena, scratch, v));
    if (diags->n > before)
        arena_merge(arena, scratch); /* diagnostics may speak of values in it */
    arena_free(scratch);
    return ok;
}

/* A call's instances are module instances with empty cells. */
static void make_modules(struct arena *arena, struct module_inst *inst, const struct unit *unit,
                         struct expansion *e) {
    const struct unit_module *child = unit->child;
    for (uint32_t i = 0; child && i < e->n; i++) {
        struct module_inst *m = arena_alloc(arena, sizeof *m);
        m->unit = child;
        m->parent = inst;
        m->self = &e->at[i];
        m->kind = e->kind;
        m->path = addr_module_child(arena, inst->path, unit->name, e->at[i].key);
        m->cells = arena_array(arena, child->n_slots, sizeof *m->cells);
        e->at[i].module = m;
    }
    if (!child)
        e->n = 0;
}

struct expansion *expansion_of(struct resolve *r, struct module_inst *inst, const struct unit *unit,
                               struct diags *diags) {
    struct cell *cell = &inst->cells[unit->slot];
    uint8_t state = atomic_load_explicit(&cell->state, memory_order_acquire);
    if (state == CELL_READY)
        return cell->expansion;
    if (state == CELL_FAILED || unit->broken)
        return NULL;
    pthread_mutex_lock(&r->lock);
    state = atomic_load_explicit(&cell->state, memory_order_acquire);
    if (state == CELL_EMPTY) {
        atomic_store_explicit(&cell->state, CELL_BUSY, memory_order_relaxed);
        struct expansion *e = arena_alloc(r->arena, sizeof *e);
        bool ok = fill(r, r->arena, inst, unit, e, diags);
        if (ok && unit->kind == UNIT_CALL)
            make_modules(r->arena, inst, unit, e);
        cell->expansion = e;
        state = ok ? CELL_READY : CELL_FAILED;
        atomic_store_explicit(&cell->state, state, memory_order_release);
    }
    pthread_mutex_unlock(&r->lock);
    return state == CELL_READY ? cell->expansion : NULL;
}

struct resolve_instance *expansion_find(const struct expansion *expansion, struct key key) {
    if (expansion->kind == REPEAT_COUNT) {
        if (key.kind != KEY_INT || key.number < 0 || key.number >= expansion->n)
            return NULL;
        return &expansion->at[key.number];
    }
    struct resolve_instance want = {.key = key};
    return bsearch(&want, expansion->at, expansion->n, sizeof *expansion->at, order_instances);
}

void expansion_set(struct expansion *expansion, struct resolve_instance *instance,
                   struct value value) {
    instance->value = value;
    atomic_store_explicit(&instance->set, true, memory_order_release);
    if (atomic_load_explicit(&expansion->has_whole, memory_order_relaxed))
        atomic_store_explicit(&expansion->has_whole, false, memory_order_release);
}

bool expansion_set_at(struct resolve *r, const struct instance_addr *addr, struct value value) {
    struct diags quiet = {.arena = arena_new()};
    struct module_inst *inst = resolve_module(r, addr->module, &quiet);
    const struct unit *unit = inst ? unit_resource(inst->unit, addr->resource) : NULL;
    struct expansion *e = unit ? expansion_of(r, inst, unit, &quiet) : NULL;
    struct resolve_instance *instance = e ? expansion_find(e, addr->key) : NULL;
    if (instance)
        expansion_set(e, instance, value);
    arena_free(quiet.arena);
    return instance != NULL;
}

/* That nothing is known yet of an ephemeral resource may be kept nowhere, either. */
struct value expansion_unknown(const struct unit *unit, const struct type *type) {
    struct value v = value_unknown(type);
    return unit->resource->addr.mode == MODE_EPHEMERAL ? value_mark(v, VALUE_EPHEMERAL) : v;
}

static struct value instance_unknown(const struct unit *unit) {
    return expansion_unknown(unit, unit->schema ? schema_type(unit->schema->block) : type_dynamic);
}

struct value expansion_instance(struct resolve *r, struct arena *arena, struct module_inst *inst,
                                const struct unit *unit, struct resolve_instance *instance) {
    if (atomic_load_explicit(&instance->set, memory_order_acquire))
        return instance->value;
    struct value v;
    struct instance_addr addr = {inst->path, unit->resource->addr, instance->key};
    if (r->options.instance && r->options.instance(r->options.context, arena, &addr, &v))
        return v;
    return instance_unknown(unit);
}

/* Is there anything to say of the instance? */
static bool is_there(struct resolve *r, struct arena *arena, struct module_inst *inst,
                     const struct unit *unit, struct resolve_instance *instance) {
    struct value v;
    struct instance_addr addr = {inst->path, unit->resource->addr, instance->key};
    return atomic_load_explicit(&instance->set, memory_order_acquire) ||
           (r->options.instance && r->options.instance(r->options.context, arena, &addr, &v));
}

static bool any_is_there(struct resolve *r, struct arena *arena, struct module_inst *inst,
                         const struct unit *unit, struct expansion *e) {
    for (uint32_t i = 0; i < e->n; i++)
        if (is_there(r, arena, inst, unit, &e->at[i]))
            return true;
    return false;
}

static struct value make_whole(struct resolve *r, struct arena *arena, struct module_inst *inst,
                               const struct unit *unit, struct expansion *e) {
    struct arena *scratch = arena_new();
    struct value *values = arena_array(scratch, e->n, sizeof *values);
    const struct name **names = arena_array(scratch, e->n, sizeof *names);
    uint32_t n = 0, last = 0, known = 0;
    bool console = r->options.phase == RESOLVE_CONSOLE;
    for (uint32_t i = 0; i < e->n; i++) {
        bool there = (!r->options.partial && !console) || is_there(r, arena, inst, unit, &e->at[i]);
        known += there;
        there = there || !r->options.partial;
        if (!there && e->kind != REPEAT_COUNT)
            continue;
        if (e->kind != REPEAT_COUNT)
            names[n] = intern_name(e->at[i].key.text);
        values[n++] = expansion_instance(r, arena, inst, unit, &e->at[i]);
        last = there ? n : last;
    }
    /* The console shows what there is: of a resource that was never made it knows nothing. */
    if (console && !known) {
        arena_free(scratch);
        return expansion_unknown(unit, type_dynamic);
    }
    struct value whole = e->kind == REPEAT_COUNT ? value_tuple(arena, values, last)
                                                 : value_object(arena, names, values, n);
    arena_free(scratch);
    return whole;
}

struct value expansion_whole(struct resolve *r, struct arena *arena, struct module_inst *inst,
                             const struct unit *unit, struct expansion *expansion) {
    if (expansion->kind == REPEAT_UNKNOWN)
        return expansion_unknown(unit, type_dynamic);
    if (r->options.absent_unknown && !any_is_there(r, arena, inst, unit, expansion))
        return expansion_unknown(unit, type_dynamic);
    if (expansion->kind == REPEAT_NONE)
        return expansion->n ? expansion_instance(r, arena, inst, unit, &expansion->at[0])
                            : value_null(type_dynamic);
    if (atomic_load_explicit(&expansion->has_whole, memory_order_acquire))
        return expansion->whole;
    pthread_mutex_lock(&r->lock);
    if (!atomic_load_explicit(&expansion->has_whole, memory_order_acquire)) {
        expansion->whole = make_whole(r, r->arena, inst, unit, expansion);
        atomic_store_explicit(&expansion->has_whole, true, memory_order_release);
    }
    struct value whole = expansion->whole;
    pthread_mutex_unlock(&r->lock);
    return whole;
}
