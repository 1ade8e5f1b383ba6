/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "base/bignum.h"

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

static const char *formatted(const struct bignum *b, char verb, int precision) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    bignum_format(&out, b, verb, precision);
    return buf_take(&out, arena).at;
}

/* What printf prints of a double is the rounded exact value; so is what we print. */
static void prints_doubles_as_printf(void **state) {
    (void)state;
    srand(5);
    for (int i = 0; i < 2000; i++) {
        uint64_t bits = ((uint64_t)rand() << 40) ^ ((uint64_t)rand() << 20) ^ (uint64_t)rand();
        bits = (bits & UINT64_C(0x800fffffffffffff)) | (uint64_t)(rand() % 200 + 923) << 52;
        double d;
        memcpy(&d, &bits, sizeof d);
        const struct bignum *b = bignum_from_double(arena, d);
        int precision = rand() % 20;
        char text[400];
        snprintf(text, sizeof text, "%.*f", precision, d);
        assert_string_equal(formatted(b, 'f', precision), text);
        snprintf(text, sizeof text, "%.*e", precision, d);
        assert_string_equal(formatted(b, 'e', precision), text);
        /* The shortest text reads back as the same double. */
        assert_true(strtod(formatted(b, 'f', -1), NULL) == d);
        assert_true(strlen(formatted(b, 'e', -1)) <= 24);
    }
}

static void computes_exactly_within_512_bits(void **state) {
    (void)state;
    const struct bignum *tenth = bignum_parse(arena, S("0.1"));
    const struct bignum *product = bignum_multiply(arena, tenth, bignum_from_int(arena, 3));
    assert_string_equal(formatted(product, 'f', -1), "0.3");
    const struct bignum *factorial = bignum_from_int(arena, 1);
    for (int i = 2; i <= 60; i++)
        factorial = bignum_multiply(arena, factorial, bignum_from_int(arena, i));
    assert_string_equal(
        formatted(factorial, 'f', -1),
        "8320987112741390144276341183223364380754172606361245952449277696409600000000000000");
    int64_t small;
    assert_false(bignum_to_int(factorial, &small));
    for (int i = 60; i >= 2; i--)
        factorial = bignum_divide(arena, factorial, bignum_from_int(arena, i));
    assert_true(bignum_to_int(factorial, &small));
    assert_int_equal(small, 1);
}

static void bounds_what_grows(void **state) {
    (void)state;
    const struct bignum *b = bignum_parse(arena, S("1e100000"));
    for (int i = 0; i < 80; i++)
        b = bignum_multiply(arena, b, b);
    assert_true(bignum_is_infinite(b));
    assert_string_equal(formatted(b, 'f', -1), "+Inf");
    b = bignum_parse(arena, S("1e-100000"));
    for (int i = 0; i < 80; i++)
        b = bignum_multiply(arena, b, b);
    assert_int_equal(bignum_sign(b), 0);
    const struct bignum *infinite = bignum_parse(arena, S("-inf"));
    assert_true(bignum_is_infinite(bignum_subtract(arena, infinite, infinite)));
    assert_null(bignum_parse(arena, S("1e100001")));
}

static void rounds_to_whole_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text, *floor, *ceil;
    } rows[] = {{"1.5", "1", "2"}, {"-1.5", "-2", "-1"}, {"7", "7", "7"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct bignum *b = bignum_parse(arena, str_from(rows[i].text));
        assert_string_equal(formatted(bignum_floor(arena, b), 'f', -1), rows[i].floor);
        assert_string_equal(formatted(bignum_ceil(arena, b), 'f', -1), rows[i].ceil);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_doubles_as_printf),
        cmocka_unit_test(computes_exactly_within_512_bits),
        cmocka_unit_test(bounds_what_grows),
        cmocka_unit_test(rounds_to_whole_numbers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
