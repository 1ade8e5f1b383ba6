/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/late.h"

#define MAX_HEADERS 100
#define MAX_CONNECTIONS 4000
#define IDLE_TIMEOUT_S 30
#define ACCEPT_PAUSE_MS 50 /* without a free descriptor */
#define CONNECTION_MEMORY ((size_t)64 << 10)

/* libmicrohttpd's functions, found at run time. */
struct library {
    struct MHD_Daemon *(*start_daemon)(unsigned, uint16_t, MHD_AcceptPolicyCallback, void *,
                                       MHD_AccessHandlerCallback, void *, ...);
    void (*stop_daemon)(struct MHD_Daemon *);
    enum MHD_Result (*add_connection)(struct MHD_Daemon *, MHD_socket, const struct sockaddr *,
                                      socklen_t);
    int (*get_connection_values)(struct MHD_Connection *, enum MHD_ValueKind, MHD_KeyValueIterator,
                                 void *);
    const union MHD_ConnectionInfo *(*get_connection_info)(struct MHD_Connection *,
                                                           enum MHD_ConnectionInfoType, ...);
    struct MHD_Response *(*create_response)(size_t, void *, enum MHD_ResponseMemoryMode);
    enum MHD_Result (*add_header)(struct MHD_Response *, const char *, const char *);
    enum MHD_Result (*queue_response)(struct MHD_Connection *, unsigned, struct MHD_Response *);
    void (*destroy_response)(struct MHD_Response *);
};

struct http_server {
    struct library lib;
    struct http_server_options options;
    struct MHD_Daemon *daemon;
    int listener;
    int stop[2]; /* a pipe, whose end tells the acceptor to stop */
    pthread_t acceptor;
    uint16_t port;
    struct arena *arena;
};

/* One request, from its first line until its answer has left. */
struct exchange {
    struct arena *arena;
    struct str uri;
    struct http_server_header *headers;
    size_t n_headers;
    struct buf body;
    size_t received;
    bool started;
};

static bool load_library(struct library *lib) {
    const struct late_symbol wanted[] = {
        {"MHD_start_daemon", (void **)&lib->start_daemon},
        {"MHD_stop_daemon", (void **)&lib->stop_daemon},
        {"MHD_add_connection", (void **)&lib->add_connection},
        {"MHD_get_connection_values", (void **)&lib->get_connection_values},
        {"MHD_get_connection_info", (void **)&lib->get_connection_info},
        {"MHD_create_response_from_buffer", (void **)&lib->create_response},
        {"MHD_add_response_header", (void **)&lib->add_header},
        {"MHD_queue_response", (void **)&lib->queue_response},
        {"MHD_destroy_response", (void **)&lib->destroy_response},
    };
    return late_open("libmicrohttpd.so.12", wanted, COUNT(wanted));
}

static void *on_uri(void *context, const char *uri, struct MHD_Connection *connection) {
    struct http_server *server = context;
    (void)connection;
    struct arena *arena = arena_new();
    struct exchange *x = arena_alloc(arena, sizeof *x);
    x->arena = arena;
    x->uri = str_dup(arena, str_from(uri));
    buf_init(&x->body, server->options.max_body);
    return x;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode why) {
    (void)context, (void)connection, (void)why;
    struct exchange *x = *request;
    if (!x)
        return;
    buf_clear(&x->body);
    arena_free(x->arena);
    *request = NULL;
}

static enum MHD_Result on_header(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value) {
    struct exchange *x = context;
    (void)kind;
    if (x->n_headers == MAX_HEADERS)
        return MHD_NO;
    x->headers[x->n_headers++] = (struct http_server_header){str_dup(x->arena, str_from(name)),
                                                             str_dup(x->arena, str_from(value))};
    return MHD_YES;
}

static struct str peer_of(struct http_server *server, struct arena *arena,
                          struct MHD_Connection *connection) {
    char text[INET6_ADDRSTRLEN] = "";
    const union MHD_ConnectionInfo *info =
        server->lib.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return S("");
    const void *address = info->client_addr->sa_family == AF_INET6
                              ? (const void *)&((struct sockaddr_in6 *)info->client_addr)->sin6_addr
                              : (const void *)&((struct sockaddr_in *)info->client_addr)->sin_addr;
    if (!inet_ntop(info->client_addr->sa_family, address, text, sizeof text))
        return S("");
    struct str peer = str_from(text);
    if (str_starts(peer, S("::ffff:")))
        peer = str_slice(peer, 7, peer.len);
    return str_dup(arena, peer);
}

static enum MHD_Result answer(struct http_server *server, struct MHD_Connection *connection,
                              struct exchange *x, const char *method) {
    struct http_server_response response = {.status = 500};
    struct http_server_request request = {.method = str_from(method),
                                          .path = x->uri,
                                          .headers = x->headers,
                                          .n_headers = x->n_headers,
                                          .body = buf_str(&x->body),
                                          .peer = peer_of(server, x->arena, connection),
                                          .body_too_large = x->body.overflow};
    ptrdiff_t mark = str_find_byte(x->uri, '?');
    if (mark >= 0) {
        request.path = str_slice(x->uri, 0, (size_t)mark);
        request.query = str_slice(x->uri, (size_t)mark + 1, x->uri.len);
    }
    server->options.handle(server->options.context, x->arena, &request, &response);
    if (response.dropped)
        return MHD_NO;
    struct MHD_Response *r = server->lib.create_response(
        response.body.len, (void *)(uintptr_t)response.body.at, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    for (size_t i = 0; i < response.n_headers; i++)
        server->lib.add_header(r, str_c(x->arena, response.headers[i].name),
                               str_c(x->arena, response.headers[i].value));
    enum MHD_Result queued = server->lib.queue_response(connection, (unsigned)response.status, r);
    server->lib.destroy_response(r);
    return queued;
}

/* libmicrohttpd calls this at the head, for each piece of the body, and at the end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **request) {
    struct http_server *server = context;
    struct exchange *x = *request;
    (void)url, (void)version;
    if (!x)
        return MHD_NO;
    if (!x->started) {
        x->started = true;
        x->headers = arena_array(x->arena, MAX_HEADERS, sizeof *x->headers);
        server->lib.get_connection_values(connection, MHD_HEADER_KIND, on_header, x);
        return MHD_YES;
    }
    if (*size) {
        buf_add(&x->body, (struct str){data, *size});
        x->received += *size;
        *size = 0;
        /* What is a little too long is read to its end to be answered; the rest is cut off. */
        return x->received > 8 * server->options.max_body ? MHD_NO : MHD_YES;
    }
    return answer(server, connection, x, method);
}

/* Every connection is a descriptor, and the usual limit of 1024 is soft. */
static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_listener(const struct http_server_options *options, struct arena *arena,
                         struct str *ret_error) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    const char *host = options->host.len ? str_c(arena, options->host) : "127.0.0.1";
    struct str port = str_format(arena, "%u", options->port);
    int one = 1, failed = getaddrinfo(host, port.at, &hints, &found);
    if (failed) {
        *ret_error = str_format(arena, "cannot listen on %s:%.*s: %s", host, STR_ARG(port),
                                gai_strerror(failed));
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
        *ret_error = str_format(arena, "cannot listen on %s:%.*s: %.*s", host, STR_ARG(port),
                                STR_ARG(fs_error_text(arena, errno)));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static uint16_t bound_port(int fd) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

/* Certificate and key as texts; false when a file cannot be read. */
static bool read_tls(struct http_server *server, struct arena *arena, struct str *ret_cert,
                     struct str *ret_key, struct str *ret_error) {
    const struct str files[] = {server->options.tls_cert, server->options.tls_key};
    struct str texts[2];
    for (size_t i = 0; i < COUNT(files); i++) {
        int error = fs_read(server->arena, files[i], (size_t)1 << 20, &texts[i]);
        if (error) {
            *ret_error = str_format(arena, "cannot read %.*s: %.*s", STR_ARG(files[i]),
                                    STR_ARG(fs_error_text(arena, error)));
            return false;
        }
    }
    *ret_cert = texts[0];
    *ret_key = texts[1];
    return true;
}

static bool start_daemon(struct http_server *server, struct arena *arena, struct str *ret_error) {
    struct str cert = S(""), key = S("");
    bool tls = server->options.tls_cert.len > 0;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET |
                     (tls ? MHD_USE_TLS : 0);
    if (tls && !read_tls(server, arena, &cert, &key, ret_error))
        return false;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)CONNECTION_MEMORY, NULL},
        {server->options.threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_CONNECTION_TIMEOUT,
         server->options.threads > 1 ? (intptr_t)server->options.threads : IDLE_TIMEOUT_S, NULL},
        {tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)(uintptr_t)cert.at},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key.at},
        {MHD_OPTION_END, 0, NULL},
    };
    server->daemon = server->lib.start_daemon(flags, 0, NULL, NULL, on_request, server,
                                              MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
                                              MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                                              MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!server->daemon)
        *ret_error = tls ? S("cannot start the HTTPS server: certificate or key refused")
                         : S("cannot start the HTTP server");
    return server->daemon != NULL;
}

/*
 * Threads that accept by themselves take connections as it happens: some get several, and a request
 * then waits for another one's commit while other threads idle. Handed over from here, connections
 * go to the threads in turn, by their descriptors.
 */
static void *accept_all(void *context) {
    struct http_server *server = context;
    struct pollfd waits[] = {{server->listener, POLLIN, 0}, {server->stop[0], POLLIN, 0}};
    while (poll(waits, COUNT(waits), -1) >= 0 || errno == EINTR) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof peer;
        if (waits[1].revents)
            break;
        int fd =
            accept4(server->listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            (void)server->lib.add_connection(server->daemon, fd, (struct sockaddr *)&peer, len);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            (void)poll(waits + 1, 1, ACCEPT_PAUSE_MS);
    }
    return NULL;
}

static bool start_acceptor(struct http_server *server, struct arena *arena, struct str *ret_error) {
    int error = pipe2(server->stop, O_CLOEXEC) != 0 ? errno : 0;
    if (!error && (error = pthread_create(&server->acceptor, NULL, accept_all, server)) != 0) {
        close(server->stop[0]);
        close(server->stop[1]);
    }
    if (!error)
        return true;
    *ret_error = str_format(arena, "cannot start the HTTP server: %.*s",
                            STR_ARG(fs_error_text(arena, error)));
    server->lib.stop_daemon(server->daemon);
    return false;
}

struct http_server *http_server_start(const struct http_server_options *options,
                                      struct arena *arena, struct str *ret_error) {
    struct arena *own = arena_new();
    struct http_server *server = arena_alloc(own, sizeof *server);
    server->arena = own;
    server->options = *options;
    server->listener = -1;
    if (!load_library(&server->lib))
        *ret_error = str_format(arena, "cannot load libmicrohttpd (%s); install libmicrohttpd12",
                                late_error());
    else if ((server->listener = open_listener(options, arena, ret_error)) >= 0) {
        raise_descriptors();
        server->port = bound_port(server->listener);
        if (start_daemon(server, arena, ret_error) && start_acceptor(server, arena, ret_error))
            return server;
    }
    if (server->listener >= 0)
        close(server->listener);
    arena_free(own);
    return NULL;
}

uint16_t http_server_port(const struct http_server *server) {
    return server->port;
}

void http_server_stop(struct http_server *server) {
    if (!server)
        return;
    close(server->stop[1]);
    pthread_join(server->acceptor, NULL);
    close(server->stop[0]);
    close(server->listener);
    server->lib.stop_daemon(server->daemon);
    arena_free(server->arena);
}
