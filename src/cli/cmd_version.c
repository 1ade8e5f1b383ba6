/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/lock_file.h"
#include "cli/ui.h"
#include "plugin/plugin.h"

#ifndef LOAM_VERSION
#define LOAM_VERSION "0.1.0"
#endif

struct flags {
    bool json, version;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Output the version information as a JSON object."},
    {"v", OPTION_BOOL, offsetof(struct flags, version), NULL, NULL},
    {"version", OPTION_BOOL, offsetof(struct flags, version), NULL, NULL},
};

/* Which releases the working folder is tied to; a lock file that cannot be read says nothing. */
static void write_selections(struct cli *cli, struct buf *out, bool json) {
    struct map entries = {.n = 0};
    struct diags ignored = {.arena = cli->arena};
    if (!lock_file_read(cli->arena, cli->sources, &entries, &ignored))
        entries.n = 0;
    struct map_entry *sorted = map_sorted(cli->arena, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        const struct lock_file_entry *e = sorted[i].value;
        if (!json) {
            buf_addf(out, "+ provider %.*s v%.*s\n", STR_ARG(e->source), STR_ARG(e->version));
            continue;
        }
        buf_add_c(out, i ? ",\n    " : "\n    ");
        json_write_string(out, e->source, true);
        buf_add_c(out, ": ");
        json_write_string(out, e->version, true);
    }
    if (json && entries.n)
        buf_add_c(out, "\n  ");
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    (void)rest;
    (void)n_rest;
    struct str level = ui_env(cli, "LOAM_TERRAFORM_VERSION");
    if (!level.len)
        level = S(UI_TERRAFORM_VERSION);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (flags->json) {
        buf_addf(&out,
                 "{\n  \"terraform_version\": \"%.*s\",\n  \"platform\": \"" PLUGIN_PLATFORM "\",\n"
                 "  \"provider_selections\": {",
                 STR_ARG(level));
        write_selections(cli, &out, true);
        buf_add_c(&out, "},\n  \"terraform_outdated\": false\n}\n");
    } else {
        buf_add_c(&out, UI_PRODUCT " v" LOAM_VERSION "\non " PLUGIN_PLATFORM "\n");
        write_selections(cli, &out, false);
    }
    ui_out(buf_str(&out));
    buf_clear(&out);
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
