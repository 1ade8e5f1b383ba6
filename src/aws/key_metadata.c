/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/keychain_int.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "net/client.h"

#define ANSWER_MAX ((size_t)1 << 20)

static const struct str container_host = STR("http://169.254.170.2");
static const struct str instance_host = STR("http://169.254.169.254");
static const struct str instance_host_v6 = STR("http://[fd00:ec2::254]");

bool key_metadata_parse(struct key_search *s, struct str text, struct str token_name,
                        struct keys *ret) {
    struct json_error error;
    struct json *json = json_parse(s->arena, text, &error);
    if (!json || json->kind != JSON_OBJECT) {
        s->error = S("the answer is not a JSON object");
        return false;
    }
    struct keys keys = {
        .c = {json_get_str(json, S("AccessKeyId")), json_get_str(json, S("SecretAccessKey")),
              json_get_str(json, token_name)},
    };
    struct str expires = json_get_str(json, S("Expiration"));
    if (keys.c.access_key_id.len == 0 || keys.c.secret_access_key.len == 0) {
        s->error = S("the answer has no AccessKeyId and SecretAccessKey");
        return false;
    }
    if (expires.len > 0 && !clock_parse(expires, &keys.expires_ms)) {
        s->error = str_format(s->arena, "invalid Expiration \"%.*s\"", STR_ARG(expires));
        return false;
    }
    *ret = keys;
    return true;
}

bool key_metadata_get(struct key_search *s, struct client *client, struct str method,
                      struct str url, struct str header, struct str value, struct str *ret_body) {
    struct client_header h = {header, value};
    struct client_request request = {
        .method = method,
        .url = url,
        .headers = &h,
        .n_headers = header.len > 0 ? 1 : 0,
        .max_body = ANSWER_MAX,
    };
    struct client_response response;
    bool may_retry;
    if (!client) /* s->error says why it could not be made */
        return false;
    if (!client_send(client, s->arena, &request, &response, &s->error, &may_retry))
        return false;
    if (response.status != 200) {
        s->error = str_format(s->arena, "%.*s answered HTTP %d", STR_ARG(url), response.status);
        return false;
    }
    *ret_body = response.body;
    return true;
}

static struct client *metadata_client(struct key_search *s) {
    struct client_options options = {.connect_timeout_ms = 1000,
                                     .timeout_ms = 5000,
                                     .no_proxy = S("*"),
                                     .user_agent = S("loam/0.1.0")};
    if (!*s->metadata)
        *s->metadata = client_new(&options, s->arena, &s->error);
    return *s->metadata;
}

/* Only this machine and the addresses of ECS and EKS are given the token without encryption. */
static bool host_allowed(struct str url) {
    static const struct str hosts[] = {STR("localhost"), STR("[::1]"), STR("169.254.170.2"),
                                       STR("169.254.170.23"), STR("[fd00:ec2::23]")};
    static const struct str plain = STR("http://");
    if (!str_starts(url, plain))
        return str_starts(url, S("https://"));
    struct str host = str_slice(url, plain.len, url.len);
    ptrdiff_t slash = str_find_byte(host, '/');
    if (slash >= 0)
        host = str_slice(host, 0, (size_t)slash);
    ptrdiff_t bracket = str_rfind_byte(host, ']'), colon = str_rfind_byte(host, ':');
    if (colon > bracket)
        host = str_slice(host, 0, (size_t)colon);
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (str_eq(host, hosts[i]))
            return true;
    for (size_t i = 0; i < host.len; i++)
        if (host.at[i] != '.' && (host.at[i] < '0' || host.at[i] > '9'))
            return false;
    return str_starts(host, S("127."));
}

bool key_metadata_container(struct key_search *s, struct keys *ret, bool *ret_present) {
    struct str relative = settings_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct str full = settings_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    *ret_present = relative.len > 0 || full.len > 0;
    if (!*ret_present)
        return false;
    struct str url = relative.len > 0 ? str_cat(s->arena, container_host, relative) : full;
    if (!host_allowed(url)) {
        s->error = str_format(s->arena,
                              "invalid endpoint %.*s: only HTTPS and loopback, ECS and EKS hosts "
                              "are allowed",
                              STR_ARG(url));
        return false;
    }
    struct str token = settings_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct str file = settings_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (file.len > 0) {
        int error = fs_read(s->arena, file, ANSWER_MAX, &token);
        if (error != 0) {
            s->error = str_format(s->arena, "reading %.*s: %.*s", STR_ARG(file),
                                  STR_ARG(fs_error_text(s->arena, error)));
            return false;
        }
        token = str_trim(token);
    }
    struct str body;
    struct str header = token.len > 0 ? S("Authorization") : S("");
    if (!key_metadata_get(s, metadata_client(s), S("GET"), url, header, token, &body) ||
        !key_metadata_parse(s, body, S("Token"), ret))
        return false;
    ret->source = S("CredentialsEndpointProvider");
    return true;
}

bool key_metadata_instance(struct key_search *s, struct keys *ret) {
    struct str host = s->settings->metadata_endpoint;
    if (host.len == 0)
        host = s->settings->metadata_ipv6 ? instance_host_v6 : instance_host;
    while (host.len > 0 && host.at[host.len - 1] == '/')
        host.len--;
    struct str path = str_cat(s->arena, host, S("/latest/meta-data/iam/security-credentials/"));
    struct str token = S(""), role, body;
    bool has_token = key_metadata_get(
        s, metadata_client(s), S("PUT"), str_cat(s->arena, host, S("/latest/api/token")),
        S("X-aws-ec2-metadata-token-ttl-seconds"), S("21600"), &token);
    if (!has_token && str_eq_nocase(settings_env("AWS_EC2_METADATA_V1_DISABLED"), S("true")))
        return false;
    struct str header = has_token ? S("X-aws-ec2-metadata-token") : S("");
    if (!key_metadata_get(s, metadata_client(s), S("GET"), path, header, token, &role))
        return false;
    struct str first;
    if (role.len == 0 || !str_split(&role, '\n', &first)) {
        s->error = S("no EC2 IMDS role found");
        return false;
    }
    if (!key_metadata_get(s, metadata_client(s), S("GET"), str_cat(s->arena, path, str_trim(first)),
                          header, token, &body) ||
        !key_metadata_parse(s, body, S("Token"), ret))
        return false;
    ret->source = S("EC2RoleProvider");
    return true;
}
