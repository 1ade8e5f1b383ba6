/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual MFA devices with real time-based codes (RFC 6238). Handlers. */
#ifndef LOAM_MFA_H
#define LOAM_MFA_H

#include "server/call.h"

bool mfa_create(struct call *call);
bool mfa_delete(struct call *call);
bool mfa_enable(struct call *call);
bool mfa_deactivate(struct call *call);
bool mfa_resync(struct call *call);
bool mfa_get(struct call *call);
bool mfa_list(struct call *call);
bool mfa_list_virtual(struct call *call);
/* Is this device one of the user's? */
bool mfa_has(struct call *call, const struct entity *user, struct str serial);
/* Is `code` right for this user's device now? A code works once. */
bool mfa_check(struct call *call, const struct entity *user, struct str serial, struct str code);

/* The six digits of time step `step` for a raw seed. */
unsigned mfa_code(struct str seed, int64_t step);

#endif
