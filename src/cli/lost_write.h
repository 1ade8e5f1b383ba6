/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the state cannot be written at the end of an apply, nothing of what was done may be lost:
 * says where it is kept, or writes it down elsewhere.
 */
#ifndef LOAM_LOST_WRITE_H
#define LOAM_LOST_WRITE_H

#include "cli/command.h"
#include "state/state.h"

/* after: the state that could not be written. journaled: the journal has all of it. */
void lost_write_explain(struct cli *cli, const struct state *after, bool journaled);

#endif
