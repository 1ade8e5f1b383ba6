/* SPDX-License-Identifier: Apache-2.0 */
/* `init -from-module=SOURCE`: a copy of a module as the start of a new configuration. */
#ifndef LOAM_FROM_MODULE_H
#define LOAM_FROM_MODULE_H

#include "cli/session.h"

/* Copies into the working folder, which must have no configuration; false: errors are in diags. */
bool from_module_copy(struct session *s, struct str source);

#endif
