/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine's own provider needs from higher floors: state of other workspaces, tfvars. */
#ifndef LOAM_SESSION_HOOKS_H
#define LOAM_SESSION_HOOKS_H

#include "provider/builtin.h"

struct encryption;

/* remote: how the states of others are encrypted, or NULL. */
const struct builtin_hooks *session_hooks_builtin(struct arena *arena, struct encryption *remote);

#endif
