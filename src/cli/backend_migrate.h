/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies states from one backend to another when `init` finds that the backend changed: one state
 * after a question, or those of all workspaces. Nothing is deleted at the source.
 */
#ifndef LOAM_BACKEND_MIGRATE_H
#define LOAM_BACKEND_MIGRATE_H

#include "cli/backend_setup.h"
#include "cli/session.h"

/* One of the two backends: opened once for each workspace, which is s->workspace then. */
struct backend_side {
    struct str type;
    struct state_store *(*open)(struct session *s, const void *context); /* NULL with errors */
    const void *context;
};

/* false: errors are in s->cli->diags, or the user stopped it. */
bool backend_migrate(struct session *s, const struct backend_setup_options *options,
                     const struct backend_side *from, const struct backend_side *to);
/* Empties what `from` keeps, with a backup of each: a state is in one place only. */
bool backend_migrate_empty(struct session *s, const struct backend_side *from);

#endif
