/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that a server knows as one JSON document, and back: to move accounts to another machine or
 * database, or to start from a prepared one. The document holds every secret in the clear.
 */
#ifndef LOAM_TRANSFER_H
#define LOAM_TRANSFER_H

#include "base/str.h"

struct arena;
struct server;

bool transfer_export(struct server *server, struct arena *arena, struct str *ret_document,
                     struct str *ret_error);
/* Replaces what is there, or leaves it as it is and says why. The answer of
 * iam:GetAccountAuthorizationDetails is taken too, into an empty store (server/snapshot.h). */
bool transfer_import(struct server *server, struct arena *arena, struct str document,
                     struct str *ret_error);
/* Has nobody put anything into this store yet? */
bool transfer_is_fresh(struct server *server, struct arena *arena);

#endif
