/* SPDX-License-Identifier: Apache-2.0 */
#include "server/kind.h"

#include "base/arena.h"
#include "server/call.h"
#include "server/ident.h"
#include "server/quota.h"
#include "wire/message_json.h"

const struct kind kind_rows[KIND_COUNT] = {
    [KIND_USER] = {T_IAM_User, M_User_UserName, M_User_Path, M_User_UserId, M_User_Arn,
                   M_User_CreateDate, M_User_Tags, "AIDA", "user", "user",
                   "The user with name %.*s cannot be found.",
                   "User with name %.*s already exists.", "UsersPerAccount"},
    [KIND_GROUP] = {T_IAM_Group, M_Group_GroupName, M_Group_Path, M_Group_GroupId, M_Group_Arn,
                    M_Group_CreateDate, -1, "AGPA", "group", "group",
                    "The group with name %.*s cannot be found.",
                    "Group with name %.*s already exists.", "GroupsPerAccount"},
    [KIND_ROLE] = {T_IAM_Role, M_Role_RoleName, M_Role_Path, M_Role_RoleId, M_Role_Arn,
                   M_Role_CreateDate, M_Role_Tags, "AROA", "role", "role",
                   "The role with name %.*s cannot be found.",
                   "Role with name %.*s already exists.", "RolesPerAccount"},
    [KIND_POLICY] = {T_IAM_Policy, M_Policy_PolicyName, M_Policy_Path, M_Policy_PolicyId,
                     M_Policy_Arn, M_Policy_CreateDate, M_Policy_Tags, "ANPA", "policy", "policy",
                     "Policy %.*s was not found.",
                     "A policy called %.*s already exists. Duplicate names are not allowed.",
                     "PoliciesPerAccount", .by_arn = true},
    [KIND_PROFILE] = {T_IAM_InstanceProfile, M_InstanceProfile_InstanceProfileName,
                      M_InstanceProfile_Path, M_InstanceProfile_InstanceProfileId,
                      M_InstanceProfile_Arn, M_InstanceProfile_CreateDate, M_InstanceProfile_Tags,
                      "AIPA", "instance-profile", "instance profile",
                      "Instance Profile %.*s cannot be found.",
                      "Instance Profile %.*s already exists.", "InstanceProfilesPerAccount"},
    [KIND_SERVER_CERTIFICATE] = {T_IAM_ServerCertificate, -1, -1, -1, -1, -1, -1, "ASCA",
                                 "server-certificate", "server certificate",
                                 "The Server Certificate with name %.*s cannot be found.",
                                 "The Server Certificate with name %.*s already exists.",
                                 "ServerCertificatesPerAccount"},
    [KIND_SAML] = {T_IAM_GetSAMLProviderResponse, -1, -1, -1, -1,
                   M_GetSAMLProviderResponse_CreateDate, M_GetSAMLProviderResponse_Tags, "ASAM",
                   "saml-provider", "saml provider", "Manifest not found for arn %.*s",
                   "Provider with name %.*s already exists.", "SAMLProvidersPerAccount",
                   .by_arn = true},
    [KIND_OIDC] = {T_IAM_GetOpenIDConnectProviderResponse, -1, -1, -1, -1,
                   M_GetOpenIDConnectProviderResponse_CreateDate,
                   M_GetOpenIDConnectProviderResponse_Tags, "AOID", "oidc-provider",
                   "oidc provider", "OpenIDConnect Provider not found for arn %.*s",
                   "Provider with url %.*s already exists.", "OpenIdConnectProvidersPerAccount",
                   .by_arn = true},
    [KIND_MFA] = {T_IAM_VirtualMFADevice, -1, -1, -1, M_VirtualMFADevice_SerialNumber, -1,
                  M_VirtualMFADevice_Tags, "AMFA", "mfa", "mfa device",
                  "MFA Device with serial number %.*s does not exist.",
                  "MFA device already exists.", NULL, .by_arn = true},
    [KIND_ACCESS_KEY] = {T_IAM_AccessKey, -1, -1, M_AccessKey_AccessKeyId, -1,
                         M_AccessKey_CreateDate, -1, "AKIA", "access-key", "access key",
                         "The Access Key with id %.*s cannot be found.", "", NULL},
    [KIND_LOGIN] = {T_IAM_LoginProfile, -1, -1, -1, -1, M_LoginProfile_CreateDate, -1, "ALGN",
                    "login-profile", "login profile",
                    "Login Profile for User %.*s cannot be found.",
                    "Login Profile for user %.*s already exists.", NULL},
    [KIND_SSH_KEY] = {T_IAM_SSHPublicKey, -1, -1, M_SSHPublicKey_SSHPublicKeyId, -1,
                      M_SSHPublicKey_UploadDate, -1, "APKA", "ssh-key", "ssh key",
                      "The Public Key with id %.*s cannot be found.", "", NULL},
    [KIND_SIGNING_CERTIFICATE] = {T_IAM_SigningCertificate, -1, -1,
                                  M_SigningCertificate_CertificateId, -1,
                                  M_SigningCertificate_UploadDate, -1, "", "signing-certificate",
                                  "signing certificate",
                                  "The Certificate with id %.*s cannot be found.", "", NULL},
    [KIND_SERVICE_CREDENTIAL] = {T_IAM_ServiceSpecificCredential, -1, -1,
                                 M_ServiceSpecificCredential_ServiceSpecificCredentialId, -1,
                                 M_ServiceSpecificCredential_CreateDate, -1, "ACCA",
                                 "service-specific-credential", "service specific credential",
                                 "No such credential %.*s exists", "", NULL},
    [KIND_ACCESS_JOB] = {T_IAM_GetServiceLastAccessedDetailsResponse, -1, -1, -1, -1, -1, -1, "",
                         "job", "job", "%.*s was not found.", "", NULL},
    [KIND_DELEGATION] = {T_IAM_DelegationRequest, -1, -1, M_DelegationRequest_DelegationRequestId,
                         -1, -1, -1, "", "delegation-request", "delegation request",
                         "The delegation request %.*s cannot be found.", "", NULL},
};

struct str kind_key(struct call *call, enum kind_id kind, struct str path, struct str name) {
    switch (kind) {
    case KIND_USER:
    case KIND_GROUP:
    case KIND_ROLE:
    case KIND_POLICY:
    case KIND_PROFILE:
    case KIND_SERVER_CERTIFICATE:
        return str_lower(call->arena, name);
    case KIND_MFA:
        return path.len > 1 ? str_cat(call->arena, path, name) : name;
    default:
        return name;
    }
}

/* "arn:aws:iam::123456789012:policy/a/b" gives account, "/a/" and "b". */
static bool split_arn(struct call *call, struct str arn, const char *type, struct str *ret_account,
                      struct str *ret_path, struct str *ret_name) {
    struct str part[5], rest = arn;
    for (size_t i = 0; i < COUNT(part); i++)
        if (!rest.at || !str_split(&rest, ':', &part[i]))
            return false;
    struct str head = str_format(call->arena, "%s/", type);
    if (!rest.at || !str_eq(part[0], S("arn")) || !str_eq(part[2], S("iam")) ||
        !str_starts(rest, head))
        return false;
    struct str tail = str_slice(rest, head.len - 1, rest.len);
    ptrdiff_t slash = str_rfind_byte(tail, '/');
    *ret_account = part[4];
    *ret_path = str_slice(tail, 0, (size_t)slash + 1);
    *ret_name = str_slice(tail, (size_t)slash + 1, tail.len);
    return true;
}

static struct entity *by_arn(struct call *call, enum kind_id kind, struct str arn) {
    struct str account, path, name;
    if (!split_arn(call, arn, kind_rows[kind].arn_type, &account, &path, &name))
        return kind == KIND_MFA ? entity_by_key(call->tx, call->arena, call->account, kind, arn)
                                : NULL;
    /* The name of an OIDC provider is its URL, slashes included. */
    bool whole = kind == KIND_OIDC;
    struct str key = whole ? str_cat(call->arena, str_slice(path, 1, path.len), name)
                           : kind_key(call, kind, path, name);
    struct entity *entity = entity_by_key(call->tx, call->arena, account, kind, key);
    if (entity && !whole && kind != KIND_SAML && !str_eq(entity->path, path))
        return NULL;
    return entity;
}

struct entity *kind_look_up(struct call *call, enum kind_id kind, struct str given) {
    if (kind_rows[kind].by_arn)
        return by_arn(call, kind, given);
    return entity_by_key(call->tx, call->arena, call->account, kind,
                         kind_key(call, kind, S(""), given));
}

struct entity *kind_by_name(struct call *call, enum kind_id kind, struct str name) {
    return entity_by_key(call->tx, call->arena, call->account, kind,
                         kind_key(call, kind, S(""), name));
}

struct entity *kind_find(struct call *call, enum kind_id kind, struct str given) {
    if (kind == KIND_POLICY && !str_starts(given, S("arn:"))) {
        call_fail(call, FAULT_VALIDATION, "ARN %.*s is not valid.", STR_ARG(given));
        return NULL;
    }
    struct entity *entity = kind_look_up(call, kind, given);
    if (!entity)
        call_fail(call, FAULT_NO_SUCH_ENTITY, kind_rows[kind].missing, STR_ARG(given));
    return entity;
}

struct entity *kind_by_id(struct call *call, struct str id) {
    return entity_by_id(call->tx, call->arena, id);
}

struct str kind_arn(struct call *call, const struct entity *entity) {
    return call_arn(call, entity->account, kind_rows[entity->kind].arn_type, entity->path,
                    entity->name);
}

struct message *kind_body(struct call *call, const struct entity *entity) {
    const struct kind *kind = &kind_rows[entity->kind];
    const struct model_api *api = model_api(SERVICE_IAM);
    struct message *body =
        message_json_read(call->arena, api, &api->shapes[kind->shape], entity->body);
    if (!body)
        body = message_new(call->arena, api, &api->shapes[kind->shape]);
    if (kind->name >= 0)
        message_set_str(body, kind->name, entity->name);
    if (kind->path >= 0)
        message_set_str(body, kind->path, entity->path);
    if (kind->id >= 0)
        message_set_str(body, kind->id, entity->id);
    if (kind->arn >= 0)
        message_set_str(body, kind->arn, kind_arn(call, entity));
    if (kind->created >= 0)
        message_set_int(body, kind->created, entity->created_ms);
    return body;
}

void kind_describe(struct call *call, const struct entity *entity, struct message *to) {
    message_copy(to, kind_body(call, entity));
}

static bool within(struct call *call, const char *quota_name, int64_t have, int64_t quota) {
    if (have < quota)
        return true;
    return call_fail(call, FAULT_LIMIT_EXCEEDED, "Cannot exceed quota for %s: %lld", quota_name,
                     (long long)quota);
}

bool kind_within(struct call *call, const char *quota_name, int64_t have) {
    return within(call, quota_name, have, quota_of(call, quota_name));
}

bool kind_has_exact_tags(enum kind_id kind) {
    return kind != KIND_USER && kind != KIND_ROLE;
}

static bool check_new(struct call *call, enum kind_id kind, struct str name, struct str key) {
    const struct kind *row = &kind_rows[kind];
    const char *quota = row->quota_name;
    struct entity_room room = entity_room(call->tx, call->arena, call->account, (int)kind, key,
                                          quota ? quota_setting(call, quota) : S(""));
    if (room.taken)
        return call_fail(call, FAULT_ENTITY_ALREADY_EXISTS, row->exists, STR_ARG(name));
    return !quota || within(call, quota, room.n, quota_given(call, quota, room.setting));
}

struct entity *kind_create(struct call *call, enum kind_id kind, struct str name, struct str path,
                           struct str owner, struct message *body, struct str secret) {
    const struct kind *row = &kind_rows[kind];
    struct str key = kind_key(call, kind, path, name);
    if (!check_new(call, kind, name, key))
        return NULL;
    struct entity *entity = arena_alloc(call->arena, sizeof *entity);
    *entity = (struct entity){
        .id = ident_new(call->arena, row->id_prefix),
        .account = call->account,
        .kind = (int)kind,
        .key = key,
        .name = name,
        .path = path.len ? path : S("/"),
        .owner = owner,
        .created_ms = call->now_ms,
        .secret = secret,
    };
    entity->body = message_json_text(call->arena, body);
    entity_add(call->tx, entity);
    return entity;
}

void kind_save(struct call *call, struct entity *entity, const struct message *body) {
    entity->body = message_json_text(call->arena, body);
    entity_update(call->tx, entity);
}

bool kind_check_modifiable(struct call *call, const struct entity *entity) {
    if (entity->kind != KIND_ROLE || !str_starts(entity->path, S("/aws-service-role/")))
        return true;
    return call_fail(call, FAULT_UNMODIFIABLE_ENTITY,
                     "Cannot perform the operation on the protected role '%.*s' - this role is "
                     "only modifiable by AWS",
                     STR_ARG(entity->name));
}

bool kind_rename(struct call *call, struct entity *entity, struct str new_name,
                 struct str new_path) {
    if (new_name.len && !str_eq(new_name, entity->name)) {
        struct str key = kind_key(call, (enum kind_id)entity->kind, new_path, new_name);
        if (!str_eq(key, entity->key) &&
            entity_by_key(call->tx, call->arena, entity->account, entity->kind, key))
            return call_fail(call, FAULT_ENTITY_ALREADY_EXISTS, kind_rows[entity->kind].exists,
                             STR_ARG(new_name));
        entity->name = new_name;
        entity->key = key;
    }
    if (new_path.len)
        entity->path = new_path;
    entity_update(call->tx, entity);
    return true;
}
