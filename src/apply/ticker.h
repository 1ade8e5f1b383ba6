/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a run: reports every operation that has been going on for ten seconds, twenty
 * seconds and so on, and passes a second interrupt on. One thread, alive while the run is.
 */
#ifndef LOAM_TICKER_H
#define LOAM_TICKER_H

#include <pthread.h>

#include "resolve/events.h"

/* The operation that a worker has under way. */
struct ticking {
    bool on;
    struct event event;        /* as EVENT_APPLY_START had it */
    int64_t start_ms, next_ms; /* monotonic */
};

struct ticker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running, quit, aborted;
    struct ticking *slots; /* by worker */
    unsigned n_slots;
    int64_t interval_ms;
    const struct events *events;
    const _Atomic bool *abort_now;
    void (*on_abort)(void *context); /* called once, from the ticker's thread */
    void *context;
};

/* Fills the times; slots, events, abort_now and on_abort were set by the caller. */
void ticker_start(struct ticker *t);
void ticker_stop(struct ticker *t);
/* Sends the start event and counts from now; the event's texts must live until ticker_end(). */
void ticker_begin(struct ticker *t, unsigned worker, const struct event *event);
/* Milliseconds since ticker_begin(). */
int64_t ticker_end(struct ticker *t, unsigned worker);

#endif
