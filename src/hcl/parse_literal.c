/* SPDX-License-Identifier: Apache-2.0 */
/* Text between quotes and in heredocs: escapes resolved. */
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "hcl/parse_int.h"

/* How many of the next `want` bytes are hexadecimal digits; their value is added up. */
static size_t read_hex(struct str text, size_t at, size_t want, uint32_t *ret_rune) {
    size_t n = 0;
    uint32_t rune = 0;
    for (; n < want && at + n < text.len; n++) {
        char c = text.at[at + n];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        else
            break;
        rune = rune << 4 | digit;
    }
    *ret_rune = rune;
    return n;
}

static struct span part_span(struct parser *p, struct token token, size_t at, size_t len) {
    struct token part = {token.start + (uint32_t)at, token.start + (uint32_t)(at + len), 0};
    return cursor_span(&p->cursor, part);
}

static size_t decode_unicode(struct parser *p, struct token token, struct str text, size_t at,
                             struct buf *out) {
    bool wide = text.at[at + 1] == 'U';
    size_t want = wide ? 8 : 4;
    uint32_t rune;
    size_t n = read_hex(text, at + 2, want, &rune);
    struct span span = part_span(p, token, at, 2 + n);
    if (n < want) {
        diags_error(p->diags, span, "Invalid escape sequence",
                    "The \\%c escape sequence must be followed by %s hexadecimal digits.",
                    wide ? 'U' : 'u', wide ? "eight" : "four");
        buf_add(out, str_slice(text, at, at + 2 + n));
    } else if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) {
        diags_error(p->diags, span, "Invalid escape sequence",
                    "Cannot encode character U+%04x in UTF-8.", (unsigned)rune);
        buf_add(out, str_slice(text, at, at + 2 + n));
    } else {
        buf_rune(out, rune);
    }
    return 2 + n;
}

/* text.at[at] is a backslash. Returns the bytes that it and what it stands for take. */
static size_t decode_escape(struct parser *p, struct token token, struct str text, size_t at,
                            struct buf *out) {
    if (at + 1 >= text.len) {
        diags_error(p->diags, part_span(p, token, at, 1), "Invalid escape sequence",
                    "Backslash must be followed by an escape sequence selector character.");
        buf_byte(out, '\\');
        return 1;
    }
    static const char selectors[] = "nrt\"\\", results[] = "\n\r\t\"\\";
    for (size_t i = 0; selectors[i]; i++)
        if (text.at[at + 1] == selectors[i]) {
            buf_byte(out, results[i]);
            return 2;
        }
    if (text.at[at + 1] == 'u' || text.at[at + 1] == 'U')
        return decode_unicode(p, token, text, at, out);
    size_t n;
    utf8_decode(str_slice(text, at + 1, text.len), &n);
    struct str symbol = str_slice(text, at + 1, at + 1 + n);
    diags_error(p->diags, part_span(p, token, at, 1 + n), "Invalid escape sequence",
                "The symbol \"%.*s\" is not a valid escape sequence selector.", STR_ARG(symbol));
    buf_add(out, symbol);
    return 1 + n;
}

static bool is_plain(struct str text, bool quoted) {
    for (size_t i = 0; i < text.len; i++)
        if ((text.at[i] == '\\' && quoted) || text.at[i] == '$' || text.at[i] == '%')
            return false;
    return true;
}

struct str parse_literal_decode(struct parser *p, struct token token) {
    struct str text = cursor_text(&p->cursor, token);
    bool quoted = token.kind == TOKEN_QUOTED_LIT;
    if (is_plain(text, quoted))
        return text;
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t at = 0; at < text.len;) {
        char c = text.at[at];
        if (c == '\\' && quoted) {
            at += decode_escape(p, token, text, at, &out);
        } else if ((c == '$' || c == '%') && at + 2 < text.len && text.at[at + 1] == c &&
                   text.at[at + 2] == '{') {
            buf_byte(&out, c);
            buf_byte(&out, '{');
            at += 3;
        } else {
            buf_byte(&out, c);
            at++;
        }
    }
    return buf_take(&out, p->arena);
}

/* A template sequence where only a literal may stand; the rest of it is skipped. */
static void refuse_sequence(struct parser *p, struct token open, struct token token,
                            struct buf *out) {
    struct cursor *c = &p->cursor;
    char which = token.kind == TOKEN_CONTROL ? '%' : '$';
    parse_error(p, cursor_span(c, token), cursor_between(c, open, token), "Invalid string literal",
                "Template sequences are not allowed in this string. To include a literal "
                "\"%c\", double it (as \"%c%c\") to escape it.",
                which, which, which);
    buf_addf(out, "%c{ ... }", which);
    cursor_recover(c, TOKEN_SEQ_END);
}

struct str parse_literal_quoted(struct parser *p, struct span *ret_span) {
    struct cursor *c = &p->cursor;
    struct token open = cursor_read(c), token;
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (;;) {
        token = cursor_read(c);
        struct span context = cursor_between(c, open, token);
        if (token.kind == TOKEN_CQUOTE) {
            break;
        } else if (token.kind == TOKEN_QUOTED_LIT) {
            buf_add(&out, parse_literal_decode(p, token));
        } else if (token.kind == TOKEN_CONTROL || token.kind == TOKEN_INTERP) {
            refuse_sequence(p, open, token, &out);
        } else if (token.kind == TOKEN_EOF) {
            parse_error(p, cursor_span(c, token), context, "Unterminated string literal",
                        "Unable to find the closing quote mark before the end of the file.");
            break;
        } else {
            parse_error(p, cursor_span(c, token), context, "Invalid string literal",
                        "This item is not valid in a string literal.");
            cursor_recover(c, TOKEN_CQUOTE);
            break;
        }
    }
    *ret_span = cursor_between(c, open, token);
    struct str text = buf_take(&out, p->arena);
    return text;
}
