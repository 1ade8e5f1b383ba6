/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <string.h>
#include <zlib.h>

#include "base/arena.h"

#define BLOCK_MAX 128

/*
 * Looked up once: OpenSSL finds the implementation behind EVP_sha256() again at each use, behind
 * locks of the whole process. They live until the process ends, as OpenSSL's own do.
 */
static const EVP_MD *method(enum digest_kind kind) {
    static const char *const names[] = {
        [DIGEST_MD5] = "MD5",
        [DIGEST_SHA1] = "SHA1",
        [DIGEST_SHA256] = "SHA2-256",
        [DIGEST_SHA512] = "SHA2-512",
    };
    static _Atomic(EVP_MD *) found[COUNT(names)];
    EVP_MD *md = atomic_load_explicit(&found[kind], memory_order_acquire), *none = NULL;
    if (md)
        return md;
    md = EVP_MD_fetch(NULL, names[kind], NULL);
    if (!md)
        bug("unknown digest");
    if (atomic_compare_exchange_strong(&found[kind], &none, md))
        return md;
    EVP_MD_free(md);
    return none;
}

size_t digest_bytes(enum digest_kind kind, struct str data, uint8_t out[DIGEST_MAX]) {
    unsigned n = 0;
    if (!EVP_Digest(data.at, data.len, out, &n, method(kind), NULL))
        bug("digest failed");
    return n;
}

struct str digest_hex(struct arena *arena, enum digest_kind kind, struct str data) {
    uint8_t out[DIGEST_MAX];
    size_t n = digest_bytes(kind, data, out);
    return digest_to_hex(arena, out, n);
}

size_t digest_hmac(enum digest_kind kind, struct str key, struct str data,
                   uint8_t out[DIGEST_MAX]) {
    const EVP_MD *md = method(kind);
    size_t block = (size_t)EVP_MD_get_block_size(md);
    uint8_t inner[BLOCK_MAX] = {0}, outer[BLOCK_MAX];
    unsigned n = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (key.len > block)
        (void)digest_bytes(kind, key, inner);
    else if (key.len)
        memcpy(inner, key.at, key.len);
    for (size_t i = 0; i < block; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    if (!context || !EVP_DigestInit_ex2(context, md, NULL) ||
        !EVP_DigestUpdate(context, inner, block) || !EVP_DigestUpdate(context, data.at, data.len) ||
        !EVP_DigestFinal_ex(context, out, &n) || !EVP_DigestInit_ex2(context, md, NULL) ||
        !EVP_DigestUpdate(context, outer, block) || !EVP_DigestUpdate(context, out, n) ||
        !EVP_DigestFinal_ex(context, out, &n))
        bug("HMAC failed");
    EVP_MD_CTX_free(context);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(outer, sizeof outer);
    return n;
}

uint32_t digest_crc32(struct str data) {
    return (uint32_t)crc32_z(0, (const Bytef *)data.at, data.len);
}

struct str digest_to_hex(struct arena *arena, const void *bytes, size_t n) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    char *at = arena_bytes(arena, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        at[2 * i] = digits[from[i] >> 4];
        at[2 * i + 1] = digits[from[i] & 15];
    }
    at[2 * n] = 0;
    return (struct str){at, 2 * n};
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool digest_from_hex(struct arena *arena, struct str text, struct str *ret_bytes) {
    if (text.len % 2)
        return false;
    char *at = arena_bytes(arena, text.len / 2 + 1);
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_digit(text.at[i]), low = hex_digit(text.at[i + 1]);
        if (high < 0 || low < 0)
            return false;
        at[i / 2] = (char)(high * 16 + low);
    }
    *ret_bytes = (struct str){at, text.len / 2};
    return true;
}

struct str digest_to_base64(struct arena *arena, struct str bytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = (bytes.len + 2) / 3 * 4;
    char *at = arena_bytes(arena, len + 1), *w = at;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)(uint8_t)bytes.at[i] << 16;
        if (left > 1)
            group |= (uint32_t)(uint8_t)bytes.at[i + 1] << 8;
        if (left > 2)
            group |= (uint8_t)bytes.at[i + 2];
        *w++ = digits[group >> 18];
        *w++ = digits[group >> 12 & 63];
        *w++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *w++ = left > 2 ? digits[group & 63] : '=';
    }
    *w = 0;
    return (struct str){at, len};
}

static int base64_digit(char c, bool url) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (url ? '-' : '+'))
        return 62;
    if (c == (url ? '_' : '/'))
        return 63;
    return -1;
}

static bool from_base64(struct arena *arena, struct str text, bool url, struct str *ret_bytes) {
    char *at = arena_bytes(arena, text.len / 4 * 3 + 4), *w = at;
    uint32_t group = 0;
    size_t n = 0, padding = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!url && (c == '\n' || c == '\r'))
            continue;
        if (c == '=') {
            padding++;
            continue;
        }
        int digit = base64_digit(c, url);
        if (digit < 0 || padding)
            return false;
        group = group << 6 | (uint32_t)digit;
        if (++n % 4 == 0) {
            *w++ = (char)(group >> 16);
            *w++ = (char)(group >> 8);
            *w++ = (char)group;
        }
    }
    size_t tail = n % 4;
    if (tail == 1 || padding > 2 || (padding && (n + padding) % 4) || (!url && (n + padding) % 4))
        return false;
    if (tail == 2)
        *w++ = (char)(group >> 4);
    if (tail == 3) {
        *w++ = (char)(group >> 10);
        *w++ = (char)(group >> 2);
    }
    *w = 0;
    *ret_bytes = (struct str){at, (size_t)(w - at)};
    return true;
}

bool digest_from_base64(struct arena *arena, struct str text, struct str *ret_bytes) {
    return from_base64(arena, text, false, ret_bytes);
}

bool digest_from_base64url(struct arena *arena, struct str text, struct str *ret_bytes) {
    return from_base64(arena, text, true, ret_bytes);
}

bool digest_equal(struct str a, struct str b) {
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}
