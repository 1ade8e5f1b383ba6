/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/yaml_scalar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "eval/quote.h"

#define TAG "tag:yaml.org,2002:"

enum tag { TAG_NONE, TAG_STR, TAG_BOOL, TAG_INT, TAG_FLOAT, TAG_NULL, TAG_TIMESTAMP, TAG_BINARY };

static const struct str tag_names[] = {
    STR(""),          STR(TAG "str"),  STR(TAG "bool"),      STR(TAG "int"),
    STR(TAG "float"), STR(TAG "null"), STR(TAG "timestamp"), STR(TAG "binary")};

enum word { WORD_NONE, WORD_TRUE, WORD_FALSE, WORD_NULL, WORD_INFINITY, WORD_MINUS_INFINITY };

static const struct {
    const char *text;
    enum word word;
} words[] = {
    {"y", WORD_TRUE},
    {"Y", WORD_TRUE},
    {"yes", WORD_TRUE},
    {"Yes", WORD_TRUE},
    {"YES", WORD_TRUE},
    {"true", WORD_TRUE},
    {"True", WORD_TRUE},
    {"TRUE", WORD_TRUE},
    {"on", WORD_TRUE},
    {"On", WORD_TRUE},
    {"ON", WORD_TRUE},
    {"n", WORD_FALSE},
    {"N", WORD_FALSE},
    {"no", WORD_FALSE},
    {"No", WORD_FALSE},
    {"NO", WORD_FALSE},
    {"false", WORD_FALSE},
    {"False", WORD_FALSE},
    {"FALSE", WORD_FALSE},
    {"off", WORD_FALSE},
    {"Off", WORD_FALSE},
    {"OFF", WORD_FALSE},
    {"", WORD_NULL},
    {"~", WORD_NULL},
    {"null", WORD_NULL},
    {"Null", WORD_NULL},
    {"NULL", WORD_NULL},
    {".inf", WORD_INFINITY},
    {".Inf", WORD_INFINITY},
    {".INF", WORD_INFINITY},
    {"+.inf", WORD_INFINITY},
    {"+.Inf", WORD_INFINITY},
    {"+.INF", WORD_INFINITY},
    {"-.inf", WORD_MINUS_INFINITY},
    {"-.Inf", WORD_MINUS_INFINITY},
    {"-.INF", WORD_MINUS_INFINITY},
};

static enum word word_of(struct str text) {
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq(text, str_from(words[i].text)))
            return words[i].word;
    return WORD_NONE;
}

static struct value word_value(struct arena *arena, enum word word) {
    switch (word) {
    case WORD_TRUE:
    case WORD_FALSE:
        return value_bool(word == WORD_TRUE);
    case WORD_INFINITY:
        return value_double(arena, __builtin_inf());
    case WORD_MINUS_INFINITY:
        return value_double(arena, -__builtin_inf());
    default:
        return value_null(type_dynamic);
    }
}

static size_t digits_at(struct str text, size_t at) {
    size_t n = 0;
    while (at + n < text.len && text.at[at + n] >= '0' && text.at[at + n] <= '9')
        n++;
    return n;
}

static bool is_integer(struct str text) {
    size_t start = text.len && (text.at[0] == '+' || text.at[0] == '-') ? 1 : 0;
    size_t n = digits_at(text, start);
    if (n && start + n == text.len)
        return true;
    bool octal = str_starts(text, S("0o")), hex = str_starts(text, S("0x"));
    if ((!octal && !hex) || text.len < 3)
        return false;
    return strspn(text.at + 2, octal ? "01234567" : "0123456789abcdefABCDEF") >= text.len - 2;
}

static bool is_float(struct str text) {
    size_t at = text.len && (text.at[0] == '+' || text.at[0] == '-') ? 1 : 0;
    size_t whole = digits_at(text, at), fraction = 0;
    at += whole;
    if (at < text.len && text.at[at] == '.') {
        fraction = digits_at(text, at + 1);
        at += 1 + fraction;
    }
    if (!whole && !fraction)
        return false;
    if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
        at++;
        if (at < text.len && (text.at[at] == '+' || text.at[at] == '-'))
            at++;
        size_t n = digits_at(text, at);
        if (!n)
            return false;
        at += n;
    }
    return at == text.len;
}

/* Number text as the value parser wants it: no plus, a digit on each side of the point. */
static bool decimal(struct arena *arena, struct str text, struct value *ret_value) {
    bool negative = str_starts(text, S("-"));
    if (negative || str_starts(text, S("+")))
        text = str_slice(text, 1, text.len);
    ptrdiff_t point = str_find_byte(text, '.');
    if (point >= 0) {
        struct str before = str_slice(text, 0, (size_t)point);
        struct str after = str_slice(text, (size_t)point + 1, text.len);
        bool digits = digits_at(after, 0) > 0;
        text = str_format(arena, "%s%.*s.%s%.*s", before.len ? "" : "0", STR_ARG(before),
                          digits ? "" : "0", STR_ARG(after));
    }
    return value_number_parse(arena, negative ? str_cat(arena, S("-"), text) : text, ret_value);
}

static bool cannot(struct arena *arena, struct str text, enum tag tag, const char *why,
                   struct str *error) {
    *error = str_format(arena, "cannot parse %s as %.*s%s", quote_text(arena, text),
                        STR_ARG(tag_names[tag]), why);
    return false;
}

static bool number(struct arena *arena, struct str text, enum tag tag, struct value *ret_value,
                   struct str *error) {
    struct str plain = str_replace(arena, text, S("_"), S(""));
    if ((is_float(plain) || digits_at(plain, 0) == plain.len) && decimal(arena, plain, ret_value))
        return true;
    const char *start = str_c(arena, plain);
    int base = str_starts(plain, S("0o")) ? 8 : str_starts(plain, S("0x")) ? 16 : 0;
    if (base && plain.len > 2) {
        char *end;
        errno = 0;
        unsigned long long n = strtoull(start + 2, &end, base);
        char digits[32];
        snprintf(digits, sizeof digits, "%llu", n);
        if (!errno && !*end)
            return value_number_parse(arena, str_from(digits), ret_value);
    }
    return cannot(arena, text, tag, "", error);
}

struct cursor {
    struct str text;
    size_t at;
};

/* One or two digits within bounds. */
static bool part(struct cursor *c, int low, int high, int *ret_part) {
    size_t n = digits_at(c->text, c->at);
    int value = 0;
    if (n == 0)
        return false;
    for (size_t i = 0; i < n && i < 2; i++)
        value = value * 10 + (c->text.at[c->at + i] - '0');
    c->at += n < 2 ? n : 2;
    *ret_part = value;
    return value >= low && value <= high;
}

static bool mark(struct cursor *c, char mark) {
    if (c->at >= c->text.len || c->text.at[c->at] != mark)
        return false;
    c->at++;
    return true;
}

static bool offset(struct cursor *c, int *ret_minutes) {
    int hours = 0, minutes = 0;
    if (mark(c, 'Z')) {
        *ret_minutes = 0;
        return c->at == c->text.len;
    }
    bool negative = c->at < c->text.len && c->text.at[c->at] == '-';
    if (c->text.len - c->at != 6 || (!negative && c->text.at[c->at] != '+'))
        return false;
    c->at++;
    if (!part(c, 0, 24, &hours) || !mark(c, ':') || !part(c, 0, 60, &minutes))
        return false;
    *ret_minutes = (hours * 60 + minutes) * (negative ? -1 : 1);
    return c->at == c->text.len;
}

static bool clock_part(struct cursor *c, int *hour, int *minute, int *second, int *zone) {
    bool spaced = c->text.at[c->at] == ' ';
    if (!spaced && c->text.at[c->at] != 'T' && c->text.at[c->at] != 't')
        return false;
    c->at++;
    if (!part(c, 0, 23, hour) || !mark(c, ':') || !part(c, 0, 59, minute) || !mark(c, ':') ||
        !part(c, 0, 59, second))
        return false;
    if (c->at < c->text.len && (c->text.at[c->at] == '.' || c->text.at[c->at] == ',')) {
        size_t n = digits_at(c->text, c->at + 1);
        if (n)
            c->at += 1 + n;
    }
    return spaced ? c->at == c->text.len : offset(c, zone);
}

/* A date, maybe with a time, as RFC 3339. */
static bool timestamp(struct arena *arena, struct str text, struct value *ret_value) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct cursor c = {text, 5};
    int year, month, day, hour = 0, minute = 0, second = 0, zone = 0;
    if (digits_at(text, 0) != 4 || text.len < 8 || text.at[4] != '-')
        return false;
    year = (text.at[0] - '0') * 1000 + (text.at[1] - '0') * 100 + (text.at[2] - '0') * 10 +
           (text.at[3] - '0');
    if (!part(&c, 1, 12, &month) || !mark(&c, '-') || !part(&c, 1, days[month - 1], &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return false;
    if (c.at < text.len && !clock_part(&c, &hour, &minute, &second, &zone))
        return false;
    struct str shown =
        str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute, second);
    int size = zone < 0 ? -zone : zone;
    *ret_value = value_string_view(zone ? str_format(arena, "%.*s%c%02d:%02d", STR_ARG(shown),
                                                     zone < 0 ? '-' : '+', size / 60, size % 60)
                                        : str_cat(arena, shown, S("Z")));
    return true;
}

static bool tag_of(struct str name, enum tag *ret_tag) {
    for (size_t i = 0; i < COUNT(tag_names); i++) {
        if (str_eq(name, tag_names[i])) {
            *ret_tag = (enum tag)i;
            return true;
        }
    }
    return false;
}

/* The value that the tag demands. */
static bool tagged(struct arena *arena, enum tag tag, struct str text, struct value *ret_value,
                   struct str *error) {
    struct str bytes;
    enum word word = word_of(text);
    switch (tag) {
    case TAG_BINARY:
        if (!digest_from_base64(arena, text, &bytes))
            return cannot(arena, text, tag, ": not valid base64", error);
        break;
    case TAG_BOOL:
        if (word != WORD_TRUE && word != WORD_FALSE)
            return cannot(arena, text, tag, "", error);
        *ret_value = word_value(arena, word);
        return true;
    case TAG_INT:
    case TAG_FLOAT:
        return number(arena, text, tag, ret_value, error);
    case TAG_TIMESTAMP:
        return timestamp(arena, text, ret_value) || cannot(arena, text, tag, "", error);
    case TAG_NULL:
        *ret_value = value_null(type_dynamic);
        return true;
    case TAG_NONE:
    case TAG_STR:
        break;
    }
    *ret_value = value_string(arena, text);
    return true;
}

static bool is_nan(struct str text) {
    return str_eq(text, S(".nan")) || str_eq(text, S(".NaN")) || str_eq(text, S(".NAN"));
}

bool yaml_scalar_value(struct arena *arena, struct str tag_name, struct str text, bool quoted,
                       struct value *ret_value, struct str *ret_error) {
    char first = text.len ? text.at[0] : '~';
    bool digit = (first >= '0' && first <= '9') || first == '+' || first == '-';
    bool special = digit || first == '.' || strchr("yYnNtTfFoO~", first);
    enum tag tag;
    if (!tag_of(tag_name, &tag)) {
        *ret_error = str_format(arena, "unsupported tag %s", quote_text(arena, tag_name));
        return false;
    }
    if (!special || tag == TAG_STR || tag == TAG_BINARY)
        return tagged(arena, tag, text, ret_value, ret_error);
    if (quoted) {
        *ret_value = value_string(arena, text);
        return true;
    }
    enum word word = word_of(text);
    if (word != WORD_NONE) {
        *ret_value = word_value(arena, word);
        return true;
    }
    if (tag == TAG_NONE && is_nan(text)) {
        *ret_error = S("floating point NaN is not supported");
        return false;
    }
    if (first == '.' && is_float(text) && decimal(arena, text, ret_value))
        return true;
    if (digit && (tag == TAG_NONE || tag == TAG_TIMESTAMP) && timestamp(arena, text, ret_value))
        return true;
    if (digit && (is_integer(text) || is_float(text)))
        tag = is_integer(text) ? TAG_INT : TAG_FLOAT;
    return tagged(arena, tag, text, ret_value, ret_error);
}
