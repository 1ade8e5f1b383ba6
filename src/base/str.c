/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"

struct str str_from(const char *text) {
    return text ? (struct str){text, strlen(text)} : (struct str){NULL, 0};
}

struct str str_slice(struct str s, size_t start, size_t end) {
    if (end > s.len)
        end = s.len;
    if (start > end)
        start = end;
    return (struct str){s.at ? s.at + start : NULL, end - start};
}

bool str_eq(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool str_eq_nocase(struct str a, struct str b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.at, b.at, n) : 0;
    if (order)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

int str_cmp_qsort(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool str_starts(struct str s, struct str prefix) {
    return s.len >= prefix.len && str_eq(str_slice(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.len >= suffix.len && str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle) {
    if (!needle.len)
        return 0;
    const char *hit = s.len ? memmem(s.at, s.len, needle.at, needle.len) : NULL;
    return hit ? hit - s.at : -1;
}

ptrdiff_t str_find_byte(struct str s, char byte) {
    const char *hit = s.len ? memchr(s.at, byte, s.len) : NULL;
    return hit ? hit - s.at : -1;
}

ptrdiff_t str_rfind_byte(struct str s, char byte) {
    const char *hit = s.len ? memrchr(s.at, byte, s.len) : NULL;
    return hit ? hit - s.at : -1;
}

size_t str_count_byte(struct str s, char byte) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == byte;
    return n;
}

bool str_is_in(struct str s, const struct str *texts, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(texts[i], s))
            return true;
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim_right(struct str s) {
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

struct str str_trim(struct str s) {
    while (s.len && is_blank(s.at[0]))
        s = str_slice(s, 1, s.len);
    return str_trim_right(s);
}

bool str_split(struct str *rest, char separator, struct str *ret_part) {
    if (!rest->at)
        return false;
    ptrdiff_t at = str_find_byte(*rest, separator);
    if (at < 0) {
        *ret_part = *rest;
        *rest = (struct str){NULL, 0};
    } else {
        *ret_part = str_slice(*rest, 0, (size_t)at);
        *rest = str_slice(*rest, (size_t)at + 1, rest->len);
    }
    return true;
}

struct str str_dup(struct arena *arena, struct str s) {
    char *at = arena_bytes(arena, s.len + 1);
    if (s.len)
        memcpy(at, s.at, s.len);
    at[s.len] = 0;
    return (struct str){at, s.len};
}

const char *str_c(struct arena *arena, struct str s) {
    return str_dup(arena, s).at;
}

struct str str_cat(struct arena *arena, struct str a, struct str b) {
    char *at = arena_bytes(arena, a.len + b.len + 1);
    if (a.len)
        memcpy(at, a.at, a.len);
    if (b.len)
        memcpy(at + a.len, b.at, b.len);
    at[a.len + b.len] = 0;
    return (struct str){at, a.len + b.len};
}

struct str str_join(struct arena *arena, const struct str *parts, size_t n, struct str separator) {
    size_t len = n ? separator.len * (n - 1) : 0;
    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    char *at = arena_bytes(arena, len + 1), *to = at;
    for (size_t i = 0; i < n; i++) {
        if (i && separator.len)
            to = mempcpy(to, separator.at, separator.len);
        if (parts[i].len)
            to = mempcpy(to, parts[i].at, parts[i].len);
    }
    *to = 0;
    return (struct str){at, len};
}

struct str str_vformat(struct arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, format, args);
    if (n < 0)
        bug("format failed");
    char *at = arena_bytes(arena, (size_t)n + 1);
    if ((size_t)n < sizeof small)
        memcpy(at, small, (size_t)n + 1);
    else
        vsnprintf(at, (size_t)n + 1, format, again);
    va_end(again);
    return (struct str){at, (size_t)n};
}

struct str str_format(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str s = str_vformat(arena, format, args);
    va_end(args);
    return s;
}

struct str str_lower(struct arena *arena, struct str s) {
    char *at = arena_bytes(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = lower(s.at[i]);
    at[s.len] = 0;
    return (struct str){at, s.len};
}

struct str str_upper(struct arena *arena, struct str s) {
    char *at = arena_bytes(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = upper(s.at[i]);
    at[s.len] = 0;
    return (struct str){at, s.len};
}

struct str str_replace(struct arena *arena, struct str s, struct str from, struct str to) {
    if (!from.len)
        return s;
    size_t hits = 0;
    ptrdiff_t at;
    for (struct str rest = s; (at = str_find(rest, from)) >= 0;
         rest = str_slice(rest, (size_t)at + from.len, rest.len))
        hits++;
    if (!hits)
        return s;
    char *out = arena_bytes(arena, s.len - hits * from.len + hits * to.len + 1), *w = out;
    struct str rest = s;
    while ((at = str_find(rest, from)) >= 0) {
        w = mempcpy(w, rest.at, (size_t)at);
        if (to.len)
            w = mempcpy(w, to.at, to.len);
        rest = str_slice(rest, (size_t)at + from.len, rest.len);
    }
    if (rest.len)
        w = mempcpy(w, rest.at, rest.len);
    *w = 0;
    return (struct str){out, (size_t)(w - out)};
}

bool str_to_int(struct str s, int64_t *ret_int) {
    bool minus = s.len && s.at[0] == '-';
    if (minus)
        s = str_slice(s, 1, s.len);
    if (!s.len)
        return false;
    int64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        int digit = s.at[i] - '0';
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, minus ? -digit : digit, &n))
            return false;
    }
    *ret_int = n;
    return true;
}

uint64_t str_hash(struct str s) {
    /* FNV-1a over 8-byte words with a final mix: order never depends on it, only bucket choice. */
    uint64_t h = 0xcbf29ce484222325u ^ s.len;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.at + i, 8);
        h = (h ^ word) * 0x9FB21C651E98DF25u;
        h ^= h >> 32;
    }
    for (; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 0x100000001b3u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    return h ^ h >> 32;
}

#define NEAREST_MAX 64

static size_t edit_distance(struct str a, struct str b) {
    size_t row[NEAREST_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = corner + (a.at[i - 1] != b.at[j - 1]);
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.len];
}

struct str str_nearest(struct str word, const struct str *candidates, size_t n) {
    struct str best = {NULL, 0};
    size_t limit = 3;
    if (word.len > NEAREST_MAX)
        return best;
    for (size_t i = 0; i < n; i++) {
        if (candidates[i].len > NEAREST_MAX)
            continue;
        size_t distance = edit_distance(word, candidates[i]);
        if (distance < limit) {
            limit = distance;
            best = candidates[i];
        }
    }
    return best;
}
