/* SPDX-License-Identifier: Apache-2.0 */
/* What `test -verbose -json` sends of a run: the planned changes, or the state with its values. */
#ifndef LOAM_TEST_DETAILS_H
#define LOAM_TEST_DETAILS_H

#include "cli/test_run.h"

/* The value of "test_plan" or of "test_state"; nothing when the run has neither. */
void test_details_write(struct cli *cli, const struct test_result *result, struct buf *out);

#endif
