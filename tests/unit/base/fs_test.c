/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"

static struct arena *arena;
static struct str dir;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    return fs_make_temporary(arena, S("loam-fs-test"), &dir);
}

static int tear_down(void **state) {
    (void)state;
    fs_remove_tree(dir);
    arena_free(arena);
    return 0;
}

static void replaces_whole_files(void **state) {
    (void)state;
    struct str path = fs_join(arena, dir, S("state")), text;
    struct stat info;
    assert_int_equal(fs_write_atomic(path, S("one"), 0600), 0);
    assert_int_equal(fs_write_atomic(path, S("second"), 0600), 0);
    assert_int_equal(fs_create_atomic(path, S("third"), 0600), EEXIST);
    assert_int_equal(fs_read(arena, path, 100, &text), 0);
    assert_string_equal(text.at, "second");
    assert_int_equal(stat(path.at, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    struct str *names;
    size_t n;
    assert_int_equal(fs_list(arena, dir, &names, &n), 0);
    assert_int_equal(n, 1); /* no temporary file is left */
}

static void a_failed_write_leaves_the_old_file(void **state) {
    (void)state;
    struct str path = fs_join(arena, dir, S("old")), text;
    assert_int_equal(fs_write_atomic(path, S("old"), 0600), 0);
    assert_int_not_equal(fs_write_atomic(fs_join(arena, dir, S("none/x")), S("new"), 0600), 0);
    struct str folder = fs_join(arena, dir, S("folder"));
    assert_int_equal(fs_mkdirs(folder, 0700), 0);
    assert_int_not_equal(fs_write_atomic(folder, S("new"), 0600), 0);
    assert_int_equal(fs_read(arena, path, 100, &text), 0);
    assert_string_equal(text.at, "old");
    rmdir(folder.at);
}

static void reads_within_bounds(void **state) {
    (void)state;
    struct str path = fs_join(arena, dir, S("long")), text = {"same", 4};
    assert_int_equal(fs_write(path, S("0123456789"), 0600), 0);
    assert_int_equal(fs_read(arena, path, 9, &text), EFBIG);
    assert_string_equal(text.at, "same");
    assert_int_equal(fs_read(arena, path, 10, &text), 0);
    assert_int_equal(text.len, 10);
    assert_int_equal(fs_read(arena, fs_join(arena, dir, S("none")), 9, &text), ENOENT);
    assert_string_equal(fs_error_text(arena, ENOENT).at, "no such file or directory");
}

static void cleans_paths(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", "."},       {"a/b", "a/b"},         {"a//b/", "a/b"}, {"./a/./b", "a/b"},
        {"a/../b", "b"}, {"../a", "../a"},       {"/../a", "/a"},  {"a/..", "."},
        {"/", "/"},      {"a/b/../../..", ".."},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(str_c(arena, fs_clean(arena, str_from(rows[i][0]))), rows[i][1]);
    assert_true(str_eq(fs_dirname(S("a/b")), S("a")));
    assert_true(str_eq(fs_dirname(S("b")), S(".")));
    assert_true(str_eq(fs_basename(S("a/b")), S("b")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_whole_files),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(reads_within_bounds),
        cmocka_unit_test(cleans_paths),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
