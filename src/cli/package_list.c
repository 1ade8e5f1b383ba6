/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/package_list.h"

#include "base/arena.h"
#include "base/fs.h"
#include "cli/archive.h"
#include "cli/lock_file.h"
#include "cli/registry.h"
#include "plugin/plugin.h"

static const struct span nowhere = {.file = 0};

bool package_list_platforms(struct session *s, const struct str_list *given,
                            struct str_list *ret_platforms) {
    struct str_list platforms = {.at =
                                     arena_array(s->cli->arena, given->n + 1, sizeof(struct str))};
    for (size_t i = 0; i < given->n; i++) {
        struct str text = given->at[i];
        ptrdiff_t bar = str_find_byte(text, '_');
        if (bar <= 0 || (size_t)bar + 1 == text.len || str_rfind_byte(text, '_') != bar ||
            str_find_byte(text, '/') >= 0) {
            diags_error(s->cli->diags, nowhere, "Invalid target platform",
                        "The string \"%.*s\" given in the -platform option is not a valid target "
                        "platform: must be two words separated by an underscore.",
                        STR_ARG(text));
            return false;
        }
        if (!str_is_in(text, platforms.at, platforms.n))
            platforms.at[platforms.n++] = text;
    }
    if (!platforms.n)
        platforms.at[platforms.n++] = S(PLUGIN_PLATFORM);
    *ret_platforms = platforms;
    return true;
}

void package_list_sources(struct session *s, const struct install_method *method) {
    struct cli_config *config = arena_copy(s->cli->arena, s->cli->config, sizeof *config);
    config->methods = arena_copy(s->cli->arena, method, sizeof *method);
    config->n_methods = 1;
    config->has_installation = true;
    s->cli->config = config;
    s->plugin_dirs.n = 0;
}

static bool choose(struct session *s, const struct config_need *need,
                   const struct lock_file_entry *entry, struct package_need *one,
                   struct str *ret_error) {
    struct str *versions, why = S("");
    size_t n;
    if (entry && (!need->n_constraints ||
                  registry_choose(s->cli->arena, &entry->version, 1, need->constraints,
                                  need->n_constraints, &one->version))) {
        one->version = entry->version;
        one->locked = true;
        return true;
    }
    if (!provider_source_versions(s, one->source, S(""), &versions, &n, &why)) {
        *ret_error = why;
        return false;
    }
    *ret_error = str_format(s->cli->arena, "no available releases match the given constraints %.*s",
                            STR_ARG(one->constraints));
    return registry_choose(s->cli->arena, versions, n, need->constraints, need->n_constraints,
                           &one->version);
}

static void say_skipped(struct cli *cli, struct str name, bool builtin,
                        const struct package_list_options *options) {
    if (!builtin || options->says_engine)
        ui_outf(cli, "- Skipping %.*s because it is built in to " UI_PRODUCT "%s\n", STR_ARG(name),
                builtin ? " CLI" : "");
}

bool package_list_make(struct session *s, const struct package_list_options *options,
                       struct package_need **ret_needs, size_t *ret_n) {
    struct arena *arena = s->cli->arena;
    struct map locked = {0};
    size_t n, count = 0;
    struct config_need *needs = config_needs(arena, s->config, &n);
    struct package_need *list = arena_array(arena, n, sizeof *list);
    if (!options->ignore_lock && !lock_file_read(arena, s->cli->sources, &locked, s->cli->diags))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct package_need one = {
            .addr = needs[i].addr,
            .source = addr_provider_text(arena, needs[i].addr),
            .display = addr_provider_display(arena, needs[i].addr),
            .constraints = str_join(arena, needs[i].constraints, needs[i].n_constraints, S(", "))};
        bool builtin = addr_provider_eq(needs[i].addr, addr_provider_builtin);
        struct str why;
        if (builtin || session_is_native(s, &needs[i]))
            say_skipped(s->cli, one.display, builtin, options);
        else if (choose(s, &needs[i], map_get(&locked, one.source), &one, &why))
            list[count++] = one;
        else
            diags_error(s->cli->diags, nowhere, options->summary,
                        "Could not retrieve the list of available versions for provider %.*s: "
                        "%.*s.",
                        STR_ARG(one.display), STR_ARG(why));
    }
    *ret_needs = list;
    *ret_n = count;
    return !diags_failed(s->cli->diags);
}

bool package_list_hash(struct cli *cli, struct str archive, struct str *ret_hash,
                       struct str *ret_error) {
    struct str folder;
    int error = fs_make_temporary(cli->arena, S("loam-package"), &folder);
    if (error) {
        *ret_error = fs_error_text(cli->arena, error);
        return false;
    }
    bool ok = archive_unpack(cli->arena, archive, folder, ret_error);
    if (ok && (error = lock_file_hash(cli->arena, folder, ret_hash)) != 0)
        *ret_error = fs_error_text(cli->arena, error);
    fs_remove_tree(folder);
    return ok && error == 0;
}

bool package_list_fetch(struct session *s, const struct package_need *need, struct str platform,
                        struct provider_package *ret_package, struct str *ret_hash,
                        struct str *ret_error) {
    if (!provider_source_package(s, need->source, need->version, platform, ret_package, ret_error))
        return false;
    if (!ret_package->folder.len)
        return package_list_hash(s->cli, ret_package->archive, ret_hash, ret_error);
    int error = lock_file_hash(s->cli->arena, ret_package->folder, ret_hash);
    if (error)
        *ret_error = fs_error_text(s->cli->arena, error);
    return error == 0;
}
