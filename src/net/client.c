/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/late.h"

#define MAX_IDLE 64
#define MAX_HEADERS 200

/* libcurl's functions under their own names, found at run time. */
struct library {
    CURLcode (*global_init)(long);
    CURL *(*easy_init)(void);
    void (*easy_reset)(CURL *);
    void (*easy_cleanup)(CURL *);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_perform)(CURL *);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    const char *(*easy_strerror)(CURLcode);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
};

/* Each idle handle keeps its own live connections, so a thread that takes one reuses them. */
struct client {
    struct client_options options;
    struct library lib;
    pthread_mutex_t lock;
    CURL *idle[MAX_IDLE];
    size_t n_idle;
    struct arena *arena;
};

static bool load_library(struct library *lib) {
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
    const struct late_symbol wanted[] = {
        {"curl_global_init", (void **)&lib->global_init},
        {"curl_easy_init", (void **)&lib->easy_init},
        {"curl_easy_reset", (void **)&lib->easy_reset},
        {"curl_easy_cleanup", (void **)&lib->easy_cleanup},
        {"curl_easy_setopt", (void **)&lib->easy_setopt},
        {"curl_easy_perform", (void **)&lib->easy_perform},
        {"curl_easy_getinfo", (void **)&lib->easy_getinfo},
        {"curl_easy_strerror", (void **)&lib->easy_strerror},
        {"curl_slist_append", (void **)&lib->slist_append},
        {"curl_slist_free_all", (void **)&lib->slist_free_all},
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (late_open(names[i], wanted, COUNT(wanted)))
            return true;
    return false;
}

struct client *client_new(const struct client_options *options, struct arena *arena,
                          struct str *ret_error) {
    struct client *client = xmalloc(sizeof *client);
    memset(client, 0, sizeof *client);
    if (!load_library(&client->lib)) {
        *ret_error = str_format(arena, "cannot load libcurl (%s); install libcurl4", late_error());
        free(client);
        return NULL;
    }
    client->lib.global_init(CURL_GLOBAL_DEFAULT);
    client->arena = arena_new();
    client->options = *options;
    struct str *copied[] = {&client->options.ca_bundle,   &client->options.proxy_http,
                            &client->options.proxy_https, &client->options.no_proxy,
                            &client->options.user_agent,  &client->options.ca_pem,
                            &client->options.cert_pem,    &client->options.key_pem};
    for (size_t i = 0; i < COUNT(copied); i++)
        *copied[i] = str_dup(client->arena, *copied[i]);
    pthread_mutex_init(&client->lock, NULL);
    return client;
}

void client_free(struct client *client) {
    if (!client)
        return;
    for (size_t i = 0; i < client->n_idle; i++)
        client->lib.easy_cleanup(client->idle[i]);
    pthread_mutex_destroy(&client->lock);
    arena_free(client->arena);
    free(client);
}

static CURL *take_handle(struct client *client) {
    CURL *handle = NULL;
    pthread_mutex_lock(&client->lock);
    if (client->n_idle)
        handle = client->idle[--client->n_idle];
    pthread_mutex_unlock(&client->lock);
    return handle ? handle : client->lib.easy_init();
}

static void give_handle(struct client *client, CURL *handle) {
    client->lib.easy_reset(handle);
    pthread_mutex_lock(&client->lock);
    if (client->n_idle < MAX_IDLE) {
        client->idle[client->n_idle++] = handle;
        handle = NULL;
    }
    pthread_mutex_unlock(&client->lock);
    if (handle)
        client->lib.easy_cleanup(handle);
}

struct exchange {
    struct arena *arena;
    struct buf body;
    struct client_header *headers;
    size_t n_headers, cap_headers;
    unsigned sends;
};

/* libcurl repeats a request whose kept connection turned out to be dead; this sees each sending. */
static int on_send(void *user, char *to, char *from, int to_port, int from_port) {
    struct exchange *x = user;
    (void)to, (void)from, (void)to_port, (void)from_port;
    x->sends++;
    return CURL_PREREQFUNC_OK;
}

static size_t on_body(char *data, size_t size, size_t n, void *user) {
    struct exchange *x = user;
    buf_add(&x->body, (struct str){data, size * n});
    return x->body.overflow ? 0 : size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *user) {
    struct exchange *x = user;
    struct str line = str_trim((struct str){data, size * n});
    ptrdiff_t colon = str_find_byte(line, ':');
    /* A status line starts the headers of another answer (100 Continue, a proxy's). */
    if (str_starts(line, S("HTTP/")))
        x->n_headers = 0;
    else if (colon > 0 && x->n_headers < MAX_HEADERS) {
        x->headers =
            arena_grow(x->arena, x->headers, x->n_headers, &x->cap_headers, sizeof *x->headers);
        line = str_dup(x->arena, line);
        x->headers[x->n_headers++] =
            (struct client_header){str_slice(line, 0, (size_t)colon),
                                   str_trim(str_slice(line, (size_t)colon + 1, line.len))};
    }
    return size * n;
}

static struct curl_slist *header_list(struct client *client, struct arena *arena,
                                      const struct client_request *request) {
    /* libcurl would wait a second for "100 Continue" before a longer body. */
    struct curl_slist *list = client->lib.slist_append(NULL, "Expect:");
    for (size_t i = 0; i < request->n_headers; i++) {
        struct client_header h = request->headers[i];
        if (str_find_byte(h.name, '\n') >= 0 || str_find_byte(h.value, '\n') >= 0)
            continue;
        struct str line = h.value.len
                              ? str_format(arena, "%.*s: %.*s", STR_ARG(h.name), STR_ARG(h.value))
                              : str_format(arena, "%.*s;", STR_ARG(h.name));
        list = client->lib.slist_append(list, line.at);
    }
    return list;
}

static void set_blob(const struct library *lib, CURL *curl, CURLoption option, struct str pem) {
    struct curl_blob blob = {.data = (void *)pem.at, .len = pem.len, .flags = CURL_BLOB_NOCOPY};
    if (pem.len)
        lib->easy_setopt(curl, option, &blob);
}

/* What is on this machine is reached without a proxy, as Go's programs do it. */
static bool is_loopback(struct str url) {
    ptrdiff_t scheme = str_find(url, S("://"));
    struct str rest = str_slice(url, scheme < 0 ? 0 : (size_t)scheme + 3, url.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    struct str host = slash < 0 ? rest : str_slice(rest, 0, (size_t)slash);
    return str_starts(host, S("127.")) || str_starts(host, S("[::1]")) ||
           str_eq(host, S("localhost")) || str_starts(host, S("localhost:"));
}

static void set_options(struct client *client, struct arena *arena, CURL *curl,
                        const struct client_request *request, struct exchange *x,
                        struct curl_slist *headers, char *error) {
    const struct library *lib = &client->lib;
    const struct client_options *o = &client->options;
    bool tls = str_starts(request->url, S("https:"));
    struct str proxy = tls ? o->proxy_https : o->proxy_http;
    lib->easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    lib->easy_setopt(curl, CURLOPT_URL, str_c(arena, request->url));
    lib->easy_setopt(curl, CURLOPT_CUSTOMREQUEST, str_c(arena, request->method));
    lib->easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    lib->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    lib->easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    lib->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    lib->easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
    lib->easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
    lib->easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    lib->easy_setopt(curl, CURLOPT_WRITEDATA, x);
    lib->easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    lib->easy_setopt(curl, CURLOPT_HEADERDATA, x);
    lib->easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_send);
    lib->easy_setopt(curl, CURLOPT_PREREQDATA, x);
    if (request->body.len || str_eq(request->method, S("POST"))) {
        lib->easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        lib->easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.at ? request->body.at : "");
    } else if (str_eq(request->method, S("HEAD"))) {
        lib->easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    if (o->user_agent.len)
        lib->easy_setopt(curl, CURLOPT_USERAGENT, o->user_agent.at);
    if (o->ca_bundle.len)
        lib->easy_setopt(curl, CURLOPT_CAINFO, o->ca_bundle.at);
    set_blob(lib, curl, CURLOPT_CAINFO_BLOB, o->ca_pem);
    set_blob(lib, curl, CURLOPT_SSLCERT_BLOB, o->cert_pem);
    set_blob(lib, curl, CURLOPT_SSLKEY_BLOB, o->key_pem);
    if (is_loopback(request->url))
        lib->easy_setopt(curl, CURLOPT_PROXY, "");
    else if (proxy.len)
        lib->easy_setopt(curl, CURLOPT_PROXY, proxy.at);
    if (o->no_proxy.len)
        lib->easy_setopt(curl, CURLOPT_NOPROXY, o->no_proxy.at);
    if (o->insecure) {
        lib->easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        lib->easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

/* Whether the same request may get an answer when sent again. */
static bool may_pass(CURLcode code) {
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_WRITE_ERROR:
        return false;
    default:
        return true;
    }
}

bool client_send(struct client *client, struct arena *arena, const struct client_request *request,
                 struct client_response *ret_response, struct str *ret_error, bool *ret_retryable) {
    char error[CURL_ERROR_SIZE] = "";
    long status = 0;
    struct exchange x = {.arena = arena};
    CURL *curl = take_handle(client);
    if (!curl)
        bug("out of memory");
    buf_init(&x.body, request->max_body ? request->max_body : BUF_MAX_RESPONSE);
    struct curl_slist *headers = header_list(client, arena, request);
    set_options(client, arena, curl, request, &x, headers, error);
    CURLcode code = client->lib.easy_perform(curl);
    client->lib.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    client->lib.slist_free_all(headers);
    if (code == CURLE_OK) {
        *ret_response = (struct client_response){.status = (int)status,
                                                 .headers = x.headers,
                                                 .n_headers = x.n_headers,
                                                 .body = buf_take(&x.body, arena),
                                                 .repeated = x.sends > 1};
    } else {
        *ret_error =
            x.body.overflow
                ? S("the answer is too long")
                : str_dup(arena, str_from(error[0] ? error : client->lib.easy_strerror(code)));
        *ret_retryable = may_pass(code);
        buf_clear(&x.body);
    }
    give_handle(client, curl);
    return code == CURLE_OK;
}
