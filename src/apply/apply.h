/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a plan's steps: provider calls in parallel, each effect journaled before and after, the
 * state kept true at every moment. Never plans; never includes plan/.
 */
#ifndef LOAM_APPLY_H
#define LOAM_APPLY_H

#include "config/config.h"
#include "provider/provider.h"
#include "resolve/events.h"
#include "state/state_store.h"
#include "steps/steps.h"

struct apply_options {
    uint32_t parallelism;
    struct map variables; /* ephemeral values given again; name -> struct variable_input * */
    struct str root_dir, cwd, workspace;
    const _Atomic bool *cancel;
    const _Atomic bool *abort_now;
    const struct events *events;
    struct journal *journal; /* or NULL */
    /* Called after each operation with the state so far; may write it. */
    void (*checkpoint)(void *context, const struct state *state);
    void *checkpoint_context;
    bool refresh_only; /* nothing but what was read is recorded: targets left nothing undone */
};

struct apply_counts {
    size_t imported, added, changed, destroyed, forgotten;
};

/* The new state, always; with errors it holds what was reached. */
struct state *apply_run(struct arena *arena, struct config *config, struct plan *plan,
                        const struct provider_factories *providers,
                        const struct apply_options *options, struct apply_counts *ret_counts,
                        struct diags *diags);

#endif
