/* SPDX-License-Identifier: Apache-2.0 */
/* format() and formatlist(): Go's verbs over values. */
#include <string.h>

#include "base/bignum.h"
#include "base/json.h"
#include "base/utf8.h"
#include "eval/func_int.h"
#include "value/as_json.h"

/* Wider fields are refused rather than filled. */
#define MAX_FIELD 1000000

struct verb {
    struct str raw; /* from % to the letter */
    size_t offset;
    int arg; /* from 1 */
    char mode;
    bool zero, sharp, plus, minus, space;
    int width, precision; /* -1: none */
};

struct format {
    struct func_call *call;
    struct str text;
    const struct value *args;
    size_t n_args;
    struct buf out;
};

static bool unsupported(const struct format *f, const struct verb *verb, const char *why) {
    return func_fail(f->call, "unsupported value for %s at %zu: %s",
                     quote_text(f->call->arena, verb->raw), verb->offset, why);
}

static void pad(struct format *f, const struct verb *verb, struct str text) {
    size_t have = utf8_graphemes(text);
    size_t fill = verb->width > 0 && (size_t)verb->width > have ? (size_t)verb->width - have : 0;
    if (!verb->minus)
        buf_fill(&f->out, verb->zero ? '0' : ' ', fill);
    buf_add(&f->out, text);
    if (verb->minus)
        buf_fill(&f->out, verb->zero ? '0' : ' ', fill);
}

static bool convert_arg(const struct format *f, const struct verb *verb, const struct type *type,
                        struct value *v) {
    struct convert_error why;
    if (convert_value(f->call->arena, *v, type, v, &why))
        return true;
    return unsupported(f, verb, str_c(f->call->arena, why.text));
}

static bool append_as_is(struct format *f, const struct verb *verb, struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (!verb->sharp && v.kind == VALUE_STRING)
        buf_add(&out, value_str(v));
    else if (!verb->sharp && value_is_number(v))
        bignum_format(&out, value_to_bignum(f->call->arena, v), 'g', -1);
    else
        as_json_write_plain(&out, v, 0, true);
    pad(f, verb, buf_str(&out));
    buf_clear(&out);
    return true;
}

static bool append_string(struct format *f, const struct verb *verb, struct value v) {
    struct buf out;
    if (!convert_arg(f, verb, type_string, &v))
        return false;
    struct str text = value_str(v);
    if (verb->precision > 0) {
        size_t at = 0;
        for (int i = 0; i < verb->precision && at < text.len; i++)
            at += utf8_grapheme(str_slice(text, at, text.len));
        text = str_slice(text, 0, at);
    }
    if (verb->mode == 's') {
        pad(f, verb, text);
        return true;
    }
    buf_init(&out, BUF_MAX_TEXT);
    json_write_string(&out, text, true);
    pad(f, verb, buf_str(&out));
    buf_clear(&out);
    return true;
}

/* [spaces][sign][prefix][zeros][digits][spaces], as Go's big.Int */
static void put_integer(struct format *f, const struct verb *verb, const char *sign,
                        const char *prefix, const char *digits) {
    size_t n = strlen(digits), zeros = 0, left = 0, right = 0;
    bool precise = verb->precision >= 0;
    if (precise && n < (size_t)verb->precision)
        zeros = (size_t)verb->precision - n;
    else if (verb->precision == 0 && !strcmp(digits, "0"))
        return;
    size_t length = strlen(sign) + strlen(prefix) + zeros + n;
    if (verb->width >= 0 && length < (size_t)verb->width) {
        size_t missing = (size_t)verb->width - length;
        *(verb->minus ? &right : verb->zero && !precise ? &zeros : &left) = missing;
    }
    buf_fill(&f->out, ' ', left);
    buf_add_c(&f->out, sign);
    buf_add_c(&f->out, prefix);
    buf_fill(&f->out, '0', zeros);
    buf_add_c(&f->out, digits);
    buf_fill(&f->out, ' ', right);
}

static const char *integer_prefix(char mode) {
    return mode == 'b' ? "0b" : mode == 'o' ? "0" : mode == 'x' ? "0x" : mode == 'X' ? "0X" : "";
}

static bool append_integer(struct format *f, const struct verb *verb, struct value v) {
    struct buf text;
    if (!ops_is_whole(v))
        return unsupported(f, verb, "an integer is required");
    buf_init(&text, BUF_MAX_TEXT);
    bignum_write_base(&text, value_to_bignum(f->call->arena, v),
                      verb->mode == 'd'   ? 10
                      : verb->mode == 'b' ? 2
                      : verb->mode == 'o' ? 8
                                          : 16);
    struct str digits = verb->mode == 'X' ? str_upper(f->call->arena, buf_str(&text))
                                          : str_dup(f->call->arena, buf_str(&text));
    buf_clear(&text);
    bool negative = str_starts(digits, S("-"));
    put_integer(f, verb,
                negative      ? "-"
                : verb->plus  ? "+"
                : verb->space ? " "
                              : "",
                verb->sharp ? integer_prefix(verb->mode) : "", digits.at + (negative ? 1 : 0));
    return true;
}

static bool append_float(struct format *f, const struct verb *verb, struct value v) {
    bool general = verb->mode == 'g' || verb->mode == 'G';
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    bignum_format(&out, value_to_bignum(f->call->arena, v), (char)(verb->mode | 0x20),
                  verb->precision >= 0 ? verb->precision
                  : general            ? -1
                                       : 6);
    struct str text = buf_str(&out);
    bool infinite = str_ends(text, S("Inf"));
    if (!infinite && verb->mode < 'a')
        text = str_upper(f->call->arena, text);
    const char *sign = verb->plus ? "+" : verb->space ? " " : "";
    if (text.at[0] == '-' || text.at[0] == '+') {
        sign = text.at[0] == '-' ? "-" : verb->space ? " " : "+";
        text = str_slice(text, 1, text.len);
    }
    size_t length = strlen(sign) + text.len;
    size_t fill =
        verb->width > 0 && (size_t)verb->width > length ? (size_t)verb->width - length : 0;
    bool zeros = verb->zero && !infinite;
    if (!zeros && !verb->minus)
        buf_fill(&f->out, ' ', fill);
    buf_add_c(&f->out, sign);
    if (zeros)
        buf_fill(&f->out, '0', fill);
    buf_add(&f->out, text);
    if (!zeros && verb->minus)
        buf_fill(&f->out, ' ', fill);
    buf_clear(&out);
    return true;
}

static bool append_number(struct format *f, const struct verb *verb, struct value v) {
    if (!convert_arg(f, verb, type_number, &v))
        return false;
    return strchr("bdoxX", verb->mode) ? append_integer(f, verb, v) : append_float(f, verb, v);
}

static bool append(struct format *f, const struct verb *verb) {
    if ((size_t)verb->arg > f->n_args)
        return func_fail(f->call,
                         "not enough arguments for %s at %zu: need index %d but have %zu total",
                         quote_text(f->call->arena, verb->raw), verb->offset, verb->arg, f->n_args);
    struct value v = f->args[verb->arg - 1];
    if (verb->mode != 'v' && value_is_null(v))
        return unsupported(f, verb, "null value cannot be formatted");
    switch (verb->mode) {
    case 'v':
        return append_as_is(f, verb, v);
    case 't':
        if (!convert_arg(f, verb, type_bool, &v))
            return false;
        buf_add_c(&f->out, v.boolean ? "true" : "false");
        return true;
    case 's':
    case 'q':
        return append_string(f, verb, v);
    default:
        if (strchr("bdoxXeEfgG", verb->mode))
            return append_number(f, verb, v);
        return func_fail(f->call, "unsupported format verb '%c' in %s at offset %zu", verb->mode,
                         quote_text(f->call->arena, verb->raw), verb->offset);
    }
}

static int peek(const struct format *f, size_t at) {
    return at < f->text.len ? (unsigned char)f->text.at[at] : -1;
}

/* Digits at *at; false: a number too large to be meant. */
static bool take_number(struct format *f, size_t *at, int *ret_number) {
    int n = 0;
    while (peek(f, *at) >= '0' && peek(f, *at) <= '9') {
        n = n * 10 + (peek(f, *at) - '0');
        if (n > MAX_FIELD)
            return func_fail(f->call, "number too large in format string at offset %zu", *at);
        (*at)++;
    }
    *ret_number = n;
    return true;
}

static bool unrecognized(struct format *f, size_t at) {
    size_t n;
    if (at >= f->text.len)
        return func_fail(f->call, "invalid format string starting at offset %zu", at);
    struct str rest = str_slice(f->text, at, f->text.len);
    uint32_t rune = utf8_decode(rest, &n);
    if (rune == UTF8_INVALID)
        return func_fail(f->call, "unrecognized format character '\xef\xbf\xbd' at offset %zu", at);
    if (rune == '\'' || rune == '\\')
        return func_fail(f->call, "unrecognized format character '\\%c' at offset %zu", (char)rune,
                         at);
    if (rune < 0x20)
        return func_fail(f->call, "unrecognized format character '%s' at offset %zu",
                         rune == '\n'   ? "\\n"
                         : rune == '\t' ? "\\t"
                         : rune == '\r' ? "\\r"
                                        : "\\x00",
                         at);
    return func_fail(f->call, "unrecognized format character '%.*s' at offset %zu", (int)n, rest.at,
                     at);
}

static size_t take_flags(const struct format *f, size_t at, struct verb *verb) {
    for (;; at++) {
        switch (peek(f, at)) {
        case '0':
            verb->zero = true;
            break;
        case '#':
            verb->sharp = true;
            break;
        case '-':
            verb->minus = true;
            break;
        case '+':
            verb->plus = true;
            break;
        case ' ':
            verb->space = true;
            break;
        default:
            return at;
        }
    }
}

/* [N] */
static bool take_index(struct format *f, size_t *at, struct verb *verb) {
    if (peek(f, *at) != '[')
        return true;
    (*at)++;
    if (peek(f, *at) < '1' || peek(f, *at) > '9')
        return unrecognized(f, *at);
    if (!take_number(f, at, &verb->arg))
        return false;
    if (peek(f, *at) != ']')
        return unrecognized(f, *at);
    (*at)++;
    return true;
}

/* One verb from its % on; *at ends behind it. */
static bool take_verb(struct format *f, size_t *at, int next_arg, struct verb *verb) {
    size_t start = *at;
    *verb = (struct verb){.offset = start, .arg = next_arg, .width = -1, .precision = -1};
    *at = take_flags(f, start + 1, verb);
    if (peek(f, *at) >= '1' && peek(f, *at) <= '9' && !take_number(f, at, &verb->width))
        return false;
    if (peek(f, *at) == '.') {
        (*at)++;
        if (!take_number(f, at, &verb->precision))
            return false;
    }
    if (!take_index(f, at, verb))
        return false;
    int mode = peek(f, *at);
    if ((mode < 'a' || mode > 'z') && (mode < 'A' || mode > 'Z'))
        return unrecognized(f, *at);
    verb->mode = (char)mode;
    (*at)++;
    verb->raw = str_slice(f->text, start, *at);
    return true;
}

static bool check_used(struct format *f, int highest) {
    if ((size_t)highest >= f->n_args)
        return true;
    if (highest == 0)
        return func_fail_arg(f->call, 1, "too many arguments; no verbs in format string");
    return func_fail_arg(f->call, (size_t)highest + 1,
                         "too many arguments; only %d used by format string", highest);
}

/* The formatted text is in f->out, which the caller clears. */
static bool format_text(struct format *f) {
    int next = 1, highest = 0;
    buf_init(&f->out, BUF_MAX_TEXT);
    for (size_t at = 0; at < f->text.len;) {
        struct verb verb;
        if (f->text.at[at] != '%' || peek(f, at + 1) == '%') {
            buf_byte(&f->out, f->text.at[at]);
            at += f->text.at[at] == '%' ? 2 : 1;
            continue;
        }
        if (!take_verb(f, &at, next, &verb))
            return false;
        if (verb.arg > highest)
            highest = verb.arg;
        if (!append(f, &verb))
            return false;
        next = verb.arg + 1;
    }
    return check_used(f, highest);
}

static struct value unknown_text(struct func_call *call) {
    struct str text = func_text(call, 0);
    ptrdiff_t percent = str_find_byte(text, '%');
    struct value_unknown what = {.type = type_string, .not_null = true, .max_length = -1};
    if (percent > 0)
        what.prefix = eval_safe_prefix(str_slice(text, 0, (size_t)percent));
    return value_unknown_refined(call->arena, &what);
}

static bool run_format(struct func_call *call, struct value *ret_value) {
    struct format f = {.call = call, .args = call->args + 1, .n_args = call->n - 1};
    for (size_t i = 1; i < call->n; i++) {
        if (!value_is_wholly_known(call->args[i])) {
            *ret_value = unknown_text(call);
            return true;
        }
    }
    f.text = func_text(call, 0);
    if (format_text(&f))
        return func_string_result(call, &f.out, ret_value);
    buf_clear(&f.out);
    return false;
}

static bool is_sequence(struct value v) {
    int kind = value_type(v)->kind;
    return (kind == TYPE_LIST || kind == TYPE_SET || kind == TYPE_TUPLE) && !value_is_null(v);
}

/* How many strings formatlist() makes; *ret_unknown: that cannot be told. */
static bool list_length(struct func_call *call, size_t *ret_n, bool *ret_unknown) {
    size_t n = 1, chooser = 0;
    *ret_unknown = false;
    for (size_t i = 1; i < call->n; i++) {
        struct value v = call->args[i];
        bool sequence = is_sequence(v);
        if ((!value_is_known(v) && (sequence || value_type(v) == type_dynamic)) ||
            ops_may_shrink(v))
            *ret_unknown = true;
        if (!sequence || !value_is_known(v))
            continue;
        if (chooser && value_count(v) != n)
            return func_fail_arg(call, i,
                                 "argument %zu has length %zu, which is inconsistent with argument "
                                 "%zu of length %zu",
                                 i, value_count(v), chooser, n);
        n = value_count(v);
        chooser = chooser ? chooser : i;
    }
    *ret_n = n;
    return true;
}

/* The string number i; false fills the error. */
static bool list_item(struct func_call *call, size_t i, struct value *args,
                      struct value *ret_item) {
    struct format f = {
        .call = call, .text = func_text(call, 0), .args = args, .n_args = call->n - 1};
    for (size_t a = 0; a < f.n_args; a++) {
        struct value v = call->args[a + 1];
        args[a] = is_sequence(v) ? value_at(v, i) : v;
        if (!value_is_wholly_known(args[a])) {
            struct value_unknown what = {.type = type_string, .not_null = true, .max_length = -1};
            *ret_item = value_unknown_refined(call->arena, &what);
            return true;
        }
    }
    bool ok = format_text(&f) && func_string_result(call, &f.out, ret_item);
    buf_clear(&f.out);
    if (!ok && f.n_args)
        func_fail(call, "error on format iteration %zu: %.*s", i, STR_ARG(call->error));
    return ok;
}

static bool run_formatlist(struct func_call *call, struct value *ret_value) {
    struct value *args = arena_array(call->arena, call->n, sizeof *args), *items;
    size_t n = 0;
    bool unknown;
    if (!list_length(call, &n, &unknown))
        return false;
    if (unknown) {
        *ret_value = value_unknown(call->type);
        return true;
    }
    items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        if (!list_item(call, i, args, &items[i]))
            return false;
    *ret_value = value_list(call->arena, type_string, items, n);
    return true;
}

static const struct func_param format_params[] = {{"format", &type_string, NULL, 0, NULL}};
static const struct func_param format_args = {"args", NULL, NULL,
                                              FUNC_NULL | FUNC_UNKNOWN | FUNC_DYNAMIC, NULL};

static const struct func functions[] = {
    {"format", format_params, 1, &format_args, .result = &type_string, .run = run_format,
     .dynamic_signature = true},
    {"formatlist", format_params, 1, &format_args, .make_result = func_list_of_string,
     .run = run_formatlist, .dynamic_signature = true},
};

const struct func_table func_format_table = {functions, COUNT(functions)};
