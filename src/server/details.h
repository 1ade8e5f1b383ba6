/* SPDX-License-Identifier: Apache-2.0 */
/* GetAccountAuthorizationDetails: the whole account in pages. Handler. */
#ifndef LOAM_DETAILS_H
#define LOAM_DETAILS_H

#include "server/call.h"

bool details_get(struct call *call);

#endif
