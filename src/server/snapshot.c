/* SPDX-License-Identifier: Apache-2.0 */
#include "server/snapshot.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/map.h"
#include "policy/policy_account.h"
#include "server/kind.h"
#include "server/server_int.h"
#include "store/link.h"
#include "store/row_document.h"
#include "store/tag.h"
#include "wire/message_json.h"
#include "wire/model_ids.h"

#define AWS_POLICIES S("arn:aws:iam::aws:policy/")

struct snapshot {
    struct arena *arena;
    struct store_tx *tx;
    struct str account;
    struct map policies; /* ARN -> id, as const struct str * */
    struct map groups;   /* name -> id */
    struct map profiles; /* name -> id */
    bool *incomplete;    /* something has no name or no id */
};

static const struct json *list_of(const struct json *object, struct str name) {
    static const struct json none = {.kind = JSON_ARRAY};
    const struct json *list = json_get(object, name);
    return list && list->kind == JSON_ARRAY ? list : &none;
}

static void keep_id(struct snapshot *s, struct map *map, struct str name, struct str id) {
    map_put(s->arena, map, name, arena_copy(s->arena, &id, sizeof id));
}

static int64_t created_of(const struct json *row) {
    int64_t ms = 0;
    return clock_parse(json_get_str(row, S("CreateDate")), &ms) ? ms : clock_now_ms();
}

static struct message *new_body(struct snapshot *s, int shape) {
    const struct model_api *api = model_api(SERVICE_IAM);
    return message_new(s->arena, api, &api->shapes[shape]);
}

static void add_row(struct snapshot *s, const struct json *row, int kind, struct str id,
                    struct str name, struct str body, struct str secret) {
    struct entity e = {
        .id = id,
        .account = s->account,
        .kind = kind,
        .key = str_lower(s->arena, name),
        .name = name,
        .path = json_get_str(row, S("Path")),
        .created_ms = created_of(row),
        .body = body,
        .secret = secret,
    };
    if (!id.len || !name.len || !e.path.len) {
        *s->incomplete = true;
        return;
    }
    entity_add(s->tx, &e);
    const struct json *tags = list_of(row, S("Tags"));
    for (size_t i = 0; i < tags->n; i++)
        tag_put(s->tx, s->arena, id, kind_has_exact_tags(kind),
                json_get_str(&tags->items[i], S("Key")), json_get_str(&tags->items[i], S("Value")));
}

/* ---- policies ---- */

/* "v12" -> 12, by which versions are ordered. */
static unsigned version_number(struct str version) {
    unsigned number = 0;
    for (size_t i = 1; i < version.len && version.at[i] >= '0' && version.at[i] <= '9'; i++)
        number = number * 10 + (unsigned)(version.at[i] - '0');
    return number;
}

static struct str add_versions(struct snapshot *s, struct str id, const struct json *policy) {
    const struct json *versions = list_of(policy, S("PolicyVersionList"));
    struct str current = S("");
    for (size_t i = 0; i < versions->n; i++) {
        const struct json *version = &versions->items[i], *text = json_get(version, S("Document"));
        if (!text)
            continue;
        struct document d = {.name = json_get_str(version, S("VersionId")),
                             .created_ms = created_of(version),
                             .body = policy_account_text(s->arena, text)};
        d.key = str_format(s->arena, "%010u", version_number(d.name));
        row_document_put(s->tx, id, &d);
        if (json_get_bool(version, S("IsDefaultVersion")))
            current = d.body;
    }
    return current;
}

static void add_policy(struct snapshot *s, const struct json *policy) {
    struct str arn = json_get_str(policy, S("Arn")), id = json_get_str(policy, S("PolicyId"));
    struct str name = json_get_str(policy, S("PolicyName")), account = s->account;
    struct str description = json_get_str(policy, S("Description"));
    if (str_starts(arn, AWS_POLICIES)) {
        account = S(SERVER_AWS_ACCOUNT);
        const struct entity *known =
            entity_by_key(s->tx, s->arena, account, KIND_POLICY, str_lower(s->arena, name));
        if (known) {
            keep_id(s, &s->policies, arn, known->id);
            return;
        }
    }
    struct message *body = new_body(s, T_IAM_Policy);
    message_set_str(body, M_Policy_DefaultVersionId, json_get_str(policy, S("DefaultVersionId")));
    message_set_bool(body, M_Policy_IsAttachable, true);
    if (description.len)
        message_set_str(body, M_Policy_Description, description);
    message_set_int(body, M_Policy_UpdateDate, created_of(policy));
    struct snapshot owner = *s;
    owner.account = account;
    add_row(&owner, policy, KIND_POLICY, id, name, message_json_text(s->arena, body),
            add_versions(s, id, policy));
    keep_id(s, &s->policies, arn, id);
}

/* ---- users, groups, roles ---- */

static void add_link(struct snapshot *s, int kind, struct str source, const struct map *targets,
                     struct str name) {
    const struct str *target = map_get(targets, name);
    if (target)
        link_add(s->tx, kind, source, *target, clock_now_ms());
}

static void add_parts(struct snapshot *s, const struct json *row, struct str id,
                      struct str inline_list) {
    const struct json *inlines = list_of(row, inline_list);
    for (size_t i = 0; i < inlines->n; i++) {
        const struct json *text = json_get(&inlines->items[i], S("PolicyDocument"));
        struct str name = json_get_str(&inlines->items[i], S("PolicyName"));
        if (text)
            row_document_put(s->tx, id,
                             &(struct document){.key = name,
                                                .name = name,
                                                .created_ms = created_of(row),
                                                .body = policy_account_text(s->arena, text)});
    }
    const struct json *attached = list_of(row, S("AttachedManagedPolicies"));
    for (size_t i = 0; i < attached->n; i++)
        add_link(s, LINK_ATTACHED, id, &s->policies,
                 json_get_str(&attached->items[i], S("PolicyArn")));
    const struct json *boundary = json_get(row, S("PermissionsBoundary"));
    if (boundary && boundary->kind == JSON_OBJECT)
        add_link(s, LINK_BOUNDARY, id, &s->policies,
                 json_get_str(boundary, S("PermissionsBoundaryArn")));
}

static void add_group(struct snapshot *s, const struct json *group) {
    struct str id = json_get_str(group, S("GroupId")), name = json_get_str(group, S("GroupName"));
    add_row(s, group, KIND_GROUP, id, name, S("{}"), S(""));
    add_parts(s, group, id, S("GroupPolicyList"));
    keep_id(s, &s->groups, name, id);
}

static void add_user(struct snapshot *s, const struct json *user) {
    struct str id = json_get_str(user, S("UserId"));
    const struct json *groups = list_of(user, S("GroupList"));
    add_row(s, user, KIND_USER, id, json_get_str(user, S("UserName")), S("{}"), S(""));
    add_parts(s, user, id, S("UserPolicyList"));
    for (size_t i = 0; i < groups->n; i++)
        add_link(s, LINK_MEMBER, id, &s->groups, groups->items[i].text);
}

/* A profile stands in the entry of its role. */
static void add_profile(struct snapshot *s, const struct json *profile, struct str role) {
    struct str id = json_get_str(profile, S("InstanceProfileId"));
    struct str name = json_get_str(profile, S("InstanceProfileName"));
    if (map_get(&s->profiles, name))
        return;
    keep_id(s, &s->profiles, name, id);
    add_row(s, profile, KIND_PROFILE, id, name, S("{}"), S(""));
    link_add(s->tx, LINK_IN_PROFILE, id, role, created_of(profile));
}

static void add_role(struct snapshot *s, const struct json *role) {
    struct str id = json_get_str(role, S("RoleId")), name = json_get_str(role, S("RoleName"));
    const struct json *trust = json_get(role, S("AssumeRolePolicyDocument"));
    const struct json *profiles = list_of(role, S("InstanceProfileList"));
    int64_t seconds = 3600; /* the answer does not tell; this is what AWS takes */
    (void)json_get_int(role, S("MaxSessionDuration"), &seconds);
    struct message *body = new_body(s, T_IAM_Role);
    message_set_str(body, M_Role_RoleName, name);
    message_set_str(body, M_Role_AssumeRolePolicyDocument,
                    trust ? policy_account_text(s->arena, trust) : S("{}"));
    message_set_int(body, M_Role_MaxSessionDuration, seconds);
    add_row(s, role, KIND_ROLE, id, name, message_json_text(s->arena, body), S(""));
    add_parts(s, role, id, S("RolePolicyList"));
    for (size_t i = 0; i < profiles->n; i++)
        add_profile(s, &profiles->items[i], id);
}

static void add_all(struct snapshot *s, const struct json *details, struct str name,
                    void (*add)(struct snapshot *s, const struct json *row)) {
    const struct json *rows = list_of(details, name);
    for (size_t i = 0; i < rows->n; i++)
        if (rows->items[i].kind == JSON_OBJECT)
            add(s, &rows->items[i]);
}

/* ---- door ---- */

/* The fifth part of the first ARN that is not AWS's own. */
static struct str account_of(const struct json *details) {
    static const struct str lists[] = {STR("UserDetailList"), STR("RoleDetailList"),
                                       STR("GroupDetailList"), STR("Policies")};
    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct json *rows = list_of(details, lists[i]);
        for (size_t k = 0; k < rows->n; k++) {
            struct str arn = json_get_str(&rows->items[k], S("Arn")), part = S("");
            int n = 0;
            while (n < 5 && str_split(&arn, ':', &part))
                n++;
            if (n == 5 && part.len == 12)
                return part;
        }
    }
    return S("");
}

struct str snapshot_account(struct arena *arena, struct str document) {
    struct json_error error;
    const struct json *details = json_parse(arena, document, &error);
    return details && details->kind == JSON_OBJECT ? account_of(details) : S("");
}

bool snapshot_import(struct server *server, struct arena *arena, const struct json *details,
                     struct str *ret_error) {
    bool incomplete = false;
    struct snapshot s = {.arena = arena, .account = account_of(details), .incomplete = &incomplete};
    if (!str_eq(s.account, server->account)) {
        *ret_error = str_format(arena, "this is account %.*s, the server has %.*s",
                                STR_ARG(s.account), STR_ARG(server->account));
        return false;
    }
    s.tx = store_begin(server->store, true);
    add_all(&s, details, S("Policies"), add_policy);
    add_all(&s, details, S("GroupDetailList"), add_group);
    add_all(&s, details, S("UserDetailList"), add_user);
    add_all(&s, details, S("RoleDetailList"), add_role);
    if (incomplete) {
        store_rollback(s.tx);
        *ret_error = S("an object of the account has no name, no path or no id");
        return false;
    }
    struct str why = str_dup(arena, store_error_text(s.tx));
    if (store_commit(s.tx) == STORE_OK)
        return true;
    *ret_error = str_format(arena, "cannot write to the database: %.*s", STR_ARG(why));
    return false;
}
