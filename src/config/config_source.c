/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"
#include "eval/quote.h"

static bool is_local(struct str source) {
    return str_starts(source, S("./")) || str_starts(source, S("../")) ||
           str_starts(source, S(".\\")) || str_starts(source, S("..\\")) ||
           str_eq(source, S(".")) || str_eq(source, S(".."));
}

static bool is_word(struct str part) {
    if (part.len == 0 || part.len > 64)
        return false;
    for (size_t i = 0; i < part.len; i++) {
        char c = part.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool inner = (c == '-' || c == '_') && i > 0 && i + 1 < part.len;
        if (!plain && !inner)
            return false;
    }
    return true;
}

/* [HOST/]NAMESPACE/NAME/SYSTEM, with //SUBDIR behind it. */
static bool is_registry(struct str source) {
    struct str parts[4];
    size_t n = 0;
    ptrdiff_t sub = str_find(source, S("//"));
    struct str rest = sub >= 0 ? str_slice(source, 0, (size_t)sub) : source;
    struct str part;
    while (str_split(&rest, '/', &part)) {
        if (n == COUNT(parts))
            return false;
        parts[n++] = part;
    }
    if (n < 3)
        return false;
    if (n == 4) {
        /* These hosts are shorthands of version control. */
        if (str_find_byte(parts[0], '.') < 0 || str_eq(parts[0], S("github.com")) ||
            str_eq(parts[0], S("bitbucket.org")) || str_eq(parts[0], S("gitlab.com")))
            return false;
    }
    return is_word(parts[n - 3]) && is_word(parts[n - 2]) && is_word(parts[n - 1]);
}

static bool is_remote(struct str source) {
    static const struct str hosts[] = {STR("github.com/"), STR("bitbucket.org/"),
                                       STR("gitlab.com/")};
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (str_starts(source, hosts[i]))
            return true;
    if (str_find(source, S("::")) > 0 || str_find(source, S("://")) > 0 ||
        str_starts(source, S("/")))
        return true;
    /* user@host:path as git writes it, and buckets by their host names. */
    ptrdiff_t at = str_find_byte(source, '@');
    ptrdiff_t colon = str_find_byte(source, ':');
    return (at > 0 && colon > at) || str_find(source, S(".amazonaws.com/")) > 0 ||
           str_find(source, S("www.googleapis.com/")) == 0;
}

enum config_source_kind config_source_kind(struct str source) {
    if (is_local(source))
        return SOURCE_LOCAL;
    if (is_registry(source))
        return SOURCE_REGISTRY;
    return is_remote(source) ? SOURCE_REMOTE : SOURCE_INVALID;
}

bool config_source_check(const struct config_reader *reader, const struct config_call *call) {
    struct str source = call->source;
    enum config_source_kind kind = config_source_kind(source);
    if (call->version.len > 0 && kind != SOURCE_REGISTRY) {
        const char *why = kind == SOURCE_LOCAL
                              ? "can't use local directory \"%.*s\" as a module registry address"
                              : "a module registry source address must have either three or four "
                                "slash-separated components";
        struct str text =
            kind == SOURCE_LOCAL ? str_format(reader->arena, why, STR_ARG(source)) : str_from(why);
        (void)diags_error(reader->diags, call->source_span,
                          "Invalid registry module source address",
                          "Failed to parse module registry address: %.*s.\n\nLoam assumed "
                          "that you intended a module registry source address because you also set "
                          "the argument \"version\", which applies only to registry modules.",
                          STR_ARG(text));
        return false;
    }
    if (kind != SOURCE_INVALID)
        return true;
    if (source.len == 0) {
        (void)diags_error(reader->diags, call->source_span, "Invalid module source address",
                          "Failed to parse module source address: invalid source address: .");
        return false;
    }
    (void)diags_error(reader->diags, call->source_span, "Invalid module source address",
                      "Loam failed to determine your intended installation method for remote "
                      "module package %s.\n\nIf you intended this as a path relative to the "
                      "current module, use \"./%.*s\" instead. The \"./\" prefix indicates that "
                      "the address is a relative filesystem path.",
                      quote_text(reader->arena, source), STR_ARG(source));
    return false;
}
