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
#include "cli/lock_file.h"

static struct arena *held;
static struct str folder;

static int enter_folder(void **state) {
    (void)state;
    held = arena_new();
    return fs_make_temporary(held, S("loam-lock"), &folder) || chdir(folder.at);
}

static int leave_folder(void **state) {
    (void)state;
    fs_remove_tree(folder);
    arena_free(held);
    return 0;
}

/* The sum was worked out apart from this code, from the rule in lock_file.h. */
static void hashes_packages(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct str hash;
    assert_int_equal(fs_mkdirs(S("package"), 0755), 0);
    assert_int_equal(fs_write(S("package/LICENSE.txt"), S("free\n"), 0644), 0);
    assert_int_equal(fs_write(S("package/terraform-provider-x"), S("binary"), 0755), 0);
    assert_int_equal(lock_file_hash(arena, S("package"), &hash), 0);
    assert_string_equal(hash.at, "h1:iJC/j1BansKpG3O82wo4HcoRW6okb8WhpsGRcV94MXE=");
    assert_int_not_equal(lock_file_hash(arena, S("nowhere"), &hash), 0);
    arena_free(arena);
}

static const char text[] = "# This file is maintained automatically by \"terraform init\".\n"
                           "# Manual edits may be lost in future updates.\n"
                           "\n"
                           "provider \"registry.terraform.io/hashicorp/aws\" {\n"
                           "  version     = \"5.100.0\"\n"
                           "  constraints = \"~> 5.0\"\n"
                           "  hashes = [\n"
                           "    \"h1:b\",\n"
                           "    \"zh:a\",\n"
                           "  ]\n"
                           "}\n"
                           "\n"
                           "provider \"registry.terraform.io/hashicorp/null\" {\n"
                           "  version = \"3.2.0\"\n"
                           "  hashes = [\n"
                           "    \"h1:c\",\n"
                           "  ]\n"
                           "}\n";

static void reads_back_what_it_writes(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags *diags = diags_new(arena);
    struct map entries;
    struct str written;
    assert_true(lock_file_read(arena, sources_new(arena), &entries, diags));
    assert_int_equal(entries.n, 0);
    assert_int_equal(fs_write(S(LOCK_FILE_NAME), S(text), 0644), 0);
    assert_true(lock_file_read(arena, sources_new(arena), &entries, diags));
    assert_int_equal(entries.n, 2);
    struct lock_file_entry *aws = map_get(&entries, S("registry.terraform.io/hashicorp/aws"));
    assert_false(lock_file_add_hash(arena, aws, S("h1:b")));
    assert_int_equal(lock_file_write(arena, &entries), 0);
    assert_int_equal(fs_read(arena, S(LOCK_FILE_NAME), sizeof text, &written), 0);
    assert_string_equal(str_c(arena, written), text);
    assert_true(lock_file_add_hash(arena, aws, S("h1:0")));
    assert_int_equal(aws->n_hashes, 3);
    arena_free(arena);
}

static void refuses_broken_files(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags *diags = diags_new(arena);
    struct map entries;
    assert_int_equal(fs_write(S(LOCK_FILE_NAME), S("provider \"x\" {\n"), 0644), 0);
    assert_false(lock_file_read(arena, sources_new(arena), &entries, diags));
    assert_int_equal(fs_remove(S(LOCK_FILE_NAME)), 0);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_packages),
        cmocka_unit_test(reads_back_what_it_writes),
        cmocka_unit_test(refuses_broken_files),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
