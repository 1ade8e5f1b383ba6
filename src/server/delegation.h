/* SPDX-License-Identifier: Apache-2.0 */
/* Delegation requests: a partner asks, an owner answers. Handlers. */
#ifndef LOAM_DELEGATION_H
#define LOAM_DELEGATION_H

#include "server/call.h"

bool delegation_create(struct call *call);
bool delegation_get(struct call *call);
bool delegation_list(struct call *call);
/* Rows: name = DelegationRequestId; a = Notes or -1; b = the step, enum delegation_step. */
bool delegation_step(struct call *call);
bool delegation_summary(struct call *call);

enum delegation_step {
    DELEGATION_ASSOCIATE,
    DELEGATION_UPDATE,
    DELEGATION_ACCEPT,
    DELEGATION_REJECT,
    DELEGATION_SEND,
};

#endif
