/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document as aws_iam_policy_document handles it: read from JSON, merged, written. */
#ifndef LOAM_DOCUMENT_MODEL_H
#define LOAM_DOCUMENT_MODEL_H

#include "base/buf.h"
#include "base/str.h"

struct arena;
struct json;

/* One or many texts: an element written as a plain string, or a list. */
struct document_texts {
    bool present;
    bool plain; /* written as a string */
    const struct str *at;
    size_t n;
};

struct document_principal {
    struct str type;
    struct document_texts identifiers;
};

struct document_condition {
    struct str test, variable;
    struct document_texts values;
};

struct document_principals {
    struct document_principal *at;
    size_t n, cap;
    size_t added; /* some of the same type */
};

struct document_statement {
    struct str sid, effect;
    struct document_texts actions, not_actions, resources, not_resources;
    struct document_principals principals, not_principals;
    struct document_condition *conditions;
    size_t n_conditions, cap_conditions;
};

struct document {
    struct str version, id;
    struct document_statement *statements;
    size_t n, cap;
};

/* false and *ret_error in the provider's (Go's) words. */
bool document_model_parse(struct arena *arena, struct str json, struct document *ret,
                          struct str *ret_error);
/* from over into: statements with the Sid of another replace it, the rest is appended. */
void document_model_merge(struct arena *arena, struct document *into, const struct document *from);
struct str document_model_write(struct arena *arena, const struct document *document, int indent);
/* Reverse byte order; one element is plain. */
struct document_texts document_model_sorted(struct arena *arena, const struct str *at, size_t n);
void document_model_add_principal(struct arena *arena, struct document_principals *list,
                                  struct str type, struct document_texts identifiers);
void document_model_add_condition(struct arena *arena, struct document_statement *statement,
                                  struct str test, struct str variable,
                                  struct document_texts values);

#endif
