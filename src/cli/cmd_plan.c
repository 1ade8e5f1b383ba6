/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "cli/generated.h"
#include "cli/operation_flags.h"
#include "cli/plan_view.h"
#include "cli/saved_plan.h"

struct flags {
    struct operation_flags op;
    struct str out;
    bool detailed_exitcode;
};

static const struct option options[] = {
    {"out", OPTION_STR, offsetof(struct flags, out), "=path",
     "Save the plan, so that \"apply\" can perform\nexactly it."},
    {"detailed-exitcode", OPTION_BOOL, offsetof(struct flags, detailed_exitcode), NULL,
     "Exit with 0 when there are no changes, 1 on\nerrors, 2 when there are changes."},
};

/* The file of -generate-config-out; false with an error. *ret_any: there was something to write. */
static bool write_generated(struct cli *cli, const struct plan *plan, struct str path,
                            bool *ret_any) {
    struct buf text;
    *ret_any = false;
    generated_begin(&text);
    for (size_t i = 0; i < plan->n_changes; i++) {
        const struct change *c = plan->changes[i];
        if (!c->generated_config.len)
            continue;
        *ret_any = true;
        generated_add(&text, c->import_id, c->generated_config);
    }
    return generated_write(cli, path, &text, *ret_any);
}

static void say_next(struct cli *cli, const struct flags *flags, bool generated) {
    plan_view_rule(cli);
    if (generated) {
        ui_out(S("\n"));
        generated_say(cli, flags->op.generate_config_out);
    }
    if (!flags->out.len) {
        ui_out(S("\nNote: You didn't use the -out option to save this plan, so " UI_PRODUCT
                 " can't\nguarantee to take exactly these actions if you run \"" UI_PROGRAM
                 " apply\" now.\n"));
        return;
    }
    ui_outf(cli,
            "\nSaved the plan to: %.*s\n\nTo perform exactly these actions, run the following "
            "command to apply:\n    " UI_PROGRAM " apply \"%.*s\"\n",
            STR_ARG(flags->out), STR_ARG(flags->out));
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct flags *flags = untyped;
    struct operation op;
    (void)rest;
    if (n_rest)
        return command_misuse(cli, "Too many command line arguments",
                              "To specify a working directory for the plan, use the global "
                              "-chdir flag.");
    operation_catch_signals();
    if (!operation_flags_check(cli, &flags->op))
        return 1;
    if (!config_exists(S(".")) && !flags->op.destroy) {
        diags_error(cli->diags, (struct span){0}, "No configuration files",
                    "Plan requires configuration to be present. Planning without a configuration "
                    "would mark everything for destruction, which is normally not what is desired. "
                    "If you would like to destroy everything, run plan with the -destroy option. "
                    "Otherwise, create a " UI_PRODUCT
                    " configuration file (.tf file) and try again.");
        ui_diags(cli);
        return 1;
    }
    if (!generated_check(cli, flags->op.generate_config_out))
        return 1;
    bool ok = operation_open(&op, cli, &flags->op, "OperationTypePlan") && operation_plan(&op);
    bool changes = ok && steps_has_changes(op.plan), generated = false, saved = true;
    if (op.plan && flags->op.generate_config_out.len)
        ok = write_generated(cli, op.plan, flags->op.generate_config_out, &generated) && ok;
    if (op.plan && (ok || op.plan->begun) && flags->out.len)
        saved = saved_plan_write(&op.session, op.plan, flags->out);
    if (saved)
        operation_show_plan(&op);
    ok = ok && saved;
    ok = ui_diags(cli) && ok;
    if (ok && changes && !cli->json && !ui_env(cli, "TF_IN_AUTOMATION").len)
        say_next(cli, flags, generated);
    int code = operation_close(&op, ok);
    return code == 0 && changes && flags->detailed_exitcode ? 2 : code;
}

static const struct flags defaults = {.op = OPERATION_DEFAULTS};

const struct command command_plan = {
    .name = "plan",
    .synopsis = "[options]",
    .summary = "Show changes required by the current configuration",
    .help = "  Compares the configuration with what exists and shows what an apply would\n"
            "  do. Nothing is changed.",
    .options = options,
    .n_options = COUNT(options),
    .shared = operation_options,
    .n_shared = OPERATION_N_OPTIONS,
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .main = true,
    .streams = true,
    .run = run,
};
