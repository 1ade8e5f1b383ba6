/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's functions: provider::aws::arn_parse and its like. */
#ifndef LOAM_FUNCTIONS_H
#define LOAM_FUNCTIONS_H

#include "provider/provider.h"

/* Into map: name -> const struct provider_function *. */
void functions_list(struct arena *arena, struct map *map);
/* Arguments are known and of their types. */
bool functions_call(struct arena *arena, struct str name, const struct value *args, size_t n,
                    struct value *ret_value, struct diags *diags);

#endif
