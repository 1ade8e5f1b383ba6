/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader of state files and the model share. */
#ifndef LOAM_STATE_INT_H
#define LOAM_STATE_INT_H

#include "state/state.h"

struct state_instance *state_find_instance(const struct state_resource *resource, struct key key);
/* The key must not be there yet; its text is kept as a view. */
struct state_instance *state_add_instance(struct arena *arena, struct state_resource *resource,
                                          struct key key);

#endif
