/* SPDX-License-Identifier: Apache-2.0 */
/* AWS's default quotas ("IAM and AWS STS quotas"), which an account may have raised. */
#ifndef LOAM_QUOTA_H
#define LOAM_QUOTA_H

#include "base/str.h"

struct call;

/* name, default */
#define QUOTA_LIST(X)                                                                              \
    X(UsersPerAccount, 5000)                                                                       \
    X(GroupsPerAccount, 300)                                                                       \
    X(RolesPerAccount, 1000)                                                                       \
    X(PoliciesPerAccount, 1500)                                                                    \
    X(InstanceProfilesPerAccount, 1000)                                                            \
    X(ServerCertificatesPerAccount, 20)                                                            \
    X(SAMLProvidersPerAccount, 100)                                                                \
    X(OpenIdConnectProvidersPerAccount, 100)                                                       \
    X(AccessKeysPerUser, 2)                                                                        \
    X(GroupsPerUser, 10)                                                                           \
    X(CertificatesPerUser, 2)                                                                      \
    X(PublicKeysPerUser, 5)                                                                        \
    X(MFADevicesPerUser, 8)                                                                        \
    X(ServiceSpecificCredentialsPerUser, 2)                                                        \
    X(PoliciesPerUser, 10)                                                                         \
    X(PoliciesPerGroup, 10)                                                                        \
    X(PoliciesPerRole, 10)                                                                         \
    X(VersionsPerPolicy, 5)                                                                        \
    X(TagsPerResource, 50)                                                                         \
    X(UserPolicySizeQuota, 2048)                                                                   \
    X(GroupPolicySizeQuota, 5120)                                                                  \
    X(RolePolicySizeQuota, 10240)                                                                  \
    X(PolicySize, 6144)                                                                            \
    X(ACLSizePerRole, 2048)                                                                        \
    X(AssumeRolePolicySizeQuota, 2048)                                                             \
    X(PolicyVersionsInUseQuota, 10000)                                                             \
    X(ClientIdsPerOpenIdConnectProvider, 100)                                                      \
    X(ThumbprintsPerOpenIdConnectProvider, 5)

/* The account's quota by that name. */
int64_t quota_of(struct call *call, const char *name);
/* The name of the account's setting that raises it, and the quota once that was read. */
struct str quota_setting(struct call *call, const char *name);
int64_t quota_given(struct call *call, const char *name, struct str setting);

#endif
