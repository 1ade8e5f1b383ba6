/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's state, shared by its files. */
#ifndef LOAM_PARSE_INT_H
#define LOAM_PARSE_INT_H

#include "hcl/cursor.h"
#include "hcl/parse.h"
#include "hcl/spares.h"

/* Nesting of brackets, blocks and templates. */
#define PARSE_MAX_DEPTH 1000

struct parser {
    struct cursor cursor;
    struct tokens tokens;
    struct arena *arena;
    struct arena *scratch; /* dies with the parser */
    const struct sources *sources;
    struct diags *diags;
    struct spares exprs, steps, items, attributes, blocks, parts;
    unsigned depth;
    bool too_deep; /* reported, and parsing given up */
};

/* A growing list in scratch, to be copied once its length is known. */
struct expr_stack {
    struct expr **at;
    size_t n, cap;
};

/* Scans text, which lies at `offset` in the file, and reports characters of no meaning. */
void parse_begin(struct parser *p, struct arena *arena, const struct sources *sources,
                 uint32_t file, struct str text, uint32_t offset, enum scan_mode mode,
                 struct diags *diags);
void parse_end(struct parser *p);
/* Adds an error with the lines of `context` shown. */
struct diag *parse_error(struct parser *p, struct span subject, struct span context,
                         const char *summary, const char *detail, ...) PRINTF_LIKE(5, 6);
/* One level of nesting deeper; false when that is too deep, which is reported and ends parsing. */
bool parse_enter(struct parser *p, struct token at);
void parse_leave(struct parser *p);
/* The string of a token in quoted or unquoted form, escapes resolved; normalised to NFC. */
struct str parse_literal_decode(struct parser *p, struct token token);
struct str parse_literal_quoted(struct parser *p, struct span *ret_span);

struct expr *parse_expr_whole(struct parser *p);
struct expr *parse_expr_new(struct parser *p, enum expr_kind kind, struct span span);
/* Makes child one level below parent; a tree too high is reported once and cut off. */
void parse_expr_adopt(struct parser *p, struct expr *parent, const struct expr *child);
struct expr *parse_expr_string(struct parser *p, struct str text, struct span span);
void parse_expr_push(struct parser *p, struct expr_stack *stack, struct expr *expr);
/* The list, adopted by parent; the stack is used up. */
struct expr_list parse_expr_list(struct parser *p, struct expr *parent, struct expr_stack *stack);

/* Reports that once, gives up on the rest of the source and returns a placeholder. */
struct expr *parse_expr_too_deep(struct parser *p, struct span span);

/* The template up to the token `end`, which is read; flush: indentation is taken off. */
struct expr *parse_template_until(struct parser *p, enum token_kind end, bool flush);
/* The opening bracket is next. */
struct expr *parse_collection_tuple(struct parser *p);
struct expr *parse_collection_object(struct parser *p);
#endif
