/* SPDX-License-Identifier: Apache-2.0 */
#include "server/preview.h"

#include "base/arena.h"
#include "base/rand.h"
#include "server/action_table.h"
#include "server/named.h"
#include "server/server_int.h"
#include "store/link.h"
#include "store/setting.h"
#include "wire/message_json.h"

#define PROPERTIES S("properties")
#define TASK "deletion-task:"
#define MESSAGE_HEAD "authorization:"

/* ---- organizations ---- */

bool preview_no_organization(struct call *call) {
    return call_fail(call, FAULT_ORGANIZATION_NOT_FOUND,
                     "The request was rejected because your account is not a member of an "
                     "organization.");
}

bool preview_organization_report(struct call *call) {
    return call_fail(call, FAULT_INVALID_INPUT,
                     "The account %.*s is not the management account of an organization.",
                     STR_ARG(call->account));
}

bool preview_get_organization_report(struct call *call) {
    return call_fail(
        call, FAULT_NO_SUCH_ENTITY, "Job id %.*s was not found.",
        STR_ARG(message_str(call->request, M_GetOrganizationsAccessReportRequest_JobId)));
}

bool preview_assume_root(struct call *call) {
    return call_fail(call, FAULT_ACCESS_DENIED,
                     "User: %.*s is not authorized to perform: sts:AssumeRoot on resource: %.*s",
                     STR_ARG(call->caller.arn),
                     STR_ARG(message_str(call->request, M_AssumeRootRequest_TargetPrincipal)));
}

/* ---- account properties ---- */

bool preview_put_properties(struct call *call) {
    setting_put(call->tx, call->account, PROPERTIES, message_json_text(call->arena, call->request));
    return true;
}

bool preview_get_properties(struct call *call) {
    struct str text;
    struct message *kept = NULL;
    if (setting_get(call->tx, call->arena, call->account, PROPERTIES, &text))
        kept = message_json_read(call->arena, call->response->api, call->response->shape, text);
    message_open(call->response, M_GetAccountPropertiesResponse_Properties);
    if (kept)
        message_copy(call->response, kept);
    return true;
}

bool preview_no_template(struct call *call) {
    return call_fail(call, FAULT_NO_SUCH_ENTITY, "The role template %.*s cannot be found.",
                     STR_ARG(call_str(call, call->action->name)));
}

/* ---- service-linked roles ---- */

/* Nothing else runs here that could use the role, so it is gone at once. */
bool preview_delete_service_role(struct call *call) {
    struct str name = message_str(call->request, M_DeleteServiceLinkedRoleRequest_RoleName);
    struct entity *role = kind_find(call, KIND_ROLE, name);
    if (!role)
        return false;
    if (!str_starts(role->path, S("/aws-service-role/")))
        return call_fail(call, FAULT_INVALID_INPUT, "Role %.*s is not a service-linked role.",
                         STR_ARG(role->name));
    struct str task = str_format(call->arena, "task%.*s%.*s/%.*s", STR_ARG(role->path),
                                 STR_ARG(role->name), STR_ARG(rand_uuid(call->arena)));
    struct entity_page attached =
        link_targets(call->tx, call->arena, LINK_ATTACHED, role->id, S(""), S(""), 0);
    for (size_t i = 0; i < attached.n; i++)
        link_delete(call->tx, LINK_ATTACHED, role->id, attached.items[i].id);
    entity_delete(call->tx, role->id);
    setting_put(call->tx, call->account, str_cat(call->arena, S(TASK), task), S("SUCCEEDED"));
    message_set_str(call->response, M_DeleteServiceLinkedRoleResponse_DeletionTaskId, task);
    return true;
}

bool preview_service_role_status(struct call *call) {
    struct str status,
        task =
            message_str(call->request, M_GetServiceLinkedRoleDeletionStatusRequest_DeletionTaskId);
    if (!setting_get(call->tx, call->arena, call->account, str_cat(call->arena, S(TASK), task),
                     &status))
        return call_fail(call, FAULT_NO_SUCH_ENTITY, "Deletion task %.*s cannot be found.",
                         STR_ARG(task));
    message_set_str(call->response, M_GetServiceLinkedRoleDeletionStatusResponse_Status, status);
    return true;
}

/* ---- tokens ---- */

bool preview_decode_message(struct call *call) {
    struct str plain,
        text = message_str(call->request, M_DecodeAuthorizationMessageRequest_EncodedMessage);
    if (!seal_unseal(&call->server->seal, call->arena, text, &plain) ||
        !str_starts(plain, S(MESSAGE_HEAD)))
        return call_fail(call, FAULT_INVALID_AUTHORIZATION_MESSAGE, "Message is not valid");
    message_set_str(call->response, M_DecodeAuthorizationMessageResponse_DecodedMessage,
                    str_slice(plain, sizeof MESSAGE_HEAD - 1, plain.len));
    return true;
}

bool preview_delegated_token(struct call *call) {
    return call_fail(call, FAULT_EXPIRED_TRADE_IN_TOKEN,
                     "The trade-in token provided in the request has expired or is not valid.");
}
