/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where state is kept, behind one table of functions: the local file here, remote backends later.
 * Writes are atomic and durable; the lock is Terraform's (`.terraform.tfstate.lock.info`).
 */
#ifndef LOAM_STATE_STORE_H
#define LOAM_STATE_STORE_H

#include "state/state.h"

struct state_store;

struct state_lock_info {
    struct str id, operation, info, who, version, created, path;
};

struct state_store_ops {
    /* *ret_state is NULL when there is none yet. */
    bool (*read)(struct state_store *store, struct arena *arena, struct state **ret_state,
                 struct diags *diags);
    /* Writes with the backup rules of the store; the state's serial was set by the caller. */
    bool (*write)(struct state_store *store, const struct state *state, struct diags *diags);
    /* Waits up to timeout_ms for another's lock. */
    bool (*lock)(struct state_store *store, const struct state_lock_info *info,
                 int64_t timeout_ms, struct diags *diags);
    bool (*unlock)(struct state_store *store, struct diags *diags);
    bool (*force_unlock)(struct state_store *store, struct str id, struct diags *diags);
    bool (*workspaces)(struct state_store *store, struct arena *arena, struct str **ret_names,
                       size_t *ret_n, struct diags *diags);
    bool (*delete_workspace)(struct state_store *store, struct str name, struct diags *diags);
    void (*close)(struct state_store *store);
};

struct state_store {
    const struct state_store_ops *ops;
};

/* path of the state file and of its backup (empty: path + ".backup"; "-": none). */
struct state_store *state_store_local(struct arena *arena, struct str path, struct str backup);
/* Fills who, version, created and a new id. */
struct state_lock_info state_store_lock_info(struct arena *arena, struct str operation);

/*
 * The journal beside the state: intents and results of API effects, fsynced, so that a killed apply
 * loses nothing. Appended by apply, read back and settled by the next command.
 */
struct journal;
struct journal *journal_open(struct str path, struct diags *diags);
void journal_intent(struct journal *j, struct str address, struct str action, struct str type,
                    const struct json *planned);
/* line: a state v4 document with that one instance, without line breaks; empty: it is gone. */
void journal_result(struct journal *j, struct str address, struct str line);
void journal_close(struct journal *j, bool remove);

#endif
