/* SPDX-License-Identifier: Apache-2.0 */
#include "store/entity.h"

#include "base/arena.h"
#include "store/entity_int.h"
#include "store/store_int.h"

void entity_read_row(void *context, const struct statement_value *c, int n) {
    struct entity_reader *r = context;
    struct arena *a = r->arena;
    (void)n;
    r->page.items = arena_grow(a, r->page.items, r->page.n, &r->page.cap, sizeof *r->page.items);
    r->page.items[r->page.n++] = (struct entity){
        .id = str_dup(a, c[0].text),
        .account = str_dup(a, c[1].text),
        .kind = (int)c[2].number,
        .key = str_dup(a, c[3].text),
        .name = str_dup(a, c[4].text),
        .path = str_dup(a, c[5].text),
        .owner = str_dup(a, c[6].text),
        .created_ms = c[7].number,
        .body = str_dup(a, c[8].text),
        .secret = str_dup(a, c[9].text),
    };
}

void entity_add(struct store_tx *tx, const struct entity *e) {
    const struct statement_value params[] = {
        STORE_TEXT(e->id),     STORE_TEXT(e->account),      STORE_NUMBER(e->kind),
        STORE_TEXT(e->key),    STORE_TEXT(e->name),         STORE_TEXT(e->path),
        STORE_TEXT(e->owner),  STORE_NUMBER(e->created_ms), STORE_TEXT(e->body),
        STORE_TEXT(e->secret),
    };
    store_send(tx, STATEMENT_ENTITY_ADD, params, COUNT(params));
    store_send(tx, STATEMENT_TALLY_ADD, params + 1, 2);
}

void entity_update(struct store_tx *tx, const struct entity *e) {
    const struct statement_value params[] = {
        STORE_TEXT(e->id),    STORE_TEXT(e->key),  STORE_TEXT(e->name),   STORE_TEXT(e->path),
        STORE_TEXT(e->owner), STORE_TEXT(e->body), STORE_TEXT(e->secret),
    };
    store_send(tx, STATEMENT_ENTITY_UPDATE, params, COUNT(params));
}

void entity_delete(struct store_tx *tx, struct str id) {
    const struct statement_value params[] = {STORE_TEXT(id)};
    store_send(tx, STATEMENT_TAG_DELETE_ALL, params, 1);
    store_send(tx, STATEMENT_DOCUMENT_DELETE_ALL, params, 1);
    store_send(tx, STATEMENT_TALLY_TAKE, params, 1);
    store_send(tx, STATEMENT_ENTITY_DELETE, params, 1);
}

static struct entity_page query(struct store_tx *tx, struct arena *arena, enum statement statement,
                                const struct statement_value *params, int n) {
    struct entity_reader reader = {.arena = arena};
    store_run(tx, statement, params, n, entity_read_row, &reader);
    return reader.page;
}

struct entity *entity_by_id(struct store_tx *tx, struct arena *arena, struct str id) {
    const struct statement_value params[] = {STORE_TEXT(id)};
    struct entity_page page = query(tx, arena, STATEMENT_ENTITY_BY_ID, params, COUNT(params));
    return page.n ? page.items : NULL;
}

struct entity *entity_by_key(struct store_tx *tx, struct arena *arena, struct str account, int kind,
                             struct str key) {
    const struct statement_value params[] = {STORE_TEXT(account), STORE_NUMBER(kind),
                                             STORE_TEXT(key)};
    struct entity_page page = query(tx, arena, STATEMENT_ENTITY_BY_KEY, params, COUNT(params));
    return page.n ? page.items : NULL;
}

struct entity_page entity_list(struct store_tx *tx, struct arena *arena, struct str account,
                               int kind, struct str path, struct str after, int64_t limit) {
    const struct statement_value params[] = {
        STORE_TEXT(account),
        STORE_NUMBER(kind),
        STORE_TEXT(after),
        STORE_TEXT(path),
        STORE_TEXT(store_prefix_end(arena, path)),
        ENTITY_LIMIT(limit),
    };
    return query(tx, arena, STATEMENT_ENTITY_PAGE, params, COUNT(params));
}

struct entity_page entity_owned(struct store_tx *tx, struct arena *arena, struct str owner,
                                int kind, struct str after, int64_t limit) {
    const struct statement_value params[] = {STORE_TEXT(owner), STORE_NUMBER(kind),
                                             STORE_TEXT(after), ENTITY_LIMIT(limit)};
    return query(tx, arena, STATEMENT_ENTITY_OWNED, params, COUNT(params));
}

struct room_reader {
    struct arena *arena;
    struct entity_room room;
};

static void read_room(void *context, const struct statement_value *c, int n) {
    struct room_reader *r = context;
    (void)n;
    r->room = (struct entity_room){c[0].number > 0, c[1].number, str_dup(r->arena, c[2].text)};
}

struct entity_room entity_room(struct store_tx *tx, struct arena *arena, struct str account,
                               int kind, struct str key, struct str setting) {
    struct room_reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(account), STORE_NUMBER(kind),
                                             STORE_TEXT(key), STORE_TEXT(setting)};
    store_run(tx, STATEMENT_ENTITY_ROOM, params, COUNT(params), read_room, &reader);
    return reader.room;
}

int64_t entity_count(struct store_tx *tx, struct str account, int kind) {
    const struct statement_value params[] = {STORE_TEXT(account), STORE_NUMBER(kind)};
    return store_number(tx, STATEMENT_TALLY_GET, params, COUNT(params));
}

int64_t entity_count_owned(struct store_tx *tx, struct str owner, int kind) {
    const struct statement_value params[] = {STORE_TEXT(owner), STORE_NUMBER(kind)};
    return store_number(tx, STATEMENT_ENTITY_COUNT_OWNED, params, COUNT(params));
}
