/* SPDX-License-Identifier: Apache-2.0 */
/* May the caller do this? Gathers the policies and the condition keys, policy/ decides. */
#ifndef LOAM_AUTHORIZE_H
#define LOAM_AUTHORIZE_H

#include "policy/policy.h"
#include "server/call.h"

/* By the action's row of the table. */
bool authorize_call(struct call *call);

struct authorize_question {
    struct str action;           /* "iam:PassRole" */
    struct str resource;         /* ARN or "*" */
    struct str label;            /* how a refusal names it; empty: the ARN */
    struct str resource_account; /* empty: the caller's */
    const struct entity *target; /* for its tags and boundary, or NULL */
    struct str resource_policy;  /* trust policy, or empty */
    const struct policy_key *extra;
    size_t n_extra;
    bool terse; /* STS gives no reason when nothing allows the action */
};

/* false with AccessDenied set. */
bool authorize_question(struct call *call, const struct authorize_question *question);

/* Growing list of condition keys. */
struct authorize_keys {
    struct arena *arena;
    struct policy_key *items;
    size_t n, cap;
};
void authorize_add_key(struct authorize_keys *keys, struct str name, struct str value);
void authorize_add_values(struct authorize_keys *keys, struct str name, const struct str *values,
                          size_t n);

/* Documents that speak for a principal, compiled. */
struct authorize_policies {
    struct policy **items;
    size_t n, cap;
};
struct policy *authorize_boundary(struct call *call, const struct entity *entity);

#endif
