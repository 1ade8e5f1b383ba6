/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of things an account holds, as rows: which shape of the API describes one, where its
 * name and id stand in it, how its id begins and what AWS says when it is missing or there already.
 * Everything that AWS does alike for all kinds is written once, over these rows.
 */
#ifndef LOAM_KIND_H
#define LOAM_KIND_H

#include "store/entity.h"
#include "wire/fault.h"
#include "wire/message.h"

struct call;

/* Numbers are stored; never change one. */
enum kind_id {
    KIND_NONE = 0,
    KIND_USER = 1,
    KIND_GROUP = 2,
    KIND_ROLE = 3,
    KIND_POLICY = 4,
    KIND_PROFILE = 5,
    KIND_SERVER_CERTIFICATE = 6,
    KIND_SAML = 7,
    KIND_OIDC = 8,
    KIND_MFA = 9,
    KIND_ACCESS_KEY = 10,
    KIND_LOGIN = 11,
    KIND_SSH_KEY = 12,
    KIND_SIGNING_CERTIFICATE = 13,
    KIND_SERVICE_CREDENTIAL = 14,
    KIND_ACCESS_JOB = 15,
    KIND_DELEGATION = 16,
    KIND_COUNT,
};

/* Links between them; stored as well. */
enum link_kind {
    LINK_ATTACHED = 1,   /* user, group or role has a managed policy */
    LINK_MEMBER = 2,     /* user is in group */
    LINK_IN_PROFILE = 3, /* instance profile has role */
    LINK_BOUNDARY = 4,   /* user or role is bounded by a policy */
};

struct kind {
    int shape;                              /* T_IAM_... */
    int name, path, id, arn, created, tags; /* its members, or -1 */
    const char *id_prefix;
    const char *arn_type; /* "user": arn:aws:iam::1:user/path/name */
    const char *label;    /* "user": how AccessDenied names one */
    const char *missing;  /* with one %.*s for the name */
    const char *exists;
    const char *quota_name; /* as the summary calls it, or NULL */
    int64_t quota;
    bool by_arn; /* requests name it by ARN (or serial number) */
};

extern const struct kind kind_rows[KIND_COUNT];

/*
 * The one that `given` names (a name, or an ARN where the kind is named so). NULL and NoSuchEntity
 * when there is none.
 */
struct entity *kind_find(struct call *call, enum kind_id kind, struct str given);
/* The same without a fault. */
struct entity *kind_look_up(struct call *call, enum kind_id kind, struct str given);
/* By name also where requests use ARNs. */
struct entity *kind_by_name(struct call *call, enum kind_id kind, struct str name);
/* By id, for links and owners. */
struct entity *kind_by_id(struct call *call, struct str id);
/* Its description as stored; ids, names, path and ARN filled in. */
struct message *kind_body(struct call *call, const struct entity *entity);
/* Puts what kind_body gives into a structure that repeats it (a Detail, a Metadata). */
void kind_describe(struct call *call, const struct entity *entity, struct message *to);
/*
 * A new one from `body` (of the kind's shape), after the checks that it is new and within quota.
 * Returns NULL with the fault set.
 */
struct entity *kind_create(struct call *call, enum kind_id kind, struct str name, struct str path,
                           struct str owner, struct message *body, struct str secret);
/* Stores a changed body. */
void kind_save(struct call *call, struct entity *entity, const struct message *body);
struct str kind_arn(struct call *call, const struct entity *entity);
/* The key under which a name is stored. */
struct str kind_key(struct call *call, enum kind_id kind, struct str path, struct str name);
/* Tag keys of users and roles are the same in any case; those of everything else are not. */
bool kind_has_exact_tags(enum kind_id kind);
/* false and LimitExceeded when `have` is not below the quota. */
bool kind_within(struct call *call, const char *quota_name, int64_t have);
/* false and UnmodifiableEntity for a role that belongs to a service. */
bool kind_check_modifiable(struct call *call, const struct entity *entity);
/* Gives another name or path; EntityAlreadyExists when it is taken. */
bool kind_rename(struct call *call, struct entity *entity, struct str new_name,
                 struct str new_path);

#endif
