/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/cmd_state.h"
#include "cli/state_view.h"
#include "cli/state_access.h"

static const struct option list_options[] = {
    {"id", OPTION_STR, offsetof(struct state_flags, id), "=ID",
     "Only the resources whose id is ID."},
    STATE_OPTION_ROWS,
};

static const struct option show_options[] = {
    {"show-sensitive", OPTION_BOOL, offsetof(struct state_flags, show_sensitive), NULL,
     "Show sensitive values."},
    STATE_OPTION_ROWS,
};

static const struct option pull_options[] = {STATE_OPTION_ROWS};

int cmd_state_fail(struct cli *cli) {
    ui_diags(cli);
    return 1;
}

bool cmd_state_open(struct session *s, struct cli *cli, const struct state_flags *flags,
                    struct state **ret_state) {
    *s = session_start(cli);
    if (!session_open_store(s, &flags->state))
        return false;
    struct state *state = NULL;
    if (!state_access_read(cli, s->store, &state))
        return false;
    *ret_state = state;
    return true;
}

bool cmd_state_lock(struct session *s, struct cli *cli, const struct state_flags *flags,
                    const char *what, bool stamp, struct state **ret_state) {
    struct session_state_flags state = flags->state;
    bool named = state.backup.len && !str_eq(state.backup, S("-"));
    *s = session_start(cli);
    if (!session_open_store(s, &state))
        return false;
    if (stamp && !named)
        state_store_local_stamp(
            s->store, state.state.len
                          ? state.state
                          : state_store_local_path(cli->arena, S(""), S(""), s->workspace));
    return session_lock(s, &state, what) && state_access_read(cli, s->store, ret_state);
}

int cmd_state_finish(struct session *s, bool ok) {
    session_unlock(s);
    return ui_diags(s->cli) && ok ? 0 : 1;
}

int cmd_state_none(struct cli *cli) {
    ui_err(S("No state file was found!\n\nState management commands require a state file. Run "
             "this command\nin a directory where " UI_PRODUCT
             " has been run or use the -state flag\nto point the command to a specific state "
             "location.\n"));
    (void)cli;
    return 1;
}

/* The value of a top-level string attribute "id", without decoding the whole object. */
static struct str object_id(struct arena *arena, const struct state_object *object) {
    return object ? json_get_str(state_attributes(arena, object), S("id")) : (struct str){NULL, 0};
}

bool cmd_state_is_listed(struct cli *cli, const struct state_flags *flags,
                         const struct state_entry *entry) {
    if (!flags->id.len)
        return true;
    return str_eq(object_id(cli->arena, entry->instance->current), flags->id);
}

static void unknown(struct cli *cli, const struct target *target, struct str address) {
    static const char *const details[] = {
        [TARGET_MODULE] = "The current state contains no module at %.*s. If you've just added this "
                          "module to the configuration, you must run \"" UI_PROGRAM
                          " apply\" first to create the module's entry in the state.",
        [TARGET_RESOURCE] = "The current state contains no resource %.*s. If you've just added "
                            "this resource to the configuration, you must run \"" UI_PROGRAM
                            " apply\" first to create the resource's entry in the state.",
        [TARGET_INSTANCE] = "The current state contains no resource instance %.*s. If you've just "
                            "added its resource to the configuration or have changed the count or "
                            "for_each arguments, you must run \"" UI_PROGRAM
                            " apply\" first to update the resource's entry in the state.",
    };
    static const char *const summaries[] = {
        [TARGET_MODULE] = "Unknown module",
        [TARGET_RESOURCE] = "Unknown resource",
        [TARGET_INSTANCE] = "Unknown resource instance",
    };
    struct str detail =
        str_replace(cli->arena, str_from(details[target->kind]), S("%.*s"), address);
    diags_add(cli->diags, SEVERITY_ERROR, (struct span){0}, str_from(summaries[target->kind]),
              detail);
}

bool cmd_state_lookup(struct cli *cli, const struct state *state, struct str address,
                      bool missing_ok, struct state_entry **ret_entries, size_t *ret_n) {
    struct target target;
    size_t n, kept = 0;
    if (!address_parse_target(cli, address, &target))
        return false;
    struct state_entry *entries = state_entries(cli->arena, state, &n);
    for (size_t i = 0; i < n; i++)
        if (addr_target_contains(&target, &entries[i].addr))
            entries[kept++] = entries[i];
    bool root = target.kind == TARGET_MODULE && !target.addr.module.n;
    if (!kept && !missing_ok && !root) {
        unknown(cli, &target, addr_target_text(cli->arena, &target));
        return false;
    }
    *ret_entries = entries;
    *ret_n = kept;
    return true;
}

static void list(struct cli *cli, const struct state_flags *flags, struct buf *out,
                 const struct state_entry *entries, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!cmd_state_is_listed(cli, flags, &entries[i]))
            continue;
        struct str address = addr_instance_text(cli->arena, &entries[i].addr);
        buf_addf(out, "%.*s\n", STR_ARG(address));
    }
}

static int run_list(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state;
    struct state_entry *entries;
    struct buf out;
    size_t n;
    bool ok = true;
    if (!cmd_state_open(&s, cli, flags, &state))
        return cmd_state_fail(cli);
    if (!state)
        return cmd_state_none(cli);
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n_rest; i++) {
        bool found = cmd_state_lookup(cli, state, rest[i], false, &entries, &n);
        if (found)
            list(cli, flags, &out, entries, n);
        ok = ok && found;
    }
    if (!n_rest) {
        entries = state_entries(cli->arena, state, &n);
        list(cli, flags, &out, entries, n);
    }
    if (ok)
        ui_out(buf_str(&out));
    buf_clear(&out);
    return ok ? 0 : cmd_state_fail(cli);
}

static const struct state_entry *find_entry(const struct state_entry *entries, size_t n,
                                            const struct instance_addr *addr) {
    for (size_t i = 0; i < n; i++)
        if (addr_instance_eq(&entries[i].addr, addr))
            return &entries[i];
    return NULL;
}

/* As in Terraform an object that cannot be read is told of, and is no failure. */
static int show_unreadable(struct cli *cli) {
    struct str why = diags_text(cli->arena, cli->diags);
    ui_errf(cli, "Failed to marshal state to json: %.*s\n", STR_ARG(why));
    ui_out(S("The state file is empty. No resources are represented.\n"));
    return 0;
}

static int run_show(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state;
    struct instance_addr addr;
    size_t n;
    if (n_rest != 1)
        return command_misuse(cli, "", "Exactly one argument expected.\n");
    if (!addr_parse_instance(cli->arena, rest[0], &addr, cli->diags)) {
        ui_errf(cli,
                "Error parsing instance address: %.*s\n\nThis command requires that the address "
                "references one specific instance.\nTo view the available instances, use "
                "\"" UI_PROGRAM
                " state list\". Please modify \nthe address to reference a specific instance.\n",
                STR_ARG(rest[0]));
        return 1;
    }
    if (!cmd_state_open(&s, cli, flags, &state))
        return cmd_state_fail(cli);
    if (!state)
        return cmd_state_none(cli);
    struct state_entry *entries = state_entries(cli->arena, state, &n);
    const struct state_entry *entry = find_entry(entries, n, &addr);
    if (!entry || !entry->instance->current) {
        ui_err(S("No instance found for the given address!\n\nThis command requires that the "
                 "address references one specific instance.\nTo view the available instances, use "
                 "\"" UI_PROGRAM
                 " state list\". Please modify \nthe address to reference a specific instance.\n"));
        return 1;
    }
    struct buf out;
    struct state_view view = {flags->show_sensitive};
    if (!session_find_providers(&s, state))
        return cmd_state_fail(cli);
    struct pool *pool = pool_new(cli->arena, &s.providers);
    buf_init(&out, BUF_MAX_DOCUMENT);
    bool ok = state_view_instance(cli, entry, pool, &view, &out);
    if (ok)
        ui_out(buf_str(&out));
    buf_clear(&out);
    pool_close(pool);
    return ok ? 0 : show_unreadable(cli);
}

static int run_pull(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state;
    struct buf out;
    (void)rest;
    (void)n_rest;
    if (!cmd_state_open(&s, cli, flags, &state))
        return cmd_state_fail(cli);
    if (!state && s.store->ops->process_bound)
        return 0;
    if (!state) {
        /* A backend that has none gives an empty one; a file that is not there, nothing. */
        struct str level = ui_env(cli, LEVEL_VARIABLE);
        state = state_new(cli->arena);
        state->terraform_version = level.len ? level : S(UI_TERRAFORM_VERSION);
    }
    buf_init(&out, BUF_MAX_DOCUMENT);
    state_file_write(&out, state);
    buf_byte(&out, '\n');
    ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

const struct command command_state = {
    .name = "state",
    .synopsis = "",
    .summary = "Advanced state management",
    .help = "  These subcommands list, show, rename and forget what the state knows, without\n"
            "  touching the real objects. Those that change the state keep a backup.",
};

const struct command command_state_list = {
    .name = "state list",
    .synopsis = "[options] [address...]",
    .summary = "List resources in the state",
    .help = "  Lists the addresses of all instances in the state, or of those that the given\n"
            "  modules, resources or instances contain.",
    .options = list_options,
    .n_options = COUNT(list_options),
    .flags_size = sizeof(struct state_flags),
    .usage = USAGE_STDOUT,
    .run = run_list,
};

const struct command command_state_show = {
    .name = "state show",
    .synopsis = "[options] ADDRESS",
    .summary = "Show a resource in the state",
    .help = "  Shows the attributes of one instance as the state has them.",
    .options = show_options,
    .n_options = COUNT(show_options),
    .flags_size = sizeof(struct state_flags),
    .usage = USAGE_SILENT,
    .run = run_show,
};

const struct command command_state_pull = {
    .name = "state pull",
    .synopsis = "[options]",
    .summary = "Pull current state and output to stdout",
    .help = "  Prints the state as it is stored.",
    .options = pull_options,
    .n_options = COUNT(pull_options),
    .flags_size = sizeof(struct state_flags),
    .usage = USAGE_SILENT,
    .run = run_pull,
};
