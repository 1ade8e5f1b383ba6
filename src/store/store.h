/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the embedded IAM knows, kept so that an acknowledged write is never lost. One model and one
 * table of statements for two databases: SQLite (a file, or memory) and PostgreSQL (many server
 * nodes on one database).
 *
 * All work happens in transactions. Readers see a snapshot and never wait for writers. Writers are
 * serialised; those that wait for each other share one commit (group commit), and store_commit
 * returns only when that commit is on disk.
 *
 * A failing database is remembered by the transaction: further calls do nothing and give nothing,
 * and store_commit reports it. So callers check once, at the end, before they answer.
 */
#ifndef LOAM_STORE_H
#define LOAM_STORE_H

#include "base/str.h"

struct arena;
struct store;
struct store_tx;

struct store_options {
    struct str file; /* SQLite database; empty: in memory */
    struct str url;  /* postgres://...; wins over file */
};

enum store_status {
    STORE_OK,
    STORE_RETRY,       /* lost against another node: run the transaction again */
    STORE_UNAVAILABLE, /* the database does not answer or takes no writes now */
    STORE_FULL,        /* no space left */
    STORE_BROKEN,
};

/* Creates or migrates the schema; a newer one is refused. *ret_new: nothing was there before. */
struct store *store_open(const struct store_options *options, struct arena *arena, bool *ret_new,
                         struct str *ret_error);
void store_close(struct store *store);

struct store_tx *store_begin(struct store *store, bool write);
/* Ends the transaction; a write is on disk when this returns STORE_OK. */
enum store_status store_commit(struct store_tx *tx);
/* Ends it without effect. */
void store_rollback(struct store_tx *tx);
/* What went wrong so far. */
enum store_status store_status(const struct store_tx *tx);
/* For the log of a broken database. */
struct str store_error_text(const struct store_tx *tx);

/* Milliseconds since 1970, never the same twice in this process: orders what is created. */
int64_t store_now_ms(struct store *store);
/* Deletes every row. */
void store_empty(struct store_tx *tx);

#endif
