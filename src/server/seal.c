/* SPDX-License-Identifier: Apache-2.0 */
#include "server/seal.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/rand.h"

#define NONCE 12
#define TAG 16

void seal_random(struct seal *seal) {
    rand_bytes(seal->key, sizeof seal->key);
}

bool seal_open(struct seal *seal, struct str file, struct arena *scratch, struct str *ret_error) {
    struct str text, key;
    int error = fs_read(scratch, file, 4096, &text);
    if (error == ENOENT) {
        seal_random(seal);
        text = str_cat(scratch, digest_to_hex(scratch, seal->key, sizeof seal->key), S("\n"));
        error = fs_write_atomic(file, text, 0600);
    }
    if (error) {
        *ret_error = str_format(scratch, "cannot open key file %.*s: %.*s", STR_ARG(file),
                                STR_ARG(fs_error_text(scratch, error)));
        return false;
    }
    if (!digest_from_hex(scratch, str_trim(text), &key) || key.len != sizeof seal->key) {
        *ret_error = str_format(scratch, "key file %.*s is damaged", STR_ARG(file));
        return false;
    }
    memcpy(seal->key, key.at, key.len);
    return true;
}

struct str seal_text(const struct seal *seal, struct arena *arena, struct str plain) {
    size_t total = NONCE + plain.len + TAG;
    uint8_t *out = (uint8_t *)arena_bytes(arena, total);
    int n = 0, rest = 0;
    rand_bytes(out, NONCE);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, seal->key, out) != 1 ||
        EVP_EncryptUpdate(context, out + NONCE, &n, (const uint8_t *)plain.at, (int)plain.len) !=
            1 ||
        EVP_EncryptFinal_ex(context, out + NONCE + n, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, out + NONCE + plain.len) != 1)
        bug("AES-256-GCM failed");
    EVP_CIPHER_CTX_free(context);
    return digest_to_base64(arena, (struct str){(char *)out, total});
}

bool seal_unseal(const struct seal *seal, struct arena *arena, struct str sealed,
                 struct str *ret_plain) {
    struct str bytes;
    int n = 0, rest = 0;
    if (!digest_from_base64(arena, sealed, &bytes) || bytes.len < NONCE + TAG)
        return false;
    const uint8_t *in = (const uint8_t *)bytes.at;
    size_t len = bytes.len - NONCE - TAG;
    uint8_t *out = (uint8_t *)arena_bytes(arena, len + 1);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool ok = context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, seal->key, in) == 1 &&
              EVP_DecryptUpdate(context, out, &n, in + NONCE, (int)len) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG,
                                  (void *)(uintptr_t)(in + NONCE + len)) == 1 &&
              EVP_DecryptFinal_ex(context, out + n, &rest) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!ok)
        return false;
    out[len] = 0;
    *ret_plain = (struct str){(char *)out, len};
    return true;
}
