/* SPDX-License-Identifier: Apache-2.0 */
/* How things look in answers: what every kind has, and what only some have. */
#ifndef LOAM_DESCRIBE_H
#define LOAM_DESCRIBE_H

#include "server/call.h"

/* Tags into the list member `member` of `to`; nothing when there are none. */
void describe_tags(struct call *call, struct str owner, struct message *to, int member);
/* All of it, as GetUser, GetRole ... answer: with tags, boundary, last use. */
void describe_full(struct call *call, const struct entity *entity, struct message *to);
/* As lists answer. */
void describe_listed(struct call *call, const struct entity *entity, struct message *to);
/* "PermissionsBoundary" of a structure. */
void describe_boundary(struct call *call, const struct entity *entity, struct message *to,
                       int member);
/* Takes away what a role does not show in the answer of its creation, nor inside a profile. */
void describe_brief_role(struct message *role);

#endif
