/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which services a principal may use and when it last did: from its policies and from this server's
 * own request log. Handlers.
 */
#ifndef LOAM_LAST_ACCESS_H
#define LOAM_LAST_ACCESS_H

#include "server/call.h"

bool last_access_generate(struct call *call);
bool last_access_get(struct call *call);
bool last_access_get_entities(struct call *call);
bool last_access_granting(struct call *call);

#endif
