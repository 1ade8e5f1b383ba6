/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/event_json.h"
#include "cli/operation_flags.h"
#include "cli/target_flags.h"

static const struct span nowhere = {0};

static void check_modes(struct cli *cli, const struct operation_flags *f) {
    if (f->destroy && f->refresh_only)
        diags_error(cli->diags, nowhere, "Incompatible plan mode options",
                    "The -destroy and -refresh-only options are mutually-exclusive.");
    else if (f->refresh_only && !f->refresh)
        diags_error(cli->diags, nowhere, "Incompatible refresh options",
                    "It doesn't make sense to use -refresh-only at the same time as "
                    "-refresh=false, because " UI_PRODUCT " would have nothing to do.");
}

bool operation_flags_check(struct cli *cli, struct operation_flags *flags) {
    bool both = (flags->targets.n || flags->target_files.n) &&
                (flags->excludes.n || flags->exclude_files.n);
    if (both)
        diags_error(cli->diags, nowhere, "Invalid combination of arguments",
                    "The target and exclude planning options are mutually-exclusive. Each plan "
                    "must use either only the target options or only the exclude options.");
    else if (target_flags_add_files(cli, &flags->target_files, &flags->targets) &&
             target_flags_add_files(cli, &flags->exclude_files, &flags->excludes)) {
        struct operation_addresses *to = &flags->parsed;
        target_flags_parse(cli, TARGET_FLAGS_TARGET, &flags->targets, &to->targets);
        target_flags_parse(cli, TARGET_FLAGS_EXCLUDE, &flags->excludes, &to->excludes);
        target_flags_parse(cli, TARGET_FLAGS_REPLACE, &flags->replace, &to->replaced);
    }
    check_modes(cli, flags);
    if (!diags_failed(cli->diags))
        return true;
    cli->json = flags->json;
    if (cli->json)
        event_json_version(cli);
    ui_diags(cli);
    command_help_prompt(cli);
    return false;
}
