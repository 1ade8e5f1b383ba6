/* SPDX-License-Identifier: Apache-2.0 */
#include "tree_text.h"

#include "base/json.h"

static void write_value(struct buf *out, struct value v) {
    if (v.kind == VALUE_STRING)
        json_write_string(out, value_str(v), false);
    else if (v.kind == VALUE_BOOL)
        buf_add_c(out, v.boolean ? "true" : "false");
    else if (value_is_number(v))
        value_write_number(out, v);
    else
        buf_add_c(out, value_is_null(v) ? "null" : "?");
}

static void write_steps(struct buf *out, const struct traversal *traversal) {
    for (uint32_t i = 0; i < traversal->n; i++) {
        const struct step *step = &traversal->steps[i];
        if (step->kind == STEP_ATTR) {
            buf_addf(out, ".%.*s", STR_ARG(step->name));
        } else {
            buf_add_c(out, step->legacy ? ".[" : "[");
            write_value(out, step->index);
            buf_byte(out, ']');
        }
    }
}

static void write_children(struct buf *out, const char *head, struct expr *const *at, size_t n) {
    buf_addf(out, "(%s", head);
    for (size_t i = 0; i < n; i++) {
        buf_byte(out, ' ');
        tree_text_expr(out, at[i]);
    }
    buf_byte(out, ')');
}

static void write_items(struct buf *out, const struct object_items *items) {
    buf_byte(out, '{');
    for (uint32_t i = 0; i < items->n; i++) {
        buf_add_c(out, i ? ", " : "");
        buf_add_c(out, items->at[i].bare_key ? "'" : "");
        tree_text_expr(out, items->at[i].key);
        buf_add_c(out, " = ");
        tree_text_expr(out, items->at[i].value);
    }
    buf_byte(out, '}');
}

static void write_loop(struct buf *out, const struct loop *loop) {
    buf_addf(out, "(for%s ", loop->object ? "{}" : "");
    if (loop->key_name.len)
        buf_addf(out, "%.*s,", STR_ARG(loop->key_name));
    buf_addf(out, "%.*s ", STR_ARG(loop->value_name));
    tree_text_expr(out, loop->collection);
    if (loop->key) {
        buf_byte(out, ' ');
        tree_text_expr(out, loop->key);
        buf_add_c(out, " =>");
    }
    buf_byte(out, ' ');
    tree_text_expr(out, loop->value);
    buf_add_c(out, loop->group ? "..." : "");
    if (loop->condition) {
        buf_add_c(out, " if ");
        tree_text_expr(out, loop->condition);
    }
    buf_byte(out, ')');
}

static void write_call(struct buf *out, const struct call *call) {
    buf_addf(out, "(call %.*s", STR_ARG(call->name));
    for (uint32_t i = 0; i < call->args.n; i++) {
        buf_byte(out, ' ');
        tree_text_expr(out, call->args.at[i]);
    }
    buf_add_c(out, call->expand ? "...)" : ")");
}

static const char *const operators[] = {
    [OP_OR] = "||",        [OP_AND] = "&&",        [OP_EQUAL] = "==",
    [OP_NOT_EQUAL] = "!=", [OP_GREATER] = ">",     [OP_GREATER_EQUAL] = ">=",
    [OP_LESS] = "<",       [OP_LESS_EQUAL] = "<=", [OP_ADD] = "+",
    [OP_SUBTRACT] = "-",   [OP_MULTIPLY] = "*",    [OP_DIVIDE] = "/",
    [OP_MODULO] = "%",     [OP_NOT] = "!",         [OP_NEGATE] = "neg",
};

static void write_relative(struct buf *out, const struct expr *expr) {
    tree_text_expr(out, expr->relative.source);
    write_steps(out, &expr->relative.traversal);
}

void tree_text_expr(struct buf *out, const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL:
        write_value(out, expr->literal);
        break;
    case EXPR_TEMPLATE:
        write_children(out, "template", expr->list.at, expr->list.n);
        break;
    case EXPR_WRAP:
        write_children(out, "wrap", expr->operand, 1);
        break;
    case EXPR_TRAVERSAL:
        buf_add(out, expr->traversal.root);
        write_steps(out, &expr->traversal);
        break;
    case EXPR_RELATIVE:
        write_relative(out, expr);
        break;
    case EXPR_INDEX:
        write_children(out, "index", expr->operand, 2);
        break;
    case EXPR_SPLAT:
        write_children(out, expr->full ? "splat[*]" : "splat.*", expr->operand, 2);
        break;
    case EXPR_EACH:
        buf_add_c(out, "_");
        break;
    case EXPR_CALL:
        write_call(out, &expr->call);
        break;
    case EXPR_CONDITIONAL:
        write_children(out, expr->template_if ? "%if" : "if", expr->operand, 3);
        break;
    case EXPR_BINARY:
        write_children(out, operators[expr->op], expr->operand, 2);
        break;
    case EXPR_UNARY:
        write_children(out, operators[expr->op], expr->operand, 1);
        break;
    case EXPR_PARENS:
        write_children(out, "parens", expr->operand, 1);
        break;
    case EXPR_TUPLE:
        write_children(out, "tuple", expr->list.at, expr->list.n);
        break;
    case EXPR_OBJECT:
        write_items(out, &expr->items);
        break;
    case EXPR_FOR:
        write_loop(out, expr->loop);
        break;
    case EXPR_JOIN:
        write_children(out, "join", expr->operand, 1);
        break;
    case EXPR_INVALID:
        buf_add_c(out, "invalid");
        break;
    }
}

void tree_text_body(struct buf *out, const struct body *body) {
    for (uint32_t i = 0; i < body->n_attributes; i++) {
        buf_addf(out, "%.*s = ", STR_ARG(body->attributes[i].name));
        tree_text_expr(out, body->attributes[i].expr);
        buf_byte(out, '\n');
    }
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        buf_add(out, block->type);
        for (uint32_t k = 0; k < block->n_labels; k++) {
            buf_byte(out, ' ');
            json_write_string(out, block->labels[k], false);
        }
        buf_add_c(out, " {\n");
        tree_text_body(out, block->body);
        buf_add_c(out, "}\n");
    }
}
