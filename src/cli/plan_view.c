/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plan_view.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cli/diff_render.h"
#include "cli/wrap.h"

/* Text of more than this goes out before the rest is made. */
#define FLUSH_BYTES ((size_t)1 << 16)

/* What is worked out once before anything is printed. */
struct shown {
    struct cli *cli;
    struct arena *arena, *scratch; /* for the view; for one change of it */
    const struct plan *plan;
    const struct plan_view *view;
    struct buf out;
    struct diff **drifts;
    struct diff **outputs;
    size_t n_changes, n_drifts, n_outputs;
    size_t counts[ACTION_OPEN + 1];
    size_t importing, forgetting;
    bool has_actions;
};

static const char *code(const struct shown *s, enum ui_style style) {
    return ui_code(s->cli, style);
}

static void prose(struct shown *s, const char *text) {
    wrap_text(&s->out, str_from(text), s->cli->width);
    buf_byte(&s->out, '\n');
}

static void rule(struct buf *out, const struct cli *cli) {
    buf_addf(out, "\n%s", ui_code(cli, UI_DIM));
    for (int i = 0; i < cli->width - 1; i++)
        buf_add_c(out, "─");
    buf_addf(out, "%s\n", ui_code(cli, UI_RESET));
}

void plan_view_rule(struct cli *cli) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    rule(&out, cli);
    ui_out(buf_str(&out));
    buf_clear(&out);
}

/* The attributes whose drift may explain this plan. */
static struct paths relevant_paths(struct arena *arena, const struct plan *plan,
                                   struct str address) {
    struct paths paths = {0};
    for (size_t i = 0; i < plan->n_relevant; i++)
        if (str_eq(plan->relevant[i].resource, address))
            paths_add(arena, &paths, plan->relevant[i].path);
    return paths;
}

static void compute_drift(struct shown *s) {
    struct arena *arena = s->arena;
    bool refresh_only = s->plan->mode == PLAN_REFRESH_ONLY;
    s->drifts = arena_array(arena, s->plan->n_drifts, sizeof *s->drifts);
    for (size_t i = 0; i < s->plan->n_drifts; i++) {
        const struct drift *d = &s->plan->drifts[i];
        struct paths relevant = {0};
        if (!refresh_only)
            relevant = relevant_paths(arena, s->plan, addr_instance_text(arena, &d->addr));
        if (!d->schema || (!refresh_only && !relevant.n))
            continue;
        struct diff_paths which = {refresh_only, &relevant};
        struct diff *diff = diff_block(arena, d->schema->block, d->before, d->after, NULL, which);
        if (!refresh_only && diff->action == ACTION_NOOP)
            continue;
        s->drifts[i] = diff;
        s->n_drifts++;
    }
}

static bool is_shown(const struct change *c) {
    if (c->action == ACTION_NOOP && !c->moved && !c->importing)
        return false;
    if (c->action == ACTION_DELETE && c->addr.resource.mode != MODE_MANAGED)
        return false;
    return c->addr.resource.mode != MODE_EPHEMERAL && c->action != ACTION_OPEN && c->schema;
}

static void count_changes(struct shown *s) {
    for (size_t i = 0; i < s->plan->n_changes; i++) {
        const struct change *c = s->plan->changes[i];
        if (!is_shown(c))
            continue;
        s->n_changes++;
        s->importing += c->importing;
        s->forgetting += steps_is_forgotten(c);
        if (c->action != ACTION_NOOP) {
            s->counts[c->action]++;
            s->has_actions = true;
        }
    }
}

static void compute_outputs(struct shown *s) {
    struct arena *arena = s->arena;
    s->outputs = arena_array(arena, s->plan->n_outputs, sizeof *s->outputs);
    for (size_t i = 0; i < s->plan->n_outputs; i++) {
        const struct output_change *o = &s->plan->outputs[i];
        /* Hidden on one side, hidden on both. */
        bool secret = o->sensitive || (value_marks(o->before) & VALUE_SENSITIVE);
        unsigned mark = secret ? VALUE_SENSITIVE : 0;
        struct value before = value_unmark_deep(arena, o->before);
        struct value after = value_unmark_deep(arena, o->after);
        before = value_mark(before, value_is_null(before) ? 0 : mark);
        after = value_mark(after, value_is_null(after) ? 0 : mark);
        struct diff *diff = diff_values(arena, before, after);
        if (diff->action == ACTION_NOOP)
            continue;
        s->outputs[i] = diff;
        s->n_outputs++;
    }
}

/* Why something goes, behind "will be destroyed". */
static void delete_reason(struct shown *s, const struct change *c, struct str address) {
    struct arena *arena = s->scratch;
    struct str key = addr_key_text(arena, c->addr.key);
    switch (c->reason) {
    case REASON_DELETE_NO_RESOURCE: {
        struct str name = addr_resource_text(arena, c->addr.resource);
        buf_addf(&s->out, "\n  # (because %.*s is not in configuration)", STR_ARG(name));
        break;
    }
    case REASON_DELETE_NO_MOVE_TARGET: {
        struct str from = addr_instance_text(arena, c->prev_addr);
        buf_addf(&s->out, "\n  # (because %.*s was moved to %.*s, which is not in configuration)",
                 STR_ARG(from), STR_ARG(address));
        break;
    }
    case REASON_DELETE_NO_MODULE: {
        struct str module = addr_module_text(arena, c->addr.module);
        buf_addf(&s->out, "\n  # (because %.*s is not in configuration)", STR_ARG(module));
        break;
    }
    case REASON_DELETE_WRONG_REPETITION:
        buf_add_c(&s->out,
                  c->addr.key.kind == KEY_NONE  ? "\n  # (because resource uses count or for_each)"
                  : c->addr.key.kind == KEY_INT ? "\n  # (because resource does not use count)"
                                                : "\n  # (because resource does not use for_each)");
        break;
    case REASON_DELETE_COUNT_INDEX:
        buf_addf(&s->out, "\n  # (because index %.*s is out of range for count)", STR_ARG(key));
        break;
    case REASON_DELETE_EACH_KEY:
        buf_addf(&s->out, "\n  # (because key %.*s is not in for_each map)", STR_ARG(key));
        break;
    case REASON_DELETE_NOT_ENABLED:
        buf_add_c(&s->out, "\n  # (because enabled is false)");
        break;
    default:
        break;
    }
}

static void replace_comment(struct shown *s, const struct change *c, struct str address) {
    const char *bold = code(s, UI_BOLD), *red = code(s, UI_RED), *reset = code(s, UI_RESET);
    buf_addf(&s->out, "%s  # %.*s%s ", bold, STR_ARG(address), reset);
    switch (c->reason) {
    case REASON_REPLACE_TAINTED:
        buf_addf(&s->out, "is tainted, so must be %s%sreplaced%s", bold, red, reset);
        break;
    case REASON_REPLACE_REQUESTED:
        buf_addf(&s->out, "will be %s%sreplaced%s, as requested", bold, red, reset);
        break;
    case REASON_REPLACE_TRIGGERS:
        buf_addf(&s->out, "will be %s%sreplaced%s due to changes in replace_triggered_by", bold,
                 red, reset);
        break;
    default:
        buf_addf(&s->out, "must be %s%sreplaced%s", bold, red, reset);
    }
    if (c->action == ACTION_FORGET_CREATE)
        buf_add_c(&s->out, " - older instance will not be destroyed (lifecycle.destroy = false)");
}

static void read_comment(struct shown *s, const struct change *c) {
    const char *why = c->reason == REASON_READ_CONFIG_UNKNOWN
                          ? "\n  # (config refers to values not yet known)"
                      : c->reason == REASON_READ_DEPENDENCY_PENDING
                          ? "\n  # (depends on a resource or a module with changes pending)"
                      : c->reason == REASON_READ_CHECK_NESTED
                          ? "\n  # (config will be reloaded to verify a check block)"
                          : "";
    buf_addf(&s->out, "will be read during apply%s", why);
}

static void noop_comment(struct shown *s, const struct change *c, struct str address) {
    const char *bold = code(s, UI_BOLD), *reset = code(s, UI_RESET);
    if (c->moved) {
        struct str from = addr_instance_text(s->scratch, c->prev_addr);
        buf_addf(&s->out, "%s  # %.*s%s has moved to %s%.*s%s", bold, STR_ARG(from), reset, bold,
                 STR_ARG(address), reset);
        return;
    }
    buf_addf(&s->out, "%s  # %.*s%s will be imported", bold, STR_ARG(address), reset);
    if (c->generated_config.len)
        buf_add_c(&s->out, "\n  # (config will be generated)");
}

static void import_comment(struct shown *s, const struct change *c) {
    if (c->moved && c->action != ACTION_NOOP) {
        struct str from = addr_instance_text(s->scratch, c->prev_addr);
        buf_addf(&s->out, "  # (moved from %.*s)\n", STR_ARG(from));
    }
    if (!c->importing)
        return;
    if (c->import_id.len && c->action != ACTION_NOOP)
        buf_addf(&s->out, "  # (imported from \"%.*s\")\n", STR_ARG(c->import_id));
    if (steps_action_replaces(c->action))
        buf_addf(&s->out, "  # %sWarning: this will destroy the imported resource%s\n",
                 code(s, UI_YELLOW), code(s, UI_RESET));
}

static void change_comment(struct shown *s, const struct change *c) {
    const char *bold = code(s, UI_BOLD), *red = code(s, UI_RED), *reset = code(s, UI_RESET);
    struct str address = addr_instance_text(s->scratch, &c->addr);
    if (c->deposed.len)
        address = str_format(s->scratch, "%.*s (deposed object %.*s)", STR_ARG(address),
                             STR_ARG(c->deposed));
    if (c->action == ACTION_NOOP) {
        noop_comment(s, c, address);
    } else if (c->action == ACTION_FORGET) {
        buf_addf(&s->out,
                 "%s # %.*s%s will no longer be managed by " UI_PRODUCT
                 ", but will not be destroyed\n # (destroy = false is set in the configuration)",
                 bold, STR_ARG(address), reset);
    } else if (steps_action_replaces(c->action)) {
        replace_comment(s, c, address);
    } else {
        buf_addf(&s->out, "%s  # %.*s%s ", bold, STR_ARG(address), reset);
        if (c->action == ACTION_CREATE)
            buf_add_c(&s->out, "will be created");
        else if (c->action == ACTION_UPDATE)
            buf_add_c(&s->out, "will be updated in-place");
        else if (c->action == ACTION_READ)
            read_comment(s, c);
        else
            buf_addf(&s->out, "will be %s%sdestroyed%s", bold, red, reset);
    }
    if (c->action == ACTION_DELETE)
        delete_reason(s, c, address);
    if (c->deposed.len)
        buf_add_c(&s->out,
                  "\n  # (left over from a partially-failed replacement of this instance)");
    buf_byte(&s->out, '\n');
    import_comment(s, c);
}

static void resource(struct shown *s, enum action symbol, struct resource_addr addr,
                     const struct diff *diff, bool show_all) {
    struct diff_render options = {
        .cli = s->cli,
        .scratch = s->scratch,
        .show_unchanged = show_all,
        .show_sensitive = s->view->show_sensitive,
    };
    if (symbol == ACTION_FORGET_CREATE)
        buf_add_c(&s->out, "  ");
    if (symbol == ACTION_FORGET)
        buf_addf(&s->out, " %s.%s", code(s, UI_RED), code(s, UI_RESET));
    else
        diff_render_symbol(&s->out, s->cli, symbol);
    buf_addf(&s->out, " %s \"%.*s\" \"%.*s\" ", addr.mode == MODE_MANAGED ? "resource" : "data",
             STR_ARG(addr.type), STR_ARG(addr.name));
    diff_render(&s->out, diff, 0, &options);
    buf_byte(&s->out, '\n');
}

static void show_drift(struct shown *s) {
    buf_addf(&s->out, "\n%s%sNote:%s%s Objects have changed outside of " UI_PRODUCT "%s\n\n",
             code(s, UI_BOLD), code(s, UI_CYAN), code(s, UI_RESET), code(s, UI_BOLD),
             code(s, UI_RESET));
    prose(s,
          UI_PRODUCT " detected the following changes made outside of " UI_PRODUCT
                     " since the last \"" UI_PROGRAM " apply\" which may have affected this plan:");
    for (size_t i = 0; i < s->plan->n_drifts; i++) {
        const struct drift *d = &s->plan->drifts[i];
        if (!s->drifts[i])
            continue;
        struct str address = addr_instance_text(s->scratch, &d->addr);
        buf_addf(&s->out, "\n%s  # ", code(s, UI_BOLD));
        if (d->action == ACTION_NOOP) {
            struct str from = addr_instance_text(s->scratch, &d->prev_addr);
            buf_addf(&s->out, "%.*s%s has moved to %s%.*s%s\n", STR_ARG(from), code(s, UI_RESET),
                     code(s, UI_BOLD), STR_ARG(address), code(s, UI_RESET));
        } else {
            buf_addf(&s->out, "%.*s%s has %s\n", STR_ARG(address), code(s, UI_RESET),
                     d->action == ACTION_DELETE ? "been deleted" : "changed");
        }
        resource(s, d->action, d->addr.resource, s->drifts[i], false);
    }
    buf_add_c(&s->out, "\n\n");
    prose(s, s->plan->mode == PLAN_REFRESH_ONLY
                 ? "This is a refresh-only plan, so " UI_PRODUCT
                   " will not take any actions to undo these. If you were expecting these changes "
                   "then you can apply this plan to record the updated values in the " UI_PRODUCT
                   " state without changing any remote objects."
                 : "Unless you have made equivalent changes to your configuration, or ignored the "
                   "relevant attributes using ignore_changes, the following plan may include "
                   "actions to undo or respond to these changes.");
}

static void headline(struct shown *s, const char *first, const char *rest) {
    buf_addf(&s->out, "\n%s%s%s%s%s %s%s\n", code(s, UI_BOLD),
             code(s, s->plan->errored ? UI_RED : UI_GREEN), first, code(s, UI_RESET),
             code(s, UI_BOLD), rest, code(s, UI_RESET));
}

static void nothing_to_do(struct shown *s) {
    bool drift = s->n_drifts;
    if (s->plan->errored && !s->plan->begun)
        return;
    if (s->plan->errored) {
        headline(s, "Planning failed.",
                 UI_PRODUCT " encountered an error while generating this plan.");
        buf_byte(&s->out, '\n');
        return;
    }
    if (s->plan->mode == PLAN_REFRESH_ONLY) {
        if (drift)
            return;
        headline(s, "No changes.", "Your infrastructure still matches the configuration.");
        buf_byte(&s->out, '\n');
        prose(s, UI_PRODUCT " has checked that the real remote objects still match the result of "
                            "your most recent changes, and found no differences.");
        return;
    }
    if (s->plan->mode == PLAN_DESTROY) {
        headline(s, "No changes.", "No objects need to be destroyed.");
        buf_byte(&s->out, '\n');
        prose(s, "Either you have not created any objects yet or the existing objects were "
                 "already deleted outside of " UI_PRODUCT ".");
        return;
    }
    headline(s, "No changes.", "Your infrastructure matches the configuration.");
    buf_byte(&s->out, '\n');
    if (drift && s->plan->applyable)
        prose(s, "Your configuration already matches the changes detected above, so applying this "
                 "plan will only update the state to include the changes detected above and won't "
                 "change any real infrastructure.");
    else if (drift)
        prose(s, s->view->in_automation
                     ? "Your configuration already matches the changes detected above. If you'd "
                       "like to update the " UI_PRODUCT
                       " state to match, create and apply a refresh-only plan."
                     : "Your configuration already matches the changes detected above. If you'd "
                       "like to update the " UI_PRODUCT
                       " state to match, create and apply a refresh-only plan:\n  " UI_PROGRAM
                       " apply -refresh-only");
    else
        prose(s, UI_PRODUCT " has compared your real infrastructure against your configuration "
                            "and found no differences, so no changes are needed.");
}

static void legend(struct shown *s) {
    static const struct {
        enum action action;
        const char *text;
    } rows[] = {
        {ACTION_CREATE, "create"},
        {ACTION_UPDATE, "update in-place"},
        {ACTION_DELETE, "destroy"},
        {ACTION_DELETE_CREATE, "destroy and then create replacement"},
        {ACTION_CREATE_DELETE, "create replacement and then destroy"},
        {ACTION_FORGET_CREATE, "forget and then create replacement"},
        {ACTION_READ, "read (data resources)"},
    };
    buf_byte(&s->out, '\n');
    prose(s, UI_PRODUCT " used the selected providers to generate the following execution plan. "
                        "Resource actions are indicated with the following symbols:");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!s->counts[rows[i].action])
            continue;
        diff_render_symbol(&s->out, s->cli, rows[i].action);
        buf_addf(&s->out, " %s\n", rows[i].text);
    }
}

static void summary(struct shown *s) {
    size_t replace = s->counts[ACTION_DELETE_CREATE] + s->counts[ACTION_CREATE_DELETE];
    size_t swap = s->counts[ACTION_FORGET_CREATE], forget = s->forgetting + swap;
    buf_addf(&s->out, "\n%sPlan:%s ", code(s, UI_BOLD), code(s, UI_RESET));
    if (s->importing)
        buf_addf(&s->out, "%zu to import, ", s->importing);
    buf_addf(&s->out, "%zu to add, %zu to change, %zu to destroy",
             s->counts[ACTION_CREATE] + replace + swap, s->counts[ACTION_UPDATE],
             s->counts[ACTION_DELETE] + replace);
    if (forget)
        buf_addf(&s->out, ", %zu to forget", forget);
    buf_add_c(&s->out, ".\n");
}

static void flush(struct shown *s) {
    ui_out(buf_str(&s->out));
    buf_reset(&s->out);
}

static void show_change(struct shown *s, const struct change *c) {
    static const struct diff_paths all = {true, NULL};
    struct value after = c->action == ACTION_FORGET ? c->before : c->after;
    struct diff *diff =
        diff_block(s->scratch, c->schema->block, c->before, after, &c->replace, all);
    buf_byte(&s->out, '\n');
    change_comment(s, c);
    resource(s, c->action, c->addr.resource, diff, c->importing);
    arena_reset(s->scratch);
    if (s->out.len >= FLUSH_BYTES)
        flush(s);
}

static void show_changes(struct shown *s) {
    buf_add_c(&s->out, s->plan->errored
                           ? "\n" UI_PRODUCT
                             " planned the following actions, but then encountered a problem:\n"
                           : "\n" UI_PRODUCT " will perform the following actions:\n");
    for (size_t i = 0; i < s->plan->n_changes; i++)
        if (is_shown(s->plan->changes[i]))
            show_change(s, s->plan->changes[i]);
    summary(s);
}

static void show_outputs(struct shown *s) {
    struct diff_render options = {
        .cli = s->cli, .scratch = s->scratch, .show_sensitive = s->view->show_sensitive};
    size_t width = 0;
    for (size_t i = 0; i < s->plan->n_outputs; i++) {
        size_t len = diff_render_name(s->scratch, s->plan->outputs[i].name).len;
        width = len > width ? len : width;
    }
    buf_addf(&s->out, "\nChanges to Outputs:\n");
    for (size_t i = 0; i < s->plan->n_outputs; i++) {
        if (!s->outputs[i])
            continue;
        struct str name = diff_render_name(s->scratch, s->plan->outputs[i].name);
        diff_render_symbol(&s->out, s->cli, s->outputs[i]->action);
        buf_byte(&s->out, ' ');
        buf_add(&s->out, name);
        diff_render_pad(&s->out, name, width);
        buf_add_c(&s->out, " = ");
        diff_render(&s->out, s->outputs[i], 0, &options);
        buf_byte(&s->out, '\n');
    }
    if (s->has_actions)
        return;
    buf_byte(&s->out, '\n');
    prose(s, "You can apply this plan to save these new output values to the " UI_PRODUCT
             " state, without changing any real infrastructure.");
}

/* Drift alone is only worth telling where something follows from it. */
static bool tells_drift(const struct shown *s) {
    if (!s->n_drifts)
        return false;
    return s->plan->mode == PLAN_REFRESH_ONLY || s->n_changes || s->n_outputs;
}

void plan_view_show(struct cli *cli, const struct plan *plan, const struct plan_view *view) {
    struct shown s = {
        .cli = cli, .arena = arena_new(), .scratch = arena_new(), .plan = plan, .view = view};
    buf_init(&s.out, BUF_MAX_DOCUMENT);
    compute_drift(&s);
    count_changes(&s);
    compute_outputs(&s);
    if (!tells_drift(&s))
        s.n_drifts = 0;
    if (s.n_drifts)
        show_drift(&s);
    if (!s.n_changes && !s.n_outputs) {
        nothing_to_do(&s);
    } else {
        if (s.n_drifts)
            rule(&s.out, cli);
        if (s.has_actions)
            legend(&s);
        if (s.n_changes)
            show_changes(&s);
        if (s.n_outputs)
            show_outputs(&s);
    }
    flush(&s);
    buf_clear(&s.out);
    arena_free(s.scratch);
    arena_free(s.arena);
}
