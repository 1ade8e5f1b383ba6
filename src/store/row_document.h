/* SPDX-License-Identifier: Apache-2.0 */
/* Policy texts by owner: the inline policies of an entity, the versions of a managed policy. */
#ifndef LOAM_ROW_DOCUMENT_H
#define LOAM_ROW_DOCUMENT_H

#include "base/str.h"

struct arena;
struct store_tx;

struct document {
    struct str key; /* unique for the owner, and the order of pages */
    struct str name;
    int64_t created_ms;
    struct str body;
};

struct document_page {
    struct document *items;
    size_t n, cap;
};

/* Adds or replaces; a replaced one keeps its time of creation. */
void row_document_put(struct store_tx *tx, struct str owner, const struct document *document);
bool row_document_delete(struct store_tx *tx, struct str owner, struct str key);
struct document *row_document_find(struct store_tx *tx, struct arena *arena, struct str owner,
                                   struct str key);
/* limit 0: all. */
struct document_page row_document_list(struct store_tx *tx, struct arena *arena, struct str owner,
                                       struct str after, int64_t limit);
int64_t row_document_count(struct store_tx *tx, struct str owner);

#endif
