/* SPDX-License-Identifier: Apache-2.0 */
/* Roles that a service makes for itself: named, trusted and equipped as AWS does. Handler. */
#ifndef LOAM_SERVICE_ROLE_H
#define LOAM_SERVICE_ROLE_H

#include "server/call.h"

bool service_role_create(struct call *call);

#endif
