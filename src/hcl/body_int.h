/* SPDX-License-Identifier: Apache-2.0 */
/* What the two syntaxes of bodies share. */
#ifndef LOAM_BODY_INT_H
#define LOAM_BODY_INT_H

#include "hcl/body.h"

/* Content being built; the arrays grow in the arena. */
struct body_builder {
    struct arena *arena;
    const struct body_schema *schema;
    struct diags *diags;
    struct body_content *content;
    size_t cap_attrs, cap_blocks;
};

void body_begin(struct body_builder *b, struct arena *arena, const struct body *body,
                const struct body_schema *schema, struct diags *diags);
void body_add_attr(struct body_builder *b, const struct attribute *attr);
void body_add_block(struct body_builder *b, const struct block *block);
const struct body_attr_schema *body_find_attr(const struct body_schema *schema, struct str name);
const struct body_block_schema *body_find_block(const struct body_schema *schema, struct str type);
/* Reports what the schema requires and the content lacks. */
void body_check_required(struct body_builder *b);
/* A body with another over it: body.over is set. */
struct body_content *body_layers_content(struct arena *arena, const struct body *body,
                                         const struct body_schema *schema, bool strict,
                                         struct body **ret_remain, struct diags *diags);
struct body_content *body_layers_attributes(struct arena *arena, const struct body *body,
                                            struct diags *diags);

/* The JSON side of the functions in body.h. `strict`: what the schema lacks is an error. */
struct body_content *body_json_content(struct arena *arena, const struct body *body,
                                       const struct body_schema *schema, bool strict,
                                       struct body **ret_remain, struct diags *diags);
struct body_content *body_json_attributes(struct arena *arena, const struct body *body,
                                          struct diags *diags);

#endif
