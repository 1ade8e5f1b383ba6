/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to tokens, linear and without errors: what is not of the language becomes a token of its
 * own that the parser reports. Tokens cover the source in order; only blanks lie between them.
 */
#ifndef LOAM_SCAN_H
#define LOAM_SCAN_H

#include "base/str.h"

struct arena;

enum token_kind {
    TOKEN_EOF,
    TOKEN_NEWLINE,
    TOKEN_COMMENT, /* a one-line comment includes its newline */
    TOKEN_IDENT,
    TOKEN_NUMBER,
    TOKEN_OBRACE,
    TOKEN_CBRACE,
    TOKEN_OBRACK,
    TOKEN_CBRACK,
    TOKEN_OPAREN,
    TOKEN_CPAREN,
    TOKEN_OQUOTE,
    TOKEN_CQUOTE,
    TOKEN_OHEREDOC, /* "<<-EOT\n" */
    TOKEN_CHEREDOC, /* the last line without its newline */
    TOKEN_QUOTED_LIT,
    TOKEN_STRING_LIT, /* in heredocs and bare templates; ends with its line */
    TOKEN_INTERP,     /* "${" or "${~" */
    TOKEN_CONTROL,    /* "%{" or "%{~" */
    TOKEN_SEQ_END,    /* "}" or "~}" */
    TOKEN_STAR,
    TOKEN_SLASH,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_PERCENT,
    TOKEN_EQUAL,
    TOKEN_EQUAL_OP,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_BANG,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_ELLIPSIS,
    TOKEN_FAT_ARROW,
    TOKEN_QUESTION,
    TOKEN_COLON,
    TOKEN_DOUBLE_COLON,
    TOKEN_BITWISE_AND, /* from here on: never valid */
    TOKEN_BITWISE_OR,
    TOKEN_BITWISE_XOR,
    TOKEN_BITWISE_NOT,
    TOKEN_APOSTROPHE,
    TOKEN_BACKTICK,
    TOKEN_SEMICOLON,
    TOKEN_QUOTED_NEWLINE,
    TOKEN_INVALID,
    TOKEN_BAD_UTF8,
};

struct token {
    uint32_t start, end;
    uint8_t kind; /* enum token_kind */
};

struct tokens {
    struct token *at; /* ends with TOKEN_EOF */
    size_t n;
    bool suspicious; /* one that is never valid is among them */
};

enum scan_mode { SCAN_NORMAL, SCAN_TEMPLATE };

/* Offsets count from the start of text, a byte order mark included. */
struct tokens scan_text(struct arena *arena, struct str text, enum scan_mode mode);
/* Bytes of the identifier at the start of text; 0 when there is none. */
size_t scan_ident(struct str text);

#endif
