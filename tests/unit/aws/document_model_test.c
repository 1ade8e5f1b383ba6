/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/document_model.h"
#include "base/arena.h"

/* A document over another, both as JSON, and what comes of it. */
static const struct {
    const char *base, *over, *want;
} merges[] = {
    {"{}", "{\"Version\":\"2012-10-17\"}", "{\"Version\":\"2012-10-17\"}"},
    /* a Sid replaces in place, without a Sid is appended */
    {"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Action\":"
     "\"a:x\"},{\"Effect\":\"Deny\",\"Action\":\"b:x\"}]}",
     "{\"Version\":\"2008-10-17\",\"Id\":\"n\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Deny\","
     "\"Action\":[\"a:y\"]},{\"Effect\":\"Allow\",\"Action\":\"c:x\"}]}",
     "{\"Version\":\"2012-10-17\",\"Id\":\"n\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Deny\","
     "\"Action\":[\"a:y\"]},{\"Effect\":\"Deny\",\"Action\":\"b:x\"},{\"Effect\":\"Allow\","
     "\"Action\":\"c:x\"}]}"},
    /* names are matched without regard to case; principals sort in reverse, types forward */
    {"{\"statement\":[{\"effect\":\"Allow\",\"principal\":{\"Service\":\"s\",\"AWS\":[\"a\",\"b\"]}}]"
     "}",
     "{}",
     "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"b\",\"a\"],\"Service\":\"s\"}}]"
     "}"},
    {"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"anyone\"}]}", "{}",
     "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\"}]}"},
    /* numbers in conditions are dropped, booleans become texts */
    {"{\"Statement\":[{\"Condition\":{\"NumericEquals\":{\"k\":5},\"Bool\":{\"k\":true}}}]}", "{}",
     "{\"Statement\":[{\"Condition\":{\"Bool\":{\"k\":\"true\"}}}]}"},
};

static void merging(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(merges); i++) {
        struct document into, over;
        struct str error;
        assert_true(document_model_parse(arena, str_from(merges[i].base), &into, &error));
        assert_true(document_model_parse(arena, str_from(merges[i].over), &over, &error));
        document_model_merge(arena, &into, &over);
        struct str got = document_model_write(arena, &into, 0);
        if (!str_eq(got, str_from(merges[i].want)))
            fail_msg("case %zu: %.*s", i, STR_ARG(got));
    }
}

static const struct {
    const char *text, *error;
} wrong[] = {
    {"{\"Statement\":{}}", "json: cannot unmarshal object into Go struct field "
                           "IAMPolicyDoc.Statement of type []*iam.IAMPolicyStatement"},
    {"[]", "json: cannot unmarshal array into Go value of type iam.IAMPolicyDoc"},
    {"{\"Version\":1}",
     "json: cannot unmarshal number into Go struct field IAMPolicyDoc.Version of type string"},
};

static void refusing(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct document d;
        struct str error = S("");
        assert_false(document_model_parse(arena, str_from(wrong[i].text), &d, &error));
        if (!str_eq(error, str_from(wrong[i].error)))
            fail_msg("case %zu: %.*s", i, STR_ARG(error));
    }
}

static void joining(void **state) {
    static const struct str z[] = {STR("z")}, am[] = {STR("a"), STR("m")};
    struct arena *arena = *state;
    struct document_statement s = {.effect = S("Allow")};
    document_model_add_principal(arena, &s.principals, S("AWS"),
                                 document_model_sorted(arena, z, 1));
    document_model_add_principal(arena, &s.principals, S("AWS"),
                                 document_model_sorted(arena, am, 2));
    struct document_texts v = {.present = true, .plain = true, .at = z, .n = 1};
    document_model_add_condition(arena, &s, S("StringLike"), S("b"), v);
    document_model_add_condition(arena, &s, S("StringLike"), S("a"), v);
    document_model_add_condition(arena, &s, S("StringLike"), S("b"), v);
    struct document d = {.statements = &s, .n = 1};
    struct str got = document_model_write(arena, &d, 0);
    assert_true(str_eq(got, S("{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"z\","
                              "\"m\",\"a\"]},\"Condition\":{\"StringLike\":{\"a\":\"z\",\"b\":["
                              "\"z\",\"z\"]}}}]}")));
}

static int set_up(void **state) {
    *state = arena_new();
    return 0;
}

static int tear_down(void **state) {
    arena_free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging),
        cmocka_unit_test(refusing),
        cmocka_unit_test(joining),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
