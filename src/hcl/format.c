/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/format.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "hcl/format_int.h"
#include "hcl/parse.h"

/* Tokens of one line in up to three cells, each aligned with that of the lines around. */
struct line {
    struct format_token *at;
    size_t n;
    size_t assign;  /* first token of "= value"; that of the comment when there is none */
    size_t comment; /* first token of the comment at the end, or n */
    size_t lead_columns, assign_columns;
};

struct lines {
    struct line *at;
    size_t n;
};

static bool has_assign(const struct line *line) {
    return line->assign < line->comment;
}

static bool has_comment(const struct line *line) {
    return line->comment < line->n;
}

static bool ends_line(const struct format_token *token) {
    return token->kind == TOKEN_NEWLINE ||
           (token->kind == TOKEN_COMMENT && str_ends(token->text, S("\n")));
}

/* The value is a cell of its own only when it ends on its line. */
static void split_cells(struct line *line) {
    line->comment = line->n;
    if (line->n > 1 && line->at[line->n - 1].kind == TOKEN_COMMENT)
        line->comment--;
    line->assign = line->comment;
    for (size_t i = 1; i < line->comment; i++) {
        if (line->at[i].kind != TOKEN_EQUAL)
            continue;
        int net = 0;
        for (size_t k = i; k < line->comment; k++)
            net += format_rewrite_bracket(line->at[k].kind);
        if (!net)
            line->assign = i;
        return;
    }
}

static struct lines split_lines(struct arena *scratch, struct format_token *tokens, size_t n) {
    size_t most = 1;
    for (size_t i = 0; i < n; i++)
        most += ends_line(&tokens[i]);
    struct lines lines = {.at = arena_raw(scratch, most, sizeof *lines.at)};
    for (size_t start = 0; start < n;) {
        size_t end = start;
        while (end < n && !ends_line(&tokens[end]))
            end++;
        if (end < n)
            end++;
        struct line line = {.at = tokens + start, .n = end - start};
        split_cells(&line);
        lines.at[lines.n++] = line;
        start = end;
    }
    return lines;
}

/* What each open level of indentation has on its account: brackets opened by its line. */
struct levels {
    int *at;
    size_t n, cap;
};

static void close_levels(struct levels *levels, int closed) {
    while (closed > 0 && levels->n) {
        int *top = &levels->at[levels->n - 1];
        if (closed < *top) {
            *top -= closed;
            return;
        }
        closed -= *top;
        levels->n--;
    }
}

static int net_brackets(const struct line *line) {
    int net = 0;
    for (size_t i = 0; i < line->assign; i++) {
        net += format_rewrite_bracket(line->at[i].kind);
        if (line->at[i].kind == TOKEN_OHEREDOC)
            break;
    }
    for (size_t i = line->assign; i < line->comment; i++)
        net += format_rewrite_bracket(line->at[i].kind);
    return net;
}

static void indent_lines(struct arena *scratch, const struct lines *lines) {
    struct levels levels = {0};
    for (size_t i = 0; i < lines->n; i++) {
        struct line *line = &lines->at[i];
        if (line->at[0].kind == TOKEN_NEWLINE) {
            line->at[0].spaces = 0;
            continue;
        }
        int net = net_brackets(line);
        if (net < 0)
            close_levels(&levels, -net);
        line->at[0].spaces = (uint32_t)(2 * levels.n);
        if (net > 0) {
            levels.at = arena_grow(scratch, levels.at, levels.n, &levels.cap, sizeof *levels.at);
            levels.at[levels.n++] = net;
        }
    }
}

static bool in_template(uint8_t subject, uint8_t after) {
    return subject == TOKEN_QUOTED_LIT || subject == TOKEN_STRING_LIT || subject == TOKEN_OQUOTE ||
           subject == TOKEN_OHEREDOC || after == TOKEN_QUOTED_LIT || after == TOKEN_STRING_LIT ||
           after == TOKEN_CQUOTE || after == TOKEN_CHEREDOC;
}

/* A minus is a sign, not a subtraction, when nothing before it could end an operand. */
static bool minus_is_sign(uint8_t before) {
    switch ((enum token_kind)before) {
    case TOKEN_EOF:
    case TOKEN_OPAREN:
    case TOKEN_OBRACE:
    case TOKEN_OBRACK:
    case TOKEN_EQUAL:
    case TOKEN_COLON:
    case TOKEN_COMMA:
    case TOKEN_QUESTION:
    case TOKEN_PLUS:
    case TOKEN_STAR:
    case TOKEN_SLASH:
    case TOKEN_PERCENT:
    case TOKEN_MINUS:
    case TOKEN_EQUAL_OP:
    case TOKEN_NOT_EQUAL:
    case TOKEN_GREATER:
    case TOKEN_GREATER_EQUAL:
    case TOKEN_LESS:
    case TOKEN_LESS_EQUAL:
    case TOKEN_AND:
    case TOKEN_OR:
    case TOKEN_BANG:
        return true;
    default:
        return false;
    }
}

/* Around braces there are blanks, inside other brackets none. */
static bool space_at_brackets(uint8_t subject, uint8_t after) {
    if (subject == TOKEN_OBRACE || after == TOKEN_CBRACE)
        return !(subject == TOKEN_OBRACE && after == TOKEN_CBRACE);
    bool opener = subject == TOKEN_INTERP || subject == TOKEN_CONTROL;
    if (opener && after == TOKEN_OBRACE)
        return true;
    if (subject == TOKEN_CBRACE && after == TOKEN_SEQ_END)
        return true;
    if (subject == TOKEN_SEQ_END && (after == TOKEN_INTERP || after == TOKEN_CONTROL))
        return false;
    return format_rewrite_bracket(subject) <= 0 && format_rewrite_bracket(after) >= 0;
}

/* `a.0. 1` and `a.0. e1`, which without the blank would hold a number with a fraction. */
static bool extends_number(uint8_t before, uint8_t subject, const struct format_token *next) {
    if (subject != TOKEN_DOT || before != TOKEN_NUMBER)
        return false;
    struct str text = next->text;
    return next->kind == TOKEN_NUMBER ||
           (next->kind == TOKEN_IDENT && text.len > 1 && (text.at[0] | 0x20) == 'e' &&
            (text.at[1] == '-' || (text.at[1] >= '0' && text.at[1] <= '9')));
}

/* Whether a blank stands between two tokens; before: the kind of the one before both. */
static bool space_between(uint8_t before, const struct format_token *subject,
                          const struct format_token *next) {
    uint8_t kind = subject->kind, after = next->kind;
    if (after == TOKEN_NEWLINE)
        return false;
    if (kind == TOKEN_IDENT && (after == TOKEN_OPAREN || after == TOKEN_DOUBLE_COLON))
        return false;
    if (kind == TOKEN_DOUBLE_COLON && after == TOKEN_IDENT)
        return false;
    if (extends_number(before, kind, next))
        return true;
    if (kind == TOKEN_DOT || after == TOKEN_DOT || after == TOKEN_COMMA || after == TOKEN_ELLIPSIS)
        return false;
    if (kind == TOKEN_COMMA)
        return true;
    if (in_template(kind, after))
        return false;
    /* `for x in [a]`, where "in[a]" would look like an index. */
    if (kind == TOKEN_IDENT && before == TOKEN_IDENT && str_eq(subject->text, S("in")))
        return true;
    if (after == TOKEN_OBRACK &&
        (kind == TOKEN_IDENT || kind == TOKEN_NUMBER || format_rewrite_bracket(kind) < 0))
        return false;
    if (kind == TOKEN_BANG)
        return false;
    if (kind == TOKEN_MINUS)
        return !minus_is_sign(before);
    return space_at_brackets(kind, after);
}

static void space_cell(struct format_token *at, size_t n) {
    for (size_t i = 0; i + 1 < n; i++) {
        uint8_t before = i ? at[i - 1].kind : TOKEN_EOF;
        at[i + 1].spaces = space_between(before, &at[i], &at[i + 1]) ? 1 : 0;
    }
}

static size_t columns_of(const struct format_token *at, size_t n) {
    size_t columns = 0;
    for (size_t i = 0; i < n; i++)
        columns += at[i].spaces + utf8_graphemes(at[i].text);
    return columns;
}

static void space_lines(const struct lines *lines) {
    for (size_t i = 0; i < lines->n; i++) {
        struct line *line = &lines->at[i];
        space_cell(line->at, line->assign);
        space_cell(line->at + line->assign, line->comment - line->assign);
        if (line->assign < line->n)
            line->lead_columns = columns_of(line->at, line->assign);
    }
}

/* Lines next to each other that have the cell begin it in one column. */
static void align_assigns(const struct lines *lines) {
    for (size_t i = 0; i < lines->n; i++) {
        size_t start = i, widest = 0;
        for (; i < lines->n && has_assign(&lines->at[i]); i++)
            if (lines->at[i].lead_columns > widest)
                widest = lines->at[i].lead_columns;
        for (size_t k = start; k < i; k++) {
            struct line *line = &lines->at[k];
            line->at[line->assign].spaces = (uint32_t)(widest - line->lead_columns + 1);
        }
    }
}

static void align_comments(const struct lines *lines) {
    for (size_t i = 0; i < lines->n; i++) {
        struct line *line = &lines->at[i];
        if (has_comment(line))
            line->assign_columns =
                columns_of(line->at + line->assign, line->comment - line->assign);
    }
    for (size_t i = 0; i < lines->n; i++) {
        size_t start = i, widest = 0;
        for (; i < lines->n && has_comment(&lines->at[i]); i++) {
            size_t columns = lines->at[i].lead_columns + lines->at[i].assign_columns;
            if (columns > widest)
                widest = columns;
        }
        for (size_t k = start; k < i; k++) {
            struct line *line = &lines->at[k];
            line->at[line->comment].spaces =
                (uint32_t)(widest - (line->lead_columns + line->assign_columns) + 1);
        }
    }
}

void format_parsed(struct arena *scratch, struct str source, const struct body *body,
                   struct tokens read, struct buf *out) {
    struct format_tokens tokens = format_rewrite_read(scratch, source, body, read);
    struct lines lines = split_lines(scratch, tokens.at, tokens.n);
    indent_lines(scratch, &lines);
    space_lines(&lines);
    align_assigns(&lines);
    align_comments(&lines);
    for (size_t i = 0; i < tokens.n; i++) {
        buf_fill(out, ' ', tokens.at[i].spaces);
        buf_add(out, tokens.at[i].text);
    }
    buf_fill(out, ' ', tokens.trailing);
}

void format_source(struct arena *scratch, struct str source, struct buf *out) {
    struct sources *sources = sources_new(scratch);
    uint32_t file = sources_add(sources, S(""), source);
    struct diags *diags = diags_new(scratch);
    struct tokens tokens;
    struct body *body = parse_file_tokens(scratch, sources, file, &tokens, diags);
    if (diags_failed(diags))
        buf_add(out, source);
    else
        format_parsed(scratch, source, body, tokens, out);
}
