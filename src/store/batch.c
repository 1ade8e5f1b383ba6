/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"

#define MAX_BATCH 512

void batch_init(struct batch *batch) {
    *batch = (struct batch){.busy = false};
    pthread_mutex_init(&batch->lock, NULL);
    pthread_cond_init(&batch->turn, NULL);
}

void batch_clear(struct batch *batch) {
    pthread_mutex_destroy(&batch->lock);
    pthread_cond_destroy(&batch->turn);
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

/* Called with the lock held, by whom the connection belongs to; gives up both. */
static void end_batch(struct batch *batch, batch_finish *finish, void *database) {
    pthread_mutex_unlock(&batch->lock);
    enum store_status status = finish(database);
    pthread_mutex_lock(&batch->lock);
    struct store_tx *members = batch->members;
    batch->members = NULL;
    batch->open = false;
    batch->in_batch = 0;
    batch->busy = false;
    pthread_cond_signal(&batch->turn);
    pthread_mutex_unlock(&batch->lock);
    /* Each is woken by itself, so that they do not all wait for one lock; then it may be gone. */
    for (struct store_tx *tx = members, *next; tx; tx = next) {
        next = tx->next;
        tx->result = status;
        sem_post(&tx->finished);
    }
}

static void wait_for_commit(struct store_tx *tx) {
    while (sem_wait(&tx->finished) != 0) {
        /* interrupted by a signal */
    }
    sem_destroy(&tx->finished);
    if (tx->result != STORE_OK)
        store_fail(tx, tx->result, "the commit failed");
}

void batch_leave(struct batch *batch, struct store_tx *tx, bool commit, bool usable,
                 batch_finish *finish, void *database) {
    if (commit)
        sem_init(&tx->finished, 0, 0);
    pthread_mutex_lock(&batch->lock);
    batch->in_batch++;
    if (commit) {
        tx->next = batch->members;
        batch->members = tx;
    }
    if (usable && batch->waiting && batch->in_batch < MAX_BATCH) {
        batch->busy = false;
        pthread_cond_signal(&batch->turn);
        pthread_mutex_unlock(&batch->lock);
    } else {
        end_batch(batch, finish, database);
    }
    if (commit)
        wait_for_commit(tx);
}
