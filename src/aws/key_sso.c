/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IAM Identity Center. `aws sso login` leaves an access token in ~/.aws/sso/cache, in a file named
 * by the SHA-1 of the session or, in older profiles, of the start URL. A session's token that has
 * expired is renewed with the refresh token beside it, and the file with it, as the SDKs do.
 */
#include "aws/keychain_int.h"
#include "aws/shared_config.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "net/client.h"

#define FILE_MAX ((size_t)1 << 20)

/* What a profile says of its sign-on. */
struct sso {
    struct str session; /* empty: the older form */
    struct str url, region, account, role;
    struct str path; /* of the token file */
};

static void read_sso(struct key_search *s, struct str profile, struct sso *ret) {
    const struct shared_config *shared = s->settings->shared;
    struct sso sso = {.session = shared_config_get(shared, profile, S("sso_session")),
                      .account = shared_config_get(shared, profile, S("sso_account_id")),
                      .role = shared_config_get(shared, profile, S("sso_role_name"))};
    bool session = sso.session.len > 0;
    sso.url = session ? shared_config_sso(shared, sso.session, S("sso_start_url"))
                      : shared_config_get(shared, profile, S("sso_start_url"));
    sso.region = session ? shared_config_sso(shared, sso.session, S("sso_region"))
                         : shared_config_get(shared, profile, S("sso_region"));
    struct str name = digest_hex(s->arena, DIGEST_SHA1, session ? sso.session : sso.url);
    sso.path = str_format(s->arena, "%.*s/.aws/sso/cache/%.*s.json", STR_ARG(settings_env("HOME")),
                          STR_ARG(name));
    *ret = sso;
}

/* A service's address: configured, or the public one. */
static struct str address(struct key_search *s, const char *upper, const char *service,
                          struct str from_block, const char *host, struct str region) {
    struct str url = api_other_url(s->api, s->arena, upper, str_from(service), from_block);
    return url.len > 0
               ? url
               : str_format(s->arena, "https://%s.%.*s.amazonaws.com", host, STR_ARG(region));
}

static void member(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    json_write_string(out, text, false);
}

/* The file again, with what the service gave; its other members stay. */
static void keep(struct key_search *s, const struct sso *sso, const struct json *old,
                 struct str token, struct str refresh, int64_t expires_ms) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_byte(&out, '{');
    for (size_t i = 0; i < old->n; i++) {
        struct str name = old->members[i].name;
        if (str_eq(name, S("accessToken")) || str_eq(name, S("refreshToken")) ||
            str_eq(name, S("expiresAt")) || old->members[i].value.kind != JSON_STRING)
            continue;
        member(&out, str_c(s->arena, name), old->members[i].value.text);
    }
    member(&out, "accessToken", token);
    member(&out, "refreshToken", refresh);
    member(&out, "expiresAt", clock_rfc3339(s->arena, expires_ms));
    buf_byte(&out, '}');
    /* A cache: when it cannot be written the token serves this run all the same. */
    fs_write_atomic(sso->path, buf_take(&out, s->arena), 0600);
}

static bool renew(struct key_search *s, const struct sso *sso, const struct json *old,
                  struct str *ret_token) {
    struct str refresh = json_get_str(old, S("refreshToken")), ignored_error;
    struct str client_id = json_get_str(old, S("clientId"));
    if (sso->session.len == 0 || refresh.len == 0 || client_id.len == 0)
        return false;
    struct buf body;
    buf_init(&body, BUF_MAX_TEXT);
    buf_byte(&body, '{');
    member(&body, "clientId", client_id);
    member(&body, "clientSecret", json_get_str(old, S("clientSecret")));
    member(&body, "grantType", S("refresh_token"));
    member(&body, "refreshToken", refresh);
    buf_byte(&body, '}');
    struct client_header type = {S("Content-Type"), S("application/json")};
    struct str url = address(s, "SSO_OIDC", "sso_oidc", S(""), "oidc", sso->region);
    struct client_request request = {.method = S("POST"),
                                     .url = str_cat(s->arena, url, S("/token")),
                                     .headers = &type,
                                     .n_headers = 1,
                                     .body = buf_take(&body, s->arena),
                                     .max_body = FILE_MAX};
    struct client_response response;
    struct json_error syntax;
    bool may_retry;
    struct client *client = api_client(s->api, s->arena, &ignored_error);
    if (!client ||
        !client_send(client, s->arena, &request, &response, &ignored_error, &may_retry) ||
        response.status != 200)
        return false;
    const struct json *json = json_parse(s->arena, response.body, &syntax);
    struct str token = json ? json_get_str(json, S("accessToken")) : S("");
    int64_t seconds = 0;
    if (token.len == 0 || !json_get_int(json, S("expiresIn"), &seconds) || seconds <= 0 ||
        seconds > INT32_MAX)
        return false;
    struct str next = json_get_str(json, S("refreshToken"));
    keep(s, sso, old, token, next.len > 0 ? next : refresh, clock_now_ms() + seconds * 1000);
    *ret_token = token;
    return true;
}

static bool find_token(struct key_search *s, const struct sso *sso, struct str *ret_token) {
    struct str text;
    struct json_error error;
    struct json *json = NULL;
    int64_t expires = 0;
    if (fs_read(s->arena, sso->path, FILE_MAX, &text) == 0)
        json = json_parse(s->arena, text, &error);
    if (json && json->kind == JSON_OBJECT) {
        if (clock_parse(json_get_str(json, S("expiresAt")), &expires) && expires > clock_now_ms()) {
            *ret_token = json_get_str(json, S("accessToken"));
            return true;
        }
        if (renew(s, sso, json, ret_token))
            return true;
    }
    s->error = str_format(s->arena,
                          "the SSO session has expired or is invalid: no token in %.*s; run `aws "
                          "sso login`",
                          STR_ARG(sso->path));
    return false;
}

bool key_sso(struct key_search *s, struct str profile, struct keys *ret) {
    struct sso sso;
    struct str token, body;
    read_sso(s, profile, &sso);
    if (!find_token(s, &sso, &token))
        return false;
    struct str url = address(s, "SSO", "sso", s->settings->endpoint_sso, "portal.sso", sso.region);
    struct str request =
        str_format(s->arena, "%.*s/federation/credentials?role_name=%.*s&account_id=%.*s",
                   STR_ARG(url), STR_ARG(sso.role), STR_ARG(sso.account));
    struct client *client = api_client(s->api, s->arena, &s->error);
    if (!key_metadata_get(s, client, S("GET"), request, S("x-amz-sso_bearer_token"), token, &body))
        return false;
    struct json_error error;
    struct json *json = json_parse(s->arena, body, &error);
    struct json *role = json ? json_get(json, S("roleCredentials")) : NULL;
    if (!role) {
        s->error = S("the SSO portal's answer has no roleCredentials");
        return false;
    }
    *ret = (struct keys){
        .c = {json_get_str(role, S("accessKeyId")), json_get_str(role, S("secretAccessKey")),
              json_get_str(role, S("sessionToken"))},
        .source = S("SSOProvider"),
    };
    json_get_int(role, S("expiration"), &ret->expires_ms);
    return true;
}
