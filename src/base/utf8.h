/* SPDX-License-Identifier: Apache-2.0 */
/* Unicode text: decoding, NFC, grapheme clusters (UAX 29), terminal width, case. */
#ifndef LOAM_UTF8_H
#define LOAM_UTF8_H

#include "base/str.h"

struct arena;

#define UTF8_INVALID 0xFFFFFFFFu

bool utf8_valid(struct str s);
/* Next code point and how many bytes it took; UTF8_INVALID and 1 on a malformed byte. */
uint32_t utf8_decode(struct str s, size_t *ret_bytes);
size_t utf8_encode(uint32_t rune, char out[4]);

/* Normalisation form C; the input itself when it is already that (all ASCII is). */
struct str utf8_nfc(struct arena *arena, struct str s);
/* Bytes of the first grapheme cluster; 0 for the empty text. */
size_t utf8_grapheme(struct str s);
size_t utf8_graphemes(struct str s);
/* Columns on a terminal. */
size_t utf8_width(struct str s);

/* UAX 31 as HCL has it: letters and so on first; then digits, marks and '-' too. */
bool utf8_is_id_start(uint32_t rune);
bool utf8_is_id_continue(uint32_t rune);
/* Unicode white space, as Go's unicode.IsSpace. */
bool utf8_is_space(uint32_t rune);
/* Simple (one to one) case mapping. */
uint32_t utf8_to_upper(uint32_t rune);
uint32_t utf8_to_lower(uint32_t rune);
uint32_t utf8_to_title(uint32_t rune);
bool utf8_is_letter(uint32_t rune);
bool utf8_is_printable(uint32_t rune);

#endif
