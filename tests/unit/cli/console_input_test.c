/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/console_input.h"

static void open_texts_wait_for_more(void **state) {
    static const char *const texts[] = {
        "{",          "[1,",         "merge({a = 1},", "[for x in [1, 2] :\n x",
        "/* note",    "<<EOT\ntext", "<<-E\n a\n",     "{ a = \"}\"",
        "\"${upper(", "[ # ]\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (!console_input_is_open(str_from(texts[i])))
            fail_msg("%s", texts[i]);
}

static void closed_texts_do_not(void **state) {
    static const char *const texts[] = {
        "",          "1 + 2", "{}",           "\"{\"",     "\"a ${b} $${c\"",
        "\"\\\"[\"", "# [",   "// {",         "/* { */ 1", "<<EOT\n{\nEOT",
        "1 +",       ")",     "\"unfinished", "a << b",    "{\n a = 1\n}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (console_input_is_open(str_from(texts[i])))
            fail_msg("%s", texts[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_texts_wait_for_more),
        cmocka_unit_test(closed_texts_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
