/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_check_int.h"
#include "policy/policy_lint_int.h"

/* The six parts of an ARN; false when there are fewer. */
struct arn {
    struct str partition, service, region, account, id;
};

static bool split_arn(struct str text, struct arn *arn) {
    struct str *const parts[] = {&arn->partition, &arn->service, &arn->region, &arn->account};
    if (!str_starts(text, S("arn:")))
        return false;
    text = str_slice(text, 4, text.len);
    for (size_t i = 0; i < COUNT(parts); i++) {
        ptrdiff_t colon = str_find_byte(text, ':');
        if (colon < 0)
            return false;
        *parts[i] = str_slice(text, 0, (size_t)colon);
        text = str_slice(text, (size_t)colon + 1, text.len);
    }
    arn->id = text;
    return true;
}

static bool is_global_service(struct str service) {
    static const struct str services[] = {
        STR("iam"),
        STR("s3"),
        STR("sts"),
        STR("cloudfront"),
        STR("route53"),
        STR("organizations"),
        STR("waf"),
        STR("globalaccelerator"),
        STR("artifact"),
        STR("health"),
        STR("aws-portal"),
        STR("budgets"),
        STR("ce"),
        STR("sso"),
        STR("shield"),
        STR("networkmanager"),
        STR("route53domains"),
        STR("savingsplans"),
        STR("support"),
        STR("trustedadvisor"),
        STR("apigateway"),
        STR("aws-marketplace"),
    };
    for (size_t i = 0; i < COUNT(services); i++)
        if (str_eq(service, services[i]))
            return true;
    return str_find_byte(service, '*') >= 0;
}

static void check_arn(struct lint *lint, const struct json *value, const struct arn *arn) {
    if (!policy_check_partition(arn->partition) && str_find_byte(arn->partition, '*') < 0)
        policy_lint_note(lint, "INVALID_PARTITION", "INVALID_ARN", value->start,
                         "There is no partition \"%.*s\".", STR_ARG(arn->partition));
    bool point = str_starts(arn->id, S("accesspoint/"));
    bool flat = str_eq(arn->service, S("iam")) || (str_eq(arn->service, S("s3")) && !point);
    if (flat && arn->region.len && !str_eq(arn->region, S("*")))
        policy_lint_note(lint, "ARN_REGION_NOT_ALLOWED", NULL, value->start,
                         "ARNs of %.*s have no region.", STR_ARG(arn->service));
    if (flat && str_eq(arn->service, S("s3")) && arn->account.len && !str_eq(arn->account, S("*")))
        policy_lint_note(lint, "ARN_ACCOUNT_NOT_ALLOWED", NULL, value->start,
                         "ARNs of buckets have no account.");
    if (!arn->region.len && !is_global_service(arn->service))
        policy_lint_note(lint, "MISSING_ARN_REGION", NULL, value->start,
                         "ARNs of %.*s name a region.", STR_ARG(arn->service));
}

static void check_variables(struct lint *lint, const struct json *value) {
    struct str rest = value->text;
    ptrdiff_t at;
    while ((at = str_find(rest, S("${"))) >= 0) {
        rest = str_slice(rest, (size_t)at + 2, rest.len);
        ptrdiff_t end = str_find_byte(rest, '}');
        if (end < 0)
            policy_lint_note(lint, "MISSING_BRACE_IN_VARIABLE", NULL, value->start,
                             "A variable is not closed.");
        else if (end == 0)
            policy_lint_note(lint, "EMPTY_VARIABLE", NULL, value->start, "A variable has no name.");
        if (!lint->variables)
            policy_lint_note(lint, "VARIABLE_UNSUPPORTED_IN_VERSION", NULL, value->start,
                             "Variables need Version 2012-10-17.");
    }
}

static bool only_wildcards(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '*' && text.at[i] != '/')
            return false;
    return str_find_byte(text, '*') >= 0;
}

static void check_resource(struct lint *lint, const struct json *value) {
    struct arn arn = {0};
    check_variables(lint, value);
    if (value->kind != JSON_STRING || str_eq(value->text, S("*")))
        return;
    bool whole = split_arn(value->text, &arn);
    if (!whole && str_starts(value->text, S("arn:")) && str_find_byte(value->text, '*') < 0)
        policy_lint_note(lint, "MISSING_ARN_FIELD", "INVALID_ARN", value->start,
                         "An ARN has six parts.");
    else if (!whole && !str_starts(value->text, S("arn:")))
        policy_lint_note(lint, "INVALID_ARN_PREFIX", "INVALID_ARN", value->start,
                         "A resource is an ARN or \"*\".");
    if (!whole)
        return;
    check_arn(lint, value, &arn);
    if (str_eq(arn.partition, S("*")) && only_wildcards(arn.id))
        policy_lint_note(lint, NULL, "RESOURCE_EFFECTIVELY_STAR", value->start,
                         "This stands for every resource of its kind anywhere.");
}

/* Actions that take no resource, so that "*" is right. */
static bool wants_star(struct str action) {
    static const struct str known[] = {
        STR("s3:ListAllMyBuckets"),   STR("s3:CreateJob"),        STR("s3:ListAccessPoints"),
        STR("sts:GetCallerIdentity"), STR("sts:GetSessionToken"),
    };
    ptrdiff_t colon = str_find_byte(action, ':');
    struct str service = str_slice(action, 0, colon < 0 ? 0 : (size_t)colon);
    struct str name = str_slice(action, (size_t)(colon + 1), action.len);
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_eq_nocase(action, known[i]))
            return true;
    if (str_eq_nocase(service, S("iam")))
        return str_starts(name, S("List")) || str_starts(name, S("GetAccount")) ||
               str_starts(name, S("GenerateCredential")) || str_starts(name, S("GetCredential"));
    /* Of services whose actions are not listed here, nothing is known. */
    return !str_eq_nocase(service, S("s3")) && !str_eq_nocase(service, S("sts"));
}

static void check_star(struct lint *lint, const struct json *statement,
                       const struct json *resources) {
    const struct json *actions = json_get(statement, S("Action"));
    bool star = false, narrow = json_get(statement, S("NotAction")) != NULL;
    for (size_t i = 0; i < policy_lint_count(resources); i++)
        star |= str_eq(policy_lint_value(resources, i)->text, S("*"));
    for (size_t i = 0; i < policy_lint_count(actions); i++)
        narrow |= !wants_star(policy_lint_value(actions, i)->text);
    if (star && narrow && str_eq(json_get_str(statement, S("Effect")), S("Allow")))
        policy_lint_note(lint, NULL, "RESOURCE_STAR", resources->start,
                         "The actions could be limited to some resources.");
}

/* Whether an action on S3 is one on objects; those on buckets have "Bucket" or "List" in it. */
static bool on_objects(struct str action) {
    return str_find(action, S("Object")) >= 0 && str_find(action, S("Bucket")) < 0;
}

static bool any_resource(const struct json *resources, bool objects) {
    for (size_t i = 0; i < policy_lint_count(resources); i++) {
        struct str text = policy_lint_value(resources, i)->text;
        bool has_slash = str_find_byte(text, '/') >= 0;
        if (str_ends(text, S(":*")) || str_eq(text, S("*")) || has_slash == objects ||
            (objects && str_ends(text, S("*"))))
            return true;
    }
    return false;
}

static void check_match(struct lint *lint, const struct json *statement,
                        const struct json *resources) {
    const struct json *actions = json_get(statement, S("Action"));
    for (size_t i = 0; i < policy_lint_count(actions); i++) {
        const struct json *action = policy_lint_value(actions, i);
        bool everything = str_eq_nocase(action->text, S("s3:*"));
        bool s3 = str_starts(action->text, S("s3:")) && !wants_star(action->text);
        bool wrong = s3 && str_find_byte(action->text, '*') < 0 &&
                     !any_resource(resources, on_objects(action->text));
        if (everything)
            wrong = !any_resource(resources, false) || !any_resource(resources, true);
        if (str_starts(action->text, S("ec2:Describe")))
            wrong = !any_resource(resources, true) ||
                    !str_eq(policy_lint_value(resources, 0)->text, S("*"));
        if (wrong)
            policy_lint_note(lint, NULL, "RESOURCE_MISMATCH", action->start,
                             "None of the resources is of a kind that %.*s works on.",
                             STR_ARG(action->text));
    }
}

void policy_lint_resource(struct lint *lint, const struct json *statement) {
    const struct json *resources = json_get(statement, S("Resource"));
    const struct json *not_resources = json_get(statement, S("NotResource"));
    for (size_t i = 0; i < policy_lint_count(resources); i++)
        check_resource(lint, policy_lint_value(resources, i));
    for (size_t i = 0; i < policy_lint_count(not_resources); i++)
        check_resource(lint, policy_lint_value(not_resources, i));
    if (!policy_lint_count(resources))
        return;
    check_star(lint, statement, resources);
    check_match(lint, statement, resources);
}
