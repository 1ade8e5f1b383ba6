/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/operation.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/console_format.h"
#include "cli/diff_render.h"
#include "cli/event_json.h"
#include "cli/lost_write.h"
#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/saved_plan.h"

/* State is written at least this often during an apply; the journal holds what is newer. */
#define CHECKPOINT_MS 20000

static const struct span nowhere = {0};

const struct option operation_options[OPERATION_N_OPTIONS] = {
    {"destroy", OPTION_BOOL, offsetof(struct operation_flags, destroy), NULL,
     "Plan to destroy all objects that this\nconfiguration manages."},
    {"refresh-only", OPTION_BOOL, offsetof(struct operation_flags, refresh_only), NULL,
     "Only check whether remote objects still match\nthe last apply; propose no actions."},
    {"refresh", OPTION_BOOL, offsetof(struct operation_flags, refresh), "=false",
     "Skip checking for changes made outside."},
    {"replace", OPTION_LIST, offsetof(struct operation_flags, replace), "=resource",
     "Force replacement of one resource instance.\nMay be used several times."},
    {"target", OPTION_LIST, offsetof(struct operation_flags, targets), "=resource",
     "Only the given module, resource or instance and\nwhat it depends on. May be used several "
     "times."},
    {"exclude", OPTION_LIST, offsetof(struct operation_flags, excludes), "=resource",
     "Everything but the given module, resource or\ninstance and what depends on it."},
    {"target-file", OPTION_LIST, offsetof(struct operation_flags, target_files), "=file",
     "Addresses for -target, one a line."},
    {"exclude-file", OPTION_LIST, offsetof(struct operation_flags, exclude_files), "=file",
     "Addresses for -exclude, one a line."},
    {"var", OPTION_VAR, offsetof(struct operation_flags, variables), " 'foo=bar'",
     "Set a variable of the root module. May be used\nseveral times."},
    {"var-file", OPTION_VAR_FILE, offsetof(struct operation_flags, variables), "=filename",
     "Load values of variables from a file."},
    {"compact-warnings", OPTION_BOOL, offsetof(struct operation_flags, compact_warnings), NULL,
     "Show warnings by their summaries only."},
    {"concise", OPTION_BOOL, offsetof(struct operation_flags, concise), NULL,
     "Leave out the progress of refreshing."},
    {"deprecation", OPTION_STR, offsetof(struct operation_flags, deprecation), "=module:m",
     "Which deprecated variables and outputs to warn\nof: module:all, module:local, module:none."},
    {"suppress-forget-errors", OPTION_BOOL,
     offsetof(struct operation_flags, suppress_forget_errors), NULL,
     "A destroy that leaves objects behind as their\nlifecycle asks is no error."},
    {"show-sensitive", OPTION_BOOL, offsetof(struct operation_flags, show_sensitive), NULL,
     "Show sensitive values."},
    {"input", OPTION_BOOL, offsetof(struct operation_flags, input), "=false",
     "Never ask for missing values."},
    {"json", OPTION_BOOL, offsetof(struct operation_flags, json), NULL,
     "Write events as JSON, one a line."},
    {"lock", OPTION_BOOL, offsetof(struct operation_flags, state.lock), "=false",
     "Do not hold a state lock. Dangerous if others\nmay run at the same time."},
    {"lock-timeout", OPTION_DURATION, offsetof(struct operation_flags, state.lock_timeout_ms),
     "=0s", "How long to wait for a state lock."},
    {"parallelism", OPTION_INT, offsetof(struct operation_flags, parallelism), "=n",
     "How many operations run at the same time.\nDefaults to 10."},
    {"state", OPTION_STR, offsetof(struct operation_flags, state.state), "=path",
     "State file of the local backend."},
    {"state-out", OPTION_STR, offsetof(struct operation_flags, state.state_out), "=path", NULL},
    {"backup", OPTION_STR, offsetof(struct operation_flags, state.backup), "=path", NULL},
    {"generate-config-out", OPTION_STR, offsetof(struct operation_flags, generate_config_out),
     "=path", "Write configuration for imported objects that\nhave none to a new file."},
};

static _Atomic bool cancelled, aborted;

static void on_signal(int number) {
    static const char first[] = "\nInterrupt received.\nPlease wait for " UI_PRODUCT
                                " to exit or data loss may occur.\nGracefully shutting down...\n\n";
    static const char second[] =
        "\nTwo interrupts received. Exiting immediately. Note that data loss may have occurred.\n";
    (void)number;
    if (cancelled) {
        aborted = true;
        (void)!write(STDERR_FILENO, second, sizeof second - 1);
    } else {
        (void)!write(STDOUT_FILENO, first, sizeof first - 1);
    }
    cancelled = true;
}

void operation_catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

const _Atomic bool *operation_cancelled(void) {
    return &cancelled;
}

const _Atomic bool *operation_aborted(void) {
    return &aborted;
}

static bool check_parallelism(struct operation *op) {
    struct operation_flags *f = op->flags;
    if (f->parallelism < 0) {
        diags_error(op->session.cli->diags, nowhere, "Invalid parallelism value",
                    "The parallelism must be a positive value. Not %lld.",
                    (long long)f->parallelism);
        return false;
    }
    if (!f->parallelism)
        f->parallelism = OPERATION_PARALLELISM;
    return true;
}

static void start(struct operation *op, struct cli *cli, struct operation_flags *flags) {
    *op = (struct operation){.flags = flags};
    op->session = session_start(cli);
    if (flags->config_dir.len)
        op->session.config_dir = flags->config_dir;
    op->session.queries = flags->query != NULL;
    cli->compact_warnings = flags->compact_warnings;
    cli->json = flags->json;
    cli->concise = flags->concise;
    op->status = flags->json ? NULL : status_line_new(cli);
    op->events = flags->json ? event_json_progress(cli) : progress_text(cli, op->status);
    if (flags->json)
        event_json_version(cli);
}

/* The deprecated flag names a file of the local backend. Told at once, before the plan. */
static void warn_state_flag(struct operation *op) {
    struct cli *cli = op->session.cli;
    struct diags *others = cli->diags;
    if (!op->flags->state.state.len || op->flags->quiet_state)
        return;
    cli->diags = diags_new(cli->arena);
    diags_warn(cli->diags, nowhere, "Deprecated flag: -state",
               "Use `path` attribute within the `local` backend instead:\nhttps://"
               "developer.hashicorp.com/terraform/language/v1.10.x/settings/backends/local#path");
    ui_diags(cli);
    cli->diags = others;
}

bool operation_open(struct operation *op, struct cli *cli, struct operation_flags *flags,
                    const char *name) {
    start(op, cli, flags);
    if (!session_load_config(&op->session) || !check_parallelism(op))
        return false;
    if (!session_open_store(&op->session, &flags->state) ||
        !session_lock(&op->session, &flags->state, name))
        return false;
    op->state = session_read_state(&op->session);
    if (!op->state)
        return false;
    warn_state_flag(op);
    bool input = true;
    bool set = args_parse_bool(ui_env(cli, "TF_INPUT"), &input);
    enum session_missing missing = flags->allow_unset ? MISSING_UNKNOWN
                                   : flags->input && !flags->json && (input || !set)
                                       ? MISSING_ASK
                                       : MISSING_ERROR;
    return session_variables(&op->session, &flags->variables, missing, &op->variables) &&
           session_find_providers(&op->session, op->state);
}

/* A plan only says which ephemeral variables were given, so they must be given again. */
static bool check_ephemeral(const struct operation *op) {
    struct diags *diags = op->session.cli->diags;
    const struct map *given = &op->plan->variables;
    for (size_t i = 0; i < given->n; i++) {
        const struct value *v = given->entries[i].value;
        struct str name = given->entries[i].key;
        if ((value_marks(*v) & VALUE_EPHEMERAL) && !map_get(&op->variables, name))
            diags_error(diags, nowhere, "No value for required variable",
                        "The ephemeral input variable \"%.*s\" was set during the plan phase, and "
                        "so must also be set during the apply phase.",
                        STR_ARG(name));
    }
    return !diags_failed(diags);
}

/* What was decided for one workspace must not happen in another, even if that one is empty, too. */
static bool check_workspace(const struct operation *op) {
    struct str made = op->plan->workspace, current = op->session.workspace;
    if (!made.len || str_eq(made, current))
        return true;
    diags_error(op->session.cli->diags, nowhere, "Saved plan is for another workspace",
                "The plan was made in the workspace \"%.*s\", and the current one is \"%.*s\". "
                "Select the workspace with \"" UI_PROGRAM " workspace select %.*s\", or make a new "
                "plan.",
                STR_ARG(made), STR_ARG(current), STR_ARG(made));
    return false;
}

bool operation_open_saved(struct operation *op, struct cli *cli, struct operation_flags *flags,
                          struct str path) {
    struct str bytes;
    struct steps_file file;
    start(op, cli, flags);
    int error = fs_read(cli->arena, path, BUF_MAX_DOCUMENT, &bytes);
    if (error) {
        struct str why = fs_error_text(cli->arena, error);
        struct str detail =
            error == EISDIR
                ? S("The specified path is a directory, not a plan file. You can use the global "
                    "-chdir flag to use this directory as the configuration root.")
                : str_format(cli->arena, "Error: stat %.*s: %.*s", STR_ARG(path), STR_ARG(why));
        saved_plan_error(&op->session, path, detail);
        return false;
    }
    op->plan = saved_plan_open(&op->session, bytes, path, &file);
    if (op->plan && op->plan->errored) {
        diags_error(cli->diags, nowhere, "Cannot apply incomplete plan",
                    UI_PRODUCT " encountered an error when generating this plan, so it cannot be "
                               "applied.");
        return false;
    }
    if (!op->plan || !session_open_store(&op->session, &flags->state) ||
        !session_lock(&op->session, &flags->state, "OperationTypeApply"))
        return false;
    op->state = session_read_state(&op->session);
    return op->state && steps_file_check(&file, op->state, cli->diags) && check_workspace(op) &&
           session_variables(&op->session, &flags->variables, MISSING_UNKNOWN, &op->variables) &&
           check_ephemeral(op);
}

void operation_warn_targets(struct diags *diags, bool excludes) {
    diags_warn(diags, nowhere, "Resource targeting is in effect",
               "You are creating a plan with %s, which means that the result of this plan may not "
               "represent all of the changes requested by the current configuration.\n\n%s, and "
               "%s provided only for exceptional situations such as recovering from errors or "
               "mistakes, or when " UI_PRODUCT
               " specifically suggests to use it as part of an error message.",
               excludes ? "either the -target option or the -exclude option" : "the -target option",
               excludes ? "The -target and -exclude options are not for routine use"
                        : "The -target option is not for routine use",
               excludes ? "are" : "is");
}

/* Creations whose outcome a killed apply did not learn. */
static struct plan_adopt *adopts(struct operation *op, size_t *ret_n) {
    const struct journal_recovery *r = &op->session.recovery;
    struct arena *arena = op->session.cli->arena;
    struct plan_adopt *list = arena_array(arena, r->n_pending, sizeof *list);
    struct diags *ignored = diags_new(arena);
    size_t n = 0;
    for (size_t i = 0; i < r->n_pending; i++)
        if (str_eq(r->pending[i].action, S("create")) && r->pending[i].planned &&
            addr_parse_instance(arena, r->pending[i].address, &list[n].addr, ignored))
            list[n++].planned = r->pending[i].planned;
    *ret_n = n;
    return list;
}

static void drop_deprecations(struct diags *diags) {
    size_t kept = 0;
    for (size_t i = 0; i < diags->n; i++) {
        struct str summary = diags->at[i].summary;
        if (!str_eq(summary, S("Value derived from a deprecated source")) &&
            !str_eq(summary, S("Variable marked as deprecated by the module author")))
            diags->at[kept++] = diags->at[i];
    }
    diags->n = kept;
}

/* Objects that a plan reads anew. */
static size_t count_managed(const struct state *state) {
    size_t n = 0;
    for (size_t i = 0; i < state->resources.n; i++) {
        const struct state_resource *r = state->resources.entries[i].value;
        n += r->addr.mode == MODE_MANAGED ? r->n_instances : 0;
    }
    return n;
}

static size_t count_operations(const struct plan *plan) {
    size_t n = 0;
    for (size_t i = 0; i < plan->n_nodes; i++) {
        unsigned kind = (unsigned)plan->nodes[i].kind;
        n += kind == STEP_DESTROY || kind == STEP_READ || kind == STEP_CREATE_UPDATE;
    }
    return n;
}

bool operation_plan(struct operation *op) {
    struct cli *cli = op->session.cli;
    struct operation_flags *f = op->flags;
    if (f->replace.n && (f->destroy || f->refresh_only)) {
        diags_error(cli->diags, nowhere, "Unsupported plan mode",
                    "Forcing resource instance replacement (with -replace=...) is allowed only in "
                    "normal planning mode.");
        return false;
    }
    struct plan_options options = {
        .mode = f->destroy        ? PLAN_DESTROY
                : f->refresh_only ? PLAN_REFRESH_ONLY
                                  : PLAN_NORMAL,
        .refresh = f->refresh,
        .parallelism = (uint32_t)f->parallelism,
        .targets = f->parsed.targets,
        .n_targets = f->targets.n,
        .excludes = f->parsed.excludes,
        .n_excludes = f->excludes.n,
        .force_replace = f->parsed.replaced,
        .n_force_replace = f->replace.n,
        .generate_config_out = f->generate_config_out,
        .variables = op->variables,
        .workspace = op->session.workspace,
        .root_dir = S("."),
        .cwd = cli->start_dir,
        .cancel = operation_cancelled(),
        .events = &op->events,
        .query = f->query,
    };
    options.adopts = adopts(op, &options.n_adopts);
    if (!op->quiet_targets && (f->targets.n || f->excludes.n))
        operation_warn_targets(cli->diags, f->excludes.n > 0);
    status_line_begin(op->status, "Refreshing", f->refresh ? count_managed(op->state) : 0);
    op->plan = plan_make(cli->arena, op->session.config, op->state, &op->session.providers,
                         &options, cli->diags);
    status_line_end(op->status);
    if (str_ends(f->deprecation, S(":none")))
        drop_deprecations(cli->diags);
    op->plan->workspace = op->session.workspace;
    op->plan->backend_type = S("local");
    return !diags_failed(cli->diags);
}

void operation_show_plan(struct operation *op) {
    struct cli *cli = op->session.cli;
    struct plan_view view = {.show_sensitive = op->flags->show_sensitive,
                             .in_automation = ui_env(cli, "TF_IN_AUTOMATION").len > 0};
    if (!op->plan)
        return;
    if (cli->json && op->plan->errored && !op->plan->begun)
        return;
    if (cli->json)
        event_json_plan(cli, op->plan);
    else
        plan_view_show(cli, op->plan, &view);
}

bool operation_approve(struct operation *op) {
    struct cli *cli = op->session.cli;
    struct str answer, in = S("");
    struct arena *a = cli->arena;
    if (!str_eq(op->session.workspace, S("default")))
        in = str_format(a, " in workspace \"%.*s\"", STR_ARG(op->session.workspace));
    struct str question, note;
    if (op->plan->mode == PLAN_DESTROY) {
        question = str_format(a, "Do you really want to destroy all resources%.*s?", STR_ARG(in));
        note = S("  " UI_PRODUCT " will destroy all your managed infrastructure, as shown above.\n"
                 "  There is no undo. Only 'yes' will be accepted to confirm.");
    } else if (op->plan->mode == PLAN_REFRESH_ONLY) {
        question = str_format(a, "Would you like to update the " UI_PRODUCT
                                 " state to reflect these detected changes?");
        note =
            S("  " UI_PRODUCT " will write these changes to the state without modifying any real "
              "infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.");
    } else {
        question = str_format(a, "Do you want to perform these actions%.*s?", STR_ARG(in));
        note = S("  " UI_PRODUCT " will perform the actions described above.\n"
                 "  Only 'yes' will be accepted to approve.");
    }
    struct str prompt = str_format(a, "\n%s%.*s%s\n%.*s\n\n  %sEnter a value:%s ",
                                   ui_code(cli, UI_BOLD), STR_ARG(question), ui_code(cli, UI_RESET),
                                   STR_ARG(note), ui_code(cli, UI_BOLD), ui_code(cli, UI_RESET));
    bool answered = ui_ask(cli, prompt, &answer);
    bool yes = answered && str_eq(answer, S("yes"));
    ui_out(S("\n"));
    if (!answered) {
        diags_error(cli->diags, nowhere, "error asking for approval: EOF", NULL);
        return false;
    }
    if (!yes)
        ui_out(op->plan->mode == PLAN_DESTROY ? S("Destroy cancelled.\n")
                                              : S("Apply cancelled.\n"));
    return yes;
}

struct checkpoint {
    struct operation *op;
    int64_t last_ms;
};

static void checkpoint(void *context, const struct state *state) {
    struct checkpoint *c = context;
    int64_t now = clock_monotonic_ms();
    if (now - c->last_ms < CHECKPOINT_MS)
        return;
    c->last_ms = now;
    struct state copy = *state;
    (void)session_write_state(&c->op->session, c->op->state, &copy);
}

static void print_outputs(struct cli *cli, const struct state *state, bool all) {
    if (!state->outputs.n)
        return;
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_addf(&out, "%s%s\nOutputs:\n\n%s", ui_code(cli, UI_BOLD), ui_code(cli, UI_GREEN),
             ui_code(cli, UI_RESET));
    struct map_entry *sorted = map_sorted(cli->arena, &state->outputs);
    for (size_t i = 0; i < state->outputs.n; i++) {
        const struct state_output *o = sorted[i].value;
        buf_addf(&out, "%.*s = ", STR_ARG(o->name));
        if (o->sensitive && !all)
            buf_add_c(&out, "<sensitive>");
        else
            console_format_value(&out, o->value, 0);
        buf_byte(&out, '\n');
    }
    ui_out(buf_str(&out));
    buf_clear(&out);
}

static void print_counts(const struct operation *op, const struct apply_counts *counts) {
    struct cli *cli = op->session.cli;
    const char *bold = ui_code(cli, UI_BOLD), *green = ui_code(cli, UI_GREEN);
    const char *reset = ui_code(cli, UI_RESET);
    if (op->destroy_command) {
        ui_outf(cli, "%s%s\nDestroy complete! Resources: %zu destroyed.\n%s", bold, green,
                counts->destroyed, reset);
        return;
    }
    ui_outf(cli, "%s%s\nApply complete! Resources: ", bold, green);
    if (counts->imported)
        ui_outf(cli, "%zu imported, ", counts->imported);
    ui_outf(cli, "%zu added, %zu changed, %zu destroyed", counts->added, counts->changed,
            counts->destroyed);
    if (counts->forgotten && steps_counts(op->plan).forget)
        ui_outf(cli, ", %zu forgotten", counts->forgotten);
    ui_outf(cli, ".%s\n", reset);
}

/* An object that exists already can be taken over: the block to write, filled in. */
static void hint_imports(struct cli *cli) {
    for (size_t i = 0; i < cli->diags->n; i++) {
        struct diag *d = &cli->diags->at[i];
        if (!d->import_id.len || !d->address.len)
            continue;
        d->detail = str_format(cli->arena,
                               "%.*s%sThe object exists already. To manage it with this "
                               "configuration, add this block and apply again:\n\n  import {\n    "
                               "to = %.*s\n    id = \"%.*s\"\n  }",
                               STR_ARG(d->detail), d->detail.len ? "\n\n" : "", STR_ARG(d->address),
                               STR_ARG(d->import_id));
    }
}

/* The apply asks the checks again, so that what they said of the plan need not be shown. */
static void drop_check_warnings(struct diags *diags) {
    size_t kept = 0;
    for (size_t i = 0; i < diags->n; i++)
        if (diags->at[i].kind != DIAG_CHECK || diags->at[i].severity != SEVERITY_WARNING)
            diags->at[kept++] = diags->at[i];
    diags->n = kept;
}

/* A destroy that leaves objects behind, as their lifecycle asks, is not what it seems. */
static bool check_forgotten(const struct operation *op) {
    if (op->flags->suppress_forget_errors)
        return true;
    diags_error(op->session.cli->diags, nowhere,
                "Destroy was successful but left behind forgotten instances",
                "As requested, " UI_PRODUCT
                " has not deleted some remote objects that are no longer managed by this "
                "configuration. Those objects continue to exist in their remote system and so may "
                "continue to incur charges. Refer to the original plan for more information.\nTo "
                "suppress this error for the future 'destroy' runs, you can add the CLI flag "
                "\"-suppress-forget-errors\".");
    return false;
}

bool operation_apply(struct operation *op, bool quiet) {
    struct cli *cli = op->session.cli;
    struct apply_counts counts = {0};
    struct checkpoint progress = {op, clock_monotonic_ms()};
    struct apply_options options = {
        .parallelism = (uint32_t)op->flags->parallelism,
        .variables = op->variables,
        .root_dir = S("."),
        .cwd = cli->start_dir,
        .workspace = op->session.workspace,
        .cancel = operation_cancelled(),
        .abort_now = operation_aborted(),
        .events = &op->events,
        .checkpoint = checkpoint,
        .checkpoint_context = &progress,
        .refresh_only = quiet,
    };
    options.journal = session_journal(&op->session, op->state);
    if (!options.journal) {
        ui_diags(cli);
        return false;
    }
    drop_check_warnings(cli->diags);
    status_line_begin(op->status, "Applying", count_operations(op->plan));
    struct state *after = apply_run(cli->arena, op->session.config, op->plan,
                                    &op->session.providers, &options, &counts, cli->diags);
    status_line_end(op->status);
    bool ok = !diags_failed(cli->diags);
    if (!after->lineage.len) {
        after->lineage = op->state->lineage; /* as the journal has it */
        op->session.must_write = true;       /* a first state, even if there is nothing in it */
    }
    bool written = session_write_state(&op->session, op->state, after);
    if (!written)
        lost_write_explain(cli, after, journal_is_sound(options.journal));
    journal_close(options.journal, written);
    ok = written && ok;
    hint_imports(cli);
    if (ok && op->plan->mode == PLAN_DESTROY && counts.forgotten)
        ok = check_forgotten(op);
    /* An apply that leaves its lock behind is not complete. */
    session_unlock(&op->session);
    ok = ui_diags(cli) && ok;
    if (!ok)
        return false;
    if (cli->json) {
        if (!quiet)
            event_json_applied(cli, op->destroy_command, &counts);
        if (!op->destroy_command)
            event_json_outputs(cli, after);
        return true;
    }
    if (!quiet)
        print_counts(op, &counts);
    if (!op->destroy_command)
        print_outputs(cli, after, op->flags->show_sensitive);
    return true;
}

int operation_close(struct operation *op, bool ok) {
    session_unlock(&op->session);
    ok = ui_diags(op->session.cli) && ok;
    return ok ? 0 : 1;
}
