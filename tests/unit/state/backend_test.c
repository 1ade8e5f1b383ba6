/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "net/http_server.h"
#include "state/backend.h"
#include "wire/sigv4.h"

#define SECRET "secret/of+a=key"

/* A server of objects by path with what the stores expect of one; every S3 request must be signed.
 */
struct fake {
    struct arena *arena;
    struct map objects; /* path -> struct str *, NULL when deleted */
    struct str lock;    /* JSON of who holds it */
    struct http_server *server;
    uint16_t port;
    int bad_signatures;
    int failures_left; /* answers of 503 before it is well */
};

static struct str header(const struct http_server_request *request, const char *name) {
    for (size_t i = 0; i < request->n_headers; i++)
        if (str_eq_nocase(request->headers[i].name, str_from(name)))
            return request->headers[i].value;
    return S("");
}

static bool is_signed(struct arena *arena, const struct http_server_request *request) {
    struct http_header *headers = arena_array(arena, request->n_headers, sizeof *headers);
    for (size_t i = 0; i < request->n_headers; i++)
        headers[i] = (struct http_header){request->headers[i].name, request->headers[i].value};
    struct str path = str_replace(arena, request->path, S("%3A"), S(":"));
    const struct http_request signed_request = {.method = request->method,
                                                .path = path,
                                                .query = request->query,
                                                .headers = headers,
                                                .n_headers = request->n_headers,
                                                .body = request->body};
    struct sigv4_claim claim;
    struct fault fault;
    return sigv4_parse(arena, &signed_request, &claim, &fault) && claim.present &&
           sigv4_verify(arena, &signed_request, &claim, S(SECRET), 0, 0, &fault);
}

static void serve_object(struct fake *f, const struct http_server_request *request,
                         struct http_server_response *response) {
    struct str *stored = map_get(&f->objects, request->path);
    response->status = 200;
    if (str_eq(request->method, S("GET"))) {
        response->status = stored == NULL ? 404 : 200;
        response->body = stored == NULL ? S("<Error><Code>NoSuchKey</Code></Error>") : *stored;
    } else if (str_eq(request->method, S("DELETE"))) {
        map_put(f->arena, &f->objects, str_dup(f->arena, request->path), NULL);
        response->status = 204;
    } else if (stored != NULL && str_eq(header(request, "If-None-Match"), S("*"))) {
        response->status = 412;
        response->body = S("<Error><Code>PreconditionFailed</Code><Message>At least one of the "
                           "pre-conditions you specified did not hold</Message></Error>");
    } else {
        struct str *copy = arena_alloc(f->arena, sizeof *copy);
        *copy = str_dup(f->arena, request->body);
        map_put(f->arena, &f->objects, str_dup(f->arena, request->path), copy);
    }
}

static void list_objects(struct fake *f, struct arena *arena,
                         struct http_server_response *response) {
    struct str body = S("<ListBucketResult>");
    for (size_t i = 0; i < f->objects.n; i++) {
        struct str path = f->objects.entries[i].key;
        if (f->objects.entries[i].value != NULL && str_starts(path, S("/b/"))) {
            struct str key = str_replace(arena, str_slice(path, 3, path.len), S("%3A"), S(":"));
            body = str_format(arena, "%.*s<Contents><Key>%.*s</Key></Contents>", STR_ARG(body),
                              STR_ARG(key));
        }
    }
    response->status = 200;
    response->body = str_cat(arena, body, S("</ListBucketResult>"));
}

static void serve_lock(struct fake *f, const struct http_server_request *request,
                       struct http_server_response *response) {
    bool lock = str_eq(request->method, S("LOCK"));
    response->status = lock && f->lock.len > 0 ? 423 : 200;
    if (response->status == 423)
        response->body = f->lock;
    else
        f->lock = lock ? str_dup(f->arena, request->body) : S("");
}

static void handle(void *context, struct arena *arena, const struct http_server_request *request,
                   struct http_server_response *response) {
    struct fake *f = context;
    bool s3 = str_starts(request->path, S("/b/")) || str_eq(request->path, S("/b"));
    if (f->failures_left > 0) {
        f->failures_left--;
        response->status = 503;
    } else if (s3 && !is_signed(arena, request)) {
        f->bad_signatures++;
        response->status = 403;
    } else if (s3 && str_starts(request->query, S("list-type=2"))) {
        list_objects(f, arena, response);
    } else if (str_eq(request->method, S("LOCK")) || str_eq(request->method, S("UNLOCK"))) {
        serve_lock(f, request, response);
    } else {
        serve_object(f, request, response);
    }
}

static struct fake *start(struct arena *arena) {
    struct fake *f = arena_alloc(arena, sizeof *f);
    struct str error = S("");
    f->arena = arena;
    f->lock = S("");
    const struct http_server_options options = {.host = S("127.0.0.1"),
                                                .threads = 1,
                                                .max_body = (size_t)1 << 20,
                                                .handle = handle,
                                                .context = f};
    f->server = http_server_start(&options, arena, &error);
    assert_non_null(f->server);
    f->port = http_server_port(f->server);
    return f;
}

static struct value config_of(struct arena *arena, const char *type, const char *const pairs[][2],
                              size_t n) {
    const struct schema_block *schema = backend_schema(arena, str_from(type));
    assert_non_null(schema);
    const struct type *object = schema_type(schema);
    struct value *values = arena_array(arena, object->n, sizeof *values);
    for (uint32_t i = 0; i < object->n; i++) {
        values[i] = value_null(object->items[i]);
        for (size_t j = 0; j < n; j++) {
            if (!str_eq(intern_str(object->names[i]), str_from(pairs[j][0])))
                continue;
            struct str text = str_from(pairs[j][1]);
            int64_t number = 0;
            values[i] = object->items[i] == type_bool ? value_bool(str_eq(text, S("true")))
                        : object->items[i] == type_number && str_to_int(text, &number)
                            ? value_int(number)
                            : value_string(arena, text);
        }
    }
    return value_object_of(arena, object, values);
}

static struct state *some_state(struct arena *arena, int64_t serial) {
    struct state *state = state_new(arena);
    state->serial = serial;
    state->lineage = S("l");
    return state;
}

/* What any store must do: read nothing, write, read back, lock once, unlock. */
static void exercise(struct arena *arena, struct state_store *store, struct state_store *other) {
    struct diags diags = {.arena = arena};
    struct state *state = NULL;
    assert_true(store->ops->read(store, arena, &state, &diags));
    assert_null(state);
    struct state_lock_info info = state_store_lock_info(arena, S("OperationTypeApply"));
    assert_true(store->ops->lock(store, &info, 0, &diags));
    struct state_lock_info second = state_store_lock_info(arena, S("OperationTypePlan"));
    assert_false(other->ops->lock(other, &second, 0, &diags));
    assert_int_equal(diags.n_errors, 1);
    assert_true(str_find(diags.at[0].detail, info.id) > 0);
    assert_true(store->ops->write(store, some_state(arena, 5), &diags));
    assert_true(other->ops->read(other, arena, &state, &diags));
    assert_non_null(state);
    assert_int_equal(state->serial, 5);
    assert_true(store->ops->unlock(store, &diags));
    assert_true(other->ops->lock(other, &second, 0, &diags));
    assert_true(other->ops->unlock(other, &diags));
}

static void http_store(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct fake *f = start(arena);
    struct diags diags = {.arena = arena};
    const char *url = str_c(arena, str_format(arena, "http://127.0.0.1:%u/state", f->port));
    const char *const pairs[][2] = {{"address", url},        {"lock_address", url},
                                    {"unlock_address", url}, {"username", "u"},
                                    {"password", "p"},       {"retry_wait_min", "0"}};
    struct value config = config_of(arena, "http", pairs, COUNT(pairs));
    struct state_store *store = backend_open(arena, S("http"), config, S("default"), &diags);
    struct state_store *other = backend_open(arena, S("http"), config, S(""), &diags);
    assert_non_null(store);
    f->failures_left = 2;
    exercise(arena, store, other);
    assert_null(backend_open(arena, S("http"), config, S("dev"), &diags));
    store->ops->close(store);
    other->ops->close(other);
    const char *const bad[][2] = {{"address", "ftp://x"}};
    assert_null(backend_open(arena, S("http"), config_of(arena, "http", bad, 1), S(""), &diags));
    assert_string_equal(str_c(arena, diags.at[diags.n - 1].summary),
                        "address must be HTTP or HTTPS");
    http_server_stop(f->server);
    arena_free(arena);
}

static void s3_store(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct fake *f = start(arena);
    struct diags diags = {.arena = arena};
    const char *url = str_c(arena, str_format(arena, "http://127.0.0.1:%u", f->port));
    const char *const pairs[][2] = {{"bucket", "b"},
                                    {"key", "dir/terraform.tfstate"},
                                    {"region", "eu-north-1"},
                                    {"access_key", "AKIDEXAMPLE"},
                                    {"secret_key", SECRET},
                                    {"endpoint", url},
                                    {"use_path_style", "true"},
                                    {"use_lockfile", "true"},
                                    {"encrypt", "true"}};
    struct value config = config_of(arena, "s3", pairs, COUNT(pairs));
    struct state_store *store = backend_open(arena, S("s3"), config, S("default"), &diags);
    struct state_store *other = backend_open(arena, S("s3"), config, S("default"), &diags);
    assert_non_null(store);
    exercise(arena, store, other);
    struct state_store *dev = backend_open(arena, S("s3"), config, S("dev"), &diags);
    assert_true(dev->ops->write(dev, some_state(arena, 1), &diags));
    struct str *names = NULL;
    size_t n = 0;
    assert_true(store->ops->workspaces(store, arena, &names, &n, &diags));
    assert_int_equal(n, 2);
    assert_string_equal(str_c(arena, names[1]), "dev");
    assert_true(store->ops->delete_workspace(store, S("dev"), &diags));
    assert_true(store->ops->workspaces(store, arena, &names, &n, &diags));
    assert_int_equal(n, 1);
    assert_int_equal(f->bad_signatures, 0);
    store->ops->close(store);
    other->ops->close(other);
    dev->ops->close(dev);
    http_server_stop(f->server);
    arena_free(arena);
}

static void schemas(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    assert_null(backend_schema(arena, S("nope")));
    assert_null(backend_schema(arena, S("gcs")));
    assert_true(backend_foreign(S("gcs")));
    assert_false(backend_foreign(S("nope")));
    assert_non_null(schema_attr(backend_schema(arena, S("s3")), S("bucket")));
    assert_non_null(schema_attr(backend_schema(arena, S("local")), S("path")));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas),
        cmocka_unit_test(http_store),
        cmocka_unit_test(s3_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
