/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/store_int.h"

struct store {
    const struct store_driver *driver;
    void *database;
    _Atomic int64_t last_ms;
};

struct store *store_open(const struct store_options *options, struct arena *arena, bool *ret_new,
                         struct str *ret_error) {
    const struct store_driver *driver = options->url.len ? &postgres_driver : &sqlite_driver;
    void *database = driver->open(options, arena, ret_new, ret_error);
    if (!database)
        return NULL;
    struct store *store = xmalloc(sizeof *store);
    *store = (struct store){.driver = driver, .database = database};
    return store;
}

void store_close(struct store *store) {
    if (!store)
        return;
    store->driver->close(store->database);
    free(store);
}

void *store_database(struct store *store) {
    return store->database;
}

struct store_tx *store_begin(struct store *store, bool write) {
    struct store_tx *tx = xmalloc(sizeof *tx);
    *tx = (struct store_tx){.store = store, .write = write};
    store->driver->begin(store->database, tx);
    return tx;
}

static enum store_status end(struct store_tx *tx, bool commit) {
    tx->store->driver->end(tx->store->database, tx, commit && tx->status == STORE_OK);
    enum store_status status = tx->status;
    arena_free(tx->own);
    free(tx);
    return status;
}

enum store_status store_commit(struct store_tx *tx) {
    return end(tx, true);
}

void store_rollback(struct store_tx *tx) {
    (void)end(tx, false);
}

enum store_status store_status(const struct store_tx *tx) {
    return tx->status;
}

struct str store_error_text(const struct store_tx *tx) {
    return tx->error;
}

void store_fail(struct store_tx *tx, enum store_status status, const char *text) {
    if (tx->status != STORE_OK)
        return;
    tx->status = status;
    tx->own = arena_new();
    tx->error = str_dup(tx->own, str_from(text));
}

int64_t store_run(struct store_tx *tx, enum statement statement,
                  const struct statement_value *params, int n_params, store_row *on_row,
                  void *context) {
    if (tx->status != STORE_OK)
        return 0;
    return tx->store->driver->run(tx, statement, params, n_params, on_row, context);
}

void store_send(struct store_tx *tx, enum statement statement, const struct statement_value *params,
                int n_params) {
    if (tx->status == STORE_OK)
        tx->store->driver->send(tx, statement, params, n_params);
}

static void take_number(void *context, const struct statement_value *columns, int n) {
    if (n)
        *(int64_t *)context = columns[0].number;
}

int64_t store_number(struct store_tx *tx, enum statement statement,
                     const struct statement_value *params, int n_params) {
    int64_t number = 0;
    store_run(tx, statement, params, n_params, take_number, &number);
    return number;
}

struct str store_prefix_end(struct arena *arena, struct str prefix) {
    struct str end = str_dup(arena, prefix);
    if (!end.len)
        return S("\x7f\x7f\x7f\x7f");
    ((char *)(uintptr_t)end.at)[end.len - 1]++;
    return end;
}

int64_t store_now_ms(struct store *store) {
    int64_t now = clock_now_ms(), last = atomic_load(&store->last_ms);
    do {
        if (now <= last)
            now = last + 1;
    } while (!atomic_compare_exchange_weak(&store->last_ms, &last, now));
    return now;
}

void store_empty(struct store_tx *tx) {
    for (int s = STATEMENT_EMPTY_ENTITY; s <= STATEMENT_EMPTY_SETTING; s++)
        store_send(tx, (enum statement)s, NULL, 0);
}
