/* SPDX-License-Identifier: Apache-2.0 */
/* A server on a socket: HTTP in, HTTP out, one line of log for each request where wanted. */
#ifndef LOAM_LISTENER_H
#define LOAM_LISTENER_H

#include "base/str.h"

struct arena;
struct server;
struct listener;

struct listener_options {
    struct str host;
    uint16_t port; /* 0: any free one */
    unsigned threads;
    struct str tls_cert, tls_key;
    int log_fd;          /* one JSON line a request; -1: none */
    struct str log_head; /* put in front of each line, as the warning of a permissive server */
    /* Chaos: of 100 requests, so many get a 5xx or a throttling fault, or come late. */
    unsigned chaos_percent;
};

struct listener *listener_start(struct server *server, const struct listener_options *options,
                                struct arena *arena, struct str *ret_error);
uint16_t listener_port(const struct listener *listener);
/* Lets running requests finish. */
void listener_stop(struct listener *listener);

#endif
