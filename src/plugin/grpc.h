/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls over one HTTP/2 connection to a plugin on this machine: many threads call at once, one
 * thread of the connection's own moves the bytes. libnghttp2 is loaded on first use.
 */
#ifndef LOAM_GRPC_H
#define LOAM_GRPC_H

#include "base/buf.h"

struct grpc;

/* Codes of google.rpc.Code that matter here. */
enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_UNAVAILABLE = 14,
};

#define GRPC_MAX_ANSWER ((size_t)512 << 20)

/* network "unix" with a path, or "tcp" with HOST:PORT. NULL: *ret_error says why. */
struct grpc *grpc_open(struct arena *arena, struct str network, struct str address,
                       struct str *ret_error);
/*
 * One call; blocks until the answer is there or the connection is gone (GRPC_UNAVAILABLE). The
 * answer is in arena; *ret_message is the server's text for any status but GRPC_OK.
 */
int grpc_call(struct grpc *g, struct arena *arena, struct str path, struct str request,
              struct str *ret_answer, struct str *ret_message);
void grpc_close(struct grpc *g);

#endif
