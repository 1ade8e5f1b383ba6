/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/pgp.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/rand.h"

#define TAG_SESSION_KEY 1
#define TAG_SIGNATURE 2
#define TAG_PUBLIC_KEY 6
#define TAG_LITERAL 11
#define TAG_PUBLIC_SUBKEY 14
#define TAG_PROTECTED 18
#define RSA_ANY 1
#define RSA_ENCRYPT 2
#define ECDH 18
#define AES256 9
#define KEY_SIZE 32
#define CAN_ENCRYPT 0x0c
#define SUBPACKET_FLAGS 27

static const struct str curve25519 = STR("\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01");

/* Reading packets. */

struct packet {
    int tag;
    struct str body;
};

static unsigned byte_at(struct str s, size_t i) {
    return i < s.len ? (unsigned char)s.at[i] : 0;
}

/* Length of a new-format packet or signature subpacket; false when cut off or partial. */
static bool take_length(struct str *rest, size_t *ret_n) {
    unsigned first = byte_at(*rest, 0);
    size_t used = first < 192 ? 1 : first < 224 ? 2 : 5;
    if (rest->len < used || (first >= 224 && first != 255))
        return false;
    if (used == 1)
        *ret_n = first;
    else if (used == 2)
        *ret_n = ((first - 192) << 8) + byte_at(*rest, 1) + 192;
    else
        *ret_n = ((size_t)byte_at(*rest, 1) << 24) + (byte_at(*rest, 2) << 16) +
                 (byte_at(*rest, 3) << 8) + byte_at(*rest, 4);
    *rest = str_slice(*rest, used, rest->len);
    return *ret_n <= rest->len;
}

static bool take_packet(struct str *rest, struct packet *ret) {
    unsigned head = byte_at(*rest, 0);
    size_t n = 0;
    if (!(head & 0x80))
        return false;
    *rest = str_slice(*rest, 1, rest->len);
    if (head & 0x40) {
        ret->tag = (int)(head & 0x3f);
        if (!take_length(rest, &n))
            return false;
    } else {
        ret->tag = (int)(head >> 2 & 0x0f);
        size_t bytes = (size_t)1 << (head & 3);
        if ((head & 3) == 3 || rest->len < bytes)
            return false;
        for (size_t i = 0; i < bytes; i++)
            n = n << 8 | byte_at(*rest, i);
        *rest = str_slice(*rest, bytes, rest->len);
    }
    if (n > rest->len)
        return false;
    ret->body = str_slice(*rest, 0, n);
    *rest = str_slice(*rest, n, rest->len);
    return true;
}

static bool take_mpi(struct str *rest, struct str *ret) {
    size_t bytes = ((byte_at(*rest, 0) << 8 | byte_at(*rest, 1)) + 7u) / 8;
    if (rest->len < 2 + bytes)
        return false;
    *ret = str_slice(*rest, 2, 2 + bytes);
    *rest = str_slice(*rest, 2 + bytes, rest->len);
    return true;
}

static void fingerprint(struct arena *arena, struct str body, uint8_t out[20]) {
    char *bytes = arena_bytes(arena, body.len + 3);
    uint8_t digest[DIGEST_MAX];
    bytes[0] = (char)0x99;
    bytes[1] = (char)(body.len >> 8);
    bytes[2] = (char)body.len;
    memcpy(bytes + 3, body.at, body.len);
    digest_bytes(DIGEST_SHA1, (struct str){bytes, body.len + 3}, digest);
    memcpy(out, digest, 20);
}

/* A version 4 key that can encrypt, from its packet. */
static bool read_key(struct arena *arena, struct str body, struct pgp_key *key) {
    struct str rest = str_slice(body, body.len < 6 ? body.len : 6, body.len);
    if (body.len < 6 || byte_at(body, 0) != 4)
        return false;
    key->algorithm = (int)byte_at(body, 5);
    fingerprint(arena, body, key->fingerprint_bytes);
    memcpy(key->id, key->fingerprint_bytes + 12, 8);
    if (key->algorithm == RSA_ANY || key->algorithm == RSA_ENCRYPT)
        return take_mpi(&rest, &key->n) && take_mpi(&rest, &key->e);
    if (key->algorithm != ECDH || rest.len == 0)
        return false;
    size_t oid = byte_at(rest, 0);
    if (rest.len < 1 + oid)
        return false;
    key->curve = str_slice(rest, 1, 1 + oid);
    rest = str_slice(rest, 1 + oid, rest.len);
    if (!take_mpi(&rest, &key->point) || rest.len < 4)
        return false;
    key->kdf = str_slice(rest, 0, 4);
    return str_eq(key->curve, curve25519) && key->point.len == 33;
}

/* Does this signature on a key say that it encrypts? Without flags it may. */
static bool says_encrypt(struct str signature) {
    size_t n = byte_at(signature, 4) << 8 | byte_at(signature, 5);
    if (byte_at(signature, 0) != 4 || signature.len < 6 + n)
        return true;
    struct str rest = str_slice(signature, 6, 6 + n);
    size_t length;
    while (rest.len > 0 && take_length(&rest, &length)) {
        struct str sub = str_slice(rest, 0, length);
        if ((byte_at(sub, 0) & 0x7f) == SUBPACKET_FLAGS)
            return byte_at(sub, 1) & CAN_ENCRYPT;
        rest = str_slice(rest, length, rest.len);
    }
    return true;
}

static bool choose_key(struct arena *arena, struct str bytes, struct pgp_key *ret) {
    struct packet p;
    struct pgp_key candidate = {0};
    bool have_candidate = false, found = false;
    while (bytes.len > 0 && take_packet(&bytes, &p)) {
        if (p.tag == TAG_PUBLIC_KEY || p.tag == TAG_PUBLIC_SUBKEY) {
            candidate = (struct pgp_key){0};
            have_candidate = read_key(arena, p.body, &candidate);
            if (p.tag == TAG_PUBLIC_KEY) {
                fingerprint(arena, p.body, candidate.fingerprint_bytes);
                ret->fingerprint = digest_to_hex(arena, candidate.fingerprint_bytes, 20);
            }
        } else if (p.tag == TAG_SIGNATURE && have_candidate) {
            if (says_encrypt(p.body)) {
                struct str primary = ret->fingerprint;
                *ret = candidate;
                ret->fingerprint = primary;
                found = true;
            }
            have_candidate = false;
        }
    }
    return found;
}

bool pgp_key_read(struct arena *arena, struct str text, struct pgp_key *ret_key,
                  struct str *ret_error) {
    struct str bytes;
    struct pgp_key key = {0};
    if (str_starts(text, S("keybase:"))) {
        *ret_error = str_format(arena,
                                "keys of keybase users are not fetched; give the key itself "
                                "in base64 instead of \"%.*s\"",
                                STR_ARG(text));
        return false;
    }
    if (!digest_from_base64(arena, str_trim(text), &bytes)) {
        *ret_error = S("error decoding given PGP key: illegal base64 data");
        return false;
    }
    if (!choose_key(arena, bytes, &key)) {
        *ret_error = S("error parsing given PGP key: no key in it can encrypt");
        return false;
    }
    *ret_key = key;
    return true;
}

/* Writing packets. */

static void put_packet(struct buf *out, int tag, struct str body) {
    buf_byte(out, (char)(0xc0 | tag));
    if (body.len < 192) {
        buf_byte(out, (char)body.len);
    } else if (body.len < 8384) {
        buf_byte(out, (char)(((body.len - 192) >> 8) + 192));
        buf_byte(out, (char)(body.len - 192));
    } else {
        buf_byte(out, (char)0xff);
        for (int shift = 24; shift >= 0; shift -= 8)
            buf_byte(out, (char)(body.len >> shift));
    }
    buf_add(out, body);
}

static void put_mpi(struct buf *out, struct str bytes) {
    while (bytes.len > 0 && bytes.at[0] == 0)
        bytes = str_slice(bytes, 1, bytes.len);
    size_t bits = bytes.len * 8;
    for (unsigned first = byte_at(bytes, 0), mask = 0x80; bits > 0 && !(first & mask); mask >>= 1)
        bits--;
    buf_byte(out, (char)(bits >> 8));
    buf_byte(out, (char)bits);
    buf_add(out, bytes);
}

/* What is encrypted for the key: cipher, session key, checksum. */
static void session_block(const uint8_t key[KEY_SIZE], uint8_t out[KEY_SIZE + 3]) {
    unsigned sum = 0;
    out[0] = AES256;
    for (size_t i = 0; i < KEY_SIZE; i++) {
        out[1 + i] = key[i];
        sum += key[i];
    }
    out[KEY_SIZE + 1] = (uint8_t)(sum >> 8);
    out[KEY_SIZE + 2] = (uint8_t)sum;
}

static EVP_PKEY *rsa_key(const struct pgp_key *key) {
    EVP_PKEY *result = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *n = BN_bin2bn((const unsigned char *)key->n.at, (int)key->n.len, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)key->e.at, (int)key->e.len, NULL);
    OSSL_PARAM *params = NULL;
    if (build && context && n && e && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(build);
    if (!params || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &result, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        result = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    BN_free(n);
    BN_free(e);
    return result;
}

static bool encrypt_rsa(struct buf *out, const struct pgp_key *key, const uint8_t *block,
                        size_t n) {
    unsigned char result[2048];
    size_t length = sizeof result;
    EVP_PKEY *pkey = rsa_key(key);
    EVP_PKEY_CTX *context = pkey ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
    bool done = context && EVP_PKEY_encrypt_init(context) > 0 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
                EVP_PKEY_encrypt(context, result, &length, block, n) > 0;
    if (done)
        put_mpi(out, (struct str){(char *)result, length});
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pkey);
    return done;
}

/* A new X25519 key: its public half and what it shares with the recipient's. */
static bool agree(const struct pgp_key *key, uint8_t public_[32], uint8_t shared[32]) {
    size_t n = 32, m = 32;
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
                                                 (const unsigned char *)key->point.at + 1, 32);
    EVP_PKEY_CTX *context = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    bool done = context && peer && EVP_PKEY_get_raw_public_key(own, public_, &n) > 0 &&
                EVP_PKEY_derive_init(context) > 0 && EVP_PKEY_derive_set_peer(context, peer) > 0 &&
                EVP_PKEY_derive(context, shared, &m) > 0;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
    return done;
}

/* RFC 6637 section 7: one hash over counter, shared secret and the parties. */
static size_t derive(const struct pgp_key *key, const uint8_t shared[32], uint8_t out[DIGEST_MAX]) {
    struct buf b;
    buf_init(&b, BUF_MAX_TEXT);
    buf_add(&b, (struct str){"\0\0\0\1", 4});
    buf_add(&b, (struct str){(const char *)shared, 32});
    buf_byte(&b, (char)key->curve.len);
    buf_add(&b, key->curve);
    buf_byte(&b, ECDH);
    buf_add(&b, key->kdf);
    buf_add(&b, S("Anonymous Sender    "));
    buf_add(&b, (struct str){(const char *)key->fingerprint_bytes, 20});
    size_t n =
        digest_bytes(byte_at(key->kdf, 2) == 10 ? DIGEST_SHA512 : DIGEST_SHA256, buf_str(&b), out);
    buf_clear(&b);
    return n;
}

static const EVP_CIPHER *wrap_cipher(const struct pgp_key *key) {
    switch (byte_at(key->kdf, 3)) {
    case 7:
        return EVP_aes_128_wrap();
    case 8:
        return EVP_aes_192_wrap();
    default:
        return EVP_aes_256_wrap();
    }
}

static bool encrypt_ecdh(struct buf *out, const struct pgp_key *key, const uint8_t *block,
                         size_t n) {
    uint8_t point[33] = {0x40}, shared[32], secret[DIGEST_MAX], padded[40], wrapped[64];
    int length = 0, rest = 0;
    if (n > sizeof padded || !agree(key, point + 1, shared))
        return false;
    memset(padded, (int)(sizeof padded - n), sizeof padded);
    memcpy(padded, block, n);
    derive(key, shared, secret);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    bool done = EVP_EncryptInit_ex(context, wrap_cipher(key), NULL, secret, NULL) > 0 &&
                EVP_EncryptUpdate(context, wrapped, &length, padded, sizeof padded) > 0 &&
                EVP_EncryptFinal_ex(context, wrapped + length, &rest) > 0;
    EVP_CIPHER_CTX_free(context);
    if (!done)
        return false;
    put_mpi(out, (struct str){(char *)point, sizeof point});
    buf_byte(out, (char)(length + rest));
    buf_add(out, (struct str){(char *)wrapped, (size_t)(length + rest)});
    return true;
}

/* Literal data and its hash behind random bytes, in OpenPGP's cipher feedback mode. */
static bool protect(struct arena *arena, struct str secret, const uint8_t key[KEY_SIZE],
                    struct str *ret) {
    static const uint8_t zero[16] = {0};
    struct buf plain, literal;
    uint8_t head[18], digest[DIGEST_MAX];
    buf_init(&plain, BUF_MAX_REQUEST);
    buf_init(&literal, BUF_MAX_REQUEST);
    rand_bytes(head, 16);
    head[16] = head[14];
    head[17] = head[15];
    buf_add(&plain, (struct str){(char *)head, sizeof head});
    buf_add(&literal, (struct str){"b\0\0\0\0\0", 6});
    buf_add(&literal, secret);
    put_packet(&plain, TAG_LITERAL, buf_str(&literal));
    buf_add(&plain, (struct str){"\xd3\x14", 2});
    digest_bytes(DIGEST_SHA1, buf_str(&plain), digest);
    buf_add(&plain, (struct str){(char *)digest, 20});
    buf_clear(&literal);
    struct str bytes = buf_take(&plain, arena);
    char *out = arena_bytes(arena, bytes.len + 1);
    int n = 0;
    out[0] = 1;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool done = EVP_EncryptInit_ex(context, EVP_aes_256_cfb128(), NULL, key, zero) > 0 &&
                EVP_EncryptUpdate(context, (unsigned char *)out + 1, &n,
                                  (const unsigned char *)bytes.at, (int)bytes.len) > 0;
    EVP_CIPHER_CTX_free(context);
    *ret = (struct str){out, (size_t)n + 1};
    return done;
}

bool pgp_encrypt(struct arena *arena, const struct pgp_key *key, struct str secret,
                 struct str *ret_message, struct str *ret_error) {
    uint8_t session[KEY_SIZE], block[KEY_SIZE + 3];
    struct buf out, head;
    struct str data;
    rand_bytes(session, sizeof session);
    session_block(session, block);
    buf_init(&head, BUF_MAX_TEXT);
    buf_byte(&head, 3);
    buf_add(&head, (struct str){(const char *)key->id, sizeof key->id});
    buf_byte(&head, (char)key->algorithm);
    bool done = key->algorithm == ECDH ? encrypt_ecdh(&head, key, block, sizeof block)
                                       : encrypt_rsa(&head, key, block, sizeof block);
    done = done && protect(arena, secret, session, &data);
    struct str for_key = buf_take(&head, arena);
    if (!done) {
        *ret_error = S("error encrypting for the given PGP key");
        return false;
    }
    buf_init(&out, BUF_MAX_REQUEST);
    put_packet(&out, TAG_SESSION_KEY, for_key);
    put_packet(&out, TAG_PROTECTED, data);
    *ret_message = buf_take(&out, arena);
    return true;
}
