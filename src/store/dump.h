/* SPDX-License-Identifier: Apache-2.0 */
/* All rows of a store, for moving accounts from one to another. */
#ifndef LOAM_DUMP_H
#define LOAM_DUMP_H

#include "store/entity.h"

struct dump_link {
    int kind;
    struct str source, target;
    int64_t created_ms;
};

struct dump_setting {
    struct str account, name, value;
};

/* In the order of their ids, behind `after`. */
struct entity_page dump_entities(struct store_tx *tx, struct arena *arena, struct str after,
                                 int64_t limit);
struct dump_link *dump_links(struct store_tx *tx, struct arena *arena, size_t *ret_n);
struct dump_setting *dump_settings(struct store_tx *tx, struct arena *arena, size_t *ret_n);

#endif
