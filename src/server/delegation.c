/* SPDX-License-Identifier: Apache-2.0 */
#include "server/delegation.h"

#include "base/arena.h"
#include "base/rand.h"
#include "server/action_table.h"
#include "wire/message_json.h"

#define LIFE_MS ((int64_t)7 * 86400000)

/* What each step makes of a request, and from which states. */
static const struct step {
    struct str to;
    struct str from[3];
} steps[] = {
    [DELEGATION_ASSOCIATE] = {STR("ASSIGNED"), {STR("UNASSIGNED"), STR("ASSIGNED")}},
    [DELEGATION_UPDATE] = {STR("PENDING_APPROVAL"), {STR("ASSIGNED"), STR("PENDING_APPROVAL")}},
    [DELEGATION_ACCEPT] = {STR("ACCEPTED"), {STR("ASSIGNED"), STR("PENDING_APPROVAL")}},
    [DELEGATION_REJECT] = {STR("REJECTED"),
                           {STR("UNASSIGNED"), STR("ASSIGNED"), STR("PENDING_APPROVAL")}},
    [DELEGATION_SEND] = {STR("FINALIZED"), {STR("ACCEPTED")}},
};

bool delegation_create(struct call *call) {
    const struct model_api *api = model_api(SERVICE_IAM);
    const struct message *request = call->request;
    struct message *body = message_new(call->arena, api, &api->shapes[T_IAM_DelegationRequest]);
    struct str id = str_replace(call->arena, rand_uuid(call->arena), S("-"), S(""));
    message_copy(body, request);
    message_set_str(body, M_DelegationRequest_DelegationRequestId, id);
    message_set_str(body, M_DelegationRequest_RequestorId, call->account);
    message_set_str(body, M_DelegationRequest_State, S("UNASSIGNED"));
    message_set_int(body, M_DelegationRequest_CreateDate, call->now_ms);
    message_set_int(body, M_DelegationRequest_ExpirationTime, call->now_ms + LIFE_MS);
    struct entity entity = {.id = id,
                            .account = call->account,
                            .kind = KIND_DELEGATION,
                            .key = id,
                            .name = id,
                            .path = S("/"),
                            .created_ms = call->now_ms,
                            .body = message_json_text(call->arena, body)};
    entity_add(call->tx, &entity);
    message_set_str(call->response, M_CreateDelegationRequestResponse_DelegationRequestId, id);
    message_set_str(call->response, M_CreateDelegationRequestResponse_ConsoleDeepLink,
                    str_format(call->arena,
                               "https://console.aws.amazon.com/iam/home#/delegation/%.*s",
                               STR_ARG(id)));
    return true;
}

/* As it stands now: what nobody answered in time has expired. */
static struct message *current(struct call *call, const struct entity *entity) {
    struct message *body = kind_body(call, entity);
    struct str state = message_str(body, M_DelegationRequest_State);
    bool open = str_eq(state, S("UNASSIGNED")) || str_eq(state, S("ASSIGNED")) ||
                str_eq(state, S("PENDING_APPROVAL"));
    if (open && message_int(body, M_DelegationRequest_ExpirationTime) < call->now_ms)
        message_set_str(body, M_DelegationRequest_State, S("EXPIRED"));
    return body;
}

bool delegation_get(struct call *call) {
    struct entity *entity =
        kind_find(call, KIND_DELEGATION,
                  message_str(call->request, M_GetDelegationRequestRequest_DelegationRequestId));
    if (!entity)
        return false;
    message_copy(
        message_make(call->arena, call->response, M_GetDelegationRequestResponse_DelegationRequest),
        current(call, entity));
    if (message_bool(call->request, M_GetDelegationRequestRequest_DelegationPermissionCheck)) {
        message_set_str(call->response, M_GetDelegationRequestResponse_PermissionCheckStatus,
                        S("COMPLETE"));
        message_set_str(call->response, M_GetDelegationRequestResponse_PermissionCheckResult,
                        S("UNSURE"));
    }
    return true;
}

bool delegation_list(struct call *call) {
    const int list = M_ListDelegationRequestsResponse_DelegationRequests;
    struct str owner = message_str(call->request, M_ListDelegationRequestsRequest_OwnerId);
    struct page page;
    struct str last = S("");
    size_t have = 0;
    if (!call_page(call, &page))
        return false;
    struct entity_page found =
        entity_list(call->tx, call->arena, call->account, KIND_DELEGATION, S(""), page.after, 0);
    message_open(call->response, list);
    for (size_t i = 0; i < found.n; i++) {
        struct message *body = current(call, &found.items[i]);
        if (owner.len && !str_eq(owner, message_str(body, M_DelegationRequest_OwnerId)))
            continue;
        if (++have > (size_t)page.size)
            break;
        last = found.items[i].key;
        message_copy(message_add_message(call->arena, call->response, list), body);
    }
    call_page_end(call, &page, have, last);
    return true;
}

static bool may_step(const struct step *step, struct str state) {
    for (size_t i = 0; i < COUNT(step->from); i++)
        if (step->from[i].len && str_eq(step->from[i], state))
            return true;
    return false;
}

bool delegation_step(struct call *call) {
    const struct step *step = &steps[call->action->b];
    struct str notes = call_str(call, call->action->a);
    struct entity *entity = kind_find(call, KIND_DELEGATION, call_str(call, call->action->name));
    if (!entity)
        return false;
    struct message *body = current(call, entity);
    struct str state = message_str(body, M_DelegationRequest_State);
    if (!may_step(step, state))
        return call_fail(call, FAULT_INVALID_INPUT, "The delegation request %.*s is in state %.*s.",
                         STR_ARG(entity->name), STR_ARG(state));
    message_set_str(body, M_DelegationRequest_State, step->to);
    message_set_int(body, M_DelegationRequest_UpdatedTime, call->now_ms);
    if (call->action->b == DELEGATION_ASSOCIATE)
        message_set_str(body, M_DelegationRequest_OwnerId, call->caller.arn);
    if (call->action->b == DELEGATION_ACCEPT)
        message_set_str(body, M_DelegationRequest_ApproverId, call->caller.arn);
    if (notes.len)
        message_set_str(body,
                        call->action->b == DELEGATION_REJECT ? M_DelegationRequest_RejectionReason
                                                             : M_DelegationRequest_Notes,
                        notes);
    kind_save(call, entity, body);
    return true;
}

/* A sentence or two about what a request asks for. */
bool delegation_summary(struct call *call) {
    struct str arn = message_str(call->request, M_GetHumanReadableSummaryRequest_EntityArn);
    struct str id = str_slice(arn, (size_t)(str_rfind_byte(arn, '/') + 1), arn.len);
    struct entity *entity = kind_find(call, KIND_DELEGATION, id);
    if (!entity)
        return false;
    struct message *body = current(call, entity);
    const struct message *permissions = message_get(body, M_DelegationRequest_Permissions);
    message_set_str(
        call->response, M_GetHumanReadableSummaryResponse_SummaryContent,
        str_format(call->arena,
                   "Account %.*s asks for the permissions of the policy template %.*s: %.*s",
                   STR_ARG(message_str(body, M_DelegationRequest_RequestorId)),
                   STR_ARG(message_str(permissions, M_DelegationPermission_PolicyTemplateArn)),
                   STR_ARG(message_str(body, M_DelegationRequest_Description))));
    message_set_str(call->response, M_GetHumanReadableSummaryResponse_Locale, S("en"));
    message_set_str(call->response, M_GetHumanReadableSummaryResponse_SummaryState, S("AVAILABLE"));
    return true;
}
