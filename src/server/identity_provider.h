/* SPDX-License-Identifier: Apache-2.0 */
/* SAML and OpenID Connect providers. Handlers. */
#ifndef LOAM_IDENTITY_PROVIDER_H
#define LOAM_IDENTITY_PROVIDER_H

#include "server/call.h"

bool identity_provider_create_saml(struct call *call);
bool identity_provider_update_saml(struct call *call);
bool identity_provider_create_oidc(struct call *call);
bool identity_provider_add_client(struct call *call);
bool identity_provider_remove_client(struct call *call);
bool identity_provider_update_thumbprints(struct call *call);
/* Either kind. Rows: name = ARN. */
bool identity_provider_get(struct call *call);
bool identity_provider_delete(struct call *call);
/* Row: kind; a = the list, b = Arn in its elements. */
bool identity_provider_list(struct call *call);

#endif
