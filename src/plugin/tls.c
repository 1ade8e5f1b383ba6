/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/tls.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/late.h"
#include "base/rand.h"

#define TLS_TIMEOUT_MS 10000
#define TLS_KEY_HOURS 24

/* What is used of libssl; libcrypto is linked. */
static struct library {
    const SSL_METHOD *(*method)(void);
    SSL_CTX *(*context_new)(const SSL_METHOD *method);
    void (*context_free)(SSL_CTX *context);
    long (*context_ctrl)(SSL_CTX *context, int command, long number, void *object);
    X509_STORE *(*store)(const SSL_CTX *context);
    int (*use_certificate)(SSL_CTX *context, X509 *certificate);
    int (*use_key)(SSL_CTX *context, EVP_PKEY *key);
    void (*set_verify)(SSL_CTX *context, int mode, SSL_verify_cb callback);
    int (*set_alpn)(SSL_CTX *context, const unsigned char *names, unsigned n);
    SSL *(*session_new)(SSL_CTX *context);
    void (*session_free)(SSL *session);
    int (*set_host)(SSL *session, const char *name);
    void (*set_bio)(SSL *session, BIO *in, BIO *out);
    int (*connect)(SSL *session);
    int (*read)(SSL *session, void *bytes, size_t max, size_t *ret_n);
    int (*write)(SSL *session, const void *bytes, size_t n, size_t *ret_n);
    int (*error)(const SSL *session, int result);
} library;

struct tls_key {
    EVP_PKEY *pair;
    X509 *certificate;
};

struct tls {
    SSL_CTX *context;
    SSL *session;
    BIO *in, *out; /* owned by the session */
};

static bool load_library(void) {
    struct library *l = &library;
    const struct late_symbol symbols[] = {
        {"TLS_client_method", (void **)&l->method},
        {"SSL_CTX_new", (void **)&l->context_new},
        {"SSL_CTX_free", (void **)&l->context_free},
        {"SSL_CTX_ctrl", (void **)&l->context_ctrl},
        {"SSL_CTX_get_cert_store", (void **)&l->store},
        {"SSL_CTX_use_certificate", (void **)&l->use_certificate},
        {"SSL_CTX_use_PrivateKey", (void **)&l->use_key},
        {"SSL_CTX_set_verify", (void **)&l->set_verify},
        {"SSL_CTX_set_alpn_protos", (void **)&l->set_alpn},
        {"SSL_new", (void **)&l->session_new},
        {"SSL_free", (void **)&l->session_free},
        {"SSL_set1_host", (void **)&l->set_host},
        {"SSL_set_bio", (void **)&l->set_bio},
        {"SSL_connect", (void **)&l->connect},
        {"SSL_read_ex", (void **)&l->read},
        {"SSL_write_ex", (void **)&l->write},
        {"SSL_get_error", (void **)&l->error},
    };
    return late_open("libssl.so.3", symbols, COUNT(symbols));
}

/* ---- our certificate ---- */

static bool add_extension(X509 *certificate, int kind, const char *text) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, text);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* Signed by itself; the plugin takes it as the one authority that it trusts. */
static bool fill_certificate(X509 *certificate, EVP_PKEY *pair) {
    static const struct {
        int kind;
        const char *text;
    } extensions[] = {
        {NID_basic_constraints, "critical,CA:TRUE"},
        {NID_key_usage, "critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign"},
        {NID_ext_key_usage, "clientAuth,serverAuth"},
        {NID_subject_alt_name, "DNS:localhost"},
    };
    uint32_t serial;
    rand_bytes(&serial, sizeof serial);
    X509_NAME *name = X509_get_subject_name(certificate);
    bool done = X509_set_version(certificate, 2) == 1 &&
                ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1 &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), -30) &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), TLS_KEY_HOURS * 3600) &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                           (const unsigned char *)"localhost", -1, -1, 0) == 1 &&
                X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"loam",
                                           -1, -1, 0) == 1 &&
                X509_set_issuer_name(certificate, name) == 1 &&
                X509_set_pubkey(certificate, pair) == 1;
    for (size_t i = 0; done && i < COUNT(extensions); i++)
        done = add_extension(certificate, extensions[i].kind, extensions[i].text);
    return done && X509_sign(certificate, pair, EVP_sha256()) > 0;
}

struct tls_key *tls_key_new(void) {
    if (!load_library())
        return NULL;
    struct tls_key *key = xmalloc(sizeof *key);
    *key = (struct tls_key){EVP_EC_gen("P-256"), X509_new()};
    if (key->pair && key->certificate && fill_certificate(key->certificate, key->pair))
        return key;
    tls_key_free(key);
    return NULL;
}

void tls_key_free(struct tls_key *key) {
    if (!key)
        return;
    X509_free(key->certificate);
    EVP_PKEY_free(key->pair);
    free(key);
}

struct str tls_key_pem(const struct tls_key *key, struct arena *arena) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *at = NULL;
    struct str pem = {0};
    if (bio && PEM_write_bio_X509(bio, key->certificate) == 1) {
        long n = BIO_get_mem_data(bio, &at);
        pem = str_dup(arena, (struct str){at, (size_t)n});
    }
    BIO_free(bio);
    return pem;
}

/* ---- a session ---- */

/* Base64 of the handshake line has no padding. */
static X509 *read_certificate(struct arena *arena, struct str text) {
    static const struct str padding[] = {STR(""), STR(""), STR("=="), STR("=")};
    struct str der;
    if (!digest_from_base64(arena, str_cat(arena, text, padding[text.len % 4]), &der))
        return NULL;
    const unsigned char *at = (const unsigned char *)der.at;
    return d2i_X509(NULL, &at, (long)der.len);
}

static bool trust_only(SSL_CTX *context, X509 *certificate) {
    X509_STORE *store = library.store(context);
    /* The certificate itself is the anchor, whether or not it says it is an authority. */
    return X509_STORE_add_cert(store, certificate) == 1 &&
           X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static bool prepare(struct tls *t, const struct tls_key *key, X509 *peer) {
    static const unsigned char protocols[] = {2, 'h', '2'};
    struct library *l = &library;
    t->context = l->context_new(l->method());
    if (!t->context || !trust_only(t->context, peer) ||
        l->use_certificate(t->context, key->certificate) != 1 ||
        l->use_key(t->context, key->pair) != 1 ||
        l->context_ctrl(t->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) != 1 ||
        l->set_alpn(t->context, protocols, sizeof protocols) != 0)
        return false;
    l->set_verify(t->context, SSL_VERIFY_PEER, NULL);
    t->session = l->session_new(t->context);
    if (!t->session || l->set_host(t->session, "localhost") != 1)
        return false;
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    l->set_bio(t->session, t->in, t->out);
    return t->in && t->out;
}

static void take_output(struct tls *t, struct buf *out) {
    char bytes[16384];
    int n;
    while ((n = BIO_read(t->out, bytes, sizeof bytes)) > 0)
        buf_add(out, (struct str){bytes, (size_t)n});
}

static bool send_all(int fd, struct str bytes) {
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)n, bytes.len);
    }
    return true;
}

/* Waits for bytes of the peer's; false: it has none, or the time is over. */
static bool receive(struct tls *t, int fd, int64_t until_ms) {
    char bytes[16384];
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left = until_ms - clock_monotonic_ms();
        if (left <= 0 || poll(&wait, 1, (int)left) == 0)
            return false;
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n < 0 && errno == EINTR)
            continue;
        return n > 0 && BIO_write(t->in, bytes, (int)n) == n;
    }
}

static bool greet(struct tls *t, int fd) {
    int64_t until = clock_monotonic_ms() + TLS_TIMEOUT_MS;
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    bool going = true, done = false;
    while (going && !done) {
        ERR_clear_error();
        int result = library.connect(t->session);
        done = result == 1;
        take_output(t, &out);
        going = send_all(fd, buf_str(&out)) &&
                (done || (library.error(t->session, result) == SSL_ERROR_WANT_READ &&
                          receive(t, fd, until)));
        buf_reset(&out);
    }
    buf_clear(&out);
    return done && going;
}

struct tls *tls_connect(struct arena *arena, int fd, const struct tls_key *key,
                        struct str certificate, struct str *ret_error) {
    X509 *peer = key ? read_certificate(arena, certificate) : NULL;
    if (!peer) {
        *ret_error = key ? S("the plugin's certificate cannot be read")
                         : S("the plugin wants TLS, and libssl.so.3 cannot be loaded");
        return NULL;
    }
    struct tls *t = xmalloc(sizeof *t);
    *t = (struct tls){0};
    bool prepared = prepare(t, key, peer);
    X509_free(peer);
    if (prepared && greet(t, fd))
        return t;
    *ret_error = S("the TLS handshake with the plugin failed");
    tls_free(t);
    return NULL;
}

bool tls_open(struct tls *t, struct str bytes, struct buf *ret_plain, struct buf *out) {
    char plain[16384];
    size_t n;
    int result = 1;
    if (bytes.len > INT32_MAX || BIO_write(t->in, bytes.at, (int)bytes.len) != (int)bytes.len)
        return false;
    ERR_clear_error();
    while ((result = library.read(t->session, plain, sizeof plain, &n)) == 1)
        buf_add(ret_plain, (struct str){plain, n});
    take_output(t, out);
    return library.error(t->session, result) == SSL_ERROR_WANT_READ;
}

bool tls_seal(struct tls *t, struct str plain, struct buf *out) {
    size_t n;
    bool done = plain.len == 0 || library.write(t->session, plain.at, plain.len, &n) == 1;
    take_output(t, out);
    return done;
}

void tls_free(struct tls *t) {
    if (!t)
        return;
    if (t->session)
        library.session_free(t->session);
    if (t->context)
        library.context_free(t->context);
    free(t);
}
