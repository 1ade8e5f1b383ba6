/* SPDX-License-Identifier: Apache-2.0 */
/* The state file, version 4: text to model and back, byte for byte as Terraform writes it. */
#ifndef LOAM_STATE_FILE_H
#define LOAM_STATE_FILE_H

#include "state/state.h"

struct buf;

/* Versions 1 to 3 are refused with what to do unless they are empty; a newer one too. name is for
 * messages. The model keeps views into bytes, which must live as long as the state. */
bool state_file_read(struct arena *arena, struct str bytes, struct str name,
                     struct state **ret_state, struct diags *diags);
/* terraform_version, serial and lineage are written as they are in the state. */
void state_file_write(struct buf *out, const struct state *state);

/* One object as a line: the entry of its resource with this one instance. deposed: its key, or
 * empty for the current object. Members that are unknown stay. */
void state_file_write_object(struct buf *out, const struct instance_addr *addr,
                             const struct provider_config_addr *provider, struct str deposed,
                             const struct state_object *object);
/* Sets what such a line holds in the state. */
bool state_file_read_object(struct state *state, struct str line, struct diags *diags);

#endif
