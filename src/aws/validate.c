/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/validate.h"

#include <ctype.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/duration.h"
#include "aws/url.h"
#include "aws/validate_json.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/re2_shim.h"

/* Where the checks are: the path for the diagnostic, and the same as the provider writes it. */
struct spot {
    struct arena *arena;
    struct diags *diags;
    struct path path;
    struct str name; /* "statement.0.effect" */
    bool framework;
};

static void report(const struct spot *p, struct str summary, struct str detail) {
    struct diag *d = diags_add(p->diags, SEVERITY_ERROR, (struct span){0}, summary, detail);
    d->path = path_text(p->arena, p->path);
}

static struct spot inside(const struct spot *p, struct str attr) {
    struct spot q = *p;
    q.path = path_attr(p->arena, p->path, attr);
    q.name = p->name.len == 0 ? attr
                              : str_format(p->arena, "%.*s.%.*s", STR_ARG(p->name), STR_ARG(attr));
    return q;
}

/* Single checks: each adds one error at most. */

static void check_length(const struct spot *p, const struct fact_check *c, struct str text) {
    if (c->empty_ok && text.len == 0)
        return;
    if (c->not_empty_text && text.len == 0)
        report(p,
               str_format(p->arena, "expected \"%.*s\" to not be an empty string, got ",
                          STR_ARG(p->name)),
               S(""));
    if (c->has_length && ((int64_t)text.len < c->min || (int64_t)text.len > c->max))
        report(p,
               str_format(p->arena,
                          "expected length of %.*s to be in the range (%lld - %lld), got %.*s",
                          STR_ARG(p->name), (long long)c->min, (long long)c->max, STR_ARG(text)),
               S(""));
}

static void check_enum(const struct spot *p, const struct fact_check *c, struct str text) {
    struct buf list;
    if (!c->enums)
        return;
    buf_init(&list, BUF_MAX_TEXT);
    for (size_t i = 0; c->enums[i].len > 0; i++) {
        if (str_eq(c->enums[i], text)) {
            buf_clear(&list);
            return;
        }
        buf_addf(&list, "%s\"%.*s\"", i > 0 ? " " : "", STR_ARG(c->enums[i]));
    }
    struct str all = buf_take(&list, p->arena);
    report(p,
           str_format(p->arena, "expected %.*s to be one of [%.*s], got %.*s", STR_ARG(p->name),
                      STR_ARG(all), STR_ARG(text)),
           S(""));
}

static bool only(struct str text, struct str alphabet) {
    for (size_t i = 0; i < text.len; i++)
        if (!memchr(alphabet.at, text.at[i], alphabet.len))
            return false;
    return true;
}

static void check_alphabet(const struct spot *p, const struct fact_check *c, struct str text) {
    bool empty_is_wrong = str_starts(c->alphabet_rule, S("must only contain"));
    if (c->alphabet.len == 0 || c->alphabet_rule.len == 0)
        return;
    if (!only(text, c->alphabet) || (text.len == 0 && empty_is_wrong))
        report(p,
               str_format(p->arena, "invalid value for %.*s (%.*s)", STR_ARG(p->name),
                          STR_ARG(c->alphabet_rule)),
               S(""));
}

static void check_arn(const struct spot *p, struct str text) {
    struct str faults[ARN_FAULTS_MAX];
    size_t n = text.len > 0 ? arn_faults(text, faults) : 0;
    for (size_t i = 0; i < n; i++)
        report(p,
               str_format(p->arena, "\"%.*s\" (%.*s) is an invalid ARN: %.*s", STR_ARG(p->name),
                          STR_ARG(text), STR_ARG(faults[i])),
               S(""));
}

/* The words of the newer library, for types that are made with it. */
static void check_arn_value(const struct spot *p, struct str text) {
    struct arn arn;
    if (!arn_parse(text, &arn))
        report(p, S("Invalid ARN Value"),
               str_format(p->arena,
                          "The provided value cannot be parsed as an ARN.\n\nPath: %.*s\nValue: "
                          "%.*s",
                          STR_ARG(p->name), STR_ARG(text)));
}

static void check_json(const struct spot *p, struct str text) {
    struct str fault = validate_json_syntax(p->arena, text);
    if (fault.len > 0)
        report(p,
               str_format(p->arena, "\"%.*s\" contains an invalid JSON: %.*s", STR_ARG(p->name),
                          STR_ARG(fault)),
               S(""));
}

static void check_policy(const struct spot *p, struct str text) {
    struct str fault = validate_json_policy(p->arena, text);
    if (fault.len > 0)
        report(p, str_format(p->arena, "\"%.*s\" %.*s", STR_ARG(p->name), STR_ARG(fault)), S(""));
}

static void check_regexp(const struct spot *p, struct str text) {
    struct re2_shim_error error;
    struct re2_shim *compiled = re2_shim_new(text, &error);
    if (!compiled)
        report(p,
               str_format(p->arena, "\"%.*s\": error parsing regexp: %s: `%.*s`", STR_ARG(p->name),
                          error.code, (int)error.part_len, error.part),
               S(""));
    re2_shim_free(compiled);
}

static void check_url(const struct spot *p, struct str text) {
    struct str name = p->name, fault;
    struct url url;
    if (text.len == 0) {
        report(p,
               str_format(p->arena, "expected \"%.*s\" url to not be empty, got ", STR_ARG(name)),
               S(""));
        return;
    }
    if (!url_parse(p->arena, text, &url, &fault)) {
        report(p,
               str_format(p->arena, "expected \"%.*s\" to be a valid url, got %.*s: %.*s",
                          STR_ARG(name), STR_ARG(text), STR_ARG(fault)),
               S(""));
        return;
    }
    if (url.host.len == 0)
        report(p,
               str_format(p->arena, "expected \"%.*s\" to have a host, got %.*s", STR_ARG(name),
                          STR_ARG(text)),
               S(""));
    else if (!str_eq(url.scheme, S("https")))
        report(p,
               str_format(p->arena,
                          "expected \"%.*s\" to have a url with schema of: \"https\", got %.*s",
                          STR_ARG(name), STR_ARG(text)),
               S(""));
    if (url_has_parameters(url.query))
        report(p,
               str_format(p->arena,
                          "\"%.*s\" cannot contain query parameters per the OIDC standard",
                          STR_ARG(name)),
               S(""));
}

static void check_alias(const struct spot *p, struct str text) {
    static const struct str allowed = STR("0123456789abcdefghijklmnopqrstuvwxyz-");
    if (text.len < 2 || text.at[0] == '-' || !only(text, allowed))
        report(p,
               str_format(p->arena,
                          "invalid value for %.*s (must start with an alphanumeric character and "
                          "only contain lowercase alphanumeric characters and hyphens)",
                          STR_ARG(p->name)),
               S(""));
    if (str_find(text, S("--")) >= 0)
        report(
            p,
            str_format(p->arena, "\"%.*s\" must not contain consecutive hyphens", STR_ARG(p->name)),
            S(""));
    if (str_ends(text, S("-")))
        report(p, str_format(p->arena, "\"%.*s\" must not end in a hyphen", STR_ARG(p->name)),
               S(""));
}

static void check_path(const struct spot *p, struct str text) {
    static const struct str allowed =
        STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/.,+@=_-");
    const char *what = NULL;
    if (!str_starts(text, S("/")) || !str_ends(text, S("/")))
        what = "value must begin and end with a slash (/)";
    else if (str_find(text, S("//")) >= 0)
        what = "value must not contain consecutive slashes (//)";
    else if (!only(text, allowed))
        what = "value must contain uppercase or lowercase alphanumeric characters or any of the "
               "following: / , . + @ = _ -";
    if (what)
        report(p, str_format(p->arena, "invalid value for %.*s (%s)", STR_ARG(p->name), what),
               S(""));
}

static bool has_word(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (isalnum((unsigned char)text.at[i]) || strchr("_+=,.@-", text.at[i]))
            return true;
    return false;
}

static void check_role_name(const struct spot *p, struct str text) {
    if (arn_fault(text).len == 0 || text.len == 0)
        report(
            p,
            str_format(p->arena, "\"%.*s\" must be the role's name not its ARN", STR_ARG(p->name)),
            S(""));
    if (!has_word(text))
        report(p,
               str_format(p->arena,
                          "expected value of %.*s to match regular expression "
                          "\"[\\\\w+=,.@-]+\", got %.*s",
                          STR_ARG(p->name), STR_ARG(text)),
               S(""));
}

static void check_description(const struct spot *p, struct str text) {
    if (str_find(text, S("\xe2\x80\x9c")) >= 0 || str_find(text, S("\xe2\x80\x98")) >= 0)
        report(p,
               str_format(p->arena,
                          "invalid value for %.*s (cannot contain specially formatted single or "
                          "double quotes: [\xe2\x80\x9c\xe2\x80\x98])",
                          STR_ARG(p->name)),
               S(""));
}

static void check_words(const struct spot *p, const struct fact_check *c, struct str text) {
    static const struct {
        enum fact_format format;
        const char *rule;
    } rules[] = {
        {FORMAT_SERVICE_NAME,
         "must be a full service hostname e.g. elasticbeanstalk.amazonaws.com"},
        {FORMAT_DEVICE_NAME,
         "must consist of upper and lowercase alphanumeric characters with no spaces. You can also "
         "include any of the following characters: _+=,.@-"},
    };
    bool good = c->format == FORMAT_SERVICE_NAME ? str_find_byte(text, '.') >= 0 : has_word(text);
    for (size_t i = 0; i < COUNT(rules) && !good; i++)
        if (rules[i].format == c->format)
            report(p,
                   str_format(p->arena, "invalid value for %.*s (%s)", STR_ARG(p->name),
                              rules[i].rule),
                   S(""));
}

static void check_duration(const struct spot *p, struct str text) {
    static const int64_t minute_ms = 60 * 1000;
    struct str error;
    int64_t ms;
    if (!duration_parse(p->arena, text, &ms, &error))
        report(p,
               str_format(p->arena, "\"%.*s\" cannot be parsed as a duration: %.*s",
                          STR_ARG(p->name), STR_ARG(error)),
               S(""));
    else if (ms < 15 * minute_ms || ms > 12 * 60 * minute_ms)
        report(p,
               str_format(p->arena,
                          "duration \"%.*s\" must be between 15 minutes (15m) and 12 hours (12h), "
                          "inclusive",
                          STR_ARG(p->name)),
               S(""));
}

static void check_account_id(const struct spot *p, struct str text) {
    if (text.len == 12 && only(text, S("0123456789")))
        return;
    struct str shown = validate_json_quote(p->arena, text);
    report(p,
           str_format(p->arena,
                      "\"%.*s\" doesn't look like AWS Account ID (exactly 12 digits): %.*s",
                      STR_ARG(p->name), STR_ARG(shown)),
           S(""));
}

/* Nothing, or what Go's strconv.ParseBool takes. */
static void check_bool_text(const struct spot *p, struct str text) {
    static const struct str words[] = {
        STR(""),  STR("1"), STR("t"), STR("T"),     STR("true"),  STR("TRUE"), STR("True"),
        STR("0"), STR("f"), STR("F"), STR("false"), STR("FALSE"), STR("False")};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq(text, words[i]))
            return;
    struct str shown = validate_json_quote(p->arena, text);
    report(p,
           str_format(p->arena,
                      "%.*s: cannot parse '%.*s' as boolean: strconv.ParseBool: parsing %.*s: "
                      "invalid syntax",
                      STR_ARG(p->name), STR_ARG(text), STR_ARG(shown)),
           S(""));
}

static void check_format(const struct spot *p, const struct fact_check *c, struct str text) {
    switch (c->format) {
    case FORMAT_ARN:
        check_arn(p, text);
        return;
    case FORMAT_ARN_VALUE:
        check_arn_value(p, text);
        return;
    case FORMAT_POLICY:
        check_policy(p, text);
        return;
    case FORMAT_JSON:
        check_json(p, text);
        return;
    case FORMAT_REGEXP:
        check_regexp(p, text);
        return;
    case FORMAT_HTTPS_URL:
        check_url(p, text);
        return;
    case FORMAT_EMPTY:
        if (text.len > 0)
            report(p,
                   str_format(p->arena, "expected \"%.*s\" to be an empty string: got %.*s",
                              STR_ARG(p->name), STR_ARG(text)),
                   S(""));
        return;
    case FORMAT_NOT_EMPTY:
        if (text.len == 0)
            report(p, str_format(p->arena, "%.*s must not be empty, got ", STR_ARG(p->name)),
                   S(""));
        return;
    case FORMAT_ALIAS:
        check_alias(p, text);
        return;
    case FORMAT_PATH:
        check_path(p, text);
        return;
    case FORMAT_DESCRIPTION:
        check_description(p, text);
        return;
    case FORMAT_ROLE_NAME:
        check_role_name(p, text);
        return;
    case FORMAT_SERVICE_NAME:
    case FORMAT_DEVICE_NAME:
        check_words(p, c, text);
        return;
    case FORMAT_ACCOUNT_ID:
        check_account_id(p, text);
        return;
    case FORMAT_BOOL_TEXT:
        check_bool_text(p, text);
        return;
    case FORMAT_DURATION:
        check_duration(p, text);
        return;
    case FORMAT_ANY:
        return;
    }
}

static void check_one(const struct spot *p, const struct fact_check *c, struct value v) {
    int64_t n;
    v = value_unmark(v);
    if (c->has_range && value_to_int(v, &n) && (n < c->min || n > c->max))
        report(p,
               str_format(p->arena, "expected %.*s to be in the range (%lld - %lld), got %lld",
                          STR_ARG(p->name), (long long)c->min, (long long)c->max, (long long)n),
               S(""));
    if (v.kind != VALUE_STRING)
        return;
    check_length(p, c, value_str(v));
    check_enum(p, c, value_str(v));
    check_alphabet(p, c, value_str(v));
    check_format(p, c, value_str(v));
}

static bool has_elements(struct value v) {
    return v.kind == VALUE_LIST || v.kind == VALUE_SET;
}

/* Element i of a list or set. Elements of sets have no place of their own. */
static struct spot element_of(const struct spot *p, struct value list, size_t i) {
    struct spot q = *p;
    q.path = list.kind == VALUE_LIST ? path_index(p->arena, p->path, (int64_t)i)
                                     : path_element(p->arena, p->path, value_null(type_dynamic));
    q.name = str_format(p->arena, "%.*s.%zu", STR_ARG(p->name), i);
    return q;
}

static void check_elements(const struct spot *p, const struct fact_check *c, struct value list) {
    for (size_t i = 0; i < value_count(list); i++) {
        struct spot q = element_of(p, list, i);
        check_one(&q, c, value_at(list, i));
    }
}

/* Nulls in sets are told by the newer library only where its schema forbids them. */
static void check_set(const struct spot *p, const struct fact *f, struct value set) {
    bool null = false;
    for (size_t i = 0; i < value_count(set); i++)
        null = null || value_is_null(value_unmark(value_at(set, i)));
    if (null && f->flags & FACT_NO_NULLS)
        report(p, S("Null Set Value"), S("This attribute contains a null value."));
}

/* An argument that must be there is null. */
static void report_missing(const struct spot *p) {
    if (p->framework)
        report(p, S("Missing Configuration for Required Attribute"),
               str_format(p->arena,
                          "Must set a configuration value for the %.*s attribute as the provider "
                          "has marked it as required.\n\nRefer to the provider documentation or "
                          "contact the provider developers for additional information about "
                          "configurable attributes that are required.",
                          STR_ARG(p->name)));
    else
        report(p, S("Missing required argument"),
               str_format(p->arena,
                          "The argument \"%.*s\" is required, but no definition was found.",
                          STR_ARG(p->name)));
}

/* false: the library takes whole numbers only. */
static bool check_whole(const struct spot *p, struct value v) {
    int64_t n;
    if (p->framework || !value_is_number(v) || value_to_int(v, &n))
        return true;
    struct buf shown;
    buf_init(&shown, BUF_MAX_TEXT);
    value_write_number(&shown, v);
    struct str text = buf_take(&shown, p->arena);
    report(p, str_format(p->arena, "Attribute must be a whole number, got %.*s", STR_ARG(text)),
           S(""));
    return false;
}

/* Arguments against one another. */

static bool is_set(struct value block, struct str name) {
    struct value v;
    return value_get(block, name, &v) && !value_is_null(v);
}

/* `around`: what stands before the names, such as "assume_role.0.". */
static struct str list_of(struct arena *arena, struct str around, const struct str *names,
                          struct value block, bool only_set) {
    struct str kept[16];
    size_t n = 0;
    for (size_t i = 0; names[i].len > 0 && n < COUNT(kept); i++)
        if (!only_set || is_set(block, names[i]))
            kept[n++] = str_cat(arena, around, names[i]);
    return str_join(arena, kept, n, S(","));
}

static size_t count_set(struct value block, const struct str *names) {
    size_t n = 0;
    for (size_t i = 0; names[i].len > 0; i++)
        n += is_set(block, names[i]);
    return n;
}

/* false: there was something to say, and the reference looks no further at this argument. */
static bool check_relations(const struct spot *p, const struct fact *f, struct value block) {
    struct arena *arena = p->arena;
    size_t before = p->diags->n;
    struct str around = str_slice(p->name, 0, p->name.len - f->name.len);
    for (size_t i = 0; f->conflicts_with && f->conflicts_with[i].len > 0; i++)
        if (is_set(block, f->name) && is_set(block, f->conflicts_with[i]))
            report(p, S("Conflicting configuration arguments"),
                   str_format(arena, "\"%.*s\": conflicts with %.*s", STR_ARG(p->name),
                              STR_ARG(f->conflicts_with[i])));
    if (f->exactly_one_of && count_set(block, f->exactly_one_of) != 1) {
        struct str all = list_of(arena, around, f->exactly_one_of, block, false);
        struct str given = list_of(arena, around, f->exactly_one_of, block, true);
        report(p, S("Invalid combination of arguments"),
               given.len == 0
                   ? str_format(arena, "\"%.*s\": one of `%.*s` must be specified",
                                STR_ARG(p->name), STR_ARG(all))
                   : str_format(arena,
                                "\"%.*s\": only one of `%.*s` can be specified, but `%.*s` were "
                                "specified.",
                                STR_ARG(p->name), STR_ARG(all), STR_ARG(given)));
    }
    if (f->at_least_one_of && count_set(block, f->at_least_one_of) == 0)
        report(p, S("Missing required argument"),
               str_format(arena, "\"%.*s\": one of `%.*s` must be specified", STR_ARG(p->name),
                          STR_ARG(list_of(arena, around, f->at_least_one_of, block, false))));
    return p->diags->n == before;
}

static void warn_deprecated(const struct spot *p, struct str message) {
    struct diag *d =
        diags_add(p->diags, SEVERITY_WARNING, (struct span){0},
                  p->framework ? S("Attribute Deprecated") : S("Argument is deprecated"), message);
    d->path = path_text(p->arena, p->path);
}

static void check_block(const struct spot *p, const struct fact_block *block, struct value v);

/* Both libraries that the provider is made with have their say. */
static void report_too_many(const struct spot *p, const struct fact_block *nested, size_t n) {
    struct spot q = *p;
    q.path = path_element(p->arena, p->path, value_null(type_dynamic));
    report(&q, S("Invalid Attribute Value"),
           str_format(p->arena, "Attribute %.*s list must contain at most %u elements, got: %zu",
                      STR_ARG(p->name), nested->at_most, n));
    report(&q, S("Too many list items"),
           str_format(p->arena,
                      "Attribute %.*s supports %u item maximum, but config has %zu declared.",
                      STR_ARG(p->name), nested->at_most, n));
}

static void check_nested(const struct spot *p, const struct fact_block *nested, struct value list) {
    size_t n = has_elements(list) ? value_count(list) : 0;
    struct spot q = inside(p, nested->name);
    if (nested->at_most > 0 && n > nested->at_most) {
        report_too_many(&q, nested, n);
        return;
    }
    if (n > 0 && nested->deprecated.len > 0) {
        struct spot whole = *p;
        struct diag *d = diags_add(whole.diags, SEVERITY_WARNING, (struct span){0},
                                   S("Argument is deprecated"), nested->deprecated);
        d->path = path_text(p->arena, p->path);
    }
    for (size_t i = 0; i < n; i++) {
        struct spot element = element_of(&q, list, i);
        check_block(&element, nested, value_at(list, i));
    }
}

static void check_attr(const struct spot *p, const struct fact *f, struct value v) {
    if (f->deprecated.len > 0 && (p->framework || value_is_wholly_known(v)))
        warn_deprecated(p, f->deprecated);
    if (!check_whole(p, v))
        return;
    if (has_elements(v))
        check_set(p, f, v);
    if (f->check)
        check_one(p, f->check, v);
    if (f->element_check && has_elements(v))
        check_elements(p, f->element_check, v);
}

static void check_block(const struct spot *p, const struct fact_block *block, struct value v) {
    v = value_unmark(v);
    if (v.kind != VALUE_OBJECT)
        return;
    for (size_t i = 0; i < block->n_facts; i++) {
        const struct fact *f = &block->facts[i];
        struct value attr = value_null(type_dynamic);
        struct spot q = inside(p, f->name);
        value_get(v, f->name, &attr);
        if (!check_relations(&q, f, v))
            continue;
        if (!value_is_null(attr))
            check_attr(&q, f, value_unmark(attr));
        else if (f->flags & FACT_REQUIRED)
            report_missing(&q);
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        struct value nested = value_null(type_dynamic);
        value_get(v, block->blocks[i].name, &nested);
        check_nested(p, &block->blocks[i], value_unmark(nested));
    }
}

static void check_no_nulls(const struct spot *p, struct value v) {
    v = value_unmark(v);
    bool object = v.kind == VALUE_OBJECT;
    for (size_t i = 0; (object || has_elements(v)) && i < value_count(v); i++) {
        struct value element = value_at(v, i);
        struct spot q = object ? inside(p, value_key(v, i)) : element_of(p, v, i);
        if (!object && value_is_null(value_unmark(element)))
            report(v.kind == VALUE_LIST ? &q : p, S("Null value found in list"),
                   S("Null values are not allowed for this attribute value."));
        else
            check_no_nulls(&q, element);
    }
}

bool validate_no_nulls(struct arena *arena, struct value config, struct diags *diags) {
    struct spot root = {.arena = arena, .diags = diags};
    size_t before = diags->n_errors;
    check_no_nulls(&root, config);
    return diags->n_errors == before;
}

bool validate_block(struct arena *arena, const struct fact_block *block, bool framework,
                    struct value config, struct diags *diags) {
    struct spot root = {.arena = arena, .diags = diags, .framework = framework};
    size_t before = diags->n_errors;
    check_block(&root, block, config);
    return diags->n_errors == before;
}
