/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP(S) requests through libcurl, loaded on first use; connections are kept and shared. */
#ifndef LOAM_CLIENT_H
#define LOAM_CLIENT_H

#include "base/str.h"

struct arena;
struct client;

struct client_options {
    struct str ca_bundle;                         /* file, or empty for the system's */
    struct str proxy_http, proxy_https, no_proxy; /* empty: from the environment */
    struct str ca_pem;                            /* instead of a file */
    struct str cert_pem, key_pem;                 /* what the client shows of itself, or empty */
    bool insecure;
    int64_t connect_timeout_ms, timeout_ms;
    struct str user_agent;
};

struct client_header {
    struct str name, value;
};

struct client_request {
    struct str method, url;
    const struct client_header *headers;
    size_t n_headers;
    struct str body;
    size_t max_body; /* largest answer accepted */
};

struct client_response {
    int status;
    const struct client_header *headers;
    size_t n_headers;
    struct str body;
    bool
        repeated; /* sent again on a new connection, since the one at hand was cut without a word */
};

/* Safe to use from many threads. NULL and *ret_error when libcurl cannot be loaded. */
struct client *client_new(const struct client_options *options, struct arena *arena,
                          struct str *ret_error);
void client_free(struct client *client);
/* false: no HTTP answer at all; *ret_error says why in a sentence part, *ret_retryable whether
 * another attempt may help. */
bool client_send(struct client *client, struct arena *arena, const struct client_request *request,
                 struct client_response *ret_response, struct str *ret_error, bool *ret_retryable);

#endif
