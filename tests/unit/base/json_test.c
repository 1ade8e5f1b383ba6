/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"

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

static const char *rewritten(const char *text, int indent, bool html) {
    struct json_error error;
    struct json *json = json_parse(arena, str_from(text), &error);
    assert_non_null(json);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    json_write(&out, json, indent, html);
    return buf_take(&out, arena).at;
}

static void reads_and_writes(void **state) {
    (void)state;
    static const struct {
        const char *text, *written;
    } rows[] = {
        {" null ", "null"},
        {"true", "true"},
        {"-0", "-0"},
        {"1.50e+3", "1.50e+3"},
        {"123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"},
        {"\"\"", "\"\""},
        {"\"\\u0041\\u00e9\\ud83d\\ude00\"", "\"A\xc3\xa9\xf0\x9f\x98\x80\""},
        {"\"\\n\\t\\\"\\\\\\/\\b\\f\\r\\u0001\"", "\"\\n\\t\\\"\\\\/\\b\\f\\r\\u0001\""},
        {"[ 1 , [ ] , { } ]", "[1,[],{}]"},
        {"{\"b\":1,\"a\":2,\"b\":3}", "{\"b\":1,\"a\":2,\"b\":3}"},
        {"\"\\ud800\"", "\"\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(rewritten(rows[i].text, 0, false), rows[i].written);
}

static void writes_as_go_does(void **state) {
    (void)state;
    assert_string_equal(rewritten("\"<a>&\"", 0, true), "\"\\u003ca\\u003e\\u0026\"");
    assert_string_equal(rewritten("\"\\u2028\"", 0, true), "\"\\u2028\"");
    assert_string_equal(rewritten("{\"a\":[1,{}],\"b\":[]}", 2, false),
                        "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

static void refuses_with_a_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t at;
    } rows[] = {
        {"", 0},         {"[1,]", 3},  {"{\"a\"}", 4}, {"01", 1},      {"1.", 2},
        {"\"a", 2},      {"[1 2]", 3}, {"tru", 3},     {"{} x", 3},    {"{a:1}", 1},
        {"\"\x01\"", 1}, {"+1", 0},    {".5", 0},      {"\"\\x\"", 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json_error error = {.at = UINT32_MAX};
        assert_null(json_parse(arena, str_from(rows[i].text), &error));
        assert_true(error.text.len > 0);
        /* Within one byte of where a reader would look. */
        assert_in_range(error.at, rows[i].at ? rows[i].at - 1 : 0, rows[i].at + 1);
    }
}

static void bounds_nesting(void **state) {
    (void)state;
    struct json_error error;
    for (int depth = JSON_MAX_DEPTH - 1; depth <= JSON_MAX_DEPTH * 100; depth *= 100) {
        struct buf text;
        buf_init(&text, BUF_MAX_TEXT);
        buf_fill(&text, '[', (size_t)depth);
        buf_fill(&text, ']', (size_t)depth);
        struct json *json = json_parse(arena, buf_str(&text), &error);
        assert_true((json != NULL) == (depth < JSON_MAX_DEPTH));
        buf_clear(&text);
    }
}

static void knows_where_things_are(void **state) {
    (void)state;
    struct json_error error;
    struct str text = S("{\"ab\": [10, \"x\"]}");
    struct json *json = json_parse(arena, text, &error);
    assert_int_equal(json->members[0].name_start, 1);
    assert_int_equal(json->members[0].name_end, 5);
    struct json *list = json_get(json, S("ab"));
    assert_int_equal(list->start, 7);
    assert_int_equal(list->end, 16);
    assert_int_equal(list->items[1].start, 12);
}

static void last_duplicate_wins_when_sorted(void **state) {
    (void)state;
    struct json_error error;
    struct json *json = json_parse(arena, S("{\"b\":1,\"a\":{\"d\":1,\"c\":2},\"b\":3}"), &error);
    int64_t i;
    assert_true(json_get_int(json, S("b"), &i));
    assert_int_equal(i, 3);
    json_sort(json);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    json_write(&out, json, 0, false);
    assert_string_equal(buf_take(&out, arena).at, "{\"a\":{\"c\":2,\"d\":1},\"b\":3}");
}

/* Random documents survive writing and reading, and no prefix of one is a document. */
static void random_value(struct buf *out, int depth) {
    int dice = rand() % (depth > 4 ? 4 : 6);
    if (dice == 0)
        buf_add_c(out, rand() % 2 ? "true" : "null");
    else if (dice == 1)
        buf_addf(out, "%d.%de%d", rand() % 1000, rand() % 1000, rand() % 20 - 10);
    else if (dice < 4)
        buf_addf(out, "\"k%d\\n\xc3\xa9\"", rand() % 9);
    else {
        buf_byte(out, dice == 4 ? '[' : '{');
        for (int i = 0, n = rand() % 4; i < n; i++) {
            if (i)
                buf_byte(out, ',');
            if (dice == 5)
                buf_addf(out, "\"m%d\":", i);
            random_value(out, depth + 1);
        }
        buf_byte(out, dice == 4 ? ']' : '}');
    }
}

static void random_documents_round_trip(void **state) {
    (void)state;
    srand(3);
    for (int i = 0; i < 500; i++) {
        struct buf text;
        buf_init(&text, BUF_MAX_TEXT);
        buf_byte(&text, '[');
        random_value(&text, 0);
        buf_byte(&text, ']');
        struct str whole = buf_take(&text, arena);
        assert_string_equal(rewritten(whole.at, 0, false), whole.at);
        struct json_error error;
        for (size_t n = 0; n < whole.len; n += 1 + whole.len / 16)
            assert_null(json_parse(arena, str_slice(whole, 0, n), &error));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(writes_as_go_does),
        cmocka_unit_test(refuses_with_a_place),
        cmocka_unit_test(bounds_nesting),
        cmocka_unit_test(knows_where_things_are),
        cmocka_unit_test(last_duplicate_wins_when_sorted),
        cmocka_unit_test(random_documents_round_trip),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
