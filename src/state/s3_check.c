/* SPDX-License-Identifier: Apache-2.0 */
#include "state/s3_check.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/duration.h"
#include "aws/partition.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "state/backend_int.h"

#define CUSTOMER_KEY_LEN 44
#define MINUTE_MS ((int64_t)60000)

enum rule {
    NOT_EMPTY,
    NO_SLASHES,
    LENGTH,
    ARN,
    ARNS,
    DURATION,
    POLICY,
    URL,
    RETRY_MODE,
    IP_MODE,
    KMS_KEY
};

static const struct {
    const char *outer; /* the argument that holds it, or NULL */
    const char *name;
    enum rule rule;
    size_t min, max;
} rules[] = {
    {NULL, "bucket", NOT_EMPTY, 0, 0},
    {NULL, "key", NOT_EMPTY, 0, 0},
    {NULL, "key", NO_SLASHES, 0, 0},
    {NULL, "workspace_key_prefix", NO_SLASHES, 0, 0},
    {NULL, "kms_key_id", KMS_KEY, 0, 0},
    {NULL, "retry_mode", RETRY_MODE, 0, 0},
    {NULL, "ec2_metadata_service_endpoint", URL, 0, 0},
    {NULL, "ec2_metadata_service_endpoint_mode", IP_MODE, 0, 0},
    {"assume_role", "role_arn", ARN, 0, 0},
    {"assume_role", "duration", DURATION, 0, 0},
    {"assume_role", "external_id", LENGTH, 2, 1224},
    {"assume_role", "policy", POLICY, 0, 0},
    {"assume_role", "policy_arns", ARNS, 0, 0},
    {"assume_role", "session_name", LENGTH, 2, 64},
    {"assume_role", "source_identity", LENGTH, 2, 64},
    {"assume_role_with_web_identity", "role_arn", ARN, 0, 0},
    {"assume_role_with_web_identity", "duration", DURATION, 0, 0},
    {"assume_role_with_web_identity", "policy", POLICY, 0, 0},
    {"assume_role_with_web_identity", "policy_arns", ARNS, 0, 0},
    {"assume_role_with_web_identity", "session_name", LENGTH, 2, 64},
    {"assume_role_with_web_identity", "web_identity_token", LENGTH, 4, 20000},
    {"assume_role_with_web_identity", "web_identity_token_file", LENGTH, 4, 20000},
};

/* Of two arguments only one may be given; the first is deprecated where the second is inside
 * another or the pair says so. */
static const struct {
    const char *first, *outer, *second;
    bool deprecated;
} pairs[] = {
    {"dynamodb_endpoint", "endpoints", "dynamodb", true},
    {"endpoint", "endpoints", "s3", true},
    {"iam_endpoint", "endpoints", "iam", true},
    {"sts_endpoint", "endpoints", "sts", true},
    {"shared_credentials_file", NULL, "shared_credentials_files", true},
    {"force_path_style", NULL, "use_path_style", true},
    {"kms_key_id", NULL, "sse_customer_key", false},
    {"allowed_account_ids", NULL, "forbidden_account_ids", false},
};

static bool refuse(struct diags *diags, const char *outer, const char *name, const char *summary,
                   struct str detail) {
    struct diag *diag =
        diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0}, str_from(summary), detail);
    diag->path = outer ? str_format(diags->arena, "%s.%s", outer, name) : str_from(name);
    return false;
}

/* Given and known; *ret_value may be of any type. */
static bool is_given(struct value config, const char *outer, const char *name,
                     struct value *ret_value) {
    struct value v = config;
    if (outer && (!value_get(config, str_from(outer), &v) || v.kind != VALUE_OBJECT))
        return false;
    return value_get(v, str_from(name), ret_value) && ret_value->kind != VALUE_NULL &&
           ret_value->kind != VALUE_UNKNOWN;
}

static bool is_hex_run(struct str *text, size_t n) {
    if (text->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text->at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    *text = str_slice(*text, n, text->len);
    return true;
}

/* Groups of hex digits with hyphens between; the version is 1 to 5, the variant 8 to b. */
static bool is_key_uuid(struct str text) {
    static const size_t groups[] = {8, 4, 4, 4, 12};
    for (size_t i = 0; i < COUNT(groups); i++) {
        char first = text.len ? text.at[0] : '\0';
        bool fits = (i != 2 || (first >= '1' && first <= '5')) &&
                    (i != 3 || (first != '\0' && strchr("89ab", first) != NULL));
        if (!fits || !is_hex_run(&text, groups[i]))
            return false;
        if (i + 1 == COUNT(groups))
            return text.len == 0;
        if (text.len == 0 || text.at[0] != '-')
            return false;
        text = str_slice(text, 1, text.len);
    }
    return false;
}

static bool is_key_name(struct str text) {
    struct str rest = text;
    if (str_starts(text, S("mrk-"))) {
        rest = str_slice(text, 4, text.len);
        return is_hex_run(&rest, 32) && rest.len == 0;
    }
    return is_key_uuid(text);
}

static bool is_alias(struct str text) {
    return str_starts(text, S("alias/")) && text.len > strlen("alias/");
}

static bool check_kms_key(struct diags *diags, const char *name, struct str text) {
    struct arn arn;
    if (!str_starts(text, S("arn:")))
        return is_key_name(text) || is_alias(text) ||
               refuse(diags, NULL, name, "Invalid KMS Key ID",
                      str_format(diags->arena, "Value must be a valid KMS Key ID, got \"%.*s\"",
                                 STR_ARG(text)));
    bool parsed = arn_parse(text, &arn);
    bool key = parsed && str_starts(arn.resource, S("key/")) &&
               is_key_name(str_slice(arn.resource, 4, arn.resource.len));
    return key || (parsed && is_alias(arn.resource)) ||
           refuse(diags, NULL, name, "Invalid KMS Key ARN",
                  str_format(diags->arena, "Value must be a valid KMS Key ARN, got \"%.*s\"",
                             STR_ARG(text)));
}

static bool check_arn(struct diags *diags, const char *outer, const char *name, struct str text) {
    struct arn arn;
    if (arn_parse(text, &arn))
        return true;
    return refuse(
        diags, outer, name, "Invalid ARN",
        str_format(diags->arena, "The value \"%.*s\" cannot be parsed as an ARN: arn: %s",
                   STR_ARG(text),
                   str_starts(text, S("arn:")) ? "not enough sections" : "invalid prefix"));
}

static bool check_duration(struct diags *diags, const char *outer, const char *name,
                           struct str text) {
    int64_t ms = 0;
    struct str error = S("");
    if (!duration_parse(diags->arena, text, &ms, &error))
        return refuse(diags, outer, name, "Invalid Duration",
                      str_format(diags->arena,
                                 "The value \"%.*s\" cannot be parsed as a duration: %.*s",
                                 STR_ARG(text), STR_ARG(error)));
    if (ms >= 15 * MINUTE_MS && ms <= 720 * MINUTE_MS)
        return true;
    return refuse(diags, outer, name, "Invalid Duration",
                  str_format(diags->arena, "Duration must be between 15m0s and 12h0m0s, had %.*s",
                             STR_ARG(text)));
}

static bool check_length(struct diags *diags, size_t at, struct str text) {
    if (text.len >= rules[at].min && text.len <= rules[at].max)
        return true;
    return refuse(diags, rules[at].outer, rules[at].name, "Invalid Value Length",
                  str_format(diags->arena, "Length must be between %zu and %zu, had %zu",
                             rules[at].min, rules[at].max, text.len));
}

static bool check_text(struct diags *diags, size_t at, struct str text) {
    const char *outer = rules[at].outer, *name = rules[at].name;
    switch (rules[at].rule) {
    case NOT_EMPTY:
        return str_trim(text).len > 0 || refuse(diags, outer, name, "Invalid Value",
                                                S("The value cannot be empty or all whitespace"));
    case NO_SLASHES:
        return (!str_starts(text, S("/")) && !str_ends(text, S("/"))) ||
               refuse(diags, outer, name, "Invalid Value",
                      S("The value must not start or end with \"/\""));
    case LENGTH:
        return check_length(diags, at, text);
    case ARN:
    case ARNS:
        return check_arn(diags, outer, name, text);
    case DURATION:
        return check_duration(diags, outer, name, text);
    case POLICY:
        return str_starts(str_trim(text), S("{")) ||
               refuse(diags, outer, name, "Invalid IAM Policy Document",
                      S("Expected a JSON object describing the policy"));
    case URL:
        return str_find(text, S("://")) > 0 ||
               refuse(diags, outer, name, "Invalid Value",
                      str_format(diags->arena,
                                 "The value must be a valid URL containing at least a scheme and "
                                 "hostname. Had \"%.*s\"",
                                 STR_ARG(text)));
    case RETRY_MODE:
        return str_eq(text, S("standard")) || str_eq(text, S("adaptive")) ||
               refuse(diags, outer, name, "Invalid Value",
                      str_format(diags->arena, "unknown RetryMode, %.*s", STR_ARG(text)));
    case IP_MODE:
        return str_eq(text, S("IPv4")) || str_eq(text, S("IPv6")) ||
               refuse(diags, outer, name, "Invalid Value", S("Value must be one of [IPv4, IPv6]"));
    case KMS_KEY:
        return check_kms_key(diags, name, text);
    }
    return true;
}

static bool check_rule(struct value config, size_t at, struct diags *diags) {
    struct value v;
    if (!is_given(config, rules[at].outer, rules[at].name, &v))
        return true;
    if (v.kind == VALUE_STRING)
        return check_text(diags, at, value_str(v));
    bool ok = true;
    for (size_t i = 0; (v.kind == VALUE_SET || v.kind == VALUE_LIST) && i < value_count(v); i++) {
        struct value item = value_at(v, i);
        ok = (item.kind != VALUE_STRING || check_text(diags, at, value_str(item))) && ok;
    }
    return ok;
}

static bool check_pair(struct value config, size_t at, struct diags *diags) {
    struct value v;
    const char *first = pairs[at].first, *outer = pairs[at].outer, *second = pairs[at].second;
    if (!is_given(config, NULL, first, &v))
        return true;
    if (pairs[at].deprecated) {
        struct str text = str_format(diags->arena,
                                     "The parameter \"%s\" is deprecated. Use parameter "
                                     "\"%s%s%s\" instead.",
                                     first, outer ? outer : "", outer ? "." : "", second);
        diags_add(diags, SEVERITY_WARNING, (struct span){.file = 0}, S("Deprecated Parameter"),
                  text)
            ->path = str_from(first);
    }
    if (!is_given(config, outer, second, &v))
        return true;
    if (outer)
        return refuse(diags, outer, second, "Conflicting Parameters",
                      str_format(diags->arena,
                                 "The parameters \"%s\" and \"%s.%s\" cannot be configured "
                                 "together.",
                                 first, outer, second));
    (void)refuse(diags, NULL, first, "Invalid Attribute Combination",
                 str_format(diags->arena, "Only one of %s, %s can be set.", first, second));
    diags->at[diags->n - 1].path = S(""); /* neither of them is the wrong one */
    return false;
}

static bool check_web_role(struct value config, struct diags *diags) {
    static const char outer[] = "assume_role_with_web_identity";
    struct value v;
    if (!is_given(config, NULL, outer, &v))
        return true;
    bool token = is_given(config, outer, "web_identity_token", &v);
    bool file = is_given(config, outer, "web_identity_token_file", &v);
    if (token != file)
        return true;
    return refuse(diags, NULL, outer,
                  token ? "Invalid Attribute Combination" : "Missing Required Value",
                  token ? S("Only one of web_identity_token, web_identity_token_file can be set.")
                        : S("Exactly one of web_identity_token, web_identity_token_file must be "
                            "set."));
}

struct str s3_check_customer_key(struct value config) {
    static const char *const variables[] = {"AWS_SSE_CUSTOMER_KEY", NULL};
    return backend_text(config, "sse_customer_key", variables);
}

static bool check_customer_key(struct value config, struct diags *diags) {
    struct str key = s3_check_customer_key(config);
    struct value v;
    struct str decoded;
    bool given = is_given(config, NULL, "sse_customer_key", &v);
    const char *summary =
        given ? "Invalid sse_customer_key value" : "Invalid AWS_SSE_CUSTOMER_KEY value";
    const char *what =
        given ? "sse_customer_key" : "The environment variable \"AWS_SSE_CUSTOMER_KEY\"";
    if (key.len == 0)
        return true;
    bool sized = key.len == CUSTOMER_KEY_LEN;
    if (sized && digest_from_base64(diags->arena, key, &decoded))
        return true;
    struct str detail = str_format(diags->arena, "%s must be %s", what,
                                   sized ? "base64 encoded" : "44 characters in length");
    (void)refuse(diags, NULL, "sse_customer_key", summary, detail);
    if (!given)
        diags->at[diags->n - 1].path = S("");
    return false;
}

static bool check_region(struct value config, struct diags *diags) {
    static const char *const variables[] = {"AWS_REGION", "AWS_DEFAULT_REGION", NULL};
    struct value given;
    if (backend_text(config, "region", variables).len == 0 ||
        (is_given(config, NULL, "region", &given) && given.kind == VALUE_STRING &&
         value_str(given).len == 0))
        return refuse(diags, NULL, "region", "Missing region value",
                      S("The \"region\" attribute or the \"AWS_REGION\" or "
                        "\"AWS_DEFAULT_REGION\" environment variables must be set."));
    struct str region = backend_text(config, "region", NULL);
    if (region.len == 0 || backend_flag(config, "skip_region_validation", NULL, false) ||
        partition_region(region))
        return true;
    return refuse(diags, NULL, "region", "Invalid region value",
                  str_format(diags->arena, "Invalid AWS Region: %.*s", STR_ARG(region)));
}

static bool check_bundle(struct value config, struct diags *diags) {
    struct str path = backend_text(config, "custom_ca_bundle", NULL);
    struct str bytes;
    int error = path.len ? fs_read(diags->arena, path, BUF_MAX_DOCUMENT, &bytes) : 0;
    if (error == 0)
        return true;
    struct str why = fs_error_text(diags->arena, error);
    (void)diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0},
                    str_format(diags->arena, "reading custom CA bundle: open %.*s: %.*s",
                               STR_ARG(path), STR_ARG(why)),
                    S(""));
    return false;
}

bool s3_check_config(struct value config, struct diags *diags) {
    bool ok = true;
    for (size_t i = 0; i < COUNT(pairs); i++)
        ok = check_pair(config, i, diags) && ok;
    for (size_t i = 0; i < COUNT(rules); i++)
        ok = check_rule(config, i, diags) && ok;
    ok = check_web_role(config, diags) && ok;
    ok = check_customer_key(config, diags) && ok;
    ok = check_bundle(config, diags) && ok;
    return check_region(config, diags) && ok;
}
