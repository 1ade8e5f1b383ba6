/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/ticker.h"

#include <time.h>

#include "base/clock.h"

#define TICKER_LOOK_MS 100

/* Fills `due` with the operations to be reported now; called with the lock held. */
static unsigned collect_due(struct ticker *t, struct event *due, unsigned max) {
    int64_t now = clock_monotonic_ms();
    unsigned n = 0;
    for (unsigned i = 0; i < t->n_slots && n < max; i++) {
        struct ticking *slot = &t->slots[i];
        if (!slot->on || now < slot->next_ms)
            continue;
        slot->next_ms += t->interval_ms;
        due[n] = slot->event;
        due[n].kind = EVENT_APPLY_PROGRESS;
        due[n].elapsed_ms = now - slot->start_ms;
        n++;
    }
    return n;
}

static void wait_a_little(struct ticker *t) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICKER_LOOK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&t->wake, &t->lock, &until);
}

static bool is_set(const _Atomic bool *flag) {
    return flag && *flag;
}

/* Called with the lock held, which is given up meanwhile: operations may end because of it. */
static void pass_interrupts_on(struct ticker *t) {
    unsigned n = is_set(t->abort_now) ? 2 : is_set(t->cancel) ? 1 : 0;
    while (t->n_interrupts < n) {
        bool at_once = ++t->n_interrupts == 2;
        pthread_mutex_unlock(&t->lock);
        t->on_interrupt(t->context, at_once);
        pthread_mutex_lock(&t->lock);
    }
}

static void *tick(void *context) {
    struct ticker *t = context;
    pthread_mutex_lock(&t->lock);
    while (!t->quit) {
        struct event due[16];
        unsigned n = collect_due(t, due, 16);
        /* The lock is kept, so that an operation cannot end while it is being reported. */
        for (unsigned i = 0; i < n; i++)
            events_send(t->events, &due[i]);
        pass_interrupts_on(t);
        if (!t->quit)
            wait_a_little(t);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

void ticker_start(struct ticker *t) {
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    if (t->interval_ms == 0)
        t->interval_ms = 10000;
    t->running = pthread_create(&t->thread, NULL, tick, t) == 0;
}

void ticker_stop(struct ticker *t) {
    pthread_mutex_lock(&t->lock);
    t->quit = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    if (t->running)
        pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
}

void ticker_begin(struct ticker *t, unsigned worker, const struct event *event) {
    events_send(t->events, event);
    pthread_mutex_lock(&t->lock);
    struct ticking *slot = &t->slots[worker];
    slot->on = true;
    slot->event = *event;
    slot->start_ms = clock_monotonic_ms();
    slot->next_ms = slot->start_ms + t->interval_ms;
    pthread_mutex_unlock(&t->lock);
}

int64_t ticker_end(struct ticker *t, unsigned worker) {
    pthread_mutex_lock(&t->lock);
    struct ticking *slot = &t->slots[worker];
    slot->on = false;
    int64_t elapsed = clock_monotonic_ms() - slot->start_ms;
    pthread_mutex_unlock(&t->lock);
    return elapsed;
}
