/* SPDX-License-Identifier: Apache-2.0 */
/* Where `init` put the modules: DATA_DIR/modules/modules.json, in Terraform's form. */
#ifndef LOAM_CONFIG_MANIFEST_H
#define LOAM_CONFIG_MANIFEST_H

#include "base/json.h"
#include "config/config.h"

struct config_installed {
    struct str source, version, dir;
};

/* Map: "a.b" -> struct config_installed *; empty when there is no manifest. */
void config_manifest_read(struct arena *arena, struct str data_dir, struct map *ret_modules);
/* The same from the file's bytes. */
void config_manifest_parse(struct arena *arena, struct str bytes, struct map *ret_modules);
const struct config_installed *config_manifest_get(struct arena *arena, const struct map *modules,
                                                   struct module_path path);

#endif
