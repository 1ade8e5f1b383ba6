/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversion and unification of types, by the rules of the Terraform language ("Types and Values",
 * "Type Constraints"). A failure says why as a sentence part in the reference's words.
 */
#ifndef LOAM_CONVERT_H
#define LOAM_CONVERT_H

#include "value/path.h"
#include "value/value.h"

struct convert_error {
    struct path path; /* where inside the value */
    struct str text;  /* "string required", "attribute \"x\" is required" */
};

/* Automatic conversion to a type or constraint with optional attributes (filled with null). */
bool convert_value(struct arena *arena, struct value v, const struct type *type,
                   struct value *ret_value, struct convert_error *ret_error);
/* True when some value of `from` converts to `to`. */
bool convert_possible(const struct type *from, const struct type *to);
/* The type that all convert to, or NULL. */
const struct type *convert_unify(struct arena *scratch, const struct type *const *types, size_t n);
/* Error with its path in front: "element \"a\": attribute \"x\" is required". */
struct str convert_error_text(struct arena *arena, const struct convert_error *error);
/* Why from does not convert to `to`, as MismatchMessage of the reference. */
struct str convert_mismatch(struct arena *arena, const struct type *from, const struct type *to);

#endif
