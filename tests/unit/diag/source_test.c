/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "diag/source.h"

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

static void places(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t byte, line, column;
    } rows[] = {
        {"abc", 0, 1, 1},
        {"abc", 3, 1, 4},
        {"a\nbc\n", 2, 2, 1},
        {"a\nbc\n", 5, 3, 1},
        {"a\r\nb", 3, 2, 1},
        {"a\r\nb", 1, 1, 2},
        {"\xC3\xA9x", 2, 1, 2},  /* two bytes, one column */
        {"e\xCC\x81x", 3, 1, 2}, /* a letter and its accent are one cluster */
        {"\xEF\xBB\xBF"
         "ab",
         4, 1, 2},                 /* a byte order mark takes no column */
        {"\"\xCC\x81\"", 4, 1, 4}, /* but not a quote and an accent */
        {"ab", 99, 1, 3},          /* behind the end */
        {"", 0, 1, 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t file = sources_add(sources, S("x"), str_from(rows[i].text));
        struct place place = sources_place(sources, file, rows[i].byte);
        assert_int_equal(place.line, rows[i].line);
        assert_int_equal(place.column, rows[i].column);
    }
}

static void ranges_in_prose(void **state) {
    (void)state;
    uint32_t file = sources_add(sources, S("main.tf"), S("a = 1\nb = 2\n"));
    struct str one = sources_range(arena, sources, (struct span){file, 4, 5});
    assert_string_equal(one.at, "main.tf:1,5-6");
    struct str two = sources_range(arena, sources, (struct span){file, 4, 7});
    assert_string_equal(two.at, "main.tf:1,5-2,2");
    assert_true(str_eq(sources_text(sources, (struct span){file, 6, 11}), S("b = 2")));
    assert_int_equal(sources_text(sources, (struct span){file, 10, 99}).len, 2);
    assert_int_equal(sources_text(sources, (struct span){0, 1, 2}).len, 0);
}

static void joins(void **state) {
    (void)state;
    struct span a = {1, 2, 3}, b = {1, 7, 9}, none = {0}, both = span_join(a, b);
    assert_int_equal(both.start, 2);
    assert_int_equal(both.end, 9);
    assert_int_equal(span_join(none, b).start, 7);
    assert_int_equal(span_join(a, none).end, 3);
}

static const char *context(uint32_t file, uint32_t byte) {
    return str_c(arena, sources_context(arena, sources, file, byte));
}

static void context_of_blocks(void **state) {
    (void)state;
    uint32_t file = sources_add(sources, S("main.tf"), S("0123456789"));
    sources_add_block(sources, (struct span){file, 1, 4}, S("first"));
    sources_add_block(sources, (struct span){file, 6, 8}, S("second"));
    assert_string_equal(context(file, 0), "");
    assert_string_equal(context(file, 1), "first");
    assert_string_equal(context(file, 3), "first");
    assert_string_equal(context(file, 4), "");
    assert_string_equal(context(file, 7), "second");
    assert_string_equal(context(file, 9), "");
}

static void context_in_json(void **state) {
    (void)state;
    struct json_error error;
    struct str text = S("{\"resource\":{\"a\":[{\"b\":1}]}}");
    uint32_t file = sources_add(sources, S("main.tf.json"), text);
    sources_set_json(sources, file, json_parse(arena, text, &error));
    assert_string_equal(context(file, 23), "resource.a[0]");
    assert_string_equal(context(file, 2), "");
    /* Tabs are two columns wide there, and a span of one byte stays on its line. */
    text = S("\t{\n}");
    file = sources_add(sources, S("x.json"), text);
    sources_set_json(sources, file, json_parse(arena, text, &error));
    assert_int_equal(sources_place(sources, file, 1).column, 3);
    assert_int_equal(sources_end(sources, (struct span){file, 2, 3}).column, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ranges_in_prose, set_up, tear_down),
        cmocka_unit_test_setup_teardown(joins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(context_of_blocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(context_in_json, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
