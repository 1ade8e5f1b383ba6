/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider block, read once: what it says, with the environment and the shared config file
 * behind it where the AWS SDKs look there too. Unknown values count as unset.
 */
#ifndef LOAM_SETTINGS_H
#define LOAM_SETTINGS_H

#include "diag/diag.h"
#include "value/value.h"

struct arena;
struct shared_config;

/* An assume_role or assume_role_with_web_identity block. */
struct settings_role {
    struct str role_arn, session_name, external_id, policy, source_identity;
    struct str web_token, web_token_file;
    struct str mfa_serial, mfa_code; /* of a profile's role */
    int64_t duration_s;              /* 0: the service's default */
    const struct str *policy_arns;
    size_t n_policy_arns;
    const struct str *tag_keys, *tag_values;
    size_t n_tags;
    const struct str *transitive_keys;
    size_t n_transitive;
};

struct settings {
    struct str region, sts_region;
    struct str access_key, secret_key, token;
    struct str profile; /* as the block or AWS_PROFILE says; "default" otherwise */
    bool profile_from_block;
    struct shared_config *shared;
    struct settings_role web_role;
    bool has_web_role;
    const struct settings_role *roles;
    size_t n_roles;
    struct value default_tags; /* map of string, never null */
    const struct str *ignore_keys, *ignore_prefixes;
    size_t n_ignore_keys, n_ignore_prefixes;
    struct str endpoint_iam, endpoint_sts, endpoint_sso, endpoint_tagging;
    const struct str *allowed_accounts, *forbidden_accounts;
    size_t n_allowed, n_forbidden;
    int64_t max_attempts;
    bool adaptive;
    int64_t token_bucket; /* capacity of the retry bucket; 0: none */
    struct str http_proxy, https_proxy, no_proxy, ca_bundle;
    bool insecure, fips, dualstack;
    bool skip_credentials_validation, skip_account_id, skip_region_validation;
    bool no_metadata;
    struct str metadata_endpoint;
    bool metadata_ipv6;
    struct str user_agent;
    struct str tag_compliance; /* "error", "warning", or anything else for no check */
};

/* Everything is kept in arena. Errors carry the attribute's path. */
bool settings_read(struct arena *arena, struct value config, struct settings *ret,
                   struct diags *diags);
/* Environment variable, or empty. */
struct str settings_env(const char *name);

#endif
