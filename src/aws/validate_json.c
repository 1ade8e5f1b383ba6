/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/validate_json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

struct str validate_json_syntax(struct arena *arena, struct str text) {
    struct json_error error;
    return text.len == 0 || json_parse(arena, text, &error) ? S("") : error.text;
}

struct str validate_json_quote(struct arena *arena, struct str text) {
    static const struct {
        char c, letter;
    } escapes[] = {{'"', '"'},  {'\\', '\\'}, {'\a', 'a'}, {'\b', 'b'}, {'\f', 'f'},
                   {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}, {'\v', 'v'}};
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '"');
    for (size_t at = 0, n; at < text.len; at += n) {
        uint32_t rune = utf8_decode(str_slice(text, at, text.len), &n);
        size_t e = 0;
        while (e < COUNT(escapes) && (uint32_t)escapes[e].c != rune)
            e++;
        if (e < COUNT(escapes))
            buf_addf(&out, "\\%c", escapes[e].letter);
        else if (rune == UTF8_INVALID || rune < 0x20 || rune == 0x7F)
            buf_addf(&out, "\\x%02x", (unsigned)(unsigned char)text.at[at]);
        else if (!utf8_is_printable(rune))
            buf_addf(&out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)rune);
        else
            buf_add(&out, str_slice(text, at, at + n));
    }
    buf_byte(&out, '"');
    return buf_take(&out, arena);
}

/* Member names that an object has already, depth first: a line for each repetition. */
static void note_duplicates(struct arena *arena, const struct json *v, struct str path,
                            struct buf *out) {
    for (size_t i = 0; v->kind == JSON_OBJECT && i < v->n; i++) {
        struct str name = v->members[i].name;
        struct str inner =
            path.len == 0 ? name : str_format(arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
        size_t j = 0;
        while (j < i && !str_eq(v->members[j].name, name))
            j++;
        if (j < i) {
            struct str quoted = validate_json_quote(arena, inner);
            buf_addf(out, "%sduplicate key %.*s", out->len > 0 ? "\n" : "", STR_ARG(quoted));
        }
        note_duplicates(arena, &v->members[i].value, inner, out);
    }
    for (size_t i = 0; v->kind == JSON_ARRAY && i < v->n; i++)
        note_duplicates(arena, &v->items[i], str_format(arena, "%.*s.%zu", STR_ARG(path), i), out);
}

/* A text in quotes where an object should be: what may have happened. */
static struct str string_fault(struct arena *arena, struct str text) {
    struct json_error error;
    const char *hint = "";
    struct json *json = json_parse(arena, text, &error);
    if (json && str_ends(json->text, S(".json")))
        hint = " (have you passed a JSON-encoded filename instead of the content of that file?)";
    else if (json && json_parse(arena, json->text, &error))
        hint = " (have you double-encoded your JSON data?)";
    return str_format(arena,
                      "contains an invalid JSON policy: contains a JSON-encoded string, not a "
                      "JSON-encoded object%s",
                      hint);
}

struct str validate_json_policy(struct arena *arena, struct str text) {
    struct json_error error;
    struct str bare = str_trim(text);
    if (bare.len == 0)
        return S("is an empty string, which is not a valid JSON value");
    if (bare.at[0] == '[')
        return S("contains an invalid JSON policy: contains a JSON array, not a JSON object");
    if (bare.at[0] == '"')
        return string_fault(arena, bare);
    if (bare.at[0] != '{')
        return S("contains an invalid JSON policy: not a JSON object");
    struct json *json = json_parse(arena, text, &error);
    if (!json) {
        uint32_t at = error.at < text.len ? error.at + 1 : error.at;
        return str_format(arena, "contains an invalid JSON policy: %.*s, at byte offset %u",
                          STR_ARG(error.text), at);
    }
    struct buf found;
    buf_init(&found, BUF_MAX_TEXT);
    note_duplicates(arena, json, S(""), &found);
    struct str lines = buf_take(&found, arena);
    if (lines.len == 0)
        return S("");
    return str_format(arena, "contains duplicate JSON keys: %.*s", STR_ARG(lines));
}
