/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal beside the state: what is about to be done to the world and what came of it, each
 * line on disk before the next step, so that a killed apply loses nothing. The command that runs
 * next merges the results into the state and learns which intents have no result: those objects may
 * exist. Any thread may write; lines of several threads share one fsync.
 */
#ifndef LOAM_JOURNAL_H
#define LOAM_JOURNAL_H

#include "state/state.h"

struct journal;

/* The journal of a state file: ".NAME.journal" in its folder. */
struct str journal_path(struct arena *arena, struct str state_path);

/* Starts a new journal, 0600; NULL with an error when it cannot be written. */
struct journal *journal_open(struct str path, struct diags *diags);
/* Which state the lines belong to; written first and after each write of the state, which makes
 * the results before it history. */
void journal_state(struct journal *j, struct str lineage, int64_t serial);
/* action: "create", "update", "delete", ...; planned: what the object was to become, or NULL. */
void journal_intent(struct journal *j, struct str address, struct str action, struct str type,
                    const struct json *planned);
/* line: a state document on one line with this object alone; empty: the object is gone. address
 * as in the intent; of a deposed object with " (deposed object KEY)" behind it. */
void journal_result(struct journal *j, struct str address, struct str line);
/* The same of an object that exists nowhere but in the state: the line is in the file on return,
 * which a killed process leaves behind, and on disk before any later intent or result is. */
void journal_result_unsynced(struct journal *j, struct str address, struct str line);
/* True when every line so far is on disk. */
bool journal_is_sound(const struct journal *j);
/* The errno of the first line that could not be written; 0: none. */
int journal_error(const struct journal *j);
/* remove: the state has everything. */
void journal_close(struct journal *j, bool remove);

/* An intent without a result. */
struct journal_pending {
    struct str address, action, type;
    const struct json *planned; /* or NULL */
};

struct journal_recovery {
    size_t n_results; /* objects merged into the state */
    struct journal_pending *pending;
    size_t n_pending;
};

/*
 * Merges what a killed run left into the state, which the caller then writes (with its serial
 * raised) before it removes the journal. false with a warning when the journal belongs to another
 * state: then nothing is merged. No journal: true and nothing found. A last line cut short by the
 * crash is ignored.
 */
bool journal_recover(struct str path, struct state *state, struct journal_recovery *ret_recovery,
                     struct diags *diags);

#endif
