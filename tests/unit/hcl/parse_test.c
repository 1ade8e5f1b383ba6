/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds and places; what the trees look like is in tests/hcl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "hcl/parse.h"

static struct arena *arena;
static struct sources *sources;
static struct diags *diags;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    sources = sources_new(arena);
    diags = diags_new(arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static uint32_t add(struct str text) {
    return sources_add(sources, S("f"), text);
}

static struct str repeated(const char *head, const char *part, size_t n, const char *tail) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_add_c(&out, head);
    for (size_t i = 0; i < n; i++)
        buf_add_c(&out, part);
    buf_add_c(&out, tail);
    return buf_take(&out, arena);
}

/* One clear error each, whatever is nested. */
static void bounds_nesting(void **state) {
    (void)state;
    static const struct {
        const char *head, *part, *tail;
    } rows[] = {
        {"a = ", "[", ""},     {"a = ", "(", ""},          {"a = ", "{b=", ""}, {"a = ", "f(", ""},
        {"a = ", "\"${", ""},  {"a = ", "!", "x"},         {"a = ", "-", "1"},  {"a = ", "1+", "1"},
        {"a = x", "[y]", ""},  {"a = x", "[*].a", ""},     {"a = ", "x?", ""},  {"", "b {\n", ""},
        {"a = ", "x?y:", "z"}, {"a = ", "[for x in ", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str text = repeated(rows[i].head, rows[i].part, 100000, rows[i].tail);
        parse_file(arena, sources, add(text), diags);
        assert_int_equal(diags->n, 1);
        assert_string_equal(diags->at[0].summary.at, "Expression nested too deeply");
        diags_truncate(diags, 0);
    }
    struct str text = repeated("", "[", 100000, "");
    parse_json_file(arena, sources, add(text), diags);
    assert_int_equal(diags->n, 1);
    assert_string_equal(diags->at[0].summary.at, "JSON value nested too deeply");
}

/* What people write stays far below the bounds. */
static void allows_much(void **state) {
    (void)state;
    parse_file(arena, sources, add(repeated("a = ", "[", 900, repeated("", "]", 900, "\n").at)),
               diags);
    parse_file(arena, sources, add(repeated("a = x", "+ y", 1500, "\n")), diags);
    parse_file(arena, sources, add(repeated("a = x", ".y[0]", 50000, "\n")), diags);
    parse_file(arena, sources, add(repeated("a = [", "1,", 100000, "]\n")), diags);
    assert_int_equal(diags->n, 0);
}

static void blocks_have_places(void **state) {
    (void)state;
    struct str text = S("resource \"a\" b {\n  c = 1 + 2\n}\n");
    uint32_t file = add(text);
    struct body *body = parse_file(arena, sources, file, diags);
    assert_int_equal(body->n_blocks, 1);
    const struct block *block = &body->blocks[0];
    assert_true(str_eq(sources_text(sources, block->header), S("resource \"a\" b")));
    assert_true(str_eq(sources_text(sources, block->label_spans[0]), S("\"a\"")));
    assert_true(str_eq(block->labels[0], S("a")));
    assert_true(str_eq(sources_text(sources, block->close_brace), S("}")));
    const struct attribute *attr = &block->body->attributes[0];
    assert_true(str_eq(sources_text(sources, attr->span), S("c = 1 + 2")));
    assert_true(str_eq(sources_text(sources, expr_span(attr->expr)), S("1 + 2")));
    struct str context = sources_context(arena, sources, file, attr->span.start);
    assert_string_equal(str_c(arena, context), "resource \"a\" \"b\"");
}

static void traversals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int steps; /* -1: an error */
    } rows[] = {
        {"a", 0},       {"a.b[0].c[\"d e\"]", 4},
        {" a . b ", 1}, {"a[\"$${x}\"]", 1},
        {"", -1},       {"a.", -1},
        {"a[b]", -1},   {"a.*", -1},
        {"a[*]", -1},   {"a b", -1},
        {"a[-1]", -1},  {"a[\"${b}\"]", -1},
        {"a[0", -1},    {"1a", -1},
        {"a.0", -1},    {"a['x']", -1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct traversal traversal;
        bool ok = parse_traversal(arena, sources, add(str_from(rows[i].text)), &traversal, diags);
        assert_int_equal(ok ? (int)traversal.n : -1, rows[i].steps);
        assert_int_equal(ok, !diags_failed(diags));
        diags_truncate(diags, 0);
    }
}

static void identifiers(void **state) {
    (void)state;
    static const char *const good[] = {"a", "_", "a-b_1", "été", "a-"};
    static const char *const bad[] = {"", "1", "-a", "a b", "a.b", "a\n", "$"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(parse_is_identifier(str_from(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(parse_is_identifier(str_from(bad[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bounds_nesting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(allows_much, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocks_have_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(traversals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(identifiers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
