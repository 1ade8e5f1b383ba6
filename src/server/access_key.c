/* SPDX-License-Identifier: Apache-2.0 */
#include "server/access_key.h"

#include "base/arena.h"
#include "server/ident.h"
#include "server/owned.h"
#include "server/server_int.h"
#include "server/usage.h"

bool access_key_create(struct call *call) {
    struct entity *user = owned_user(call, M_CreateAccessKeyRequest_UserName);
    if (!user || !kind_within(call, "AccessKeysPerUser",
                              entity_count_owned(call->tx, user->id, KIND_ACCESS_KEY)))
        return false;
    struct str id = ident_access_key(call->arena, "AKIA", call->account);
    struct str secret = ident_secret(call->arena);
    struct message *key =
        message_make(call->arena, call->response, M_CreateAccessKeyResponse_AccessKey);
    message_set_str(key, M_AccessKey_UserName, user->name);
    message_set_str(key, M_AccessKey_AccessKeyId, id);
    message_set_str(key, M_AccessKey_Status, S("Active"));
    owned_add(call, user, KIND_ACCESS_KEY, id, key,
              seal_text(&call->server->seal, call->arena, secret));
    message_set_str(key, M_AccessKey_SecretAccessKey, secret);
    message_set_int(key, M_AccessKey_CreateDate, call->now_ms);
    return true;
}

bool access_key_last_used(struct call *call) {
    struct str id = message_str(call->request, M_GetAccessKeyLastUsedRequest_AccessKeyId);
    struct usage_entry last;
    struct entity *key = entity_by_id(call->tx, call->arena, id);
    if (!key || key->kind != KIND_ACCESS_KEY || !str_eq(key->account, call->account))
        return call_fail(call, FAULT_ACCESS_DENIED,
                         "User: %.*s is not authorized to perform iam:GetAccessKeyLastUsed on "
                         "resource: access key %.*s",
                         STR_ARG(call->caller.arn), STR_ARG(id));
    struct message *used =
        message_make(call->arena, call->response, M_GetAccessKeyLastUsedResponse_AccessKeyLastUsed);
    message_set_str(call->response, M_GetAccessKeyLastUsedResponse_UserName,
                    message_str(kind_body(call, key), M_AccessKey_UserName));
    bool seen = usage_last(call->server->usage, call->arena, id, &last);
    message_set_str(used, M_AccessKeyLastUsed_ServiceName, seen ? last.service : S("N/A"));
    message_set_str(used, M_AccessKeyLastUsed_Region, seen ? last.region : S("N/A"));
    if (seen)
        message_set_int(used, M_AccessKeyLastUsed_LastUsedDate, last.at_ms);
    return true;
}

bool access_key_info(struct call *call) {
    struct str account, id = message_str(call->request, M_GetAccessKeyInfoRequest_AccessKeyId);
    struct entity *key = entity_by_id(call->tx, call->arena, id);
    if (key && key->kind == KIND_ACCESS_KEY)
        account = key->account;
    else if (call->server->permissive)
        account = call->server->account;
    else if (!ident_account(call->arena, id, &account))
        return call_fail(call, FAULT_VALIDATION, "Invalid AccessKeyId: %.*s", STR_ARG(id));
    message_set_str(call->response, M_GetAccessKeyInfoResponse_Account, account);
    return true;
}
