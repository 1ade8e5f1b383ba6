/* SPDX-License-Identifier: Apache-2.0 */
/* The questions of `init` about a backend: what its block leaves out, and which workspace to use.
 */
#ifndef LOAM_BACKEND_ASK_H
#define LOAM_BACKEND_ASK_H

#include "cli/session.h"
#include "value/value.h"

/* A question of several lines; false at the end of input. */
bool backend_ask_line(struct cli *cli, struct str title, struct str text, struct str *ret_answer);
/* Asks for the arguments that a backend of the type cannot be without, where they are null. What
 * nobody answers stays null. */
void backend_ask_arguments(struct cli *cli, struct str type, struct value *config);
/* Records a workspace, as `workspace select` does. */
bool backend_ask_choose(struct session *s, struct str name);
/* When the selected workspace is none of those of the store, selects the only one or asks. */
bool backend_ask_workspace(struct session *s, struct state_store *store, bool input);

#endif
