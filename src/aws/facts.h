/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each block of the AWS provider, as data: attributes with their mode, default,
 * checks and words. The schema shown to the engine, validation, plan rules and the documentation
 * read the same rows. schema_data.c and schema_source_data.c are generated from
 * model/aws_provider.json.
 */
#ifndef LOAM_FACTS_H
#define LOAM_FACTS_H

#include "provider/schema.h"

enum fact_flag {
    FACT_REQUIRED = 1,
    FACT_OPTIONAL = 2,
    FACT_COMPUTED = 4,
    FACT_FORCE_NEW = 8,
    FACT_SENSITIVE = 16,
    FACT_WRITE_ONLY = 32,
    FACT_NO_NULLS = 64, /* a set whose elements are never null */
};

enum fact_format {
    FORMAT_ANY,
    FORMAT_ARN,
    FORMAT_ARN_VALUE, /* the same, told in the newer library's words */
    FORMAT_POLICY,    /* an IAM policy document: compared by meaning */
    FORMAT_JSON,
    FORMAT_REGEXP,
    FORMAT_HTTPS_URL,
    FORMAT_EMPTY,
    FORMAT_NOT_EMPTY,
    FORMAT_ALIAS,
    FORMAT_PATH,
    FORMAT_DESCRIPTION,
    FORMAT_ROLE_NAME,
    FORMAT_SERVICE_NAME,
    FORMAT_DEVICE_NAME,
    FORMAT_ACCOUNT_ID,
    FORMAT_BOOL_TEXT, /* "true", "false" and what else Go reads as one; or nothing */
    FORMAT_DURATION,  /* Go's form, 15 minutes to 12 hours */
};

struct fact_check {
    bool empty_ok;              /* "" counts as not given */
    bool not_empty_text;        /* "" has an error of its own, before the others */
    bool has_length, has_range; /* min..max of bytes, or of the number */
    int64_t min, max;
    const struct str *enums; /* ended by an empty one */
    struct str alphabet;     /* the only characters allowed, and how the provider says so */
    struct str alphabet_rule;
    enum fact_format format;
};

/* Lists of names are ended by an empty one. */
struct fact {
    struct str name;
    struct str type;     /* JSON form */
    unsigned flags;      /* enum fact_flag */
    struct str fallback; /* default as text, or empty */
    struct str deprecated;
    const struct str *conflicts_with, *exactly_one_of, *at_least_one_of;
    const struct fact_check *check, *element_check;
    struct str description;
};

struct fact_block {
    struct str name;
    enum schema_nesting nesting;
    uint32_t min_items, max_items;
    uint32_t at_most; /* checked beside the schema; 0: any number */
    struct str deprecated, description;
    const struct fact *facts; /* sorted by name */
    size_t n_facts;
    const struct str *others; /* texts that are taken and have no effect, nor are shown; or NULL */
    const struct fact_block *blocks; /* sorted by name */
    size_t n_blocks;
};

struct fact_schema {
    struct str name;
    int64_t version;
    struct fact_block block;
    bool has_identity;
    const struct str *identity_required; /* beside the optional account_id */
    struct str import_format, import_example;
    const struct str *timeouts; /* operations of the timeouts block */
};

extern const struct fact_schema facts_provider;
extern const struct fact_schema facts_resources[];
extern const size_t facts_n_resources;
extern const struct fact_schema facts_data_sources[];
extern const size_t facts_n_data_sources;

const struct fact *facts_attr(const struct fact_block *block, struct str name);
const struct fact_schema *facts_resource(struct str type);
/* The default as a value of its type; null when there is none. */
struct value facts_default(struct arena *arena, const struct fact *fact);
/* Schemas for the engine, made in arena. */
const struct schema *facts_schema(struct arena *arena, const struct fact_schema *facts);

#endif
