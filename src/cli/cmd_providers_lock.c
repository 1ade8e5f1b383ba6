/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/fs.h"
#include "cli/archive.h"
#include "cli/lock_file.h"
#include "cli/plugins.h"
#include "cli/provider_source.h"
#include "cli/registry.h"
#include "cli/session.h"
#include "plugin/plugin.h"

struct flags {
    struct str_list platforms;
    struct str fs_mirror, net_mirror, test_directory;
    bool enable_plugin_cache, lock_file;
    struct variable_list variables;
};

static const struct option lock_options[] = {
    {"platform", OPTION_LIST, offsetof(struct flags, platforms), "=os_arch",
     "Only " PLUGIN_PLATFORM " can be given."},
    {"fs-mirror", OPTION_STR, offsetof(struct flags, fs_mirror), "=dir",
     "Take packages from this folder."},
    {"net-mirror", OPTION_STR, offsetof(struct flags, net_mirror), "=url",
     "Take packages from this mirror."},
    {"enable-plugin-cache", OPTION_BOOL, offsetof(struct flags, enable_plugin_cache), NULL, NULL},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), NULL, NULL},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct option mirror_options[] = {
    {"platform", OPTION_LIST, offsetof(struct flags, platforms), "=os_arch",
     "Only " PLUGIN_PLATFORM " can be given."},
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
    struct provider_package package; /* its hashes, when it was fetched for this */
};

static bool refuse(struct session *s, const char *summary, struct str detail) {
    diags_error(s->cli->diags, nowhere, summary, "%.*s", STR_ARG(detail));
    return false;
}

/* Gets a release that is not installed, into a folder below the data folder. */
static bool fetch(struct session *s, const struct config_need *need, struct installed *one) {
    struct arena *arena = s->cli->arena;
    struct str *versions, version, why = S("");
    size_t n = 0;
    bool ok = provider_source_versions(s, one->source, &versions, &n, &why) &&
              registry_choose(arena, versions, n, need->constraints, need->n_constraints, &version);
    if (ok)
        ui_outf(s->cli, "- Fetching %.*s %.*s for " PLUGIN_PLATFORM "...\n", STR_ARG(one->display),
                STR_ARG(version));
    ok = ok && provider_source_package(s, one->source, version, &one->package, &why);
    if (ok && one->package.folder.len) {
        one->folder = one->package.folder;
    } else if (ok) {
        struct str base = fs_join(arena, fs_join(arena, s->data_dir, S("fetched")), one->source);
        one->folder = fs_join(arena, fs_join(arena, base, version), S(PLUGIN_PLATFORM));
        fs_remove_tree(one->folder);
        ok = archive_unpack(arena, one->package.archive, one->folder, &why);
    }
    if (!ok)
        return refuse(s, "Could not retrieve providers for locking",
                      str_format(arena,
                                 UI_PRODUCT
                                 " failed to fetch the requested providers for " PLUGIN_PLATFORM
                                 " in order to calculate their checksums: some providers could not "
                                 "be installed:\n- %.*s: %.*s.",
                                 STR_ARG(one->source),
                                 STR_ARG(why.len ? why : S("no release fits the constraints"))));
    one->release.version = version;
    ui_outf(s->cli, "- Retrieved %.*s %.*s for " PLUGIN_PLATFORM " (%.*s)\n", STR_ARG(one->display),
            STR_ARG(version), STR_ARG(one->package.authentication));
    return true;
}

/*
 * All that the configuration needs and that is not built in; what is built in is said, by `mirror`,
 * and left out. false: something is not to be had.
 */
static bool list_installed(struct session *s, bool mirror, struct installed **ret_list,
                           size_t *ret_n) {
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
        bool builtin = addr_provider_eq(need->addr, addr_provider_builtin);
        if (builtin || session_is_native(s, need)) {
            if (mirror || !builtin)
                ui_outf(s->cli, "- Skipping %.*s because it is built in to " UI_PRODUCT "%s\n",
                        STR_ARG(one->display), builtin ? " CLI" : "");
        } else if (plugins_release(s, need->addr, need->constraints, need->n_constraints,
                                   &one->release)) {
            one->folder = fs_dirname(one->release.program);
            count++;
        } else if (fetch(s, need, one)) {
            count++;
        }
    }
    *ret_list = list;
    *ret_n = count;
    return !diags_failed(s->cli->diags);
}

/* "OS_ARCH": two words. Packages for other platforms than this one are not handled. */
static bool check_platforms(struct session *s, const struct flags *flags) {
    for (size_t i = 0; i < flags->platforms.n; i++) {
        struct str text = flags->platforms.at[i];
        ptrdiff_t bar = str_find_byte(text, '_');
        if (bar <= 0 || (size_t)bar + 1 == text.len || str_rfind_byte(text, '_') != bar)
            return refuse(s, "Invalid target platform",
                          str_format(s->cli->arena,
                                     "The string \"%.*s\" given in the -platform option is not a "
                                     "valid target platform: must be two words separated by an "
                                     "underscore.",
                                     STR_ARG(text)));
        if (!str_eq(text, S(PLUGIN_PLATFORM)))
            return refuse(s, "Unsupported target platform",
                          str_format(s->cli->arena,
                                     UI_PRODUCT " handles packages for " PLUGIN_PLATFORM
                                                " only, not for %.*s.",
                                     STR_ARG(text)));
    }
    return true;
}

/* -fs-mirror and -net-mirror take the place of what the CLI configuration says. */
static bool choose_sources(struct session *s, const struct flags *flags) {
    if (flags->fs_mirror.len && flags->net_mirror.len)
        return refuse(s, "Invalid installation method options",
                      S("The -fs-mirror and -net-mirror command line options are "
                        "mutually-exclusive."));
    if (!flags->fs_mirror.len && !flags->net_mirror.len)
        return true;
    struct cli_config *config = arena_copy(s->cli->arena, s->cli->config, sizeof *config);
    struct install_method *method = arena_alloc(s->cli->arena, sizeof *method);
    method->kind = flags->fs_mirror.len ? METHOD_FILESYSTEM_MIRROR : METHOD_NETWORK_MIRROR;
    method->location = flags->fs_mirror.len ? flags->fs_mirror : flags->net_mirror;
    config->methods = method;
    config->n_methods = 1;
    config->has_installation = true;
    s->cli->config = config;
    return true;
}

static bool open_config(struct session *s, const struct flags *flags, bool mirror,
                        struct installed **ret_list, size_t *ret_n) {
    return check_platforms(s, flags) && choose_sources(s, flags) && session_load_config(s) &&
           list_installed(s, mirror, ret_list, ret_n);
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
    for (size_t i = 0; i < one->package.n_hashes; i++)
        changed = lock_file_add_hash(cli->arena, entry, one->package.hashes[i]) || changed;
    changed = changed || !str_eq(entry->constraints, one->constraints);
    entry->constraints = one->constraints;
    ui_outf(cli, "- Obtained %.*s checksums for %.*s (%s)\n", STR_ARG(one->display),
            STR_ARG(fs_basename(one->folder)),
            changed ? "new checksums were added" : "all were tracked already");
    *ret_changed = *ret_changed || changed;
    return true;
}

/* Providers named on the command line must be among those of the configuration. */
static bool select(struct session *s, const struct str *names, size_t n_names,
                   struct installed *list, size_t *n) {
    struct arena *arena = s->cli->arena;
    size_t kept = 0, n_needs;
    struct config_need *needs = config_needs(arena, s->config, &n_needs);
    bool *chosen = arena_array(arena, *n, sizeof *chosen);
    for (size_t i = 0; i < n_names; i++) {
        struct provider_addr addr;
        struct addr_error error;
        bool required = false;
        if (!addr_provider_parse(arena, names[i], &addr, &error)) {
            refuse(s, "Invalid provider argument", error.detail);
            continue;
        }
        for (size_t k = 0; k < n_needs; k++)
            required = required || addr_provider_eq(needs[k].addr, addr);
        for (size_t k = 0; k < *n; k++)
            chosen[k] = chosen[k] || addr_provider_eq(list[k].addr, addr);
        if (!required)
            refuse(s, "Invalid provider argument",
                   str_format(arena,
                              "The provider %.*s is not required by the current configuration.",
                              STR_ARG(addr_provider_text(arena, addr))));
    }
    for (size_t k = 0; n_names && k < *n; k++)
        if (chosen[k])
            list[kept++] = list[k];
    *n = n_names ? kept : *n;
    return !diags_failed(s->cli->diags);
}

static bool lock(struct session *s, const struct flags *flags, const struct str *names,
                 size_t n_names) {
    struct installed *list;
    struct map entries;
    struct cli *cli = s->cli;
    size_t n;
    bool changed = false;
    if (!open_config(s, flags, false, &list, &n) || !select(s, names, n_names, list, &n) ||
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
    s.queries = true;
    bool ok = lock(&s, untyped, rest, n_rest);
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
    if (!open_config(s, flags, true, &list, &n))
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
    s.queries = true;
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
