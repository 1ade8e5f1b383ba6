/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions that are read as syntax, never evaluated. */
#include "base/arena.h"
#include "hcl/body.h"
#include "hcl/parse.h"

bool body_static_list(struct arena *arena, const struct expr *expr, struct expr_list *ret_list,
                      struct diags *diags) {
    (void)arena;
    if (expr->kind == EXPR_TUPLE) {
        *ret_list = expr->list;
        return true;
    }
    diags_error(diags, expr_start(expr), "Invalid expression",
                "A static list expression is required.");
    return false;
}

bool body_static_map(struct arena *arena, const struct expr *expr, struct object_items *ret_items,
                     struct diags *diags) {
    (void)arena;
    if (expr->kind == EXPR_OBJECT) {
        *ret_items = expr->items;
        return true;
    }
    diags_error(diags, expr_start(expr), "Invalid expression",
                "A static map expression is required.");
    return false;
}

static bool is_plain_string(const struct expr *expr) {
    return expr->kind == EXPR_LITERAL && expr->literal.kind == VALUE_STRING && !expr->heredoc;
}

/* true, false and null are names, where names are read. */
static struct str literal_word(const struct expr *expr) {
    if (expr->kind != EXPR_LITERAL || expr->json)
        return S("");
    if (expr->literal.kind == VALUE_BOOL)
        return expr->literal.boolean ? S("true") : S("false");
    return expr->literal.kind == VALUE_NULL ? S("null") : S("");
}

static bool refuse_traversal(const struct expr *expr, struct diags *diags) {
    diags_error(diags, expr_span(expr), "Invalid expression",
                "A single static variable reference is required: only attribute access and "
                "indexing with constant keys. No calculations, function calls, template "
                "expressions, etc are allowed here.");
    return false;
}

/* The string's own errors, since it is still read as a reference; with a warning if it is one. */
static bool quoted_traversal(struct arena *arena, const struct sources *sources,
                             const struct expr *expr, struct traversal *ret_traversal,
                             struct diags *diags) {
    if (!parse_traversal_at(arena, sources, expr->file, value_str(expr->literal), expr->start + 1,
                            ret_traversal, diags))
        return false;
    diags_warn(diags, expr_span(expr), "Quoted references are deprecated",
               "In this context, references are expected literally rather than in quotes. "
               "Terraform 0.11 and earlier required quotes, but quoted references are now "
               "deprecated and will be removed in a future version of Terraform. Remove the "
               "quotes surrounding this reference to silence this warning.");
    return true;
}

bool body_static_traversal(struct arena *arena, const struct sources *sources,
                           const struct expr *expr, struct traversal *ret_traversal,
                           struct diags *diags) {
    if (expr->kind == EXPR_TRAVERSAL) {
        *ret_traversal = expr->traversal;
        return true;
    }
    if (literal_word(expr).len) {
        *ret_traversal =
            (struct traversal){.root = literal_word(expr), .root_span = expr_span(expr)};
        return true;
    }
    if (is_plain_string(expr) && !expr->json)
        return quoted_traversal(arena, sources, expr, ret_traversal, diags);
    if (is_plain_string(expr)) {
        size_t before = diags->n;
        if (parse_traversal_at(arena, sources, expr->file, value_str(expr->literal), expr->start,
                               ret_traversal, diags))
            return true;
        diags_truncate(diags, before);
    }
    return refuse_traversal(expr, diags);
}

const struct expr *body_static_expr(struct arena *arena, const struct sources *sources,
                                    const struct expr *expr, struct diags *diags) {
    if (!expr->json || !is_plain_string(expr))
        return expr;
    return parse_expr_at(arena, sources, expr->file, value_str(expr->literal), expr->start, diags);
}

struct str body_keyword(const struct expr *expr) {
    if (expr->kind == EXPR_TRAVERSAL && !expr->traversal.n)
        return expr->traversal.root;
    if (expr->json && is_plain_string(expr) && parse_is_identifier(value_str(expr->literal)))
        return value_str(expr->literal);
    return literal_word(expr);
}
