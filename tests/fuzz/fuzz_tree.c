/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_tree.h"

#include "base/arena.h"

static size_t child(const struct expr *parent, const struct expr *expr) {
    if (!expr)
        return 0;
    if (expr->height >= parent->height && parent->kind != EXPR_INVALID)
        bug("child not below its parent");
    return fuzz_tree_expr(expr);
}

static size_t walk_traversal(const struct traversal *traversal) {
    size_t n = 0;
    for (uint32_t i = 0; i < traversal->n; i++) {
        const struct step *step = &traversal->steps[i];
        n += step->kind == STEP_ATTR ? step->name.len > 0 : value_type(step->index) != NULL;
    }
    return n;
}

static size_t walk_list(const struct expr *parent, struct expr_list list) {
    size_t n = 0;
    for (uint32_t i = 0; i < list.n; i++)
        n += child(parent, list.at[i]);
    return n;
}

static size_t walk_loop(const struct expr *expr) {
    const struct loop *loop = expr->loop;
    return child(expr, loop->collection) + child(expr, loop->key) + child(expr, loop->value) +
           child(expr, loop->condition);
}

static size_t walk_items(const struct expr *expr) {
    size_t n = 0;
    for (uint32_t i = 0; i < expr->items.n; i++)
        n += child(expr, expr->items.at[i].key) + child(expr, expr->items.at[i].value);
    return n;
}

size_t fuzz_tree_expr(const struct expr *expr) {
    if (expr->end < expr->start && expr->kind != EXPR_INVALID)
        bug("an expression ends before it starts");
    if (expr->height > EXPR_MAX_HEIGHT)
        bug("tree too high");
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL:
        return 1 + (value_type(expr->literal) == NULL);
    case EXPR_TEMPLATE:
    case EXPR_TUPLE:
        return 1 + walk_list(expr, expr->list);
    case EXPR_TRAVERSAL:
        return 1 + walk_traversal(&expr->traversal);
    case EXPR_RELATIVE:
        return 1 + walk_traversal(&expr->relative.traversal) + child(expr, expr->relative.source);
    case EXPR_CALL:
        return 1 + walk_list(expr, expr->call.args);
    case EXPR_OBJECT:
        return 1 + walk_items(expr);
    case EXPR_FOR:
        return 1 + walk_loop(expr);
    case EXPR_EACH:
    case EXPR_INVALID:
        return 1;
    default:
        return 1 + child(expr, expr->operand[0]) + child(expr, expr->operand[1]) +
               child(expr, expr->operand[2]);
    }
}

size_t fuzz_tree_body(const struct body *body) {
    size_t n = 0;
    for (uint32_t i = 0; i < body->n_attributes; i++)
        n += fuzz_tree_expr(body->attributes[i].expr);
    for (uint32_t i = 0; i < body->n_blocks; i++)
        n += fuzz_tree_body(body->blocks[i].body);
    return n;
}
