/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Providers that are programs of their own, found where `init` and package managers put
 * them: the data folder, then the folders that Terraform searches by default.
 */
#ifndef LOAM_PLUGINS_H
#define LOAM_PLUGINS_H

#include "cli/session.h"
#include "plugin/plugin.h"

#define PLUGINS_MAX_FOLDERS 5

/* The folders below which Terraform looks when it is told of none, in their order; their number. */
size_t plugins_folders(struct session *s, struct str ret_folders[PLUGINS_MAX_FOLDERS]);
/* Version of the newest installed release that all constraints admit; empty: there is none. */
struct str plugins_version(struct session *s, struct provider_addr addr,
                           const struct str *constraints, size_t n);
/* Fills open, context and version of a factory with that release; false: there is none. */
bool plugins_factory(struct session *s, struct provider_addr addr, const struct str *constraints,
                     size_t n, struct provider_factory *factory);
/* Does the user run or build this provider himself (TF_REATTACH_PROVIDERS, dev_overrides)? */
bool plugins_are_unmanaged(struct session *s, struct provider_addr addr);
/* Warns that dev_overrides of the CLI configuration hold, if there are any. */
void plugins_warn_overrides(struct session *s);
/* Does the workspace use a type of this provider that the one built in, `known`, lacks? */
bool plugins_are_needed(struct session *s, struct provider_addr addr,
                        const struct provider_schema *known, const struct state *state);

#endif
