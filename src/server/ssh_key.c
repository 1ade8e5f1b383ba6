/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ssh_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "server/ident.h"
#include "server/owned.h"
#include "server/server_int.h"

/* ---- encodings ---- */

/* A length and so many bytes of the SSH wire format (RFC 4253 section 6.6). */
static bool take_string(struct str *rest, struct str *ret_part) {
    const unsigned char *p = (const unsigned char *)rest->at;
    if (rest->len < 4)
        return false;
    size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (n > rest->len - 4)
        return false;
    *ret_part = str_slice(*rest, 4, 4 + n);
    *rest = str_slice(*rest, 4 + n, rest->len);
    return true;
}

static void add_string(struct buf *out, struct str bytes) {
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (char)(bytes.len >> shift));
    buf_add(out, bytes);
}

static void add_number(struct buf *out, struct arena *arena, const BIGNUM *n) {
    size_t len = (size_t)BN_num_bytes(n);
    char *bytes = arena_bytes(arena, len + 1);
    bytes[0] = 0;
    BN_bn2bin(n, (unsigned char *)bytes + 1);
    bool sign = len && (bytes[1] & 0x80);
    add_string(out, (struct str){bytes + !sign, len + sign});
}

/* "ssh-rsa AAAA... comment" to the blob. */
static bool blob_of_text(struct arena *arena, struct str text, struct str *ret_blob) {
    struct str type, base64, inner, rest;
    if (!str_split(&text, ' ', &type) || !text.at || !str_split(&text, ' ', &base64))
        return false;
    if (!digest_from_base64(arena, base64, ret_blob))
        return false;
    rest = *ret_blob;
    return take_string(&rest, &inner) && str_eq(inner, type) && str_eq(type, S("ssh-rsa"));
}

static bool blob_of_pem(struct arena *arena, struct str pem, struct str *ret_blob) {
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    BIGNUM *n = NULL, *e = NULL;
    bool ok = key && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
              EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1;
    if (ok) {
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        add_string(&out, S("ssh-rsa"));
        add_number(&out, arena, e);
        add_number(&out, arena, n);
        *ret_blob = buf_take(&out, arena);
    }
    BN_free(n);
    BN_free(e);
    EVP_PKEY_free(key);
    BIO_free(bio);
    ERR_clear_error();
    return ok;
}

/* The public key as an EVP_PKEY, or NULL. */
static EVP_PKEY *key_of_blob(struct str blob) {
    struct str type, e, n, rest = blob;
    EVP_PKEY *key = NULL;
    if (!take_string(&rest, &type) || !take_string(&rest, &e) || !take_string(&rest, &n))
        return NULL;
    BIGNUM *bn_e = BN_bin2bn((const unsigned char *)e.at, (int)e.len, NULL);
    BIGNUM *bn_n = BN_bin2bn((const unsigned char *)n.at, (int)n.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn_n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, bn_e) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    if (params && context && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    BN_free(bn_e);
    BN_free(bn_n);
    ERR_clear_error();
    return key;
}

static struct str pem_of_blob(struct arena *arena, struct str blob) {
    EVP_PKEY *key = key_of_blob(blob);
    BIO *bio = BIO_new(BIO_s_mem());
    struct str pem = S("");
    char *text;
    if (key && bio && PEM_write_bio_PUBKEY(bio, key) == 1) {
        long len = BIO_get_mem_data(bio, &text);
        pem = str_dup(arena, (struct str){text, (size_t)len});
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static struct str fingerprint(struct arena *arena, struct str blob) {
    struct str hex = digest_hex(arena, DIGEST_MD5, blob);
    struct buf out;
    buf_init(&out, 64);
    for (size_t i = 0; i < hex.len; i += 2) {
        if (i)
            buf_byte(&out, ':');
        buf_add(&out, str_slice(hex, i, i + 2));
    }
    return buf_take(&out, arena);
}

/* ---- handlers ---- */

static bool already_there(struct call *call, const struct entity *user, struct str print) {
    struct entity_page have = entity_owned(call->tx, call->arena, user->id, KIND_SSH_KEY, S(""), 0);
    for (size_t i = 0; i < have.n; i++)
        if (str_eq(message_str(kind_body(call, &have.items[i]), M_SSHPublicKey_Fingerprint), print))
            return true;
    return false;
}

bool ssh_key_upload(struct call *call) {
    struct str text = message_str(call->request, M_UploadSSHPublicKeyRequest_SSHPublicKeyBody);
    struct entity *user = owned_user(call, M_UploadSSHPublicKeyRequest_UserName);
    bool pem = str_starts(text, S("-----BEGIN"));
    struct str blob;
    if (!user || !kind_within(call, "PublicKeysPerUser",
                              entity_count_owned(call->tx, user->id, KIND_SSH_KEY)))
        return false;
    if (!pem && !str_starts(text, S("ssh-")))
        return call_fail(call, FAULT_UNRECOGNIZED_KEY_ENCODING, "Invalid public key uploaded.");
    bool valid =
        pem ? blob_of_pem(call->arena, text, &blob) : blob_of_text(call->arena, text, &blob);
    if (!valid && !call->server->permissive)
        return call_fail(call, FAULT_INVALID_PUBLIC_KEY, "The public key is invalid.");
    if (!valid)
        blob = text;
    struct str print = fingerprint(call->arena, blob);
    if (already_there(call, user, print))
        return call_fail(call, FAULT_DUPLICATE_SSH_KEY,
                         "SSH public key body already exists for this user.");
    struct message *key =
        message_make(call->arena, call->response, M_UploadSSHPublicKeyResponse_SSHPublicKey);
    struct str id = str_slice(ident_new(call->arena, "APKA"), 0, 20);
    message_set_str(key, M_SSHPublicKey_UserName, user->name);
    message_set_str(key, M_SSHPublicKey_SSHPublicKeyId, id);
    message_set_str(key, M_SSHPublicKey_Fingerprint, print);
    message_set_str(key, M_SSHPublicKey_SSHPublicKeyBody, text);
    message_set_str(key, M_SSHPublicKey_Status, S("Active"));
    owned_add(call, user, KIND_SSH_KEY, id, key, S(""));
    message_set_int(key, M_SSHPublicKey_UploadDate, call->now_ms);
    return true;
}

/* Converts the stored body to the encoding that is asked for, if it is not that already. */
static struct str encoded(struct call *call, struct str body, bool as_pem) {
    struct str blob;
    bool is_pem = str_starts(body, S("-----BEGIN"));
    if (is_pem == as_pem)
        return body;
    if (!(is_pem ? blob_of_pem(call->arena, body, &blob) : blob_of_text(call->arena, body, &blob)))
        return body;
    return as_pem ? pem_of_blob(call->arena, blob)
                  : str_cat(call->arena, S("ssh-rsa "), digest_to_base64(call->arena, blob));
}

bool ssh_key_get(struct call *call) {
    const struct message *request = call->request;
    struct entity *user = owned_user(call, M_GetSSHPublicKeyRequest_UserName);
    struct entity *key =
        user ? owned_child(call, user, KIND_SSH_KEY,
                           message_str(request, M_GetSSHPublicKeyRequest_SSHPublicKeyId))
             : NULL;
    if (!key)
        return false;
    struct message *to =
        message_make(call->arena, call->response, M_GetSSHPublicKeyResponse_SSHPublicKey);
    kind_describe(call, key, to);
    bool pem = str_eq(message_str(request, M_GetSSHPublicKeyRequest_Encoding), S("PEM"));
    message_set_str(to, M_SSHPublicKey_SSHPublicKeyBody,
                    encoded(call, message_str(to, M_SSHPublicKey_SSHPublicKeyBody), pem));
    return true;
}
