/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of bodies by schema share: the HCL side of a schema, and dynamic blocks. */
#ifndef LOAM_DECODE_INT_H
#define LOAM_DECODE_INT_H

#include "config/decode.h"
#include "hcl/body.h"

/* Nested dynamic blocks see the iterators of those around them. */
#define DECODE_MAX_ITERATORS 32

struct decode_scope {
    struct str names[DECODE_MAX_ITERATORS];
    struct value values[DECODE_MAX_ITERATORS];
    size_t n;
};

/* Arguments, blocks and `dynamic`. */
struct body_schema decode_schema(struct arena *arena, const struct body *body,
                                 const struct schema_block *block);
/* What an argument's value is converted to: its type with optional attributes where nested. */
const struct type *decode_attr_type(struct arena *arena, const struct schema_attr *attr);
/*
 * Arguments whose type is a list or set of objects may be written as blocks of that name, as
 * providers of Terraform 0.11 had them: the block that stands for it, or NULL.
 */
const struct schema_nested *decode_attr_block(struct arena *arena, const struct body *body,
                                              const struct schema_attr *attr);
bool decode_is_dynamic(const struct block *block, const struct schema_block *schema);

/* The parts of a `dynamic` block. */
struct decode_dynamic {
    struct str type;
    struct span type_span;
    struct str iterator;
    const struct expr *for_each;
    struct expr_list labels;
    bool has_labels;
    const struct block *content;
};

bool decode_dynamic_read(struct arena *arena, const struct block *block,
                         const struct schema_block *schema, struct decode_dynamic *ret_dynamic,
                         struct diags *diags);

#endif
