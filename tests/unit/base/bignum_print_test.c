/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers read and printed here against MPFR's own printing, over a million random ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <mpfr.h>

#include "base/arena.h"
#include "base/bignum.h"

enum { VALUES = 1000000, VALUES_PER_ARENA = 1000, TEXT_MAX = 512 };

static uint64_t seed;

/* The same numbers on every machine; rand() does not promise that. */
static uint64_t draw(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

/* Decimal text of one to 57 digits, with a fraction and an exponent more often than not. */
static void draw_text(char *text) {
    int n = snprintf(text, TEXT_MAX, "%s%llu", draw(2) ? "-" : "",
                     (unsigned long long)draw(UINT64_C(1) << draw(64)));
    if (draw(4))
        n += snprintf(text + n, TEXT_MAX - n, ".%0*llu", (int)draw(38) + 1,
                      (unsigned long long)draw(UINT64_C(1) << draw(64)));
    if (draw(2))
        snprintf(text + n, TEXT_MAX - n, "e%d", (int)draw(81) - 40);
}

/* A decimal of one digit less than the shortest must stand for another number. */
static void check_shortest(mpfr_srcptr f, const char *text) {
    char shorter[TEXT_MAX];
    mpfr_t back;
    mpfr_init2(back, mpfr_get_prec(f));
    mpfr_set_str(back, text, 10, MPFR_RNDN);
    assert_true(mpfr_equal_p(back, f));
    int digits = (int)(strcspn(text + (*text == '-'), "e")) - (strchr(text, '.') != NULL);
    if (digits > 1) {
        mpfr_snprintf(shorter, sizeof shorter, "%.*Re", digits - 2, f);
        mpfr_set_str(back, shorter, 10, MPFR_RNDN);
        assert_false(mpfr_equal_p(back, f));
    }
    mpfr_clear(back);
}

static const char *formatted(struct arena *arena, const struct bignum *b, char verb,
                             int precision) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    bignum_format(&out, b, verb, precision);
    return buf_take(&out, arena).at;
}

static void check_printing(struct arena *arena, mpfr_srcptr f, const struct bignum *b) {
    char expected[TEXT_MAX];
    char verb = draw(2) ? 'f' : 'e';
    int precision = (int)draw(40);
    mpfr_snprintf(expected, sizeof expected, verb == 'f' ? "%.*Rf" : "%.*Re", precision, f);
    assert_string_equal(formatted(arena, b, verb, precision), expected);
    if (draw(4) == 0)
        check_shortest(f, formatted(arena, b, 'e', -1));
}

static void prints_text_as_mpfr(void **state) {
    (void)state;
    char text[TEXT_MAX];
    mpfr_t f;
    mpfr_init2(f, BIGNUM_BITS);
    seed = 88172645463325252;
    struct arena *arena = arena_new();
    for (int i = 0; i < VALUES / 2; i++) {
        if (i % VALUES_PER_ARENA == 0)
            arena_reset(arena);
        draw_text(text);
        mpfr_set_str(f, text, 10, MPFR_RNDN);
        check_printing(arena, f, bignum_parse(arena, str_from(text)));
    }
    arena_free(arena);
    mpfr_clear(f);
}

static void prints_doubles_as_mpfr(void **state) {
    (void)state;
    mpfr_t f;
    mpfr_init2(f, 53);
    seed = 362436069;
    struct arena *arena = arena_new();
    for (int i = 0; i < VALUES / 2; i++) {
        if (i % VALUES_PER_ARENA == 0)
            arena_reset(arena);
        double d = ldexp((double)(int64_t)(draw(UINT64_C(1) << 54) - (UINT64_C(1) << 53)),
                         (int)draw(160) - 120);
        mpfr_set_d(f, d, MPFR_RNDN);
        check_printing(arena, f, bignum_from_double(arena, d));
    }
    arena_free(arena);
    mpfr_clear(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_text_as_mpfr),
        cmocka_unit_test(prints_doubles_as_mpfr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
