/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/utf8.h"

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

static void every_rune_survives_encoding(void **state) {
    (void)state;
    for (uint32_t rune = 0; rune <= 0x10ffff; rune++) {
        char bytes[4];
        size_t n = utf8_encode(rune, bytes), taken;
        struct str s = {bytes, n};
        if (rune >= 0xd800 && rune <= 0xdfff)
            continue;
        assert_int_equal(utf8_decode(s, &taken), rune);
        assert_int_equal(taken, n);
        if (n > 1)
            assert_int_equal(utf8_decode(str_slice(s, 0, n - 1), &taken), UTF8_INVALID);
    }
}

static void refuses_malformed_bytes(void **state) {
    (void)state;
    static const char *const rows[] = {
        "\x80",  "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80",
        "a\xff", "\xc3"};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_false(utf8_valid(str_from(rows[i])));
    assert_true(utf8_valid(S("a\xc3\xa9\xf0\x9f\x98\x80")));
}

static void counts_what_people_see(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t graphemes, width;
    } rows[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"e\xcc\x81", 1, 1},
        {"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", 1, 2},
        {"\xe4\xb8\xad", 1, 2},
        {"\r\n", 1, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(utf8_graphemes(str_from(rows[i].text)), rows[i].graphemes);
    assert_int_equal(utf8_width(S("a\xe4\xb8\xad")), 3);
}

static void normalises(void **state) {
    (void)state;
    struct str plain = S("plain");
    assert_ptr_equal(utf8_nfc(arena, plain).at, plain.at);
    assert_true(str_eq(utf8_nfc(arena, S("e\xcc\x81")), S("\xc3\xa9")));
    assert_int_equal(utf8_to_upper(0xe9), 0xc9);
    assert_int_equal(utf8_to_lower(0x130), 0x69);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rune_survives_encoding),
        cmocka_unit_test(refuses_malformed_bytes),
        cmocka_unit_test(counts_what_people_see),
        cmocka_unit_test(normalises),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
