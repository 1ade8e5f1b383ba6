/* SPDX-License-Identifier: Apache-2.0 */
/* The policy simulator: what would be allowed, without doing it. Handlers. */
#ifndef LOAM_SIMULATE_H
#define LOAM_SIMULATE_H

#include "server/call.h"

bool simulate_custom(struct call *call);
bool simulate_principal(struct call *call);
bool simulate_custom_keys(struct call *call);
bool simulate_principal_keys(struct call *call);
/* The user, group or role of an ARN; NULL with the fault set. */
struct entity *simulate_source(struct call *call, struct str arn);

#endif
