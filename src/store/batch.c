/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"

#define MAX_BATCH 512

void batch_init(struct batch *batch) {
    *batch = (struct batch){.busy = false};
    pthread_mutex_init(&batch->lock, NULL);
    pthread_cond_init(&batch->turn, NULL);
    pthread_cond_init(&batch->committed, NULL);
}

void batch_clear(struct batch *batch) {
    pthread_mutex_destroy(&batch->lock);
    pthread_cond_destroy(&batch->turn);
    pthread_cond_destroy(&batch->committed);
}

bool batch_enter(struct batch *batch) {
    pthread_mutex_lock(&batch->lock);
    batch->waiting++;
    while (batch->busy)
        pthread_cond_wait(&batch->turn, &batch->lock);
    batch->waiting--;
    batch->busy = true;
    bool first = !batch->open;
    batch->open = true;
    pthread_mutex_unlock(&batch->lock);
    return first;
}

/* Called with the lock held, by whom the connection belongs to. */
static void end_batch(struct batch *batch, batch_finish *finish, void *database) {
    pthread_mutex_unlock(&batch->lock);
    enum store_status status = finish(database);
    pthread_mutex_lock(&batch->lock);
    for (struct store_tx *tx = batch->members, *next; tx; tx = next) {
        next = tx->next;
        tx->result = status;
        tx->finished = true;
    }
    batch->members = NULL;
    batch->open = false;
    batch->in_batch = 0;
    batch->busy = false;
    pthread_cond_broadcast(&batch->committed);
    pthread_cond_signal(&batch->turn);
}

void batch_leave(struct batch *batch, struct store_tx *tx, bool commit, bool usable,
                 batch_finish *finish, void *database) {
    pthread_mutex_lock(&batch->lock);
    batch->in_batch++;
    if (commit) {
        tx->next = batch->members;
        batch->members = tx;
    }
    if (usable && batch->waiting && batch->in_batch < MAX_BATCH) {
        batch->busy = false;
        pthread_cond_signal(&batch->turn);
        while (commit && !tx->finished)
            pthread_cond_wait(&batch->committed, &batch->lock);
    } else {
        end_batch(batch, finish, database);
    }
    pthread_mutex_unlock(&batch->lock);
    if (commit && tx->result != STORE_OK)
        store_fail(tx, tx->result, "the commit failed");
}
