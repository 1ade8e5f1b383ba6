/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions as data: one row per function, and one caller that does for all of them what null,
 * unknown, marked and dynamic arguments mean. `metadata functions` prints from the same table.
 */
#ifndef LOAM_FUNC_H
#define LOAM_FUNC_H

#include "eval/eval.h"

enum func_allow { FUNC_NULL = 1, FUNC_UNKNOWN = 2, FUNC_MARKED = 4, FUNC_DYNAMIC = 8 };

struct func_param {
    const char *name;
    const struct type *const *type; /* address of the type; NULL = dynamic */
    const struct type *(*make_type)(void); /* for collection types: instead of `type` */
    unsigned allow;                 /* enum func_allow */
    const char *doc;
};

struct func_call {
    struct arena *arena;
    const struct scope *scope;
    const struct value *args;
    size_t n;
    struct str error; /* what went wrong, in the reference's words */
    size_t error_arg; /* which argument, or FUNC_NO_ARG */
};

#define FUNC_NO_ARG ((size_t)-1)

struct func {
    const char *name;
    const struct func_param *params;
    size_t n_params;
    const struct func_param *variadic; /* or NULL */
    /* The result's type for these arguments; NULL fills call->error. When NULL: `result`. */
    const struct type *(*result_type)(struct func_call *call);
    const struct type *const *result;
    /* false fills call->error. Arguments are converted, known, not null, unmarked as declared. */
    bool (*run)(struct func_call *call, struct value *ret_value);
    bool impure;
    const char *doc; /* one paragraph for `metadata functions` */
};

const struct func *func_find(struct str name);
/* All rows sorted by name. */
const struct func *const *func_all(size_t *ret_n);
/* Calls with conversion and all the rules; errors as in the language. */
bool func_call(struct arena *arena, const struct scope *scope, const struct func *func,
               const struct value *args, size_t n, struct func_call *ret_failure,
               struct value *ret_value);

#endif
