/* SPDX-License-Identifier: Apache-2.0 */
#include "server/details.h"

#include "base/arena.h"
#include "server/describe.h"
#include "server/managed_policy.h"
#include "server/server_int.h"
#include "store/row_document.h"
#include "store/link.h"

static void add_inline(struct call *call, const struct entity *entity, struct message *to,
                       int member) {
    struct document_page found = row_document_list(call->tx, call->arena, entity->id, S(""), 0);
    message_open(to, member);
    for (size_t i = 0; i < found.n; i++) {
        struct message *m = message_add_message(call->arena, to, member);
        message_set_str(m, M_PolicyDetail_PolicyName, found.items[i].name);
        message_set_str(m, M_PolicyDetail_PolicyDocument, call_escaped(call, found.items[i].body));
    }
}

static void add_attached(struct call *call, const struct entity *entity, struct message *to,
                         int member) {
    struct entity_page found =
        link_targets(call->tx, call->arena, LINK_ATTACHED, entity->id, S(""), S(""), 0);
    message_open(to, member);
    for (size_t i = 0; i < found.n; i++) {
        struct message *m = message_add_message(call->arena, to, member);
        message_set_str(m, M_AttachedPolicy_PolicyName, found.items[i].name);
        message_set_str(m, M_AttachedPolicy_PolicyArn, kind_arn(call, &found.items[i]));
    }
}

static void describe_user(struct call *call, const struct entity *user, struct message *to) {
    struct entity_page groups =
        link_targets(call->tx, call->arena, LINK_MEMBER, user->id, S(""), S(""), 0);
    kind_describe(call, user, to);
    add_inline(call, user, to, M_UserDetail_UserPolicyList);
    /* Groups and roles show an empty list; users show none. */
    if (!message_count(to, M_UserDetail_UserPolicyList))
        message_unset(to, M_UserDetail_UserPolicyList);
    message_open(to, M_UserDetail_GroupList);
    for (size_t i = 0; i < groups.n; i++)
        message_add_str(call->arena, to, M_UserDetail_GroupList, groups.items[i].name);
    add_attached(call, user, to, M_UserDetail_AttachedManagedPolicies);
    describe_boundary(call, user, to, M_UserDetail_PermissionsBoundary);
    message_open(to, M_UserDetail_Tags);
    describe_tags(call, user->id, to, M_UserDetail_Tags);
}

static void describe_group(struct call *call, const struct entity *group, struct message *to) {
    kind_describe(call, group, to);
    add_inline(call, group, to, M_GroupDetail_GroupPolicyList);
    add_attached(call, group, to, M_GroupDetail_AttachedManagedPolicies);
}

static void describe_role(struct call *call, const struct entity *role, struct message *to) {
    struct entity_page profiles = link_sources(call->tx, call->arena, LINK_IN_PROFILE, role->id,
                                               KIND_PROFILE, S(""), S(""), 0);
    struct message *full = message_new(call->arena, to->api, &to->api->shapes[T_IAM_Role]);
    describe_full(call, role, full);
    message_copy(to, full);
    message_open(to, M_RoleDetail_InstanceProfileList);
    for (size_t i = 0; i < profiles.n; i++)
        describe_listed(call, &profiles.items[i],
                        message_add_message(call->arena, to, M_RoleDetail_InstanceProfileList));
    add_inline(call, role, to, M_RoleDetail_RolePolicyList);
    add_attached(call, role, to, M_RoleDetail_AttachedManagedPolicies);
    message_open(to, M_RoleDetail_Tags);
}

static void describe_policy(struct call *call, const struct entity *policy, struct message *to) {
    struct message *listed = message_new(call->arena, to->api, &to->api->shapes[T_IAM_Policy]);
    describe_listed(call, policy, listed);
    message_copy(to, listed);
    managed_policy_versions(call, policy, to, M_ManagedPolicyDetail_PolicyVersionList, true);
}

/*
 * The parts of the answer in their order; AWS's own policies only as far as they are in use, but
 * all of them where they are asked for by name.
 */
static const struct part {
    enum kind_id kind;
    bool aws;
    struct str filter;
    int list;
    void (*describe)(struct call *call, const struct entity *entity, struct message *to);
} parts[] = {
    {KIND_USER, false, STR("User"), M_GetAccountAuthorizationDetailsResponse_UserDetailList,
     describe_user},
    {KIND_GROUP, false, STR("Group"), M_GetAccountAuthorizationDetailsResponse_GroupDetailList,
     describe_group},
    {KIND_ROLE, false, STR("Role"), M_GetAccountAuthorizationDetailsResponse_RoleDetailList,
     describe_role},
    {KIND_POLICY, false, STR("LocalManagedPolicy"),
     M_GetAccountAuthorizationDetailsResponse_Policies, describe_policy},
    {KIND_POLICY, true, STR("AWSManagedPolicy"), M_GetAccountAuthorizationDetailsResponse_Policies,
     describe_policy},
};

static bool is_wanted(struct call *call, const struct part *part) {
    const int filter = M_GetAccountAuthorizationDetailsRequest_Filter;
    size_t n = message_count(call->request, filter);
    for (size_t i = 0; i < n; i++)
        if (str_eq(message_str_at(call->request, filter, i), part->filter))
            return true;
    return n == 0;
}

static bool in_use(struct call *call, const struct entity *policy) {
    return link_count_sources(call->tx, LINK_ATTACHED, policy->id) ||
           link_count_sources(call->tx, LINK_BOUNDARY, policy->id);
}

struct walk {
    struct page page;
    size_t have;
    struct str last;
};

/* Keys of different parts are kept apart by the part's number in front. */
static void walk_part(struct call *call, struct walk *walk, size_t number) {
    const struct part *part = &parts[number];
    struct str prefix = str_format(call->arena, "%zu/", number), after = S("");
    struct str account = part->aws ? S(SERVER_AWS_ACCOUNT) : call->account;
    if (walk->page.after.len && walk->page.after.at[0] > prefix.at[0])
        return;
    if (str_starts(walk->page.after, prefix))
        after = str_slice(walk->page.after, prefix.len, walk->page.after.len);
    bool asked = message_count(call->request, M_GetAccountAuthorizationDetailsRequest_Filter) > 0;
    int64_t limit = part->aws ? 0 : walk->page.size + 1 - (int64_t)walk->have;
    struct entity_page found =
        entity_list(call->tx, call->arena, account, part->kind, S(""), after, limit);
    for (size_t i = 0; i < found.n; i++) {
        if (part->aws && !asked && !in_use(call, &found.items[i]))
            continue;
        if (++walk->have > (size_t)walk->page.size)
            return;
        part->describe(call, &found.items[i],
                       message_add_message(call->arena, call->response, part->list));
        walk->last = str_cat(call->arena, prefix, found.items[i].key);
    }
}

bool details_get(struct call *call) {
    struct walk walk = {0};
    if (!call_page(call, &walk.page))
        return false;
    for (size_t i = 0; i < COUNT(parts); i++) {
        message_open(call->response, parts[i].list);
        if (is_wanted(call, &parts[i]) && walk.have <= (size_t)walk.page.size)
            walk_part(call, &walk, i);
    }
    call_page_end(call, &walk.page, walk.have, walk.last);
    return true;
}
