/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of places where state can be kept, as `backend` blocks name them, with the schema of
 * each block and the store that it opens: local, http, pg, s3.
 */
#ifndef LOAM_BACKEND_H
#define LOAM_BACKEND_H

#include "provider/schema.h"
#include "state/state_store.h"

/* The block's arguments, all optional: what must be there is checked when the store is opened,
 * since arguments also come from the command line and the environment. NULL: no such backend, or
 * one that loam does not have (backend_foreign). */
const struct schema_block *backend_schema(struct arena *arena, struct str type);
/* A backend of Terraform's that loam lacks: azurerm, consul, cos, gcs, kubernetes, oss, remote. */
bool backend_foreign(struct str type);

/*
 * The store of one workspace. config is an object of the schema's type; what it leaves null comes
 * from the environment where Terraform looks there too. Errors name the argument in diag->path.
 */
struct state_store *backend_open(struct arena *arena, struct str type, struct value config,
                                 struct str workspace, struct diags *diags);

#endif
