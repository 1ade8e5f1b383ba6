/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to PostgreSQL on which statements are sent without waiting for each answer: only
 * what somebody needs to know costs a round trip. What fails is noticed when the answers are read.
 */
#ifndef LOAM_PIPELINE_H
#define LOAM_PIPELINE_H

#include "store/libpq.h"
#include "store/store_int.h"

struct buf;
struct pipeline;

/* What the answers said. */
struct pipeline_outcome {
    enum store_status status; /* of the first statement that failed */
    int64_t changed;          /* rows, by the last statement */
    bool committed;           /* the last statement was a COMMIT and was done */
};

/* Over a new connection, whatever its state; takes it over. */
struct pipeline *pipeline_new(const struct libpq *lib, PGconn *pg);
void pipeline_free(struct pipeline *pipeline);
/* As far as one can know without asking: false once the other end has hung up. */
bool pipeline_up(struct pipeline *pipeline);
const char *pipeline_error(struct pipeline *pipeline);

void pipeline_send(struct pipeline *pipeline, const char *sql);
void pipeline_send_statement(struct pipeline *pipeline, enum statement statement,
                             const struct statement_value *params, int n);
/* Lets the other end do what was sent; its answers are read with the next ones. */
void pipeline_push(struct pipeline *pipeline);
/* Reads all answers; on_row gets the rows of the last statement. */
struct pipeline_outcome pipeline_settle(struct pipeline *pipeline, store_row *on_row,
                                        void *context);

/* "?1" is SQLite's way to write "$1"; texts of a schema are ordered by their bytes. */
void pipeline_dialect(struct buf *out, const char *sql, bool schema);

#endif
