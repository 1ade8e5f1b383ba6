/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of text and files, passwords, RSA, UUIDs. */
#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/digest.h"
#include "base/rand.h"
#include "eval/func_int.h"
#include "eval/local_file.h"

static struct value hash_text(struct func_call *call, enum digest_kind kind, bool base64,
                              struct str data) {
    uint8_t digest[DIGEST_MAX];
    if (!base64)
        return value_string_view(digest_hex(call->arena, kind, data));
    size_t n = digest_bytes(kind, data, digest);
    return value_string_view(digest_to_base64(call->arena, (struct str){(char *)digest, n}));
}

static bool hash_argument(struct func_call *call, enum digest_kind kind, bool base64,
                          struct value *ret_value) {
    *ret_value = hash_text(call, kind, base64, func_text(call, 0));
    return true;
}

static bool hash_file(struct func_call *call, enum digest_kind kind, bool base64,
                      struct value *ret_value) {
    struct str bytes;
    if (!local_file_open(call, 0, &bytes))
        return false;
    *ret_value = hash_text(call, kind, base64, bytes);
    return true;
}

static bool run_md5(struct func_call *call, struct value *ret_value) {
    return hash_argument(call, DIGEST_MD5, false, ret_value);
}

static bool run_sha1(struct func_call *call, struct value *ret_value) {
    return hash_argument(call, DIGEST_SHA1, false, ret_value);
}

static bool run_sha256(struct func_call *call, struct value *ret_value) {
    return hash_argument(call, DIGEST_SHA256, false, ret_value);
}

static bool run_sha512(struct func_call *call, struct value *ret_value) {
    return hash_argument(call, DIGEST_SHA512, false, ret_value);
}

static bool run_base64sha256(struct func_call *call, struct value *ret_value) {
    return hash_argument(call, DIGEST_SHA256, true, ret_value);
}

static bool run_base64sha512(struct func_call *call, struct value *ret_value) {
    return hash_argument(call, DIGEST_SHA512, true, ret_value);
}

static bool run_filemd5(struct func_call *call, struct value *ret_value) {
    return hash_file(call, DIGEST_MD5, false, ret_value);
}

static bool run_filesha1(struct func_call *call, struct value *ret_value) {
    return hash_file(call, DIGEST_SHA1, false, ret_value);
}

static bool run_filesha256(struct func_call *call, struct value *ret_value) {
    return hash_file(call, DIGEST_SHA256, false, ret_value);
}

static bool run_filesha512(struct func_call *call, struct value *ret_value) {
    return hash_file(call, DIGEST_SHA512, false, ret_value);
}

static bool run_filebase64sha256(struct func_call *call, struct value *ret_value) {
    return hash_file(call, DIGEST_SHA256, true, ret_value);
}

static bool run_filebase64sha512(struct func_call *call, struct value *ret_value) {
    return hash_file(call, DIGEST_SHA512, true, ret_value);
}

/* The "$2a$10$..." setting with a fresh salt, in bcrypt's own base64. */
static void bcrypt_setting(char out[32], int64_t cost) {
    static const char alphabet[] =
        "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t n = (size_t)snprintf(out, 32, "$2a$%02d$", (int)cost);
    for (size_t i = 0; i < 22; i++)
        out[n + i] = alphabet[rand_below(i < 21 ? 64 : 4) << (i < 21 ? 0 : 4)];
    out[n + 22] = 0;
}

static bool run_bcrypt(struct func_call *call, struct value *ret_value) {
    struct crypt_data *data = arena_alloc(call->arena, sizeof *data);
    char setting[32];
    int64_t cost = 10;
    if (call->n > 2)
        return func_fail(call, "bcrypt() takes no more than two arguments");
    if (call->n == 2 && !func_int_arg(call, 1, &cost))
        return false;
    if (cost < 4)
        cost = 10;
    if (cost > 31)
        return func_fail(call,
                         "error occured generating password crypto/bcrypt: cost %d is outside "
                         "allowed range (4,31)",
                         (int)cost);
    if (func_text(call, 0).len > 72)
        return func_fail(call, "error occured generating password bcrypt: password length exceeds "
                               "72 bytes");
    bcrypt_setting(setting, cost);
    char *hash = crypt_rn(str_c(call->arena, func_text(call, 0)), setting, data, sizeof *data);
    if (!hash || hash[0] != '$')
        return func_fail(call, "error occured generating password");
    *ret_value = value_string(call->arena, str_from(hash));
    return true;
}

/* There is no terminal to ask for the passphrase of an encrypted key. */
static int no_passphrase(char *buf, int size, int rwflag, void *context) {
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)context;
    return -1;
}

/* What is wrong with a key that OpenSSL does not read, as far as the reference would say. */
static struct str key_complaint(struct arena *arena, struct str pem) {
    static const struct str known[] = {STR("RSA PRIVATE KEY"), STR("PRIVATE KEY"),
                                       STR("EC PRIVATE KEY"), STR("DSA PRIVATE KEY"),
                                       STR("OPENSSH PRIVATE KEY")};
    struct str start = S("-----BEGIN "), dashes = S("-----"), der;
    pem = str_slice(pem, (size_t)str_find(pem, start) + start.len, pem.len);
    ptrdiff_t end = str_find(pem, dashes);
    if (end < 0)
        return S("invalid private key: ssh: no key found");
    struct str type = str_slice(pem, 0, (size_t)end), body;
    bool supported = false;
    for (size_t i = 0; i < COUNT(known); i++)
        supported = supported || str_eq(type, known[i]);
    if (!supported)
        return str_format(arena, "invalid private key: ssh: unsupported key type %s",
                          quote_text(arena, type));
    if (str_eq(type, S("OPENSSH PRIVATE KEY")))
        return S("invalid private key: ssh: invalid openssh private key format");
    body = str_slice(pem, (size_t)end + dashes.len, pem.len);
    end = str_find(body, dashes);
    body = str_slice(body, 0, end < 0 ? body.len : (size_t)end);
    bool short_der = digest_from_base64(arena, str_trim(body), &der) && der.len > 1 &&
                     (unsigned char)der.at[1] >= 0x80;
    return str_format(arena, "invalid ASN1 data in the given private key: %s truncated",
                      short_der ? "data" : "sequence");
}

static EVP_PKEY *read_key(struct func_call *call, struct str pem) {
    if (str_find(pem, S("-----BEGIN ")) < 0) {
        func_fail_arg(call, 1, "invalid private key: ssh: no key found");
        return NULL;
    }
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA)
        return key;
    if (!key)
        func_fail_arg(call, 1, "%.*s", STR_ARG(key_complaint(call->arena, pem)));
    else
        func_fail_arg(call, 1, "invalid private key type");
    EVP_PKEY_free(key);
    return NULL;
}

static bool decrypt(EVP_PKEY *key, struct str cipher, unsigned char *out, size_t *n) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool ok = context && EVP_PKEY_decrypt_init(context) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_decrypt(context, out, n, (const unsigned char *)cipher.at, cipher.len) == 1;
    EVP_PKEY_CTX_free(context);
    return ok;
}

static bool run_rsadecrypt(struct func_call *call, struct value *ret_value) {
    struct str cipher;
    if (!digest_from_base64(call->arena, func_text(call, 0), &cipher))
        return func_fail_arg(call, 0,
                             "failed to decode input %s: cipher text must be base64-encoded",
                             func_shown(call, 0));
    EVP_PKEY *key = read_key(call, func_text(call, 1));
    if (!key)
        return false;
    size_t n = (size_t)EVP_PKEY_size(key);
    unsigned char *out = arena_alloc(call->arena, n);
    bool ok = decrypt(key, cipher, out, &n);
    EVP_PKEY_free(key);
    if (!ok)
        return func_fail(call, "failed to decrypt: crypto/rsa: decryption error");
    *ret_value = value_string(call->arena, (struct str){(char *)out, n});
    return true;
}

static bool run_uuid(struct func_call *call, struct value *ret_value) {
    *ret_value = value_string_view(rand_uuid(call->arena));
    return true;
}

static struct str without_dashes(struct arena *arena, struct str text) {
    char *out = arena_bytes(arena, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '-')
            out[n++] = text.at[i];
    return (struct str){out, n};
}

static bool dashes_in_place(struct str text) {
    return text.at[8] == '-' && text.at[13] == '-' && text.at[18] == '-' && text.at[23] == '-';
}

/* Any spelling of a UUID; on failure *ret_error says what is wrong. */
static bool parse_uuid(struct arena *arena, struct str text, struct str *ret_bytes,
                       struct str *ret_error) {
    struct str body = text;
    if (text.len != 36 && text.len != 45 && text.len != 38 && text.len != 32) {
        *ret_error = str_format(arena, "invalid UUID length: %zu", text.len);
        return false;
    }
    if (text.len == 45) {
        if (!str_eq_nocase(str_slice(text, 0, 9), S("urn:uuid:"))) {
            *ret_error = str_format(arena, "invalid urn prefix: %s",
                                    quote_text(arena, str_slice(text, 0, 9)));
            return false;
        }
        body = str_slice(text, 9, 45);
    } else if (text.len == 38) {
        body = str_slice(text, 1, 37);
    }
    *ret_error = S("invalid UUID format");
    return (body.len == 32 || dashes_in_place(body)) &&
           digest_from_hex(arena, without_dashes(arena, body), ret_bytes) && ret_bytes->len == 16;
}

static bool namespace_bytes(struct func_call *call, struct str *ret_bytes) {
    static const struct {
        struct str name;
        struct str bytes;
    } known[] = {
        {STR("dns"), STR("\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8")},
        {STR("url"), STR("\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8")},
        {STR("oid"), STR("\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8")},
        {STR("x500"), STR("\x6b\xa7\xb8\x14\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8")},
    };
    struct str name = func_text(call, 0), error;
    for (size_t i = 0; i < COUNT(known); i++) {
        if (str_eq(name, known[i].name)) {
            *ret_bytes = known[i].bytes;
            return true;
        }
    }
    if (parse_uuid(call->arena, name, ret_bytes, &error))
        return true;
    return func_fail(call, "uuidv5() doesn't support namespace %.*s (%.*s)", STR_ARG(name),
                     STR_ARG(error));
}

static bool run_uuidv5(struct func_call *call, struct value *ret_value) {
    uint8_t digest[DIGEST_MAX];
    struct str space;
    if (!namespace_bytes(call, &space))
        return false;
    digest_bytes(DIGEST_SHA1, str_cat(call->arena, space, func_text(call, 1)), digest);
    digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x50);
    digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
    const char *hex = digest_to_hex(call->arena, digest, 16).at;
    *ret_value = value_string_view(str_format(call->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
                                              hex + 8, hex + 12, hex + 16, hex + 20));
    return true;
}

static const struct func_param str[] = {{"str", &type_string, NULL, 0, NULL}};
static const struct func_param path[] = {{"path", &type_string, NULL, 0, NULL}};
static const struct func_param bcrypt_cost = {"cost", &type_number, NULL, 0, NULL};
static const struct func_param rsa_params[] = {{"ciphertext", &type_string, NULL, 0, NULL},
                                               {"privatekey", &type_string, NULL, 0, NULL}};
static const struct func_param uuid_params[] = {{"namespace", &type_string, NULL, 0, NULL},
                                                {"name", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"base64sha256", str, 1, .result = &type_string, .run = run_base64sha256},
    {"base64sha512", str, 1, .result = &type_string, .run = run_base64sha512},
    {"bcrypt", str, 1, &bcrypt_cost, .result = &type_string, .run = run_bcrypt, .impure = true},
    {"filebase64sha256", path, 1, .result = &type_string, .run = run_filebase64sha256},
    {"filebase64sha512", path, 1, .result = &type_string, .run = run_filebase64sha512},
    {"filemd5", path, 1, .result = &type_string, .run = run_filemd5},
    {"filesha1", path, 1, .result = &type_string, .run = run_filesha1},
    {"filesha256", path, 1, .result = &type_string, .run = run_filesha256},
    {"filesha512", path, 1, .result = &type_string, .run = run_filesha512},
    {"md5", str, 1, .result = &type_string, .run = run_md5},
    {"rsadecrypt", rsa_params, 2, .result = &type_string, .run = run_rsadecrypt},
    {"sha1", str, 1, .result = &type_string, .run = run_sha1},
    {"sha256", str, 1, .result = &type_string, .run = run_sha256},
    {"sha512", str, 1, .result = &type_string, .run = run_sha512},
    {"uuid", NULL, 0, .result = &type_string, .run = run_uuid, .impure = true},
    {"uuidv5", uuid_params, 2, .result = &type_string, .run = run_uuidv5},
};

const struct func_table func_crypto_table = {functions, COUNT(functions)};
