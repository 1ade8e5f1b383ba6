/* SPDX-License-Identifier: Apache-2.0 */
/* State behind a URL: GET, POST, DELETE, and LOCK and UNLOCK where the server has them. */
#include <openssl/pem.h>
#include <openssl/x509.h>

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
    struct client_header *headers;
    size_t n_headers;
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
    default:
        return str_format(arena, "Unexpected HTTP response code %d", status);
    }
}

static struct str md5_of(struct arena *arena, struct str body) {
    uint8_t sum[DIGEST_MAX];
    size_t size = digest_bytes(DIGEST_MD5, body, sum);
    return digest_to_base64(arena, (struct str){(const char *)sum, size});
}

/* What the server is not well with, and so may answer better a moment later. */
static bool is_passing(int status) {
    return status == 429 || (status >= 500 && status != 501);
}

/* The address without its password. */
static struct str shown_url(struct arena *arena, struct str url) {
    ptrdiff_t scheme = str_find(url, S("://"));
    ptrdiff_t at = str_find_byte(url, '@');
    ptrdiff_t colon = scheme < 0 || at < 0
                          ? -1
                          : str_find_byte(str_slice(url, (size_t)scheme + 3, (size_t)at), ':');
    if (colon < 0)
        return url;
    return str_format(arena, "%.*s:xxxxx%.*s", (int)(scheme + 3 + colon), url.at,
                      STR_ARG(str_slice(url, (size_t)at, url.len)));
}

/* "LOCK http://x giving up after 3 attempt(s)", behind what was to be done. */
static struct str gave_up(struct arena *arena, const char *what, struct str method, struct str url,
                          int64_t attempts, struct str error) {
    struct str shown = shown_url(arena, url);
    return str_format(arena, "Failed to %s: %.*s %.*s giving up after %lld attempt(s)%s%.*s", what,
                      STR_ARG(method), STR_ARG(shown), (long long)attempts, error.len ? ": " : "",
                      STR_ARG(error));
}

/* One request, tried again while the server is not well. what: "get state", for the error. */
static bool send_request(struct http_store *s, struct arena *arena, const char *what,
                         struct str method, struct str url, struct str body,
                         struct client_response *ret_response, struct str *ret_error) {
    struct client_header *headers = arena_array(arena, s->n_headers + 3, sizeof *headers);
    size_t n = 0;
    for (; n < s->n_headers; n++)
        headers[n] = s->headers[n];
    if (s->authorization.len > 0)
        headers[n++] = (struct client_header){S("Authorization"), s->authorization};
    if (body.len > 0) {
        headers[n++] = (struct client_header){S("Content-Type"), S("application/json")};
        headers[n++] = (struct client_header){S("Content-MD5"), md5_of(arena, body)};
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
        struct str error = S("");
        bool sent = client_send(s->client, arena, &request, ret_response, &error, &retryable);
        if (sent && !is_passing(ret_response->status))
            return true;
        if (attempt >= s->retry_max || (!sent && !retryable)) {
            *ret_error = gave_up(arena, what, method, url, attempt + 1, sent ? S("") : error);
            return false;
        }
        clock_sleep_ms(wait_s * 1000);
        wait_s = wait_s * 2 < s->retry_wait_max_s ? wait_s * 2 : s->retry_wait_max_s;
    }
}

static bool http_read(struct state_store *store, struct arena *arena, struct state **ret_state,
                      struct diags *diags) {
    struct http_store *s = http(store);
    struct client_response response;
    struct str error;
    if (!send_request(s, arena, "get state", S("GET"), s->address, S(""), &response, &error))
        return backend_failed(diags, STATE_STORE_READ_FAILED, error);
    if (response.status == 204 || response.status == 404) {
        *ret_state = NULL;
        return true;
    }
    if (response.status != 200)
        return backend_failed(diags, STATE_STORE_READ_FAILED, code_error(arena, response.status));
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
    bool sent =
        send_request(s, scratch, "upload state", s->update_method, url, bytes, &response, &error);
    bool ok = sent && (response.status == 200 || response.status == 201 || response.status == 204);
    if (!ok) {
        if (sent)
            error = str_format(scratch, "HTTP error: %d", response.status);
        (void)backend_failed(diags, STATE_STORE_WRITE_FAILED, error);
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
    if (!send_request(s, s->arena, "lock", s->lock_method, s->lock_address, s->lock_json, &response,
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
        if (known && str_eq(other.id, info->id)) {
            /* The reply to an earlier attempt was lost, but not its effect. */
            s->lock_id = str_dup(s->arena, info->id);
            return true;
        }
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
    bool sent = send_request(s, s->arena, "unlock", s->unlock_method, s->unlock_address, body,
                             &response, &error);
    if (sent && response.status == 200) {
        s->lock_id = S("");
        return true;
    }
    return backend_failed(
        diags, "Failed to unlock",
        sent ? str_format(s->arena, "Unexpected HTTP response code %d", response.status) : error);
}

static bool http_unlock(struct state_store *store, struct diags *diags) {
    struct http_store *s = http(store);
    return s->unlock_address.len == 0 || s->lock_id.len == 0 || unlock_with(s, s->lock_json, diags);
}

static bool http_force_unlock(struct state_store *store, struct str id, struct diags *diags) {
    struct http_store *s = http(store);
    if (s->unlock_address.len == 0)
        return true; /* a server without locks */
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

/* The reference says these without a place. */
static bool refuse(struct diags *diags, struct str text) {
    (void)diags_add(diags, SEVERITY_ERROR, (struct span){.file = 0}, text, S(""));
    return false;
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
        if (address.len > 0 && !is_url(address))
            return refuse(diags, str_format(diags->arena, "%s must be HTTP or HTTPS", all[i].name));
        *all[i].address = str_dup(s->arena, address);
    }
    if (s->address.len == 0)
        return refuse(diags, S("address argument is required"));
    return true;
}

static struct str method(struct http_store *s, struct value config, const char *name,
                         const char *variable, struct str otherwise) {
    const char *const variables[] = {variable, NULL};
    struct str text = backend_text(config, name, variables);
    return text.len > 0 ? str_dup(s->arena, text) : otherwise;
}

static int no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return 0;
}

static X509 *read_certificate(struct str pem) {
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    return certificate;
}

/* Why a certificate and its key are of no use, or empty. */
static struct str pair_problem(struct str cert_pem, struct str key_pem) {
    X509 *certificate = read_certificate(cert_pem);
    BIO *bio = BIO_new_mem_buf(key_pem.at, (int)key_pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    struct str problem = S("");
    if (!certificate)
        problem = S("tls: failed to find any PEM data in certificate input");
    else if (!key)
        problem = S("tls: failed to find any PEM data in key input");
    else if (X509_check_private_key(certificate, key) != 1)
        problem = S("tls: private key does not match public key");
    BIO_free(bio);
    EVP_PKEY_free(key);
    X509_free(certificate);
    return problem;
}

static bool read_tls(struct value config, struct client_options *options, struct diags *diags) {
    static const char *const ca_variables[] = {"TF_HTTP_CLIENT_CA_CERTIFICATE_PEM", NULL};
    static const char *const cert_variables[] = {"TF_HTTP_CLIENT_CERTIFICATE_PEM", NULL};
    static const char *const key_variables[] = {"TF_HTTP_CLIENT_PRIVATE_KEY_PEM", NULL};
    struct str ca = backend_text(config, "client_ca_certificate_pem", ca_variables);
    struct str cert = backend_text(config, "client_certificate_pem", cert_variables);
    struct str key = backend_text(config, "client_private_key_pem", key_variables);
    if (cert.len && !key.len)
        return refuse(diags, S("client_certificate_pem is set but client_private_key_pem is not"));
    if (key.len && !cert.len)
        return refuse(diags, S("client_private_key_pem is set but client_certificate_pem is not"));
    X509 *authority = ca.len ? read_certificate(ca) : NULL;
    if (ca.len && !authority)
        return refuse(diags, S("failed to append certs"));
    X509_free(authority);
    struct str problem = cert.len ? pair_problem(cert, key) : S("");
    if (problem.len)
        return refuse(diags, str_format(diags->arena, "cannot load client certificate: %.*s",
                                        STR_ARG(problem)));
    options->ca_pem = ca;
    options->cert_pem = cert;
    options->key_pem = key;
    return true;
}

static bool is_header_name(struct str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '-' && c != '_')
            return false;
    }
    return name.len > 0;
}

static bool is_header_value(struct str value) {
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] >= 0x80 || value.at[i] == '\n' || value.at[i] == '\r')
            return false;
    return str_trim(value).len > 0;
}

/* Why a header cannot be sent, or empty. */
static struct str header_problem(const struct http_store *s, struct arena *arena, struct str name,
                                 struct str value) {
    if (!is_header_name(name))
        return str_format(arena,
                          "headers \"%.*s\" name must not be empty and only contain A-Za-z0-9-_ "
                          "characters",
                          STR_ARG(name));
    if (!is_header_value(value))
        return str_format(arena,
                          "headers \"%.*s\" value must not be empty and only contain ascii "
                          "characters",
                          STR_ARG(name));
    if (str_eq_nocase(name, S("Authorization")) && s->authorization.len > 0)
        return str_format(arena, "headers \"%.*s\" cannot be set when providing username",
                          STR_ARG(name));
    if (str_eq_nocase(name, S("Content-Type")) || str_eq_nocase(name, S("Content-MD5")))
        return str_format(arena, "headers \"%.*s\" is reserved", STR_ARG(name));
    return S("");
}

static bool read_headers(struct http_store *s, struct value config, struct diags *diags) {
    struct value headers;
    if (!value_get(config, S("headers"), &headers) || headers.kind != VALUE_MAP)
        return true;
    s->headers = arena_array(s->arena, value_count(headers), sizeof *s->headers);
    for (size_t i = 0; i < value_count(headers); i++) {
        struct value item = value_at(headers, i);
        struct str name = value_key(headers, i);
        struct str value = item.kind == VALUE_STRING ? value_str(item) : S("");
        struct str problem = header_problem(s, diags->arena, name, value);
        if (problem.len)
            return refuse(diags, problem);
        s->headers[s->n_headers++] =
            (struct client_header){str_dup(s->arena, name), str_dup(s->arena, value)};
    }
    return true;
}

static void read_user(struct http_store *s, struct value config) {
    static const char *const user_variables[] = {"TF_HTTP_USERNAME", NULL};
    static const char *const password_variables[] = {"TF_HTTP_PASSWORD", NULL};
    struct str user = backend_text(config, "username", user_variables);
    struct str password = backend_text(config, "password", password_variables);
    s->authorization = S("");
    if (user.len == 0)
        return;
    struct str pair = str_format(s->arena, "%.*s:%.*s", STR_ARG(user), STR_ARG(password));
    struct str coded = digest_to_base64(s->arena, pair);
    s->authorization = str_format(s->arena, "Basic %.*s", STR_ARG(coded));
}

struct state_store *state_store_http(struct arena *arena, struct value config,
                                     struct diags *diags) {
    struct http_store *s = arena_alloc(arena, sizeof *s);
    s->store.ops = &http_ops;
    s->arena = arena;
    s->lock_id = S("");
    read_user(s, config);
    if (!read_addresses(s, config, diags) || !read_headers(s, config, diags))
        return NULL;
    s->update_method = method(s, config, "update_method", "TF_HTTP_UPDATE_METHOD", S("POST"));
    s->lock_method = method(s, config, "lock_method", "TF_HTTP_LOCK_METHOD", S("LOCK"));
    s->unlock_method = method(s, config, "unlock_method", "TF_HTTP_UNLOCK_METHOD", S("UNLOCK"));
    s->retry_max = backend_number(config, "retry_max", "TF_HTTP_RETRY_MAX", 2);
    s->retry_wait_min_s = backend_number(config, "retry_wait_min", "TF_HTTP_RETRY_WAIT_MIN", 1);
    s->retry_wait_max_s = backend_number(config, "retry_wait_max", "TF_HTTP_RETRY_WAIT_MAX", 30);
    struct client_options options = {
        .insecure = backend_flag(config, "skip_cert_verification", NULL, false),
        .connect_timeout_ms = 30000,
        .timeout_ms = 600000};
    struct str error;
    if (!read_tls(config, &options, diags))
        return NULL;
    s->client = client_new(&options, arena, &error);
    if (s->client == NULL) {
        (void)backend_failed(diags, "Failed to open the backend", error);
        return NULL;
    }
    return &s->store;
}
