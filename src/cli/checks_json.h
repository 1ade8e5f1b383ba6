/* SPDX-License-Identifier: Apache-2.0 */
/* Results of checks as `show -json` has them, of a plan and of a state ("Checks Representation").
 */
#ifndef LOAM_CHECKS_JSON_H
#define LOAM_CHECKS_JSON_H

#include "cli/json_out.h"
#include "steps/steps.h"

/* The member "checks"; nothing without results. Those of one object follow one another. */
void checks_json_write(struct json_out *o, struct arena *arena, const struct check_result *checks,
                       size_t n);
/* What the text of "check_results" in a state says, sorted by address. */
struct check_result *checks_json_read(struct arena *arena, struct str text, size_t *ret_n);

#endif
