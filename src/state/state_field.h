/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types that members of a state file must have. A file that breaks them is refused, since the
 * next write would drop what was not understood.
 */
#ifndef LOAM_STATE_FIELD_H
#define LOAM_STATE_FIELD_H

#include "base/str.h"

struct arena;

/* path: "resources.instances.status"; a path that no table has fits always, and so does null. What
 * is there instead, in the reference's words ("string", "number 1.5"), or empty when raw fits. */
struct str state_field_misfit(struct arena *arena, const char *path, struct str raw);
/* "1.11.4", "1.5.0-beta1+x" */
bool state_field_is_version(struct str text);

#endif
