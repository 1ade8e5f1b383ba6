/* SPDX-License-Identifier: Apache-2.0 */
/* Managed policies and their versions. Handlers. */
#ifndef LOAM_MANAGED_POLICY_H
#define LOAM_MANAGED_POLICY_H

#include "server/call.h"

bool managed_policy_create(struct call *call);
bool managed_policy_delete(struct call *call);
bool managed_policy_list(struct call *call);
bool managed_policy_create_version(struct call *call);
bool managed_policy_delete_version(struct call *call);
bool managed_policy_get_version(struct call *call);
bool managed_policy_list_versions(struct call *call);
bool managed_policy_set_default(struct call *call);
/* Versions, newest first, into a list of PolicyVersion; with documents when `documents`. */
void managed_policy_versions(struct call *call, const struct entity *policy, struct message *to,
                             int member, bool documents);

#endif
