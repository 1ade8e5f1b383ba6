/* SPDX-License-Identifier: Apache-2.0 */
#include "server/issuer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/rand.h"
#include "server/jwt.h"
#include "server/server_int.h"
#include "store/setting.h"

#define ISSUER S("outbound-issuer")
#define TOKEN_KEY S("token-key:")
#define SCHEME S("https://")
#define TOKEN_DEFAULT_S 300

static const struct str algorithms[] = {STR("RS256"), STR("ES384")};

/* ---- the issuer ---- */

static bool issuer_of(struct call *call, struct str *ret_issuer) {
    return setting_get(call->tx, call->arena, call->account, ISSUER, ret_issuer);
}

bool issuer_enable(struct call *call) {
    struct str issuer;
    if (issuer_of(call, &issuer))
        return call_fail(call, FAULT_FEATURE_ENABLED,
                         "Outbound Web Identity Federation is already enabled for this account.");
    issuer = str_format(call->arena, "https://%.*s.tokens.sts.global.api.aws",
                        STR_ARG(rand_uuid(call->arena)));
    setting_put(call->tx, call->account, ISSUER, issuer);
    message_set_str(call->response, M_EnableOutboundWebIdentityFederationResponse_IssuerIdentifier,
                    issuer);
    return true;
}

static bool disabled(struct call *call) {
    return call_fail(call, FAULT_FEATURE_DISABLED,
                     "Outbound Web Identity Federation is not enabled for this account.");
}

bool issuer_disable(struct call *call) {
    struct str issuer;
    if (!issuer_of(call, &issuer))
        return disabled(call);
    setting_delete(call->tx, call->account, ISSUER);
    return true;
}

bool issuer_info(struct call *call) {
    struct str issuer;
    if (!issuer_of(call, &issuer))
        return disabled(call);
    message_set_str(call->response, M_GetOutboundWebIdentityFederationInfoResponse_IssuerIdentifier,
                    issuer);
    message_set_bool(call->response,
                     M_GetOutboundWebIdentityFederationInfoResponse_JwtVendingEnabled, true);
    return true;
}

/* ---- keys ---- */

/* One key an algorithm and account, made when first needed. */
static struct str signing_key(struct call *call, struct str algorithm) {
    struct str name = str_cat(call->arena, TOKEN_KEY, algorithm), sealed, pem;
    if (setting_get(call->tx, call->arena, call->account, name, &sealed) &&
        seal_unseal(&call->server->seal, call->arena, sealed, &pem))
        return pem;
    pem = jwt_new_key(call->arena, algorithm);
    setting_put(call->tx, call->account, name, seal_text(&call->server->seal, call->arena, pem));
    return pem;
}

static struct str key_id(struct arena *arena, struct str pem) {
    return str_slice(digest_hex(arena, DIGEST_SHA256, pem), 0, 16);
}

/* The public halves of the keys that an account has signed with so far, as a JWK set. */
static struct str key_set(struct server *server, struct store_tx *tx, struct arena *arena,
                          struct str account) {
    struct str sealed, pem, keys = S("");
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (setting_get(tx, arena, account, str_cat(arena, TOKEN_KEY, algorithms[i]), &sealed) &&
            seal_unseal(&server->seal, arena, sealed, &pem))
            keys =
                str_format(arena, "%.*s%s%.*s", STR_ARG(keys), keys.len ? "," : "",
                           STR_ARG(jwt_public_key(arena, pem, algorithms[i], key_id(arena, pem))));
    return str_format(arena, "{\"keys\":[%.*s]}", STR_ARG(keys));
}

bool issuer_own_keys(struct call *call, struct str issuer, struct str *ret_jwks) {
    struct str account =
        setting_owner(call->tx, call->arena, ISSUER, str_cat(call->arena, SCHEME, issuer));
    if (account.len)
        *ret_jwks = key_set(call->server, call->tx, call->arena, account);
    return account.len > 0;
}

static struct str configuration(struct arena *arena, struct str issuer) {
    return str_format(arena,
                      "{\"issuer\":\"%.*s\",\"jwks_uri\":\"%.*s/.well-known/jwks.json\","
                      "\"response_types_supported\":[\"id_token\"],"
                      "\"subject_types_supported\":[\"public\"],"
                      "\"id_token_signing_alg_values_supported\":[\"RS256\",\"ES384\"]}",
                      STR_ARG(issuer), STR_ARG(issuer));
}

static struct str asked_host(const struct http_request *http) {
    for (size_t i = 0; i < http->n_headers; i++)
        if (str_eq_nocase(http->headers[i].name, S("host")))
            return http->headers[i].value;
    return S("");
}

/* By the name that was asked for, or, where names lead nowhere, the server's first account. */
static struct str published_account(struct server *server, struct store_tx *tx, struct arena *arena,
                                    const struct http_request *http, struct str *ret_issuer) {
    *ret_issuer = str_cat(arena, SCHEME, asked_host(http));
    struct str account = setting_owner(tx, arena, ISSUER, *ret_issuer);
    if (!account.len && setting_get(tx, arena, server->account, ISSUER, ret_issuer))
        account = server->account;
    return account;
}

bool issuer_publish(struct server *server, struct arena *arena, const struct http_request *http,
                    struct str *ret_document) {
    bool keys = str_eq(http->path, S("/.well-known/jwks.json"));
    struct str issuer;
    if (!keys && !str_eq(http->path, S("/.well-known/openid-configuration")))
        return false;
    struct store_tx *tx = store_begin(server->store, false);
    struct str account = published_account(server, tx, arena, http, &issuer);
    if (account.len)
        *ret_document = keys ? key_set(server, tx, arena, account) : configuration(arena, issuer);
    store_rollback(tx);
    return account.len > 0;
}

/* ---- tokens ---- */

static struct str token_payload(struct call *call, struct str issuer, int64_t seconds) {
    const struct message *request = call->request;
    int64_t now_s = call->now_ms / 1000, until_s = now_s + seconds;
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "{\"iss\":");
    json_write_string(&out, issuer, false);
    buf_add_c(&out, ",\"sub\":");
    json_write_string(&out, call->caller.arn, false);
    buf_add_c(&out, ",\"aud\":[");
    for (size_t i = 0; i < message_count(request, M_GetWebIdentityTokenRequest_Audience); i++) {
        if (i)
            buf_byte(&out, ',');
        json_write_string(&out, message_str_at(request, M_GetWebIdentityTokenRequest_Audience, i),
                          false);
    }
    buf_addf(&out, "],\"iat\":%lld,\"exp\":%lld,\"jti\":\"%.*s\"", (long long)now_s,
             (long long)until_s, STR_ARG(rand_uuid(call->arena)));
    buf_add_c(&out, ",\"https://sts.amazonaws.com/\":{\"aws_account\":");
    json_write_string(&out, call->account, false);
    buf_add_c(&out, ",\"request_tags\":{");
    for (size_t i = 0; i < message_count(request, M_GetWebIdentityTokenRequest_Tags); i++) {
        const struct message *tag = message_at(request, M_GetWebIdentityTokenRequest_Tags, i);
        if (i)
            buf_byte(&out, ',');
        json_write_string(&out, message_str(tag, M_Tag_Key), false);
        buf_byte(&out, ':');
        json_write_string(&out, message_str(tag, M_Tag_Value), false);
    }
    buf_add_c(&out, "}}}");
    return buf_take(&out, call->arena);
}

bool issuer_issue_token(struct call *call) {
    const struct message *request = call->request;
    struct str algorithm = message_str(request, M_GetWebIdentityTokenRequest_SigningAlgorithm);
    struct str issuer;
    int64_t seconds = message_has(request, M_GetWebIdentityTokenRequest_DurationSeconds)
                          ? message_int(request, M_GetWebIdentityTokenRequest_DurationSeconds)
                          : TOKEN_DEFAULT_S;
    if (!issuer_of(call, &issuer))
        return call_fail(call, FAULT_OUTBOUND_FEDERATION_DISABLED,
                         "Outbound web identity federation is not enabled for this account.");
    if (!str_eq(algorithm, S("RS256")) && !str_eq(algorithm, S("ES384")))
        return call_fail(call, FAULT_VALIDATION, "Signing algorithm must be RS256 or ES384");
    struct str pem = signing_key(call, algorithm);
    struct str token = jwt_sign(call->arena, token_payload(call, issuer, seconds), algorithm, pem,
                                key_id(call->arena, pem));
    message_set_str(call->response, M_GetWebIdentityTokenResponse_WebIdentityToken, token);
    message_set_int(call->response, M_GetWebIdentityTokenResponse_Expiration,
                    call->now_ms + seconds * 1000);
    return true;
}
