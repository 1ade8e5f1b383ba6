/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions a second on one core, for a principal with ten policies of three statements each, one
 * of which at the end of the list allows; compiled once, as the server keeps them.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "policy/policy.h"

#define POLICIES 10
#define ROUNDS 1000000

static struct policy *compile(struct arena *arena, int i) {
    struct str error;
    struct str document = str_format(
        arena,
        "{\"Version\":\"2012-10-17\",\"Statement\":["
        "{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3:ListBucket\",\"ec2:Describe*\"],"
        "\"Resource\":[\"arn:aws:s3:::bucket%d/*\",\"arn:aws:s3:::bucket%d\"]},"
        "{\"Effect\":\"Deny\",\"NotAction\":[\"iam:*\",\"sts:*\"],\"Resource\":\"*\","
        "\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}},"
        "{\"Effect\":\"Allow\",\"Action\":[\"iam:ChangePassword\",\"iam:*AccessKey*\"],"
        "\"Resource\":\"arn:aws:iam::111122223333:user/*/${aws:username}\"}]}",
        i, i);
    struct policy *policy = policy_parse(arena, document, &error);
    if (!policy)
        bug("the benchmark's own policy does not compile");
    return policy;
}

int main(void) {
    struct arena *arena = arena_new(), *scratch = arena_new();
    struct policy *policies[POLICIES];
    for (int i = 0; i < POLICIES; i++)
        policies[i] = compile(arena, i);
    const struct str yes = S("true"), name = S("maria"), address = S("203.0.113.25"),
                     account = S("111122223333");
    const struct policy_key context[] = {
        {S("aws:SecureTransport"), &yes, 1},
        {S("aws:SourceIp"), &address, 1},
        {S("aws:PrincipalAccount"), &account, 1},
        {S("aws:PrincipalType"), &name, 1},
        {S("aws:userid"), &name, 1},
        {S("aws:username"), &name, 1},
        {S("aws:MultiFactorAuthPresent"), &yes, 1},
    };
    struct policy_request request = {.principal = S("arn:aws:iam::111122223333:user/maria"),
                                     .action = S("s3:GetObject"),
                                     .resource = S("arn:aws:s3:::bucket9/2026/q1/summary.csv"),
                                     .resource_account = account,
                                     .context = context,
                                     .n_context = COUNT(context)};
    struct policy_set set = {.identity = policies, .n_identity = POLICIES};
    long allowed = 0;
    int64_t start = clock_monotonic_ms();
    for (int i = 0; i < ROUNDS; i++)
        allowed += policy_decide(scratch, &request, &set).decision == POLICY_ALLOWED;
    int64_t ms = clock_monotonic_ms() - start;
    printf("policy: %.0f decisions/s\n", ROUNDS * 1000.0 / (double)(ms ? ms : 1));
    arena_free(scratch);
    arena_free(arena);
    return allowed == ROUNDS ? 0 : 1;
}
