/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"

uint32_t utf8_decode(struct str s, size_t *ret_bytes) {
    const uint8_t *at = (const uint8_t *)s.at;
    *ret_bytes = 1;
    if (!s.len)
        return UTF8_INVALID;
    if (at[0] < 0x80)
        return at[0];
    utf8proc_int32_t rune;
    utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)(s.len > 4 ? 4 : s.len), &rune);
    if (n <= 0)
        return UTF8_INVALID;
    *ret_bytes = (size_t)n;
    return (uint32_t)rune;
}

bool utf8_valid(struct str s) {
    for (size_t i = 0, n; i < s.len; i += n) {
        if ((uint8_t)s.at[i] < 0x80) {
            n = 1;
            continue;
        }
        if (utf8_decode(str_slice(s, i, s.len), &n) == UTF8_INVALID)
            return false;
    }
    return true;
}

size_t utf8_encode(uint32_t rune, char out[4]) {
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        rune = 0xFFFD;
    return (size_t)utf8proc_encode_char((utf8proc_int32_t)rune, (utf8proc_uint8_t *)out);
}

static bool is_ascii(struct str s) {
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= s.len; i += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, s.at + i, sizeof eight);
        if (eight & 0x8080808080808080u)
            return false;
    }
    for (; i < s.len; i++)
        if ((uint8_t)s.at[i] >= 0x80)
            return false;
    return true;
}

struct str utf8_nfc(struct arena *arena, struct str s) {
    if (is_ascii(s))
        return s;
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.at, (utf8proc_ssize_t)s.len,
                                      &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0)
        return s;
    struct str result = str_dup(arena, (struct str){(const char *)composed, (size_t)n});
    free(composed);
    return result;
}

size_t utf8_grapheme(struct str s) {
    if (!s.len)
        return 0;
    size_t at, n;
    uint32_t rune = utf8_decode(s, &at);
    if (rune < 0x80 && (at == s.len || (uint8_t)s.at[at] < 0x80))
        return rune == '\r' && at < s.len && s.at[at] == '\n' ? 2 : 1;
    utf8proc_int32_t state = 0;
    while (at < s.len) {
        uint32_t next = utf8_decode(str_slice(s, at, s.len), &n);
        if (next == UTF8_INVALID || rune == UTF8_INVALID ||
            utf8proc_grapheme_break_stateful((utf8proc_int32_t)rune, (utf8proc_int32_t)next,
                                             &state))
            break;
        rune = next;
        at += n;
    }
    return at;
}

size_t utf8_graphemes(struct str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; count++) {
        /* Before another of ASCII, a character stands alone; only CR LF is one together. */
        bool alone = (uint8_t)s.at[i] < 0x80 && s.at[i] != '\r' &&
                     (i + 1 == s.len || (uint8_t)s.at[i + 1] < 0x80);
        i += alone ? 1 : utf8_grapheme(str_slice(s, i, s.len));
    }
    return count;
}

size_t utf8_width(struct str s) {
    size_t columns = 0, n;
    for (size_t i = 0; i < s.len; i += n) {
        uint32_t rune = utf8_decode(str_slice(s, i, s.len), &n);
        int w = rune == UTF8_INVALID ? 1 : utf8proc_charwidth((utf8proc_int32_t)rune);
        columns += w > 0 ? (size_t)w : 0;
    }
    return columns;
}

static utf8proc_category_t category(uint32_t rune) {
    return rune > 0x10FFFF ? UTF8PROC_CATEGORY_CN : utf8proc_category((utf8proc_int32_t)rune);
}

bool utf8_is_letter(uint32_t rune) {
    utf8proc_category_t c = category(rune);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool utf8_is_id_start(uint32_t rune) {
    if (rune < 0x80)
        return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
    return utf8_is_letter(rune) || category(rune) == UTF8PROC_CATEGORY_NL;
}

bool utf8_is_id_continue(uint32_t rune) {
    if (rune < 0x80)
        return utf8_is_id_start(rune) || (rune >= '0' && rune <= '9') || rune == '_' || rune == '-';
    utf8proc_category_t c = category(rune);
    return utf8_is_id_start(rune) || c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC ||
           c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_PC;
}

bool utf8_is_space(uint32_t rune) {
    if (rune < 0x80)
        return rune == ' ' || (rune >= '\t' && rune <= '\r');
    utf8proc_category_t c = category(rune);
    return rune == 0x85 || c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL ||
           c == UTF8PROC_CATEGORY_ZP;
}

uint32_t utf8_to_upper(uint32_t rune) {
    return (uint32_t)utf8proc_toupper((utf8proc_int32_t)rune);
}

uint32_t utf8_to_lower(uint32_t rune) {
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)rune);
}

uint32_t utf8_to_title(uint32_t rune) {
    return (uint32_t)utf8proc_totitle((utf8proc_int32_t)rune);
}

bool utf8_is_printable(uint32_t rune) {
    if (rune < 0x7F)
        return rune >= 0x20;
    if (rune == ' ')
        return true;
    utf8proc_category_t c = category(rune);
    return c != UTF8PROC_CATEGORY_CN && c < UTF8PROC_CATEGORY_ZS;
}
