/* SPDX-License-Identifier: Apache-2.0 */
/* One provisioner at work: what its kinds share. */
#ifndef LOAM_PROVISION_INT_H
#define LOAM_PROVISION_INT_H

#include "apply/apply_int.h"

struct provisioning {
    struct task *task;
    struct str type;
    struct value config;     /* unmarked, of its schema */
    struct value connection; /* unmarked; null when there is none */
    struct str secret;       /* shown instead of each line of what is sensitive; or empty */
};

/* One line of progress. */
void provision_line(void *provisioning, struct str line);
bool provision_fail(struct provisioning *p, struct str summary, struct str detail);

bool ssh_remote_exec(struct provisioning *p);
bool ssh_copy_file(struct provisioning *p);

#endif
