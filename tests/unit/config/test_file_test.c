/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fs.h"
#include "config/test_file.h"

#define FILE_NAME S("x.tftest.hcl")

static struct arena *held;
static struct str folder;

static int enter_folder(void **state) {
    (void)state;
    held = arena_new();
    return fs_make_temporary(held, S("loam-test-file"), &folder) || chdir(folder.at);
}

static int leave_folder(void **state) {
    (void)state;
    fs_remove_tree(folder);
    arena_free(held);
    return 0;
}

static struct test_file *read_text(struct arena *arena, const char *text, struct diags *diags) {
    assert_int_equal(fs_write(FILE_NAME, str_from(text), 0644), 0);
    return test_file_read(arena, sources_new(arena), FILE_NAME, diags);
}

static void knows_names(void **state) {
    (void)state;
    assert_true(test_file_is_name(S("a.tftest.hcl")));
    assert_true(test_file_is_name(S("a.tofutest.json")));
    assert_false(test_file_is_name(S(".a.tftest.hcl")));
    assert_false(test_file_is_name(S("a.hcl")));
}

static void reads_all_blocks(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags *diags = diags_new(arena);
    struct test_file *file =
        read_text(arena,
                  "variables { a = 1 }\n"
                  "provider \"aws\" { alias = \"west\" }\n"
                  "mock_provider \"random\" {\n"
                  "  override_during = plan\n"
                  "  mock_resource \"random_id\" { defaults = { hex = \"ff\" } }\n"
                  "}\n"
                  "override_module {\n"
                  "  target = module.m\n"
                  "  outputs = { o = 1 }\n"
                  "}\n"
                  "run \"one\" {\n"
                  "  command = plan\n"
                  "  state_key = \"k\"\n"
                  "  plan_options {\n"
                  "    mode = refresh-only\n"
                  "    target = [aws_iam_user.a]\n"
                  "  }\n"
                  "  variables { b = 2 }\n"
                  "  module { source = \"./m\" }\n"
                  "  providers = { aws = aws.west }\n"
                  "  expect_failures = [var.a, check.c]\n"
                  "  assert {\n"
                  "    condition = var.a == 1\n"
                  "    error_message = \"no\"\n"
                  "  }\n"
                  "}\n",
                  diags);
    assert_int_equal(diags->n, 0);
    assert_int_equal(file->inputs.n, 1);
    assert_non_null(map_get(&file->providers, S("aws.west")));
    assert_int_equal(file->n_mocks, 1);
    assert_true(file->mocks[0].mocks[0].during_plan);
    assert_int_equal(file->n_overrides, 1);
    assert_int_equal(file->overrides[0].kind, TEST_OVERRIDE_MODULE);
    assert_int_equal(file->n_runs, 1);
    const struct test_run *run = &file->runs[0];
    assert_true(run->plan && run->refresh_only && run->providers_set);
    assert_true(str_eq(run->source, S("./m")) && str_eq(run->state_key, S("k")));
    assert_int_equal(run->n_targets, 1);
    assert_int_equal(run->n_providers, 1);
    assert_int_equal(run->n_expected, 2);
    assert_int_equal(run->asserts.n, 1);
    assert_int_equal(run->inputs.n, 1);
    arena_free(arena);
}

static void reports_mistakes(void **state) {
    (void)state;
    static const struct {
        const char *text, *summary;
    } rows[] = {
        {"run \"a\" {}\nrun \"a\" {}\n", "Duplicate \"run\" block names"},
        {"run \"a\" { command = destroy }\n", "Invalid \"command\" keyword"},
        {"run \"a\" {\n plan_options { mode = x }\n}\n", "Invalid \"mode\" keyword"},
        {"run \"a\" { foo = 1 }\n", "Unsupported argument"},
        {"run \"1 a\" {}\n", "Invalid run block name"},
        {"nope {}\n", "Unsupported block type"},
        {"override_resource {}\n", "Missing target attribute"},
        {"override_data { target = module.a }\n", "Invalid override target"},
        {"override_resource {\n target = a.b\n values = 3\n}\n", "Invalid values attribute"},
        {"override_resource {\n target = a.b\n override_during = never\n}\n",
         "Invalid override_during value"},
        {"mock_provider \"a\" {\n mock_data \"x\" {}\n mock_data \"x\" {}\n}\n",
         "Duplicate mock_data block"},
        {"mock_provider \"a\" { source = \"./none\" }\n", "Failed to load mock data"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_new();
        struct diags *diags = diags_new(arena);
        (void)read_text(arena, rows[i].text, diags);
        assert_int_equal(diags->n_errors, 1);
        assert_string_equal(str_c(arena, diags->at[0].summary), rows[i].summary);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_names),
        cmocka_unit_test(reads_all_blocks),
        cmocka_unit_test(reports_mistakes),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
