/* SPDX-License-Identifier: Apache-2.0 */
/* SSH public keys of users, in either encoding. Handlers. */
#ifndef LOAM_SSH_KEY_H
#define LOAM_SSH_KEY_H

#include "server/call.h"

bool ssh_key_upload(struct call *call);
bool ssh_key_get(struct call *call);

#endif
