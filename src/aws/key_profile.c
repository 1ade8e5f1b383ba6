/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/keychain_int.h"
#include "aws/shared_config.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "net/client.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define CHAIN_MAX 16

/* Profiles passed through by source_profile, to notice a circle. */
struct chain {
    struct str seen[CHAIN_MAX];
    size_t n;
};

static bool resolve(struct key_search *s, struct str profile, struct chain *chain,
                    struct keys *ret);

static struct str get(const struct key_search *s, struct str profile, const char *key) {
    return shared_config_get(s->settings->shared, profile, str_from(key));
}

static bool static_keys(struct key_search *s, struct str profile, struct keys *ret) {
    struct keys keys = {
        .c = {get(s, profile, "aws_access_key_id"), get(s, profile, "aws_secret_access_key"),
              get(s, profile, "aws_session_token")},
        .source = str_format(s->arena, "SharedConfigCredentials: profile %.*s", STR_ARG(profile)),
    };
    if (keys.c.access_key_id.len == 0 || keys.c.secret_access_key.len == 0)
        return false;
    *ret = keys;
    return true;
}

/* credential_process: a command of the user's own config that prints JSON, version 1. */
static bool from_process(struct key_search *s, struct str command, struct keys *ret) {
    FILE *pipe = popen(str_c(s->arena, command), "r");
    if (!pipe) {
        s->error = str_format(s->arena, "running credential_process: %.*s",
                              STR_ARG(fs_error_text(s->arena, errno)));
        return false;
    }
    struct str output;
    int error = fs_read_fd(s->arena, fileno(pipe), OUTPUT_MAX, &output);
    int status = pclose(pipe);
    if (error != 0 || status != 0) {
        s->error =
            str_format(s->arena, "credential_process failed with exit status %d", status >> 8);
        return false;
    }
    if (!key_metadata_parse(s, output, S("SessionToken"), ret))
        return false;
    ret->source = S("ProcessProvider");
    return true;
}

/* The access token that `aws sso login` left in the cache, named by the SHA-1 of session or URL. */
static bool sso_token(struct key_search *s, struct str key, struct str *ret_token) {
    struct str name = digest_hex(s->arena, DIGEST_SHA1, key);
    struct str path = str_format(s->arena, "%.*s/.aws/sso/cache/%.*s.json",
                                 STR_ARG(settings_env("HOME")), STR_ARG(name));
    struct str text;
    struct json_error error;
    struct json *json = NULL;
    if (fs_read(s->arena, path, OUTPUT_MAX, &text) == 0)
        json = json_parse(s->arena, text, &error);
    int64_t expires = 0;
    if (json && json->kind == JSON_OBJECT &&
        clock_parse(json_get_str(json, S("expiresAt")), &expires) && expires > clock_now_ms()) {
        *ret_token = json_get_str(json, S("accessToken"));
        return true;
    }
    s->error = str_format(s->arena,
                          "the SSO session has expired or is invalid: no token in %.*s; run `aws "
                          "sso login`",
                          STR_ARG(path));
    return false;
}

static bool from_sso(struct key_search *s, struct str profile, struct keys *ret) {
    const struct shared_config *shared = s->settings->shared;
    struct str session = get(s, profile, "sso_session");
    struct str url = session.len > 0 ? shared_config_sso(shared, session, S("sso_start_url"))
                                     : get(s, profile, "sso_start_url");
    struct str region = session.len > 0 ? shared_config_sso(shared, session, S("sso_region"))
                                        : get(s, profile, "sso_region");
    struct str token, body, ignored_error;
    if (!sso_token(s, session.len > 0 ? session : url, &token))
        return false;
    struct str request =
        str_format(s->arena,
                   "https://portal.sso.%.*s.amazonaws.com/federation/credentials?role_name=%.*s"
                   "&account_id=%.*s",
                   STR_ARG(region), STR_ARG(get(s, profile, "sso_role_name")),
                   STR_ARG(get(s, profile, "sso_account_id")));
    struct client *client = api_client(s->api, s->arena, &ignored_error);
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

static bool from_source(struct key_search *s, struct str source, struct keys *ret) {
    bool present;
    if (str_eq(source, S("Environment"))) {
        *ret = (struct keys){.c = {settings_env("AWS_ACCESS_KEY_ID"),
                                   settings_env("AWS_SECRET_ACCESS_KEY"),
                                   settings_env("AWS_SESSION_TOKEN")}};
        s->error = S("credential_source = Environment, but AWS_ACCESS_KEY_ID is not set");
        return ret->c.access_key_id.len > 0;
    }
    if (str_eq(source, S("Ec2InstanceMetadata")))
        return key_metadata_instance(s, ret);
    if (str_eq(source, S("EcsContainer"))) {
        s->error = S("credential_source = EcsContainer, but no container credentials are set up");
        return key_metadata_container(s, ret, &present);
    }
    s->error = str_format(s->arena, "invalid credential_source \"%.*s\"", STR_ARG(source));
    return false;
}

/* An MFA code from the terminal, where there is one. */
static bool ask_code(struct key_search *s, struct str serial, struct str *ret_code) {
    s->error =
        S("assume role with MFA enabled, but AssumeRoleTokenProvider session option not set");
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return false;
    FILE *terminal = fopen("/dev/tty", "r+");
    if (!terminal)
        return false;
    char line[32];
    fprintf(terminal, "MFA code for %.*s: ", STR_ARG(serial));
    fflush(terminal);
    bool got = fgets(line, sizeof line, terminal) != NULL;
    fclose(terminal);
    if (got)
        *ret_code = str_dup(s->arena, str_trim(str_from(line)));
    return got;
}

static bool from_role(struct key_search *s, struct str profile, struct str role_arn,
                      struct chain *chain, struct keys *ret) {
    struct str source = get(s, profile, "source_profile");
    struct str kind = get(s, profile, "credential_source");
    struct str file = get(s, profile, "web_identity_token_file");
    struct settings_role role = {
        .role_arn = role_arn,
        .session_name = get(s, profile, "role_session_name"),
        .external_id = get(s, profile, "external_id"),
        .web_token_file = file,
        .duration_s = strtol(str_c(s->arena, get(s, profile, "duration_seconds")), NULL, 10),
        .mfa_serial = get(s, profile, "mfa_serial"),
    };
    if (file.len > 0)
        return key_role_web(s, &role, ret);
    struct keys with;
    if (source.len > 0) {
        bool own = str_eq(source, profile) && static_keys(s, profile, &with);
        if (!own && !resolve(s, source, chain, &with))
            return false;
    } else if (kind.len > 0) {
        if (!from_source(s, kind, &with))
            return false;
    } else {
        s->error = str_format(s->arena,
                              "profile \"%.*s\" has role_arn but neither source_profile nor "
                              "credential_source",
                              STR_ARG(profile));
        return false;
    }
    if (role.mfa_serial.len > 0 && !ask_code(s, role.mfa_serial, &role.mfa_code))
        return false;
    return key_role_assume(s, &role, &with, ret);
}

static bool resolve(struct key_search *s, struct str profile, struct chain *chain,
                    struct keys *ret) {
    for (size_t i = 0; i < chain->n; i++)
        if (str_eq(chain->seen[i], profile) || chain->n == CHAIN_MAX) {
            s->error = str_format(s->arena, "profile \"%.*s\" refers to itself by source_profile",
                                  STR_ARG(profile));
            return static_keys(s, profile, ret);
        }
    if (!shared_config_has(s->settings->shared, profile)) {
        s->error =
            str_format(s->arena, "failed to get shared config profile, %.*s", STR_ARG(profile));
        return false;
    }
    bool first = chain->n == 0;
    chain->seen[chain->n++] = profile;
    struct str role_arn = get(s, profile, "role_arn");
    struct str process = get(s, profile, "credential_process");
    if ((!first || role_arn.len == 0) && static_keys(s, profile, ret))
        return true;
    if (get(s, profile, "sso_session").len > 0 || get(s, profile, "sso_account_id").len > 0)
        return from_sso(s, profile, ret);
    if (role_arn.len > 0)
        return from_role(s, profile, role_arn, chain, ret);
    if (process.len > 0)
        return from_process(s, process, ret);
    s->error = str_format(s->arena, "profile \"%.*s\" has no credentials", STR_ARG(profile));
    return false;
}

bool key_profile(struct key_search *s, struct str profile, struct keys *ret) {
    struct chain chain = {0};
    return resolve(s, profile, &chain, ret);
}
