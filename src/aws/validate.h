/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration against the checks of facts.h, in the provider's words. */
#ifndef LOAM_VALIDATE_H
#define LOAM_VALIDATE_H

#include "aws/facts.h"

/* Unknown values pass. Diagnostics carry paths. true: no error added. */
bool validate_block(struct arena *arena, const struct fact_block *block, struct value config,
                    struct diags *diags);

#endif
