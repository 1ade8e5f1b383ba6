/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas from the wire. Field numbers are those of tfplugin5 and tfplugin6. */
#include "plugin/plugin_int.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "plugin/protobuf.h"

/* Deeper blocks than any schema has. */
#define SCHEMA_MAX_DEPTH 64

struct decoder {
    struct arena *arena;
    int protocol;
    unsigned depth;
    bool failed;
};

static const struct type *read_type(struct decoder *d, struct str json) {
    struct json_error error;
    struct json *parsed = json_parse(d->arena, json, &error);
    const struct type *type = parsed ? type_from_json(d->arena, parsed) : NULL;
    if (!type)
        d->failed = true;
    return type ? type : type_dynamic;
}

static size_t count_fields(struct str message, uint32_t field) {
    struct protobuf p = protobuf_reader(message);
    size_t n = 0;
    while (protobuf_next(&p))
        n += p.field == field;
    return n;
}

static int by_attr_name(const void *a, const void *b) {
    return str_cmp(((const struct schema_attr *)a)->name, ((const struct schema_attr *)b)->name);
}

static int by_block_name(const void *a, const void *b) {
    return str_cmp(((const struct schema_nested *)a)->name,
                   ((const struct schema_nested *)b)->name);
}

/* Sorted attributes must all have names, and different ones. */
static void check_names(struct decoder *d, const struct schema_attr *attrs, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (attrs[i].name.len == 0 || (i > 0 && str_eq(attrs[i - 1].name, attrs[i].name)))
            d->failed = true;
}

static const struct schema_attr *read_attrs(struct decoder *d, struct str message, uint32_t field,
                                            size_t *ret_n);

/* Schema.Object of protocol 6. */
static const struct schema_object *read_object(struct decoder *d, struct str message) {
    static const enum schema_nesting nestings[] = {NESTING_SINGLE, NESTING_SINGLE, NESTING_LIST,
                                                   NESTING_SET, NESTING_MAP};
    struct schema_object *object = arena_alloc(d->arena, sizeof *object);
    object->attrs = read_attrs(d, message, 1, &object->n_attrs);
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p))
        if (p.field == 3 && p.number < COUNT(nestings))
            object->nesting = nestings[p.number];
    d->failed = d->failed || p.failed;
    return object;
}

static void set_attr_flag(struct decoder *d, struct schema_attr *attr, uint32_t field,
                          bool is_set) {
    uint32_t write_only = d->protocol == 5 ? 10 : 11;
    if (field == 4)
        attr->required = is_set;
    else if (field == 5)
        attr->optional = is_set;
    else if (field == 6)
        attr->computed = is_set;
    else if (field == 7)
        attr->sensitive = is_set;
    else if (field == 8)
        attr->markdown = is_set;
    else if (field == 9)
        attr->deprecated = is_set;
    else if (field == write_only)
        attr->write_only = is_set;
}

static void read_attr(struct decoder *d, struct str message, struct schema_attr *attr) {
    uint32_t deprecation = d->protocol == 5 ? 11 : 12;
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p))
        if (p.field == 1)
            attr->name = p.bytes;
        else if (p.field == 2 && p.bytes.len > 0)
            attr->type = read_type(d, p.bytes);
        else if (p.field == 3)
            attr->description = p.bytes;
        else if (p.field == 10 && d->protocol == 6)
            attr->nested = read_object(d, p.bytes);
        else if (p.field == deprecation)
            attr->deprecation = p.bytes;
        else
            set_attr_flag(d, attr, p.field, p.number != 0);
    if (attr->nested)
        attr->type = schema_object_type(attr->nested);
    if (!attr->type)
        attr->type = type_dynamic;
    d->failed = d->failed || p.failed;
}

static const struct schema_attr *read_attrs(struct decoder *d, struct str message, uint32_t field,
                                            size_t *ret_n) {
    size_t n = count_fields(message, field), i = 0;
    struct schema_attr *attrs = arena_array(d->arena, n, sizeof *attrs);
    *ret_n = 0;
    if (++d->depth > SCHEMA_MAX_DEPTH) {
        d->failed = true;
        return NULL;
    }
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p))
        if (p.field == field)
            read_attr(d, p.bytes, &attrs[i++]);
    d->depth--;
    qsort(attrs, i, sizeof *attrs, by_attr_name);
    check_names(d, attrs, i);
    *ret_n = d->failed ? 0 : i;
    return attrs;
}

static const struct schema_block *read_block(struct decoder *d, struct str message);

static void read_nested(struct decoder *d, struct str message, struct schema_nested *nested) {
    static const enum schema_nesting nestings[] = {NESTING_SINGLE, NESTING_SINGLE, NESTING_LIST,
                                                   NESTING_SET,    NESTING_MAP,    NESTING_GROUP};
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p))
        if (p.field == 1)
            nested->name = p.bytes;
        else if (p.field == 2)
            nested->block = read_block(d, p.bytes);
        else if (p.field == 3 && p.number < COUNT(nestings))
            nested->nesting = nestings[p.number];
        else if (p.field == 4)
            nested->min_items = (uint32_t)p.number;
        else if (p.field == 5)
            nested->max_items = (uint32_t)p.number;
    if (!nested->block)
        nested->block = read_block(d, (struct str){0});
    d->failed = d->failed || p.failed;
}

static const struct schema_nested *read_blocks(struct decoder *d, struct str message,
                                               size_t *ret_n) {
    size_t n = count_fields(message, 3), i = 0;
    struct schema_nested *blocks = arena_array(d->arena, n, sizeof *blocks);
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p))
        if (p.field == 3)
            read_nested(d, p.bytes, &blocks[i++]);
    qsort(blocks, i, sizeof *blocks, by_block_name);
    for (size_t j = 0; j < i; j++)
        if (blocks[j].name.len == 0 || (j > 0 && str_eq(blocks[j - 1].name, blocks[j].name)))
            d->failed = true;
    *ret_n = d->failed ? 0 : i;
    return blocks;
}

static const struct schema_block *read_block(struct decoder *d, struct str message) {
    struct schema_block *block = arena_alloc(d->arena, sizeof *block);
    if (++d->depth > SCHEMA_MAX_DEPTH) {
        d->failed = true;
        return block;
    }
    block->attrs = read_attrs(d, message, 2, &block->n_attrs);
    block->blocks = read_blocks(d, message, &block->n_blocks);
    for (size_t i = 0; i < block->n_blocks; i++)
        if (schema_attr(block, block->blocks[i].name))
            d->failed = true;
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p))
        if (p.field == 4)
            block->description = p.bytes;
        else if (p.field == 5)
            block->markdown = p.number != 0;
        else if (p.field == 6)
            block->deprecated = p.number != 0;
        else if (p.field == 7)
            block->deprecation = p.bytes;
    d->depth--;
    d->failed = d->failed || p.failed;
    return block;
}

static struct schema *read_schema(struct decoder *d, struct str name, struct str message) {
    struct schema *schema = arena_alloc(d->arena, sizeof *schema);
    struct protobuf p = protobuf_reader(message);
    schema->name = name;
    while (protobuf_next(&p))
        if (p.field == 1)
            schema->version = (int64_t)p.number;
        else if (p.field == 2)
            schema->block = read_block(d, p.bytes);
    if (!schema->block)
        schema->block = read_block(d, (struct str){0});
    d->failed = d->failed || p.failed;
    return schema;
}

static void add_schema(struct decoder *d, struct map *map, struct str entry) {
    struct str name = protobuf_find(entry, 1);
    map_put(d->arena, map, name, read_schema(d, name, protobuf_find(entry, 2)));
}

static void read_parameter(struct decoder *d, struct str message, struct str *ret_name,
                           const struct type **ret_type) {
    *ret_name = protobuf_find(message, 1);
    *ret_type = read_type(d, protobuf_find(message, 2));
}

static void add_function(struct decoder *d, struct map *map, struct str entry) {
    struct provider_function *f = arena_alloc(d->arena, sizeof *f);
    struct str message = protobuf_find(entry, 2), ignored;
    size_t n = count_fields(message, 1), i = 0;
    struct str *names = arena_array(d->arena, n, sizeof *names);
    const struct type **types = arena_array(d->arena, n, sizeof *types);
    f->name = protobuf_find(entry, 1);
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p)) {
        if (p.field == 1) {
            read_parameter(d, p.bytes, &names[i], &types[i]);
            i++;
        } else if (p.field == 2) {
            read_parameter(d, p.bytes, &ignored, &f->variadic);
        } else if (p.field == 3) {
            f->result = read_type(d, protobuf_find(p.bytes, 1));
        } else if (p.field == 4) {
            f->summary = p.bytes;
        } else if (p.field == 5) {
            f->description = p.bytes;
        }
    }
    f->param_names = names;
    f->param_types = types;
    f->n_params = i;
    if (!f->result)
        f->result = type_dynamic;
    map_put(d->arena, map, f->name, f);
}

static void read_identity(struct decoder *d, struct str message, struct schema *schema) {
    size_t n = count_fields(message, 2), i = 0;
    struct schema_attr *attrs = arena_array(d->arena, n, sizeof *attrs);
    struct schema_object *identity = arena_alloc(d->arena, sizeof *identity);
    struct protobuf p = protobuf_reader(message);
    while (protobuf_next(&p)) {
        if (p.field == 1)
            schema->identity_version = (int64_t)p.number;
        if (p.field != 2)
            continue;
        struct protobuf a = protobuf_reader(p.bytes);
        attrs[i].type = type_dynamic;
        while (protobuf_next(&a))
            if (a.field == 1)
                attrs[i].name = a.bytes;
            else if (a.field == 2)
                attrs[i].type = read_type(d, a.bytes);
            else if (a.field == 3)
                attrs[i].required = a.number != 0;
            else if (a.field == 4)
                attrs[i].optional = a.number != 0;
            else if (a.field == 5)
                attrs[i].description = a.bytes;
        i++;
    }
    qsort(attrs, i, sizeof *attrs, by_attr_name);
    check_names(d, attrs, i);
    identity->attrs = attrs;
    identity->n_attrs = d->failed ? 0 : i;
    schema->identity = identity;
}

static void read_identities(struct decoder *d, struct str answer, struct map *resources) {
    struct protobuf p = protobuf_reader(answer);
    while (protobuf_next(&p)) {
        if (p.field != 1)
            continue;
        struct schema *schema = map_get(resources, protobuf_find(p.bytes, 1));
        if (schema)
            read_identity(d, protobuf_find(p.bytes, 2), schema);
    }
}

static bool plan_destroy(struct str capabilities) {
    struct protobuf p = protobuf_reader(capabilities);
    bool wants = false;
    while (protobuf_next(&p))
        if (p.field == 1)
            wants = p.number != 0;
    return wants;
}

bool plugin_schema_read(struct arena *arena, int protocol, struct str answer, struct str identities,
                        struct provider_schema *ret_schema) {
    struct decoder d = {.arena = arena, .protocol = protocol};
    struct provider_schema schema = {0};
    struct protobuf p = protobuf_reader(answer);
    while (protobuf_next(&p))
        if (p.field == 1)
            schema.config = read_schema(&d, S(""), p.bytes);
        else if (p.field == 2)
            add_schema(&d, &schema.resources, p.bytes);
        else if (p.field == 3)
            add_schema(&d, &schema.data_sources, p.bytes);
        else if (p.field == 6)
            schema.plan_destroy = plan_destroy(p.bytes);
        else if (p.field == 7)
            add_function(&d, &schema.functions, p.bytes);
        else if (p.field == 8)
            add_schema(&d, &schema.ephemerals, p.bytes);
        else if (p.field == 9)
            add_schema(&d, &schema.lists, p.bytes);
    if (!schema.config)
        schema.config = read_schema(&d, S(""), (struct str){0});
    read_identities(&d, identities, &schema.resources);
    if (d.failed || p.failed)
        return false;
    *ret_schema = schema;
    return true;
}
