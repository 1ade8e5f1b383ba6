/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "cli/status_line.h"

static void check(size_t done, size_t total, size_t running, int64_t elapsed_ms, const char *want) {
    struct arena *arena = arena_new();
    struct str text = status_line_text(arena, "Applying", done, total, running, elapsed_ms);
    assert_string_equal(str_c(arena, text), want);
    arena_free(arena);
}

static void says_how_much_and_how_long(void **unused) {
    (void)unused;
    check(0, 5, 5, 1400, "Applying: 0 of 5 done, 5 running, 1s elapsed");
    check(2, 5, 3, 4000, "Applying: 2 of 5 done, 3 running, 4s elapsed");
    check(3, 9, 1, 30000, "Applying: 3 of 9 done, 1 running, 30s elapsed, about 1m00s left");
    check(10, 1000, 10, 120000,
          "Applying: 10 of 1000 done, 10 running, 2m00s elapsed, about 3h18m left");
    check(9, 9, 0, 30000, "Applying: 9 of 9 done, 0 running, 30s elapsed");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_how_much_and_how_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
