/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The backend of a workspace: `init` reads its block, moves state where it is told to, and records
 * what it set up in DATA_DIR/terraform.tfstate, in Terraform's form; every other command opens what
 * was recorded and refuses to go on when the block says something else.
 */
#ifndef LOAM_BACKEND_SETUP_H
#define LOAM_BACKEND_SETUP_H

#include "cli/session.h"

struct backend_setup_options {
    const struct str_list *overrides; /* -backend-config: files, or key=value */
    bool reconfigure, migrate, force_copy, input;
};

/* root is the root module as loaded, for its backend block. */
bool backend_setup_init(struct session *s, const struct config_module *root,
                        const struct backend_setup_options *options);
/* The `encryption` block and TF_ENCRYPTION, for the store that was opened. */
bool backend_setup_encryption(struct session *s, struct state_store *store);
/* The same for the states that terraform_remote_state reads; NULL: they are plain. */
struct encryption *backend_setup_remote_encryption(struct session *s);
/* A plan's bytes as the same blocks want them on disk, and back; without one they stay as they are.
 */
bool backend_setup_seal_plan(struct session *s, struct str plain, struct str *ret_bytes);
bool backend_setup_open_plan(struct session *s, struct str bytes, struct str *ret_plain);
/* *ret_store is NULL when no backend was ever configured: state is the local file then. */
bool backend_setup_open(struct session *s, struct state_store **ret_store);

#endif
