/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ephemeral resources that are open: each is opened once, renewed on a thread of its own as its
 * provider asks, and closed when nothing needs it any more, at the latest when the run ends.
 */
#ifndef LOAM_LEASE_H
#define LOAM_LEASE_H

#include "provider/provider.h"
#include "resolve/events.h"
#include "resolve/unit.h"

struct leases;

struct lease_request {
    const struct instance_addr *addr;
    const struct unit *unit;
    struct provider *provider;
    struct value config; /* wholly known */
};

struct leases *lease_begin(const struct events *events);
/* The value of an instance that was opened, marked as ephemeral; waits while it is being opened.
 * false: it was not, or in vain. */
bool lease_find(struct leases *leases, const struct instance_addr *addr, struct value *ret_value);
/*
 * Opens an instance, or gives what it was opened to; the value lies in `arena`, which must live as
 * long as the run. false with errors, which only the first who asks is told.
 */
bool lease_open(struct leases *leases, struct arena *arena, const struct lease_request *request,
                struct value *ret_value, struct diags *diags);
/* Closes all instances of a unit; false with errors. */
bool lease_close(struct leases *leases, const struct unit *unit, struct diags *diags);
/* Closes what is still open and forgets everything; nobody is told when the run failed (`quiet`).
 * NULL is fine. */
void lease_end(struct leases *leases, bool quiet, struct diags *diags);

#endif
