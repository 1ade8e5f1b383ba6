/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite: write-ahead log, synchronous=FULL. One connection writes; a pool reads. In memory there
 * is only the writing connection, since a private database cannot be shared. A new database is made
 * in memory, too, and its file is written whole with its first transaction: in one piece instead of
 * page by page, and there is no moment at which it is half there.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "store/batch.h"
#include "store/store_int.h"

#define MAX_READERS 8
#define BUSY_TIMEOUT_MS 10000
#define MAX_COLUMNS 16

/* Bytes of a database's head (https://www.sqlite.org/fileformat.html). */
#define FORMAT_WRITE 18
#define FORMAT_READ 19
#define FORMAT_WAL 2

struct connection {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

struct database {
    bool memory;
    bool unborn; /* there is no file yet */
    char *file;
    struct connection writer;
    struct batch batch;
    pthread_mutex_t lock; /* of the readers */
    pthread_cond_t reader_free;
    struct connection *idle[MAX_READERS];
    unsigned n_idle, n_readers;
};

static enum store_status status_of(int code) {
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STORE_RETRY;
    case SQLITE_FULL:
        return STORE_FULL;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return STORE_UNAVAILABLE;
    case SQLITE_CONSTRAINT:
        return STORE_RETRY;
    default:
        return STORE_BROKEN;
    }
}

static void connection_close(struct connection *c) {
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(c->statements[i]);
    sqlite3_close(c->db);
    memset(c, 0, sizeof *c);
}

static int connection_open(struct connection *c, const char *file, bool memory, bool reader) {
    int flags = (reader ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(memory ? ":memory:" : file, &c->db, flags, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    code = sqlite3_exec(c->db,
                        reader ? "PRAGMA query_only=1; PRAGMA cache_size=-512"
                               : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                                 "PRAGMA cache_size=-4096; PRAGMA foreign_keys=0; "
                                 "PRAGMA temp_store=MEMORY; "
                                 "PRAGMA wal_autocheckpoint=4000",
                        NULL, NULL, NULL);
    return code;
}

static sqlite3_stmt *prepared(struct connection *c, enum statement statement) {
    if (!c->statements[statement])
        sqlite3_prepare_v3(c->db, statement_sql[statement], -1, SQLITE_PREPARE_PERSISTENT,
                           &c->statements[statement], NULL);
    return c->statements[statement];
}

static int query_number(struct connection *c, const char *sql, int64_t *ret_number) {
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(c->db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Brings the schema to the newest version in one transaction. */
static int migrate(struct connection *c, bool *ret_new, bool *ret_newer) {
    int64_t version = 0;
    int code = sqlite3_exec(c->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = query_number(c, "PRAGMA user_version", &version);
    *ret_new = version == 0;
    *ret_newer = version > statement_schema_n;
    for (int64_t i = version; i < statement_schema_n && code == SQLITE_OK; i++)
        code = sqlite3_exec(c->db, statement_schema[i], NULL, NULL, NULL);
    if (code == SQLITE_OK && version < statement_schema_n) {
        char *pragma = sqlite3_mprintf("PRAGMA user_version=%d", statement_schema_n);
        code = sqlite3_exec(c->db, pragma, NULL, NULL, NULL);
        sqlite3_free(pragma);
    }
    int ended = sqlite3_exec(c->db, code == SQLITE_OK ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
    return code == SQLITE_OK ? ended : code;
}

static void database_free(struct database *d) {
    connection_close(&d->writer);
    for (unsigned i = 0; i < d->n_idle; i++) {
        connection_close(d->idle[i]);
        free(d->idle[i]);
    }
    pthread_mutex_destroy(&d->lock);
    batch_clear(&d->batch);
    pthread_cond_destroy(&d->reader_free);
    free(d->file);
    free(d);
}

/*
 * A file that is shorter than its head says was cut off; SQLite itself would find out only when it
 * comes to the missing part.
 */
static bool is_whole(int fd) {
    uint8_t head[32];
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size == 0)
        return true;
    if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head)
        return false;
    uint64_t page = (uint64_t)head[16] << 8 | head[17];
    uint64_t pages =
        (uint64_t)head[28] << 24 | (uint64_t)head[29] << 16 | (uint64_t)head[30] << 8 | head[31];
    return (uint64_t)st.st_size >= (page == 1 ? 65536 : page) * pages;
}

/* SQLite would make the file as the umask says; its log files take over the mode of the file. */
static int make_private(const char *file) {
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return SQLITE_CANTOPEN;
    bool whole = is_whole(fd);
    close(fd);
    return whole ? SQLITE_OK : SQLITE_CORRUPT;
}

static const char *open_error(const struct database *d, int code) {
    if (d->writer.db)
        return sqlite3_errmsg(d->writer.db);
    return code == SQLITE_CORRUPT ? "the file is truncated" : strerror(errno);
}

/* Counting what is allocated would take a lock of the whole process at each allocation. */
static void configure(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static void *sqlite_open(const struct store_options *options, struct arena *arena, bool *ret_new,
                         struct str *ret_error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct database *d = xmalloc(sizeof *d);
    bool newer = false;
    pthread_once(&once, configure);
    memset(d, 0, sizeof *d);
    d->memory = !options->file.len;
    d->file = strdup(str_c(arena, options->file));
    pthread_mutex_init(&d->lock, NULL);
    batch_init(&d->batch);
    pthread_cond_init(&d->reader_free, NULL);
    d->unborn = !d->memory && !fs_exists(options->file);
    int code = d->memory || d->unborn ? SQLITE_OK : make_private(d->file);
    if (code == SQLITE_OK)
        code = connection_open(&d->writer, d->file, d->memory || d->unborn, false);
    if (code == SQLITE_OK)
        code = migrate(&d->writer, ret_new, &newer);
    if (code == SQLITE_OK && !newer)
        return d;
    if (newer)
        *ret_error =
            str_format(arena, "cannot open database %s: it was written by a newer loam", d->file);
    else
        *ret_error = str_format(arena, "cannot open database %s: %s", d->file, open_error(d, code));
    database_free(d);
    return NULL;
}

static void sqlite_close(void *database) {
    struct database *d = database;
    if (!d->memory && !d->unborn)
        sqlite3_exec(d->writer.db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    database_free(d);
}

static bool exec(struct store_tx *tx, struct connection *c, const char *sql) {
    int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        store_fail(tx, status_of(code), sqlite3_errmsg(c->db));
    return code == SQLITE_OK;
}

/* ---- writers ---- */

static void begin_write(struct database *d, struct store_tx *tx) {
    bool first = batch_enter(&d->batch);
    tx->connection = &d->writer;
    if (first && !exec(tx, &d->writer, "BEGIN IMMEDIATE"))
        return;
    exec(tx, &d->writer, "SAVEPOINT one");
}

/* When another process was first, its database counts, and the transaction must run on that one. */
static enum store_status give_birth(struct database *d) {
    sqlite3_int64 size = 0;
    bool newer, is_new;
    unsigned char *image = sqlite3_serialize(d->writer.db, "main", &size, 0);
    if (!image)
        return STORE_BROKEN;
    image[FORMAT_WRITE] = image[FORMAT_READ] = FORMAT_WAL;
    int error =
        fs_create_atomic(str_from(d->file), (struct str){(char *)image, (size_t)size}, 0600);
    sqlite3_free(image);
    if (error && error != EEXIST)
        return error == ENOSPC || error == EDQUOT ? STORE_FULL : STORE_UNAVAILABLE;
    connection_close(&d->writer);
    d->unborn = false;
    int code = connection_open(&d->writer, d->file, false, false);
    if (code == SQLITE_OK)
        code = migrate(&d->writer, &is_new, &newer);
    if (code == SQLITE_OK && error)
        return STORE_RETRY;
    return code == SQLITE_OK ? STORE_OK : status_of(code);
}

static enum store_status commit_batch(void *database) {
    struct database *d = database;
    int code = sqlite3_exec(d->writer.db, "COMMIT", NULL, NULL, NULL);
    if (code != SQLITE_OK && !sqlite3_get_autocommit(d->writer.db))
        sqlite3_exec(d->writer.db, "ROLLBACK", NULL, NULL, NULL);
    if (code == SQLITE_OK && d->unborn)
        return give_birth(d);
    return code == SQLITE_OK ? STORE_OK : status_of(code);
}

static void end_write(struct database *d, struct store_tx *tx, bool commit) {
    struct connection *c = &d->writer;
    bool began = !sqlite3_get_autocommit(c->db);
    if (began && !commit)
        sqlite3_exec(c->db, "ROLLBACK TO one", NULL, NULL, NULL);
    if (began && sqlite3_exec(c->db, "RELEASE one", NULL, NULL, NULL) != SQLITE_OK && commit)
        store_fail(tx, STORE_BROKEN, sqlite3_errmsg(c->db));
    batch_leave(&d->batch, tx, commit, began, commit_batch, d);
}

/* ---- readers ---- */

static struct connection *take_reader(struct database *d, struct store_tx *tx) {
    struct connection *c = NULL;
    pthread_mutex_lock(&d->lock);
    while (!d->n_idle && d->n_readers == MAX_READERS)
        pthread_cond_wait(&d->reader_free, &d->lock);
    if (d->n_idle)
        c = d->idle[--d->n_idle];
    else
        d->n_readers++;
    pthread_mutex_unlock(&d->lock);
    if (c)
        return c;
    c = xmalloc(sizeof *c);
    memset(c, 0, sizeof *c);
    int code = connection_open(c, d->file, false, true);
    if (code == SQLITE_OK)
        return c;
    store_fail(tx, status_of(code), sqlite3_errstr(code));
    connection_close(c);
    free(c);
    pthread_mutex_lock(&d->lock);
    d->n_readers--;
    pthread_cond_signal(&d->reader_free);
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

static void give_reader(struct database *d, struct connection *c) {
    pthread_mutex_lock(&d->lock);
    d->idle[d->n_idle++] = c;
    pthread_cond_signal(&d->reader_free);
    pthread_mutex_unlock(&d->lock);
}

static void sqlite_begin(void *database, struct store_tx *tx) {
    struct database *d = database;
    if (tx->write || d->memory || d->unborn) {
        begin_write(d, tx);
        return;
    }
    tx->connection = take_reader(d, tx);
    if (tx->connection)
        exec(tx, tx->connection, "BEGIN");
}

static void sqlite_end(void *database, struct store_tx *tx, bool commit) {
    struct database *d = database;
    if (tx->connection == &d->writer) {
        end_write(d, tx, commit);
        return;
    }
    if (!tx->connection)
        return;
    sqlite3_exec(((struct connection *)tx->connection)->db, "COMMIT", NULL, NULL, NULL);
    give_reader(d, tx->connection);
}

/* ---- statements ---- */

static void bind(sqlite3_stmt *s, const struct statement_value *params, int n) {
    for (int i = 0; i < n; i++)
        if (params[i].text.at)
            sqlite3_bind_text64(s, i + 1, params[i].text.at, params[i].text.len, SQLITE_STATIC,
                                SQLITE_UTF8);
        else
            sqlite3_bind_int64(s, i + 1, params[i].number);
}

static void give_row(sqlite3_stmt *s, store_row *on_row, void *context) {
    struct statement_value columns[MAX_COLUMNS];
    int n = sqlite3_column_count(s);
    for (int i = 0; i < n && i < MAX_COLUMNS; i++) {
        columns[i] = (struct statement_value){0};
        if (sqlite3_column_type(s, i) == SQLITE_INTEGER) {
            columns[i].number = sqlite3_column_int64(s, i);
        } else {
            const char *text = (const char *)sqlite3_column_text(s, i);
            columns[i].text = (struct str){text ? text : "", (size_t)sqlite3_column_bytes(s, i)};
        }
    }
    on_row(context, columns, n);
}

static int64_t sqlite_run(struct store_tx *tx, enum statement statement,
                          const struct statement_value *params, int n_params, store_row *on_row,
                          void *context) {
    struct connection *c = tx->connection;
    sqlite3_stmt *s = prepared(c, statement);
    int code;
    if (!s) {
        store_fail(tx, status_of(sqlite3_errcode(c->db)), sqlite3_errmsg(c->db));
        return 0;
    }
    bind(s, params, n_params);
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        if (on_row)
            give_row(s, on_row, context);
    if (code != SQLITE_DONE)
        store_fail(tx, status_of(code), sqlite3_errmsg(c->db));
    int64_t changed = code == SQLITE_DONE ? sqlite3_changes64(c->db) : 0;
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return changed;
}

static void sqlite_send(struct store_tx *tx, enum statement statement,
                        const struct statement_value *params, int n_params) {
    (void)sqlite_run(tx, statement, params, n_params, NULL, NULL);
}

const struct store_driver sqlite_driver = {
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .end = sqlite_end,
    .run = sqlite_run,
    .send = sqlite_send,
};
