/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Create calls whose answers get lost. What a call made though nobody was told is recognised as the
 * object in question, by its name or by what it holds and by the time of its making; where only the
 * answer told a secret, it is removed and made anew. Nothing is left behind that no state knows.
 */
#ifndef LOAM_LOST_H
#define LOAM_LOST_H

#include "aws/resource.h"

/* Sends the row's create call until its outcome is known: true with the answer, or NULL where the
 * object was recognised without; false after adding an error. */
bool lost_create(struct op *op, struct message *request, struct message **ret_answer);

/* Removes the versions of the policy op->now that were made since `began_ms`, but for `kept` or,
 * when that is empty, the newest. The version that stays; empty when there is none. */
struct str lost_versions(struct op *op, int64_t began_ms, struct str kept);

#endif
