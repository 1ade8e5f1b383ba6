/* SPDX-License-Identifier: Apache-2.0 */
#include "store/libpq.h"

#include "base/late.h"
#include "base/str.h"

bool libpq_open(struct libpq *lib) {
    const struct late_symbol wanted[] = {
        {"PQconnectdb", (void **)&lib->connect},
        {"PQfinish", (void **)&lib->finish},
        {"PQstatus", (void **)&lib->status},
        {"PQerrorMessage", (void **)&lib->error_message},
        {"PQsetNoticeProcessor", (void **)&lib->set_notice},
        {"PQexec", (void **)&lib->exec},
        {"PQexecParams", (void **)&lib->exec_params},
        {"PQprepare", (void **)&lib->prepare},
        {"PQexecPrepared", (void **)&lib->exec_prepared},
        {"PQresultStatus", (void **)&lib->result_status},
        {"PQresultErrorField", (void **)&lib->result_error_field},
        {"PQresultErrorMessage", (void **)&lib->result_error_message},
        {"PQntuples", (void **)&lib->ntuples},
        {"PQnfields", (void **)&lib->nfields},
        {"PQftype", (void **)&lib->ftype},
        {"PQgetisnull", (void **)&lib->getisnull},
        {"PQgetvalue", (void **)&lib->getvalue},
        {"PQgetlength", (void **)&lib->getlength},
        {"PQcmdTuples", (void **)&lib->cmd_tuples},
        {"PQclear", (void **)&lib->clear},
    };
    return late_open("libpq.so.5", wanted, COUNT(wanted));
}
