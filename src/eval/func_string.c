/* SPDX-License-Identifier: Apache-2.0 */
/* Text. Lengths and positions count grapheme clusters, as the language does. */
#include "base/utf8.h"
#include "eval/func_int.h"

static bool string_value(struct func_call *call, struct str text, struct value *ret_value) {
    *ret_value = value_string(call->arena, text);
    return true;
}

static bool run_chomp(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    while (text.len) {
        char last = text.at[text.len - 1];
        if (last != '\n' && last != '\r')
            break;
        text.len--;
    }
    return string_value(call, text, ret_value);
}

static bool run_endswith(struct func_call *call, struct value *ret_value) {
    *ret_value = value_bool(str_ends(func_text(call, 0), func_text(call, 1)));
    return true;
}

/* Also told of a text of which only the beginning is known. */
static bool run_startswith(struct func_call *call, struct value *ret_value) {
    bool known = value_is_known(call->args[0]);
    struct str text = known ? func_text(call, 0) : value_refinement(call->args[0]).prefix;
    struct str prefix = func_text(call, 1);
    struct value_unknown what = {.type = type_bool, .not_null = true, .max_length = -1};
    if (known || text.len >= prefix.len)
        *ret_value = value_bool(str_starts(text, prefix));
    else
        *ret_value = value_unknown_refined(call->arena, &what);
    return true;
}

static bool run_strcontains(struct func_call *call, struct value *ret_value) {
    *ret_value = value_bool(str_find(func_text(call, 0), func_text(call, 1)) >= 0);
    return true;
}

static bool run_indent(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 1);
    int64_t spaces;
    struct buf out;
    if (!func_int_arg(call, 0, &spaces))
        return false;
    if (spaces < 0)
        return func_fail(call, "the number of spaces must not be negative");
    if (spaces > (int64_t)BUF_MAX_TEXT)
        return func_fail(call, "the result is longer than loam allows for one string");
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < text.len && !out.overflow; i++) {
        buf_byte(&out, text.at[i]);
        if (text.at[i] == '\n')
            buf_fill(&out, ' ', (size_t)spaces);
    }
    return func_string_result(call, &out, ret_value);
}

static bool null_element(struct func_call *call, size_t list, size_t at) {
    if (call->n > 2)
        return func_fail_arg(call, list,
                             "element %zu of list %zu is null; cannot concatenate null values", at,
                             list);
    return func_fail_arg(call, list, "element %zu is null; cannot concatenate null values", at);
}

static bool run_join(struct func_call *call, struct value *ret_value) {
    struct str separator = func_text(call, 0);
    struct buf out;
    bool first = true;
    if (call->n < 2)
        return func_fail(call, "at least one list is required");
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t l = 1; l < call->n; l++) {
        for (size_t i = 0; i < value_count(call->args[l]); i++) {
            struct value v = value_at(call->args[l], i);
            if (value_is_null(v)) {
                buf_clear(&out);
                return null_element(call, l, i);
            }
            if (!first)
                buf_add(&out, separator);
            first = false;
            buf_add(&out, value_str(v));
        }
    }
    return func_string_result(call, &out, ret_value);
}

static bool map_runes(struct func_call *call, uint32_t (*change)(uint32_t rune),
                      struct value *ret_value) {
    struct str text = func_text(call, 0);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    while (text.len) {
        size_t n;
        uint32_t rune = utf8_decode(text, &n);
        buf_rune(&out, rune == UTF8_INVALID ? 0xFFFD : change(rune));
        text = str_slice(text, n, text.len);
    }
    return func_string_result(call, &out, ret_value);
}

static bool run_lower(struct func_call *call, struct value *ret_value) {
    return map_runes(call, utf8_to_lower, ret_value);
}

static bool run_upper(struct func_call *call, struct value *ret_value) {
    return map_runes(call, utf8_to_upper, ret_value);
}

/* As Go's strings.Title finds words. */
static bool separates(uint32_t rune) {
    if (rune < 0x80)
        return !((rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') ||
                 (rune >= 'A' && rune <= 'Z') || rune == '_');
    return !utf8_is_letter(rune) && utf8_is_space(rune);
}

static bool run_title(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    uint32_t before = ' ';
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    while (text.len) {
        size_t n;
        uint32_t rune = utf8_decode(text, &n);
        if (rune == UTF8_INVALID)
            rune = 0xFFFD;
        buf_rune(&out, separates(before) ? utf8_to_title(rune) : rune);
        before = rune;
        text = str_slice(text, n, text.len);
    }
    return func_string_result(call, &out, ret_value);
}

static bool run_strrev(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    char *out = arena_bytes(call->arena, text.len);
    size_t end = text.len;
    for (size_t at = 0; at < text.len;) {
        size_t n = utf8_grapheme(str_slice(text, at, text.len));
        end -= n;
        for (size_t i = 0; i < n; i++)
            out[end + i] = text.at[at + i];
        at += n;
    }
    return string_value(call, (struct str){out, text.len}, ret_value);
}

/* Appends one part of split(). */
static void add_part(struct func_call *call, struct value **items, size_t *n, size_t *cap,
                     struct str part) {
    *items = arena_grow(call->arena, *items, *n, cap, sizeof **items);
    (*items)[(*n)++] = value_string(call->arena, part);
}

static bool run_split(struct func_call *call, struct value *ret_value) {
    struct str separator = func_text(call, 0), rest = func_text(call, 1);
    struct value *items = NULL;
    size_t n = 0, cap = 0;
    if (separator.len == 0) {
        while (rest.len) {
            size_t bytes;
            utf8_decode(rest, &bytes);
            add_part(call, &items, &n, &cap, str_slice(rest, 0, bytes));
            rest = str_slice(rest, bytes, rest.len);
        }
    } else {
        for (ptrdiff_t at; (at = str_find(rest, separator)) >= 0;) {
            add_part(call, &items, &n, &cap, str_slice(rest, 0, (size_t)at));
            rest = str_slice(rest, (size_t)at + separator.len, rest.len);
        }
        add_part(call, &items, &n, &cap, rest);
    }
    *ret_value = value_list(call->arena, type_string, items, n);
    return true;
}

/* Bytes of the first n grapheme clusters. */
static size_t graphemes_bytes(struct str text, int64_t n) {
    size_t at = 0;
    for (; n > 0 && at < text.len; n--)
        at += utf8_grapheme(str_slice(text, at, text.len));
    return at;
}

static bool run_substr(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0);
    int64_t offset, length;
    if (!func_int_arg(call, 1, &offset) || !func_int_arg(call, 2, &length))
        return false;
    if (offset < 0)
        offset += (int64_t)utf8_graphemes(text);
    else if (length == 0)
        return string_value(call, S(""), ret_value);
    text = str_slice(text, graphemes_bytes(text, offset), text.len);
    /* Behind a negative offset a length of 0 is no length, as in the reference. */
    if (length > 0)
        text = str_slice(text, 0, graphemes_bytes(text, length));
    return string_value(call, text, ret_value);
}

static bool in_set(struct str set, uint32_t rune) {
    while (set.len) {
        size_t n;
        if (utf8_decode(set, &n) == rune)
            return true;
        set = str_slice(set, n, set.len);
    }
    return false;
}

/* The last code point and its length. */
static uint32_t last_rune(struct str text, size_t *ret_bytes) {
    size_t start = text.len - 1;
    while (start > 0 && text.len - start < 4 && ((unsigned char)text.at[start] & 0xC0) == 0x80)
        start--;
    uint32_t rune = utf8_decode(str_slice(text, start, text.len), ret_bytes);
    if (rune == UTF8_INVALID || start + *ret_bytes != text.len) {
        *ret_bytes = 1;
        return UTF8_INVALID;
    }
    return rune;
}

static struct str trim_by(struct str text, const struct str *set) {
    size_t n;
    while (text.len) {
        uint32_t rune = utf8_decode(text, &n);
        if (!(set ? in_set(*set, rune) : utf8_is_space(rune)))
            break;
        text = str_slice(text, n, text.len);
    }
    while (text.len) {
        uint32_t rune = last_rune(text, &n);
        if (!(set ? in_set(*set, rune) : utf8_is_space(rune)))
            break;
        text = str_slice(text, 0, text.len - n);
    }
    return text;
}

static bool run_trim(struct func_call *call, struct value *ret_value) {
    struct str set = func_text(call, 1);
    return string_value(call, trim_by(func_text(call, 0), &set), ret_value);
}

static bool run_trimspace(struct func_call *call, struct value *ret_value) {
    return string_value(call, trim_by(func_text(call, 0), NULL), ret_value);
}

static bool run_trimprefix(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0), prefix = func_text(call, 1);
    if (str_starts(text, prefix))
        text = str_slice(text, prefix.len, text.len);
    return string_value(call, text, ret_value);
}

static bool run_trimsuffix(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0), suffix = func_text(call, 1);
    if (str_ends(text, suffix))
        text = str_slice(text, 0, text.len - suffix.len);
    return string_value(call, text, ret_value);
}

static const struct func_param str[] = {{"str", &type_string, NULL, 0, NULL}};
static const struct func_param endswith_params[] = {{"str", &type_string, NULL, 0, NULL},
                                                    {"suffix", &type_string, NULL, 0, NULL}};
static const struct func_param startswith_params[] = {{"str", &type_string, NULL, 0, NULL},
                                                      {"prefix", &type_string, NULL, 0, NULL}};
static const struct func_param begins_params[] = {{"str", &type_string, NULL, FUNC_UNKNOWN, NULL},
                                                  {"prefix", &type_string, NULL, 0, NULL}};
static const struct func_param strcontains_params[] = {{"str", &type_string, NULL, 0, NULL},
                                                       {"substr", &type_string, NULL, 0, NULL}};
static const struct func_param indent_params[] = {{"spaces", &type_number, NULL, 0, NULL},
                                                  {"str", &type_string, NULL, 0, NULL}};
static const struct func_param join_params[] = {{"separator", &type_string, NULL, 0, NULL}};
static const struct func_param join_lists = {"lists", NULL, func_list_of_string, 0, NULL};
static const struct func_param split_params[] = {{"separator", &type_string, NULL, 0, NULL},
                                                 {"str", &type_string, NULL, 0, NULL}};
static const struct func_param substr_params[] = {{"str", &type_string, NULL, 0, NULL},
                                                  {"offset", &type_number, NULL, 0, NULL},
                                                  {"length", &type_number, NULL, 0, NULL}};
static const struct func_param trim_params[] = {{"str", &type_string, NULL, 0, NULL},
                                                {"cutset", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"chomp", str, 1, .result = &type_string, .run = run_chomp},
    {"endswith", endswith_params, 2, .result = &type_bool, .run = run_endswith},
    {"indent", indent_params, 2, .result = &type_string, .run = run_indent},
    {"join", join_params, 1, &join_lists, .result = &type_string, .run = run_join},
    {"lower", str, 1, .result = &type_string, .run = run_lower},
    {"split", split_params, 2, .make_result = func_list_of_string, .run = run_split},
    {"startswith", begins_params, 2, .result = &type_bool, .run = run_startswith},
    {"strcontains", strcontains_params, 2, .result = &type_bool, .run = run_strcontains},
    {"strrev", str, 1, .result = &type_string, .run = run_strrev},
    {"substr", substr_params, 3, .result = &type_string, .run = run_substr},
    {"title", str, 1, .result = &type_string, .run = run_title},
    {"trim", trim_params, 2, .result = &type_string, .run = run_trim},
    {"trimprefix", startswith_params, 2, .result = &type_string, .run = run_trimprefix},
    {"trimspace", str, 1, .result = &type_string, .run = run_trimspace},
    {"trimsuffix", endswith_params, 2, .result = &type_string, .run = run_trimsuffix},
    {"upper", str, 1, .result = &type_string, .run = run_upper},
};

const struct func_table func_string_table = {functions, COUNT(functions)};
