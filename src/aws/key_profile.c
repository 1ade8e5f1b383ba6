/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/keychain_int.h"
#include "aws/shared_config.h"
#include "base/arena.h"
#include "base/fs.h"

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
    bool sso = get(s, profile, "sso_session").len > 0 || get(s, profile, "sso_account_id").len > 0;
    s->configured = sso || role_arn.len > 0 || process.len > 0;
    if (sso)
        return key_sso(s, profile, ret);
    if (role_arn.len > 0)
        return from_role(s, profile, role_arn, chain, ret);
    if (process.len > 0)
        return from_process(s, process, ret);
    s->configured = get(s, profile, "aws_access_key_id").len > 0 ||
                    get(s, profile, "aws_secret_access_key").len > 0;
    s->error = str_format(s->arena,
                          s->configured ? "partial credentials found for profile %.*s"
                                        : "profile \"%.*s\" has no credentials",
                          STR_ARG(profile));
    return false;
}

bool key_profile(struct key_search *s, struct str profile, struct keys *ret) {
    struct chain chain = {0};
    return resolve(s, profile, &chain, ret);
}
