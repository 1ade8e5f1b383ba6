/* SPDX-License-Identifier: Apache-2.0 */
#include "addr/addr_int.h"
#include "base/arena.h"
#include "base/buf.h"
#include "hcl/parse.h"

bool addr_scan_byte(struct addr_scan *scan, char byte) {
    if (scan->at < scan->text.len && scan->text.at[scan->at] == byte) {
        scan->at++;
        return true;
    }
    return false;
}

bool addr_scan_name(struct addr_scan *scan, struct str *ret_name) {
    size_t end = scan->at;
    while (end < scan->text.len && scan->text.at[end] != '.' && scan->text.at[end] != '[')
        end++;
    struct str name = str_slice(scan->text, scan->at, end);
    if (!parse_is_identifier(name))
        return false;
    scan->at = end;
    *ret_name = name;
    return true;
}

/* Four hexadecimal digits of a \u escape at `at`. */
static bool scan_hex(struct str text, size_t at, size_t digits, uint32_t *ret_rune) {
    uint32_t rune = 0;
    if (at + digits > text.len)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = text.at[at + i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit > 15)
            return false;
        rune = rune * 16 + digit;
    }
    *ret_rune = rune;
    return true;
}

/* One escape behind the backslash at text.at[*at - 1]. */
static bool unescape(struct buf *out, struct str text, size_t *at) {
    uint32_t rune = 0;
    char c = *at < text.len ? text.at[*at] : '\0';
    (*at)++;
    switch (c) {
    case 'n':
        buf_byte(out, '\n');
        return true;
    case 'r':
        buf_byte(out, '\r');
        return true;
    case 't':
        buf_byte(out, '\t');
        return true;
    case '"':
    case '\\':
        buf_byte(out, c);
        return true;
    case 'u':
    case 'U':
        if (!scan_hex(text, *at, c == 'u' ? 4 : 8, &rune))
            return false;
        *at += c == 'u' ? 4 : 8;
        buf_rune(out, rune);
        return true;
    default:
        return false;
    }
}

/* The body of a quoted text, which starts at *at; *at ends behind the closing quote. */
static bool scan_quoted(struct arena *arena, struct str text, size_t *at, struct str *ret_text) {
    size_t start = *at;
    size_t i = start;
    while (i < text.len && text.at[i] != '"' && text.at[i] != '\\' && text.at[i] != '$' &&
           text.at[i] != '%')
        i++;
    if (i < text.len && text.at[i] == '"') {
        *ret_text = str_slice(text, start, i);
        *at = i + 1;
        return true;
    }
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    bool ok = true;
    i = start;
    while (ok && i < text.len && text.at[i] != '"') {
        char c = text.at[i++];
        if (c == '\\') {
            ok = unescape(&b, text, &i);
            continue;
        }
        buf_byte(&b, c);
        if ((c == '$' || c == '%') && i < text.len && text.at[i] == c && i + 1 < text.len &&
            text.at[i + 1] == '{')
            i++;
    }
    *ret_text = buf_take(&b, arena);
    *at = i + 1;
    return ok && i < text.len;
}

bool addr_scan_key(struct arena *arena, struct addr_scan *scan, struct key *ret_key) {
    struct str text = scan->text;
    size_t i = scan->at;
    struct key key = {.kind = KEY_NONE};
    if (i + 1 >= text.len || text.at[i] != '[')
        return false;
    i++;
    if (text.at[i] == '"') {
        i++;
        key.kind = KEY_STRING;
        if (!scan_quoted(arena, text, &i, &key.text))
            return false;
    } else {
        size_t start = i;
        while (i < text.len && text.at[i] != ']')
            i++;
        key.kind = KEY_INT;
        if (!str_to_int(str_slice(text, start, i), &key.number))
            return false;
    }
    if (i >= text.len || text.at[i] != ']')
        return false;
    scan->at = i + 1;
    *ret_key = key;
    return true;
}
