/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dump.h"

#include "base/arena.h"
#include "store/entity_int.h"
#include "store/store_int.h"

struct entity_page dump_entities(struct store_tx *tx, struct arena *arena, struct str after,
                                 int64_t limit) {
    struct entity_reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(after), ENTITY_LIMIT(limit)};
    store_run(tx, STATEMENT_DUMP_ENTITY, params, COUNT(params), entity_read_row, &reader);
    return reader.page;
}

struct link_reader {
    struct arena *arena;
    struct dump_link *items;
    size_t n, cap;
};

static void read_link(void *context, const struct statement_value *c, int n) {
    struct link_reader *r = context;
    (void)n;
    r->items = arena_grow(r->arena, r->items, r->n, &r->cap, sizeof *r->items);
    r->items[r->n++] = (struct dump_link){(int)c[0].number, str_dup(r->arena, c[1].text),
                                          str_dup(r->arena, c[2].text), c[3].number};
}

struct dump_link *dump_links(struct store_tx *tx, struct arena *arena, size_t *ret_n) {
    struct link_reader reader = {.arena = arena};
    store_run(tx, STATEMENT_DUMP_LINK, NULL, 0, read_link, &reader);
    *ret_n = reader.n;
    return reader.items;
}

struct setting_reader {
    struct arena *arena;
    struct dump_setting *items;
    size_t n, cap;
};

static void read_setting(void *context, const struct statement_value *c, int n) {
    struct setting_reader *r = context;
    (void)n;
    r->items = arena_grow(r->arena, r->items, r->n, &r->cap, sizeof *r->items);
    r->items[r->n++] = (struct dump_setting){
        str_dup(r->arena, c[0].text), str_dup(r->arena, c[1].text), str_dup(r->arena, c[2].text)};
}

struct dump_setting *dump_settings(struct store_tx *tx, struct arena *arena, size_t *ret_n) {
    struct setting_reader reader = {.arena = arena};
    store_run(tx, STATEMENT_DUMP_SETTING, NULL, 0, read_setting, &reader);
    *ret_n = reader.n;
    return reader.items;
}
