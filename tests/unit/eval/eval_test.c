/* SPDX-License-Identifier: Apache-2.0 */
#include "eval_fixture.h"
#include "provider/provider.h"

/* A resource of many instances, of which each get() counts what was built. */
struct world {
    int wholes, instances;
};

static struct value user(struct arena *arena, struct str name) {
    const struct name *names[] = {intern_name(S("name"))};
    struct value attrs[] = {value_string(arena, name)};
    return value_object(arena, names, attrs, 1);
}

static bool get(const struct scope *scope, struct arena *arena, const struct ref *ref,
                const struct value *key, struct value *ret_value, bool *ret_used_key,
                struct diags *diags) {
    struct world *world = scope->context;
    const struct name *names[] = {intern_name(S("a")), intern_name(S("b"))};
    struct value users[] = {user(arena, S("alice")), user(arena, S("bob"))};
    if (ref->kind == REF_VARIABLE && str_eq(ref->name, S("secret"))) {
        *ret_value = value_mark(value_string(arena, S("s3")), VALUE_SENSITIVE);
        return true;
    }
    if (ref->kind == REF_VARIABLE && str_eq(ref->name, S("later"))) {
        *ret_value = value_unknown(type_string);
        return true;
    }
    if (ref->kind == REF_VARIABLE && str_eq(ref->name, S("n"))) {
        *ret_value = value_int(3);
        return true;
    }
    if (ref->kind != REF_MANAGED || !str_eq(ref->name, S("users"))) {
        diags_error(diags, ref->span, "Reference to undeclared resource", NULL);
        return false;
    }
    struct str k = key ? value_str(*key) : S("");
    if (key && (str_eq(k, S("a")) || str_eq(k, S("b")))) {
        world->instances++;
        *ret_value = users[k.at[0] - 'a'];
        *ret_used_key = true;
        return true;
    }
    world->wholes++;
    *ret_value = value_object(arena, names, users, 2);
    return true;
}

static const struct provider_function *signature(const struct scope *scope, struct arena *arena,
                                                 struct str provider, struct str function,
                                                 struct span span, struct diags *diags) {
    static const struct str names[] = {STR("text")};
    struct provider_function *shout = arena_alloc(arena, sizeof *shout);
    (void)scope;
    if (!str_eq(provider, S("p")) || !str_eq(function, S("shout"))) {
        diags_error(diags, span, "Unknown provider function", NULL);
        return NULL;
    }
    shout->param_names = names;
    shout->param_types = &type_string;
    shout->n_params = 1;
    shout->result = type_string;
    return shout;
}

/* "!" behind the text; an empty one is refused. */
static bool call(const struct scope *scope, struct arena *arena, struct str provider,
                 struct str function, const struct value *args, size_t n, struct span span,
                 struct value *ret_value, struct diags *diags) {
    (void)scope;
    (void)provider;
    (void)function;
    assert_int_equal(n, 1);
    if (value_str(args[0]).len == 0) {
        diags_error(diags, span, "Error in function call", "nothing to say");
        return false;
    }
    *ret_value = value_string(arena, str_cat(arena, value_str(args[0]), S("!")));
    return true;
}

static const struct scope_ops ops = {.get = get, .signature = signature, .call = call};

static struct str evaluate(struct fixture *f, struct world *world, const char *text) {
    f->scope.ops = &ops;
    f->scope.context = world;
    struct value v = fixture_eval(f, text);
    return fixture_result(f, &v);
}

/* wholes -1: not counted, since a message may look at what it explains. */
static void check(const char *text, const char *expected, int wholes, int instances) {
    struct fixture f = fixture_new();
    struct world world = {0};
    struct str got = evaluate(&f, &world, text);
    if (!str_eq(got, str_from(expected)))
        fail_msg("%s\n  want %s\n  got  %.*s", text, expected, STR_ARG(got));
    if (wholes >= 0)
        assert_int_equal(world.wholes, wholes);
    assert_int_equal(world.instances, instances);
    fixture_free(&f);
}

static void an_index_builds_one_instance(void **state) {
    (void)state;
    check("aws_iam_user.users[\"a\"].name", "\"alice\"", 0, 1);
    check("[for k in [\"a\", \"b\"] : aws_iam_user.users[k].name]", "[\"alice\",\"bob\"]", 0, 2);
    check("keys(aws_iam_user.users)", "[\"a\",\"b\"]", 1, 0);
}

static void a_missing_instance_is_an_invalid_index(void **state) {
    (void)state;
    check("aws_iam_user.users[\"c\"].name",
          "! Invalid index: The given key does not identify an element in this collection value.",
          -1, 0);
    check("try(aws_iam_user.users[\"c\"].name, \"none\")", "\"none\"", 1, 0);
}

static void try_does_not_hide_undeclared_things(void **state) {
    (void)state;
    check("try(aws_iam_user.nobody, 1)", "! Reference to undeclared resource: ", 0, 0);
    check("can(aws_iam_user.nobody)", "! Reference to undeclared resource: ", 0, 0);
}

static void marks_travel(void **state) {
    static const char *const texts[] = {"var.secret == \"x\"",
                                        "\"a${var.secret}\"",
                                        "upper(var.secret)",
                                        "[var.secret][0]",
                                        "true ? var.secret : \"\"",
                                        "var.secret == \"\" ? 1 : 2",
                                        "[for x in [1] : x if var.secret != \"\"]",
                                        "{(var.secret) = 1}",
                                        "length(var.secret)",
                                        "join(\"\", [var.secret])",
                                        "coalesce(null, var.secret)",
                                        "lookup({a = var.secret}, \"a\")"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct fixture f = fixture_new();
        struct world world = {0};
        evaluate(&f, &world, texts[i]);
        struct value v = fixture_eval(&f, texts[i]);
        assert_false(diags_failed(f.diags));
        if (!(value_marks(v) & VALUE_SENSITIVE))
            fail_msg("%s lost its mark", texts[i]);
        fixture_free(&f);
    }
}

static void unknowns_keep_what_is_known(void **state) {
    struct fixture f = fixture_new();
    struct world world = {0};
    (void)state;
    evaluate(&f, &world, "1");
    struct value v = fixture_eval(&f, "\"arn:${var.later}\"");
    assert_false(value_is_known(v));
    assert_true(value_refinement(v).not_null);
    assert_true(str_eq(value_refinement(v).prefix, S("arn:")));
    v = fixture_eval(&f, "[var.later, 1][1]");
    assert_true(value_is_known(v));
    v = fixture_eval(&f, "length([var.later])");
    assert_true(value_is_known(v));
    v = fixture_eval(&f, "{a = var.later}.a");
    assert_ptr_equal(value_type(v), type_string);
    v = fixture_eval(&f, "var.later == null");
    assert_ptr_equal(value_type(v), type_bool);
    assert_false(diags_failed(f.diags));
    fixture_free(&f);
}

static void messages_explain_references(void **state) {
    struct fixture f = fixture_new();
    struct world world = {0};
    (void)state;
    evaluate(&f, &world, "[var.n][var.n]");
    assert_int_equal(f.diags->n, 1);
    assert_int_equal(f.diags->at[0].n_values, 1);
    assert_true(str_eq(f.diags->at[0].values[0].traversal, S("var.n")));
    assert_true(str_eq(f.diags->at[0].values[0].statement, S("is 3")));
    fixture_free(&f);
}

static void values_are_described(void **state) {
    static const struct {
        const char *text;
        const char *statement;
    } cases[] = {
        {"null", "is null"},
        {"\"a\\nb\"", "is \"a\\nb\""},
        {"1.5", "is 1.5"},
        {"[]", "is empty tuple"},
        {"[1]", "is tuple with 1 element"},
        {"tomap({a = {}, b = {}, c = {}})", "is map of object with 3 elements"},
        {"{}", "is object with no attributes"},
        {"{a = 1}", "is object with 1 attribute \"a\""},
        {"{a = 1, b = 2}", "is object with 2 attributes"},
        {"sensitive(1)", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f = fixture_new();
        struct str said = eval_describe_value(f.arena, fixture_eval(&f, cases[i].text));
        if (!str_eq(said, str_from(cases[i].statement)))
            fail_msg("%s: %.*s", cases[i].text, STR_ARG(said));
        fixture_free(&f);
    }
}

static void functions_of_providers_obey_the_same_rules(void **state) {
    (void)state;
    check("provider::p::shout(1)", "\"1!\"", 0, 0);
    check("provider::p::shout(var.later)", "unknown", 0, 0);
    check("provider::p::shout(null)",
          "! Invalid function argument: Invalid value for \"text\" parameter: argument must not be "
          "null.",
          0, 0);
    check("provider::p::shout([])",
          "! Invalid function argument: Invalid value for \"text\" parameter: string required.", 0,
          0);
    check("provider::p::shout(\"a\", 2)",
          "! Too many function arguments: Function \"provider::p::shout\" expects only 1 "
          "argument(s).",
          0, 0);
    check(
        "provider::p::shout(\"\")",
        "! Error in function call: Call to function \"provider::p::shout\" failed: nothing to say.",
        0, 0);
    check("provider::p::none()", "! Unknown provider function: ", 0, 0);
    check("try(provider::p::shout(\"\"), \"quiet\")", "\"quiet\"", 0, 0);
}

/* n copies of text. */
static char *repeated(struct arena *arena, const char *text, size_t n) {
    size_t len = strlen(text);
    char *all = arena_bytes(arena, len * n + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(all + i * len, text, len);
    all[len * n] = 0;
    return all;
}

static void depth_and_size_are_bounded(void **state) {
    struct arena *arena = arena_new();
    (void)state;
    fixture_expect("range(1e9)",
                   "! Error in function call: Call to function \"range\" failed: more than 1024 "
                   "values were generated; either decrease the difference between start and end or "
                   "use a smaller step.");
    struct str sets =
        str_format(arena, "setproduct(%srange(1000))", repeated(arena, "range(1000), ", 5));
    struct fixture f = fixture_new();
    fixture_eval(&f, sets.at);
    assert_true(diags_failed(f.diags));
    fixture_free(&f);
    struct str bomb = S("yamldecode(\"a: &a [x,x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,"
                        "*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,"
                        "*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,"
                        "*e,*e,*e,*e,*e,*e]\\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\")");
    fixture_expect(bomb.at, "! Error in function call: Call to function \"yamldecode\" failed: the "
                            "document is too large.");
    f = fixture_new();
    fixture_eval(&f, str_cat(arena, S("1"), str_from(repeated(arena, " + 1", 100000))).at);
    fixture_free(&f);
    arena_free(arena);
}

/* What a failure said is dead once another argument succeeds: a million of them must fit. */
static void hidden_failures_take_little_memory(void **state) {
    (void)state;
    struct fixture f = fixture_new();
    size_t before = arena_used(f.arena);
    fixture_eval(&f, "length([for i in range(1000) : try(tonumber(\"a${i}\"), can(i.none))])");
    assert_false(diags_failed(f.diags));
    assert_in_range(arena_used(f.arena) - before, 0, 1000 * 600);
    fixture_free(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_builds_one_instance),
        cmocka_unit_test(a_missing_instance_is_an_invalid_index),
        cmocka_unit_test(try_does_not_hide_undeclared_things),
        cmocka_unit_test(marks_travel),
        cmocka_unit_test(unknowns_keep_what_is_known),
        cmocka_unit_test(messages_explain_references),
        cmocka_unit_test(values_are_described),
        cmocka_unit_test(functions_of_providers_obey_the_same_rules),
        cmocka_unit_test(depth_and_size_are_bounded),
        cmocka_unit_test(hidden_failures_take_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
