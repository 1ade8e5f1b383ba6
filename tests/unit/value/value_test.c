/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/bignum.h"
#include "base/buf.h"
#include "base/json.h"
#include "value/as_json.h"
#include "value/ops.h"
#include "value/value.h"

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

static struct value string(const char *text) {
    return value_string(arena, str_from(text));
}

static const char *plain(struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    as_json_write_plain(&out, v, 0, false);
    return buf_take(&out, arena).at;
}

static const char *number(const char *text) {
    struct value v;
    assert_true(value_number_parse(arena, str_from(text), &v));
    return plain(v);
}

static void prints_numbers_as_shortest_decimals(void **state) {
    (void)state;
    static const struct {
        const char *text, *printed;
    } rows[] = {
        {"0", "0"},
        {"-0", "-0"},
        {"-7", "-7"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "9223372036854775808"},
        {"0.1", "0.1"},
        {"1e3", "1000"},
        {"1.50", "1.5"},
        {"123456789012345678901234567890.5", "123456789012345678901234567890.5"},
        {"1e-30", "0.000000000000000000000000000001"},
        {"-0.000244140625", "-0.000244140625"},
        {"1E+2", "100"},
        {".5", "0.5"},
        {"5.", "5"},
        {"3p4", "48"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(number(rows[i].text), rows[i].printed);
}

static void refuses_what_is_not_a_number(void **state) {
    (void)state;
    static const char *const rows[] = {"",   "-",           "+",    ".",     "e5",
                                       "1e", "1e+",         "0x10", "1_000", " 1",
                                       "1 ", "1e999999999", "nan",  "--1",   "1e++2"};
    struct value v;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_false(value_number_parse(arena, str_from(rows[i]), &v));
}

static void keeps_the_precision_of_doubles(void **state) {
    (void)state;
    assert_string_equal(plain(value_double(arena, 0.1)), "0.1");
    assert_string_equal(plain(value_double(arena, 1e21)), "1000000000000000000000");
    struct value third;
    assert_true(ops_divide(arena, value_int(1), value_int(3), &third));
    assert_string_equal(plain(third),
                        "0.33333333333333333333333333333333333333333333333333333333333333333333"
                        "3333333333333333333333333333333333333333333333333333333333333333333333"
                        "33333333333333335");
}

static void sorts_sets_as_the_reference(void **state) {
    (void)state;
    struct value strings[] = {string("b"), string("a"), string("B"), string("a")};
    assert_string_equal(plain(value_set(arena, type_string, strings, 4)), "[\"B\",\"a\",\"b\"]");
    struct value numbers[] = {value_int(10), value_int(9), value_double(arena, 9.5)};
    assert_string_equal(plain(value_set(arena, type_number, numbers, 3)), "[9,9.5,10]");
    struct value bools[] = {value_bool(true), value_bool(false)};
    assert_string_equal(plain(value_set(arena, type_bool, bools, 2)), "[false,true]");
    struct value ten = value_int(10), nine = value_int(9);
    struct value nested[] = {value_tuple(arena, &nine, 1), value_tuple(arena, &ten, 1)};
    assert_string_equal(plain(value_set(arena, value_type(nested[0]), nested, 2)), "[[10],[9]]");
}

static void puts_nulls_and_unknowns_last_in_sets(void **state) {
    (void)state;
    struct value at[] = {value_null(type_string), value_unknown(type_string), string("z"),
                         value_unknown(type_string)};
    struct value set = value_set(arena, type_string, at, 4);
    assert_int_equal(value_count(set), 4);
    assert_int_equal(value_at(set, 0).kind, VALUE_STRING);
    assert_int_equal(value_at(set, 1).kind, VALUE_UNKNOWN);
    assert_int_equal(value_at(set, 3).kind, VALUE_NULL);
    assert_false(value_is_wholly_known(set));
}

static void moves_marks_of_elements_to_the_set(void **state) {
    (void)state;
    struct value at[] = {value_mark(string("a"), VALUE_SENSITIVE), string("a")};
    struct value set = value_set(arena, type_string, at, 2);
    assert_int_equal(value_count(set), 1);
    assert_int_equal(value_marks(set), VALUE_SENSITIVE);
    assert_int_equal(value_marks(value_at(set, 0)), 0);
}

static void keeps_marks_inside_lists(void **state) {
    (void)state;
    struct value at[] = {value_mark(string("a"), VALUE_SENSITIVE), string("b")};
    struct value list = value_list(arena, type_string, at, 2);
    assert_int_equal(value_marks(list), 0);
    assert_int_equal(value_marks_inside(list), VALUE_SENSITIVE);
    struct value both = value_unmark(value_mark(list, VALUE_EPHEMERAL));
    assert_int_equal(value_marks_inside(both), VALUE_SENSITIVE);
    assert_int_equal(value_marks_inside(value_unmark_deep(arena, list)), 0);
    assert_true(value_same(value_at(value_unmark_deep(arena, list), 0), string("a")));
}

static void sorts_maps_and_lets_the_last_key_win(void **state) {
    (void)state;
    struct str keys[] = {S("b"), S("a"), S("b")};
    struct value at[] = {value_int(1), value_int(2), value_int(3)};
    struct value map = value_map(arena, type_number, keys, at, 3);
    assert_string_equal(plain(map), "{\"a\":2,\"b\":3}");
    struct value found;
    assert_true(value_get(map, S("b"), &found));
    assert_int_equal(found.integer, 3);
    assert_false(value_get(map, S("c"), &found));
}

static void orders_attributes_by_name(void **state) {
    (void)state;
    const struct name *names[] = {intern_name(S("z")), intern_name(S("a"))};
    struct value at[] = {value_int(1), string("x")};
    struct value object = value_object(arena, names, at, 2);
    assert_string_equal(plain(object), "{\"a\":\"x\",\"z\":1}");
    assert_ptr_equal(value_type(object)->items[0], type_string);
}

static void normalises_text(void **state) {
    (void)state;
    assert_true(value_same(string("e\xcc\x81"), string("\xc3\xa9")));
}

static void knows_a_list_whose_length_is_known(void **state) {
    (void)state;
    struct value_unknown what = {
        .type = type_list(type_string), .not_null = true, .min_length = 2, .max_length = 2};
    struct value list = value_unknown_refined(arena, &what);
    assert_int_equal(list.kind, VALUE_LIST);
    assert_int_equal(value_count(list), 2);
}

static void copies_into_another_arena(void **state) {
    (void)state;
    struct arena *other = arena_new();
    struct value at[] = {value_mark(value_string(other, S("x")), VALUE_SENSITIVE),
                         value_unknown(type_string)};
    struct value tuple = value_tuple(other, at, 2);
    struct value copy = value_copy(arena, tuple);
    assert_true(value_same(copy, tuple));
    arena_free(other);
    assert_string_equal(plain(copy), "[\"x\",null]");
}

static void sets_of_many_elements_take_no_quadratic_time(void **state) {
    (void)state;
    size_t n = 100000;
    struct value *at = arena_array(arena, n, sizeof *at);
    const struct name *names[] = {intern_name(S("id"))};
    for (size_t i = 0; i < n; i++) {
        struct value id = value_int((int64_t)((i * 7919) % 50000));
        at[i] = value_object(arena, names, &id, 1);
    }
    struct value set = value_set(arena, value_type(at[0]), at, n);
    assert_int_equal(value_count(set), 50000);
}

static void multiplies_in_wide_precision(void **state) {
    (void)state;
    struct value product = ops_multiply(arena, value_int(INT64_MAX), value_int(INT64_MAX));
    assert_string_equal(plain(product), "85070591730234615847396907784232501249");
    assert_string_equal(plain(ops_add(arena, value_int(INT64_MAX), value_int(1))),
                        "9223372036854775808");
    assert_string_equal(plain(ops_negate(arena, value_int(INT64_MIN))), "9223372036854775808");
}

static struct value parsed(const char *text) {
    struct value v;
    assert_true(value_number_parse(arena, str_from(text), &v));
    return v;
}

/* Whatever is printed reads back as the same number, and no shorter text would. */
static void random_numbers_survive_print_and_parse(void **state) {
    (void)state;
    srand(7);
    for (int i = 0; i < 300; i++) {
        struct value a =
            parsed(str_format(arena, "%d.%09d%09de%d", rand() % 1000, rand() % 1000000000,
                              rand() % 1000000000, rand() % 80 - 40)
                       .at);
        struct value b = value_int(rand() % 9973 + 1);
        struct value quotient;
        assert_true(ops_divide(arena, a, b, &quotient));
        const char *text = plain(quotient);
        assert_true(value_same(parsed(text), quotient));
        if (quotient.kind == VALUE_BIGNUM && strchr(text, '.')) {
            struct str shorter = str_dup(arena, (struct str){text, strlen(text) - 1});
            assert_false(value_same(parsed(shorter.at), quotient));
        }
    }
}

static void formats_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char verb;
        int precision;
        const char *printed;
    } rows[] = {
        {"1.005", 'f', 2, "1.00"},      {"1.5", 'f', 0, "2"},
        {"2.5", 'f', 0, "2"},           {"0.06", 'f', 1, "0.1"},
        {"123456", 'e', 2, "1.23e+05"}, {"0", 'e', 2, "0.00e+00"},
        {"1e10", 'g', 10, "1e+10"},     {"1234567", 'g', 10, "1234567"},
        {"0.00001", 'g', -1, "1e-05"},  {"0.0001", 'g', -1, "0.0001"},
        {"1e21", 'g', -1, "1e+21"},     {"-12.5", 'f', -1, "-12.5"},
        {"99.99", 'f', 1, "100.0"},     {"0.4", 'f', 0, "0"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        bignum_format(&out, bignum_parse(arena, str_from(rows[i].text)), rows[i].verb,
                      rows[i].precision);
        assert_string_equal(buf_take(&out, arena).at, rows[i].printed);
    }
}

static void reads_whole_numbers_in_a_base(void **state) {
    (void)state;
    assert_string_equal(plain(value_bignum(bignum_parse_base(arena, S("ff"), 16))), "255");
    assert_string_equal(plain(value_bignum(bignum_parse_base(arena, S("-FF"), 16))), "-255");
    assert_string_equal(plain(value_bignum(bignum_parse_base(arena, S("aA"), 62))), "656");
    assert_null(bignum_parse_base(arena, S("12 "), 10));
    assert_null(bignum_parse_base(arena, S("9"), 8));
    assert_null(bignum_parse_base(arena, S("-"), 8));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_numbers_as_shortest_decimals),
        cmocka_unit_test(refuses_what_is_not_a_number),
        cmocka_unit_test(keeps_the_precision_of_doubles),
        cmocka_unit_test(sorts_sets_as_the_reference),
        cmocka_unit_test(puts_nulls_and_unknowns_last_in_sets),
        cmocka_unit_test(moves_marks_of_elements_to_the_set),
        cmocka_unit_test(keeps_marks_inside_lists),
        cmocka_unit_test(sorts_maps_and_lets_the_last_key_win),
        cmocka_unit_test(orders_attributes_by_name),
        cmocka_unit_test(normalises_text),
        cmocka_unit_test(knows_a_list_whose_length_is_known),
        cmocka_unit_test(copies_into_another_arena),
        cmocka_unit_test(sets_of_many_elements_take_no_quadratic_time),
        cmocka_unit_test(multiplies_in_wide_precision),
        cmocka_unit_test(random_numbers_survive_print_and_parse),
        cmocka_unit_test(formats_numbers),
        cmocka_unit_test(reads_whole_numbers_in_a_base),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
