/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as `show -json PLANFILE` prints it, format version 1.2 ("JSON Output Format"). */
#ifndef LOAM_PLAN_JSON_H
#define LOAM_PLAN_JSON_H

#include "cli/json_out.h"
#include "config/config.h"
#include "resolve/pool.h"
#include "steps/steps.h"

bool plan_json_write(struct json_out *o, struct arena *arena, const struct plan *plan,
                     const struct config *config, struct str terraform_version, struct pool *pool,
                     struct diags *diags);

/* Only the members that tell what changes: of resources, of outputs, and why. */
void plan_json_changes(struct json_out *o, struct arena *arena, const struct plan *plan);

#endif
