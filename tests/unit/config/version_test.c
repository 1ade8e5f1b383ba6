/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "config/version.h"

static void order(void **unused) {
    (void)unused;
    static const char *const sorted[] = {"0.1",           "1.0.0-alpha", "1.0.0-alpha.1",
                                         "1.0.0-alpha.b", "1.0.0-rc1",   "1.0.0",
                                         "1.2",           "1.10.0",      "2"};
    for (size_t i = 0; i < COUNT(sorted); i++) {
        for (size_t j = 0; j < COUNT(sorted); j++) {
            struct version a;
            struct version b;
            assert_true(version_parse(str_from(sorted[i]), &a));
            assert_true(version_parse(str_from(sorted[j]), &b));
            int got = version_order(&a, &b);
            assert_int_equal(got < 0 ? -1 : got > 0, i < j ? -1 : i > j);
        }
    }
}

static void constraints(void **unused) {
    (void)unused;
    static const struct {
        const char *constraint, *version;
        bool allowed;
    } cases[] = {
        {"1.2.3", "1.2.3", true},          {"= 1.2", "1.2.0", true},
        {"!= 1.2", "1.2.0", false},        {">= 1.0, < 2.0", "1.99.0", true},
        {">= 1.0, < 2.0", "2.0.0", false}, {"~> 1.2", "1.9.0", true},
        {"~> 1.2", "2.0.0", false},        {"~> 1.2.3", "1.2.9", true},
        {"~> 1.2.3", "1.3.0", false},      {"~> 6.0", "6.14.1", true},
        {"> 1.0", "1.1.0-beta", false},    {">= 1.1.0-alpha", "1.1.0-beta", true},
        {"<= 1.0", "1.0.0", true},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct version version;
        struct version_constraints wanted;
        assert_true(version_parse(str_from(cases[i].version), &version));
        assert_true(version_parse_constraints(arena, str_from(cases[i].constraint), &wanted));
        assert_int_equal(version_allowed(&version, &wanted), cases[i].allowed);
    }
    arena_free(arena);
}

static void bad_texts(void **unused) {
    (void)unused;
    static const char *const bad[] = {"",     "nope", ">= 1.x", "~>",  "1.2.3.4",
                                      "1..2", ">> 1", "1.0,",   "1.0-"};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct version_constraints wanted;
        assert_false(version_parse_constraints(arena, str_from(bad[i]), &wanted));
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(constraints),
        cmocka_unit_test(bad_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
