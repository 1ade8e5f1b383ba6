/* SPDX-License-Identifier: Apache-2.0 */
/* The "configuration" part of a plan's JSON: modules as written, expressions by what they refer to.
 */
#ifndef LOAM_CONFIG_JSON_H
#define LOAM_CONFIG_JSON_H

#include "cli/json_out.h"
#include "config/config.h"
#include "resolve/pool.h"

void config_json_write(struct json_out *o, struct arena *arena, const struct config *config,
                       struct pool *pool);

#endif
