/* SPDX-License-Identifier: Apache-2.0 */
/* Old forms that `fmt` writes anew: interpolation around a whole value, bare labels, old types. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "hcl/format_int.h"
#include "hcl/parse.h"

/* Tokens of the source and, for each, what becomes of it. */
struct rewriter {
    struct arena *scratch;
    struct str source;
    const struct token *tokens;
    size_t n, near; /* tokens; where one was looked up last */
    struct format_token *result;
};

int format_rewrite_bracket(uint8_t kind) {
    switch ((enum token_kind)kind) {
    case TOKEN_OBRACE:
    case TOKEN_OBRACK:
    case TOKEN_OPAREN:
    case TOKEN_CONTROL:
    case TOKEN_INTERP:
        return 1;
    case TOKEN_CBRACE:
    case TOKEN_CBRACK:
    case TOKEN_CPAREN:
    case TOKEN_SEQ_END:
        return -1;
    default:
        return 0;
    }
}

/* The first token that starts at or behind a byte; mostly it is near the one asked for before. */
static size_t token_at(struct rewriter *r, uint32_t byte) {
    size_t low = 0, high = r->n;
    for (size_t step = 1; r->near + step < r->n && r->tokens[r->near].start < byte; step *= 2) {
        low = r->near;
        r->near += step;
    }
    if (r->near < r->n && r->tokens[r->near].start >= byte)
        high = r->near;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->tokens[middle].start < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return r->near = low;
}

static void drop(struct rewriter *r, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        r->result[i].dropped = true;
}

static void replace(struct rewriter *r, size_t i, enum token_kind kind, struct str text) {
    r->result[i].kind = (uint8_t)kind;
    r->result[i].text = text;
}

static bool is_kind(const struct rewriter *r, size_t i, enum token_kind kind) {
    return r->tokens[i].kind == kind;
}

/* "${" to "}" with no other sequence beside it and no text, so that the quotes add nothing. */
static bool is_single_interp(const struct rewriter *r, size_t from, size_t to) {
    if (to - from < 5 || !is_kind(r, from, TOKEN_OQUOTE) || !is_kind(r, from + 1, TOKEN_INTERP) ||
        !is_kind(r, to - 2, TOKEN_SEQ_END) || !is_kind(r, to - 1, TOKEN_CQUOTE))
        return false;
    int quotes = 0;
    for (size_t i = from + 2; i < to - 2; i++)
        if (is_kind(r, i, TOKEN_OQUOTE))
            quotes++;
        else if (is_kind(r, i, TOKEN_CQUOTE))
            quotes--;
        else if (quotes <= 0 && (is_kind(r, i, TOKEN_INTERP) || is_kind(r, i, TOKEN_SEQ_END) ||
                                 is_kind(r, i, TOKEN_QUOTED_LIT)))
            return false;
    return true;
}

/* A line ends before the last token does; with a comment, only where that ends an argument. */
static bool spans_lines(const struct rewriter *r, size_t from, size_t to) {
    int depth = 0;
    for (size_t i = from; i + 1 < to; i++) {
        depth += format_rewrite_bracket(r->tokens[i].kind);
        bool comment = is_kind(r, i, TOKEN_COMMENT) && depth == 0;
        if (is_kind(r, i, TOKEN_NEWLINE) || (comment && r->source.at[r->tokens[i].end - 1] == '\n'))
            return true;
    }
    return false;
}

/* What was over several lines inside "${ }" needs parentheses to be so outside. */
static void unwrap_value(struct rewriter *r, size_t from, size_t to) {
    if (!is_single_interp(r, from, to))
        return;
    size_t first = from + 2, last = to - 2;
    while (first < last && is_kind(r, first, TOKEN_NEWLINE))
        first++;
    while (last > first && is_kind(r, last - 1, TOKEN_NEWLINE))
        last--;
    drop(r, from, first);
    drop(r, last, to);
    bool parens =
        first < last && is_kind(r, first, TOKEN_OPAREN) && is_kind(r, last - 1, TOKEN_CPAREN);
    if (parens || !spans_lines(r, first, last))
        return;
    r->result[from].dropped = r->result[to - 1].dropped = false;
    replace(r, from, TOKEN_OPAREN, S("("));
    replace(r, to - 1, TOKEN_CPAREN, S(")"));
}

static void rewrite_type(struct rewriter *r, size_t from, size_t to) {
    static const struct str bare[][2] = {{STR("list"), STR("list(any)")},
                                         {STR("map"), STR("map(any)")},
                                         {STR("set"), STR("set(any)")}};
    static const struct str quoted[][2] = {{STR("string"), STR("string")},
                                           {STR("list"), STR("list(string)")},
                                           {STR("map"), STR("map(string)")}};
    bool is_quoted = to - from == 3 && is_kind(r, from, TOKEN_OQUOTE) &&
                     is_kind(r, from + 1, TOKEN_QUOTED_LIT) && is_kind(r, from + 2, TOKEN_CQUOTE);
    if (!is_quoted && !(to - from == 1 && is_kind(r, from, TOKEN_IDENT)))
        return;
    struct str word = r->result[is_quoted ? from + 1 : from].text;
    for (size_t i = 0; i < COUNT(bare); i++) {
        const struct str *pair = is_quoted ? quoted[i] : bare[i];
        if (!str_eq(word, pair[0]))
            continue;
        drop(r, from + 1, to);
        replace(r, from, TOKEN_IDENT, pair[1]);
        return;
    }
}

/* A string as its literal is written: the opposite of resolving escapes. */
static struct str quote(struct arena *arena, struct str text) {
    static const char from[] = "\n\r\t\"\\", to[] = "nrt\"\\";
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_byte(&out, '"');
    for (size_t at = 0, n; at < text.len; at += n) {
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        size_t known = 0;
        while (from[known] && rune != (uint8_t)from[known])
            known++;
        bool opens = (rune == '$' || rune == '%') && at + 1 < text.len && text.at[at + 1] == '{';
        if (from[known])
            buf_addf(&out, "\\%c", to[known]);
        else if (opens)
            buf_addf(&out, "%c%c", (char)rune, (char)rune);
        else if (!utf8_is_printable(rune))
            buf_addf(&out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)rune);
        else
            buf_add(&out, str_slice(text, at, at + n));
    }
    buf_byte(&out, '"');
    return buf_take(&out, arena);
}

/* A label becomes one token, of a kind that has blanks around it. */
static void rewrite_labels(struct rewriter *r, const struct block *block) {
    if (!block->n_labels)
        return;
    size_t at = token_at(r, block->type_span.end);
    drop(r, at, token_at(r, block->label_spans[block->n_labels - 1].end));
    for (uint32_t i = 0; i < block->n_labels; i++, at++) {
        r->result[at].dropped = false;
        replace(r, at, TOKEN_NUMBER, quote(r->scratch, block->labels[i]));
    }
}

static void rewrite_body(struct rewriter *r, const struct body *body, bool in_variable,
                         bool is_root) {
    for (uint32_t i = 0; i < body->n_attributes; i++) {
        const struct attribute *attr = &body->attributes[i];
        size_t from = token_at(r, attr->expr->start), to = token_at(r, attr->expr->end);
        if (in_variable && str_eq(attr->name, S("type")))
            rewrite_type(r, from, to);
        else
            unwrap_value(r, from, to);
    }
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        rewrite_labels(r, block);
        rewrite_body(r, block->body, is_root && str_eq(block->type, S("variable")), false);
    }
}

static void read_tokens(struct rewriter *r) {
    r->result = arena_raw(r->scratch, r->n + 1, sizeof *r->result);
    uint32_t end = 0;
    for (size_t i = 0; i <= r->n; i++) {
        struct token token = r->tokens[i];
        r->result[i] = (struct format_token){
            .text = {r->source.at + token.start, token.end - token.start},
            .spaces = token.start - end,
            .kind = token.kind,
        };
        end = token.end;
    }
}

struct format_tokens format_rewrite_read(struct arena *scratch, struct str source,
                                         const struct body *body, struct tokens tokens) {
    struct rewriter r = {
        .scratch = scratch, .source = source, .tokens = tokens.at, .n = tokens.n - 1};
    read_tokens(&r);
    rewrite_body(&r, body, false, true);
    size_t n = 0;
    for (size_t i = 0; i < r.n; i++)
        if (!r.result[i].dropped)
            r.result[n++] = r.result[i];
    return (struct format_tokens){r.result, n, r.result[r.n].spaces};
}
