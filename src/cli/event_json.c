/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/event_json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/json_out.h"
#include "cli/state_json.h"
#include "diag/diag_render.h"
#include "plan/plan.h"

#define UI_STREAM_VERSION "1.2"

/* One line under way: the common members are written, the rest follows. */
struct line {
    struct buf buf;
    struct json_out json;
    struct arena *scratch;
};

static void begin_for(struct line *l, struct arena *scratch, const struct event_line *what) {
    static const struct str levels[] = {STR("info"), STR("warn"), STR("error")};
    struct clock_civil c = clock_civil(clock_now_ms());
    l->scratch = scratch;
    buf_init(&l->buf, BUF_MAX_TEXT);
    l->json = (struct json_out){.to = &l->buf};
    json_out_open(&l->json, '{');
    json_out_member(&l->json, S("@level"), levels[what->level]);
    json_out_member(&l->json, S("@message"), what->message);
    json_out_member(&l->json, S("@module"), S("terraform.ui"));
    if (what->test_file.len)
        json_out_member(&l->json, S("@testfile"), what->test_file);
    if (what->test_run.len)
        json_out_member(&l->json, S("@testrun"), what->test_run);
    json_out_member(&l->json, S("@timestamp"),
                    str_format(scratch, "%04d-%02d-%02dT%02d:%02d:%02d.%03d000Z", c.year, c.month,
                               c.day, c.hour, c.minute, c.second, c.ms));
}

static void begin(struct line *l, struct arena *scratch, bool error, struct str message) {
    begin_for(l, scratch,
              &(struct event_line){.level = error ? EVENT_LEVEL_ERROR : EVENT_LEVEL_INFO,
                                   .message = message});
}

static void end(struct line *l, struct str type) {
    json_out_member(&l->json, S("type"), type);
    json_out_close(&l->json, '}');
    buf_byte(&l->buf, '\n');
    ui_out(buf_str(&l->buf));
    buf_clear(&l->buf);
}

void event_json_version(struct cli *cli) {
    struct str level = ui_env(cli, "LOAM_TERRAFORM_VERSION");
    struct line l;
    if (!level.len)
        level = S(UI_TERRAFORM_VERSION);
    begin(&l, cli->arena, false, str_cat(cli->arena, S(UI_PRODUCT " "), level));
    json_out_member(&l.json, S("terraform"), level);
    json_out_member(&l.json, S("ui"), S(UI_STREAM_VERSION));
    end(&l, S("version"));
}

void event_json_line(struct cli *cli, const struct event_line *line) {
    struct line l;
    begin_for(&l, cli->arena, line);
    json_out_key(&l.json, line->type);
    json_out_raw(&l.json, line->body);
    l.json.comma = true;
    end(&l, line->type);
}

void event_json_diag(struct cli *cli, const struct diag *diag) {
    struct buf body;
    bool error = diag->severity == SEVERITY_ERROR;
    buf_init(&body, BUF_MAX_TEXT);
    diag_render_json(&body, diag, cli->sources);
    event_json_line(cli,
                    &(struct event_line){
                        .level = error ? EVENT_LEVEL_ERROR : EVENT_LEVEL_WARN,
                        .message = str_format(cli->arena, "%s: %.*s", error ? "Error" : "Warning",
                                              STR_ARG(diag->summary)),
                        .test_file = cli->test_file,
                        .test_run = cli->test_run,
                        .type = S("diagnostic"),
                        .body = buf_str(&body),
                    });
    buf_clear(&body);
}

static struct str implied_provider(struct str type) {
    ptrdiff_t bar = str_find_byte(type, '_');
    return bar > 0 ? str_slice(type, 0, (size_t)bar) : type;
}

static void resource(struct line *l, struct str name, const struct instance_addr *addr) {
    struct instance_addr local = *addr;
    local.module = (struct module_path){NULL, 0};
    json_out_key(&l->json, name);
    json_out_open(&l->json, '{');
    json_out_member(&l->json, S("addr"), addr_instance_text(l->scratch, addr));
    json_out_member(&l->json, S("module"), addr_module_text(l->scratch, addr->module));
    json_out_member(&l->json, S("resource"), addr_instance_text(l->scratch, &local));
    json_out_member(&l->json, S("implied_provider"), implied_provider(addr->resource.type));
    json_out_member(&l->json, S("resource_type"), addr->resource.type);
    json_out_member(&l->json, S("resource_name"), addr->resource.name);
    json_out_key(&l->json, S("resource_key"));
    if (addr->key.kind == KEY_STRING)
        json_out_str(&l->json, addr->key.text);
    else if (addr->key.kind == KEY_INT)
        json_out_int(&l->json, addr->key.number);
    else
        json_out_raw(&l->json, S("null"));
    json_out_close(&l->json, '}');
}

/* Verbs as the stream writes them: "Creating", "Creation", "create". */
struct verbs {
    const char *doing, *done, *name;
};

static struct verbs verbs_of(enum action action) {
    switch (action) {
    case ACTION_CREATE:
        return (struct verbs){"Creating", "Creation", "create"};
    case ACTION_UPDATE:
        return (struct verbs){"Modifying", "Modifications", "update"};
    case ACTION_READ:
        return (struct verbs){"Refreshing", "Refresh", "read"};
    case ACTION_OPEN:
        return (struct verbs){"Opening", "Opening", "open"};
    case ACTION_DELETE_CREATE:
    case ACTION_CREATE_DELETE:
    case ACTION_FORGET_CREATE:
        return (struct verbs){"Replacing", "Replacement", "replace"};
    case ACTION_FORGET:
        return (struct verbs){"Removing", "Removal", "remove"};
    case ACTION_NOOP:
        return (struct verbs){"Reading", "Read", "noop"};
    case ACTION_DELETE:
        break;
    }
    return (struct verbs){"Destroying", "Destruction", "delete"};
}

/* How one kind of event is told. */
struct shape {
    struct str type;
    bool action, id, elapsed;
};

static bool shape_of(const struct event *e, struct shape *ret_shape) {
    switch (e->kind) {
    case EVENT_REFRESH_START:
        *ret_shape = (struct shape){S("refresh_start"), false, true, false};
        return true;
    case EVENT_REFRESH_DONE:
        *ret_shape = (struct shape){S("refresh_complete"), false, true, false};
        return true;
    case EVENT_READ_START:
    case EVENT_APPLY_START:
        *ret_shape = (struct shape){S("apply_start"), true, e->action != ACTION_CREATE, false};
        return true;
    case EVENT_READ_DONE:
    case EVENT_APPLY_DONE:
        *ret_shape = (struct shape){S("apply_complete"), true, e->action != ACTION_DELETE, true};
        return true;
    case EVENT_APPLY_PROGRESS:
        *ret_shape = (struct shape){S("apply_progress"), true, false, true};
        return true;
    case EVENT_APPLY_ERRORED:
        *ret_shape = (struct shape){S("apply_errored"), true, false, true};
        return true;
    case EVENT_PROVISION_START:
        *ret_shape = (struct shape){S("provision_start"), false, false, false};
        return true;
    case EVENT_PROVISION_OUTPUT:
        *ret_shape = (struct shape){S("provision_progress"), false, false, false};
        return true;
    case EVENT_PROVISION_DONE:
        *ret_shape = (struct shape){S("provision_complete"), false, false, false};
        return true;
    case EVENT_PROVISION_ERRORED:
        *ret_shape = (struct shape){S("provision_errored"), false, false, false};
        return true;
    case EVENT_OPEN_START:
    case EVENT_RENEW_START:
    case EVENT_CLOSE_START:
        *ret_shape = (struct shape){S("ephemeral_op_start"), true, false, false};
        return true;
    case EVENT_OPEN_DONE:
    case EVENT_RENEW_DONE:
    case EVENT_CLOSE_DONE:
        *ret_shape = (struct shape){S("ephemeral_op_complete"), true, false, true};
        return true;
    case EVENT_OPEN_ERRORED:
    case EVENT_CLOSE_ERRORED:
        *ret_shape = (struct shape){S("ephemeral_op_errored"), true, false, true};
        return true;
    default:
        return false;
    }
}

/* What is told of an event: what is done with ephemeral resources is no action of a plan. */
static struct verbs event_verbs(const struct event *e) {
    switch (e->kind) {
    case EVENT_READ_START:
    case EVENT_READ_DONE:
        return verbs_of(ACTION_READ);
    case EVENT_RENEW_START:
    case EVENT_RENEW_DONE:
        return (struct verbs){"Renewing", "Renewal", "renew"};
    case EVENT_CLOSE_START:
    case EVENT_CLOSE_DONE:
    case EVENT_CLOSE_ERRORED:
        return (struct verbs){"Closing", "Closing", "close"};
    default:
        return verbs_of(e->action);
    }
}

static struct str message_of(struct arena *scratch, const struct event *e) {
    struct verbs v = event_verbs(e);
    struct str address = addr_instance_text(scratch, e->addr), id = S("");
    int seconds = (int)((e->elapsed_ms + 500) / 1000);
    if (e->id_value.len)
        id = str_format(scratch, " [%.*s=%.*s]", STR_ARG(e->id_key.len ? e->id_key : S("id")),
                        STR_ARG(e->id_value));
    switch (e->kind) {
    case EVENT_REFRESH_START:
        return str_format(scratch, "%.*s: Refreshing state...%.*s", STR_ARG(address), STR_ARG(id));
    case EVENT_REFRESH_DONE:
        return str_format(scratch, "%.*s: Refresh complete%.*s", STR_ARG(address), STR_ARG(id));
    case EVENT_READ_START:
    case EVENT_APPLY_START:
    case EVENT_OPEN_START:
    case EVENT_RENEW_START:
    case EVENT_CLOSE_START:
        if (e->action == ACTION_CREATE)
            id = S("");
        return str_format(scratch, "%.*s: %s...%.*s", STR_ARG(address), v.doing, STR_ARG(id));
    case EVENT_READ_DONE:
    case EVENT_APPLY_DONE:
    case EVENT_OPEN_DONE:
    case EVENT_RENEW_DONE:
    case EVENT_CLOSE_DONE:
        if (e->action == ACTION_DELETE)
            id = S("");
        return str_format(scratch, "%.*s: %s complete after %ds%.*s", STR_ARG(address), v.done,
                          seconds, STR_ARG(id));
    case EVENT_APPLY_PROGRESS:
        return str_format(scratch, "%.*s: Still %s... [%ds elapsed]", STR_ARG(address), v.doing,
                          seconds);
    case EVENT_APPLY_ERRORED:
    case EVENT_OPEN_ERRORED:
    case EVENT_CLOSE_ERRORED:
        return str_format(scratch, "%.*s: %s errored after %ds", STR_ARG(address), v.done, seconds);
    case EVENT_PROVISION_START:
        return str_format(scratch, "%.*s: Provisioning with '%.*s'...", STR_ARG(address),
                          STR_ARG(e->text));
    case EVENT_PROVISION_OUTPUT:
        return str_format(scratch, "%.*s: (%.*s): %.*s", STR_ARG(address), STR_ARG(e->provisioner),
                          STR_ARG(e->text));
    case EVENT_PROVISION_DONE:
        return str_format(scratch, "%.*s: (%.*s) Provisioning complete", STR_ARG(address),
                          STR_ARG(e->text));
    default:
        return str_format(scratch, "%.*s: (%.*s) Provisioning errored", STR_ARG(address),
                          STR_ARG(e->text));
    }
}

static void provisioner_members(struct line *l, const struct event *e) {
    bool output = e->kind == EVENT_PROVISION_OUTPUT;
    if (e->kind < EVENT_PROVISION_START || e->kind > EVENT_PROVISION_ERRORED)
        return;
    json_out_member(&l->json, S("provisioner"), e->provisioner);
    if (output)
        json_out_member(&l->json, S("output"), e->text);
}

/* An object's attributes; a secret one is not told. Nothing when there are none. */
static void object_member(struct line *l, struct str name, struct value v) {
    if (value_is_null(v) || v.kind != VALUE_OBJECT || value_type(v)->n == 0)
        return;
    const struct type *type = value_type(v);
    json_out_key(&l->json, name);
    json_out_open(&l->json, '{');
    for (uint32_t i = 0; i < type->n; i++) {
        struct value part = value_at(v, i);
        json_out_key(&l->json, intern_str(type->names[i]));
        if (value_marks_inside(part) & VALUE_SENSITIVE)
            json_out_raw(&l->json, S("null"));
        else
            json_out_known(&l->json, part);
    }
    json_out_close(&l->json, '}');
}

static void found_members(struct line *l, const struct event *e) {
    const struct plan_found *found = e->list->found;
    json_out_member(&l->json, S("display_name"), found->display_name);
    object_member(l, S("identity"), found->identity);
    json_out_key(&l->json, S("identity_version"));
    json_out_int(&l->json, e->list->identity_version);
    json_out_member(&l->json, S("resource_type"), e->addr->resource.type);
    object_member(l, S("resource_object"), found->state);
    if (found->resource.len) {
        json_out_member(&l->json, S("config"), found->resource);
        json_out_member(&l->json, S("import_config"), found->import_);
    }
}

/* What list blocks find has lines of its own form. */
static void on_list(const struct event *e) {
    static const struct {
        const char *says;
        struct str type;
    } told[] = {
        [EVENT_LIST_START] = {"Starting query...", STR("list_start")},
        [EVENT_LIST_FOUND] = {"Result found", STR("list_resource_found")},
        [EVENT_LIST_DONE] = {"List complete", STR("list_complete")},
    };
    struct arena *scratch = arena_new();
    struct str address = addr_instance_text(scratch, e->addr);
    struct line l;
    begin(&l, scratch, false,
          str_format(scratch, "%.*s: %s", STR_ARG(address), told[e->kind].says));
    json_out_key(&l.json, told[e->kind].type);
    json_out_open(&l.json, '{');
    json_out_member(&l.json, S("address"), address);
    if (e->kind == EVENT_LIST_FOUND)
        found_members(&l, e);
    else
        json_out_member(&l.json, S("resource_type"), e->addr->resource.type);
    if (e->kind == EVENT_LIST_START)
        object_member(&l, S("input_config"), e->list->config);
    if (e->kind == EVENT_LIST_DONE) {
        json_out_key(&l.json, S("total"));
        json_out_int(&l.json, (int64_t)e->list->total);
    }
    json_out_close(&l.json, '}');
    end(&l, told[e->kind].type);
    arena_free(scratch);
}

static void on_event(void *context, const struct event *e) {
    struct shape shape;
    struct line l;
    (void)context;
    if (e->list) {
        on_list(e);
        return;
    }
    if (!shape_of(e, &shape))
        return;
    struct arena *scratch = arena_new();
    begin(&l, scratch, false, message_of(scratch, e));
    json_out_key(&l.json, S("hook"));
    json_out_open(&l.json, '{');
    resource(&l, S("resource"), e->addr);
    if (shape.action)
        json_out_member(&l.json, S("action"), str_from(event_verbs(e).name));
    provisioner_members(&l, e);
    if (shape.id && e->id_value.len) {
        json_out_member(&l.json, S("id_key"), e->id_key.len ? e->id_key : S("id"));
        json_out_member(&l.json, S("id_value"), e->id_value);
    }
    if (shape.elapsed) {
        json_out_key(&l.json, S("elapsed_seconds"));
        json_out_int(&l.json, (e->elapsed_ms + 500) / 1000);
    }
    json_out_close(&l.json, '}');
    end(&l, shape.type);
    arena_free(scratch);
}

struct events event_json_progress(struct cli *cli) {
    return (struct events){on_event, cli};
}

static void drift(struct cli *cli, const struct plan *plan) {
    for (size_t i = 0; i < plan->n_drifts; i++) {
        const struct drift *d = &plan->drifts[i];
        struct line l;
        bool moved = !addr_instance_eq(&d->addr, &d->prev_addr);
        if (d->action == ACTION_NOOP && !(moved && plan->mode == PLAN_REFRESH_ONLY))
            continue;
        struct str address = addr_instance_text(cli->arena, &d->addr);
        const char *name = d->action == ACTION_NOOP ? "move" : verbs_of(d->action).name;
        begin(&l, cli->arena, false,
              str_format(cli->arena, "%.*s: Drift detected (%s)", STR_ARG(address), name));
        json_out_key(&l.json, S("change"));
        json_out_open(&l.json, '{');
        resource(&l, S("resource"), &d->addr);
        if (moved)
            resource(&l, S("previous_resource"), &d->prev_addr);
        json_out_member(&l.json, S("action"), str_from(name));
        json_out_close(&l.json, '}');
        end(&l, S("resource_drift"));
    }
}

static const char *planned_name(const struct change *c) {
    if (c->action != ACTION_NOOP)
        return verbs_of(c->action).name;
    return c->moved ? "move" : "import";
}

void event_json_changes(struct cli *cli, const struct plan *plan, bool all) {
    for (size_t i = 0; i < plan->n_changes; i++) {
        const struct change *c = plan->changes[i];
        struct line l;
        if ((c->action == ACTION_NOOP && !(all && (c->moved || c->importing))) ||
            (c->action == ACTION_DELETE && c->addr.resource.mode == MODE_DATA) ||
            c->addr.resource.mode == MODE_EPHEMERAL)
            continue;
        struct str address = addr_instance_text(cli->arena, &c->addr);
        const char *name = planned_name(c);
        begin(&l, cli->arena, false,
              str_format(cli->arena, "%.*s: Plan to %s", STR_ARG(address), name));
        json_out_key(&l.json, S("change"));
        json_out_open(&l.json, '{');
        resource(&l, S("resource"), &c->addr);
        if (c->moved)
            resource(&l, S("previous_resource"), c->prev_addr);
        json_out_member(&l.json, S("action"), str_from(name));
        struct str reason = steps_reason_name(c->reason);
        /* The stream calls the first kind of reason by its short name. */
        if (str_starts(reason, S("replace_because_")))
            reason = str_slice(reason, sizeof "replace_because_" - 1, reason.len);
        else if (str_starts(reason, S("replace_by_request")))
            reason = S("requested");
        if (reason.len)
            json_out_member(&l.json, S("reason"), reason);
        if (c->importing) {
            json_out_key(&l.json, S("importing"));
            json_out_open(&l.json, '{');
            json_out_member(&l.json, S("id"), c->import_id);
            json_out_close(&l.json, '}');
        }
        if (c->generated_config.len)
            json_out_member(&l.json, S("generated_config"), c->generated_config);
        json_out_close(&l.json, '}');
        end(&l, S("planned_change"));
    }
}

/* The last count is told only when there is something to tell. */
static void summary(struct cli *cli, struct str message, const size_t counts[5],
                    const char *operation) {
    static const char *const names[] = {"add", "change", "import", "remove", "forget"};
    struct line l;
    begin(&l, cli->arena, false, message);
    json_out_key(&l.json, S("changes"));
    json_out_open(&l.json, '{');
    for (size_t i = 0; i < COUNT(names); i++) {
        if (i == 4 && !counts[i])
            continue;
        json_out_key(&l.json, str_from(names[i]));
        json_out_int(&l.json, (int64_t)counts[i]);
    }
    json_out_member(&l.json, S("operation"), str_from(operation));
    json_out_close(&l.json, '}');
    end(&l, S("change_summary"));
}

static void planned_outputs(struct cli *cli, const struct plan *plan) {
    struct line l;
    size_t n = 0;
    for (size_t i = 0; i < plan->n_outputs; i++)
        n += plan->outputs[i].action != ACTION_NOOP;
    if (!n && !plan->n_outputs)
        return;
    begin(&l, cli->arena, false, str_format(cli->arena, "Outputs: %zu", plan->n_outputs));
    json_out_key(&l.json, S("outputs"));
    json_out_open(&l.json, '{');
    for (size_t i = 0; i < plan->n_outputs; i++) {
        const struct output_change *o = &plan->outputs[i];
        json_out_key(&l.json, o->name);
        json_out_open(&l.json, '{');
        json_out_flag(&l.json, S("sensitive"), o->sensitive);
        json_out_member(&l.json, S("action"), str_from(verbs_of(o->action).name));
        json_out_close(&l.json, '}');
    }
    json_out_close(&l.json, '}');
    end(&l, S("outputs"));
}

void event_json_plan(struct cli *cli, const struct plan *plan) {
    struct plan_counts c = steps_counts(plan);
    size_t counts[] = {c.add, c.change, c.import, c.destroy, c.forget};
    struct str import = S(""), forget = S("");
    if (c.forget)
        forget = str_format(cli->arena, ", %zu to forget", c.forget);
    if (c.import)
        import = str_format(cli->arena, "%zu to import, ", c.import);
    drift(cli, plan);
    event_json_changes(cli, plan, true);
    summary(cli,
            str_format(cli->arena, "Plan: %.*s%zu to add, %zu to change, %zu to destroy%.*s.",
                       STR_ARG(import), c.add, c.change, c.destroy, STR_ARG(forget)),
            counts, "plan");
    planned_outputs(cli, plan);
}

void event_json_applied(struct cli *cli, bool destroy, const struct apply_counts *done) {
    size_t counts[] = {done->added, done->changed, done->imported, done->destroyed, 0};
    struct arena *a = cli->arena;
    struct str import = S(""), message;
    if (done->imported)
        import = str_format(a, "%zu imported, ", done->imported);
    if (destroy)
        message = str_format(a, "Destroy complete! Resources: %zu destroyed.", done->destroyed);
    else
        message = str_format(a,
                             "Apply complete! Resources: %.*s%zu added, %zu changed, %zu "
                             "destroyed.",
                             STR_ARG(import), done->added, done->changed, done->destroyed);
    summary(cli, message, counts, destroy ? "destroy" : "apply");
}

void event_json_outputs(struct cli *cli, const struct state *state) {
    struct line l;
    struct map_entry *sorted = map_sorted(cli->arena, &state->outputs);
    begin(&l, cli->arena, false, str_format(cli->arena, "Outputs: %zu", state->outputs.n));
    json_out_key(&l.json, S("outputs"));
    json_out_open(&l.json, '{');
    for (size_t i = 0; i < state->outputs.n; i++) {
        const struct state_output *o = sorted[i].value;
        json_out_key(&l.json, o->name);
        json_out_open(&l.json, '{');
        json_out_flag(&l.json, S("sensitive"), o->sensitive);
        if (o->sensitive) {
            json_out_key(&l.json, S("type"));
            type_write_json(l.json.to, o->type);
        } else {
            state_json_output(&l.json, o->value, o->type);
        }
        l.json.comma = true;
        json_out_close(&l.json, '}');
    }
    json_out_close(&l.json, '}');
    end(&l, S("outputs"));
}

void event_json_message(struct cli *cli, struct str type, struct str code, struct str text) {
    struct line l;
    begin(&l, cli->arena, false, text);
    if (code.len)
        json_out_member(&l.json, S("message_code"), code);
    end(&l, type);
}
