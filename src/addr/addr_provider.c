/* SPDX-License-Identifier: Apache-2.0 */
#include "addr/addr.h"

#include "addr/addr_int.h"
#include "base/arena.h"
#include "base/buf.h"

#define DEFAULT_HOST "registry.terraform.io"

const struct provider_addr addr_provider_builtin = {
    .host = STR("terraform.io"), .namespace_ = STR("builtin"), .type = STR("terraform")};

struct str addr_provider_text(struct arena *arena, struct provider_addr provider) {
    return str_format(arena, "%.*s/%.*s/%.*s", STR_ARG(provider.host), STR_ARG(provider.namespace_),
                      STR_ARG(provider.type));
}

struct str addr_provider_display(struct arena *arena, struct provider_addr provider) {
    if (str_eq(provider.host, S(DEFAULT_HOST)))
        return str_format(arena, "%.*s/%.*s", STR_ARG(provider.namespace_), STR_ARG(provider.type));
    return addr_provider_text(arena, provider);
}

struct str addr_provider_config_text(struct arena *arena,
                                     const struct provider_config_addr *config) {
    struct str module = addr_module_text(arena, config->module);
    struct str provider = addr_provider_text(arena, config->provider);
    struct str key = addr_key_text(arena, config->key);
    return str_format(arena, "%.*s%sprovider[\"%.*s\"]%s%.*s%.*s", STR_ARG(module),
                      module.len > 0 ? "." : "", STR_ARG(provider),
                      config->alias.len > 0 ? "." : "", STR_ARG(config->alias), STR_ARG(key));
}

bool addr_provider_eq(struct provider_addr a, struct provider_addr b) {
    return str_eq(a.type, b.type) && str_eq(a.namespace_, b.namespace_) && str_eq(a.host, b.host);
}

int addr_provider_order(struct provider_addr a, struct provider_addr b) {
    int order = str_cmp(a.host, b.host);
    if (order == 0)
        order = str_cmp(a.namespace_, b.namespace_);
    return order != 0 ? order : str_cmp(a.type, b.type);
}

/* Why a namespace or type cannot be one, as a sentence part; NULL when it can. */
static const char *part_problem(struct str part) {
    if (part.len == 0)
        return "must have at least one character";
    if (part.at[0] == '-' || part.at[part.len - 1] == '-') {
        return "must contain only letters, digits, and dashes, and may not use leading or "
               "trailing dashes";
    }
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (!letter && !(c >= '0' && c <= '9') && c != '-') {
            return "must contain only letters, digits, and dashes, and may not use leading or "
                   "trailing dashes";
        }
    }
    if (str_find(part, S("--")) >= 0)
        return "cannot use multiple consecutive dashes";
    return NULL;
}

static bool host_is_valid(struct str host) {
    if (host.len == 0 || host.at[0] == '-' || host.at[0] == '.')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '-' && c != '.' && c != ':' && c < 0x80)
            return false;
    }
    return str_find(host, S("..")) < 0;
}

static bool fail(struct arena *arena, struct addr_error *ret_error, const char *summary,
                 struct str detail) {
    *ret_error =
        (struct addr_error){.summary = str_dup(arena, str_from(summary)), .detail = detail};
    return false;
}

static bool check_type(struct arena *arena, struct str type, struct str source,
                       struct addr_error *ret_error) {
    const char *problem = part_problem(type);
    if (problem != NULL) {
        return fail(arena, ret_error, "Invalid provider type",
                    str_format(arena, "Invalid provider type \"%.*s\" in source \"%.*s\": %s\"",
                               STR_ARG(type), STR_ARG(source), problem));
    }
    /* The binary's prefix is a common slip. */
    if (str_starts(type, S("terraform-")) && type.len > 10) {
        struct str rest = str_slice(type, 10, type.len);
        bool whole = str_starts(rest, S("provider-"));
        struct str suggested = whole ? str_slice(rest, 9, rest.len) : rest;
        if (whole && suggested.len > 0) {
            return fail(arena, ret_error, "Invalid provider type",
                        str_format(arena,
                                   "Provider source \"%.*s\" has a type with the prefix "
                                   "\"terraform-provider-\", which isn't valid. Although that "
                                   "prefix is often used in the names of version control "
                                   "repositories for Terraform providers, provider source strings "
                                   "should not include it.\n\nDid you mean \"%.*s\"?",
                                   STR_ARG(source), STR_ARG(suggested)));
        }
    }
    return true;
}

bool addr_provider_parse(struct arena *arena, struct str text, struct provider_addr *ret_provider,
                         struct addr_error *ret_error) {
    struct str parts[3];
    size_t n = 0;
    struct str rest = text.at == NULL ? S("") : text;
    struct str part;
    while (str_split(&rest, '/', &part)) {
        if (n == COUNT(parts)) {
            n++;
            break;
        }
        parts[n++] = part;
    }
    if (n == 0 || n > COUNT(parts)) {
        return fail(arena, ret_error, "Invalid provider source string",
                    str_dup(arena, S("The \"source\" attribute must be in the format "
                                     "\"[hostname/][namespace/]name\"")));
    }
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len == 0) {
            return fail(arena, ret_error, "Invalid provider source string",
                        str_dup(arena, S("The \"source\" attribute must be in the format "
                                         "\"[hostname/][namespace/]name\"")));
        }
    }
    if (!check_type(arena, parts[n - 1], text, ret_error))
        return false;
    struct provider_addr provider = {.host = S(DEFAULT_HOST),
                                     .namespace_ = S("hashicorp"),
                                     .type = str_lower(arena, parts[n - 1])};
    if (n > 1) {
        const char *problem = part_problem(parts[n - 2]);
        if (problem != NULL) {
            return fail(arena, ret_error, "Invalid provider namespace",
                        str_format(arena,
                                   "Invalid provider namespace \"%.*s\" in source \"%.*s\": %s\"",
                                   STR_ARG(parts[n - 2]), STR_ARG(text), problem));
        }
        provider.namespace_ = str_lower(arena, parts[n - 2]);
    }
    if (n == 3) {
        if (!host_is_valid(parts[0])) {
            return fail(arena, ret_error, "Invalid provider source hostname",
                        str_format(arena,
                                   "Invalid provider source hostname namespace \"%.*s\" in source "
                                   "\"%.*s\": invalid hostname\"",
                                   STR_ARG(parts[0]), STR_ARG(text)));
        }
        provider.host = str_lower(arena, parts[0]);
    } else if (n == 1 && str_eq(provider.type, S("terraform"))) {
        provider = addr_provider_builtin;
    }
    *ret_provider = provider;
    return true;
}

bool addr_provider_parse_config(struct arena *arena, struct str text,
                                struct provider_config_addr *ret_config) {
    struct provider_config_addr config = {.alias = S("")};
    ptrdiff_t start = str_starts(text, S("provider[")) ? 0 : str_find(text, S(".provider["));
    if (start < 0)
        return false;
    if (start > 0) {
        if (!addr_parse_module(arena, str_slice(text, 0, (size_t)start), &config.module))
            return false;
        start++;
    }
    struct addr_scan scan = {.text = text, .at = (size_t)start + (sizeof "provider" - 1)};
    struct key source = {.kind = KEY_NONE};
    struct addr_error error;
    if (!addr_scan_key(arena, &scan, &source) || source.kind != KEY_STRING ||
        !addr_provider_parse(arena, source.text, &config.provider, &error))
        return false;
    if (addr_scan_byte(&scan, '.') && !addr_scan_name(&scan, &config.alias))
        return false;
    if (scan.at < text.len && !addr_scan_key(arena, &scan, &config.key))
        return false;
    if (scan.at != text.len)
        return false;
    *ret_config = config;
    return true;
}
