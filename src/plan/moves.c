/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

#include <stdlib.h>

/* One moved block; its addresses are relative to the module that has it. */
struct statement {
    const struct config_module *module;
    const struct config_moved *moved;
    uint8_t visited; /* 1: under way, 2: done */
};

struct occupant {
    struct instance_addr now;
    const struct instance_addr *was;
};

struct moving {
    struct planner *p;
    struct arena *arena;
    struct statement *statements;
    size_t n_statements, cap_statements;
    struct occupant *at;
    size_t n;
    struct map places; /* address text -> struct occupant * */
    struct buf blocked;
    struct diags *diags;
};

static void collect(struct moving *m, const struct config_module *module) {
    for (size_t i = 0; i < module->n_moved; i++) {
        m->statements = arena_grow(m->arena, m->statements, m->n_statements, &m->cap_statements,
                                   sizeof *m->statements);
        m->statements[m->n_statements++] = (struct statement){module, &module->moved[i], 0};
    }
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = module->calls.entries[i].value;
        if (call->module)
            collect(m, call->module);
    }
}

/* ---- does a statement speak of an address, and where does it go? ---- */

static bool starts_with_names(struct module_path path, struct module_path names) {
    if (path.n < names.n)
        return false;
    for (size_t i = 0; i < names.n; i++)
        if (!str_eq(path.at[i].name, names.at[i].name))
            return false;
    return true;
}

static bool same_step(const struct module_step *a, const struct module_step *b) {
    return str_eq(a->name, b->name) && addr_key_eq(a->key, b->key);
}

static bool same_steps(const struct module_step *a, const struct module_step *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!same_step(&a[i], &b[i]))
            return false;
    return true;
}

/* Without keys on either side, a statement means the object as a whole. */
static bool moves_whole_call(const struct config_moved *moved) {
    struct module_path from = moved->from.addr.module, to = moved->to.addr.module;
    return from.n > 0 && to.n > 0 && from.at[from.n - 1].key.kind == KEY_NONE &&
           to.at[to.n - 1].key.kind == KEY_NONE;
}

static bool moves_whole_resource(const struct config_moved *moved) {
    return moved->from.kind == TARGET_RESOURCE && moved->to.kind == TARGET_RESOURCE;
}

static bool matches_module(const struct config_moved *moved, struct module_path rest) {
    struct module_path from = moved->from.addr.module;
    if (from.n == 0 || rest.n < from.n || !same_steps(rest.at, from.at, from.n - 1))
        return false;
    const struct module_step *last = &from.at[from.n - 1], *have = &rest.at[from.n - 1];
    return moves_whole_call(moved) ? str_eq(last->name, have->name) : same_step(last, have);
}

static bool matches_resource(const struct config_moved *moved, struct module_path rest,
                             const struct instance_addr *addr) {
    const struct instance_addr *from = &moved->from.addr;
    return rest.n == from->module.n && same_steps(rest.at, from->module.at, rest.n) &&
           addr_resource_eq(from->resource, addr->resource) &&
           (moves_whole_resource(moved) || addr_key_eq(from->key, addr->key));
}

static struct module_path join(struct arena *arena, const struct module_step *prefix, size_t n,
                               struct module_path middle, const struct module_step *rest,
                               size_t n_rest) {
    struct module_step *steps = arena_array(arena, n + middle.n + n_rest, sizeof *steps);
    for (size_t i = 0; i < n; i++)
        steps[i] = prefix[i];
    for (size_t i = 0; i < middle.n; i++)
        steps[n + i] = middle.at[i];
    for (size_t i = 0; i < n_rest; i++)
        steps[n + middle.n + i] = rest[i];
    return (struct module_path){steps, n + middle.n + n_rest};
}

static bool apply_to(struct arena *arena, const struct statement *s,
                     const struct instance_addr *addr, struct instance_addr *ret_addr) {
    const struct config_moved *moved = s->moved;
    size_t depth = s->module->path.n;
    if (!starts_with_names(addr->module, s->module->path))
        return false;
    struct module_path rest = {addr->module.at + depth, addr->module.n - depth};
    *ret_addr = *addr;
    if (moved->from.kind == TARGET_MODULE) {
        if (!matches_module(moved, rest))
            return false;
        size_t used = moved->from.addr.module.n;
        struct module_path path = join(arena, addr->module.at, depth, moved->to.addr.module,
                                       rest.at + used, rest.n - used);
        if (moves_whole_call(moved))
            ((struct module_step *)path.at)[depth + moved->to.addr.module.n - 1].key =
                rest.at[used - 1].key;
        ret_addr->module = path;
        return true;
    }
    if (!matches_resource(moved, rest, addr))
        return false;
    ret_addr->module = join(arena, addr->module.at, depth, moved->to.addr.module, NULL, 0);
    ret_addr->resource = moved->to.addr.resource;
    if (!moves_whole_resource(moved))
        ret_addr->key = moved->to.kind == TARGET_INSTANCE ? moved->to.addr.key : (struct key){0};
    return true;
}

/* ---- order ---- */

/* May what one statement moves be moved on by another? */
static bool feeds(const struct statement *a, const struct statement *b) {
    const struct target *to = &a->moved->to, *from = &b->moved->from;
    size_t n_to = a->module->path.n + to->addr.module.n;
    size_t n_from = b->module->path.n + from->addr.module.n;
    size_t n = n_to < n_from ? n_to : n_from;
    for (size_t i = 0; i < n; i++) {
        const struct module_step *x = i < a->module->path.n
                                          ? &a->module->path.at[i]
                                          : &to->addr.module.at[i - a->module->path.n];
        const struct module_step *y = i < b->module->path.n
                                          ? &b->module->path.at[i]
                                          : &from->addr.module.at[i - b->module->path.n];
        if (!str_eq(x->name, y->name))
            return false;
    }
    if (to->kind == TARGET_MODULE || from->kind == TARGET_MODULE)
        return (to->kind != TARGET_MODULE || n_to <= n_from) &&
               (from->kind != TARGET_MODULE || n_from <= n_to);
    return n_to == n_from && addr_resource_eq(to->addr.resource, from->addr.resource) &&
           (to->kind == TARGET_RESOURCE || from->kind == TARGET_RESOURCE ||
            addr_key_eq(to->addr.key, from->addr.key));
}

static void order_statement(struct moving *m, size_t i, size_t *order, size_t *n) {
    struct statement *s = &m->statements[i];
    if (s->visited)
        return;
    s->visited = 1;
    for (size_t k = 0; k < m->n_statements; k++)
        if (k != i && feeds(&m->statements[k], s))
            order_statement(m, k, order, n);
    s->visited = 2;
    order[(*n)++] = i;
}

/* ---- doing it ---- */

static void place(struct moving *m, struct occupant *o) {
    map_put(m->arena, &m->places, addr_instance_text(m->arena, &o->now), o);
}

static void try_move(struct moving *m, struct occupant *o, const struct instance_addr *to) {
    struct str from_text = addr_instance_text(m->arena, &o->now);
    struct str to_text = addr_instance_text(m->arena, to);
    if (str_eq(from_text, to_text))
        return;
    if (map_get(&m->places, to_text)) {
        buf_addf(&m->blocked, "\n  - %.*s could not move to %.*s", STR_ARG(from_text),
                 STR_ARG(to_text));
        return;
    }
    map_put(m->arena, &m->places, from_text, NULL);
    o->now = *to;
    place(m, o);
}

static void run_statement(struct moving *m, const struct statement *s) {
    for (size_t i = 0; i < m->n; i++) {
        struct instance_addr to;
        if (m->at[i].now.resource.mode == MODE_MANAGED &&
            apply_to(m->p->arena, s, &m->at[i].now, &to))
            try_move(m, &m->at[i], &to);
    }
}

/* Does a statement speak of the resource, as where it comes from or where it goes? */
static bool spoken_of(const struct moving *m, const struct instance_addr *addr) {
    for (size_t i = 0; i < m->n_statements; i++) {
        const struct statement *s = &m->statements[i];
        const struct target *ends[] = {&s->moved->from, &s->moved->to};
        size_t depth = s->module->path.n;
        if (!starts_with_names(addr->module, s->module->path))
            continue;
        for (int k = 0; k < 2; k++) {
            const struct instance_addr *end = &ends[k]->addr;
            if (ends[k]->kind != TARGET_MODULE && end->module.n == addr->module.n - depth &&
                same_steps(addr->module.at + depth, end->module.at, end->module.n) &&
                addr_resource_eq(end->resource, addr->resource))
                return true;
        }
    }
    return false;
}

/* A resource that gets or loses its count keeps its first instance. */
static void implied_move(struct moving *m, struct occupant *o) {
    if (o->now.resource.mode != MODE_MANAGED ||
        !(o->now.key.kind == KEY_NONE || (o->now.key.kind == KEY_INT && o->now.key.number == 0)))
        return;
    const struct unit_module *module = unit_module(m->p->units, o->now.module);
    const struct unit *unit = module ? unit_resource(module, o->now.resource) : NULL;
    if (!unit)
        return;
    const struct config_resource *c = unit->resource;
    bool to_count = o->now.key.kind == KEY_NONE && c->count;
    bool to_single = o->now.key.kind == KEY_INT && !c->count && !c->for_each;
    if ((!to_count && !to_single) || spoken_of(m, &o->now))
        return;
    struct instance_addr to = o->now;
    to.key = to_count ? addr_key_int(0) : (struct key){0};
    if (!map_get(&m->places, addr_instance_text(m->arena, &to)))
        try_move(m, o, &to);
}

static bool needs_moving(const struct planner *p, const struct moving *m) {
    if (m->n_statements > 0)
        return true;
    for (size_t i = 0; i < m->n; i++) {
        const struct key key = m->at[i].now.key;
        if (key.kind != KEY_NONE && !(key.kind == KEY_INT && key.number == 0))
            continue;
        const struct unit_module *module = unit_module(p->units, m->at[i].now.module);
        const struct unit *unit = module ? unit_resource(module, m->at[i].now.resource) : NULL;
        if (unit && (key.kind == KEY_NONE) == (unit->resource->count != NULL) &&
            !(key.kind == KEY_INT && unit->resource->for_each))
            return true;
    }
    return false;
}

/* Through names that nothing else has, so that the order of moves does not matter. */
static void rename_all(struct moving *m, struct map *ret_moved) {
    struct planner *p = m->p;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < m->n; i++) {
            struct occupant *o = &m->at[i];
            if (addr_instance_eq(&o->now, o->was))
                continue;
            struct instance_addr aside = *o->was;
            aside.resource.name = str_format(p->arena, "\x01%zu", i);
            if (pass == 0)
                state_move(p->prior_state, o->was, &aside);
            else
                state_move(p->prior_state, &aside, &o->now);
            if (pass == 1)
                map_put(p->arena, ret_moved, addr_instance_text(p->arena, &o->now),
                        arena_copy(p->arena, o->was, sizeof *o->was));
        }
    }
}

static void warn_blocked(struct moving *m) {
    if (m->blocked.len > 0) {
        struct str list = buf_str(&m->blocked);
        diags_warn(m->diags, (struct span){0}, "Unresolved resource instance address changes",
                   "Loam tried to adjust resource instance addresses in the prior state "
                   "based on change information recorded in the configuration, but some "
                   "adjustments did not succeed due to existing objects already at the intended "
                   "addresses:%.*s\n\nLoam has planned to destroy these objects. If "
                   "Loam's proposed changes aren't appropriate, you must first resolve the "
                   "conflicts using the \"loam state\" subcommands and then create a new "
                   "plan.",
                   STR_ARG(list));
    }
    buf_clear(&m->blocked);
}

void moves_apply(struct planner *p, struct map *ret_moved, struct diags *diags) {
    struct arena *scratch = arena_new();
    struct moving m = {.p = p, .arena = scratch, .diags = diags};
    buf_init(&m.blocked, BUF_MAX_TEXT);
    collect(&m, p->config->root);
    struct state_entry *entries = state_entries(scratch, p->prior_state, &m.n);
    m.at = arena_array(scratch, m.n, sizeof *m.at);
    for (size_t i = 0; i < m.n; i++)
        m.at[i] = (struct occupant){entries[i].addr, &entries[i].addr};
    if (needs_moving(p, &m)) {
        for (size_t i = 0; i < m.n; i++)
            place(&m, &m.at[i]);
        size_t *order = arena_array(scratch, m.n_statements, sizeof *order), n = 0;
        for (size_t i = 0; i < m.n_statements; i++)
            order_statement(&m, i, order, &n);
        for (size_t i = 0; i < n; i++)
            run_statement(&m, &m.statements[order[i]]);
        for (size_t i = 0; i < m.n; i++)
            implied_move(&m, &m.at[i]);
        rename_all(&m, ret_moved);
    }
    warn_blocked(&m);
    arena_free(scratch);
}

/* ---- what a statement must not say ---- */

struct judging {
    struct planner *p;
    struct diags *diags;
    const struct statement *statement;
    struct map from, to;             /* absolute text -> const struct statement * */
    struct map from_other, to_other; /* -> struct str *: the other end */
};

static struct str start_text(struct judging *j, struct span span) {
    const struct sources *sources = j->p->config->sources;
    struct place place = sources_place(sources, span.file, span.start);
    struct str name = sources_name(sources, span.file);
    return str_format(j->p->arena, "%.*s:%u,%u", STR_ARG(name), place.line, place.column);
}

static struct instance_addr absolute(struct judging *j, const struct module_inst *inst,
                                     const struct target *target) {
    struct instance_addr addr = target->addr;
    addr.module = join(j->p->arena, inst->path.at, inst->path.n, target->addr.module, NULL, 0);
    return addr;
}

static bool exists_module(struct judging *j, const struct instance_addr *addr, bool whole,
                          struct span *ret_span) {
    struct planner *p = j->p;
    struct diags quiet = {.arena = p->arena};
    struct module_path parent = {addr->module.at, addr->module.n - 1};
    const struct module_step *last = &addr->module.at[parent.n];
    struct module_inst *inst = resolve_module(p->resolve, parent, &quiet);
    const struct unit *call = inst ? map_get(&inst->unit->calls, last->name) : NULL;
    if (!call)
        return false;
    *ret_span = call->call->span;
    if (whole)
        return true;
    if (call->call->count || call->call->for_each)
        *ret_span = expr_span(call->call->for_each ? call->call->for_each : call->call->count);
    struct expansion *e = expansion_of(p->resolve, inst, call, &quiet);
    return e && expansion_find(e, last->key);
}

static bool exists_resource(struct judging *j, const struct instance_addr *addr, bool whole,
                            struct span *ret_span) {
    struct planner *p = j->p;
    struct diags quiet = {.arena = p->arena};
    struct module_inst *inst = resolve_module(p->resolve, addr->module, &quiet);
    const struct unit *unit = inst ? unit_resource(inst->unit, addr->resource) : NULL;
    if (!unit)
        return false;
    const struct config_resource *c = unit->resource;
    *ret_span = c->span;
    if (whole)
        return true;
    if (c->count || c->for_each)
        *ret_span = expr_span(c->for_each ? c->for_each : c->count);
    struct expansion *e = expansion_of(p->resolve, inst, unit, &quiet);
    return e && expansion_find(e, addr->key);
}

struct nouns {
    const char *noun, *brief;
};

static struct nouns nouns_of(const struct config_moved *moved) {
    if (moved->from.kind == TARGET_MODULE)
        return moves_whole_call(moved) ? (struct nouns){"module call", "call"}
                                       : (struct nouns){"module instance", "instance"};
    return moves_whole_resource(moved) ? (struct nouns){"resource", "resource"}
                                       : (struct nouns){"resource instance", "instance"};
}

static void judge_ambiguous(struct judging *j, struct str from, struct str to, struct nouns words) {
    const struct statement *s = j->statement;
    const struct statement *other = map_get(&j->from, from);
    struct str *end = map_get(&j->from_other, from);
    if (other && !str_eq(*end, to))
        diags_error(j->diags, s->moved->span, "Ambiguous move statements",
                    "A statement at %.*s declared that %.*s moved to %.*s, but this statement "
                    "instead declares that it moved to %.*s.\n\nEach %s can move to only one "
                    "destination %s.",
                    STR_ARG(start_text(j, other->moved->span)), STR_ARG(from), STR_ARG(*end),
                    STR_ARG(to), words.noun, words.brief);
    other = map_get(&j->to, to);
    end = map_get(&j->to_other, to);
    if (other && !str_eq(*end, from))
        diags_error(j->diags, s->moved->span, "Ambiguous move statements",
                    "A statement at %.*s declared that %.*s moved to %.*s, but this statement "
                    "instead declares that %.*s moved there.\n\nEach %s can have moved from only "
                    "one source %s.",
                    STR_ARG(start_text(j, other->moved->span)), STR_ARG(*end), STR_ARG(to),
                    STR_ARG(from), words.noun, words.brief);
    struct arena *arena = j->p->arena;
    if (!map_get(&j->from, from)) {
        map_put(arena, &j->from, from, (void *)s);
        map_put(arena, &j->from_other, from, arena_copy(arena, &to, sizeof to));
    }
    if (!map_get(&j->to, to)) {
        map_put(arena, &j->to, to, (void *)s);
        map_put(arena, &j->to_other, to, arena_copy(arena, &from, sizeof from));
    }
}

static bool judge(void *context, struct module_inst *inst) {
    struct judging *j = context;
    const struct config_moved *moved = j->statement->moved;
    struct target from = {moved->from.kind, absolute(j, inst, &moved->from)};
    struct target to = {moved->to.kind, absolute(j, inst, &moved->to)};
    struct str from_text = addr_target_text(j->p->arena, &from);
    struct str to_text = addr_target_text(j->p->arena, &to);
    if (str_eq(from_text, to_text)) {
        diags_error(j->diags, moved->span, "Redundant move statement",
                    "This statement declares a move from %.*s to the same address, which is the "
                    "same as not declaring this move at all.",
                    STR_ARG(from_text));
        return true;
    }
    struct nouns words = nouns_of(moved);
    struct span span = {0};
    bool exists = moved->from.kind == TARGET_MODULE
                      ? exists_module(j, &from.addr, moves_whole_call(moved), &span)
                      : exists_resource(j, &from.addr, moves_whole_resource(moved), &span);
    if (exists)
        diags_error(j->diags, moved->span, "Moved object still exists",
                    "This statement declares a move from %.*s, but that %s is still declared at "
                    "%.*s.\n\nChange your configuration so that this %s will be declared as "
                    "%.*s instead.",
                    STR_ARG(from_text), words.noun, STR_ARG(start_text(j, span)), words.brief,
                    STR_ARG(to_text));
    judge_ambiguous(j, from_text, to_text, words);
    return true;
}

bool moves_validate(struct planner *p, struct diags *diags) {
    size_t before = diags->n_errors;
    struct moving m = {.p = p, .arena = p->arena};
    collect(&m, p->config->root);
    struct judging j = {.p = p, .diags = diags};
    struct diags quiet = {.arena = p->arena};
    for (size_t i = 0; i < m.n_statements; i++) {
        const struct unit_module *module = unit_module(p->units, m.statements[i].module->path);
        j.statement = &m.statements[i];
        if (module)
            resolve_each_module(p->resolve, module, judge, &j, &quiet);
    }
    return diags->n_errors == before;
}
