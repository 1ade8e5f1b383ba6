/* SPDX-License-Identifier: Apache-2.0 */
/* The account itself: alias, summary, preferences. Handlers. */
#ifndef LOAM_ACCOUNT_H
#define LOAM_ACCOUNT_H

#include "server/call.h"

bool account_create_alias(struct call *call);
bool account_delete_alias(struct call *call);
bool account_list_aliases(struct call *call);
bool account_summary(struct call *call);
bool account_set_token_version(struct call *call);

#endif
