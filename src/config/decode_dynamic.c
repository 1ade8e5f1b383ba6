/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/decode_int.h"
#include "hcl/parse.h"

static const struct body_attr_schema dynamic_attrs[] = {
    {STR("for_each"), true}, {STR("iterator"), false}, {STR("labels"), false}};
static const struct body_block_schema dynamic_blocks[] = {{.type = STR("content")}};
static const struct body_schema dynamic_schema = {.attrs = dynamic_attrs,
                                                  .n_attrs = COUNT(dynamic_attrs),
                                                  .blocks = dynamic_blocks,
                                                  .n_blocks = COUNT(dynamic_blocks)};

bool decode_is_dynamic(const struct block *block, const struct schema_block *schema) {
    return str_eq(block->type, S("dynamic")) && block->n_labels == 1 &&
           schema_nested(schema, S("dynamic")) == NULL;
}

static bool read_iterator(struct arena *arena, const struct attribute *attr,
                          struct str *ret_iterator, struct diags *diags) {
    struct str name = body_keyword(attr->expr);
    (void)arena;
    if (name.len == 0 && attr->expr->json && attr->expr->kind == EXPR_LITERAL &&
        attr->expr->literal.kind == VALUE_STRING)
        name = value_str(attr->expr->literal);
    if (!parse_is_identifier(name)) {
        (void)diags_error(diags, expr_span(attr->expr), "Invalid dynamic iterator name",
                          "Dynamic iterator must be a single variable name.");
        return false;
    }
    *ret_iterator = name;
    return true;
}

bool decode_dynamic_read(struct arena *arena, const struct block *block,
                         const struct schema_block *schema, struct decode_dynamic *ret_dynamic,
                         struct diags *diags) {
    struct decode_dynamic dynamic = {
        .type = block->labels[0], .type_span = block->label_spans[0], .iterator = block->labels[0]};
    size_t before = diags->n_errors;
    struct body_content *content = body_content(arena, block->body, &dynamic_schema, diags);
    const struct attribute *iterator = body_attr(content, S("iterator"));
    const struct attribute *for_each = body_attr(content, S("for_each"));
    const struct attribute *labels = body_attr(content, S("labels"));
    (void)schema;
    if (diags->n_errors > before || for_each == NULL)
        return false;
    if (iterator != NULL && !read_iterator(arena, iterator, &dynamic.iterator, diags))
        return false;
    dynamic.for_each = for_each->expr;
    if (labels != NULL) {
        dynamic.has_labels = true;
        if (!body_static_list(arena, labels->expr, &dynamic.labels, diags))
            return false;
    }
    if (content->n_blocks == 0) {
        (void)diags_error(diags, content->missing_item, "Missing dynamic content block",
                          "A dynamic block must have a nested block of type \"content\" to "
                          "describe the body of each generated block.");
        return false;
    }
    if (content->n_blocks > 1) {
        (void)diags_error(diags, content->blocks[1]->header, "Extraneous dynamic content block",
                          "Only one nested content block is allowed for each dynamic block.");
        return false;
    }
    dynamic.content = content->blocks[0];
    *ret_dynamic = dynamic;
    return true;
}
