/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/ast.h"

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
