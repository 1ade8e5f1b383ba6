/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/provider_install.h"

#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/archive.h"
#include "cli/lock_file.h"
#include "cli/plugins.h"
#include "cli/provider_source.h"
#include "cli/registry.h"
#include "plugin/plugin.h"

#define PLUGIN_PATH "plugin_path"

struct installing {
    struct session *session;
    struct cli *cli;
    struct arena *arena;
    const struct provider_install_options *options;
    struct map locked; /* source -> struct lock_file_entry * */
    bool was_empty, changed, signed_by_developer;
    struct str_list incomplete; /* those whose checksums hold for this platform only */
};

/* A provider on its way. */
struct item {
    const struct config_need *need;
    struct str source, name, wanted, version;
};

static const struct span nowhere = {.file = 0};

static void say(struct installing *in, struct str text) {
    ui_notice(in->cli, NULL, false, in->cli->json ? text : str_cat(in->arena, S("- "), text));
}

static void say_search(struct installing *in, struct str name, struct str wanted) {
    say(in, wanted.len ? str_format(in->arena, "Finding %.*s versions matching \"%.*s\"...",
                                    STR_ARG(name), STR_ARG(wanted))
                       : str_format(in->arena, "Finding latest version of %.*s...", STR_ARG(name)));
}

static struct str release_folder(struct session *s, struct str source, struct str version) {
    struct arena *arena = s->cli->arena;
    struct str base = fs_join(arena, fs_join(arena, s->data_dir, S("providers")), source);
    return fs_join(arena, fs_join(arena, base, version), S(PLUGIN_PLATFORM));
}

/* ---- -plugin-dir ---- */

static struct str plugin_path(struct session *s) {
    return fs_join(s->cli->arena, s->data_dir, S(PLUGIN_PATH));
}

bool provider_install_keep_dirs(struct session *s, const struct str_list *dirs) {
    struct buf out;
    if (!dirs->n) {
        int error = fs_remove(plugin_path(s));
        return error == 0 || error == ENOENT;
    }
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "[");
    for (size_t i = 0; i < dirs->n; i++) {
        buf_add_c(&out, i ? ",\n  " : "\n  ");
        json_write_string(&out, dirs->at[i], true);
    }
    buf_add_c(&out, "\n]");
    int error = fs_mkdirs(s->data_dir, 0755);
    if (!error)
        error = fs_write_atomic(plugin_path(s), buf_str(&out), 0644);
    buf_clear(&out);
    if (error)
        diags_error(s->cli->diags, nowhere, "Failed to record -plugin-dir", "%.*s: %.*s.",
                    STR_ARG(plugin_path(s)), STR_ARG(fs_error_text(s->cli->arena, error)));
    return error == 0;
}

/* ---- choosing ---- */

static bool query_error(struct installing *in, const struct item *item, struct str why,
                        const char *more) {
    diags_error(in->cli->diags, nowhere, "Failed to query available provider packages",
                "Could not retrieve the list of available versions for provider %.*s: "
                "%.*s%s%.*s%s",
                STR_ARG(item->name), STR_ARG(why),
                more ? "\n\nTo see which modules are currently depending on " : "",
                more ? (int)item->name.len : 0, item->name.at, more ? more : "");
    return false;
}

#define AND_VERSIONS                                                                               \
    " and what versions are specified, run the following command:\n    " UI_PROGRAM " providers"

static bool choose_locked(struct installing *in, struct item *item,
                          const struct lock_file_entry *entry) {
    struct str version;
    say(in, str_format(in->arena, "Reusing previous version of %.*s from the dependency lock file",
                       STR_ARG(item->name)));
    item->version = entry->version;
    if (registry_choose(in->arena, &entry->version, 1, item->need->constraints,
                        item->need->n_constraints, &version) ||
        !item->need->n_constraints)
        return true;
    struct str why = str_format(
        in->arena,
        "locked provider %.*s %.*s does not match configured version "
        "constraint %.*s; must use " UI_PROGRAM " init -upgrade to allow selection of new versions",
        STR_ARG(item->source), STR_ARG(entry->version), STR_ARG(item->wanted));
    return query_error(in, item, why, AND_VERSIONS);
}

static bool choose(struct installing *in, struct item *item) {
    struct str *versions, why = S("");
    size_t n = 0;
    const struct lock_file_entry *entry = map_get(&in->locked, item->source);
    if (entry && !in->options->upgrade)
        return choose_locked(in, item, entry);
    say_search(in, item->name, item->wanted);
    if (!provider_source_versions(in->session, item->source, S(PLUGIN_PLATFORM), &versions, &n,
                                  &why))
        return query_error(in, item, why,
                           str_find(why, S("search locations")) >= 0 ? NULL : AND_VERSIONS);
    if (registry_choose(in->arena, versions, n, item->need->constraints, item->need->n_constraints,
                        &item->version))
        return true;
    why = item->wanted.len
              ? str_format(in->arena, "no available releases match the given constraints %.*s",
                           STR_ARG(item->wanted))
              : S("no release of it is stable");
    return query_error(in, item, why, AND_VERSIONS);
}

/* ---- installing ---- */

static bool install_error(struct installing *in, const struct item *item, struct str why) {
    diags_error(in->cli->diags, nowhere, "Failed to install provider",
                "Error while installing %.*s v%.*s: %.*s", STR_ARG(item->name),
                STR_ARG(item->version), STR_ARG(why));
    return false;
}

/* Does the lock file know the folder's content? Without an entry, or for another version, yes. */
static bool matches_lock(struct installing *in, const struct item *item, struct str hash,
                         const struct provider_package *package) {
    const struct lock_file_entry *entry = map_get(&in->locked, item->source);
    if (!entry || !str_eq(entry->version, item->version) || !entry->n_hashes)
        return true;
    if (str_is_in(hash, entry->hashes, entry->n_hashes))
        return true;
    for (size_t i = 0; package && i < package->n_hashes; i++)
        if (str_is_in(package->hashes[i], entry->hashes, entry->n_hashes))
            return true;
    return false;
}

static void lock(struct installing *in, const struct item *item, struct str hash,
                 const struct provider_package *package) {
    struct lock_file_entry *entry = map_get(&in->locked, item->source);
    if (!entry || !str_eq(entry->version, item->version)) {
        entry = arena_alloc(in->arena, sizeof *entry);
        *entry = (struct lock_file_entry){.source = item->source, .version = item->version};
        map_put(in->arena, &in->locked, item->source, entry);
        in->changed = true;
    }
    if (!str_eq(entry->constraints, item->wanted))
        in->changed = true;
    entry->constraints = item->wanted;
    in->changed = lock_file_add_hash(in->arena, entry, hash) || in->changed;
    for (size_t i = 0; package && i < package->n_hashes; i++)
        in->changed = lock_file_add_hash(in->arena, entry, package->hashes[i]) || in->changed;
    bool everywhere = false;
    for (size_t i = 0; i < entry->n_hashes; i++)
        everywhere = everywhere || str_starts(entry->hashes[i], S("zh:"));
    if (everywhere || !in->changed || !package)
        return;
    struct str_list *list = &in->incomplete;
    list->at = arena_grow(in->arena, list->at, list->n, &list->cap, sizeof *list->at);
    list->at[list->n++] = item->name;
}

/* Puts a package into its folder: a link to one that is unpacked already, else the archive's files.
 */
static bool place(struct installing *in, const struct item *item,
                  const struct provider_package *package, struct str folder) {
    struct str why;
    fs_remove_tree(folder);
    int error = fs_mkdirs(fs_dirname(folder), 0755);
    if (error)
        return install_error(in, item, fs_error_text(in->arena, error));
    if (!package->folder.len)
        return archive_unpack(in->arena, package->archive, folder, &why) ||
               install_error(in, item, why);
    struct str target = fs_absolute(in->arena, package->folder);
    return symlink(str_c(in->arena, target), str_c(in->arena, folder)) == 0 ||
           install_error(in, item, fs_error_text(in->arena, errno));
}

/* A folder of an earlier init, or of the shared cache, that is what the lock file wants. */
static bool is_good(struct installing *in, const struct item *item, struct str folder,
                    struct str *ret_hash) {
    return fs_is_dir(folder) && lock_file_hash(in->arena, folder, ret_hash) == 0 &&
           matches_lock(in, item, *ret_hash, NULL);
}

static struct str cache_folder(struct installing *in, const struct item *item) {
    struct str cache = in->cli->config->plugin_cache_dir;
    if (!cache.len)
        return S("");
    struct str base = fs_join(in->arena, fs_join(in->arena, cache, item->source), item->version);
    return fs_join(in->arena, base, S(PLUGIN_PLATFORM));
}

static bool install_new(struct installing *in, struct item *item, struct str folder) {
    struct provider_package package;
    struct str why = S(""), hash = S(""), cache = cache_folder(in, item);
    say(in, str_format(in->arena, "Installing %.*s v%.*s...", STR_ARG(item->name),
                       STR_ARG(item->version)));
    if (!provider_source_package(in->session, item->source, item->version, S(PLUGIN_PLATFORM),
                                 &package, &why))
        return install_error(in, item, why);
    struct str target = cache.len ? cache : folder;
    if (!place(in, item, &package, target))
        return false;
    if (cache.len) {
        struct provider_package cached = {.folder = cache};
        if (!place(in, item, &cached, folder))
            return false;
    }
    int error = lock_file_hash(in->arena, folder, &hash);
    if (error)
        return install_error(in, item, fs_error_text(in->arena, error));
    if (!matches_lock(in, item, hash, &package)) {
        fs_remove_tree(target);
        return install_error(
            in, item,
            str_format(in->arena,
                       "the local package for %.*s %.*s doesn't match any of the checksums "
                       "previously recorded in the dependency lock file (this might be because "
                       "the available checksums are for packages targeting different platforms); "
                       "for more information: https://developer.hashicorp.com/terraform/language/"
                       "files/dependency-lock#checksum-verification",
                       STR_ARG(item->source), STR_ARG(item->version)));
    }
    say(in, str_format(in->arena, "Installed %.*s v%.*s (%.*s)", STR_ARG(item->name),
                       STR_ARG(item->version), STR_ARG(package.authentication)));
    in->signed_by_developer = in->signed_by_developer || package.is_signed;
    lock(in, item, hash, &package);
    return true;
}

static bool install(struct installing *in, struct item *item) {
    struct str folder = release_folder(in->session, item->source, item->version);
    struct str cache = cache_folder(in, item), hash;
    if (is_good(in, item, folder, &hash)) {
        say(in, str_format(in->arena, "Using previously-installed %.*s v%.*s", STR_ARG(item->name),
                           STR_ARG(item->version)));
        lock(in, item, hash, NULL);
        return true;
    }
    /* As in the reference, the cache may be used only for what the lock file knows. */
    bool cached_serves =
        cache.len && (in->cli->config->cache_may_break
                          ? fs_is_dir(cache) && lock_file_hash(in->arena, cache, &hash) == 0
                          : map_get(&in->locked, item->source) && is_good(in, item, cache, &hash));
    if (cached_serves) {
        struct provider_package cached = {.folder = cache};
        say(in, str_format(in->arena, "Using %.*s v%.*s from the shared cache directory",
                           STR_ARG(item->name), STR_ARG(item->version)));
        if (!place(in, item, &cached, folder))
            return false;
        lock(in, item, hash, NULL);
        return true;
    }
    return install_new(in, item, folder);
}

/* ---- the lock file ---- */

static void warn_incomplete(struct installing *in) {
    struct str names = S("");
    if (!in->incomplete.n)
        return;
    for (size_t i = 0; i < in->incomplete.n; i++)
        names =
            str_format(in->arena, "%.*s\n  - %.*s", STR_ARG(names), STR_ARG(in->incomplete.at[i]));
    diags_warn(
        in->cli->diags, nowhere, "Incomplete lock file information for providers",
        "Due to your customized provider installation methods, " UI_PRODUCT
        " was forced to calculate lock file checksums locally for the following "
        "providers:%.*s\n\nThe current .terraform.lock.hcl file only includes checksums for " PLUGIN_PLATFORM
        ", so " UI_PRODUCT
        " running on another platform will fail to install these providers.\n\nTo calculate "
        "additional checksums for another platform, run:\n  " UI_PROGRAM
        " providers lock -platform=linux_amd64\n(where linux_amd64 is the platform to "
        "generate)",
        STR_ARG(names));
}

static void tell_lock(struct installing *in) {
    static const char made[] =
        "\n" UI_PRODUCT " has created a lock file .terraform.lock.hcl to record the provider\n"
        "selections it made above. Include this file in your version control repository\nso "
        "that " UI_PRODUCT
        " can guarantee to make the same selections by default when\nyou run \"" UI_PROGRAM
        " init\" in the future.";
    static const char changed[] =
        "\n" UI_PRODUCT " has made some changes to the provider dependency selections recorded\n"
        "in the .terraform.lock.hcl file. Review those changes and commit them to your\nversion "
        "control system if they represent changes you intended to make.";
    ui_notice(in->cli, in->was_empty ? "lock_info" : "dependencies_lock_changes_info", false,
              str_from((in->was_empty ? made : changed) + (in->cli->json ? 1 : 0)));
}

static bool write_lock(struct installing *in) {
    if (!in->changed)
        return true;
    if (in->options->readonly) {
        diags_error(in->cli->diags, nowhere, "Provider dependency changes detected",
                    "Changes to the required provider dependencies were detected, but the lock "
                    "file is read-only. To use and record these requirements, run \"" UI_PROGRAM
                    " init\" without the \"-lockfile=readonly\" flag.");
        return false;
    }
    int error = lock_file_write(in->arena, &in->locked);
    if (error) {
        diags_error(in->cli->diags, nowhere, "Failed to write the dependency lock file",
                    "Could not write " LOCK_FILE_NAME ": %.*s.",
                    STR_ARG(fs_error_text(in->arena, error)));
        return false;
    }
    tell_lock(in);
    warn_incomplete(in);
    return true;
}

/* ---- all ---- */

/* What needs no package: said, and left out. */
static bool is_at_hand(struct installing *in, const struct config_need *need, bool *ret_failed) {
    struct str name = addr_provider_display(in->arena, need->addr), version;
    *ret_failed = false;
    if (addr_provider_eq(need->addr, addr_provider_builtin)) {
        say(in, str_format(in->arena, "terraform.io/builtin/%.*s is built in to " UI_PRODUCT,
                           STR_ARG(need->addr.type)));
        return true;
    }
    if (plugins_are_unmanaged(in->session, need->addr))
        return true;
    if (!session_is_native(in->session, need))
        return false;
    struct str wanted = str_join(in->arena, need->constraints, need->n_constraints, S(", "));
    say_search(in, name, wanted);
    *ret_failed = !session_builtin_version(in->session, need, &version);
    if (*ret_failed)
        session_refuse_version(in->session, need);
    else
        say(in, str_format(in->arena, "Using %.*s v%.*s (built in to " UI_PRODUCT ")",
                           STR_ARG(name), STR_ARG(version)));
    return true;
}

bool provider_install(struct session *s, const struct provider_install_options *options) {
    struct installing in = {
        .session = s, .cli = s->cli, .arena = s->cli->arena, .options = options};
    size_t n, count = 0;
    bool ok = true, failed;
    struct config_need *needs = config_needs(in.arena, s->config, &n);
    struct item *items = arena_array(in.arena, n, sizeof *items);
    if (!lock_file_read(in.arena, s->cli->sources, &in.locked, s->cli->diags))
        return false;
    in.was_empty = !in.locked.n;
    for (size_t i = 0; i < n; i++) {
        if (is_at_hand(&in, &needs[i], &failed)) {
            ok = ok && !failed;
            continue;
        }
        items[count] = (struct item){
            .need = &needs[i],
            .source = addr_provider_text(in.arena, needs[i].addr),
            .name = addr_provider_display(in.arena, needs[i].addr),
            .wanted = str_join(in.arena, needs[i].constraints, needs[i].n_constraints, S(", ")),
        };
        if (choose(&in, &items[count]))
            count++;
        else
            ok = false;
    }
    for (size_t i = 0; i < count; i++)
        ok = install(&in, &items[i]) && ok;
    if (in.signed_by_developer)
        ui_notice(s->cli, "partner_and_community_providers_message", false,
                  S("\nPartner and community providers are signed by their developers.\nIf you'd "
                    "like to know more about provider signing, you can read about it "
                    "here:\nhttps://developer.hashicorp.com/terraform/cli/plugins/signing"));
    return ok && write_lock(&in);
}
