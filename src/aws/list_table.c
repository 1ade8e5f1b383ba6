/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/listing.h"

#include "wire/model_ids.h"

/* Users, groups and roles are the owners of what the second level lists. */
#define PAGE "1000"

static const struct fact_check path_check[] = {
    {.has_length = true, .min = 1, .max = 512, .format = FORMAT_PATH},
};

static const struct fact path_prefix[] = {
    {.name = STR("path_prefix"),
     .type = STR("\"string\""),
     .flags = FACT_OPTIONAL,
     .check = path_check,
     .description = STR("Only objects whose path begins so.")},
};

static const struct fact role_name[] = {
    {.name = STR("role_name"),
     .type = STR("\"string\""),
     .flags = FACT_REQUIRED,
     .description = STR("The role whose policies are listed.")},
};

static const struct fact user_name[] = {
    {.name = STR("user_name"),
     .type = STR("\"string\""),
     .flags = FACT_REQUIRED,
     .description = STR("The user whose policies are listed.")},
};

static const struct bind attached[] = {{"policy_arn", M_AttachedPolicy_PolicyArn}, {0}};

static const struct list_level users[] = {
    {.call = {.action = A_IAM_ListUsers,
              .in = (const struct bind[]){{".path_prefix", M_ListUsersRequest_PathPrefix},
                                          {"=", M_ListUsersRequest_MaxItems, .text = PAGE},
                                          {0}},
              .frame = "listing IAM User resources"},
     .items = M_ListUsersResponse_Users,
     .out = (const struct bind[]){{"name", M_User_UserName}, {0}}},
};

static const struct list_level groups[] = {
    {.call = {.action = A_IAM_ListGroups,
              .in = (const struct bind[]){{".path_prefix", M_ListGroupsRequest_PathPrefix},
                                          {"=", M_ListGroupsRequest_MaxItems, .text = PAGE},
                                          {0}},
              .frame = "listing IAM Group resources"},
     .items = M_ListGroupsResponse_Groups,
     .out = (const struct bind[]){{"name", M_Group_GroupName}, {0}}},
};

/* Roles of services belong to the service. */
static const struct list_level roles[] = {
    {.call = {.action = A_IAM_ListRoles,
              .in = (const struct bind[]){{"=", M_ListRolesRequest_MaxItems, .text = PAGE}, {0}},
              .frame = "listing IAM Role resources"},
     .items = M_ListRolesResponse_Roles,
     .out = (const struct bind[]){{"name", M_Role_RoleName}, {".path", M_Role_Path}, {0}},
     .skip = ".path",
     .skip_prefix = "/aws-service-role/"},
};

static const struct list_level policies[] = {
    {.call = {.action = A_IAM_ListPolicies,
              .in = (const struct bind[]){{"=", M_ListPoliciesRequest_Scope, .text = "Local"},
                                          {".path_prefix", M_ListPoliciesRequest_PathPrefix},
                                          {"=", M_ListPoliciesRequest_MaxItems, .text = PAGE},
                                          {0}},
              .frame = "listing IAM Policy resources"},
     .items = M_ListPoliciesResponse_Policies,
     .out =
         (const struct bind[]){
             {"arn", M_Policy_Arn}, {"name", M_Policy_PolicyName}, {".path", M_Policy_Path}, {0}}},
};

static const struct list_level issuers[] = {
    {.call = {.action = A_IAM_ListOpenIDConnectProviders, .frame = "listing IAM OIDC providers"},
     .items = M_ListOpenIDConnectProvidersResponse_OpenIDConnectProviderList,
     .out = (const struct bind[]){{"arn", M_OpenIDConnectProviderListEntry_Arn}, {0}}},
};

static const struct list_level profiles[] = {
    {.call = {.action = A_IAM_ListInstanceProfiles,
              .in =
                  (const struct bind[]){{".path_prefix", M_ListInstanceProfilesRequest_PathPrefix},
                                        {"=", M_ListInstanceProfilesRequest_MaxItems, .text = PAGE},
                                        {0}},
              .frame = "listing IAM Instance Profiles"},
     .items = M_ListInstanceProfilesResponse_InstanceProfiles,
     .out = (const struct bind[]){{"name", M_InstanceProfile_InstanceProfileName},
                                  {".path", M_InstanceProfile_Path},
                                  {0}}},
};

static const struct list_level access_keys[] = {
    {.call = {.action = A_IAM_ListUsers,
              .in = (const struct bind[]){{"=", M_ListUsersRequest_MaxItems, .text = PAGE}, {0}},
              .frame = "listing IAM User resources"},
     .items = M_ListUsersResponse_Users,
     .out = (const struct bind[]){{"user", M_User_UserName}, {0}}},
    {.call = {.action = A_IAM_ListAccessKeys,
              .in = (const struct bind[]){{"user", M_ListAccessKeysRequest_UserName}, {0}},
              .frame = "listing IAM Access Keys ({user})"},
     .items = M_ListAccessKeysResponse_AccessKeyMetadata,
     .out = (const struct bind[]){{"id", M_AccessKeyMetadata_AccessKeyId}, {0}}},
};

static const struct list_level user_attachments[] = {
    {.call = {.action = A_IAM_ListUsers,
              .in = (const struct bind[]){{"=", M_ListUsersRequest_MaxItems, .text = PAGE}, {0}},
              .frame = "listing IAM User resources"},
     .items = M_ListUsersResponse_Users,
     .out = (const struct bind[]){{"user", M_User_UserName}, {0}}},
    {.call = {.action = A_IAM_ListAttachedUserPolicies,
              .in =
                  (const struct bind[]){{"user", M_ListAttachedUserPoliciesRequest_UserName}, {0}},
              .frame = "listing IAM User Policy Attachment resources ({user})"},
     .items = M_ListAttachedUserPoliciesResponse_AttachedPolicies,
     .out = attached},
};

static const struct list_level group_attachments[] = {
    {.call = {.action = A_IAM_ListGroups,
              .in = (const struct bind[]){{"=", M_ListGroupsRequest_MaxItems, .text = PAGE}, {0}},
              .frame = "listing IAM Group resources"},
     .items = M_ListGroupsResponse_Groups,
     .out = (const struct bind[]){{"group", M_Group_GroupName}, {0}}},
    {.call = {.action = A_IAM_ListAttachedGroupPolicies,
              .in = (const struct bind[]){{"group", M_ListAttachedGroupPoliciesRequest_GroupName},
                                          {0}},
              .frame = "listing IAM Group Policy Attachment resources ({group})"},
     .items = M_ListAttachedGroupPoliciesResponse_AttachedPolicies,
     .out = attached},
};

static const struct list_level role_attachments[] = {
    {.call = {.action = A_IAM_ListRoles,
              .in = (const struct bind[]){{"=", M_ListRolesRequest_MaxItems, .text = PAGE}, {0}},
              .frame = "listing IAM Role resources"},
     .items = M_ListRolesResponse_Roles,
     .out = (const struct bind[]){{"role", M_Role_RoleName}, {".path", M_Role_Path}, {0}},
     .skip = ".path",
     .skip_prefix = "/aws-service-role/"},
    {.call = {.action = A_IAM_ListAttachedRolePolicies,
              .in =
                  (const struct bind[]){{"role", M_ListAttachedRolePoliciesRequest_RoleName}, {0}},
              .frame = "listing IAM Role Policy Attachment resources ({role})"},
     .items = M_ListAttachedRolePoliciesResponse_AttachedPolicies,
     .out = attached},
};

static const struct list_level role_policies[] = {
    {.call = {.action = A_IAM_ListRolePolicies,
              .in = (const struct bind[]){{"role", M_ListRolePoliciesRequest_RoleName}, {0}},
              .frame = "listing IAM (Identity & Access Management) Role Policy resources"},
     .items = M_ListRolePoliciesResponse_PolicyNames,
     .text = "name"},
};

static const struct list_level user_policies[] = {
    {.call = {.action = A_IAM_ListUserPolicies,
              .in = (const struct bind[]){{"user", M_ListUserPoliciesRequest_UserName}, {0}},
              .frame = "listing IAM (Identity & Access Management) User Policy resources"},
     .items = M_ListUserPoliciesResponse_PolicyNames,
     .text = "name"},
};

const struct list_row list_table[] = {
    {.type = STR("aws_iam_access_key"),
     .levels = access_keys,
     .n_levels = COUNT(access_keys),
     .display = "User: {user} - Access Key: {id}"},
    {.type = STR("aws_iam_group"),
     .levels = groups,
     .n_levels = COUNT(groups),
     .display = "{name}",
     .config = {.facts = path_prefix, .n_facts = COUNT(path_prefix)}},
    {.type = STR("aws_iam_group_policy_attachment"),
     .levels = group_attachments,
     .n_levels = COUNT(group_attachments),
     .display = "Group: {group} - Policy: {policy_arn}"},
    {.type = STR("aws_iam_instance_profile"),
     .levels = profiles,
     .n_levels = COUNT(profiles),
     .display = "{.folder}{name}",
     .config = {.facts = path_prefix, .n_facts = COUNT(path_prefix)}},
    {.type = STR("aws_iam_openid_connect_provider"),
     .levels = issuers,
     .n_levels = COUNT(issuers),
     .display = "{.issuer}"},
    {.type = STR("aws_iam_policy"),
     .levels = policies,
     .n_levels = COUNT(policies),
     .display = "{.folder}{name}",
     .config = {.facts = path_prefix, .n_facts = COUNT(path_prefix)}},
    {.type = STR("aws_iam_role"),
     .levels = roles,
     .n_levels = COUNT(roles),
     .display = "{.folder}{name}"},
    {.type = STR("aws_iam_role_policy"),
     .levels = role_policies,
     .n_levels = COUNT(role_policies),
     .display = "{name}",
     .owner = "role",
     .config = {.facts = role_name, .n_facts = COUNT(role_name)}},
    {.type = STR("aws_iam_role_policy_attachment"),
     .levels = role_attachments,
     .n_levels = COUNT(role_attachments),
     .display = "Role: {.folder}{role} - Policy: {.policy}"},
    {.type = STR("aws_iam_user"),
     .levels = users,
     .n_levels = COUNT(users),
     .display = "{name}",
     .config = {.facts = path_prefix, .n_facts = COUNT(path_prefix)}},
    {.type = STR("aws_iam_user_policy"),
     .levels = user_policies,
     .n_levels = COUNT(user_policies),
     .display = "{name}",
     .owner = "user",
     .config = {.facts = user_name, .n_facts = COUNT(user_name)}},
    {.type = STR("aws_iam_user_policy_attachment"),
     .levels = user_attachments,
     .n_levels = COUNT(user_attachments),
     .display = "User: {user} - Policy: {.policy}"},
};
const size_t list_table_n = COUNT(list_table);
