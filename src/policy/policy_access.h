/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What identities of an account may do, asked in the words of its own policies: each action on each
 * resource that a statement names, and each role that might be assumed. "*" asks for all at once,
 * so what a policy allows only in part does not count for it.
 */
#ifndef LOAM_POLICY_ACCESS_H
#define LOAM_POLICY_ACCESS_H

#include "policy/policy_account.h"

struct policy_question {
    struct str action, resource; /* with the wildcards and variables of the policy */
};

/* The questions that accounts give rise to, sorted, each once. */
struct policy_question *policy_access_questions(struct arena *arena,
                                                const struct policy_account *const *accounts,
                                                size_t n_accounts, size_t *ret_n);
/* Whether the identity may do it; condition keys that the account does not tell are in context. */
bool policy_access_allowed(struct arena *scratch, const struct policy_account *account,
                           const struct policy_identity *identity,
                           const struct policy_question *question, const struct policy_key *context,
                           size_t n_context);
/* Whether all that `narrow` asks for is part of what `wide` asks for. */
bool policy_access_covers(struct arena *scratch, const struct policy_question *wide,
                          const struct policy_question *narrow);
/* The identity of an ARN or a name; NULL: there is none. */
const struct policy_identity *policy_access_find(const struct policy_account *account,
                                                 struct str arn_or_name);
/* The identity itself, then each role that it can become in one step or several. */
const struct policy_identity **policy_access_reach(struct arena *arena,
                                                   const struct policy_account *account,
                                                   const struct policy_identity *from,
                                                   const struct policy_key *context,
                                                   size_t n_context, size_t *ret_n);

#endif
