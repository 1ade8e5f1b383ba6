/* SPDX-License-Identifier: Apache-2.0 */
#include "steps/steps_file.h"

#include <errno.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/fs.h"
#include "state/state_file.h"
#include "steps/pack.h"

/*
 * magic, format (u64), length of the body (u64), body, SHA-256 of everything before. The first byte
 * is no text, and line ends are in the magic, so that a damaged transfer is noticed at once.
 */
static const struct str magic = STR("\x89loam plan\r\n\x1a\n");
#define STEPS_FORMAT 3
#define STEPS_SUM 32

/* ---- the parts of a plan, for both directions ---- */

static void pack_prev_addr(struct pack *p, struct change *c) {
    bool same = p->writing && addr_instance_eq(c->prev_addr, &c->addr);
    struct instance_addr prev = p->writing ? *c->prev_addr : c->addr;
    pack_bool(p, &same);
    if (!same)
        pack_instance(p, &prev);
    if (!p->writing)
        c->prev_addr = same ? &c->addr : arena_copy(p->arena, &prev, sizeof prev);
}

static void pack_change_provider(struct pack *p, struct change *c, const struct change *last) {
    bool same = p->writing && c->provider == last->provider;
    struct provider_config_addr addr = {0};
    pack_bool(p, &same);
    if (same) {
        c->provider = last->provider;
        return;
    }
    if (p->writing)
        addr = *c->provider;
    pack_provider(p, &addr);
    if (!p->writing)
        c->provider = arena_copy(p->arena, &addr, sizeof addr);
}

/* last: the change before, with which it may share things. */
static void pack_change(struct pack *p, struct change *c, const struct change *last) {
    pack_instance(p, &c->addr);
    pack_prev_addr(p, c);
    pack_bool(p, &c->moved);
    pack_str(p, &c->deposed);
    pack_change_provider(p, c, last);
    c->action = pack_choice(p, c->action, ACTION_OPEN + 1);
    c->reason = pack_choice(p, c->reason, REASON_FORGET_STATE + 1);
    pack_value(p, &c->before);
    pack_value(p, &c->after);
    pack_paths(p, &c->replace);
    pack_str(p, &c->private_);
    pack_value(p, &c->identity);
    pack_str(p, &c->import_id);
    pack_bool(p, &c->importing);
    pack_str(p, &c->generated_config);
    pack_strs_shared(p, &c->dependencies, &c->n_dependencies, last->dependencies,
                     last->n_dependencies);
    pack_bool(p, &c->create_before_destroy);
    pack_bool(p, &c->skip_destroy);
    pack_bool(p, &c->deferred);
}

static void pack_drift(struct pack *p, struct drift *d) {
    pack_instance(p, &d->addr);
    pack_instance(p, &d->prev_addr);
    pack_provider(p, &d->provider);
    d->action = pack_choice(p, d->action, ACTION_OPEN + 1);
    pack_value(p, &d->before);
    pack_value(p, &d->after);
}

static void pack_output(struct pack *p, struct output_change *o) {
    pack_str(p, &o->name);
    o->action = pack_choice(p, o->action, ACTION_OPEN + 1);
    pack_value(p, &o->before);
    pack_value(p, &o->after);
    pack_bool(p, &o->sensitive);
}

static void pack_check(struct pack *p, struct check_result *c) {
    pack_str(p, &c->kind);
    pack_str(p, &c->address);
    pack_str(p, &c->instance);
    c->status = pack_choice(p, c->status, CHECK_UNKNOWN + 1);
    pack_strs(p, &c->problems, &c->n_problems);
}

static void pack_variables(struct pack *p, struct map *variables) {
    uint64_t n = variables->n;
    pack_u64(p, &n);
    for (uint64_t i = 0; i < n && !p->failed; i++) {
        struct str name = {0};
        struct value *v = arena_alloc(p->arena, sizeof *v);
        if (p->writing) {
            name = variables->entries[i].key;
            v = variables->entries[i].value;
        }
        pack_str(p, &name);
        pack_value(p, v);
        if (!p->writing)
            map_put(p->arena, variables, name, v);
    }
}

static void pack_targets(struct pack *p, struct target **targets, size_t *n) {
    pack_array(p, (void **)targets, n, sizeof **targets);
    for (size_t i = 0; i < *n && !p->failed; i++)
        pack_target(p, &(*targets)[i]);
}

static void pack_node(struct pack *p, struct step_node *node, const struct plan *plan,
                      size_t n_nodes) {
    uint64_t change = node->change;
    node->kind = pack_choice(p, node->kind, STEP_PROVIDER + 1);
    pack_u64(p, &change);
    size_t limit = node->kind == STEP_OUTPUT                             ? plan->n_outputs
                   : node->kind == STEP_OPEN || node->kind == STEP_CLOSE ? plan->n_ephemerals
                                                                         : plan->n_changes;
    bool counts = node->kind != STEP_EVALUATE && node->kind != STEP_PROVIDER;
    if (change > UINT32_MAX || (counts && change >= limit))
        p->failed = true;
    node->change = (uint32_t)change;
    uint32_t *after = (uint32_t *)node->after;
    size_t n = node->n_after;
    pack_array(p, (void **)&after, &n, sizeof *after);
    for (size_t i = 0; i < n && !p->failed; i++) {
        uint64_t other = after[i];
        pack_u64(p, &other);
        if (other >= n_nodes)
            p->failed = true;
        else if (!p->writing)
            after[i] = (uint32_t)other;
    }
    node->after = after;
    node->n_after = (uint32_t)n;
}

static void pack_state(struct pack *p, struct state **state) {
    struct str bytes = {0};
    bool present = *state != NULL;
    pack_bool(p, &present);
    if (!present)
        return;
    if (p->writing) {
        struct buf text;
        buf_init(&text, BUF_MAX_DOCUMENT);
        state_file_write(&text, *state);
        bytes = buf_str(&text);
        pack_str(p, &bytes);
        buf_clear(&text);
        return;
    }
    pack_str(p, &bytes);
    if (!p->failed && !state_file_read(p->arena, bytes, S("plan"), state, diags_new(p->arena)))
        p->failed = true;
}

static void pack_facts(struct pack *p, struct plan *plan) {
    plan->mode = pack_choice(p, plan->mode, PLAN_REFRESH_ONLY + 1);
    pack_bool(p, &plan->errored);
    pack_bool(p, &plan->begun);
    pack_bool(p, &plan->applyable);
    pack_bool(p, &plan->complete);
    pack_bool(p, &plan->refreshed);
    pack_i64(p, &plan->timestamp_ms);
    pack_str(p, &plan->backend_type);
    pack_str(p, &plan->workspace);
    pack_variables(p, &plan->variables);
    pack_targets(p, &plan->targets, &plan->n_targets);
    pack_targets(p, &plan->excludes, &plan->n_excludes);
    pack_targets(p, &plan->force_replace, &plan->n_force_replace);
}

static void pack_plan(struct pack *p, struct plan *plan) {
    pack_facts(p, plan);
    pack_state(p, &plan->prev_state);
    pack_state(p, &plan->prior_state);
    pack_array(p, (void **)&plan->changes, &plan->n_changes, sizeof(struct change *));
    static const struct change none;
    for (size_t i = 0; i < plan->n_changes && !p->failed; i++) {
        if (!p->writing)
            plan->changes[i] = arena_alloc(p->arena, sizeof(struct change));
        pack_change(p, plan->changes[i], i > 0 ? plan->changes[i - 1] : &none);
    }
    pack_array(p, (void **)&plan->drifts, &plan->n_drifts, sizeof *plan->drifts);
    for (size_t i = 0; i < plan->n_drifts && !p->failed; i++)
        pack_drift(p, &plan->drifts[i]);
    pack_array(p, (void **)&plan->outputs, &plan->n_outputs, sizeof *plan->outputs);
    for (size_t i = 0; i < plan->n_outputs && !p->failed; i++)
        pack_output(p, &plan->outputs[i]);
    pack_array(p, (void **)&plan->ephemerals, &plan->n_ephemerals, sizeof *plan->ephemerals);
    for (size_t i = 0; i < plan->n_ephemerals && !p->failed; i++)
        pack_instance(p, &plan->ephemerals[i]);
    pack_array(p, (void **)&plan->checks, &plan->n_checks, sizeof *plan->checks);
    for (size_t i = 0; i < plan->n_checks && !p->failed; i++)
        pack_check(p, &plan->checks[i]);
    pack_array(p, (void **)&plan->relevant, &plan->n_relevant, sizeof *plan->relevant);
    for (size_t i = 0; i < plan->n_relevant && !p->failed; i++) {
        pack_str(p, &plan->relevant[i].resource);
        pack_path(p, &plan->relevant[i].path);
    }
    pack_array(p, (void **)&plan->nodes, &plan->n_nodes, sizeof *plan->nodes);
    for (size_t i = 0; i < plan->n_nodes && !p->failed; i++)
        pack_node(p, &plan->nodes[i], plan, plan->n_nodes);
}

static void pack_sources(struct pack *p, struct map *sources) {
    uint64_t n = sources->n;
    pack_u64(p, &n);
    for (uint64_t i = 0; i < n && !p->failed; i++) {
        struct str path = {0};
        struct str *bytes = arena_alloc(p->arena, sizeof *bytes);
        if (p->writing) {
            path = sources->entries[i].key;
            bytes = sources->entries[i].value;
        }
        pack_str(p, &path);
        pack_str(p, bytes);
        if (!p->writing)
            map_put(p->arena, sources, path, bytes);
    }
}

static void pack_file(struct pack *p, struct steps_file *file) {
    pack_str(p, &file->engine_version);
    pack_str(p, &file->lineage);
    pack_i64(p, &file->serial);
    pack_str(p, &file->backend_config);
    pack_str(p, &file->lock_file);
    pack_sources(p, &file->sources);
    pack_plan(p, file->plan);
}

/* ---- files ---- */

bool steps_file_encode(struct arena *arena, const struct steps_file *file, struct str *ret_bytes) {
    struct buf body, out;
    buf_init(&body, BUF_MAX_DOCUMENT);
    buf_init(&out, BUF_MAX_DOCUMENT);
    struct pack p = {.arena = arena, .writing = true, .out = &body};
    struct steps_file copy = *file;
    pack_file(&p, &copy);
    struct pack head = {.arena = arena, .writing = true, .out = &out};
    uint64_t format = STEPS_FORMAT;
    struct str bytes = buf_str(&body);
    buf_add(&out, magic);
    pack_u64(&head, &format);
    pack_str(&head, &bytes);
    uint8_t sum[DIGEST_MAX];
    digest_bytes(DIGEST_SHA256, buf_str(&out), sum);
    buf_add(&out, (struct str){(const char *)sum, STEPS_SUM});
    bool fits = !body.overflow && !out.overflow;
    buf_clear(&body);
    *ret_bytes = buf_take(&out, arena);
    return fits;
}

bool steps_file_is(struct str bytes) {
    return str_starts(bytes, magic);
}

/* What the reference says of a file that is no plan at all. */
static struct str foreign_text(struct arena *arena, struct str bytes) {
    if (str_starts(bytes, S("PK\x03\x04")))
        return S("this plan file was made by another tool; loam applies only plan files that loam "
                 "made");
    struct str why = S("EOF");
    if (bytes.len > 0 && bytes.at[0] == '{')
        why = S("invalid remote plan format, must be 1");
    else if (bytes.len > 0)
        why =
            str_format(arena, "invalid character '%c' looking for beginning of value", bytes.at[0]);
    return str_format(arena,
                      "couldn't load the provided path as either a local plan file (zip: not a "
                      "valid zip file) or a saved cloud plan (%.*s)",
                      STR_ARG(why));
}

static bool refuse(struct str *ret_error, struct str text) {
    *ret_error = text;
    return false;
}

/* The body, checked; false fills *ret_error. */
static bool open_body(struct arena *arena, struct str bytes, struct str *ret_body,
                      struct str *ret_error) {
    if (!steps_file_is(bytes))
        return refuse(ret_error, foreign_text(arena, bytes));
    struct pack p = {.arena = arena, .in = str_slice(bytes, magic.len, bytes.len)};
    uint64_t format = 0;
    pack_u64(&p, &format);
    if (!p.failed && format != STEPS_FORMAT)
        return refuse(ret_error,
                      str_format(arena,
                                 "this plan file has format version %llu, and this loam reads only "
                                 "version %d; make a new plan with this version",
                                 (unsigned long long)format, STEPS_FORMAT));
    pack_str(&p, ret_body);
    uint8_t sum[DIGEST_MAX];
    bool whole = !p.failed && p.in.len == STEPS_SUM;
    if (whole)
        digest_bytes(DIGEST_SHA256, str_slice(bytes, 0, bytes.len - STEPS_SUM), sum);
    if (!whole || !str_eq(p.in, (struct str){(const char *)sum, STEPS_SUM}))
        return refuse(ret_error, S("the plan file is truncated or damaged"));
    return true;
}

bool steps_file_decode(struct arena *arena, struct str bytes, struct steps_file *ret_file,
                       struct str *ret_error) {
    struct str body = {0};
    if (!open_body(arena, bytes, &body, ret_error))
        return false;
    struct steps_file file = {.plan = arena_alloc(arena, sizeof *file.plan)};
    struct pack p = {.arena = arena, .in = body};
    pack_file(&p, &file);
    if (p.failed || p.in.len > 0)
        return refuse(ret_error, S("the plan file is damaged"));
    *ret_file = file;
    return true;
}

void steps_file_attach(struct plan *plan,
                       const struct schema *(*find)(void *context, struct provider_addr provider,
                                                    enum resource_mode mode, struct str type),
                       void *context) {
    for (size_t i = 0; i < plan->n_changes; i++) {
        struct change *c = plan->changes[i];
        c->schema =
            find(context, c->provider->provider, c->addr.resource.mode, c->addr.resource.type);
    }
    for (size_t i = 0; i < plan->n_drifts; i++) {
        struct drift *d = &plan->drifts[i];
        d->schema =
            find(context, d->provider.provider, d->addr.resource.mode, d->addr.resource.type);
    }
}

bool steps_file_check(const struct steps_file *file, const struct state *current,
                      struct diags *diags) {
    struct str lineage = current ? current->lineage : S("");
    int64_t serial = current ? current->serial : 0;
    if (lineage.len > 0 && file->lineage.len > 0 && !str_eq(lineage, file->lineage)) {
        diags_error(diags, (struct span){0}, "Saved plan does not match the given state",
                    "The given plan file can not be applied because it was created from a "
                    "different state lineage.");
        return false;
    }
    if (serial == file->serial && (lineage.len == 0) == (file->lineage.len == 0))
        return true;
    diags_error(diags, (struct span){0}, "Saved plan is stale",
                "The given plan file can no longer be applied because the state was changed by "
                "another operation after the plan was created.");
    return false;
}
