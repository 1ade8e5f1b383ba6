/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/from_module.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/module_fetch.h"
#include "cli/registry.h"

#define MAX_DEPTH 32

static const struct span nowhere = {.file = 0};

static bool refuse(struct session *s, const char *summary, struct str detail) {
    diags_error(s->cli->diags, nowhere, summary, "%.*s", STR_ARG(detail));
    return false;
}

/* Files and folders, without what version control and loam keep beside them. */
static int copy_tree(struct arena *scratch, struct str from, struct str to, int depth) {
    struct str *names;
    size_t n;
    int error = fs_list(scratch, from, &names, &n);
    if (!error)
        error = fs_mkdirs(to, 0755);
    for (size_t i = 0; !error && depth < MAX_DEPTH && i < n; i++) {
        struct str source = fs_join(scratch, from, names[i]), bytes;
        struct str target = fs_join(scratch, to, names[i]);
        struct stat status;
        if (names[i].at[0] == '.' || stat(str_c(scratch, source), &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            error = copy_tree(scratch, source, target, depth + 1);
            continue;
        }
        error = fs_read(scratch, source, BUF_MAX_DOCUMENT, &bytes);
        if (!error)
            error = fs_write(target, bytes, status.st_mode & 0777);
    }
    return error;
}

/* Puts the package of a source that is no folder into dir; *ret_folder is the module in it. */
static bool fetch(struct session *s, struct str source, struct str dir, struct str *ret_folder) {
    struct arena *arena = s->cli->arena;
    struct config_package package = config_package_parse(arena, source);
    struct str *versions, version, named, inside, why = S("");
    size_t n = 0;
    bool missing, ok = true;
    if (package.kind == PACKAGE_REGISTRY) {
        struct str subdir = package.subdir;
        ok = registry_module_versions(s->cli, package.address, &versions, &n, &missing, &why) &&
             registry_choose(arena, versions, n, NULL, 0, &version) &&
             registry_module_source(s->cli, package.address, version, &named, &why);
        if (ok)
            package = config_package_parse(arena, named);
        if (ok && subdir.len)
            package.subdir = package.subdir.len ? fs_join(arena, package.subdir, subdir) : subdir;
    }
    if (!ok || !module_fetch(s->cli, &package, dir, &inside, &why))
        return refuse(
            s, "Failed to download module",
            str_format(arena, "Could not download %.*s: %.*s.", STR_ARG(source), STR_ARG(why)));
    struct str folder = inside.len ? fs_join(arena, dir, inside) : dir;
    *ret_folder = package.subdir.len ? fs_join(arena, folder, package.subdir) : folder;
    return true;
}

bool from_module_copy(struct session *s, struct str source) {
    struct arena *arena = s->cli->arena;
    enum config_source_kind kind = config_source_kind(source);
    struct str folder = source;
    struct str dir = fs_join(arena, s->data_dir, S("init-from-module"));
    if (config_exists(S(".")))
        return refuse(s,
                      "The working directory already contains files. The -from-module option "
                      "requires an empty directory into which a copy of the referenced module will "
                      "be placed. To initialize the configuration already in this working "
                      "directory, omit the -from-module option.",
                      S(""));
    ui_outf(s->cli, "Copying configuration from \"%.*s\"...\n", STR_ARG(source));
    if (kind == SOURCE_INVALID)
        return refuse(s, "Invalid module source address",
                      str_format(arena,
                                 "Failed to parse module source address: " UI_PRODUCT
                                 " cannot detect a supported external module source type for %.*s",
                                 STR_ARG(source)));
    if (kind != SOURCE_LOCAL && !fetch(s, source, dir, &folder))
        return false;
    if (!fs_is_dir(folder))
        return refuse(s, "Failed to read module directory",
                      str_format(arena, "Module directory %.*s does not exist or cannot be read.",
                                 STR_ARG(folder)));
    struct arena *scratch = arena_new();
    int error = copy_tree(scratch, folder, S("."), 0);
    arena_free(scratch);
    fs_remove_tree(dir);
    return !error || refuse(s, "Failed to copy module", fs_error_text(arena, error));
}
