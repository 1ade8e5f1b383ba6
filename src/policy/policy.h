/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IAM policy documents: read, judged, compared. Pure: no net, no store ("IAM JSON policy elements
 * reference", "Policy evaluation logic"). A compiled policy is immutable and may be shared by
 * threads.
 */
#ifndef LOAM_POLICY_H
#define LOAM_POLICY_H

#include "base/json.h"
#include "base/str.h"

struct arena;
struct policy;

/* Compiles a document. NULL and *ret_error when it is not a policy. Lenient as AWS's evaluator is:
 * grammar is policy_check's business. */
struct policy *policy_parse(struct arena *arena, struct str document, struct str *ret_error);
/* The same from JSON that was read already; nothing of it is kept. */
struct policy *policy_compile(struct arena *arena, const struct json *document,
                              struct str *ret_error);

/* A condition key of the request with its values. */
struct policy_key {
    struct str name; /* "aws:username"; any case */
    const struct str *values;
    size_t n;
};

struct policy_request {
    struct str principal;         /* ARN of user, role session, federated user; service; provider */
    struct str principal_account; /* empty: from the ARN */
    struct str action;            /* "iam:CreateUser" */
    struct str resource;          /* ARN or "*" */
    struct str resource_account;
    const struct policy_key *context;
    size_t n_context;
};

/* Levels of organization policies, root first; every level must allow. */
struct policy_level {
    struct policy *const *policies;
    size_t n;
};

struct policy_set {
    struct policy *const *identity;
    size_t n_identity;
    struct policy *resource; /* resource or trust policy, or NULL */
    struct policy *boundary; /* or NULL */
    struct policy *const *session;
    size_t n_session;
    bool has_session; /* a session policy was given (even if empty) */
    const struct policy_level *scps, *rcps;
    size_t n_scps, n_rcps;
};

enum policy_decision { POLICY_ALLOWED, POLICY_IMPLICITLY_DENIED, POLICY_EXPLICITLY_DENIED };

/* Which kind of policy decided, for AWS's AccessDenied texts. */
enum policy_source {
    POLICY_FROM_NONE,
    POLICY_FROM_IDENTITY,
    POLICY_FROM_RESOURCE,
    POLICY_FROM_BOUNDARY,
    POLICY_FROM_SESSION,
    POLICY_FROM_SCP,
    POLICY_FROM_RCP,
};

struct policy_result {
    enum policy_decision decision;
    enum policy_source source;
    const struct policy *policy; /* that decided, or NULL */
    size_t statement;            /* its statement */
};

struct policy_result policy_decide(struct arena *scratch, const struct policy_request *request,
                                   const struct policy_set *set);
/* "AWS:ImplicitlyDenied"-free text: "User: X is not authorized to perform: A on resource: R because
 * no identity-based policy allows the A action" */
struct str policy_denied_text(struct arena *arena, const struct policy_request *request,
                              const struct policy_result *result);

#endif
