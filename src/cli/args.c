/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct parser {
    struct arena *arena;
    char *flags;
    struct str *error;
};

static bool fail(struct parser *p, const char *format, ...) PRINTF_LIKE(2, 3);

static bool fail(struct parser *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    *p->error = str_vformat(p->arena, format, args);
    va_end(args);
    return false;
}

bool args_parse_bool(struct str text, bool *ret_bool) {
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};
    for (size_t i = 0; i < COUNT(yes); i++) {
        bool is_yes = str_eq(text, str_from(yes[i]));
        if (is_yes || str_eq(text, str_from(no[i]))) {
            *ret_bool = is_yes;
            return true;
        }
    }
    return false;
}

static bool duration_unit(struct str *text, double *ret_ms) {
    static const struct {
        struct str name;
        double ms;
    } units[] = {{STR("ms"), 1},        {STR("us"), 0.001}, {STR("ns"), 0.000001},
                 {STR("h"), 3600000.0}, {STR("m"), 60000},  {STR("s"), 1000}};
    for (size_t i = 0; i < COUNT(units); i++) {
        if (str_starts(*text, units[i].name)) {
            *ret_ms = units[i].ms;
            *text = str_slice(*text, units[i].name.len, text->len);
            return true;
        }
    }
    return false;
}

static bool parse_duration(struct str text, int64_t *ret_ms) {
    double total = 0;
    if (str_eq(text, S("0"))) {
        *ret_ms = 0;
        return true;
    }
    if (!text.len)
        return false;
    while (text.len) {
        size_t digits = 0;
        char number[32];
        while (digits < text.len && digits + 1 < sizeof number &&
               strchr("0123456789.", text.at[digits]))
            digits++;
        if (!digits)
            return false;
        memcpy(number, text.at, digits);
        number[digits] = 0;
        text = str_slice(text, digits, text.len);
        double unit;
        if (!duration_unit(&text, &unit))
            return false;
        total += strtod(number, NULL) * unit;
    }
    if (total > 1e15)
        return false;
    *ret_ms = (int64_t)total;
    return true;
}

static void add_variable(struct parser *p, void *at, struct str text, bool is_file) {
    struct variable_list *list = at;
    list->at = arena_grow(p->arena, list->at, list->n, &list->cap, sizeof *list->at);
    list->at[list->n++] = (struct variable_arg){is_file, text};
}

static bool store(struct parser *p, const struct option *o, struct str value) {
    void *at = p->flags + o->offset;
    switch (o->kind) {
    case OPTION_BOOL:
        return args_parse_bool(value, at) ||
               fail(p, "invalid boolean value \"%.*s\" for -%s: parse error", STR_ARG(value),
                    o->name);
    case OPTION_STR:
        *(struct str *)at = value;
        return true;
    case OPTION_INT:
        return str_to_int(value, at) ||
               fail(p, "invalid value \"%.*s\" for flag -%s: parse error", STR_ARG(value), o->name);
    case OPTION_DURATION:
        return parse_duration(value, at) ||
               fail(p, "invalid value \"%.*s\" for flag -%s: parse error", STR_ARG(value), o->name);
    case OPTION_LIST: {
        struct str_list *list = at;
        list->at = arena_grow(p->arena, list->at, list->n, &list->cap, sizeof *list->at);
        list->at[list->n++] = value;
        return true;
    }
    case OPTION_VAR:
    case OPTION_VAR_FILE:
        add_variable(p, at, value, o->kind == OPTION_VAR_FILE);
        return true;
    }
    bug("unknown option kind");
}

static const struct option *find(const struct option *options, size_t n, struct str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_from(options[i].name)))
            return &options[i];
    return NULL;
}

/* The option's words say "-refreh": name the nearest one. */
static bool unknown(struct parser *p, const struct option *options, size_t n, struct str name) {
    struct str *names = arena_array(p->arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = str_from(options[i].name);
    struct str near = str_nearest(name, names, n);
    if (near.len && near.at[0] == name.at[0])
        return fail(p, "flag provided but not defined: -%.*s. Did you mean -%.*s?", STR_ARG(name),
                    STR_ARG(near));
    return fail(p, "flag provided but not defined: -%.*s", STR_ARG(name));
}

bool args_parse(struct arena *arena, const struct option *options, size_t n_options,
                const struct str *words, size_t n_words, void *flags, struct str **ret_rest,
                size_t *ret_n_rest, struct str *ret_error) {
    struct parser p = {arena, flags, ret_error};
    struct str *rest = arena_array(arena, n_words + 1, sizeof *rest);
    size_t n_rest = 0;
    bool only_rest = false;
    for (size_t i = 0; i < n_words; i++) {
        struct str word = words[i];
        if (only_rest || word.len < 2 || word.at[0] != '-') {
            rest[n_rest++] = word;
            continue;
        }
        if (str_eq(word, S("--"))) {
            only_rest = true;
            continue;
        }
        struct str name = str_slice(word, word.at[1] == '-' ? 2 : 1, word.len);
        ptrdiff_t equals = str_find_byte(name, '=');
        struct str value = equals >= 0 ? str_slice(name, (size_t)equals + 1, name.len) : S("true");
        if (equals >= 0)
            name = str_slice(name, 0, (size_t)equals);
        const struct option *o = find(options, n_options, name);
        if (!o)
            return unknown(&p, options, n_options, name);
        if (equals < 0 && o->kind != OPTION_BOOL) {
            if (i + 1 == n_words)
                return fail(&p, "flag needs an argument: -%s", o->name);
            value = words[++i];
        }
        if (!store(&p, o, value))
            return false;
    }
    *ret_rest = rest;
    *ret_n_rest = n_rest;
    return true;
}
