/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions to values. The scope says what names mean; the evaluator asks it for one reference at
 * a time and never for more than the expression needs: an index into a resource or module asks for
 * the one instance.
 */
#ifndef LOAM_EVAL_H
#define LOAM_EVAL_H

#include "diag/diag.h"
#include "eval/refs.h"
#include "hcl/ast.h"

struct scope;
struct provider_function;

struct scope_ops {
    /*
     * The value of a reference without its `rest` steps. key is NULL, or the index that follows:
     * then the value of that one instance, if there is more than one, is returned and *ret_used_key
     * set; when there is no such instance, the whole with *ret_used_key false, so that the index
     * fails as any other. false adds an error at ref->span: a reference that cannot be resolved at
     * all, which try() does not hide.
     */
    bool (*get)(const struct scope *scope, struct arena *arena, const struct ref *ref,
                const struct value *key, struct value *ret_value, bool *ret_used_key,
                struct diags *diags);
    /* What a provider-defined function takes and gives; NULL adds an error: there is none. */
    const struct provider_function *(*signature)(const struct scope *scope, struct arena *arena,
                                                 struct str provider, struct str function,
                                                 struct span span, struct diags *diags);
    /*
     * Calls it with arguments that fit the signature, are known, not null and unmarked. A failure
     * is one error, whose detail is what went wrong. NULL where there are no such functions.
     */
    bool (*call)(const struct scope *scope, struct arena *arena, struct str provider,
                 struct str function, const struct value *args, size_t n, struct span span,
                 struct value *ret_value, struct diags *diags);
};

struct scope {
    const struct scope_ops *ops; /* NULL: no references are allowed */
    void *context;
    const struct sources *sources; /* for templates and messages */
    struct str base_dir;           /* where file functions start; "." is the working folder */
    bool pure;                     /* impure functions (timestamp, uuid, bcrypt) give unknown */
    bool console;                  /* type() exists */
    bool in_template;              /* inside templatefile() or templatestring(): no further ones */
    bool constant_only;            /* neither variables nor functions may be used here */
    struct str plan_time;          /* result of plantimestamp(), empty = unknown */
};

/* On failure adds errors and returns an unknown of dynamic type, so that callers may go on. */
struct value eval_expr(struct arena *arena, const struct scope *scope, const struct expr *expr,
                       struct diags *diags);
/* The same, converted; "Incorrect value type"-style error on failure is left to the caller's
 * summary: `Invalid value for "x"`-style texts come from config/decode. */
struct value eval_expr_as(struct arena *arena, const struct scope *scope, const struct expr *expr,
                          const struct type *type, struct str summary, struct diags *diags);
/* Names bound for one evaluation (each, count, self come through scope; this is for templates). */
struct value eval_with(struct arena *arena, const struct scope *scope, const struct expr *expr,
                       const struct str *names, const struct value *values, size_t n,
                       struct diags *diags);

/* Fills diag->values: the references inside expr and what they are, as error messages show them. */
void eval_describe(struct arena *arena, const struct scope *scope, const struct expr *expr,
                   struct diag *diag);
/* The same where the error is that something is unknown, sensitive or ephemeral: says so too. */
enum eval_cause { EVAL_CAUSE_UNKNOWN = 1, EVAL_CAUSE_SENSITIVE = 2, EVAL_CAUSE_EPHEMERAL = 4 };
void eval_describe_cause(struct arena *arena, const struct scope *scope, const struct expr *expr,
                         unsigned causes, struct diag *diag);
/* "is 3", "is map of object with 3 elements", "has a sensitive value", "will be known only after
 * apply": one statement of the list above. Empty: leave it out. */
struct str eval_describe_value(struct arena *arena, struct value v);

#endif
