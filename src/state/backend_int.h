/* SPDX-License-Identifier: Apache-2.0 */
/* What the remote stores share: reading their configuration, and states as bytes. */
#ifndef LOAM_BACKEND_INT_H
#define LOAM_BACKEND_INT_H

#include "state/backend.h"

/* Larger states than this are refused when they come over a network. */
#define BACKEND_MAX_STATE ((size_t)1 << 30)

/* The argument, or the first of the environment variables (ended by NULL), or empty. */
struct str backend_text(struct value config, const char *name, const char *const *variables);
bool backend_flag(struct value config, const char *name, const char *variable, bool otherwise);
int64_t backend_number(struct value config, const char *name, const char *variable,
                       int64_t otherwise);
bool backend_invalid(struct diags *diags, const char *path, const char *summary, struct str detail);

/* A state as the store's bytes, in arena. */
bool backend_print(const struct state_store *store, struct arena *arena, const struct state *state,
                   struct str *ret_bytes, struct diags *diags);
bool backend_failed(struct diags *diags, const char *summary, struct str detail);
/* Calls once() until it says no to another attempt or the time is up. */
bool backend_lock_wait(struct state_store *store, const struct state_lock_info *info,
                       int64_t timeout_ms,
                       bool (*once)(struct state_store *store, const struct state_lock_info *info,
                                    bool *ret_again, struct diags *diags),
                       struct diags *diags);

struct state_store *state_store_http(struct arena *arena, struct value config, struct diags *diags);
struct state_store *state_store_pg(struct arena *arena, struct value config, struct str workspace,
                                   struct diags *diags);
struct state_store *state_store_s3(struct arena *arena, struct value config, struct str workspace,
                                   struct diags *diags);

#endif
