/* SPDX-License-Identifier: Apache-2.0 */
/* Signing certificates of users and server certificates. Handlers. */
#ifndef LOAM_CERTIFICATE_H
#define LOAM_CERTIFICATE_H

#include "server/call.h"

bool certificate_upload_signing(struct call *call);
bool certificate_upload_server(struct call *call);
bool certificate_get_server(struct call *call);
bool certificate_list_server(struct call *call);

#endif
