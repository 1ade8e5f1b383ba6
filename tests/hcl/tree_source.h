/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as source in native syntax, on one line: reading that gives a tree that prints the same.
 */
#ifndef LOAM_TREE_SOURCE_H
#define LOAM_TREE_SOURCE_H

#include "base/buf.h"
#include "hcl/ast.h"

void tree_source_write(struct buf *out, const struct expr *expr);

#endif
