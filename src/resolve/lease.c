/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/lease.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "resolve/locate.h"

enum lease_state { LEASE_OPENING, LEASE_OPEN, LEASE_CLOSED, LEASE_FAILED };

struct lease {
    enum lease_state state;
    bool renewing;
    struct instance_addr addr;
    const struct unit *unit;
    struct provider *provider;
    struct value result;
    struct str private_;
    int64_t renew_at_ms; /* on the wall clock; 0: never */
};

struct leases {
    const struct events *events;
    struct arena *arena; /* used with the lock held */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct map by_address; /* -> struct lease *, in order of opening */
    bool has_renewer, ending;
    pthread_t renewer;
};

static int64_t tell(struct leases *leases, enum event_kind kind, const struct lease *lease,
                    int64_t started_ms) {
    int64_t now = clock_monotonic_ms();
    struct event event = {.kind = kind,
                          .addr = &lease->addr,
                          .action = ACTION_OPEN,
                          .elapsed_ms = started_ms ? now - started_ms : 0};
    events_send(leases->events, &event);
    return now;
}

static void locate(struct arena *arena, const struct lease *lease, struct diags *diags,
                   size_t first) {
    locate_diags(arena, diags, first, addr_instance_text(arena, &lease->addr),
                 lease->unit->resource->config, lease->unit->schema->block);
}

struct leases *lease_begin(const struct events *events) {
    struct leases *leases = xmalloc(sizeof *leases);
    *leases = (struct leases){.events = events, .arena = arena_new()};
    pthread_mutex_init(&leases->lock, NULL);
    pthread_cond_init(&leases->changed, NULL);
    return leases;
}

/* ---- renewing ---- */

/* The open lease that is to be renewed first, or NULL. */
static struct lease *next_renewal(const struct leases *leases) {
    struct lease *next = NULL;
    for (size_t i = 0; i < leases->by_address.n; i++) {
        struct lease *lease = leases->by_address.entries[i].value;
        if (lease->state == LEASE_OPEN && lease->renew_at_ms > 0 &&
            (!next || lease->renew_at_ms < next->renew_at_ms))
            next = lease;
    }
    return next;
}

/* Called with the lock held, which is free while the provider works. A lease that cannot be renewed
 * is left as it is: whether it still serves shows where it is used. */
static void renew(struct leases *leases, struct lease *lease) {
    struct arena *scratch = arena_new();
    struct diags ignored = {.arena = scratch};
    struct str old = lease->private_, private_ = old;
    int64_t renew_at_ms = 0;
    lease->renewing = true;
    pthread_mutex_unlock(&leases->lock);
    int64_t started = tell(leases, EVENT_RENEW_START, lease, 0);
    bool renewed =
        lease->provider->ops->renew_ephemeral(lease->provider, scratch, lease->addr.resource.type,
                                              old, &private_, &renew_at_ms, &ignored);
    if (renewed)
        tell(leases, EVENT_RENEW_DONE, lease, started);
    pthread_mutex_lock(&leases->lock);
    if (renewed)
        lease->private_ = str_dup(leases->arena, private_);
    lease->renew_at_ms = renew_at_ms;
    lease->renewing = false;
    pthread_cond_broadcast(&leases->changed);
    arena_free(scratch);
}

static void wait_until(struct leases *leases, int64_t at_ms) {
    struct timespec at = {.tv_sec = (time_t)(at_ms / 1000),
                          .tv_nsec = (long)(at_ms % 1000) * 1000000};
    pthread_cond_timedwait(&leases->changed, &leases->lock, &at);
}

static void *renew_all(void *context) {
    struct leases *leases = context;
    pthread_mutex_lock(&leases->lock);
    while (!leases->ending) {
        struct lease *next = next_renewal(leases);
        if (!next)
            pthread_cond_wait(&leases->changed, &leases->lock);
        else if (next->renew_at_ms > clock_now_ms())
            wait_until(leases, next->renew_at_ms);
        else
            renew(leases, next);
    }
    pthread_mutex_unlock(&leases->lock);
    return NULL;
}

static void start_renewing(struct leases *leases, struct lease *lease, int64_t renew_at_ms) {
    if (renew_at_ms <= 0 || !lease->provider->ops->renew_ephemeral)
        return;
    lease->renew_at_ms = renew_at_ms;
    if (!leases->has_renewer)
        leases->has_renewer = pthread_create(&leases->renewer, NULL, renew_all, leases) == 0;
}

/* ---- opening ---- */

static bool found(struct leases *leases, struct lease *lease, struct value *ret_value) {
    while (lease->state == LEASE_OPENING)
        pthread_cond_wait(&leases->changed, &leases->lock);
    if (lease->state == LEASE_FAILED)
        return false;
    *ret_value = lease->result;
    return true;
}

bool lease_find(struct leases *leases, const struct instance_addr *addr, struct value *ret_value) {
    struct arena *scratch = arena_new();
    struct str address = addr_instance_text(scratch, addr);
    pthread_mutex_lock(&leases->lock);
    struct lease *lease = map_get(&leases->by_address, address);
    bool ok = lease && found(leases, lease, ret_value);
    pthread_mutex_unlock(&leases->lock);
    arena_free(scratch);
    return ok;
}

static struct lease *add_lease(struct leases *leases, const struct lease_request *request,
                               struct str address) {
    struct lease *lease = arena_alloc(leases->arena, sizeof *lease);
    lease->addr = addr_instance_copy(leases->arena, request->addr);
    lease->unit = request->unit;
    lease->provider = request->provider;
    map_put(leases->arena, &leases->by_address, str_dup(leases->arena, address), lease);
    return lease;
}

/* What a provider gives must be whole. */
static bool check_result(struct arena *arena, const struct lease *lease, struct value result,
                         struct diags *diags) {
    if (value_is_wholly_known(result) && !value_is_null(result))
        return true;
    struct str address = addr_instance_text(arena, &lease->addr);
    diags_error(diags, (struct span){0}, "Provider produced invalid object",
                "The provider produced a value for %.*s that is %s. This is a bug in the provider, "
                "which should be reported in the provider's own issue tracker.",
                STR_ARG(address), value_is_null(result) ? "null" : "not wholly known");
    return false;
}

bool lease_open(struct leases *leases, struct arena *arena, const struct lease_request *request,
                struct value *ret_value, struct diags *diags) {
    struct str address = addr_instance_text(arena, request->addr);
    pthread_mutex_lock(&leases->lock);
    struct lease *lease = map_get(&leases->by_address, address);
    bool known = lease != NULL;
    bool ok = known && found(leases, lease, ret_value);
    if (!known)
        lease = add_lease(leases, request, address);
    pthread_mutex_unlock(&leases->lock);
    if (known)
        return ok;
    size_t first = diags->n;
    struct value result;
    struct str private_ = {0};
    int64_t renew_at_ms = 0, started = tell(leases, EVENT_OPEN_START, lease, 0);
    ok = request->provider->ops->open_ephemeral(
             request->provider, arena, request->addr->resource.type,
             value_unmark_deep(arena, request->config), &result, &private_, &renew_at_ms, diags) &&
         check_result(arena, lease, result, diags);
    tell(leases, ok ? EVENT_OPEN_DONE : EVENT_OPEN_ERRORED, lease, started);
    locate(arena, lease, diags, first);
    pthread_mutex_lock(&leases->lock);
    if (ok) {
        *ret_value = lease->result = value_mark(result, VALUE_EPHEMERAL);
        lease->private_ = str_dup(leases->arena, private_);
        start_renewing(leases, lease, renew_at_ms);
    }
    lease->state = ok ? LEASE_OPEN : LEASE_FAILED;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
    return ok;
}

/* ---- closing ---- */

static bool close_one(struct leases *leases, struct lease *lease, bool quiet, struct diags *diags) {
    pthread_mutex_lock(&leases->lock);
    while (lease->renewing)
        pthread_cond_wait(&leases->changed, &leases->lock);
    bool open = lease->state == LEASE_OPEN;
    if (open)
        lease->state = LEASE_CLOSED;
    pthread_mutex_unlock(&leases->lock);
    if (!open)
        return true;
    size_t first = diags->n;
    int64_t started = quiet ? 0 : tell(leases, EVENT_CLOSE_START, lease, 0);
    bool ok = !lease->provider->ops->close_ephemeral ||
              lease->provider->ops->close_ephemeral(
                  lease->provider, diags->arena, lease->addr.resource.type, lease->private_, diags);
    if (!quiet)
        tell(leases, ok ? EVENT_CLOSE_DONE : EVENT_CLOSE_ERRORED, lease, started);
    locate(diags->arena, lease, diags, first);
    return ok;
}

bool lease_close(struct leases *leases, const struct unit *unit, struct diags *diags) {
    bool ok = true;
    for (size_t i = 0;; i++) {
        pthread_mutex_lock(&leases->lock);
        struct lease *lease = i < leases->by_address.n ? leases->by_address.entries[i].value : NULL;
        pthread_mutex_unlock(&leases->lock);
        if (!lease)
            return ok;
        if (lease->unit == unit)
            ok = close_one(leases, lease, false, diags) && ok;
    }
}

void lease_end(struct leases *leases, bool quiet, struct diags *diags) {
    if (!leases)
        return;
    pthread_mutex_lock(&leases->lock);
    leases->ending = true;
    pthread_cond_broadcast(&leases->changed);
    pthread_mutex_unlock(&leases->lock);
    if (leases->has_renewer)
        pthread_join(leases->renewer, NULL);
    for (size_t i = leases->by_address.n; i-- > 0;)
        close_one(leases, leases->by_address.entries[i].value, quiet, diags);
    pthread_cond_destroy(&leases->changed);
    pthread_mutex_destroy(&leases->lock);
    arena_free(leases->arena);
    free(leases);
}
