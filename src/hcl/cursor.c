/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/cursor.h"

#include "base/arena.h"

/* A one-line comment ends its line, so where newlines matter it is one. */
struct token cursor_seek(const struct cursor *c, size_t *ret_next) {
    for (size_t i = c->at; i < c->n; i++) {
        struct token token = c->tokens[i];
        if (token.kind == TOKEN_COMMENT) {
            if (!c->newlines || c->text.at[token.end - 1] != '\n')
                continue;
            token.kind = TOKEN_NEWLINE;
        } else if (token.kind == TOKEN_NEWLINE && !c->newlines) {
            continue;
        }
        *ret_next = i + 1;
        return token;
    }
    *ret_next = c->n;
    return c->tokens[c->n - 1];
}

struct token cursor_last(const struct cursor *c) {
    return c->at ? c->tokens[c->at - 1] : cursor_peek(c);
}

struct span cursor_span(const struct cursor *c, struct token token) {
    return (struct span){c->file, token.start + c->offset, token.end + c->offset};
}

struct str cursor_text(const struct cursor *c, struct token token) {
    return (struct str){c->text.at + token.start, token.end - token.start};
}

struct span cursor_between(const struct cursor *c, struct token from, struct token to) {
    return (struct span){c->file, from.start + c->offset, to.end + c->offset};
}

bool cursor_at_word(const struct cursor *c, struct str word) {
    struct token token = cursor_peek(c);
    return token.kind == TOKEN_IDENT && str_eq(cursor_text(c, token), word);
}

enum token_kind cursor_opposite(enum token_kind kind) {
    switch (kind) {
    case TOKEN_OBRACE:
        return TOKEN_CBRACE;
    case TOKEN_CBRACE:
        return TOKEN_OBRACE;
    case TOKEN_OBRACK:
        return TOKEN_CBRACK;
    case TOKEN_CBRACK:
        return TOKEN_OBRACK;
    case TOKEN_OPAREN:
        return TOKEN_CPAREN;
    case TOKEN_CPAREN:
        return TOKEN_OPAREN;
    case TOKEN_OQUOTE:
        return TOKEN_CQUOTE;
    case TOKEN_CQUOTE:
        return TOKEN_OQUOTE;
    case TOKEN_OHEREDOC:
        return TOKEN_CHEREDOC;
    case TOKEN_CHEREDOC:
        return TOKEN_OHEREDOC;
    case TOKEN_INTERP:
    case TOKEN_CONTROL:
        return TOKEN_SEQ_END;
    case TOKEN_SEQ_END:
        return TOKEN_INTERP;
    default:
        return TOKEN_EOF;
    }
}

struct token cursor_recover(struct cursor *c, enum token_kind end) {
    enum token_kind start = cursor_opposite(end);
    c->recovery = true;
    for (size_t nest = 0;;) {
        struct token token = cursor_read(c);
        if (token.kind == TOKEN_EOF)
            return token;
        enum token_kind kind = token.kind;
        if (end == TOKEN_SEQ_END && kind == TOKEN_CONTROL)
            kind = TOKEN_INTERP;
        if (kind == start) {
            nest++;
        } else if (kind == end) {
            if (!nest)
                return token;
            nest--;
        }
    }
}

void cursor_recover_call(struct cursor *c) {
    struct token token;
    do
        token = cursor_read(c);
    while (token.kind != TOKEN_OPAREN && token.kind != TOKEN_EOF);
    cursor_recover(c, TOKEN_CPAREN);
}

/* Brackets that are open, to know whether a newline ends the item. */
struct open_brackets {
    uint8_t *kinds;
    size_t n, cap;
};

static bool closes(enum token_kind closer, uint8_t kind) {
    if (closer == TOKEN_SEQ_END)
        return kind == TOKEN_INTERP || kind == TOKEN_CONTROL;
    return kind == cursor_opposite(closer);
}

static void close_bracket(struct open_brackets *open, enum token_kind closer) {
    while (open->n && !closes(closer, open->kinds[open->n - 1]))
        open->n--;
    if (open->n)
        open->n--;
}

void cursor_recover_item(struct cursor *c, struct arena *scratch) {
    struct open_brackets open = {0};
    c->recovery = true;
    for (;;) {
        struct token token = cursor_read(c);
        switch ((enum token_kind)token.kind) {
        case TOKEN_NEWLINE:
            if (!open.n)
                return;
            break;
        case TOKEN_EOF:
            return;
        case TOKEN_OBRACE:
        case TOKEN_OBRACK:
        case TOKEN_OPAREN:
        case TOKEN_OQUOTE:
        case TOKEN_OHEREDOC:
        case TOKEN_INTERP:
        case TOKEN_CONTROL:
            open.kinds = arena_grow(scratch, open.kinds, open.n, &open.cap, 1);
            open.kinds[open.n++] = token.kind;
            break;
        case TOKEN_CBRACE:
        case TOKEN_CBRACK:
        case TOKEN_CPAREN:
        case TOKEN_CQUOTE:
        case TOKEN_CHEREDOC:
        case TOKEN_SEQ_END:
            close_bracket(&open, token.kind);
            break;
        default:
            break;
        }
    }
}

void cursor_abandon(struct cursor *c) {
    c->recovery = true;
    c->at = c->n - 1;
}
