/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/plan_json.h"
#include "cli/plan_view.h"
#include "cli/saved_plan.h"
#include "cli/state_access.h"
#include "cli/state_json.h"
#include "cli/state_view.h"
#include "state/state_file.h"

struct flags {
    bool json, show_sensitive, state;
    struct str plan;
    struct variable_list variables;
};

static const struct option options[] = {
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL, "Print machine-readable JSON."},
    {"show-sensitive", OPTION_BOOL, offsetof(struct flags, show_sensitive), NULL,
     "Show sensitive values."},
    {"plan", OPTION_STR, offsetof(struct flags, plan), "=path", "Show this saved plan."},
    {"state", OPTION_BOOL, offsetof(struct flags, state), NULL, "Show the current state."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static int fail(struct cli *cli) {
    ui_diags(cli);
    return 1;
}

static struct str language_level(const struct cli *cli) {
    struct str level = ui_env(cli, "LOAM_TERRAFORM_VERSION");
    return level.len ? level : S(UI_TERRAFORM_VERSION);
}

static int refuse_state(struct cli *cli) {
    struct str why = diags_text(cli->arena, cli->diags);
    ui_errf(cli, "Failed to marshal state to json: %.*s\n", STR_ARG(why));
    return 1;
}

static int show_state(struct cli *cli, const struct flags *flags, struct session *s,
                      const struct state *state) {
    bool ok = true;
    if (!state && flags->json) {
        ui_out(S("{\"format_version\":\"1.0\"}\n"));
        return 0;
    }
    if (!state) {
        ui_out(S("No state.\n"));
        return 0;
    }
    if (!session_find_providers(s, state))
        return fail(cli);
    struct pool *pool = pool_new(cli->arena, &s->providers);
    if (flags->json) {
        struct buf out;
        struct json_out json = {.to = &out};
        struct str level =
            state->terraform_version.len ? state->terraform_version : language_level(cli);
        buf_init(&out, BUF_MAX_DOCUMENT);
        ok = state_json_write(&json, cli->arena, state, level, true, pool, cli->diags);
        buf_byte(&out, '\n');
        if (ok)
            ui_out(buf_str(&out));
        buf_clear(&out);
    } else {
        struct state_view view = {flags->show_sensitive};
        ok = state_view_show(cli, state, pool, &view);
    }
    pool_close(pool);
    return ok ? 0 : refuse_state(cli);
}

static int show_current(struct cli *cli, const struct flags *flags) {
    struct session s = session_start(cli);
    struct session_state_flags none = {0};
    struct state *state = NULL;
    bool configured = config_exists(S("."));
    if (configured && !config_load(cli->arena, cli->sources, S("."), s.data_dir, false, cli->diags))
        return fail(cli);
    if (diags_failed(cli->diags) || !session_open_store(&s, &none) ||
        !state_access_read(cli, s.store, &state))
        return fail(cli);
    /* Modules need not be installed to say that there is nothing. */
    if (configured && state && !session_load_config(&s))
        return fail(cli);
    return show_state(cli, flags, &s, state);
}

static int show_plan(struct cli *cli, const struct flags *flags, struct str bytes,
                     struct str path) {
    struct session s = session_start(cli);
    struct steps_file file;
    struct plan *plan = saved_plan_open(&s, bytes, path, &file);
    bool ok = true;
    if (!plan)
        return fail(cli);
    if (!flags->json) {
        struct plan_view view = {.show_sensitive = flags->show_sensitive};
        plan_view_show(cli, plan, &view);
        return 0;
    }
    struct buf out;
    struct json_out json = {.to = &out};
    struct pool *pool = pool_new(cli->arena, &s.providers);
    buf_init(&out, BUF_MAX_DOCUMENT);
    ok = plan_json_write(&json, cli->arena, plan, s.config, language_level(cli), pool, cli->diags);
    buf_byte(&out, '\n');
    if (ok)
        ui_out(buf_str(&out));
    buf_clear(&out);
    pool_close(pool);
    return ok ? 0 : fail(cli);
}

static const char neither_summary[] = "Failed to read the given file as a state or plan file";

static int unreadable(struct cli *cli, struct str path, int error) {
    struct str why = fs_error_text(cli->arena, error);
    const char *verb = error == EISDIR ? "read" : "open";
    struct str text = str_format(cli->arena, "%s %.*s: %.*s", verb, STR_ARG(path), STR_ARG(why));
    struct str state = error == EISDIR
                           ? str_format(cli->arena,
                                        "Error reading %.*s as a statefile: Failed to read state "
                                        "file: The state file could not be read: %.*s",
                                        STR_ARG(path), STR_ARG(text))
                           : str_cat(cli->arena, S("Error loading statefile: "), text);
    diags_error(cli->diags, (struct span){0}, neither_summary,
                "State read error: %.*s\n\nPlan read error: couldn't load the provided path as "
                "either a local plan file (%.*s) or a saved cloud plan (%.*s)",
                STR_ARG(state), STR_ARG(text), STR_ARG(text));
    return fail(cli);
}

static int neither(struct cli *cli, struct str path, struct str bytes, const struct diags *state) {
    struct steps_file file;
    struct str plan = S(""), text = diags_text(cli->arena, state);
    (void)steps_file_decode(cli->arena, bytes, &file, &plan);
    diags_error(
        cli->diags, (struct span){0}, neither_summary,
        "State read error: Error reading %.*s as a statefile: %.*s\n\nPlan read error: %.*s",
        STR_ARG(path), STR_ARG(text), STR_ARG(plan));
    return fail(cli);
}

static int not_a_plan(struct cli *cli, struct str why) {
    struct str text = str_format(cli->arena,
                                 "couldn't load the provided path as either a local plan file "
                                 "(%.*s) or a saved cloud plan (%.*s)",
                                 STR_ARG(why), STR_ARG(why));
    (void)diags_add(cli->diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
    return fail(cli);
}

/* The file that -plan names, which is a plan or nothing. */
static int show_named_plan(struct cli *cli, const struct flags *flags) {
    struct str bytes, plan = S("");
    struct steps_file file;
    int error = fs_read(cli->arena, flags->plan, BUF_MAX_DOCUMENT, &bytes);
    if (error)
        return not_a_plan(cli, str_format(cli->arena, "%s %.*s: %.*s",
                                          error == EISDIR ? "read" : "open", STR_ARG(flags->plan),
                                          STR_ARG(fs_error_text(cli->arena, error))));
    if (saved_plan_is(bytes))
        return show_plan(cli, flags, bytes, flags->plan);
    (void)steps_file_decode(cli->arena, bytes, &file, &plan);
    (void)diags_add(cli->diags, SEVERITY_ERROR, (struct span){0}, plan, S(""));
    return fail(cli);
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct str bytes, path = n_rest ? rest[0] : S("");
    if (flags->state && flags->plan.len)
        return command_misuse(cli, "Conflicting object types to show",
                              "The -state, -plan=FILENAME, -config, and -module=DIR options are "
                              "mutually-exclusive, to specify which kind of object to show.");
    if (n_rest && (flags->state || flags->plan.len))
        return command_misuse(cli, "Unexpected command line arguments",
                              "This command does not expect any positional arguments when using a "
                              "target-selection option.");
    if (n_rest > 1)
        return command_misuse(cli, "Too many command line arguments",
                              "Expected at most one positional argument.");
    if (flags->plan.len)
        return show_named_plan(cli, flags);
    if (!path.len)
        return show_current(cli, flags);
    int error = fs_read(cli->arena, path, BUF_MAX_DOCUMENT, &bytes);
    if (error)
        return unreadable(cli, path, error);
    if (saved_plan_is(bytes))
        return show_plan(cli, flags, bytes, path);
    struct session s = session_start(cli);
    struct state *state;
    struct diags found = {.arena = cli->arena};
    if (!state_file_read(cli->arena, bytes, path, &state, &found))
        return neither(cli, path, bytes, &found);
    return show_state(cli, flags, &s, state);
}

const struct command command_show = {
    .name = "show",
    .synopsis = "[options] [path]",
    .summary = "Show the current state or a saved plan",
    .help = "  Shows the state, or the plan or state file at the given path.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .run = run,
};
