/* SPDX-License-Identifier: Apache-2.0 */
/* The small pure parts: ARNs, durations, releases, names, partitions, keys and certificates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/arn.h"
#include "aws/duration.h"
#include "aws/equal.h"
#include "aws/names.h"
#include "aws/partition.h"
#include "aws/release.h"
#include "aws/validate_json.h"
#include "base/arena.h"

static void same_text(struct str got, const char *want) {
    if (!str_eq(got, str_from(want)))
        fail_msg("got \"%.*s\", want \"%s\"", STR_ARG(got), want);
}

static void arns(void **state) {
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"arn:aws:iam::123456789012:user/a", ""},
        {"arn:aws:iam::aws:policy/AdministratorAccess", ""},
        {"arn:aws-us-gov:s3:::bucket", ""},
        {"arn:aws:ec2:eu-west-1:123456789012:instance/i-1", ""},
        {"AdministratorAccess", "arn: invalid prefix"},
        {"arn:aws:iam", "arn: not enough sections"},
        {"arn::iam::123456789012:user/a", "missing partition value"},
        {"arn:aws:iam::123456789012:", "missing resource value"},
    };
    (void)state;
    struct arn arn;
    for (size_t i = 0; i < COUNT(cases); i++)
        same_text(arn_fault(str_from(cases[i].text)), cases[i].fault);
    assert_true(str_starts(arn_fault(S("arn:aws:iam::12:user/a")), S("invalid account ID value")));
    assert_true(
        str_starts(arn_fault(S("arn:aws:ec2:nowhere:123456789012:x")), S("invalid region value")));
    assert_true(arn_parse(S("arn:aws:iam::1:role/a/b:c/d"), &arn));
    same_text(arn.resource, "role/a/b:c/d");
    same_text(arn_name(arn.resource), "d");
}

static void durations(void **state) {
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"0", 0},       {"15m", 900000}, {"1h30m", 5400000},
                {"1.5s", 1500}, {"90ms", 90},    {"-2s", -2000}};
    static const struct {
        const char *text, *error;
    } bad[] = {
        {"1", "time: missing unit in duration \"1\""},
        {"", "time: invalid duration \"\""},
        {"x", "time: invalid duration \"x\""},
        {"1y", "time: invalid duration \"1y\""},
    };
    struct arena *arena = *state;
    struct str error;
    int64_t ms;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(duration_parse(arena, str_from(good[i].text), &ms, &error));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(duration_parse(arena, str_from(bad[i].text), &ms, &error));
        same_text(error, bad[i].error);
    }
}

static void releases(void **state) {
    static const struct {
        const char *constraint, *release;
    } cases[] = {
        {"~> 6.0", RELEASE_DEFAULT},
        {">= 5.0", RELEASE_DEFAULT},
        {"~> 5.0", "5.100.0"},
        {"6.25.0", "6.25.0"},
        {"= 5.31.0", "5.31.0"},
        {"~> 5.31.0", "5.31.1"},
        {">= 5.0, < 6.0", "5.100.0"},
        {"~> 4.0", ""},
        {">= 7.0", ""},
        {"< 5.0", ""},
        {"!= 6.64.0, ~> 6.0", "6.0.0"},
        {"> 6.90.1", "6.91.0"},
        {"nonsense", ""},
        {"", RELEASE_DEFAULT},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct str constraint = str_from(cases[i].constraint);
        same_text(release_choose(arena, &constraint, 1), cases[i].release);
    }
}

static void unique_names(void **state) {
    struct arena *arena = *state;
    struct str a = names_unique(arena, S("web-")), b = names_unique(arena, S(""));
    assert_int_equal(a.len, 4 + 26);
    assert_int_equal(b.len, 10 + 26);
    same_text(names_prefix(a), "web-");
    same_text(names_prefix(b), "terraform-");
    same_text(names_prefix(S("terraform-20261124225205727500000003x")), "");
    same_text(names_prefix(S("short")), "");
    assert_false(str_eq(names_unique(arena, S("")), b));
}

static void endpoints(void **state) {
    static const struct {
        const char *service, *region;
        bool fips;
        const char *url, *sign;
    } cases[] = {
        {"iam", "eu-west-1", false, "https://iam.amazonaws.com", "us-east-1"},
        {"iam", "us-gov-east-1", false, "https://iam.us-gov.amazonaws.com", "us-gov-west-1"},
        {"iam", "cn-northwest-1", false, "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
        {"iam", "us-east-1", true, "https://iam-fips.amazonaws.com", "us-east-1"},
        {"sts", "eu-west-1", false, "https://sts.eu-west-1.amazonaws.com", "eu-west-1"},
        {"sts", "cn-north-1", false, "https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    };
    struct arena *arena = *state;
    struct str sign;
    for (size_t i = 0; i < COUNT(cases); i++) {
        same_text(partition_endpoint(arena, str_from(cases[i].service), str_from(cases[i].region),
                                     cases[i].fips, false, &sign),
                  cases[i].url);
        same_text(sign, cases[i].sign);
    }
    same_text(partition_of_region(S("us-isob-east-1"))->id, "aws-iso-b");
    assert_null(partition_region(S("us-nowhere-1")));
}

static void keys_and_certificates(void **state) {
    struct arena *arena = *state;
    assert_true(equal_ssh_key(arena, S("ssh-rsa AAAA"), S("ssh-rsa AAAA me@host\n")));
    assert_false(equal_ssh_key(arena, S("ssh-rsa AAAA"), S("ssh-rsa AAAB me@host\n")));
    assert_true(equal_pem(arena, S("-a-\nb\n-c-"), S("-a-\r\n\r\nb\r\n-c-\n")));
    assert_false(equal_pem(arena, S("-a-\nb\n-c-"), S("-a-\nb\n")));
    assert_true(equal_pem(arena, S("da39a3ee5e6b4b0d3255bfef95601890afd80709"), S("\r\n")));
    assert_true(equal_url(arena, S("x.org/y"), S("https://x.org/y")));
    assert_false(equal_url(arena, S("x.org/y"), S("https://x.org/z")));
    same_text(equal_inline_normal(arena, S("{\"Statement\":[],\"Id\":\"<\",\"Version\":\"v\"}")),
              "{\"Version\":\"v\",\"Id\":\"\\u003c\",\"Statement\":[]}");
    same_text(equal_policy_normal(arena, S("{\"b\": 1, \"a\": {\"d\":1,\"c\":2}}")),
              "{\"a\":{\"c\":2,\"d\":1},\"b\":1}");
}

static void policy_texts(void **state) {
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"{\"a\":1}", ""},
        {"", "is an empty string, which is not a valid JSON value"},
        {"not json", "contains an invalid JSON policy: not a JSON object"},
        {"[]", "contains an invalid JSON policy: contains a JSON array, not a JSON object"},
        {"\"{}\"", "contains an invalid JSON policy: contains a JSON-encoded string, not a "
                   "JSON-encoded object (have you double-encoded your JSON data?)"},
        {" {}", ""},
        {"  ", "is an empty string, which is not a valid JSON value"},
        {"{\"a\":}", "contains an invalid JSON policy: invalid character '}' looking for beginning "
                     "of value, at byte offset 6"},
        {"{\"Version\":1,\"Version\":2}",
         "contains duplicate JSON keys: duplicate key \"Version\""},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        same_text(validate_json_policy(arena, str_from(cases[i].text)), cases[i].fault);
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
        cmocka_unit_test(arns),         cmocka_unit_test(durations),
        cmocka_unit_test(releases),     cmocka_unit_test(unique_names),
        cmocka_unit_test(endpoints),    cmocka_unit_test(keys_and_certificates),
        cmocka_unit_test(policy_texts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
