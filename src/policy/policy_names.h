/* SPDX-License-Identifier: Apache-2.0 */
/* Names that occur in policies: condition operators and keys, services, actions. */
#ifndef LOAM_POLICY_NAMES_H
#define LOAM_POLICY_NAMES_H

#include "base/str.h"

/* An operator as written, with its qualifier and IfExists. */
bool policy_names_operator(struct str name);
/* The same without them: "ForAnyValue:StringLikeIfExists" is "StringLike". */
struct str policy_names_bare_operator(struct str name);
/* Prefixes of actions, in any case. */
bool policy_names_service(struct str prefix);
/* A service as principal, "spotfleet.amazonaws.com": one of its labels is a service that there is.
 */
bool policy_names_principal(struct str domain);
/* Whether an action, wildcards allowed, means anything. True for services whose actions are not
 * listed; those of IAM, S3 and STS are. */
bool policy_names_action(struct str action);
/* Whether a pattern of an action covers another action or pattern, in any case. */
bool policy_names_covers(struct str pattern, struct str action);
bool policy_names_global_key(struct str key); /* "aws:..." */

#endif
