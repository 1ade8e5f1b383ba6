/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `init` does about providers: says which are built in, chooses a release of every other one
 * (the one in the lock file unless told to upgrade), puts its package into the data folder, checks
 * it against the lock file and records it there.
 */
#ifndef LOAM_PROVIDER_INSTALL_H
#define LOAM_PROVIDER_INSTALL_H

#include "cli/session.h"

struct provider_install_options {
    bool upgrade;
    bool readonly; /* -lockfile=readonly: a change of the lock file is an error */
};

/* Prints what it does; false: errors are in cli->diags. */
bool provider_install(struct session *s, const struct provider_install_options *options);
/* Records -plugin-dir in the data folder, as Terraform does; false: it cannot be written. */
bool provider_install_keep_dirs(struct session *s, const struct str_list *dirs);

#endif
