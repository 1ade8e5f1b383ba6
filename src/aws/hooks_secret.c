/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that the service shows once: keys, passwords, seeds; encrypted for their owner if asked.
 */
#include <ctype.h>

#include "aws/arn.h"
#include "aws/hooks.h"
#include "aws/pgp.h"
#include "aws/resource_call.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/rand.h"
#include "wire/model_ids.h"

static const struct str password_alphabet =
    STR("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%^&*()_+-=[]{}|'");

/* "Converting existing SMTP credentials": a chain of MACs over fixed words, version byte in front.
 */
static struct str smtp_password(struct op *op, struct str secret) {
    static const struct str words[] = {STR("ses"), STR("aws4_request"), STR("SendRawEmail")};
    uint8_t key[DIGEST_MAX], out[1 + DIGEST_MAX] = {4};
    struct str seed = str_cat(op->arena, S("AWS4"), secret);
    struct str region = service_settings(op->service)->region;
    size_t n = digest_hmac(DIGEST_SHA256, seed, S("11111111"), key);
    n = digest_hmac(DIGEST_SHA256, (struct str){(char *)key, n}, region, key);
    for (size_t i = 0; i < COUNT(words); i++)
        n = digest_hmac(DIGEST_SHA256, (struct str){(char *)key, n}, words[i], key);
    for (size_t i = 0; i < n; i++)
        out[1 + i] = key[i];
    return digest_to_base64(op->arena, (struct str){(char *)out, n + 1});
}

static const char *secret_frame(const struct op *op) {
    return op->resource->row->create.frame;
}

static bool encrypt(struct op *op, const struct pgp_key *key, struct str secret, struct str attr) {
    struct str message, error;
    if (!pgp_encrypt(op->arena, key, secret, &message, &error)) {
        resource_error(op, secret_frame(op), "%.*s", STR_ARG(error));
        return false;
    }
    record_set_text(&op->now, attr, digest_to_base64(op->arena, message));
    return true;
}

/* The key of pgp_key: base64, or keybase:NAME. */
static bool read_key(struct op *op, struct pgp_key *ret_key) {
    struct str error;
    if (pgp_key_read(op->arena, record_text(&op->now, S("pgp_key")), ret_key, &error))
        return true;
    resource_error(op, secret_frame(op), "%.*s", STR_ARG(error));
    return false;
}

static bool keep_key_secret(struct op *op, struct str secret) {
    struct str password = smtp_password(op, secret);
    struct pgp_key key;
    if (record_text(&op->now, S("pgp_key")).len == 0) {
        record_set_text(&op->now, S("secret"), secret);
        record_set_text(&op->now, S("ses_smtp_password_v4"), password);
        return true;
    }
    if (!read_key(op, &key))
        return false;
    record_set_text(&op->now, S("key_fingerprint"), key.fingerprint);
    return encrypt(op, &key, secret, S("encrypted_secret")) &&
           encrypt(op, &key, password, S("encrypted_ses_smtp_password_v4"));
}

bool hooks_secret_key_create(struct op *op) {
    static const struct bind in[] = {{"id", M_UpdateAccessKeyRequest_AccessKeyId},
                                     {"status", M_UpdateAccessKeyRequest_Status},
                                     {"user", M_UpdateAccessKeyRequest_UserName},
                                     {0}};
    struct call_row call = {
        .action = A_IAM_UpdateAccessKey, .in = in, .frame = "deactivating IAM Access Key ({id})"};
    struct message *answer;
    if (!keep_key_secret(op, record_text(&op->now, S(".secret"))))
        return false;
    return !str_eq(record_text(&op->now, S("status")), S("Inactive")) ||
           resource_call(op, &call, &answer);
}

/* An import knows the key only: the service knows whose it is. */
bool hooks_secret_key_find(struct op *op) {
    static const struct bind in[] = {{"id", M_GetAccessKeyLastUsedRequest_AccessKeyId}, {0}};
    struct call_row call = {.action = A_IAM_GetAccessKeyLastUsed,
                            .in = in,
                            .frame =
                                "fetching IAM Access Key ({id}) username via GetAccessKeyLastUsed",
                            .missing_is_done = true};
    struct message *answer;
    if (record_text(&op->now, S("user")).len > 0)
        return true;
    if (!resource_call(op, &call, &answer))
        return false;
    if (answer)
        record_set_text(&op->now, S("user"),
                        message_str(answer, M_GetAccessKeyLastUsedResponse_UserName));
    return true;
}

static bool four_classes(struct str password) {
    bool lower = false, upper = false, digit = false, other = false;
    for (size_t i = 0; i < password.len; i++) {
        unsigned char c = (unsigned char)password.at[i];
        lower = lower || islower(c);
        upper = upper || isupper(c);
        digit = digit || isdigit(c);
        other = other || ispunct(c);
    }
    return lower && upper && digit && other;
}

bool hooks_secret_password(struct op *op) {
    int64_t length = 20;
    struct pgp_key key;
    bool locked = record_text(&op->now, S("pgp_key")).len > 0;
    if (locked && !read_key(op, &key)) /* before anything is made */
        return false;
    value_to_int(record_get(&op->now, S("password_length")), &length);
    struct str password;
    do
        password = rand_text(op->arena, (size_t)length, password_alphabet);
    while (!four_classes(password));
    record_set_text(&op->now, S(".password"), password);
    record_set(&op->now, S(".reset"),
               value_bool(record_true(&op->now, S("password_reset_required"))));
    if (!locked) {
        record_set_text(&op->now, S("password"), password);
        return true;
    }
    record_set_text(&op->now, S("key_fingerprint"), key.fingerprint);
    return encrypt(op, &key, password, S("encrypted_password"));
}

bool hooks_secret_mfa(struct op *op) {
    record_set_text(&op->now, S("base_32_string_seed"), record_text(&op->now, S(".seed")));
    record_set_text(&op->now, S("qr_code_png"),
                    digest_to_base64(op->arena, record_text(&op->now, S(".png"))));
    return true;
}

/* mfa/PATH/NAME */
bool hooks_secret_mfa_name(struct op *op) {
    struct arn arn;
    if (!arn_parse(record_text(&op->now, S("arn")), &arn) || !str_starts(arn.resource, S("mfa/")))
        return true;
    struct str name = arn_name(arn.resource);
    record_set_text(&op->now, S("virtual_mfa_device_name"), name);
    record_set_text(&op->now, S("path"), str_slice(arn.resource, 3, arn.resource.len - name.len));
    return true;
}

bool hooks_secret_mfa_release(struct op *op) {
    static const struct bind in[] = {{"user_name", M_DeactivateMFADeviceRequest_UserName},
                                     {"arn", M_DeactivateMFADeviceRequest_SerialNumber},
                                     {0}};
    struct call_row call = {.action = A_IAM_DeactivateMFADevice,
                            .in = in,
                            .frame = "deactivating IAM Virtual MFA Device ({arn})",
                            .missing_is_done = true};
    struct message *answer;
    return record_text(&op->now, S("user_name")).len == 0 || resource_call(op, &call, &answer);
}
