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
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/late.h"
#include "plugin/tls.h"

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
    int (*set_user_data)(nghttp2_session *session, int32_t stream, void *context);
    int (*reset_stream)(nghttp2_session *session, uint8_t flags, int32_t stream, uint32_t error);
    ssize_t (*mem_send)(nghttp2_session *session, const uint8_t **ret_bytes);
    ssize_t (*mem_recv)(nghttp2_session *session, const uint8_t *bytes, size_t n);
};

/* One call in flight. */
struct call {
    int32_t stream;
    struct str request; /* with its prefix */
    size_t sent;
    struct buf answer; /* with prefixes */
    bool many;         /* a stream of messages */
    int status;        /* -1: not told yet */
    struct buf message;
    bool done;
    pthread_cond_t wake;
    struct call *next; /* in flight */
};

struct grpc {
    struct library library;
    int fd;
    struct tls *tls; /* or NULL */
    int wake[2];     /* a byte written to [1] interrupts the poll */
    pthread_t thread;
    pthread_mutex_t lock; /* everything below */
    nghttp2_session *session;
    struct call *calls;
    struct buf out; /* bytes not yet taken by the socket */
    size_t out_sent;
    bool quit, broken, cancelled;
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
        {"nghttp2_session_set_stream_user_data", (void **)&l->set_user_data},
        {"nghttp2_submit_rst_stream", (void **)&l->reset_stream},
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

/* Ends a call before its stream: nothing of the stream may touch it any more. */
static void abandon_call(struct grpc *g, struct call *call, int status, const char *why) {
    g->library.set_user_data(g->session, call->stream, NULL);
    g->library.reset_stream(g->session, NGHTTP2_FLAG_NONE, call->stream, NGHTTP2_CANCEL);
    call->status = status;
    buf_reset(&call->message);
    buf_add_c(&call->message, why);
    finish_call(g, call);
}

/* Length of the message that an answer begins with; its prefix must be there. */
static size_t message_size(struct str answer) {
    size_t n = 0;
    for (unsigned i = 1; i < GRPC_PREFIX; i++)
        n = n << 8 | (uint8_t)answer.at[i];
    return n;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes,
                   size_t n, void *context) {
    (void)flags;
    struct grpc *g = context;
    struct call *call = g->library.user_data(session, stream);
    if (!call)
        return 0;
    buf_add(&call->answer, (struct str){(const char *)bytes, n});
    if (call->answer.len < GRPC_PREFIX)
        return 0;
    size_t size = message_size(buf_str(&call->answer));
    if (size > GRPC_MAX_ANSWER || call->answer.len > GRPC_MAX_ANSWER + GRPC_PREFIX)
        abandon_call(g, call, GRPC_RESOURCE_EXHAUSTED, "the answer is larger than 512 MiB");
    else if (!call->many && size < call->answer.len - GRPC_PREFIX)
        abandon_call(g, call, GRPC_INTERNAL, "malformed answer: more than one message");
    return 0;
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
    (void)source;
    struct grpc *g = context;
    struct call *call = g->library.user_data(session, stream);
    if (!call)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
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
    while (!g->broken && g->out.len < ((size_t)4 << 20) &&
           (n = g->library.mem_send(g->session, &bytes)) > 0) {
        struct str frame = {(const char *)bytes, (size_t)n};
        if (!g->tls)
            buf_add(&g->out, frame);
        else if (!tls_seal(g->tls, frame, &g->out))
            give_up(g);
    }
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

static bool take_input(struct grpc *g, const uint8_t *bytes, size_t n) {
    if (!g->tls)
        return g->library.mem_recv(g->session, bytes, n) >= 0;
    struct buf plain;
    buf_init(&plain, BUF_MAX_TEXT);
    bool going = tls_open(g->tls, (struct str){(const char *)bytes, n}, &plain, &g->out);
    /* What came before the end of the session counts. */
    if (plain.len > 0)
        going = g->library.mem_recv(g->session, (const uint8_t *)plain.at, plain.len) >= 0 && going;
    buf_clear(&plain);
    return going;
}

static void read_input(struct grpc *g) {
    uint8_t bytes[65536];
    ssize_t n = recv(g->fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0 || !take_input(g, bytes, (size_t)n))
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
    tls_free(g->tls);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

static bool connect_to(struct grpc *g, struct arena *arena, const struct grpc_address *address,
                       const struct tls_key *key, struct str *ret_error) {
    g->fd = str_eq(address->network, S("unix")) ? connect_unix(address->address)
                                                : connect_tcp(arena, address->address);
    if (g->fd < 0 || pipe2(g->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        *ret_error = str_format(arena, "cannot connect to %.*s", STR_ARG(address->address));
        return false;
    }
    if (address->certificate.len > 0)
        g->tls = tls_connect(arena, g->fd, key, address->certificate, ret_error);
    fcntl(g->fd, F_SETFL, O_NONBLOCK);
    return g->tls || address->certificate.len == 0;
}

struct grpc *grpc_open(struct arena *arena, const struct grpc_address *address,
                       const struct tls_key *key, struct str *ret_error) {
    struct grpc *g = xmalloc(sizeof *g);
    *g = (struct grpc){.fd = -1, .wake = {-1, -1}};
    pthread_mutex_init(&g->lock, NULL);
    buf_init(&g->out, BUF_MAX_DOCUMENT);
    bool open = load_library(g);
    if (!open)
        *ret_error = S("libnghttp2.so.14 cannot be loaded; install libnghttp2-14");
    open = open && connect_to(g, arena, address, key, ret_error);
    if (open && !start_session(g)) {
        *ret_error = S("cannot start an HTTP/2 session");
        open = false;
    }
    if (open)
        return g;
    release(g);
    return NULL;
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
        header(":method", S("POST")),    header(":scheme", g->tls ? S("https") : S("http")),
        header(":path", path),           header(":authority", S("localhost")),
        header("te", S("trailers")),     header("content-type", S("application/grpc")),
        header("user-agent", S("loam")),
    };
    const nghttp2_data_provider data = {.read_callback = read_request};
    if (g->broken)
        return false;
    call->stream =
        g->library.submit_request(g->session, NULL, headers, COUNT(headers), &data, call);
    return call->stream >= 0;
}

/* The one message in an answer; else why there is none. */
static const char *unwrap(struct str bytes, struct str *ret_message) {
    if (bytes.len < GRPC_PREFIX || message_size(bytes) != bytes.len - GRPC_PREFIX)
        return "malformed answer: not one whole message";
    if (bytes.at[0] != 0)
        return "malformed answer: the message is compressed, which was not asked for";
    *ret_message = str_slice(bytes, GRPC_PREFIX, bytes.len);
    return NULL;
}

bool grpc_next(struct str *answer, struct str *ret_message) {
    if (answer->len < GRPC_PREFIX || message_size(*answer) > answer->len - GRPC_PREFIX)
        return false;
    size_t end = GRPC_PREFIX + message_size(*answer);
    *ret_message = str_slice(*answer, GRPC_PREFIX, end);
    *answer = str_slice(*answer, end, answer->len);
    return true;
}

/* What is wrong with a stream of messages, or NULL. */
static const char *check_stream(struct str bytes) {
    struct str message;
    bool compressed = false;
    while (bytes.len > 0) {
        compressed = compressed || bytes.at[0] != 0;
        if (!grpc_next(&bytes, &message))
            return "malformed answer: not one whole message";
    }
    return compressed ? "malformed answer: the message is compressed, which was not asked for"
                      : NULL;
}

/* With the lock held. */
static void wait_for(struct grpc *g, struct call *call, int64_t timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int error = 0;
    while (!call->done && error != ETIMEDOUT)
        error = timeout_ms > 0 ? pthread_cond_timedwait(&call->wake, &g->lock, &until)
                               : pthread_cond_wait(&call->wake, &g->lock);
    if (!call->done) {
        abandon_call(g, call, GRPC_DEADLINE_EXCEEDED, "there was no answer in time");
        wake_up(g);
    }
}

static void run_call(struct grpc *g, struct call *call, struct str path, int64_t timeout_ms) {
    pthread_mutex_lock(&g->lock);
    if (g->cancelled) {
        call->status = GRPC_CANCELLED;
    } else if (submit(g, call, path)) {
        call->next = g->calls;
        g->calls = call;
        wake_up(g);
        wait_for(g, call, timeout_ms);
    } else {
        call->status = GRPC_UNAVAILABLE;
    }
    pthread_mutex_unlock(&g->lock);
}

static int call_with(struct grpc *g, struct arena *arena, bool many, struct str path,
                     struct str request, int64_t timeout_ms, struct str *ret_answer,
                     struct str *ret_message) {
    struct call call = {.request = with_prefix(arena, request), .status = -1, .many = many};
    buf_init(&call.answer, GRPC_MAX_ANSWER + ((size_t)1 << 20));
    buf_init(&call.message, BUF_MAX_TEXT);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&call.wake, &steady);
    pthread_condattr_destroy(&steady);
    run_call(g, &call, path, timeout_ms);
    pthread_cond_destroy(&call.wake);
    *ret_message = buf_take(&call.message, arena);
    struct str answer = buf_take(&call.answer, arena);
    const char *wrong = NULL;
    if (call.status == GRPC_OK)
        wrong = many ? check_stream(answer) : unwrap(answer, ret_answer);
    if (many)
        *ret_answer = answer;
    if (!wrong)
        return call.status;
    *ret_message = str_from(wrong);
    return GRPC_INTERNAL;
}

int grpc_call(struct grpc *g, struct arena *arena, struct str path, struct str request,
              int64_t timeout_ms, struct str *ret_answer, struct str *ret_message) {
    return call_with(g, arena, false, path, request, timeout_ms, ret_answer, ret_message);
}

int grpc_stream(struct grpc *g, struct arena *arena, struct str path, struct str request,
                int64_t timeout_ms, struct str *ret_answer, struct str *ret_message) {
    return call_with(g, arena, true, path, request, timeout_ms, ret_answer, ret_message);
}

void grpc_cancel(struct grpc *g) {
    pthread_mutex_lock(&g->lock);
    g->cancelled = true;
    while (g->calls)
        abandon_call(g, g->calls, GRPC_CANCELLED, "the call was cancelled");
    pthread_mutex_unlock(&g->lock);
    wake_up(g);
}

const char *grpc_code_name(int status) {
    static const char *const names[] = {
        "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
        "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
        "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
        "DataLoss", "Unauthenticated"};
    return status >= 0 && (size_t)status < COUNT(names) ? names[status] : "Unknown";
}
