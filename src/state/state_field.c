/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_field.h"

#include <string.h>

#include "base/arena.h"
#include "state/state_scan.h"

enum kind { TEXT, WHOLE, FLAG, OBJECT, ARRAY, TEXTS, TEXT_MAP };

static const struct {
    const char *path;
    enum kind kind;
} fields[] = {
    {"terraform_version", TEXT},
    {"serial", WHOLE},
    {"lineage", TEXT},
    {"outputs", OBJECT},
    {"outputs.sensitive", FLAG},
    {"resources", ARRAY},
    {"resources.module", TEXT},
    {"resources.mode", TEXT},
    {"resources.type", TEXT},
    {"resources.name", TEXT},
    {"resources.each", TEXT},
    {"resources.provider", TEXT},
    {"resources.instances", ARRAY},
    {"resources.instances.status", TEXT},
    {"resources.instances.deposed", TEXT},
    {"resources.instances.schema_version", WHOLE},
    {"resources.instances.attributes_flat", TEXT_MAP},
    {"resources.instances.private", TEXT},
    {"resources.instances.dependencies", TEXTS},
    {"resources.instances.create_before_destroy", FLAG},
    {"resources.instances.identity_schema_version", WHOLE},
    {"check_results", ARRAY},
    {"check_results.object_kind", TEXT},
    {"check_results.config_addr", TEXT},
    {"check_results.status", TEXT},
    {"check_results.objects", ARRAY},
};

static const char *word_of(char first) {
    switch (first) {
    case '"':
        return "string";
    case '{':
        return "object";
    case '[':
        return "array";
    case 't':
    case 'f':
        return "bool";
    default:
        return "number";
    }
}

static bool is_whole(struct str raw) {
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] < '0' || raw.at[i] > '9')
            return false;
    int64_t number;
    return raw.len > 0 && str_to_int(raw, &number);
}

static struct str misfit(struct arena *arena, struct str raw, enum kind kind) {
    static const char first[] = {
        [TEXT] = '"', [OBJECT] = '{', [ARRAY] = '[', [TEXTS] = '[', [TEXT_MAP] = '{'};
    if (raw.len == 0 || state_scan_null(raw))
        return S("");
    const char *word = word_of(raw.at[0]);
    if (kind == WHOLE && strcmp(word, "number") == 0)
        return is_whole(raw) ? S("") : str_format(arena, "number %.*s", STR_ARG(raw));
    bool fits = kind == WHOLE  ? false
                : kind == FLAG ? strcmp(word, "bool") == 0
                               : raw.at[0] == first[kind];
    return fits ? S("") : str_from(word);
}

static struct str text_misfit(struct arena *arena, struct str raw, bool named) {
    struct state_scan scan = {.text = raw};
    struct str item, name, found = S("");
    if (!state_scan_open(&scan, named ? '{' : '['))
        return S("");
    while (!found.len &&
           (named ? state_scan_member(&scan, arena, &name) : state_scan_item(&scan)) &&
           state_scan_raw(&scan, &item))
        found = misfit(arena, item, TEXT);
    return found;
}

struct str state_field_misfit(struct arena *arena, const char *path, struct str raw) {
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcmp(fields[i].path, path) != 0)
            continue;
        struct str found = misfit(arena, raw, fields[i].kind);
        if (found.len || (fields[i].kind != TEXTS && fields[i].kind != TEXT_MAP))
            return found;
        return text_misfit(arena, raw, fields[i].kind == TEXT_MAP);
    }
    return S("");
}

bool state_field_is_version(struct str text) {
    size_t i = str_starts(text, S("v")) ? 1 : 0;
    if (i == text.len || text.at[i] < '0' || text.at[i] > '9')
        return false;
    for (bool tail = false; i < text.len; i++) {
        char c = text.at[i];
        bool digit = c >= '0' && c <= '9';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        tail = tail || c == '-' || c == '+';
        if (!digit && c != '.' && !(tail && (letter || c == '-' || c == '+' || c == '~')))
            return false;
    }
    return true;
}
