/* SPDX-License-Identifier: Apache-2.0 */
/* Tuples, objects and `for` expressions of the native syntax. */
#include "base/arena.h"
#include "hcl/parse_int.h"

static bool lost(const struct parser *p, size_t before) {
    return p->cursor.recovery && p->diags->n_errors > before;
}

static struct expr *invalid_for(struct parser *p, struct token open, enum token_kind closer) {
    struct token close = cursor_recover(&p->cursor, closer);
    return parse_expr_new(p, EXPR_INVALID, cursor_between(&p->cursor, open, close));
}

static void for_error(struct parser *p, struct token open, const char *detail) {
    struct token next = cursor_peek(&p->cursor);
    if (!p->cursor.recovery)
        parse_error(p, cursor_span(&p->cursor, next), cursor_between(&p->cursor, open, next),
                    "Invalid 'for' expression", "%s", detail);
}

/* "for k, v in": false after an error. */
static bool parse_for_names(struct parser *p, struct token open, struct loop *loop) {
    struct cursor *c = &p->cursor;
    cursor_read(c);
    if (cursor_peek(c).kind != TOKEN_IDENT) {
        for_error(p, open, "For expression requires variable name after 'for'.");
        return false;
    }
    loop->value_name = cursor_text(c, cursor_read(c));
    if (cursor_peek(c).kind == TOKEN_COMMA) {
        cursor_read(c);
        loop->key_name = loop->value_name;
        if (cursor_peek(c).kind != TOKEN_IDENT) {
            for_error(p, open, "For expression requires value variable name after comma.");
            return false;
        }
        loop->value_name = cursor_text(c, cursor_read(c));
    }
    if (!cursor_at_word(c, S("in"))) {
        for_error(p, open, "For expression requires the 'in' keyword after its name declarations.");
        return false;
    }
    cursor_read(c);
    return true;
}

/* The result of each round and the condition; false after an error. */
static bool parse_for_result(struct parser *p, struct loop *loop, struct span *ret_ellipsis) {
    struct cursor *c = &p->cursor;
    size_t before = p->diags->n_errors;
    loop->value = parse_expr_whole(p);
    if (cursor_peek(c).kind == TOKEN_FAT_ARROW) {
        cursor_read(c);
        loop->key = loop->value;
        loop->value = parse_expr_whole(p);
    }
    if (lost(p, before))
        return false;
    if (cursor_peek(c).kind == TOKEN_ELLIPSIS) {
        *ret_ellipsis = cursor_span(c, cursor_read(c));
        loop->group = true;
    }
    if (!cursor_at_word(c, S("if")))
        return true;
    cursor_read(c);
    loop->condition = parse_expr_whole(p);
    return !lost(p, before);
}

static void check_for(struct parser *p, const struct loop *loop, struct span ellipsis,
                      struct span whole) {
    const char *summary = "Invalid 'for' expression";
    if (!loop->object && loop->key)
        parse_error(p, expr_span(loop->key), whole, summary,
                    "Key expression is not valid when building a tuple.");
    if (!loop->object && loop->group)
        parse_error(p, ellipsis, whole, summary,
                    "Grouping ellipsis (...) cannot be used when building a tuple.");
    if (loop->object && !loop->key)
        parse_error(p, expr_span(loop->value), whole, summary,
                    "Key expression is required when building an object.");
}

static struct expr *new_for(struct parser *p, const struct loop *loop, struct span whole) {
    struct expr *expr = parse_expr_new(p, EXPR_FOR, whole);
    expr->loop = arena_copy(p->arena, loop, sizeof *loop);
    struct expr *children[] = {loop->collection, loop->key, loop->value, loop->condition};
    for (size_t i = 0; i < COUNT(children); i++)
        if (children[i])
            parse_expr_adopt(p, expr, children[i]);
    return expr;
}

/* Newlines do not matter in it, with either bracket. */
static struct expr *parse_for(struct parser *p, struct token open) {
    struct cursor *c = &p->cursor;
    enum token_kind closer = cursor_opposite(open.kind);
    struct loop loop = {.object = open.kind == TOKEN_OBRACE, .open_span = cursor_span(c, open)};
    if (!parse_for_names(p, open, &loop))
        return invalid_for(p, open, closer);
    size_t before = p->diags->n_errors;
    loop.collection = parse_expr_whole(p);
    if (lost(p, before))
        return invalid_for(p, open, closer);
    if (cursor_peek(c).kind != TOKEN_COLON) {
        for_error(p, open, "For expression requires a colon after the collection expression.");
        return invalid_for(p, open, closer);
    }
    cursor_read(c);
    struct span ellipsis = {0};
    if (!parse_for_result(p, &loop, &ellipsis))
        return invalid_for(p, open, closer);
    struct token close;
    if (cursor_peek(c).kind == closer) {
        close = cursor_read(c);
    } else {
        for_error(p, open, "Extra characters after the end of the 'for' expression.");
        close = cursor_recover(c, closer);
    }
    loop.close_span = cursor_span(c, close);
    struct span whole = cursor_between(c, open, close);
    check_for(p, &loop, ellipsis, whole);
    return new_for(p, &loop, whole);
}

static void tuple_error(struct parser *p, struct token open, struct token next) {
    struct cursor *c = &p->cursor;
    if (c->recovery)
        return;
    if (next.kind == TOKEN_EOF)
        diags_error(p->diags, cursor_span(c, open), "Unterminated tuple constructor expression",
                    "There is no corresponding closing bracket before the end of the file. This "
                    "may be caused by incorrect bracket nesting elsewhere in this file.");
    else
        parse_error(p, cursor_span(c, next), cursor_between(c, open, next),
                    "Missing item separator",
                    "Expected a comma to mark the beginning of the next item.");
}

static struct token parse_items(struct parser *p, struct token open, struct expr_stack *items) {
    struct cursor *c = &p->cursor;
    for (;;) {
        if (cursor_peek(c).kind == TOKEN_CBRACK)
            return cursor_read(c);
        size_t before = p->diags->n_errors;
        parse_expr_push(p, items, parse_expr_whole(p));
        if (lost(p, before))
            return cursor_recover(c, TOKEN_CBRACK);
        struct token next = cursor_peek(c);
        if (next.kind == TOKEN_CBRACK)
            return cursor_read(c);
        if (next.kind != TOKEN_COMMA) {
            tuple_error(p, open, next);
            return cursor_recover(c, TOKEN_CBRACK);
        }
        cursor_read(c);
    }
}

struct expr *parse_collection_tuple(struct parser *p) {
    struct cursor *c = &p->cursor;
    struct token open = cursor_read(c);
    bool newlines = c->newlines;
    c->newlines = false;
    struct expr *expr;
    if (cursor_at_word(c, S("for"))) {
        expr = parse_for(p, open);
    } else {
        struct expr_stack items = {0};
        struct token close = parse_items(p, open, &items);
        expr = parse_expr_new(p, EXPR_TUPLE, cursor_between(c, open, close));
        struct expr_list list = parse_expr_list(p, expr, &items);
        expr->list = list;
    }
    c->newlines = newlines;
    return expr;
}

static void unterminated_object(struct parser *p, struct token open) {
    diags_error(p->diags, cursor_span(&p->cursor, open),
                "Unterminated object constructor expression",
                "There is no corresponding closing brace before the end of the file. This may be "
                "caused by incorrect brace nesting elsewhere in this file.");
}

static void separator_error(struct parser *p, struct token open, struct token next) {
    struct cursor *c = &p->cursor;
    struct span at = cursor_span(c, next), context = cursor_between(c, open, next);
    if (c->recovery)
        return;
    if (next.kind == TOKEN_EOF)
        unterminated_object(p, open);
    else if (next.kind == TOKEN_NEWLINE || next.kind == TOKEN_COMMA)
        parse_error(p, at, context, "Missing attribute value",
                    "Expected an attribute value, introduced by an equals sign (\"=\").");
    else if (next.kind == TOKEN_IDENT)
        parse_error(p, at, context, "Missing key/value separator",
                    "Expected an equals sign (\"=\") to mark the beginning of the attribute "
                    "value. If you intended to given an attribute name containing periods or "
                    "spaces, write the name in quotes to create a string literal.");
    else
        parse_error(p, at, context, "Missing key/value separator",
                    "Expected an equals sign (\"=\") to mark the beginning of the attribute "
                    "value.");
}

/* A bare name is meant literally, also where it would be a keyword. */
static struct expr *literal_key(struct parser *p, struct expr *key, struct token start) {
    if (key->kind != EXPR_LITERAL || start.kind != TOKEN_IDENT)
        return key;
    struct expr *name = parse_expr_new(p, EXPR_TRAVERSAL, expr_span(key));
    name->traversal =
        (struct traversal){.root = cursor_text(&p->cursor, start), .root_span = expr_span(key)};
    return name;
}

struct item_stack {
    struct object_item *at;
    size_t n, cap;
};

/* One key = value; false when the cursor has to be put behind the object. */
static bool parse_item(struct parser *p, struct token open, struct item_stack *items) {
    struct cursor *c = &p->cursor;
    struct token start = cursor_peek(c);
    size_t before = p->diags->n_errors;
    struct expr *key = parse_expr_whole(p);
    if (lost(p, before))
        return false;
    key = literal_key(p, key, start);
    struct token next = cursor_peek(c);
    if (next.kind != TOKEN_EQUAL && next.kind != TOKEN_COLON) {
        separator_error(p, open, next);
        return false;
    }
    cursor_read(c);
    struct expr *value = parse_expr_whole(p);
    if (lost(p, before))
        return false;
    bool bare = start.kind == TOKEN_IDENT && key->kind == EXPR_TRAVERSAL && !key->traversal.n;
    items->at =
        spares_grow(p->scratch, &p->items, items->at, items->n, &items->cap, sizeof *items->at);
    items->at[items->n++] = (struct object_item){key, value, bare};
    next = cursor_peek(c);
    if (next.kind == TOKEN_CBRACE)
        return true;
    if (next.kind == TOKEN_COMMA || next.kind == TOKEN_NEWLINE) {
        cursor_read(c);
        return true;
    }
    if (!c->recovery && next.kind == TOKEN_EOF)
        unterminated_object(p, open);
    else if (!c->recovery)
        parse_error(p, cursor_span(c, next), cursor_between(c, open, next),
                    "Missing attribute separator",
                    "Expected a newline or comma to mark the beginning of the next attribute.");
    return false;
}

static struct token parse_pairs(struct parser *p, struct token open, struct item_stack *items) {
    struct cursor *c = &p->cursor;
    for (;;) {
        struct token next = cursor_peek(c);
        if (next.kind == TOKEN_CBRACE)
            return cursor_read(c);
        if (next.kind == TOKEN_NEWLINE)
            cursor_read(c);
        else if (!parse_item(p, open, items))
            return cursor_recover(c, TOKEN_CBRACE);
    }
}

struct expr *parse_collection_object(struct parser *p) {
    struct cursor *c = &p->cursor;
    struct token open = cursor_read(c);
    bool newlines = c->newlines;
    c->newlines = false;
    struct expr *expr;
    if (cursor_at_word(c, S("for"))) {
        expr = parse_for(p, open);
    } else {
        c->newlines = true;
        struct item_stack items = {0};
        struct token close = parse_pairs(p, open, &items);
        expr = parse_expr_new(p, EXPR_OBJECT, cursor_between(c, open, close));
        for (size_t i = 0; i < items.n; i++) {
            parse_expr_adopt(p, expr, items.at[i].key);
            parse_expr_adopt(p, expr, items.at[i].value);
        }
        expr->items = (struct object_items){
            .at = arena_copy(p->arena, items.at, items.n * sizeof *items.at),
            .n = (uint32_t)items.n,
        };
        spares_keep(p->scratch, &p->items, items.at, items.cap);
    }
    c->newlines = newlines;
    return expr;
}
