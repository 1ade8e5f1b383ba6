/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOAM_ENTITY_INT_H
#define LOAM_ENTITY_INT_H

#include "store/entity.h"
#include "store/statement.h"

/* Collects rows of ENTITY_COLUMNS. */
struct entity_reader {
    struct arena *arena;
    struct entity_page page;
};

void entity_read_row(void *context, const struct statement_value *columns, int n);

/* LIMIT's parameter. */
#define ENTITY_LIMIT(n) STORE_NUMBER((n) > 0 ? (n) : INT64_MAX)

#endif
