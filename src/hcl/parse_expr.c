/* SPDX-License-Identifier: Apache-2.0 */
/* Operators, terms, calls and traversals of the native syntax. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "hcl/parse_int.h"

struct expr *parse_expr_new(struct parser *p, enum expr_kind kind, struct span span) {
    return expr_new(p->arena, kind, span);
}

struct expr *parse_expr_too_deep(struct parser *p, struct span span) {
    if (!p->too_deep)
        diags_error(p->diags, span, "Expression nested too deeply",
                    "Expressions and blocks may be nested at most %d levels deep.",
                    PARSE_MAX_DEPTH);
    p->too_deep = true;
    cursor_abandon(&p->cursor);
    return parse_expr_new(p, EXPR_INVALID, span);
}

bool parse_enter(struct parser *p, struct token at) {
    if (++p->depth <= PARSE_MAX_DEPTH)
        return true;
    parse_expr_too_deep(p, cursor_span(&p->cursor, at));
    return false;
}

void parse_leave(struct parser *p) {
    p->depth--;
}

void parse_expr_adopt(struct parser *p, struct expr *parent, const struct expr *child) {
    if (child->height < parent->height)
        return;
    if (child->height >= EXPR_MAX_HEIGHT) {
        parse_expr_too_deep(p, (struct span){parent->file, child->start, child->end});
        parent->kind = EXPR_INVALID;
        parent->height = 0;
        return;
    }
    parent->height = (uint16_t)(child->height + 1);
}

struct expr *parse_expr_string(struct parser *p, struct str text, struct span span) {
    struct expr *expr = parse_expr_new(p, EXPR_LITERAL, span);
    expr->literal = value_string_view(utf8_nfc(p->arena, text));
    return expr;
}

void parse_expr_push(struct parser *p, struct expr_stack *stack, struct expr *expr) {
    stack->at =
        spares_grow(p->scratch, &p->exprs, stack->at, stack->n, &stack->cap, sizeof(struct expr *));
    stack->at[stack->n++] = expr;
}

struct expr_list parse_expr_list(struct parser *p, struct expr *parent, struct expr_stack *stack) {
    for (size_t i = 0; i < stack->n; i++)
        parse_expr_adopt(p, parent, stack->at[i]);
    struct expr_list list = {
        .at = arena_copy(p->arena, stack->at, stack->n * sizeof(struct expr *)),
        .n = (uint32_t)stack->n,
    };
    spares_keep(p->scratch, &p->exprs, stack->at, stack->cap);
    return list;
}

static struct expr *set_operands(struct parser *p, struct expr *expr, struct expr *a,
                                 struct expr *b, struct expr *c) {
    struct expr *operands[] = {a, b, c};
    for (size_t i = 0; i < COUNT(operands); i++) {
        expr->operand[i] = operands[i];
        if (operands[i])
            parse_expr_adopt(p, expr, operands[i]);
    }
    return expr;
}

/* Errors were added since `before` and left the cursor astray. */
static bool lost(const struct parser *p, size_t before) {
    return p->cursor.recovery && p->diags->n_errors > before;
}

struct operator_info {
    uint8_t level; /* 1 binds least; 0: not an operator */
    uint8_t op;
};

static const struct operator_info operators[] = {
    [TOKEN_OR] = {1, OP_OR},           [TOKEN_AND] = {2, OP_AND},
    [TOKEN_EQUAL_OP] = {3, OP_EQUAL},  [TOKEN_NOT_EQUAL] = {3, OP_NOT_EQUAL},
    [TOKEN_GREATER] = {4, OP_GREATER}, [TOKEN_GREATER_EQUAL] = {4, OP_GREATER_EQUAL},
    [TOKEN_LESS] = {4, OP_LESS},       [TOKEN_LESS_EQUAL] = {4, OP_LESS_EQUAL},
    [TOKEN_PLUS] = {5, OP_ADD},        [TOKEN_MINUS] = {5, OP_SUBTRACT},
    [TOKEN_STAR] = {6, OP_MULTIPLY},   [TOKEN_SLASH] = {6, OP_DIVIDE},
    [TOKEN_PERCENT] = {6, OP_MODULO},  [TOKEN_BAD_UTF8] = {0, 0},
};

static struct expr *parse_operand(struct parser *p);

/* Precedence climbing; operators of one level associate to the left. */
static struct expr *parse_binary(struct parser *p, unsigned level) {
    size_t before = p->diags->n_errors;
    struct expr *left = parse_operand(p);
    while (!lost(p, before)) {
        struct operator_info info = operators[cursor_peek(&p->cursor).kind];
        if (!info.level || info.level < level)
            break;
        cursor_read(&p->cursor);
        struct expr *right = parse_binary(p, info.level + 1u);
        if (lost(p, before))
            break;
        struct expr *both =
            parse_expr_new(p, EXPR_BINARY, span_join(expr_span(left), expr_span(right)));
        both->op = info.op;
        left = set_operands(p, both, left, right, NULL);
    }
    return left;
}

static struct expr *parse_conditional(struct parser *p) {
    struct cursor *c = &p->cursor;
    struct token start = cursor_peek(c);
    size_t before = p->diags->n_errors;
    struct expr *condition = parse_binary(p, 1);
    if (lost(p, before) || cursor_peek(c).kind != TOKEN_QUESTION)
        return condition;
    cursor_read(c);
    struct expr *yes = parse_expr_whole(p);
    if (lost(p, before))
        return condition;
    struct token colon = cursor_peek(c);
    if (colon.kind != TOKEN_COLON) {
        parse_error(p, cursor_span(c, colon), cursor_between(c, start, colon),
                    "Missing false expression in conditional",
                    "The conditional operator (...?...:...) requires a false expression, "
                    "delimited by a colon.");
        return condition;
    }
    cursor_read(c);
    struct expr *no = parse_expr_whole(p);
    if (lost(p, before))
        return condition;
    struct span span = span_join(cursor_span(c, start), expr_span(no));
    return set_operands(p, parse_expr_new(p, EXPR_CONDITIONAL, span), condition, yes, no);
}

struct expr *parse_expr_whole(struct parser *p) {
    struct token start = cursor_peek(&p->cursor);
    struct expr *expr;
    if (parse_enter(p, start))
        expr = parse_conditional(p);
    else
        expr = parse_expr_new(p, EXPR_INVALID, cursor_span(&p->cursor, start));
    parse_leave(p);
    return expr;
}

/* Traversal steps being collected for an expression. */
struct step_stack {
    struct step *at;
    size_t n, cap;
};

static void push_step(struct parser *p, struct step_stack *steps, struct step step) {
    steps->at = spares_grow(p->scratch, &p->steps, steps->at, steps->n, &steps->cap, sizeof step);
    steps->at[steps->n++] = step;
}

/* Puts the collected steps onto expr: into a fresh traversal in place, else as a new node. */
static struct expr *apply_steps(struct parser *p, struct expr *expr, struct step_stack *steps) {
    if (!steps->n)
        return expr;
    const struct step *copy = arena_copy(p->arena, steps->at, steps->n * sizeof *copy);
    struct span end = copy[steps->n - 1].span;
    if (expr->kind == EXPR_TRAVERSAL) {
        expr->traversal.steps = copy;
        expr->traversal.n = (uint32_t)steps->n;
        expr->end = end.end;
    } else {
        struct expr *relative = parse_expr_new(p, EXPR_RELATIVE, span_join(expr_span(expr), end));
        relative->relative.traversal.steps = copy;
        relative->relative.traversal.n = (uint32_t)steps->n;
        relative->relative.source = expr;
        parse_expr_adopt(p, relative, expr);
        expr = relative;
    }
    spares_keep(p->scratch, &p->steps, steps->at, steps->cap);
    *steps = (struct step_stack){0};
    return expr;
}

static struct value number_of(struct parser *p, struct token token) {
    struct value number;
    if (value_number_parse(p->arena, cursor_text(&p->cursor, token), &number))
        return number;
    diags_error(p->diags, cursor_span(&p->cursor, token), "Invalid number literal",
                "Failed to recognize the value of this number literal.");
    return value_unknown(type_number);
}

/* `list.0`, an old form of `list[0]`; `list.0.1` reads as a fraction and is refused. */
static struct step legacy_index(struct parser *p, struct token dot, struct token number,
                                struct span subject, bool splat) {
    struct str text = cursor_text(&p->cursor, number);
    ptrdiff_t point = str_find_byte(text, '.');
    struct step step = {.kind = STEP_INDEX,
                        .legacy = true,
                        .span = cursor_between(&p->cursor, dot, number),
                        .index = value_unknown(type_dynamic)};
    if (point < 0) {
        step.index = number_of(p, number);
        return step;
    }
    diags_error(p->diags, subject, "Invalid legacy index syntax",
                "When using the legacy index syntax, chaining two indexes together is not "
                "permitted. Use the proper index syntax %s, like [%.*s][%.*s].",
                splat ? "with a full splat expression [*] instead" : "instead",
                STR_ARG(str_slice(text, 0, (size_t)point)),
                STR_ARG(str_slice(text, (size_t)point + 1, text.len)));
    return step;
}

static struct step attr_step(struct parser *p, struct token dot, struct token name) {
    return (struct step){.kind = STEP_ATTR,
                         .name = cursor_text(&p->cursor, name),
                         .span = cursor_between(&p->cursor, dot, name)};
}

static struct expr *new_splat(struct parser *p, struct expr *source, struct expr *each,
                              struct span from, struct span last, bool full) {
    struct expr *splat = parse_expr_new(p, EXPR_SPLAT, span_join(from, last));
    splat->full = full;
    return set_operands(p, splat, source, each, NULL);
}

/* What follows ".*": attributes and old indexes only. */
static struct expr *parse_attr_splat(struct parser *p, struct expr *source, struct span from,
                                     struct token dot, struct token star) {
    struct cursor *c = &p->cursor;
    struct step_stack steps = {0};
    struct span last = cursor_span(c, star);
    while (cursor_peek(c).kind == TOKEN_DOT) {
        struct token step_dot = cursor_read(c);
        struct token name = cursor_peek(c);
        if (name.kind == TOKEN_NUMBER) {
            cursor_read(c);
            push_step(p, &steps, legacy_index(p, step_dot, name, cursor_span(c, star), true));
        } else if (name.kind == TOKEN_IDENT) {
            cursor_read(c);
            push_step(p, &steps, attr_step(p, step_dot, name));
        } else {
            if (!c->recovery && name.kind == TOKEN_STAR)
                diags_error(p->diags, cursor_span(c, name), "Nested splat expression not allowed",
                            "A splat expression (*) cannot be used inside another "
                            "attribute-only splat expression.");
            else if (!c->recovery)
                diags_error(p->diags, cursor_span(c, star), "Invalid attribute name",
                            "An attribute name is required after a dot.");
            c->recovery = true;
            return source;
        }
        last = steps.at[steps.n - 1].span;
    }
    struct expr *each = parse_expr_new(p, EXPR_EACH, cursor_between(c, dot, star));
    each = apply_steps(p, each, &steps);
    return new_splat(p, source, each, from, last, false);
}

static struct expr *parse_steps(struct parser *p, struct expr *from);

static struct expr *parse_full_splat(struct parser *p, struct expr *source, struct span from,
                                     struct token open) {
    struct cursor *c = &p->cursor;
    cursor_read(c);
    struct token close = cursor_read(c);
    if (close.kind != TOKEN_CBRACK && !c->recovery) {
        close = cursor_recover(c, TOKEN_CBRACK);
        diags_error(p->diags, cursor_span(c, close), "Missing close bracket on splat index",
                    "The star for a full splat operator must be immediately followed by a "
                    "closing bracket (\"]\").");
    }
    struct expr *each = parse_expr_new(p, EXPR_EACH, cursor_between(c, open, close));
    if (parse_enter(p, open))
        each = parse_steps(p, each);
    parse_leave(p);
    return new_splat(p, source, each, from, expr_span(each), true);
}

/* The key of an index operator; literal keys become steps, others a node around expr. */
static struct expr *parse_index(struct parser *p, struct expr *expr, struct span from,
                                struct token open, struct step_stack *steps) {
    struct cursor *c = &p->cursor;
    bool newlines = c->newlines;
    c->newlines = false;
    size_t before = p->diags->n_errors;
    struct expr *key = parse_expr_whole(p);
    struct token close;
    if (lost(p, before)) {
        close = cursor_recover(c, TOKEN_CBRACK);
    } else {
        close = cursor_read(c);
        if (close.kind != TOKEN_CBRACK && !c->recovery) {
            close = cursor_recover(c, TOKEN_CBRACK);
            diags_error(p->diags, cursor_span(c, close), "Missing close bracket on index",
                        "The index operator must end with a closing bracket (\"]\").");
        }
    }
    c->newlines = newlines;
    struct span bracket = cursor_between(c, open, close);
    if (key->kind == EXPR_LITERAL) {
        push_step(p, steps,
                  (struct step){.kind = STEP_INDEX, .index = key->literal, .span = bracket});
        return expr;
    }
    expr = apply_steps(p, expr, steps);
    struct expr *index = parse_expr_new(p, EXPR_INDEX, span_join(from, bracket));
    return set_operands(p, index, expr, key, NULL);
}

/* What follows a dot. */
static void parse_dot(struct parser *p, struct expr **expr, struct span from,
                      struct step_stack *steps) {
    struct cursor *c = &p->cursor;
    struct token dot = cursor_read(c);
    struct token next = cursor_peek(c);
    switch ((enum token_kind)next.kind) {
    case TOKEN_IDENT:
        cursor_read(c);
        push_step(p, steps, attr_step(p, dot, next));
        break;
    case TOKEN_NUMBER:
        cursor_read(c);
        push_step(p, steps, legacy_index(p, dot, next, cursor_span(c, next), false));
        break;
    case TOKEN_STAR:
        cursor_read(c);
        *expr = apply_steps(p, *expr, steps);
        *expr = parse_attr_splat(p, *expr, from, dot, next);
        break;
    default:
        diags_error(p->diags, cursor_span(c, next), "Invalid attribute name",
                    "An attribute name is required after a dot.");
        *expr = parse_expr_new(p, EXPR_INVALID, span_join(from, cursor_span(c, dot)));
        steps->n = 0;
        c->recovery = true;
    }
}

static struct expr *parse_steps(struct parser *p, struct expr *expr) {
    struct cursor *c = &p->cursor;
    struct span from = expr_span(expr);
    struct step_stack steps = {0};
    for (;;) {
        struct token next = cursor_peek(c);
        if (next.kind == TOKEN_DOT) {
            parse_dot(p, &expr, from, &steps);
        } else if (next.kind == TOKEN_OBRACK) {
            struct token open = cursor_read(c);
            if (cursor_peek(c).kind == TOKEN_STAR) {
                expr = apply_steps(p, expr, &steps);
                expr = parse_full_splat(p, expr, from, open);
            } else {
                expr = parse_index(p, expr, from, open, &steps);
            }
        } else {
            break;
        }
    }
    return apply_steps(p, expr, &steps);
}

static struct expr *parse_parens(struct parser *p) {
    struct cursor *c = &p->cursor;
    struct token open = cursor_read(c);
    bool newlines = c->newlines;
    c->newlines = false;
    size_t before = p->diags->n_errors;
    struct expr *inner = parse_expr_whole(p);
    if (p->diags->n_errors > before) {
        cursor_recover(c, TOKEN_CPAREN);
        c->newlines = newlines;
        return inner;
    }
    struct token close = cursor_peek(c);
    if (close.kind != TOKEN_CPAREN) {
        parse_error(p, cursor_span(c, close), cursor_between(c, open, close),
                    "Unbalanced parentheses",
                    "Expected a closing parenthesis to terminate the expression.");
        c->recovery = true;
    }
    close = cursor_read(c);
    c->newlines = newlines;
    struct expr *parens = parse_expr_new(p, EXPR_PARENS, cursor_between(c, open, close));
    return set_operands(p, parens, inner, NULL, NULL);
}

/* Arguments up to the closing parenthesis, which is returned. */
static struct token parse_args(struct parser *p, struct token name, struct token open,
                               struct expr_stack *args, bool *expand) {
    struct cursor *c = &p->cursor;
    for (;;) {
        if (cursor_peek(c).kind == TOKEN_CPAREN)
            return cursor_read(c);
        size_t before = p->diags->n_errors;
        parse_expr_push(p, args, parse_expr_whole(p));
        if (lost(p, before))
            return cursor_recover(c, TOKEN_CPAREN);
        struct token separator = cursor_read(c);
        if (separator.kind == TOKEN_CPAREN)
            return separator;
        struct span context = cursor_between(c, name, separator);
        if (separator.kind == TOKEN_ELLIPSIS) {
            *expand = true;
            if (cursor_peek(c).kind == TOKEN_CPAREN)
                return cursor_read(c);
            if (!c->recovery)
                parse_error(p, cursor_span(c, separator), context, "Missing closing parenthesis",
                            "An expanded function argument (with ...) must be immediately "
                            "followed by closing parentheses.");
            return cursor_recover(c, TOKEN_CPAREN);
        }
        if (separator.kind == TOKEN_COMMA)
            continue;
        if (separator.kind == TOKEN_EOF)
            diags_error(p->diags, cursor_between(c, name, open), "Unterminated function call",
                        "There is no closing parenthesis for this function call before the end "
                        "of the file. This may be caused by incorrect parenthesis nesting "
                        "elsewhere in this file.");
        else
            parse_error(p, cursor_span(c, separator), context, "Missing argument separator",
                        "A comma is required to separate each function argument from the next.");
        return cursor_recover(c, TOKEN_CPAREN);
    }
}

/* The rest of a namespaced name; false after an error. *ret_end is its last token. */
static bool parse_namespaces(struct parser *p, struct token name, struct token *open,
                             struct token *ret_end) {
    struct cursor *c = &p->cursor;
    *ret_end = name;
    while (open->kind == TOKEN_DOUBLE_COLON) {
        struct token next = cursor_read(c);
        if (next.kind != TOKEN_IDENT) {
            parse_error(p, cursor_span(c, next), cursor_between(c, name, next),
                        "Missing function name",
                        "Function scope resolution symbol :: must be followed by a function name "
                        "in this scope.");
            cursor_recover_call(c);
            return false;
        }
        *ret_end = next;
        *open = cursor_read(c);
    }
    if (open->kind == TOKEN_OPAREN)
        return true;
    parse_error(p, cursor_span(c, *open), cursor_between(c, name, *open),
                "Missing open parenthesis",
                "Function selector must be followed by an open parenthesis to begin the "
                "function call.");
    cursor_recover_call(c);
    return false;
}

/* A namespaced name without the blanks and comments that may stand around "::". */
static struct str call_name(struct parser *p, size_t first, struct token last) {
    struct cursor *c = &p->cursor;
    struct buf name;
    buf_init(&name, BUF_MAX_DOCUMENT);
    for (size_t i = first; c->tokens[i].start <= last.start; i++)
        if (c->tokens[i].kind == TOKEN_IDENT || c->tokens[i].kind == TOKEN_DOUBLE_COLON)
            buf_add(&name, cursor_text(c, c->tokens[i]));
    return buf_take(&name, p->arena);
}

static struct expr *parse_call(struct parser *p, struct token name) {
    struct cursor *c = &p->cursor;
    size_t first = c->at - 1;
    struct token open = cursor_read(c), name_end;
    if (!parse_namespaces(p, name, &open, &name_end))
        return parse_expr_new(p, EXPR_INVALID, cursor_span(c, name));
    struct str text = cursor_text(c, name);
    if (name_end.start != name.start)
        text = call_name(p, first, name_end);
    bool newlines = c->newlines, expand = false;
    c->newlines = false;
    struct expr_stack args = {0};
    struct token close = parse_args(p, name, open, &args, &expand);
    c->newlines = newlines;
    struct expr *expr = parse_expr_new(p, EXPR_CALL, cursor_between(c, name, close));
    struct expr_list list = parse_expr_list(p, expr, &args);
    expr->call = (struct call){
        .name = text,
        .name_span = cursor_between(c, name, name_end),
        .open_paren = cursor_span(c, open),
        .close_paren = cursor_span(c, close),
        .args = list,
        .expand = expand,
    };
    return expr;
}

static struct expr *parse_name(struct parser *p) {
    struct cursor *c = &p->cursor;
    struct token name = cursor_read(c);
    struct token next = cursor_peek(c);
    if (next.kind == TOKEN_OPAREN || next.kind == TOKEN_DOUBLE_COLON)
        return parse_call(p, name);
    struct str text = cursor_text(c, name);
    struct span span = cursor_span(c, name);
    bool yes = str_eq(text, S("true"));
    bool literal = yes || str_eq(text, S("false")) || str_eq(text, S("null"));
    struct expr *expr = parse_expr_new(p, literal ? EXPR_LITERAL : EXPR_TRAVERSAL, span);
    if (!literal)
        expr->traversal = (struct traversal){.root = text, .root_span = span};
    else
        expr->literal = text.at[0] == 'n' ? value_null(type_dynamic) : value_bool(yes);
    return expr;
}

/* The operand has no binary operators in it: -46+5 is (-46)+5. */
static struct expr *parse_unary(struct parser *p, enum expr_op op) {
    struct token symbol = cursor_read(&p->cursor);
    struct expr *operand;
    if (parse_enter(p, symbol))
        operand = parse_operand(p);
    else
        operand = parse_expr_new(p, EXPR_INVALID, cursor_span(&p->cursor, symbol));
    parse_leave(p);
    struct span span = span_join(cursor_span(&p->cursor, symbol), expr_span(operand));
    struct expr *expr = parse_expr_new(p, EXPR_UNARY, span);
    expr->op = (uint8_t)op;
    return set_operands(p, expr, operand, NULL, NULL);
}

static struct expr *parse_string(struct parser *p) {
    struct token open = cursor_read(&p->cursor);
    bool heredoc = open.kind == TOKEN_OHEREDOC;
    bool flush = heredoc && str_starts(cursor_text(&p->cursor, open), S("<<-"));
    struct expr *expr = parse_template_until(p, cursor_opposite(open.kind), flush);
    struct token close = cursor_last(&p->cursor);
    expr->start = open.start + p->cursor.offset;
    expr->end = close.end + p->cursor.offset;
    expr->heredoc = heredoc;
    return expr;
}

static struct expr *refuse_term(struct parser *p, struct token start) {
    struct span span = cursor_span(&p->cursor, start);
    if (!p->cursor.recovery && start.kind == TOKEN_EOF)
        diags_error(p->diags, span, "Missing expression",
                    "Expected the start of an expression, but found the end of the file.");
    else if (!p->cursor.recovery)
        diags_error(p->diags, span, "Invalid expression",
                    "Expected the start of an expression, but found an invalid expression "
                    "token.");
    p->cursor.recovery = true;
    return parse_expr_new(p, EXPR_INVALID, span);
}

static struct expr *parse_number(struct parser *p) {
    struct token token = cursor_read(&p->cursor);
    struct expr *expr = parse_expr_new(p, EXPR_LITERAL, cursor_span(&p->cursor, token));
    expr->literal = number_of(p, token);
    return expr;
}

static struct expr *parse_term(struct parser *p) {
    struct token start = cursor_peek(&p->cursor);
    switch ((enum token_kind)start.kind) {
    case TOKEN_OPAREN:
        return parse_parens(p);
    case TOKEN_NUMBER:
        return parse_number(p);
    case TOKEN_IDENT:
        return parse_name(p);
    case TOKEN_OQUOTE:
    case TOKEN_OHEREDOC:
        return parse_string(p);
    case TOKEN_MINUS:
        return parse_unary(p, OP_NEGATE);
    case TOKEN_BANG:
        return parse_unary(p, OP_NOT);
    case TOKEN_OBRACK:
        return parse_collection_tuple(p);
    case TOKEN_OBRACE:
        return parse_collection_object(p);
    default:
        return refuse_term(p, start);
    }
}

static struct expr *parse_operand(struct parser *p) {
    return parse_steps(p, parse_term(p));
}
