/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_lint_int.h"

static bool is_account(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len == 12;
}

/* Whether some operator of the statement tests a key that ends so. */
static bool tests_key(const struct json *statement, struct str ending) {
    const struct json *condition = json_get(statement, S("Condition"));
    for (size_t i = 0; condition && condition->kind == JSON_OBJECT && i < condition->n; i++) {
        const struct json *keys = &condition->members[i].value;
        for (size_t k = 0; keys->kind == JSON_OBJECT && k < keys->n; k++)
            if (str_ends(keys->members[k].name, ending))
                return true;
    }
    return false;
}

static bool is_unconditional(const struct json *statement) {
    const struct json *condition = json_get(statement, S("Condition"));
    return !condition || condition->kind != JSON_OBJECT || !condition->n;
}

static bool is_principal(struct str text) {
    return str_eq(text, S("*")) || is_account(text) || str_starts(text, S("arn:")) ||
           (text.len >= 16 && text.at[0] == 'A');
}

static void check_aws(struct lint *lint, const struct json *statement, const struct json *value) {
    struct str text = value->text;
    bool arn = str_starts(text, S("arn:"));
    if (!is_principal(text))
        policy_lint_note(lint, "INVALID_PRINCIPAL_FORMAT", "UNKNOWN_PRINCIPAL", value->start,
                         "A principal is an account, an ARN or \"*\".");
    if (arn && (str_find_byte(text, '*') >= 0 || str_find_byte(text, '?') >= 0))
        policy_lint_note(lint, "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", NULL, value->start,
                         "A principal has no wildcards; use a condition on aws:PrincipalArn.");
    bool account = is_account(text) || (arn && str_ends(text, S(":root")));
    if (lint->kind == POLICY_TRUST && account && is_unconditional(statement))
        policy_lint_note(lint, "LOAM_TRUST_THIRD_PARTY_NO_EXTERNAL_ID", NULL, value->start,
                         "If the account is somebody else's, ask for sts:ExternalId.");
}

static void check_federated(struct lint *lint, const struct json *statement,
                            const struct json *value) {
    bool oidc = str_find(value->text, S(":oidc-provider/")) >= 0;
    if (oidc && !tests_key(statement, S(":sub")))
        policy_lint_note(lint, "LOAM_TRUST_OIDC_NO_SUB", NULL, value->start,
                         "Without a condition on the subject every user of the provider may in.");
}

static void check_public(struct lint *lint, const struct json *statement,
                         const struct json *value) {
    bool allow = str_eq(json_get_str(statement, S("Effect")), S("Allow"));
    if (lint->kind == POLICY_TRUST && allow && str_eq(value->text, S("*")) &&
        is_unconditional(statement))
        policy_lint_note(lint, "LOAM_TRUST_PUBLIC", NULL, value->start,
                         "Anyone in the world may assume the role.");
}

static void check_values(struct lint *lint, const struct json *statement, struct str type,
                         const struct json *values) {
    for (size_t i = 0; i < policy_lint_count(values); i++) {
        const struct json *value = policy_lint_value(values, i);
        if (value->kind != JSON_STRING)
            continue;
        if (str_eq(type, S("AWS")))
            check_aws(lint, statement, value);
        if (str_eq(type, S("Federated")))
            check_federated(lint, statement, value);
        check_public(lint, statement, value);
    }
}

void policy_lint_principal(struct lint *lint, const struct json *statement) {
    const struct json *principal = json_get(statement, S("Principal"));
    const struct json *others = json_get(statement, S("NotPrincipal"));
    const struct json *either = principal ? principal : others;
    bool identity = lint->kind == POLICY_MANAGED || lint->kind == POLICY_INLINE;
    if (!either && !identity)
        policy_lint_note(lint, "MISSING_PRINCIPAL", "MALFORMED", statement->start,
                         "The statement does not say who.");
    if (!either)
        return;
    if (identity)
        policy_lint_note(lint, "UNSUPPORTED_PRINCIPAL", NULL, either->start,
                         "A policy of an identity names no principal.");
    if (others && str_eq(json_get_str(statement, S("Effect")), S("Allow")))
        policy_lint_note(lint, "ALLOW_WITH_NOT_PRINCIPAL", NULL, others->start,
                         "This allows everyone but a few, people of other accounts too.");
    if (either->kind == JSON_OBJECT && !either->n)
        policy_lint_note(lint, "EMPTY_OBJECT_PRINCIPAL", NULL, either->start,
                         "An empty Principal names nobody.");
    if (either->kind == JSON_STRING)
        check_public(lint, statement, either);
    for (size_t i = 0; either->kind == JSON_OBJECT && i < either->n; i++)
        check_values(lint, statement, either->members[i].name, &either->members[i].value);
}
