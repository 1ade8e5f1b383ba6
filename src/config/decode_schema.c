/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/decode_int.h"

static const struct str key_label[] = {STR("key")};
static const struct str type_label[] = {STR("type")};

static bool has_block(const struct body *body, struct str type) {
    for (uint32_t i = 0; !body->is_json && i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        bool dynamic = str_eq(block->type, S("dynamic")) && block->n_labels == 1;
        if (str_eq(dynamic ? block->labels[0] : block->type, type))
            return true;
    }
    return false;
}

static struct schema_block *block_of_type(struct arena *arena, const struct type *type) {
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    struct schema_attr *attrs = arena_array(arena, type->n, sizeof *attrs);
    for (uint32_t i = 0; i < type->n; i++) {
        attrs[i] = (struct schema_attr){
            .name = intern_str(type->names[i]), .type = type->items[i], .optional = true};
    }
    block->attrs = attrs;
    block->n_attrs = type->n;
    return block;
}

const struct schema_nested *decode_attr_block(struct arena *arena, const struct body *body,
                                              const struct schema_attr *attr) {
    const struct type *type = attr->type;
    bool fits = attr->nested == NULL && (type->kind == TYPE_LIST || type->kind == TYPE_SET) &&
                type->element->kind == TYPE_OBJECT;
    if (!fits || !has_block(body, attr->name))
        return NULL;
    struct schema_nested *nested = arena_alloc(arena, sizeof *nested);
    *nested =
        (struct schema_nested){.name = attr->name,
                               .nesting = type->kind == TYPE_LIST ? NESTING_LIST : NESTING_SET,
                               .block = block_of_type(arena, type->element)};
    return nested;
}

struct body_schema decode_schema(struct arena *arena, const struct body *body,
                                 const struct schema_block *block) {
    struct body_attr_schema *attrs = arena_array(arena, block->n_attrs, sizeof *attrs);
    struct body_block_schema *blocks =
        arena_array(arena, block->n_attrs + block->n_blocks + 1, sizeof *blocks);
    size_t n_attrs = 0;
    size_t n_blocks = 0;
    for (size_t i = 0; i < block->n_attrs; i++) {
        const struct schema_attr *attr = &block->attrs[i];
        if (decode_attr_block(arena, body, attr) != NULL) {
            blocks[n_blocks++] = (struct body_block_schema){.type = attr->name};
        } else {
            attrs[n_attrs++] =
                (struct body_attr_schema){.name = attr->name, .required = attr->required};
        }
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        const struct schema_nested *nested = &block->blocks[i];
        bool keyed = nested->nesting == NESTING_MAP;
        blocks[n_blocks++] = (struct body_block_schema){
            .type = nested->name, .label_names = key_label, .n_labels = keyed ? 1 : 0};
    }
    if (schema_nested(block, S("dynamic")) == NULL && schema_attr(block, S("dynamic")) == NULL) {
        blocks[n_blocks++] = (struct body_block_schema){
            .type = S("dynamic"), .label_names = type_label, .n_labels = 1};
    }
    return (struct body_schema){
        .attrs = attrs, .n_attrs = n_attrs, .blocks = blocks, .n_blocks = n_blocks};
}

static const struct type *object_config_type(struct arena *arena,
                                             const struct schema_object *object) {
    const struct name **names = arena_array(arena, object->n_attrs, sizeof *names);
    const struct type **types = arena_array(arena, object->n_attrs, sizeof *types);
    bool *optional = arena_array(arena, object->n_attrs, sizeof *optional);
    for (size_t i = 0; i < object->n_attrs; i++) {
        names[i] = intern_name(object->attrs[i].name);
        types[i] = decode_attr_type(arena, &object->attrs[i]);
        optional[i] = !object->attrs[i].required;
    }
    const struct type *type = type_object(names, types, optional, object->n_attrs);
    switch (object->nesting) {
    case NESTING_LIST:
        return type_list(type);
    case NESTING_SET:
        return type_set(type);
    case NESTING_MAP:
        return type_map(type);
    case NESTING_SINGLE:
    case NESTING_GROUP:
        break;
    }
    return type;
}

const struct type *decode_attr_type(struct arena *arena, const struct schema_attr *attr) {
    return attr->nested != NULL ? object_config_type(arena, attr->nested) : attr->type;
}
