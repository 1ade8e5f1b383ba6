/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL and what speaks its protocol (CockroachDB, YugabyteDB), through libpq loaded on first
 * use. Writers of one node share a SERIALIZABLE transaction, each in a savepoint; who loses against
 * another node is told to run again. A statement whose rows nobody reads is sent without waiting,
 * so that a create costs one round trip and its share of the commit; whatever fails on the writers'
 * connection takes the whole transaction with it. A connection that broke is thrown away, and libpq
 * tries the hosts of the URL in turn for the next.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/late.h"
#include "store/batch.h"
#include "store/libpq.h"
#include "store/pipeline.h"
#include "store/store_int.h"

#define MAX_IDLE 32

struct database {
    struct libpq lib;
    char *url;
    struct batch batch;
    struct pipeline *writer; /* whoever has the batch's turn uses it */
    bool savepoint;          /* of the member before or of this one is open */
    enum store_status lost;  /* why the open batch cannot be committed */
    pthread_mutex_t lock;    /* of the readers */
    struct pipeline *idle[MAX_IDLE];
    unsigned n_idle;
};

static struct pipeline *connect_new(struct database *d, struct store_tx *tx) {
    struct pipeline *c = pipeline_new(&d->lib, d->lib.connect(d->url));
    if (!pipeline_up(c))
        store_fail(tx, STORE_UNAVAILABLE, pipeline_error(c));
    return c;
}

/* ---- readers ---- */

static void begin_read(struct database *d, struct store_tx *tx) {
    pthread_mutex_lock(&d->lock);
    struct pipeline *c = d->n_idle ? d->idle[--d->n_idle] : NULL;
    pthread_mutex_unlock(&d->lock);
    /* It may have died while idle. */
    if (c && !pipeline_up(c)) {
        pipeline_free(c);
        c = NULL;
    }
    tx->connection = c ? c : connect_new(d, tx);
    pipeline_send(tx->connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

static void end_read(struct database *d, struct store_tx *tx) {
    struct pipeline *c = tx->connection;
    if (tx->status == STORE_UNAVAILABLE) {
        pipeline_free(c);
        return;
    }
    pipeline_send(c, "ROLLBACK");
    pipeline_push(c);
    pthread_mutex_lock(&d->lock);
    if (d->n_idle < MAX_IDLE) {
        d->idle[d->n_idle++] = c;
        c = NULL;
    }
    pthread_mutex_unlock(&d->lock);
    pipeline_free(c);
}

/* ---- writers: one connection of this node, in batches ---- */

static void begin_write(struct database *d, struct store_tx *tx) {
    if (batch_enter(&d->batch)) {
        d->lost = STORE_OK;
        d->savepoint = false;
        if (d->writer && !pipeline_up(d->writer)) {
            pipeline_free(d->writer);
            d->writer = NULL;
        }
        if (!d->writer)
            d->writer = connect_new(d, tx);
        pipeline_send(d->writer, "BEGIN ISOLATION LEVEL SERIALIZABLE");
    }
    tx->connection = d->writer;
}

/* Who has only read leaves nothing to undo. */
static void begin_savepoint(struct database *d, struct store_tx *tx) {
    if (!tx->write || tx->wrote)
        return;
    tx->wrote = true;
    if (d->savepoint)
        pipeline_send(d->writer, "RELEASE SAVEPOINT one");
    pipeline_send(d->writer, "SAVEPOINT one");
    d->savepoint = true;
}

/* Another node may have won, or the database gone: then no member has written anything. */
static enum store_status finish_batch(void *database) {
    struct database *d = database;
    enum store_status status = d->lost;
    if (status == STORE_OK) {
        pipeline_send(d->writer, "COMMIT");
        struct pipeline_outcome outcome = pipeline_settle(d->writer, NULL, NULL);
        status = outcome.status;
        if (status == STORE_OK && !outcome.committed)
            status = STORE_BROKEN;
    }
    if (status != STORE_OK && status != STORE_UNAVAILABLE) {
        /* Behind what failed nothing is done any more, the COMMIT neither: that is read first. */
        (void)pipeline_settle(d->writer, NULL, NULL);
        pipeline_send(d->writer, "ROLLBACK");
        (void)pipeline_settle(d->writer, NULL, NULL);
    }
    if (status == STORE_UNAVAILABLE || !pipeline_up(d->writer)) {
        pipeline_free(d->writer);
        d->writer = NULL;
    }
    return status;
}

static void end_write(struct database *d, struct store_tx *tx, bool commit) {
    bool kept = commit && tx->status == STORE_OK;
    /* The others of the batch have done nothing wrong: they run again if that can help. */
    if (tx->status != STORE_OK && d->lost == STORE_OK)
        d->lost = tx->status == STORE_BROKEN ? STORE_RETRY : tx->status;
    if (!kept && tx->wrote && d->lost == STORE_OK)
        pipeline_send(d->writer, "ROLLBACK TO SAVEPOINT one");
    batch_leave(&d->batch, tx, kept, d->lost == STORE_OK, finish_batch, d);
}

static void postgres_begin(void *database, struct store_tx *tx) {
    if (tx->write)
        begin_write(database, tx);
    else
        begin_read(database, tx);
}

static void postgres_end(void *database, struct store_tx *tx, bool commit) {
    if (tx->write)
        end_write(database, tx, commit);
    else
        end_read(database, tx);
}

static void postgres_close(void *database) {
    struct database *d = database;
    for (unsigned i = 0; i < d->n_idle; i++)
        pipeline_free(d->idle[i]);
    pipeline_free(d->writer);
    batch_clear(&d->batch);
    pthread_mutex_destroy(&d->lock);
    free(d->url);
    free(d);
}

static void postgres_send(struct store_tx *tx, enum statement statement,
                          const struct statement_value *params, int n_params) {
    begin_savepoint(store_database(tx->store), tx);
    pipeline_send_statement(tx->connection, statement, params, n_params);
}

static int64_t postgres_run(struct store_tx *tx, enum statement statement,
                            const struct statement_value *params, int n_params, store_row *on_row,
                            void *context) {
    if (!on_row)
        begin_savepoint(store_database(tx->store), tx);
    pipeline_send_statement(tx->connection, statement, params, n_params);
    struct pipeline_outcome outcome = pipeline_settle(tx->connection, on_row, context);
    if (outcome.status != STORE_OK)
        store_fail(tx, outcome.status, pipeline_error(tx->connection));
    return outcome.changed;
}

/* ---- opening ---- */

static bool result_ok(struct database *d, const PGresult *result) {
    ExecStatusType status = d->lib.result_status(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool run_script(struct database *d, PGconn *pg, const char *sql) {
    PGresult *result = d->lib.exec(pg, sql);
    bool ok = result_ok(d, result);
    d->lib.clear(result);
    return ok;
}

static int64_t read_version(struct database *d, PGconn *pg) {
    int64_t version = 0;
    PGresult *result = d->lib.exec(pg, "SELECT MAX(version) FROM loam_schema");
    if (result_ok(d, result) && d->lib.ntuples(result))
        (void)str_to_int(str_from(d->lib.getvalue(result, 0, 0)), &version);
    d->lib.clear(result);
    return version;
}

static bool migrate(struct database *d, PGconn *pg, bool *ret_new, bool *ret_newer) {
    char record[96];
    (void)run_script(d, pg, "CREATE TABLE IF NOT EXISTS loam_schema (version BIGINT PRIMARY KEY)");
    int64_t version = read_version(d, pg);
    *ret_new = version == 0;
    *ret_newer = version > statement_schema_n;
    for (int64_t i = version; i < statement_schema_n; i++) {
        struct buf sql;
        buf_init(&sql, BUF_MAX_TEXT);
        snprintf(record, sizeof record, "BEGIN; INSERT INTO loam_schema (version) VALUES (%d);",
                 (int)i + 1);
        buf_add_c(&sql, record);
        pipeline_dialect(&sql, statement_schema[i], true);
        sql.len--;
        buf_add_c(&sql, "COMMIT");
        buf_byte(&sql, 0);
        bool ok = run_script(d, pg, sql.at);
        buf_clear(&sql);
        if (!ok) {
            (void)run_script(d, pg, "ROLLBACK");
            return false;
        }
    }
    return true;
}

/* Writes need the primary of a replicated pair. */
static char *with_primary(struct arena *arena, struct str url) {
    if (str_find(url, S("target_session_attrs")) >= 0)
        return strdup(str_c(arena, url));
    const char *join = str_find_byte(url, '?') >= 0 ? "&" : "?";
    return strdup(
        str_format(arena, "%.*s%starget_session_attrs=read-write", STR_ARG(url), join).at);
}

static void *postgres_open(const struct store_options *options, struct arena *arena, bool *ret_new,
                           struct str *ret_error) {
    struct database *d = xmalloc(sizeof *d);
    bool newer = false, ok = false;
    memset(d, 0, sizeof *d);
    if (!libpq_open(&d->lib)) {
        *ret_error = str_format(
            arena, "cannot load libpq (%s); install libpq5 of release 14 or later", late_error());
        free(d);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    batch_init(&d->batch);
    d->url = with_primary(arena, options->url);
    PGconn *pg = d->lib.connect(d->url);
    /* Two nodes that start at once both try; the second sees the first one's schema. */
    for (int attempt = 0; d->lib.status(pg) == CONNECTION_OK && !ok && attempt < 3; attempt++)
        ok = migrate(d, pg, ret_new, &newer);
    if (ok && !newer) {
        d->idle[d->n_idle++] = pipeline_new(&d->lib, pg);
        return d;
    }
    *ret_error = newer ? S("the database was written by a newer loam")
                       : str_format(arena, "cannot open the database: %.*s",
                                    STR_ARG(str_trim(str_from(d->lib.error_message(pg)))));
    d->lib.finish(pg);
    postgres_close(d);
    return NULL;
}

const struct store_driver postgres_driver = {
    .open = postgres_open,
    .close = postgres_close,
    .begin = postgres_begin,
    .end = postgres_end,
    .run = postgres_run,
    .send = postgres_send,
};
