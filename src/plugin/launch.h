/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider's process: started, greeted by the handshake of go-plugin, its log passed to ours, and
 * ended. The line it greets with is CORE|PROTOCOL|NETWORK|ADDRESS|grpc|CERTIFICATE.
 */
#ifndef LOAM_LAUNCH_H
#define LOAM_LAUNCH_H

#include "plugin/grpc.h"

struct launch;

struct launch_greeting {
    int protocol; /* 5 or 6 */
    struct grpc_address address;
};

struct launch_order {
    struct str program;
    struct str certificate;      /* ours in PEM: a plugin that can do so speaks TLS; or empty */
    const _Atomic bool *aborted; /* or NULL; true: wait no longer */
};

/* NULL: *ret_error says what happened, as sentences for the user. Waits a minute at most. */
struct launch *launch_start(struct arena *arena, const struct launch_order *order,
                            struct launch_greeting *ret_greeting, struct str *ret_error);
/* Waits until the process has ended by itself, at most grace_ms, then kills it. */
void launch_end(struct launch *l, int64_t grace_ms);

#endif
