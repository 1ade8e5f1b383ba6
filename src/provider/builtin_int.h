/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the built-in provider share. */
#ifndef LOAM_BUILTIN_INT_H
#define LOAM_BUILTIN_INT_H

#include "provider/builtin.h"

/* terraform_remote_state */
bool remote_state_validate(const struct builtin_hooks *hooks, struct arena *arena,
                           struct value config, struct diags *diags);
bool remote_state_read(const struct builtin_hooks *hooks, struct arena *arena, struct value config,
                       struct value *ret_state, struct diags *diags);

/* Functions: false fills *ret_error with what went wrong. */
bool tfvars_encode(const struct builtin_hooks *hooks, struct arena *arena, struct value v,
                   struct value *ret_value, struct str *ret_error);
bool tfvars_encode_expr(const struct builtin_hooks *hooks, struct arena *arena, struct value v,
                        struct value *ret_value, struct str *ret_error);

#endif
