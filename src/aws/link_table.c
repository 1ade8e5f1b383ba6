/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/hooks.h"
#include "aws/resource_row.h"
#include "wire/model_ids.h"

const struct resource_row link_table[] = {
    {
        .type = STR("aws_iam_group_membership"),
        .noun = "IAM Group Membership",
        .id = "{name}",
        .children =
            (const struct children_row[]){
                {.attr = "users",
                 .list = {.action = A_IAM_GetGroup,
                          .in = (const struct bind[]){{"group", M_GetGroupRequest_GroupName}, {0}},
                          .frame = "reading IAM Group Membership ({name})"},
                 .items = M_GetGroupResponse_Users,
                 .item = M_User_UserName,
                 .add = {.action = A_IAM_AddUserToGroup,
                         .in = (const struct bind[]){{"group", M_AddUserToGroupRequest_GroupName},
                                                     {".item", M_AddUserToGroupRequest_UserName},
                                                     {0}},
                         .frame =
                             "creating IAM Group Membership ({name}): adding User ({.item}) to Group ({group})"},
                 .remove = {.action = A_IAM_RemoveUserFromGroup,
                            .in = (const struct bind[]){{"group",
                                                         M_RemoveUserFromGroupRequest_GroupName},
                                                        {".item",
                                                         M_RemoveUserFromGroupRequest_UserName},
                                                        {0}},
                            .frame = "removing User ({.item}) from Group ({group})",
                            .missing_is_done = true},
                 .flags = CHILDREN_REMOVE_FIRST},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_group_policies_exclusive"),
        .noun = "IAM Group Policies Exclusive",
        .import = "{group_name}",
        .flags = ROW_FRAMEWORK | ROW_STAYS,
        .children =
            (const struct children_row[]){
                {.attr = "policy_names",
                 .list = {.action = A_IAM_ListGroupPolicies,
                          .in =
                              (const struct bind[]){
                                  {"group_name", M_ListGroupPoliciesRequest_GroupName}, {0}},
                          .frame = "reading IAM Group Policies Exclusive (\"{group_name}\")"},
                 .items = M_ListGroupPoliciesResponse_PolicyNames,
                 .item = WHOLE,
                 .add = {.action = A_IAM_PutGroupPolicy,
                         .in = (const struct bind[]){{"group_name",
                                                      M_PutGroupPolicyRequest_GroupName},
                                                     {".item", M_PutGroupPolicyRequest_PolicyName},
                                                     {0}},
                         .frame = "creating IAM Group Policies Exclusive (\"{group_name}\")"},
                 .remove = {.action = A_IAM_DeleteGroupPolicy,
                            .in =
                                (const struct bind[]){
                                    {"group_name", M_DeleteGroupPolicyRequest_GroupName},
                                    {".item", M_DeleteGroupPolicyRequest_PolicyName},
                                    {0}},
                            .frame = "creating IAM Group Policies Exclusive (\"{group_name}\")",
                            .missing_is_done = true},
                 .flags = CHILDREN_EXCLUSIVE | CHILDREN_STAY},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_group_policy"),
        .noun = "IAM Group Policy",
        .id = "{group}:{name}",
        .import = "{group}:{name}",
        .import_fault = "group_policy id must be of the form <group name>:<policy name>",
        .flags = ROW_NAMED | ROW_UPDATE_ALL | ROW_INLINE,
        .create = {.action = A_IAM_PutGroupPolicy,
                   .in = (const struct bind[]){{"group", M_PutGroupPolicyRequest_GroupName},
                                               {"name", M_PutGroupPolicyRequest_PolicyName},
                                               {"policy", M_PutGroupPolicyRequest_PolicyDocument},
                                               {0}},
                   .frame = "putting IAM Group ({group}) Policy ({name})"},
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetGroupPolicy,
                          .in = (const struct bind[]){{"group", M_GetGroupPolicyRequest_GroupName},
                                                      {"name", M_GetGroupPolicyRequest_PolicyName},
                                                      {0}}},
                 .result = WHOLE,
                 .out = (const struct bind[]){{"group", M_GetGroupPolicyResponse_GroupName},
                                              {"name", M_GetGroupPolicyResponse_PolicyName},
                                              {"policy", M_GetGroupPolicyResponse_PolicyDocument, 0,
                                               BIND_DOCUMENT},
                                              {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .destroy = {.action = A_IAM_DeleteGroupPolicy,
                    .in = (const struct bind[]){{"group", M_DeleteGroupPolicyRequest_GroupName},
                                                {"name", M_DeleteGroupPolicyRequest_PolicyName},
                                                {0}},
                    .frame = "deleting IAM Group Policy ({id})"},
    },
    {
        .type = STR("aws_iam_group_policy_attachment"),
        .noun = "IAM Group Policy Attachment",
        .id = "{group}/{policy_arn}",
        .flags = ROW_KEEPS_ID,
        .import = "{group}/{policy_arn}",
        .import_fault = "unexpected format of ID (\"%.*s\"), expected <group-name>/<policy_arn>",
        .create = {.action = A_IAM_AttachGroupPolicy,
                   .in = (const struct bind[]){{"group", M_AttachGroupPolicyRequest_GroupName},
                                               {"policy_arn", M_AttachGroupPolicyRequest_PolicyArn},
                                               {0}},
                   .frame = "attaching IAM Policy ({policy_arn}) to IAM Group ({group})"},
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_ListAttachedGroupPolicies,
                          .in =
                              (const struct bind[]){
                                  {"group", M_ListAttachedGroupPoliciesRequest_GroupName}, {0}},
                          .frame = "reading IAM Group Policy Attachment ({id})"},
                 .result = M_ListAttachedGroupPoliciesResponse_AttachedPolicies,
                 .match = "policy_arn",
                 .match_member = M_AttachedPolicy_PolicyArn,
                 .tags = NO_TAGS},
                {.call = {0}}},
        .destroy = {.action = A_IAM_DetachGroupPolicy,
                    .in =
                        (const struct bind[]){{"group", M_DetachGroupPolicyRequest_GroupName},
                                              {"policy_arn", M_DetachGroupPolicyRequest_PolicyArn},
                                              {0}},
                    .frame = "detaching IAM Policy ({policy_arn}) from IAM Group ({group})"},
    },
    {
        .type = STR("aws_iam_group_policy_attachments_exclusive"),
        .noun = "IAM Group Policy Attachments Exclusive",
        .import = "{group_name}",
        .flags = ROW_FRAMEWORK | ROW_STAYS,
        .children =
            (const struct children_row[]){
                {.attr = "policy_arns",
                 .list = {.action = A_IAM_ListAttachedGroupPolicies,
                          .in =
                              (const struct bind[]){
                                  {"group_name", M_ListAttachedGroupPoliciesRequest_GroupName},
                                  {0}},
                          .frame = "reading IAM Group Policy Attachments Exclusive (\"{group_name}\")"},
                 .items = M_ListAttachedGroupPoliciesResponse_AttachedPolicies,
                 .item = M_AttachedPolicy_PolicyArn,
                 .add = {.action = A_IAM_AttachGroupPolicy,
                         .in =
                             (const struct bind[]){{"group_name",
                                                    M_AttachGroupPolicyRequest_GroupName},
                                                   {".item", M_AttachGroupPolicyRequest_PolicyArn},
                                                   {0}},
                         .frame =
                             "creating IAM Group Policy Attachments Exclusive (\"{group_name}\")"},
                 .remove =
                     {.action = A_IAM_DetachGroupPolicy,
                      .in =
                          (const struct bind[]){{"group_name",
                                                 M_DetachGroupPolicyRequest_GroupName},
                                                {".item", M_DetachGroupPolicyRequest_PolicyArn},
                                                {0}},
                      .frame = "creating IAM Group Policy Attachments Exclusive (\"{group_name}\")",
                      .missing_is_done = true},
                 .flags = CHILDREN_EXCLUSIVE | CHILDREN_STAY},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_policy_attachment"),
        .noun = "IAM Policy Attachment",
        .id = "{name}",
        .children =
            (const struct children_row[]){
                {.attr = "groups",
                 .list = {.action = A_IAM_ListEntitiesForPolicy,
                          .in =
                              (const struct bind[]){
                                  {"policy_arn", M_ListEntitiesForPolicyRequest_PolicyArn}, {0}},
                          .frame = "reading IAM Policy Attachment ({name})"},
                 .items = M_ListEntitiesForPolicyResponse_PolicyGroups,
                 .item = M_PolicyGroup_GroupName,
                 .add = {.action = A_IAM_AttachGroupPolicy,
                         .in =
                             (const struct bind[]){
                                 {".item", M_AttachGroupPolicyRequest_GroupName},
                                 {"policy_arn", M_AttachGroupPolicyRequest_PolicyArn},
                                 {0}},
                         .frame =
                             "creating IAM Policy Attachment ({name}): attaching IAM Policy ({policy_arn}) to IAM Group ({.item})"},
                 .remove =
                     {
                         .action = A_IAM_DetachGroupPolicy,
                         .in =
                             (const struct bind[]){{".item", M_DetachGroupPolicyRequest_GroupName},
                                                   {"policy_arn",
                                                    M_DetachGroupPolicyRequest_PolicyArn},
                                                   {0}},
                         .frame =
                             "deleting IAM Policy Attachment ({name}): detaching IAM Policy ({policy_arn}) from IAM Group ({.item})",
                         .missing_is_done = true},
                 .flags = CHILDREN_REMOVE_FIRST | CHILDREN_MUST_EXIST},
                {.attr = "roles",
                 .list = {.action = A_IAM_ListEntitiesForPolicy,
                          .in = (const struct bind[]){{"policy_arn",
                                                       M_ListEntitiesForPolicyRequest_PolicyArn},
                                                      {0}},
                          .frame = "reading IAM Policy Attachment ({name})"},
                 .items = M_ListEntitiesForPolicyResponse_PolicyRoles,
                 .item = M_PolicyRole_RoleName,
                 .add = {.action = A_IAM_AttachRolePolicy,
                         .in = (const struct bind[]){{".item", M_AttachRolePolicyRequest_RoleName},
                                                     {"policy_arn",
                                                      M_AttachRolePolicyRequest_PolicyArn},
                                                     {0}},
                         .frame =
                             "creating IAM Policy Attachment ({name}): attaching IAM Policy ({policy_arn}) to IAM Role ({.item})"},
                 .remove =
                     {
                         .action = A_IAM_DetachRolePolicy,
                         .in = (const struct bind[]){{".item", M_DetachRolePolicyRequest_RoleName},
                                                     {"policy_arn",
                                                      M_DetachRolePolicyRequest_PolicyArn},
                                                     {0}},
                         .frame =
                             "deleting IAM Policy Attachment ({name}): detaching IAM Policy ({policy_arn}) from IAM Role ({.item})",
                         .missing_is_done = true},
                 .flags = CHILDREN_REMOVE_FIRST | CHILDREN_MUST_EXIST},
                {.attr = "users",
                 .list = {.action = A_IAM_ListEntitiesForPolicy,
                          .in = (const struct bind[]){{"policy_arn",
                                                       M_ListEntitiesForPolicyRequest_PolicyArn},
                                                      {0}},
                          .frame = "reading IAM Policy Attachment ({name})"},
                 .items = M_ListEntitiesForPolicyResponse_PolicyUsers,
                 .item = M_PolicyUser_UserName,
                 .add = {.action = A_IAM_AttachUserPolicy,
                         .in = (const struct bind[]){{".item", M_AttachUserPolicyRequest_UserName},
                                                     {"policy_arn",
                                                      M_AttachUserPolicyRequest_PolicyArn},
                                                     {0}},
                         .frame =
                             "creating IAM Policy Attachment ({name}): attaching IAM Policy ({policy_arn}) to IAM User ({.item})"},
                 .remove =
                     {
                         .action = A_IAM_DetachUserPolicy,
                         .in = (const struct bind[]){{".item", M_DetachUserPolicyRequest_UserName},
                                                     {"policy_arn",
                                                      M_DetachUserPolicyRequest_PolicyArn},
                                                     {0}},
                         .frame =
                             "deleting IAM Policy Attachment ({name}): detaching IAM Policy ({policy_arn}) from IAM User ({.item})",
                         .missing_is_done = true},
                 .flags = CHILDREN_REMOVE_FIRST | CHILDREN_MUST_EXIST},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_role_policies_exclusive"),
        .noun = "IAM Role Policies Exclusive",
        .import = "{role_name}",
        .flags = ROW_FRAMEWORK | ROW_STAYS,
        .children =
            (const struct children_row[]){
                {.attr = "policy_names",
                 .list = {.action = A_IAM_ListRolePolicies,
                          .in =
                              (const struct bind[]){
                                  {"role_name", M_ListRolePoliciesRequest_RoleName}, {0}},
                          .frame = "reading IAM Role Policies Exclusive (\"{role_name}\")"},
                 .items = M_ListRolePoliciesResponse_PolicyNames,
                 .item = WHOLE,
                 .add = {.action = A_IAM_PutRolePolicy,
                         .in = (const struct bind[]){{"role_name", M_PutRolePolicyRequest_RoleName},
                                                     {".item", M_PutRolePolicyRequest_PolicyName},
                                                     {0}},
                         .frame = "creating IAM Role Policies Exclusive (\"{role_name}\")"},
                 .remove = {.action = A_IAM_DeleteRolePolicy,
                            .in =
                                (const struct bind[]){
                                    {"role_name", M_DeleteRolePolicyRequest_RoleName},
                                    {".item", M_DeleteRolePolicyRequest_PolicyName},
                                    {0}},
                            .frame = "creating IAM Role Policies Exclusive (\"{role_name}\")",
                            .missing_is_done = true},
                 .flags = CHILDREN_EXCLUSIVE | CHILDREN_STAY},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_role_policy"),
        .noun = "IAM Role Policy",
        .id = "{role}:{name}",
        .import = "{role}:{name}",
        .import_fault = "role_policy id must be of the form <role name>:<policy name>",
        .flags = ROW_NAMED | ROW_UPDATE_ALL | ROW_INLINE,
        .create = {.action = A_IAM_PutRolePolicy,
                   .in = (const struct bind[]){{"role", M_PutRolePolicyRequest_RoleName},
                                               {"name", M_PutRolePolicyRequest_PolicyName},
                                               {"policy", M_PutRolePolicyRequest_PolicyDocument},
                                               {0}},
                   .frame = "putting IAM Role ({role}) Policy ({name})"},
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetRolePolicy,
                          .in = (const struct bind[]){{"role", M_GetRolePolicyRequest_RoleName},
                                                      {"name", M_GetRolePolicyRequest_PolicyName},
                                                      {0}}},
                 .result = WHOLE,
                 .out = (const struct bind[]){{"role", M_GetRolePolicyResponse_RoleName},
                                              {"name", M_GetRolePolicyResponse_PolicyName},
                                              {"policy", M_GetRolePolicyResponse_PolicyDocument, 0,
                                               BIND_DOCUMENT},
                                              {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .destroy = {.action = A_IAM_DeleteRolePolicy,
                    .in = (const struct bind[]){{"role", M_DeleteRolePolicyRequest_RoleName},
                                                {"name", M_DeleteRolePolicyRequest_PolicyName},
                                                {0}},
                    .frame = "deleting IAM Role Policy ({id})"},
    },
    {
        .type = STR("aws_iam_role_policy_attachment"),
        .noun = "IAM Role Policy Attachment",
        .id = "{role}/{policy_arn}",
        .flags = ROW_KEEPS_ID,
        .import = "{role}/{policy_arn}",
        .import_fault = "unexpected format of ID (\"%.*s\"), expected <role-name>/<policy_arn>",
        .create = {.action = A_IAM_AttachRolePolicy,
                   .in = (const struct bind[]){{"role", M_AttachRolePolicyRequest_RoleName},
                                               {"policy_arn", M_AttachRolePolicyRequest_PolicyArn},
                                               {0}},
                   .frame = "attaching IAM Policy ({policy_arn}) to IAM Role ({role})"},
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_ListAttachedRolePolicies,
                          .in =
                              (const struct bind[]){
                                  {"role", M_ListAttachedRolePoliciesRequest_RoleName}, {0}},
                          .frame = "reading IAM Role Policy Attachment ({id})"},
                 .result = M_ListAttachedRolePoliciesResponse_AttachedPolicies,
                 .match = "policy_arn",
                 .match_member = M_AttachedPolicy_PolicyArn,
                 .tags = NO_TAGS},
                {.call = {0}}},
        .destroy = {.action = A_IAM_DetachRolePolicy,
                    .in = (const struct bind[]){{"role", M_DetachRolePolicyRequest_RoleName},
                                                {"policy_arn", M_DetachRolePolicyRequest_PolicyArn},
                                                {0}},
                    .frame = "detaching IAM Policy ({policy_arn}) from IAM Role ({role})"},
    },
    {
        .type = STR("aws_iam_role_policy_attachments_exclusive"),
        .noun = "IAM Role Policy Attachments Exclusive",
        .import = "{role_name}",
        .flags = ROW_FRAMEWORK | ROW_STAYS,
        .children =
            (const struct children_row[]){
                {.attr = "policy_arns",
                 .list = {.action = A_IAM_ListAttachedRolePolicies,
                          .in =
                              (const struct bind[]){
                                  {"role_name", M_ListAttachedRolePoliciesRequest_RoleName}, {0}},
                          .frame =
                              "reading IAM Role Policy Attachments Exclusive (\"{role_name}\")"},
                 .items = M_ListAttachedRolePoliciesResponse_AttachedPolicies,
                 .item = M_AttachedPolicy_PolicyArn,
                 .add =
                     {.action = A_IAM_AttachRolePolicy,
                      .in = (const struct bind[]){{"role_name", M_AttachRolePolicyRequest_RoleName},
                                                  {".item", M_AttachRolePolicyRequest_PolicyArn},
                                                  {0}},
                      .frame = "creating IAM Role Policy Attachments Exclusive (\"{role_name}\")"},
                 .remove =
                     {.action = A_IAM_DetachRolePolicy,
                      .in =
                          (const struct bind[]){{"role_name", M_DetachRolePolicyRequest_RoleName},
                                                {".item", M_DetachRolePolicyRequest_PolicyArn},
                                                {0}},
                      .frame = "creating IAM Role Policy Attachments Exclusive (\"{role_name}\")",
                      .missing_is_done = true},
                 .flags = CHILDREN_EXCLUSIVE | CHILDREN_STAY},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_user_group_membership"),
        .noun = "IAM User Group Membership",
        .id = "",
        .import = "{user}/{.groups}",
        .import_fault =
            "unexpected format of ID (\"%.*s\"), expected <user-name>/<group-name1>/...",
        .flags = ROW_GENERATED_ID | ROW_FINDS,
        .children =
            (const struct children_row[]){
                {.attr = "groups",
                 .list = {.action = A_IAM_ListGroupsForUser,
                          .in = (const struct bind[]){{"user", M_ListGroupsForUserRequest_UserName},
                                                      {0}},
                          .frame = "reading IAM User Group Membership ({user})"},
                 .items = M_ListGroupsForUserResponse_Groups,
                 .item = M_Group_GroupName,
                 .add = {.action = A_IAM_AddUserToGroup,
                         .in = (const struct bind[]){{"user", M_AddUserToGroupRequest_UserName},
                                                     {".item", M_AddUserToGroupRequest_GroupName},
                                                     {0}},
                         .frame = "creating IAM User Group Membership ({user})"},
                 .remove = {.action = A_IAM_RemoveUserFromGroup,
                            .in =
                                (const struct bind[]){
                                    {"user", M_RemoveUserFromGroupRequest_UserName},
                                    {".item", M_RemoveUserFromGroupRequest_GroupName},
                                    {0}},
                            .frame = "removing IAM User ({user}) from group ({.item})",
                            .missing_is_done = true},
                 .flags = CHILDREN_SHARED | CHILDREN_REMOVE_FIRST},
                {.attr = NULL}},
        .before_read = hooks_membership_import,
    },
    {
        .type = STR("aws_iam_user_policies_exclusive"),
        .noun = "IAM User Policies Exclusive",
        .import = "{user_name}",
        .flags = ROW_FRAMEWORK | ROW_STAYS,
        .children =
            (const struct children_row[]){
                {.attr = "policy_names",
                 .list = {.action = A_IAM_ListUserPolicies,
                          .in =
                              (const struct bind[]){
                                  {"user_name", M_ListUserPoliciesRequest_UserName}, {0}},
                          .frame = "reading IAM User Policies Exclusive (\"{user_name}\")"},
                 .items = M_ListUserPoliciesResponse_PolicyNames,
                 .item = WHOLE,
                 .add = {.action = A_IAM_PutUserPolicy,
                         .in = (const struct bind[]){{"user_name", M_PutUserPolicyRequest_UserName},
                                                     {".item", M_PutUserPolicyRequest_PolicyName},
                                                     {0}},
                         .frame = "creating IAM User Policies Exclusive (\"{user_name}\")"},
                 .remove = {.action = A_IAM_DeleteUserPolicy,
                            .in =
                                (const struct bind[]){
                                    {"user_name", M_DeleteUserPolicyRequest_UserName},
                                    {".item", M_DeleteUserPolicyRequest_PolicyName},
                                    {0}},
                            .frame = "creating IAM User Policies Exclusive (\"{user_name}\")",
                            .missing_is_done = true},
                 .flags = CHILDREN_EXCLUSIVE | CHILDREN_STAY},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_user_policy"),
        .noun = "IAM User Policy",
        .id = "{user}:{name}",
        .import = "{user}:{name}",
        .import_fault = "user_policy id must be of the form <user name>:<policy name>",
        .flags = ROW_NAMED | ROW_UPDATE_ALL | ROW_INLINE,
        .create = {.action = A_IAM_PutUserPolicy,
                   .in = (const struct bind[]){{"user", M_PutUserPolicyRequest_UserName},
                                               {"name", M_PutUserPolicyRequest_PolicyName},
                                               {"policy", M_PutUserPolicyRequest_PolicyDocument},
                                               {0}},
                   .frame = "putting IAM User ({user}) Policy ({name})"},
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetUserPolicy,
                          .in = (const struct bind[]){{"user", M_GetUserPolicyRequest_UserName},
                                                      {"name", M_GetUserPolicyRequest_PolicyName},
                                                      {0}}},
                 .result = WHOLE,
                 .out = (const struct bind[]){{"user", M_GetUserPolicyResponse_UserName},
                                              {"name", M_GetUserPolicyResponse_PolicyName},
                                              {"policy", M_GetUserPolicyResponse_PolicyDocument, 0,
                                               BIND_DOCUMENT},
                                              {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .destroy = {.action = A_IAM_DeleteUserPolicy,
                    .in = (const struct bind[]){{"user", M_DeleteUserPolicyRequest_UserName},
                                                {"name", M_DeleteUserPolicyRequest_PolicyName},
                                                {0}},
                    .frame = "deleting IAM User Policy ({id})"},
    },
    {
        .type = STR("aws_iam_user_policy_attachment"),
        .noun = "IAM User Policy Attachment",
        .id = "{user}/{policy_arn}",
        .flags = ROW_KEEPS_ID,
        .import = "{user}/{policy_arn}",
        .import_fault = "unexpected format of ID (\"%.*s\"), expected <user-name>/<policy_arn>",
        .create = {.action = A_IAM_AttachUserPolicy,
                   .in = (const struct bind[]){{"user", M_AttachUserPolicyRequest_UserName},
                                               {"policy_arn", M_AttachUserPolicyRequest_PolicyArn},
                                               {0}},
                   .frame = "attaching IAM Policy ({policy_arn}) to IAM User ({user})"},
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_ListAttachedUserPolicies,
                          .in =
                              (const struct bind[]){
                                  {"user", M_ListAttachedUserPoliciesRequest_UserName}, {0}},
                          .frame = "reading IAM User Policy Attachment ({id})"},
                 .result = M_ListAttachedUserPoliciesResponse_AttachedPolicies,
                 .match = "policy_arn",
                 .match_member = M_AttachedPolicy_PolicyArn,
                 .tags = NO_TAGS},
                {.call = {0}}},
        .destroy = {.action = A_IAM_DetachUserPolicy,
                    .in = (const struct bind[]){{"user", M_DetachUserPolicyRequest_UserName},
                                                {"policy_arn", M_DetachUserPolicyRequest_PolicyArn},
                                                {0}},
                    .frame = "detaching IAM Policy ({policy_arn}) from IAM User ({user})"},
    },
    {
        .type = STR("aws_iam_user_policy_attachments_exclusive"),
        .noun = "IAM User Policy Attachments Exclusive",
        .import = "{user_name}",
        .flags = ROW_FRAMEWORK | ROW_STAYS,
        .children =
            (const struct children_row[]){
                {.attr = "policy_arns",
                 .list = {.action = A_IAM_ListAttachedUserPolicies,
                          .in =
                              (const struct bind[]){
                                  {"user_name", M_ListAttachedUserPoliciesRequest_UserName}, {0}},
                          .frame =
                              "reading IAM User Policy Attachments Exclusive (\"{user_name}\")"},
                 .items = M_ListAttachedUserPoliciesResponse_AttachedPolicies,
                 .item = M_AttachedPolicy_PolicyArn,
                 .add =
                     {.action = A_IAM_AttachUserPolicy,
                      .in = (const struct bind[]){{"user_name", M_AttachUserPolicyRequest_UserName},
                                                  {".item", M_AttachUserPolicyRequest_PolicyArn},
                                                  {0}},
                      .frame = "creating IAM User Policy Attachments Exclusive (\"{user_name}\")"},
                 .remove =
                     {.action = A_IAM_DetachUserPolicy,
                      .in =
                          (const struct bind[]){{"user_name", M_DetachUserPolicyRequest_UserName},
                                                {".item", M_DetachUserPolicyRequest_PolicyArn},
                                                {0}},
                      .frame = "creating IAM User Policy Attachments Exclusive (\"{user_name}\")",
                      .missing_is_done = true},
                 .flags = CHILDREN_EXCLUSIVE | CHILDREN_STAY},
                {.attr = NULL}},
    },
};

const size_t link_table_n = COUNT(link_table);
