/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temporary credentials. The session token carries all there is to know about the session, sealed
 * with the server's key, so that issuing one writes nothing and any node can read it.
 */
#ifndef LOAM_ROLE_SESSION_H
#define LOAM_ROLE_SESSION_H

#include "base/str.h"

struct arena;
struct seal;

struct session_pair {
    struct str name, value;
    bool transitive; /* tags: handed on to the next role */
};

struct session {
    struct str access_key_id, secret_access_key;
    struct str account;
    int caller_kind;      /* enum caller_kind */
    struct str entity_id; /* role or user */
    struct str name;      /* role session name, federated user's name */
    struct str role_name;
    int64_t issued_ms, expires_ms;
    int64_t mfa_ms; /* when the code was shown; 0: without MFA */
    struct str source_identity;
    struct str provider;  /* ARN of the identity provider, or empty */
    bool chained;         /* made with a role session's credentials */
    bool has_policy;      /* session policies were given */
    struct str *policies; /* documents */
    struct str *policy_arns;
    struct session_pair *tags;
    struct session_pair *context; /* further condition keys: saml:aud ... */
    size_t n_policies, n_policy_arns, n_tags, n_context;
};

struct str role_session_token(const struct seal *seal, struct arena *arena,
                              const struct session *session);
/* NULL: not a token of this server. Expiry is the caller's to check. */
struct session *role_session_read(const struct seal *seal, struct arena *arena, struct str token);

#endif
