/* SPDX-License-Identifier: Apache-2.0 */
/* Inline policies of users, groups and roles. Handlers. */
#ifndef LOAM_INLINE_POLICY_H
#define LOAM_INLINE_POLICY_H

#include "policy/policy_check.h"
#include "server/call.h"

/* Row: name; a = PolicyName, b = PolicyDocument. */
bool inline_policy_put(struct call *call);
/* Row: name; a = PolicyName. The response repeats the request and adds the document. */
bool inline_policy_get(struct call *call);
bool inline_policy_delete(struct call *call);
/* Row: name; a = PolicyNames of the response. */
bool inline_policy_list(struct call *call);
/* MalformedPolicyDocument in AWS's words. */
bool inline_policy_check(struct call *call, enum policy_kind kind, struct str document);

#endif
