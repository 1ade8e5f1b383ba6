/* SPDX-License-Identifier: Apache-2.0 */
/* Every command, in the order of the help; the main ones in that of their use. */
#ifndef LOAM_COMMAND_LIST_H
#define LOAM_COMMAND_LIST_H

#include "cli/command.h"

#define COMMAND_LIST(X)                                                                            \
    X(version)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
