/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IAM and STS on one machine: an HTTP request in, AWS's answer out. Signatures are checked and
 * policies enforced unless `permissive`. Knows no sockets: net/http_server and the in-process
 * transport both call server_handle.
 */
#ifndef LOAM_SERVER_H
#define LOAM_SERVER_H

#include "base/str.h"
#include "wire/sigv4.h"

struct arena;
struct server;

struct server_options {
    struct str data_dir;   /* folder of the database; empty with `memory` */
    struct str file;       /* or one database file (loam:PATH) */
    bool memory;           /* nothing on disk */
    struct str store_url;  /* postgres://..., or empty */
    struct str account_id; /* default 123456789012 */
    bool permissive;
    struct str quotas; /* "UsersPerAccount=100000,...", or empty: those of AWS */
    struct str root_access_key_id, root_secret_access_key; /* taken when the store is new */
};

struct server_answer {
    int status;
    struct str content_type;
    struct str body;
    struct str request_id;
    struct str action; /* for the log */
    struct str caller;
};

/* *ret_new_key is filled with the root key when one was made. */
struct server *server_open(const struct server_options *options, struct arena *arena,
                           struct credentials *ret_new_key, struct str *ret_error);
void server_close(struct server *server);
/* Safe from many threads. */
void server_handle(struct server *server, struct arena *arena, const struct http_request *request,
                   struct str peer, struct server_answer *ret_answer);
/*
 * In process: the root credentials of the store, for AWS_ENDPOINT_URL=loam:PATH runs that bring no
 * credentials of their own.
 */
struct credentials server_root_key(struct server *server, struct arena *arena);

#endif
