/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "diag/diag.h"

static struct arena *arena;
static struct sources *sources;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    sources = sources_new(arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct span nowhere = {0};

static void counts_errors_only(void **state) {
    (void)state;
    struct diags *diags = diags_new(arena);
    diags_warn(diags, nowhere, "careful", NULL);
    assert_false(diags_failed(diags));
    diags_error(diags, nowhere, "bad", "%d of %s", 2, "them");
    assert_true(diags_failed(diags));
    assert_string_equal(diags->at[1].detail.at, "2 of them");
    diags_truncate(diags, 1);
    assert_false(diags_failed(diags));
    assert_int_equal(diags->n, 1);
}

static void appends_copies(void **state) {
    (void)state;
    struct arena *shorter = arena_new();
    struct diags *from = diags_new(shorter), *into = diags_new(arena);
    struct diag *diag = diags_error(from, nowhere, "bad", "detail");
    struct diag_value value = {S("var.x"), S("is 1")};
    diag->address = str_dup(shorter, S("a.b"));
    diag->values = arena_copy(shorter, &value, sizeof value);
    diag->n_values = 1;
    diags_append(into, from);
    arena_free(shorter);
    assert_int_equal(into->n_errors, 1);
    assert_string_equal(into->at[0].detail.at, "detail");
    assert_string_equal(into->at[0].address.at, "a.b");
    assert_string_equal(into->at[0].values[0].traversal.at, "var.x");
}

/* Warnings, then what has no place, then files by depth and name, then bytes; else as they came. */
static void sorts(void **state) {
    (void)state;
    struct diags *diags = diags_new(arena);
    uint32_t deep = sources_add(sources, S("a/a.tf"), S("xxxx"));
    uint32_t b = sources_add(sources, S("b.tf"), S("xxxx"));
    uint32_t a = sources_add(sources, S("a.tf"), S("xxxx"));
    diags_error(diags, (struct span){deep, 0, 1}, "7", NULL);
    diags_error(diags, (struct span){b, 0, 1}, "6", NULL);
    diags_error(diags, (struct span){a, 2, 3}, "4", NULL);
    diags_error(diags, (struct span){a, 2, 4}, "5", NULL);
    diags_error(diags, (struct span){a, 0, 1}, "3", NULL);
    diags_error(diags, nowhere, "1", NULL);
    diags_error(diags, nowhere, "2", NULL);
    diags_warn(diags, (struct span){deep, 0, 1}, "0", NULL);
    diags_sort(diags, sources);
    for (size_t i = 0; i < diags->n; i++)
        assert_int_equal(diags->at[i].summary.at[0], '0' + (int)i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_errors_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(appends_copies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sorts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
