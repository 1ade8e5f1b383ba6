/* SPDX-License-Identifier: Apache-2.0 */
/* Users in groups, roles in instance profiles, and what can be changed of a role. Handlers. */
#ifndef LOAM_JOINING_H
#define LOAM_JOINING_H

#include "server/call.h"

bool joining_add_user(struct call *call);
bool joining_remove_user(struct call *call);
bool joining_get_group(struct call *call);
bool joining_groups_of_user(struct call *call);
bool joining_add_role(struct call *call);
bool joining_remove_role(struct call *call);
bool joining_profiles_of_role(struct call *call);
bool joining_update_role(struct call *call);
bool joining_update_trust(struct call *call);

#endif
