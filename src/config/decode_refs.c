/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/decode_int.h"

struct finder {
    struct arena *arena;
    struct refs *refs;
    struct diags *diags;
    struct str iterators[DECODE_MAX_ITERATORS];
    size_t n_iterators;
    bool ok;
};

static bool is_iterator(const struct finder *f, const struct ref *ref) {
    for (size_t i = 0; i < f->n_iterators; i++)
        if (ref->kind == REF_MANAGED && str_eq(ref->type, f->iterators[i]))
            return true;
    return false;
}

static void add_expr(struct finder *f, const struct expr *expr) {
    if (f->n_iterators == 0) {
        f->ok = refs_of_expr(f->arena, expr, f->refs, f->diags) && f->ok;
        return;
    }
    /* A bare iterator would read as a broken reference; evaluation reports the real ones. */
    struct refs inner = {.n = 0};
    (void)refs_of_expr(f->arena, expr, &inner, NULL);
    for (size_t i = 0; i < inner.n; i++) {
        if (is_iterator(f, &inner.at[i]))
            continue;
        f->refs->at =
            arena_grow(f->arena, f->refs->at, f->refs->n, &f->refs->cap, sizeof *f->refs->at);
        f->refs->at[f->refs->n++] = inner.at[i];
    }
}

static void add_body(struct finder *f, const struct body *body, const struct schema_block *block);

static const struct schema_block *block_named(struct finder *f, const struct body *body,
                                              const struct schema_block *schema, struct str name) {
    const struct schema_nested *nested = schema_nested(schema, name);
    const struct schema_attr *attr = schema_attr(schema, name);
    if (nested == NULL && attr != NULL)
        nested = decode_attr_block(f->arena, body, attr);
    return nested == NULL ? NULL : nested->block;
}

static void add_dynamic(struct finder *f, const struct body *body, const struct block *block,
                        const struct schema_block *schema) {
    struct decode_dynamic dynamic;
    struct diags ignored = {.arena = f->arena};
    const struct schema_block *nested = block_named(f, body, schema, block->labels[0]);
    if (nested == NULL || !decode_dynamic_read(f->arena, block, schema, &dynamic, &ignored) ||
        f->n_iterators == DECODE_MAX_ITERATORS)
        return;
    add_expr(f, dynamic.for_each);
    f->iterators[f->n_iterators++] = dynamic.iterator;
    for (uint32_t i = 0; i < dynamic.labels.n; i++)
        add_expr(f, dynamic.labels.at[i]);
    add_body(f, dynamic.content->body, nested);
    f->n_iterators--;
}

static void add_body(struct finder *f, const struct body *body, const struct schema_block *block) {
    /* What the schema lacks is reported by decode_block. */
    struct diags ignored = {.arena = f->arena};
    struct body_schema schema = decode_schema(f->arena, body, block);
    struct body_content *content = body_content(f->arena, body, &schema, &ignored);
    for (size_t i = 0; i < content->n_attrs; i++)
        add_expr(f, content->attrs[i]->expr);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *inner = content->blocks[i];
        if (decode_is_dynamic(inner, block)) {
            add_dynamic(f, body, inner, block);
            continue;
        }
        const struct schema_block *nested = block_named(f, body, block, inner->type);
        if (nested != NULL)
            add_body(f, inner->body, nested);
    }
}

bool decode_refs(struct arena *arena, const struct body *body, const struct schema_block *block,
                 struct refs *refs, struct diags *diags) {
    struct finder f = {.arena = arena, .refs = refs, .diags = diags, .ok = true};
    add_body(&f, body, block);
    return f.ok;
}
