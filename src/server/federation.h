/* SPDX-License-Identifier: Apache-2.0 */
/* Roles for identities of elsewhere: JSON Web Tokens, SAML assertions. Handlers. */
#ifndef LOAM_FEDERATION_H
#define LOAM_FEDERATION_H

#include "server/call.h"

bool federation_web_identity(struct call *call);
bool federation_saml(struct call *call);

#endif
