/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place in a list of tokens, for the parser: looking ahead past comments and, inside brackets,
 * past newlines; and finding a sane place again after an error.
 */
#ifndef LOAM_CURSOR_H
#define LOAM_CURSOR_H

#include "diag/source.h"
#include "hcl/scan.h"

struct cursor {
    struct str text; /* what was scanned */
    uint32_t file;
    uint32_t offset; /* of text in the file */
    const struct token *tokens;
    size_t n;
    size_t at;
    bool newlines; /* newlines matter here; saved and restored around brackets */
    bool recovery; /* an error left us in an odd place: follow-up errors are noise */
};

/* The next token past what does not matter here; *ret_next is the place behind it. */
struct token cursor_seek(const struct cursor *c, size_t *ret_next);

/* Most tokens matter wherever they are: the next two are what parsing spends its time in. */
static inline bool cursor_is_plain(const struct cursor *c) {
    return c->at < c->n && c->tokens[c->at].kind > TOKEN_COMMENT;
}

static inline struct token cursor_peek(const struct cursor *c) {
    size_t next;
    return cursor_is_plain(c) ? c->tokens[c->at] : cursor_seek(c, &next);
}

static inline struct token cursor_read(struct cursor *c) {
    if (cursor_is_plain(c))
        return c->tokens[c->at++];
    size_t next;
    struct token token = cursor_seek(c, &next);
    c->at = next;
    return token;
}

/* The token read last; the next one at the very start. */
struct token cursor_last(const struct cursor *c);
struct span cursor_span(const struct cursor *c, struct token token);
struct str cursor_text(const struct cursor *c, struct token token);
/* From the start of one token to the end of another. */
struct span cursor_between(const struct cursor *c, struct token from, struct token to);
/* The next token is the identifier `word`. */
bool cursor_at_word(const struct cursor *c, struct str word);

/* Skips to behind the next `end` on this level of nesting and returns it, or the end of file. */
struct token cursor_recover(struct cursor *c, enum token_kind end);
/* Skips to the next opening parenthesis and behind the one that closes it. */
void cursor_recover_call(struct cursor *c);
/* Skips to the line behind the current argument or block. */
void cursor_recover_item(struct cursor *c, struct arena *scratch);
/* Gives up on the rest. */
void cursor_abandon(struct cursor *c);

/* The closing kind of an opening one, and the other way round; TOKEN_EOF for others. */
enum token_kind cursor_opposite(enum token_kind kind);

#endif
