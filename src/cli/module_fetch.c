/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include "cli/module_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "apply/subprocess.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/rand.h"
#include "cli/archive.h"
#include "cli/web.h"
#include "provider/schema.h"
#include "state/backend.h"
#include "state/s3.h"
#include "value/path.h"

#define MAX_FORWARDS 5
#define GIT "/usr/bin/git"

struct fetch {
    struct cli *cli;
    struct arena *arena;
    struct str dir;
    struct str subdir;
    struct str *error;
    int forwards;
};

static bool fail(struct fetch *f, const char *format, ...) PRINTF_LIKE(2, 3);

static bool fail(struct fetch *f, const char *format, ...) {
    va_list args;
    va_start(args, format);
    *f->error = str_vformat(f->arena, format, args);
    va_end(args);
    return false;
}

/* Takes NAME=VALUE out of the query of an address. */
static struct str take_query(struct arena *arena, struct str *address, const char *name) {
    ptrdiff_t at = str_find_byte(*address, '?');
    struct str found = S(""), kept = S(""), part;
    if (at < 0)
        return found;
    struct str rest = str_slice(*address, (size_t)at + 1, address->len);
    while (str_split(&rest, '&', &part)) {
        ptrdiff_t equals = str_find_byte(part, '=');
        if (equals > 0 && str_eq(str_slice(part, 0, (size_t)equals), str_from(name)))
            found = str_slice(part, (size_t)equals + 1, part.len);
        else if (part.len)
            kept = kept.len ? str_format(arena, "%.*s&%.*s", STR_ARG(kept), STR_ARG(part)) : part;
    }
    struct str path = str_slice(*address, 0, (size_t)at);
    *address = kept.len ? str_format(arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(kept)) : path;
    return found;
}

/* ---- git ---- */

static bool git(struct fetch *f, struct str address, const struct str *argv, size_t n) {
    static const struct str environment[] = {STR("GIT_ALLOW_PROTOCOL=file:git:http:https:ssh"),
                                             STR("LC_ALL=C")};
    struct str tail, error;
    const struct subprocess what = {
        .argv = argv, .n_argv = n, .environment = environment, .n_environment = COUNT(environment)};
    if (subprocess_run(f->arena, &what, &tail, &error))
        return true;
    struct str code = str_replace(f->arena, error, S("exit status "), S(""));
    return fail(f, "error downloading '%.*s': " GIT " exited with %.*s: %.*s", STR_ARG(address),
                STR_ARG(code), STR_ARG(tail));
}

static bool fetch_git(struct fetch *f, const struct config_package *package) {
    struct str url = package->address;
    struct str ref = take_query(f->arena, &url, "ref");
    struct str depth = take_query(f->arena, &url, "depth");
    int64_t levels = 0;
    if (take_query(f->arena, &url, "sshkey").len)
        return fail(f, "keys in the address are not supported; let ssh find yours");
    if (str_starts(ref, S("-")) || str_starts(url, S("-")))
        return fail(f, "the address begins with a dash");
    if (depth.len && (!str_to_int(depth, &levels) || levels < 1))
        return fail(f, "depth must be a positive number");
    struct str clone[10] = {S(GIT), S("clone")};
    size_t n = 2;
    if (levels) {
        clone[n++] = S("--depth");
        clone[n++] = depth;
    }
    if (levels && ref.len) {
        clone[n++] = S("--branch");
        clone[n++] = ref;
    }
    clone[n++] = S("--");
    clone[n++] = url;
    clone[n++] = f->dir;
    const struct str checkout[] = {S(GIT), S("-C"), f->dir, S("checkout"), ref};
    const struct str modules[] = {S(GIT),      S("-C"),     f->dir,          S("submodule"),
                                  S("update"), S("--init"), S("--recursive")};
    return git(f, package->address, clone, n) &&
           (!ref.len || levels || git(f, package->address, checkout, COUNT(checkout))) &&
           git(f, package->address, modules, COUNT(modules));
}

/* ---- archives ---- */

static struct str without_query(struct str address) {
    ptrdiff_t query = str_find_byte(address, '?');
    return query < 0 ? address : str_slice(address, 0, (size_t)query);
}

static bool unpack(struct fetch *f, struct str bytes) {
    struct str why;
    return archive_unpack(f->arena, bytes, f->dir, &why) || fail(f, "%.*s", STR_ARG(why));
}

/* The content of <meta name="terraform-get" content="..."> in a page. */
static struct str find_meta(struct str page) {
    ptrdiff_t at = str_find(page, S("terraform-get"));
    if (at < 0)
        return S("");
    struct str rest = str_slice(page, (size_t)at, page.len);
    ptrdiff_t content = str_find(rest, S("content=\"")), end = str_find_byte(rest, '>');
    if (content < 0 || (end >= 0 && end < content))
        return S("");
    rest = str_slice(rest, (size_t)content + 9, rest.len);
    end = str_find_byte(rest, '"');
    return end < 0 ? S("") : str_slice(rest, 0, (size_t)end);
}

static bool fetch_any(struct fetch *f, const struct config_package *package);

/* A page that is no archive says where the package is. */
static bool follow(struct fetch *f, struct str url) {
    struct client_response response;
    struct str why;
    struct str asked = str_format(f->arena, "%.*s%cterraform-get=1", STR_ARG(url),
                                  str_find_byte(url, '?') < 0 ? '?' : '&');
    if (++f->forwards > MAX_FORWARDS)
        return fail(f, "sources name one another without end");
    if (!web_get(f->cli, asked, &response, &asked, &why))
        return fail(f, "%.*s", STR_ARG(why));
    if (response.status < 200 || response.status > 299)
        return fail(f, "bad response code: %d", response.status);
    struct str source = web_header(&response, "X-Terraform-Get");
    if (!source.len)
        source = find_meta(response.body);
    if (!source.len)
        return fail(f, "no source URL was returned");
    if (str_starts(source, S("/")) || str_starts(source, S(".")))
        source = web_resolve(f->arena, asked, source);
    struct config_package next = config_package_parse(f->arena, source);
    if (next.kind == PACKAGE_REGISTRY || next.kind == PACKAGE_FILE)
        return fail(f, "a page may not name the source %.*s", STR_ARG(source));
    f->subdir = f->subdir.len && next.subdir.len ? fs_join(f->arena, f->subdir, next.subdir)
                : next.subdir.len                ? next.subdir
                                                 : f->subdir;
    return fetch_any(f, &next);
}

static bool fetch_http(struct fetch *f, const struct config_package *package) {
    struct str url = package->address, why;
    struct client_response response;
    struct str kind = take_query(f->arena, &url, "archive");
    bool archive = kind.len ? !str_eq(kind, S("false")) : archive_is_name(without_query(url));
    if (!archive)
        return follow(f, url);
    if (!web_get(f->cli, url, &response, &url, &why))
        return fail(f, "%.*s", STR_ARG(why));
    if (response.status != 200)
        return fail(f, "bad response code: %d", response.status);
    return unpack(f, response.body);
}

static bool fetch_file(struct fetch *f, const struct config_package *package) {
    struct str path = without_query(package->address), bytes;
    if (str_starts(path, S("file://")))
        path = str_slice(path, 7, path.len);
    if (!fs_exists(path))
        return fail(f,
                    "error downloading 'file://%.*s': source path error: stat %.*s: no such "
                    "file or directory",
                    STR_ARG(path), STR_ARG(path));
    if (fs_is_dir(path))
        return symlink(str_c(f->arena, path), str_c(f->arena, f->dir)) == 0 ||
               fail(f, "cannot make the link %.*s", STR_ARG(f->dir));
    int error = fs_read(f->arena, path, BUF_MAX_DOCUMENT, &bytes);
    if (error)
        return fail(f, "cannot read %.*s: %.*s", STR_ARG(path),
                    STR_ARG(fs_error_text(f->arena, error)));
    return unpack(f, bytes);
}

/* ---- S3 ---- */

struct bucket {
    struct str region, name, key;
};

/* "https://s3.REGION.amazonaws.com/BUCKET/KEY" and "https://BUCKET.s3.REGION.amazonaws.com/KEY". */
static bool read_bucket(struct str url, struct bucket *ret_bucket) {
    ptrdiff_t scheme = str_find(url, S("://"));
    struct str rest = scheme < 0 ? url : str_slice(url, (size_t)scheme + 3, url.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    if (slash < 0)
        return false;
    struct str host = str_slice(rest, 0, (size_t)slash);
    struct str path = str_slice(rest, (size_t)slash + 1, rest.len);
    struct bucket b = {.region = S("us-east-1"), .name = S("")};
    ptrdiff_t service = str_find(host, S(".s3"));
    if (!str_starts(host, S("s3")) && service > 0) {
        b.name = str_slice(host, 0, (size_t)service);
        host = str_slice(host, (size_t)service + 1, host.len);
    }
    struct str word;
    bool first = true;
    while (str_split(&host, '.', &word)) {
        if (!first && !str_eq(word, S("amazonaws")) && !str_eq(word, S("com")))
            b.region = word;
        else if (first && str_starts(word, S("s3-")))
            b.region = str_slice(word, 3, word.len);
        first = false;
        if (str_eq(word, S("amazonaws")))
            break;
    }
    ptrdiff_t second = b.name.len ? 0 : str_find_byte(path, '/');
    if (!b.name.len && second > 0) {
        b.name = str_slice(path, 0, (size_t)second);
        path = str_slice(path, (size_t)second + 1, path.len);
    }
    b.key = path;
    *ret_bucket = b;
    return b.name.len && b.key.len;
}

static struct value with_text(struct arena *arena, struct value config, const char *name,
                              struct str text) {
    return path_set(arena, config, path_attr(arena, (struct path){0}, str_from(name)),
                    value_string(arena, text));
}

static bool fetch_s3(struct fetch *f, const struct config_package *package) {
    struct bucket bucket;
    struct s3_answer answer;
    struct str why = S("");
    struct diags found = {.arena = f->arena};
    if (!read_bucket(without_query(package->address), &bucket))
        return fail(f, "%.*s names no object of a bucket", STR_ARG(package->address));
    const struct schema_block *schema = backend_schema(f->arena, S("s3"));
    struct value config = schema_empty(f->arena, schema);
    config = with_text(f->arena, config, "bucket", bucket.name);
    config = with_text(f->arena, config, "region", bucket.region);
    struct s3 *s3 = s3_open(f->arena, config, &found);
    if (!s3)
        return fail(f, "%.*s", STR_ARG(diags_text(f->arena, &found)));
    bool sent = s3_object(s3, f->arena, S("GET"), bucket.key, S(""), NULL, 0, S(""), &answer, &why);
    s3_close(s3);
    if (!sent)
        return fail(f, "%.*s", STR_ARG(why));
    if (answer.status != 200)
        return fail(f, "%.*s: %.*s (status %d)", STR_ARG(answer.code), STR_ARG(answer.message),
                    answer.status);
    return unpack(f, answer.body);
}

/* ---- any ---- */

static bool fetch_any(struct fetch *f, const struct config_package *package) {
    switch (package->kind) {
    case PACKAGE_GIT:
        return fetch_git(f, package);
    case PACKAGE_HTTP:
        return fetch_http(f, package);
    case PACKAGE_S3:
        return fetch_s3(f, package);
    case PACKAGE_FILE:
        return fetch_file(f, package);
    default:
        return fail(f,
                    "loam cannot download from \"%.*s\": it knows git, http, https, s3 and "
                    "files",
                    STR_ARG(config_package_address(f->arena, package)));
    }
}

bool module_fetch(struct cli *cli, const struct config_package *package, struct str dir,
                  struct str *ret_subdir, struct str *ret_error) {
    struct fetch f = {
        .cli = cli, .arena = cli->arena, .dir = dir, .subdir = S(""), .error = ret_error};
    fs_remove_tree(dir);
    int error = fs_mkdirs(fs_dirname(dir), 0755);
    if (error)
        return fail(&f, "cannot create %.*s: %.*s", STR_ARG(fs_dirname(dir)),
                    STR_ARG(fs_error_text(cli->arena, error)));
    if (!fetch_any(&f, package))
        return false;
    *ret_subdir = f.subdir;
    return true;
}
