/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as one line of text, for tests to compare: (+ a.b 1), (call f x), {"k" = v}. */
#ifndef LOAM_TREE_TEXT_H
#define LOAM_TREE_TEXT_H

#include "base/buf.h"
#include "hcl/ast.h"

void tree_text_expr(struct buf *out, const struct expr *expr);
/* One line an attribute, blocks in braces. */
void tree_text_body(struct buf *out, const struct body *body);

#endif
