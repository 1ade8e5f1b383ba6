/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gets the package of a module into a folder: a git repository through the system's git, archives
 * over HTTP(S) and from S3, and what is on this computer already.
 */
#ifndef LOAM_MODULE_FETCH_H
#define LOAM_MODULE_FETCH_H

#include "cli/command.h"
#include "config/config_package.h"

/*
 * dir is replaced. An answer over HTTP may name another source; the folder it names in its package
 * comes in front of the one wanted, in *ret_subdir. false: *ret_error says why.
 */
bool module_fetch(struct cli *cli, const struct config_package *package, struct str dir,
                  struct str *ret_subdir, struct str *ret_error);

#endif
