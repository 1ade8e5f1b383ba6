/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/cmd_state.h"

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

static bool open_locked(struct session *s, struct cli *cli, const struct state_flags *flags,
                        const char *name, struct state **ret_state) {
    *s = session_start(cli);
    return session_open_store(s, &flags->state) && session_lock(s, &flags->state, name) &&
           s->store->ops->read(s->store, cli->arena, ret_state, cli->diags);
}

static int finish(struct session *s, bool ok) {
    session_unlock(s);
    return ui_diags(s->cli) && ok ? 0 : 1;
}

static void remove_entry(struct cli *cli, struct state *state, const struct state_entry *e,
                         bool dry_run) {
    struct str address = addr_instance_text(cli->arena, &e->addr);
    ui_outf(cli, "%s %.*s\n", dry_run ? "Would remove" : "Removed", STR_ARG(address));
    for (size_t d = 0; d < e->instance->n_deposed; d++)
        state_set_deposed(state, &e->addr, &e->resource->provider, e->instance->deposed[d].key,
                          NULL);
    state_set_current(state, &e->addr, &e->resource->provider, NULL);
}

static int run_rm(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state = NULL;
    size_t n, removed = 0;
    if (!n_rest)
        return command_misuse(cli, "", "At least one address is required.\n");
    struct target *targets = arena_array(cli->arena, n_rest, sizeof *targets);
    for (size_t i = 0; i < n_rest; i++)
        if (!addr_parse_target(cli->arena, rest[i], &targets[i], cli->diags))
            return cmd_state_fail(cli);
    if (!open_locked(&s, cli, flags, "state-rm", &state))
        return finish(&s, false);
    if (!state) {
        session_unlock(&s);
        return cmd_state_none(cli);
    }
    struct state *before = state_copy(cli->arena, state);
    struct state_entry *entries = state_entries(cli->arena, before, &n);
    for (size_t t = 0; t < n_rest; t++)
        for (size_t i = 0; i < n; i++)
            if (addr_target_contains(&targets[t], &entries[i].addr) &&
                state_instance(state, &entries[i].addr)) {
                remove_entry(cli, state, &entries[i], flags->dry_run);
                removed++;
            }
    if (!removed) {
        diags_error(cli->diags, nowhere, "Invalid target address",
                    "No matching objects found. To view the available instances, use \"" UI_PROGRAM
                    " state list\". Please modify the address to reference a specific instance.");
        return finish(&s, false);
    }
    if (flags->dry_run)
        return finish(&s, true);
    if (!session_write_state(&s, before, state))
        return finish(&s, false);
    ui_outf(cli, "Successfully removed %zu resource instance(s).\n", removed);
    return finish(&s, true);
}

/* The address of an instance under `from`, as it reads under `to`. */
static struct instance_addr renamed(struct arena *arena, const struct target *from,
                                    const struct target *to, const struct instance_addr *it) {
    struct instance_addr result = *it;
    if (from->kind == TARGET_MODULE) {
        size_t kept = it->module.n - from->addr.module.n, n = to->addr.module.n + kept;
        struct module_step *steps = arena_array(arena, n, sizeof *steps);
        for (size_t i = 0; i < n; i++)
            steps[i] = i < to->addr.module.n
                           ? to->addr.module.at[i]
                           : it->module.at[from->addr.module.n + i - to->addr.module.n];
        result.module = (struct module_path){steps, n};
        return result;
    }
    result.module = to->addr.module;
    result.resource = to->addr.resource;
    if (from->kind == TARGET_INSTANCE || to->addr.key.kind != KEY_NONE)
        result.key = to->addr.key;
    return result;
}

static bool check_move(struct cli *cli, const struct state *state, const struct target *from,
                       const struct target *to, struct str from_text, struct str to_text) {
    bool module = from->kind == TARGET_MODULE;
    if (module != (to->kind == TARGET_MODULE)) {
        diags_error(cli->diags, nowhere, "Invalid target address",
                    "Cannot move %.*s to %.*s: the target must also be a %s.", STR_ARG(from_text),
                    STR_ARG(to_text), module ? "module" : "resource instance");
        return false;
    }
    if (!module && (from->addr.resource.mode != to->addr.resource.mode ||
                    !str_eq(from->addr.resource.type, to->addr.resource.type))) {
        diags_error(cli->diags, nowhere, "Invalid target address",
                    "Cannot move %.*s to %.*s: resource types don't match.", STR_ARG(from_text),
                    STR_ARG(to_text));
        return false;
    }
    (void)state;
    return true;
}

static size_t move_all(struct cli *cli, struct state *state, const struct target *from,
                       const struct target *to, bool *ret_ok) {
    size_t n, moved = 0;
    struct state_entry *entries = state_entries(cli->arena, state_copy(cli->arena, state), &n);
    *ret_ok = true;
    for (size_t i = 0; i < n; i++) {
        if (!addr_target_contains(from, &entries[i].addr))
            continue;
        struct instance_addr target = renamed(cli->arena, from, to, &entries[i].addr);
        moved++;
        if (state_move(state, &entries[i].addr, &target))
            continue;
        struct str a = addr_instance_text(cli->arena, &entries[i].addr);
        struct str b = addr_instance_text(cli->arena, &target);
        diags_error(cli->diags, nowhere, "Invalid target address",
                    "Cannot move %.*s to %.*s: there is already a resource instance at that "
                    "address in the current state.",
                    STR_ARG(a), STR_ARG(b));
        *ret_ok = false;
    }
    return moved;
}

static int run_mv(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state = NULL;
    struct target from, to;
    bool ok;
    if (n_rest != 2)
        return command_misuse(cli, "", "Exactly two arguments expected.\n");
    if (!addr_parse_target(cli->arena, rest[0], &from, cli->diags) ||
        !addr_parse_target(cli->arena, rest[1], &to, cli->diags))
        return cmd_state_fail(cli);
    if (!open_locked(&s, cli, flags, "state-mv", &state))
        return finish(&s, false);
    if (!state) {
        session_unlock(&s);
        return cmd_state_none(cli);
    }
    struct state *before = state_copy(cli->arena, state);
    if (!check_move(cli, state, &from, &to, rest[0], rest[1]))
        return finish(&s, false);
    size_t moved = move_all(cli, state, &from, &to, &ok);
    if (!moved)
        diags_error(cli->diags, nowhere, "Invalid source address",
                    "Cannot move %.*s: does not match anything in the current state.",
                    STR_ARG(rest[0]));
    if (!moved || !ok)
        return finish(&s, false);
    if (flags->dry_run) {
        ui_outf(cli, "Would move \"%.*s\" to \"%.*s\"\n", STR_ARG(rest[0]), STR_ARG(rest[1]));
        return finish(&s, true);
    }
    ui_outf(cli, "Move \"%.*s\" to \"%.*s\"\n", STR_ARG(rest[0]), STR_ARG(rest[1]));
    if (!session_write_state(&s, before, state))
        return finish(&s, false);
    ui_out(S("Successfully moved 1 object(s).\n"));
    return finish(&s, true);
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
        return command_misuse(cli, "", "Exactly one argument expected\n");
    int error = str_eq(rest[0], S("-"))
                    ? fs_read_fd(cli->arena, STDIN_FILENO, BUF_MAX_DOCUMENT, &bytes)
                    : fs_read(cli->arena, rest[0], BUF_MAX_DOCUMENT, &bytes);
    if (error) {
        struct str why = fs_error_text(cli->arena, error);
        ui_errf(cli, "open %.*s: %.*s\n", STR_ARG(rest[0]), STR_ARG(why));
        return 1;
    }
    if (!state_file_read(cli->arena, bytes, rest[0], &given, cli->diags)) {
        struct str why = diags_text(cli->arena, cli->diags);
        ui_errf(cli, "Error reading source state \"%.*s\": %.*s\n", STR_ARG(rest[0]), STR_ARG(why));
        return 1;
    }
    if (!open_locked(&s, cli, flags, "state-push", &have))
        return finish(&s, false);
    if (!flags->force && !push_allowed(cli, have, given))
        return finish(&s, false);
    bool ok = s.store->ops->write(s.store, given, cli->diags);
    return finish(&s, ok);
}

/* What differs between taint and untaint. */
static int set_tainted(struct cli *cli, const struct state_flags *flags, struct str text,
                       bool tainted) {
    struct session s;
    struct state *state = NULL;
    struct instance_addr addr;
    if (!addr_parse_instance(cli->arena, text, &addr, cli->diags))
        return cmd_state_fail(cli);
    if (!open_locked(&s, cli, flags, tainted ? "taint" : "untaint", &state))
        return finish(&s, false);
    struct state_instance *instance = state ? state_instance(state, &addr) : NULL;
    if (!instance || !instance->current) {
        if (flags->allow_missing)
            diags_warn(cli->diags, nowhere, "No such resource instance",
                       "Resource instance %.*s was not found, but this is not an error because "
                       "-allow-missing was set.",
                       STR_ARG(text));
        else
            diags_error(cli->diags, nowhere, "No such resource instance",
                        "There is no resource instance in the state with the address %.*s. If the "
                        "resource configuration has just been added, you must run \"" UI_PROGRAM
                        " apply\" once to create the corresponding instance(s) before they can be "
                        "tainted.",
                        STR_ARG(text));
        return finish(&s, flags->allow_missing);
    }
    if (!tainted && !instance->current->tainted) {
        diags_error(cli->diags, nowhere, "Resource instance is not tainted",
                    "Resource instance %.*s is not currently tainted, and so it cannot be "
                    "untainted.",
                    STR_ARG(text));
        return finish(&s, false);
    }
    struct state *before = state_copy(cli->arena, state);
    struct state_object changed = *instance->current;
    struct state_resource *resource = state_resource(state, addr.module, addr.resource);
    changed.tainted = tainted;
    state_set_current(state, &addr, &resource->provider, &changed);
    if (!session_write_state(&s, before, state))
        return finish(&s, false);
    ui_outf(cli, "Resource instance %.*s has been %s.\n", STR_ARG(text),
            tainted ? "marked as tainted" : "successfully untainted");
    return finish(&s, true);
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
    if (n_rest != 2)
        return command_misuse(cli, "", "Exactly two arguments expected.\n");
    for (size_t i = 0; i < 2; i++) {
        if (addr_provider_parse(cli->arena, rest[i], i ? &to : &from, &error))
            continue;
        diags_error(cli->diags, nowhere, "Invalid provider source", "%.*s", STR_ARG(error.detail));
        return cmd_state_fail(cli);
    }
    if (!open_locked(&s, cli, flags, "state-replace-provider", &state))
        return finish(&s, false);
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
        return finish(&s, true);
    }
    ui_outf(cli,
            UI_PRODUCT " will perform the following actions:\n\n  ~ Updating provider:\n    - "
                       "%.*s\n    + %.*s\n\nChanging %zu resources:\n\n%.*s",
            STR_ARG(a), STR_ARG(b), n, STR_ARG(buf_str(&list)));
    buf_clear(&list);
    if (!flags->auto_approve &&
        (!ui_ask(cli,
                 S("\nDo you want to make these changes?\nOnly 'yes' will be accepted to "
                   "continue.\n\nEnter a value: "),
                 &answer) ||
         !str_eq(answer, S("yes")))) {
        ui_out(S("Cancelled replacing providers.\n"));
        return finish(&s, true);
    }
    if (!session_write_state(&s, before, state))
        return finish(&s, false);
    ui_outf(cli, "\nSuccessfully replaced provider for %zu resources.\n", n);
    return finish(&s, true);
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
    WRITE_COMMAND(write_options, USAGE_PLAIN, run_rm),
};

const struct command command_state_mv = {
    .name = "state mv",
    .synopsis = "[options] SOURCE DESTINATION",
    .summary = "Move an item in the state",
    .help = "  Renames a module, resource or instance in the state, so that a rename in the\n"
            "  configuration does not replace the real object. A `moved` block does the same\n"
            "  for everyone who uses the module.",
    WRITE_COMMAND(write_options, USAGE_SILENT, run_mv),
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
    WRITE_COMMAND(replace_options, USAGE_PLAIN, run_replace_provider),
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
