/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends a request: signature, key, session token, clock. */
#ifndef LOAM_AUTHENTICATE_H
#define LOAM_AUTHENTICATE_H

#include "server/call.h"

/* Fills call->caller, account, partition and region; false with the fault set. */
bool authenticate_call(struct call *call);

#endif
