/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies to values by a provider's schema, `dynamic` blocks expanded. */
#ifndef LOAM_DECODE_H
#define LOAM_DECODE_H

#include "eval/eval.h"
#include "hcl/ast.h"
#include "provider/schema.h"

/* An object of schema_type(block). Unknown and null attributes are kept; false: errors were added
 * (the value then has unknowns in their place). */
bool decode_block(struct arena *arena, const struct scope *scope, const struct body *body,
                  const struct schema_block *block, struct value *ret_value, struct diags *diags);
/* Every reference in the attributes that the schema has. */
bool decode_refs(struct arena *arena, const struct body *body, const struct schema_block *block,
                 struct refs *refs, struct diags *diags);
/* Where in the body the attribute at path is written; the body's missing_item when it is not. */
struct span decode_span(const struct body *body, const struct schema_block *block,
                        struct path path);

#endif
