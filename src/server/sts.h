/* SPDX-License-Identifier: Apache-2.0 */
/* The Security Token Service: who am I, and temporary credentials. Handlers. */
#ifndef LOAM_STS_H
#define LOAM_STS_H

#include "server/call.h"
#include "server/role_session.h"

bool sts_caller_identity(struct call *call);
bool sts_assume_role(struct call *call);
bool sts_session_token(struct call *call);
bool sts_federation_token(struct call *call);

/*
 * The common end of all that assume a role: duration, session policies, credentials. `session` has
 * what is particular filled in; members are those of the response, in AssumeRoleResponse's order.
 */
struct sts_assume {
    struct entity *role;
    struct str session_name;
    int policy, policy_arns, duration;          /* members of the request */
    int credentials, assumed_user, packed_size; /* members of the response */
    struct session session;
};
bool sts_assume(struct call *call, struct sts_assume *assume);
/* A role that nobody made, for a test double. */
struct entity *sts_stand_in(struct call *call, struct str arn);
/* The role of an ARN; AccessDenied as AWS has it when there is none. */
struct entity *sts_role(struct call *call, struct str arn, const char *action);

#endif
