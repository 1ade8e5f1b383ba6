/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/install.h"

struct flags {
    bool update;
    struct str test_directory;
    struct variable_list variables;
};

static const struct option options[] = {
    {"update", OPTION_BOOL, offsetof(struct flags, update), NULL,
     "Look for newer versions of what is installed."},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), "=path",
     "Where test files are, \"tests\" by default."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    (void)rest;
    if (n_rest) {
        ui_err(S("Too many command line arguments. Did you mean to use -chdir?\n"));
        return 1;
    }
    struct session s = session_start(cli);
    session_check_test_directory(&s, flags->test_directory);
    struct install_options how = {.upgrade = flags->update, .always = true};
    bool ok = install_modules(&s, &how);
    return ui_diags(cli) && ok ? 0 : 1;
}

const struct command command_get = {
    .name = "get",
    .synopsis = "[options]",
    .summary = "Install or upgrade remote " UI_PRODUCT " modules",
    .help = "  Installs the modules that the configuration calls, as \"init\" does too.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};
