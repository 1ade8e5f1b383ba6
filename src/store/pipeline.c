/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

#define MAX_PARAMS 16
#define MAX_PENDING 96
#define NUMBER_SIZE 24
#define OID_INT8 20
#define OID_INT4 23

enum { SENT_SYNC = -2, SENT_SQL = -1 }; /* else: prepares the statement of that number */

struct pipeline {
    const struct libpq *lib;
    PGconn *pg;
    struct arena *scratch;
    bool prepared[STATEMENT_COUNT]; /* or about to be */
    short pending[MAX_PENDING + 8];
    int n_pending;
    char error[256];
    struct pipeline_outcome early; /* of answers that were read before anyone asked */
};

struct pipeline *pipeline_new(const struct libpq *lib, PGconn *pg) {
    struct pipeline *p = xmalloc(sizeof *p);
    memset(p, 0, sizeof *p);
    p->lib = lib;
    p->pg = pg;
    p->scratch = arena_new();
    if (lib->status(pg) == CONNECTION_OK)
        (void)lib->enter_pipeline(pg);
    return p;
}

void pipeline_free(struct pipeline *p) {
    if (!p)
        return;
    p->lib->finish(p->pg);
    arena_free(p->scratch);
    free(p);
}

/* What the other end said before it hung up is read first, and the end only then. */
bool pipeline_up(struct pipeline *p) {
    return p->lib->status(p->pg) == CONNECTION_OK && p->lib->consume_input(p->pg) &&
           p->lib->consume_input(p->pg) && p->lib->status(p->pg) == CONNECTION_OK;
}

const char *pipeline_error(struct pipeline *p) {
    return *p->error ? p->error : p->lib->error_message(p->pg);
}

/* https://www.postgresql.org/docs/current/errcodes-appendix.html */
/* By SQLSTATE. */
static enum store_status status_of(const struct libpq *lib, PGconn *pg, const PGresult *result) {
    const char *state = result ? lib->result_error_field(result, PG_DIAG_SQLSTATE) : NULL;
    if (!state || lib->status(pg) != CONNECTION_OK || !strncmp(state, "08", 2) ||
        !strncmp(state, "57", 2) || !strcmp(state, "25006"))
        return STORE_UNAVAILABLE;
    if (!strncmp(state, "40", 2) || !strcmp(state, "23505"))
        return STORE_RETRY;
    return !strcmp(state, "53100") ? STORE_FULL : STORE_BROKEN;
}

void pipeline_dialect(struct buf *out, const char *sql, bool schema) {
    for (const char *p = sql; *p; p++)
        if (*p == '?')
            buf_byte(out, '$');
        else if (schema && !strncmp(p, "TEXT", 4)) {
            buf_add_c(out, "TEXT COLLATE \"C\"");
            p += 3;
        } else
            buf_byte(out, *p);
    buf_byte(out, 0);
}

/* ---- sending ---- */

/* A side that only sends, while the other side can send no more either, would wait forever. */
static void make_room(struct pipeline *p) {
    if (p->n_pending < MAX_PENDING || p->early.status != STORE_OK)
        return;
    p->early = pipeline_settle(p, NULL, NULL);
}

static void sent(struct pipeline *p, int what) {
    if (p->n_pending < MAX_PENDING + 8)
        p->pending[p->n_pending++] = (short)what;
}

/* After a failure nothing more is sent: the answers would tell nothing. */
static bool can_send(struct pipeline *p) {
    make_room(p);
    return p->early.status == STORE_OK;
}

void pipeline_send(struct pipeline *p, const char *sql) {
    if (can_send(p) && p->lib->send_params(p->pg, sql, 0, NULL, NULL, NULL, NULL, 0))
        sent(p, SENT_SQL);
    else if (p->early.status == STORE_OK)
        p->early.status = STORE_UNAVAILABLE;
}

static bool send_prepare(struct pipeline *p, enum statement statement, const char *name) {
    struct buf sql;
    if (p->prepared[statement])
        return true;
    buf_init(&sql, BUF_MAX_TEXT);
    pipeline_dialect(&sql, statement_sql[statement], false);
    p->prepared[statement] = p->lib->send_prepare(p->pg, name, sql.at, 0, NULL) != 0;
    buf_clear(&sql);
    if (p->prepared[statement])
        sent(p, (int)statement);
    return p->prepared[statement];
}

void pipeline_send_statement(struct pipeline *p, enum statement statement,
                             const struct statement_value *params, int n) {
    char numbers[MAX_PARAMS][NUMBER_SIZE], name[16];
    const char *values[MAX_PARAMS];
    if (!can_send(p))
        return;
    arena_reset(p->scratch);
    snprintf(name, sizeof name, "s%d", (int)statement);
    for (int i = 0; i < n; i++) {
        snprintf(numbers[i], NUMBER_SIZE, "%lld", (long long)params[i].number);
        values[i] = params[i].text.at ? str_c(p->scratch, params[i].text) : numbers[i];
    }
    if (send_prepare(p, statement, name) &&
        p->lib->send_prepared(p->pg, name, n, values, NULL, NULL, 0))
        sent(p, SENT_SQL);
    else
        p->early.status = STORE_UNAVAILABLE;
}

void pipeline_push(struct pipeline *p) {
    if (p->lib->sync(p->pg))
        sent(p, SENT_SYNC);
    else
        p->early.status = STORE_UNAVAILABLE;
}

/* ---- answers ---- */

static void give_rows(const struct libpq *lib, const PGresult *result, store_row *on_row,
                      void *context) {
    struct statement_value columns[MAX_PARAMS];
    int n = lib->nfields(result);
    for (int row = 0; row < lib->ntuples(result); row++) {
        for (int i = 0; i < n && i < MAX_PARAMS; i++) {
            struct str text = {lib->getvalue(result, row, i),
                               (size_t)lib->getlength(result, row, i)};
            Oid type = lib->ftype(result, i);
            columns[i] = (struct statement_value){.text = text};
            if (type == OID_INT8 || type == OID_INT4) {
                columns[i].text = (struct str){0};
                (void)str_to_int(text, &columns[i].number);
            }
        }
        on_row(context, columns, n);
    }
}

static void note_failure(struct pipeline *p, struct pipeline_outcome *outcome,
                         const PGresult *result) {
    if (outcome->status != STORE_OK)
        return;
    outcome->status = status_of(p->lib, p->pg, result);
    const char *text = result ? p->lib->result_error_message(result) : "";
    snprintf(p->error, sizeof p->error, "%s", *text ? text : p->lib->error_message(p->pg));
}

/* The answer to one thing that was sent; false: there will be no more answers. */
static bool read_answer(struct pipeline *p, int what, store_row *on_row, void *context,
                        struct pipeline_outcome *outcome) {
    PGresult *result = p->lib->get_result(p->pg);
    ExecStatusType status = p->lib->result_status(result);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (what == SENT_SYNC) {
        p->lib->clear(result);
        return status == PGRES_PIPELINE_SYNC;
    }
    if (!ok) {
        note_failure(p, outcome, result);
        if (what >= 0)
            p->prepared[what] = false;
    } else if (on_row) {
        give_rows(p->lib, result, on_row, context);
    }
    if (ok) {
        (void)str_to_int(str_from(p->lib->cmd_tuples(result)), &outcome->changed);
        outcome->committed = !strcmp(p->lib->cmd_status(result), "COMMIT");
    }
    p->lib->clear(result);
    for (; result && (result = p->lib->get_result(p->pg)); p->lib->clear(result))
        if (p->lib->status(p->pg) != CONNECTION_OK)
            note_failure(p, outcome, result);
    return p->lib->status(p->pg) == CONNECTION_OK;
}

struct pipeline_outcome pipeline_settle(struct pipeline *p, store_row *on_row, void *context) {
    struct pipeline_outcome outcome = p->early;
    int last = p->n_pending - 1;
    p->early = (struct pipeline_outcome){0};
    *p->error = 0;
    outcome.changed = 0;
    outcome.committed = false;
    pipeline_push(p);
    bool more = p->early.status == STORE_OK;
    for (int i = 0; i < p->n_pending && more; i++)
        more = read_answer(p, p->pending[i], i == last ? on_row : NULL, context, &outcome);
    if (!more)
        note_failure(p, &outcome, NULL);
    p->early = (struct pipeline_outcome){0};
    p->n_pending = 0;
    return outcome;
}
