/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/arena.h"
#include "policy/policy.h"
#include "policy/policy_account.h"
#include "policy/policy_check.h"
#include "policy/policy_equal.h"
#include "policy/policy_explain.h"

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

static struct policy *compiled(const char *document) {
    struct str error;
    struct policy *policy = policy_parse(arena, str_from(document), &error);
    assert_non_null(policy);
    return policy;
}

static struct policy_request request(const char *action, const char *resource) {
    return (struct policy_request){.principal = S("arn:aws:iam::111122223333:user/maria"),
                                   .action = str_from(action),
                                   .resource = str_from(resource),
                                   .resource_account = S("111122223333")};
}

static struct policy_result decide_one(const char *document, struct policy_request question) {
    struct policy *policy = compiled(document);
    struct policy_set set = {.identity = &policy, .n_identity = 1};
    return policy_decide(arena, &question, &set);
}

#define STATEMENT(body) "{\"Version\":\"2012-10-17\",\"Statement\":[{" body "}]}"

static void hostile_wildcards_end_soon(void **state) {
    (void)state;
    char *pattern = arena_bytes(arena, 4001), *text = arena_bytes(arena, 4001);
    for (size_t i = 0; i < 4000; i++) {
        pattern[i] = i % 2 ? 'a' : '*';
        text[i] = 'a';
    }
    pattern[3999] = 'b';
    pattern[4000] = text[4000] = 0;
    struct str document = str_format(
        arena, STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"%s\""), pattern);
    clock_t start = clock();
    struct policy_result result = decide_one(document.at, request("s3:GetObject", text));
    assert_int_equal(result.decision, POLICY_IMPLICITLY_DENIED);
    assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
}

static void says_who_denied_and_why(void **state) {
    (void)state;
    static const struct {
        const char *identity, *boundary, *text;
    } rows[] = {
        {STATEMENT("\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\""), NULL,
         "User: arn:aws:iam::111122223333:user/maria is not authorized to perform: iam:CreateUser "
         "on resource: arn:aws:iam::111122223333:user/x because no identity-based policy allows "
         "the iam:CreateUser action"},
        {STATEMENT("\"Effect\":\"Deny\",\"Action\":\"iam:*\",\"Resource\":\"*\""), NULL,
         "User: arn:aws:iam::111122223333:user/maria is not authorized to perform: iam:CreateUser "
         "on resource: arn:aws:iam::111122223333:user/x with an explicit deny in an identity-based "
         "policy"},
        {STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\""),
         STATEMENT("\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\""),
         "User: arn:aws:iam::111122223333:user/maria is not authorized to perform: iam:CreateUser "
         "on resource: arn:aws:iam::111122223333:user/x because no permissions boundary allows the "
         "iam:CreateUser action"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy *identity = compiled(rows[i].identity);
        struct policy_set set = {.identity = &identity, .n_identity = 1};
        if (rows[i].boundary)
            set.boundary = compiled(rows[i].boundary);
        struct policy_request question =
            request("iam:CreateUser", "arn:aws:iam::111122223333:user/x");
        struct policy_result result = policy_decide(arena, &question, &set);
        assert_string_equal(policy_denied_text(arena, &question, &result).at, rows[i].text);
    }
}

static void names_the_statement_that_decided(void **state) {
    (void)state;
    struct policy_result result = decide_one(
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\","
        "\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"Action\":\"iam:*\",\"Resource\":\"*\"}]}",
        request("iam:CreateUser", "*"));
    assert_int_equal(result.decision, POLICY_EXPLICITLY_DENIED);
    assert_int_equal(result.source, POLICY_FROM_IDENTITY);
    assert_int_equal(result.statement, 1);
}

static void refuses_what_is_no_policy(void **state) {
    (void)state;
    static const char *const rows[] = {"", "[]", "5", "{", "{\"Statement\":[5]}"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str error = {0};
        assert_null(policy_parse(arena, str_from(rows[i]), &error));
        assert_true(error.len > 0);
    }
}

static void compares_documents(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        {"", "{}", true},
        {"[{\"Version\":\"1\"}]", "{\"Version\":\"1\"}", true},
        {"{\"Statement\":{\"Effect\":\"Allow\"}}", "{\"Statement\":[{\"Effect\":\"allow\"}]}",
         true},
        {"{\"Statement\":[{\"Action\":\"a\"}]}", "{\"Statement\":[{\"action\":[\"a\"]}]}", true},
        {"{\"Statement\":[{\"Action\":[\"a\",\"b\"]}]}",
         "{\"Statement\":[{\"Action\":[\"b\",\"a\"]}]}", true},
        {"{\"Statement\":[{\"Action\":\"S3:Get\"}]}", "{\"Statement\":[{\"Action\":\"s3:Get\"}]}",
         false},
        {"{\"Statement\":[{\"Sid\":\"\"}]}", "{\"Statement\":[{}]}", true},
        {"{\"Version\":\"2012-10-17\"}", "{}", false},
        {"{\"Statement\":[{\"Condition\":{}}]}", "{\"Statement\":[{}]}", false},
        {"{\"Statement\":[{\"Condition\":{\"Bool\":{\"k\":true}}}]}",
         "{\"Statement\":[{\"Condition\":{\"Bool\":{\"k\":\"true\"}}}]}", true},
        {"{\"Statement\":[{\"Condition\":{\"X\":{\"k\":[\"a\",\"a\",\"b\"]}}}]}",
         "{\"Statement\":[{\"Condition\":{\"X\":{\"k\":[\"a\",\"b\",\"b\"]}}}]}", true},
        {"{\"Statement\":[{\"Condition\":{\"X\":{\"k\":[\"a\",\"a\"]}}}]}",
         "{\"Statement\":[{\"Condition\":{\"X\":{\"k\":\"a\"}}}]}", false},
        {"{\"Statement\":[{\"Principal\":{\"AWS\":\"111122223333\"}}]}",
         "{\"Statement\":[{\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"}}]}", true},
        {"{\"Statement\":[{\"Principal\":\"*\"}]}",
         "{\"Statement\":[{\"Principal\":{\"AWS\":\"*\"}}]}", false},
        {"{\"Statement\":[{\"Principal\":\"*\"}]}", "{\"Statement\":[{}]}", false},
        {"{\"Statement\":[{\"Principal\":{\"AWS\":\"1\",\"Service\":[]}}]}",
         "{\"Statement\":[{\"Principal\":{\"AWS\":[\"1\"]}}]}", true},
        {"{\"Statement\":[{\"Sid\":\"a\"},{\"Sid\":\"b\"}]}",
         "{\"Statement\":[{\"Sid\":\"b\"},{\"Sid\":\"a\"}]}", true},
        {"{\"Statement\":[{\"Sid\":\"a\"},{\"Sid\":\"a\"}]}",
         "{\"Statement\":[{\"Sid\":\"a\"},{\"Sid\":\"b\"}]}", false},
        {"not json", "not json", true},
        {"not json", "{}", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct str a = str_from(rows[i].a), b = str_from(rows[i].b);
        if (policy_equal(arena, a, b) != rows[i].equal ||
            policy_equal(arena, b, a) != rows[i].equal)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

static bool nobody(void *context, struct str arn) {
    (void)context;
    (void)arn;
    return false;
}

static void counts_no_white_space(void **state) {
    (void)state;
    assert_int_equal(policy_check_size(S("{ \"a\" :\n\t1}")), 7);
    struct policy_fault fault;
    struct str trust = S(STATEMENT("\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                                   "\"arn:aws:iam::111122223333:user/x\"},\"Action\":"
                                   "\"sts:AssumeRole\""));
    assert_true(policy_check(arena, POLICY_TRUST, trust, &fault));
    assert_false(policy_check_principals(arena, POLICY_TRUST, trust, nobody, NULL, &fault));
    assert_string_equal(fault.text.at, "Invalid principal in policy: "
                                       "\"AWS\":\"arn:aws:iam::111122223333:user/x\"");
}

static void explains_what_spoke_and_what_it_asked(void **state) {
    (void)state;
    const char *text =
        STATEMENT("\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":"
                  "\"arn:aws:s3:::b/${aws:username}/*\",\"Condition\":{\"Bool\":"
                  "{\"aws:SecureTransport\":\"true\"},\"StringEquals\":{\"AWS:username\":"
                  "\"${aws:PrincipalTag/x}\"}}");
    struct policy *policies[] = {
        compiled(STATEMENT("\"Effect\":\"Deny\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"")), NULL,
        compiled(text)};
    size_t n;
    struct str *keys = policy_explain_keys(arena, policies, 3, &n);
    assert_int_equal(n, 3);
    assert_true(str_eq(keys[0], S("aws:PrincipalTag/x")));
    assert_true(str_eq(keys[1], S("aws:SecureTransport")));
    struct policy_request question = request("s3:GetObject", "arn:aws:s3:::b/maria/x");
    struct str maria = S("maria");
    struct policy_key context = {S("aws:username"), &maria, 1};
    question.context = &context;
    question.n_context = 1;
    struct str *missing = policy_explain_missing(arena, &question, policies, 3, &n);
    assert_int_equal(n, 2);
    assert_true(str_eq(missing[1], S("aws:SecureTransport")));
    struct policy_match *matches = policy_explain_matches(arena, &question, policies, 3, &n);
    assert_int_equal(n, 1);
    assert_int_equal(matches[0].policy, 0);
    assert_true(matches[0].deny);
    assert_int_equal(matches[0].start, 37);
}

static const char account_details[] =
    "{\"UserDetailList\":[{\"UserName\":\"alice\",\"Arn\":\"arn:aws:iam::111122223333:user/alice\","
    "\"GroupList\":[\"devs\"],\"AttachedManagedPolicies\":[],\"Tags\":[{\"Key\":\"team\",\"Value\":"
    "\"web\"}]},{\"UserName\":\"bob\",\"Arn\":\"arn:aws:iam::111122223333:user/bob\",\"GroupList\":"
    "[\"devs\"],\"PermissionsBoundary\":{\"PermissionsBoundaryArn\":\"arn:b\"}},{\"UserName\":"
    "\"carol\",\"Arn\":\"arn:aws:iam::111122223333:user/carol\",\"AttachedManagedPolicies\":[{"
    "\"PolicyArn\":\"arn:m\"}]}],"
    "\"GroupDetailList\":[{\"GroupName\":\"devs\",\"GroupPolicyList\":[{\"PolicyDocument\":{"
    "\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\","
    "\"Resource\":\"*\"}]}}]}],"
    "\"RoleDetailList\":[{\"RoleName\":\"ops\",\"Arn\":\"arn:aws:iam::111122223333:role/ops\","
    "\"AssumeRolePolicyDocument\":\"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B"
    "%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22111122223333%22%7D%2C"
    "%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D\"}],"
    "\"Policies\":[{\"Arn\":\"arn:b\",\"PolicyVersionList\":[{\"IsDefaultVersion\":true,\"Document\":"
    "{\"Version\":\"2012-10-17\",\"Statement\":[]}}]},{\"Arn\":\"arn:m\",\"PolicyVersionList\":[{"
    "\"IsDefaultVersion\":false,\"Document\":{}},{\"IsDefaultVersion\":true,\"Document\":{\"Version\":"
    "\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
    "\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}}]}}]}]}";

static void answers_for_an_account(void **state) {
    (void)state;
    struct json_error error;
    struct str why, yes = S("true");
    struct policy_key mfa = {S("aws:MultiFactorAuthPresent"), &yes, 1};
    struct json *details = json_parse(arena, str_from(account_details), &error);
    assert_non_null(details);
    struct policy_account *account = policy_account_read(arena, details, &why);
    assert_non_null(account);
    assert_true(str_eq(account->id, S("111122223333")));
    assert_int_equal(account->n, 4);
    static const struct {
        bool mfa;
        enum policy_decision decisions[4]; /* alice, bob, carol, ops */
    } rows[] = {
        {false,
         {POLICY_ALLOWED, POLICY_IMPLICITLY_DENIED, POLICY_IMPLICITLY_DENIED,
          POLICY_IMPLICITLY_DENIED}},
        {true,
         {POLICY_ALLOWED, POLICY_IMPLICITLY_DENIED, POLICY_ALLOWED, POLICY_IMPLICITLY_DENIED}},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < account->n; k++) {
            struct policy_result result =
                policy_account_decide(arena, account, &account->at[k], S("sts:AssumeRole"),
                                      S("arn:aws:iam::111122223333:role/ops"), &mfa, rows[i].mfa);
            assert_int_equal(result.decision, rows[i].decisions[k]);
        }
    assert_null(policy_account_read(arena, json_parse(arena, S("{}"), &error), &why));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_wildcards_end_soon),
        cmocka_unit_test(says_who_denied_and_why),
        cmocka_unit_test(names_the_statement_that_decided),
        cmocka_unit_test(refuses_what_is_no_policy),
        cmocka_unit_test(compares_documents),
        cmocka_unit_test(counts_no_white_space),
        cmocka_unit_test(explains_what_spoke_and_what_it_asked),
        cmocka_unit_test(answers_for_an_account),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
