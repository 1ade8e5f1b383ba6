/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/typeexpr.h"
#include "eval_fixture.h"
#include "value/convert.h"

static void check(const char *text, const char *json) {
    struct fixture f = fixture_new();
    const struct type *type;
    struct typeexpr_defaults *defaults;
    struct buf out;
    bool ok = typeexpr_parse(f.arena, fixture_parse(&f, text), &type, &defaults, f.diags);
    buf_init(&out, BUF_MAX_TEXT);
    if (ok)
        type_write_json(&out, type_without_optional(type));
    else
        buf_add(&out, f.diags->at[0].detail);
    assert_string_equal(buf_take(&out, f.arena).at, json);
    fixture_free(&f);
}

static void constraints_are_read(void **state) {
    (void)state;
    check("string", "\"string\"");
    check("any", "\"dynamic\"");
    check("map(list(number))", "[\"map\",[\"list\",\"number\"]]");
    check("object({a = string, b = optional(set(bool))})",
          "[\"object\",{\"a\":\"string\",\"b\":[\"set\",\"bool\"]}]");
    check("tuple([string, any])", "[\"tuple\",[\"string\",\"dynamic\"]]");
}

static void mistakes_are_named(void **state) {
    (void)state;
    check("list", "The list type constructor requires one argument specifying the element type.");
    check("strin", "The keyword \"strin\" is not a valid type specification.");
    check("string(1)", "Primitive type keyword \"string\" does not expect arguments.");
    check("optional(string)",
          "Keyword \"optional\" is valid only as a modifier for object type attributes.");
    check("object({a = optional(number, \"x\")})",
          "This default value is not compatible with the attribute's type constraint: a number is "
          "required.");
    check("1 + 2", "A type specification is either a primitive type keyword (bool, number, string) "
                   "or a complex type constructor call, like list(string).");
}

static void with_defaults(const char *constraint, const char *value, const char *json) {
    struct fixture f = fixture_new();
    const struct type *type;
    struct typeexpr_defaults *defaults;
    struct convert_error why;
    struct value v;
    struct buf out;
    assert_true(typeexpr_parse(f.arena, fixture_parse(&f, constraint), &type, &defaults, f.diags));
    v = typeexpr_apply(f.arena, defaults, fixture_eval(&f, value));
    assert_true(convert_value(f.arena, v, type, &v, &why));
    buf_init(&out, BUF_MAX_TEXT);
    as_json_write_plain(&out, v, 0, false);
    assert_string_equal(buf_take(&out, f.arena).at, json);
    fixture_free(&f);
}

static void defaults_fill_what_is_missing(void **state) {
    (void)state;
    with_defaults("object({a = string, b = optional(number, 7)})", "{a = 1}",
                  "{\"a\":\"1\",\"b\":7}");
    with_defaults("object({a = optional(string)})", "{}", "{\"a\":null}");
    with_defaults("object({a = optional(string, \"x\")})", "{a = null}", "{\"a\":\"x\"}");
    with_defaults("map(object({n = optional(number, 1)}))", "{x = {}, y = {n = 2}}",
                  "{\"x\":{\"n\":1},\"y\":{\"n\":2}}");
    with_defaults("list(object({n = optional(object({m = optional(bool, true)}), {})}))", "[{}]",
                  "[{\"n\":{\"m\":true}}]");
    with_defaults("tuple([string, object({n = optional(number, 3)})])", "[\"a\", {}]",
                  "[\"a\",{\"n\":3}]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constraints_are_read),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(defaults_fill_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
