/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioners that the engine has: local-exec, remote-exec, file; their blocks as schemas. */
#ifndef LOAM_PROVISIONER_H
#define LOAM_PROVISIONER_H

#include "provider/schema.h"

/* The block of a provisioner without its meta-arguments; NULL: there is no such type. */
const struct schema_block *provisioner_schema(struct arena *arena, struct str type);
/* The `connection` block. */
const struct schema_block *provisioner_connection_schema(struct arena *arena);
/* Rules that the schema cannot say; config is unmarked and may hold unknowns. The errors have no
 * place: they are about the whole block. */
bool provisioner_validate(struct str type, struct value config, struct diags *diags);

#endif
