/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a request to those of its answer. */
#ifndef LOAM_DISPATCH_H
#define LOAM_DISPATCH_H

#include "server/call.h"
#include "server/server.h"

void dispatch_run(struct server *server, struct arena *arena, const struct http_request *http,
                  struct str peer, struct server_answer *ret_answer);

#endif
