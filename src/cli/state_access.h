/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing a state as a command does it: what its store says of a failure is told in
 * the words that Terraform has for it in that command.
 */
#ifndef LOAM_STATE_ACCESS_H
#define LOAM_STATE_ACCESS_H

#include "cli/command.h"
#include "state/state_store.h"

/* *ret_state is NULL when there is none yet. A failure is in cli->diags, or told already where the
 * command tells it without a box. */
bool state_access_read(struct cli *cli, struct state_store *store, struct state **ret_state);
bool state_access_write(struct cli *cli, struct state_store *store, const struct state *state);
/* Says that a lock may still be held when it cannot be released. */
bool state_access_unlock(struct cli *cli, struct state_store *store);

#endif
