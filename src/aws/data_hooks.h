/* SPDX-License-Identifier: Apache-2.0 */
/* Data sources that look something up, list things, or need no call at all. */
#ifndef LOAM_DATA_HOOKS_H
#define LOAM_DATA_HOOKS_H

#include "aws/resource.h"

/* Without a call. */
bool data_hooks_arn(struct op *op);
bool data_hooks_default_tags(struct op *op);
bool data_hooks_partition(struct op *op);
bool data_hooks_region(struct op *op);
bool data_hooks_regions(struct op *op);
bool data_hooks_service_principal(struct op *op);

/* Lists (data_lists.c). */
bool data_lists_access_keys(struct op *op);
bool data_lists_alias(struct op *op);
bool data_lists_attached(struct op *op);
bool data_lists_group_users(struct op *op);
bool data_lists_profiles(struct op *op);
bool data_lists_roles(struct op *op);
bool data_lists_users(struct op *op);

/* Lookups before the read, and what the read leaves to do. */
bool data_hooks_caller(struct op *op);
bool data_hooks_certificate_find(struct op *op);
bool data_hooks_oidc_find(struct op *op);
bool data_hooks_policy_find(struct op *op);
bool data_hooks_policy_text(struct op *op);
bool data_hooks_profile(struct op *op);
bool data_hooks_role(struct op *op);
bool data_hooks_session(struct op *op);

/* Simulation (data_simulate.c). */
bool data_simulate_principal(struct op *op);

#endif
