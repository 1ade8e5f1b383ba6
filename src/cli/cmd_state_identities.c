/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "cli/cmd_state.h"

struct flags {
    struct state_flags state; /* first: what the state commands share */
    bool json;
};

static const struct option options[] = {
    {"id", OPTION_STR, offsetof(struct flags, state.id), "=ID",
     "Only the resources whose id is ID."},
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL,
     "Print the identities as JSON; required."},
    STATE_OPTION_ROWS,
};

static void write_identities(struct cli *cli, const struct flags *flags, struct buf *out,
                             const struct state_entry *entries, size_t n) {
    bool first = true;
    buf_byte(out, '{');
    for (size_t i = 0; i < n; i++) {
        const struct state_object *object = entries[i].instance->current;
        struct json_error error;
        if (!object || !object->identity.len ||
            !cmd_state_is_listed(cli, &flags->state, &entries[i]))
            continue;
        const struct json *identity = json_parse(cli->arena, object->identity, &error);
        if (!identity)
            continue;
        struct buf text;
        buf_init(&text, BUF_MAX_TEXT);
        json_write(&text, identity, 2, true);
        struct str indented = str_replace(cli->arena, str_trim(buf_str(&text)), S("\n"), S("\n  "));
        buf_clear(&text);
        buf_add_c(out, first ? "\n  " : ",\n  ");
        json_write_string(out, addr_instance_text(cli->arena, &entries[i].addr), true);
        buf_addf(out, ": %.*s", STR_ARG(indented));
        first = false;
    }
    buf_add_c(out, first ? "}\n" : "\n}\n");
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct session s;
    struct state *state;
    struct state_entry *entries = NULL, *all = NULL;
    size_t n = 0, n_all = 0, cap = 0;
    struct buf out;
    if (!flags->json)
        return command_misuse(
            cli, "", "The `" UI_PROGRAM " state identities` command requires the `-json` flag.\n");
    if (!cmd_state_open(&s, cli, &flags->state, &state))
        return cmd_state_fail(cli);
    if (!state)
        return cmd_state_none(cli);
    for (size_t i = 0; i < n_rest; i++) {
        if (!cmd_state_lookup(cli, state, rest[i], false, &entries, &n))
            return cmd_state_fail(cli);
        for (size_t k = 0; k < n; k++) {
            all = arena_grow(cli->arena, all, n_all, &cap, sizeof *all);
            all[n_all++] = entries[k];
        }
    }
    if (!n_rest)
        all = state_entries(cli->arena, state, &n_all);
    buf_init(&out, BUF_MAX_DOCUMENT);
    write_identities(cli, flags, &out, all, n_all);
    ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

const struct command command_state_identities = {
    .name = "state identities",
    .synopsis = "[options] -json [address...]",
    .summary = "List the identities of resources in the state",
    .help = "  Prints the identities that providers gave the objects in the state, by address.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_STDOUT,
    .run = run,
};
