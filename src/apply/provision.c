/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioners of a resource, in the order of the configuration. */
#include "apply/provision_int.h"

#include "apply/gostring.h"
#include "apply/subprocess.h"
#include "base/arena.h"
#include "config/config_provisioner.h"
#include "config/decode.h"
#include "provider/provisioner.h"
#include "resolve/frame.h"

static void send(struct provisioning *p, enum event_kind kind, struct str text) {
    struct event event = {
        .kind = kind,
        .addr = &p->task->change->addr,
        .action = p->task->change->action,
        .text = text,
        .provisioner = p->type,
    };
    events_send(p->task->run->options->events, &event);
}

void provision_line(void *provisioning, struct str line) {
    struct provisioning *p = provisioning;
    send(p, EVENT_PROVISION_OUTPUT, p->secret.len > 0 ? p->secret : line);
}

bool provision_fail(struct provisioning *p, struct str summary, struct str detail) {
    diags_add(p->task->diags, SEVERITY_ERROR, (struct span){0}, summary, detail);
    return false;
}

static struct str text_of(struct value config, struct str name) {
    struct value v = value_attr(config, name);
    return v.kind == VALUE_STRING ? value_str(v) : S("");
}

/* The interpreter and the command behind it. */
static struct str *make_argv(struct provisioning *p, struct str command, size_t *ret_n) {
    static const struct str shell[] = {STR("/bin/sh"), STR("-c")};
    struct value interpreter = value_attr(p->config, S("interpreter"));
    size_t n = value_is_null(interpreter) ? 0 : value_count(interpreter);
    struct str *argv = arena_array(p->task->arena, n + 3, sizeof *argv);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        struct value part = value_at(interpreter, i);
        if (part.kind == VALUE_STRING)
            argv[used++] = value_str(part);
    }
    for (size_t i = 0; n == 0 && i < COUNT(shell); i++)
        argv[used++] = shell[i];
    argv[used++] = command;
    *ret_n = used;
    return argv;
}

static struct str *make_environment(struct provisioning *p, size_t *ret_n) {
    struct value environment = value_attr(p->config, S("environment"));
    size_t n = value_is_null(environment) ? 0 : value_count(environment);
    struct str *all = arena_array(p->task->arena, n, sizeof *all);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        struct value v = value_at(environment, i);
        if (v.kind == VALUE_STRING)
            all[used++] = str_format(p->task->arena, "%.*s=%.*s",
                                     STR_ARG(value_key(environment, i)), STR_ARG(value_str(v)));
    }
    *ret_n = used;
    return all;
}

static void announce(struct provisioning *p, const struct str *argv, size_t n) {
    struct value quiet = value_attr(p->config, S("quiet"));
    if (quiet.kind == VALUE_BOOL && quiet.boolean) {
        provision_line(p, S("local-exec: Executing: Suppressed by quiet=true"));
        return;
    }
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add(&out, S("Executing: ["));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_byte(&out, ' ');
        gostring_quote(&out, argv[i]);
    }
    buf_byte(&out, ']');
    provision_line(p, buf_take(&out, p->task->arena));
}

static bool local_exec(struct provisioning *p) {
    struct str command = text_of(p->config, S("command"));
    if (command.len == 0)
        return provision_fail(p, S("Invalid local-exec provisioner command"),
                              S("The command must be a non-empty string."));
    struct subprocess what = {
        .dir = text_of(p->config, S("working_dir")),
        .line = provision_line,
        .context = p,
        .abort_now = p->task->run->options->abort_now,
    };
    what.argv = make_argv(p, command, &what.n_argv);
    what.environment = make_environment(p, &what.n_environment);
    announce(p, what.argv, what.n_argv);
    struct str tail = {0}, error = {0};
    if (subprocess_run(p->task->arena, &what, &tail, &error))
        return true;
    return provision_fail(p, S("local-exec provisioner error"),
                          str_format(p->task->arena,
                                     "Error running command '%.*s': %.*s. Output: %.*s",
                                     STR_ARG(command), STR_ARG(error), STR_ARG(tail)));
}

static bool run_kind(struct provisioning *p) {
    if (str_eq(p->type, S("local-exec")))
        return local_exec(p);
    return str_eq(p->type, S("file")) ? ssh_copy_file(p) : ssh_remote_exec(p);
}

/* The connection of the resource with that of the provisioner over it. */
static bool eval_connection(struct task *task, const struct frame *frame,
                            const struct config_provisioner *config, struct value *ret_value) {
    const struct schema_block *block = provisioner_connection_schema(task->arena);
    const struct body *body =
        config_provisioner_connection(task->arena, task->change->config, config);
    *ret_value = value_null(schema_type(block));
    if (!body)
        return true;
    struct value v;
    if (!decode_block(task->arena, &frame->scope, body, block, &v, task->diags))
        return false;
    *ret_value = value_unmark_deep(task->arena, v);
    return true;
}

/* Errors get the place of the provisioner's block. */
static void place_errors(struct task *task, const struct config_provisioner *config, size_t from) {
    for (size_t i = from; i < task->diags->n; i++) {
        struct diag *diag = &task->diags->at[i];
        if (diag->subject.file == 0)
            diag->subject = config->config->missing_item;
        if (diag->address.len == 0)
            diag->address = task->address;
    }
}

/* What is shown instead of each line; empty: the line itself. */
static struct str secrecy_text(unsigned marks) {
    if ((marks & VALUE_SENSITIVE) && (marks & VALUE_EPHEMERAL))
        return S("(output suppressed due to sensitive, ephemeral value in config)");
    if (marks & VALUE_SENSITIVE)
        return S("(output suppressed due to sensitive value in config)");
    if (marks & VALUE_EPHEMERAL)
        return S("(output suppressed due to ephemeral value in config)");
    return S("");
}

static bool run_one(struct task *task, const struct frame *frame,
                    const struct config_provisioner *config) {
    const struct schema_block *block = provisioner_schema(task->arena, config->type);
    struct provisioning p = {.task = task, .type = config->type};
    size_t from = task->diags->n;
    if (!block) {
        diags_error(task->diags, config->span, "Unsupported provisioner type",
                    "There is no provisioner \"%.*s\".", STR_ARG(config->type));
        return false;
    }
    if (!decode_block(task->arena, &frame->scope, config->config, block, &p.config, task->diags) ||
        !eval_connection(task, frame, config, &p.connection))
        return false;
    send(&p, EVENT_PROVISION_START, config->type);
    p.secret = secrecy_text(value_marks_inside(p.config));
    p.config = value_unmark_deep(task->arena, p.config);
    bool done = run_kind(&p);
    send(&p, done ? EVENT_PROVISION_DONE : EVENT_PROVISION_ERRORED, config->type);
    place_errors(task, config, from);
    if (done || config->on_failure == FAILURE_FAIL)
        return done;
    diags_truncate(task->diags, from);
    return true;
}

static bool run_list(struct task *task, const struct frame *frame,
                     const struct config_provisioner *list, size_t n, bool when_destroy) {
    for (size_t i = 0; i < n; i++)
        if (list[i].when_destroy == when_destroy && !run_one(task, frame, &list[i]))
            return false;
    return true;
}

/* The `removed` block that took the resource out of the configuration, if it has provisioners. */
static const struct config_removed *find_removed(struct task *task) {
    const struct config_module *module = task->run->config->root;
    for (size_t i = 0; i < module->n_removed; i++)
        if (addr_target_contains(&module->removed[i].from, &task->change->addr))
            return &module->removed[i];
    return NULL;
}

bool provision_is_wanted(const struct task *task) {
    const struct config_resource *config = task->change->config;
    for (size_t i = 0; config && i < config->n_provisioners; i++)
        if (!config->provisioners[i].when_destroy)
            return true;
    return false;
}

bool provision_run(struct task *task, struct value self, bool when_destroy) {
    const struct config_resource *config = task->change->config;
    const struct config_removed *removed = !config && when_destroy ? find_removed(task) : NULL;
    const struct config_provisioner *list = config    ? config->provisioners
                                            : removed ? removed->provisioners
                                                      : NULL;
    size_t n = config ? config->n_provisioners : removed ? removed->n_provisioners : 0;
    if (n == 0)
        return true;
    struct frame *frame = arena_alloc(task->arena, sizeof *frame);
    if (when_destroy) {
        frame_destroy(frame, task->run->resolve, task->change->addr.key, self);
    } else if (frame_at(frame, task->run->resolve, &task->change->addr, task->diags)) {
        frame->has_self = true;
        frame->self = self;
    } else {
        return apply_not_configured(task);
    }
    return run_list(task, frame, list, n, when_destroy);
}
