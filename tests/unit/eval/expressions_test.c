/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of tests/eval: an expression, what it gives, an empty line. */
#include <stdlib.h>

#include "base/fs.h"
#include "eval_fixture.h"

static void run_file(void **state) {
    struct arena *arena = arena_new();
    struct str text, line, expression = {0};
    size_t n = 0;
    assert_int_equal(fs_read(arena, str_from(*state), 1 << 24, &text), 0);
    while (str_split(&text, '\n', &line)) {
        if (line.len == 0 || (line.at[0] == '#' && !expression.len)) {
            expression.len = 0;
        } else if (!expression.len) {
            expression = line;
        } else {
            fixture_expect(str_c(arena, expression), str_c(arena, line));
            expression.len = 0;
            n++;
        }
    }
    assert_true(n > 0);
    arena_free(arena);
}

int main(int argc, char **argv) {
    struct CMUnitTest *tests = calloc((size_t)argc, sizeof *tests);
    for (int i = 1; i < argc; i++)
        tests[i - 1] =
            (struct CMUnitTest){.name = argv[i], .test_func = run_file, .initial_state = argv[i]};
    assert_true(argc > 1);
    int failed = _cmocka_run_group_tests("expressions", tests, (size_t)argc - 1, NULL, NULL);
    free(tests);
    return failed;
}
