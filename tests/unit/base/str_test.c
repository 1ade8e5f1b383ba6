/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static void orders_by_bytes(void **state) {
    (void)state;
    static const struct str sorted[] = {STR(""),   STR("A"), STR("a"),   STR("a\0"),
                                        STR("ab"), STR("b"), STR("\xff")};
    for (size_t i = 0; i < COUNT(sorted); i++)
        for (size_t k = 0; k < COUNT(sorted); k++) {
            int order = str_cmp(sorted[i], sorted[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
            assert_int_equal(str_eq(sorted[i], sorted[k]), i == k);
        }
}

static void finds(void **state) {
    (void)state;
    struct str s = S("abcabc");
    assert_int_equal(str_find(s, S("ca")), 2);
    assert_int_equal(str_find(s, S("")), 0);
    assert_int_equal(str_find(s, S("x")), -1);
    assert_int_equal(str_find(S(""), S("x")), -1);
    assert_int_equal(str_find_byte(s, 'b'), 1);
    assert_int_equal(str_rfind_byte(s, 'b'), 4);
    assert_true(str_starts(s, S("abc")));
    assert_false(str_starts(S("ab"), S("abc")));
    assert_true(str_ends(s, S("bc")));
    assert_true(str_eq_nocase(S("AbZ-9"), S("aBz-9")));
    assert_false(str_eq_nocase(S("["), S("{")));
}

static void splits(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t parts;
    } rows[] = {{"", 1}, {"a", 1}, {",", 2}, {"a,b", 2}, {"a,,b,", 4}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str rest = str_from(rows[i].text), part;
        size_t n = 0, bytes = 0;
        while (str_split(&rest, ',', &part)) {
            n++;
            bytes += part.len;
        }
        assert_int_equal(n, rows[i].parts);
        assert_int_equal(bytes + n - 1, strlen(rows[i].text));
    }
}

static void reads_integers(void **state) {
    (void)state;
    int64_t i;
    assert_true(str_to_int(S("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_true(str_to_int(S("9223372036854775807"), &i));
    assert_true(i == INT64_MAX);
    static const char *const bad[] = {
        "", "-", "9223372036854775808", "-9223372036854775809", "1 ", " 1", "+1", "0x1", "1.0"};
    i = 42;
    for (size_t k = 0; k < COUNT(bad); k++)
        assert_false(str_to_int(str_from(bad[k]), &i));
    assert_int_equal(i, 42);
}

static void builds(void **state) {
    (void)state;
    struct str parts[] = {S("a"), S(""), S("b")};
    assert_string_equal(str_join(arena, parts, 3, S(", ")).at, "a, , b");
    assert_string_equal(str_join(arena, parts, 0, S(", ")).at, "");
    assert_string_equal(str_cat(arena, S("a"), S("b")).at, "ab");
    assert_string_equal(str_replace(arena, S("aXXbX"), S("X"), S("yy")).at, "ayyyybyy");
    assert_string_equal(str_upper(arena, S("a\xc3\xa9z")).at, "A\xc3\xa9Z");
    assert_string_equal(str_format(arena, "%d%%", 5).at, "5%");
    assert_true(str_eq(str_trim(S(" \t\r\n x \n")), S("x")));
    assert_true(str_eq(str_trim(S("  ")), S("")));
}

static void suggests_only_near_words(void **state) {
    (void)state;
    static const struct str words[] = {STR("name"), STR("path"), STR("tags")};
    assert_true(str_eq(str_nearest(S("nmae"), words, 3), S("name")));
    assert_true(str_eq(str_nearest(S("pats"), words, 3), S("path")));
    assert_int_equal(str_nearest(S("completely"), words, 3).len, 0);
    assert_int_equal(str_nearest(S("x"), words, 0).len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_by_bytes), cmocka_unit_test(finds),
        cmocka_unit_test(splits),          cmocka_unit_test(reads_integers),
        cmocka_unit_test(builds),          cmocka_unit_test(suggests_only_near_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
