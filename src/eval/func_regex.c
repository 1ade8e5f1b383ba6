/* SPDX-License-Identifier: Apache-2.0 */
/* regex(), regexall(), replace(). */
#include "base/utf8.h"
#include "eval/func_int.h"
#include "base/re2_shim.h"

#define MAX_PATTERN ((size_t)1 << 20)

static struct re2_shim *compile(struct func_call *call, size_t arg) {
    struct re2_shim_error error = {0};
    struct str pattern = func_text(call, arg);
    struct re2_shim *re = pattern.len > MAX_PATTERN ? NULL : re2_shim_new(pattern, &error);
    if (!re)
        func_fail_arg(call, arg, "invalid regexp pattern: %s in %.*s",
                      error.code ? error.code : "expression too large", (int)error.part_len,
                      error.part);
    return re;
}

static size_t named_groups(const struct re2_shim *re) {
    size_t named = 0;
    for (int i = 1; i <= re2_shim_groups(re); i++)
        named += re2_shim_group_name(re, i).len > 0;
    return named;
}

/* Of groups of one name the last counts. */
static struct value named_object(struct arena *arena, const struct re2_shim *re,
                                 const struct str *groups) {
    struct object_build build;
    object_build_init(&build, arena);
    for (int i = 1; i <= re2_shim_groups(re); i++)
        object_build_put(&build, re2_shim_group_name(re, i),
                         groups && groups[i].at ? value_string(arena, groups[i])
                                                : value_null(type_string),
                         true);
    return object_build_value(&build);
}

/* The type of one match, or NULL. */
static const struct type *match_type(struct func_call *call, const struct re2_shim *re) {
    size_t n = (size_t)re2_shim_groups(re), named = named_groups(re);
    const struct type **items = arena_array(call->arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++)
        items[i] = type_string;
    if (n == 0)
        return type_string;
    if (named == 0)
        return type_tuple(items, n);
    if (named < n)
        return func_no_type_arg(call, 0,
                                "invalid regexp pattern: cannot mix both named and unnamed "
                                "capture groups");
    return value_type(named_object(call->arena, re, NULL));
}

static const struct type *type_regex(struct func_call *call) {
    if (!value_is_known(call->args[0]))
        return type_dynamic;
    struct re2_shim *re = compile(call, 0);
    const struct type *type = re ? match_type(call, re) : NULL;
    re2_shim_free(re);
    return type;
}

static const struct type *type_regexall(struct func_call *call) {
    const struct type *type = type_regex(call);
    return type ? type_list(type) : NULL;
}

static struct value match_value(struct func_call *call, const struct re2_shim *re,
                                const struct type *type, const struct str *groups) {
    size_t n = (size_t)re2_shim_groups(re);
    if (type == type_string)
        return value_string(call->arena, groups[0]);
    if (type->kind == TYPE_OBJECT)
        return named_object(call->arena, re, groups);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] =
            groups[i + 1].at ? value_string(call->arena, groups[i + 1]) : value_null(type_string);
    return value_tuple(call->arena, items, n);
}

static struct str *groups_of(struct func_call *call, const struct re2_shim *re) {
    return arena_array(call->arena, (size_t)re2_shim_groups(re) + 1, sizeof(struct str));
}

static bool run_regex(struct func_call *call, struct value *ret_value) {
    struct re2_shim *re = compile(call, 0);
    if (!re)
        return false;
    struct str *groups = groups_of(call, re);
    bool found = re2_shim_match(re, func_text(call, 1), 0, groups);
    if (found)
        *ret_value = match_value(call, re, call->type, groups);
    re2_shim_free(re);
    return found || func_fail(call, "pattern did not match any part of the given string");
}

/* Bytes of the code point at `at`, at least one. */
static size_t rune_bytes(struct str text, size_t at) {
    size_t n = 1;
    if (at < text.len)
        utf8_decode(str_slice(text, at, text.len), &n);
    return n;
}

/* All matches that do not overlap; an empty one right behind another is none, as in Go. */
struct matches {
    const struct re2_shim *re;
    struct str text;
    size_t at;
    ptrdiff_t last_end;
};

static bool next_match(struct matches *m, struct str *groups) {
    while (m->at <= m->text.len) {
        if (!re2_shim_match(m->re, m->text, m->at, groups))
            return false;
        size_t start = (size_t)(groups[0].at - m->text.at), end = start + groups[0].len;
        bool accepted = groups[0].len || (ptrdiff_t)start != m->last_end;
        m->at = groups[0].len ? end : end + rune_bytes(m->text, end);
        m->last_end = (ptrdiff_t)end;
        if (accepted)
            return true;
    }
    return false;
}

static bool run_regexall(struct func_call *call, struct value *ret_value) {
    struct re2_shim *re = compile(call, 0);
    struct value *items = NULL;
    size_t n = 0, cap = 0;
    if (!re)
        return false;
    struct str *groups = groups_of(call, re);
    struct matches m = {.re = re, .text = str_dup(call->arena, func_text(call, 1)), .last_end = -1};
    while (next_match(&m, groups)) {
        items = arena_grow(call->arena, items, n, &cap, sizeof *items);
        items[n++] = match_value(call, re, call->type->element, groups);
    }
    *ret_value = value_list(call->arena, call->type->element, items, n);
    re2_shim_free(re);
    return true;
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The text of a group by number or name; of groups of one name the first that took part. */
static struct str group_text(const struct re2_shim *re, struct str name, const struct str *groups) {
    int64_t number;
    if (str_to_int(name, &number))
        return number <= re2_shim_groups(re) ? groups[number] : S("");
    for (int i = 1; i <= re2_shim_groups(re); i++)
        if (groups[i].at && str_eq(re2_shim_group_name(re, i), name))
            return groups[i];
    return S("");
}

/* $1, ${1}, $name, ${name}, $$; anything else is plain text. */
static void expand(struct buf *out, const struct re2_shim *re, struct str pattern,
                   const struct str *groups) {
    for (size_t i = 0; i < pattern.len;) {
        if (pattern.at[i] != '$' || i + 1 >= pattern.len) {
            buf_byte(out, pattern.at[i++]);
            continue;
        }
        if (pattern.at[i + 1] == '$') {
            buf_byte(out, '$');
            i += 2;
            continue;
        }
        bool braces = pattern.at[i + 1] == '{';
        size_t start = i + (braces ? 2 : 1), end = start;
        while (end < pattern.len && is_word(pattern.at[end]))
            end++;
        if (end == start || (braces && (end == pattern.len || pattern.at[end] != '}'))) {
            buf_byte(out, pattern.at[i++]);
            continue;
        }
        buf_add(out, group_text(re, str_slice(pattern, start, end), groups));
        i = end + (braces ? 1 : 0);
    }
}

static bool replace_pattern(struct func_call *call, struct str pattern, struct value *ret_value) {
    struct re2_shim_error error = {0};
    struct re2_shim *re = pattern.len > MAX_PATTERN ? NULL : re2_shim_new(pattern, &error);
    struct buf out;
    if (!re)
        return func_fail(call, "error parsing regexp: %s: `%.*s`",
                         error.code ? error.code : "expression too large", (int)error.part_len,
                         error.part);
    struct str *groups = groups_of(call, re);
    struct matches m = {.re = re, .text = str_dup(call->arena, func_text(call, 0)), .last_end = -1};
    size_t copied = 0;
    buf_init(&out, BUF_MAX_TEXT);
    while (!out.overflow && next_match(&m, groups)) {
        size_t start = (size_t)(groups[0].at - m.text.at);
        buf_add(&out, str_slice(m.text, copied, start));
        expand(&out, re, func_text(call, 2), groups);
        copied = start + groups[0].len;
    }
    buf_add(&out, str_slice(m.text, copied, m.text.len));
    re2_shim_free(re);
    return func_string_result(call, &out, ret_value);
}

static bool replace_text(struct func_call *call, struct value *ret_value) {
    struct str text = func_text(call, 0), from = func_text(call, 1), to = func_text(call, 2);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t at = 0; at <= text.len && !out.overflow;) {
        if (from.len == 0) {
            size_t n = at < text.len ? rune_bytes(text, at) : 1;
            buf_add(&out, to);
            if (at < text.len)
                buf_add(&out, str_slice(text, at, at + n));
            at += n;
            continue;
        }
        struct str rest = str_slice(text, at, text.len);
        ptrdiff_t found = str_find(rest, from);
        buf_add(&out, found < 0 ? rest : str_slice(rest, 0, (size_t)found));
        if (found < 0)
            break;
        buf_add(&out, to);
        at += (size_t)found + from.len;
    }
    return func_string_result(call, &out, ret_value);
}

static bool run_replace(struct func_call *call, struct value *ret_value) {
    struct str from = func_text(call, 1);
    if (from.len > 1 && from.at[0] == '/' && from.at[from.len - 1] == '/')
        return replace_pattern(call, str_slice(from, 1, from.len - 1), ret_value);
    return replace_text(call, ret_value);
}

static const struct func_param regex_params[] = {{"pattern", &type_string, NULL, 0, NULL},
                                                 {"string", &type_string, NULL, 0, NULL}};
static const struct func_param replace_params[] = {{"str", &type_string, NULL, 0, NULL},
                                                   {"substr", &type_string, NULL, 0, NULL},
                                                   {"replace", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"regex", regex_params, 2, .result_type = type_regex, .run = run_regex, .maybe_null = true},
    {"regexall", regex_params, 2, .result_type = type_regexall, .make_result = func_list_of_any,
     .run = run_regexall},
    {"replace", replace_params, 3, .result = &type_string, .run = run_replace},
};

const struct func_table func_regex_table = {functions, COUNT(functions)};
