/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identities of an account with all policies that bear on them, from the answer of
 * iam:GetAccountAuthorizationDetails; to ask who can do what. Derived condition keys
 * (aws:username, aws:PrincipalArn, aws:PrincipalTag/...) are filled in.
 */
#ifndef LOAM_POLICY_ACCOUNT_H
#define LOAM_POLICY_ACCOUNT_H

#include "policy/policy.h"

struct policy_identity {
    struct str name;
    struct str arn;       /* of the user or role */
    struct str principal; /* as a caller: a role's is that of a session */
    bool role;
    struct policy *trust; /* of a role */
    struct policy_set set;
    const struct policy_key *context;
    size_t n_context;
};

struct policy_account {
    struct str id;
    struct policy_identity *at; /* users, then roles, each in the order of the answer */
    size_t n;
    const struct json **documents; /* all policies but trust policies, as they were read */
    size_t n_documents;
};

/* From the answer as the AWS CLI writes it, or with documents in URL encoding as the API does.
 * NULL: *ret_error says what is wrong. */
struct policy_account *policy_account_read(struct arena *arena, const struct json *details,
                                           struct str *ret_error);
/* A policy of the answer as text, whichever way it is written there. */
struct str policy_account_text(struct arena *arena, const struct json *document);
/* Whether an identity may do something; `context` is added to what the account tells. A role of
 * the account that is the resource brings its trust policy. */
struct policy_result policy_account_decide(struct arena *scratch,
                                           const struct policy_account *account,
                                           const struct policy_identity *identity,
                                           struct str action, struct str resource,
                                           const struct policy_key *context, size_t n_context);

#endif
