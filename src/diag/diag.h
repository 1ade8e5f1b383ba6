/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong, as data: errors and warnings for the user, each with what, where and what to do.
 * A function that can fail takes a `struct diags *` and returns false when it added an error; only
 * the command line prints. Summaries are Terraform's own words, which scripts match.
 */
#ifndef LOAM_DIAG_H
#define LOAM_DIAG_H

#include "base/str.h"
#include "diag/source.h"

struct arena;

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* A reference inside the failing expression and what it stands for: "var.n", "is 3". */
struct diag_value {
    struct str traversal;
    struct str statement;
};

/* The function whose call failed, for "while calling upper(str)". */
struct diag_param {
    struct str name;
    struct str type_json; /* "\"string\"", as in schemas */
};

struct diag_call {
    struct str called_as; /* with namespaces, as written */
    struct str name;
    const struct diag_param *params;
    size_t n_params;
    bool variadic; /* the last parameter takes any number */
    struct str return_type_json;
};

/* What an error is besides its words, for callers that act on it. */
enum diag_kind { DIAG_PLAIN, DIAG_SYNTAX, DIAG_VARIABLE_VALIDATION, DIAG_CHECK, DIAG_DEPRECATION };

struct diag {
    enum severity severity;
    enum diag_kind kind;
    struct str summary;
    struct str detail;
    struct span subject;  /* what to underline */
    struct span context;  /* the lines to show; nowhere: those of subject */
    struct str address;   /* "aws_iam_user.users[\"a\"]" for the "with ..." line; may be empty */
    struct str path;      /* attribute path inside it, for errors of providers */
    struct str import_id; /* of an existing object that stood in the way of a new one, or empty */
    const struct diag_call *call; /* or NULL; lives as long as the diags */
    const struct diag_value *values;
    size_t n_values;
};

/* Belongs to one thread; merge with diags_append. A zeroed struct with `arena` set is empty. */
struct diags {
    struct arena *arena;
    struct diag *at;
    size_t n;
    size_t cap;
    size_t n_errors;
};

struct diags *diags_new(struct arena *arena);
bool diags_failed(const struct diags *diags);

/*
 * Adds one and returns it for further details; valid until the next addition. detail is a format
 * and may be NULL. Texts are kept in the diags' arena.
 */
struct diag *diags_error(struct diags *diags, struct span subject, const char *summary,
                         const char *detail, ...) PRINTF_LIKE(4, 5);
struct diag *diags_warn(struct diags *diags, struct span subject, const char *summary,
                        const char *detail, ...) PRINTF_LIKE(4, 5);
/* The same with ready texts (copied). */
struct diag *diags_add(struct diags *diags, enum severity severity, struct span subject,
                       struct str summary, struct str detail);
/* Copies all of from behind those of into. */
void diags_append(struct diags *into, const struct diags *from);
/* Drops everything behind the first n, for attempts that are allowed to fail. */
void diags_truncate(struct diags *diags, size_t n);
/* All errors in one text, as Go prints an error made of them: "summary: detail", or a list behind
 * "2 problems:". */
struct str diags_text(struct arena *arena, const struct diags *diags);
/* Sorts stably: by severity as Terraform prints (warnings first), then file name, then place. */
void diags_sort(struct diags *diags, const struct sources *sources);

#endif
