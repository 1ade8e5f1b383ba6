/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options as rows of a table: a name, a kind and where the value goes in the command's
 * flags struct. Parsing, `-help` and completion come from the same rows. Options may be written
 * with one or two dashes, with `=value` or (but for booleans) the value behind, anywhere before
 * `--`.
 */
#ifndef LOAM_ARGS_H
#define LOAM_ARGS_H

#include "config/variables.h"

enum option_kind {
    OPTION_BOOL,     /* bool; -x, -x=false */
    OPTION_STR,      /* struct str */
    OPTION_INT,      /* int64_t */
    OPTION_DURATION, /* int64_t, milliseconds; "10s", "1m30s" */
    OPTION_LIST,     /* struct str_list, one a use */
    OPTION_VAR,      /* struct variable_list, -var */
    OPTION_VAR_FILE, /* struct variable_list, -var-file */
};

struct str_list {
    struct str *at;
    size_t n;
    size_t cap;
};

struct variable_list {
    struct variable_arg *at;
    size_t n;
    size_t cap;
};

struct option {
    const char *name;
    enum option_kind kind;
    size_t offset;     /* into the command's flags struct */
    const char *value; /* "=path" as -help shows it, or NULL */
    const char *doc;   /* NULL: not shown */
};

/*
 * Fills flags from words and returns what is not an option in *ret_rest. false: *ret_error says
 * what is wrong, in the words of the reference.
 */
bool args_parse(struct arena *arena, const struct option *options, size_t n_options,
                const struct str *words, size_t n_words, void *flags, struct str **ret_rest,
                size_t *ret_n_rest, struct str *ret_error);
bool args_parse_bool(struct str text, bool *ret_bool);

#endif
