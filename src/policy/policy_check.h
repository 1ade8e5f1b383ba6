/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammar of policy documents, in the words of AWS's MalformedPolicyDocument.
 * The steps and their order follow what AWS answers: syntax, version, parsing, uniqueness of Sids,
 * actions, resources, sizes.
 */
#ifndef LOAM_POLICY_CHECK_H
#define LOAM_POLICY_CHECK_H

#include "base/str.h"

struct arena;

enum policy_kind { POLICY_MANAGED, POLICY_INLINE, POLICY_TRUST, POLICY_RESOURCE };

/* Characters without white space; of a managed policy, and of a trust policy by default. */
#define POLICY_CHECK_MANAGED_MAX 6144
#define POLICY_CHECK_TRUST_MAX 2048

struct policy_fault {
    struct str code; /* "MalformedPolicyDocument", "MalformedPolicy", "LimitExceeded" */
    struct str text;
};

/* true: valid. */
bool policy_check(struct arena *arena, enum policy_kind kind, struct str document,
                  struct policy_fault *ret_fault);
/*
 * Whether every user and role that a valid trust or resource policy names by ARN is there, as
 * `exists` says.
 */
bool policy_check_principals(struct arena *arena, enum policy_kind kind, struct str document,
                             bool (*exists)(void *context, struct str arn), void *context,
                             struct policy_fault *ret_fault);
/* Characters that count against a quota. */
size_t policy_check_size(struct str document);

#endif
