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
        {"PQcmdStatus", (void **)&lib->cmd_status},
        {"PQclear", (void **)&lib->clear},
        {"PQenterPipelineMode", (void **)&lib->enter_pipeline},
        {"PQpipelineSync", (void **)&lib->sync},
        {"PQsendQueryParams", (void **)&lib->send_params},
        {"PQsendPrepare", (void **)&lib->send_prepare},
        {"PQsendQueryPrepared", (void **)&lib->send_prepared},
        {"PQgetResult", (void **)&lib->get_result},
        {"PQconsumeInput", (void **)&lib->consume_input},
    };
    return late_open("libpq.so.5", wanted, COUNT(wanted));
}
