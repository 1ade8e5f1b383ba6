/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workspace as a command has it open: its folder, configuration, providers and state. Opened
 * piece by piece, since no command needs all; every failure is in cli->diags.
 */
#ifndef LOAM_SESSION_H
#define LOAM_SESSION_H

#include "apply/apply.h"
#include "cli/ui.h"
#include "config/config.h"
#include "config/variables.h"
#include "plan/plan.h"
#include "provider/provider.h"
#include "state/journal.h"
#include "state/state_store.h"

struct session {
    struct cli *cli;
    struct str data_dir;         /* .terraform, or TF_DATA_DIR */
    struct str workspace;        /* "default" */
    struct str_list plugin_dirs; /* -plugin-dir: nowhere else are packages looked for */
    struct str config_dir;       /* "." */
    bool queries;                /* query files are part of the configuration */
    bool must_write;             /* even if nothing changed: elsewhere, or for the first time */
    struct config *config;
    struct provider_factories providers;
    struct state_store *store;
    struct str state_path; /* of a local state */
    bool locked;
    struct journal_recovery recovery; /* what a killed apply left; see session_read_state */
};

struct session_state_flags {
    struct str state;     /* -state */
    struct str state_out; /* -state-out */
    struct str backup;    /* -backup; "-": none */
    bool lock;
    int64_t lock_timeout_ms;
};

/* Never fails: finds folders and the selected workspace only. */
struct session session_start(struct cli *cli);
/* Loads the configuration with its modules; false when there were errors. */
bool session_load_config(struct session *s);
/* Warns when -test-directory names no folder. */
void session_check_test_directory(struct session *s, struct str dir);
/* Makes factories for every provider that configuration and state need; missing ones are errors. */
bool session_find_providers(struct session *s, const struct state *state);
bool session_is_workspace_name(struct str name);
/* Opens the state's store as backend and flags say. */
bool session_open_store(struct session *s, const struct session_state_flags *flags);
bool session_lock(struct session *s, const struct session_state_flags *flags, const char *what);
void session_unlock(struct session *s);
/*
 * The state, or an empty one. What a killed apply left in the journal is merged in, and said; under
 * the lock it is also written at once. Creations of unknown outcome stay in s->recovery and in the
 * journal until an apply has settled them.
 */
struct state *session_read_state(struct session *s);
/* Gives the next serial when something changed, then writes. */
bool session_write_state(struct session *s, const struct state *before, struct state *state);
/* A journal for an apply that starts from state; NULL with an error when it cannot be written. */
struct journal *session_journal(struct session *s, const struct state *state);
/* What becomes of a variable that has neither value nor default. */
enum session_missing { MISSING_UNKNOWN, MISSING_ASK, MISSING_ERROR };
/* Inputs of the root module from files, environment and flags. */
bool session_variables(struct session *s, const struct variable_list *args,
                       enum session_missing missing, struct map *ret_inputs);
/* Does the provider built in to loam do for this need? What it lacks, the real one must do. */
bool session_is_native(struct session *s, const struct config_need *need);
/* The release as which a provider built in to loam answers; false: it is not one of those. */
bool session_builtin_version(struct session *s, const struct config_need *need,
                             struct str *ret_version);
/* The error that no release at hand is admitted by the constraints of a need. */
void session_refuse_version(struct session *s, const struct config_need *need);

#endif
