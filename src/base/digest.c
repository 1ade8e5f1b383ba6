/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include "base/arena.h"

static const EVP_MD *method(enum digest_kind kind) {
    switch (kind) {
    case DIGEST_MD5:
        return EVP_md5();
    case DIGEST_SHA1:
        return EVP_sha1();
    case DIGEST_SHA256:
        return EVP_sha256();
    case DIGEST_SHA512:
        return EVP_sha512();
    }
    bug("unknown digest");
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
    unsigned n = 0;
    if (!HMAC(method(kind), key.len ? key.at : "", (int)key.len, (const uint8_t *)data.at, data.len,
              out, &n))
        bug("HMAC failed");
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
