/* SPDX-License-Identifier: Apache-2.0 */
#include "server/authenticate.h"

#include "base/arena.h"
#include "server/server_int.h"
#include "server/role_session.h"
#include "store/setting.h"

/* What moto's clients expect of a key that nobody made. */
#define ANYONE_ID "AKIAIOSFODNN7EXAMPLE"

static bool invalid_token(struct call *call) {
    return call_fail(call, FAULT_INVALID_CLIENT_TOKEN,
                     "The security token included in the request is invalid.");
}

static struct str sts_arn(struct call *call, const char *type, struct str name) {
    return str_format(call->arena, "arn:%.*s:sts::%.*s:%s/%.*s", STR_ARG(call->partition),
                      STR_ARG(call->caller.account), type, STR_ARG(name));
}

static struct str root_arn(struct call *call, struct str account) {
    return str_format(call->arena, "arn:%.*s:iam::%.*s:root", STR_ARG(call->partition),
                      STR_ARG(account));
}

static void be_anyone(struct call *call, struct str access_key_id) {
    struct caller *caller = &call->caller;
    caller->kind = CALLER_ANYONE;
    caller->account = call->server->account;
    caller->access_key_id = access_key_id;
    caller->arn = sts_arn(call, "user", S("moto"));
    caller->id = S(ANYONE_ID);
}

/* A long-lived key: the account's root, or a user's. */
static bool be_key_owner(struct call *call, struct entity *key, struct str *ret_secret) {
    struct caller *caller = &call->caller;
    struct message *body = kind_body(call, key);
    if (!str_eq(message_str(body, M_AccessKey_Status), S("Active")) ||
        !seal_unseal(&call->server->seal, call->arena, key->secret, ret_secret))
        return invalid_token(call);
    caller->account = key->account;
    caller->access_key_id = key->id;
    if (str_eq(key->owner, key->account)) {
        caller->kind = CALLER_ROOT;
        caller->arn = root_arn(call, key->account);
        caller->id = key->account;
        return true;
    }
    caller->entity = kind_by_id(call, key->owner);
    if (!caller->entity)
        return invalid_token(call);
    caller->kind = CALLER_USER;
    caller->arn = kind_arn(call, caller->entity);
    caller->id = caller->entity->id;
    return true;
}

static bool session_names_caller(struct call *call, const struct session *session) {
    struct caller *caller = &call->caller;
    struct arena *a = call->arena;
    switch ((enum caller_kind)session->caller_kind) {
    case CALLER_ROLE:
        caller->entity = kind_by_id(call, session->entity_id);
        if (!caller->entity && !call->server->permissive)
            return invalid_token(call);
        caller->arn = sts_arn(
            call, "assumed-role",
            str_format(a, "%.*s/%.*s", STR_ARG(session->role_name), STR_ARG(session->name)));
        caller->id =
            str_format(a, "%.*s:%.*s", STR_ARG(session->entity_id), STR_ARG(session->name));
        return true;
    case CALLER_FEDERATED:
        caller->entity = session->entity_id.len ? kind_by_id(call, session->entity_id) : NULL;
        caller->arn = sts_arn(call, "federated-user", session->name);
        caller->id = str_format(a, "%.*s:%.*s", STR_ARG(caller->account), STR_ARG(session->name));
        return true;
    case CALLER_USER:
        caller->entity = kind_by_id(call, session->entity_id);
        if (!caller->entity)
            return invalid_token(call);
        caller->arn = kind_arn(call, caller->entity);
        caller->id = caller->entity->id;
        return true;
    default:
        caller->arn = root_arn(call, caller->account);
        caller->id = caller->account;
        return true;
    }
}

/*
 * "You cannot call any IAM operations" with what GetFederationToken gives, nor with what
 * GetSessionToken gives unless a code of an MFA device was shown (User Guide, comparing
 * credentials).
 */
static bool shut_out_of_iam(const struct call *call, const struct session *session) {
    if (call->server->permissive || !call->model || call->model->service != SERVICE_IAM)
        return false;
    return session->caller_kind == CALLER_FEDERATED ||
           (session->caller_kind != CALLER_ROLE && !session->mfa_ms);
}

static bool be_session(struct call *call, const struct sigv4_claim *claim,
                       const struct session *session, struct str *ret_secret) {
    struct caller *caller = &call->caller;
    if (!str_eq(session->access_key_id, claim->access_key_id) || shut_out_of_iam(call, session))
        return invalid_token(call);
    if (session->expires_ms <= call->now_ms && !call->server->permissive)
        return call_fail(call, FAULT_EXPIRED_SESSION_TOKEN,
                         "The security token included in the request is expired");
    caller->kind = (enum caller_kind)session->caller_kind;
    caller->account = session->account;
    caller->access_key_id = session->access_key_id;
    caller->session = session;
    *ret_secret = session->secret_access_key;
    return session_names_caller(call, session);
}

/* Finds whose key was used; the secret to check the signature with. */
static bool find_caller(struct call *call, const struct sigv4_claim *claim,
                        struct str *ret_secret) {
    if (claim->session_token.len) {
        struct session *session =
            role_session_read(&call->server->seal, call->arena, claim->session_token);
        if (session)
            return be_session(call, claim, session, ret_secret);
        if (!call->server->permissive)
            return invalid_token(call);
    }
    struct str kept;
    if (call->server->permissive &&
        setting_get(call->tx, call->arena, S(SERVER_SESSIONS), claim->access_key_id, &kept)) {
        struct session *session = role_session_read(&call->server->seal, call->arena, kept);
        if (session)
            return be_session(call, claim, session, ret_secret);
    }
    struct entity *key = entity_by_id(call->tx, call->arena, claim->access_key_id);
    if (key && key->kind == KIND_ACCESS_KEY)
        return be_key_owner(call, key, ret_secret);
    if (!call->server->permissive)
        return invalid_token(call);
    be_anyone(call, claim->access_key_id);
    return true;
}

static struct str partition_of(struct str region) {
    if (str_starts(region, S("cn-")))
        return S("aws-cn");
    if (str_starts(region, S("us-gov-")))
        return S("aws-us-gov");
    if (str_starts(region, S("us-iso-")))
        return S("aws-iso");
    if (str_starts(region, S("us-isob-")))
        return S("aws-iso-b");
    return S("aws");
}

static bool right_service(struct call *call, const struct sigv4_claim *claim) {
    struct str service = call->model ? model_api(call->model->service)->id : claim->service;
    if (str_eq(service, claim->service))
        return true;
    return call_fail(call, FAULT_SIGNATURE_DOES_NOT_MATCH,
                     "Credential should be scoped to correct service: '%.*s'. ", STR_ARG(service));
}

bool authenticate_call(struct call *call) {
    struct sigv4_claim claim = {0};
    struct str secret = S("");
    bool permissive = call->server->permissive;
    call->partition = S("aws");
    call->region = S("us-east-1");
    call->account = call->server->account;
    if (!sigv4_parse(call->arena, call->http, &claim, call->fault) && !permissive)
        return false;
    if (claim.region.len) {
        call->region = claim.region;
        if (permissive)
            call->partition = partition_of(claim.region);
    }
    if (call->model && call->model->unsigned_)
        return true;
    if (!claim.present && !permissive)
        return call_fail(call, FAULT_MISSING_AUTHENTICATION_TOKEN,
                         "Request is missing Authentication Token");
    if (!find_caller(call, &claim, &secret))
        return false;
    call->account = call->caller.account;
    if (permissive)
        return true;
    return right_service(call, &claim) && sigv4_verify(call->arena, call->http, &claim, secret,
                                                       call->now_ms, SERVER_SKEW_MS, call->fault);
}
