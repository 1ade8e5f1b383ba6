/* SPDX-License-Identifier: Apache-2.0 */
#include "server/attachment.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/named.h"
#include "store/link.h"

static struct entity *find_policy(struct call *call, struct str arn) {
    if (!str_starts(arn, S("arn:"))) {
        call_fail(call, FAULT_VALIDATION, "ARN %.*s is not valid.", STR_ARG(arn));
        return NULL;
    }
    struct entity *policy = kind_look_up(call, KIND_POLICY, arn);
    if (!policy)
        call_fail(call, FAULT_NO_SUCH_ENTITY, "Policy %.*s does not exist or is not attachable.",
                  STR_ARG(arn));
    return policy;
}

bool attachment_add(struct call *call) {
    static const char *const quotas[] = {[KIND_USER] = "PoliciesPerUser",
                                         [KIND_GROUP] = "PoliciesPerGroup",
                                         [KIND_ROLE] = "PoliciesPerRole"};
    struct entity *entity = named_target(call);
    if (!entity || !kind_check_modifiable(call, entity))
        return false;
    struct entity *policy = find_policy(call, call_str(call, call->action->a));
    if (!policy)
        return false;
    if (link_exists(call->tx, LINK_ATTACHED, entity->id, policy->id))
        return true;
    if (!kind_within(call, quotas[entity->kind],
                     link_count_targets(call->tx, LINK_ATTACHED, entity->id)))
        return false;
    link_add(call->tx, LINK_ATTACHED, entity->id, policy->id, call->now_ms);
    return true;
}

bool attachment_remove(struct call *call) {
    struct str arn = call_str(call, call->action->a);
    struct entity *entity = named_target(call);
    if (!entity || !kind_check_modifiable(call, entity))
        return false;
    struct entity *policy = kind_look_up(call, KIND_POLICY, arn);
    return (policy && link_delete(call->tx, LINK_ATTACHED, entity->id, policy->id)) ||
           call_fail(call, FAULT_NO_SUCH_ENTITY, "Policy %.*s was not found.", STR_ARG(arn));
}

bool attachment_list(struct call *call) {
    struct page page;
    struct entity *entity = named_target(call);
    if (!entity || !call_page(call, &page))
        return false;
    struct entity_page found =
        link_targets(call->tx, call->arena, LINK_ATTACHED, entity->id,
                     call_str(call, call->action->b), page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, call->action->a);
    for (size_t i = 0; i < n; i++) {
        struct message *m = message_add_message(call->arena, call->response, call->action->a);
        message_set_str(m, M_AttachedPolicy_PolicyName, found.items[i].name);
        message_set_str(m, M_AttachedPolicy_PolicyArn, kind_arn(call, &found.items[i]));
    }
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}

/* The three lists of ListEntitiesForPolicy; a page goes through them in turn. */
static const struct side {
    enum kind_id kind;
    struct str filter;
    int list, name, id; /* name and id: members of the list's elements */
} sides[] = {
    {KIND_GROUP, STR("Group"), M_ListEntitiesForPolicyResponse_PolicyGroups,
     M_PolicyGroup_GroupName, M_PolicyGroup_GroupId},
    {KIND_ROLE, STR("Role"), M_ListEntitiesForPolicyResponse_PolicyRoles, M_PolicyRole_RoleName,
     M_PolicyRole_RoleId},
    {KIND_USER, STR("User"), M_ListEntitiesForPolicyResponse_PolicyUsers, M_PolicyUser_UserName,
     M_PolicyUser_UserId},
};

struct walk {
    struct page page;
    size_t have;
    struct str last;
};

/* Keys of different lists are kept apart by the number of the list in front. */
static void walk_side(struct call *call, struct walk *walk, size_t s, int link,
                      const struct entity *policy) {
    struct str prefix = str_format(call->arena, "%zu/", s), after = S("");
    struct str path = message_str(call->request, M_ListEntitiesForPolicyRequest_PathPrefix);
    if (walk->page.after.len && walk->page.after.at[0] > prefix.at[0])
        return;
    if (str_starts(walk->page.after, prefix))
        after = str_slice(walk->page.after, prefix.len, walk->page.after.len);
    struct entity_page found = link_sources(call->tx, call->arena, link, policy->id, sides[s].kind,
                                            path, after, walk->page.size + 1 - (int64_t)walk->have);
    for (size_t i = 0; i < found.n; i++) {
        if (++walk->have > (size_t)walk->page.size)
            return;
        struct message *m = message_add_message(call->arena, call->response, sides[s].list);
        message_set_str(m, sides[s].name, found.items[i].name);
        message_set_str(m, sides[s].id, found.items[i].id);
        walk->last = str_cat(call->arena, prefix, found.items[i].key);
    }
}

bool attachment_entities(struct call *call) {
    struct walk walk = {0};
    struct str filter = message_str(call->request, M_ListEntitiesForPolicyRequest_EntityFilter);
    struct str use = message_str(call->request, M_ListEntitiesForPolicyRequest_PolicyUsageFilter);
    struct entity *policy = find_policy(call, call_str(call, call->action->name));
    if (!policy || !call_page(call, &walk.page))
        return false;
    int link = str_eq(use, S("PermissionsBoundary")) ? LINK_BOUNDARY : LINK_ATTACHED;
    for (size_t s = 0; s < COUNT(sides); s++) {
        message_open(call->response, sides[s].list);
        bool wanted = !filter.len || str_eq(filter, sides[s].filter);
        if (wanted && walk.have <= (size_t)walk.page.size)
            walk_side(call, &walk, s, link, policy);
    }
    call_page_end(call, &walk.page, walk.have, walk.last);
    return true;
}

static void drop_boundary(struct call *call, const struct entity *entity) {
    struct entity_page old =
        link_targets(call->tx, call->arena, LINK_BOUNDARY, entity->id, S(""), S(""), 0);
    for (size_t i = 0; i < old.n; i++)
        link_delete(call->tx, LINK_BOUNDARY, entity->id, old.items[i].id);
}

bool attachment_bound(struct call *call, const struct entity *entity, struct str arn) {
    if (!arn.len)
        return true;
    if (!str_starts(arn, S("arn:")) || str_find(arn, S(":policy/")) < 0)
        return call_fail(call, FAULT_INVALID_INPUT, "ARN %.*s is not valid.", STR_ARG(arn));
    struct entity *policy = kind_look_up(call, KIND_POLICY, arn);
    if (!policy)
        return call_fail(call, FAULT_NO_SUCH_ENTITY,
                         "Scope ARN: %.*s does not exist or is not attachable.", STR_ARG(arn));
    drop_boundary(call, entity);
    link_add(call->tx, LINK_BOUNDARY, entity->id, policy->id, call->now_ms);
    return true;
}

bool attachment_put_boundary(struct call *call) {
    struct entity *entity = named_target(call);
    return entity && kind_check_modifiable(call, entity) &&
           attachment_bound(call, entity, call_str(call, call->action->a));
}

bool attachment_delete_boundary(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity || !kind_check_modifiable(call, entity))
        return false;
    if (!link_count_targets(call->tx, LINK_BOUNDARY, entity->id))
        return call_fail(call, FAULT_NO_SUCH_ENTITY,
                         "The %s with name %.*s does not have a permissions boundary.",
                         kind_rows[entity->kind].label, STR_ARG(entity->name));
    drop_boundary(call, entity);
    return true;
}
