/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/event_json.h"
#include "cli/operation_flags.h"

struct flags {
    struct operation_flags op;
    bool auto_approve;
};

static const struct option options[] = {
    {"auto-approve", OPTION_BOOL, offsetof(struct flags, auto_approve), NULL,
     "Do not ask before applying."},
};

static bool wants_approval(const struct operation *op) {
    return steps_has_changes(op->plan);
}

static int no_configuration(struct cli *cli) {
    diags_error(cli->diags, (struct span){0}, "No configuration files",
                "Apply requires configuration to be present. Applying without a configuration "
                "would mark everything for destruction, which is normally not what is desired. If "
                "you would like to destroy everything, run '" UI_PROGRAM " destroy' instead.");
    ui_diags(cli);
    return 1;
}

/* Plan, show, ask, apply: the flow without a saved plan. */
static int plan_and_apply(struct cli *cli, struct flags *flags, bool destroy_command) {
    struct operation op;
    if (flags->op.json && !flags->auto_approve)
        diags_error(cli->diags, (struct span){0}, "Plan file or auto-approve required",
                    UI_PRODUCT " cannot ask for interactive approval when -json is set. You can "
                               "either apply a saved plan file, or enable the -auto-approve "
                               "option.");
    if (!operation_flags_check(cli, &flags->op))
        return 1;
    if (!config_exists(S(".")) && !flags->op.destroy)
        return no_configuration(cli);
    bool ok = operation_open(&op, cli, &flags->op, "OperationTypeApply") && operation_plan(&op);
    op.destroy_command = destroy_command;
    /* Unlike plan, an apply says nothing of a plan that failed before it had anything to show. */
    if (!op.plan || !op.plan->errored || op.plan->n_changes + op.plan->n_outputs > 0)
        operation_show_plan(&op);
    ok = ok && !diags_failed(cli->diags);
    bool asks = ok && wants_approval(&op) && !flags->auto_approve;
    /* Without a question in between, the plan's warnings are told at the end with the others. */
    if (!ok || asks)
        ui_diags(cli);
    if (!ok)
        return operation_close(&op, false);
    if (asks && !operation_approve(&op))
        return operation_close(&op, false);
    return operation_close(&op, operation_apply(&op, false));
}

/* Nobody can be asked in a stream of JSON. */
static int refuse_asking(struct cli *cli) {
    cli->json = true;
    event_json_version(cli);
    diags_error(cli->diags, (struct span){0}, "Plan file or auto-approve required",
                UI_PRODUCT " cannot ask for interactive approval when -json is set. You can either "
                           "apply a saved plan file, or enable the -auto-approve option.");
    ui_diags(cli);
    return 1;
}

static int apply_saved(struct cli *cli, struct flags *flags, struct str path) {
    struct operation op;
    if (!operation_flags_check(cli, &flags->op))
        return 1;
    bool ok = operation_open_saved(&op, cli, &flags->op, path);
    if (ok && cli->json)
        event_json_changes(cli, op.plan, false);
    return operation_close(&op, ok && operation_apply(&op, false));
}

static int run_apply(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    operation_catch_signals();
    if (n_rest > 1)
        return command_misuse(cli, "Too many command line arguments",
                              "Expected at most one positional argument.");
    if (n_rest)
        return apply_saved(cli, flags, rest[0]);
    return flags->op.json && !flags->auto_approve ? refuse_asking(cli)
                                                  : plan_and_apply(cli, flags, false);
}

/* A plan says itself what it does, so that `destroy` has no say in it. */
static int refuse_saved(struct cli *cli, struct flags *flags, struct str path) {
    struct operation op;
    if (!operation_flags_check(cli, &flags->op))
        return 1;
    if (operation_open_saved(&op, cli, &flags->op, path))
        diags_error(cli->diags, (struct span){0}, "Destroy can't be called with a plan file",
                    "If this plan was created using plan -destroy, apply it using:\n  " UI_PROGRAM
                    " apply \"%.*s\"",
                    STR_ARG(path));
    return operation_close(&op, false);
}

static int run_destroy(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    operation_catch_signals();
    if (n_rest > 1)
        return command_misuse(cli, "Too many command line arguments",
                              "Expected at most one positional argument.");
    if (flags->op.destroy || flags->op.refresh_only)
        return command_misuse(cli, "Invalid mode option",
                              flags->op.destroy
                                  ? "The -destroy option is not valid for \"" UI_PROGRAM
                                    " destroy\", because this command always runs in destroy mode."
                                  : "The -refresh-only option is not valid for \"" UI_PROGRAM
                                    " destroy\".");
    flags->op.destroy = true;
    if (n_rest)
        return refuse_saved(cli, flags, rest[0]);
    return flags->op.json && !flags->auto_approve ? refuse_asking(cli)
                                                  : plan_and_apply(cli, flags, true);
}

static int run_refresh(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    struct operation op;
    (void)rest;
    operation_catch_signals();
    if (n_rest)
        return command_misuse(cli, "Too many command line arguments",
                              "Expected at most one positional argument.");
    flags->op.destroy = flags->op.refresh_only = false;
    if (!operation_flags_check(cli, &flags->op))
        return 1;
    flags->op.refresh_only = flags->op.refresh = true;
    bool ok = operation_open(&op, cli, &flags->op, "OperationTypeRefresh") && operation_plan(&op);
    if (ok && state_is_empty(op.state))
        state_drop_husks(op.plan->prior_state);
    if (ok && state_is_empty(op.state))
        diags_warn(cli->diags, (struct span){0}, "Empty or non-existent state",
                   "There are currently no remote objects tracked in the state, so there is "
                   "nothing to refresh.");
    ok = ui_diags(cli) && ok;
    return operation_close(&op, ok && operation_apply(&op, true));
}

static const struct flags defaults = {.op = OPERATION_DEFAULTS};

const struct command command_apply = {
    .name = "apply",
    .synopsis = "[options] [PLAN]",
    .summary = "Create or update infrastructure",
    .help = "  Plans and, once you approve, makes the changes. Given a plan file, performs\n"
            "  exactly that plan and asks nothing.",
    .options = options,
    .n_options = COUNT(options),
    .shared = operation_options,
    .n_shared = OPERATION_N_OPTIONS,
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .main = true,
    .streams = true,
    .run = run_apply,
};

const struct command command_destroy = {
    .name = "destroy",
    .synopsis = "[options]",
    .summary = "Destroy previously-created infrastructure",
    .help = "  Destroys everything that this configuration manages, once you approve.\n"
            "  The same as \"" UI_PROGRAM " apply -destroy\".",
    .options = options,
    .n_options = COUNT(options),
    .shared = operation_options,
    .n_shared = OPERATION_N_OPTIONS,
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .main = true,
    .streams = true,
    .run = run_destroy,
};

const struct command command_refresh = {
    .name = "refresh",
    .synopsis = "[options]",
    .summary = "Update the state to match remote systems",
    .help = "  Reads every object and records what it finds in the state. Changes nothing\n"
            "  else; \"" UI_PROGRAM " apply -refresh-only\" does the same and asks first.",
    .options = options,
    .n_options = COUNT(options),
    .shared = operation_options,
    .n_shared = OPERATION_N_OPTIONS,
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .streams = true,
    .run = run_refresh,
};
