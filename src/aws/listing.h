/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which objects of a type an account has: rows that say which calls list them, read by one
 * interpreter. What each object is in full is then read as a refresh reads it.
 */
#ifndef LOAM_LISTING_H
#define LOAM_LISTING_H

#include "aws/resource.h"

/* One list call. Where there are two, the second is made for each object that the first gives. */
struct list_level {
    struct call_row call; /* attributes of the list block's `config` are ".NAME" */
    int16_t items;        /* list member of the answer */
    const char *text;     /* items that are texts: the attribute they are */
    const struct bind *out;
    const char *skip, *skip_prefix; /* items whose attribute begins so are left out */
};

struct list_row {
    struct str type;
    const struct list_level *levels;
    size_t n_levels;
    const char *display; /* what stands for an object: "{.folder}{name}" */
    const char *owner;   /* attribute that the configuration's one argument gives; or NULL */
    struct fact_block config;
};

extern const struct list_row list_table[];
extern const size_t list_table_n;

/* What is told of each object: its identity, and what stands for it. */
struct listing_object {
    struct value identity;
    struct str display;
};

struct listing {
    const struct list_row *row;
    const struct resource *resource;
    struct service *service;
    struct arena *arena;
    struct value config; /* of the row's block, or null */
    size_t limit;
    struct str refused; /* why many could not be read at once, or empty */
    struct listing_object *at;
    size_t n, cap;
    struct diags *diags;
};

const struct list_row *listing_row(struct str type);
/* The schema of a row's configuration. */
const struct schema *listing_schema(struct arena *arena, const struct list_row *row);
/* Fills at[0..n), at most `limit`; false after adding an error. */
bool listing_run(struct listing *listing);

#endif
