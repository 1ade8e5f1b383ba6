/* SPDX-License-Identifier: Apache-2.0 */
/* What a database must do for the store; one struct of functions for each. */
#ifndef LOAM_STORE_INT_H
#define LOAM_STORE_INT_H

#include <semaphore.h>

#include "store/statement.h"
#include "store/store.h"

struct store_tx {
    struct store *store;
    bool write, wrote;
    enum store_status status;
    void *connection;  /* the driver's */
    struct arena *own; /* error text */
    struct str error;
    /* Group commit: the next that waits for the same commit, and how that ended. */
    struct store_tx *next;
    sem_t finished;
    enum store_status result;
};

struct store_driver {
    void *(*open)(const struct store_options *options, struct arena *arena, bool *ret_new,
                  struct str *ret_error);
    void (*close)(void *database);
    void (*begin)(void *database, struct store_tx *tx);
    void (*end)(void *database, struct store_tx *tx, bool commit);
    /* Calls on_row for each row; returns rows changed. Sets tx->status on failure. */
    int64_t (*run)(struct store_tx *tx, enum statement statement,
                   const struct statement_value *params, int n_params,
                   void (*on_row)(void *context, const struct statement_value *columns, int n),
                   void *context);
    /* Runs a statement of which nobody waits to hear; its failure may show later. */
    void (*send)(struct store_tx *tx, enum statement statement,
                 const struct statement_value *params, int n_params);
};

extern const struct store_driver sqlite_driver;
extern const struct store_driver postgres_driver;

typedef void store_row(void *context, const struct statement_value *columns, int n);

/* What the driver's open gave. */
void *store_database(struct store *store);
/* Runs a statement unless the transaction has failed; rows changed. */
int64_t store_run(struct store_tx *tx, enum statement statement,
                  const struct statement_value *params, int n_params, store_row *on_row,
                  void *context);
/* The same where neither rows nor their number matter, and so costs no round trip. */
void store_send(struct store_tx *tx, enum statement statement, const struct statement_value *params,
                int n_params);
/* The first column of the first row as a number; 0 without a row. */
int64_t store_number(struct store_tx *tx, enum statement statement,
                     const struct statement_value *params, int n_params);
void store_fail(struct store_tx *tx, enum store_status status, const char *text);

/* Parameters. */
#define STORE_TEXT(s) ((struct statement_value){.text = (s).at ? (s) : S("")})
#define STORE_NUMBER(n) ((struct statement_value){.number = (n)})

/* First text behind all that start with a path prefix, for ranges. */
struct str store_prefix_end(struct arena *arena, struct str prefix);

#endif
