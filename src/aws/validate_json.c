/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/validate_json.h"

#include "base/arena.h"
#include "base/json.h"

struct str validate_json_syntax(struct arena *arena, struct str text) {
    struct json_error error;
    return json_parse(arena, text, &error) ? S("") : error.text;
}

/* The first member name that an object has twice, depth first, with the path to it. */
static struct str duplicate_key(struct arena *arena, const struct json *v, struct str path) {
    for (size_t i = 0; v->kind == JSON_OBJECT && i < v->n; i++) {
        struct str name = v->members[i].name;
        for (size_t j = 0; j < i; j++)
            if (str_eq(v->members[j].name, name))
                return path.len == 0 ? str_format(arena, "duplicate key \"%.*s\"", STR_ARG(name))
                                     : str_format(arena, "duplicate key \"%.*s.%.*s\"",
                                                  STR_ARG(path), STR_ARG(name));
        struct str inner =
            path.len == 0 ? name : str_format(arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
        struct str found = duplicate_key(arena, &v->members[i].value, inner);
        if (found.len > 0)
            return found;
    }
    for (size_t i = 0; v->kind == JSON_ARRAY && i < v->n; i++) {
        struct str inner = str_format(arena, "%.*s.%zu", STR_ARG(path), i);
        struct str found = duplicate_key(arena, &v->items[i], inner);
        if (found.len > 0)
            return found;
    }
    return S("");
}

struct str validate_json_policy(struct arena *arena, struct str text) {
    struct json_error error;
    struct str bare = str_trim(text);
    if (bare.len == 0)
        return S("is an empty string, which is not a valid JSON value");
    if (bare.at[0] == '[')
        return S("contains an invalid JSON policy: contains a JSON array, not a JSON object");
    if (bare.at[0] == '"')
        return S("contains an invalid JSON policy: contains a JSON-encoded string, not a "
                 "JSON-encoded object (have you double-encoded your JSON data?)");
    if (bare.at[0] != '{')
        return S("contains an invalid JSON policy: not a JSON object");
    struct json *json = json_parse(arena, text, &error);
    if (!json) {
        uint32_t at = error.at < text.len ? error.at + 1 : error.at;
        return str_format(arena, "contains an invalid JSON policy: %.*s, at byte offset %u",
                          STR_ARG(error.text), at);
    }
    struct str found = duplicate_key(arena, json, S(""));
    if (found.len > 0)
        return str_format(arena, "contains duplicate JSON keys: %.*s", STR_ARG(found));
    return S("");
}
