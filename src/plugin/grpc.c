/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/grpc.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/late.h"

#define GRPC_WINDOW ((1u << 31) - 1)
#define GRPC_PREFIX 5 /* compressed flag and length before each message */

/* What is used of libnghttp2. */
struct library {
    int (*callbacks_new)(nghttp2_session_callbacks **callbacks);
    void (*callbacks_del)(nghttp2_session_callbacks *callbacks);
    void (*set_on_header)(nghttp2_session_callbacks *callbacks,
                          nghttp2_on_header_callback callback);
    void (*set_on_data)(nghttp2_session_callbacks *callbacks,
                        nghttp2_on_data_chunk_recv_callback callback);
    void (*set_on_close)(nghttp2_session_callbacks *callbacks,
                         nghttp2_on_stream_close_callback callback);
    int (*client_new)(nghttp2_session **session, const nghttp2_session_callbacks *callbacks,
                      void *context);
    void (*session_del)(nghttp2_session *session);
    int (*submit_settings)(nghttp2_session *session, uint8_t flags,
                           const nghttp2_settings_entry *entries, size_t n);
    int (*set_window)(nghttp2_session *session, uint8_t flags, int32_t stream, int32_t size);
    int32_t (*submit_request)(nghttp2_session *session, const nghttp2_priority_spec *priority,
                              const nghttp2_nv *headers, size_t n,
                              const nghttp2_data_provider *data, void *context);
    void *(*user_data)(nghttp2_session *session, int32_t stream);
    ssize_t (*mem_send)(nghttp2_session *session, const uint8_t **ret_bytes);
    ssize_t (*mem_recv)(nghttp2_session *session, const uint8_t *bytes, size_t n);
};

/* One call in flight. */
struct call {
    struct str request; /* with its prefix */
    size_t sent;
    struct buf answer; /* with prefixes */
    int status;        /* -1: not told yet */
    struct buf message;
    bool done;
    pthread_cond_t wake;
    struct call *next; /* in flight */
};

struct grpc {
    struct library library;
    int fd;
    int wake[2]; /* a byte written to [1] interrupts the poll */
    pthread_t thread;
    pthread_mutex_t lock; /* everything below */
    nghttp2_session *session;
    struct call *calls;
    struct buf out; /* bytes not yet taken by the socket */
    size_t out_sent;
    bool quit, broken;
};

/* ---- library ---- */

static bool load_library(struct grpc *g) {
    struct library *l = &g->library;
    const struct late_symbol symbols[] = {
        {"nghttp2_session_callbacks_new", (void **)&l->callbacks_new},
        {"nghttp2_session_callbacks_del", (void **)&l->callbacks_del},
        {"nghttp2_session_callbacks_set_on_header_callback", (void **)&l->set_on_header},
        {"nghttp2_session_callbacks_set_on_data_chunk_recv_callback", (void **)&l->set_on_data},
        {"nghttp2_session_callbacks_set_on_stream_close_callback", (void **)&l->set_on_close},
        {"nghttp2_session_client_new", (void **)&l->client_new},
        {"nghttp2_session_del", (void **)&l->session_del},
        {"nghttp2_submit_settings", (void **)&l->submit_settings},
        {"nghttp2_session_set_local_window_size", (void **)&l->set_window},
        {"nghttp2_submit_request", (void **)&l->submit_request},
        {"nghttp2_session_get_stream_user_data", (void **)&l->user_data},
        {"nghttp2_session_mem_send", (void **)&l->mem_send},
        {"nghttp2_session_mem_recv", (void **)&l->mem_recv},
    };
    return late_open("libnghttp2.so.14", symbols, COUNT(symbols));
}

/* ---- callbacks of the session; called with the lock held ---- */

/* "%20" and the like back to bytes. */
static void add_decoded(struct buf *out, struct str text) {
    for (size_t i = 0; i < text.len; i++) {
        char hex[3] = {0};
        if (text.at[i] == '%' && i + 2 < text.len) {
            hex[0] = text.at[i + 1];
            hex[1] = text.at[i + 2];
            buf_byte(out, (char)strtol(hex, NULL, 16));
            i += 2;
        } else {
            buf_byte(out, text.at[i]);
        }
    }
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *context) {
    (void)flags;
    struct grpc *g = context;
    struct call *call = g->library.user_data(session, frame->hd.stream_id);
    struct str key = {(const char *)name, name_len}, text = {(const char *)value, value_len};
    int64_t number;
    if (!call)
        return 0;
    if (str_eq(key, S("grpc-status")) && str_to_int(text, &number))
        call->status = (int)number;
    else if (str_eq(key, S("grpc-message")))
        add_decoded(&call->message, text);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes,
                   size_t n, void *context) {
    (void)flags;
    struct grpc *g = context;
    struct call *call = g->library.user_data(session, stream);
    if (call)
        buf_add(&call->answer, (struct str){(const char *)bytes, n});
    return 0;
}

static void finish_call(struct grpc *g, struct call *call) {
    struct call **link = &g->calls;
    while (*link && *link != call)
        link = &(*link)->next;
    if (*link)
        *link = call->next;
    if (call->status < 0)
        call->status = GRPC_UNAVAILABLE;
    call->done = true;
    pthread_cond_signal(&call->wake);
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
    (void)error;
    struct grpc *g = context;
    struct call *call = g->library.user_data(session, stream);
    if (call)
        finish_call(g, call);
    return 0;
}

static ssize_t read_request(nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t max,
                            uint32_t *flags, nghttp2_data_source *source, void *context) {
    (void)session, (void)stream, (void)context;
    struct call *call = source->ptr;
    size_t n = call->request.len - call->sent;
    if (n > max)
        n = max;
    memcpy(bytes, call->request.at + call->sent, n);
    call->sent += n;
    if (call->sent == call->request.len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

/* ---- the connection's thread ---- */

/* Everything in flight fails; nothing can be called any more. */
static void give_up(struct grpc *g) {
    g->broken = true;
    while (g->calls)
        finish_call(g, g->calls);
}

static void collect_output(struct grpc *g) {
    const uint8_t *bytes;
    ssize_t n;
    while (g->out.len < ((size_t)4 << 20) && (n = g->library.mem_send(g->session, &bytes)) > 0)
        buf_add(&g->out, (struct str){(const char *)bytes, (size_t)n});
}

static void write_output(struct grpc *g) {
    while (g->out_sent < g->out.len) {
        ssize_t n = send(g->fd, g->out.at + g->out_sent, g->out.len - g->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (errno != EAGAIN)
                give_up(g);
            return;
        }
        g->out_sent += (size_t)n;
    }
    buf_reset(&g->out);
    g->out_sent = 0;
}

static void read_input(struct grpc *g) {
    uint8_t bytes[65536];
    ssize_t n = recv(g->fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0 || g->library.mem_recv(g->session, bytes, (size_t)n) < 0)
        give_up(g);
}

static void *run(void *context) {
    struct grpc *g = context;
    pthread_mutex_lock(&g->lock);
    while (!g->quit && !g->broken) {
        collect_output(g);
        write_output(g);
        if (g->broken)
            break;
        struct pollfd fds[2] = {
            {.fd = g->fd, .events = (short)(POLLIN | (g->out.len > 0 ? POLLOUT : 0))},
            {.fd = g->wake[0], .events = POLLIN},
        };
        pthread_mutex_unlock(&g->lock);
        poll(fds, 2, -1);
        char drain[64];
        if (fds[1].revents && read(g->wake[0], drain, sizeof drain) < 0)
            drain[0] = 0;
        pthread_mutex_lock(&g->lock);
        if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
            read_input(g);
    }
    give_up(g);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

static void wake_up(struct grpc *g) {
    char byte = 0;
    while (write(g->wake[1], &byte, 1) < 0 && errno == EINTR)
        ;
}

/* ---- opening and closing ---- */

static int connect_unix(struct str path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path.len >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path.at, path.len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int connect_tcp(struct arena *arena, struct str address) {
    ptrdiff_t colon = str_rfind_byte(address, ':');
    if (colon < 0)
        return -1;
    const char *host = str_c(arena, str_slice(address, 0, (size_t)colon));
    const char *port = str_c(arena, str_slice(address, (size_t)colon + 1, address.len));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static bool start_session(struct grpc *g) {
    struct library *l = &g->library;
    nghttp2_session_callbacks *callbacks;
    if (l->callbacks_new(&callbacks) != 0)
        return false;
    l->set_on_header(callbacks, on_header);
    l->set_on_data(callbacks, on_data);
    l->set_on_close(callbacks, on_close);
    int error = l->client_new(&g->session, callbacks, g);
    l->callbacks_del(callbacks);
    /* Schemas of large providers are tens of megabytes: no waiting for window updates. */
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, GRPC_WINDOW},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
    };
    return error == 0 &&
           l->submit_settings(g->session, NGHTTP2_FLAG_NONE, settings, COUNT(settings)) == 0 &&
           l->set_window(g->session, NGHTTP2_FLAG_NONE, 0, (int32_t)GRPC_WINDOW) == 0 &&
           pthread_create(&g->thread, NULL, run, g) == 0;
}

static void release(struct grpc *g) {
    if (g->session)
        g->library.session_del(g->session);
    if (g->fd >= 0)
        close(g->fd);
    if (g->wake[0] >= 0)
        close(g->wake[0]);
    if (g->wake[1] >= 0)
        close(g->wake[1]);
    buf_clear(&g->out);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

struct grpc *grpc_open(struct arena *arena, struct str network, struct str address,
                       struct str *ret_error) {
    struct grpc *g = xmalloc(sizeof *g);
    *g = (struct grpc){.fd = -1, .wake = {-1, -1}};
    pthread_mutex_init(&g->lock, NULL);
    buf_init(&g->out, BUF_MAX_DOCUMENT);
    if (!load_library(g)) {
        *ret_error = S("libnghttp2.so.14 cannot be loaded; install libnghttp2-14");
        release(g);
        return NULL;
    }
    g->fd = str_eq(network, S("unix")) ? connect_unix(address) : connect_tcp(arena, address);
    if (g->fd < 0 || pipe2(g->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        *ret_error = str_format(arena, "cannot connect to %.*s", STR_ARG(address));
        release(g);
        return NULL;
    }
    fcntl(g->fd, F_SETFL, O_NONBLOCK);
    if (!start_session(g)) {
        *ret_error = S("cannot start an HTTP/2 session");
        release(g);
        return NULL;
    }
    return g;
}

void grpc_close(struct grpc *g) {
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    g->quit = true;
    pthread_mutex_unlock(&g->lock);
    wake_up(g);
    pthread_join(g->thread, NULL);
    release(g);
}

/* ---- calls ---- */

static struct str with_prefix(struct arena *arena, struct str message) {
    char *bytes = arena_bytes(arena, message.len + GRPC_PREFIX);
    bytes[0] = 0;
    for (unsigned i = 0; i < 4; i++)
        bytes[1 + i] = (char)(message.len >> (24 - 8 * i));
    if (message.len > 0)
        memcpy(bytes + GRPC_PREFIX, message.at, message.len);
    return (struct str){bytes, message.len + GRPC_PREFIX};
}

static nghttp2_nv header(const char *name, struct str value) {
    return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value.at, strlen(name), value.len,
                        NGHTTP2_NV_FLAG_NONE};
}

static bool submit(struct grpc *g, struct call *call, struct str path) {
    const nghttp2_nv headers[] = {
        header(":method", S("POST")),    header(":scheme", S("http")),
        header(":path", path),           header(":authority", S("localhost")),
        header("te", S("trailers")),     header("content-type", S("application/grpc")),
        header("user-agent", S("loam")),
    };
    const nghttp2_data_provider data = {.source.ptr = call, .read_callback = read_request};
    return !g->broken &&
           g->library.submit_request(g->session, NULL, headers, COUNT(headers), &data, call) >= 0;
}

/* The one message in an answer. */
static bool unwrap(struct str bytes, struct str *ret_message) {
    if (bytes.len < GRPC_PREFIX || bytes.at[0] != 0)
        return false;
    size_t n = 0;
    for (unsigned i = 0; i < 4; i++)
        n = n << 8 | (uint8_t)bytes.at[1 + i];
    if (n != bytes.len - GRPC_PREFIX)
        return false;
    *ret_message = str_slice(bytes, GRPC_PREFIX, bytes.len);
    return true;
}

int grpc_call(struct grpc *g, struct arena *arena, struct str path, struct str request,
              struct str *ret_answer, struct str *ret_message) {
    struct call call = {.request = with_prefix(arena, request), .status = -1};
    buf_init(&call.answer, GRPC_MAX_ANSWER);
    buf_init(&call.message, BUF_MAX_TEXT);
    pthread_cond_init(&call.wake, NULL);
    pthread_mutex_lock(&g->lock);
    if (submit(g, &call, path)) {
        call.next = g->calls;
        g->calls = &call;
        wake_up(g);
        while (!call.done)
            pthread_cond_wait(&call.wake, &g->lock);
    } else {
        call.status = GRPC_UNAVAILABLE;
    }
    pthread_mutex_unlock(&g->lock);
    pthread_cond_destroy(&call.wake);
    int status = call.status;
    *ret_message = buf_take(&call.message, arena);
    bool overflow = call.answer.overflow;
    struct str answer = buf_take(&call.answer, arena);
    if (status == GRPC_OK && (overflow || !unwrap(answer, ret_answer))) {
        *ret_message = S("malformed answer");
        return GRPC_UNKNOWN;
    }
    return status;
}
