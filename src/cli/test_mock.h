/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Providers that only pretend: they have the schemas of a real one, but make up what it would have
 * answered, from the defaults of mock_provider and override blocks where these say something.
 */
#ifndef LOAM_TEST_MOCK_H
#define LOAM_TEST_MOCK_H

#include "provider/provider.h"

/* What is made up for one type. */
struct test_mock_values {
    bool data;
    struct str type;     /* empty: for every type */
    struct value values; /* an object, or null */
    bool during_plan;
};

struct test_mock_setup {
    struct provider_factory real;
    const struct test_mock_values *at;
    size_t n;
};

/* The open function of a factory whose context is a struct test_mock_setup. */
struct provider *test_mock_open(struct arena *arena, void *setup, struct diags *diags);

#endif
