/* SPDX-License-Identifier: Apache-2.0 */
/* Users, groups, roles and instance profiles: what is particular to making and joining them. */
#ifndef LOAM_CREATION_H
#define LOAM_CREATION_H

#include "server/call.h"

/* MaxSessionDuration of a role that asks for none. */
#define CREATION_SESSION_S 3600

bool creation_user(struct call *call);
bool creation_group(struct call *call);
bool creation_role(struct call *call);
bool creation_profile(struct call *call);

#endif
