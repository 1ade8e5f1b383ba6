/* SPDX-License-Identifier: Apache-2.0 */
#include "server/listener.h"

#include <malloc.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/rand.h"
#include "net/http_server.h"
#include "server/chaos.h"
#include "server/server.h"
#include "wire/codec.h"

#define DEFAULT_THREADS 64 /* as many as may wait for one commit */
#define LARGE (1 << 20)    /* bytes of an allocation */
#define MAX_HEAPS 8

struct listener {
    struct arena *arena;
    struct server *server;
    struct http_server *http;
    struct listener_options options;
    struct chaos *chaos; /* NULL: only good days */
};

static void log_text(struct buf *out, const char *name, struct str text) {
    buf_addf(out, ",\"%s\":", name);
    json_write_string(out, text, false);
}

/* Never the body, the query or a header: they may hold secrets. */
static void log_request(struct listener *listener, struct arena *arena,
                        const struct http_server_request *request,
                        const struct server_answer *answer, int64_t took_ms) {
    struct buf out;
    if (listener->options.log_fd < 0)
        return;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add(&out, listener->options.log_head);
    buf_addf(&out, "{\"time\":\"%.*s\",\"status\":%d,\"ms\":%lld",
             STR_ARG(clock_rfc3339(arena, clock_now_ms())), answer->status, (long long)took_ms);
    log_text(&out, "method", request->method);
    log_text(&out, "path", request->path);
    log_text(&out, "peer", request->peer);
    log_text(&out, "action", answer->action);
    log_text(&out, "caller", answer->caller);
    log_text(&out, "request_id", answer->request_id);
    buf_add_c(&out, "}\n");
    (void)fs_write_fd(listener->options.log_fd, buf_str(&out));
    buf_clear(&out);
}

static void answer_fault(struct arena *arena, enum fault_code code, const char *text,
                         struct server_answer *answer) {
    struct fault fault = {0};
    struct buf out;
    fault_set(&fault, arena, code, "%s", text);
    fault.request_id = rand_uuid(arena);
    buf_init(&out, BUF_MAX_TEXT);
    codec_write_fault(&out, model_api(SERVICE_IAM), &fault);
    *answer = (struct server_answer){.status = fault.http,
                                     .content_type = S("text/xml"),
                                     .body = buf_take(&out, arena),
                                     .request_id = fault.request_id,
                                     .action = S("-")};
}

/* false: the client gets no answer. */
static bool work(struct listener *listener, struct arena *arena, const struct http_request *request,
                 struct str peer, struct server_answer *answer) {
    struct chaos *chaos = listener->chaos;
    struct chaos_turn turn = {0};
    if (chaos)
        turn = chaos_before(chaos, request);
    if (turn.cut)
        return false;
    if (turn.fault != FAULT_NONE)
        answer_fault(arena, turn.fault, turn.text, answer);
    else
        server_handle(listener->server, arena, request, peer, answer);
    return !chaos || chaos_after(chaos, request, answer);
}

static void handle(void *context, struct arena *arena, const struct http_server_request *from,
                   struct http_server_response *response) {
    struct listener *listener = context;
    struct server_answer answer = {0};
    int64_t start = clock_monotonic_ms();
    struct http_header *headers = arena_array(arena, from->n_headers, sizeof *headers);
    for (size_t i = 0; i < from->n_headers; i++)
        headers[i] = (struct http_header){from->headers[i].name, from->headers[i].value};
    struct http_request request = {from->method, from->path,      from->query,
                                   headers,      from->n_headers, from->body};
    if (from->body_too_large)
        answer_fault(arena, FAULT_REQUEST_TOO_LARGE, "Request body exceeds the maximum size",
                     &answer);
    else if (!work(listener, arena, &request, from->peer, &answer)) {
        response->dropped = true;
        return;
    }
    response->status = answer.status;
    response->body = answer.body;
    response->headers[response->n_headers++] =
        (struct http_server_header){S("Content-Type"), answer.content_type};
    if (answer.request_id.len)
        response->headers[response->n_headers++] =
            (struct http_server_header){S("x-amzn-RequestId"), answer.request_id};
    log_request(listener, arena, from, &answer, clock_monotonic_ms() - start);
}

/*
 * Each thread would keep the memory of the largest request that it ever served. What is large goes
 * back at once instead, and threads share what is kept.
 */
static void bound_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, LARGE);
    mallopt(M_TRIM_THRESHOLD, LARGE);
    mallopt(M_ARENA_MAX, MAX_HEAPS);
#endif
}

struct listener *listener_start(struct server *server, const struct listener_options *options,
                                struct arena *arena, struct str *ret_error) {
    struct arena *own = arena_new();
    struct listener *listener = arena_alloc(own, sizeof *listener);
    bound_memory();
    listener->arena = own;
    listener->server = server;
    listener->options = *options;
    listener->options.log_head = str_dup(own, options->log_head);
    if (options->chaos_percent > 0)
        listener->chaos = chaos_new(own, options->chaos_percent);
    struct http_server_options http = {
        .host = options->host,
        .port = options->port,
        .threads = options->threads ? options->threads : DEFAULT_THREADS,
        .max_body = BUF_MAX_REQUEST,
        .tls_cert = options->tls_cert,
        .tls_key = options->tls_key,
        .handle = handle,
        .context = listener,
    };
    listener->http = http_server_start(&http, arena, ret_error);
    if (listener->http)
        return listener;
    chaos_free(listener->chaos);
    arena_free(own);
    return NULL;
}

uint16_t listener_port(const struct listener *listener) {
    return http_server_port(listener->http);
}

void listener_stop(struct listener *listener) {
    if (!listener)
        return;
    http_server_stop(listener->http);
    chaos_free(listener->chaos);
    arena_free(listener->arena);
}
