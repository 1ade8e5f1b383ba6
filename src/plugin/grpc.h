/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls over one HTTP/2 connection to a plugin on this machine: many threads call at once, one
 * thread of the connection's own moves the bytes. libnghttp2 is loaded on first use.
 */
#ifndef LOAM_GRPC_H
#define LOAM_GRPC_H

#include "base/buf.h"

struct grpc;
struct tls_key;

/* Codes of google.rpc.Code that matter here. */
enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
};

#define GRPC_MAX_ANSWER ((size_t)512 << 20)

/* Where a plugin listens: network "unix" with a path, or "tcp" with HOST:PORT. */
struct grpc_address {
    struct str network, address;
    struct str certificate; /* the plugin's, base64; empty: no TLS */
};

/* key: who we are, when there is TLS. NULL: *ret_error says why. */
struct grpc *grpc_open(struct arena *arena, const struct grpc_address *address,
                       const struct tls_key *key, struct str *ret_error);
/*
 * One call; blocks until the answer is there, the connection is gone (GRPC_UNAVAILABLE), all calls
 * were cancelled, or the time is over (GRPC_DEADLINE_EXCEEDED; 0: it never is). The answer is in
 * arena; *ret_message is the server's text for any status but GRPC_OK.
 */
int grpc_call(struct grpc *g, struct arena *arena, struct str path, struct str request,
              int64_t timeout_ms, struct str *ret_answer, struct str *ret_message);
/* The same for a call that is answered by a stream: all its messages, for grpc_next(). */
int grpc_stream(struct grpc *g, struct arena *arena, struct str path, struct str request,
                int64_t timeout_ms, struct str *ret_answer, struct str *ret_message);
/* The next message of such an answer, and what is behind it; false: there is none. */
bool grpc_next(struct str *answer, struct str *ret_message);
/* Ends the calls under way, and every later one, with GRPC_CANCELLED. */
void grpc_cancel(struct grpc *g);
/* The name that Go gives a code, "ResourceExhausted". */
const char *grpc_code_name(int status);
void grpc_close(struct grpc *g);

#endif
