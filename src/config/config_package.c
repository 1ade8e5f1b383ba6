/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_package.h"

#include "base/arena.h"
#include "base/fs.h"
#include "config/config_int.h"

#define DEFAULT_REGISTRY "registry.terraform.io"

/* Where the path of an address begins: behind "scheme://", or at its start. */
static size_t path_start(struct str text) {
    ptrdiff_t scheme = str_find(text, S("://"));
    return scheme < 0 ? 0 : (size_t)scheme + 3;
}

/* Takes "//folder" out of an address and keeps the query. */
static struct str take_subdir(struct arena *arena, struct str text, struct str *ret_subdir) {
    size_t start = path_start(text);
    ptrdiff_t query = str_find_byte(text, '?');
    struct str tail = query < 0 ? S("") : str_slice(text, (size_t)query, text.len);
    struct str main = query < 0 ? text : str_slice(text, 0, (size_t)query);
    ptrdiff_t sub = start <= main.len ? str_find(str_slice(main, start, main.len), S("//")) : -1;
    *ret_subdir = S("");
    if (sub < 0)
        return text;
    size_t at = start + (size_t)sub;
    *ret_subdir = fs_clean(arena, str_slice(main, at + 2, main.len));
    return str_cat(arena, str_slice(main, 0, at), tail);
}

/* Hosts whose "HOST/OWNER/NAME" stands for a git repository. */
static struct str write_out_host(struct arena *arena, struct str text) {
    static const struct str hosts[] = {STR("github.com/"), STR("bitbucket.org/"),
                                       STR("gitlab.com/")};
    for (size_t i = 0; i < COUNT(hosts); i++) {
        if (!str_starts(text, hosts[i]))
            continue;
        ptrdiff_t query = str_find_byte(text, '?');
        struct str path = query < 0 ? text : str_slice(text, 0, (size_t)query);
        struct str tail = query < 0 ? S("") : str_slice(text, (size_t)query, text.len);
        const char *suffix = str_ends(path, S(".git")) ? "" : ".git";
        return str_format(arena, "https://%.*s%s%.*s", STR_ARG(path), suffix, STR_ARG(tail));
    }
    return S("");
}

/* "git@github.com:a/b.git" as a URL; empty when it is no such address. */
static struct str write_out_ssh(struct arena *arena, struct str text) {
    ptrdiff_t at = str_find_byte(text, '@'), colon = str_find_byte(text, ':');
    if (at <= 0 || colon < at || str_find(text, S("://")) >= 0)
        return S("");
    return str_format(arena, "ssh://%.*s/%.*s", STR_ARG(str_slice(text, 0, (size_t)colon)),
                      STR_ARG(str_slice(text, (size_t)colon + 1, text.len)));
}

static struct str write_out_bucket(struct arena *arena, struct str text) {
    if (str_find(text, S("://")) >= 0 || str_find(text, S(".amazonaws.com/")) <= 0)
        return S("");
    return str_cat(arena, S("https://"), text);
}

static enum package_kind kind_of_getter(struct str getter) {
    static const struct {
        struct str name;
        enum package_kind kind;
    } getters[] = {{STR("git"), PACKAGE_GIT},
                   {STR("s3"), PACKAGE_S3},
                   {STR("http"), PACKAGE_HTTP},
                   {STR("https"), PACKAGE_HTTP},
                   {STR("file"), PACKAGE_FILE}};
    for (size_t i = 0; i < COUNT(getters); i++)
        if (str_eq(getters[i].name, getter))
            return getters[i].kind;
    return PACKAGE_UNSUPPORTED;
}

static void detect(struct arena *arena, struct config_package *p) {
    struct str text;
    if ((text = write_out_host(arena, p->address)).len ||
        (text = write_out_ssh(arena, p->address)).len) {
        p->kind = PACKAGE_GIT;
        p->getter = S("git");
    } else if ((text = write_out_bucket(arena, p->address)).len) {
        p->kind = PACKAGE_S3;
        p->getter = S("s3");
    } else if (str_starts(p->address, S("/"))) {
        text = str_cat(arena, S("file://"), p->address);
        p->kind = PACKAGE_FILE;
    } else {
        ptrdiff_t scheme = str_find(p->address, S("://"));
        text = p->address;
        p->kind = kind_of_getter(scheme > 0 ? str_slice(text, 0, (size_t)scheme) : S(""));
    }
    p->address = text;
}

struct config_package config_package_parse(struct arena *arena, struct str source) {
    struct config_package p = {.kind = PACKAGE_UNSUPPORTED, .getter = S("")};
    if (config_source_kind(source) == SOURCE_REGISTRY) {
        p.kind = PACKAGE_REGISTRY;
        p.address = take_subdir(arena, source, &p.subdir);
        if (str_count_byte(p.address, '/') == 2)
            p.address = str_cat(arena, S(DEFAULT_REGISTRY "/"), p.address);
        return p;
    }
    ptrdiff_t forced = str_find(source, S("::"));
    if (forced > 0) {
        p.getter = str_slice(source, 0, (size_t)forced);
        p.kind = kind_of_getter(p.getter);
        source = str_slice(source, (size_t)forced + 2, source.len);
    }
    p.address = take_subdir(arena, source, &p.subdir);
    if (!p.getter.len) {
        detect(arena, &p);
    } else if (p.kind == PACKAGE_GIT && str_find(p.address, S("://")) < 0) {
        struct str ssh = write_out_ssh(arena, p.address), host = write_out_host(arena, p.address);
        p.address = ssh.len ? ssh : host.len ? host : p.address;
    }
    return p;
}

struct str config_package_address(struct arena *arena, const struct config_package *package) {
    return package->getter.len ? str_format(arena, "%.*s::%.*s", STR_ARG(package->getter),
                                            STR_ARG(package->address))
                               : package->address;
}

struct str config_package_text(struct arena *arena, const struct config_package *package) {
    struct str address = config_package_address(arena, package);
    if (!package->subdir.len)
        return address;
    ptrdiff_t query = str_find_byte(address, '?');
    size_t end = query < 0 ? address.len : (size_t)query;
    return str_format(arena, "%.*s//%.*s%.*s", STR_ARG(str_slice(address, 0, end)),
                      STR_ARG(package->subdir), STR_ARG(str_slice(address, end, address.len)));
}
