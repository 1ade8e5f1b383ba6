/* SPDX-License-Identifier: Apache-2.0 */
/* expect_failures: which conditions of the module were to fail in a run, and whether they did. */
#ifndef LOAM_TEST_EXPECT_H
#define LOAM_TEST_EXPECT_H

#include "cli/test_run.h"

/* What a run has seen of its expectations so far. */
struct test_expect {
    struct arena *arena;
    const struct test_run *run;
    const struct config *config;
    bool *met; /* for each of run->expected */
};

struct test_expect test_expect_new(struct arena *arena, const struct test_run *run,
                                   const struct config *config);
/*
 * Takes failures that were expected out of diags and makes those of check blocks that were not into
 * errors. Returns the first expected one that was an error, which ends planning, or NULL;
 * *ret_object then names whose condition it was and *ret_span is the expectation.
 */
const struct diag *test_expect_sort(struct test_expect *expect, struct diags *diags,
                                    struct str *ret_object, struct span *ret_span);
/* An error for each expectation that was not met; false when there was one. */
bool test_expect_check(const struct test_expect *expect, struct diags *diags);

#endif
