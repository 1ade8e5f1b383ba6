/* SPDX-License-Identifier: Apache-2.0 */
/* The common options of operations, checked before anything is opened. */
#ifndef LOAM_OPERATION_FLAGS_H
#define LOAM_OPERATION_FLAGS_H

#include "cli/operation.h"

/*
 * Reads the addresses of -target, -exclude and -replace and checks that the options go together.
 * false: what is wrong has been printed, with all errors that cli->diags had already.
 */
bool operation_flags_check(struct cli *cli, struct operation_flags *flags);

#endif
