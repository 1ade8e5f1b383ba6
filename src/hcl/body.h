/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a body with a schema: which names are attributes and which are blocks. This is where the
 * two syntaxes meet; everything above sees only attributes and blocks.
 */
#ifndef LOAM_BODY_H
#define LOAM_BODY_H

#include "diag/diag.h"
#include "hcl/ast.h"

struct body_attr_schema {
    struct str name;
    bool required;
};

struct body_block_schema {
    struct str type;
    const struct str *label_names; /* "type", "name": for messages */
    uint32_t n_labels;
};

struct body_schema {
    const struct body_attr_schema *attrs;
    size_t n_attrs;
    const struct body_block_schema *blocks;
    size_t n_blocks;
};

struct body_content {
    const struct attribute **attrs; /* those present, in source order */
    size_t n_attrs;
    const struct block **blocks; /* in source order */
    size_t n_blocks;
    struct span missing_item;
};

/* Everything in the body must be in the schema; errors in the reference's words. */
struct body_content *body_content(struct arena *arena, const struct body *body,
                                  const struct body_schema *schema, struct diags *diags);
/* What the schema has; *ret_remain is a body with the rest. */
struct body_content *body_partial_content(struct arena *arena, const struct body *body,
                                          const struct body_schema *schema,
                                          struct body **ret_remain, struct diags *diags);
/* All as attributes; a block is an error. */
struct body_content *body_attributes(struct arena *arena, const struct body *body,
                                     struct diags *diags);
const struct attribute *body_attr(const struct body_content *content, struct str name);

/*
 * Static forms, read without evaluating: `[a, b]` (depends_on), `{k = v}` (providers), a traversal
 * (provider = aws.west), a keyword (each, all). In JSON a string holds the traversal or keyword. In
 * native syntax a quoted traversal is an old form: it is accepted with Terraform's warning, "Quoted
 * references are deprecated". false adds an error.
 */
bool body_static_list(struct arena *arena, const struct expr *expr, struct expr_list *ret_list,
                      struct diags *diags);
bool body_static_map(struct arena *arena, const struct expr *expr, struct object_items *ret_items,
                     struct diags *diags);
bool body_static_traversal(struct arena *arena, const struct sources *sources,
                           const struct expr *expr, struct traversal *ret_traversal,
                           struct diags *diags);
/*
 * The expression that a JSON string holds ("list(string)" as a type, "${a.b}" in ignore_changes);
 * any other expression is returned as it is.
 */
const struct expr *body_static_expr(struct arena *arena, const struct sources *sources,
                                    const struct expr *expr, struct diags *diags);
/* The keyword when expr is one bare name (in JSON: a string that is one), else empty. */
struct str body_keyword(const struct expr *expr);
#endif
