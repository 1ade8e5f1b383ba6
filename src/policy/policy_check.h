/* SPDX-License-Identifier: Apache-2.0 */
/* Grammar of policy documents, in the words of AWS's MalformedPolicyDocument, and lint findings. */
#ifndef LOAM_POLICY_CHECK_H
#define LOAM_POLICY_CHECK_H

#include "base/str.h"

struct arena;

enum policy_kind { POLICY_MANAGED, POLICY_INLINE, POLICY_TRUST, POLICY_RESOURCE };

struct policy_fault {
    struct str code; /* "MalformedPolicyDocument", "ValidationError", "LimitExceeded" */
    struct str text;
};

/* true: valid. */
bool policy_check(struct arena *arena, enum policy_kind kind, struct str document,
                  struct policy_fault *ret_fault);

struct policy_finding {
    struct str code;
    struct str text;
    uint32_t at; /* byte */
};
struct policy_finding *policy_check_lint(struct arena *arena, enum policy_kind kind,
                                         struct str document, size_t *ret_n);

#endif
