/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply/compat.h"
#include "apply/gostring.h"
#include "apply/settle.h"
#include "base/arena.h"
#include "base/buf.h"

static struct value text(struct arena *arena, const char *s) {
    return value_string(arena, str_from(s));
}

static struct value pair(struct arena *arena, struct value a, struct value b) {
    const struct name *names[] = {intern_name(S("a")), intern_name(S("b"))};
    struct value values[] = {a, b};
    return value_object(arena, names, values, 2);
}

static void unknown_parts_take_the_final_value(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct value unknown = value_unknown(type_string);
    struct value planned[] = {text(arena, "planned"), unknown};
    struct value final[] = {text(arena, "other"), text(arena, "now")};
    struct value got =
        settle_planned(arena, pair(arena, unknown, value_list(arena, type_string, planned, 2)),
                       pair(arena, unknown, value_list(arena, type_string, final, 2)));
    struct value want[] = {text(arena, "planned"), text(arena, "now")};
    assert_true(value_same(value_attr(got, S("b")), value_list(arena, type_string, want, 2)));
    assert_false(value_is_known(value_attr(got, S("a"))));
    got = settle_known(arena, got);
    assert_true(value_is_null(value_attr(got, S("a"))));
    assert_true(value_is_wholly_known(got));
    arena_free(arena);
}

static const struct schema_block *block_of(struct arena *arena, const struct type *a,
                                           const struct type *b, bool sensitive) {
    struct schema_attr *attrs = arena_array(arena, 2, sizeof *attrs);
    attrs[0] = (struct schema_attr){.name = S("a"), .type = a, .computed = true};
    attrs[1] =
        (struct schema_attr){.name = S("b"), .type = b, .optional = true, .sensitive = sensitive};
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    block->attrs = attrs;
    block->n_attrs = 2;
    return block;
}

static void assert_problem(struct arena *arena, const struct schema_block *block,
                           struct value planned, struct value actual, const char *want) {
    struct compat_problems problems = {0};
    compat_check(arena, block, planned, actual, &problems);
    assert_int_equal(problems.n, want ? 1 : 0);
    if (want)
        assert_string_equal(str_c(arena, problems.at[0]), want);
}

static void results_are_held_against_the_plan(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct type *list = type_list(type_string);
    const struct schema_block *block = block_of(arena, type_string, list, false);
    struct value x = text(arena, "x"), y = text(arena, "y");
    struct value unknown = value_unknown(type_string);
    struct value one = value_list(arena, type_string, &x, 1);
    struct value other = value_list(arena, type_string, &y, 1);
    struct value none = value_list(arena, type_string, NULL, 0);
    assert_problem(arena, block, pair(arena, unknown, one), pair(arena, y, one), NULL);
    assert_problem(arena, block, pair(arena, x, one), pair(arena, x, other),
                   ".b[0]: was cty.StringVal(\"x\"), but now cty.StringVal(\"y\")");
    assert_problem(arena, block, pair(arena, x, one), pair(arena, x, none),
                   ".b: element 0 has vanished");
    assert_problem(arena, block, pair(arena, x, none), pair(arena, x, one),
                   ".b: new element 0 has appeared");
    assert_problem(arena, block, pair(arena, x, one), pair(arena, value_null(type_string), one),
                   ".a: was cty.StringVal(\"x\"), but now null");
    assert_problem(arena, block, pair(arena, x, one), value_null(schema_type(block)),
                   "root object was present, but now absent");
    const struct schema_block *secret = block_of(arena, type_string, list, true);
    assert_problem(arena, secret, pair(arena, x, one), pair(arena, x, other),
                   ".b: inconsistent values for sensitive attribute");
    arena_free(arena);
}

static void sets_are_matched_without_order(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct schema_block *block = block_of(arena, type_string, type_set(type_string), false);
    struct value x = text(arena, "x");
    struct value xy[] = {x, text(arena, "y")}, yx[] = {xy[1], x}, xz[] = {x, text(arena, "z")};
    struct value planned = pair(arena, x, value_set(arena, type_string, xy, 2));
    assert_problem(arena, block, planned, pair(arena, x, value_set(arena, type_string, yx, 2)),
                   NULL);
    assert_problem(arena, block, planned, pair(arena, x, value_set(arena, type_string, xz, 2)),
                   ".b: planned set element cty.StringVal(\"y\") does not correlate with any "
                   "element in actual");
    arena_free(arena);
}

static void values_read_as_go_writes_them(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct value parts[] = {value_int(1), value_bool(true), text(arena, "a\"\n"),
                            value_null(type_number), value_unknown(type_list(type_string))};
    assert_string_equal(str_c(arena, gostring_value(arena, value_tuple(arena, parts, 5))),
                        "cty.TupleVal([]cty.Value{cty.NumberIntVal(1), cty.True, "
                        "cty.StringVal(\"a\\\"\\n\"), cty.NullVal(cty.Number), "
                        "cty.UnknownVal(cty.List(cty.String))})");
    assert_string_equal(
        str_c(arena, gostring_value(arena, value_map(arena, type_string, NULL, NULL, 0))),
        "cty.MapValEmpty(cty.String)");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_parts_take_the_final_value),
        cmocka_unit_test(results_are_held_against_the_plan),
        cmocka_unit_test(sets_are_matched_without_order),
        cmocka_unit_test(values_read_as_go_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
