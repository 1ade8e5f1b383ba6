/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/fs.h"
#include "cli/lock_file.h"
#include "cli/package_list.h"

struct flags {
    struct str_list platforms;
    struct str fs_mirror, net_mirror, test_directory;
    bool enable_plugin_cache;
    struct variable_list variables;
};

static const struct option options[] = {
    {"platform", OPTION_LIST, offsetof(struct flags, platforms), "=os_arch",
     "Record checksums for this platform, too (any number of times)."},
    {"fs-mirror", OPTION_STR, offsetof(struct flags, fs_mirror), "=dir",
     "Take packages from this folder."},
    {"net-mirror", OPTION_STR, offsetof(struct flags, net_mirror), "=url",
     "Take packages from this mirror."},
    {"enable-plugin-cache", OPTION_BOOL, offsetof(struct flags, enable_plugin_cache), NULL, NULL},
    {"test-directory", OPTION_STR, offsetof(struct flags, test_directory), NULL, NULL},
    {"var", OPTION_VAR, offsetof(struct flags, variables), NULL, NULL},
    {"var-file", OPTION_VAR_FILE, offsetof(struct flags, variables), NULL, NULL},
};

static const struct span nowhere = {.file = 0};

/* What one package adds to the lock file. */
struct addition {
    struct str *hashes;
    size_t n;
};

static bool refuse(struct session *s, struct str detail) {
    diags_error(s->cli->diags, nowhere, "Invalid provider argument", "%.*s", STR_ARG(detail));
    return false;
}

/* Checksums are taken from the origin, whatever the CLI configuration says, unless a mirror is
 * named. */
static bool choose_sources(struct session *s, const struct flags *flags) {
    if (flags->fs_mirror.len && flags->net_mirror.len) {
        diags_error(s->cli->diags, nowhere, "Invalid installation method options",
                    "The -fs-mirror and -net-mirror command line options are mutually-exclusive.");
        return false;
    }
    const struct install_method method = {.kind = flags->fs_mirror.len    ? METHOD_FILESYSTEM_MIRROR
                                                  : flags->net_mirror.len ? METHOD_NETWORK_MIRROR
                                                                          : METHOD_DIRECT,
                                          .location = flags->fs_mirror.len ? flags->fs_mirror
                                                                           : flags->net_mirror};
    package_list_sources(s, &method);
    return true;
}

/* Providers named on the command line must be among those of the configuration. */
static bool select(struct session *s, const struct str *names, size_t n_names,
                   struct package_need *list, size_t *n) {
    struct arena *arena = s->cli->arena;
    size_t kept = 0, n_needs;
    struct config_need *needs = config_needs(arena, s->config, &n_needs);
    bool *chosen = arena_array(arena, *n, sizeof *chosen);
    for (size_t i = 0; i < n_names; i++) {
        struct provider_addr addr;
        struct addr_error error;
        bool required = false;
        if (!addr_provider_parse(arena, names[i], &addr, &error)) {
            refuse(s, error.detail);
            continue;
        }
        for (size_t k = 0; k < n_needs; k++)
            required = required || addr_provider_eq(needs[k].addr, addr);
        for (size_t k = 0; k < *n; k++)
            chosen[k] = chosen[k] || addr_provider_eq(list[k].addr, addr);
        if (!required)
            refuse(s, str_format(arena,
                                 "The provider %.*s is not required by the current configuration.",
                                 STR_ARG(addr_provider_text(arena, addr))));
    }
    for (size_t k = 0; n_names && k < *n; k++)
        if (chosen[k])
            list[kept++] = list[k];
    *n = n_names ? kept : *n;
    return !diags_failed(s->cli->diags);
}

/* The packages of all providers for one platform; what fails is one error. */
static bool fetch(struct session *s, const struct package_need *needs, size_t n,
                  struct str platform, struct addition *additions) {
    struct arena *arena = s->cli->arena;
    struct str failed = S("");
    for (size_t i = 0; i < n; i++) {
        struct provider_package package = {0};
        struct str hash, why = S("");
        ui_outf(s->cli, "- Fetching %.*s %.*s for %.*s...\n", STR_ARG(needs[i].display),
                STR_ARG(needs[i].version), STR_ARG(platform));
        if (!package_list_fetch(s, &needs[i], platform, &package, &hash, &why)) {
            failed = str_format(arena, "%.*s\n- %.*s: %.*s", STR_ARG(failed),
                                STR_ARG(needs[i].source), STR_ARG(why));
            continue;
        }
        struct addition *addition = &additions[i];
        addition->hashes = arena_array(arena, package.n_hashes + 1, sizeof *addition->hashes);
        for (size_t k = 0; k < package.n_hashes; k++)
            addition->hashes[addition->n++] = package.hashes[k];
        addition->hashes[addition->n++] = hash;
        ui_outf(s->cli, "- Retrieved %.*s %.*s for %.*s (%.*s)\n", STR_ARG(needs[i].display),
                STR_ARG(needs[i].version), STR_ARG(platform), STR_ARG(package.authentication));
    }
    if (failed.len)
        diags_error(s->cli->diags, nowhere, "Could not retrieve providers for locking",
                    UI_PRODUCT " failed to fetch the requested providers for %.*s in order to "
                               "calculate their checksums: some providers could not be "
                               "installed:%.*s.",
                    STR_ARG(platform), STR_ARG(failed));
    return failed.len == 0;
}

/* One provider's packages into its entry; true when something is new. */
static bool record(struct cli *cli, const struct package_need *need,
                   const struct str_list *platforms, const struct addition *additions, size_t step,
                   struct map *entries) {
    struct lock_file_entry *entry = map_get(entries, need->source);
    bool is_new = !entry || !str_eq(entry->version, need->version), any = is_new;
    if (is_new) {
        entry = arena_alloc(cli->arena, sizeof *entry);
        entry->source = need->source;
        entry->version = need->version;
        map_put(cli->arena, entries, need->source, entry);
    }
    for (size_t i = 0; i < platforms->n; i++) {
        const struct addition *addition = &additions[i * step];
        bool changed = false;
        for (size_t k = 0; k < addition->n; k++)
            changed = lock_file_add_hash(cli->arena, entry, addition->hashes[k]) || changed;
        ui_outf(cli, "- Obtained %.*s checksums for %.*s; %s\n", STR_ARG(need->display),
                STR_ARG(platforms->at[i]),
                is_new    ? "This was a new provider and the checksums for this platform are now "
                            "tracked in the lock file"
                : changed ? "Additional checksums for this platform are now tracked in the lock "
                            "file"
                          : "All checksums for this platform were already tracked in the lock "
                            "file");
        any = any || changed;
    }
    any = any || !str_eq(entry->constraints, need->constraints);
    entry->constraints = need->constraints;
    return any;
}

static bool write_entries(struct cli *cli, const struct map *entries) {
    int error = lock_file_write(cli->arena, entries);
    if (error)
        diags_error(cli->diags, nowhere, "Could not write the lock file", LOCK_FILE_NAME ": %.*s.",
                    STR_ARG(fs_error_text(cli->arena, error)));
    return error == 0;
}

static bool lock(struct session *s, const struct flags *flags, const struct str *names,
                 size_t n_names) {
    static const struct package_list_options wanted = {
        .summary = "Could not retrieve providers for locking"};
    struct cli *cli = s->cli;
    struct str_list platforms;
    struct package_need *needs;
    struct map entries;
    size_t n;
    bool changed = false;
    if (!package_list_platforms(s, &flags->platforms, &platforms) || !choose_sources(s, flags) ||
        !session_load_config(s) || !package_list_make(s, &wanted, &needs, &n) ||
        !select(s, names, n_names, needs, &n) ||
        !lock_file_read(cli->arena, cli->sources, &entries, cli->diags))
        return false;
    struct addition *additions = arena_array(cli->arena, platforms.n * n, sizeof *additions);
    for (size_t i = 0; i < platforms.n; i++)
        if (!fetch(s, needs, n, platforms.at[i], additions + i * n))
            return false;
    for (size_t i = 0; i < n; i++)
        changed = record(cli, &needs[i], &platforms, additions + i, n, &entries) || changed;
    if (changed && !write_entries(cli, &entries))
        return false;
    ui_outf(cli, "\n%sSuccess!%s " UI_PRODUCT " has %s\n\n", ui_code(cli, UI_GREEN),
            ui_code(cli, UI_RESET),
            changed
                ? "updated the lock file.\n\nReview the changes in .terraform.lock.hcl and then "
                  "commit to your\nversion control system to retain the new checksums."
                : "validated the lock file and found no need for changes.");
    return true;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct session s = session_start(cli);
    s.queries = true;
    bool ok = lock(&s, untyped, rest, n_rest);
    return ui_diags(cli) && ok ? 0 : 1;
}

const struct command command_providers_lock = {
    .name = "providers lock",
    .synopsis = "[options] [providers...]",
    .summary = "Write out dependency locks for the configured providers",
    .help = "  Fetches the packages of the configured providers from their registries, for each\n"
            "  -platform, and records their checksums in .terraform.lock.hcl. Providers built\n"
            "  in to " UI_PRODUCT " need none.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .usage = USAGE_PLAIN,
    .run = run,
};
