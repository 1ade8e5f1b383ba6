/* SPDX-License-Identifier: Apache-2.0 */
/* Is what a reference names declared, and used as its schema allows? Told in advance, not met. */
#ifndef LOAM_REF_CHECK_H
#define LOAM_REF_CHECK_H

#include "resolve/unit.h"

/*
 * false adds an error. `own`: the reference is in the definition of `user`, which may not name
 * itself; user may be NULL.
 */
bool ref_check(const struct unit_module *module, const struct unit *user, bool own,
               const struct ref *ref, struct diags *diags);
/* Do the steps lead to something that an object of this block has? */
bool ref_check_steps(const struct schema_block *block, const struct step *steps, uint32_t n,
                     struct diags *diags);
/* "Invalid resource type" and its like. */
void ref_check_type(const struct unit *unit, const struct provider_schema *schema,
                    struct diags *diags);

#endif
