/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: libmicrohttpd's epoll thread pool behind one callback, loaded on first use.
 * Bodies are bounded; slow and half-open clients cost one connection and are cut by a timeout.
 */
#ifndef LOAM_HTTP_SERVER_H
#define LOAM_HTTP_SERVER_H

#include "base/str.h"

struct arena;
struct http_server;

struct http_server_header {
    struct str name, value;
};

struct http_server_request {
    struct str method, path, query; /* path as sent */
    const struct http_server_header *headers;
    size_t n_headers;
    struct str body;
    struct str peer; /* address without port */
    bool body_too_large;
};

struct http_server_response {
    int status;
    struct http_server_header headers[8];
    size_t n_headers;
    struct str body; /* copied when the handler returns */
    bool dropped;    /* no answer: the connection is cut */
};

struct http_server_options {
    struct str host;
    uint16_t port; /* 0: any free one */
    unsigned threads;
    size_t max_body;
    struct str tls_cert, tls_key; /* PEM files, or empty */
    /* Called on a pool thread; `arena` is the request's and is reset after the answer left. */
    void (*handle)(void *context, struct arena *arena, const struct http_server_request *request,
                   struct http_server_response *response);
    void *context;
};

struct http_server *http_server_start(const struct http_server_options *options,
                                      struct arena *arena, struct str *ret_error);
uint16_t http_server_port(const struct http_server *server);
/* Lets running requests finish. */
void http_server_stop(struct http_server *server);

#endif
