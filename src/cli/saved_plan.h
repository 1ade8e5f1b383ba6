/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan files as commands use them: written by `plan -out` with the configuration beside the plan,
 * opened by `show` and `apply`. A plan file is private (0600): it holds values.
 */
#ifndef LOAM_SAVED_PLAN_H
#define LOAM_SAVED_PLAN_H

#include "cli/session.h"
#include "steps/steps_file.h"

bool saved_plan_is(struct str bytes);
/* Writes s->config's sources and the plan; false adds an error. */
bool saved_plan_write(struct session *s, const struct plan *plan, struct str path);
/* Adds the error that the file at path is no plan to s. */
void saved_plan_error(struct session *s, struct str path, struct str detail);
/* Loads the configuration of the file into s->config and finds its providers; NULL on failure. */
struct plan *saved_plan_open(struct session *s, struct str bytes, struct str path,
                             struct steps_file *ret_file);

#endif
