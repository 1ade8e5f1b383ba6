/* SPDX-License-Identifier: Apache-2.0 */
#include "store/row_document.h"

#include "base/arena.h"
#include "store/entity_int.h"
#include "store/store_int.h"

struct reader {
    struct arena *arena;
    struct document_page page;
};

static void read_row(void *context, const struct statement_value *c, int n) {
    struct reader *r = context;
    (void)n;
    r->page.items =
        arena_grow(r->arena, r->page.items, r->page.n, &r->page.cap, sizeof *r->page.items);
    r->page.items[r->page.n++] =
        (struct document){str_dup(r->arena, c[0].text), str_dup(r->arena, c[1].text), c[2].number,
                          str_dup(r->arena, c[3].text)};
}

void row_document_put(struct store_tx *tx, struct str owner, const struct document *document) {
    const struct statement_value params[] = {
        STORE_TEXT(owner), STORE_TEXT(document->key), STORE_TEXT(document->name),
        STORE_NUMBER(document->created_ms), STORE_TEXT(document->body)};
    store_send(tx, STATEMENT_DOCUMENT_PUT, params, COUNT(params));
}

bool row_document_delete(struct store_tx *tx, struct str owner, struct str key) {
    const struct statement_value params[] = {STORE_TEXT(owner), STORE_TEXT(key)};
    return store_run(tx, STATEMENT_DOCUMENT_DELETE, params, COUNT(params), NULL, NULL) > 0;
}

struct document *row_document_find(struct store_tx *tx, struct arena *arena, struct str owner,
                                   struct str key) {
    struct reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(owner), STORE_TEXT(key)};
    store_run(tx, STATEMENT_DOCUMENT_FIND, params, COUNT(params), read_row, &reader);
    return reader.page.n ? reader.page.items : NULL;
}

struct document_page row_document_list(struct store_tx *tx, struct arena *arena, struct str owner,
                                       struct str after, int64_t limit) {
    struct reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(owner), STORE_TEXT(after),
                                             ENTITY_LIMIT(limit)};
    store_run(tx, STATEMENT_DOCUMENT_PAGE, params, COUNT(params), read_row, &reader);
    return reader.page;
}

int64_t row_document_count(struct store_tx *tx, struct str owner) {
    const struct statement_value params[] = {STORE_TEXT(owner)};
    return store_number(tx, STATEMENT_DOCUMENT_SIZE, params, COUNT(params));
}
