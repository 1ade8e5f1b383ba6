/* SPDX-License-Identifier: Apache-2.0 */
/* Managed policies on users, groups and roles, and boundaries on users and roles. Handlers. */
#ifndef LOAM_ATTACHMENT_H
#define LOAM_ATTACHMENT_H

#include "server/call.h"

/* Row: name; a = PolicyArn. */
bool attachment_add(struct call *call);
bool attachment_remove(struct call *call);
/* Row: name; a = AttachedPolicies of the response, b = PathPrefix. */
bool attachment_list(struct call *call);
bool attachment_entities(struct call *call);
/* Row: name; a = PermissionsBoundary. */
bool attachment_put_boundary(struct call *call);
bool attachment_delete_boundary(struct call *call);
/* Sets the boundary that a create request names; nothing when it names none. */
bool attachment_bound(struct call *call, const struct entity *entity, struct str policy_arn);

#endif
