/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/decode_int.h"

static bool key_is(const struct expr *key, struct str name) {
    struct str bare = body_keyword(key);
    if (bare.len > 0)
        return str_eq(bare, name);
    return key->kind == EXPR_LITERAL && key->literal.kind == VALUE_STRING &&
           str_eq(value_str(key->literal), name);
}

/* The part of an expression that a path leads to, as far as its constructors show it. */
static const struct expr *narrow(const struct expr *expr, struct path path) {
    for (size_t i = 0; i < path.n; i++) {
        const struct path_step *step = &path.at[i];
        const struct expr *part = NULL;
        if (expr->kind == EXPR_TUPLE && step->kind == PATH_INDEX && step->index >= 0 &&
            step->index < (int64_t)expr->list.n)
            part = expr->list.at[step->index];
        if (expr->kind == EXPR_OBJECT && (step->kind == PATH_KEY || step->kind == PATH_ATTR)) {
            for (uint32_t j = 0; j < expr->items.n; j++)
                if (key_is(expr->items.at[j].key, step->name))
                    part = expr->items.at[j].value;
        }
        if (part == NULL)
            break;
        expr = part;
    }
    return expr;
}

/* Which block an element of a set was is not known any more; inside another block an only one is
 * taken for it. */
static const struct block *only_block(const struct body_content *content, struct str type) {
    const struct block *only = NULL;
    for (size_t i = 0; i < content->n_blocks; i++) {
        if (!str_eq(content->blocks[i]->type, type))
            continue;
        if (only != NULL)
            return NULL;
        only = content->blocks[i];
    }
    return only;
}

/* The block that the steps behind its type's name lead to, and how many steps that took. */
static const struct block *find_block(const struct body_content *content,
                                      const struct schema_block *schema, struct str type,
                                      struct path rest, size_t *ret_used) {
    const struct path_step *step = rest.n > 0 ? &rest.at[0] : NULL;
    bool indexed = step != NULL && step->kind != PATH_ATTR;
    int64_t at = step != NULL && step->kind == PATH_INDEX ? step->index : 0;
    const struct block *first = NULL;
    *ret_used = indexed ? 1 : 0;
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        bool dynamic = decode_is_dynamic(block, schema);
        if (!str_eq(dynamic ? block->labels[0] : block->type, type))
            continue;
        first = first != NULL ? first : block;
        if (dynamic)
            return block;
        if (step != NULL && step->kind == PATH_KEY) {
            if (block->n_labels > 0 && str_eq(block->labels[0], step->name))
                return block;
        } else if (at-- == 0) {
            return block;
        }
    }
    return first;
}

static struct span span_in(struct arena *scratch, const struct body *body,
                           const struct schema_block *block, struct path path, bool inside) {
    struct diags ignored = {.arena = scratch};
    if (path.n == 0 || path.at[0].kind != PATH_ATTR)
        return body->missing_item;
    struct str name = path.at[0].name;
    struct path rest = {.at = path.at + 1, .n = path.n - 1};
    struct body_schema schema = decode_schema(scratch, body, block);
    struct body_content *content = body_content(scratch, body, &schema, &ignored);
    const struct attribute *attr = body_attr(content, name);
    if (attr != NULL)
        return expr_span(narrow(attr->expr, rest));
    const struct schema_nested *nested = schema_nested(block, name);
    const struct schema_attr *as_attr = schema_attr(block, name);
    if (nested == NULL && as_attr != NULL)
        nested = decode_attr_block(scratch, body, as_attr);
    if (nested == NULL)
        return content->missing_item;
    if (rest.n > 0 && rest.at[0].kind == PATH_ELEMENT) {
        const struct block *only = inside ? only_block(content, name) : NULL;
        return only != NULL ? only->body->missing_item : content->missing_item;
    }
    size_t used = 0;
    const struct block *inner = find_block(content, block, name, rest, &used);
    if (inner == NULL)
        return content->missing_item;
    if (decode_is_dynamic(inner, block)) {
        struct decode_dynamic dynamic;
        if (!decode_dynamic_read(scratch, inner, block, &dynamic, &ignored))
            return inner->header;
        inner = dynamic.content;
    }
    rest.at += used;
    rest.n -= used;
    return span_in(scratch, inner->body, nested->block, rest, true);
}

struct span decode_span(const struct body *body, const struct schema_block *block,
                        struct path path) {
    struct arena *scratch = arena_new();
    struct span span = span_in(scratch, body, block, path, false);
    arena_free(scratch);
    return span;
}
