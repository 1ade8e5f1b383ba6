/* SPDX-License-Identifier: Apache-2.0 */
#include "server/creation.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/attachment.h"
#include "server/describe.h"
#include "server/inline_policy.h"
#include "server/leniency.h"
#include "server/tagging.h"

static struct message *new_body(struct call *call, enum kind_id kind) {
    const struct model_api *api = model_api(SERVICE_IAM);
    return message_new(call->arena, api, &api->shapes[kind_rows[kind].shape]);
}

/* As a create action answers: the new thing with what the request gave it. */
static void answer(struct call *call, const struct entity *entity, int member) {
    describe_full(call, entity, message_make(call->arena, call->response, member));
}

bool creation_user(struct call *call) {
    if (!tagging_check(call, M_CreateUserRequest_Tags))
        return false;
    struct entity *user =
        kind_create(call, KIND_USER, message_str(call->request, M_CreateUserRequest_UserName),
                    message_str(call->request, M_CreateUserRequest_Path), S(""),
                    new_body(call, KIND_USER), S(""));
    if (!user ||
        !attachment_bound(call, user,
                          message_str(call->request, M_CreateUserRequest_PermissionsBoundary)) ||
        !tagging_create(call, user->id, M_CreateUserRequest_Tags))
        return false;
    answer(call, user, M_CreateUserResponse_User);
    tagging_echo(call, M_CreateUserRequest_Tags,
                 message_get(call->response, M_CreateUserResponse_User), M_User_Tags);
    return true;
}

bool creation_group(struct call *call) {
    struct entity *group =
        kind_create(call, KIND_GROUP, message_str(call->request, M_CreateGroupRequest_GroupName),
                    message_str(call->request, M_CreateGroupRequest_Path), S(""),
                    new_body(call, KIND_GROUP), S(""));
    if (group)
        answer(call, group, M_CreateGroupResponse_Group);
    return group != NULL;
}

bool creation_role(struct call *call) {
    struct str trust = message_str(call->request, M_CreateRoleRequest_AssumeRolePolicyDocument);
    struct message *body = new_body(call, KIND_ROLE);
    if (!tagging_check(call, M_CreateRoleRequest_Tags) ||
        (!leniency_takes_trust(call) && !inline_policy_check(call, POLICY_TRUST, trust)))
        return false;
    message_copy(body, call->request);
    message_unset(body, M_Role_Tags);
    if (!message_has(body, M_Role_MaxSessionDuration))
        message_set_int(body, M_Role_MaxSessionDuration, CREATION_SESSION_S);
    struct entity *role =
        kind_create(call, KIND_ROLE, message_str(call->request, M_CreateRoleRequest_RoleName),
                    message_str(call->request, M_CreateRoleRequest_Path), S(""), body, S(""));
    if (!role ||
        !attachment_bound(call, role,
                          message_str(call->request, M_CreateRoleRequest_PermissionsBoundary)) ||
        !tagging_create(call, role->id, M_CreateRoleRequest_Tags))
        return false;
    answer(call, role, M_CreateRoleResponse_Role);
    struct message *made = message_get(call->response, M_CreateRoleResponse_Role);
    describe_brief_role(made);
    tagging_echo(call, M_CreateRoleRequest_Tags, made, M_Role_Tags);
    return true;
}

bool creation_profile(struct call *call) {
    const struct message *request = call->request;
    if (!tagging_check(call, M_CreateInstanceProfileRequest_Tags))
        return false;
    struct entity *profile =
        kind_create(call, KIND_PROFILE,
                    message_str(request, M_CreateInstanceProfileRequest_InstanceProfileName),
                    message_str(request, M_CreateInstanceProfileRequest_Path), S(""),
                    new_body(call, KIND_PROFILE), S(""));
    if (!profile || !tagging_create(call, profile->id, M_CreateInstanceProfileRequest_Tags))
        return false;
    answer(call, profile, M_CreateInstanceProfileResponse_InstanceProfile);
    struct message *made =
        message_get(call->response, M_CreateInstanceProfileResponse_InstanceProfile);
    tagging_echo(call, M_CreateInstanceProfileRequest_Tags, made, M_InstanceProfile_Tags);
    return true;
}
