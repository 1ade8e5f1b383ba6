/* SPDX-License-Identifier: Apache-2.0 */
/* The state file, version 4: text to model and back, byte for byte as Terraform writes it. */
#ifndef LOAM_STATE_FILE_H
#define LOAM_STATE_FILE_H

#include "state/state.h"

/* Versions 1-3 are refused with what to do; a newer one too. name is for messages. */
bool state_file_read(struct arena *arena, struct str bytes, struct str name,
                     struct state **ret_state, struct diags *diags);
void state_file_write(struct buf *out, const struct state *state);

#endif
