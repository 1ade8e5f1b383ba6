/* SPDX-License-Identifier: Apache-2.0 */
/* Provider schemas as `providers schema -json` prints them, format version 1.0. */
#ifndef LOAM_SCHEMA_JSON_H
#define LOAM_SCHEMA_JSON_H

#include "base/buf.h"
#include "provider/provider.h"

/* One provider's object: "provider", "resource_schemas", ... with members sorted as there. */
void schema_json_write(struct buf *out, const struct provider_schema *schema);
/* "block" of one schema, as the plan renderer of other tools reads it. */
void schema_json_write_block(struct buf *out, const struct schema_block *block);

#endif
