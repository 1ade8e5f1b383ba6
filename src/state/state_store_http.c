/* SPDX-License-Identifier: Apache-2.0 */
/* State behind a URL: GET, POST, DELETE, and LOCK and UNLOCK where the server has them. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "net/client.h"
#include "state/backend_int.h"

struct http_store {
    struct state_store store;
    struct arena *arena;
    struct client *client;
    struct str address, update_method, lock_address, lock_method, unlock_address, unlock_method;
    struct str authorization; /* "Basic ...", or empty */
    int64_t retry_max, retry_wait_min_s, retry_wait_max_s;
    struct str lock_id, lock_json;
};

static struct http_store *http(struct state_store *store) {
    return (struct http_store *)store;
}

static struct str code_error(struct arena *arena, int status) {
    switch (status) {
    case 401:
        return S("HTTP remote state endpoint requires auth");
    case 403:
        return S("HTTP remote state endpoint invalid auth");
    case 500:
        return S("HTTP remote state internal server error");
    default:
        return str_format(arena, "Unexpected HTTP response code %d", status);
    }
}

/* One request, tried again while the server is not well. */
static bool send_request(struct http_store *s, struct arena *arena, struct str method,
                         struct str url, struct str body, struct client_response *ret_response,
                         struct str *ret_error) {
    struct client_header headers[3];
    size_t n = 0;
    if (s->authorization.len > 0)
        headers[n++] = (struct client_header){S("Authorization"), s->authorization};
    if (body.len > 0) {
        uint8_t sum[DIGEST_MAX];
        size_t size = digest_bytes(DIGEST_MD5, body, sum);
        headers[n++] = (struct client_header){S("Content-Type"), S("application/json")};
        headers[n++] = (struct client_header){
            S("Content-MD5"), digest_to_base64(arena, (struct str){(const char *)sum, size})};
    }
    const struct client_request request = {.method = method,
                                           .url = url,
                                           .headers = headers,
                                           .n_headers = n,
                                           .body = body,
                                           .max_body = BACKEND_MAX_STATE};
    int64_t wait_s = s->retry_wait_min_s;
    for (int64_t attempt = 0;; attempt++) {
        bool retryable = false;
        bool sent = client_send(s->client, arena, &request, ret_response, ret_error, &retryable);
        bool well = sent && (ret_response->status < 500 || ret_response->status == 501);
        if (well || attempt >= s->retry_max)
            return sent;
        clock_sleep_ms(wait_s * 1000);
        wait_s = wait_s * 2 < s->retry_wait_max_s ? wait_s * 2 : s->retry_wait_max_s;
    }
}

static bool http_read(struct state_store *store, struct arena *arena, struct state **ret_state,
                      struct diags *diags) {
    struct http_store *s = http(store);
    struct client_response response;
    struct str error;
    if (!send_request(s, arena, S("GET"), s->address, S(""), &response, &error))
        return backend_failed(diags, "Failed to read state", error);
    if (response.status == 204 || response.status == 404) {
        *ret_state = NULL;
        return true;
    }
    if (response.status != 200)
        return backend_failed(diags, "Failed to read state", code_error(arena, response.status));
    return state_store_decode(store, arena, response.body, ret_state, diags);
}

static bool http_write(struct state_store *store, const struct state *state, struct diags *diags) {
    struct http_store *s = http(store);
    struct arena *scratch = arena_new();
    struct client_response response;
    struct str error = S("");
    struct str url = s->address;
    struct str bytes;
    if (!backend_print(store, scratch, state, &bytes, diags)) {
        arena_free(scratch);
        return false;
    }
    if (s->lock_id.len > 0) {
        url = str_format(scratch, "%.*s%sID=%.*s", STR_ARG(url),
                         str_find_byte(url, '?') >= 0 ? "&" : "?", STR_ARG(s->lock_id));
    }
    bool sent = send_request(s, scratch, s->update_method, url, bytes, &response, &error);
    bool ok = sent && (response.status == 200 || response.status == 201 || response.status == 204);
    if (!ok) {
        if (sent)
            error = str_format(scratch, "HTTP error: %d", response.status);
        (void)backend_failed(diags, "Failed to write state", error);
    }
    arena_free(scratch);
    return ok;
}

static bool lock_once(struct state_store *store, const struct state_lock_info *info,
                      bool *ret_again, struct diags *diags) {
    struct http_store *s = http(store);
    struct client_response response;
    struct str error;
    s->lock_json = state_store_lock_json(s->arena, info);
    if (!send_request(s, s->arena, s->lock_method, s->lock_address, s->lock_json, &response,
                      &error)) {
        state_store_lock_error(s->arena, error, NULL, diags);
        return false;
    }
    if (response.status == 200) {
        s->lock_id = str_dup(s->arena, info->id);
        return true;
    }
    if (response.status == 409 || response.status == 423) {
        struct state_lock_info other;
        bool known = state_store_lock_parse(s->arena, response.body, &other);
        error = known ? str_format(s->arena, "HTTP remote state already locked: ID=%.*s",
                                   STR_ARG(other.id))
                      : S("HTTP remote state already locked, failed to unmarshal body");
        state_store_lock_error(s->arena, error, known ? &other : NULL, diags);
        *ret_again = true;
        return false;
    }
    state_store_lock_error(s->arena, code_error(s->arena, response.status), NULL, diags);
    return false;
}

static bool http_lock(struct state_store *store, const struct state_lock_info *info,
                      int64_t timeout_ms, struct diags *diags) {
    if (http(store)->lock_address.len == 0)
        return true; /* a server without locks */
    return backend_lock_wait(store, info, timeout_ms, lock_once, diags);
}

static bool unlock_with(struct http_store *s, struct str body, struct diags *diags) {
    struct client_response response;
    struct str error = S("");
    bool sent =
        send_request(s, s->arena, s->unlock_method, s->unlock_address, body, &response, &error);
    if (sent && response.status == 200) {
        s->lock_id = S("");
        return true;
    }
    return backend_failed(diags, "Error releasing the state lock",
                          sent ? code_error(s->arena, response.status) : error);
}

static bool http_unlock(struct state_store *store, struct diags *diags) {
    struct http_store *s = http(store);
    return s->unlock_address.len == 0 || s->lock_id.len == 0 || unlock_with(s, s->lock_json, diags);
}

static bool http_force_unlock(struct state_store *store, struct str id, struct diags *diags) {
    struct http_store *s = http(store);
    if (s->unlock_address.len == 0) {
        return backend_failed(diags, "Failed to unlock state",
                              S("The http backend has no unlock_address."));
    }
    struct state_lock_info info = {.id = id,
                                   .operation = S(""),
                                   .info = S(""),
                                   .who = S(""),
                                   .version = S(""),
                                   .created = S("0001-01-01T00:00:00Z"),
                                   .path = S("")};
    return unlock_with(s, state_store_lock_json(s->arena, &info), diags);
}

static bool http_workspaces(struct state_store *store, struct arena *arena, struct str **ret_names,
                            size_t *ret_n, struct diags *diags) {
    (void)store;
    (void)arena;
    (void)ret_names;
    (void)ret_n;
    return backend_failed(diags, "Failed to get configured named states",
                          S("workspaces not supported"));
}

static bool http_delete_workspace(struct state_store *store, struct str name, struct diags *diags) {
    (void)store;
    (void)name;
    return backend_failed(diags, "Failed to delete workspace", S("workspaces not supported"));
}

static void http_close(struct state_store *store) {
    client_free(http(store)->client);
}

static const struct state_store_ops http_ops = {
    .read = http_read,
    .write = http_write,
    .lock = http_lock,
    .unlock = http_unlock,
    .force_unlock = http_force_unlock,
    .workspaces = http_workspaces,
    .delete_workspace = http_delete_workspace,
    .close = http_close,
};

static bool is_url(struct str text) {
    return str_starts(text, S("http://")) || str_starts(text, S("https://"));
}

static bool read_addresses(struct http_store *s, struct value config, struct diags *diags) {
    const struct {
        const char *name, *variable;
        struct str *address;
    } all[] = {
        {"address", "TF_HTTP_ADDRESS", &s->address},
        {"lock_address", "TF_HTTP_LOCK_ADDRESS", &s->lock_address},
        {"unlock_address", "TF_HTTP_UNLOCK_ADDRESS", &s->unlock_address},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        const char *const variables[] = {all[i].variable, NULL};
        struct str address = backend_text(config, all[i].name, variables);
        if (address.len > 0 && !is_url(address)) {
            return backend_invalid(
                diags, all[i].name, "Invalid backend configuration",
                str_format(diags->arena, "%s must be HTTP or HTTPS.", all[i].name));
        }
        *all[i].address = str_dup(s->arena, address);
    }
    if (s->address.len == 0)
        return backend_invalid(diags, "address", "address argument is required", S(""));
    return true;
}

static struct str method(struct http_store *s, struct value config, const char *name,
                         const char *variable, struct str otherwise) {
    const char *const variables[] = {variable, NULL};
    struct str text = backend_text(config, name, variables);
    return text.len > 0 ? str_dup(s->arena, text) : otherwise;
}

struct state_store *state_store_http(struct arena *arena, struct value config,
                                     struct diags *diags) {
    static const char *const user_variables[] = {"TF_HTTP_USERNAME", NULL};
    static const char *const password_variables[] = {"TF_HTTP_PASSWORD", NULL};
    struct http_store *s = arena_alloc(arena, sizeof *s);
    s->store.ops = &http_ops;
    s->arena = arena;
    s->lock_id = s->authorization = S("");
    if (!read_addresses(s, config, diags))
        return NULL;
    s->update_method = method(s, config, "update_method", "TF_HTTP_UPDATE_METHOD", S("POST"));
    s->lock_method = method(s, config, "lock_method", "TF_HTTP_LOCK_METHOD", S("LOCK"));
    s->unlock_method = method(s, config, "unlock_method", "TF_HTTP_UNLOCK_METHOD", S("UNLOCK"));
    s->retry_max = backend_number(config, "retry_max", "TF_HTTP_RETRY_MAX", 2);
    s->retry_wait_min_s = backend_number(config, "retry_wait_min", "TF_HTTP_RETRY_WAIT_MIN", 1);
    s->retry_wait_max_s = backend_number(config, "retry_wait_max", "TF_HTTP_RETRY_WAIT_MAX", 30);
    struct str user = backend_text(config, "username", user_variables);
    struct str password = backend_text(config, "password", password_variables);
    if (user.len > 0) {
        struct str pair = str_format(arena, "%.*s:%.*s", STR_ARG(user), STR_ARG(password));
        struct str coded = digest_to_base64(arena, pair);
        s->authorization = str_format(arena, "Basic %.*s", STR_ARG(coded));
    }
    const struct client_options options = {
        .insecure = backend_flag(config, "skip_cert_verification", NULL, false),
        .connect_timeout_ms = 30000,
        .timeout_ms = 600000};
    struct str error;
    s->client = client_new(&options, arena, &error);
    if (s->client == NULL) {
        (void)backend_failed(diags, "Failed to open the backend", error);
        return NULL;
    }
    return &s->store;
}
