/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_plugin.h"

#include <nghttp2/nghttp2.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "plugin/protobuf.h"

#define MAX_STREAMS 64

struct stream {
    int32_t id;
    char path[128];
    struct buf request, answer;
    size_t sent;
    int status;
};

struct server {
    const char *mode;
    int protocol;
    struct stream streams[MAX_STREAMS];
};

static struct stream *find_stream(struct server *s, int32_t id, bool make) {
    struct stream *empty = NULL;
    /* Frames of the connection itself; what marks an end of stream there means something else. */
    if (id == 0)
        return NULL;
    for (size_t i = 0; i < MAX_STREAMS; i++) {
        if (s->streams[i].id == id)
            return &s->streams[i];
        if (s->streams[i].id == 0)
            empty = &s->streams[i];
    }
    if (!make || !empty)
        return NULL;
    *empty = (struct stream){.id = id};
    buf_init(&empty->request, BUF_MAX_DOCUMENT);
    buf_init(&empty->answer, BUF_MAX_DOCUMENT);
    return empty;
}

/* ---- answers ---- */

static void add_attr(struct buf *block, const char *name, uint32_t flag) {
    struct buf attr;
    buf_init(&attr, BUF_MAX_TEXT);
    protobuf_bytes(&attr, 1, str_from(name));
    protobuf_bytes(&attr, 2, S("\"string\""));
    protobuf_uint(&attr, flag, 1);
    protobuf_message(block, 2, buf_str(&attr));
    buf_clear(&attr);
}

static void answer_schema(struct server *s, struct buf *out) {
    struct buf block, schema, entry;
    buf_init(&block, BUF_MAX_TEXT);
    buf_init(&schema, BUF_MAX_TEXT);
    buf_init(&entry, BUF_MAX_TEXT);
    add_attr(&block, "name", 4);
    add_attr(&block, "id", 6);
    add_attr(&block, "secret", s->protocol == 5 ? 10 : 11);
    protobuf_uint(&schema, 1, 3);
    protobuf_message(&schema, 2, buf_str(&block));
    protobuf_bytes(&entry, 1, S("fake_thing"));
    protobuf_message(&entry, 2, buf_str(&schema));
    protobuf_message(out, 2, buf_str(&entry));
    protobuf_message(out, 9, buf_str(&entry));
    buf_clear(&block);
    buf_clear(&schema);
    buf_clear(&entry);
}

static void add_diag(struct buf *out, uint32_t field, uint64_t severity, const char *attr) {
    struct buf step, path, diag;
    buf_init(&step, BUF_MAX_TEXT);
    buf_init(&path, BUF_MAX_TEXT);
    buf_init(&diag, BUF_MAX_TEXT);
    protobuf_bytes(&step, 1, str_from(attr));
    protobuf_message(&path, 1, buf_str(&step));
    protobuf_uint(&diag, 1, severity);
    protobuf_bytes(&diag, 2, S("Said so"));
    protobuf_message(&diag, 4, buf_str(&path));
    protobuf_message(out, field, buf_str(&diag));
    buf_clear(&step);
    buf_clear(&path);
    buf_clear(&diag);
}

static void answer_plan(struct str request, struct buf *out) {
    struct buf step, path;
    buf_init(&step, BUF_MAX_TEXT);
    buf_init(&path, BUF_MAX_TEXT);
    protobuf_message(out, 1, protobuf_find(request, 3));
    protobuf_bytes(&step, 1, S("name"));
    protobuf_message(&path, 1, buf_str(&step));
    protobuf_message(out, 2, buf_str(&path));
    protobuf_bytes(out, 3, S("kept"));
    protobuf_bytes(out, 7, protobuf_find(request, 8));
    buf_clear(&step);
    buf_clear(&path);
}

/* The identity of fake_thing is {key = string}, now in its version 2. */
static void answer_identities(struct buf *out) {
    struct buf attr, schema, entry;
    buf_init(&attr, BUF_MAX_TEXT);
    buf_init(&schema, BUF_MAX_TEXT);
    buf_init(&entry, BUF_MAX_TEXT);
    protobuf_bytes(&attr, 1, S("key"));
    protobuf_bytes(&attr, 2, S("\"string\""));
    protobuf_uint(&attr, 3, 1);
    protobuf_uint(&schema, 1, 2);
    protobuf_message(&schema, 2, buf_str(&attr));
    protobuf_bytes(&entry, 1, S("fake_thing"));
    protobuf_message(&entry, 2, buf_str(&schema));
    protobuf_message(out, 1, buf_str(&entry));
    buf_clear(&attr);
    buf_clear(&schema);
    buf_clear(&entry);
}

/* {"key": "new"} as MessagePack, as ResourceIdentityData. */
static void add_identity(struct buf *out, uint32_t field) {
    struct buf value, data;
    buf_init(&value, BUF_MAX_TEXT);
    buf_init(&data, BUF_MAX_TEXT);
    protobuf_bytes(&value, 1, S("\x81\xa3key\xa3new"));
    protobuf_message(&data, 1, buf_str(&value));
    protobuf_message(out, field, buf_str(&data));
    buf_clear(&value);
    buf_clear(&data);
}

/* One object: its name, its identity and, when asked for, what it is; or a warning only. */
static void add_event(struct buf *out, struct str request, const char *name) {
    struct buf object;
    buf_init(&object, BUF_MAX_TEXT);
    if (name) {
        add_identity(out, 1);
        protobuf_bytes(out, 2, str_from(name));
        protobuf_bytes(&object, 1, S("\x83\xa2id\xc0\xa4name\xa1x\xa6secret\xc0"));
        struct protobuf p = protobuf_reader(request);
        while (protobuf_next(&p))
            if (p.field == 3 && p.number)
                protobuf_message(out, 3, buf_str(&object));
    } else {
        add_diag(out, 4, 2, "name");
    }
    buf_clear(&object);
}

static void add_message(struct buf *out, struct str message) {
    buf_byte(out, 0);
    for (unsigned i = 0; i < 4; i++)
        buf_byte(out, (char)(message.len >> (24 - 8 * i)));
    buf_add(out, message);
}

/* Three messages: two objects and, between them, a warning. */
static void answer_list(struct stream *stream, struct str request) {
    static const char *const names[] = {"first", NULL, "second"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct buf event;
        buf_init(&event, BUF_MAX_TEXT);
        add_event(&event, request, names[i]);
        add_message(&stream->answer, buf_str(&event));
        buf_clear(&event);
    }
}

/* More than a pipe holds, so that nobody's reading it would show. */
static void make_noise(void) {
    for (int i = 0; i < 20000; i++)
        printf("a plugin should not print %d\n", i);
    fflush(stdout);
}

static int answer(struct server *s, const char *method, struct str request, struct buf *out) {
    if (strcmp(method, s->protocol == 5 ? "GetSchema" : "GetProviderSchema") == 0) {
        answer_schema(s, out);
    } else if (strcmp(method, "PlanResourceChange") == 0) {
        if (strcmp(s->mode, "crash") == 0)
            _exit(3);
        if (strcmp(s->mode, "hang") == 0)
            return -1;
        if (strcmp(s->mode, "noise") == 0)
            make_noise();
        if (strcmp(s->mode, "defer") == 0)
            protobuf_message(out, 6, S(""));
        answer_plan(request, out);
    } else if (strcmp(method, "GetResourceIdentitySchemas") == 0) {
        answer_identities(out);
    } else if (strcmp(method, "UpgradeResourceIdentity") == 0) {
        add_identity(out, 1);
    } else if (strcmp(method, "ReadResource") == 0) {
        protobuf_message(out, 1, protobuf_find(request, 2));
        protobuf_bytes(out, 5, protobuf_find(request, 6));
    } else if (strcmp(method, "ApplyResourceChange") == 0) {
        protobuf_message(out, 1, protobuf_find(request, 3));
        add_diag(out, 3, 1, "name");
    } else if (strcmp(method, s->protocol == 5 ? "ValidateResourceTypeConfig"
                                               : "ValidateResourceConfig") == 0) {
        add_diag(out, 1, 2, "id");
    } else if (strcmp(method, s->protocol == 5 ? "Configure" : "ConfigureProvider") == 0 ||
               strcmp(method,
                      s->protocol == 5 ? "PrepareProviderConfig" : "ValidateProviderConfig") == 0) {
        return 0;
    } else if (strcmp(method, "Shutdown") == 0) {
        _exit(0);
    } else {
        return 12;
    }
    return 0;
}

/* ---- HTTP/2 ---- */

static ssize_t read_answer(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t max,
                           uint32_t *flags, nghttp2_data_source *source, void *context) {
    (void)context;
    struct stream *stream = source->ptr;
    size_t n = stream->answer.len - stream->sent;
    if (n > max)
        n = max;
    memcpy(bytes, stream->answer.at + stream->sent, n);
    stream->sent += n;
    if (stream->sent == stream->answer.len) {
        char status[8];
        int len = snprintf(status, sizeof status, "%d", stream->status);
        nghttp2_nv trailers[] = {
            {(uint8_t *)"grpc-status", (uint8_t *)status, 11, (size_t)len, NGHTTP2_NV_FLAG_NONE},
            {(uint8_t *)"grpc-message", (uint8_t *)"not%20here", 12, 10, NGHTTP2_NV_FLAG_NONE}};
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, id, trailers, stream->status ? 2 : 1);
    }
    return (ssize_t)n;
}

static void respond(nghttp2_session *session, struct server *s, struct stream *stream) {
    struct buf message;
    buf_init(&message, BUF_MAX_DOCUMENT);
    struct str request = str_slice(buf_str(&stream->request), 5, stream->request.len);
    bool list = strcmp(strrchr(stream->path, '/'), "/ListResource") == 0;
    if (list)
        answer_list(stream, request);
    else
        stream->status = answer(s, strrchr(stream->path, '/') + 1, request, &message);
    if (stream->status < 0) { /* never answers */
        buf_clear(&message);
        return;
    }
    size_t n = strcmp(s->mode, "short") == 0 ? message.len + 7 : message.len;
    if (strcmp(s->mode, "huge") == 0)
        n = (size_t)600 << 20;
    if (strcmp(s->mode, "twice") == 0)
        buf_add(&message, S("again"));
    if (!list) {
        buf_byte(&stream->answer, 0);
        for (unsigned i = 0; i < 4; i++)
            buf_byte(&stream->answer, (char)(n >> (24 - 8 * i)));
        buf_add(&stream->answer, buf_str(&message));
    }
    buf_clear(&message);
    nghttp2_nv headers[] = {
        {(uint8_t *)":status", (uint8_t *)"200", 7, 3, NGHTTP2_NV_FLAG_NONE},
        {(uint8_t *)"content-type", (uint8_t *)"application/grpc", 12, 16, NGHTTP2_NV_FLAG_NONE}};
    nghttp2_data_provider data = {.source.ptr = stream, .read_callback = read_answer};
    nghttp2_submit_response(session, stream->id, headers, 2, &data);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *context) {
    (void)session, (void)flags;
    struct stream *stream = find_stream(context, frame->hd.stream_id, true);
    if (stream && name_len == 5 && memcmp(name, ":path", 5) == 0)
        snprintf(stream->path, sizeof stream->path, "%.*s", (int)value_len, (const char *)value);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t n, void *context) {
    (void)session, (void)flags;
    struct stream *stream = find_stream(context, id, false);
    if (stream)
        buf_add(&stream->request, (struct str){(const char *)bytes, n});
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    struct server *s = context;
    struct stream *stream = find_stream(s, frame->hd.stream_id, false);
    if (stream && frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        respond(session, s, stream);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *context) {
    (void)session, (void)error;
    struct stream *stream = find_stream(context, id, false);
    if (stream) {
        buf_clear(&stream->request);
        buf_clear(&stream->answer);
        stream->id = 0;
    }
    return 0;
}

/* ---- the socket, with TLS or without ---- */

struct wire {
    int fd;
    SSL *tls; /* or NULL */
};

static X509 *make_certificate(EVP_PKEY *pair) {
    X509 *certificate = X509_new();
    X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost");
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_add_ext(certificate, name, -1);
    X509_set_pubkey(certificate, pair);
    X509_sign(certificate, pair, EVP_sha256());
    X509_EXTENSION_free(name);
    return certificate;
}

/* As the handshake line has it: base64 without padding. */
static struct str told(struct arena *arena, X509 *certificate) {
    unsigned char *der = NULL;
    int n = i2d_X509(certificate, &der);
    struct str text = digest_to_base64(arena, (struct str){(const char *)der, (size_t)n});
    OPENSSL_free(der);
    while (text.len > 0 && text.at[text.len - 1] == '=')
        text.len--;
    return text;
}

/* The one peer that is let in is the one whose certificate the environment names. */
static SSL *greet(int fd, X509 *certificate, EVP_PKEY *pair) {
    BIO *pem = BIO_new_mem_buf(getenv("PLUGIN_CLIENT_CERT"), -1);
    X509 *peer = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), peer);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, pair);
    SSL *tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    X509_free(peer);
    BIO_free(pem);
    return SSL_accept(tls) == 1 ? tls : NULL;
}

static ssize_t put(const struct wire *w, const void *bytes, size_t n) {
    return w->tls ? SSL_write(w->tls, bytes, (int)n) : send(w->fd, bytes, n, MSG_NOSIGNAL);
}

static ssize_t take(const struct wire *w, void *bytes, size_t n) {
    return w->tls ? SSL_read(w->tls, bytes, (int)n) : recv(w->fd, bytes, n, 0);
}

static void serve(struct server *s, const struct wire *w) {
    nghttp2_session_callbacks *callbacks;
    nghttp2_session *session;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_server_new(&session, callbacks, s);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, NULL, 0);
    for (;;) {
        const uint8_t *out;
        ssize_t n;
        while ((n = nghttp2_session_mem_send(session, &out)) > 0)
            if (put(w, out, (size_t)n) != n)
                return;
        uint8_t in[16384];
        n = take(w, in, sizeof in);
        if (n <= 0 || nghttp2_session_mem_recv(session, in, (size_t)n) < 0)
            return;
    }
}

int fake_plugin_main(const char *mode) {
    struct server s = {.mode = mode, .protocol = strcmp(mode, "6") == 0 ? 6 : 5};
    if (strcmp(mode, "silent") == 0)
        return 1;
    if (strcmp(mode, "garbage") == 0) {
        puts("hello");
        return 0;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/tmp/loam-fake-%d", (int)getpid());
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0)
        return 1;
    fprintf(stderr, "a line of log\n");
    struct arena *arena = arena_new();
    bool tls = strcmp(mode, "tls") == 0 || strcmp(mode, "other cert") == 0;
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(pair);
    struct str shown = tls ? told(arena, certificate) : S("");
    if (strcmp(mode, "other cert") == 0) /* than the one that it tells of */
        certificate = make_certificate(pair = EVP_EC_gen("P-256"));
    printf("1|%d|unix|%s|grpc|%s\n", s.protocol, address.sun_path,
           strcmp(mode, "bad cert") == 0 ? "MIIB" : str_c(arena, shown));
    fflush(stdout);
    struct wire w = {.fd = accept(listener, NULL, NULL)};
    unlink(address.sun_path);
    signal(SIGPIPE, SIG_IGN);
    if (tls && !(w.tls = greet(w.fd, certificate, pair)))
        return 1;
    serve(&s, &w);
    return 0;
}
