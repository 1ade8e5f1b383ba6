/* SPDX-License-Identifier: Apache-2.0 */
/* State as `show -json` has it: outputs and resources by module, with decoded values. */
#ifndef LOAM_STATE_JSON_H
#define LOAM_STATE_JSON_H

#include "cli/json_out.h"
#include "resolve/pool.h"
#include "state/state.h"

/* Attributes of an object as a marked value of its schema's type; false adds the reason as an
 * error. */
bool state_json_decode(struct arena *arena, struct pool *pool,
                       const struct state_resource *resource, const struct state_object *object,
                       const struct schema **ret_schema, struct value *ret_value,
                       struct diags *diags);
/* The whole document, {"format_version": ...}; within a plan it is without the results of checks.
 * false: errors were added. */
bool state_json_write(struct json_out *o, struct arena *arena, const struct state *state,
                      struct str terraform_version, bool with_checks, struct pool *pool,
                      struct diags *diags);
/* Members outputs and root_module alone. */
bool state_json_values(struct json_out *o, struct arena *arena, const struct state *state,
                       struct pool *pool, struct diags *diags);
/* Members address, mode, type, name, index, provider_name of one instance. */
void state_json_address(struct json_out *o, struct arena *arena, const struct instance_addr *addr,
                        struct provider_addr provider, bool with_module);
/* "type" and "value" of an output that is wholly known. */
void state_json_output(struct json_out *o, struct value v, const struct type *type);

#endif
