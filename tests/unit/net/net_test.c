/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "net/client.h"
#include "net/http_server.h"

static struct arena *arena;

/* Answers with what it was asked. */
static void echo(void *context, struct arena *a, const struct http_server_request *request,
                 struct http_server_response *response) {
    (void)context;
    response->status = request->body_too_large ? 413 : 201;
    response->headers[response->n_headers++] =
        (struct http_server_header){S("X-Answer"), request->peer};
    response->body = str_format(a, "%.*s %.*s ?%.*s [%zu]", STR_ARG(request->method),
                                STR_ARG(request->path), STR_ARG(request->query), request->body.len);
}

static struct http_server *start(void) {
    struct str error = S("");
    struct http_server_options options = {
        .host = S("127.0.0.1"), .threads = 2, .max_body = 1000, .handle = echo};
    struct http_server *server = http_server_start(&options, arena, &error);
    if (!server)
        fail_msg("%s", str_c(arena, error));
    return server;
}

static bool ask(struct http_server *server, const char *method, const char *path, struct str body,
                size_t max_body, struct client_response *ret_response, struct str *ret_error) {
    struct client_options options = {.connect_timeout_ms = 2000, .timeout_ms = 5000};
    bool retryable;
    struct client *client = client_new(&options, arena, ret_error);
    struct client_request request = {
        .method = str_from(method),
        .url = str_format(arena, "http://127.0.0.1:%u%s", http_server_port(server), path),
        .body = body,
        .max_body = max_body};
    bool ok = client_send(client, arena, &request, ret_response, ret_error, &retryable);
    client_free(client);
    return ok;
}

static void a_request_comes_and_goes_whole(void **state) {
    (void)state;
    struct client_response response;
    struct str error;
    struct http_server *server = start();
    assert_true(ask(server, "POST", "/a%20b?x=1&y=%2F", S("hello"), 1000, &response, &error));
    assert_int_equal(response.status, 201);
    assert_string_equal(str_c(arena, response.body), "POST /a%20b ?x=1&y=%2F [5]");
    bool seen = false;
    for (size_t i = 0; i < response.n_headers; i++)
        seen |= str_eq_nocase(response.headers[i].name, S("x-answer")) &&
                str_eq(response.headers[i].value, S("127.0.0.1"));
    assert_true(seen);
    http_server_stop(server);
}

static void bodies_are_bounded_on_both_sides(void **state) {
    (void)state;
    struct client_response response;
    struct str error = S("");
    char long_body[2000];
    memset(long_body, 'x', sizeof long_body);
    struct http_server *server = start();
    assert_true(ask(server, "POST", "/", (struct str){long_body, sizeof long_body}, 1000, &response,
                    &error));
    assert_int_equal(response.status, 413);
    assert_false(ask(server, "GET", "/", S(""), 3, &response, &error));
    assert_string_equal(error.at, "the answer is too long");
    http_server_stop(server);
}

static void a_taken_port_is_said_in_one_line(void **state) {
    (void)state;
    struct str error = S("");
    struct http_server *server = start();
    struct http_server_options options = {.host = S("127.0.0.1"),
                                          .threads = 1,
                                          .max_body = 10,
                                          .port = http_server_port(server),
                                          .handle = echo};
    assert_null(http_server_start(&options, arena, &error));
    assert_true(str_ends(error, S("address already in use")));
    http_server_stop(server);
}

static void nobody_there_may_be_retried(void **state) {
    (void)state;
    struct client_options options = {.connect_timeout_ms = 1000, .timeout_ms = 1000};
    struct client_response response;
    struct str error = S("");
    bool retryable = false;
    struct client *client = client_new(&options, arena, &error);
    struct client_request request = {.method = S("GET"), .url = S("http://127.0.0.1:1/")};
    assert_false(client_send(client, arena, &request, &response, &error, &retryable));
    assert_true(retryable);
    assert_true(error.len > 0);
    client_free(client);
}

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_comes_and_goes_whole),
        cmocka_unit_test(bodies_are_bounded_on_both_sides),
        cmocka_unit_test(a_taken_port_is_said_in_one_line),
        cmocka_unit_test(nobody_there_may_be_retried),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
