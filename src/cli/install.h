/* SPDX-License-Identifier: Apache-2.0 */
/* Installs the modules that a configuration calls and records where, for `init` and `get`. */
#ifndef LOAM_INSTALL_H
#define LOAM_INSTALL_H

#include "cli/session.h"
#include "cli/test_files.h"

struct install_options {
    bool upgrade;                   /* look again for what is installed already */
    bool always;                    /* write the list of modules even if there are none */
    const char *title;              /* printed before the first module, or NULL */
    const struct test_files *tests; /* or NULL: the local modules of their runs are listed, too */
};

/* Prints "- name in folder" for what is new; false: errors are in cli->diags. */
bool install_modules(struct session *s, const struct install_options *options);

#endif
