/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as the formatter moves them. */
#ifndef LOAM_FORMAT_INT_H
#define LOAM_FORMAT_INT_H

#include "hcl/scan.h"

struct format_token {
    struct str text;
    uint32_t spaces; /* before it */
    uint8_t kind;    /* enum token_kind */
    bool dropped;
};

struct format_tokens {
    struct format_token *at; /* without TOKEN_EOF */
    size_t n;
    size_t trailing; /* blanks behind the last one, which belong to no line and stay */
};

struct body;

/* The tokens of a source, with old forms replaced by what is written today. */
struct format_tokens format_rewrite_read(struct arena *scratch, struct str source,
                                         const struct body *body, struct tokens tokens);

/* 1 for an opening bracket, -1 for a closing one, 0 for anything else. */
int format_rewrite_bracket(uint8_t kind);

#endif
