/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/shared_config.h"

#include <errno.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/map.h"

#define FILE_MAX ((size_t)4 << 20)

/* Sections by "kind name", keys in them by name; nested keys as "service.key". */
struct shared_config {
    struct arena *arena;
    struct map sections;
};

struct reader {
    struct shared_config *config;
    struct map *section; /* NULL: in a section that does not count */
    struct str parent;   /* key with an empty value, whose indented lines belong to it */
    bool credentials;
};

static struct str section_key(struct arena *arena, struct str header, bool credentials) {
    struct str name = str_trim(header);
    if (credentials)
        return str_format(arena, "profile %.*s", STR_ARG(name));
    if (str_eq(name, S("default")))
        return S("profile default");
    ptrdiff_t space = str_find_byte(name, ' ');
    if (space < 0)
        return S("");
    struct str kind = str_slice(name, 0, (size_t)space);
    struct str rest = str_trim(str_slice(name, (size_t)space, name.len));
    return str_format(arena, "%.*s %.*s", STR_ARG(kind), STR_ARG(rest));
}

static void open_section(struct reader *r, struct str header) {
    struct arena *arena = r->config->arena;
    struct str key = section_key(arena, header, r->credentials);
    r->parent = S("");
    r->section = NULL;
    if (key.len == 0)
        return;
    r->section = map_get(&r->config->sections, key);
    if (!r->section) {
        r->section = arena_alloc(arena, sizeof *r->section);
        map_put(arena, &r->config->sections, key, r->section);
    }
}

/* A comment begins at '#' or ';' after white space. */
static struct str without_comment(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((s.at[i] == '#' || s.at[i] == ';') &&
            (i == 0 || s.at[i - 1] == ' ' || s.at[i - 1] == '\t'))
            return str_slice(s, 0, i);
    return s;
}

static void read_line(struct reader *r, struct str line) {
    struct arena *arena = r->config->arena;
    bool indented = line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
    struct str text = str_trim(line);
    if (text.len == 0 || text.at[0] == '#' || text.at[0] == ';')
        return;
    if (text.at[0] == '[') {
        ptrdiff_t end = str_find_byte(text, ']');
        open_section(r, str_slice(text, 1, end < 0 ? text.len : (size_t)end));
        return;
    }
    ptrdiff_t equals = str_find_byte(text, '=');
    if (!r->section || equals < 0)
        return;
    struct str key = str_lower(arena, str_trim(str_slice(text, 0, (size_t)equals)));
    struct str value = str_trim(without_comment(str_slice(text, (size_t)equals + 1, text.len)));
    if (indented && r->parent.len > 0)
        key = str_format(arena, "%.*s.%.*s", STR_ARG(r->parent), STR_ARG(key));
    else
        r->parent = value.len == 0 ? key : S("");
    struct str *kept = arena_alloc(arena, sizeof *kept);
    *kept = value;
    map_put(arena, r->section, key, kept);
}

static bool read_file(struct shared_config *config, struct str path, bool credentials,
                      struct str *ret_error) {
    struct str text;
    int error = fs_read(config->arena, path, FILE_MAX, &text);
    if (error == ENOENT || error == ENOTDIR)
        return true;
    if (error != 0) {
        struct str why = fs_error_text(config->arena, error);
        *ret_error = str_format(config->arena, "open %.*s: %.*s", STR_ARG(path), STR_ARG(why));
        return false;
    }
    struct reader r = {.config = config, .credentials = credentials};
    struct str line;
    while (str_split(&text, '\n', &line))
        read_line(&r, line);
    return true;
}

struct shared_config *shared_config_read(struct arena *arena, const struct str *config_files,
                                         size_t n_config, const struct str *credentials_files,
                                         size_t n_credentials, struct str *ret_error) {
    struct shared_config *config = arena_alloc(arena, sizeof *config);
    config->arena = arena;
    for (size_t i = 0; i < n_config; i++)
        if (!read_file(config, config_files[i], false, ret_error))
            return NULL;
    for (size_t i = 0; i < n_credentials; i++)
        if (!read_file(config, credentials_files[i], true, ret_error))
            return NULL;
    return config;
}

static struct str lookup(const struct shared_config *config, const char *kind, struct str name,
                         struct str key) {
    struct str section = str_format(config->arena, "%s %.*s", kind, STR_ARG(name));
    struct map *keys = map_get(&config->sections, section);
    struct str *found = keys ? map_get(keys, key) : NULL;
    return found ? *found : S("");
}

bool shared_config_has(const struct shared_config *config, struct str profile) {
    struct str section = str_format(config->arena, "profile %.*s", STR_ARG(profile));
    return map_get(&config->sections, section) != NULL;
}

struct str shared_config_get(const struct shared_config *config, struct str profile,
                             struct str key) {
    return lookup(config, "profile", profile, key);
}

struct str shared_config_sso(const struct shared_config *config, struct str name, struct str key) {
    return lookup(config, "sso-session", name, key);
}

struct str shared_config_service(const struct shared_config *config, struct str profile,
                                 struct str service, struct str key) {
    struct str services = shared_config_get(config, profile, S("services"));
    if (services.len == 0)
        return services;
    struct str nested = str_format(config->arena, "%.*s.%.*s", STR_ARG(service), STR_ARG(key));
    return lookup(config, "services", services, nested);
}
