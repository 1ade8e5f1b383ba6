/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/holdings.h"

#include "base/arena.h"
#include "base/map.h"
#include "wire/model_ids.h"

struct held {
    struct message *detail; /* as GetAccountAuthorizationDetails shows it; nobody changes it */
    const struct message *listed;  /* roles: as ListRoles does */
    const struct message **others; /* groups: members; uses: users, groups and roles */
    size_t n_others, cap_others;
    bool bounds; /* uses: it is somebody's boundary, of which only the service says how it counts */
};

struct holdings {
    struct arena *arena;
    struct map held[HOLDINGS_KINDS]; /* name -> struct held * */
    struct map attachments;          /* ARN -> message of AttachedPolicy, which many share */
};

struct holdings *holdings_new(void) {
    struct arena *arena = arena_new();
    struct holdings *h = arena_alloc(arena, sizeof *h);
    h->arena = arena;
    return h;
}

void holdings_free(struct holdings *h) {
    if (h)
        arena_free(h->arena);
}

/* The members of one kind of entity that show its policies, in its detail and in single reads. */
struct policies {
    int attached, inlined;
    int list_attached, attached_items;
    int list_inline, inline_items;
    int get_inline, get_policy, answer_entity, answer_policy, answer_document;
};

static const struct policies policies[] = {
    [HOLDINGS_USER] = {M_UserDetail_AttachedManagedPolicies, M_UserDetail_UserPolicyList,
                       A_IAM_ListAttachedUserPolicies,
                       M_ListAttachedUserPoliciesResponse_AttachedPolicies, A_IAM_ListUserPolicies,
                       M_ListUserPoliciesResponse_PolicyNames, A_IAM_GetUserPolicy,
                       M_GetUserPolicyRequest_PolicyName, M_GetUserPolicyResponse_UserName,
                       M_GetUserPolicyResponse_PolicyName, M_GetUserPolicyResponse_PolicyDocument},
    [HOLDINGS_ROLE] = {M_RoleDetail_AttachedManagedPolicies, M_RoleDetail_RolePolicyList,
                       A_IAM_ListAttachedRolePolicies,
                       M_ListAttachedRolePoliciesResponse_AttachedPolicies, A_IAM_ListRolePolicies,
                       M_ListRolePoliciesResponse_PolicyNames, A_IAM_GetRolePolicy,
                       M_GetRolePolicyRequest_PolicyName, M_GetRolePolicyResponse_RoleName,
                       M_GetRolePolicyResponse_PolicyName, M_GetRolePolicyResponse_PolicyDocument},
    [HOLDINGS_GROUP] = {M_GroupDetail_AttachedManagedPolicies, M_GroupDetail_GroupPolicyList,
                        A_IAM_ListAttachedGroupPolicies,
                        M_ListAttachedGroupPoliciesResponse_AttachedPolicies,
                        A_IAM_ListGroupPolicies, M_ListGroupPoliciesResponse_PolicyNames,
                        A_IAM_GetGroupPolicy, M_GetGroupPolicyRequest_PolicyName,
                        M_GetGroupPolicyResponse_GroupName, M_GetGroupPolicyResponse_PolicyName,
                        M_GetGroupPolicyResponse_PolicyDocument},
};

static struct held *find(const struct holdings *h, enum holdings_kind kind, struct str name) {
    return map_get(&h->held[kind], name);
}

void holdings_want(struct holdings *h, enum holdings_kind kind, struct str name) {
    if (!find(h, kind, name))
        map_put(h->arena, &h->held[kind], str_dup(h->arena, name),
                arena_alloc(h->arena, sizeof(struct held)));
}

/* Taking. */

/* A copy whose attachments are those of everybody who has the same policy. */
static struct message *keep(struct holdings *h, const struct message *detail, int attached) {
    struct message *kept = message_clone(h->arena, detail, attached);
    for (size_t i = 0; i < message_count(detail, attached); i++) {
        const struct message *item = message_at(detail, attached, i);
        struct str arn = message_str(item, M_AttachedPolicy_PolicyArn);
        struct message *shared = map_get(&h->attachments, arn);
        if (!shared) {
            shared = message_clone(h->arena, item, -1);
            map_put(h->arena, &h->attachments, message_str(shared, M_AttachedPolicy_PolicyArn),
                    shared);
        }
        message_share(h->arena, kept, attached, shared);
    }
    return kept;
}

static void add_other(struct holdings *h, struct held *held, const struct message *detail) {
    held->others = arena_grow(h->arena, held->others, held->n_others, &held->cap_others,
                              sizeof(const struct message *));
    held->others[held->n_others++] = detail;
}

/* An entity of which something was told: kept when it is wanted, or those are who it belongs to. */
struct taken {
    struct holdings *h;
    enum holdings_kind kind;
    const struct message *told;
    struct message *kept;
};

static struct message *kept_of(struct taken *t) {
    if (!t->kept)
        t->kept = keep(t->h, t->told, policies[t->kind].attached);
    return t->kept;
}

static void note_use(struct taken *t, struct str arn) {
    struct held *use = find(t->h, HOLDINGS_USE, arn);
    if (use)
        add_other(t->h, use, kept_of(t));
}

static void take_entity(struct taken *t, struct str name, int boundary) {
    int attached = policies[t->kind].attached;
    struct held *held = find(t->h, t->kind, name);
    if (held)
        held->detail = kept_of(t);
    for (size_t i = 0; i < message_count(t->told, attached); i++)
        note_use(t, message_str(message_at(t->told, attached, i), M_AttachedPolicy_PolicyArn));
    struct held *bound =
        boundary < 0 ? NULL
                     : find(t->h, HOLDINGS_USE,
                            message_str(message_get(t->told, boundary),
                                        M_AttachedPermissionsBoundary_PermissionsBoundaryArn));
    if (bound)
        bound->bounds = true;
}

static void take_user(struct holdings *h, const struct message *detail) {
    struct taken t = {h, HOLDINGS_USER, detail, NULL};
    take_entity(&t, message_str(detail, M_UserDetail_UserName), M_UserDetail_PermissionsBoundary);
    for (size_t i = 0; i < message_count(detail, M_UserDetail_GroupList); i++) {
        struct held *group =
            find(h, HOLDINGS_GROUP, message_str_at(detail, M_UserDetail_GroupList, i));
        if (group)
            add_other(h, group, kept_of(&t));
    }
}

static void take_policy(struct holdings *h, const struct message *detail) {
    struct held *held = find(h, HOLDINGS_POLICY, message_str(detail, M_ManagedPolicyDetail_Arn));
    struct str version = message_str(detail, M_ManagedPolicyDetail_DefaultVersionId);
    for (size_t i = 0; held && i < message_count(detail, M_ManagedPolicyDetail_PolicyVersionList);
         i++) {
        const struct message *v = message_at(detail, M_ManagedPolicyDetail_PolicyVersionList, i);
        if (str_eq(message_str(v, M_PolicyVersion_VersionId), version))
            held->detail = message_clone(h->arena, v, -1);
    }
}

void holdings_take_details(struct holdings *h, const struct message *page) {
    enum {
        USERS = M_GetAccountAuthorizationDetailsResponse_UserDetailList,
        GROUPS = M_GetAccountAuthorizationDetailsResponse_GroupDetailList,
        ROLES = M_GetAccountAuthorizationDetailsResponse_RoleDetailList,
        POLICIES = M_GetAccountAuthorizationDetailsResponse_Policies
    };
    for (size_t i = 0; i < message_count(page, USERS); i++)
        take_user(h, message_at(page, USERS, i));
    for (size_t i = 0; i < message_count(page, GROUPS); i++) {
        struct taken t = {h, HOLDINGS_GROUP, message_at(page, GROUPS, i), NULL};
        take_entity(&t, message_str(t.told, M_GroupDetail_GroupName), -1);
    }
    for (size_t i = 0; i < message_count(page, ROLES); i++) {
        struct taken t = {h, HOLDINGS_ROLE, message_at(page, ROLES, i), NULL};
        take_entity(&t, message_str(t.told, M_RoleDetail_RoleName),
                    M_RoleDetail_PermissionsBoundary);
    }
    for (size_t i = 0; i < message_count(page, POLICIES); i++)
        take_policy(h, message_at(page, POLICIES, i));
}

void holdings_take_roles(struct holdings *h, const struct message *page) {
    for (size_t i = 0; i < message_count(page, M_ListRolesResponse_Roles); i++) {
        const struct message *role = message_at(page, M_ListRolesResponse_Roles, i);
        struct held *held = find(h, HOLDINGS_ROLE, message_str(role, M_Role_RoleName));
        if (held)
            held->listed = message_clone(h->arena, role, -1);
    }
}

void holdings_take_list(struct holdings *h, int action, const struct message *answer) {
    const struct model_action *model = api_action(action);
    struct held *held = find(h, HOLDINGS_LIST, model->name);
    if (held) /* with all its pages, so that none is asked for */
        held->detail =
            message_clone(h->arena, answer, model_member(answer->shape, S("IsTruncated")));
}

/* Answering. */

/* The detail under another name of its shape: GetUser's User. */
static struct message *wrapped(struct arena *arena, int action, int member,
                               const struct message *detail) {
    struct message *answer = message_response(arena, api_action(action));
    message_copy(message_make(arena, answer, member), detail);
    return answer;
}

static struct message *answer_role(struct arena *arena, const struct held *held) {
    if (!held->listed)
        return NULL;
    struct message *answer = wrapped(arena, A_IAM_GetRole, M_GetRoleResponse_Role, held->listed);
    message_copy(message_get(answer, M_GetRoleResponse_Role), held->detail);
    return answer;
}

static struct message *answer_group(struct arena *arena, const struct held *held) {
    struct message *answer = wrapped(arena, A_IAM_GetGroup, M_GetGroupResponse_Group, held->detail);
    for (size_t i = 0; i < held->n_others; i++)
        message_copy(message_add_message(arena, answer, M_GetGroupResponse_Users), held->others[i]);
    return answer;
}

static struct message *answer_groups_of(struct arena *arena, const struct held *held) {
    struct message *answer = message_response(arena, api_action(A_IAM_ListGroupsForUser));
    for (size_t i = 0; i < message_count(held->detail, M_UserDetail_GroupList); i++)
        message_set_str(message_add_message(arena, answer, M_ListGroupsForUserResponse_Groups),
                        M_Group_GroupName, message_str_at(held->detail, M_UserDetail_GroupList, i));
    return answer;
}

static struct message *answer_uses(struct arena *arena, const struct held *held) {
    struct message *answer = message_response(arena, api_action(A_IAM_ListEntitiesForPolicy));
    const struct model_shape *user = &model_iam.shapes[T_IAM_UserDetail];
    const struct model_shape *group = &model_iam.shapes[T_IAM_GroupDetail];
    for (size_t i = 0; i < held->n_others; i++) {
        const struct message *detail = held->others[i];
        int member = detail->shape == user    ? M_ListEntitiesForPolicyResponse_PolicyUsers
                     : detail->shape == group ? M_ListEntitiesForPolicyResponse_PolicyGroups
                                              : M_ListEntitiesForPolicyResponse_PolicyRoles;
        message_copy(message_add_message(arena, answer, member), detail);
    }
    return answer;
}

static struct message *answer_version(struct arena *arena, const struct held *held,
                                      const struct message *request) {
    struct str wanted = message_str(request, M_GetPolicyVersionRequest_VersionId);
    if (!str_eq(wanted, message_str(held->detail, M_PolicyVersion_VersionId)))
        return NULL;
    return wrapped(arena, A_IAM_GetPolicyVersion, M_GetPolicyVersionResponse_PolicyVersion,
                   held->detail);
}

static struct message *answer_document(struct arena *arena, const struct policies *p,
                                       const struct held *held, struct str name,
                                       struct str wanted) {
    for (size_t i = 0; i < message_count(held->detail, p->inlined); i++) {
        const struct message *policy = message_at(held->detail, p->inlined, i);
        if (!str_eq(message_str(policy, M_PolicyDetail_PolicyName), wanted))
            continue;
        struct message *answer = message_response(arena, api_action(p->get_inline));
        message_set_str(answer, p->answer_entity, name);
        message_set_str(answer, p->answer_policy, wanted);
        message_set_str(answer, p->answer_document,
                        message_str(policy, M_PolicyDetail_PolicyDocument));
        return answer;
    }
    return NULL;
}

static struct message *answer_policies(struct arena *arena, enum holdings_kind kind,
                                       const struct held *held, int action, struct str name,
                                       const struct message *request) {
    const struct policies *p = &policies[kind];
    if (action == p->get_inline)
        return answer_document(arena, p, held, name, message_str(request, p->get_policy));
    struct message *answer = message_response(arena, api_action(action));
    if (action == p->list_attached) {
        for (size_t i = 0; i < message_count(held->detail, p->attached); i++)
            message_share(arena, answer, p->attached_items,
                          message_at(held->detail, p->attached, i));
        return answer;
    }
    for (size_t i = 0; i < message_count(held->detail, p->inlined); i++)
        message_add_str(
            arena, answer, p->inline_items,
            message_str(message_at(held->detail, p->inlined, i), M_PolicyDetail_PolicyName));
    return answer;
}

/* Single reads that bulk answers can stand for. GetPolicy itself shows tags, which none does. */
static const struct {
    int action;
    enum holdings_kind kind;
    int member;
} reads[] = {
    {A_IAM_GetUser, HOLDINGS_USER, M_GetUserRequest_UserName},
    {A_IAM_GetUserPolicy, HOLDINGS_USER, M_GetUserPolicyRequest_UserName},
    {A_IAM_ListUserPolicies, HOLDINGS_USER, M_ListUserPoliciesRequest_UserName},
    {A_IAM_ListAttachedUserPolicies, HOLDINGS_USER, M_ListAttachedUserPoliciesRequest_UserName},
    {A_IAM_ListGroupsForUser, HOLDINGS_USER, M_ListGroupsForUserRequest_UserName},
    {A_IAM_GetRole, HOLDINGS_ROLE, M_GetRoleRequest_RoleName},
    {A_IAM_GetRolePolicy, HOLDINGS_ROLE, M_GetRolePolicyRequest_RoleName},
    {A_IAM_ListRolePolicies, HOLDINGS_ROLE, M_ListRolePoliciesRequest_RoleName},
    {A_IAM_ListAttachedRolePolicies, HOLDINGS_ROLE, M_ListAttachedRolePoliciesRequest_RoleName},
    {A_IAM_GetGroup, HOLDINGS_GROUP, M_GetGroupRequest_GroupName},
    {A_IAM_GetGroupPolicy, HOLDINGS_GROUP, M_GetGroupPolicyRequest_GroupName},
    {A_IAM_ListGroupPolicies, HOLDINGS_GROUP, M_ListGroupPoliciesRequest_GroupName},
    {A_IAM_ListAttachedGroupPolicies, HOLDINGS_GROUP, M_ListAttachedGroupPoliciesRequest_GroupName},
    {A_IAM_GetPolicyVersion, HOLDINGS_POLICY, M_GetPolicyVersionRequest_PolicyArn},
    {A_IAM_ListEntitiesForPolicy, HOLDINGS_USE, M_ListEntitiesForPolicyRequest_PolicyArn},
    {A_IAM_ListVirtualMFADevices, HOLDINGS_LIST, -1},
};

enum holdings_kind holdings_kind_of(int action, int *ret_member) {
    for (size_t i = 0; i < COUNT(reads); i++)
        if (reads[i].action == action) {
            *ret_member = reads[i].member;
            return reads[i].kind;
        }
    return HOLDINGS_KINDS;
}

static struct message *answer_from(struct arena *arena, const struct held *held,
                                   enum holdings_kind kind, int action, struct str name,
                                   const struct message *request) {
    switch (action) {
    case A_IAM_GetUser:
        return wrapped(arena, action, M_GetUserResponse_User, held->detail);
    case A_IAM_GetRole:
        return answer_role(arena, held);
    case A_IAM_GetGroup:
        return answer_group(arena, held);
    case A_IAM_ListGroupsForUser:
        return answer_groups_of(arena, held);
    case A_IAM_ListEntitiesForPolicy:
        return answer_uses(arena, held);
    case A_IAM_GetPolicyVersion:
        return answer_version(arena, held, request);
    case A_IAM_ListVirtualMFADevices:
        return held->detail;
    default:
        return answer_policies(arena, kind, held, action, name, request);
    }
}

/* Only the name may be asked for, and which policy of it: filters and pages are the service's. */
static bool is_plain(int action, const struct message *request, int member) {
    for (int i = 0; i < request->shape->n_members; i++) {
        bool version = action == A_IAM_GetPolicyVersion && i == M_GetPolicyVersionRequest_VersionId;
        bool policy = str_eq(request->shape->members[i].name, S("PolicyName"));
        if (i != member && !version && !policy && message_has(request, i))
            return false;
    }
    return true;
}

struct message *holdings_answer(const struct holdings *h, struct arena *arena, int action,
                                const struct message *request) {
    int member;
    enum holdings_kind kind = holdings_kind_of(action, &member);
    if (kind == HOLDINGS_KINDS || !is_plain(action, request, member))
        return NULL;
    struct str name = member < 0 ? api_action(action)->name : message_str(request, member);
    const struct held *held = find(h, kind, name);
    if (!held || held->bounds || (!held->detail && kind != HOLDINGS_USE))
        return NULL;
    return answer_from(arena, held, kind, action, name, request);
}
