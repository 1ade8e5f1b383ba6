/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A test of a module as written: a *.tftest.hcl file with its run blocks, what they give the module
 * and what they expect of it ("Tests - Configuration Language"). Structure is checked here,
 * expressions stay expressions.
 */
#ifndef LOAM_TEST_FILE_H
#define LOAM_TEST_FILE_H

#include "config/config.h"

enum test_override_kind { TEST_OVERRIDE_RESOURCE, TEST_OVERRIDE_DATA, TEST_OVERRIDE_MODULE };

/* override_resource, override_data, override_module */
struct test_override {
    enum test_override_kind kind;
    struct target target;
    const struct expr *values; /* or outputs; NULL: none given */
    bool during_plan;          /* values are known in a plan too */
    struct span span, target_span;
};

/* mock_resource, mock_data */
struct test_mock {
    bool data;
    struct str type;
    const struct expr *defaults; /* or NULL */
    bool during_plan;
    struct span span;
};

struct test_mock_provider {
    struct str name, alias;
    struct test_mock *mocks;
    size_t n_mocks;
    struct test_override *overrides;
    size_t n_overrides;
    struct span span;
};

/* One argument of a `variables` block. */
struct test_input {
    struct str name;
    const struct expr *expr;
    struct span span;
};

struct test_inputs {
    struct test_input *at;
    size_t n;
};

struct test_run {
    struct str name;
    bool plan; /* command = plan */
    bool refresh_only, no_refresh;
    struct target *targets, *replace;
    size_t n_targets, n_replace;
    struct test_inputs inputs;
    struct config_provider_map *providers;
    size_t n_providers;
    bool providers_set;
    struct str source; /* of another module to run, or empty */
    struct str state_key;
    struct config_rules asserts;
    const struct expr **expected; /* of expect_failures: each one traversal */
    size_t n_expected;
    struct test_override *overrides;
    size_t n_overrides;
    struct span span;
    struct span module_span;
};

struct test_file {
    struct str path;
    struct test_inputs inputs;
    struct map providers; /* "aws" or "aws.west" -> struct config_provider * */
    struct test_mock_provider *mocks;
    size_t n_mocks;
    struct test_override *overrides;
    size_t n_overrides;
    struct test_run *runs;
    size_t n_runs;
};

/* Is this the name of a test file? */
bool test_file_is_name(struct str name);
/* Reads one; NULL only when it cannot be opened, otherwise what could be read, with errors. */
struct test_file *test_file_read(struct arena *arena, struct sources *sources, struct str path,
                                 struct diags *diags);

#endif
