/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Group commit: writers take turns inside one transaction of the database, each in a savepoint, and
 * the last of them commits for all. Whoever finds others waiting hands the connection on and sleeps
 * until that commit is durable.
 */
#ifndef LOAM_BATCH_H
#define LOAM_BATCH_H

#include <pthread.h>

#include "store/store_int.h"

struct batch {
    pthread_mutex_t lock;
    pthread_cond_t turn; /* the connection is free */
    bool busy;           /* somebody uses the connection */
    bool open;           /* a batch has begun */
    unsigned waiting, in_batch;
    struct store_tx *members; /* who waits for the open batch's commit */
};

/* Commits what is on the connection, or undoes it all where that cannot be; how it ended. */
typedef enum store_status batch_finish(void *database);

void batch_init(struct batch *batch);
void batch_clear(struct batch *batch);
/* Waits for the connection; true when this one has to begin the database's transaction. */
bool batch_enter(struct batch *batch);
/*
 * Ends one member's part, whose savepoint is already released or rolled back. A member that does
 * not commit waits for nobody, unless it is the last and has the others' commit to make. `usable`:
 * more members may still join this transaction.
 */
void batch_leave(struct batch *batch, struct store_tx *tx, bool commit, bool usable,
                 batch_finish *finish, void *database);

#endif
