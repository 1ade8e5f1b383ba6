/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy document says that is wrong, useless or dangerous. Codes are those of IAM Access
 * Analyzer's policy validation; where the linter parliament has a name for the same thing it comes
 * along. Findings that only loam has begin with LOAM_.
 */
#ifndef LOAM_POLICY_LINT_H
#define LOAM_POLICY_LINT_H

#include "policy/policy_check.h"

struct policy_finding {
    struct str code;
    struct str alias; /* parliament's name; may be empty, then may `code` not be */
    struct str text;  /* one sentence */
    uint32_t at;      /* byte in the document */
};

/* Findings in the order of the document. */
struct policy_finding *policy_lint(struct arena *arena, enum policy_kind kind, struct str document,
                                   size_t *ret_n);

#endif
