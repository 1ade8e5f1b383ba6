/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a run: reports every operation that has been going on for ten seconds, twenty
 * seconds and so on, and passes interrupts on. One thread, alive while the run is.
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
    bool running, quit;
    unsigned n_interrupts; /* passed on so far */
    struct ticking *slots; /* by worker */
    unsigned n_slots;
    int64_t interval_ms;
    const struct events *events;
    const _Atomic bool *cancel, *abort_now; /* set by the first and the second; may be NULL */
    /* Called once for each, from the ticker's thread. */
    void (*on_interrupt)(void *context, bool at_once);
    void *context;
};

/* Fills the times; slots, events, the flags and on_interrupt were set by the caller. */
void ticker_start(struct ticker *t);
void ticker_stop(struct ticker *t);
/* Sends the start event and counts from now; the event's texts must live until ticker_end(). */
void ticker_begin(struct ticker *t, unsigned worker, const struct event *event);
/* Milliseconds since ticker_begin(). */
int64_t ticker_end(struct ticker *t, unsigned worker);

#endif
