/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider small enough to know by heart, for tests: resource toy_thing { id, out: computed;
 * name, size: optional; tag: optional, replaces; secret: optional, sensitive; one: write-only },
 * data source toy_data and ephemeral resource toy_secret { in, out }. What it reads is what the
 * state has, except that an object whose id starts with "gone" is gone and that of one that starts
 * with "drift" the name is "drifted".
 */
#ifndef LOAM_TOY_PROVIDER_H
#define LOAM_TOY_PROVIDER_H

#include "config/config.h"
#include "provider/provider.h"

extern const struct provider_factories toy_factories;

/* Loads a configuration from texts: pairs of a path and its content, ended by NULL. */
struct config *toy_config(struct arena *arena, const char *const *files, struct diags *diags);
/* Reads and data reads made so far in this process. */
int toy_reads(void);
/* "configure REGION", "open IN", "plan NAME", "close OUT", in order, between commas. */
const char *toy_notes(void);
void toy_forget_notes(void);

#endif
