/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/prefetch.h"

#include "aws/resource_call.h"
#include "base/arena.h"
#include "base/map.h"
#include "base/trace.h"
#include "wire/model_ids.h"

#define READS_MIN 100 /* below this, single reads are as good and disturb nobody */
#define PAGE_ITEMS 1000

enum bulk_kind { BULK_USER, BULK_ROLE, BULK_GROUP, BULK_POLICY, BULK_KINDS };

/* Single reads that bulk answers can stand for, and the request member that names the object. */
static const struct {
    int action;
    enum bulk_kind kind;
    int member;
} sources[] = {
    {A_IAM_GetUser, BULK_USER, M_GetUserRequest_UserName},
    {A_IAM_GetUserPolicy, BULK_USER, M_GetUserPolicyRequest_UserName},
    {A_IAM_ListUserPolicies, BULK_USER, M_ListUserPoliciesRequest_UserName},
    {A_IAM_ListAttachedUserPolicies, BULK_USER, M_ListAttachedUserPoliciesRequest_UserName},
    {A_IAM_ListGroupsForUser, BULK_USER, M_ListGroupsForUserRequest_UserName},
    {A_IAM_GetRole, BULK_ROLE, M_GetRoleRequest_RoleName},
    {A_IAM_GetRolePolicy, BULK_ROLE, M_GetRolePolicyRequest_RoleName},
    {A_IAM_ListRolePolicies, BULK_ROLE, M_ListRolePoliciesRequest_RoleName},
    {A_IAM_ListAttachedRolePolicies, BULK_ROLE, M_ListAttachedRolePoliciesRequest_RoleName},
    {A_IAM_GetGroup, BULK_GROUP, M_GetGroupRequest_GroupName},
    {A_IAM_GetGroupPolicy, BULK_GROUP, M_GetGroupPolicyRequest_GroupName},
    {A_IAM_ListGroupPolicies, BULK_GROUP, M_ListGroupPoliciesRequest_GroupName},
    {A_IAM_ListAttachedGroupPolicies, BULK_GROUP, M_ListAttachedGroupPoliciesRequest_GroupName},
    {A_IAM_GetPolicy, BULK_POLICY, M_GetPolicyRequest_PolicyArn},
};

struct prefetch_plan {
    struct arena *arena;
    struct map wanted[BULK_KINDS]; /* names of objects; policies by ARN */
    size_t reads[BULK_KINDS];
};

struct prefetch_plan *prefetch_plan_new(struct arena *arena) {
    struct prefetch_plan *plan = arena_alloc(arena, sizeof *plan);
    plan->arena = arena;
    return plan;
}

static void count_call(struct prefetch_plan *plan, struct op *op, const struct call_row *call) {
    for (size_t i = 0; i < COUNT(sources); i++) {
        if (sources[i].action != call->action)
            continue;
        for (const struct bind *b = call->in; b && b->attr; b++) {
            if (b->member != sources[i].member)
                continue;
            struct str name = record_text(&op->now, str_from(b->attr));
            if (name.len == 0)
                return;
            plan->reads[sources[i].kind]++;
            struct map *wanted = &plan->wanted[sources[i].kind];
            if (!map_get(wanted, name))
                map_put(plan->arena, wanted, str_dup(plan->arena, name), plan);
            return;
        }
    }
}

void prefetch_plan_add(struct prefetch_plan *plan, struct op *op) {
    const struct resource_row *row = op->resource->row;
    for (const struct read_row *r = row->reads; r && r->call.action; r++)
        count_call(plan, op, &r->call);
    for (const struct children_row *c = row->children; c && c->attr; c++)
        count_call(plan, op, &c->list);
}

/* The fetch at work. Answers and all that they share live in `arena`. */
struct bulk {
    const struct prefetch_plan *plan;
    struct arena *arena, *scratch, *page; /* page: for what is dead when a page was taken */
    struct map *answers;
    struct map members; /* group name -> message of GetGroup */
    struct map details; /* role name -> its RoleDetail */
};

static bool wanted(const struct bulk *b, enum bulk_kind kind, struct str name) {
    return map_get(&b->plan->wanted[kind], name) != NULL;
}

/* Files `answer` as that of `action` with one or two request members. */
static void file(struct bulk *b, int action, int member, struct str text, int second,
                 struct str second_text, struct message *answer) {
    struct message *request = service_request(b->page, action);
    message_set_str(request, member, text);
    if (second >= 0)
        message_set_str(request, second, second_text);
    map_put(b->arena, b->answers, service_key(b->arena, action, request), answer);
}

static void file_one(struct bulk *b, int action, int member, struct str text,
                     struct message *answer) {
    file(b, action, member, text, -1, S(""), answer);
}

static struct message *answer_of(struct bulk *b, int action) {
    return message_response(b->arena, api_action(action));
}

/* How one kind of entity shows its policies: list of attachments, list of inline documents. */
struct policies {
    int attached, inlined; /* members of the detail */
    int list_attached, list_attached_name, attached_items;
    int list_inline, list_inline_name, inline_items;
    int get_inline, get_entity, get_policy, answer_entity, answer_policy, answer_document;
};

static void file_policies(struct bulk *b, const struct policies *p, struct str name,
                          const struct message *detail) {
    struct message *attached = answer_of(b, p->list_attached);
    struct message *names = answer_of(b, p->list_inline);
    for (size_t i = 0; i < message_count(detail, p->attached); i++) {
        struct message *item = message_add_message(b->arena, attached, p->attached_items);
        message_copy(item, message_at(detail, p->attached, i));
    }
    for (size_t i = 0; i < message_count(detail, p->inlined); i++) {
        const struct message *policy = message_at(detail, p->inlined, i);
        struct str policy_name = message_str(policy, M_PolicyDetail_PolicyName);
        struct message *one = answer_of(b, p->get_inline);
        message_add_str(b->arena, names, p->inline_items, policy_name);
        message_set_str(one, p->answer_entity, name);
        message_set_str(one, p->answer_policy, policy_name);
        message_set_str(one, p->answer_document,
                        message_str(policy, M_PolicyDetail_PolicyDocument));
        file(b, p->get_inline, p->get_entity, name, p->get_policy, policy_name, one);
    }
    file_one(b, p->list_attached, p->list_attached_name, name, attached);
    file_one(b, p->list_inline, p->list_inline_name, name, names);
}

static const struct policies user_policies = {
    M_UserDetail_AttachedManagedPolicies,
    M_UserDetail_UserPolicyList,
    A_IAM_ListAttachedUserPolicies,
    M_ListAttachedUserPoliciesRequest_UserName,
    M_ListAttachedUserPoliciesResponse_AttachedPolicies,
    A_IAM_ListUserPolicies,
    M_ListUserPoliciesRequest_UserName,
    M_ListUserPoliciesResponse_PolicyNames,
    A_IAM_GetUserPolicy,
    M_GetUserPolicyRequest_UserName,
    M_GetUserPolicyRequest_PolicyName,
    M_GetUserPolicyResponse_UserName,
    M_GetUserPolicyResponse_PolicyName,
    M_GetUserPolicyResponse_PolicyDocument,
};

static const struct policies role_policies = {
    M_RoleDetail_AttachedManagedPolicies,
    M_RoleDetail_RolePolicyList,
    A_IAM_ListAttachedRolePolicies,
    M_ListAttachedRolePoliciesRequest_RoleName,
    M_ListAttachedRolePoliciesResponse_AttachedPolicies,
    A_IAM_ListRolePolicies,
    M_ListRolePoliciesRequest_RoleName,
    M_ListRolePoliciesResponse_PolicyNames,
    A_IAM_GetRolePolicy,
    M_GetRolePolicyRequest_RoleName,
    M_GetRolePolicyRequest_PolicyName,
    M_GetRolePolicyResponse_RoleName,
    M_GetRolePolicyResponse_PolicyName,
    M_GetRolePolicyResponse_PolicyDocument,
};

static const struct policies group_policies = {
    M_GroupDetail_AttachedManagedPolicies,
    M_GroupDetail_GroupPolicyList,
    A_IAM_ListAttachedGroupPolicies,
    M_ListAttachedGroupPoliciesRequest_GroupName,
    M_ListAttachedGroupPoliciesResponse_AttachedPolicies,
    A_IAM_ListGroupPolicies,
    M_ListGroupPoliciesRequest_GroupName,
    M_ListGroupPoliciesResponse_PolicyNames,
    A_IAM_GetGroupPolicy,
    M_GetGroupPolicyRequest_GroupName,
    M_GetGroupPolicyRequest_PolicyName,
    M_GetGroupPolicyResponse_GroupName,
    M_GetGroupPolicyResponse_PolicyName,
    M_GetGroupPolicyResponse_PolicyDocument,
};

static struct message *group_answer(struct bulk *b, struct str name) {
    struct message *answer = map_get(&b->members, name);
    if (!answer) {
        answer = answer_of(b, A_IAM_GetGroup);
        map_put(b->arena, &b->members, name, answer);
    }
    return answer;
}

static void take_user(struct bulk *b, const struct message *detail) {
    struct str name = message_str(detail, M_UserDetail_UserName);
    struct message *groups = answer_of(b, A_IAM_ListGroupsForUser);
    for (size_t i = 0; i < message_count(detail, M_UserDetail_GroupList); i++) {
        struct str group = message_str_at(detail, M_UserDetail_GroupList, i);
        struct message *g =
            message_add_message(b->arena, groups, M_ListGroupsForUserResponse_Groups);
        message_set_str(g, M_Group_GroupName, group);
        if (wanted(b, BULK_GROUP, group))
            message_copy(
                message_add_message(b->arena, group_answer(b, group), M_GetGroupResponse_Users),
                detail);
    }
    if (!wanted(b, BULK_USER, name))
        return;
    struct message *answer = answer_of(b, A_IAM_GetUser);
    message_copy(message_make(b->arena, answer, M_GetUserResponse_User), detail);
    file_one(b, A_IAM_GetUser, M_GetUserRequest_UserName, name, answer);
    file_one(b, A_IAM_ListGroupsForUser, M_ListGroupsForUserRequest_UserName, name, groups);
    file_policies(b, &user_policies, name, detail);
}

static void take_group(struct bulk *b, const struct message *detail) {
    struct str name = message_str(detail, M_GroupDetail_GroupName);
    if (!wanted(b, BULK_GROUP, name))
        return;
    message_copy(message_make(b->arena, group_answer(b, name), M_GetGroupResponse_Group), detail);
    file_policies(b, &group_policies, name, detail);
}

/* Kept until ListRoles adds description and session length. */
static void take_role(struct bulk *b, struct message *detail) {
    struct str name = message_str(detail, M_RoleDetail_RoleName);
    if (!wanted(b, BULK_ROLE, name))
        return;
    map_put(b->arena, &b->details, name, detail);
    file_policies(b, &role_policies, name, detail);
}

/* The default version's document; the policy itself has tags, which no bulk call shows. */
static void take_policy(struct bulk *b, const struct message *detail) {
    struct str arn = message_str(detail, M_ManagedPolicyDetail_Arn);
    struct str version = message_str(detail, M_ManagedPolicyDetail_DefaultVersionId);
    if (!wanted(b, BULK_POLICY, arn))
        return;
    for (size_t i = 0; i < message_count(detail, M_ManagedPolicyDetail_PolicyVersionList); i++) {
        const struct message *v = message_at(detail, M_ManagedPolicyDetail_PolicyVersionList, i);
        if (!str_eq(message_str(v, M_PolicyVersion_VersionId), version))
            continue;
        struct message *answer = answer_of(b, A_IAM_GetPolicyVersion);
        message_copy(message_make(b->arena, answer, M_GetPolicyVersionResponse_PolicyVersion), v);
        file(b, A_IAM_GetPolicyVersion, M_GetPolicyVersionRequest_PolicyArn, arn,
             M_GetPolicyVersionRequest_VersionId, version, answer);
    }
}

static void take_details(struct bulk *b, const struct message *page) {
    for (size_t i = 0;
         i < message_count(page, M_GetAccountAuthorizationDetailsResponse_UserDetailList); i++)
        take_user(b, message_at(page, M_GetAccountAuthorizationDetailsResponse_UserDetailList, i));
    for (size_t i = 0;
         i < message_count(page, M_GetAccountAuthorizationDetailsResponse_GroupDetailList); i++)
        take_group(b,
                   message_at(page, M_GetAccountAuthorizationDetailsResponse_GroupDetailList, i));
    for (size_t i = 0;
         i < message_count(page, M_GetAccountAuthorizationDetailsResponse_RoleDetailList); i++)
        take_role(b, message_at(page, M_GetAccountAuthorizationDetailsResponse_RoleDetailList, i));
    for (size_t i = 0; i < message_count(page, M_GetAccountAuthorizationDetailsResponse_Policies);
         i++)
        take_policy(b, message_at(page, M_GetAccountAuthorizationDetailsResponse_Policies, i));
}

static void add_filters(struct bulk *b, struct message *request, const bool worth[BULK_KINDS]) {
    static const struct str names[BULK_KINDS] = {[BULK_USER] = STR("User"),
                                                 [BULK_ROLE] = STR("Role"),
                                                 [BULK_GROUP] = STR("Group"),
                                                 [BULK_POLICY] = STR("LocalManagedPolicy")};
    for (size_t i = 0; i < BULK_KINDS; i++)
        if (worth[i])
            message_add_str(b->scratch, request, M_GetAccountAuthorizationDetailsRequest_Filter,
                            names[i]);
}

/* Page after page; gives up when it has taken more calls than it can save. */
static bool fetch_details(struct bulk *b, struct service *service, const bool worth[BULK_KINDS],
                          size_t calls_max, struct fault *ret_fault) {
    struct message *request = service_request(b->scratch, A_IAM_GetAccountAuthorizationDetails);
    add_filters(b, request, worth);
    message_set_int(request, M_GetAccountAuthorizationDetailsRequest_MaxItems, PAGE_ITEMS);
    for (size_t n = 0; n < calls_max; n++) {
        struct message *page = service_call(service, b->arena, A_IAM_GetAccountAuthorizationDetails,
                                            request, ret_fault);
        if (!page)
            return false;
        take_details(b, page);
        arena_reset(b->page);
        if (!message_bool(page, M_GetAccountAuthorizationDetailsResponse_IsTruncated))
            return true;
        message_set_str(request, M_GetAccountAuthorizationDetailsRequest_Marker,
                        message_str(page, M_GetAccountAuthorizationDetailsResponse_Marker));
    }
    *ret_fault = (struct fault){.code = FAULT_OTHER, .text = S("the account is too large")};
    return false;
}

static void take_listed_role(struct bulk *b, const struct message *listed) {
    struct str name = message_str(listed, M_Role_RoleName);
    const struct message *detail = map_get(&b->details, name);
    if (!detail)
        return;
    struct message *answer = answer_of(b, A_IAM_GetRole);
    struct message *role = message_make(b->arena, answer, M_GetRoleResponse_Role);
    message_copy(role, listed);
    message_copy(role, detail);
    file_one(b, A_IAM_GetRole, M_GetRoleRequest_RoleName, name, answer);
}

static bool fetch_roles(struct bulk *b, struct service *service, struct fault *ret_fault) {
    struct message *request = service_request(b->scratch, A_IAM_ListRoles);
    message_set_int(request, M_ListRolesRequest_MaxItems, PAGE_ITEMS);
    struct message *all = service_list(service, b->arena, A_IAM_ListRoles, request, ret_fault);
    for (size_t i = 0; all && i < message_count(all, M_ListRolesResponse_Roles); i++)
        take_listed_role(b, message_at(all, M_ListRolesResponse_Roles, i));
    return all != NULL;
}

/* GetGroup's answer is whole only when the group itself was shown. */
static void file_groups(struct bulk *b) {
    for (size_t i = 0; i < b->members.n; i++) {
        struct message *answer = b->members.entries[i].value;
        if (message_has(answer, M_GetGroupResponse_Group))
            file_one(b, A_IAM_GetGroup, M_GetGroupRequest_GroupName, b->members.entries[i].key,
                     answer);
    }
}

bool prefetch_run(struct prefetch_plan *plan, struct service *service, struct arena *scratch,
                  struct str *ret_fault) {
    bool worth[BULK_KINDS];
    size_t saved = 0;
    for (size_t i = 0; i < BULK_KINDS; i++) {
        worth[i] = plan->reads[i] > 0;
        saved += plan->reads[i];
    }
    if (saved < READS_MIN)
        return true;
    worth[BULK_USER] = worth[BULK_USER] || worth[BULK_GROUP]; /* members of groups */
    struct arena *owner = arena_new();
    struct bulk b = {.plan = plan,
                     .arena = owner,
                     .scratch = scratch,
                     .page = arena_new(),
                     .answers = arena_alloc(owner, sizeof(struct map))};
    struct fault fault;
    bool done = fetch_details(&b, service, worth, saved / 2, &fault) &&
                (!worth[BULK_ROLE] || fetch_roles(&b, service, &fault));
    if (!done) {
        bool denied = fault.code == FAULT_ACCESS_DENIED;
        *ret_fault =
            str_dup(scratch, api_fault_text(owner, A_IAM_GetAccountAuthorizationDetails, &fault));
        trace_line(TRACE_DEBUG, "aws: no bulk refresh: %.*s", STR_ARG(*ret_fault));
        arena_free(b.page);
        arena_free(owner);
        return !denied;
    }
    file_groups(&b);
    arena_free(b.page);
    trace_line(TRACE_DEBUG, "aws: bulk refresh holds %zu answers for %zu reads", b.answers->n,
               saved);
    service_preload(service, owner, b.answers);
    return true;
}
