/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/registry.h"

#include "base/arena.h"
#include "cli/cli_config.h"
#include "config/version.h"
#include "plugin/plugin.h"

static struct str with_slash(struct arena *arena, struct str url) {
    return str_ends(url, S("/")) ? url : str_cat(arena, url, S("/"));
}

bool registry_service(struct cli *cli, struct str host, const char *service, struct str *ret_url,
                      struct str *ret_error) {
    struct arena *arena = cli->arena;
    const struct json *document;
    struct str url, why;
    const struct str *given =
        map_get(&cli->config->services, str_format(arena, "%.*s %s", STR_ARG(host), service));
    if (given) {
        *ret_url = with_slash(arena, *given);
        return true;
    }
    url = str_format(arena, "https://%.*s/.well-known/terraform.json", STR_ARG(host));
    if (!web_get_json(cli, url, &document, &url, &why)) {
        *ret_error = str_format(arena, "failed to request discovery document: %.*s", STR_ARG(why));
        return false;
    }
    struct str link = json_get_str(document, str_from(service));
    if (!link.len) {
        *ret_error = str_format(arena, "host %.*s does not provide a service \"%s\"", STR_ARG(host),
                                service);
        return false;
    }
    *ret_url = with_slash(arena, web_resolve(arena, url, link));
    return true;
}

/* Without a constraint only stable releases are. */
static bool admits(struct arena *arena, const struct version *version,
                   const struct str *constraints, size_t n) {
    return n > 0 ? version_admitted(arena, version, constraints, n) : !version->prerelease.len;
}

bool registry_choose(struct arena *arena, const struct str *versions, size_t n,
                     const struct str *constraints, size_t n_constraints, struct str *ret_version) {
    struct version best;
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        struct version version;
        if (!version_parse(versions[i], &version) ||
            !admits(arena, &version, constraints, n_constraints) ||
            (found && version_order(&version, &best) <= 0))
            continue;
        found = true;
        best = version;
        *ret_version = versions[i];
    }
    return found;
}

/* The host in front of "HOST/REST". */
static struct str split_host(struct str address, struct str *ret_rest) {
    ptrdiff_t slash = str_find_byte(address, '/');
    *ret_rest = str_slice(address, (size_t)slash + 1, address.len);
    return str_slice(address, 0, (size_t)slash);
}

static struct str *read_versions(struct arena *arena, const struct json *list, size_t *ret_n) {
    size_t n = list && list->kind == JSON_ARRAY ? list->n : 0, kept = 0;
    struct str *versions = arena_array(arena, n, sizeof *versions);
    for (size_t i = 0; i < n; i++) {
        struct str version = list->items[i].kind == JSON_OBJECT
                                 ? json_get_str(&list->items[i], S("version"))
                                 : S("");
        if (version.len)
            versions[kept++] = version;
    }
    *ret_n = kept;
    return versions;
}

/* The document at BASE + path of a service; *ret_missing: status 404. */
static bool service_document(struct cli *cli, struct str host, const char *service, struct str path,
                             const struct json **ret_json, struct str *ret_url, bool *ret_missing,
                             struct str *ret_error) {
    struct str base;
    struct client_response response;
    struct json_error error;
    *ret_missing = false;
    if (!registry_service(cli, host, service, &base, ret_error))
        return false;
    struct str url = str_cat(cli->arena, base, path);
    if (!web_get(cli, url, &response, ret_url, ret_error))
        return false;
    *ret_missing = response.status == 404;
    const struct json *json =
        response.status == 200 ? json_parse(cli->arena, response.body, &error) : NULL;
    if (json && json->kind == JSON_OBJECT) {
        *ret_json = json;
        return true;
    }
    *ret_error = str_format(cli->arena, "%.*s was answered with status %d%s", STR_ARG(url),
                            response.status, response.status == 200 ? " and no JSON" : "");
    return false;
}

bool registry_module_versions(struct cli *cli, struct str address, struct str **ret_versions,
                              size_t *ret_n, bool *ret_missing, struct str *ret_error) {
    struct str rest, host = split_host(address, &rest), url;
    const struct json *json;
    if (!service_document(cli, host, "modules.v1", str_cat(cli->arena, rest, S("/versions")), &json,
                          &url, ret_missing, ret_error))
        return false;
    const struct json *modules = json_get(json, S("modules"));
    const struct json *first =
        modules && modules->kind == JSON_ARRAY && modules->n ? &modules->items[0] : NULL;
    *ret_versions = read_versions(
        cli->arena, first && first->kind == JSON_OBJECT ? json_get(first, S("versions")) : NULL,
        ret_n);
    return true;
}

bool registry_module_source(struct cli *cli, struct str address, struct str version,
                            struct str *ret_source, struct str *ret_error) {
    struct str rest, host = split_host(address, &rest), base, url;
    struct client_response response;
    if (!registry_service(cli, host, "modules.v1", &base, ret_error))
        return false;
    url = str_format(cli->arena, "%.*s%.*s/%.*s/download", STR_ARG(base), STR_ARG(rest),
                     STR_ARG(version));
    if (!web_get(cli, url, &response, &url, ret_error))
        return false;
    struct str location = web_header(&response, "X-Terraform-Get");
    struct json_error error;
    const struct json *json = response.status == 200 && response.body.len
                                  ? json_parse(cli->arena, response.body, &error)
                                  : NULL;
    if (!location.len && json && json->kind == JSON_OBJECT)
        location = json_get_str(json, S("location"));
    if (!location.len || (response.status != 200 && response.status != 204)) {
        *ret_error =
            str_format(cli->arena, "the registry did not say where the package of version %.*s is",
                       STR_ARG(version));
        return false;
    }
    bool relative = str_starts(location, S("/")) || str_starts(location, S("./")) ||
                    str_starts(location, S("../"));
    *ret_source = relative ? web_resolve(cli->arena, url, location) : location;
    return true;
}

bool registry_provider_versions(struct cli *cli, struct str source, struct str **ret_versions,
                                size_t *ret_n, bool *ret_missing, struct str *ret_error) {
    struct str rest, host = split_host(source, &rest), url;
    const struct json *json;
    if (!service_document(cli, host, "providers.v1", str_cat(cli->arena, rest, S("/versions")),
                          &json, &url, ret_missing, ret_error))
        return false;
    *ret_versions = read_versions(cli->arena, json_get(json, S("versions")), ret_n);
    return true;
}

static void read_keys(struct arena *arena, const struct json *json,
                      struct registry_package *package) {
    const struct json *keys = json_get(json, S("signing_keys"));
    const struct json *list =
        keys && keys->kind == JSON_OBJECT ? json_get(keys, S("gpg_public_keys")) : NULL;
    size_t n = list && list->kind == JSON_ARRAY ? list->n : 0;
    package->keys = arena_array(arena, n, sizeof *package->keys);
    for (size_t i = 0; i < n; i++)
        if (list->items[i].kind == JSON_OBJECT)
            package->keys[package->n_keys++] = json_get_str(&list->items[i], S("ascii_armor"));
}

bool registry_provider_package(struct cli *cli, struct str source, struct str version,
                               struct str platform, struct registry_package *ret_package,
                               bool *ret_missing, struct str *ret_error) {
    struct arena *arena = cli->arena;
    struct str rest, host = split_host(source, &rest), url;
    const struct json *json;
    struct str path = str_format(arena, "%.*s/%.*s/download/%.*s", STR_ARG(rest), STR_ARG(version),
                                 STR_ARG(str_replace(arena, platform, S("_"), S("/"))));
    if (!service_document(cli, host, "providers.v1", path, &json, &url, ret_missing, ret_error))
        return false;
    struct registry_package package = {
        .filename = json_get_str(json, S("filename")),
        .shasum = json_get_str(json, S("shasum")),
        .url = web_resolve(arena, url, json_get_str(json, S("download_url"))),
        .sums_url = web_resolve(arena, url, json_get_str(json, S("shasums_url"))),
        .signature_url = web_resolve(arena, url, json_get_str(json, S("shasums_signature_url"))),
    };
    read_keys(arena, json, &package);
    *ret_package = package;
    if (package.filename.len && package.url.len && package.sums_url.len)
        return true;
    *ret_error = S("the registry's answer lacks the package's name, address or checksums");
    return false;
}
