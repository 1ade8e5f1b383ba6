/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/json_text.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

/* Go's encoding/json read token by token: enough of it to name the first fault. */
struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    int depth;
    struct str error; /* empty: none yet */
};

static bool value(struct reader *r);

static int peek(const struct reader *r) {
    return r->at < r->text.len ? (unsigned char)r->text.at[r->at] : -1;
}

static bool fail(struct reader *r, struct str error) {
    r->error = error;
    return false;
}

static bool end_of_text(struct reader *r) {
    return fail(r, S("unexpected EOF"));
}

static struct str char_text(struct reader *r, int c) {
    if (c == '\'')
        return S("'\\''");
    if (c == '"')
        return S("'\"'");
    if (c < 0x20 || c == 0x7f)
        return str_format(r->arena,
                          c == '\n'   ? "'\\n'"
                          : c == '\t' ? "'\\t'"
                          : c == '\r' ? "'\\r'"
                                      : "'\\x%02x'",
                          (unsigned)c);
    char bytes[4];
    size_t n = utf8_encode((uint32_t)c, bytes);
    return str_format(r->arena, "'%.*s'", (int)n, bytes);
}

static bool unexpected(struct reader *r, const char *where) {
    int c = peek(r);
    if (c < 0)
        return end_of_text(r);
    return fail(r, str_format(r->arena, "invalid character %.*s%s%s", STR_ARG(char_text(r, c)),
                              *where ? " " : "", where));
}

/* Between tokens the end of the text is no surprise to the reference. */
static bool bad_token(struct reader *r, const char *where) {
    return peek(r) < 0 ? fail(r, S("EOF")) : unexpected(r, where);
}

static void blank(struct reader *r) {
    while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
        r->at++;
}

static bool is_hex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool string(struct reader *r) {
    for (r->at++; peek(r) != '"'; r->at++) {
        if (peek(r) < 0x20)
            return unexpected(r, "in string literal");
        if (peek(r) != '\\')
            continue;
        r->at++;
        if (peek(r) == 'u') {
            for (int i = 0; i < 4; i++) {
                r->at++;
                if (!is_hex(peek(r)))
                    return unexpected(r, "in \\u hexadecimal character escape");
            }
        } else if (peek(r) < 0 || !strchr("\"\\/bfnrt", peek(r))) {
            return unexpected(r, "in string escape code");
        }
    }
    r->at++;
    return true;
}

static bool digits(struct reader *r, const char *where) {
    if (peek(r) < '0' || peek(r) > '9')
        return unexpected(r, where);
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return true;
}

static bool number(struct reader *r) {
    if (peek(r) == '-')
        r->at++;
    if (peek(r) == '0')
        r->at++;
    else if (!digits(r, "in numeric literal"))
        return false;
    if (peek(r) == '.') {
        r->at++;
        if (!digits(r, "after decimal point in numeric literal"))
            return false;
    }
    if (peek(r) != 'e' && peek(r) != 'E')
        return true;
    r->at++;
    if (peek(r) == '+' || peek(r) == '-')
        r->at++;
    return digits(r, "in exponent of numeric literal");
}

static bool word(struct reader *r, const char *literal) {
    for (size_t i = 0; literal[i]; i++, r->at++)
        if (peek(r) != literal[i])
            return unexpected(r,
                              str_c(r->arena, str_format(r->arena, "in literal %s (expecting '%c')",
                                                         literal, literal[i])));
    return true;
}

static bool array(struct reader *r) {
    r->at++;
    blank(r);
    if (peek(r) == ']') {
        r->at++;
        return true;
    }
    for (;;) {
        if (!value(r))
            return false;
        blank(r);
        if (peek(r) == ']')
            break;
        if (peek(r) != ',')
            return bad_token(r, "after array element");
        r->at++;
    }
    r->at++;
    return true;
}

static bool object(struct reader *r) {
    r->at++;
    blank(r);
    if (peek(r) == '}') {
        r->at++;
        return true;
    }
    for (const char *where = "";; where = "looking for beginning of object key string") {
        blank(r);
        if (peek(r) != '"')
            return bad_token(r, where);
        if (!string(r))
            return false;
        blank(r);
        if (peek(r) != ':')
            return bad_token(r, "after object key");
        r->at++;
        if (!value(r))
            return false;
        blank(r);
        if (peek(r) == '}')
            break;
        if (peek(r) != ',')
            return bad_token(r, "after object key:value pair");
        r->at++;
    }
    r->at++;
    return true;
}

static bool value_of(struct reader *r) {
    blank(r);
    int c = peek(r);
    switch (c) {
    case '{':
        return object(r);
    case '[':
        return array(r);
    case '"':
        return string(r);
    case 't':
        return word(r, "true");
    case 'f':
        return word(r, "false");
    case 'n':
        return word(r, "null");
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return number(r);
        return bad_token(r, "looking for beginning of value");
    }
}

static bool value(struct reader *r) {
    if (r->depth >= 1000)
        return fail(r, S("exceeded max depth"));
    r->depth++;
    bool ok = value_of(r);
    r->depth--;
    return ok;
}

struct str json_text_error(struct arena *arena, struct str text) {
    struct reader r = {.arena = arena, .text = text};
    blank(&r);
    if (peek(&r) < 0)
        return S("EOF");
    if (!value(&r))
        return r.error;
    return S("extraneous data after JSON object");
}

struct str json_text_value(struct arena *arena, struct str text) {
    struct reader r = {.arena = arena, .text = text};
    blank(&r);
    if (!value(&r))
        return text;
    blank(&r);
    return peek(&r) == '}' || peek(&r) == ']' ? str_slice(text, 0, r.at) : text;
}
