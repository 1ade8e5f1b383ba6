/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration against the checks of facts.h, in the provider's words. */
#ifndef LOAM_VALIDATE_H
#define LOAM_VALIDATE_H

#include "aws/facts.h"

/*
 * Unknown values pass. Diagnostics carry paths. `framework`: in the words of the newer library.
 * true: no error added.
 */
bool validate_block(struct arena *arena, const struct fact_block *block, bool framework,
                    struct value config, struct diags *diags);
/* No list or set in it has a null element: what the older library asks of data sources and of the
 * provider, and of resources when they are planned. */
bool validate_no_nulls(struct arena *arena, struct value config, struct diags *diags);

#endif
