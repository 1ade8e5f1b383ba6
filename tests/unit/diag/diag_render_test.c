/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "diag/diag_render.h"

static struct arena *arena;
static struct sources *sources;
static struct diags *diags;
static uint32_t file;

static const char source[] = "resource \"a\" \"b\" {\n"
                             "  name = upper(var.x)\n"
                             "\n"
                             "  list = [\n"
                             "    1,\n"
                             "  ]\n"
                             "}\n";

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    sources = sources_new(arena);
    diags = diags_new(arena);
    file = sources_add(sources, S("main.tf"), str_from(source));
    sources_add_block(sources, (struct span){file, 0, sizeof source - 2},
                      S("resource \"a\" \"b\""));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *text(const struct diag *diag, bool colour) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    diag_render_text(&out, diag, sources, colour, 78);
    return buf_take(&out, arena).at;
}

static const char *json(const struct diag *diag) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    diag_render_json(&out, diag, sources);
    return buf_take(&out, arena).at;
}

static struct span span_of(const char *part) {
    uint32_t start = (uint32_t)(strstr(source, part) - source);
    return (struct span){file, start, start + (uint32_t)strlen(part)};
}

static void without_a_place(void **state) {
    (void)state;
    struct span nowhere = {0};
    struct diag *diag = diags_error(diags, nowhere, "Bad thing", "First.\n\n  kept as it is");
    assert_string_equal(text(diag, false), "\nError: Bad thing\n\nFirst.\n\n  kept as it is\n");
    assert_string_equal(json(diag), "{\"severity\":\"error\",\"summary\":\"Bad thing\",\"detail\":"
                                    "\"First.\\n\\n  kept as it is\"}");
    diag->address = S("a.b");
    assert_string_equal(text(diag, false),
                        "\nError: Bad thing\n\n  with a.b,\nFirst.\n\n  kept as it is\n");
}

static void with_lines_and_values(void **state) {
    (void)state;
    static const struct diag_param params[] = {{STR("str"), STR("\"string\"")}};
    static const struct diag_call call = {STR("upper"), STR("upper"),     params, 1,
                                          false,        STR("\"string\"")};
    static const struct diag_value values[] = {{STR("var.x"), STR("is 3")},
                                               {STR("var.a"), STR("is null")}};
    struct diag *diag = diags_warn(diags, span_of("var.x"), "Odd", NULL);
    diag->values = values;
    diag->n_values = 2;
    diag->call = &call;
    diag->address = S("a.b");
    assert_string_equal(text(diag, false), "\nWarning: Odd\n\n"
                                           "  with a.b,\n"
                                           "  on main.tf line 2, in resource \"a\" \"b\":\n"
                                           "   2:   name = upper(var.x)\n"
                                           "    ├────────────────\n"
                                           "    │ while calling upper(str)\n"
                                           "    │ var.a is null\n"
                                           "    │ var.x is 3\n\n");
    assert_string_equal(
        json(diag),
        "{\"severity\":\"warning\",\"summary\":\"Odd\",\"detail\":\"\",\"address\":\"a.b\","
        "\"range\":{\"filename\":\"main.tf\",\"start\":{\"line\":2,\"column\":16,\"byte\":34},"
        "\"end\":{\"line\":2,\"column\":21,\"byte\":39}},"
        "\"snippet\":{\"context\":\"resource \\\"a\\\" \\\"b\\\"\",\"code\":\"  name = "
        "upper(var.x)\",\"start_line\":2,\"highlight_start_offset\":15,\"highlight_end_offset\":"
        "20,\"values\":[{\"traversal\":\"var.a\",\"statement\":\"is null\"},{\"traversal\":"
        "\"var.x\",\"statement\":\"is 3\"}],\"function_call\":{\"called_as\":\"upper\","
        "\"signature\":{\"name\":\"upper\",\"params\":[{\"name\":\"str\",\"type\":\"string\"}],"
        "\"return_type\":\"string\"}}}}");
}

static void in_colour(void **state) {
    (void)state;
    struct diag *diag = diags_error(diags, span_of("1"), "Bad", "Why.");
    diag->context = span_of("[\n    1,\n  ]");
    assert_string_equal(text(diag, true),
                        "\033[31m╷\033[0m\033[0m\n"
                        "\033[31m│\033[0m \033[0m\033[1m\033[31mError: \033[0m\033[0m\033[1mBad"
                        "\033[0m\n"
                        "\033[31m│\033[0m \033[0m\n"
                        "\033[31m│\033[0m \033[0m\033[0m  on main.tf line 5, in resource \"a\" "
                        "\"b\":\n"
                        "\033[31m│\033[0m \033[0m   4:   list = [\n"
                        "\033[31m│\033[0m \033[0m   5:     \033[4m1\033[0m,\n"
                        "\033[31m│\033[0m \033[0m   6:   ]\033[0m\n"
                        "\033[31m│\033[0m \033[0m\n"
                        "\033[31m│\033[0m \033[0mWhy.\n"
                        "\033[31m╵\033[0m\033[0m\n");
}

static void wraps_words(void **state) {
    (void)state;
    static const struct {
        const char *detail, *lines;
    } rows[] = {
        /* 77 columns fit. */
        {"aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaa b",
         "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaa\nb"},
        {"short", "short"},
        /* A word that fits no line gets one of its own but is not cut. */
        {"a bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb c",
         "a\nbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nc"},
        {"two  blanks", "two  blanks"},
    };
    struct span nowhere = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct diag *diag = diags_error(diags, nowhere, "x", "%s", rows[i].detail);
        struct str want = str_format(arena, "\nError: x\n\n%s\n", rows[i].lines);
        assert_string_equal(text(diag, false), want.at);
    }
}

/* An empty place at the end of the file is shown as one column. */
static void empty_place(void **state) {
    (void)state;
    uint32_t last = sizeof source - 1;
    struct diag *diag = diags_error(diags, (struct span){file, last, last}, "End", NULL);
    assert_string_equal(text(diag, false), "\nError: End\n\n  on main.tf line 8:\n   8: \n\n");
    assert_non_null(strstr(json(diag), "\"end\":{\"line\":8,\"column\":2,"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(with_lines_and_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_colour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wraps_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(empty_place, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
