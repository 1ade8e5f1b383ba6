/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/facts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "value/convert.h"

const struct fact *facts_attr(const struct fact_block *block, struct str name) {
    for (size_t i = 0; i < block->n_facts; i++)
        if (str_eq(block->facts[i].name, name))
            return &block->facts[i];
    return NULL;
}

const struct fact_schema *facts_resource(struct str type) {
    size_t low = 0, high = facts_n_resources;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(facts_resources[middle].name, type);
        if (order == 0)
            return &facts_resources[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct type *type_of(struct arena *arena, struct str text) {
    struct json_error error;
    struct json *json = json_parse(arena, text, &error);
    const struct type *type = json ? type_from_json(arena, json) : NULL;
    if (!type)
        bug("a fact has no type");
    return type;
}

struct value facts_default(struct arena *arena, const struct fact *fact) {
    const struct type *type = type_of(arena, fact->type);
    if (fact->fallback.len == 0)
        return value_null(type);
    if (type == type_bool)
        return value_bool(str_eq(fact->fallback, S("true")));
    if (type == type_string)
        return value_string_view(fact->fallback);
    struct value number = value_null(type);
    if (!value_number_parse(arena, fact->fallback, &number))
        bug("a default is not a number");
    return number;
}

static struct schema_attr attr_of(struct arena *arena, const struct fact *fact) {
    return (struct schema_attr){
        .name = fact->name,
        .type = type_of(arena, fact->type),
        .required = fact->flags & FACT_REQUIRED,
        .optional = fact->flags & FACT_OPTIONAL,
        .computed = fact->flags & FACT_COMPUTED,
        .sensitive = fact->flags & FACT_SENSITIVE,
        .write_only = fact->flags & FACT_WRITE_ONLY,
        .deprecated = fact->deprecated.len > 0,
        .description = fact->description,
    };
}

/* The block through which SDK resources take time limits of operations. */
static const struct schema_block *timeouts_block(struct arena *arena, const struct str *names) {
    size_t n = 0;
    while (names[n].len > 0)
        n++;
    struct schema_attr *attrs = arena_array(arena, n, sizeof *attrs);
    for (size_t i = 0; i < n; i++)
        attrs[i] = (struct schema_attr){.name = names[i], .type = type_string, .optional = true};
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    *block = (struct schema_block){.attrs = attrs, .n_attrs = n};
    return block;
}

static int by_attr_name(const void *a, const void *b) {
    return str_cmp(((const struct schema_attr *)a)->name, ((const struct schema_attr *)b)->name);
}

static const struct schema_attr *attrs_of(struct arena *arena, const struct fact_block *facts,
                                          size_t *ret_n) {
    size_t n = facts->n_facts;
    while (facts->others && facts->others[n - facts->n_facts].len > 0)
        n++;
    struct schema_attr *attrs = arena_array(arena, n, sizeof *attrs);
    for (size_t i = 0; i < facts->n_facts; i++)
        attrs[i] = attr_of(arena, &facts->facts[i]);
    for (size_t i = facts->n_facts; i < n; i++)
        attrs[i] = (struct schema_attr){.name = facts->others[i - facts->n_facts],
                                        .type = type_string,
                                        .optional = true,
                                        .unlisted = true};
    if (facts->others)
        qsort(attrs, n, sizeof *attrs, by_attr_name);
    *ret_n = n;
    return attrs;
}

static int by_name(const void *a, const void *b) {
    return str_cmp(((const struct schema_nested *)a)->name,
                   ((const struct schema_nested *)b)->name);
}

static const struct schema_block *block_of(struct arena *arena, const struct fact_block *facts,
                                           const struct str *timeouts) {
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    size_t n_attrs, n = facts->n_blocks;
    const struct schema_attr *attrs = attrs_of(arena, facts, &n_attrs);
    struct schema_nested *blocks = arena_array(arena, n + 1, sizeof *blocks);
    for (size_t i = 0; i < n; i++)
        blocks[i] = (struct schema_nested){
            .name = facts->blocks[i].name,
            .nesting = facts->blocks[i].nesting,
            .min_items = facts->blocks[i].min_items,
            .max_items = facts->blocks[i].max_items,
            .block = block_of(arena, &facts->blocks[i], NULL),
        };
    if (timeouts) {
        blocks[n++] = (struct schema_nested){.name = S("timeouts"),
                                             .nesting = NESTING_SINGLE,
                                             .block = timeouts_block(arena, timeouts)};
        qsort(blocks, n, sizeof *blocks, by_name);
    }
    *block = (struct schema_block){
        .attrs = attrs,
        .n_attrs = n_attrs,
        .blocks = blocks,
        .n_blocks = n,
        .description = facts->description,
        .deprecated = facts->deprecated.len > 0,
    };
    return block;
}

/* Identity attributes: the required ones and the account, which the provider fills in. */
static const struct schema_object *identity_of(struct arena *arena,
                                               const struct fact_schema *facts) {
    size_t n = 0;
    while (facts->identity_required && facts->identity_required[n].len > 0)
        n++;
    struct schema_attr *attrs = arena_array(arena, n + 1, sizeof *attrs);
    attrs[0] = (struct schema_attr){.name = S("account_id"), .type = type_string, .optional = true};
    for (size_t i = 0; i < n; i++)
        attrs[i + 1] = (struct schema_attr){
            .name = facts->identity_required[i], .type = type_string, .required = true};
    for (size_t i = 1; i < n + 1; i++)
        for (size_t j = i; j > 0 && str_cmp(attrs[j].name, attrs[j - 1].name) < 0; j--) {
            struct schema_attr swap = attrs[j];
            attrs[j] = attrs[j - 1];
            attrs[j - 1] = swap;
        }
    struct schema_object *object = arena_alloc(arena, sizeof *object);
    *object = (struct schema_object){.nesting = NESTING_SINGLE, .attrs = attrs, .n_attrs = n + 1};
    return object;
}

const struct schema *facts_schema(struct arena *arena, const struct fact_schema *facts) {
    struct schema *schema = arena_alloc(arena, sizeof *schema);
    *schema = (struct schema){
        .name = facts->name,
        .version = facts->version,
        .block = block_of(arena, &facts->block, facts->timeouts),
        .identity = facts->has_identity ? identity_of(arena, facts) : NULL,
    };
    return schema;
}
