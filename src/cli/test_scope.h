/* SPDX-License-Identifier: Apache-2.0 */
/* What names mean in a test file: var, output and run besides those of the module under test. */
#ifndef LOAM_TEST_SCOPE_H
#define LOAM_TEST_SCOPE_H

#include "cli/test_run.h"
#include "eval/eval.h"

struct test_scope {
    struct scope scope;
    const struct test_suite *suite;
    const struct scope *module;  /* of the module under test, or NULL before there is one */
    const struct config *config; /* with module */
    const struct map *inputs;    /* name -> struct variable_input *: what var means */
    const struct map *outputs;   /* name -> struct value *: with module */
    bool global;                 /* only functions, no runs */
};

/* The scope must not move afterwards. */
void test_scope_init(struct test_scope *scope, const struct test_suite *suite);
/* Before the run: earlier runs and variables of the file. */
bool test_scope_inputs(const struct test_suite *suite, const struct test_inputs *inputs,
                       const struct map *visible, struct map *into);
/* A body with each expression replaced by its value, for a provider block outside its module. */
const struct body *test_scope_bake(struct test_scope *scope, const struct body *body);

#endif
