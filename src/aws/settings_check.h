/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong or unwise in a provider block and its environment, beyond what its schema says. */
#ifndef LOAM_SETTINGS_CHECK_H
#define LOAM_SETTINGS_CHECK_H

#include "aws/settings.h"

/* Adds the AWS provider's warnings; false after adding an error. */
bool settings_check_all(struct arena *arena, struct value config, const struct settings *settings,
                        struct diags *diags);

#endif
