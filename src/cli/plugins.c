/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plugins.h"

#include "base/arena.h"
#include "base/fs.h"
#include "cli/cli_config.h"
#include "cli/lock_file.h"
#include "cli/operation.h"
#include "cli/reattach.h"
#include "config/version.h"

size_t plugins_folders(struct session *s, struct str ret_folders[PLUGINS_MAX_FOLDERS]) {
    struct arena *arena = s->cli->arena;
    struct str home = ui_env(s->cli, "HOME");
    size_t n = 0;
    ret_folders[n++] = S("terraform.d/plugins");
    if (home.len) {
        ret_folders[n++] = fs_join(arena, home, S(".terraform.d/plugins"));
        ret_folders[n++] = fs_join(arena, home, S(".local/share/terraform/plugins"));
    }
    ret_folders[n++] = S("/usr/local/share/terraform/plugins");
    ret_folders[n++] = S("/usr/share/terraform/plugins");
    return n;
}

static bool find_in(struct session *s, struct str folder, struct str source,
                    const struct str *constraints, size_t n, struct plugin_release *ret_release) {
    struct plugin_release *releases;
    struct version best = {0};
    bool found = false;
    size_t n_releases;
    plugin_find(s->cli->arena, folder, source, S(PLUGIN_PLATFORM), &releases, &n_releases);
    for (size_t i = 0; i < n_releases; i++) {
        struct version version;
        if (!version_parse(releases[i].version, &version) ||
            !version_admitted(s->cli->arena, &version, constraints, n) ||
            (found && version_order(&version, &best) <= 0))
            continue;
        found = true;
        best = version;
        *ret_release = releases[i];
    }
    return found;
}

/* The release that the lock file names, as init put it below the data folder. */
static bool find_locked(struct session *s, struct str source, const struct str *constraints,
                        size_t n, struct plugin_release *ret_release) {
    struct map entries;
    struct diags ignored = {.arena = s->cli->arena};
    struct plugin_release *releases;
    size_t n_releases = 0;
    if (!lock_file_read(s->cli->arena, s->cli->sources, &entries, &ignored))
        return false;
    const struct lock_file_entry *entry = map_get(&entries, source);
    struct version version;
    if (!entry || !version_parse(entry->version, &version) ||
        !version_admitted(s->cli->arena, &version, constraints, n))
        return false;
    struct str folder = fs_join(s->cli->arena, s->data_dir, S("providers"));
    plugin_find(s->cli->arena, folder, source, S(PLUGIN_PLATFORM), &releases, &n_releases);
    for (size_t i = 0; i < n_releases; i++) {
        if (!str_eq(releases[i].version, entry->version))
            continue;
        *ret_release = releases[i];
        return true;
    }
    return false;
}

/* A folder of dev_overrides stands for every version. */
static bool find_override(struct session *s, struct str source,
                          struct plugin_release *ret_release) {
    const struct str *folder = map_get(&s->cli->config->overrides, source);
    struct str program =
        folder ? plugin_program(s->cli->arena, *folder, fs_basename(source)) : S("");
    *ret_release = (struct plugin_release){S("0.0.0"), program};
    return program.len > 0;
}

/* That release itself; false: there is none. */
static bool newest_release(struct session *s, struct provider_addr addr,
                           const struct str *constraints, size_t n,
                           struct plugin_release *ret_release) {
    struct str folders[PLUGINS_MAX_FOLDERS];
    struct str source = addr_provider_text(s->cli->arena, addr);
    if (find_override(s, source, ret_release) ||
        find_locked(s, source, constraints, n, ret_release))
        return true;
    struct str data = fs_join(s->cli->arena, s->data_dir, S("providers"));
    if (find_in(s, data, source, constraints, n, ret_release))
        return true;
    size_t n_folders = plugins_folders(s, folders);
    for (size_t i = 0; i < n_folders; i++)
        if (find_in(s, folders[i], source, constraints, n, ret_release))
            return true;
    return false;
}

struct str plugins_version(struct session *s, struct provider_addr addr,
                           const struct str *constraints, size_t n) {
    struct plugin_release release;
    struct plugin_spec spec;
    if (reattach_find(s->cli, addr_provider_text(s->cli->arena, addr), &spec))
        return S("0.0.0");
    return newest_release(s, addr, constraints, n, &release) ? release.version : S("");
}

bool plugins_factory(struct session *s, struct provider_addr addr, const struct str *constraints,
                     size_t n, struct provider_factory *factory) {
    struct plugin_release release = {S("0.0.0"), S("")};
    struct plugin_spec spec = {.source = addr_provider_text(s->cli->arena, addr),
                               .name = addr.type,
                               .terraform_version = S(UI_TERRAFORM_VERSION),
                               .aborted = operation_aborted()};
    if (!reattach_find(s->cli, spec.source, &spec) &&
        !newest_release(s, addr, constraints, n, &release))
        return false;
    spec.version = release.version;
    spec.program = release.program;
    factory->open = plugin_open;
    factory->context = plugin_host(s->cli->arena, &spec);
    factory->version = release.version;
    return true;
}

bool plugins_are_unmanaged(struct session *s, struct provider_addr addr) {
    struct plugin_spec spec;
    struct str source = addr_provider_text(s->cli->arena, addr);
    return map_get(&s->cli->config->overrides, source) || reattach_find(s->cli, source, &spec);
}

static bool is_known(const struct provider_schema *known, enum resource_mode mode,
                     struct str type) {
    const struct map *types = mode == MODE_DATA        ? &known->data_sources
                              : mode == MODE_EPHEMERAL ? &known->ephemerals
                              : mode == MODE_LIST      ? &known->lists
                                                       : &known->resources;
    return map_get(types, type) != NULL;
}

static bool module_needs(const struct config_module *module, struct provider_addr addr,
                         const struct provider_schema *known) {
    for (size_t i = 0; i < module->resources.n; i++) {
        const struct config_resource *r = module->resources.entries[i].value;
        if (addr_provider_eq(r->provider_addr, addr) &&
            !is_known(known, r->addr.mode, r->addr.type))
            return true;
    }
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = module->calls.entries[i].value;
        if (call->module && module_needs(call->module, addr, known))
            return true;
    }
    return false;
}

bool plugins_are_needed(struct session *s, struct provider_addr addr,
                        const struct provider_schema *known, const struct state *state) {
    for (size_t i = 0; state && i < state->resources.n; i++) {
        const struct state_resource *r = state->resources.entries[i].value;
        if (addr_provider_eq(r->provider.provider, addr) &&
            !is_known(known, r->addr.mode, r->addr.type))
            return true;
    }
    return s->config && module_needs(s->config->root, addr, known);
}

void plugins_warn_overrides(struct session *s) {
    struct arena *arena = s->cli->arena;
    struct str list = S("");
    struct map_entry *sorted = map_sorted(arena, &s->cli->config->overrides);
    for (size_t i = 0; i < s->cli->config->overrides.n; i++) {
        struct addr_error ignored;
        struct provider_addr addr;
        if (!addr_provider_parse(arena, sorted[i].key, &addr, &ignored))
            continue;
        list = str_format(arena, "%.*s\n - %.*s in %.*s", STR_ARG(list),
                          STR_ARG(addr_provider_display(arena, addr)),
                          STR_ARG(*(const struct str *)sorted[i].value));
    }
    if (list.len)
        diags_warn(s->cli->diags, (struct span){.file = 0},
                   "Provider development overrides are in effect",
                   "The following provider development overrides are set in the CLI "
                   "configuration:%.*s\n\nThe behavior may therefore not match any released "
                   "version of the provider and applying changes may cause the state to become "
                   "incompatible with published releases.",
                   STR_ARG(list));
}
