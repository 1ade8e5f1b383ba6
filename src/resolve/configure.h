/* SPDX-License-Identifier: Apache-2.0 */
/* Providers from their configuration: opened and configured on first use. */
#ifndef LOAM_CONFIGURE_H
#define LOAM_CONFIGURE_H

#include "resolve/frame.h"

/*
 * The provider that serves a configuration; NULL with errors, which are given once. One that is no
 * longer in the configuration is an error in which `user` (an instance's address) is named.
 */
struct provider *configure_provider(struct resolve *r, const struct provider_config_addr *addr,
                                    struct str user, struct diags *diags);
/* The unit of a provider configuration; NULL when it is not in the configuration. */
const struct unit *configure_unit(const struct units *units,
                                  const struct provider_config_addr *addr);
/* The error that there is no such configuration, for an object that needs it. */
void configure_not_present(struct arena *arena, const struct provider_config_addr *addr,
                           struct str user, struct diags *diags);
/* The configuration that serves the resource instance of a frame, with the key that it is given. */
bool configure_address(struct frame *own, struct arena *arena,
                       struct provider_config_addr *ret_addr, struct diags *diags);

#endif
