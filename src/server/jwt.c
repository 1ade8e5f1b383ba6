/* SPDX-License-Identifier: Apache-2.0 */
#include "server/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"

static const struct algorithm {
    struct str name;
    struct str key_type;
    const char *digest;
    const char *curve; /* elliptic: OpenSSL's name */
    struct str jwk_curve;
    int half; /* bytes of r and of s */
} algorithms[] = {
    {STR("RS256"), STR("RSA"), "SHA256", NULL, STR(""), 0},
    {STR("RS384"), STR("RSA"), "SHA384", NULL, STR(""), 0},
    {STR("RS512"), STR("RSA"), "SHA512", NULL, STR(""), 0},
    {STR("ES256"), STR("EC"), "SHA256", "P-256", STR("P-256"), 32},
    {STR("ES384"), STR("EC"), "SHA384", "P-384", STR("P-384"), 48},
};

static const struct algorithm *find_algorithm(struct str name) {
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (str_eq(algorithms[i].name, name))
            return &algorithms[i];
    return NULL;
}

static struct json *read_part(struct arena *arena, struct str part) {
    struct str text;
    struct json_error error;
    if (!digest_from_base64url(arena, part, &text))
        return NULL;
    struct json *json = json_parse(arena, text, &error);
    return json && json->kind == JSON_OBJECT ? json : NULL;
}

bool jwt_read(struct arena *arena, struct str token, struct jwt *ret_jwt) {
    struct jwt jwt = {0};
    struct str part[3], rest = token;
    for (size_t i = 0; i < COUNT(part); i++)
        if (!rest.at || !str_split(&rest, '.', &part[i]))
            return false;
    if (rest.at)
        return false;
    jwt.signed_part = str_slice(token, 0, part[0].len + 1 + part[1].len);
    jwt.header = read_part(arena, part[0]);
    jwt.payload = read_part(arena, part[1]);
    if (!jwt.header || !jwt.payload || !digest_from_base64url(arena, part[2], &jwt.signature))
        return false;
    *ret_jwt = jwt;
    return true;
}

/* ---- keys ---- */

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *params) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (context && params && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *rsa_key(struct str n, struct str e) {
    BIGNUM *bn_n = BN_bin2bn((const unsigned char *)n.at, (int)n.len, NULL);
    BIGNUM *bn_e = BN_bin2bn((const unsigned char *)e.at, (int)e.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn_n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, bn_e) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY *key = key_from("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(bn_n);
    BN_free(bn_e);
    return key;
}

static EVP_PKEY *ec_key(struct arena *arena, const struct algorithm *algorithm, struct str x,
                        struct str y) {
    struct str point = str_cat(arena, S("\x04"), str_cat(arena, x, y));
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (build &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->curve, 0) ==
            1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.at, point.len) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY *key = key_from("EC", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static bool member(struct arena *arena, const struct json *jwk, struct str name,
                   struct str *ret_bytes) {
    struct str text = json_get_str(jwk, name);
    return text.len && digest_from_base64url(arena, text, ret_bytes);
}

static EVP_PKEY *key_of_jwk(struct arena *arena, const struct algorithm *algorithm,
                            const struct json *jwk) {
    struct str a, b;
    if (!str_eq(json_get_str(jwk, S("kty")), algorithm->key_type))
        return NULL;
    if (!algorithm->curve)
        return member(arena, jwk, S("n"), &a) && member(arena, jwk, S("e"), &b) ? rsa_key(a, b)
                                                                                : NULL;
    if (!str_eq(json_get_str(jwk, S("crv")), algorithm->jwk_curve))
        return NULL;
    return member(arena, jwk, S("x"), &a) && member(arena, jwk, S("y"), &b)
               ? ec_key(arena, algorithm, a, b)
               : NULL;
}

/* ---- signatures ---- */

/* JWTs have r and s side by side, OpenSSL has them in DER. */
static struct str to_der(struct arena *arena, struct str raw, int half) {
    unsigned char *out = NULL;
    struct str der = S("");
    if (raw.len != 2 * (size_t)half)
        return der;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn((const unsigned char *)raw.at, half, NULL);
    BIGNUM *s = BN_bin2bn((const unsigned char *)raw.at + half, half, NULL);
    ECDSA_SIG_set0(signature, r, s);
    int n = i2d_ECDSA_SIG(signature, &out);
    if (n > 0)
        der = str_dup(arena, (struct str){(char *)out, (size_t)n});
    OPENSSL_free(out);
    ECDSA_SIG_free(signature);
    return der;
}

static struct str from_der(struct arena *arena, struct str der, int half) {
    const unsigned char *at = (const unsigned char *)der.at;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
    if (!signature)
        return S("");
    unsigned char *raw = arena_alloc(arena, 2 * (size_t)half);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, half);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + half, half);
    ECDSA_SIG_free(signature);
    return (struct str){(char *)raw, 2 * (size_t)half};
}

static bool verify_with(EVP_PKEY *key, const struct algorithm *algorithm, struct str data,
                        struct str signature) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok =
        context &&
        EVP_DigestVerifyInit_ex(context, NULL, algorithm->digest, NULL, NULL, key, NULL) == 1 &&
        EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len,
                         (const unsigned char *)data.at, data.len) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return ok;
}

bool jwt_verify(struct arena *arena, const struct jwt *jwt, struct str jwks) {
    struct json_error error;
    const struct algorithm *algorithm = find_algorithm(json_get_str(jwt->header, S("alg")));
    struct str wanted = json_get_str(jwt->header, S("kid")), signature = jwt->signature;
    struct json *set = json_parse(arena, jwks, &error);
    struct json *keys = set && set->kind == JSON_OBJECT ? json_get(set, S("keys")) : NULL;
    if (!algorithm || !keys || keys->kind != JSON_ARRAY)
        return false;
    if (algorithm->curve)
        signature = to_der(arena, signature, algorithm->half);
    for (size_t i = 0; i < keys->n; i++) {
        const struct json *jwk = &keys->items[i];
        if (jwk->kind != JSON_OBJECT ||
            (wanted.len && !str_eq(json_get_str(jwk, S("kid")), wanted)))
            continue;
        EVP_PKEY *key = key_of_jwk(arena, algorithm, jwk);
        bool ok = key && verify_with(key, algorithm, jwt->signed_part, signature);
        EVP_PKEY_free(key);
        if (ok)
            return true;
    }
    return false;
}

/* ---- issuing ---- */

static struct str base64url(struct arena *arena, struct str bytes) {
    struct str text = digest_to_base64(arena, bytes);
    while (text.len && text.at[text.len - 1] == '=')
        text.len--;
    return str_replace(arena, str_replace(arena, text, S("+"), S("-")), S("/"), S("_"));
}

struct str jwt_new_key(struct arena *arena, struct str algorithm) {
    const struct algorithm *a = find_algorithm(algorithm);
    struct str pem = S("");
    char *text;
    EVP_PKEY *key = !a ? NULL : a->curve ? EVP_EC_gen(a->curve) : EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    if (key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long n = BIO_get_mem_data(bio, &text);
        pem = str_dup(arena, (struct str){text, (size_t)n});
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

/* A part of a key as base64url; `size` bytes, or as many as it takes when that is 0. */
static struct str key_part(struct arena *arena, const EVP_PKEY *key, const char *name, int size) {
    BIGNUM *number = NULL;
    struct str text = S("");
    if (EVP_PKEY_get_bn_param(key, name, &number) == 1) {
        int n = size ? size : BN_num_bytes(number);
        unsigned char *bytes = arena_alloc(arena, (size_t)n);
        BN_bn2binpad(number, bytes, n);
        text = base64url(arena, (struct str){(char *)bytes, (size_t)n});
    }
    BN_free(number);
    return text;
}

struct str jwt_public_key(struct arena *arena, struct str pem, struct str algorithm,
                          struct str key_id) {
    const struct algorithm *a = find_algorithm(algorithm);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    struct str parts = S("");
    if (a && key && a->curve)
        parts = str_format(arena, "\"crv\":\"%.*s\",\"x\":\"%.*s\",\"y\":\"%.*s\"",
                           STR_ARG(a->jwk_curve),
                           STR_ARG(key_part(arena, key, OSSL_PKEY_PARAM_EC_PUB_X, a->half)),
                           STR_ARG(key_part(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y, a->half)));
    else if (a && key)
        parts = str_format(arena, "\"n\":\"%.*s\",\"e\":\"%.*s\"",
                           STR_ARG(key_part(arena, key, OSSL_PKEY_PARAM_RSA_N, 0)),
                           STR_ARG(key_part(arena, key, OSSL_PKEY_PARAM_RSA_E, 0)));
    EVP_PKEY_free(key);
    BIO_free(bio);
    return str_format(
        arena, "{\"kty\":\"%.*s\",\"use\":\"sig\",\"alg\":\"%.*s\",\"kid\":\"%.*s\",%.*s}",
        STR_ARG(a ? a->key_type : S("")), STR_ARG(algorithm), STR_ARG(key_id), STR_ARG(parts));
}

struct str jwt_sign(struct arena *arena, struct str payload, struct str algorithm, struct str pem,
                    struct str key_id) {
    const struct algorithm *a = find_algorithm(algorithm);
    struct str header = str_format(arena, "{\"alg\":\"%.*s\",\"kid\":\"%.*s\",\"typ\":\"JWT\"}",
                                   STR_ARG(algorithm), STR_ARG(key_id));
    struct str data = str_format(arena, "%.*s.%.*s", STR_ARG(base64url(arena, header)),
                                 STR_ARG(base64url(arena, payload)));
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char out[1024];
    size_t n = sizeof out;
    bool ok = a && key && context &&
              EVP_DigestSignInit_ex(context, NULL, a->digest, NULL, NULL, key, NULL) == 1 &&
              EVP_DigestSign(context, out, &n, (const unsigned char *)data.at, data.len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(bio);
    if (!ok)
        return S("");
    struct str signature = {(char *)out, n};
    if (a->curve)
        signature = from_der(arena, signature, a->half);
    return str_format(arena, "%.*s.%.*s", STR_ARG(data), STR_ARG(base64url(arena, signature)));
}
