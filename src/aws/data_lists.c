/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/data.h"
#include "aws/data_hooks.h"

#include "base/arena.h"
#include "base/re2_shim.h"
#include "wire/model_ids.h"

/* Elements of a list attribute whose element type is an object. */
struct objects {
    struct op *op;
    struct str attr;
    const struct type *type;
    struct value *at;
    size_t n;
};

static struct objects objects_of(struct op *op, struct str attr, size_t cap) {
    return (struct objects){.op = op,
                            .attr = attr,
                            .type = value_type(record_get(&op->now, attr)),
                            .at = arena_array(op->arena, cap, sizeof(struct value))};
}

static void objects_add(struct objects *o, const struct message *from, const struct bind *out) {
    struct op inner = *o->op;
    record_init(&inner.now, inner.arena, o->type->element, value_null(o->type->element));
    resource_take(&inner, from, out);
    o->at[o->n++] = record_value(&inner.now);
}

static void objects_set(struct objects *o) {
    struct arena *arena = o->op->arena;
    record_set(&o->op->now, o->attr,
               o->type->kind == TYPE_SET ? value_set(arena, o->type->element, o->at, o->n)
                                         : value_list(arena, o->type->element, o->at, o->n));
}

bool data_lists_access_keys(struct op *op) {
    static const struct bind in[] = {{"user", M_ListAccessKeysRequest_UserName}, {0}};
    static const struct bind out[] = {{"access_key_id", M_AccessKeyMetadata_AccessKeyId},
                                      {"create_date", M_AccessKeyMetadata_CreateDate},
                                      {"status", M_AccessKeyMetadata_Status},
                                      {0}};
    struct call_row list = {
        .action = A_IAM_ListAccessKeys, .in = in, .frame = "reading IAM Access Keys ({user})"};
    struct message *answer;
    if (!data_call(op, &list, &answer))
        return false;
    int items = M_ListAccessKeysResponse_AccessKeyMetadata;
    struct objects keys = objects_of(op, S("access_keys"), message_count(answer, items));
    for (size_t i = 0; i < message_count(answer, items); i++)
        objects_add(&keys, message_at(answer, items, i), out);
    objects_set(&keys);
    return true;
}

bool data_lists_alias(struct op *op) {
    struct call_row list = {.action = A_IAM_ListAccountAliases,
                            .frame = "reading IAM Account Alias"};
    struct message *answer;
    if (!resource_call(op, &list, &answer))
        return false;
    if (message_count(answer, M_ListAccountAliasesResponse_AccountAliases) == 0) {
        resource_error(op, "reading IAM Account Alias", "empty result");
        return false;
    }
    record_set_text(&op->now, S("account_alias"),
                    message_str_at(answer, M_ListAccountAliasesResponse_AccountAliases, 0));
    return true;
}

bool data_lists_attached(struct op *op) {
    static const struct bind in[] = {{"role_name", M_ListAttachedRolePoliciesRequest_RoleName},
                                     {"path_prefix", M_ListAttachedRolePoliciesRequest_PathPrefix},
                                     {0}};
    static const struct bind out[] = {{"policy_arn", M_AttachedPolicy_PolicyArn},
                                      {"policy_name", M_AttachedPolicy_PolicyName},
                                      {0}};
    struct call_row list = {.action = A_IAM_ListAttachedRolePolicies,
                            .in = in,
                            .frame = "reading IAM Role Policy Attachments"};
    struct message *answer;
    if (!resource_call(op, &list, &answer))
        return false;
    int items = M_ListAttachedRolePoliciesResponse_AttachedPolicies;
    struct objects all = objects_of(op, S("attached_policies"), message_count(answer, items));
    for (size_t i = 0; i < message_count(answer, items); i++)
        objects_add(&all, message_at(answer, items, i), out);
    objects_set(&all);
    return true;
}

bool data_lists_group_users(struct op *op) {
    static const struct bind in[] = {{"group_name", M_GetGroupRequest_GroupName}, {0}};
    static const struct bind out[] = {{"arn", M_User_Arn},
                                      {"path", M_User_Path},
                                      {"user_id", M_User_UserId},
                                      {"user_name", M_User_UserName},
                                      {0}};
    struct call_row get = {.action = A_IAM_GetGroup, .in = in, .frame = "getting group"};
    struct message *answer;
    if (!resource_call(op, &get, &answer))
        return false;
    struct objects users =
        objects_of(op, S("users"), message_count(answer, M_GetGroupResponse_Users));
    for (size_t i = 0; i < message_count(answer, M_GetGroupResponse_Users); i++)
        objects_add(&users, message_at(answer, M_GetGroupResponse_Users, i), out);
    objects_set(&users);
    return true;
}

/* Sets of texts gathered from a list of structures. */
struct column {
    struct str attr;
    int member;
};

/* keep: names that match; NULL: all. name_member tells the name. */
static void take_columns(struct op *op, const struct message *answer, int items,
                         const struct column *columns, size_t n_columns, int name_member,
                         const struct re2_shim *keep) {
    size_t n = message_count(answer, items);
    size_t n_groups = keep ? (size_t)re2_shim_groups(keep) + 1 : 0;
    struct str *groups = arena_array(op->arena, n_groups, sizeof *groups);
    for (size_t c = 0; c < n_columns; c++) {
        struct value *at = arena_array(op->arena, n, sizeof *at);
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            const struct message *item = message_at(answer, items, i);
            struct str name = message_str(item, name_member);
            if (!keep || re2_shim_match(keep, name, 0, groups))
                at[kept++] = value_string(op->arena, message_str(item, columns[c].member));
        }
        record_set(&op->now, columns[c].attr, value_set(op->arena, type_string, at, kept));
    }
}

bool data_lists_profiles(struct op *op) {
    static const struct bind in[] = {{"role_name", M_ListInstanceProfilesForRoleRequest_RoleName},
                                     {0}};
    static const struct column columns[] = {
        {STR("arns"), M_InstanceProfile_Arn},
        {STR("names"), M_InstanceProfile_InstanceProfileName},
        {STR("paths"), M_InstanceProfile_Path},
    };
    struct call_row list = {.action = A_IAM_ListInstanceProfilesForRole,
                            .in = in,
                            .frame = "reading IAM Instance Profiles for Role ({role_name})"};
    struct message *answer;
    if (!data_call(op, &list, &answer))
        return false;
    take_columns(op, answer, M_ListInstanceProfilesForRoleResponse_InstanceProfiles, columns,
                 COUNT(columns), M_InstanceProfile_InstanceProfileName, NULL);
    return true;
}

/* The pattern of name_regex, or NULL when none is given; false after an error. */
static bool pattern(struct op *op, struct re2_shim **ret) {
    struct re2_shim_error error;
    struct str text = record_text(&op->now, S("name_regex"));
    *ret = text.len > 0 ? re2_shim_new(text, &error) : NULL;
    if (text.len == 0 || *ret)
        return true;
    resource_error(op, "\"name_regex\"", "error parsing regexp: %s: `%.*s`", error.code,
                   (int)error.part_len, error.part);
    return false;
}

bool data_lists_roles(struct op *op) {
    static const struct bind in[] = {{"path_prefix", M_ListRolesRequest_PathPrefix}, {0}};
    static const struct column columns[] = {{STR("arns"), M_Role_Arn},
                                            {STR("names"), M_Role_RoleName}};
    struct call_row list = {.action = A_IAM_ListRoles, .in = in, .frame = "reading IAM roles"};
    struct message *answer;
    struct re2_shim *keep;
    record_set_text(&op->now, S(".region"), service_settings(op->service)->region);
    if (!pattern(op, &keep))
        return false;
    bool done = resource_call(op, &list, &answer);
    if (done)
        take_columns(op, answer, M_ListRolesResponse_Roles, columns, COUNT(columns),
                     M_Role_RoleName, keep);
    re2_shim_free(keep);
    return done;
}

bool data_lists_users(struct op *op) {
    static const struct bind in[] = {{"path_prefix", M_ListUsersRequest_PathPrefix}, {0}};
    static const struct column columns[] = {{STR("arns"), M_User_Arn},
                                            {STR("names"), M_User_UserName}};
    struct call_row list = {.action = A_IAM_ListUsers, .in = in, .frame = "reading IAM Users"};
    struct message *answer;
    struct re2_shim *keep;
    record_set_text(&op->now, S(".region"), service_settings(op->service)->region);
    if (!pattern(op, &keep))
        return false;
    bool done = resource_call(op, &list, &answer);
    if (done)
        take_columns(op, answer, M_ListUsersResponse_Users, columns, COUNT(columns),
                     M_User_UserName, keep);
    re2_shim_free(keep);
    return done;
}
