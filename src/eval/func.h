/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions as data: one row per function, and one caller that does for all of them what null,
 * unknown, marked and dynamic arguments mean. `metadata functions` prints from the same table.
 */
#ifndef LOAM_FUNC_H
#define LOAM_FUNC_H

#include "eval/eval.h"

enum func_allow {
    FUNC_NULL = 1,
    FUNC_UNKNOWN = 2, /* the argument itself may be unknown */
    FUNC_MARKED = 4,
    FUNC_DYNAMIC = 8,
    FUNC_PARTIAL = 16, /* parts of the argument may be unknown */
};

struct func_param {
    const char *name;
    const struct type *const *type;        /* address of the type; NULL = dynamic */
    const struct type *(*make_type)(void); /* for collection types: instead of `type` */
    unsigned allow;                        /* enum func_allow */
    const char *doc;
    const struct type *const *shown; /* what signatures say, where that is not the type */
};

/* A function of a provider, called through the scope. */
struct func_remote {
    struct str provider, function;
    struct span span;
};

struct func_call {
    const struct func *func;
    struct arena *arena;
    const struct scope *scope;
    const struct value *args;
    size_t n;
    const struct type *type; /* of the result, when run is called */
    const unsigned *marks;   /* of each argument, which may come without, for messages */
    struct str error;        /* what went wrong, in the reference's words */
    size_t error_arg;        /* which argument, or FUNC_NO_ARG */
};

#define FUNC_NO_ARG ((size_t)-1)

/* Functions that look at their arguments' expressions rather than at values. */
enum func_special { FUNC_PLAIN, FUNC_TRY, FUNC_CAN, FUNC_TEMPLATESTRING };

struct func {
    const char *name;
    const struct func_param *params;
    size_t n_params;
    const struct func_param *variadic; /* or NULL */
    /* The result's type for these arguments; NULL fills call->error. When NULL: `result`. */
    const struct type *(*result_type)(struct func_call *call);
    const struct type *const *result; /* NULL: found by result_type, dynamic to the reader */
    /* false fills call->error. Arguments are converted, known, not null, unmarked as declared. */
    bool (*run)(struct func_call *call, struct value *ret_value);
    enum func_special special;
    bool dynamic_signature; /* signatures say dynamic though `result` says more */
    bool impure;
    bool maybe_null;   /* an unknown result may turn out to be null */
    bool plan_only;    /* not known to a console without a plan's time */
    bool console_only; /* not known outside the console, nor to `metadata functions` */
    const struct type *(*make_result)(void); /* a collection type, instead of `result` */
    const struct func_remote *remote;        /* NULL for a function of the language */
};

/* NULL when there is none, or only for the console and this is not it. */
const struct func *func_find(struct str name, const struct scope *scope);
/* All rows sorted by name. */
const struct func *const *func_all(size_t *ret_n);
/* The parameter that argument i belongs to; i is in range. */
const struct func_param *func_param(const struct func *func, size_t i);
const struct type *func_param_type(const struct func_param *param);
/* As signatures say it: some are less exact than the function is. */
const struct type *func_signature_type(const struct func *func);
/* The nearest name, for "Did you mean"; empty when none is near. */
struct str func_nearest(struct arena *scratch, struct str name, const struct scope *scope);

/* Calls with conversion and all the rules; on failure ret_failure says what and which argument. */
bool func_call(struct arena *arena, const struct scope *scope, const struct func *func,
               const struct value *args, size_t n, struct func_call *ret_failure,
               struct value *ret_value);

/* For implementations: fills call->error (and error_arg) and returns false. */
bool func_fail(struct func_call *call, const char *format, ...) PRINTF_LIKE(2, 3);
bool func_fail_arg(struct func_call *call, size_t arg, const char *format, ...) PRINTF_LIKE(3, 4);
/* The same as result of result_type. */
const struct type *func_no_type(struct func_call *call, const char *format, ...) PRINTF_LIKE(2, 3);
const struct type *func_no_type_arg(struct func_call *call, size_t arg, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
