/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "cli/session.h"

struct flags {
    bool force;
    struct variable_list variables;
};

static const struct option options[] = {
    {"force", OPTION_BOOL, offsetof(struct flags, force), NULL, "Do not ask first."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s = session_start(cli);
    struct session_state_flags none = {0};
    struct str answer;
    if (n_rest != 1)
        return command_misuse(cli, "", "Expected a single argument: LOCK_ID\n");
    if (!session_open_store(&s, &none))
        return ui_diags(cli) ? 0 : 1;
    if (s.store->ops->process_bound && !flags->force) {
        ui_err(S("Local state cannot be unlocked by another process\n"));
        return 1;
    }
    if (!flags->force &&
        (!ui_ask(cli,
                 S("Do you really want to force-unlock?\n  " UI_PRODUCT
                   " will remove the lock on the remote state.\n  This will allow local " UI_PRODUCT
                   " commands to modify this state, even though it\n  may still be in use. Only "
                   "'yes' will be accepted to confirm.\n\n  Enter a value: "),
                 &answer) ||
         !str_eq(answer, S("yes")))) {
        ui_out(S("\nforce-unlock cancelled.\n"));
        return 1;
    }
    if (!s.store->ops->force_unlock(s.store, rest[0], cli->diags)) {
        for (size_t i = 0; i < cli->diags->n; i++)
            ui_errf(cli, "Failed to unlock state: %.*s\n", STR_ARG(cli->diags->at[i].detail));
        return 1;
    }
    ui_out(S(UI_PRODUCT " state has been successfully unlocked!\n\nThe state has been unlocked, "
                        "and " UI_PRODUCT
                        " commands should now be able to\nobtain a new lock on the remote "
                        "state.\n"));
    return 0;
}

const struct command command_force_unlock = {
    .name = "force-unlock",
    .synopsis = "LOCK_ID",
    .summary = "Release a stuck lock on the current workspace",
    .help = "  Removes a lock that its holder left behind. LOCK_ID is in the message of the\n"
            "  command that could not get the lock.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};
