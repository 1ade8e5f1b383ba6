/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates, in two passes: a flat list of parts (text with its blanks trimmed, interpolations,
 * directives), then a tree of them.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "hcl/hint.h"
#include "hcl/parse_int.h"

enum part_kind {
    PART_TEXT,
    PART_INTERP,
    PART_IF,
    PART_ELSE,
    PART_ENDIF,
    PART_FOR,
    PART_ENDFOR,
    PART_END
};

struct part {
    enum part_kind kind;
    struct str text;   /* PART_TEXT */
    struct expr *expr; /* interpolation, condition, collection */
    struct str key_name, value_name;
    struct span span;
};

struct parts {
    struct parser *p;
    struct part *at;
    size_t n, cap;
    size_t next; /* second pass */
    enum token_kind end;
    bool trim_next; /* "~}" was last */
    struct span span;
};

static struct part *add_part(struct parts *parts, struct part part) {
    struct parser *p = parts->p;
    parts->at = spares_grow(p->scratch, &p->parts, parts->at, parts->n, &parts->cap, sizeof part);
    parts->at[parts->n] = part;
    return &parts->at[parts->n++];
}

static size_t leading_space(struct str text) {
    size_t at = 0, n;
    while (at < text.len && utf8_is_space(utf8_decode(str_slice(text, at, text.len), &n)))
        at += n;
    return at;
}

static struct str trim_space_right(struct str text) {
    size_t end = 0, n;
    for (size_t at = 0; at < text.len; at += n)
        if (!utf8_is_space(utf8_decode(str_slice(text, at, text.len), &n)))
            end = at + n;
    return str_slice(text, 0, end);
}

static void add_text(struct parts *parts, struct token token) {
    struct parser *p = parts->p;
    struct str text = parse_literal_decode(p, token);
    if (parts->trim_next)
        text = str_slice(text, leading_space(text), text.len);
    parts->trim_next = false;
    add_part(parts, (struct part){
                        .kind = PART_TEXT, .text = text, .span = cursor_span(&p->cursor, token)});
}

/* "${~" and "%{~" eat the white space before them. */
static void trim_before(struct parts *parts, struct token opener, bool after_text) {
    if (after_text && opener.end - opener.start == 3) {
        struct part *before = &parts->at[parts->n - 1];
        before->text = trim_space_right(before->text);
    }
}

/* Reads "}" or "~}", which is next. */
static void read_closer(struct parts *parts) {
    struct token close = cursor_read(&parts->p->cursor);
    parts->trim_next = close.end - close.start == 2;
}

static void interp_error(struct parts *parts, struct span start, struct token close) {
    struct parser *p = parts->p;
    struct cursor *c = &p->cursor;
    struct span at = cursor_span(c, close), context = span_join(start, at);
    bool quote =
        (close.kind == TOKEN_CQUOTE || close.kind == TOKEN_OQUOTE) && parts->end == TOKEN_CQUOTE;
    if (close.kind == TOKEN_EOF)
        diags_error(p->diags, start, "Unclosed template interpolation sequence",
                    "There is no closing brace for this interpolation sequence before the end of "
                    "the file. This might be caused by incorrect nesting inside the given "
                    "expression.");
    else if (close.kind == TOKEN_COLON)
        parse_error(p, at, context, "Extra characters after interpolation expression",
                    "Template interpolation doesn't expect a colon at this location. Did you "
                    "intend this to be a literal sequence to be processed as part of another "
                    "language? If so, you can escape it by starting with \"$${\" instead of just "
                    "\"${\".");
    else if (quote)
        diags_error(p->diags, start, "Unclosed template interpolation sequence",
                    "There is no closing brace for this interpolation sequence before the end of "
                    "the quoted template. This might be caused by incorrect nesting inside the "
                    "given expression.");
    else
        parse_error(p, at, context, "Extra characters after interpolation expression",
                    "Expected a closing brace to end the interpolation expression, but found "
                    "extra characters.\n\nThis can happen when you include interpolation syntax "
                    "for another language, such as shell scripting, but forget to escape the "
                    "interpolation start token. If this is an embedded sequence for another "
                    "language, escape it by starting with \"$${\" instead of just \"${\".");
}

static void add_interp(struct parts *parts, struct token opener) {
    struct parser *p = parts->p;
    struct cursor *c = &p->cursor;
    struct expr *expr = parse_expr_whole(p);
    struct token close = cursor_peek(c);
    if (close.kind == TOKEN_SEQ_END) {
        read_closer(parts);
    } else {
        if (!c->recovery)
            interp_error(parts, parts->span, close);
        cursor_recover(c, TOKEN_SEQ_END);
    }
    add_part(
        parts,
        (struct part){.kind = PART_INTERP, .expr = expr, .span = cursor_between(c, opener, close)});
}

static bool for_directive_error(struct parts *parts, const char *detail) {
    struct cursor *c = &parts->p->cursor;
    if (!c->recovery)
        diags_error(parts->p->diags, cursor_span(c, cursor_peek(c)), "Invalid 'for' directive",
                    "%s", detail);
    return false;
}

static bool parse_for_names(struct parts *parts, struct part *part) {
    struct cursor *c = &parts->p->cursor;
    if (cursor_peek(c).kind != TOKEN_IDENT)
        return for_directive_error(parts, "For directive requires variable name after 'for'.");
    part->value_name = cursor_text(c, cursor_read(c));
    if (cursor_peek(c).kind == TOKEN_COMMA) {
        cursor_read(c);
        part->key_name = part->value_name;
        if (cursor_peek(c).kind != TOKEN_IDENT)
            return for_directive_error(parts,
                                       "For directive requires value variable name after comma.");
        part->value_name = cursor_text(c, cursor_read(c));
    }
    if (!cursor_at_word(c, S("in")))
        return for_directive_error(parts, "For directive requires 'in' keyword after names.");
    cursor_read(c);
    return true;
}

static const struct str directive_words[] = {STR("if"), STR("for"), STR("else"), STR("endif"),
                                             STR("endfor")};
static const enum part_kind directive_kinds[] = {PART_IF, PART_FOR, PART_ELSE, PART_ENDIF,
                                                 PART_ENDFOR};

/* The keyword of a directive; false after an error. */
static bool read_directive_word(struct parts *parts, struct token opener,
                                enum part_kind *ret_kind) {
    struct parser *p = parts->p;
    struct cursor *c = &p->cursor;
    struct token word = cursor_peek(c);
    struct span context = cursor_between(c, opener, word);
    if (word.kind != TOKEN_IDENT) {
        if (!c->recovery)
            parse_error(p, cursor_span(c, word), context, "Invalid template directive",
                        "A template directive keyword (\"if\", \"for\", etc) is expected at the "
                        "beginning of a %%{ sequence.");
        return false;
    }
    cursor_read(c);
    struct str text = cursor_text(c, word);
    for (size_t i = 0; i < COUNT(directive_words); i++)
        if (str_eq(text, directive_words[i])) {
            *ret_kind = directive_kinds[i];
            return true;
        }
    if (!c->recovery) {
        struct str hint =
            hint_did_you_mean(p->scratch, text, directive_words, COUNT(directive_words));
        parse_error(p, cursor_span(c, word), context, "Invalid template control keyword",
                    "\"%.*s\" is not a valid template control keyword.%.*s", STR_ARG(text),
                    STR_ARG(hint));
    }
    return false;
}

/* "%{ word ... }"; the opener was read. */
static void add_directive(struct parts *parts, struct token opener) {
    struct parser *p = parts->p;
    struct cursor *c = &p->cursor;
    struct part part = {.kind = PART_END};
    struct token word = cursor_peek(c);
    if (!read_directive_word(parts, opener, &part.kind) ||
        (part.kind == PART_FOR && !parse_for_names(parts, &part))) {
        cursor_recover(c, TOKEN_SEQ_END);
        return;
    }
    if (part.kind == PART_IF || part.kind == PART_FOR)
        part.expr = parse_expr_whole(p);
    struct token close = cursor_peek(c);
    part.span = cursor_between(c, opener, close);
    add_part(parts, part);
    if (close.kind == TOKEN_SEQ_END) {
        read_closer(parts);
        return;
    }
    if (!c->recovery) {
        struct str summary = str_format(p->scratch, "Extra characters in %.*s marker",
                                        STR_ARG(cursor_text(c, word)));
        parse_error(p, cursor_span(c, close), span_join(parts->span, cursor_span(c, close)),
                    str_c(p->scratch, summary),
                    "Expected a closing brace to end the sequence, but found extra characters.");
    }
    cursor_recover(c, TOKEN_SEQ_END);
}

static void add_sequence(struct parts *parts, struct token opener, bool after_text) {
    struct cursor *c = &parts->p->cursor;
    bool newlines = c->newlines;
    trim_before(parts, opener, after_text);
    parts->trim_next = false;
    c->newlines = false;
    if (opener.kind == TOKEN_INTERP)
        add_interp(parts, opener);
    else
        add_directive(parts, opener);
    c->newlines = newlines;
}

static void read_parts(struct parts *parts) {
    struct parser *p = parts->p;
    struct cursor *c = &p->cursor;
    struct token token;
    bool after_text = false;
    parts->span = cursor_span(c, cursor_peek(c));
    while ((token = cursor_read(c)).kind != parts->end) {
        if (token.kind == TOKEN_STRING_LIT || token.kind == TOKEN_QUOTED_LIT) {
            add_text(parts, token);
            after_text = true;
        } else if (token.kind == TOKEN_INTERP || token.kind == TOKEN_CONTROL) {
            add_sequence(parts, token, after_text);
            after_text = false;
        } else {
            if (!c->recovery)
                parse_error(p, cursor_span(c, token), span_join(parts->span, cursor_span(c, token)),
                            "Unterminated template string",
                            "No closing marker was found for the string.");
            token = cursor_recover(c, parts->end);
            break;
        }
    }
    struct span end = cursor_span(c, token);
    if (!parts->n) {
        struct span empty = parts->span;
        empty.start = empty.end;
        add_part(parts, (struct part){.kind = PART_TEXT, .text = S(""), .span = empty});
    }
    add_part(parts, (struct part){.kind = PART_END, .span = end});
    parts->span = span_join(parts->span, end);
}

/* Grapheme clusters of white space at the start; blank lines do not count. */
static bool count_indent(const struct part *part, size_t *ret_spaces) {
    *ret_spaces = 0;
    if (part->kind != PART_TEXT)
        return part->kind != PART_END;
    size_t bytes = leading_space(part->text);
    if (bytes == part->text.len && str_ends(part->text, S("\n")))
        return false;
    *ret_spaces = utf8_graphemes(str_slice(part->text, 0, bytes));
    return true;
}

static void cut_indent(struct part *part, size_t spaces) {
    size_t bytes = 0;
    for (size_t i = 0; i < spaces; i++)
        bytes += utf8_grapheme(str_slice(part->text, bytes, part->text.len));
    part->text = str_slice(part->text, bytes, part->text.len);
    part->span.start += (uint32_t)bytes;
}

/* "<<-": the smallest indentation of all lines is taken off each. */
static void flush_left(struct parts *parts) {
    size_t least = SIZE_MAX, spaces;
    for (int pass = 0; pass < 2; pass++) {
        bool line_start = true;
        for (size_t i = 0; i < parts->n; i++) {
            struct part *part = &parts->at[i];
            if (line_start && count_indent(part, &spaces)) {
                if (!pass)
                    least = spaces < least ? spaces : least;
                else if (part->kind == PART_TEXT && least != SIZE_MAX)
                    cut_indent(part, least);
            }
            bool ends_line = part->kind == PART_TEXT && str_ends(part->text, S("\n"));
            line_start = ends_line;
        }
    }
}

/* Neighbouring texts become one, in linear time. */
static void meld_texts(struct parts *parts) {
    struct arena *arena = parts->p->arena;
    size_t n = 0;
    for (size_t i = 0; i < parts->n;) {
        size_t run = i + 1;
        while (parts->at[i].kind == PART_TEXT && parts->at[run].kind == PART_TEXT)
            run++;
        struct part part = parts->at[i];
        if (run > i + 1) {
            struct buf text;
            buf_init(&text, BUF_MAX_DOCUMENT);
            for (size_t k = i; k < run; k++)
                buf_add(&text, parts->at[k].text);
            part.text = buf_take(&text, arena);
            part.span.end = parts->at[run - 1].span.end;
        }
        parts->at[n++] = part;
        i = run;
    }
    parts->n = n;
}

static struct expr *build_part(struct parts *parts);

static struct expr *invalid_at(struct parts *parts, struct span span) {
    return parse_expr_new(parts->p, EXPR_INVALID, span);
}

static const char *part_name(enum part_kind kind) {
    return kind == PART_ELSE ? "else" : kind == PART_ENDIF ? "endif" : "endfor";
}

static void unexpected(struct parts *parts, const struct part *part, const char *detail, ...)
    PRINTF_LIKE(3, 4);

static void unexpected(struct parts *parts, const struct part *part, const char *detail, ...) {
    struct parser *p = parts->p;
    va_list args;
    va_start(args, detail);
    struct str text = str_vformat(p->scratch, detail, args);
    va_end(args);
    struct str summary = part->kind == PART_END ? S("Unexpected end of template")
                                                : str_format(p->scratch, "Unexpected %s directive",
                                                             part_name(part->kind));
    diags_add(p->diags, SEVERITY_ERROR, part->span, summary, text);
}

static bool is_ending(enum part_kind kind) {
    return kind == PART_ELSE || kind == PART_ENDIF || kind == PART_ENDFOR || kind == PART_END;
}

/* The parts up to one that ends a directive, as a template of their own; place: when empty. */
static struct expr *build_branch(struct parts *parts, uint32_t place) {
    struct parser *p = parts->p;
    struct expr_stack stack = {0};
    while (!is_ending(parts->at[parts->next].kind))
        parse_expr_push(p, &stack, build_part(parts));
    struct span empty = {p->cursor.file, place, place};
    if (!stack.n)
        parse_expr_push(p, &stack, parse_expr_string(p, S(""), empty));
    struct span span = span_join(expr_span(stack.at[0]), expr_span(stack.at[stack.n - 1]));
    struct expr *branch = parse_expr_new(p, EXPR_TEMPLATE, span);
    struct expr_list list = parse_expr_list(p, branch, &stack);
    branch->list = list;
    return branch;
}

/* Takes the ending part, unless it is the end of the template, which stays. */
static struct part take_ending(struct parts *parts) {
    struct part part = parts->at[parts->next];
    if (part.kind != PART_END)
        parts->next++;
    return part;
}

static struct expr *bad_if(struct parts *parts, const struct part *open, const struct part *end,
                           bool in_else) {
    struct parser *p = parts->p;
    struct str where = sources_range(p->scratch, p->sources, open->span);
    if (end->kind == PART_END)
        unexpected(parts, end,
                   "The if directive at %.*s is missing its corresponding endif directive.",
                   STR_ARG(where));
    else if (end->kind == PART_ELSE && in_else)
        unexpected(parts, end, "Already in the else clause for the if started at %.*s.",
                   STR_ARG(where));
    else
        unexpected(parts, end, "Expecting an endif directive for the if started at %.*s.",
                   STR_ARG(where));
    return invalid_at(parts, end->span);
}

static struct expr *build_if(struct parts *parts) {
    struct parser *p = parts->p;
    struct part open = parts->at[parts->next++];
    struct expr *yes = build_branch(parts, open.span.end), *no = NULL;
    struct part end = take_ending(parts);
    if (end.kind == PART_ELSE) {
        no = build_branch(parts, parts->at[parts->next].span.start);
        end = take_ending(parts);
        if (end.kind != PART_ENDIF)
            return bad_if(parts, &open, &end, true);
    }
    if (end.kind != PART_ENDIF)
        return bad_if(parts, &open, &end, false);
    if (!no) {
        parts->next--;
        no = build_branch(parts, end.span.start);
        parts->next++;
    }
    struct expr *expr = parse_expr_new(p, EXPR_CONDITIONAL, span_join(open.span, end.span));
    expr->template_if = true;
    struct expr *operands[] = {open.expr, yes, no};
    for (size_t i = 0; i < COUNT(operands); i++) {
        expr->operand[i] = operands[i];
        parse_expr_adopt(p, expr, operands[i]);
    }
    return expr;
}

static struct expr *bad_for(struct parts *parts, const struct part *open, const struct part *end) {
    struct parser *p = parts->p;
    struct str where = sources_range(p->scratch, p->sources, open->span);
    if (end->kind == PART_END)
        unexpected(parts, end,
                   "The for directive at %.*s is missing its corresponding endfor directive.",
                   STR_ARG(where));
    else if (end->kind == PART_ELSE)
        unexpected(parts, end, "An else clause is not expected for a for directive.");
    else
        unexpected(parts, end,
                   "Expecting an endfor directive corresponding to the for directive at %.*s.",
                   STR_ARG(where));
    return invalid_at(parts, end->span);
}

static struct expr *build_for(struct parts *parts) {
    struct parser *p = parts->p;
    struct part open = parts->at[parts->next++];
    struct expr *content = build_branch(parts, open.span.end);
    struct part end = take_ending(parts);
    if (end.kind != PART_ENDFOR)
        return bad_for(parts, &open, &end);
    struct span whole = span_join(open.span, end.span);
    struct expr *each = parse_expr_new(p, EXPR_FOR, whole);
    struct loop loop = {
        .key_name = open.key_name,
        .value_name = open.value_name,
        .collection = open.expr,
        .value = content,
        .open_span = open.span,
        .close_span = end.span,
    };
    each->loop = arena_copy(p->arena, &loop, sizeof loop);
    parse_expr_adopt(p, each, open.expr);
    parse_expr_adopt(p, each, content);
    struct expr *join = parse_expr_new(p, EXPR_JOIN, whole);
    join->operand[0] = each;
    parse_expr_adopt(p, join, each);
    return join;
}

static struct expr *build_directive(struct parts *parts) {
    struct parser *p = parts->p;
    struct part part = parts->at[parts->next];
    struct expr *expr = NULL;
    if (++p->depth > PARSE_MAX_DEPTH) {
        expr = parse_expr_too_deep(p, part.span);
        parts->next = parts->n - 1;
    } else {
        expr = part.kind == PART_IF ? build_if(parts) : build_for(parts);
    }
    p->depth--;
    return expr;
}

static struct expr *build_part(struct parts *parts) {
    const struct part *part = &parts->at[parts->next];
    switch (part->kind) {
    case PART_TEXT:
        parts->next++;
        return parse_expr_string(parts->p, part->text, part->span);
    case PART_INTERP:
        parts->next++;
        return part->expr;
    case PART_IF:
    case PART_FOR:
        return build_directive(parts);
    default:
        parts->next++;
        unexpected(parts, part, "The control directives within this template are unbalanced.");
        return invalid_at(parts, part->span);
    }
}

/* The tree of all parts. A text alone is a literal, an interpolation alone keeps its type. */
static struct expr *build_all(struct parts *all) {
    struct parts parts = *all;
    struct parser *p = parts.p;
    if (parts.n == 2 && parts.at[0].kind == PART_TEXT)
        return parse_expr_string(p, parts.at[0].text, parts.span);
    if (parts.n == 2 && parts.at[0].kind == PART_INTERP) {
        struct expr *wrap = parse_expr_new(p, EXPR_WRAP, parts.span);
        wrap->operand[0] = parts.at[0].expr;
        parse_expr_adopt(p, wrap, wrap->operand[0]);
        return wrap;
    }
    struct expr_stack stack = {0};
    while (parts.at[parts.next].kind != PART_END)
        parse_expr_push(p, &stack, build_part(&parts));
    struct expr *expr = parse_expr_new(p, EXPR_TEMPLATE, parts.span);
    struct expr_list list = parse_expr_list(p, expr, &stack);
    expr->list = list;
    return expr;
}

struct expr *parse_template_until(struct parser *p, enum token_kind end, bool flush) {
    struct parts parts = {.p = p, .end = end};
    read_parts(&parts);
    if (flush)
        flush_left(&parts);
    meld_texts(&parts);
    struct expr *expr = build_all(&parts);
    spares_keep(p->scratch, &p->parts, parts.at, parts.cap);
    return expr;
}
