/* SPDX-License-Identifier: Apache-2.0 */
/* Between keychain.c and the files of single sources. */
#ifndef LOAM_KEYCHAIN_INT_H
#define LOAM_KEYCHAIN_INT_H

#include "aws/keychain.h"
#include "base/json.h"

struct keys {
    struct credentials c;
    int64_t expires_ms; /* 0: never */
    int64_t fetched_ms;
    struct str source;
};

/* One resolution: everything it makes lives in arena. */
struct key_search {
    struct arena *arena;
    const struct settings *settings;
    struct api *api;
    struct client **metadata; /* short timeouts; made on first use */
    struct str error;         /* why the source at hand failed */
    struct str cause;         /* of a role: the same without its name */
    bool configured;          /* the profile names a source: no other is tried after it */
};

/* Profile sources (key_profile.c). */
bool key_profile(struct key_search *s, struct str profile, struct keys *ret);

/* IAM Identity Center: the token that `aws sso login` left in the cache (key_sso.c). */
bool key_sso(struct key_search *s, struct str profile, struct keys *ret);

/* Metadata sources (key_metadata.c); *ret_present false: this machine is not configured for it. */
bool key_metadata_container(struct key_search *s, struct keys *ret, bool *ret_present);
bool key_metadata_instance(struct key_search *s, struct keys *ret);
/* GET with at most two headers. NULL and s->error when there is no 200. */
bool key_metadata_get(struct key_search *s, struct client *client, struct str method,
                      struct str url, struct str header, struct str value, struct str *ret_body);

/* Roles (key_role.c). */
bool key_role_assume(struct key_search *s, const struct settings_role *role,
                     const struct keys *with, struct keys *ret);
bool key_role_web(struct key_search *s, const struct settings_role *role, struct keys *ret);

/* AccessKeyId, SecretAccessKey, Token or SessionToken, Expiration of a JSON document. */
bool key_metadata_parse(struct key_search *s, struct str text, struct str token_name,
                        struct keys *ret);

#endif
