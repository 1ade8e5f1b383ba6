/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do two policy documents say the same? The AWS provider's rule for drift (awspolicyequivalence):
 * order, lists of one, the case of element names and account ids against root ARNs do not count.
 * One divergence, on purpose: a plain text Principal is compared like any other, so that a widened
 * one shows in the plan; the provider's rule overlooks it.
 */
#ifndef LOAM_POLICY_EQUAL_H
#define LOAM_POLICY_EQUAL_H

#include "base/str.h"

struct arena;

/* False also when one of them is no JSON and the texts differ. */
bool policy_equal(struct arena *scratch, struct str a, struct str b);

#endif
