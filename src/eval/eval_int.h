/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the evaluator share: one environment, handed down through the tree. */
#ifndef LOAM_EVAL_INT_H
#define LOAM_EVAL_INT_H

#include "base/arena.h"
#include "eval/eval.h"
#include "eval/object_build.h"
#include "value/convert.h"

/* Deeper expressions are refused; the C stack would end first. */
#define EVAL_MAX_DEPTH 3000
/* What one expression may take of memory before it is refused. */
#define EVAL_MAX_BYTES ((size_t)768 << 20)
/* Elements of one collection made by a function: range(), setproduct() ... */
#define EVAL_MAX_ELEMENTS ((size_t)4 << 20)

/* A name bound by `for` or by a template's variables; the innermost comes first. */
struct eval_binding {
    struct str name;
    struct value value;
    const struct eval_binding *next;
};

struct eval_env {
    struct arena *arena;
    const struct scope *scope;
    struct diags *diags;
    const struct eval_binding *bindings;
    const struct value *each; /* current element of the innermost splat */
    int depth;
    size_t used_before; /* of the arena, when this expression began */
    bool quiet;         /* inside try() and can(): nobody will read the details */
    bool *hard_failure; /* set when a reference could not be resolved: try() must not hide that */
};

struct value eval_any(const struct eval_env *env, const struct expr *expr);
/* Adds an error; about is the expression whose references the message may explain, or NULL. */
struct diag *eval_fail(const struct eval_env *env, struct span subject, struct span context,
                       const struct expr *about, const char *summary, const char *detail, ...)
    PRINTF_LIKE(6, 7);
/* Why a conversion failed; the place inside the value is not told, as in the reference. */
const char *eval_why(const struct eval_env *env, const struct convert_error *error);

/*
 * What of a beginning stays as it is whatever follows: its last character is left out, since what
 * comes may combine with it.
 */
struct str eval_safe_prefix(struct str text);

/* Fills diag->values; causes: enum eval_cause. */
void explain_diag(const struct eval_env *env, const struct expr *expr, unsigned causes,
                  struct diag *diag);
/* "is 3" */
struct str explain_value(struct arena *arena, struct value v, unsigned causes);

struct value operate_binary(const struct eval_env *env, const struct expr *expr);
struct value operate_unary(const struct eval_env *env, const struct expr *expr);
struct value conditional_eval(const struct eval_env *env, const struct expr *expr);
struct value loop_for(const struct eval_env *env, const struct expr *expr);
struct value loop_splat(const struct eval_env *env, const struct expr *expr);
struct value invoke_eval(const struct eval_env *env, const struct expr *expr);

#endif
