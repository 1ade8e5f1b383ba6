/* SPDX-License-Identifier: Apache-2.0 */
#include "server/authorize.h"

#include "base/arena.h"
#include "base/clock.h"
#include "server/action_table.h"
#include "server/policy_cache.h"
#include "server/server_int.h"
#include "server/role_session.h"
#include "store/row_document.h"
#include "store/link.h"
#include "store/tag.h"

static void add_policy(struct call *call, struct authorize_policies *list, struct str document) {
    struct policy *policy = policy_cache_get(call->server->policies, call->arena, document);
    if (!policy)
        return;
    list->items = arena_grow(call->arena, list->items, list->n, &list->cap, sizeof *list->items);
    list->items[list->n++] = policy;
}

static void add_own(struct call *call, struct str id, struct authorize_policies *list) {
    struct document_page inline_ = row_document_list(call->tx, call->arena, id, S(""), 0);
    struct entity_page attached =
        link_targets(call->tx, call->arena, LINK_ATTACHED, id, S(""), S(""), 0);
    for (size_t i = 0; i < inline_.n; i++)
        add_policy(call, list, inline_.items[i].body);
    /* A managed policy's row holds the text of its default version. */
    for (size_t i = 0; i < attached.n; i++)
        add_policy(call, list, attached.items[i].secret);
}

/* Identity policies of a user, group or role, groups' included. */
static void add_identity(struct call *call, const struct entity *entity,
                         struct authorize_policies *list) {
    add_own(call, entity->id, list);
    if (entity->kind != KIND_USER)
        return;
    struct entity_page groups =
        link_targets(call->tx, call->arena, LINK_MEMBER, entity->id, S(""), S(""), 0);
    for (size_t i = 0; i < groups.n; i++)
        add_own(call, groups.items[i].id, list);
}

struct policy *authorize_boundary(struct call *call, const struct entity *entity) {
    struct entity_page bounds =
        link_targets(call->tx, call->arena, LINK_BOUNDARY, entity->id, S(""), S(""), 1);
    if (!bounds.n)
        return NULL;
    return policy_cache_get(call->server->policies, call->arena, bounds.items[0].secret);
}

/* ---- condition keys ---- */

void authorize_add_values(struct authorize_keys *keys, struct str name, const struct str *values,
                          size_t n) {
    keys->items = arena_grow(keys->arena, keys->items, keys->n, &keys->cap, sizeof *keys->items);
    keys->items[keys->n++] = (struct policy_key){name, values, n};
}

void authorize_add_key(struct authorize_keys *keys, struct str name, struct str value) {
    authorize_add_values(keys, name, arena_copy(keys->arena, &value, sizeof value), 1);
}

static void add_tag_keys(struct authorize_keys *keys, const char *prefix,
                         const struct tag_page *tags) {
    for (size_t i = 0; i < tags->n; i++)
        authorize_add_key(keys, str_cat(keys->arena, str_from(prefix), tags->items[i].name),
                          tags->items[i].value);
}

static bool session_overrides(const struct session *session, struct str name) {
    for (size_t i = 0; session && i < session->n_tags; i++)
        if (str_eq_nocase(session->tags[i].name, name))
            return true;
    return false;
}

/* Tags of the user or role, overridden by those of the session. */
static void add_principal_tags(struct call *call, struct authorize_keys *keys) {
    const struct session *session = call->caller.session;
    struct tag_page tags = {0};
    if (call->caller.entity)
        tags = tag_list(call->tx, call->arena, call->caller.entity->id, S(""), 0);
    for (size_t i = 0; i < tags.n; i++)
        if (!session_overrides(session, tags.items[i].name))
            authorize_add_key(keys,
                              str_cat(call->arena, S("aws:PrincipalTag/"), tags.items[i].name),
                              tags.items[i].value);
    for (size_t i = 0; session && i < session->n_tags; i++)
        authorize_add_key(keys, str_cat(call->arena, S("aws:PrincipalTag/"), session->tags[i].name),
                          session->tags[i].value);
}

static void add_session_keys(struct call *call, struct authorize_keys *keys) {
    const struct session *session = call->caller.session;
    struct arena *a = call->arena;
    if (!session)
        return;
    authorize_add_key(keys, S("aws:TokenIssueTime"), clock_rfc3339(a, session->issued_ms));
    authorize_add_key(keys, S("aws:MultiFactorAuthPresent"),
                      session->mfa_ms ? S("true") : S("false"));
    if (session->mfa_ms)
        authorize_add_key(
            keys, S("aws:MultiFactorAuthAge"),
            str_format(a, "%lld", (long long)(call->now_ms - session->mfa_ms) / 1000));
    if (session->source_identity.len)
        authorize_add_key(keys, S("aws:SourceIdentity"), session->source_identity);
    if (session->provider.len)
        authorize_add_key(keys, S("aws:FederatedProvider"), session->provider);
    for (size_t i = 0; i < session->n_context; i++)
        authorize_add_key(keys, session->context[i].name, session->context[i].value);
}

static struct str principal_arn(struct call *call) {
    const struct caller *caller = &call->caller;
    return caller->kind == CALLER_ROLE ? kind_arn(call, caller->entity) : caller->arn;
}

static void add_caller_keys(struct call *call, struct authorize_keys *keys) {
    static const struct str types[] = {
        [CALLER_ROOT] = STR("Account"),     [CALLER_USER] = STR("User"),
        [CALLER_ROLE] = STR("AssumedRole"), [CALLER_FEDERATED] = STR("FederatedUser"),
        [CALLER_ANYONE] = STR("Anonymous"), [CALLER_NOBODY] = STR("Anonymous"),
    };
    const struct caller *caller = &call->caller;
    authorize_add_key(keys, S("aws:PrincipalType"), types[caller->kind]);
    if (caller->kind == CALLER_NOBODY)
        return;
    authorize_add_key(keys, S("aws:PrincipalArn"), principal_arn(call));
    authorize_add_key(keys, S("aws:PrincipalAccount"), caller->account);
    authorize_add_key(keys, S("aws:PrincipalIsAWSService"), S("false"));
    authorize_add_key(keys, S("aws:userid"), caller->id);
    if (caller->kind == CALLER_USER)
        authorize_add_key(keys, S("aws:username"), caller->entity->name);
    add_principal_tags(call, keys);
    add_session_keys(call, keys);
}

static void add_network_keys(struct call *call, struct authorize_keys *keys) {
    struct arena *a = call->arena;
    authorize_add_key(keys, S("aws:SourceIp"), call->peer);
    authorize_add_key(keys, S("aws:CurrentTime"), clock_rfc3339(a, call->now_ms));
    authorize_add_key(keys, S("aws:EpochTime"),
                      str_format(a, "%lld", (long long)(call->now_ms / 1000)));
    authorize_add_key(keys, S("aws:SecureTransport"), S("true"));
    authorize_add_key(keys, S("aws:RequestedRegion"), call->region);
    authorize_add_key(keys, S("aws:ViaAWSService"), S("false"));
    for (size_t i = 0; i < call->http->n_headers; i++) {
        if (str_eq_nocase(call->http->headers[i].name, S("user-agent")))
            authorize_add_key(keys, S("aws:UserAgent"), call->http->headers[i].value);
        if (str_eq_nocase(call->http->headers[i].name, S("referer")))
            authorize_add_key(keys, S("aws:Referer"), call->http->headers[i].value);
    }
}

static void add_target_keys(struct call *call, struct authorize_keys *keys,
                            const struct entity *target) {
    if (!target)
        return;
    struct tag_page tags = tag_list(call->tx, call->arena, target->id, S(""), 0);
    add_tag_keys(keys, "aws:ResourceTag/", &tags);
    add_tag_keys(keys, "iam:ResourceTag/", &tags);
    authorize_add_key(keys, S("aws:ResourceAccount"), target->account);
}

/* Parameters of requests that are condition keys by themselves. */
static const struct {
    int action, member;
    struct str key;
} parameter_keys[] = {
    {A_IAM_AttachUserPolicy, M_AttachUserPolicyRequest_PolicyArn, STR("iam:PolicyARN")},
    {A_IAM_AttachGroupPolicy, M_AttachGroupPolicyRequest_PolicyArn, STR("iam:PolicyARN")},
    {A_IAM_AttachRolePolicy, M_AttachRolePolicyRequest_PolicyArn, STR("iam:PolicyARN")},
    {A_IAM_DetachUserPolicy, M_DetachUserPolicyRequest_PolicyArn, STR("iam:PolicyARN")},
    {A_IAM_DetachGroupPolicy, M_DetachGroupPolicyRequest_PolicyArn, STR("iam:PolicyARN")},
    {A_IAM_DetachRolePolicy, M_DetachRolePolicyRequest_PolicyArn, STR("iam:PolicyARN")},
    {A_IAM_CreateUser, M_CreateUserRequest_PermissionsBoundary, STR("iam:PermissionsBoundary")},
    {A_IAM_CreateRole, M_CreateRoleRequest_PermissionsBoundary, STR("iam:PermissionsBoundary")},
    {A_IAM_PutUserPermissionsBoundary, M_PutUserPermissionsBoundaryRequest_PermissionsBoundary,
     STR("iam:PermissionsBoundary")},
    {A_IAM_PutRolePermissionsBoundary, M_PutRolePermissionsBoundaryRequest_PermissionsBoundary,
     STR("iam:PermissionsBoundary")},
    {A_IAM_CreateServiceLinkedRole, M_CreateServiceLinkedRoleRequest_AWSServiceName,
     STR("iam:AWSServiceName")},
};

/* Tags that a request brings, and those that it takes away. */
static const struct {
    int action, member;
    bool keys_only;
} tag_parameters[] = {
    {A_IAM_CreateUser, M_CreateUserRequest_Tags},
    {A_IAM_CreateRole, M_CreateRoleRequest_Tags},
    {A_IAM_CreatePolicy, M_CreatePolicyRequest_Tags},
    {A_IAM_CreateInstanceProfile, M_CreateInstanceProfileRequest_Tags},
    {A_IAM_CreateOpenIDConnectProvider, M_CreateOpenIDConnectProviderRequest_Tags},
    {A_IAM_CreateSAMLProvider, M_CreateSAMLProviderRequest_Tags},
    {A_IAM_CreateVirtualMFADevice, M_CreateVirtualMFADeviceRequest_Tags},
    {A_IAM_UploadServerCertificate, M_UploadServerCertificateRequest_Tags},
    {A_IAM_TagUser, M_TagUserRequest_Tags},
    {A_IAM_TagRole, M_TagRoleRequest_Tags},
    {A_IAM_TagPolicy, M_TagPolicyRequest_Tags},
    {A_IAM_TagInstanceProfile, M_TagInstanceProfileRequest_Tags},
    {A_IAM_TagOpenIDConnectProvider, M_TagOpenIDConnectProviderRequest_Tags},
    {A_IAM_TagSAMLProvider, M_TagSAMLProviderRequest_Tags},
    {A_IAM_TagMFADevice, M_TagMFADeviceRequest_Tags},
    {A_IAM_TagServerCertificate, M_TagServerCertificateRequest_Tags},
    {A_IAM_UntagUser, M_UntagUserRequest_TagKeys, true},
    {A_IAM_UntagRole, M_UntagRoleRequest_TagKeys, true},
    {A_IAM_UntagPolicy, M_UntagPolicyRequest_TagKeys, true},
    {A_IAM_UntagInstanceProfile, M_UntagInstanceProfileRequest_TagKeys, true},
    {A_IAM_UntagOpenIDConnectProvider, M_UntagOpenIDConnectProviderRequest_TagKeys, true},
    {A_IAM_UntagSAMLProvider, M_UntagSAMLProviderRequest_TagKeys, true},
    {A_IAM_UntagMFADevice, M_UntagMFADeviceRequest_TagKeys, true},
    {A_IAM_UntagServerCertificate, M_UntagServerCertificateRequest_TagKeys, true},
    {A_STS_AssumeRole, M_AssumeRoleRequest_Tags},
    {A_STS_GetFederationToken, M_GetFederationTokenRequest_Tags},
};

static void add_tag_parameters(struct call *call, struct authorize_keys *keys, int member,
                               bool keys_only) {
    size_t n = message_count(call->request, member);
    struct str *names = arena_array(call->arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        if (keys_only) {
            names[i] = message_str_at(call->request, member, i);
            continue;
        }
        const struct message *tag = message_at(call->request, member, i);
        names[i] = message_str(tag, M_Tag_Key);
        authorize_add_key(keys, str_cat(call->arena, S("aws:RequestTag/"), names[i]),
                          message_str(tag, M_Tag_Value));
    }
    if (n)
        authorize_add_values(keys, S("aws:TagKeys"), names, n);
}

static void add_parameter_keys(struct call *call, struct authorize_keys *keys,
                               const struct entity *target) {
    int action = model_id(call->model);
    bool bounded = false;
    for (size_t i = 0; i < COUNT(parameter_keys); i++) {
        if (parameter_keys[i].action != action ||
            !message_has(call->request, parameter_keys[i].member))
            continue;
        bounded |= str_eq(parameter_keys[i].key, S("iam:PermissionsBoundary"));
        authorize_add_key(keys, parameter_keys[i].key,
                          message_str(call->request, parameter_keys[i].member));
    }
    for (size_t i = 0; i < COUNT(tag_parameters); i++)
        if (tag_parameters[i].action == action)
            add_tag_parameters(call, keys, tag_parameters[i].member, tag_parameters[i].keys_only);
    if (bounded || !target || (target->kind != KIND_USER && target->kind != KIND_ROLE))
        return;
    struct entity_page bounds =
        link_targets(call->tx, call->arena, LINK_BOUNDARY, target->id, S(""), S(""), 1);
    if (bounds.n)
        authorize_add_key(keys, S("iam:PermissionsBoundary"), kind_arn(call, &bounds.items[0]));
}

/* ---- the decision ---- */

static void add_session_policies(struct call *call, struct authorize_policies *list) {
    const struct session *session = call->caller.session;
    for (size_t i = 0; i < session->n_policies; i++)
        add_policy(call, list, session->policies[i]);
    for (size_t i = 0; i < session->n_policy_arns; i++) {
        struct entity *policy = kind_look_up(call, KIND_POLICY, session->policy_arns[i]);
        if (policy)
            add_policy(call, list, policy->secret);
    }
}

/* Root may do everything in its account, and what is not enforced is allowed. */
static bool above_policies(struct call *call, const struct authorize_question *question) {
    const struct caller *caller = &call->caller;
    if (call->server->permissive)
        return true;
    return caller->kind == CALLER_ROOT && !question->resource_policy.len;
}

bool authorize_question(struct call *call, const struct authorize_question *question) {
    struct authorize_keys keys = {.arena = call->arena};
    struct authorize_policies identity = {0}, session = {0};
    const struct caller *caller = &call->caller;
    struct policy_set set = {0};
    if (above_policies(call, question))
        return true;
    add_caller_keys(call, &keys);
    add_network_keys(call, &keys);
    add_target_keys(call, &keys, question->target);
    add_parameter_keys(call, &keys, question->target);
    for (size_t i = 0; i < question->n_extra; i++)
        authorize_add_values(&keys, question->extra[i].name, question->extra[i].values,
                             question->extra[i].n);
    if (caller->entity) {
        add_identity(call, caller->entity, &identity);
        set.boundary = authorize_boundary(call, caller->entity);
    }
    if (caller->session && caller->session->has_policy) {
        add_session_policies(call, &session);
        set.has_session = true;
    }
    if (question->resource_policy.len)
        set.resource =
            policy_cache_get(call->server->policies, call->arena, question->resource_policy);
    set.identity = identity.items;
    set.n_identity = identity.n;
    set.session = session.items;
    set.n_session = session.n;
    struct policy_request request = {
        .principal = caller->arn,
        .principal_account = caller->account,
        .action = question->action,
        .resource = question->resource,
        .resource_account =
            question->resource_account.len ? question->resource_account : caller->account,
        .context = keys.items,
        .n_context = keys.n,
    };
    struct policy_result result = policy_decide(call->arena, &request, &set);
    if (result.decision == POLICY_ALLOWED)
        return true;
    if (question->label.len)
        request.resource = question->label;
    atomic_fetch_add(&call->server->denied, 1);
    struct str text = policy_denied_text(call->arena, &request, &result);
    ptrdiff_t reason = question->terse ? str_find(text, S(" because ")) : -1;
    if (reason >= 0)
        text = str_slice(text, 0, (size_t)reason);
    return call_fail(call, FAULT_ACCESS_DENIED, "%.*s", STR_ARG(text));
}

/* ---- what the table says ---- */

static struct str qualified_action(struct call *call) {
    return str_format(call->arena, "%.*s:%.*s", STR_ARG(model_api(call->model->service)->id),
                      STR_ARG(call->model->name));
}

/* Keys, certificates and credentials are asked for by their user. */
static enum kind_id asked_kind(enum kind_id kind) {
    switch (kind) {
    case KIND_ACCESS_KEY:
    case KIND_SSH_KEY:
    case KIND_SIGNING_CERTIFICATE:
    case KIND_SERVICE_CREDENTIAL:
        return KIND_USER;
    default:
        return kind;
    }
}

static void name_entity(struct call *call, const struct action *action,
                        struct authorize_question *question) {
    enum kind_id id = asked_kind(action->kind);
    const struct kind *kind = &kind_rows[id];
    struct str given = call_str(call, action->name);
    bool self = id == KIND_USER && !given.len;
    struct entity *target = NULL;
    if (!self)
        target = kind_look_up(call, id, given);
    else if (call->caller.kind == CALLER_USER)
        target = call->caller.entity;
    question->target = target;
    if (target)
        question->resource = kind_arn(call, target);
    else if (kind->by_arn)
        question->resource = given;
    else
        question->resource = call_arn(call, call->account, kind->arn_type, S("/"), given);
    if (self && target)
        given = target->name;
    question->label = str_format(call->arena, "%s %.*s", kind->label, STR_ARG(given));
}

static void name_new(struct call *call, const struct action *action,
                     struct authorize_question *question) {
    const struct kind *kind = &kind_rows[action->kind];
    struct str given = call_str(call, action->name);
    question->resource =
        call_arn(call, call->account, kind->arn_type, call_str(call, action->a), given);
    if (action->kind == KIND_POLICY)
        question->label = str_format(call->arena, "policy %.*s", STR_ARG(given));
}

/* Whoever is no user must name one, and hears that whatever he may do: GetUser then fails. */
static bool names_nobody(const struct call *call) {
    return model_id(call->model) == A_IAM_GetUser && !call_str(call, call->action->name).len &&
           (call->caller.kind == CALLER_ROLE || call->caller.kind == CALLER_FEDERATED);
}

bool authorize_call(struct call *call) {
    const struct action *action = call->action;
    struct authorize_question question = {.action = qualified_action(call), .resource = S("*")};
    if (call->server->permissive || action->target == TARGET_FREE || names_nobody(call))
        return true;
    if (action->target == TARGET_ENTITY)
        name_entity(call, action, &question);
    else if (action->target == TARGET_NEW)
        name_new(call, action, &question);
    else if (action->target == TARGET_LIST)
        question.resource = call_arn(call, call->account, kind_rows[action->kind].arn_type,
                                     call_str(call, action->name), S(""));
    return authorize_question(call, &question);
}
