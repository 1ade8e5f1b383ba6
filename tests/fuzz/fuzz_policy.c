/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document through grammar, linter, comparison and evaluation. */
#include "base/arena.h"
#include "policy/policy.h"
#include "policy/policy_equal.h"
#include "policy/policy_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decide(struct arena *arena, struct policy *policy) {
    static const struct str principals[] = {
        STR("arn:aws:iam::111122223333:user/maria"),
        STR("arn:aws:sts::111122223333:assumed-role/deployer/s"), STR("ec2.amazonaws.com")};
    struct str values[] = {S("maria"), S("a*?${x}")};
    struct policy_key context[] = {{S("aws:username"), values, 1},
                                   {S("aws:TagKeys"), values, 2},
                                   {S("aws:SourceIp"), values, 0}};
    for (size_t i = 0; i < COUNT(principals); i++) {
        struct policy_request request = {.principal = principals[i],
                                         .action = S("s3:GetObject"),
                                         .resource = S("arn:aws:s3:::bucket/maria/x"),
                                         .resource_account = S("111122223333"),
                                         .context = context,
                                         .n_context = COUNT(context)};
        struct policy_level level = {&policy, 1};
        struct policy_set set = {.identity = &policy,
                                 .n_identity = 1,
                                 .resource = policy,
                                 .boundary = policy,
                                 .session = &policy,
                                 .n_session = 1,
                                 .has_session = true,
                                 .scps = &level,
                                 .n_scps = 1,
                                 .rcps = &level,
                                 .n_rcps = 1};
        struct policy_result result = policy_decide(arena, &request, &set);
        policy_denied_text(arena, &request, &result);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str document = {(const char *)data, size}, error;
    struct policy *policy = policy_parse(arena, document, &error);
    if (policy)
        decide(arena, policy);
    for (int kind = POLICY_MANAGED; kind <= POLICY_RESOURCE; kind++) {
        struct policy_fault fault = {{0}, {0}};
        size_t n;
        if (!policy_check(arena, (enum policy_kind)kind, document, &fault) && !fault.text.len)
            bug("a refusal without words");
        policy_lint(arena, (enum policy_kind)kind, document, &n);
    }
    struct str padded = str_format(arena, " %.*s\n", STR_ARG(document));
    if (policy_equal(arena, document, padded) != policy_equal(arena, padded, document))
        bug("equality of policies is not symmetric");
    arena_free(arena);
    return 0;
}
