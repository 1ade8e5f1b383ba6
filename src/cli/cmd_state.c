/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/cmd_state.h"
#include "cli/state_view.h"

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
    if (!s->store->ops->read(s->store, cli->arena, &state, cli->diags))
        return false;
    *ret_state = state;
    return true;
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

static bool is_listed(struct cli *cli, const struct state_flags *flags,
                      const struct state_entry *entry) {
    if (!flags->id.len)
        return true;
    return str_eq(object_id(cli->arena, entry->instance->current), flags->id);
}

/* The instances under any of the targets, in the state's order. */
static bool in_targets(const struct target *targets, size_t n, const struct instance_addr *addr) {
    for (size_t i = 0; i < n; i++)
        if (addr_target_contains(&targets[i], addr))
            return true;
    return n == 0;
}

static bool matches_something(const struct target *target, const struct state_entry *entries,
                              size_t n) {
    for (size_t i = 0; i < n; i++)
        if (addr_target_contains(target, &entries[i].addr))
            return true;
    return false;
}

static void unknown_resource(struct cli *cli, struct str address) {
    diags_error(cli->diags, (struct span){0}, "Unknown resource",
                "The current state contains no resource %.*s. If you've just added this resource "
                "to the configuration, you must run \"" UI_PROGRAM
                " apply\" first to create the resource's entry in the state.",
                STR_ARG(address));
}

static int run_list(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state;
    size_t n;
    if (!cmd_state_open(&s, cli, flags, &state))
        return cmd_state_fail(cli);
    if (!state)
        return cmd_state_none(cli);
    struct state_entry *entries = state_entries(cli->arena, state, &n);
    struct target *targets = arena_array(cli->arena, n_rest, sizeof *targets);
    for (size_t i = 0; i < n_rest; i++) {
        if (!addr_parse_target(cli->arena, rest[i], &targets[i], cli->diags))
            return cmd_state_fail(cli);
        if (targets[i].kind != TARGET_MODULE && !matches_something(&targets[i], entries, n)) {
            unknown_resource(cli, rest[i]);
            return cmd_state_fail(cli);
        }
    }
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n; i++) {
        if (!is_listed(cli, flags, &entries[i]) || !in_targets(targets, n_rest, &entries[i].addr))
            continue;
        struct str address = addr_instance_text(cli->arena, &entries[i].addr);
        buf_addf(&out, "%.*s\n", STR_ARG(address));
    }
    ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

static const struct state_entry *find_entry(const struct state_entry *entries, size_t n,
                                            const struct instance_addr *addr) {
    for (size_t i = 0; i < n; i++)
        if (addr_instance_eq(&entries[i].addr, addr))
            return &entries[i];
    return NULL;
}

static int run_show(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct state_flags *flags = untyped;
    struct session s;
    struct state *state;
    struct instance_addr addr;
    size_t n;
    if (n_rest != 1)
        return command_misuse(cli, "", "Exactly one argument expected.\n");
    if (!addr_parse_instance(cli->arena, rest[0], &addr, cli->diags))
        return cmd_state_fail(cli);
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
    return ok ? 0 : cmd_state_fail(cli);
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
    if (!state)
        return 0;
    buf_init(&out, BUF_MAX_DOCUMENT);
    state_file_write(&out, state);
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
    .usage = USAGE_PLAIN,
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
    .usage = USAGE_PLAIN,
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
