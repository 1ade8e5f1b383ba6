/* SPDX-License-Identifier: Apache-2.0 */
/* A .tf.json file: as blocks by a schema, and as plain attributes. */
#include "fuzz_input.h"
#include "fuzz_tree.h"
#include "hcl/body.h"

static const struct body_attr_schema attrs[] = {{STR("a"), true}, {STR("name"), false}};
static const struct str labels[] = {STR("type"), STR("name")};
static const struct body_block_schema blocks[] = {
    {STR("b"), NULL, 0}, {STR("resource"), labels, 2}, {STR("variable"), labels, 1}};
static const struct body_schema schema = {attrs, COUNT(attrs), blocks, COUNT(blocks)};

#define MAX_LEVEL 8

static void read_body(struct fuzz_input *in, const struct body *body, int level) {
    struct body *rest;
    struct body_content *content = body_partial_content(in->arena, body, &schema, &rest, in->diags);
    for (size_t i = 0; i < content->n_attrs; i++)
        fuzz_tree_expr(content->attrs[i]->expr);
    for (size_t i = 0; i < content->n_blocks && level < MAX_LEVEL; i++)
        read_body(in, content->blocks[i]->body, level + 1);
    content = body_attributes(in->arena, rest, in->diags);
    for (size_t i = 0; i < content->n_attrs; i++)
        fuzz_tree_expr(content->attrs[i]->expr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    struct body *body = parse_json_file(in.arena, in.sources, in.file, in.diags);
    body_content(in.arena, body, &schema, in.diags);
    read_body(&in, body, 0);
    fuzz_end(&in);
    return 0;
}
