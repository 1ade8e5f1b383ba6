/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/cmd_state.h"
#include "cli/state_access.h"

static const struct option write_options[] = {
    {"dry-run", OPTION_BOOL, offsetof(struct state_flags, dry_run), NULL,
     "Say what would be done, and do nothing."},
    STATE_OPTION_ROWS,
    STATE_WRITE_OPTION_ROWS,
};

static const struct option push_options[] = {
    {"force", OPTION_BOOL, offsetof(struct state_flags, force), NULL,
     "Write even if the lineages do not match or the\nstored serial is higher."},
    STATE_OPTION_ROWS,
    STATE_WRITE_OPTION_ROWS,
};

static const struct option taint_options[] = {
    {"allow-missing", OPTION_BOOL, offsetof(struct state_flags, allow_missing), NULL,
     "Exit with 0 when there is no such instance."},
    STATE_OPTION_ROWS,
    STATE_WRITE_OPTION_ROWS,
};

static const struct option replace_options[] = {
    {"auto-approve", OPTION_BOOL, offsetof(struct state_flags, auto_approve), NULL,
     "Do not ask first."},
    STATE_OPTION_ROWS,
    STATE_WRITE_OPTION_ROWS,
};

static const struct state_flags defaults = {.state = {.lock = true}};

static const struct span nowhere = {0};

static void remove_entry(struct cli *cli, struct state *state, const struct state_entry *e,
                         bool dry_run) {
    struct str address = addr_instance_text(cli->arena, &e->addr);
    ui_outf(cli, "%s %.*s\n", dry_run ? "Would remove" : "Removed", STR_ARG(address));
    if (dry_run)
        return;
    for (size_t d = 0; d < e->instance->n_deposed; d++)
        state_set_deposed(state, &e->addr, &e->resource->provider, e->instance->deposed[d].key,
                          NULL);
    state_set_current(state, &e->addr, &e->resource->provider, NULL);
}

static int run_rm(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state = NULL;
    struct state_entry *entries;
    size_t n, removed = 0;
    bool ok = true;
    if (!n_rest)
        return command_misuse(cli, "", "At least one address is required.\n");
    if (!cmd_state_lock(&s, cli, flags, "state-rm", true, &state))
        return cmd_state_finish(&s, false);
    if (!state) {
        session_unlock(&s);
        return cmd_state_none(cli);
    }
    struct state *before = state_copy(cli->arena, state);
    for (size_t t = 0; t < n_rest; t++)
        ok = cmd_state_lookup(cli, before, rest[t], true, &entries, &n) && ok;
    for (size_t t = 0; ok && t < n_rest; t++) {
        (void)cmd_state_lookup(cli, before, rest[t], true, &entries, &n);
        for (size_t i = 0; i < n; i++)
            remove_entry(cli, state, &entries[i], flags->dry_run);
        removed += n;
    }
    if (ok && flags->dry_run && !removed)
        ui_out(S("Would have removed nothing.\n"));
    if (!ok || flags->dry_run)
        return cmd_state_finish(&s, ok);
    if (!removed) {
        diags_error(cli->diags, nowhere, "Invalid target address",
                    "No matching objects found. To view the available instances, use \"" UI_PROGRAM
                    " state list\". Please modify the address to reference a specific instance.");
        return cmd_state_finish(&s, false);
    }
    if (!session_write_state(&s, before, state))
        return cmd_state_finish(&s, false);
    ui_outf(cli, "Successfully removed %zu resource instance(s).\n", removed);
    return cmd_state_finish(&s, true);
}

static bool push_allowed(struct cli *cli, const struct state *have, const struct state *given) {
    if (have && have->lineage.len && given->lineage.len && !str_eq(have->lineage, given->lineage)) {
        ui_errf(cli,
                "Failed to write state: cannot import state with lineage \"%.*s\" over unrelated "
                "state with lineage \"%.*s\"\n",
                STR_ARG(given->lineage), STR_ARG(have->lineage));
        return false;
    }
    if (have && given->serial < have->serial) {
        ui_errf(cli,
                "Failed to write state: cannot import state with serial %lld over newer state with "
                "serial %lld\n",
                (long long)given->serial, (long long)have->serial);
        return false;
    }
    return true;
}

static int run_push(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *have = NULL, *given = NULL;
    struct str bytes;
    if (n_rest != 1)
        return command_misuse(cli, "", "Exactly one argument expected.\n");
    int error = str_eq(rest[0], S("-"))
                    ? fs_read_fd(cli->arena, STDIN_FILENO, BUF_MAX_DOCUMENT, &bytes)
                    : fs_read(cli->arena, rest[0], BUF_MAX_DOCUMENT, &bytes);
    if (error) {
        struct str why = fs_error_text(cli->arena, error);
        ui_errf(cli, "open %.*s: %.*s\n", STR_ARG(rest[0]), STR_ARG(why));
        return 1;
    }
    if (!str_trim(bytes).len) {
        ui_errf(cli, "Error reading source state \"%.*s\": no state\n", STR_ARG(rest[0]));
        return 1;
    }
    if (!state_file_read(cli->arena, bytes, rest[0], &given, cli->diags)) {
        struct str why = diags_text(cli->arena, cli->diags);
        ui_errf(cli, "Error reading source state \"%.*s\": %.*s\n", STR_ARG(rest[0]), STR_ARG(why));
        return 1;
    }
    if (!cmd_state_lock(&s, cli, flags, "state-push", false, &have))
        return cmd_state_finish(&s, false);
    if (!flags->force && !push_allowed(cli, have, given))
        return cmd_state_finish(&s, false);
    bool ok = state_access_write(cli, s.store, given);
    return cmd_state_finish(&s, ok);
}

/* What differs between taint and untaint. */
static int set_tainted(struct cli *cli, const struct state_flags *flags, struct str text,
                       bool tainted) {
    struct session s;
    struct state *state = NULL;
    struct instance_addr addr;
    if (!address_parse_instance(cli, text, &addr))
        return cmd_state_fail(cli);
    if (tainted && addr.resource.mode != MODE_MANAGED) {
        ui_errf(cli, "Resource instance %.*s cannot be tainted\n", STR_ARG(text));
        return 1;
    }
    if (!cmd_state_lock(&s, cli, flags, tainted ? "taint" : "untaint", false, &state))
        return cmd_state_finish(&s, false);
    struct state_instance *instance = state ? state_instance(state, &addr) : NULL;
    if (!instance || !instance->current) {
        if (flags->allow_missing)
            diags_warn(cli->diags, nowhere, "No such resource instance",
                       "Resource instance %.*s was not found, but this is not an error because "
                       "-allow-missing was set.",
                       STR_ARG(text));
        else if (!state || state_is_empty(state))
            diags_error(cli->diags, nowhere, "No such resource instance",
                        "The state currently contains no resource instances whatsoever. This may "
                        "occur if the configuration has never been applied or if it has recently "
                        "been destroyed.");
        else
            diags_error(cli->diags, nowhere, "No such resource instance",
                        "There is no resource instance in the state with the address %.*s. If the "
                        "resource configuration has just been added, you must run \"" UI_PROGRAM
                        " apply\" once to create the corresponding instance(s) before they can be "
                        "tainted.",
                        STR_ARG(text));
        return cmd_state_finish(&s, flags->allow_missing);
    }
    if (!tainted && !instance->current->tainted) {
        diags_error(cli->diags, nowhere, "Resource instance is not tainted",
                    "Resource instance %.*s is not currently tainted, and so it cannot be "
                    "untainted.",
                    STR_ARG(text));
        return cmd_state_finish(&s, false);
    }
    struct state *before = state_copy(cli->arena, state);
    struct state_object changed = *instance->current;
    changed.tainted = tainted;
    state_set_current(state, &addr, NULL, &changed);
    if (!session_write_state(&s, before, state))
        return cmd_state_finish(&s, false);
    ui_outf(cli, "Resource instance %.*s has been %s.\n", STR_ARG(text),
            tainted ? "marked as tainted" : "successfully untainted");
    return cmd_state_finish(&s, true);
}

static int run_taint(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    if (n_rest != 1) {
        ui_err(S("The taint command expects exactly one argument.\n"));
        command_help(cli, cli->command, STDERR_FILENO);
        return 1;
    }
    return set_tainted(cli, untyped, rest[0], true);
}

static int run_untaint(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    if (n_rest != 1) {
        ui_err(S("The untaint command expects exactly one argument.\n"));
        command_help(cli, cli->command, STDERR_FILENO);
        return 1;
    }
    return set_tainted(cli, untyped, rest[0], false);
}

static int run_replace_provider(struct cli *cli, void *untyped, const struct str *rest,
                                size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state = NULL;
    struct provider_addr from, to;
    struct addr_error error;
    struct str answer;
    size_t n = 0;
    bool ok = true;
    if (n_rest != 2)
        return command_misuse(cli, "", "Exactly two arguments expected.\n");
    for (size_t i = 0; i < 2; i++) {
        if (addr_provider_parse(cli->arena, rest[i], i ? &to : &from, &error))
            continue;
        struct diag *d = diags_error(cli->diags, nowhere, "", "%.*s: %.*s", STR_ARG(error.summary),
                                     STR_ARG(error.detail));
        d->summary = str_format(cli->arena, "Invalid \"%s\" provider \"%.*s\"", i ? "to" : "from",
                                STR_ARG(rest[i]));
        ok = false;
    }
    if (!ok)
        return cmd_state_fail(cli);
    if (!cmd_state_lock(&s, cli, flags, "state-replace-provider", true, &state))
        return cmd_state_finish(&s, false);
    if (!state) {
        session_unlock(&s);
        return cmd_state_none(cli);
    }
    struct state *before = state_copy(cli->arena, state);
    struct str a = addr_provider_text(cli->arena, from), b = addr_provider_text(cli->arena, to);
    struct buf list;
    buf_init(&list, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < state->resources.n; i++) {
        struct state_resource *r = state->resources.entries[i].value;
        if (!r->n_instances || !addr_provider_eq(r->provider.provider, from))
            continue;
        r->provider.provider = to;
        n++;
        buf_addf(&list, "  %.*s\n", STR_ARG(state->resources.entries[i].key));
    }
    if (!n) {
        buf_clear(&list);
        ui_out(S("No matching resources found.\n"));
        return cmd_state_finish(&s, true);
    }
    ui_outf(cli,
            UI_PRODUCT " will perform the following actions:\n\n  ~ Updating provider:\n    - "
                       "%.*s\n    + %.*s\n\nChanging %zu resources:\n\n%.*s",
            STR_ARG(a), STR_ARG(b), n, STR_ARG(buf_str(&list)));
    buf_clear(&list);
    if (!flags->auto_approve) {
        if (!ui_ask(cli,
                    S("\nDo you want to make these changes?\nOnly 'yes' will be accepted to "
                      "continue.\n\nEnter a value: "),
                    &answer)) {
            ui_err(S("Error asking for approval: EOF\n"));
            return cmd_state_finish(&s, false);
        }
        if (!str_eq(answer, S("yes"))) {
            ui_out(S("Cancelled replacing providers.\n"));
            return cmd_state_finish(&s, true);
        }
    }
    if (!session_write_state(&s, before, state))
        return cmd_state_finish(&s, false);
    ui_outf(cli, "\nSuccessfully replaced provider for %zu resources.\n", n);
    return cmd_state_finish(&s, true);
}

#define WRITE_COMMAND(options_, usage_, run_)                                                      \
    .options = (options_), .n_options = COUNT(options_), .flags_size = sizeof(struct state_flags), \
    .defaults = &defaults, .usage = (usage_), .run = (run_)

const struct command command_state_rm = {
    .name = "state rm",
    .synopsis = "[options] ADDRESS...",
    .summary = "Remove instances from the state",
    .help = "  Forgets instances, so that " UI_PRODUCT " no longer manages them. The real objects\n"
            "  stay as they are.",
    WRITE_COMMAND(write_options, USAGE_SILENT, run_rm),
};

const struct command command_state_push = {
    .name = "state push",
    .synopsis = "[options] PATH",
    .summary = "Update remote state from a local state file",
    .help = "  Replaces the stored state by the file PATH, \"-\" for standard input. Refused\n"
            "  when the lineage differs or the stored serial is higher.",
    WRITE_COMMAND(push_options, USAGE_SILENT, run_push),
};

const struct command command_state_replace_provider = {
    .name = "state replace-provider",
    .synopsis = "[options] FROM_PROVIDER_FQN TO_PROVIDER_FQN",
    .summary = "Replace provider in the state",
    .help = "  Lets another provider manage the resources that FROM_PROVIDER_FQN manages now.",
    WRITE_COMMAND(replace_options, USAGE_STDOUT, run_replace_provider),
};

const struct command command_taint = {
    .name = "taint",
    .synopsis = "[options] <address>",
    .summary = "Mark a resource instance as not fully functional",
    .help = "  Makes the next plan replace the instance. `plan -replace=ADDRESS` does the same\n"
            "  without changing the state first.",
    WRITE_COMMAND(taint_options, USAGE_PLAIN, run_taint),
};

const struct command command_untaint = {
    .name = "untaint",
    .synopsis = "[options] name",
    .summary = "Remove the 'tainted' state from a resource instance",
    .help = "  Makes " UI_PRODUCT " see the instance as fully functional again.",
    WRITE_COMMAND(taint_options, USAGE_PLAIN, run_untaint),
};
