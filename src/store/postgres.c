/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL and what speaks its protocol (CockroachDB, YugabyteDB), through libpq loaded on first
 * use. Writers of one node share a SERIALIZABLE transaction, each in a savepoint; who loses against
 * another node is told to run again. A connection that broke is thrown away, and libpq tries the
 * hosts of the URL in turn for the next.
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
#include "store/store_int.h"

#define MAX_IDLE 32
#define MAX_PARAMS 16
#define NUMBER_SIZE 24
#define OID_INT8 20
#define OID_INT4 23

struct connection {
    PGconn *pg;
    bool prepared[STATEMENT_COUNT];
};

struct database {
    struct libpq lib;
    char *url;
    struct batch batch;
    struct connection *writer; /* whoever has the batch's turn uses it */
    enum store_status lost;    /* why the open batch cannot be committed */
    pthread_mutex_t lock;      /* of the readers */
    struct connection *idle[MAX_IDLE];
    unsigned n_idle;
};

static void connection_free(struct database *d, struct connection *c) {
    if (!c)
        return;
    d->lib.finish(c->pg);
    free(c);
}

static struct connection *connection_new(struct database *d) {
    struct connection *c = xmalloc(sizeof *c);
    memset(c, 0, sizeof *c);
    c->pg = d->lib.connect(d->url);
    return c;
}

static bool is_up(struct database *d, struct connection *c) {
    return d->lib.status(c->pg) == CONNECTION_OK;
}

/* By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
static enum store_status status_of(struct database *d, struct connection *c,
                                   const PGresult *result) {
    const char *state = result ? d->lib.result_error_field(result, PG_DIAG_SQLSTATE) : NULL;
    if (!state || !is_up(d, c) || !strncmp(state, "08", 2) || !strncmp(state, "57", 2) ||
        !strcmp(state, "25006"))
        return STORE_UNAVAILABLE;
    if (!strncmp(state, "40", 2) || !strcmp(state, "23505"))
        return STORE_RETRY;
    return !strcmp(state, "53100") ? STORE_FULL : STORE_BROKEN;
}

static bool result_ok(struct database *d, const PGresult *result) {
    ExecStatusType status = d->lib.result_status(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool exec(struct database *d, struct store_tx *tx, const char *sql) {
    struct connection *c = tx->connection;
    PGresult *result = d->lib.exec(c->pg, sql);
    bool ok = result_ok(d, result);
    if (!ok)
        store_fail(tx, status_of(d, c, result), d->lib.error_message(c->pg));
    d->lib.clear(result);
    return ok;
}

static bool run_script(struct database *d, struct connection *c, const char *sql) {
    PGresult *result = d->lib.exec(c->pg, sql);
    bool ok = result_ok(d, result);
    d->lib.clear(result);
    return ok;
}

/* ---- readers ---- */

static void begin_read(struct database *d, struct store_tx *tx) {
    static const char begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    pthread_mutex_lock(&d->lock);
    struct connection *c = d->n_idle ? d->idle[--d->n_idle] : NULL;
    pthread_mutex_unlock(&d->lock);
    /* It may have died while idle; nothing is lost by a second try. */
    if (c && run_script(d, c, begin)) {
        tx->connection = c;
        return;
    }
    connection_free(d, c);
    c = connection_new(d);
    tx->connection = c;
    if (is_up(d, c))
        exec(d, tx, begin);
    else
        store_fail(tx, STORE_UNAVAILABLE, d->lib.error_message(c->pg));
}

static void end_read(struct database *d, struct store_tx *tx) {
    struct connection *c = tx->connection;
    if (is_up(d, c))
        (void)run_script(d, c, "ROLLBACK");
    pthread_mutex_lock(&d->lock);
    if (is_up(d, c) && tx->status != STORE_UNAVAILABLE && d->n_idle < MAX_IDLE) {
        d->idle[d->n_idle++] = c;
        c = NULL;
    }
    pthread_mutex_unlock(&d->lock);
    connection_free(d, c);
}

/* ---- writers: one connection of this node, in batches ---- */

static void begin_batch(struct database *d, struct store_tx *tx) {
    static const char begin[] = "BEGIN ISOLATION LEVEL SERIALIZABLE; SAVEPOINT one";
    d->lost = STORE_OK;
    if (d->writer && run_script(d, d->writer, begin))
        return;
    connection_free(d, d->writer);
    d->writer = connection_new(d);
    tx->connection = d->writer;
    if (is_up(d, d->writer))
        exec(d, tx, begin);
    else
        store_fail(tx, STORE_UNAVAILABLE, d->lib.error_message(d->writer->pg));
}

/* What the member before has done is kept when the next one begins: one round trip for both. */
static void begin_write(struct database *d, struct store_tx *tx) {
    bool first = batch_enter(&d->batch);
    if (first)
        begin_batch(d, tx);
    tx->connection = d->writer;
    if (!first)
        exec(d, tx, "RELEASE SAVEPOINT one; SAVEPOINT one");
}

/* Another node may have won, or the database gone: then no member has written anything. */
static enum store_status finish_batch(void *database) {
    struct database *d = database;
    enum store_status status = d->lost;
    if (status == STORE_OK) {
        PGresult *result = d->lib.exec(d->writer->pg, "COMMIT");
        if (!result_ok(d, result))
            status = status_of(d, d->writer, result);
        d->lib.clear(result);
    } else if (is_up(d, d->writer)) {
        (void)run_script(d, d->writer, "ROLLBACK");
    }
    if (status == STORE_UNAVAILABLE || !is_up(d, d->writer)) {
        connection_free(d, d->writer);
        d->writer = NULL;
    }
    return status;
}

static void end_write(struct database *d, struct store_tx *tx, bool commit) {
    bool kept = commit && tx->status == STORE_OK;
    if (!kept && !run_script(d, d->writer, "ROLLBACK TO SAVEPOINT one"))
        d->lost = is_up(d, d->writer) ? STORE_RETRY : STORE_UNAVAILABLE;
    /* What lost against another node takes the whole transaction with it. */
    if (tx->status == STORE_RETRY || tx->status == STORE_UNAVAILABLE)
        d->lost = d->lost == STORE_OK ? tx->status : d->lost;
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

/* "?1" is SQLite's way to write "$1". */
static void dialect(struct buf *out, const char *sql, bool schema) {
    for (const char *p = sql; *p; p++)
        if (*p == '?')
            buf_byte(out, '$');
        else if (schema && !strncmp(p, "TEXT", 4)) {
            /* The order of keys must be that of their bytes. */
            buf_add_c(out, "TEXT COLLATE \"C\"");
            p += 3;
        } else
            buf_byte(out, *p);
    buf_byte(out, 0);
}

static bool prepare(struct database *d, struct store_tx *tx, enum statement statement,
                    const char *name) {
    struct connection *c = tx->connection;
    struct buf sql;
    if (c->prepared[statement])
        return true;
    buf_init(&sql, BUF_MAX_TEXT);
    dialect(&sql, statement_sql[statement], false);
    PGresult *result = d->lib.prepare(c->pg, name, sql.at, 0, NULL);
    c->prepared[statement] = result_ok(d, result);
    if (!c->prepared[statement])
        store_fail(tx, status_of(d, c, result), d->lib.error_message(c->pg));
    d->lib.clear(result);
    buf_clear(&sql);
    return c->prepared[statement];
}

static void give_rows(struct database *d, const PGresult *result, store_row *on_row,
                      void *context) {
    struct statement_value columns[MAX_PARAMS];
    int n = d->lib.nfields(result);
    for (int row = 0; row < d->lib.ntuples(result); row++) {
        for (int i = 0; i < n && i < MAX_PARAMS; i++) {
            struct str text = {d->lib.getvalue(result, row, i),
                               (size_t)d->lib.getlength(result, row, i)};
            Oid type = d->lib.ftype(result, i);
            columns[i] = (struct statement_value){.text = text};
            if (type == OID_INT8 || type == OID_INT4) {
                columns[i].text = (struct str){0};
                (void)str_to_int(text, &columns[i].number);
            }
        }
        on_row(context, columns, n);
    }
}

static void postgres_close(void *database) {
    struct database *d = database;
    for (unsigned i = 0; i < d->n_idle; i++)
        connection_free(d, d->idle[i]);
    connection_free(d, d->writer);
    batch_clear(&d->batch);
    pthread_mutex_destroy(&d->lock);
    free(d->url);
    free(d);
}

static int64_t postgres_run(struct store_tx *tx, enum statement statement,
                            const struct statement_value *params, int n_params, store_row *on_row,
                            void *context) {
    struct database *d = store_database(tx->store);
    struct connection *c = tx->connection;
    char numbers[MAX_PARAMS][NUMBER_SIZE], name[16];
    const char *values[MAX_PARAMS];
    struct arena *scratch = arena_new();
    int64_t changed = 0;
    snprintf(name, sizeof name, "s%d", (int)statement);
    for (int i = 0; i < n_params; i++) {
        snprintf(numbers[i], NUMBER_SIZE, "%lld", (long long)params[i].number);
        values[i] = params[i].text.at ? str_c(scratch, params[i].text) : numbers[i];
    }
    if (prepare(d, tx, statement, name)) {
        PGresult *result = d->lib.exec_prepared(c->pg, name, n_params, values, NULL, NULL, 0);
        if (!result_ok(d, result))
            store_fail(tx, status_of(d, c, result), d->lib.error_message(c->pg));
        else if (on_row)
            give_rows(d, result, on_row, context);
        (void)str_to_int(str_from(d->lib.cmd_tuples(result)), &changed);
        d->lib.clear(result);
    }
    arena_free(scratch);
    return changed;
}

/* ---- opening ---- */

static int64_t read_version(struct database *d, struct connection *c) {
    int64_t version = 0;
    PGresult *result = d->lib.exec(c->pg, "SELECT MAX(version) FROM loam_schema");
    if (result_ok(d, result) && d->lib.ntuples(result))
        (void)str_to_int(str_from(d->lib.getvalue(result, 0, 0)), &version);
    d->lib.clear(result);
    return version;
}

static bool migrate(struct database *d, struct connection *c, bool *ret_new, bool *ret_newer) {
    char record[96];
    (void)run_script(d, c, "CREATE TABLE IF NOT EXISTS loam_schema (version BIGINT PRIMARY KEY)");
    int64_t version = read_version(d, c);
    *ret_new = version == 0;
    *ret_newer = version > statement_schema_n;
    for (int64_t i = version; i < statement_schema_n; i++) {
        struct buf sql;
        buf_init(&sql, BUF_MAX_TEXT);
        snprintf(record, sizeof record, "BEGIN; INSERT INTO loam_schema (version) VALUES (%d);",
                 (int)i + 1);
        buf_add_c(&sql, record);
        dialect(&sql, statement_schema[i], true);
        sql.len--;
        buf_add_c(&sql, "COMMIT");
        buf_byte(&sql, 0);
        bool ok = run_script(d, c, sql.at);
        buf_clear(&sql);
        if (!ok) {
            (void)run_script(d, c, "ROLLBACK");
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
        *ret_error = str_format(arena, "cannot load libpq (%s); install libpq5", late_error());
        free(d);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    batch_init(&d->batch);
    d->url = with_primary(arena, options->url);
    struct connection *c = connection_new(d);
    /* Two nodes that start at once both try; the second sees the first one's schema. */
    for (int attempt = 0; is_up(d, c) && !ok && attempt < 3; attempt++)
        ok = migrate(d, c, ret_new, &newer);
    if (ok && !newer) {
        d->idle[d->n_idle++] = c;
        return d;
    }
    *ret_error = newer ? S("the database was written by a newer loam")
                       : str_format(arena, "cannot open the database: %.*s",
                                    STR_ARG(str_trim(str_from(d->lib.error_message(c->pg)))));
    connection_free(d, c);
    postgres_close(d);
    return NULL;
}

const struct store_driver postgres_driver = {
    .open = postgres_open,
    .close = postgres_close,
    .begin = postgres_begin,
    .end = postgres_end,
    .run = postgres_run,
};
