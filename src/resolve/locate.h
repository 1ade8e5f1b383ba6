/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of providers name an attribute; these functions find where it is written. */
#ifndef LOAM_LOCATE_H
#define LOAM_LOCATE_H

#include "diag/diag.h"
#include "hcl/ast.h"
#include "provider/schema.h"

/*
 * Gives every diagnostic from number `first` on that has no place yet the address of its object and
 * the place of its attribute in the body; `body` may be NULL (no longer configured).
 */
void locate_diags(struct arena *arena, struct diags *diags, size_t first, struct str address,
                  const struct body *body, const struct schema_block *block);

#endif
