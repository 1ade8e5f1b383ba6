/* SPDX-License-Identifier: Apache-2.0 */
/* What AWS does alike for everything with a name: get, list, rename, delete. Handlers. */
#ifndef LOAM_NAMED_H
#define LOAM_NAMED_H

#include "server/call.h"

/* Row: name; a = the structure in the response. */
bool named_get(struct call *call);
/* Row: name = PathPrefix; a = the list in the response. */
bool named_list(struct call *call);
/* Row: name; a = the new name, b = the new path. */
bool named_rename(struct call *call);
/* Row: name. Refused while anything still belongs to it. */
bool named_delete(struct call *call);
/* The entity that the row's `name` names; the caller's own user where it is absent. */
struct entity *named_target(struct call *call);

#endif
