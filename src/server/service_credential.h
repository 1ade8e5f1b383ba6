/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords of users for single services (CodeCommit, Keyspaces, Bedrock). Handlers. */
#ifndef LOAM_SERVICE_CREDENTIAL_H
#define LOAM_SERVICE_CREDENTIAL_H

#include "server/call.h"

bool service_credential_create(struct call *call);
bool service_credential_list(struct call *call);
bool service_credential_reset(struct call *call);

#endif
