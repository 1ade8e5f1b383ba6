/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

/* Elements of all groups that are still open, so that each is copied once, at its full size. */
struct stack {
    char *at;
    size_t len, cap;
};

struct reader {
    struct arena *arena;
    struct str source;
    size_t at;
    int depth;
    struct stack open;
    struct json_error *error;
};

static void push(struct stack *stack, const void *element, size_t size) {
    if (stack->cap - stack->len < size) {
        stack->cap = stack->cap ? stack->cap * 2 : 4096;
        stack->at = xrealloc(stack->at, stack->cap);
    }
    memcpy(stack->at + stack->len, element, size);
    stack->len += size;
}

/* What was pushed since `from`, for good. */
static void *pop(struct arena *arena, struct stack *stack, size_t from) {
    void *elements = arena_copy(arena, stack->at + from, stack->len - from);
    stack->len = from;
    return elements;
}

static bool fail(struct reader *r, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

static bool fail(struct reader *r, size_t at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    r->error->at = (uint32_t)at;
    r->error->text = str_vformat(r->arena, format, args);
    va_end(args);
    return false;
}

static void skip_blank(struct reader *r) {
    while (r->at < r->source.len) {
        char c = r->source.at[r->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            break;
        r->at++;
    }
}

static int peek(const struct reader *r) {
    return r->at < r->source.len ? (unsigned char)r->source.at[r->at] : -1;
}

/* The byte at hand between quotes, as Go's decoder shows it: bytes beyond ASCII count as Latin-1.
 */
static struct str shown_byte(struct reader *r, int c) {
    static const char plain[] = "abfnrtv";
    char bytes[4];
    if (c == '\'')
        return S("'\\''");
    if (c == '\\')
        return S("'\\\\'");
    if (c >= '\a' && c <= '\r')
        return str_format(r->arena, "'\\%c'",
                          plain[c == '\t'   ? 5
                                : c == '\n' ? 3
                                : c == '\v' ? 6
                                : c == '\f' ? 2
                                : c == '\r' ? 4
                                            : c - '\a']);
    if (c < 0x20 || c == 0x7F)
        return str_format(r->arena, "'\\x%02x'", (unsigned)c);
    if (c >= 0x80 && (c <= 0xA0 || c == 0xAD))
        return str_format(r->arena, "'\\u%04x'", (unsigned)c);
    size_t n = utf8_encode((uint32_t)c, bytes);
    return str_format(r->arena, "'%.*s'", (int)n, bytes);
}

/* In the words of Go's decoder, which are those of Terraform and of the AWS provider. */
static bool unexpected(struct reader *r, const char *where) {
    int c = peek(r);
    if (c < 0)
        return fail(r, r->source.len, "unexpected end of JSON input");
    struct str shown = shown_byte(r, c);
    return fail(r, r->at, "invalid character %.*s %s", STR_ARG(shown), where);
}

/* The same inside a word, a number or an escape: there that decoder takes the end for a space. */
static bool unexpected_inside(struct reader *r, const char *where) {
    if (peek(r) < 0)
        return fail(r, r->source.len, "invalid character ' ' %s", where);
    return unexpected(r, where);
}

static bool read_hex4(struct reader *r, uint32_t *ret_unit) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int c = peek(r);
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A' + 10);
        else
            return unexpected_inside(r, "in \\u hexadecimal character escape");
        unit = unit << 4 | digit;
        r->at++;
    }
    *ret_unit = unit;
    return true;
}

/* Behind "\u": one code point, joining surrogates; a lone surrogate becomes U+FFFD as in Go. */
static bool read_unicode(struct reader *r, char **w) {
    uint32_t unit = 0, low = 0;
    if (!read_hex4(r, &unit))
        return false;
    if (unit >= 0xD800 && unit < 0xDC00 && r->source.len - r->at >= 6 &&
        r->source.at[r->at] == '\\' && r->source.at[r->at + 1] == 'u') {
        size_t back = r->at;
        r->at += 2;
        if (!read_hex4(r, &low))
            return false;
        if (low >= 0xDC00 && low < 0xE000)
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        else
            r->at = back;
    }
    *w += utf8_encode(unit, *w);
    return true;
}

static bool read_escape(struct reader *r, char **w) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = peek(r);
    const char *hit = c > 0 ? strchr(from, c) : NULL;
    if (hit) {
        r->at++;
        *(*w)++ = to[hit - from];
        return true;
    }
    if (c != 'u')
        return unexpected_inside(r, "in string escape code");
    r->at++;
    return read_unicode(r, w);
}

static bool read_string(struct reader *r, struct str *ret_text) {
    size_t start = ++r->at;
    const char *s = r->source.at;
    size_t end = start;
    while (end < r->source.len && s[end] != '"' && s[end] != '\\' && (unsigned char)s[end] >= 0x20)
        end++;
    if (end < r->source.len && s[end] == '"') {
        r->at = end + 1;
        *ret_text = str_slice(r->source, start, end);
        return true;
    }
    size_t close = end;
    while (close < r->source.len && s[close] != '"')
        close += s[close] == '\\' ? 2 : 1;
    close = close < r->source.len ? close : r->source.len;
    char *text = arena_bytes(r->arena, close - start + 4), *w = text;
    while (peek(r) != '"') {
        if (peek(r) < 0x20)
            return unexpected(r, "in string literal");
        if (s[r->at] != '\\') {
            *w++ = s[r->at++];
            continue;
        }
        r->at++;
        if (!read_escape(r, &w))
            return false;
    }
    r->at++;
    *w = 0;
    *ret_text = (struct str){text, (size_t)(w - text)};
    return true;
}

static size_t skip_digits(struct reader *r) {
    size_t start = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at - start;
}

static bool read_number(struct reader *r, struct json *out) {
    size_t start = r->at;
    if (peek(r) == '-')
        r->at++;
    if (peek(r) == '0')
        r->at++;
    else if (!skip_digits(r))
        return unexpected_inside(r, "in numeric literal");
    if (peek(r) == '.') {
        r->at++;
        if (!skip_digits(r))
            return unexpected_inside(r, "after decimal point in numeric literal");
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (!skip_digits(r))
            return unexpected_inside(r, "in exponent of numeric literal");
    }
    out->kind = JSON_NUMBER;
    out->text = str_slice(r->source, start, r->at);
    return true;
}

static bool read_word(struct reader *r, const char *word) {
    for (size_t i = 0; word[i]; i++, r->at++) {
        if (peek(r) == word[i])
            continue;
        struct str where = str_format(r->arena, "in literal %s (expecting '%c')", word, word[i]);
        return unexpected_inside(r, str_c(r->arena, where));
    }
    return true;
}

static bool read_value(struct reader *r, struct json *out);

static bool read_array(struct reader *r, struct json *out) {
    size_t from = r->open.len;
    out->kind = JSON_ARRAY;
    r->at++;
    skip_blank(r);
    if (peek(r) == ']') {
        r->at++;
        return true;
    }
    for (;;) {
        struct json item = {0};
        if (!read_value(r, &item))
            return false;
        push(&r->open, &item, sizeof item);
        out->n++;
        skip_blank(r);
        int c = peek(r);
        if (c != ',' && c != ']')
            return unexpected(r, "after array element");
        r->at++;
        if (c == ']')
            break;
    }
    out->items = pop(r->arena, &r->open, from);
    return true;
}

static bool read_member(struct reader *r, struct json_member *member) {
    skip_blank(r);
    if (peek(r) != '"')
        return unexpected(r, "looking for beginning of object key string");
    member->name_start = (uint32_t)r->at;
    if (!read_string(r, &member->name))
        return false;
    member->name_end = (uint32_t)r->at;
    skip_blank(r);
    if (peek(r) != ':')
        return unexpected(r, "after object key");
    r->at++;
    return read_value(r, &member->value);
}

static bool read_object(struct reader *r, struct json *out) {
    size_t from = r->open.len;
    out->kind = JSON_OBJECT;
    r->at++;
    skip_blank(r);
    if (peek(r) == '}') {
        r->at++;
        return true;
    }
    for (;;) {
        struct json_member member = {0};
        if (!read_member(r, &member))
            return false;
        push(&r->open, &member, sizeof member);
        out->n++;
        skip_blank(r);
        int c = peek(r);
        if (c != ',' && c != '}')
            return unexpected(r, "after object key:value pair");
        r->at++;
        if (c == '}')
            break;
    }
    out->members = pop(r->arena, &r->open, from);
    return true;
}

static bool read_scalar(struct reader *r, struct json *out) {
    switch (peek(r)) {
    case '"':
        out->kind = JSON_STRING;
        return read_string(r, &out->text);
    case 't':
        out->kind = JSON_BOOL;
        out->boolean = true;
        return read_word(r, "true");
    case 'f':
        out->kind = JSON_BOOL;
        return read_word(r, "false");
    case 'n':
        out->kind = JSON_NULL;
        return read_word(r, "null");
    default:
        if (peek(r) == '-' || (peek(r) >= '0' && peek(r) <= '9'))
            return read_number(r, out);
        return unexpected(r, "looking for beginning of value");
    }
}

static bool read_value(struct reader *r, struct json *out) {
    skip_blank(r);
    out->start = (uint32_t)r->at;
    int c = peek(r);
    bool ok;
    if (c == '{' || c == '[') {
        if (++r->depth > JSON_MAX_DEPTH)
            return fail(r, r->at, "nested more than %d levels deep", JSON_MAX_DEPTH);
        ok = c == '{' ? read_object(r, out) : read_array(r, out);
        r->depth--;
    } else {
        ok = read_scalar(r, out);
    }
    out->end = (uint32_t)r->at;
    return ok;
}

struct json *json_parse(struct arena *arena, struct str source, struct json_error *ret_error) {
    struct reader r = {.arena = arena, .source = source, .error = ret_error};
    if (source.len > UINT32_MAX) {
        fail(&r, 0, "document is larger than 4 GiB");
        return NULL;
    }
    struct json *value = arena_alloc(arena, sizeof *value);
    bool ok = read_value(&r, value);
    free(r.open.at);
    if (!ok)
        return NULL;
    skip_blank(&r);
    if (r.at < source.len) {
        unexpected(&r, "after top-level value");
        return NULL;
    }
    return value;
}

struct json *json_get(const struct json *object, struct str name) {
    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = object->n; i-- > 0;)
        if (str_eq(object->members[i].name, name))
            return &object->members[i].value;
    return NULL;
}

struct str json_get_str(const struct json *object, struct str name) {
    const struct json *value = json_get(object, name);
    return value && value->kind == JSON_STRING ? value->text : (struct str){NULL, 0};
}

bool json_get_bool(const struct json *object, struct str name) {
    const struct json *value = json_get(object, name);
    return value && value->kind == JSON_BOOL && value->boolean;
}

bool json_get_int(const struct json *object, struct str name, int64_t *ret_int) {
    const struct json *value = json_get(object, name);
    return value && value->kind == JSON_NUMBER && str_to_int(value->text, ret_int);
}

struct ranked {
    struct json_member member;
    size_t rank;
};

static int by_name(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    int order = str_cmp(x->member.name, y->member.name);
    return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static void sort_members(struct json *object) {
    struct ranked *ranked = xmalloc(object->n * sizeof *ranked);
    for (size_t i = 0; i < object->n; i++)
        ranked[i] = (struct ranked){object->members[i], i};
    qsort(ranked, object->n, sizeof *ranked, by_name);
    size_t kept = 0;
    for (size_t i = 0; i < object->n; i++) {
        if (i + 1 < object->n && str_eq(ranked[i].member.name, ranked[i + 1].member.name))
            continue;
        object->members[kept++] = ranked[i].member;
    }
    object->n = kept;
    free(ranked);
}

void json_sort(struct json *value) {
    if (value->kind == JSON_ARRAY) {
        for (size_t i = 0; i < value->n; i++)
            json_sort(&value->items[i]);
    } else if (value->kind == JSON_OBJECT && value->n) {
        sort_members(value);
        for (size_t i = 0; i < value->n; i++)
            json_sort(&value->members[i].value);
    }
}

static void write_special(struct buf *out, unsigned char c) {
    switch (c) {
    case '"':
        buf_add_c(out, "\\\"");
        break;
    case '\\':
        buf_add_c(out, "\\\\");
        break;
    case '\n':
        buf_add_c(out, "\\n");
        break;
    case '\r':
        buf_add_c(out, "\\r");
        break;
    case '\t':
        buf_add_c(out, "\\t");
        break;
    case '\b':
        buf_add_c(out, "\\b");
        break;
    case '\f':
        buf_add_c(out, "\\f");
        break;
    default:
        buf_addf(out, "\\u%04x", c);
        break;
    }
}

void json_write_string(struct buf *out, struct str text, bool html) {
    size_t plain = 0;
    buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool separator = html && c == 0xE2 && i + 2 < text.len && (uint8_t)text.at[i + 1] == 0x80 &&
                         ((uint8_t)text.at[i + 2] & 0xFE) == 0xA8;
        bool special =
            c < 0x20 || c == '"' || c == '\\' || (html && (c == '<' || c == '>' || c == '&'));
        if (!special && !separator)
            continue;
        buf_add(out, str_slice(text, plain, i));
        if (separator) {
            buf_addf(out, "\\u20%02x", (unsigned)((uint8_t)text.at[i + 2] - 0xA8 + 0x28));
            i += 2;
        } else {
            write_special(out, c);
        }
        plain = i + 1;
    }
    buf_add(out, str_slice(text, plain, text.len));
    buf_byte(out, '"');
}

static void new_line(struct buf *out, int indent, int level) {
    if (!indent)
        return;
    buf_byte(out, '\n');
    buf_fill(out, ' ', (size_t)indent * (size_t)level);
}

static void write_value(struct buf *out, const struct json *v, int indent, bool html, int level);

static void write_group(struct buf *out, const struct json *v, int indent, bool html, int level) {
    bool object = v->kind == JSON_OBJECT;
    buf_byte(out, object ? '{' : '[');
    for (size_t i = 0; i < v->n; i++) {
        if (i)
            buf_byte(out, ',');
        new_line(out, indent, level + 1);
        if (object) {
            json_write_string(out, v->members[i].name, html);
            buf_add_c(out, indent ? ": " : ":");
        }
        write_value(out, object ? &v->members[i].value : &v->items[i], indent, html, level + 1);
    }
    if (v->n)
        new_line(out, indent, level);
    buf_byte(out, object ? '}' : ']');
}

static void write_value(struct buf *out, const struct json *v, int indent, bool html, int level) {
    switch (v->kind) {
    case JSON_NULL:
        buf_add_c(out, "null");
        break;
    case JSON_BOOL:
        buf_add_c(out, v->boolean ? "true" : "false");
        break;
    case JSON_NUMBER:
        buf_add(out, v->text);
        break;
    case JSON_STRING:
        json_write_string(out, v->text, html);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        write_group(out, v, indent, html, level);
        break;
    }
}

void json_write(struct buf *out, const struct json *value, int indent, bool html) {
    write_value(out, value, indent, html, 0);
}
