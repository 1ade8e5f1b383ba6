/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as a view: where it starts and how long it is. A `struct str` owns nothing and is passed by
 * value; the bytes live in an arena, in a source file or in the program itself. They need not end
 * in NUL and may contain it.
 */
#ifndef LOAM_STR_H
#define LOAM_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct str {
    const char *at;
    size_t len;
};

/* A literal as a view, usable in static initialisers: `static const struct str x = STR("x");` */
#define STR(literal)                                                                               \
    { (literal), sizeof(literal) - 1 }
/* The same as an expression: `str_eq(s, S("x"))`. */
#define S(literal) ((struct str){(literal), sizeof(literal) - 1})
/* Arguments for one `%.*s`. */
#define STR_ARG(s) (int)(s).len, (s).at
/* Number of elements of an array. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define MUST_USE __attribute__((warn_unused_result))

/* View of a NUL-terminated text; NULL gives the empty view. */
struct str str_from(const char *text);
struct str str_slice(struct str s, size_t start, size_t end);

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b);
/* Byte order, shorter first on a common prefix; as strcmp in sign. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Position of the first (last) occurrence, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_byte(struct str s, char byte);
ptrdiff_t str_rfind_byte(struct str s, char byte);
size_t str_count_byte(struct str s, char byte);
/* Is one of the n texts equal to s? */
bool str_is_in(struct str s, const struct str *texts, size_t n);
/* Without ASCII white space on both ends. */
struct str str_trim(struct str s);
struct str str_trim_right(struct str s);
/*
 * Takes the part before the next `separator` off `*rest` and returns it in `*ret_part`; false when
 * nothing is left. An empty text gives one empty part. Start with `rest->at` not NULL.
 */
bool str_split(struct str *rest, char separator, struct str *ret_part);

/* Copies into `arena`; the result also has a NUL behind its end, so `.at` serves C libraries. */
struct str str_dup(struct arena *arena, struct str s);
const char *str_c(struct arena *arena, struct str s);
struct str str_cat(struct arena *arena, struct str a, struct str b);
struct str str_join(struct arena *arena, const struct str *parts, size_t n, struct str separator);
struct str str_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
struct str str_vformat(struct arena *arena, const char *format, va_list args);
struct str str_lower(struct arena *arena, struct str s); /* ASCII only */
struct str str_upper(struct arena *arena, struct str s); /* ASCII only */
struct str str_replace(struct arena *arena, struct str s, struct str from, struct str to);

/* Decimal integers, the whole text; false on anything else or on overflow. */
bool str_to_int(struct str s, int64_t *ret_int);

uint64_t str_hash(struct str s);

/* For qsort over an array of struct str. */
int str_cmp_qsort(const void *a, const void *b);

/*
 * The candidate nearest to `word` by edit distance, for "Did you mean"; the empty view when none is
 * near enough to be a likely typo.
 */
struct str str_nearest(struct str word, const struct str *candidates, size_t n);

#endif
