/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operation did, written down: journal first, then the state, then the checkpoint, so that
 * at every moment the disk knows of everything that exists.
 */
#ifndef LOAM_OUTCOME_H
#define LOAM_OUTCOME_H

#include "apply/apply_int.h"

struct outcome {
    struct value value; /* wholly known, with marks */
    struct str private_;
    struct value identity; /* an object, or anything else for none */
    bool tainted;
};

/* Says that a provider call is about to be made. planned: null for a deletion. False with an error
 * when the journal cannot be written: the call must not be made, its result could be lost. */
bool outcome_intent(struct task *task, struct str deposed, struct str action, struct value planned);
/* Is all on disk that was journaled so far? False, at first with an error, when it is not: nothing
 * more may be done. */
bool outcome_is_recorded(struct task *task);
/* The current object (deposed empty) or a deposed one is this now; NULL: it is gone. */
void outcome_save(struct task *task, struct str deposed, const struct outcome *outcome);
/* Nothing changed: settles the intent. */
void outcome_unchanged(struct task *task, struct str deposed);
/* The current object is whole: its provisioners have run. */
void outcome_untaint(struct task *task);
/* The object as it is in the state; NULL: there is none. */
const struct state_object *outcome_object(struct task *task, struct str deposed);
/* Moves the current object aside under a new key, and back; false: nothing to move. */
bool outcome_depose(struct task *task, struct str *ret_key);
bool outcome_restore(struct task *task, struct str key);
/* Takes the object out of the state without touching what it stands for. */
void outcome_forget(struct task *task, struct str deposed);

#endif
