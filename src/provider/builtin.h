/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider terraform.io/builtin/terraform, part of the engine itself: terraform_data,
 * terraform_remote_state and the functions encode_tfvars, decode_tfvars and encode_expr. What needs
 * the language or a state backend comes from above through hooks.
 */
#ifndef LOAM_BUILTIN_H
#define LOAM_BUILTIN_H

#include "provider/provider.h"

struct builtin_hooks {
    void *context;
    /*
     * Root outputs of the state that a backend keeps, as an object; *ret_found false: there is no
     * state. With ret_outputs NULL only the backend's name and configuration are checked. `config`
     * is null, an object or a map; for the local backend its attributes were checked already.
     */
    bool (*remote_state)(void *context, struct arena *arena, struct str backend,
                         struct value config, struct str workspace, bool *ret_found,
                         struct value *ret_outputs, struct diags *diags);
    /* The assignments in a .tfvars text as an object; false: *ret_error says why not. */
    bool (*decode_tfvars)(void *context, struct arena *arena, struct str source,
                          struct value *ret_value, struct str *ret_error);
    /* The canonical style of the language: format_source(). */
    void (*format)(struct arena *scratch, struct str source, struct buf *out);
};

/* hooks must outlive the provider; any of its functions may be NULL and is then not offered. */
struct provider *builtin_open(struct arena *arena, const struct builtin_hooks *hooks);

#endif
