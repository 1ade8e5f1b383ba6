/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/body.h"

#include "base/arena.h"
#include "hcl/body_int.h"
#include "hcl/hint.h"

void body_begin(struct body_builder *b, struct arena *arena, const struct body *body,
                const struct body_schema *schema, struct diags *diags) {
    *b = (struct body_builder){.arena = arena, .schema = schema, .diags = diags};
    b->content = arena_alloc(arena, sizeof *b->content);
    b->content->missing_item = body->missing_item;
}

void body_add_attr(struct body_builder *b, const struct attribute *attr) {
    struct body_content *content = b->content;
    content->attrs = arena_grow(b->arena, content->attrs, content->n_attrs, &b->cap_attrs,
                                sizeof(struct attribute *));
    content->attrs[content->n_attrs++] = attr;
}

void body_add_block(struct body_builder *b, const struct block *block) {
    struct body_content *content = b->content;
    content->blocks = arena_grow(b->arena, content->blocks, content->n_blocks, &b->cap_blocks,
                                 sizeof(struct block *));
    content->blocks[content->n_blocks++] = block;
}

const struct body_attr_schema *body_find_attr(const struct body_schema *schema, struct str name) {
    for (size_t i = 0; i < schema->n_attrs; i++)
        if (str_eq(schema->attrs[i].name, name))
            return &schema->attrs[i];
    return NULL;
}

const struct body_block_schema *body_find_block(const struct body_schema *schema, struct str type) {
    for (size_t i = 0; i < schema->n_blocks; i++)
        if (str_eq(schema->blocks[i].type, type))
            return &schema->blocks[i];
    return NULL;
}

const struct attribute *body_attr(const struct body_content *content, struct str name) {
    for (size_t i = 0; i < content->n_attrs; i++)
        if (str_eq(content->attrs[i]->name, name))
            return content->attrs[i];
    return NULL;
}

void body_check_required(struct body_builder *b) {
    for (size_t i = 0; i < b->schema->n_attrs; i++) {
        const struct body_attr_schema *attr = &b->schema->attrs[i];
        if (attr->required && !body_attr(b->content, attr->name))
            diags_error(b->diags, b->content->missing_item, "Missing required argument",
                        "The argument \"%.*s\" is required, but no definition was found.",
                        STR_ARG(attr->name));
    }
}

static struct str label_list(struct arena *arena, const struct body_block_schema *schema) {
    return str_join(arena, schema->label_names, schema->n_labels, S(", "));
}

/* The labels are as many as the schema has. */
static bool check_labels(struct body_builder *b, const struct block *block,
                         const struct body_block_schema *schema) {
    struct arena *arena = b->diags->arena;
    struct str type = block->type, detail, summary;
    struct span at;
    if (block->n_labels == schema->n_labels)
        return true;
    if (block->n_labels < schema->n_labels) {
        summary = str_format(arena, "Missing %.*s for %.*s",
                             STR_ARG(schema->label_names[block->n_labels]), STR_ARG(type));
        detail = str_format(arena, "All %.*s blocks must have %u labels (%.*s).", STR_ARG(type),
                            schema->n_labels, STR_ARG(label_list(arena, schema)));
        at = block->open_brace;
    } else {
        summary = str_format(arena, "Extraneous label for %.*s", STR_ARG(type));
        detail =
            schema->n_labels
                ? str_format(arena, "Only %u labels (%.*s) are expected for %.*s blocks.",
                             schema->n_labels, STR_ARG(label_list(arena, schema)), STR_ARG(type))
                : str_format(arena, "No labels are expected for %.*s blocks.", STR_ARG(type));
        at = block->label_spans[schema->n_labels];
    }
    struct diag *diag = diags_add(b->diags, SEVERITY_ERROR, at, summary, detail);
    diag->context = span_join(block->type_span, block->open_brace);
    return false;
}

static void take_known(struct body_builder *b, const struct body *body) {
    for (uint32_t i = 0; i < body->n_attributes; i++)
        if (body_find_attr(b->schema, body->attributes[i].name))
            body_add_attr(b, &body->attributes[i]);
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        const struct body_block_schema *schema = body_find_block(b->schema, block->type);
        if (schema && check_labels(b, block, schema))
            body_add_block(b, block);
    }
    body_check_required(b);
}

static void refuse_attr(struct body_builder *b, const struct attribute *attr) {
    struct arena *arena = b->diags->arena;
    struct str *unused = arena_array(arena, b->schema->n_attrs, sizeof *unused);
    size_t n = 0;
    for (size_t i = 0; i < b->schema->n_attrs; i++)
        if (!body_attr(b->content, b->schema->attrs[i].name))
            unused[n++] = b->schema->attrs[i].name;
    struct str hint = hint_did_you_mean(arena, attr->name, unused, n);
    if (!hint.len && body_find_block(b->schema, attr->name))
        hint = str_format(arena, " Did you mean to define a block of type \"%.*s\"?",
                          STR_ARG(attr->name));
    diags_error(b->diags, attr->name_span, "Unsupported argument",
                "An argument named \"%.*s\" is not expected here.%.*s", STR_ARG(attr->name),
                STR_ARG(hint));
}

static void refuse_block(struct body_builder *b, const struct block *block) {
    struct arena *arena = b->diags->arena;
    struct str *types = arena_array(arena, b->schema->n_blocks, sizeof *types);
    for (size_t i = 0; i < b->schema->n_blocks; i++)
        types[i] = b->schema->blocks[i].type;
    struct str hint = hint_did_you_mean(arena, block->type, types, b->schema->n_blocks);
    if (!hint.len && body_find_attr(b->schema, block->type))
        hint = str_format(arena,
                          " Did you mean to define argument \"%.*s\"? If so, use the equals sign "
                          "to assign it a value.",
                          STR_ARG(block->type));
    diags_error(b->diags, block->type_span, "Unsupported block type",
                "Blocks of type \"%.*s\" are not expected here.%.*s", STR_ARG(block->type),
                STR_ARG(hint));
}

struct body_content *body_content(struct arena *arena, const struct body *body,
                                  const struct body_schema *schema, struct diags *diags) {
    if (body->over)
        return body_layers_content(arena, body, schema, true, NULL, diags);
    if (body->is_json)
        return body_json_content(arena, body, schema, true, NULL, diags);
    struct body_builder b;
    body_begin(&b, arena, body, schema, diags);
    take_known(&b, body);
    for (uint32_t i = 0; i < body->n_attributes; i++)
        if (!body_find_attr(schema, body->attributes[i].name))
            refuse_attr(&b, &body->attributes[i]);
    for (uint32_t i = 0; i < body->n_blocks; i++)
        if (!body_find_block(schema, body->blocks[i].type))
            refuse_block(&b, &body->blocks[i]);
    return b.content;
}

/* The attributes and blocks that the schema does not have. */
static struct body *remaining(struct arena *arena, const struct body *body,
                              const struct body_schema *schema) {
    struct body *rest = arena_copy(arena, body, sizeof *body);
    rest->attributes = arena_array(arena, body->n_attributes, sizeof *body->attributes);
    rest->blocks = arena_array(arena, body->n_blocks, sizeof *body->blocks);
    rest->n_attributes = rest->n_blocks = 0;
    for (uint32_t i = 0; i < body->n_attributes; i++)
        if (!body_find_attr(schema, body->attributes[i].name))
            rest->attributes[rest->n_attributes++] = body->attributes[i];
    for (uint32_t i = 0; i < body->n_blocks; i++)
        if (!body_find_block(schema, body->blocks[i].type))
            rest->blocks[rest->n_blocks++] = body->blocks[i];
    return rest;
}

struct body_content *body_partial_content(struct arena *arena, const struct body *body,
                                          const struct body_schema *schema,
                                          struct body **ret_remain, struct diags *diags) {
    if (body->over)
        return body_layers_content(arena, body, schema, false, ret_remain, diags);
    if (body->is_json)
        return body_json_content(arena, body, schema, false, ret_remain, diags);
    struct body_builder b;
    body_begin(&b, arena, body, schema, diags);
    take_known(&b, body);
    if (ret_remain)
        *ret_remain = remaining(arena, body, schema);
    return b.content;
}

struct body_content *body_attributes(struct arena *arena, const struct body *body,
                                     struct diags *diags) {
    if (body->over)
        return body_layers_attributes(arena, body, diags);
    if (body->is_json)
        return body_json_attributes(arena, body, diags);
    struct body_builder b;
    body_begin(&b, arena, body, NULL, diags);
    for (uint32_t i = 0; i < body->n_attributes; i++)
        body_add_attr(&b, &body->attributes[i]);
    if (body->n_blocks) {
        const struct block *example = &body->blocks[0];
        struct str summary = str_format(arena, "Unexpected \"%.*s\" block", STR_ARG(example->type));
        diags_add(diags, SEVERITY_ERROR, example->type_span, summary,
                  S("Blocks are not allowed here."));
    }
    return b.content;
}
