/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module under test made ready for one run: loaded anew, with the providers of the test file in
 * the place of its own, and mocks and stand-ins where these are wanted.
 */
#ifndef LOAM_TEST_STAGE_H
#define LOAM_TEST_STAGE_H

#include "cli/test_run.h"

struct test_stage {
    struct str dir;
    struct config *config;
    struct provider_factories providers;
};

/* false: errors are in cli->diags. */
bool test_stage_set(struct test_suite *suite, const struct test_run *run,
                    struct test_stage *ret_stage);

#endif
