/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State files of formats 1 to 3. They keep attributes flat, by schemas of their time and under
 * provider names of that time, which no provider of today can read; so only outputs are taken, and
 * data sources are left to be read again.
 */
#ifndef LOAM_STATE_OLD_H
#define LOAM_STATE_OLD_H

#include "state/state.h"

/* modules: the member of that name, or NULL. False: there are managed resources in it. */
bool state_old_take(struct state *state, const struct json *modules);

#endif
