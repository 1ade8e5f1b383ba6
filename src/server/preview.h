/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only makes sense with more than one standalone account, or with AWS behind it: answered as a
 * standalone account is, and keeping what it is given. Handlers.
 */
#ifndef LOAM_PREVIEW_H
#define LOAM_PREVIEW_H

#include "server/call.h"

/* Features of organizations: this account is in none. */
bool preview_no_organization(struct call *call);
bool preview_organization_report(struct call *call);
bool preview_get_organization_report(struct call *call);
bool preview_assume_root(struct call *call);

bool preview_put_properties(struct call *call);
bool preview_get_properties(struct call *call);

/* Role templates: there are none. Row: name = TemplateArn. */
bool preview_no_template(struct call *call);

bool preview_delete_service_role(struct call *call);
bool preview_service_role_status(struct call *call);

bool preview_decode_message(struct call *call);
bool preview_delegated_token(struct call *call);

#endif
