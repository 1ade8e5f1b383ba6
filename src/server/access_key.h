/* SPDX-License-Identifier: Apache-2.0 */
/* Access keys, console passwords and service specific credentials. Handlers. */
#ifndef LOAM_ACCESS_KEY_H
#define LOAM_ACCESS_KEY_H

#include "server/call.h"

bool access_key_create(struct call *call);
bool access_key_last_used(struct call *call);
bool access_key_info(struct call *call);

#endif
