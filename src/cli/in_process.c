/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/in_process.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "server/server.h"

struct open_servers {
    pthread_mutex_t lock;
    struct arena *arena;
    struct map by_endpoint; /* struct server * */
};

static struct open_servers opened = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void close_all(void) {
    for (size_t i = 0; i < opened.by_endpoint.n; i++)
        server_close(opened.by_endpoint.entries[i].value);
    arena_free(opened.arena);
}

static struct server *open_server(struct arena *arena, struct str endpoint, struct str *ret_error) {
    struct server_options options = {0};
    struct credentials key;
    struct str place = str_slice(endpoint, str_find_byte(endpoint, ':') + 1, endpoint.len);
    options.memory = str_eq(place, S("memory"));
    if (!options.memory)
        options.file = str_dup(opened.arena, place);
    options.account_id = str_from(getenv("LOAM_ACCOUNT_ID"));
    options.quotas = str_from(getenv("LOAM_QUOTAS"));
    options.root_access_key_id = str_from(getenv("LOAM_ROOT_ACCESS_KEY_ID"));
    options.root_secret_access_key = str_from(getenv("LOAM_ROOT_SECRET_ACCESS_KEY"));
    return server_open(&options, arena, &key, ret_error);
}

static struct server *find_server(struct arena *arena, struct str endpoint, struct str *ret_error) {
    pthread_mutex_lock(&opened.lock);
    if (!opened.arena) {
        opened.arena = arena_new();
        atexit(close_all);
    }
    struct server *server = map_get(&opened.by_endpoint, endpoint);
    if (!server) {
        server = open_server(arena, endpoint, ret_error);
        if (server)
            map_put(opened.arena, &opened.by_endpoint, str_dup(opened.arena, endpoint), server);
    }
    pthread_mutex_unlock(&opened.lock);
    return server;
}

static bool send(void *context, struct arena *arena, struct str endpoint, struct str method,
                 struct str path, const struct str *header_names, const struct str *header_values,
                 size_t n_headers, struct str body, int *ret_status, struct str *ret_body,
                 struct str *ret_request_id, struct str *ret_error) {
    (void)context;
    struct server *server = find_server(arena, endpoint, ret_error);
    if (!server)
        return false;
    /* What the server works with is gone when its answer is there. */
    struct arena *scratch = arena_new();
    struct http_header *headers = arena_array(scratch, n_headers, sizeof *headers);
    for (size_t i = 0; i < n_headers; i++)
        headers[i] = (struct http_header){header_names[i], header_values[i]};
    struct http_request request = {
        .method = method,
        .path = path,
        .query = S(""),
        .headers = headers,
        .n_headers = n_headers,
        .body = body,
    };
    struct server_answer answer = {0};
    server_handle(server, scratch, &request, S("127.0.0.1"), &answer);
    *ret_status = answer.status;
    *ret_body = str_dup(arena, answer.body);
    *ret_request_id = str_dup(arena, answer.request_id);
    arena_free(scratch);
    return true;
}

static bool root_key(void *context, struct arena *arena, struct str endpoint,
                     struct str *ret_access_key_id, struct str *ret_secret) {
    (void)context;
    struct str error;
    struct server *server = find_server(arena, endpoint, &error);
    if (!server)
        return false;
    struct credentials key = server_root_key(server, arena);
    if (!key.access_key_id.len)
        return false;
    *ret_access_key_id = key.access_key_id;
    *ret_secret = key.secret_access_key;
    return true;
}

const struct aws_transport *in_process_transport(void) {
    static const struct aws_transport transport = {.send = send, .root_key = root_key};
    return &transport;
}
