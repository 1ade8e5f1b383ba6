/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/backend_ask.h"
#include "cli/session.h"
#include "cli/state_access.h"
#include "state/state_file.h"

struct flags {
    struct session_state_flags state;
    bool force, or_create;
    struct variable_list variables;
};

static const struct option options[] = {
    {"force", OPTION_BOOL, offsetof(struct flags, force), NULL,
     "Delete a workspace even if its state still has\nresources; they are forgotten."},
    {"or-create", OPTION_BOOL, offsetof(struct flags, or_create), "=false",
     "Make the workspace if there is none."},
    {"lock", OPTION_BOOL, offsetof(struct flags, state.lock), "=false",
     "Do not hold a state lock."},
    {"lock-timeout", OPTION_DURATION, offsetof(struct flags, state.lock_timeout_ms), "=0s",
     "How long to wait for a state lock."},
    {"state", OPTION_STR, offsetof(struct flags, state.state), "=path",
     "Copy this state file into the new workspace."},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct flags defaults = {.state = {.lock = true}};

static int fail(struct cli *cli) {
    ui_diags(cli);
    return 1;
}

static bool open_list(struct session *s, struct cli *cli, struct str **ret_names, size_t *ret_n) {
    struct session_state_flags none = {0};
    *s = session_start(cli);
    return session_open_store(s, &none) &&
           s->store->ops->workspaces(s->store, cli->arena, ret_names, ret_n, cli->diags);
}

static bool is_in(struct str name, const struct str *names, size_t n) {
    return str_eq(name, S("default")) || str_is_in(name, names, n);
}

static bool overridden(struct cli *cli, struct str new_name) {
    struct str name = ui_env(cli, "TF_WORKSPACE");
    if (!name.len || str_eq(name, new_name))
        return false;
    if (new_name.len)
        ui_err(S("\nThe workspace is currently overridden using the TF_WORKSPACE\nenvironment "
                 "variable. You cannot create a new workspace when using\nthis setting.\n\nTo "
                 "create a new workspace, either unset this environment variable or\nupdate it to "
                 "match the workspace name you are trying to create, and\nthen run this command "
                 "again.\n"));
    else
        ui_err(S(
            "\nThe selected workspace is currently overridden using the TF_WORKSPACE\nenvironment "
            "variable.\n\nTo select a new workspace, either update this environment variable or "
            "unset\nit and then run this command again.\n"));
    return true;
}

/* A store for another workspace of the same backend. */
static bool open_other(struct session *s, struct str name, struct session *ret_other) {
    struct session_state_flags none = {0};
    *ret_other = *s;
    ret_other->workspace = name;
    ret_other->store = NULL;
    return session_open_store(ret_other, &none);
}

/* A new workspace exists by its folder, or by an empty state in a remote backend. */
static bool make(struct session *s, struct str name) {
    struct session other;
    if (!open_other(s, name, &other))
        return ui_diags(s->cli) && false;
    if (!other.store->ops->process_bound) {
        bool ok = session_write_state(&other, NULL, state_new(s->cli->arena));
        return ui_diags(s->cli) && ok;
    }
    struct str dir = fs_dirname(other.state_path);
    int error = fs_mkdirs(dir, 0755);
    if (!error)
        return true;
    struct str why = fs_error_text(s->cli->arena, error);
    ui_errf(s->cli, "Could not create %.*s: %.*s.\n", STR_ARG(dir), STR_ARG(why));
    return false;
}

static bool create(struct session *s, struct str name) {
    if (!make(s, name) || !backend_ask_choose(s, name))
        return false;
    ui_outf(s->cli,
            "%s%sCreated and switched to workspace \"%.*s\"!%s\n\nYou're now on a new, empty "
            "workspace. Workspaces isolate their state,\nso if you run \"" UI_PROGRAM
            " plan\" " UI_PRODUCT " will not see any existing state\nfor this configuration.\n",
            ui_code(s->cli, UI_BOLD), ui_code(s->cli, UI_GREEN), STR_ARG(name),
            ui_code(s->cli, UI_RESET));
    return true;
}

static int run_list(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s;
    struct str *names;
    size_t n;
    struct buf out;
    (void)untyped;
    (void)rest;
    if (n_rest) {
        ui_err(S("Too many command line arguments. Did you mean to use -chdir?\n"));
        return 1;
    }
    if (!open_list(&s, cli, &names, &n))
        return fail(cli);
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s%.*s\n", str_eq(names[i], s.workspace) ? "* " : "  ", STR_ARG(names[i]));
    buf_byte(&out, '\n');
    ui_out(buf_str(&out));
    buf_clear(&out);
    if (ui_env(cli, "TF_WORKSPACE").len)
        ui_out(S("\nThe active workspace is being overridden using the TF_WORKSPACE environment\n"
                 "variable.\n"));
    return 0;
}

static int run_show(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s = session_start(cli);
    (void)untyped;
    (void)rest;
    (void)n_rest;
    ui_outf(cli, "%.*s\n", STR_ARG(s.workspace));
    return 0;
}

static int run_new(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s;
    struct str *names, bytes;
    size_t n;
    if (n_rest != 1)
        return command_misuse(cli, "", "Expected a single argument: NAME.\n\n");
    if (!session_is_workspace_name(rest[0])) {
        ui_errf(cli,
                "\nThe workspace name \"%.*s\" is not allowed. The name must contain only URL "
                "safe\ncharacters, and no path separators.\n\n",
                STR_ARG(rest[0]));
        return 1;
    }
    if (overridden(cli, rest[0]))
        return 1;
    if (!open_list(&s, cli, &names, &n))
        return fail(cli);
    if (is_in(rest[0], names, n)) {
        ui_errf(cli, "Workspace \"%.*s\" already exists\n", STR_ARG(rest[0]));
        return 1;
    }
    if (!create(&s, rest[0]))
        return 1;
    if (!flags->state.state.len)
        return 0;
    struct session other;
    struct state *given;
    if (!open_other(&s, rest[0], &other))
        return fail(cli);
    int error = fs_read(cli->arena, flags->state.state, BUF_MAX_DOCUMENT, &bytes);
    if (error) {
        struct str why = fs_error_text(cli->arena, error);
        ui_errf(cli, "open %.*s: %.*s\n", STR_ARG(flags->state.state), STR_ARG(why));
        return 1;
    }
    if (!state_file_read(cli->arena, bytes, flags->state.state, &given, cli->diags) ||
        !state_access_write(cli, other.store, given))
        return fail(cli);
    return 0;
}

static int unknown_workspace(struct cli *cli, struct str name) {
    ui_errf(cli,
            "\nWorkspace \"%.*s\" doesn't exist.\n\nYou can create this workspace with the "
            "\"new\" subcommand \nor include the \"-or-create\" flag with the \"select\" "
            "subcommand.\n",
            STR_ARG(name));
    return 1;
}

static int run_select(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s;
    struct str *names;
    size_t n;
    if (n_rest != 1)
        return command_misuse(cli, "", "Expected a single argument: NAME.\n\n");
    if (overridden(cli, S("")))
        return 1;
    if (!open_list(&s, cli, &names, &n))
        return fail(cli);
    if (str_eq(rest[0], s.workspace))
        return 0;
    if (!is_in(rest[0], names, n)) {
        if (!flags->or_create)
            return unknown_workspace(cli, rest[0]);
        return create(&s, rest[0]) ? 0 : 1;
    }
    if (!backend_ask_choose(&s, rest[0]))
        return 1;
    ui_outf(cli, "%s%sSwitched to workspace \"%.*s\".%s\n", ui_code(cli, UI_BOLD),
            ui_code(cli, UI_GREEN), STR_ARG(rest[0]), ui_code(cli, UI_RESET));
    return 0;
}

/* What the state of a workspace still tracks, one a line; empty: nothing. */
static bool list_tracked(struct session *s, struct str name, struct str *ret_list) {
    struct session other;
    struct state *state = NULL;
    size_t n = 0;
    struct str list = S("");
    struct arena *arena = s->cli->arena;
    if (!open_other(s, name, &other) || !state_access_read(s->cli, other.store, &state))
        return false;
    const struct state_entry *entries = state ? state_entries(arena, state, &n) : NULL;
    for (size_t i = 0; i < n; i++)
        list = str_format(arena, "%.*s\n  - %.*s", STR_ARG(list),
                          STR_ARG(addr_instance_text(arena, &entries[i].addr)));
    *ret_list = list;
    return true;
}

static void refuse_delete(struct cli *cli, struct str name, struct str tracked) {
    diags_error(cli->diags, (struct span){0}, "Workspace is not empty",
                "Workspace \"%.*s\" is currently tracking the following resource "
                "instances:%.*s\n\nDeleting this workspace would cause " UI_PRODUCT
                " to lose track of any associated remote objects, which would then require you to "
                "delete them manually outside of " UI_PRODUCT
                ". You should destroy these objects with " UI_PRODUCT
                " before deleting the workspace.\n\nIf you want to delete this workspace anyway, "
                "and have " UI_PRODUCT
                " forget about these managed objects, use the -force option to disable this safety "
                "check.",
                STR_ARG(name), STR_ARG(tracked));
}

static int run_delete(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s;
    struct str *names;
    size_t n;
    if (n_rest != 1)
        return command_misuse(cli, "", "Expected a single argument: NAME.\n\n");
    if (!open_list(&s, cli, &names, &n))
        return fail(cli);
    if (!is_in(rest[0], names, n))
        return unknown_workspace(cli, rest[0]);
    if (str_eq(rest[0], s.workspace)) {
        ui_errf(cli,
                "\nWorkspace \"%.*s\" is your active workspace.\n\nYou cannot delete the currently "
                "active workspace. Please switch\nto another workspace and try again.\n",
                STR_ARG(rest[0]));
        return 1;
    }
    if (str_eq(rest[0], S("default"))) {
        ui_err(S("can't delete default state\n"));
        return 1;
    }
    struct str tracked = S("");
    if (!list_tracked(&s, rest[0], &tracked))
        return fail(cli);
    if (tracked.len && !flags->force) {
        refuse_delete(cli, rest[0], tracked);
        return fail(cli);
    }
    if (!s.store->ops->delete_workspace(s.store, rest[0], cli->diags))
        return fail(cli);
    ui_outf(cli, "%sDeleted workspace \"%.*s\"!%s\n", ui_code(cli, UI_GREEN), STR_ARG(rest[0]),
            ui_code(cli, UI_RESET));
    if (tracked.len)
        ui_outf(
            cli,
            "%sWARNING: \"%.*s\" was non-empty.\nThe resources managed by the deleted workspace "
            "may still exist,\nbut are no longer manageable by " UI_PRODUCT
            " since the state has\nbeen deleted.%s\n",
            ui_code(cli, UI_YELLOW), STR_ARG(rest[0]), ui_code(cli, UI_RESET));
    return 0;
}

const struct command command_workspace = {
    .name = "workspace",
    .synopsis = " ",
    .summary = "Workspace management",
    .help = "  A workspace is a state of its own for the same configuration.",
};

#define WORKSPACE_COMMAND(run_)                                                                    \
    .options = options, .n_options = COUNT(options), .flags_size = sizeof(struct flags),           \
    .defaults = &defaults, .usage = USAGE_PLAIN, .run = (run_)

const struct command command_workspace_list = {
    .name = "workspace list",
    .synopsis = "",
    .summary = "List Workspaces",
    .help = "  Lists the workspaces, the selected one with a star.",
    WORKSPACE_COMMAND(run_list),
};

const struct command command_workspace_show = {
    .name = "workspace show",
    .synopsis = "",
    .summary = "Show the name of the current workspace",
    .help = "  Prints the name of the selected workspace.",
    WORKSPACE_COMMAND(run_show),
};

const struct command command_workspace_new = {
    .name = "workspace new",
    .synopsis = "[OPTIONS] NAME",
    .summary = "Create a new workspace",
    .help = "  Makes an empty workspace and selects it.",
    WORKSPACE_COMMAND(run_new),
};

const struct command command_workspace_select = {
    .name = "workspace select",
    .synopsis = "NAME",
    .summary = "Select a workspace",
    .help = "  Makes the commands that follow use the state of workspace NAME.",
    WORKSPACE_COMMAND(run_select),
};

const struct command command_workspace_delete = {
    .name = "workspace delete",
    .synopsis = "[OPTIONS] NAME",
    .summary = "Delete a workspace",
    .help = "  Deletes a workspace and its state, which must be empty.",
    WORKSPACE_COMMAND(run_delete),
};
