/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What policies look at and which of their statements spoke: for SimulateCustomPolicy,
 * GetContextKeysForCustomPolicy and everyone who asks why.
 */
#ifndef LOAM_POLICY_EXPLAIN_H
#define LOAM_POLICY_EXPLAIN_H

#include "policy/policy.h"

/* A statement that is about a request and whose conditions hold. */
struct policy_match {
    size_t policy; /* position in the list that was given */
    size_t statement;
    bool deny;
    uint32_t start, end; /* bytes in the document it was compiled from */
};

/* All statements that match, in order; principals are not looked at. NULL policies are skipped. */
struct policy_match *policy_explain_matches(struct arena *arena,
                                            const struct policy_request *request,
                                            struct policy *const *policies, size_t n,
                                            size_t *ret_n);
/* Condition keys and variables that occur, as first written, sorted. */
struct str *policy_explain_keys(struct arena *arena, struct policy *const *policies, size_t n,
                                size_t *ret_n);
/* Those of them in statements about the request's action and resource that it has no value for. */
struct str *policy_explain_missing(struct arena *arena, const struct policy_request *request,
                                   struct policy *const *policies, size_t n, size_t *ret_n);

#endif
