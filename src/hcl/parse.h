/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From bytes to the syntax tree (HCL Native Syntax Specification; HCL JSON Syntax Specification).
 * Every independent error of a file is reported; the tree then holds what could be read. Names and
 * texts in the tree are views of the source where they can be, so the source must live as long.
 */
#ifndef LOAM_PARSE_H
#define LOAM_PARSE_H

#include "diag/diag.h"
#include "hcl/ast.h"

/* A whole file in native syntax; never NULL. The source must have been added to `sources`. */
struct body *parse_file(struct arena *arena, const struct sources *sources, uint32_t file,
                        struct diags *diags);
struct tokens;
/* The same, with the tokens that it was read from, also in `arena`. */
struct body *parse_file_tokens(struct arena *arena, const struct sources *sources, uint32_t file,
                               struct tokens *ret_tokens, struct diags *diags);
/* A whole file in JSON syntax (.tf.json); never NULL. */
struct body *parse_json_file(struct arena *arena, const struct sources *sources, uint32_t file,
                             struct diags *diags);
/* The whole source as one expression (console, -var). */
struct expr *parse_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                        struct diags *diags);
/* The whole source as one template (templatefile). */
struct expr *parse_template(struct arena *arena, const struct sources *sources, uint32_t file,
                            struct diags *diags);
/* The whole source as a traversal with literal indexes (addresses in messages and flags). */
bool parse_traversal(struct arena *arena, const struct sources *sources, uint32_t file,
                     struct traversal *ret_traversal, struct diags *diags);
/* The same for text that is not a whole source that is not a whole source: a string in one, at a
 * byte of it. */
struct expr *parse_expr_at(struct arena *arena, const struct sources *sources, uint32_t file,
                           struct str text, uint32_t offset, struct diags *diags);
struct expr *parse_template_at(struct arena *arena, const struct sources *sources, uint32_t file,
                               struct str text, uint32_t offset, struct diags *diags);
bool parse_traversal_at(struct arena *arena, const struct sources *sources, uint32_t file,
                        struct str text, uint32_t offset, struct traversal *ret_traversal,
                        struct diags *diags);
bool parse_is_identifier(struct str text);

#endif
