/* SPDX-License-Identifier: Apache-2.0 */
/* A .tf file, and its body read with a schema. */
#include "fuzz_input.h"
#include "fuzz_tree.h"
#include "hcl/body.h"

static const struct body_attr_schema attrs[] = {{STR("a"), true}, {STR("name"), false}};
static const struct str labels[] = {STR("type"), STR("name")};
static const struct body_block_schema blocks[] = {
    {STR("b"), NULL, 0}, {STR("resource"), labels, 2}, {STR("variable"), labels, 1}};
static const struct body_schema schema = {attrs, COUNT(attrs), blocks, COUNT(blocks)};

static void read_static_forms(struct fuzz_input *in, const struct expr *expr) {
    struct expr_list list;
    struct object_items items;
    struct traversal traversal;
    body_static_list(in->arena, expr, &list, in->diags);
    body_static_map(in->arena, expr, &items, in->diags);
    body_static_traversal(in->arena, in->sources, expr, &traversal, in->diags);
    body_static_expr(in->arena, in->sources, expr, in->diags);
    body_keyword(expr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    struct body *body = parse_file(in.arena, in.sources, in.file, in.diags), *rest;
    fuzz_tree_body(body);
    body_content(in.arena, body, &schema, in.diags);
    struct body_content *content = body_partial_content(in.arena, body, &schema, &rest, in.diags);
    body_attributes(in.arena, rest, in.diags);
    for (size_t i = 0; i < content->n_attrs; i++)
        read_static_forms(&in, content->attrs[i]->expr);
    fuzz_end(&in);
    return 0;
}
