/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Desired and prior to a plan: refresh, evaluate, propose, compare, order. Everything is decided
 * here; apply only executes.
 */
#ifndef LOAM_PLAN_H
#define LOAM_PLAN_H

#include "config/config.h"
#include "provider/provider.h"
#include "resolve/events.h"
#include "steps/steps.h"

/* A creation of unknown outcome: the object is looked for and, when it exists, taken over. */
struct plan_adopt {
    struct instance_addr addr;
    const struct json *planned; /* attributes it was to have */
};

/* One object that a list block found. */
struct plan_found {
    struct str display_name;
    struct value identity;
    struct value state;           /* null unless asked for */
    struct str resource, import_; /* blocks that import it, when they are to be generated */
};

/* One instance of a list block. */
struct plan_list {
    struct instance_addr addr;
    struct plan_found *at;
    size_t n;
};

/* Asks for the list blocks and what they need, and for nothing else. */
struct plan_query {
    bool generate;
    struct plan_list **lists; /* results, sorted by address */
    size_t n, cap;
};

struct plan_options {
    enum plan_mode mode;
    bool refresh;
    uint32_t parallelism;
    const struct target *targets;
    size_t n_targets;
    const struct target *excludes;
    size_t n_excludes;
    const struct target *force_replace;
    size_t n_force_replace;
    const struct plan_adopt *adopts;
    size_t n_adopts;
    struct str generate_config_out; /* path, or empty */
    struct map variables;           /* name -> struct variable_input * (config/variables.h) */
    struct str workspace;
    struct str root_dir;        /* path.root */
    struct str cwd;             /* path.cwd */
    const _Atomic bool *cancel; /* set by a signal */
    const struct events *events;
    const struct plan *planned; /* plan_console_scope only: see there */
    struct plan_query *query;   /* or NULL */
};

/*
 * Makes the plan. Always returns one; with errors it is partial and plan->errored is set. `state`
 * is not changed. Result and all values live in arena.
 */
struct plan *plan_make(struct arena *arena, struct config *config, const struct state *state,
                       const struct provider_factories *providers,
                       const struct plan_options *options, struct diags *diags);
/*
 * `validate`: checks everything that needs no state and no API. Of the options only cwd, root_dir
 * and workspace are asked.
 */
bool plan_validate(struct arena *arena, struct config *config,
                   const struct provider_factories *providers, const struct plan_options *options,
                   struct diags *diags);
/*
 * The scope of the root module, for the console and for tests: values from state, or, when
 * options->planned is set, as they will be after that plan, with what is not known yet unknown.
 */
struct scope;
const struct scope *plan_console_scope(struct arena *arena, struct config *config,
                                       const struct state *state,
                                       const struct provider_factories *providers,
                                       const struct plan_options *options, struct diags *diags);
/* Is what a reference in that scope names declared, and used as its schema allows? */
struct ref;
bool plan_console_check(const struct scope *scope, const struct ref *ref, struct diags *diags);

#endif
