/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "config/config_manifest.h"

static struct str manifest_path(struct arena *arena, struct str data_dir) {
    return fs_join(arena, fs_join(arena, data_dir, S("modules")), S("modules.json"));
}

static struct str module_key(struct arena *arena, struct module_path path) {
    struct str *names = arena_array(arena, path.n, sizeof *names);
    for (size_t i = 0; i < path.n; i++)
        names[i] = path.at[i].name;
    return str_join(arena, names, path.n, S("."));
}

void config_manifest_parse(struct arena *arena, struct str bytes, struct map *ret_modules) {
    struct json_error error;
    struct map modules = {.n = 0};
    struct json *root = json_parse(arena, bytes, &error);
    const struct json *list = root == NULL ? NULL : json_get(root, S("Modules"));
    for (size_t i = 0; list != NULL && list->kind == JSON_ARRAY && i < list->n; i++) {
        const struct json *item = &list->items[i];
        if (item->kind != JSON_OBJECT)
            continue;
        struct config_installed *installed = arena_alloc(arena, sizeof *installed);
        *installed = (struct config_installed){.source = json_get_str(item, S("Source")),
                                               .version = json_get_str(item, S("Version")),
                                               .dir = json_get_str(item, S("Dir"))};
        map_put(arena, &modules, json_get_str(item, S("Key")), installed);
    }
    *ret_modules = modules;
}

void config_manifest_read(struct arena *arena, struct str data_dir, struct map *ret_modules) {
    struct str bytes = {NULL, 0};
    (void)fs_read(arena, manifest_path(arena, data_dir), BUF_MAX_DOCUMENT, &bytes);
    config_manifest_parse(arena, bytes, ret_modules);
}

const struct config_installed *config_manifest_get(struct arena *arena, const struct map *modules,
                                                   struct module_path path) {
    return map_get(modules, module_key(arena, path));
}
