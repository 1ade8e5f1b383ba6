/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policy/policy_check_int.h"
#include "policy/policy_lint_int.h"
#include "policy/policy_names.h"

static bool is_number(struct str text) {
    bool digit = false;
    for (size_t i = 0; i < text.len; i++) {
        if (!strchr("0123456789.-", text.at[i]))
            return false;
        digit |= text.at[i] >= '0' && text.at[i] <= '9';
    }
    return digit;
}

static bool is_bool(const struct json *value) {
    return value->kind == JSON_BOOL || str_eq_nocase(value->text, S("true")) ||
           str_eq_nocase(value->text, S("false"));
}

static bool is_false(const struct json *value) {
    return value->kind == JSON_BOOL ? !value->boolean : str_eq_nocase(value->text, S("false"));
}

static bool has_wildcard(struct str text) {
    return str_find_byte(text, '*') >= 0 && str_find(text, S("${*}")) < 0;
}

static bool is_private(struct str text) {
    static const struct str starts[] = {
        STR("10."),     STR("192.168."), STR("127."),  STR("172.16."), STR("172.17."),
        STR("172.18."), STR("172.19."),  STR("172.2"), STR("172.30."), STR("172.31.")};
    for (size_t i = 0; i < COUNT(starts); i++)
        if (str_starts(text, starts[i]) &&
            (!str_eq(starts[i], S("172.2")) ||
             (text.len > 6 && text.at[6] == '.' && text.at[5] >= '0' && text.at[5] <= '9')))
            return true;
    return false;
}

/* A value under its operator. */
static void check_value(struct lint *lint, struct str operator, struct str key,
                        const struct json *value) {
    bool text = value->kind == JSON_STRING;
    bool literal = text && str_find(value->text, S("${")) < 0;
    if (str_starts(operator, S("Numeric")) && literal && !is_number(value->text))
        policy_lint_note(lint, "TYPE_MISMATCH_NUMBER", "MISMATCHED_TYPE", value->start,
                         "%.*s compares numbers.", STR_ARG(operator));
    if (str_starts(operator, S("Date")) && literal && !policy_check_date(lint->arena, value->text))
        policy_lint_note(lint, "TYPE_MISMATCH_DATE", "MISMATCHED_TYPE", value->start,
                         "%.*s compares dates of ISO 8601 or seconds.", STR_ARG(operator));
    if (str_eq(operator, S("Bool")) && literal && !is_bool(value))
        policy_lint_note(lint, "TYPE_MISMATCH_BOOLEAN", "MISMATCHED_TYPE", value->start,
                         "Bool compares true and false.");
    if (str_eq(operator, S("Null")) && !is_bool(value))
        policy_lint_note(lint, "TYPE_MISMATCH_BOOLEAN", "MISMATCHED_TYPE_OPERATION_TO_NULL",
                         value->start, "Null takes true or false.");
    bool exact = str_eq(operator, S("StringEquals")) || str_eq(operator, S("StringNotEquals"));
    if (exact && text && has_wildcard(value->text))
        policy_lint_note(lint, "WILDCARD_WITHOUT_LIKE_OPERATOR", NULL, value->start,
                         "Only the Like operators take \"*\" for a wildcard.");
    if (str_eq_nocase(key, S("aws:SourceIp")) && text && is_private(value->text))
        policy_lint_note(lint, "PRIVATE_IP_ADDRESS", NULL, value->start,
                         "AWS sees no private addresses but through VPC endpoints.");
}

static bool is_list_key(struct str key) {
    static const struct str keys[] = {
        STR("aws:TagKeys"),           STR("aws:CalledVia"),
        STR("aws:PrincipalOrgPaths"), STR("aws:ResourceOrgPaths"),
        STR("aws:SourceOrgPaths"),    STR("aws:PrincipalServiceNamesList"),
    };
    for (size_t i = 0; i < COUNT(keys); i++)
        if (str_eq_nocase(key, keys[i]))
            return true;
    return !str_starts(key, S("aws:"));
}

static bool only_objects_of_s3(const struct json *statement) {
    const struct json *actions = json_get(statement, S("Action"));
    for (size_t i = 0; i < policy_lint_count(actions); i++) {
        struct str action = policy_lint_value(actions, i)->text;
        if (!str_starts(action, S("s3:")) || str_find(action, S("Object")) < 0 ||
            str_find_byte(action, '*') >= 0)
            return false;
    }
    return policy_lint_count(actions) > 0;
}

static void check_key_name(struct lint *lint, const struct json *statement,
                           const struct json_member *member) {
    struct str key = member->name;
    static const struct str of_buckets[] = {STR("s3:prefix"), STR("s3:delimiter"),
                                            STR("s3:max-keys")};
    if (str_find_byte(key, ':') < 0) {
        policy_lint_note(lint, "INVALID_CONDITION_KEY_FORMAT", "UNKNOWN_CONDITION_FOR_ACTION",
                         member->name_start, "A condition key is SERVICE:NAME.");
        return;
    }
    bool global = key.len > 4 && str_eq_nocase(str_slice(key, 0, 4), S("aws:"));
    if (global && !policy_names_global_key(key))
        policy_lint_note(lint, "INVALID_GLOBAL_CONDITION_KEY", "UNKNOWN_CONDITION_FOR_ACTION",
                         member->name_start, "There is no key \"%.*s\".", STR_ARG(key));
    for (size_t i = 0; i < COUNT(of_buckets); i++)
        if (str_eq_nocase(key, of_buckets[i]) && only_objects_of_s3(statement))
            policy_lint_note(lint, "UNSUPPORTED_CONDITION_KEY_FOR_ACTION",
                             "UNKNOWN_CONDITION_FOR_ACTION", member->name_start,
                             "None of the actions gives the key \"%.*s\".", STR_ARG(key));
}

static void check_mfa(struct lint *lint, const struct json *statement, struct str whole,
                      const struct json_member *member) {
    bool mfa = str_eq_nocase(member->name, S("aws:MultiFactorAuthPresent"));
    if (!mfa || !str_eq(whole, S("Bool")) || policy_lint_count(&member->value) != 1 ||
        !is_false(policy_lint_value(&member->value, 0)))
        return;
    bool deny = str_eq(json_get_str(statement, S("Effect")), S("Deny"));
    policy_lint_note(lint, deny ? "LOAM_MFA_BOOL_DENY" : NULL, "BAD_PATTERN_FOR_MFA",
                     member->name_start,
                     "The key is absent with long-term keys, so Bool does not hold: use "
                     "BoolIfExists.");
}

static void check_key(struct lint *lint, const struct json *statement, struct str whole,
                      const struct json_member *member) {
    struct str operator= policy_names_bare_operator(whole);
    size_t n = policy_lint_count(&member->value);
    check_key_name(lint, statement, member);
    if (str_eq(operator, S("Bool")) && n > 1)
        policy_lint_note(lint, "INVALID_CONDITION_MULTIPLE_BOOLEAN", NULL, member->value.start,
                         "A boolean has one value.");
    if (str_starts(whole, S("ForAllValues:")) && !is_list_key(member->name))
        policy_lint_note(lint, "FORALLVALUES_WITH_SINGLE_VALUED_KEY", NULL, member->name_start,
                         "ForAllValues holds when the key is absent; the key has one value.");
    for (size_t i = 0; i < n; i++)
        check_value(lint, operator, member->name, policy_lint_value(&member->value, i));
    check_mfa(lint, statement, whole, member);
}

void policy_lint_condition(struct lint *lint, const struct json *statement) {
    const struct json *condition = json_get(statement, S("Condition"));
    if (!condition || condition->kind != JSON_OBJECT)
        return;
    if (!condition->n)
        policy_lint_note(lint, "EMPTY_OBJECT_CONDITION", NULL, condition->start,
                         "An empty Condition says nothing.");
    for (size_t i = 0; i < condition->n; i++) {
        struct str operator= condition->members[i].name;
        const struct json *keys = &condition->members[i].value;
        if (!policy_names_operator(operator))
            policy_lint_note(lint, "INVALID_CONDITION_OPERATOR", "UNKNOWN_OPERATOR",
                             condition->members[i].name_start, "There is no operator \"%.*s\".",
                             STR_ARG(operator));
        for (size_t k = 0; keys->kind == JSON_OBJECT && k < keys->n; k++)
            check_key(lint, statement, operator, & keys->members[k]);
    }
}
