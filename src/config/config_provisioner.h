/* SPDX-License-Identifier: Apache-2.0 */
/* What a provisioner takes from the resource around it. */
#ifndef LOAM_CONFIG_PROVISIONER_H
#define LOAM_CONFIG_PROVISIONER_H

#include "config/config.h"

/* The connection: the resource's block with the provisioner's own over it; NULL when neither has
 * one. */
const struct body *config_provisioner_connection(struct arena *arena,
                                                 const struct config_resource *resource,
                                                 const struct config_provisioner *provisioner);

#endif
