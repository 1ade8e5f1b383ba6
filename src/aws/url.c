/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/url.h"

#include <ctype.h>
#include <string.h>

#include "aws/validate_json.h"
#include "base/arena.h"

static bool has_control(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return true;
    return false;
}

/* Cuts the scheme off *rest. false: there is a colon but nothing before it. */
static bool take_scheme(struct arena *arena, struct str *rest, struct str *ret_scheme) {
    *ret_scheme = S("");
    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->at[i];
        if (isalpha((unsigned char)c) ||
            (i > 0 && (isdigit((unsigned char)c) || c == '+' || c == '-' || c == '.')))
            continue;
        if (c != ':')
            return true;
        if (i == 0)
            return false;
        char *lower = arena_bytes(arena, i);
        for (size_t k = 0; k < i; k++)
            lower[k] = (char)tolower((unsigned char)rest->at[k]);
        *ret_scheme = (struct str){lower, i};
        *rest = str_slice(*rest, i + 1, rest->len);
        return true;
    }
    return true;
}

/* The first %-escape that is none; in a host only "%25" and bytes beyond ASCII may be escaped. */
static struct str bad_escape(struct str text, bool host) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%')
            continue;
        struct str escape = str_slice(text, i, i + 3 < text.len ? i + 3 : text.len);
        if (escape.len < 3 || !isxdigit((unsigned char)escape.at[1]) ||
            !isxdigit((unsigned char)escape.at[2]))
            return escape;
        if (host && escape.at[1] < '8' && !str_eq(escape, S("%25")))
            return escape;
        i += 2;
    }
    return S("");
}

static bool is_port(struct str text) {
    for (size_t i = 1; i < text.len; i++)
        if (!isdigit((unsigned char)text.at[i]))
            return false;
    return text.len == 0 || text.at[0] == ':';
}

static struct str host_fault(struct arena *arena, struct str host) {
    static const char allowed[] = "-_.~!$&'()*+,;=:[]<>\"%";
    struct str port = S("");
    ptrdiff_t at = str_starts(host, S("[")) ? str_rfind_byte(host, ']') : str_rfind_byte(host, ':');
    if (str_starts(host, S("[")) && at < 0)
        return S("missing ']' in host");
    if (at >= 0)
        port = str_slice(host, (size_t)at + (host.at[0] == '['), host.len);
    if (!is_port(port)) {
        struct str shown = validate_json_quote(arena, port);
        return str_format(arena, "invalid port %.*s after host", STR_ARG(shown));
    }
    struct str escape = bad_escape(host, true);
    if (escape.len > 0) {
        struct str shown = validate_json_quote(arena, escape);
        return str_format(arena, "invalid URL escape %.*s", STR_ARG(shown));
    }
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.at[i];
        if (c >= 0x80 || isalnum(c) || strchr(allowed, c))
            continue;
        struct str shown = validate_json_quote(arena, str_slice(host, i, i + 1));
        return str_format(arena, "invalid character %.*s in host name", STR_ARG(shown));
    }
    return S("");
}

static struct str escape_fault(struct arena *arena, struct str text) {
    struct str escape = bad_escape(text, false);
    if (escape.len == 0)
        return S("");
    struct str shown = validate_json_quote(arena, escape);
    return str_format(arena, "invalid URL escape %.*s", STR_ARG(shown));
}

static struct str cut(struct str *rest, char at) {
    ptrdiff_t i = str_find_byte(*rest, at);
    if (i < 0)
        return S("");
    struct str behind = str_slice(*rest, (size_t)i + 1, rest->len);
    *rest = str_slice(*rest, 0, (size_t)i);
    return behind;
}

static struct str authority_fault(struct arena *arena, struct str authority, struct url *url) {
    ptrdiff_t at = str_rfind_byte(authority, '@');
    url->host = str_slice(authority, (size_t)(at + 1), authority.len);
    return host_fault(arena, url->host);
}

static struct str parse(struct arena *arena, struct str text, struct url *url) {
    struct str rest = text;
    if (has_control(text))
        return S("net/url: invalid control character in URL");
    if (!take_scheme(arena, &rest, &url->scheme))
        return S("missing protocol scheme");
    url->query = cut(&rest, '?');
    if (!str_starts(rest, S("/"))) {
        struct str segment = rest;
        if (url->scheme.len > 0)
            return S("");
        cut(&segment, '/');
        return str_find_byte(segment, ':') >= 0
                   ? S("first path segment in URL cannot contain colon")
                   : escape_fault(arena, rest);
    }
    bool authority = url->scheme.len > 0 || !str_starts(rest, S("///"));
    if (authority && str_starts(rest, S("//"))) {
        struct str host = str_slice(rest, 2, rest.len);
        ptrdiff_t slash = str_find_byte(host, '/');
        rest = slash < 0 ? S("") : str_slice(host, (size_t)slash, host.len);
        if (slash >= 0)
            host = str_slice(host, 0, (size_t)slash);
        struct str fault = authority_fault(arena, host, url);
        if (fault.len > 0)
            return fault;
    }
    return escape_fault(arena, rest);
}

bool url_parse(struct arena *arena, struct str text, struct url *ret, struct str *ret_fault) {
    struct url url = {0};
    struct str bare = text;
    struct str fragment = cut(&bare, '#');
    struct str fault = parse(arena, bare, &url);
    struct str whole = fault.len > 0 ? bare : text;
    if (fault.len == 0)
        fault = escape_fault(arena, fragment);
    if (fault.len > 0) {
        struct str shown = validate_json_quote(arena, whole);
        *ret_fault = str_format(arena, "parse %.*s: %.*s", STR_ARG(shown), STR_ARG(fault));
        return false;
    }
    *ret = url;
    return true;
}

bool url_has_parameters(struct str query) {
    struct str part;
    while (str_split(&query, '&', &part))
        if (part.len > 0 && str_find_byte(part, ';') < 0 && bad_escape(part, false).len == 0)
            return true;
    return false;
}
