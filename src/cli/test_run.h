/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run block of a test file, run: the module is planned and, unless told otherwise, applied for
 * real, with mocks and overrides in the place of providers; then the assertions are looked at. What
 * the runs of a file share - states, outputs of earlier runs, variables - is the suite.
 */
#ifndef LOAM_TEST_RUN_H
#define LOAM_TEST_RUN_H

#include "cli/session.h"
#include "config/test_file.h"

enum test_status { TEST_PENDING, TEST_SKIP, TEST_PASS, TEST_FAIL, TEST_ERROR };

/* How one run ended. */
struct test_result {
    enum test_status status;
    int64_t start_ms, elapsed_ms;
    struct diags *diags;
    struct plan *plan;   /* of a run with command = plan */
    struct state *state; /* of one that applied */
    struct provider_factories providers;
};

/* Addresses of stand-ins for providers: a host that no registry can have. */
#define TEST_STAND_IN_HOST "stand-in.invalid"

/* A state kept between runs: one for each module under test, or by state_key. */
struct test_state {
    struct str key;
    struct state *state;
    struct config *config; /* as the last run that applied had it */
    struct provider_factories providers;
    struct map inputs;
    struct str dir;
    const struct test_run *run; /* that run */
};

struct test_suite {
    struct cli *cli;
    const struct session *session; /* its configuration is the root module's */
    const struct test_file *file;
    const struct variable_list *variables; /* of the command line */
    int64_t parallelism;
    struct test_state *states; /* in the order of first use */
    size_t n_states, cap_states;
    struct map globals; /* name -> struct variable_input *: from outside the file */
    struct map shared;  /* name -> struct variable_input *: globals under those of the file */
    struct map outputs; /* run name -> struct value *: of runs that are done */
    struct provider_factory *stand_ins; /* for mocked providers and overridden resources */
    size_t n_stand_ins, cap_stand_ins;
    struct diags *late; /* of all files: what is told before the summary */
    bool cancelled;
};

/* Collects variables; false: errors are in cli->diags. */
bool test_run_prepare(struct test_suite *suite);
/* Diagnostics of the run are in its result; cli->diags is left empty. */
struct test_result test_run_execute(struct test_suite *suite, const struct test_run *run);
/* Destroys what the runs left in one state; false: errors are in cli->diags. */
bool test_run_tear_down(struct test_suite *suite, struct test_state *kept);

#endif
