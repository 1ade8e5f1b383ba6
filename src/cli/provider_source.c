/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/provider_source.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "cli/package_signature.h"
#include "cli/plugins.h"
#include "cli/registry.h"
#include "plugin/plugin.h"

#define MAX_METHODS 32

struct method_list {
    struct install_method at[MAX_METHODS];
    size_t n;
};

struct found {
    struct arena *arena;
    struct str *versions;
    size_t n, cap;
};

static void add_folder(struct method_list *sources, struct str folder) {
    if (sources->n < MAX_METHODS && fs_is_dir(folder))
        sources->at[sources->n++] =
            (struct install_method){.kind = METHOD_FILESYSTEM_MIRROR, .location = folder};
}

static void add_version(struct found *found, struct str version) {
    for (size_t i = 0; i < found->n; i++)
        if (str_eq(found->versions[i], version))
            return;
    found->versions =
        arena_grow(found->arena, found->versions, found->n, &found->cap, sizeof *found->versions);
    found->versions[found->n++] = str_dup(found->arena, version);
}

/* ---- folders ---- */

struct str provider_source_archive(struct arena *arena, struct str source, struct str version,
                                   struct str platform) {
    return str_format(arena, "terraform-provider-%.*s_%.*s_%.*s.zip", STR_ARG(fs_basename(source)),
                      STR_ARG(version), STR_ARG(platform));
}

/* The version in the name of an archive for the platform (empty: for any); or empty. */
static struct str archive_version(struct str name, struct str head, struct str platform) {
    static const struct str tail = STR(".zip");
    if (!str_starts(name, head) || !str_ends(name, tail))
        return S("");
    name = str_slice(name, head.len, name.len - tail.len);
    ptrdiff_t bar = str_find_byte(name, '_');
    if (bar < 0 || (platform.len && !str_eq(str_slice(name, (size_t)bar + 1, name.len), platform)))
        return S("");
    return str_slice(name, 0, (size_t)bar);
}

static void versions_of_folder(struct found *found, struct str folder, struct str source,
                               struct str platform) {
    struct plugin_release *releases;
    struct str *names, dir = fs_join(found->arena, folder, source);
    size_t n = 0;
    plugin_find(found->arena, folder, source, platform, &releases, &n);
    for (size_t i = 0; i < n; i++)
        add_version(found, releases[i].version);
    struct str head =
        str_format(found->arena, "terraform-provider-%.*s_", STR_ARG(fs_basename(source)));
    n = 0;
    if (fs_list(found->arena, dir, &names, &n) != 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct str version = archive_version(names[i], head, platform);
        if (version.len)
            add_version(found, version);
    }
}

/* false: the folder does not have it. */
static bool package_of_folder(struct arena *arena, struct str folder, struct str source,
                              struct str version, struct str platform,
                              struct provider_package *ret_package) {
    struct plugin_release *releases;
    size_t n = 0;
    struct provider_package package = {.authentication = S("unauthenticated")};
    plugin_find(arena, folder, source, platform, &releases, &n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(releases[i].version, version))
            package.folder = fs_dirname(releases[i].program);
    struct str path = fs_join(arena, fs_join(arena, folder, source),
                              provider_source_archive(arena, source, version, platform));
    if (!package.folder.len && fs_read(arena, path, BUF_MAX_DOCUMENT, &package.archive) != 0)
        return false;
    *ret_package = package;
    return true;
}

static struct method_list list_sources(struct session *s, struct str source) {
    const struct cli_config *config = s->cli->config;
    struct method_list sources = {.n = 0}, folders = {.n = 0};
    struct str defaults[PLUGINS_MAX_FOLDERS];
    if (s->plugin_dirs.n) {
        for (size_t i = 0; i < s->plugin_dirs.n; i++)
            add_folder(&sources, s->plugin_dirs.at[i]);
        return sources;
    }
    for (size_t i = 0; i < config->n_methods && i < MAX_METHODS; i++)
        if (cli_config_serves(&config->methods[i], source))
            sources.at[sources.n++] = config->methods[i];
    if (config->has_installation)
        return sources;
    size_t n_defaults = plugins_folders(s, defaults);
    for (size_t i = 0; i < n_defaults; i++)
        add_folder(&folders, defaults[i]);
    for (size_t i = 0; i < folders.n; i++) {
        struct found found = {.arena = s->cli->arena};
        versions_of_folder(&found, folders.at[i].location, source, S(PLUGIN_PLATFORM));
        if (found.n)
            sources.at[sources.n++] = folders.at[i];
    }
    if (!sources.n)
        sources.at[sources.n++] = (struct install_method){.kind = METHOD_DIRECT};
    return sources;
}

/* ---- mirrors on the network ---- */

static bool is_local_http(struct str url) {
    return str_starts(url, S("http://127.0.0.1:")) || str_starts(url, S("http://localhost:")) ||
           str_starts(url, S("http://[::1]:"));
}

static bool mirror_document(struct cli *cli, struct str mirror, struct str source,
                            struct str document, const struct json **ret_json, struct str *ret_url,
                            struct str *ret_error) {
    if (!str_starts(mirror, S("https://")) && !is_local_http(mirror)) {
        *ret_error =
            str_format(cli->arena, "the mirror's URL %.*s must begin with https:", STR_ARG(mirror));
        return false;
    }
    struct str url =
        str_format(cli->arena, "%.*s%s%.*s/%.*s", STR_ARG(mirror),
                   str_ends(mirror, S("/")) ? "" : "/", STR_ARG(source), STR_ARG(document));
    return web_get_json(cli, url, ret_json, ret_url, ret_error);
}

static bool versions_of_mirror(struct cli *cli, struct found *found, struct str mirror,
                               struct str source, struct str *ret_error) {
    const struct json *json;
    struct str url;
    if (!mirror_document(cli, mirror, source, S("index.json"), &json, &url, ret_error))
        return false;
    const struct json *versions = json_get(json, S("versions"));
    for (size_t i = 0; versions && versions->kind == JSON_OBJECT && i < versions->n; i++)
        add_version(found, versions->members[i].name);
    return true;
}

static bool download(struct cli *cli, struct str url, struct str *ret_bytes,
                     struct str *ret_error) {
    struct client_response response;
    if (!web_get(cli, url, &response, &url, ret_error))
        return false;
    if (response.status != 200) {
        *ret_error = str_format(cli->arena, "%.*s was answered with status %d", STR_ARG(url),
                                response.status);
        return false;
    }
    *ret_bytes = response.body;
    return true;
}

static struct str not_available(struct arena *arena, struct str source, struct str version,
                                struct str platform) {
    return str_format(arena, "provider %.*s %.*s is not available for %.*s", STR_ARG(source),
                      STR_ARG(version), STR_ARG(platform));
}

static struct str zip_hash(struct arena *arena, struct str archive) {
    return str_cat(arena, S("zh:"), digest_hex(arena, DIGEST_SHA256, archive));
}

/* What begins with "zh:" is of the archive itself; "h1:" is checked when it is unpacked. */
static bool check_archive(struct cli *cli, struct provider_package *package,
                          struct str *ret_error) {
    struct str hash = zip_hash(cli->arena, package->archive);
    bool any = false;
    for (size_t i = 0; i < package->n_hashes; i++) {
        any = any || str_starts(package->hashes[i], S("zh:"));
        if (str_eq(package->hashes[i], hash))
            return true;
    }
    if (any)
        *ret_error = S("the package does not have the checksum that its source names");
    return !any;
}

static bool package_of_mirror(struct cli *cli, struct str mirror, struct str source,
                              struct str version, struct str platform,
                              struct provider_package *ret_package, struct str *ret_error) {
    const struct json *json;
    struct str url;
    struct provider_package package = {.authentication = S("verified checksum")};
    if (!mirror_document(cli, mirror, source, str_cat(cli->arena, version, S(".json")), &json, &url,
                         ret_error))
        return false;
    const struct json *archives = json_get(json, S("archives"));
    const struct json *one =
        archives && archives->kind == JSON_OBJECT ? json_get(archives, platform) : NULL;
    if (!one || one->kind != JSON_OBJECT) {
        *ret_error = not_available(cli->arena, source, version, platform);
        return false;
    }
    const struct json *hashes = json_get(one, S("hashes"));
    size_t n = hashes && hashes->kind == JSON_ARRAY ? hashes->n : 0;
    package.hashes = arena_array(cli->arena, n, sizeof *package.hashes);
    for (size_t i = 0; i < n; i++)
        if (hashes->items[i].kind == JSON_STRING)
            package.hashes[package.n_hashes++] = hashes->items[i].text;
    if (!n)
        package.authentication = S("unauthenticated");
    if (!download(cli, web_resolve(cli->arena, url, json_get_str(one, S("url"))), &package.archive,
                  ret_error) ||
        !check_archive(cli, &package, ret_error))
        return false;
    *ret_package = package;
    return true;
}

/* ---- registries ---- */

static bool versions_of_registry(struct cli *cli, struct found *found, struct str source,
                                 struct str *ret_error) {
    struct str *versions, why = S("");
    size_t n = 0;
    bool missing = false;
    struct str host = str_slice(source, 0, (size_t)str_find_byte(source, '/'));
    if (!registry_provider_versions(cli, source, &versions, &n, &missing, &why)) {
        *ret_error = missing
                         ? str_format(cli->arena,
                                      "provider registry %.*s does not have a provider named %.*s",
                                      STR_ARG(host), STR_ARG(source))
                         : str_format(cli->arena, "could not connect to %.*s: %.*s", STR_ARG(host),
                                      STR_ARG(why));
        return false;
    }
    for (size_t i = 0; i < n; i++)
        add_version(found, versions[i]);
    return true;
}

/* Lines "SHA256  NAME" of the document of checksums, as hashes of the lock file. */
static void read_sums(struct arena *arena, struct str sums, struct provider_package *package) {
    struct str line, rest = sums;
    size_t n = 0;
    while (str_split(&rest, '\n', &line))
        n++;
    package->hashes = arena_array(arena, n, sizeof *package->hashes);
    while (str_split(&sums, '\n', &line)) {
        ptrdiff_t blank = str_find_byte(line, ' ');
        if (blank == 64 && str_ends(line, S(".zip")))
            package->hashes[package->n_hashes++] =
                str_cat(arena, S("zh:"), str_lower(arena, str_slice(line, 0, 64)));
    }
}

static bool package_of_registry(struct cli *cli, struct str source, struct str version,
                                struct str platform, struct provider_package *ret_package,
                                struct str *ret_error) {
    struct arena *arena = cli->arena;
    struct registry_package release;
    struct provider_package package = {.is_signed = true};
    struct str sums, signature, key_id;
    bool missing = false;
    if (!registry_provider_package(cli, source, version, platform, &release, &missing, ret_error)) {
        if (missing)
            *ret_error = not_available(arena, source, version, platform);
        return false;
    }
    if (!download(cli, release.sums_url, &sums, ret_error) ||
        !download(cli, release.signature_url, &signature, ret_error))
        return false;
    struct str wanted = str_format(arena, "%.*s  %.*s", STR_ARG(str_lower(arena, release.shasum)),
                                   STR_ARG(release.filename));
    if (str_find(str_cat(arena, S("\n"), sums), str_format(arena, "\n%.*s", STR_ARG(wanted))) < 0) {
        *ret_error = S("the registry's checksum is not among the signed ones");
        return false;
    }
    if (!package_signature_check(cli, sums, signature, release.keys, release.n_keys, &key_id,
                                 ret_error))
        return false;
    read_sums(arena, sums, &package);
    if (!download(cli, release.url, &package.archive, ret_error))
        return false;
    if (!str_eq(digest_hex(arena, DIGEST_SHA256, package.archive),
                str_lower(arena, release.shasum))) {
        *ret_error = S("the package does not have the checksum that its registry names");
        return false;
    }
    package.authentication = str_format(arena, "self-signed, key ID %.*s", STR_ARG(key_id));
    *ret_package = package;
    return true;
}

/* ---- all ---- */

static struct str searched(struct arena *arena, const struct method_list *sources,
                           struct str source) {
    struct str text = str_format(
        arena, "provider %.*s was not found in any of the search locations\n", STR_ARG(source));
    for (size_t i = 0; i < sources->n; i++)
        text = str_format(arena, "%.*s\n  - %.*s", STR_ARG(text),
                          STR_ARG(sources->at[i].kind == METHOD_DIRECT ? S("its own registry")
                                                                       : sources->at[i].location));
    return text;
}

bool provider_source_versions(struct session *s, struct str source, struct str platform,
                              struct str **ret_versions, size_t *ret_n, struct str *ret_error) {
    struct method_list sources = list_sources(s, source);
    struct found found = {.arena = s->cli->arena};
    bool ok = true;
    struct str why = S("");
    for (size_t i = 0; i < sources.n; i++) {
        const struct install_method *m = &sources.at[i];
        if (m->kind == METHOD_FILESYSTEM_MIRROR)
            versions_of_folder(&found, m->location, source, platform);
        else if (m->kind == METHOD_NETWORK_MIRROR)
            ok = versions_of_mirror(s->cli, &found, m->location, source, &why) && ok;
        else
            ok = versions_of_registry(s->cli, &found, source, &why) && ok;
    }
    *ret_versions = found.versions;
    *ret_n = found.n;
    if (found.n)
        return true;
    *ret_error = ok ? searched(s->cli->arena, &sources, source) : why;
    return false;
}

bool provider_source_package(struct session *s, struct str source, struct str version,
                             struct str platform, struct provider_package *ret_package,
                             struct str *ret_error) {
    struct method_list sources = list_sources(s, source);
    *ret_error = not_available(s->cli->arena, source, version, platform);
    for (size_t i = 0; i < sources.n; i++) {
        const struct install_method *m = &sources.at[i];
        struct found found = {.arena = s->cli->arena};
        struct str ignored;
        if (m->kind == METHOD_FILESYSTEM_MIRROR) {
            if (package_of_folder(s->cli->arena, m->location, source, version, platform,
                                  ret_package))
                return true;
        } else if (m->kind == METHOD_NETWORK_MIRROR) {
            (void)versions_of_mirror(s->cli, &found, m->location, source, &ignored);
            for (size_t k = 0; k < found.n; k++)
                if (str_eq(found.versions[k], version))
                    return package_of_mirror(s->cli, m->location, source, version, platform,
                                             ret_package, ret_error);
        } else {
            return package_of_registry(s->cli, source, version, platform, ret_package, ret_error);
        }
    }
    return false;
}
