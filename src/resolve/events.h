/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine reports while it works, for progress on a terminal and the -json stream. */
#ifndef LOAM_EVENTS_H
#define LOAM_EVENTS_H

#include "diag/diag.h"
#include "steps/steps.h"

enum event_kind {
    EVENT_REFRESH_START,
    EVENT_REFRESH_DONE,
    EVENT_READ_START, /* data source */
    EVENT_READ_DONE,
    EVENT_IMPORT_START,
    EVENT_IMPORT_DONE,
    EVENT_APPLY_START,
    EVENT_APPLY_PROGRESS, /* every ten seconds of one operation */
    EVENT_APPLY_DONE,
    EVENT_APPLY_ERRORED,
    EVENT_PROVISION_START,
    EVENT_PROVISION_OUTPUT,
    EVENT_PROVISION_DONE,
    EVENT_PROVISION_ERRORED,
    EVENT_OPEN_DEFERRED, /* an ephemeral resource whose configuration is not known yet */
    EVENT_OPEN_START,
    EVENT_OPEN_DONE,
    EVENT_OPEN_ERRORED,
    EVENT_RENEW_START,
    EVENT_RENEW_DONE,
    EVENT_CLOSE_START,
    EVENT_CLOSE_DONE,
    EVENT_CLOSE_ERRORED,
    EVENT_LIST_START,
    EVENT_LIST_FOUND,
    EVENT_LIST_DONE,
};

/* What the events of a list block tell besides. */
struct plan_found;
struct event_list {
    struct value config;
    const struct plan_found *found; /* EVENT_LIST_FOUND */
    int64_t identity_version;
    size_t total;
};

struct event {
    enum event_kind kind;
    const struct instance_addr *addr;
    struct str deposed;
    enum action action;
    struct str id_key;   /* "id", or "name" where there is no id */
    struct str id_value; /* empty when unknown */
    int64_t elapsed_ms;
    struct str text;               /* provisioner name or output line; import id */
    struct str provisioner;        /* its type, in the EVENT_PROVISION_* events */
    const struct event_list *list; /* in the EVENT_LIST_* events */
};

struct events {
    /* Called from worker threads; the receiver serialises. */
    void (*on)(void *context, const struct event *event);
    void *context;
};

void events_send(const struct events *events, const struct event *event);

#endif
