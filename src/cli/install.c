/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/install.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/json_out.h"
#include "cli/module_fetch.h"
#include "cli/registry.h"
#include "config/config_manifest.h"

struct installer {
    struct session *session;
    const struct install_options *options;
    struct map known;    /* "a.b" -> struct config_installed *: from the last run */
    struct map versions; /* "a.b" -> struct str *: of packages from a registry */
    struct buf manifest;
    struct json_out json;
    bool titled;
};

static const struct span nowhere = {0};

static void record(struct installer *in, struct str key, struct str source, struct str version,
                   struct str dir) {
    json_out_item(&in->json);
    json_out_open(&in->json, '{');
    json_out_member(&in->json, S("Key"), key);
    json_out_member(&in->json, S("Source"), source);
    if (version.len)
        json_out_member(&in->json, S("Version"), version);
    json_out_member(&in->json, S("Dir"), dir);
    json_out_close(&in->json, '}');
}

static void title(struct installer *in) {
    if (!in->titled && in->options->title)
        ui_notice(in->session->cli,
                  in->options->upgrade ? "upgrading_modules_message"
                                       : "initializing_modules_message",
                  true, str_from(in->options->title));
    in->titled = true;
}

/* "a.b" of a call in a module. */
static struct str key_of(struct arena *arena, const struct config_module *module,
                         const struct config_call *call) {
    struct str key = S("");
    for (size_t i = 0; i < module->path.n; i++)
        key = str_format(arena, "%.*s%.*s.", STR_ARG(key), STR_ARG(module->path.at[i].name));
    return str_cat(arena, key, call->name);
}

/* How the manifest writes the source of a call. */
static struct str source_text(struct arena *arena, const struct config_call *call) {
    if (config_source_kind(call->source) == SOURCE_LOCAL)
        return call->source;
    struct config_package package = config_package_parse(arena, call->source);
    return config_package_text(arena, &package);
}

static struct diag *call_error(struct installer *in, const struct config_call *call,
                               const char *summary) {
    return diags_error(in->session->cli->diags, call->span, summary, NULL);
}

/* 'module "a" (main.tf:3)', as messages name a call. */
static struct str call_text(struct installer *in, const struct config_call *call) {
    const struct sources *sources = in->session->cli->sources;
    return str_format(in->session->cli->arena, "\"%.*s\" (%.*s:%u)", STR_ARG(call->name),
                      STR_ARG(sources_name(sources, call->span.file)),
                      sources_place(sources, call->span.file, call->span.start).line);
}

static bool choose_release(struct installer *in, const struct config_call *call, struct str address,
                           struct str *ret_version) {
    struct arena *arena = in->session->cli->arena;
    struct str *versions, why = S(""), text = call_text(in, call);
    size_t n = 0;
    bool missing = false;
    ptrdiff_t slash = str_find_byte(address, '/');
    struct str host = str_slice(address, 0, (size_t)slash);
    if (!registry_module_versions(in->session->cli, address, &versions, &n, &missing, &why)) {
        struct diag *d = call_error(
            in, call, missing ? "Module not found" : "Error accessing remote module registry");
        d->detail =
            missing
                ? str_format(arena, "Module %.*s cannot be found in the module registry at %.*s.",
                             STR_ARG(text), STR_ARG(host))
                : str_format(arena,
                             "Failed to retrieve available versions for module %.*s from "
                             "%.*s: %.*s.",
                             STR_ARG(text), STR_ARG(host), STR_ARG(why));
        return false;
    }
    if (registry_choose(arena, versions, n, &call->version, call->version.len ? 1 : 0, ret_version))
        return true;
    struct diag *d = call_error(
        in, call, n ? "Unresolvable module version constraint" : "Module has no versions");
    d->detail = n ? str_format(arena,
                               "There is no available version of module %.*s which matches the "
                               "given version constraint \"%.*s\".",
                               STR_ARG(address), STR_ARG(call->version))
                  : str_format(arena, "Module %.*s has no versions available on %.*s.",
                               STR_ARG(text), STR_ARG(host));
    return false;
}

/* The package that a registry names for the release; false with an error. */
static bool ask_registry(struct installer *in, const struct config_call *call,
                         struct config_package *package, struct str key) {
    struct cli *cli = in->session->cli;
    struct str version, source, why;
    if (!choose_release(in, call, package->address, &version))
        return false;
    ui_notice(cli, NULL, false,
              str_format(cli->arena, "Downloading %.*s %.*s for %.*s...", STR_ARG(package->address),
                         STR_ARG(version), STR_ARG(key)));
    struct str *kept = arena_alloc(cli->arena, sizeof *kept);
    *kept = version;
    map_put(cli->arena, &in->versions, key, kept);
    if (!registry_module_source(cli, package->address, version, &source, &why)) {
        call_error(in, call, "Error accessing remote module registry")->detail =
            str_format(cli->arena, "Failed to retrieve a download URL for %.*s %.*s: %.*s.",
                       STR_ARG(package->address), STR_ARG(version), STR_ARG(why));
        return false;
    }
    struct str wanted = package->subdir;
    *package = config_package_parse(cli->arena, source);
    if (wanted.len)
        package->subdir =
            package->subdir.len ? fs_join(cli->arena, package->subdir, wanted) : wanted;
    if (package->kind != PACKAGE_REGISTRY)
        return true;
    call_error(in, call, "Invalid package location from module registry")->detail = str_format(
        cli->arena, "The registry names another registry's module: %.*s.", STR_ARG(source));
    return false;
}

/* Is what the last run installed still what the call wants? */
static bool is_current(struct installer *in, const struct config_call *call,
                       const struct config_installed *old) {
    struct arena *arena = in->session->cli->arena;
    struct str version;
    return old && !in->options->upgrade && str_eq(old->source, source_text(arena, call)) &&
           fs_is_dir(old->dir) &&
           (!call->version.len ||
            registry_choose(arena, &old->version, 1, &call->version, 1, &version));
}

static bool keep_installed(struct installer *in, const struct config_installed *old, struct str key,
                           struct str *ret_dir) {
    struct str *kept = arena_alloc(in->session->cli->arena, sizeof *kept);
    *kept = old->version;
    if (old->version.len)
        map_put(in->session->cli->arena, &in->versions, key, kept);
    *ret_dir = old->dir;
    return true;
}

static bool find_subdir(struct installer *in, const struct config_package *package,
                        struct str inside, struct str dir, struct str *ret_dir) {
    struct arena *arena = in->session->cli->arena;
    struct str subdir = inside.len && package->subdir.len ? fs_join(arena, inside, package->subdir)
                        : inside.len                      ? inside
                                                          : package->subdir;
    if (subdir.len)
        subdir = fs_clean(arena, subdir);
    bool outside = str_eq(subdir, S("..")) || str_starts(subdir, S("../"));
    *ret_dir = subdir.len ? fs_join(arena, dir, subdir) : dir;
    if (!outside && fs_is_dir(*ret_dir))
        return true;
    diags_error(in->session->cli->diags, nowhere, "Failed to expand subdir globs",
                "subdir \"%.*s\" not found", STR_ARG(subdir));
    return false;
}

static bool fetch(void *context, const struct config_module *module, const struct config_call *call,
                  struct str *ret_dir) {
    struct installer *in = context;
    struct cli *cli = in->session->cli;
    struct str key = key_of(cli->arena, module, call), inside, why;
    const struct config_installed *old = map_get(&in->known, key);
    title(in);
    if (is_current(in, call, old))
        return keep_installed(in, old, key, ret_dir);
    struct config_package package = config_package_parse(cli->arena, call->source);
    struct str dir =
        fs_join(cli->arena, fs_join(cli->arena, in->session->data_dir, S("modules")), key);
    if (package.kind != PACKAGE_REGISTRY)
        ui_notice(cli, NULL, false,
                  str_format(cli->arena, "Downloading %.*s for %.*s...",
                             STR_ARG(config_package_address(cli->arena, &package)), STR_ARG(key)));
    else if (!ask_registry(in, call, &package, key))
        return false;
    if (module_fetch(cli, &package, dir, &inside, &why))
        return find_subdir(in, &package, inside, dir, ret_dir);
    call_error(in, call, "Failed to download module")->detail =
        str_format(cli->arena, "Could not download module %.*s source code from \"%.*s\": %.*s",
                   STR_ARG(call_text(in, call)),
                   STR_ARG(config_package_address(cli->arena, &package)), STR_ARG(why));
    return false;
}

/* Says where a module lies, when that is news. */
static void tell(struct installer *in, struct str key, struct str source, struct str dir) {
    struct cli *cli = in->session->cli;
    const struct config_installed *old = map_get(&in->known, key);
    title(in);
    if (!old || in->options->upgrade || !str_eq(old->source, source) || !fs_is_dir(old->dir))
        ui_notice(cli, NULL, false,
                  str_format(cli->arena, "- %.*s in %.*s", STR_ARG(key), STR_ARG(dir)));
}

/* Says where a module is, when that is news. */
static void loaded(void *context, const struct config_module *module,
                   const struct config_call *call) {
    struct installer *in = context;
    struct cli *cli = in->session->cli;
    struct str key = key_of(cli->arena, module, call);
    title(in);
    if (is_current(in, call, map_get(&in->known, key)))
        return;
    struct str dir = call->module ? call->module->dir : S("");
    ui_notice(cli, NULL, false,
              str_format(cli->arena, "- %.*s in %.*s", STR_ARG(key), STR_ARG(dir)));
}

/* prefix: of the keys, with a full stop at its end. */
static void walk(struct installer *in, struct str prefix, const struct config_module *module) {
    struct arena *arena = in->session->cli->arena;
    struct map_entry *sorted = map_sorted(arena, &module->calls);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = sorted[i].value;
        struct str key = str_cat(arena, prefix, key_of(arena, module, call));
        if (!call->module) {
            /* A folder that is not there is written down, too, as the reference does. */
            if (str_starts(call->source, S("./")) || str_starts(call->source, S("../")))
                record(in, key, source_text(arena, call), S(""), S(""));
            continue;
        }
        const struct str *version = map_get(&in->versions, key);
        record(in, key, source_text(arena, call), version ? *version : S(""), call->module->dir);
        if (prefix.len)
            tell(in, key, source_text(arena, call), call->module->dir);
        walk(in, prefix, call->module);
    }
}

/* Modules that only tests run: they are used where they lie. */
static void walk_tests(struct installer *in) {
    struct cli *cli = in->session->cli;
    for (size_t i = 0; in->options->tests && i < in->options->tests->n; i++) {
        const struct test_file *file = in->options->tests->at[i];
        for (size_t k = 0; k < file->n_runs; k++) {
            const struct test_run *run = &file->runs[k];
            struct str dir = fs_clean(cli->arena, run->source);
            if (!test_files_has_module(run))
                continue;
            struct str key = test_files_key(cli->arena, file, run);
            struct config *config =
                config_load(cli->arena, cli->sources, dir, S(""), true, cli->diags);
            tell(in, key, run->source, dir);
            record(in, key, run->source, S(""), dir);
            if (config)
                walk(in, str_cat(cli->arena, key, S(".")), config->root);
        }
    }
}

static bool any_tests(const struct install_options *options) {
    for (size_t i = 0; options->tests && i < options->tests->n; i++)
        for (size_t k = 0; k < options->tests->at[i]->n_runs; k++)
            if (test_files_has_module(&options->tests->at[i]->runs[k]))
                return true;
    return false;
}

static bool write_manifest(struct installer *in) {
    struct session *s = in->session;
    struct str dir = fs_join(s->cli->arena, s->data_dir, S("modules"));
    int error = fs_mkdirs(dir, 0755);
    if (!error)
        error = fs_write_atomic(fs_join(s->cli->arena, dir, S("modules.json")),
                                buf_str(&in->manifest), 0644);
    if (!error)
        return true;
    struct str why = fs_error_text(s->cli->arena, error);
    diags_error(s->cli->diags, nowhere, "Failed to write module manifest",
                "Could not write the list of installed modules in %.*s: %.*s.", STR_ARG(dir),
                STR_ARG(why));
    return false;
}

bool install_modules(struct session *s, const struct install_options *options) {
    struct installer in = {.session = s, .options = options};
    const struct config_installing hooks = {.fetch = fetch, .loaded = loaded, .context = &in};
    config_manifest_read(s->cli->arena, s->data_dir, &in.known);
    s->config =
        config_load_installing(s->cli->arena, s->cli->sources, S("."), &hooks, s->cli->diags);
    if (!s->config)
        return false;
    if (s->config->root->calls.n || any_tests(options))
        title(&in);
    else if (!options->always)
        return !diags_failed(s->cli->diags);
    buf_init(&in.manifest, BUF_MAX_DOCUMENT);
    in.json.to = &in.manifest;
    json_out_open(&in.json, '{');
    json_out_key(&in.json, S("Modules"));
    json_out_open(&in.json, '[');
    record(&in, S(""), S(""), S(""), S("."));
    walk(&in, S(""), s->config->root);
    walk_tests(&in);
    json_out_close(&in.json, ']');
    json_out_close(&in.json, '}');
    /* With errors too, so that other commands find the modules and tell the same. */
    bool ok = write_manifest(&in);
    buf_clear(&in.manifest);
    return ok && !diags_failed(s->cli->diags);
}
