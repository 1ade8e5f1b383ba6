/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#define DEFAULT_HOST "app.terraform.io"

static int explain(struct cli *cli, struct str host, const char *what, const char *instead) {
    diags_error(cli->diags, (struct span){.file = 0}, what,
                UI_PRODUCT " keeps no credentials of its own: it works with local state and with "
                           "the s3, http and pg backends, whose credentials come from their usual "
                           "places, and it does not connect to HCP Terraform.\n\n%s %.*s for other "
                           "programs, %s",
                instead, STR_ARG(host), "edit the file credentials.tfrc.json in ~/.terraform.d.");
    ui_diags(cli);
    return 1;
}

static int run_login(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    (void)untyped;
    if (n_rest > 1)
        return command_misuse(cli, "Too many command line arguments",
                              "The login command expects at most one argument: the host to log in "
                              "to.");
    return explain(cli, n_rest ? rest[0] : S(DEFAULT_HOST), "Login is not supported",
                   "To store a token for");
}

static int run_logout(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    (void)untyped;
    if (n_rest > 1)
        return command_misuse(cli, "Too many command line arguments",
                              "The logout command expects at most one argument: the host to log "
                              "out of.");
    return explain(cli, n_rest ? rest[0] : S(DEFAULT_HOST), "Logout is not supported",
                   "To remove a token for");
}

const struct command command_login = {
    .name = "login",
    .synopsis = "[hostname]",
    .summary = "Explain where credentials come from",
    .help = "  There is nothing to log in to: " UI_PRODUCT " works with local state and with the "
            "s3, http\n  and pg backends.",
    .usage = USAGE_PLAIN,
    .run = run_login,
};

const struct command command_logout = {
    .name = "logout",
    .synopsis = "[hostname]",
    .summary = "Explain where credentials come from",
    .help = "  There is nothing to log out of; see \"" UI_PROGRAM " login -help\".",
    .usage = USAGE_PLAIN,
    .run = run_logout,
};
