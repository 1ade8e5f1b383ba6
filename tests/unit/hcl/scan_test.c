/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "hcl/scan.h"

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

/* Token texts with bars between, newlines shown as ~; kinds only where they are in question. */
static const char *texts(struct str text, enum scan_mode mode) {
    struct tokens tokens = scan_text(arena, text, mode);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    uint32_t end = 0;
    for (size_t i = 0; i + 1 < tokens.n; i++) {
        struct token token = tokens.at[i];
        assert_true(token.start >= end && token.end > token.start);
        end = token.end;
        buf_add_c(&out, i ? "|" : "");
        for (uint32_t k = token.start; k < token.end; k++)
            buf_byte(&out, text.at[k] == '\n' ? '~' : text.at[k]);
    }
    assert_int_equal(tokens.at[tokens.n - 1].kind, TOKEN_EOF);
    return buf_take(&out, arena).at;
}

static void splits(void **state) {
    (void)state;
    static const struct {
        const char *text, *tokens;
    } rows[] = {
        {"a=1 # c\nb", "a|=|1|# c~|b"},
        {"1.5 1...x 1e5 1e-5 1ex 1.a", "1.5|1|...|x|1e5|1e-5|1|ex|1|.|a"},
        {"a>=b<=c==d!=e=>f&&g||h::i", "a|>=|b|<=|c|==|d|!=|e|=>|f|&&|g||||h|::|i"},
        {"/* a\n*/ b // c", "/* a~*/|b|// c"},
        {"/* open", "/|*|open"},
        {"\"a${b}c\"", "\"|a|${|b|}|c|\""},
        {"\"a${ {x=\"}\"} ~}\"", "\"|a|${|{|x|=|\"|}|\"|}|~}|\""},
        {"\"$${a}%%{b}$\"", "\"|$${a}%%{b}$|\""},
        {"\"\\\"\"", "\"|\\\"|\""},
        {"<<A\nx ${y}\n A \nz", "<<A~|x |${|y|}|~| A |~|z"},
        {"<<A\nA", "<<A~|A"},
        {"a<<b", "a|<|<|b"},
        {"été-1 _x x-", "été-1|_x|x-"},
        {"\xEF\xBB\xBF"
         "a",
         "a"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(texts(str_from(rows[i].text), SCAN_NORMAL), rows[i].tokens);
    assert_string_equal(texts(S("a\n\"${b}\n"), SCAN_TEMPLATE), "a~|\"|${|b|}|~");
}

static void knows_what_is_never_valid(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum token_kind kind;
    } rows[] = {
        {"'", TOKEN_APOSTROPHE},  {"`", TOKEN_BACKTICK},        {";", TOKEN_SEMICOLON},
        {"&", TOKEN_BITWISE_AND}, {"$", TOKEN_INVALID},         {"\r", TOKEN_INVALID},
        {"\x80", TOKEN_BAD_UTF8}, {"\xE2\x82", TOKEN_BAD_UTF8}, {"→", TOKEN_INVALID},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tokens tokens = scan_text(arena, str_from(rows[i].text), SCAN_NORMAL);
        assert_int_equal(tokens.at[0].kind, rows[i].kind);
        assert_true(tokens.suspicious);
    }
    struct tokens tokens = scan_text(arena, S("\"a\n\""), SCAN_NORMAL);
    assert_int_equal(tokens.at[2].kind, TOKEN_QUOTED_NEWLINE);
    assert_false(scan_text(arena, S("a = \"b\" # '"), SCAN_NORMAL).suspicious);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(splits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_what_is_never_valid, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
