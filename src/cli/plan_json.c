/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plan_json.h"

#include "base/arena.h"
#include "base/clock.h"
#include "cli/checks_json.h"
#include "cli/config_json.h"
#include "cli/state_json.h"

struct writer {
    struct json_out *o;
    struct arena *arena;
    const struct plan *plan;
    const struct config *config;
};

static void actions(struct json_out *o, enum action action) {
    static const char *const names[] = {
        [ACTION_NOOP] = "[\"no-op\"]",
        [ACTION_CREATE] = "[\"create\"]",
        [ACTION_READ] = "[\"read\"]",
        [ACTION_UPDATE] = "[\"update\"]",
        [ACTION_DELETE] = "[\"delete\"]",
        [ACTION_DELETE_CREATE] = "[\"delete\",\"create\"]",
        [ACTION_CREATE_DELETE] = "[\"create\",\"delete\"]",
        [ACTION_FORGET] = "[\"forget\"]",
        [ACTION_FORGET_CREATE] = "[\"forget\",\"create\"]",
        [ACTION_OPEN] = "[\"open\"]",
    };
    json_out_key(o, S("actions"));
    json_out_raw(o, str_from(names[action]));
}

static void value_member(struct json_out *o, struct str name, struct value v) {
    json_out_key(o, name);
    json_out_known(o, v);
}

static void replace_paths(struct json_out *o, const struct paths *paths) {
    if (!paths->n)
        return;
    json_out_key(o, S("replace_paths"));
    json_out_open(o, '[');
    for (size_t i = 0; i < paths->n; i++) {
        json_out_item(o);
        json_out_open(o, '[');
        for (size_t k = 0; k < paths->at[i].n; k++) {
            const struct path_step *step = &paths->at[i].at[k];
            json_out_item(o);
            if (step->kind == PATH_INDEX)
                json_out_int(o, step->index);
            else if (step->kind == PATH_ELEMENT)
                json_out_known(o, step->element);
            else
                json_out_str(o, step->name);
        }
        json_out_close(o, ']');
    }
    json_out_close(o, ']');
}

/* What the members of a change are made from: resource changes and drift share them. */
struct sides {
    enum action action;
    struct value before, after;
    const struct paths *replace;
};

static void change_members(struct json_out *o, const struct sides *s) {
    bool gone = value_is_null(s->after);
    actions(o, s->action);
    value_member(o, S("before"), s->before);
    json_out_key(o, S("after"));
    if (s->after.kind == VALUE_UNKNOWN)
        json_out_raw(o, S("null"));
    else
        json_out_known(o, s->after);
    json_out_key(o, S("after_unknown"));
    if (gone || value_is_wholly_known(s->after))
        json_out_raw(o, S("{}"));
    else
        json_out_unknown(o, s->after);
    json_out_key(o, S("before_sensitive"));
    json_out_sensitive(o, s->before);
    json_out_key(o, S("after_sensitive"));
    json_out_sensitive(o, s->after);
    if (s->replace)
        replace_paths(o, s->replace);
}

static void importing(struct writer *w, const struct change *c) {
    if (!c->importing)
        return;
    json_out_key(w->o, S("importing"));
    json_out_open(w->o, '{');
    if (c->import_id.len)
        json_out_member(w->o, S("id"), c->import_id);
    json_out_close(w->o, '}');
    if (c->generated_config.len)
        json_out_member(w->o, S("generated_config"), c->generated_config);
}

static void resource_change(struct writer *w, const struct change *c) {
    struct sides sides = {c->action, c->before, c->action == ACTION_FORGET ? c->before : c->after,
                          &c->replace};
    if (c->action == ACTION_FORGET)
        sides.after = value_null(type_dynamic);
    json_out_item(w->o);
    json_out_open(w->o, '{');
    state_json_address(w->o, w->arena, &c->addr, c->provider->provider, true);
    if (c->moved)
        json_out_member(w->o, S("previous_address"), addr_instance_text(w->arena, c->prev_addr));
    if (c->deposed.len)
        json_out_member(w->o, S("deposed"), c->deposed);
    json_out_key(w->o, S("change"));
    json_out_open(w->o, '{');
    change_members(w->o, &sides);
    importing(w, c);
    json_out_close(w->o, '}');
    struct str reason = steps_reason_name(c->reason);
    if (reason.len)
        json_out_member(w->o, S("action_reason"), reason);
    json_out_close(w->o, '}');
}

static bool is_listed(const struct change *c) {
    return c->addr.resource.mode != MODE_EPHEMERAL &&
           (c->addr.resource.mode == MODE_MANAGED || c->action == ACTION_READ);
}

static void resource_changes(struct writer *w) {
    bool open = false;
    for (size_t i = 0; i < w->plan->n_changes; i++) {
        if (!is_listed(w->plan->changes[i]))
            continue;
        if (!open) {
            json_out_key(w->o, S("resource_changes"));
            json_out_open(w->o, '[');
            open = true;
        }
        resource_change(w, w->plan->changes[i]);
    }
    if (open)
        json_out_close(w->o, ']');
}

static void resource_drift(struct writer *w) {
    bool open = false;
    for (size_t i = 0; i < w->plan->n_drifts; i++) {
        const struct drift *d = &w->plan->drifts[i];
        bool moved = !addr_instance_eq(&d->addr, &d->prev_addr);
        struct sides sides = {d->action, d->before, d->after, NULL};
        if (d->action == ACTION_NOOP && !(moved && w->plan->mode == PLAN_REFRESH_ONLY))
            continue;
        if (!open) {
            json_out_key(w->o, S("resource_drift"));
            json_out_open(w->o, '[');
            open = true;
        }
        json_out_item(w->o);
        json_out_open(w->o, '{');
        state_json_address(w->o, w->arena, &d->addr, d->provider.provider, true);
        if (moved)
            json_out_member(w->o, S("previous_address"),
                            addr_instance_text(w->arena, &d->prev_addr));
        json_out_key(w->o, S("change"));
        json_out_open(w->o, '{');
        change_members(w->o, &sides);
        json_out_close(w->o, '}');
        json_out_close(w->o, '}');
    }
    if (open)
        json_out_close(w->o, ']');
}

static void output_changes(struct writer *w) {
    if (!w->plan->n_outputs)
        return;
    json_out_key(w->o, S("output_changes"));
    json_out_open(w->o, '{');
    for (size_t i = 0; i < w->plan->n_outputs; i++) {
        const struct output_change *c = &w->plan->outputs[i];
        bool unknown = c->after.kind == VALUE_UNKNOWN;
        json_out_key(w->o, c->name);
        json_out_open(w->o, '{');
        actions(w->o, c->action);
        value_member(w->o, S("before"), c->before);
        if (!unknown)
            value_member(w->o, S("after"), c->after);
        json_out_key(w->o, S("after_unknown"));
        if (value_is_wholly_known(c->after))
            json_out_bool(w->o, false);
        else
            json_out_unknown(w->o, c->after);
        bool secret = c->sensitive || (value_marks(c->before) & VALUE_SENSITIVE);
        json_out_flag(w->o, S("before_sensitive"), secret);
        json_out_flag(w->o, S("after_sensitive"), secret);
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, '}');
}

static void planned_outputs(struct writer *w) {
    bool open = false;
    for (size_t i = 0; i < w->plan->n_outputs; i++) {
        const struct output_change *c = &w->plan->outputs[i];
        if (c->action == ACTION_DELETE)
            continue;
        if (!open) {
            json_out_key(w->o, S("outputs"));
            json_out_open(w->o, '{');
            open = true;
        }
        json_out_key(w->o, c->name);
        json_out_open(w->o, '{');
        json_out_flag(w->o, S("sensitive"),
                      c->sensitive || (value_marks(c->before) & VALUE_SENSITIVE));
        if (value_is_wholly_known(c->after))
            state_json_output(w->o, value_unmark_deep(w->arena, c->after), value_type(c->after));
        json_out_close(w->o, '}');
    }
    if (open)
        json_out_close(w->o, '}');
}

static bool stays(const struct change *c) {
    return c->action != ACTION_DELETE && !c->deposed.len && is_listed(c);
}

static void planned_resource(struct writer *w, const struct change *c) {
    json_out_item(w->o);
    json_out_open(w->o, '{');
    state_json_address(w->o, w->arena, &c->addr, c->provider->provider, false);
    json_out_key(w->o, S("schema_version"));
    json_out_int(w->o, c->schema ? c->schema->version : 0);
    if (c->action == ACTION_FORGET) {
        json_out_flag(w->o, S("sensitive_values"), false);
    } else {
        value_member(w->o, S("values"), c->after);
        json_out_key(w->o, S("sensitive_values"));
        json_out_sensitive(w->o, c->after);
    }
    json_out_close(w->o, '}');
}

static bool in_module(struct module_path module, struct module_path here) {
    return module.n >= here.n && addr_module_eq((struct module_path){module.at, here.n}, here);
}

static void planned_resources(struct writer *w, struct module_path here) {
    static const enum resource_mode order[] = {MODE_MANAGED, MODE_DATA};
    bool open = false;
    for (size_t m = 0; m < COUNT(order); m++) {
        for (size_t i = 0; i < w->plan->n_changes; i++) {
            const struct change *c = w->plan->changes[i];
            if (!stays(c) || c->addr.resource.mode != order[m] ||
                !addr_module_eq(c->addr.module, here))
                continue;
            if (!open) {
                json_out_key(w->o, S("resources"));
                json_out_open(w->o, '[');
                open = true;
            }
            planned_resource(w, c);
        }
    }
    if (open)
        json_out_close(w->o, ']');
}

/* Each child module of `here` once, in order of first appearance. */
static void planned_module(struct writer *w, struct module_path here) {
    struct map seen = {0};
    bool open = false;
    planned_resources(w, here);
    for (size_t i = 0; i < w->plan->n_changes; i++) {
        const struct change *c = w->plan->changes[i];
        if (!stays(c) || c->addr.module.n <= here.n || !in_module(c->addr.module, here))
            continue;
        struct module_path child = {c->addr.module.at, here.n + 1};
        struct str text = addr_module_text(w->arena, child);
        if (map_get(&seen, text))
            continue;
        map_put(w->arena, &seen, text, w);
        if (!open) {
            json_out_key(w->o, S("child_modules"));
            json_out_open(w->o, '[');
            open = true;
        }
        json_out_item(w->o);
        json_out_open(w->o, '{');
        planned_module(w, child);
        json_out_member(w->o, S("address"), text);
        json_out_close(w->o, '}');
    }
    if (open)
        json_out_close(w->o, ']');
}

static void variables(struct writer *w) {
    if (!w->plan->variables.n)
        return;
    struct map_entry *sorted = map_sorted(w->arena, &w->plan->variables);
    json_out_key(w->o, S("variables"));
    json_out_open(w->o, '{');
    for (size_t i = 0; i < w->plan->variables.n; i++) {
        const struct value *v = sorted[i].value;
        const struct config_variable *c = map_get(&w->config->root->variables, sorted[i].key);
        if (value_marks(*v) & VALUE_EPHEMERAL && c && c->has_default)
            v = &c->default_value;
        if (value_marks(*v) & VALUE_EPHEMERAL)
            continue;
        json_out_key(w->o, sorted[i].key);
        json_out_open(w->o, '{');
        value_member(w->o, S("value"), *v);
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, '}');
}

static void relevant_attributes(struct writer *w) {
    if (!w->plan->n_relevant)
        return;
    json_out_key(w->o, S("relevant_attributes"));
    json_out_open(w->o, '[');
    for (size_t i = 0; i < w->plan->n_relevant; i++) {
        const struct relevant_attr *r = &w->plan->relevant[i];
        json_out_item(w->o);
        json_out_open(w->o, '{');
        json_out_member(w->o, S("resource"), r->resource);
        json_out_key(w->o, S("attribute"));
        json_out_open(w->o, '[');
        for (size_t k = 0; k < r->path.n; k++) {
            json_out_item(w->o);
            if (r->path.at[k].kind == PATH_INDEX)
                json_out_int(w->o, r->path.at[k].index);
            else
                json_out_str(w->o, r->path.at[k].name);
        }
        json_out_close(w->o, ']');
        json_out_close(w->o, '}');
    }
    json_out_close(w->o, ']');
}

static void planned_values(struct writer *w) {
    json_out_key(w->o, S("planned_values"));
    json_out_open(w->o, '{');
    planned_outputs(w);
    json_out_key(w->o, S("root_module"));
    json_out_open(w->o, '{');
    planned_module(w, (struct module_path){NULL, 0});
    json_out_close(w->o, '}');
    json_out_close(w->o, '}');
}

void plan_json_changes(struct json_out *o, struct arena *arena, const struct plan *plan) {
    struct writer w = {o, arena, plan, NULL};
    resource_drift(&w);
    resource_changes(&w);
    output_changes(&w);
    relevant_attributes(&w);
}

bool plan_json_write(struct json_out *o, struct arena *arena, const struct plan *plan,
                     const struct config *config, struct str terraform_version, struct pool *pool,
                     struct diags *diags) {
    struct writer w = {o, arena, plan, config};
    bool ok = true;
    json_out_open(o, '{');
    json_out_member(o, S("format_version"), S("1.2"));
    json_out_member(o, S("terraform_version"), terraform_version);
    variables(&w);
    planned_values(&w);
    resource_drift(&w);
    resource_changes(&w);
    output_changes(&w);
    if (plan->prior_state && !state_is_empty(plan->prior_state)) {
        json_out_key(o, S("prior_state"));
        ok = state_json_write(o, arena, plan->prior_state, terraform_version, false, pool, diags);
        o->comma = true;
    }
    json_out_key(o, S("configuration"));
    config_json_write(o, arena, config, pool);
    o->comma = true;
    relevant_attributes(&w);
    checks_json_write(o, arena, plan->checks, plan->n_checks);
    json_out_member(o, S("timestamp"), clock_rfc3339(arena, plan->timestamp_ms));
    json_out_flag(o, S("applyable"), plan->applyable);
    json_out_flag(o, S("complete"), plan->complete);
    json_out_flag(o, S("errored"), plan->errored);
    json_out_close(o, '}');
    return ok;
}
