/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tag.h"

#include "base/arena.h"
#include "store/entity_int.h"
#include "store/store_int.h"

struct reader {
    struct arena *arena;
    struct tag_page page;
};

static void read_row(void *context, const struct statement_value *c, int n) {
    struct reader *r = context;
    (void)n;
    r->page.items =
        arena_grow(r->arena, r->page.items, r->page.n, &r->page.cap, sizeof *r->page.items);
    r->page.items[r->page.n++] = (struct tag){
        str_dup(r->arena, c[0].text), str_dup(r->arena, c[1].text), str_dup(r->arena, c[2].text)};
}

static struct str key_of(struct arena *scratch, bool exact, struct str name) {
    return exact ? str_format(scratch, "%03zu:%.*s", name.len, STR_ARG(name))
                 : str_lower(scratch, name);
}

void tag_put(struct store_tx *tx, struct arena *scratch, struct str owner, bool exact,
             struct str name, struct str value) {
    const struct statement_value params[] = {STORE_TEXT(owner),
                                             STORE_TEXT(key_of(scratch, exact, name)),
                                             STORE_TEXT(name), STORE_TEXT(value)};
    store_send(tx, STATEMENT_TAG_PUT, params, COUNT(params));
}

void tag_delete(struct store_tx *tx, struct arena *scratch, struct str owner, bool exact,
                struct str name) {
    const struct statement_value params[] = {STORE_TEXT(owner),
                                             STORE_TEXT(key_of(scratch, exact, name))};
    store_send(tx, STATEMENT_TAG_DELETE, params, COUNT(params));
}

struct tag_page tag_list(struct store_tx *tx, struct arena *arena, struct str owner,
                         struct str after, int64_t limit) {
    struct reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(owner), STORE_TEXT(after),
                                             ENTITY_LIMIT(limit)};
    store_run(tx, STATEMENT_TAG_PAGE, params, COUNT(params), read_row, &reader);
    return reader.page;
}

int64_t tag_count(struct store_tx *tx, struct str owner) {
    const struct statement_value params[] = {STORE_TEXT(owner)};
    return store_number(tx, STATEMENT_TAG_COUNT, params, COUNT(params));
}
