/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on the state share: their flags, opening the state, the common refusals. */
#ifndef LOAM_CMD_STATE_H
#define LOAM_CMD_STATE_H

#include "cli/address.h"
#include "cli/session.h"
#include "state/state_file.h"

struct state_flags {
    struct session_state_flags state;
    struct str id, backup_out;
    bool show_sensitive, dry_run, allow_missing, ignore_remote, force, auto_approve;
    struct variable_list variables;
};

/* Rows that every state command has, for struct state_flags. */
#define STATE_OPTION_ROWS                                                                          \
    {"state", OPTION_STR, offsetof(struct state_flags, state.state), "=path",                      \
     "State file of the local backend."},                                                          \
        {"var", OPTION_VAR, offsetof(struct state_flags, variables), NULL, NULL}, {                \
        "var-file", OPTION_VAR_FILE, offsetof(struct state_flags, variables), NULL, NULL           \
    }

/* Rows of the commands that write, besides. */
#define STATE_WRITE_OPTION_ROWS                                                                    \
    {"backup", OPTION_STR, offsetof(struct state_flags, state.backup), "=path",                    \
     "Where to keep the state as it was."},                                                        \
        {"state-out", OPTION_STR, offsetof(struct state_flags, state.state_out), "=path", NULL},   \
        {"lock", OPTION_BOOL, offsetof(struct state_flags, state.lock), "=false",                  \
         "Do not hold a state lock."},                                                             \
        {"lock-timeout", OPTION_DURATION, offsetof(struct state_flags, state.lock_timeout_ms),     \
         "=0s", "How long to wait for a state lock."},                                             \
    {                                                                                              \
        "ignore-remote-version", OPTION_BOOL, offsetof(struct state_flags, ignore_remote), NULL,   \
            NULL                                                                                   \
    }

/* Prints cli->diags; returns 1. */
int cmd_state_fail(struct cli *cli);
/* *ret_state is NULL when there is no state. */
bool cmd_state_open(struct session *s, struct cli *cli, const struct state_flags *flags,
                    struct state **ret_state);
/* The same under the lock, for a command that writes. stamp: the state as it was is kept under a
 * name with the time unless -backup gives another. */
bool cmd_state_lock(struct session *s, struct cli *cli, const struct state_flags *flags,
                    const char *what, bool stamp, struct state **ret_state);
/* Unlocks and prints cli->diags; the exit code. */
int cmd_state_finish(struct session *s, bool ok);
/* Says that there is no state; returns 1. */
int cmd_state_none(struct cli *cli);
/* Does -id, if it was given, name this entry's object? */
bool cmd_state_is_listed(struct cli *cli, const struct state_flags *flags,
                         const struct state_entry *entry);
/* The entries under an address, in order. A module, resource or instance that the state does not
 * have is an error unless missing_ok. */
bool cmd_state_lookup(struct cli *cli, const struct state *state, struct str address,
                      bool missing_ok, struct state_entry **ret_entries, size_t *ret_n);

#endif
