/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiled policy is made of; for this folder only. */
#ifndef LOAM_POLICY_INT_H
#define LOAM_POLICY_INT_H

#include "policy/policy.h"

/* Text with wildcards and variables, taken apart once. */
enum policy_token_kind { TOKEN_LITERAL, TOKEN_ANY, TOKEN_ONE, TOKEN_VARIABLE };

struct policy_token {
    enum policy_token_kind kind;
    struct str text; /* literal; name of a variable */
    struct str fallback;
    bool has_fallback;
};

struct policy_pattern {
    const struct policy_token *tokens;
    size_t n;
    size_t n_variables;
    bool everything; /* "*" alone */
};

enum { PATTERN_WILDCARDS = 1, PATTERN_VARIABLES = 2, PATTERN_FOLD = 4 /* to lower case */ };

void policy_pattern_compile(struct arena *arena, struct str text, unsigned flags,
                            struct policy_pattern *ret_pattern);
/* False also when a variable has no value in the request. Folded patterns want folded text. */
bool policy_pattern_match(const struct policy_pattern *pattern, struct str text,
                          const struct policy_request *request);
/* Letters of either case are the same. */
bool policy_pattern_match_nocase(const struct policy_pattern *pattern, struct str text,
                                 const struct policy_request *request);
/* Each of the six parts of an ARN by itself, as ArnLike compares. */
bool policy_pattern_match_arn(const struct policy_pattern *pattern, struct str text,
                              const struct policy_request *request);
/* The values of a condition key, by name in any case; NULL when the request has none. */
const struct policy_key *policy_pattern_key(const struct policy_request *request, struct str name);

/* Conditions. */
struct policy_condition;
struct policy_conditions {
    const struct policy_condition *at;
    size_t n;
};
void policy_condition_compile(struct arena *arena, const struct json *json, bool variables,
                              struct policy_conditions *ret_conditions);
bool policy_condition_holds(const struct policy_conditions *conditions,
                            const struct policy_request *request);

/* Names collected from policies. */
struct policy_names_list {
    struct arena *arena;
    struct str *at;
    size_t n, cap;
};
/* The variables of a pattern. */
void policy_pattern_names(const struct policy_pattern *pattern, struct policy_names_list *names);
/* The keys that conditions test, and their variables. */
void policy_condition_names(const struct policy_conditions *conditions,
                            struct policy_names_list *names);

/* Who asks, taken apart once per decision. */
enum caller_kind {
    CALLER_USER,
    CALLER_ROOT,
    CALLER_ROLE_SESSION,
    CALLER_FEDERATED_USER,
    CALLER_SERVICE,
    CALLER_PROVIDER, /* of identities: SAML or OpenID Connect */
};

struct policy_caller {
    enum caller_kind kind;
    struct str arn; /* or name */
    struct str account;
    struct str role; /* name of a session's role */
};
void policy_principal_caller(const struct policy_request *request,
                             struct policy_caller *ret_caller);

/* How a principal element names the caller, the weakest first. */
enum policy_naming {
    NAMED_NOT,
    NAMED_ACCOUNT, /* its account, which then decides by its own policies */
    NAMED_ROLE,    /* the role of a session */
    NAMED_ANYONE,
    NAMED_ITSELF,
};
struct policy_principal;
struct policy_principals {
    const struct policy_principal *at;
    size_t n;
};
void policy_principal_compile(struct arena *arena, const struct json *json,
                              struct policy_principals *ret_principals);
enum policy_naming policy_principal_match(const struct policy_principals *principals,
                                          const struct policy_caller *caller);
/* Whether NotPrincipal spares the caller. */
bool policy_principal_spares(const struct policy_principals *principals,
                             const struct policy_caller *caller);

struct policy_patterns {
    const struct policy_pattern *at;
    size_t n;
};

struct policy_statement {
    bool deny;
    bool not_action, not_resource, not_principal;
    bool has_resource, has_principal;
    struct policy_patterns actions, resources;
    struct policy_principals principals;
    struct policy_conditions conditions;
    uint32_t start, end; /* bytes in the document */
};

/* Whether a statement is about the request's action and resource and its conditions hold; who asks
 * is not looked at. action is the request's in lower case. */
bool policy_concerns(const struct policy_statement *statement, const struct policy_request *request,
                     struct str action);

struct policy {
    const struct policy_statement *at;
    size_t n;
};

#endif
