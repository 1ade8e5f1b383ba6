/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/fs.h"
#include "cli/lock_file.h"
#include "cli/plugins.h"
#include "cli/session.h"

struct flags {
    struct str_list platforms;
    struct str fs_mirror, net_mirror, test_directory;
    bool enable_plugin_cache, lock_file;
    struct variable_list variables;
};

static const struct option lock_options[] = {
    {"platform", OPTION_LIST, offsetof(struct flags, platforms), "=os_arch",
     "Only this computer's own platform can be given:\nnothing is downloaded."},
    {"fs-mirror", OPTION_STR, offsetof(struct flags, fs_mirror), NULL, NULL},
    {"net-mirror", OPTION_STR, offsetof(struct flags, net_mirror), NULL, NULL},
    {"enable-plugin-cache", OPTION_BOOL, offsetof(struct flags, enable_plugin_cache), NULL, NULL},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), NULL, NULL},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct option mirror_options[] = {
    {"platform", OPTION_LIST, offsetof(struct flags, platforms), "=os_arch",
     "Only this computer's own platform can be given:\nnothing is downloaded."},
    {"lock-file", OPTION_BOOL, offsetof(struct flags, lock_file), NULL, NULL},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct span nowhere = {.file = 0};

/* A provider of the configuration that is a program of its own, as it is installed. */
struct installed {
    struct provider_addr addr;
    struct str source, display, constraints;
    struct plugin_release release;
    struct str folder;
};

/*
 * All that the configuration needs and that is not built in; what is built in is said and left out.
 * false: something is not installed.
 */
static bool list_installed(struct session *s, struct installed **ret_list, size_t *ret_n) {
    struct arena *arena = s->cli->arena;
    size_t n, count = 0;
    struct config_need *needs = config_needs(arena, s->config, &n);
    struct installed *list = arena_array(arena, n, sizeof *list);
    for (size_t i = 0; i < n; i++) {
        const struct config_need *need = &needs[i];
        struct installed *one = &list[count];
        one->addr = need->addr;
        one->source = addr_provider_text(arena, need->addr);
        one->display = addr_provider_display(arena, need->addr);
        one->constraints = str_join(arena, need->constraints, need->n_constraints, S(", "));
        if (plugins_release(s, need->addr, need->constraints, need->n_constraints, &one->release)) {
            one->folder = fs_dirname(one->release.program);
            count++;
        } else if (addr_provider_eq(need->addr, addr_provider_builtin) ||
                   session_provider_version(s, need).len) {
            ui_outf(s->cli, "- Skipping %.*s because it is built in to " UI_PRODUCT "\n",
                    STR_ARG(one->display));
        } else {
            diags_error(s->cli->diags, need->span, "Provider not available",
                        UI_PRODUCT " does not download providers, and no release of %.*s that fits "
                                   "this configuration is installed. Unpack one below "
                                   "terraform.d/plugins or ~/.terraform.d/plugins.",
                        STR_ARG(one->source));
        }
    }
    *ret_list = list;
    *ret_n = count;
    return !diags_failed(s->cli->diags);
}

static bool open_config(struct session *s, const struct flags *flags, struct installed **ret_list,
                        size_t *ret_n) {
    if (flags->platforms.n > 1)
        diags_warn(s->cli->diags, nowhere, "Only one platform",
                   UI_PRODUCT
                   " does not download providers, so it handles those that are installed "
                   "on this computer only.");
    return session_load_config(s) && list_installed(s, ret_list, ret_n);
}

static bool report_file_error(struct cli *cli, const char *summary, struct str path, int error) {
    if (error)
        diags_error(cli->diags, nowhere, summary, "%.*s: %.*s.", STR_ARG(path),
                    STR_ARG(fs_error_text(cli->arena, error)));
    return error == 0;
}

/* ---- lock ---- */

static bool lock_one(struct cli *cli, const struct installed *one, struct map *entries,
                     bool *ret_changed) {
    struct lock_file_entry *entry = map_get(entries, one->source);
    struct str hash;
    int error = lock_file_hash(cli->arena, one->folder, &hash);
    if (!report_file_error(cli, "Could not read provider package", one->folder, error))
        return false;
    if (!entry || !str_eq(entry->version, one->release.version)) {
        entry = arena_alloc(cli->arena, sizeof *entry);
        entry->source = one->source;
        entry->version = one->release.version;
        map_put(cli->arena, entries, one->source, entry);
    }
    bool changed = lock_file_add_hash(cli->arena, entry, hash);
    changed = changed || !str_eq(entry->constraints, one->constraints);
    entry->constraints = one->constraints;
    ui_outf(cli, "- Obtained %.*s checksums for %.*s (%s)\n", STR_ARG(one->display),
            STR_ARG(fs_basename(one->folder)),
            changed ? "new checksums were added" : "all were tracked already");
    *ret_changed = *ret_changed || changed;
    return true;
}

static bool lock(struct session *s, const struct flags *flags) {
    struct installed *list;
    struct map entries;
    struct cli *cli = s->cli;
    size_t n;
    bool changed = false;
    if (!open_config(s, flags, &list, &n) ||
        !lock_file_read(cli->arena, cli->sources, &entries, cli->diags))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!lock_one(cli, &list[i], &entries, &changed))
            return false;
    if (changed && !report_file_error(cli, "Could not write the lock file", S(LOCK_FILE_NAME),
                                      lock_file_write(cli->arena, &entries)))
        return false;
    ui_outf(cli, "\n%sSuccess!%s " UI_PRODUCT " has %s\n", ui_code(cli, UI_GREEN),
            ui_code(cli, UI_RESET),
            changed ? "updated the lock file."
                    : "validated the lock file and found no need for changes.");
    return true;
}

static int run_lock(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s = session_start(cli);
    (void)rest;
    (void)n_rest;
    bool ok = lock(&s, untyped);
    return ui_diags(cli) && ok ? 0 : 1;
}

/* ---- mirror ---- */

static int copy_folder(struct arena *scratch, struct str from, struct str to) {
    struct str *names;
    size_t n;
    int error = fs_list(scratch, from, &names, &n);
    if (!error)
        error = fs_mkdirs(to, 0755);
    for (size_t i = 0; !error && i < n; i++) {
        struct str bytes, path = fs_join(scratch, from, names[i]);
        if (fs_is_dir(path))
            continue;
        error = fs_read(scratch, path, BUF_MAX_DOCUMENT, &bytes);
        if (!error)
            error = fs_write(fs_join(scratch, to, names[i]), bytes, 0755);
    }
    return error;
}

static bool mirror(struct session *s, const struct flags *flags, struct str target) {
    struct installed *list;
    struct cli *cli = s->cli;
    size_t n;
    if (!open_config(s, flags, &list, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct str inside =
            str_format(cli->arena, "%.*s/%.*s/%.*s", STR_ARG(list[i].source),
                       STR_ARG(list[i].release.version), STR_ARG(fs_basename(list[i].folder)));
        struct str folder = fs_join(cli->arena, target, inside);
        struct arena *scratch = arena_new();
        ui_outf(cli, "- Mirroring %.*s v%.*s...\n", STR_ARG(list[i].display),
                STR_ARG(list[i].release.version));
        int error = copy_folder(scratch, list[i].folder, folder);
        arena_free(scratch);
        if (!report_file_error(cli, "Could not copy provider package", folder, error))
            return false;
    }
    return true;
}

static int run_mirror(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s = session_start(cli);
    if (n_rest != 1) {
        diags_error(cli->diags, nowhere, "No output directory specified",
                    "The providers mirror command requires an output directory as a command-line "
                    "argument.");
        ui_diags(cli);
        return 1;
    }
    bool ok = mirror(&s, untyped, rest[0]);
    return ui_diags(cli) && ok ? 0 : 1;
}

const struct command command_providers_lock = {
    .name = "providers lock",
    .synopsis = "[options] [providers...]",
    .summary = "Write out dependency locks for the configured providers",
    .help = "  Records the checksums of the installed providers in .terraform.lock.hcl. Those\n"
            "  built in to " UI_PRODUCT " need none.",
    .options = lock_options,
    .n_options = COUNT(lock_options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run_lock,
};

const struct command command_providers_mirror = {
    .name = "providers mirror",
    .synopsis = "[options] <target-dir>",
    .summary = "Save local copies of all required provider plugins",
    .help = "  Copies the installed providers that this configuration needs to a folder, laid\n"
            "  out as a filesystem mirror.",
    .options = mirror_options,
    .n_options = COUNT(mirror_options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run_mirror,
};
