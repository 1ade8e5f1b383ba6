/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each line is one request of whoever comes, to an account in memory that stays for a while. No
 * request may be the server's fault.
 */
#include "base/arena.h"
#include "server/server.h"

#define REQUESTS_PER_ACCOUNT 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct server *server;
static struct arena *kept;
static int requests;

static void open_account(void) {
    static const struct server_options options = {.memory = true, .permissive = true};
    struct credentials key;
    struct str error;
    if (server) {
        server_close(server);
        arena_free(kept);
    }
    kept = arena_new();
    requests = 0;
    server = server_open(&options, kept, &key, &error);
    if (!server)
        bug("the account does not open");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str rest = {(const char *)data, size}, line;
    while (rest.len && str_split(&rest, '\n', &line)) {
        if (!server || requests++ == REQUESTS_PER_ACCOUNT)
            open_account();
        struct arena *arena = arena_new();
        const struct http_header headers[] = {{S("Host"), S("localhost")}};
        struct http_request request = {.method = S("POST"),
                                       .path = S("/"),
                                       .query = S(""),
                                       .headers = headers,
                                       .n_headers = COUNT(headers),
                                       .body = line};
        struct server_answer answer;
        server_handle(server, arena, &request, S("127.0.0.1"), &answer);
        if (answer.status >= 500)
            bug("a request was the server's fault");
        arena_free(arena);
    }
    return 0;
}
