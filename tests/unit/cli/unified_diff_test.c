/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/unified_diff.h"

/* As `diff -u` with these texts, its times left out. */
static void shows_changes(void **state) {
    (void)state;
    static const struct {
        const char *before, *after, *diff;
    } rows[] = {
        {"a\n", "a\n", ""},
        {"a=1\n", "a = 1\n", "@@ -1 +1 @@\n-a=1\n+a = 1\n"},
        {"", "a\n", "@@ -0,0 +1 @@\n+a\n"},
        {"a\nb\n", "a\n", "@@ -1,2 +1 @@\n a\n-b\n"},
        {"a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
        /* Two changes with six equal lines between share a hunk, with seven they do not. */
        {"x\n1\n2\n3\n4\n5\n6\nx\n", "y\n1\n2\n3\n4\n5\n6\ny\n",
         "@@ -1,8 +1,8 @@\n-x\n+y\n 1\n 2\n 3\n 4\n 5\n 6\n-x\n+y\n"},
        {"x\n1\n2\n3\n4\n5\n6\n7\nx\n", "y\n1\n2\n3\n4\n5\n6\n7\ny\n",
         "@@ -1,4 +1,4 @@\n-x\n+y\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-x\n+y\n"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        unified_diff_write(&out, arena, S("f"), str_from(rows[i].before), str_from(rows[i].after));
        struct str want =
            rows[i].diff[0] ? str_format(arena, "--- old/f\n+++ new/f\n%s", rows[i].diff) : S("");
        assert_string_equal(buf_take(&out, arena).at, want.at);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
