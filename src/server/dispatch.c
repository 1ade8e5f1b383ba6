/* SPDX-License-Identifier: Apache-2.0 */
#include "server/dispatch.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/trace.h"
#include "server/action_table.h"
#include "server/authenticate.h"
#include "server/authorize.h"
#include "server/leniency.h"
#include "server/server_int.h"
#include "server/usage.h"
#include "wire/codec.h"

#define MAX_ATTEMPTS 25 /* against other nodes on one database */
#define MAX_PAUSE_MS 64

/* Parameters come in the body of a POST, else in the query; a presigned POST has both. */
static struct str form_of(struct arena *arena, const struct http_request *http) {
    if (!str_eq(http->method, S("POST")))
        return http->query;
    if (!http->query.len || str_find(http->query, S("Action=")) < 0)
        return http->body;
    return str_format(arena, "%.*s&%.*s", STR_ARG(http->query), STR_ARG(http->body));
}

static bool fail_store(struct call *call, enum store_status status) {
    if (status == STORE_RETRY)
        return call_fail(
            call, FAULT_CONCURRENT_MODIFICATION,
            "The request was rejected because multiple requests to change this object "
            "were submitted simultaneously. Wait a few minutes and submit your request "
            "again.");
    if (status == STORE_UNAVAILABLE)
        return call_fail(call, FAULT_SERVICE_UNAVAILABLE,
                         "The database does not answer; try again.");
    return call_fail(call, FAULT_SERVICE_FAILURE,
                     status == STORE_FULL ? "There is no space left for the database."
                                          : "The database failed.");
}

/* A broken database is the operator's business: the log has the reason, the answer has not. */
static enum store_status end_transaction(struct call *call, bool commit) {
    enum store_status status = store_status(call->tx);
    if (status != STORE_OK)
        trace_line(TRACE_ERROR, "database: %.*s", STR_ARG(store_error_text(call->tx)));
    if (commit)
        status = store_commit(call->tx);
    else
        store_rollback(call->tx);
    call->tx = NULL;
    return status;
}

/*
 * Who and whether. What only reads goes on in the same snapshot; what writes gets a transaction of
 * its own behind this one, so that writers hold the database shortly.
 */
static bool admit(struct call *call) {
    call->tx = store_begin(call->server->store, false);
    bool ok = authenticate_call(call) && call->model;
    if (ok && !call->action)
        ok = call_fail(call, FAULT_INVALID_ACTION, "Could not find operation %.*s for version %.*s",
                       STR_ARG(call->model->name),
                       STR_ARG(model_api(call->model->service)->version));
    ok = ok &&
         (codec_check(call->arena, call->model, call->request, call->server->permissive,
                      call->fault) ||
          leniency_forgives(call)) &&
         authorize_call(call);
    if (ok && store_status(call->tx) == STORE_OK && !action_table_writes(call))
        return true;
    enum store_status status = end_transaction(call, false);
    return status == STORE_OK ? ok : fail_store(call, status);
}

static bool run_handler(struct call *call) {
    for (int attempt = 1;; attempt++) {
        bool writes = action_table_writes(call);
        call->response = message_response(call->arena, call->model);
        if (!call->tx)
            call->tx = store_begin(call->server->store, writes);
        call->now_ms = store_now_ms(call->server->store);
        bool ok = call->action->run(call);
        enum store_status status = end_transaction(call, ok && writes);
        if (status == STORE_OK)
            return ok;
        if (status != STORE_RETRY || attempt == MAX_ATTEMPTS)
            return fail_store(call, status);
        clock_sleep_ms((int64_t)rand_below(attempt < 6 ? 1u << attempt : MAX_PAUSE_MS));
    }
}

static void write_fault(struct call *call, struct buf *out) {
    const struct model_api *api =
        model_api(call->model ? (enum model_service)call->model->service : SERVICE_IAM);
    call->fault->request_id = call->request_id;
    codec_write_fault(out, api, call->fault);
}

void dispatch_run(struct server *server, struct arena *arena, const struct http_request *http,
                  struct str peer, struct server_answer *ret_answer) {
    struct fault fault = {0}, syntax = {0};
    struct buf out;
    struct call call = {.server = server,
                        .arena = arena,
                        .http = http,
                        .fault = &fault,
                        .peer = peer,
                        .request_id = rand_uuid(arena),
                        .now_ms = clock_now_ms()};
    bool readable =
        codec_read_query(arena, form_of(arena, http), &call.model, &call.request, &syntax);
    if (readable)
        call.action = action_table_row(model_id(call.model));
    bool ok = admit(&call);
    if (!readable && fault.code == FAULT_NONE)
        fault = syntax;
    ok = ok && run_handler(&call);
    usage_record(server->usage, &call);
    buf_init(&out, BUF_MAX_RESPONSE);
    if (ok)
        codec_write_response(&out, call.model, call.response, call.request_id);
    else
        write_fault(&call, &out);
    *ret_answer = (struct server_answer){
        .status = ok ? 200 : fault.http,
        .content_type = S("text/xml"),
        .body = buf_take(&out, arena),
        .request_id = call.request_id,
        .action = call.model ? call.model->name : S("-"),
        .caller = call.caller.arn,
    };
}
