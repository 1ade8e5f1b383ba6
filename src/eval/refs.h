/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an expression refers to: traversals read as references to named things ("References to Named
 * Values"), before anything is evaluated.
 */
#ifndef LOAM_REFS_H
#define LOAM_REFS_H

#include "diag/diag.h"
#include "hcl/ast.h"

enum ref_kind {
    REF_VARIABLE,  /* var.NAME */
    REF_LOCAL,     /* local.NAME */
    REF_MANAGED,   /* TYPE.NAME */
    REF_DATA,      /* data.TYPE.NAME */
    REF_EPHEMERAL, /* ephemeral.TYPE.NAME */
    REF_LIST,      /* list.TYPE.NAME */
    REF_MODULE,    /* module.NAME, and with an attribute step its output */
    REF_PATH,      /* path.NAME */
    REF_TERRAFORM, /* terraform.NAME, tofu.NAME */
    REF_COUNT,     /* count.index */
    REF_EACH,      /* each.key, each.value */
    REF_SELF,
    REF_CHECK,  /* check.NAME */
    REF_OUTPUT, /* output.NAME and run.NAME: only in test files */
    REF_RUN,
    REF_PROVIDER_FUNCTION, /* provider::NAME::...: type is the provider's local name */
    REF_MALFORMED,         /* no reference at all: root at span, and all steps as rest */
};

struct ref {
    enum ref_kind kind;
    struct str type; /* resource type */
    struct str name; /* resource, variable, local, module, or attribute name */
    struct str root; /* first word as written: "terraform" or "tofu" */
    bool has_key;    /* an index with a literal right behind TYPE.NAME or module.NAME */
    struct value key;
    struct span span;        /* the part that names the thing */
    const struct step *rest; /* steps behind it */
    uint32_t n_rest;
};

struct refs {
    struct ref *at;
    size_t n;
    size_t cap;
};

/* Reads one traversal; false adds an error (incomplete or malformed reference). */
bool refs_parse(struct arena *arena, const struct traversal *traversal, struct span span,
                struct ref *ret_ref, struct diags *diags);
/*
 * Adds every reference of an expression; names bound by `for` are none. diags may be NULL. An
 * object without its attribute (`var` alone) is an error, and is also added with an empty name and
 * a void span, because the reference looks that up too.
 */
bool refs_of_expr(struct arena *arena, const struct expr *expr, struct refs *refs,
                  struct diags *diags);
/* The first name in expr that is neither bound by `for` nor one of names; false: there is none. */
bool refs_unbound(struct arena *scratch, const struct expr *expr, const struct str *names, size_t n,
                  struct str *ret_name, struct span *ret_span);
/* Whether expr calls the function anywhere but inside can(), whose result shows nothing of it. */
bool refs_calls(struct arena *scratch, const struct expr *expr, struct str function);
/* As refs_of_expr over all expressions of a body, nested blocks included. */
bool refs_of_body(struct arena *arena, const struct body *body, struct refs *refs,
                  struct diags *diags);
/* "aws_iam_user.users", "var.x", "data.a.b", "module.m": for messages and graph keys. */
struct str refs_text(struct arena *arena, const struct ref *ref);

#endif
