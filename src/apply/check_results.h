/* SPDX-License-Identifier: Apache-2.0 */
/* Results of conditions and checks: those of the plan, replaced by what the apply found out. */
#ifndef LOAM_CHECK_RESULTS_H
#define LOAM_CHECK_RESULTS_H

#include "apply/apply_int.h"
#include "resolve/rules.h"

/* Starts with the results of the plan. */
void check_results_begin(struct run *run);
/*
 * One set of rules of one object: kind "resource", "output_value" or "check"; address in the
 * configuration and of the instance. Sets of one object add up. Any thread.
 */
void check_results_add(struct run *run, struct arena *arena, struct str kind, struct str address,
                       struct str instance, const struct rules_result *result);
/* Puts all into the state, as `check_results` of its file. */
void check_results_keep(struct run *run);

#endif
