/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine's own provider needs from higher floors: state of other workspaces, tfvars. */
#ifndef LOAM_SESSION_HOOKS_H
#define LOAM_SESSION_HOOKS_H

#include "provider/builtin.h"

const struct builtin_hooks *session_hooks_builtin(void);

#endif
