/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAM_UNIT_INT_H
#define LOAM_UNIT_INT_H

#include "resolve/unit.h"

/* Adds the edges of all references, reporting those that lead nowhere (unit_refs.c). */
void unit_refs_connect(struct units *units, struct diags *diags);
/* "Invalid resource type" (ref_check.c). */
void ref_check_type(const struct unit *unit, const struct provider_schema *schema,
                    struct diags *diags);
/* Is what a reference names declared, and used as its schema allows? `own`: the
 * reference is in the user's own definition, which may not name the user. (ref_check.c) */
bool ref_check(const struct unit_module *module, const struct unit *user, bool own,
               const struct ref *ref, struct diags *diags);

#endif
