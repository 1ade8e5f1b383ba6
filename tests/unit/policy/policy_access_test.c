/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "policy/policy_access.h"

#define ROLE(name, trusted, statement)                                                             \
    "{\"RoleName\":\"" name "\",\"Arn\":\"arn:aws:iam::123456789012:role/" name "\","              \
    "\"AssumeRolePolicyDocument\":{\"Statement\":{\"Effect\":\"Allow\",\"Action\":"                \
    "\"sts:AssumeRole\",\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:" trusted "\"}}},"      \
    "\"RolePolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":{\"Statement\":[" statement      \
    "]}}]}"
#define ASSUME(name)                                                                               \
    "{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Resource\":"                            \
    "\"arn:aws:iam::123456789012:role/" name "\"}"

static const char account_text[] =
    "{\"UserDetailList\":[{\"UserName\":\"ada\",\"Arn\":\"arn:aws:iam::123456789012:user/ada\","
    "\"UserPolicyList\":[{\"PolicyName\":\"p\",\"PolicyDocument\":\"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B"
    "%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22s3%3AGet*%22%2C%22s3%3AGet*%22%5D%2C"
    "%22Resource%22%3A%22arn%3Aaws%3As3%3A%3A%3Ahome%2F%24%7Baws%3Ausername%7D%22%7D%2C%7B"
    "%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C%22Resource%22%3A"
    "%22arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fone%22%7D%5D%7D\"}]}],\"RoleDetailList\":[" ROLE(
        "one", "root", ASSUME("two")) "," ROLE("two", "role/one",
                                               ASSUME("one")) "," ROLE("three", "role/nobody",
                                                                       ASSUME("one")) "]}";

static struct policy_account *read_account(struct arena *arena) {
    struct str why;
    struct json_error error;
    const struct json *details = json_parse(arena, str_from(account_text), &error);
    assert_non_null(details);
    struct policy_account *account = policy_account_read(arena, details, &why);
    assert_non_null(account);
    return account;
}

static void questions_are_those_of_the_policies_each_once(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct policy_account *accounts[] = {read_account(arena), read_account(arena)};
    size_t n;
    struct policy_question *questions = policy_access_questions(arena, accounts, 2, &n);
    assert_int_equal(n, 4); /* the object of a home, and three roles to assume */
    assert_true(str_eq(questions[0].action, S("s3:Get*")));
    assert_true(str_eq(questions[0].resource, S("arn:aws:s3:::home/${aws:username}")));
    for (size_t i = 1; i < n; i++)
        assert_true(str_eq(questions[i].action, S("sts:AssumeRole")));
    arena_free(arena);
}

static void variables_are_those_of_the_user(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct policy_account *account = read_account(arena);
    const struct policy_question own = {S("s3:GetObject"), S("arn:aws:s3:::home/${aws:username}")};
    const struct policy_question other = {S("s3:GetObject"), S("arn:aws:s3:::home/bob")};
    const struct policy_identity *ada = policy_access_find(account, S("ada"));
    assert_true(policy_access_allowed(arena, account, ada, &own, NULL, 0));
    assert_false(policy_access_allowed(arena, account, ada, &other, NULL, 0));
    arena_free(arena);
}

static void roles_are_reached_through_roles_that_point_at_each_other(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct policy_account *account = read_account(arena);
    const struct policy_identity *ada = policy_access_find(account, S("ada"));
    size_t n;
    const struct policy_identity **reached = policy_access_reach(arena, account, ada, NULL, 0, &n);
    assert_int_equal(n, 3);
    assert_true(reached[0] == ada);
    assert_true(str_eq(reached[1]->name, S("one")));
    assert_true(str_eq(reached[2]->name, S("two")));
    assert_null(policy_access_find(account, S("nobody")));
    arena_free(arena);
}

static void what_is_wide_covers_what_is_narrow(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct policy_question all = {S("*"), S("*")}, get = {S("S3:get*"), S("*")};
    const struct policy_question one = {S("s3:GetObject"), S("arn:aws:s3:::b/*")};
    assert_true(policy_access_covers(arena, &all, &get));
    assert_true(policy_access_covers(arena, &get, &one));
    assert_false(policy_access_covers(arena, &one, &get));
    assert_false(policy_access_covers(arena, &get, &all));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_those_of_the_policies_each_once),
        cmocka_unit_test(variables_are_those_of_the_user),
        cmocka_unit_test(roles_are_reached_through_roles_that_point_at_each_other),
        cmocka_unit_test(what_is_wide_covers_what_is_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
