/* SPDX-License-Identifier: Apache-2.0 */
/* What grammar and lint share; for this folder only. */
#ifndef LOAM_POLICY_CHECK_INT_H
#define LOAM_POLICY_CHECK_INT_H

#include "policy/policy_check.h"

bool policy_check_partition(struct str text);
/* A value of a Date operator: ISO 8601 or seconds. */
bool policy_check_date(struct arena *scratch, struct str text);

#endif
