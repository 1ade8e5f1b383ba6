/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/level.h"
#include "config/config_int.h"
#include "config/config_manifest.h"
#include "config/config_package.h"
#include "config/variables.h"
#include "config/version.h"

/* Deeper nesting than this is a module that calls itself. */
#define MAX_MODULE_DEPTH 64

struct loader {
    const struct map *files; /* see config_load_saved */
    struct arena *arena;
    struct sources *sources;
    struct diags *diags;
    struct map installed;
    bool strict; /* only what the manifest has */
    struct config *config;
    struct map inputs; /* of the root module, read when a module source needs them */
    bool inputs_read;
    const struct config_installing *installing; /* or NULL */
    bool queries;                               /* the root's query files too */
};

struct provider_addr config_provider_addr(struct arena *arena, const struct config_module *module,
                                          struct str local_name) {
    const struct config_required_provider *required = map_get(&module->required, local_name);
    struct provider_addr addr;
    struct addr_error error;
    if (required != NULL)
        return required->addr;
    if (addr_provider_parse(arena, local_name, &addr, &error))
        return addr;
    return (struct provider_addr){
        .host = S("registry.terraform.io"), .namespace_ = S("hashicorp"), .type = local_name};
}

/* The local name that a resource type implies: what stands before the first underscore. */
static struct str implied_provider(struct str type) {
    ptrdiff_t end = str_find_byte(type, '_');
    return end < 0 ? type : str_slice(type, 0, (size_t)end);
}

static void resolve_providers(struct loader *loader, struct config_module *module) {
    for (size_t i = 0; i < module->resources.n; i++) {
        struct config_resource *resource = module->resources.entries[i].value;
        struct str name = resource->provider.name.len > 0 ? resource->provider.name
                                                          : implied_provider(resource->addr.type);
        resource->provider_addr = config_provider_addr(loader->arena, module, name);
    }
}

/* The language level that loam implements; wrappers may ask for another face. */
static struct str language_version(void) {
    const char *other = getenv(LEVEL_VARIABLE);
    return other != NULL && other[0] != '\0' ? str_from(other) : S(LEVEL_TERRAFORM);
}

static void check_required_versions(struct loader *loader, const struct config_module *module) {
    struct str text = language_version();
    struct version version;
    if (!version_parse(text, &version))
        return;
    for (size_t i = 0; i < module->n_required_versions; i++) {
        struct version_constraints wanted;
        if (!version_parse_constraints(loader->arena, module->required_versions[i], &wanted) ||
            version_allowed(&version, &wanted))
            continue;
        struct str who = S("This configuration");
        if (module->call != NULL) {
            struct str path = addr_module_text(loader->arena, module->path);
            who = str_format(loader->arena, "Module %.*s (from %.*s)", STR_ARG(path),
                             STR_ARG(module->call->source));
        }
        (void)diags_error(loader->diags, module->required_version_spans[i],
                          "Unsupported Terraform Core version",
                          "%.*s does not support Terraform version %.*s. To proceed, either choose "
                          "another supported Terraform version or update this version constraint. "
                          "Version constraints are normally set for good reason, so updating the "
                          "constraint may lead to other errors or unexpected behavior.",
                          STR_ARG(who), STR_ARG(text));
    }
}

static struct config_module *load_module(struct loader *loader, struct str dir,
                                         struct config_module *parent, struct config_call *call) {
    struct config_module *module = arena_alloc(loader->arena, sizeof *module);
    struct config_reader reader = {.arena = loader->arena,
                                   .sources = loader->sources,
                                   .module = module,
                                   .diags = loader->diags,
                                   .files = loader->files,
                                   .queries = loader->queries && call == NULL};
    module->dir = dir;
    module->parent = parent;
    module->call = call;
    if (call != NULL) {
        module->path = addr_module_child(loader->arena, parent->path, call->name,
                                         (struct key){.kind = KEY_NONE});
    }
    if (!config_file_read_dir(&reader))
        return NULL;
    check_required_versions(loader, module);
    resolve_providers(loader, module);
    return module;
}

/* Says what is wrong with what the manifest has for a call; NULL when nothing is. */
static const struct config_installed *find_installed(struct loader *loader,
                                                     const struct config_module *module,
                                                     const struct config_call *call) {
    struct module_path path =
        addr_module_child(loader->arena, module->path, call->name, (struct key){.kind = KEY_NONE});
    const struct config_installed *installed =
        config_manifest_get(loader->arena, &loader->installed, path);
    if (installed == NULL) {
        (void)diags_error(loader->diags, call->span, "Module not installed",
                          "This module is not yet installed. Run \"loam init\" to install all "
                          "modules required by this configuration.");
        return NULL;
    }
    struct version version;
    struct config_package package = config_package_parse(loader->arena, call->source);
    if (!str_eq(installed->source, call->source) &&
        !str_eq(installed->source, config_package_text(loader->arena, &package))) {
        (void)diags_error(loader->diags, call->source_span, "Module source has changed",
                          "The source address was changed since this module was installed. Run "
                          "\"loam init\" to install all modules required by this "
                          "configuration.");
        return NULL;
    }
    if (call->version.len > 0 && (!version_parse(installed->version, &version) ||
                                  !version_admitted(loader->arena, &version, &call->version, 1))) {
        (void)diags_error(loader->diags, call->source_span,
                          "Module version requirements have changed",
                          "The version requirements have changed since this module was installed "
                          "and the installed version (%.*s) is no longer acceptable. Run "
                          "\"loam init\" to install all modules required by this "
                          "configuration.",
                          STR_ARG(installed->version));
        return NULL;
    }
    return installed;
}

static void load_calls(struct loader *loader, struct config_module *module);

static void report_unreadable(struct loader *loader, const struct config_call *call,
                              struct str dir) {
    const struct span nowhere = {.file = 0};
    struct str file = sources_name(loader->sources, call->span.file);
    uint32_t line = sources_place(loader->sources, call->span.file, call->span.start).line;
    (void)diags_error(loader->diags, nowhere, "Unreadable module directory",
                      "Unable to evaluate directory symlink: lstat %.*s: no such file or directory",
                      STR_ARG(dir));
    (void)diags_error(loader->diags, nowhere, "Unreadable module directory",
                      "The directory could not be read for module \"%.*s\" at %.*s:%u.",
                      STR_ARG(call->name), STR_ARG(file), line);
}

/* A source made of variables and locals becomes a text here. */
static bool settle_source(struct loader *loader, struct config_module *module,
                          struct config_call *call) {
    struct refs refs = {.n = 0};
    if (call->source.len > 0 || call->source_expr == NULL)
        return true;
    (void)refs_of_expr(loader->arena, call->source_expr, &refs, NULL);
    if (refs.n == 0)
        return true;
    if (!loader->inputs_read) {
        struct diags ignored = {.arena = loader->arena};
        (void)variables_collect(loader->arena, loader->config, loader->config->root->dir, environ,
                                NULL, 0, &loader->inputs, &ignored);
        loader->inputs_read = true;
    }
    const struct config_reader reader = {.arena = loader->arena,
                                         .sources = loader->sources,
                                         .module = module,
                                         .diags = loader->diags};
    return config_static_scope_text(loader->config, module, &loader->inputs, call, &call->source,
                                    loader->diags) &&
           config_source_check(&reader, call);
}

static void load_call(struct loader *loader, struct config_module *module,
                      struct config_call *call) {
    struct str dir;
    if (!settle_source(loader, module, call))
        return;
    enum config_source_kind kind =
        call->source.len == 0 ? SOURCE_INVALID : config_source_kind(call->source);
    /* What is wrong with the source was told when it was read. */
    if (kind == SOURCE_INVALID || (call->version.len > 0 && kind != SOURCE_REGISTRY))
        return;
    if (loader->strict) {
        const struct config_installed *installed = find_installed(loader, module, call);
        if (installed == NULL)
            return;
        dir = installed->dir;
    } else if (kind == SOURCE_LOCAL) {
        dir = fs_clean(loader->arena, fs_join(loader->arena, module->dir, call->source));
    } else if (loader->installing == NULL ||
               !loader->installing->fetch(loader->installing->context, module, call, &dir)) {
        return;
    }
    if (module->path.n >= MAX_MODULE_DEPTH) {
        (void)diags_error(loader->diags, call->source_span, "Module nesting too deep",
                          "Modules may be nested at most %d levels deep. Does this module call "
                          "itself?",
                          MAX_MODULE_DEPTH);
        return;
    }
    call->module = load_module(loader, dir, module, call);
    if (loader->installing != NULL)
        loader->installing->loaded(loader->installing->context, module, call);
    if (call->module == NULL) {
        if (loader->strict) {
            (void)diags_error(loader->diags, call->span, "Module not installed",
                              "This module's local cache directory %.*s could not be read. Run "
                              "\"loam init\" to install all modules required by this "
                              "configuration.",
                              STR_ARG(dir));
        } else {
            report_unreadable(loader, call, dir);
        }
        return;
    }
    load_calls(loader, call->module);
}

static void load_calls(struct loader *loader, struct config_module *module) {
    struct map_entry *calls = map_sorted(loader->arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++)
        load_call(loader, module, calls[i].value);
}

static struct config *load(struct loader *loader, struct str dir, struct str data_dir,
                           bool children) {
    struct arena *arena = loader->arena;
    size_t before = loader->diags->n_errors;
    if (loader->strict && children && loader->files == NULL)
        config_manifest_read(arena, data_dir, &loader->installed);
    struct config *config = arena_alloc(arena, sizeof *config);
    config->arena = arena;
    config->sources = loader->sources;
    loader->config = config;
    config->root = load_module(loader, dir, NULL, NULL);
    if (config->root == NULL) {
        (void)diags_error(loader->diags, (struct span){.file = 0},
                          "Failed to read module directory",
                          "Module directory %.*s does not exist or cannot be read.", STR_ARG(dir));
        return NULL;
    }
    /* What a broken root calls would only add noise, but for init, which installs it. */
    if (children && (!loader->strict || loader->diags->n_errors == before)) {
        load_calls(loader, config->root);
        config_providers_check(arena, loader->sources, config->root, loader->diags);
    }
    return config;
}

struct config *config_load(struct arena *arena, struct sources *sources, struct str dir,
                           struct str data_dir, bool children, struct diags *diags) {
    struct loader loader = {
        .arena = arena, .sources = sources, .diags = diags, .strict = data_dir.len > 0};
    return load(&loader, dir, data_dir, children);
}

struct config *config_load_query(struct arena *arena, struct sources *sources, struct str dir,
                                 struct str data_dir, struct diags *diags) {
    struct loader loader = {.arena = arena,
                            .sources = sources,
                            .diags = diags,
                            .strict = data_dir.len > 0,
                            .queries = true};
    return load(&loader, dir, data_dir, true);
}

struct config *config_load_installing(struct arena *arena, struct sources *sources, struct str dir,
                                      const struct config_installing *installing,
                                      struct diags *diags) {
    struct loader loader = {.arena = arena,
                            .sources = sources,
                            .diags = diags,
                            .installing = installing,
                            .queries = true};
    return load(&loader, dir, S(""), true);
}

struct config *config_load_saved(struct arena *arena, struct sources *sources,
                                 const struct map *files, struct diags *diags) {
    struct loader loader = {.arena = arena,
                            .sources = sources,
                            .diags = diags,
                            .files = files,
                            .strict = map_get(files, CONFIG_SAVED_MANIFEST) != NULL};
    if (loader.strict) {
        const struct str *bytes = map_get(files, CONFIG_SAVED_MANIFEST);
        config_manifest_parse(arena, *bytes, &loader.installed);
    }
    return load(&loader, S("."), S(""), true);
}

struct config_module *config_module(const struct config *config, struct module_path path) {
    struct config_module *module = config->root;
    for (size_t i = 0; module != NULL && i < path.n; i++) {
        const struct config_call *call = map_get(&module->calls, path.at[i].name);
        module = call == NULL ? NULL : call->module;
    }
    return module;
}

struct config_resource *config_resource(const struct config_module *module,
                                        struct resource_addr addr) {
    static const char *const prefixes[] = {[MODE_MANAGED] = "",
                                           [MODE_DATA] = "data.",
                                           [MODE_EPHEMERAL] = "ephemeral.",
                                           [MODE_LIST] = "list."};
    /* Every reference is looked up here, so the key is built without an arena. */
    char key[512];
    int n = snprintf(key, sizeof key, "%s%.*s.%.*s", prefixes[addr.mode], STR_ARG(addr.type),
                     STR_ARG(addr.name));
    if (n > 0 && (size_t)n < sizeof key)
        return map_get(&module->resources, (struct str){key, (size_t)n});
    for (size_t i = 0; i < module->resources.n; i++) {
        struct config_resource *resource = module->resources.entries[i].value;
        if (addr_resource_eq(resource->addr, addr))
            return resource;
    }
    return NULL;
}
