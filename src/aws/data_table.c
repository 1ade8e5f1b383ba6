/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/data_hooks.h"
#include "aws/document.h"
#include "aws/hooks.h"
#include "aws/resource_row.h"
#include "wire/model_ids.h"

const struct resource_row data_table[] = {
    {
        .type = STR("aws_arn"),
        .flags = ROW_FRAMEWORK,
        .noun = "ARN",
        .id = "{arn}",
        .before_read = data_hooks_arn,
    },
    {
        .type = STR("aws_caller_identity"),
        .flags = ROW_FRAMEWORK,
        .noun = "caller identity",
        .id = "{account_id}",
        .before_read = data_hooks_caller,
    },
    {
        .type = STR("aws_default_tags"),
        .flags = ROW_FRAMEWORK,
        .noun = "default tags",
        .before_read = data_hooks_default_tags,
    },
    {
        .type = STR("aws_iam_access_keys"),
        .noun = "IAM Access Keys",
        .id = "{user}",
        .before_read = data_lists_access_keys,
    },
    {
        .type = STR("aws_iam_account_alias"),
        .noun = "IAM Account Alias",
        .id = "{account_alias}",
        .before_read = data_lists_alias,
    },
    {
        .type = STR("aws_iam_group"),
        .noun = "IAM Group",
        .id = "{group_id}",
        .flags = ROW_RAW,
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetGroup,
                          .in = (const struct bind[]){{"group_name", M_GetGroupRequest_GroupName},
                                                      {0}},
                          .frame = "getting group"},
                 .result = M_GetGroupResponse_Group,
                 .out = (const struct bind[]){{"arn", M_Group_Arn},
                                              {"group_id", M_Group_GroupId},
                                              {"path", M_Group_Path},
                                              {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .after_read = data_lists_group_users,
    },
    {
        .type = STR("aws_iam_instance_profile"),
        .noun = "IAM Instance Profile",
        .id = "{.id}",
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetInstanceProfile,
                          .in =
                              (const struct bind[]){
                                  {"name", M_GetInstanceProfileRequest_InstanceProfileName}, {0}},
                          .frame = "reading IAM Instance Profile ({name})"},
                 .result = M_GetInstanceProfileResponse_InstanceProfile,
                 .out =
                     (const struct bind[]){
                         {"arn", M_InstanceProfile_Arn},
                         {".created", M_InstanceProfile_CreateDate},
                         {".id", M_InstanceProfile_InstanceProfileId},
                         {"path", M_InstanceProfile_Path},
                         {"role_arn", M_InstanceProfile_Roles, M_Role_Arn, BIND_FIRST},
                         {"role_id", M_InstanceProfile_Roles, M_Role_RoleId, BIND_FIRST},
                         {"role_name", M_InstanceProfile_Roles, M_Role_RoleName, BIND_FIRST},
                         {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .after_read = data_hooks_profile,
    },
    {
        .type = STR("aws_iam_instance_profiles"),
        .noun = "IAM Instance Profiles",
        .id = "{role_name}",
        .before_read = data_lists_profiles,
    },
    {
        .type = STR("aws_iam_openid_connect_provider"),
        .noun = "IAM OIDC Provider",
        .id = "{arn}",
        .flags = ROW_RAW,
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetOpenIDConnectProvider,
                          .in =
                              (const struct bind[]){
                                  {"arn",
                                   M_GetOpenIDConnectProviderRequest_OpenIDConnectProviderArn},
                                  {0}},
                          .frame = "reading IAM OIDC Provider"},
                 .result = WHOLE,
                 .out =
                     (const struct bind[]){
                         {"client_id_list", M_GetOpenIDConnectProviderResponse_ClientIDList},
                         {"thumbprint_list", M_GetOpenIDConnectProviderResponse_ThumbprintList},
                         {"url", M_GetOpenIDConnectProviderResponse_Url},
                         {0}},
                 .tags = M_GetOpenIDConnectProviderResponse_Tags},
                {.call = {0}}},
        .before_read = data_hooks_oidc_find,
    },
    {
        .type = STR("aws_iam_outbound_web_identity_federation"),
        .noun = "IAM Outbound Web Identity Federation",
        .flags = ROW_FRAMEWORK,
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetOutboundWebIdentityFederationInfo},
                 .result = WHOLE,
                 .out =
                     (const struct bind[]){
                         {"issuer_identifier",
                          M_GetOutboundWebIdentityFederationInfoResponse_IssuerIdentifier},
                         {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
    },
    {
        .type = STR("aws_iam_policy"),
        .noun = "IAM Policy",
        .id = "{arn}",
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetPolicy,
                          .in = (const struct bind[]){{"arn", M_GetPolicyRequest_PolicyArn}, {0}}},
                 .result = M_GetPolicyResponse_Policy,
                 .out = (const struct bind[]){{"arn", M_Policy_Arn},
                                              {"attachment_count", M_Policy_AttachmentCount},
                                              {"description", M_Policy_Description},
                                              {"name", M_Policy_PolicyName},
                                              {"path", M_Policy_Path},
                                              {"policy_id", M_Policy_PolicyId},
                                              {".version", M_Policy_DefaultVersionId},
                                              {0}},
                 .tags = M_Policy_Tags},
                {.call = {.action = A_IAM_GetPolicyVersion,
                          .in = (const struct bind[]){{"arn", M_GetPolicyVersionRequest_PolicyArn},
                                                      {".version",
                                                       M_GetPolicyVersionRequest_VersionId},
                                                      {0}}},
                 .result = M_GetPolicyVersionResponse_PolicyVersion,
                 .out = (const struct bind[]){{".document", M_PolicyVersion_Document}, {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .before_read = data_hooks_policy_find,
        .after_read = data_hooks_policy_text,
    },
    {
        .type = STR("aws_iam_policy_document"),
        .noun = "IAM Policy Document",
        .before_read = document_read,
    },
    {
        .type = STR("aws_iam_principal_policy_simulation"),
        .noun = "IAM Principal Policy Simulation",
        .id = "-",

        .before_read = data_simulate_principal,
    },
    {
        .type = STR("aws_iam_role"),
        .noun = "IAM Role",
        .id = "{name}",
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetRole,
                          .in = (const struct bind[]){{"name", M_GetRoleRequest_RoleName}, {0}},
                          .frame = "reading IAM Role ({name})"},
                 .result = M_GetRoleResponse_Role,
                 .out =
                     (const struct bind[]){
                         {"arn", M_Role_Arn},
                         {".document", M_Role_AssumeRolePolicyDocument},
                         {"create_date", M_Role_CreateDate},
                         {"description", M_Role_Description},
                         {"max_session_duration", M_Role_MaxSessionDuration},
                         {"path", M_Role_Path},
                         {"permissions_boundary", M_Role_PermissionsBoundary,
                          M_AttachedPermissionsBoundary_PermissionsBoundaryArn, BIND_INNER},
                         {"unique_id", M_Role_RoleId},
                         {".seen", M_Role_RoleLastUsed},
                         {".used", M_Role_RoleLastUsed, M_RoleLastUsed_LastUsedDate, BIND_INNER},
                         {".region", M_Role_RoleLastUsed, M_RoleLastUsed_Region, BIND_INNER},
                         {0}},
                 .tags = M_Role_Tags},
                {.call = {0}}},
        .after_read = data_hooks_role,
    },
    {
        .type = STR("aws_iam_role_policies"),
        .noun = "IAM Role Policies",
        .flags = ROW_FRAMEWORK,
        .children =
            (const struct children_row[]){
                {.attr = "policy_names",
                 .list = {.action = A_IAM_ListRolePolicies,
                          .in =
                              (const struct bind[]){
                                  {"role_name", M_ListRolePoliciesRequest_RoleName}, {0}},
                          .frame = "reading IAM Role Policies"},
                 .items = M_ListRolePoliciesResponse_PolicyNames,
                 .item = WHOLE,
                 .add = {0},
                 .remove = {0}},
                {.attr = NULL}},
    },
    {
        .type = STR("aws_iam_role_policy_attachments"),
        .noun = "IAM Role Policy Attachments",
        .flags = ROW_FRAMEWORK,
        .before_read = data_lists_attached,
    },
    {
        .type = STR("aws_iam_roles"),
        .noun = "IAM Roles",
        .id = "{.region}",
        .before_read = data_lists_roles,
    },
    {
        .type = STR("aws_iam_saml_provider"),
        .noun = "IAM SAML Provider",
        .id = "{arn}",
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetSAMLProvider,
                          .in =
                              (const struct bind[]){
                                  {"arn", M_GetSAMLProviderRequest_SAMLProviderArn}, {0}},
                          .frame = "reading IAM SAML Provider ({arn})"},
                 .result = WHOLE,
                 .out =
                     (const struct bind[]){
                         {"create_date", M_GetSAMLProviderResponse_CreateDate},
                         {"saml_metadata_document", M_GetSAMLProviderResponse_SAMLMetadataDocument},
                         {"valid_until", M_GetSAMLProviderResponse_ValidUntil},
                         {"saml_provider_uuid", M_GetSAMLProviderResponse_SAMLProviderUUID, 0,
                          BIND_NULL},
                         {0}},
                 .tags = M_GetSAMLProviderResponse_Tags},
                {.call = {0}}},
        .after_read = hooks_saml_name,
    },
    {
        .type = STR("aws_iam_server_certificate"),
        .noun = "IAM Server Certificate",
        .id = "{.id}",
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetServerCertificate,
                          .in =
                              (const struct bind[]){
                                  {"name", M_GetServerCertificateRequest_ServerCertificateName},
                                  {0}}},
                 .result = M_GetServerCertificateResponse_ServerCertificate,
                 .out =
                     (const struct bind[]){
                         {"arn", M_ServerCertificate_ServerCertificateMetadata,
                          M_ServerCertificateMetadata_Arn, BIND_INNER},
                         {"expiration_date", M_ServerCertificate_ServerCertificateMetadata,
                          M_ServerCertificateMetadata_Expiration, BIND_INNER},
                         {".id", M_ServerCertificate_ServerCertificateMetadata,
                          M_ServerCertificateMetadata_ServerCertificateId, BIND_INNER},
                         {"path", M_ServerCertificate_ServerCertificateMetadata,
                          M_ServerCertificateMetadata_Path, BIND_INNER},
                         {"upload_date", M_ServerCertificate_ServerCertificateMetadata,
                          M_ServerCertificateMetadata_UploadDate, BIND_INNER},
                         {"certificate_body", M_ServerCertificate_CertificateBody},
                         {"certificate_chain", M_ServerCertificate_CertificateChain},
                         {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
        .before_read = data_hooks_certificate_find,
    },
    {
        .type = STR("aws_iam_session_context"),
        .noun = "IAM Session Context",
        .id = "{arn}",
        .before_read = data_hooks_session,
    },
    {
        .type = STR("aws_iam_user"),
        .noun = "IAM User",
        .id = "{user_id}",
        .flags = ROW_RAW,
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetUser,
                          .in =
                              (const struct bind[]){
                                  {"user_name", M_GetUserRequest_UserName, 0, BIND_ALWAYS}, {0}},
                          .frame = "getting user"},
                 .result = M_GetUserResponse_User,
                 .out = (const struct bind[]){{"arn", M_User_Arn},
                                              {"path", M_User_Path},
                                              {"permissions_boundary", M_User_PermissionsBoundary,
                                               M_AttachedPermissionsBoundary_PermissionsBoundaryArn,
                                               BIND_INNER},
                                              {"user_id", M_User_UserId},
                                              {0}},
                 .tags = M_User_Tags},
                {.call = {0}}},
    },
    {
        .type = STR("aws_iam_user_ssh_key"),
        .noun = "IAM User SSH Key",
        .id = "{ssh_public_key_id}",
        .flags = ROW_RAW,
        .reads =
            (const struct read_row[]){
                {.call = {.action = A_IAM_GetSSHPublicKey,
                          .in =
                              (const struct bind[]){
                                  {"username", M_GetSSHPublicKeyRequest_UserName},
                                  {"ssh_public_key_id", M_GetSSHPublicKeyRequest_SSHPublicKeyId},
                                  {"encoding", M_GetSSHPublicKeyRequest_Encoding},
                                  {0}},
                          .frame = "reading IAM User SSH Key"},
                 .result = M_GetSSHPublicKeyResponse_SSHPublicKey,
                 .out = (const struct bind[]){{"fingerprint", M_SSHPublicKey_Fingerprint},
                                              {"public_key", M_SSHPublicKey_SSHPublicKeyBody},
                                              {"status", M_SSHPublicKey_Status},
                                              {0}},
                 .tags = NO_TAGS},
                {.call = {0}}},
    },
    {
        .type = STR("aws_iam_users"),
        .noun = "IAM Users",
        .id = "{.region}",
        .before_read = data_lists_users,
    },
    {
        .type = STR("aws_partition"),
        .flags = ROW_FRAMEWORK,
        .noun = "partition",
        .id = "{partition}",
        .before_read = data_hooks_partition,
    },
    {
        .type = STR("aws_region"),
        .flags = ROW_FRAMEWORK,
        .noun = "region",
        .id = "{region}",
        .before_read = data_hooks_region,
    },
    {
        .type = STR("aws_regions"),
        .flags = ROW_FRAMEWORK,
        .noun = "regions",
        .before_read = data_hooks_regions,
    },
    {
        .type = STR("aws_service_principal"),
        .flags = ROW_FRAMEWORK,
        .noun = "service principal",
        .before_read = data_hooks_service_principal,
    },
};

const size_t data_table_n = COUNT(data_table);
