/* SPDX-License-Identifier: Apache-2.0 */
/* Do two policy documents say the same? The AWS provider's rule for drift (awspolicyequivalence). */
#ifndef LOAM_POLICY_EQUAL_H
#define LOAM_POLICY_EQUAL_H

#include "base/str.h"

struct arena;

bool policy_equal(struct arena *scratch, struct str a, struct str b);

#endif
