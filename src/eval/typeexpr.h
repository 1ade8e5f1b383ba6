/* SPDX-License-Identifier: Apache-2.0 */
/* Type constraints as written: `map(object({ a = string, b = optional(number, 1) }))`. */
#ifndef LOAM_TYPEEXPR_H
#define LOAM_TYPEEXPR_H

#include "base/map.h"
#include "eval/eval.h"

/* Defaults of optional attributes, shaped like the type; NULL where there are none. */
struct typeexpr_defaults {
    const struct type *type;
    struct map attrs;    /* name -> struct value *: default of an attribute of this object */
    struct map children; /* attribute name, or "" for elements -> struct typeexpr_defaults * */
};

bool typeexpr_parse(struct arena *arena, const struct expr *expr, const struct type **ret_type,
                    struct typeexpr_defaults **ret_defaults, struct diags *diags);
/* Fills in defaults before conversion. */
struct value typeexpr_apply(struct arena *arena, const struct typeexpr_defaults *defaults,
                            struct value v);

#endif
