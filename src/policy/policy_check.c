/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "policy/policy_check_int.h"
#include "policy/policy_names.h"

/* One check under way. The first fault stays. */
struct check {
    struct arena *arena;
    enum policy_kind kind;
    const struct json *root;
    const struct json *statements;
    size_t n;
    struct policy_fault fault;
    struct str resource_fault; /* said only when parsing found nothing worse */
};

static bool refuse(struct check *check, struct str text) {
    bool resource = check->kind == POLICY_RESOURCE;
    check->fault.code = resource ? S("MalformedPolicy") : S("MalformedPolicyDocument");
    check->fault.text = text;
    return false;
}

/* Syntax. */

static bool is_text_or_texts(const struct json *json) {
    if (!json || json->kind == JSON_STRING)
        return true;
    if (json->kind != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < json->n; i++)
        if (json->items[i].kind != JSON_STRING && json->items[i].kind != JSON_NULL)
            return false;
    return true;
}

static bool is_condition_value(const struct json *json) {
    return json->kind == JSON_BOOL || json->kind == JSON_STRING || json->kind == JSON_ARRAY;
}

static bool condition_syntax(const struct json *condition) {
    if (!condition)
        return true;
    if (condition->kind != JSON_OBJECT)
        return false;
    for (size_t i = 0; i < condition->n; i++) {
        const struct json *keys = &condition->members[i].value;
        if (keys->kind != JSON_OBJECT)
            return false;
        for (size_t k = 0; k < keys->n; k++)
            if (!is_condition_value(&keys->members[k].value))
                return false;
        if (keys->n && !policy_names_operator(condition->members[i].name))
            return false;
    }
    return true;
}

static bool is_text_or_absent(const struct json *json) {
    return !json || json->kind == JSON_STRING;
}

static bool statement_syntax(const struct json *statement) {
    static const struct str elements[] = {
        STR("Sid"),    STR("Action"),    STR("NotAction"),    STR("Resource"),  STR("NotResource"),
        STR("Effect"), STR("Principal"), STR("NotPrincipal"), STR("Condition"),
    };
    if (statement->kind != JSON_OBJECT)
        return false;
    for (size_t i = 0; i < statement->n; i++)
        if (!str_is_in(statement->members[i].name, elements, COUNT(elements)))
            return false;
    const struct json *action = json_get(statement, S("Action"));
    const struct json *not_action = json_get(statement, S("NotAction"));
    const struct json *resource = json_get(statement, S("Resource"));
    const struct json *not_resource = json_get(statement, S("NotResource"));
    const struct json *effect = json_get(statement, S("Effect"));
    if ((action && not_action) || (resource && not_resource))
        return false;
    return effect && effect->kind == JSON_STRING &&
           (str_eq_nocase(effect->text, S("Allow")) || str_eq_nocase(effect->text, S("Deny"))) &&
           is_text_or_texts(action) && is_text_or_texts(not_action) && is_text_or_texts(resource) &&
           is_text_or_texts(not_resource) && is_text_or_absent(json_get(statement, S("Sid"))) &&
           condition_syntax(json_get(statement, S("Condition")));
}

static bool top_syntax(struct check *check) {
    static const struct str elements[] = {STR("Version"), STR("Id"), STR("Statement")};
    const struct json *root = check->root;
    for (size_t i = 0; i < root->n; i++)
        if (!str_is_in(root->members[i].name, elements, COUNT(elements)))
            return false;
    const struct json *version = json_get(root, S("Version"));
    if (version && (version->kind != JSON_STRING || (!str_eq(version->text, S("2008-10-17")) &&
                                                     !str_eq(version->text, S("2012-10-17")))))
        return false;
    return is_text_or_absent(json_get(root, S("Id")));
}

static bool syntax(struct check *check) {
    if (!top_syntax(check) || !check->n)
        return refuse(check, S("Syntax errors in policy."));
    for (size_t i = 0; i < check->n; i++)
        if (!statement_syntax(&check->statements[i]))
            return refuse(check, S("Syntax errors in policy."));
    return true;
}

/* Parsing of values. */

static bool number_in(struct str text, int64_t low, int64_t high) {
    int64_t i;
    return str_to_int(str_trim(text), &i) && i >= low && i <= high;
}

static bool is_iso_day(struct str text) {
    struct str part;
    if (text.len && text.at[0] == '-')
        text = str_slice(text, 1, text.len);
    for (int i = 0; str_split(&text, '-', &part); i++) {
        static const int64_t bounds[3][2] = {{0, 292278993}, {1, 12}, {1, 31}};
        if (i == 3 || !number_in(part, bounds[i][0], bounds[i][1]))
            return false;
    }
    return true;
}

/* "Z", "+hh", "+hh:mm" or nothing behind the seconds. */
static bool is_iso_seconds(struct str text) {
    ptrdiff_t zulu = str_find_byte(text, 'z'), plus = str_find_byte(text, '+');
    struct str seconds = text;
    if (zulu >= 0) {
        if ((size_t)zulu + 1 != text.len)
            return false;
        seconds = str_slice(text, 0, (size_t)zulu);
    } else if (plus >= 0) {
        if (text.len - (size_t)plus != 3 ||
            !number_in(str_slice(text, (size_t)plus + 1, text.len), 0, 23))
            return false;
        seconds = str_slice(text, 0, (size_t)plus);
    }
    ptrdiff_t dot = str_find_byte(seconds, '.');
    if (dot < 0)
        return number_in(seconds, 0, 59);
    return number_in(str_slice(seconds, 0, (size_t)dot), 0, 59) &&
           number_in(str_slice(seconds, (size_t)dot + 1, seconds.len), 0, 999999999);
}

static bool is_iso_time(struct str text) {
    struct str part;
    if (!text.len)
        return true;
    for (int i = 0; str_split(&text, ':', &part); i++) {
        /* The fourth part is the minutes of a zone, which the third has opened with a plus. */
        bool ok = i == 0   ? number_in(part, 0, 23)
                  : i == 1 ? number_in(part, 0, 59)
                  : i == 2 ? is_iso_seconds(part)
                           : i == 3 && part.len == 2 && number_in(part, 0, 59);
        if (!ok)
            return false;
    }
    return true;
}

bool policy_check_date(struct arena *scratch, struct str text) {
    text = str_lower(scratch, text);
    ptrdiff_t t = str_find_byte(text, 't');
    if (t < 0 && str_find_byte(text, '-') < 0)
        return number_in(text, 0, INT64_MAX);
    struct str day = t < 0 ? text : str_slice(text, 0, (size_t)t);
    return is_iso_day(day) && (t < 0 || is_iso_time(str_slice(text, (size_t)t + 1, text.len)));
}

static bool dates_parse(struct check *check, const struct json *condition) {
    for (size_t i = 0; condition && i < condition->n; i++) {
        struct str operator= policy_names_bare_operator(condition->members[i].name);
        const struct json *keys = &condition->members[i].value;
        for (size_t k = 0; str_starts(operator, S("Date")) && k < keys->n; k++) {
            const struct json *values = &keys->members[k].value;
            bool list = values->kind == JSON_ARRAY;
            for (size_t v = 0; v < (list ? values->n : 1); v++) {
                const struct json *one = list ? &values->items[v] : values;
                if (one->kind != JSON_STRING || !policy_check_date(check->arena, one->text))
                    return false;
            }
        }
    }
    return true;
}

/* Resources. */

/* Takes what is before the next colon off *rest; false when there is no colon. */
static bool cut(struct str *rest, struct str *ret_part) {
    ptrdiff_t colon = str_find_byte(*rest, ':');
    *ret_part = colon < 0 ? *rest : str_slice(*rest, 0, (size_t)colon);
    *rest = colon < 0 ? (struct str){"", 0} : str_slice(*rest, (size_t)colon + 1, rest->len);
    return colon >= 0;
}

bool policy_check_partition(struct str text) {
    static const struct str partitions[] = {
        STR("aws"),       STR("aws-cn"),    STR("aws-us-gov"), STR("aws-iso"),
        STR("aws-iso-b"), STR("aws-iso-e"), STR("aws-iso-f"),  STR("aws-eusc"),
    };
    return str_is_in(text, partitions, COUNT(partitions));
}

/* How the answer shows an ARN with a wrong partition: missing parts become asterisks. */
static struct str partition_fault(struct arena *arena, struct str partition, struct str rest,
                                  bool more) {
    struct str parts[4];
    for (size_t i = 0; i < 4; i++) {
        bool there = more;
        if (i < 3)
            more = cut(&rest, &parts[i]);
        else
            parts[i] = rest;
        if (!there || (i == 0 && !parts[0].len && !more))
            parts[i] = S("*");
    }
    return str_format(
        arena, "Partition \"%.*s\" is not valid for resource \"arn:%.*s:%.*s:%.*s:%.*s:%.*s\".",
        STR_ARG(partition), STR_ARG(partition), STR_ARG(parts[0]), STR_ARG(parts[1]),
        STR_ARG(parts[2]), STR_ARG(parts[3]));
}

static bool is_iam_path(struct str id) {
    static const struct str starts[] = {
        STR("user/"),
        STR("federated-user/"),
        STR("role/"),
        STR("group/"),
        STR("instance-profile/"),
        STR("mfa/"),
        STR("server-certificate/"),
        STR("policy/"),
        STR("sms-mfa/"),
        STR("saml-provider/"),
        STR("oidc-provider/"),
        STR("report/"),
        STR("access-report/"),
    };
    for (size_t i = 0; i < COUNT(starts); i++)
        if (str_starts(id, starts[i]))
            return true;
    return str_eq(id, S("root"));
}

#define IAM_PATH_FAULT                                                                             \
    "IAM resource path must either be \"*\", root, or start with user/, federated-user/, role/, "  \
    "group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "    \
    "oidc-provider/, report/, access-report/."

/* The fault of one resource; the empty text when it has none. */
static struct str resource_fault(struct arena *arena, struct str resource) {
    struct str rest = resource, part, service, region, account;
    if (str_eq(resource, S("*")))
        return (struct str){0};
    if (!cut(&rest, &part))
        return str_format(arena, "Resource %.*s must be in ARN format or \"*\".",
                          STR_ARG(resource));
    bool more = cut(&rest, &part);
    if (!str_eq(part, S("*")) && !policy_check_partition(part))
        return partition_fault(arena, part, rest, true);
    if (!more)
        return S("Resource vendor must be fully qualified and cannot contain regexes.");
    bool has_region = cut(&rest, &service);
    bool has_account = has_region && cut(&rest, &region);
    if (has_account)
        cut(&rest, &account);
    bool no_region = has_region && has_account && !region.len;
    if (str_eq(service, S("iam")) && !no_region)
        return str_format(arena, "IAM resource %.*s cannot contain region information.",
                          STR_ARG(resource));
    if (str_eq(service, S("s3")) && !no_region && !str_starts(rest, S("accesspoint/")))
        return str_format(arena, "Resource %.*s can not contain region information.",
                          STR_ARG(resource));
    if (str_eq(service, S("iam")) && !is_iam_path(rest))
        return S(IAM_PATH_FAULT);
    return (struct str){0};
}

/* What the older parser wants of a resource that has the right format. */
static bool resource_parses(struct str resource, bool in_list) {
    struct str rest = resource, part = {0};
    if (str_eq(resource, S("*")) || (in_list && !resource.len))
        return true;
    if (str_count_byte(resource, ':') < 5 && str_find(resource, S("::")) >= 0)
        return false;
    if (in_list)
        return resource.len >= 3;
    for (int colon = 0; colon < 2; colon++)
        if (!cut(&rest, &part))
            return false;
    cut(&rest, &part);
    return part.len > 0;
}

/* The answer names the smallest of several wrong resources. */
static void check_resource_list(struct check *check, const struct json *list) {
    struct str worst = {0};
    for (size_t i = 0; i < list->n; i++) {
        struct str resource = list->items[i].text;
        if (!resource.len || !resource_fault(check->arena, resource).len)
            continue;
        if (!worst.at || str_cmp(resource, worst) < 0)
            worst = resource;
    }
    if (worst.at)
        check->resource_fault = resource_fault(check->arena, worst);
}

static bool resources_parse(struct check *check, const struct json *resources) {
    if (!resources)
        return true;
    if (resources->kind == JSON_STRING) {
        struct str fault = resource_fault(check->arena, resources->text);
        if (fault.len)
            check->resource_fault = fault;
        return check->resource_fault.len || resource_parses(resources->text, false);
    }
    check_resource_list(check, resources);
    for (size_t i = 0; !check->resource_fault.len && i < resources->n; i++)
        if (!resource_parses(resources->items[i].text, true))
            return false;
    return true;
}

static bool parsing(struct check *check) {
    for (size_t i = 0; i < check->n; i++) {
        struct str effect = json_get_str(&check->statements[i], S("Effect"));
        if ((!str_eq(effect, S("Allow")) && !str_eq(effect, S("Deny"))) ||
            !dates_parse(check, json_get(&check->statements[i], S("Condition"))))
            return refuse(check, S("The policy failed legacy parsing"));
    }
    static const struct str elements[] = {STR("Resource"), STR("NotResource")};
    for (size_t e = 0; e < COUNT(elements); e++)
        for (size_t i = 0; i < check->n; i++)
            if (!resources_parse(check, json_get(&check->statements[i], elements[e])))
                return refuse(check, S("The policy failed legacy parsing"));
    return true;
}

static bool unique_sids(struct check *check) {
    struct str *sids = arena_array(check->arena, check->n, sizeof *sids);
    size_t n = 0;
    for (size_t i = 0; i < check->n; i++) {
        struct str sid = json_get_str(&check->statements[i], S("Sid"));
        if (sid.len)
            sids[n++] = sid;
    }
    qsort(sids, n, sizeof *sids, str_cmp_qsort);
    for (size_t i = 1; i < n; i++)
        if (str_eq(sids[i], sids[i - 1]))
            return refuse(check, S("Statement IDs (SID) in a single policy must be unique."));
    return true;
}

/* Actions. */

static const struct json *either(const struct json *statement, struct str a, struct str b) {
    const struct json *found = json_get(statement, a);
    return found ? found : json_get(statement, b);
}

static bool is_empty(const struct json *json) {
    return !json || (json->kind == JSON_ARRAY && !json->n);
}

static bool action_form(struct check *check, struct str action) {
    size_t colons = str_count_byte(action, ':');
    if (!colons && !str_eq(action, S("*")))
        return refuse(check, S("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, "
                               "ec2, etc."));
    if (colons > 1)
        return refuse(check, S("Actions/Condition can contain only one colon."));
    struct str vendor, rest = action;
    cut(&rest, &vendor);
    for (size_t i = 0; !str_eq(vendor, S("*")) && i < vendor.len; i++) {
        unsigned char c = (unsigned char)vendor.at[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return refuse(check,
                          str_format(check->arena, "Vendor %.*s is not valid", STR_ARG(vendor)));
    }
    return true;
}

static bool action_forms(struct check *check) {
    static const struct str elements[] = {STR("Action"), STR("NotAction")};
    for (size_t e = 0; e < COUNT(elements); e++)
        for (size_t i = 0; i < check->n; i++) {
            const struct json *actions = json_get(&check->statements[i], elements[e]);
            bool list = actions && actions->kind == JSON_ARRAY;
            for (size_t k = 0; actions && k < (list ? actions->n : 1); k++)
                if (!action_form(check, list ? actions->items[k].text : actions->text))
                    return false;
        }
    return true;
}

static bool has_actions(struct check *check) {
    for (size_t i = 0; i < check->n; i++)
        if (is_empty(either(&check->statements[i], S("Action"), S("NotAction"))))
            return refuse(check, S("Policy statement must contain actions."));
    return true;
}

static bool has_resources(struct check *check) {
    for (size_t i = 0; i < check->n; i++)
        if (is_empty(either(&check->statements[i], S("Resource"), S("NotResource"))))
            return refuse(check, S("Policy statement must contain resources."));
    return true;
}

/* Identity policies. */

static bool no_principals(struct check *check) {
    for (size_t i = 0; i < check->n; i++)
        if (either(&check->statements[i], S("Principal"), S("NotPrincipal")))
            return refuse(check, S("Policy document should not specify a principal."));
    return true;
}

static bool within(struct check *check, struct str document, size_t max, const char *quota) {
    if (policy_check_size(document) <= max)
        return true;
    check->fault.code = S("LimitExceeded");
    check->fault.text = str_format(check->arena, "Cannot exceed quota for %s: %zu", quota, max);
    return false;
}

static bool identity(struct check *check, struct str document) {
    bool managed = check->kind == POLICY_MANAGED;
    if (!syntax(check))
        return false;
    if (managed && !str_eq(json_get_str(check->root, S("Version")), S("2012-10-17")))
        return refuse(check, S("Policy document must be version 2012-10-17 or greater."));
    if (!no_principals(check) || !parsing(check) || !unique_sids(check) || !has_actions(check))
        return false;
    if (check->resource_fault.len)
        return refuse(check, check->resource_fault);
    return has_resources(check) && action_forms(check) &&
           (!managed || within(check, document, POLICY_CHECK_MANAGED_MAX, "PolicySize"));
}

/* Principals. */

static bool all_digits(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

/* "AROA..." and its like, which AWS writes in place of an entity that was deleted. */
static bool is_unique_id(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (!(text.at[i] >= 'A' && text.at[i] <= 'Z') && !(text.at[i] >= '0' && text.at[i] <= '9'))
            return false;
    return text.len >= 16 && text.at[0] == 'A' && text.at[1] != 'K';
}

static bool is_aws_principal(struct str text) {
    struct str rest = text, arn, partition, service, region, account;
    if (str_eq(text, S("*")) || (all_digits(text) && text.len == 12) || is_unique_id(text))
        return true;
    if (str_find_byte(text, '*') >= 0 || str_find_byte(text, '?') >= 0)
        return false;
    if (!cut(&rest, &arn) || !cut(&rest, &partition) || !cut(&rest, &service) ||
        !cut(&rest, &region) || !cut(&rest, &account))
        return false;
    if (!str_eq(arn, S("arn")) || !policy_check_partition(partition) || region.len ||
        !all_digits(account) || account.len != 12)
        return false;
    if (str_eq(service, S("iam")))
        return str_eq(rest, S("root")) || str_starts(rest, S("user/")) ||
               str_starts(rest, S("role/"));
    return str_eq(service, S("sts")) &&
           (str_starts(rest, S("assumed-role/")) || str_starts(rest, S("federated-user/")));
}

static bool is_domain(struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && !strchr("-._/:", c))
            return false;
    }
    return str_find_byte(text, '.') > 0 && text.at[text.len - 1] != '.';
}

static bool is_federated(struct str text) {
    if (str_starts(text, S("arn:")))
        return str_find(text, S(":saml-provider/")) >= 0 ||
               str_find(text, S(":oidc-provider/")) >= 0;
    return is_domain(text);
}

static bool is_service(struct str text) {
    return is_domain(text) &&
           (((str_ends(text, S(".amazonaws.com")) || str_ends(text, S(".amazonaws.com.cn"))) &&
             policy_names_principal(text)) ||
            str_ends(text, S(".aws.internal")) || str_ends(text, S(".amazon.com")));
}

static bool principal_value(struct check *check, struct str type, const struct json *value) {
    const char *shown = NULL;
    bool ok = true;
    if (value->kind != JSON_STRING)
        return refuse(check, S("Invalid principal in policy"));
    if (str_eq(type, S("AWS"))) {
        ok = is_aws_principal(value->text);
        shown = "AWS";
    } else if (str_eq(type, S("Service"))) {
        ok = str_eq(value->text, S("*")) || is_service(value->text);
        shown = "SERVICE";
    } else if (str_eq(type, S("Federated"))) {
        if (!str_eq(value->text, S("*")) && !is_federated(value->text))
            return refuse(check, S("Federated principals must be valid domain names or SAML "
                                   "metadata ARNs"));
    } else if (!str_eq(type, S("CanonicalUser"))) {
        return refuse(check, S("Syntax errors in policy."));
    }
    return ok ||
           refuse(check, str_format(check->arena, "Invalid principal in policy: \"%s\":\"%.*s\"",
                                    shown, STR_ARG(value->text)));
}

static bool principal_form(struct check *check, const struct json *principal) {
    if (principal->kind == JSON_STRING && str_eq(principal->text, S("*")))
        return true;
    if (principal->kind != JSON_OBJECT || !principal->n)
        return refuse(check, S("Syntax errors in policy."));
    for (size_t i = 0; i < principal->n; i++) {
        const struct json *values = &principal->members[i].value;
        bool list = values->kind == JSON_ARRAY;
        if (list && !values->n)
            return refuse(check, S("Syntax errors in policy."));
        for (size_t k = 0; k < (list ? values->n : 1); k++)
            if (!principal_value(check, principal->members[i].name,
                                 list ? &values->items[k] : values))
                return false;
    }
    return true;
}

static bool principals(struct check *check) {
    for (size_t i = 0; i < check->n; i++) {
        const struct json *principal =
            either(&check->statements[i], S("Principal"), S("NotPrincipal"));
        if (!principal)
            return refuse(check, check->kind == POLICY_RESOURCE
                                     ? S("Missing required field Principal")
                                     : S("AssumeRolepolicy must contain principals."));
        if (!principal_form(check, principal))
            return false;
    }
    return true;
}

/* Trust policies. */

static bool is_trust_action(struct str action) {
    static const struct str actions[] = {
        STR("sts:AssumeRole"),
        STR("sts:AssumeRoleWithSAML"),
        STR("sts:AssumeRoleWithWebIdentity"),
        STR("sts:AssumeRoot"),
        STR("sts:TagSession"),
        STR("sts:SetSourceIdentity"),
        STR("sts:SetContext"),
        STR("sts:*"),
    };
    for (size_t i = 0; i < COUNT(actions); i++)
        if (str_eq_nocase(action, actions[i]))
            return true;
    return str_ends(action, S("*")) &&
           str_starts(action, S("sts:AssumeRole")); /* "sts:AssumeRole*" */
}

static bool trust_actions(struct check *check) {
    for (size_t i = 0; i < check->n; i++) {
        const struct json *actions = either(&check->statements[i], S("Action"), S("NotAction"));
        bool list = actions->kind == JSON_ARRAY;
        for (size_t k = 0; k < (list ? actions->n : 1); k++)
            if (!is_trust_action(list ? actions->items[k].text : actions->text))
                return refuse(check,
                              S("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    return true;
}

static bool no_resources(struct check *check) {
    for (size_t i = 0; i < check->n; i++) {
        if (json_get(&check->statements[i], S("Resource")))
            return refuse(check, S("Has prohibited field Resource"));
        if (json_get(&check->statements[i], S("NotResource")))
            return refuse(check, S("Has prohibited field NotResource"));
    }
    return true;
}

static bool trust(struct check *check, struct str document) {
    return syntax(check) && no_resources(check) && parsing(check) && unique_sids(check) &&
           has_actions(check) && trust_actions(check) && principals(check) &&
           within(check, document, POLICY_CHECK_TRUST_MAX, "ACLSizePerRole");
}

/* Policies of resources, in the words of S3. */

static bool required_fields(struct check *check) {
    static const struct {
        struct str name, other;
    } fields[] = {
        {STR("Effect"), STR("Effect")},
        {STR("Principal"), STR("NotPrincipal")},
        {STR("Action"), STR("NotAction")},
        {STR("Resource"), STR("NotResource")},
    };
    for (size_t i = 0; i < check->n; i++)
        for (size_t f = 0; f < COUNT(fields); f++)
            if (check->statements[i].kind == JSON_OBJECT &&
                !either(&check->statements[i], fields[f].name, fields[f].other))
                return refuse(check, str_format(check->arena, "Missing required field %.*s",
                                                STR_ARG(fields[f].name)));
    return true;
}

static bool resource(struct check *check) {
    if (!required_fields(check) || !syntax(check) || !principals(check) || !parsing(check) ||
        !unique_sids(check))
        return false;
    if (check->resource_fault.len)
        return refuse(check, S("Policy has invalid resource"));
    for (size_t i = 0; i < check->n; i++) {
        const struct json *actions = json_get(&check->statements[i], S("Action"));
        bool list = actions && actions->kind == JSON_ARRAY;
        for (size_t k = 0; actions && k < (list ? actions->n : 1); k++)
            if (!policy_names_action(list ? actions->items[k].text : actions->text))
                return refuse(check, S("Policy has invalid action"));
    }
    return action_forms(check);
}

static bool open_document(struct check *check, struct str document) {
    struct json_error error;
    const struct json *root = json_parse(check->arena, document, &error);
    if (!root && check->kind == POLICY_TRUST)
        return refuse(check, S("This policy contains invalid Json"));
    if (!root || root->kind != JSON_OBJECT)
        return refuse(check, check->kind == POLICY_RESOURCE
                                 ? S("Policies must be valid JSON and the first byte must be '{'")
                                 : S("Syntax errors in policy."));
    check->root = root;
    const struct json *list = json_get(root, S("Statement"));
    if (list && list->kind == JSON_ARRAY) {
        check->statements = list->items;
        check->n = list->n;
    } else if (list && list->kind == JSON_OBJECT) {
        check->statements = list;
        check->n = 1;
    }
    return true;
}

bool policy_check(struct arena *arena, enum policy_kind kind, struct str document,
                  struct policy_fault *ret_fault) {
    struct check check = {.arena = arena, .kind = kind};
    bool ok = open_document(&check, document);
    if (ok && kind == POLICY_TRUST)
        ok = trust(&check, document);
    else if (ok && kind == POLICY_RESOURCE)
        ok = resource(&check);
    else if (ok)
        ok = identity(&check, document);
    if (!ok)
        *ret_fault = check.fault;
    return ok;
}

static bool names_entity(struct str arn) {
    return str_find(arn, S(":iam::")) >= 0 &&
           (str_find(arn, S(":user/")) >= 0 || str_find(arn, S(":role/")) >= 0);
}

bool policy_check_principals(struct arena *arena, enum policy_kind kind, struct str document,
                             bool (*exists)(void *context, struct str arn), void *context,
                             struct policy_fault *ret_fault) {
    struct check check = {.arena = arena, .kind = kind};
    bool ok = open_document(&check, document);
    for (size_t i = 0; ok && i < check.n; i++) {
        const struct json *principal =
            either(&check.statements[i], S("Principal"), S("NotPrincipal"));
        const struct json *values =
            principal && principal->kind == JSON_OBJECT ? json_get(principal, S("AWS")) : NULL;
        bool list = values && values->kind == JSON_ARRAY;
        for (size_t k = 0; ok && values && k < (list ? values->n : 1); k++) {
            struct str arn = list ? values->items[k].text : values->text;
            if (names_entity(arn) && !exists(context, arn))
                ok = refuse(&check, kind == POLICY_RESOURCE
                                        ? S("Invalid principal in policy")
                                        : str_format(arena,
                                                     "Invalid principal in policy: "
                                                     "\"AWS\":\"%.*s\"",
                                                     STR_ARG(arn)));
        }
    }
    if (!ok)
        *ret_fault = check.fault;
    return ok;
}

size_t policy_check_size(struct str document) {
    size_t n = 0;
    for (size_t i = 0; i < document.len; i++)
        if (!strchr(" \t\r\n", document.at[i]) && ((unsigned char)document.at[i] & 0xc0) != 0x80)
            n++;
    return n;
}
