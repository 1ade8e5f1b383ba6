/* SPDX-License-Identifier: Apache-2.0 */
#include "store/setting.h"

#include "base/arena.h"
#include "store/store_int.h"

struct reader {
    struct arena *arena;
    bool found;
    struct str value;
};

static void read_row(void *context, const struct statement_value *c, int n) {
    struct reader *r = context;
    (void)n;
    r->found = true;
    r->value = str_dup(r->arena, c[0].text);
}

void setting_put(struct store_tx *tx, struct str account, struct str name, struct str value) {
    const struct statement_value params[] = {STORE_TEXT(account), STORE_TEXT(name),
                                             STORE_TEXT(value)};
    store_send(tx, STATEMENT_SETTING_PUT, params, COUNT(params));
}

bool setting_get(struct store_tx *tx, struct arena *arena, struct str account, struct str name,
                 struct str *ret_value) {
    struct reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(account), STORE_TEXT(name)};
    store_run(tx, STATEMENT_SETTING_GET, params, COUNT(params), read_row, &reader);
    if (reader.found)
        *ret_value = reader.value;
    return reader.found;
}

void setting_delete(struct store_tx *tx, struct str account, struct str name) {
    const struct statement_value params[] = {STORE_TEXT(account), STORE_TEXT(name)};
    store_send(tx, STATEMENT_SETTING_DELETE, params, COUNT(params));
}

struct str setting_owner(struct store_tx *tx, struct arena *arena, struct str name,
                         struct str value) {
    struct reader reader = {.arena = arena};
    const struct statement_value params[] = {STORE_TEXT(name), STORE_TEXT(value)};
    store_run(tx, STATEMENT_SETTING_OWNER, params, COUNT(params), read_row, &reader);
    return reader.found ? reader.value : S("");
}
