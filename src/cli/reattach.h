/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Providers that run already, under a debugger for instance, as TF_REATTACH_PROVIDERS tells: an
 * object of provider address -> where it listens. They stand for every version, are not installed
 * and not ended.
 */
#ifndef LOAM_REATTACH_H
#define LOAM_REATTACH_H

#include "cli/command.h"
#include "plugin/plugin.h"

/* Fills where the provider "HOST/NAMESPACE/TYPE" listens; false: it is not among them. */
bool reattach_find(struct cli *cli, struct str source, struct plugin_spec *spec);
/* Is the variable well formed? false: an error was added. */
bool reattach_check(struct cli *cli);

#endif
