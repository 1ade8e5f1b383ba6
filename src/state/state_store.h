/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where state is kept, behind one table of functions: the local file here, remote backends later.
 * Writes are atomic and durable; the lock is Terraform's (`.terraform.tfstate.lock.info`).
 */
#ifndef LOAM_STATE_STORE_H
#define LOAM_STATE_STORE_H

#include "state/state.h"

struct buf;
struct encryption;
struct state_store;

/* Summaries of what a store says when it cannot read or write; the detail is the reason alone. */
#define STATE_STORE_READ_FAILED "Failed to read state"
#define STATE_STORE_WRITE_FAILED "Failed to write state"

struct state_lock_info {
    struct str id, operation, info, who, version, created, path;
};

struct state_store_ops {
    bool process_bound; /* a lock lives no longer than the process that holds it */
    /* *ret_state is NULL when there is none yet. */
    bool (*read)(struct state_store *store, struct arena *arena, struct state **ret_state,
                 struct diags *diags);
    /* Writes with the backup rules of the store; the state's serial was set by the caller. */
    bool (*write)(struct state_store *store, const struct state *state, struct diags *diags);
    /* Waits up to timeout_ms for another's lock. */
    bool (*lock)(struct state_store *store, const struct state_lock_info *info, int64_t timeout_ms,
                 struct diags *diags);
    bool (*unlock)(struct state_store *store, struct diags *diags);
    bool (*force_unlock)(struct state_store *store, struct str id, struct diags *diags);
    bool (*workspaces)(struct state_store *store, struct arena *arena, struct str **ret_names,
                       size_t *ret_n, struct diags *diags);
    bool (*delete_workspace)(struct state_store *store, struct str name, struct diags *diags);
    void (*close)(struct state_store *store);
};

struct state_store {
    const struct state_store_ops *ops;
    const struct encryption *encryption; /* set behind the opening; NULL: states are plain */
};

/* Bytes of the store to a state (NULL when there are none) and back, through its encryption. */
bool state_store_decode(const struct state_store *store, struct arena *arena, struct str bytes,
                        struct state **ret_state, struct diags *diags);
bool state_store_encode(const struct state_store *store, struct arena *scratch,
                        const struct state *state, struct buf *out, struct diags *diags);

/*
 * path of the state file and of its backup (empty: path + ".backup"; "-": none). The lock is
 * Terraform's own: fcntl on the state file, with `.NAME.lock.info` beside it. A write replaces the
 * file and moves the lock along, so a Terraform that waits for it holds the old file: it must not
 * wait with -lock-timeout for loam on the same path, only fail and be run again.
 */
struct state_store *state_store_local(struct arena *arena, struct str path, struct str backup);
/* Writes go to path and no longer to where the state was read from. */
void state_store_local_output(struct state_store *store, struct str path);
/* Keeps the backup as "NAME.TIME.backup", so that none replaces another. Of a store that keeps no
 * file nothing changes. */
void state_store_local_stamp(struct state_store *store, struct str name);
/* Workspaces are folders of dir instead of terraform.tfstate.d. */
void state_store_local_workspaces(struct state_store *store, struct str dir);
/* Where the local backend keeps a workspace: path itself for "default" (empty: terraform.tfstate),
 * else DIR/WORKSPACE/terraform.tfstate (empty dir: terraform.tfstate.d). */
struct str state_store_local_path(struct arena *arena, struct str path, struct str dir,
                                  struct str workspace);

/* Fills who, version, created and a new id. */
struct state_lock_info state_store_lock_info(struct arena *arena, struct str operation);
/* The lock file's JSON, and its reading. */
struct str state_store_lock_json(struct arena *arena, const struct state_lock_info *info);
bool state_store_lock_parse(struct arena *arena, struct str json, struct state_lock_info *ret_info);
/* Adds the error of a lock that another holds (info may be NULL). */
void state_store_lock_error(struct arena *arena, struct str error,
                            const struct state_lock_info *info, struct diags *diags);

#endif
