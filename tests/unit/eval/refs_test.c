/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/refs.h"
#include "eval_fixture.h"

static void parsed(const char *text, const char *expected) {
    struct fixture f = fixture_new();
    struct refs refs = {0};
    struct buf out;
    bool ok = refs_of_expr(f.arena, fixture_parse(&f, text), &refs, f.diags);
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < refs.n; i++) {
        const struct ref *ref = &refs.at[i];
        buf_addf(&out, "%s%.*s", i ? " " : "", STR_ARG(refs_text(f.arena, ref)));
        if (ref->has_key && ref->key.kind == VALUE_STRING)
            buf_addf(&out, "[%.*s]", STR_ARG(value_str(ref->key)));
        else if (ref->has_key)
            buf_addf(&out, "[%d]", (int)ref->key.integer);
        buf_addf(&out, "+%u", ref->n_rest);
    }
    if (!ok)
        buf_addf(&out, "! %.*s", STR_ARG(f.diags->at[0].detail));
    assert_string_equal(buf_take(&out, f.arena).at, expected);
    fixture_free(&f);
}

static void names_are_told_apart(void **state) {
    (void)state;
    parsed("var.a", "var.a+0");
    parsed("var.a.b[0]", "var.a+2");
    parsed("aws_iam_user.u[\"x\"].arn", "aws_iam_user.u[x]+1");
    parsed("aws_iam_user.u[2]", "aws_iam_user.u[2]+0");
    parsed("resource.aws_iam_user.u.arn", "aws_iam_user.u+1");
    parsed("data.aws_iam_user.u.arn", "data.aws_iam_user.u+1");
    parsed("ephemeral.x.y", "ephemeral.x.y+0");
    parsed("module.m[0].out.x", "module.m[0]+2");
    parsed("each.value.user", "each.value+1");
    parsed("self.id", "self+1");
    parsed("provider::a::b(var.x)", "provider::a::b+0 var.x+0");
}

static void bound_names_are_none(void **state) {
    (void)state;
    parsed("[for k, v in var.m : \"${k}${v.x}${local.y}\" if k != var.z]",
           "var.m+0 local.y+0 var.z+0");
    parsed("{for v in [for v in var.a : v] : v => v}", "var.a+0");
    parsed("{a = 1, (var.k) = 2}", "var.k+0");
    parsed("var.a[*].b[var.i]", "var.a+0 var.i+0");
}

static void malformed_ones_say_why(void **state) {
    (void)state;
    parsed("var",
           "var.+0! The \"var\" object cannot be accessed directly. Instead, access one of its "
           "attributes.");
    parsed("local[0]", "! The \"local\" object does not support this operation.");
    parsed("a",
           "! A reference to a resource type must be followed by at least one attribute access, "
           "specifying the resource name.");
    parsed("data.x",
           "! The \"data\" object must be followed by two attribute names: the data source "
           "type and the resource name.");
}

static void free_names_are_found(void **state) {
    struct fixture f = fixture_new();
    struct str names[] = {S("a"), S("b")}, name;
    struct span span;
    (void)state;
    assert_false(
        refs_unbound(f.arena, fixture_parse(&f, "[for x in a : x + b.c]"), names, 2, &name, &span));
    assert_true(refs_unbound(f.arena, fixture_parse(&f, "a + d"), names, 2, &name, &span));
    assert_true(str_eq(name, S("d")));
    assert_true(refs_calls(f.arena, fixture_parse(&f, "[type(1)]"), S("type")));
    assert_false(refs_calls(f.arena, fixture_parse(&f, "[tobool(1)]"), S("type")));
    fixture_free(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_told_apart),
        cmocka_unit_test(bound_names_are_none),
        cmocka_unit_test(malformed_ones_say_why),
        cmocka_unit_test(free_names_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
