/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a user: keys, certificates, credentials, devices. Handlers for what is alike. */
#ifndef LOAM_OWNED_H
#define LOAM_OWNED_H

#include "server/call.h"

/* Row: kind of the child; name = UserName; a = the list in the response. */
bool owned_list(struct call *call);
/* Row: kind of the child; name = UserName; a = the child's id. */
bool owned_delete(struct call *call);
/* Takes over what the request has under the same names, as Status. Rows as owned_delete. */
bool owned_update(struct call *call);
/* The user whose UserName the request has at `member`; the caller's own where absent. */
struct entity *owned_user(struct call *call, int member);
/* The child of that user with that id; NULL with NoSuchEntity. */
struct entity *owned_child(struct call *call, const struct entity *user, enum kind_id kind,
                           struct str id);
/* Adds one with `key` as its id; secret as stored. */
struct entity *owned_add(struct call *call, const struct entity *user, enum kind_id kind,
                         struct str key, struct message *body, struct str secret);

#endif
