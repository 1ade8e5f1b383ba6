/* SPDX-License-Identifier: Apache-2.0 */
#include "server/sts.h"

#include "base/arena.h"
#include "base/rand.h"
#include "server/authorize.h"
#include "server/ident.h"
#include "server/inline_policy.h"
#include "server/mfa.h"
#include "server/server_int.h"
#include "store/setting.h"

#define DEFAULT_SESSION_S 3600
#define CHAINED_MAX_S 3600
#define PACKED 1000
#define MAX_UNPACKED 4096

bool sts_caller_identity(struct call *call) {
    message_set_str(call->response, M_GetCallerIdentityResponse_UserId, call->caller.id);
    message_set_str(call->response, M_GetCallerIdentityResponse_Account, call->caller.account);
    message_set_str(call->response, M_GetCallerIdentityResponse_Arn, call->caller.arn);
    return true;
}

/* ---- issuing ---- */

/*
 * Clients of a test double may leave the token away, and some look at its length; so there the
 * session is kept under its key, and the token is only one of AWS's old ones in looks.
 */
static struct str remember(struct call *call, struct str key, struct str token) {
    setting_put(call->tx, S(SERVER_SESSIONS), key, token);
    return str_cat(call->arena, S("FQoGZXIvYXdzE"),
                   rand_text(call->arena, 343,
                             S("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")));
}

static void issue(struct call *call, struct session *session, int64_t seconds, int member) {
    session->account = session->account.len ? session->account : call->account;
    session->access_key_id = ident_access_key(call->arena, "ASIA", session->account);
    session->secret_access_key = ident_secret(call->arena);
    session->issued_ms = call->now_ms;
    session->expires_ms = call->now_ms + seconds * 1000;
    struct message *m = message_make(call->arena, call->response, member);
    struct str token = role_session_token(&call->server->seal, call->arena, session);
    if (call->server->permissive)
        token = remember(call, session->access_key_id, token);
    message_set_str(m, M_Credentials_AccessKeyId, session->access_key_id);
    message_set_str(m, M_Credentials_SecretAccessKey, session->secret_access_key);
    message_set_str(m, M_Credentials_SessionToken, token);
    message_set_int(m, M_Credentials_Expiration, session->expires_ms);
}

/* Session policies of the request: the document and the managed ones, as far as they exist. */
static bool take_policies(struct call *call, int policy, int arns, struct session *session) {
    struct str document = call_str(call, policy);
    size_t n = message_count(call->request, arns);
    if (n > 10)
        return call_fail(call, FAULT_VALIDATION,
                         "1 validation error detected: Value at 'policyArns' failed to satisfy "
                         "constraint: Member must have length less than or equal to 10");
    if (document.len) {
        if (!call->server->permissive && !inline_policy_check(call, POLICY_INLINE, document))
            return false;
        session->policies = arena_copy(call->arena, &document, sizeof document);
        session->n_policies = 1;
    }
    session->policy_arns = arena_array(call->arena, n, sizeof *session->policy_arns);
    for (size_t i = 0; i < n; i++) {
        struct str arn =
            message_str(message_at(call->request, arns, i), M_PolicyDescriptorType_arn);
        if (!kind_look_up(call, KIND_POLICY, arn) && !call->server->permissive)
            return call_fail(call, FAULT_INVALID_INPUT, "The policy %.*s does not exist.",
                             STR_ARG(arn));
        session->policy_arns[session->n_policy_arns++] = arn;
    }
    session->has_policy = document.len || n;
    return true;
}

/* What a session's policies and tags take before they are packed. */
static int64_t session_bytes(const struct session *session) {
    int64_t bytes = 0;
    for (size_t i = 0; i < session->n_policies; i++)
        bytes += (int64_t)policy_check_size(session->policies[i]);
    for (size_t i = 0; i < session->n_policy_arns; i++)
        bytes += 20;
    for (size_t i = 0; i < session->n_tags; i++)
        bytes += (int64_t)(session->tags[i].name.len + session->tags[i].value.len);
    return bytes;
}

/* AWS packs in a way that it does not tell: little text fills 1000 bytes, much of it shrinks. */
static bool check_packed(struct call *call, const struct session *session, int member) {
    int64_t bytes = session_bytes(session);
    int64_t percent = (bytes * 100 + PACKED - 1) / PACKED;
    if (bytes > MAX_UNPACKED) {
        bool tags_only = !session->n_policies && !session->n_policy_arns;
        return call_fail(call, FAULT_PACKED_POLICY_TOO_LARGE,
                         tags_only
                             ? "Packed size of session tags consumes %lld%% of allotted space."
                             : "Packed policy consumes %lld%% of allotted space, please use "
                               "smaller policy.",
                         (long long)(bytes * 100 / MAX_UNPACKED));
    }
    if (percent || session->caller_kind == CALLER_FEDERATED || call->server->permissive)
        message_set_int(call->response, member, percent > 99 ? 99 : percent);
    return true;
}

/* ---- assuming roles ---- */

struct entity *sts_role(struct call *call, struct str arn, const char *action) {
    struct str account = call->account;
    struct str part[6], rest = arn;
    size_t n = 0;
    while (n < COUNT(part) && rest.at && str_split(&rest, ':', &part[n]))
        n++;
    bool is_role = n == COUNT(part) && str_eq(part[2], S("iam")) && str_starts(part[5], S("role/"));
    if (!is_role) {
        call_fail(call, FAULT_VALIDATION, "%.*s is invalid", STR_ARG(arn));
        return NULL;
    }
    ptrdiff_t slash = str_rfind_byte(part[5], '/');
    struct str name = str_slice(part[5], (size_t)slash + 1, part[5].len);
    call->account = part[4];
    struct entity *role = kind_look_up(call, KIND_ROLE, name);
    call->account = account;
    if (role && str_eq(kind_arn(call, role), arn))
        return role;
    if (role && call->server->permissive)
        return role;
    call_fail(
        call, FAULT_ACCESS_DENIED, "User: %.*s is not authorized to perform: %s on resource: %.*s",
        STR_ARG(call->caller.arn.len ? call->caller.arn : S("anonymous")), action, STR_ARG(arn));
    return NULL;
}

static bool check_duration(struct call *call, const struct sts_assume *assume,
                           int64_t *ret_seconds) {
    int64_t longest = assume->role
                          ? message_int(kind_body(call, assume->role), M_Role_MaxSessionDuration)
                          : DEFAULT_SESSION_S * 12;
    *ret_seconds = message_has(call->request, assume->duration)
                       ? message_int(call->request, assume->duration)
                       : DEFAULT_SESSION_S;
    if (assume->session.chained && *ret_seconds > CHAINED_MAX_S)
        return call_fail(call, FAULT_VALIDATION,
                         "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                         "assumed by role chaining");
    if (longest && *ret_seconds > longest)
        return call_fail(
            call, FAULT_VALIDATION,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this "
            "role.");
    return true;
}

bool sts_assume(struct call *call, struct sts_assume *assume) {
    struct session *session = &assume->session;
    int64_t seconds;
    if (!check_duration(call, assume, &seconds) ||
        !take_policies(call, assume->policy, assume->policy_arns, session) ||
        !check_packed(call, session, assume->packed_size))
        return false;
    session->caller_kind = CALLER_ROLE;
    session->entity_id = assume->role->id;
    session->role_name = assume->role->name;
    session->account = assume->role->account;
    session->name = assume->session_name;
    issue(call, session, seconds, assume->credentials);
    struct message *user = message_make(call->arena, call->response, assume->assumed_user);
    message_set_str(
        user, M_AssumedRoleUser_AssumedRoleId,
        str_format(call->arena, "%.*s:%.*s", STR_ARG(assume->role->id), STR_ARG(session->name)));
    message_set_str(user, M_AssumedRoleUser_Arn,
                    str_format(call->arena, "arn:%.*s:sts::%.*s:assumed-role/%.*s/%.*s",
                               STR_ARG(call->partition), STR_ARG(assume->role->account),
                               STR_ARG(assume->role->name), STR_ARG(session->name)));
    return true;
}

/* Keys are the same in any case; only tags of this request can be handed on by it. */
static bool check_tags(struct call *call, int tags, int transitive) {
    for (size_t i = 0; i < message_count(call->request, tags); i++) {
        struct str key = message_str(message_at(call->request, tags, i), M_Tag_Key);
        for (size_t k = 0; k < i; k++)
            if (str_eq_nocase(key, message_str(message_at(call->request, tags, k), M_Tag_Key)))
                return call_fail(call, FAULT_INVALID_PARAMETER_VALUE,
                                 "Duplicate tag keys found. Please note that Tag keys are case "
                                 "insensitive.");
    }
    for (size_t i = 0; transitive >= 0 && i < message_count(call->request, transitive); i++) {
        struct str key = message_str_at(call->request, transitive, i);
        bool found = false;
        for (size_t k = 0; k < message_count(call->request, tags); k++)
            found |= str_eq_nocase(key, message_str(message_at(call->request, tags, k), M_Tag_Key));
        if (!found)
            return call_fail(call, FAULT_INVALID_PARAMETER_VALUE,
                             "The specified transitive tag key must be included in the requested "
                             "tags.");
    }
    return true;
}

/* Tags that the session before handed on, then those of the request. */
static bool take_tags(struct call *call, struct session *session) {
    const struct session *before = call->caller.session;
    const struct message *request = call->request;
    size_t n = message_count(request, M_AssumeRoleRequest_Tags);
    size_t inherited = before ? before->n_tags : 0;
    session->tags = arena_array(call->arena, n + inherited, sizeof *session->tags);
    for (size_t i = 0; i < inherited; i++)
        if (before->tags[i].transitive)
            session->tags[session->n_tags++] = before->tags[i];
    size_t fixed = session->n_tags;
    for (size_t i = 0; i < n; i++) {
        const struct message *tag = message_at(request, M_AssumeRoleRequest_Tags, i);
        struct session_pair pair = {message_str(tag, M_Tag_Key), message_str(tag, M_Tag_Value),
                                    false};
        for (size_t k = 0; k < fixed; k++)
            if (str_eq_nocase(session->tags[k].name, pair.name))
                return call_fail(call, FAULT_INVALID_PARAMETER_VALUE,
                                 "One of the specified transitive tag keys can't be set because it "
                                 "conflicts with a transitive tag key from the calling session.");
        for (size_t k = 0; k < message_count(request, M_AssumeRoleRequest_TransitiveTagKeys); k++)
            pair.transitive |= str_eq_nocase(
                message_str_at(request, M_AssumeRoleRequest_TransitiveTagKeys, k), pair.name);
        session->tags[session->n_tags++] = pair;
    }
    return true;
}

/* The code of a device of the calling user, for conditions on aws:MultiFactorAuthPresent. */
static bool take_mfa(struct call *call, int serial, int code, struct session *session) {
    struct str number = call_str(call, serial), digits = call_str(call, code);
    const struct caller *caller = &call->caller;
    if (!number.len && !digits.len)
        return true;
    bool user = caller->kind == CALLER_USER;
    if (user && mfa_check(call, caller->entity, number, digits)) {
        session->mfa_ms = call->now_ms;
        return true;
    }
    if (call->server->permissive)
        return true;
    if (!number.len || !digits.len)
        return call_fail(call, FAULT_ACCESS_DENIED,
                         "MultiFactorAuthentication failed, must provide both MFA serial number "
                         "and one time pass code.");
    if (!user || !mfa_has(call, caller->entity, number))
        return call_fail(call, FAULT_ACCESS_DENIED,
                         "MultiFactorAuthentication failed, unable to validate MFA code.  Please "
                         "verify your MFA serial number is valid and associated with this user.");
    return call_fail(call, FAULT_ACCESS_DENIED,
                     "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
}

static bool may_assume(struct call *call, const struct entity *role, struct session *session) {
    const struct message *request = call->request;
    struct authorize_keys keys = {.arena = call->arena};
    struct message *body = kind_body(call, role);
    struct str external = message_str(request, M_AssumeRoleRequest_ExternalId);
    struct str identity = message_str(request, M_AssumeRoleRequest_SourceIdentity);
    size_t n = message_count(request, M_AssumeRoleRequest_TransitiveTagKeys);
    struct str *transitive = arena_array(call->arena, n, sizeof *transitive);
    for (size_t i = 0; i < n; i++)
        transitive[i] = message_str_at(request, M_AssumeRoleRequest_TransitiveTagKeys, i);
    authorize_add_key(&keys, S("sts:RoleSessionName"),
                      message_str(request, M_AssumeRoleRequest_RoleSessionName));
    if (external.len)
        authorize_add_key(&keys, S("sts:ExternalId"), external);
    if (identity.len)
        authorize_add_key(&keys, S("sts:SourceIdentity"), identity);
    if (n)
        authorize_add_values(&keys, S("sts:TransitiveTagKeys"), transitive, n);
    if (session->mfa_ms) {
        authorize_add_key(&keys, S("aws:MultiFactorAuthPresent"), S("true"));
        authorize_add_key(&keys, S("aws:MultiFactorAuthAge"), S("0"));
    }
    struct authorize_question question = {
        .action = S("sts:AssumeRole"),
        .resource = kind_arn(call, role),
        .resource_account = role->account,
        .target = role,
        .resource_policy = message_str(body, M_Role_AssumeRolePolicyDocument),
        .extra = keys.items,
        .n_extra = keys.n,
        .terse = true,
    };
    static const struct {
        const char *action;
        int member;
    } further[] = {{"sts:TagSession", M_AssumeRoleRequest_Tags},
                   {"sts:SetSourceIdentity", M_AssumeRoleRequest_SourceIdentity}};
    if (!authorize_question(call, &question))
        return false;
    for (size_t i = 0; i < COUNT(further); i++) {
        question.action = str_from(further[i].action);
        if (message_has(request, further[i].member) && !authorize_question(call, &question))
            return false;
    }
    return true;
}

struct entity *sts_stand_in(struct call *call, struct str arn) {
    ptrdiff_t slash = str_rfind_byte(arn, '/');
    struct str rest = arn, part[5] = {{0}};
    for (size_t i = 0; i < COUNT(part); i++)
        (void)(rest.at && str_split(&rest, ':', &part[i]));
    struct entity *role = arena_alloc(call->arena, sizeof *role);
    *role = (struct entity){
        .id = ident_new(call->arena, "AROA"),
        .account = part[4].len ? part[4] : call->account,
        .kind = KIND_ROLE,
        .name = str_slice(arn, (size_t)(slash + 1), arn.len),
        .path = S("/"),
    };
    *call->fault = (struct fault){0};
    return role;
}

bool sts_assume_role(struct call *call) {
    const struct message *request = call->request;
    struct sts_assume assume = {
        .session_name = message_str(request, M_AssumeRoleRequest_RoleSessionName),
        .policy = M_AssumeRoleRequest_Policy,
        .policy_arns = M_AssumeRoleRequest_PolicyArns,
        .duration = M_AssumeRoleRequest_DurationSeconds,
        .credentials = M_AssumeRoleResponse_Credentials,
        .assumed_user = M_AssumeRoleResponse_AssumedRoleUser,
        .packed_size = M_AssumeRoleResponse_PackedPolicySize,
    };
    struct session *session = &assume.session;
    if (call->caller.kind == CALLER_ROOT)
        return call_fail(call, FAULT_ACCESS_DENIED, "Roles may not be assumed by root accounts.");
    session->chained = call->caller.kind == CALLER_ROLE;
    session->source_identity = message_str(request, M_AssumeRoleRequest_SourceIdentity);
    if (call->caller.session && call->caller.session->source_identity.len)
        session->source_identity = call->caller.session->source_identity;
    if ((!call->server->permissive &&
         !check_tags(call, M_AssumeRoleRequest_Tags, M_AssumeRoleRequest_TransitiveTagKeys)) ||
        !take_tags(call, session) ||
        !take_mfa(call, M_AssumeRoleRequest_SerialNumber, M_AssumeRoleRequest_TokenCode, session))
        return false;
    assume.role =
        sts_role(call, message_str(request, M_AssumeRoleRequest_RoleArn), "sts:AssumeRole");
    if (!assume.role && call->server->permissive)
        assume.role = sts_stand_in(call, message_str(request, M_AssumeRoleRequest_RoleArn));
    if (!assume.role || !may_assume(call, assume.role, session) || !sts_assume(call, &assume))
        return false;
    if (session->source_identity.len)
        message_set_str(call->response, M_AssumeRoleResponse_SourceIdentity,
                        session->source_identity);
    return true;
}

/* ---- sessions of users ---- */

static int64_t seconds_or(struct call *call, int member, int64_t usual) {
    return message_has(call->request, member) ? message_int(call->request, member) : usual;
}

bool sts_session_token(struct call *call) {
    const struct caller *caller = &call->caller;
    bool root = caller->kind == CALLER_ROOT;
    struct session session = {.caller_kind = caller->kind};
    if (caller->session && !call->server->permissive)
        return call_fail(call, FAULT_ACCESS_DENIED,
                         "Cannot call GetSessionToken with session credentials");
    if (caller->entity)
        session.entity_id = caller->entity->id;
    if (!take_mfa(call, M_GetSessionTokenRequest_SerialNumber, M_GetSessionTokenRequest_TokenCode,
                  &session))
        return false;
    int64_t seconds = seconds_or(call, M_GetSessionTokenRequest_DurationSeconds,
                                 root ? DEFAULT_SESSION_S : 12 * 3600);
    if (root && seconds > DEFAULT_SESSION_S)
        seconds = DEFAULT_SESSION_S;
    issue(call, &session, seconds, M_GetSessionTokenResponse_Credentials);
    return true;
}

bool sts_federation_token(struct call *call) {
    const struct message *request = call->request;
    const struct caller *caller = &call->caller;
    struct session session = {
        .caller_kind = CALLER_FEDERATED,
        .name = message_str(request, M_GetFederationTokenRequest_Name),
    };
    if (caller->session && !call->server->permissive)
        return call_fail(call, FAULT_ACCESS_DENIED,
                         "Cannot call GetFederationToken with session credentials");
    if (caller->entity)
        session.entity_id = caller->entity->id;
    if (!take_policies(call, M_GetFederationTokenRequest_Policy,
                       M_GetFederationTokenRequest_PolicyArns, &session))
        return false;
    /* Without a session policy a federated user may do nothing by identity policies. */
    session.has_policy = true;
    if (!check_tags(call, M_GetFederationTokenRequest_Tags, -1))
        return false;
    size_t n = message_count(request, M_GetFederationTokenRequest_Tags);
    session.tags = arena_array(call->arena, n, sizeof *session.tags);
    for (size_t i = 0; i < n; i++) {
        const struct message *tag = message_at(request, M_GetFederationTokenRequest_Tags, i);
        session.tags[session.n_tags++] =
            (struct session_pair){message_str(tag, M_Tag_Key), message_str(tag, M_Tag_Value), true};
    }
    if (!check_packed(call, &session, M_GetFederationTokenResponse_PackedPolicySize))
        return false;
    issue(call, &session,
          seconds_or(call, M_GetFederationTokenRequest_DurationSeconds,
                     caller->kind == CALLER_ROOT ? DEFAULT_SESSION_S : 12 * 3600),
          M_GetFederationTokenResponse_Credentials);
    struct message *user =
        message_make(call->arena, call->response, M_GetFederationTokenResponse_FederatedUser);
    message_set_str(
        user, M_FederatedUser_FederatedUserId,
        str_format(call->arena, "%.*s:%.*s", STR_ARG(call->account), STR_ARG(session.name)));
    message_set_str(user, M_FederatedUser_Arn,
                    str_format(call->arena, "arn:%.*s:sts::%.*s:federated-user/%.*s",
                               STR_ARG(call->partition), STR_ARG(call->account),
                               STR_ARG(session.name)));
    return true;
}
