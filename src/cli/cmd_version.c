/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/command.h"
#include "cli/ui.h"

#ifndef LOAM_VERSION
#define LOAM_VERSION "0.1.0"
#endif

struct flags {
    bool json;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Output the version information as a JSON object."},
};

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    (void)rest;
    (void)n_rest;
    struct str level = ui_env(cli, "LOAM_TERRAFORM_VERSION");
    if (!level.len)
        level = S(UI_TERRAFORM_VERSION);
    if (flags->json) {
        ui_outf(cli,
                "{\n  \"terraform_version\": \"%.*s\",\n  \"platform\": \"linux_amd64\",\n"
                "  \"provider_selections\": {},\n  \"terraform_outdated\": false\n}\n",
                STR_ARG(level));
        return 0;
    }
    ui_out(S(UI_PRODUCT " v" LOAM_VERSION "\non linux_amd64\n"));
    return 0;
}

const struct command command_version = {
    .name = "version",
    .synopsis = "[options]",
    .summary = "Show the current " UI_PRODUCT " version",
    .help = "  Displays the version of " UI_PRODUCT " and all installed plugins",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};
