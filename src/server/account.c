/* SPDX-License-Identifier: Apache-2.0 */
#include "server/account.h"

#include "base/arena.h"
#include "server/quota.h"
#include "store/link.h"
#include "store/setting.h"

#define ALIAS S("alias")
#define TOKEN_VERSION S("token-version")

bool account_create_alias(struct call *call) {
    struct str alias = message_str(call->request, M_CreateAccountAliasRequest_AccountAlias);
    struct str owner = setting_owner(call->tx, call->arena, ALIAS, alias);
    if (owner.len)
        return call_fail(call, FAULT_ENTITY_ALREADY_EXISTS,
                         "The account alias %.*s already exists.", STR_ARG(alias));
    setting_put(call->tx, call->account, ALIAS, alias);
    return true;
}

bool account_delete_alias(struct call *call) {
    struct str alias = message_str(call->request, M_DeleteAccountAliasRequest_AccountAlias);
    struct str have = S("");
    (void)setting_get(call->tx, call->arena, call->account, ALIAS, &have);
    if (!str_eq(alias, have))
        return call_fail(call, FAULT_NO_SUCH_ENTITY, "The account alias %.*s cannot be found.",
                         STR_ARG(alias));
    setting_delete(call->tx, call->account, ALIAS);
    return true;
}

bool account_list_aliases(struct call *call) {
    struct str alias;
    struct page page;
    if (!call_page(call, &page))
        return false;
    message_open(call->response, M_ListAccountAliasesResponse_AccountAliases);
    if (setting_get(call->tx, call->arena, call->account, ALIAS, &alias))
        message_add_str(call->arena, call->response, M_ListAccountAliasesResponse_AccountAliases,
                        alias);
    message_set_bool(call->response, M_ListAccountAliasesResponse_IsTruncated, false);
    return true;
}

bool account_set_token_version(struct call *call) {
    setting_put(
        call->tx, call->account, TOKEN_VERSION,
        message_str(call->request,
                    M_SetSecurityTokenServicePreferencesRequest_GlobalEndpointTokenVersion));
    return true;
}

/* Summary keys that are quotas under another name. */
static const struct {
    struct str key;
    const char *quota;
} quota_keys[] = {
    {STR("UsersQuota"), "UsersPerAccount"},
    {STR("GroupsQuota"), "GroupsPerAccount"},
    {STR("RolesQuota"), "RolesPerAccount"},
    {STR("PoliciesQuota"), "PoliciesPerAccount"},
    {STR("InstanceProfilesQuota"), "InstanceProfilesPerAccount"},
    {STR("ServerCertificatesQuota"), "ServerCertificatesPerAccount"},
    {STR("AccessKeysPerUserQuota"), "AccessKeysPerUser"},
    {STR("GroupsPerUserQuota"), "GroupsPerUser"},
    {STR("SigningCertificatesPerUserQuota"), "CertificatesPerUser"},
    {STR("AttachedPoliciesPerUserQuota"), "PoliciesPerUser"},
    {STR("AttachedPoliciesPerGroupQuota"), "PoliciesPerGroup"},
    {STR("AttachedPoliciesPerRoleQuota"), "PoliciesPerRole"},
    {STR("VersionsPerPolicyQuota"), "VersionsPerPolicy"},
    {STR("UserPolicySizeQuota"), "UserPolicySizeQuota"},
    {STR("GroupPolicySizeQuota"), "GroupPolicySizeQuota"},
    {STR("RolePolicySizeQuota"), "RolePolicySizeQuota"},
    {STR("PolicySizeQuota"), "PolicySize"},
    {STR("AssumeRolePolicySizeQuota"), "AssumeRolePolicySizeQuota"},
    {STR("PolicyVersionsInUseQuota"), "PolicyVersionsInUseQuota"},
};

static const struct {
    struct str key;
    enum kind_id kind;
} count_keys[] = {
    {STR("Users"), KIND_USER},
    {STR("Groups"), KIND_GROUP},
    {STR("Roles"), KIND_ROLE},
    {STR("Policies"), KIND_POLICY},
    {STR("InstanceProfiles"), KIND_PROFILE},
    {STR("ServerCertificates"), KIND_SERVER_CERTIFICATE},
    {STR("MFADevices"), KIND_MFA},
};

static void put(struct call *call, struct str key, int64_t number) {
    message_put(call->arena, call->response, M_GetAccountSummaryResponse_SummaryMap, key)->number =
        number;
}

bool account_summary(struct call *call) {
    struct str version = S("1");
    struct entity_page policies =
        entity_list(call->tx, call->arena, call->account, KIND_POLICY, S(""), S(""), 0);
    struct entity_page devices =
        entity_list(call->tx, call->arena, call->account, KIND_MFA, S(""), S(""), 0);
    struct entity_page providers[2] = {
        entity_list(call->tx, call->arena, call->account, KIND_SAML, S(""), S(""), 0),
        entity_list(call->tx, call->arena, call->account, KIND_OIDC, S(""), S(""), 0)};
    int64_t in_use = 0, versions = 0;
    for (size_t i = 0; i < devices.n; i++)
        in_use += devices.items[i].owner.len > 0;
    for (size_t i = 0; i < policies.n; i++)
        versions += link_count_sources(call->tx, LINK_ATTACHED, policies.items[i].id) > 0;
    for (size_t i = 0; i < COUNT(count_keys); i++)
        put(call, count_keys[i].key, entity_count(call->tx, call->account, count_keys[i].kind));
    for (size_t i = 0; i < COUNT(quota_keys); i++)
        put(call, quota_keys[i].key, quota_of(call, quota_keys[i].quota));
    (void)setting_get(call->tx, call->arena, call->account, TOKEN_VERSION, &version);
    put(call, S("MFADevicesInUse"), in_use);
    put(call, S("PolicyVersionsInUse"), versions);
    put(call, S("Providers"), (int64_t)(providers[0].n + providers[1].n));
    put(call, S("GlobalEndpointTokenVersion"), str_eq(version, S("v2Token")) ? 2 : 1);
    put(call, S("AccountMFAEnabled"), entity_count_owned(call->tx, call->account, KIND_MFA));
    put(call, S("AccountAccessKeysPresent"),
        entity_count_owned(call->tx, call->account, KIND_ACCESS_KEY) > 0);
    put(call, S("AccountPasswordPresent"), 0);
    put(call, S("AccountSigningCertificatesPresent"),
        entity_count_owned(call->tx, call->account, KIND_SIGNING_CERTIFICATE) > 0);
    return true;
}
