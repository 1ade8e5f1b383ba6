/* SPDX-License-Identifier: Apache-2.0 */
#include "tree_source.h"

static void write_text(struct buf *out, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool opens = (c == '$' || c == '%') && i + 1 < text.len && text.at[i + 1] == '{';
        if (c == '\n')
            buf_add_c(out, "\\n");
        else if (c == '\r')
            buf_add_c(out, "\\r");
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (opens)
            buf_addf(out, "%c%c", c, c);
        /* Before a sequence a dollar would escape it. */
        else if ((c == '$' || c == '%') && i + 1 == text.len)
            buf_addf(out, "\\u%04x", (unsigned)c);
        else
            buf_byte(out, c);
    }
}

static void write_value(struct buf *out, struct value v) {
    if (v.kind == VALUE_STRING) {
        buf_byte(out, '"');
        write_text(out, value_str(v));
        buf_byte(out, '"');
    } else if (v.kind == VALUE_BOOL) {
        buf_add_c(out, v.boolean ? "true" : "false");
    } else if (value_is_number(v)) {
        value_write_number(out, v);
    } else {
        buf_add_c(out, "null");
    }
}

static void write_steps(struct buf *out, const struct traversal *traversal) {
    for (uint32_t i = 0; i < traversal->n; i++) {
        const struct step *step = &traversal->steps[i];
        if (step->kind == STEP_ATTR) {
            buf_addf(out, ".%.*s", STR_ARG(step->name));
            continue;
        }
        buf_byte(out, '[');
        write_value(out, step->index);
        buf_byte(out, ']');
    }
}

static void write_list(struct buf *out, struct expr_list list) {
    for (uint32_t i = 0; i < list.n; i++) {
        buf_add_c(out, i ? ", " : "");
        tree_source_write(out, list.at[i]);
    }
}

static void write_items(struct buf *out, const struct object_items *items) {
    buf_add_c(out, "{ ");
    for (uint32_t i = 0; i < items->n; i++) {
        buf_add_c(out, i ? ", " : "");
        tree_source_write(out, items->at[i].key);
        buf_add_c(out, " = ");
        tree_source_write(out, items->at[i].value);
    }
    buf_add_c(out, " }");
}

static void write_head(struct buf *out, const struct loop *loop) {
    buf_add_c(out, "for ");
    if (loop->key_name.len)
        buf_addf(out, "%.*s, ", STR_ARG(loop->key_name));
    buf_addf(out, "%.*s in ", STR_ARG(loop->value_name));
    tree_source_write(out, loop->collection);
}

static void write_for(struct buf *out, const struct loop *loop) {
    buf_add_c(out, loop->object ? "{ " : "[");
    write_head(out, loop);
    buf_add_c(out, " : ");
    if (loop->key) {
        tree_source_write(out, loop->key);
        buf_add_c(out, " => ");
    }
    tree_source_write(out, loop->value);
    buf_add_c(out, loop->group ? "..." : "");
    if (loop->condition) {
        buf_add_c(out, " if ");
        tree_source_write(out, loop->condition);
    }
    buf_add_c(out, loop->object ? " }" : "]");
}

static void write_parts(struct buf *out, const struct expr *template);

static bool is_text(const struct expr *expr) {
    return expr->kind == EXPR_LITERAL && expr->literal.kind == VALUE_STRING;
}

/* One part between the quotes of a template. */
static void write_part(struct buf *out, const struct expr *part) {
    if (is_text(part)) {
        write_text(out, value_str(part->literal));
    } else if (part->kind == EXPR_CONDITIONAL && part->template_if) {
        buf_add_c(out, "%{ if ");
        tree_source_write(out, part->operand[0]);
        buf_add_c(out, " }");
        write_parts(out, part->operand[1]);
        buf_add_c(out, "%{ else }");
        write_parts(out, part->operand[2]);
        buf_add_c(out, "%{ endif }");
    } else if (part->kind == EXPR_JOIN) {
        buf_add_c(out, "%{ ");
        write_head(out, part->operand[0]->loop);
        buf_add_c(out, " }");
        write_parts(out, part->operand[0]->loop->value);
        buf_add_c(out, "%{ endfor }");
    } else {
        buf_add_c(out, "${ ");
        tree_source_write(out, part);
        buf_add_c(out, " }");
    }
}

/* Of two strings side by side one was interpolated. */
static void write_parts(struct buf *out, const struct expr *template) {
    for (uint32_t i = 0; i < template->list.n; i++) {
        const struct expr *part = template->list.at[i];
        if (!i || !is_text(part) || !is_text(template->list.at[i - 1])) {
            write_part(out, part);
            continue;
        }
        buf_add_c(out, "${ ");
        tree_source_write(out, part);
        buf_add_c(out, " }");
    }
}

static void write_quoted(struct buf *out, const struct expr *expr) {
    buf_byte(out, '"');
    if (expr->kind == EXPR_WRAP)
        write_part(out, expr->operand[0]);
    else
        write_parts(out, expr);
    buf_byte(out, '"');
}

static const char *const symbols[] = {
    [OP_OR] = "||",        [OP_AND] = "&&",        [OP_EQUAL] = "==",
    [OP_NOT_EQUAL] = "!=", [OP_GREATER] = ">",     [OP_GREATER_EQUAL] = ">=",
    [OP_LESS] = "<",       [OP_LESS_EQUAL] = "<=", [OP_ADD] = "+",
    [OP_SUBTRACT] = "-",   [OP_MULTIPLY] = "*",    [OP_DIVIDE] = "/",
    [OP_MODULO] = "%",     [OP_NOT] = "!",         [OP_NEGATE] = "-",
};

static void write_binary(struct buf *out, const struct expr *expr) {
    buf_byte(out, '(');
    tree_source_write(out, expr->operand[0]);
    buf_addf(out, " %s ", symbols[expr->op]);
    tree_source_write(out, expr->operand[1]);
    buf_byte(out, ')');
}

static void write_conditional(struct buf *out, const struct expr *expr) {
    buf_byte(out, '(');
    tree_source_write(out, expr->operand[0]);
    buf_add_c(out, " ? ");
    tree_source_write(out, expr->operand[1]);
    buf_add_c(out, " : ");
    tree_source_write(out, expr->operand[2]);
    buf_byte(out, ')');
}

/* Operators bring parentheses of their own. */
static void write_parens(struct buf *out, const struct expr *inner) {
    bool own =
        inner->kind == EXPR_BINARY || inner->kind == EXPR_CONDITIONAL || inner->kind == EXPR_PARENS;
    buf_add_c(out, own ? "" : "(");
    tree_source_write(out, inner);
    buf_add_c(out, own ? "" : ")");
}

static void write_call(struct buf *out, const struct call *call) {
    buf_addf(out, "%.*s(", STR_ARG(call->name));
    write_list(out, call->args);
    buf_add_c(out, call->expand ? "...)" : ")");
}

void tree_source_write(struct buf *out, const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL:
        write_value(out, expr->literal);
        break;
    case EXPR_TEMPLATE:
    case EXPR_WRAP:
        write_quoted(out, expr);
        break;
    case EXPR_TRAVERSAL:
        buf_add(out, expr->traversal.root);
        write_steps(out, &expr->traversal);
        break;
    case EXPR_RELATIVE:
        tree_source_write(out, expr->relative.source);
        write_steps(out, &expr->relative.traversal);
        break;
    case EXPR_INDEX:
        tree_source_write(out, expr->operand[0]);
        buf_byte(out, '[');
        tree_source_write(out, expr->operand[1]);
        buf_byte(out, ']');
        break;
    case EXPR_SPLAT:
        tree_source_write(out, expr->operand[0]);
        buf_add_c(out, expr->full ? "[*]" : ".*");
        tree_source_write(out, expr->operand[1]);
        break;
    case EXPR_CALL:
        write_call(out, &expr->call);
        break;
    case EXPR_CONDITIONAL:
        write_conditional(out, expr);
        break;
    case EXPR_BINARY:
        write_binary(out, expr);
        break;
    case EXPR_UNARY:
        buf_add_c(out, symbols[expr->op]);
        tree_source_write(out, expr->operand[0]);
        break;
    case EXPR_PARENS:
        write_parens(out, expr->operand[0]);
        break;
    case EXPR_TUPLE:
        buf_byte(out, '[');
        write_list(out, expr->list);
        buf_byte(out, ']');
        break;
    case EXPR_OBJECT:
        write_items(out, &expr->items);
        break;
    case EXPR_FOR:
        write_for(out, expr->loop);
        break;
    case EXPR_EACH:
    case EXPR_JOIN:
    case EXPR_INVALID:
        break; /* what they belong to writes them */
    }
}
