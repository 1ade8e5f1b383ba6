/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/console_format.h"
#include "cli/console_input.h"
#include "cli/operation_flags.h"
#include "eval/eval.h"
#include "hcl/parse.h"

struct flags {
    struct operation_flags op;
    bool plan;
};

static const struct option options[] = {
    {"plan", OPTION_BOOL, offsetof(struct flags, plan), NULL,
     "Make a plan first and show the values that it foresees."},
};

static const struct flags defaults = {.op = OPERATION_DEFAULTS};

static const char help_text[] =
    "The " UI_PRODUCT " console evaluates expressions of the configuration language.\n"
    "Resources in the state (if there is one) are named just as in a configuration:\n"
    "\"aws_iam_user.foo.arn\" shows the ARN of \"aws_iam_user.foo\" if it is in your state.\n\n"
    "Type in the expression and press <enter> to see its value.\n\n"
    "To leave, type \"exit\" and press <enter>, or use Control-C or Control-D.";

/* References are checked before anything is evaluated, so that try() hides none. */
static bool check_refs(struct arena *arena, const struct scope *scope, const struct expr *expr,
                       struct diags *diags) {
    struct diags malformed = {.arena = arena};
    struct refs refs = {0};
    refs_of_expr(arena, expr, &refs, &malformed);
    for (size_t i = 0; i < refs.n; i++) {
        struct value v;
        bool used_key;
        if (refs.at[i].kind != REF_PROVIDER_FUNCTION &&
            plan_console_check(scope, &refs.at[i], diags))
            (void)scope->ops->get(scope, arena, &refs.at[i], NULL, &v, &used_key, diags);
    }
    diags_append(diags, &malformed);
    return !diags_failed(diags);
}

/* The result of type() may only stand alone. */
static bool check_type_call(struct arena *arena, const struct expr *expr, struct value v,
                            struct diags *diags) {
    if (v.kind == VALUE_TYPE || !refs_calls(arena, expr, S("type")))
        return true;
    diags_error(diags, (struct span){0}, "Invalid use of type function",
                "The console-only \"type\" function cannot be used as part of an expression.");
    return false;
}

/* false: errors are in cli->diags. */
static bool evaluate(struct cli *cli, const struct scope *scope, struct str text, struct buf *out) {
    uint32_t file = sources_add_unseen(cli->sources, S("<console-input>"), text);
    struct expr *expr = parse_expr(cli->arena, cli->sources, file, cli->diags);
    if (diags_failed(cli->diags) || !check_refs(cli->arena, scope, expr, cli->diags))
        return false;
    struct value v = eval_expr(cli->arena, scope, expr, cli->diags);
    if (diags_failed(cli->diags) || !check_type_call(cli->arena, expr, v, cli->diags))
        return false;
    console_format_value(out, v, 0);
    return true;
}

enum outcome { OUTCOME_VALUE, OUTCOME_EXIT, OUTCOME_ERROR };

static enum outcome handle(struct cli *cli, const struct scope *scope, struct str text,
                           struct buf *out) {
    buf_reset(out);
    if (text.len == 0)
        return OUTCOME_VALUE;
    if (str_eq(text, S("exit")))
        return OUTCOME_EXIT;
    if (str_eq(text, S("help"))) {
        buf_add_c(out, help_text);
        return OUTCOME_VALUE;
    }
    return evaluate(cli, scope, text, out) ? OUTCOME_VALUE : OUTCOME_ERROR;
}

static void print(struct buf *out) {
    buf_byte(out, '\n');
    ui_out(buf_str(out));
}

/* From a pipe: the last value is printed, the first error ends it. */
static int run_piped(struct cli *cli, const struct scope *scope, struct console_input *input,
                     struct buf *out) {
    struct str text;
    bool any = false;
    while (console_input_next(input, cli->arena, &text)) {
        switch (handle(cli, scope, text, out)) {
        case OUTCOME_ERROR:
            ui_diags(cli);
            return 1;
        case OUTCOME_EXIT:
            return 0;
        case OUTCOME_VALUE:
            any = true;
        }
    }
    if (any)
        print(out);
    return 0;
}

static int run_interactive(struct cli *cli, const struct scope *scope, struct console_input *input,
                           struct buf *out) {
    struct str text;
    while (console_input_next(input, cli->arena, &text)) {
        enum outcome outcome = handle(cli, scope, text, out);
        if (outcome == OUTCOME_EXIT)
            break;
        if (outcome == OUTCOME_ERROR)
            ui_diags(cli);
        else if (out->len)
            print(out);
    }
    return 0;
}

static const struct scope *open_scope(struct operation *op, struct cli *cli) {
    struct plan_options how = {
        .variables = op->variables,
        .workspace = op->session.workspace,
        .root_dir = S("."),
        .cwd = cli->start_dir,
        .planned = op->plan,
    };
    struct plan_options *kept = arena_copy(cli->arena, &how, sizeof how);
    const struct scope *scope = plan_console_scope(cli->arena, op->session.config, op->state,
                                                   &op->session.providers, kept, cli->diags);
    if (!scope)
        return NULL;
    struct scope *console = arena_copy(cli->arena, scope, sizeof *scope);
    console->console = true;
    console->sources = cli->sources;
    console->plan_time = (struct str){NULL, 0};
    return console;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    struct operation op = {0};
    struct buf out;
    (void)rest;
    if (n_rest) {
        ui_err(S("Too many command line arguments. Did you mean to use -chdir?\n"));
        return 1;
    }
    flags->op.allow_unset = flags->op.quiet_state = true;
    bool ok =
        operation_flags_check(cli, &flags->op) && operation_open(&op, cli, &flags->op, "console");
    op.events = (struct events){0}; /* results only, no progress */
    ok = ok && (!flags->plan || operation_plan(&op));
    const struct scope *scope = ok ? open_scope(&op, cli) : NULL;
    if (!scope || diags_failed(cli->diags))
        return operation_close(&op, false);
    ui_diags(cli);
    struct console_input *input = console_input_open(cli->arena);
    buf_init(&out, BUF_MAX_DOCUMENT);
    int code = console_input_is_terminal(input) ? run_interactive(cli, scope, input, &out)
                                                : run_piped(cli, scope, input, &out);
    buf_clear(&out);
    operation_close(&op, code == 0);
    return code;
}

const struct command command_console = {
    .name = "console",
    .synopsis = "[options]",
    .summary = "Try " UI_PRODUCT " expressions at an interactive command prompt",
    .help = "  Reads expressions, evaluates them in the root module with the values of the\n"
            "  current state, and prints the results. It never changes the state.\n"
            "\n"
            "  From a pipe, the result of the last expression is printed.",
    .options = options,
    .n_options = COUNT(options),
    .shared = operation_options,
    .n_shared = OPERATION_N_OPTIONS,
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run,
};
