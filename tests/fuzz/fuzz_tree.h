/* SPDX-License-Identifier: Apache-2.0 */
/* Walks all of a tree, so that a bad pointer or span in it is found. */
#ifndef LOAM_FUZZ_TREE_H
#define LOAM_FUZZ_TREE_H

#include "hcl/ast.h"

/* Both abort when a node's height or place is wrong. Return the number of nodes. */
size_t fuzz_tree_expr(const struct expr *expr);
size_t fuzz_tree_body(const struct body *body);

#endif
