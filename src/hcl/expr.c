/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "hcl/ast.h"

#define SIZE_WITH(member) (offsetof(struct expr, member) + sizeof((struct expr *)0)->member)

static const uint8_t sizes[] = {
    [EXPR_LITERAL] = SIZE_WITH(literal),   [EXPR_TEMPLATE] = SIZE_WITH(list),
    [EXPR_WRAP] = SIZE_WITH(operand),      [EXPR_TRAVERSAL] = SIZE_WITH(traversal),
    [EXPR_RELATIVE] = SIZE_WITH(relative), [EXPR_INDEX] = SIZE_WITH(operand),
    [EXPR_SPLAT] = SIZE_WITH(operand),     [EXPR_EACH] = SIZE_WITH(literal),
    [EXPR_CALL] = SIZE_WITH(call),         [EXPR_CONDITIONAL] = SIZE_WITH(operand),
    [EXPR_BINARY] = SIZE_WITH(operand),    [EXPR_UNARY] = SIZE_WITH(operand),
    [EXPR_PARENS] = SIZE_WITH(operand),    [EXPR_TUPLE] = SIZE_WITH(list),
    [EXPR_OBJECT] = SIZE_WITH(items),      [EXPR_FOR] = SIZE_WITH(loop),
    [EXPR_JOIN] = SIZE_WITH(operand),      [EXPR_INVALID] = SIZE_WITH(literal),
};

struct expr *expr_new(struct arena *arena, enum expr_kind kind, struct span span) {
    struct expr *expr = arena_alloc(arena, sizes[kind]);
    expr->kind = (uint8_t)kind;
    expr->file = span.file;
    expr->start = span.start;
    expr->end = span.end;
    return expr;
}

struct expr *expr_literal(struct arena *arena, const struct expr *place, struct value value) {
    struct expr *expr = expr_new(arena, EXPR_LITERAL, expr_span(place));
    expr->json = place->json;
    expr->literal = value;
    return expr;
}

struct span expr_span(const struct expr *expr) {
    return (struct span){expr->file, expr->start, expr->end};
}

struct span expr_start(const struct expr *expr) {
    struct span span = expr_span(expr);
    for (;;) {
        switch ((enum expr_kind)expr->kind) {
        case EXPR_LITERAL:
            /* A quoted text begins behind its quote. */
            if (!expr->json && !expr->heredoc && expr->literal.kind == VALUE_STRING &&
                span.end - span.start > 2) {
                span.start++;
                span.end--;
            }
            return span;
        case EXPR_TEMPLATE:
            if (expr->json || !expr->list.n)
                return span;
            expr = expr->list.at[0];
            break;
        case EXPR_TUPLE:
        case EXPR_OBJECT:
            span.end = span.start + 1;
            return span;
        case EXPR_FOR:
        case EXPR_UNARY:
            if (!expr->json)
                span.end = span.start + 1;
            return span;
        case EXPR_CALL:
            return span_join(expr->call.name_span, expr->call.open_paren);
        case EXPR_RELATIVE:
            expr = expr->relative.source;
            break;
        case EXPR_BINARY:
        case EXPR_CONDITIONAL:
        case EXPR_INDEX:
        case EXPR_SPLAT:
            expr = expr->operand[0];
            break;
        default:
            return expr_span(expr);
        }
        span = expr_span(expr);
    }
}
