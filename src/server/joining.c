/* SPDX-License-Identifier: Apache-2.0 */
#include "server/joining.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/authorize.h"
#include "server/creation.h"
#include "server/describe.h"
#include "server/inline_policy.h"
#include "server/named.h"
#include "server/server_int.h"
#include "store/link.h"

/* ---- groups ---- */

static bool find_pair(struct call *call, struct entity **ret_group, struct entity **ret_user) {
    *ret_user =
        kind_find(call, KIND_USER, message_str(call->request, M_AddUserToGroupRequest_UserName));
    if (!*ret_user)
        return false;
    *ret_group =
        kind_find(call, KIND_GROUP, message_str(call->request, M_AddUserToGroupRequest_GroupName));
    return *ret_group != NULL;
}

_Static_assert((int)M_AddUserToGroupRequest_UserName == (int)M_RemoveUserFromGroupRequest_UserName,
               "one search serves both");

bool joining_add_user(struct call *call) {
    struct entity *group, *user;
    if (!find_pair(call, &group, &user))
        return false;
    if (link_exists(call->tx, LINK_MEMBER, user->id, group->id))
        return true;
    if (!kind_within(call, "GroupsPerUser", link_count_targets(call->tx, LINK_MEMBER, user->id)))
        return false;
    link_add(call->tx, LINK_MEMBER, user->id, group->id, call->now_ms);
    return true;
}

bool joining_remove_user(struct call *call) {
    struct entity *group, *user;
    if (!find_pair(call, &group, &user))
        return false;
    link_delete(call->tx, LINK_MEMBER, user->id, group->id);
    return true;
}

static void list_found(struct call *call, const struct page *page, const struct entity_page *found,
                       int member) {
    size_t n = call_page_count(page, found->n);
    message_open(call->response, member);
    for (size_t i = 0; i < n; i++)
        describe_listed(call, &found->items[i],
                        message_add_message(call->arena, call->response, member));
    call_page_end(call, page, found->n, n ? found->items[n - 1].key : S(""));
}

bool joining_get_group(struct call *call) {
    struct page page;
    struct entity *group = named_target(call);
    if (!group || !call_page(call, &page))
        return false;
    describe_full(call, group, message_make(call->arena, call->response, M_GetGroupResponse_Group));
    struct entity_page found = link_sources(call->tx, call->arena, LINK_MEMBER, group->id,
                                            KIND_USER, S(""), page.after, page.size + 1);
    list_found(call, &page, &found, M_GetGroupResponse_Users);
    return true;
}

bool joining_groups_of_user(struct call *call) {
    struct page page;
    struct entity *user = named_target(call);
    if (!user || !call_page(call, &page))
        return false;
    struct entity_page found = link_targets(call->tx, call->arena, LINK_MEMBER, user->id, S(""),
                                            page.after, page.size + 1);
    list_found(call, &page, &found, M_ListGroupsForUserResponse_Groups);
    return true;
}

/* ---- instance profiles ---- */

/* Whoever puts a role on an instance lends it out. */
static bool may_pass(struct call *call, const struct entity *role) {
    struct authorize_question question = {
        .action = S("iam:PassRole"),
        .resource = kind_arn(call, role),
        .target = role,
        .label = kind_arn(call, role),
    };
    return authorize_question(call, &question);
}

bool joining_add_role(struct call *call) {
    struct entity *profile = named_target(call);
    struct str name = message_str(call->request, M_AddRoleToInstanceProfileRequest_RoleName);
    struct entity *role = profile ? kind_find(call, KIND_ROLE, name) : NULL;
    if (!role || !may_pass(call, role))
        return false;
    if (link_count_targets(call->tx, LINK_IN_PROFILE, profile->id))
        return call_fail(call, FAULT_LIMIT_EXCEEDED,
                         "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    link_add(call->tx, LINK_IN_PROFILE, profile->id, role->id, call->now_ms);
    return true;
}

bool joining_remove_role(struct call *call) {
    struct entity *profile = named_target(call);
    struct str name = message_str(call->request, M_RemoveRoleFromInstanceProfileRequest_RoleName);
    struct entity *role = profile ? kind_find(call, KIND_ROLE, name) : NULL;
    if (!role)
        return false;
    return link_delete(call->tx, LINK_IN_PROFILE, profile->id, role->id) ||
           call_fail(call, FAULT_NO_SUCH_ENTITY,
                     "Role %.*s in Instance Profile %.*s cannot be found.", STR_ARG(name),
                     STR_ARG(profile->name));
}

bool joining_profiles_of_role(struct call *call) {
    struct page page;
    struct entity *role = named_target(call);
    if (!role || !call_page(call, &page))
        return false;
    struct entity_page found = link_sources(call->tx, call->arena, LINK_IN_PROFILE, role->id,
                                            KIND_PROFILE, S(""), page.after, page.size + 1);
    list_found(call, &page, &found, M_ListInstanceProfilesForRoleResponse_InstanceProfiles);
    return true;
}

/* ---- roles ---- */

/* UpdateRole and UpdateRoleDescription; the latter answers with the role (row: a). */
bool joining_update_role(struct call *call) {
    struct entity *role = named_target(call);
    if (!role)
        return false;
    struct message *body = kind_body(call, role);
    /* AWS keeps what is left out; other test doubles drop it. */
    if (call->action->a < 0 && call->server->permissive) {
        message_unset(body, M_Role_Description);
        message_set_int(body, M_Role_MaxSessionDuration, CREATION_SESSION_S);
    }
    message_copy(body, call->request);
    kind_save(call, role, body);
    if (call->action->a < 0)
        return true;
    struct message *answer = message_make(call->arena, call->response, call->action->a);
    describe_full(call, role, answer);
    message_unset(answer, M_Role_MaxSessionDuration);
    message_unset(answer, M_Role_RoleLastUsed);
    return true;
}

bool joining_update_trust(struct call *call) {
    struct str trust = message_str(call->request, M_UpdateAssumeRolePolicyRequest_PolicyDocument);
    struct entity *role = named_target(call);
    if (!role || !kind_check_modifiable(call, role) ||
        !inline_policy_check(call, POLICY_TRUST, trust))
        return false;
    struct message *body = kind_body(call, role);
    message_set_str(body, M_Role_AssumeRolePolicyDocument, trust);
    kind_save(call, role, body);
    return true;
}
