/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The regular expressions of the API description: classes, groups, alternatives, counted repeats
 * and negative look-ahead, over code points. A value must match as a whole. Work is bounded: a
 * pattern that would take too many steps counts as not matching.
 */
#ifndef LOAM_PATTERN_H
#define LOAM_PATTERN_H

#include "base/str.h"

bool pattern_match(struct str pattern, struct str text);

#endif
