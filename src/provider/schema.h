/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider's blocks look like: attributes, nested blocks, and the value type they imply. */
#ifndef LOAM_SCHEMA_H
#define LOAM_SCHEMA_H

#include "diag/diag.h"
#include "value/path.h"
#include "value/value.h"

enum schema_nesting {
    NESTING_SINGLE,
    NESTING_GROUP,
    NESTING_LIST,
    NESTING_SET,
    NESTING_MAP,
};

struct schema_block;

/* Attributes whose type is an object given attribute by attribute (protocol 6). */
struct schema_object {
    enum schema_nesting nesting;
    const struct schema_attr *attrs;
    size_t n_attrs;
};

struct schema_attr {
    struct str name;
    const struct type *type; /* also set when `nested` is */
    const struct schema_object *nested;
    bool required, optional, computed, sensitive, write_only, deprecated;
    bool unlisted; /* not shown with the schema: taken for the sake of others who read it */
    struct str description;
    bool markdown;
    struct str deprecation; /* message or empty */
};

struct schema_nested {
    struct str name;
    enum schema_nesting nesting;
    uint32_t min_items, max_items; /* 0 = no bound */
    const struct schema_block *block;
};

struct schema_block {
    const struct schema_attr *attrs; /* sorted by name */
    size_t n_attrs;
    const struct schema_nested *blocks; /* sorted by name */
    size_t n_blocks;
    struct str description;
    bool markdown;
    bool deprecated;
    struct str deprecation;
};

/* A resource type, data source, ephemeral resource or a provider's configuration. */
struct schema {
    struct str name; /* "aws_iam_user"; empty for a provider */
    int64_t version;
    const struct schema_block *block;
    const struct schema_object *identity; /* or NULL */
    int64_t identity_version;
};

/* Stands for "no block at all": the configuration of a provider that has none. It is empty. */
extern const struct schema_block schema_no_block;

/* The object type of values of this block. */
const struct type *schema_type(const struct schema_block *block);
/* The type of a nested attribute's values. */
const struct type *schema_object_type(const struct schema_object *object);
const struct schema_attr *schema_attr(const struct schema_block *block, struct str name);
const struct schema_nested *schema_nested(const struct schema_block *block, struct str name);
/* Paths of sensitive attributes that exist in v, added to paths. */
void schema_sensitive(struct arena *arena, const struct schema_block *block, struct value v,
                      struct paths *paths);
/* An object with every attribute null and every block empty. */
struct value schema_empty(struct arena *arena, const struct schema_block *block);
/*
 * What is to be, before the provider speaks: config over prior, computed attributes from the prior
 * (or unknown on create) - the reference's ProposedNew.
 */
struct value schema_propose(struct arena *arena, const struct schema_block *block,
                            struct value prior, struct value config);
/* The same as the plugin protocol wants it: computed attributes are null on create. */
struct value schema_propose_plain(struct arena *arena, const struct schema_block *block,
                                  struct value prior, struct value config);
/* config with computed-and-null attributes unknown: the proposal when there is no prior. */
struct value schema_unknown_computed(struct arena *arena, const struct schema_block *block,
                                     struct value config);

#endif
