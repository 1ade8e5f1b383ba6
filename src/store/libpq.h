/* SPDX-License-Identifier: Apache-2.0 */
/* libpq's functions under their own names, found on first use; for the database of `loam serve` and
 * for state kept in PostgreSQL. */
#ifndef LOAM_LIBPQ_H
#define LOAM_LIBPQ_H

#include <libpq-fe.h>
#include <stdbool.h>

struct libpq {
    PGconn *(*connect)(const char *);
    void (*finish)(PGconn *);
    ConnStatusType (*status)(const PGconn *);
    char *(*error_message)(const PGconn *);
    PQnoticeProcessor (*set_notice)(PGconn *, PQnoticeProcessor, void *);
    PGresult *(*exec)(PGconn *, const char *);
    PGresult *(*exec_params)(PGconn *, const char *, int, const Oid *, const char *const *,
                             const int *, const int *, int);
    ExecStatusType (*result_status)(const PGresult *);
    char *(*result_error_field)(const PGresult *, int);
    char *(*result_error_message)(const PGresult *);
    int (*ntuples)(const PGresult *);
    int (*nfields)(const PGresult *);
    Oid (*ftype)(const PGresult *, int);
    int (*getisnull)(const PGresult *, int, int);
    char *(*getvalue)(const PGresult *, int, int);
    int (*getlength)(const PGresult *, int, int);
    char *(*cmd_tuples)(PGresult *);
    char *(*cmd_status)(PGresult *);
    void (*clear)(PGresult *);
    int (*enter_pipeline)(PGconn *);
    int (*sync)(PGconn *);
    int (*send_params)(PGconn *, const char *, int, const Oid *, const char *const *, const int *,
                       const int *, int);
    int (*send_prepare)(PGconn *, const char *, const char *, int, const Oid *);
    int (*send_prepared)(PGconn *, const char *, int, const char *const *, const int *, const int *,
                         int);
    PGresult *(*get_result)(PGconn *);
    int (*consume_input)(PGconn *);
};

/* Fills lib; false: libpq5 is not installed, or is older than release 14. */
bool libpq_open(struct libpq *lib);

#endif
