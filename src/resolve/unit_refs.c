/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/unit_int.h"

#include <string.h>

#include "base/arena.h"
#include "config/decode.h"
#include "eval/refs.h"
#include "resolve/frame.h"
#include "resolve/ref_check.h"

struct gather {
    struct arena *arena;
    const struct sources *sources;
    struct refs *refs;
    struct diags *diags;
    bool ok;
    size_t n_own; /* of a resource: those before its conditions, which may name it */
};

static void gather_expr(struct gather *g, const struct expr *expr) {
    if (expr && !refs_of_expr(g->arena, expr, g->refs, g->diags))
        g->ok = false;
}

static void gather_body(struct gather *g, const struct body *body, const struct schema *schema) {
    if (!body)
        return;
    bool ok = schema ? decode_refs(g->arena, body, schema->block, g->refs, g->diags)
                     : refs_of_body(g->arena, body, g->refs, g->diags);
    if (!ok)
        g->ok = false;
}

static bool is_static(const struct ref *ref) {
    return ref->kind >= REF_MANAGED && ref->kind <= REF_MODULE;
}

/* Said of a bare word, which is no reference, too: it stands at the start of the error's place. */
static void unknown_words(struct gather *g, const struct diags *malformed) {
    for (size_t i = 0; i < malformed->n; i++) {
        struct span span = malformed->at[i].subject;
        struct str text = sources_text(g->sources, span);
        size_t n = 0;
        while (n < text.len && !strchr(".[ ", text.at[n]))
            n++;
        span.end = span.start + (uint32_t)n;
        diags_error(g->diags, span, "Unknown variable", "There is no variable named \"%.*s\".",
                    STR_ARG(str_slice(text, 0, n)));
    }
}

/*
 * Where a resource or module is named that is not there, the reference goes on with no names at
 * all: it complains of each name in turn, and of no variable or local that is missing.
 */
static void refuse_names(struct gather *g, const struct refs *refs, size_t from) {
    size_t kept = 0;
    for (size_t i = 0; i < refs->n; i++) {
        struct span root = refs->at[i].span;
        root.end = root.start + (uint32_t)refs->at[i].root.len;
        if (i >= from)
            diags_error(g->diags, root, "Unknown variable", "There is no variable named \"%.*s\".",
                        STR_ARG(refs->at[i].root));
        if (is_static(&refs->at[i]))
            refs->at[kept++] = refs->at[i];
    }
    for (size_t i = 0; i < kept; i++) {
        g->refs->at =
            arena_grow(g->arena, g->refs->at, g->refs->n, &g->refs->cap, sizeof *g->refs->at);
        g->refs->at[g->refs->n++] = refs->at[i];
    }
    g->ok = false;
}

/* `asserts`: of a check block, where only the message is evaluated so. */
static void gather_rules(struct gather *g, const struct unit_module *module,
                         const struct config_rules *rules, bool asserts) {
    for (size_t i = 0; i < rules->n; i++) {
        struct refs refs = {0};
        struct diags ignored = {.arena = g->arena}, in_condition = ignored, in_message = ignored;
        bool there = true;
        if (rules->at[i].condition)
            refs_of_expr(g->arena, rules->at[i].condition, &refs, &in_condition);
        size_t n = refs.n;
        if (rules->at[i].error_message)
            refs_of_expr(g->arena, rules->at[i].error_message, &refs, &in_message);
        for (size_t k = 0; k < refs.n; k++)
            there = (!is_static(&refs.at[k]) ||
                     ref_check(module, NULL, false, &refs.at[k], &ignored)) &&
                    there;
        if (!there) {
            diags_append(g->diags, &in_condition);
            diags_append(g->diags, &in_message);
            refuse_names(g, &refs, asserts ? n : 0);
        } else {
            gather_expr(g, rules->at[i].condition);
            gather_expr(g, rules->at[i].error_message);
        }
        if (!asserts)
            unknown_words(g, &in_condition);
        unknown_words(g, &in_message);
    }
}

static void gather_validations(struct gather *g, const struct config_rules *rules) {
    for (size_t i = 0; i < rules->n; i++) {
        gather_expr(g, rules->at[i].condition);
        gather_expr(g, rules->at[i].error_message);
    }
}

static void gather_resource(struct gather *g, const struct unit *unit) {
    const struct config_resource *c = unit->resource;
    gather_expr(g, c->count);
    gather_expr(g, c->for_each);
    gather_expr(g, c->lifecycle.enabled);
    gather_expr(g, c->lifecycle.prevent_destroy);
    gather_expr(g, c->lifecycle.destroy);
    gather_expr(g, c->provider.key);
    gather_expr(g, c->limit);
    gather_expr(g, c->include_resource);
    /* What a resource of an unknown type says cannot be judged, nor what it refers to. */
    if (!unit->bad_type)
        gather_body(g, c->config, unit->schema);
    g->n_own = g->refs->n;
    gather_body(g, c->connection, NULL);
    gather_rules(g, unit->module, &c->preconditions, false);
    gather_rules(g, unit->module, &c->postconditions, false);
    for (size_t i = 0; i < c->n_provisioners; i++) {
        if (c->provisioners[i].when_destroy)
            continue;
        gather_body(g, c->provisioners[i].config, NULL);
        gather_body(g, c->provisioners[i].connection, NULL);
    }
}

static void gather_unit(struct gather *g, const struct unit *unit) {
    switch (unit->kind) {
    case UNIT_VARIABLE:
        if (unit->input)
            gather_expr(g, unit->input->expr);
        break;
    case UNIT_VALIDATION:
        gather_validations(g, &unit->variable->validations);
        break;
    case UNIT_LOCAL:
        gather_expr(g, unit->local->expr);
        break;
    case UNIT_OUTPUT:
        gather_expr(g, unit->output->expr);
        gather_rules(g, unit->module, &unit->output->preconditions, false);
        break;
    case UNIT_RESOURCE:
        gather_resource(g, unit);
        break;
    case UNIT_CALL:
        gather_expr(g, unit->call->count);
        gather_expr(g, unit->call->for_each);
        gather_expr(g, unit->call->enabled);
        for (size_t i = 0; i < unit->call->n_providers; i++)
            gather_expr(g, unit->call->providers[i].outer.key);
        break;
    case UNIT_PROVIDER:
        if (unit->provider) {
            gather_expr(g, unit->provider->for_each);
            gather_body(g, unit->provider->config, unit->schema);
        }
        break;
    case UNIT_CHECK:
        gather_rules(g, unit->module, &unit->check->asserts, true);
        break;
    case UNIT_CLOSE:
        break;
    }
}

static const struct refs *explicit_refs(const struct unit *unit) {
    switch (unit->kind) {
    case UNIT_OUTPUT:
        return &unit->output->depends_on;
    case UNIT_RESOURCE:
        return &unit->resource->depends_on;
    case UNIT_CALL:
        return &unit->call->depends_on;
    default:
        return NULL;
    }
}

static void need(struct units *units, const struct unit *unit, const struct unit *needed) {
    graph_edge(&units->graph, unit->index, needed->index);
}

/* The output that the first step behind module.NAME names. */
static struct unit *output_of_ref(const struct unit *call, const struct ref *ref) {
    if (ref->n_rest == 0 || ref->rest[0].kind != STEP_ATTR || !call->child)
        return NULL;
    return map_get(&call->child->outputs, ref->rest[0].name);
}

static void need_module(struct units *units, const struct unit *unit, const struct unit *call,
                        const struct ref *ref, bool whole) {
    need(units, unit, call);
    if (whole) {
        need(units, unit, call->close);
        return;
    }
    if (!call->child)
        return;
    const struct unit *output = output_of_ref(call, ref);
    if (output) {
        need(units, unit, output);
        return;
    }
    for (size_t i = 0; i < call->child->outputs.n; i++)
        need(units, unit, call->child->outputs.entries[i].value);
}

static void connect_ref(struct units *units, struct unit_module *scope, const struct unit *unit,
                        const struct ref *ref, bool whole) {
    struct unit *needed = unit_of_ref(scope, ref);
    if (!needed)
        return;
    if (needed->kind == UNIT_CALL) {
        need_module(units, unit, needed, ref, whole);
        return;
    }
    /* A rule of a variable reads the variable; a resource's own conditions may name it. */
    if (needed == unit || (unit->kind == UNIT_RESOURCE && needed->kind == UNIT_CHECK))
        return;
    need(units, unit, needed);
}

/* Told only when the resource is planned, as the reference does. */
static void note_self(struct units *units, struct unit *unit, const struct ref *ref) {
    struct ref *all = arena_array(units->arena, unit->n_self + 1, sizeof *all);
    for (size_t i = 0; i < unit->n_self; i++)
        all[i] = unit->self[i];
    all[unit->n_self++] = *ref;
    unit->self = all;
}

/* References that are checked before any value is asked for. */
static bool is_object(const struct ref *ref) {
    return ref->kind == REF_MANAGED || ref->kind == REF_DATA || ref->kind == REF_EPHEMERAL ||
           ref->kind == REF_LIST || ref->kind == REF_MODULE;
}

static enum repetition unit_repetition(const struct unit *unit) {
    if (unit->kind != UNIT_RESOURCE)
        return REPEAT_NONE;
    return unit->resource->count      ? REPEAT_COUNT
           : unit->resource->for_each ? REPEAT_EACH
                                      : REPEAT_NONE;
}

/*
 * One expression or block: resources and modules that are not there end it; only then are the
 * values it names looked for, and all that are missing told.
 */
static bool check_list(struct unit_module *scope, const struct unit *unit, const struct refs *refs,
                       size_t from, size_t to, bool own, struct diags *diags) {
    bool ok = true;
    for (size_t i = from; i < to; i++)
        if (is_object(&refs->at[i]))
            ok = ref_check(scope, unit, own, &refs->at[i], diags) && ok;
    if (!ok)
        return false;
    for (size_t i = from; i < to; i++)
        if (!is_object(&refs->at[i]))
            ok = ref_check(scope, unit, own, &refs->at[i], diags) && ok;
    bool alone = own && (unit->kind == UNIT_LOCAL || unit->kind == UNIT_OUTPUT ||
                         unit->kind == UNIT_RESOURCE);
    for (size_t i = from; i < to && !ok && alone; i++)
        (void)frame_check_name(unit_repetition(unit), &refs->at[i], diags);
    return ok;
}

static void connect_list(struct units *units, struct unit *unit, const struct refs *refs,
                         size_t n_own, bool whole, struct diags *diags) {
    struct unit_module *scope = unit->module;
    if (unit->kind == UNIT_VARIABLE && scope->parent)
        scope = scope->parent;
    bool ok = check_list(scope, unit, refs, 0, n_own, true, diags);
    ok = check_list(scope, unit, refs, n_own, refs->n, false, diags) && ok;
    unit->broken = unit->broken || !ok;
    for (size_t i = 0; i < refs->n; i++) {
        if (i < n_own && unit->kind == UNIT_RESOURCE && unit_of_ref(scope, &refs->at[i]) == unit)
            note_self(units, unit, &refs->at[i]);
        connect_ref(units, scope, unit, &refs->at[i], whole);
    }
}

/* replace_triggered_by: what does not exist triggers nothing. */
static void connect_triggers(struct units *units, struct unit *unit, struct diags *diags) {
    const struct config_lifecycle *lifecycle = &unit->resource->lifecycle;
    struct refs refs = {0};
    struct gather g = {.arena = units->arena,
                       .sources = units->config->sources,
                       .refs = &refs,
                       .diags = diags,
                       .ok = true};
    for (size_t i = 0; i < lifecycle->n_replace_triggered_by; i++)
        gather_expr(&g, lifecycle->replace_triggered_by[i]);
    for (size_t i = 0; i < refs.n; i++)
        connect_ref(units, unit->module, unit, &refs.at[i], false);
}

/* Says what is wrong with it, now that it matters. */
static void tell_malformed(const struct ref *ref, struct diags *diags) {
    struct ref ignored;
    struct span span =
        ref->n_rest ? span_join(ref->span, ref->rest[ref->n_rest - 1].span) : ref->span;
    const struct traversal traversal = {
        .root = ref->root, .root_span = ref->span, .steps = ref->rest, .n = ref->n_rest};
    (void)refs_parse(diags->arena, &traversal, span, &ignored, diags);
}

/* depends_on names whole objects; an output of a module counts as one. */
static bool check_whole(const struct refs *refs, struct diags *diags) {
    size_t before = diags->n_errors;
    for (size_t i = 0; i < refs->n; i++) {
        const struct ref *ref = &refs->at[i];
        if (ref->kind == REF_MALFORMED) {
            tell_malformed(ref, diags);
            continue;
        }
        if (ref->n_rest <= (ref->kind == REF_MODULE))
            continue;
        diags_error(diags, span_join(ref->rest[0].span, ref->rest[ref->n_rest - 1].span),
                    "Invalid depends_on reference",
                    "References in depends_on must be to a whole object (resource, etc), not to an "
                    "attribute of an object.");
    }
    return diags->n_errors == before;
}

static void connect_explicit(struct units *units, struct unit *unit, const struct refs *refs,
                             struct diags *diags) {
    if (!check_whole(refs, diags)) {
        unit->broken = true;
        return;
    }
    for (size_t i = 0; i < refs->n; i++) {
        const struct ref *ref = &refs->at[i];
        if (!is_static(ref))
            continue;
        if (ref_check(unit->module, unit, false, ref, diags))
            connect_ref(units, unit->module, unit, ref, true);
        else
            unit->broken = true;
    }
    /* What has no schema is looked for only when all the rest is there. */
    for (size_t i = 0; i < refs->n && !unit->broken; i++) {
        const struct ref *ref = &refs->at[i];
        if (is_static(ref))
            continue;
        if (!frame_check_name(REPEAT_NONE, ref, diags) ||
            !ref_check(unit->module, unit, false, ref, diags)) {
            unit->broken = true;
            return;
        }
        connect_ref(units, unit->module, unit, ref, true);
    }
}

/* Who names a managed resource, if only by an argument that is known, wants it as it will be. */
static void note_waits(struct units *units, struct unit *unit, const struct refs *refs) {
    if (unit->resource->addr.mode == MODE_MANAGED)
        return;
    unit->waits_for = arena_array(units->arena, refs->n, sizeof *unit->waits_for);
    for (size_t i = 0; i < refs->n; i++) {
        const struct unit *named = unit_of_ref(unit->module, &refs->at[i]);
        if (named && named->kind == UNIT_RESOURCE && named->resource->addr.mode == MODE_MANAGED)
            unit->waits_for[unit->n_waits_for++] = named;
    }
}

static void connect_refs(struct units *units, struct unit *unit, struct diags *diags) {
    struct refs refs = {0};
    struct gather g = {.arena = units->arena,
                       .sources = units->config->sources,
                       .refs = &refs,
                       .diags = diags,
                       .ok = true};
    gather_unit(&g, unit);
    unit->broken = unit->broken || !g.ok;
    connect_list(units, unit, &refs, unit->kind == UNIT_RESOURCE ? g.n_own : refs.n, false, diags);
    if (unit->kind == UNIT_RESOURCE) {
        note_waits(units, unit, &refs);
        connect_triggers(units, unit, diags);
    }
    const struct refs *more = explicit_refs(unit);
    if (more)
        connect_explicit(units, unit, more, diags);
}

static void connect_structure(struct units *units, struct unit *unit) {
    if (unit->module->call)
        need(units, unit, unit->module->call);
    if (unit->kind == UNIT_RESOURCE && unit->provider_unit)
        need(units, unit, unit->provider_unit);
    if (unit->kind == UNIT_RESOURCE && unit->in_check)
        need(units, unit->in_check, unit);
    if (unit->kind == UNIT_VALIDATION)
        need(units, unit, map_get(&unit->module->variables, unit->name));
    if (unit->kind == UNIT_CALL) {
        need(units, unit->close, unit);
        for (size_t i = 0; unit->child && i < unit->child->n_units; i++)
            need(units, unit->close, unit->child->units[i]);
    }
}

/*
 * What uses a variable waits for its rules too, unless the rules themselves need it. Only rules
 * that look beyond variables can, so the search is rarely made.
 */
static void connect_validations(struct units *units) {
    bool *set = NULL;
    for (size_t i = 0; i < units->n; i++) {
        const struct unit *v = units->at[i];
        if (v->kind != UNIT_VARIABLE || !v->validation)
            continue;
        if (!set)
            set = arena_array(units->arena, units->n, sizeof *set);
        graph_freeze(&units->graph);
        for (size_t k = 0; k < units->n; k++)
            set[k] = k == v->validation->index;
        graph_close(&units->graph, set, false);
        uint32_t n;
        const uint32_t *users = graph_users(&units->graph, v->index, &n);
        for (uint32_t k = 0; k < n; k++)
            if (!set[users[k]])
                graph_edge(&units->graph, users[k], v->validation->index);
    }
}

void unit_refs_connect(struct units *units, struct diags *diags) {
    for (size_t i = 0; i < units->n; i++) {
        connect_structure(units, units->at[i]);
        connect_refs(units, units->at[i], diags);
    }
    connect_validations(units);
}
