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
/* The folder of a release below the data folder: .terraform/providers/SOURCE/VERSION/PLATFORM */
struct str provider_install_folder(struct session *s, struct str source, struct str version);
/* -plugin-dir as the last init was given it. */
struct str_list provider_install_plugin_dirs(struct session *s);
bool provider_install_keep_dirs(struct session *s, const struct str_list *dirs);

#endif
