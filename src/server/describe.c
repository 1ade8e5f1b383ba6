/* SPDX-License-Identifier: Apache-2.0 */
#include "server/describe.h"

#include "base/arena.h"
#include "server/server_int.h"
#include "server/usage.h"
#include "store/link.h"
#include "store/tag.h"

void describe_tags(struct call *call, struct str owner, struct message *to, int member) {
    struct tag_page tags = tag_list(call->tx, call->arena, owner, S(""), 0);
    for (size_t i = 0; i < tags.n; i++) {
        struct message *tag = message_add_message(call->arena, to, member);
        message_set_str(tag, M_Tag_Key, tags.items[i].name);
        message_set_str(tag, M_Tag_Value, tags.items[i].value);
    }
}

void describe_boundary(struct call *call, const struct entity *entity, struct message *to,
                       int member) {
    struct entity_page bounds =
        link_targets(call->tx, call->arena, LINK_BOUNDARY, entity->id, S(""), S(""), 1);
    if (!bounds.n)
        return;
    struct message *m = message_make(call->arena, to, member);
    message_set_str(m, M_AttachedPermissionsBoundary_PermissionsBoundaryType, S("Policy"));
    message_set_str(m, M_AttachedPermissionsBoundary_PermissionsBoundaryArn,
                    kind_arn(call, &bounds.items[0]));
}

static void describe_role(struct call *call, const struct entity *entity, struct message *to,
                          bool full) {
    struct usage_entry last;
    message_set_str(to, M_Role_AssumeRolePolicyDocument,
                    call_escaped(call, message_str(to, M_Role_AssumeRolePolicyDocument)));
    if (!full)
        return;
    describe_boundary(call, entity, to, M_Role_PermissionsBoundary);
    struct message *used = message_make(call->arena, to, M_Role_RoleLastUsed);
    if (usage_last(call->server->usage, call->arena, entity->id, &last)) {
        message_set_int(used, M_RoleLastUsed_LastUsedDate, last.at_ms);
        message_set_str(used, M_RoleLastUsed_Region, last.region);
    }
}

void describe_brief_role(struct message *role) {
    message_unset(role, M_Role_MaxSessionDuration);
    message_unset(role, M_Role_Description);
    message_unset(role, M_Role_RoleLastUsed);
}

static void describe_policy(struct call *call, const struct entity *entity, struct message *to,
                            bool full) {
    message_set_int(to, M_Policy_AttachmentCount,
                    link_count_sources(call->tx, LINK_ATTACHED, entity->id));
    message_set_int(to, M_Policy_PermissionsBoundaryUsageCount,
                    link_count_sources(call->tx, LINK_BOUNDARY, entity->id));
    if (!full)
        message_unset(to, M_Policy_Description);
}

static void add_profile_roles(struct call *call, const struct entity *profile, struct message *to) {
    struct entity_page roles =
        link_targets(call->tx, call->arena, LINK_IN_PROFILE, profile->id, S(""), S(""), 0);
    message_open(to, M_InstanceProfile_Roles);
    for (size_t i = 0; i < roles.n; i++) {
        struct message *role = message_add_message(call->arena, to, M_InstanceProfile_Roles);
        describe_listed(call, &roles.items[i], role);
        describe_brief_role(role);
    }
}

static void describe(struct call *call, const struct entity *entity, struct message *to,
                     bool full) {
    const struct kind *kind = &kind_rows[entity->kind];
    kind_describe(call, entity, to);
    /* Policies and instance profiles show also that they have none. */
    if (full && (entity->kind == KIND_POLICY || entity->kind == KIND_PROFILE))
        message_open(to, kind->tags);
    if (full && kind->tags >= 0)
        describe_tags(call, entity->id, to, kind->tags);
    switch ((enum kind_id)entity->kind) {
    case KIND_USER:
        if (full)
            describe_boundary(call, entity, to, M_User_PermissionsBoundary);
        break;
    case KIND_ROLE:
        describe_role(call, entity, to, full);
        break;
    case KIND_POLICY:
        describe_policy(call, entity, to, full);
        break;
    case KIND_PROFILE:
        add_profile_roles(call, entity, to);
        break;
    default:
        break;
    }
}

void describe_full(struct call *call, const struct entity *entity, struct message *to) {
    describe(call, entity, to, true);
}

void describe_listed(struct call *call, const struct entity *entity, struct message *to) {
    describe(call, entity, to, false);
}
