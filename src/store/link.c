/* SPDX-License-Identifier: Apache-2.0 */
#include "store/link.h"

#include "base/arena.h"
#include "store/entity_int.h"
#include "store/store_int.h"

void link_add(struct store_tx *tx, int kind, struct str source, struct str target,
              int64_t created_ms) {
    const struct statement_value params[] = {STORE_NUMBER(kind), STORE_TEXT(source),
                                             STORE_TEXT(target), STORE_NUMBER(created_ms)};
    store_send(tx, STATEMENT_LINK_ADD, params, COUNT(params));
}

bool link_delete(struct store_tx *tx, int kind, struct str source, struct str target) {
    const struct statement_value params[] = {STORE_NUMBER(kind), STORE_TEXT(source),
                                             STORE_TEXT(target)};
    return store_run(tx, STATEMENT_LINK_DELETE, params, COUNT(params), NULL, NULL) > 0;
}

bool link_exists(struct store_tx *tx, int kind, struct str source, struct str target) {
    const struct statement_value params[] = {STORE_NUMBER(kind), STORE_TEXT(source),
                                             STORE_TEXT(target)};
    return store_number(tx, STATEMENT_LINK_FIND, params, COUNT(params)) != 0;
}

struct entity_page link_targets(struct store_tx *tx, struct arena *arena, int kind,
                                struct str source, struct str path, struct str after,
                                int64_t limit) {
    struct entity_reader reader = {.arena = arena};
    const struct statement_value params[] = {
        STORE_NUMBER(kind),
        STORE_TEXT(source),
        STORE_TEXT(after),
        STORE_TEXT(path),
        STORE_TEXT(store_prefix_end(arena, path)),
        ENTITY_LIMIT(limit),
    };
    store_run(tx, STATEMENT_LINK_TARGETS, params, COUNT(params), entity_read_row, &reader);
    return reader.page;
}

struct entity_page link_sources(struct store_tx *tx, struct arena *arena, int kind,
                                struct str target, int source_kind, struct str path,
                                struct str after, int64_t limit) {
    struct entity_reader reader = {.arena = arena};
    const struct statement_value params[] = {
        STORE_NUMBER(kind),
        STORE_TEXT(target),
        STORE_TEXT(after),
        STORE_TEXT(path),
        STORE_TEXT(store_prefix_end(arena, path)),
        ENTITY_LIMIT(limit),
        STORE_NUMBER(source_kind),
    };
    store_run(tx, STATEMENT_LINK_SOURCES, params, COUNT(params), entity_read_row, &reader);
    return reader.page;
}

int64_t link_count_targets(struct store_tx *tx, int kind, struct str source) {
    const struct statement_value params[] = {STORE_NUMBER(kind), STORE_TEXT(source)};
    return store_number(tx, STATEMENT_LINK_COUNT_TARGETS, params, COUNT(params));
}

int64_t link_count_sources(struct store_tx *tx, int kind, struct str target) {
    const struct statement_value params[] = {STORE_NUMBER(kind), STORE_TEXT(target)};
    return store_number(tx, STATEMENT_LINK_COUNT_SOURCES, params, COUNT(params));
}
