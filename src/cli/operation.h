/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planning and applying as plan, apply, destroy and refresh share it: their common options, the way
 * from flags to a plan, from a plan to an apply, and what is printed on the way.
 */
#ifndef LOAM_OPERATION_H
#define LOAM_OPERATION_H

#include "cli/session.h"

/* Addresses of options, as many as the lists of their texts have. */
struct operation_addresses {
    struct target *targets, *excludes, *replaced;
};

struct operation_flags {
    struct session_state_flags state;
    bool destroy, refresh_only, refresh, json, input, compact_warnings, concise, show_sensitive;
    bool suppress_forget_errors;
    struct str deprecation; /* "module:none": no warnings of deprecated variables and outputs */
    int64_t parallelism;
    struct str_list targets, excludes, replace;
    struct str_list target_files, exclude_files;
    struct variable_list variables;
    struct str generate_config_out;
    struct str config_dir;             /* empty: the working folder */
    bool allow_unset;                  /* required variables without a value are unknown */
    struct plan_query *query;          /* asks list blocks instead of planning, or NULL */
    bool quiet_state;                  /* say nothing of a deprecated -state */
    struct operation_addresses parsed; /* by operation_flags_check() */
};

/* Rows for struct operation_flags at the start of a command's flags, and their defaults. */
#define OPERATION_N_OPTIONS 24
extern const struct option operation_options[OPERATION_N_OPTIONS];
#define OPERATION_PARALLELISM 10
#define OPERATION_DEFAULTS                                                                         \
    {                                                                                              \
        .state = {.lock = true}, .refresh = true, .input = true,                                   \
        .parallelism = OPERATION_PARALLELISM                                                       \
    }

struct operation {
    struct session session;
    struct operation_flags *flags;
    struct events events;
    struct status_line *status; /* or NULL */
    struct state *state;        /* as read */
    struct map variables;       /* inputs */
    struct plan *plan;
    bool destroy_command; /* says "Destroy complete!" */
    bool quiet_targets;   /* the command chose the targets itself */
};

/* Config, providers, store, lock, state, variables. false: errors are in cli->diags. */
bool operation_open(struct operation *op, struct cli *cli, struct operation_flags *flags,
                    const char *name);
/* Makes op->plan; false when there were errors, and then the plan is partial or NULL. */
bool operation_plan(struct operation *op);
/* Opens the plan of a file instead; refused when the state changed since. */
bool operation_open_saved(struct operation *op, struct cli *cli, struct operation_flags *flags,
                          struct str path);
/* Applies op->plan, writes the state, prints outputs and, unless quiet, the counts. */
bool operation_apply(struct operation *op, bool quiet);
/* Prints op->plan, as text or as lines of JSON. */
void operation_show_plan(struct operation *op);
/* Asks for "yes"; false: cancelled, and said so. */
bool operation_approve(struct operation *op);
/* Prints what is left in diags, unlocks; exit code `ok ? 0 : 1`. */
int operation_close(struct operation *op, bool ok);

/* Tells that a plan is partial, as the reference does for -target and, where it has that, for
 * -exclude. */
void operation_warn_targets(struct diags *diags, bool excludes);

/* Set by SIGINT and SIGTERM; twice: stop at once. */
void operation_catch_signals(void);
const _Atomic bool *operation_cancelled(void);
const _Atomic bool *operation_aborted(void);

#endif
