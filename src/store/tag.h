/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags of entities, the short keys first, as IAM lists them. A key keeps the case it was written
 * in; two that differ in case only are one, except where keys are `exact`.
 */
#ifndef LOAM_TAG_H
#define LOAM_TAG_H

#include "base/str.h"

struct arena;
struct store_tx;

struct tag {
    struct str key; /* the order of pages */
    struct str name, value;
};

struct tag_page {
    struct tag *items;
    size_t n, cap;
};

void tag_put(struct store_tx *tx, struct arena *scratch, struct str owner, bool exact,
             struct str name, struct str value);
void tag_delete(struct store_tx *tx, struct arena *scratch, struct str owner, bool exact,
                struct str name);
/* limit 0: all. */
struct tag_page tag_list(struct store_tx *tx, struct arena *arena, struct str owner,
                         struct str after, int64_t limit);
int64_t tag_count(struct store_tx *tx, struct str owner);

#endif
