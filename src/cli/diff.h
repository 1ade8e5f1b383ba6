/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one value becomes another, as a tree: for every attribute, block and element whether it is
 * created, changed, deleted or left alone. Computed here, shown by diff_render.h.
 */
#ifndef LOAM_DIFF_H
#define LOAM_DIFF_H

#include "provider/schema.h"
#include "steps/steps.h"

enum diff_kind {
    DIFF_PRIMITIVE,
    DIFF_OBJECT,
    DIFF_MAP,
    DIFF_LIST, /* lists and tuples: elements next to changes are shown */
    DIFF_SET,
    DIFF_BLOCK,
    DIFF_UNKNOWN,   /* inner: the value before, or NULL */
    DIFF_SENSITIVE, /* inner: what is hidden */
    DIFF_SENSITIVE_BLOCK,
    DIFF_TYPE_CHANGE, /* inner -> other */
    DIFF_WRITE_ONLY,
};

struct diff_child {
    struct str key; /* attribute name or map key; empty in lists and sets */
    struct diff *diff;
};

/* All blocks of one type inside a block. */
struct diff_blocks {
    struct str type;
    enum schema_nesting nesting;
    struct diff_child *at; /* keys for NESTING_MAP */
    size_t n;
    bool replace, before_sensitive, after_sensitive;
};

struct diff {
    enum diff_kind kind;
    enum action action;         /* NOOP, CREATE, UPDATE, DELETE */
    bool replace;               /* this is what forces replacement */
    bool nested;                /* made from nested attributes: other suffix rules */
    struct value before, after; /* DIFF_PRIMITIVE */
    struct diff_child *children;
    size_t n_children;
    struct diff_blocks *blocks; /* sorted by type */
    size_t n_blocks;
    struct diff *inner, *other;
    bool before_sensitive, after_sensitive;
};

/* Which paths count: everything (all), or those at and below the given ones. */
struct diff_paths {
    bool all;
    const struct paths *paths;
};

/* A resource: before and after are objects of the block's type or null. */
struct diff *diff_block(struct arena *arena, const struct schema_block *block, struct value before,
                        struct value after, const struct paths *replace,
                        struct diff_paths relevant);
/* Any two values by their own types: outputs. */
struct diff *diff_values(struct arena *arena, struct value before, struct value after);
/* Documents inside strings; NULL: there is none on that side. */
struct diff *diff_json(struct arena *arena, const struct value *before, const struct value *after);
/* A value by its type, as it is (no change): outputs of a state. */
struct diff *diff_unchanged(struct arena *arena, struct value v);

#endif
