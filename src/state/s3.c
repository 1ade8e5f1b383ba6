/* SPDX-License-Identifier: Apache-2.0 */
#include "state/s3.h"

#include "aws/keychain.h"
#include "aws/service.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "net/client.h"
#include "state/backend_int.h"
#include "wire/query.h"
#include "wire/sigv4.h"

#define MAX_HEADERS 16
#define MAX_ATTEMPTS 5

struct s3 {
    struct arena *arena;
    struct settings settings;
    struct api *api;
    struct keychain *keychain;
    struct client *client; /* the api's */
    struct str bucket, region;
    struct str objects, tables, keys; /* URLs of the services */
    bool path_style;
};

/* What the provider block and the backend block have in common. */
static struct value common_settings(struct arena *arena, struct value config) {
    static const char *const names[] = {
        "access_key",
        "secret_key",
        "token",
        "profile",
        "region",
        "shared_config_files",
        "shared_credentials_files",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "custom_ca_bundle",
        "insecure",
        "max_retries",
        "retry_mode",
        "sts_region",
        "use_fips_endpoint",
        "use_dualstack_endpoint",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
        "allowed_account_ids",
        "forbidden_account_ids",
        "skip_region_validation",
    };
    const struct name *kept[COUNT(names) + 5];
    struct value values[COUNT(names) + 5];
    size_t n = 0;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct value v;
        if (value_get(config, str_from(names[i]), &v) && v.kind != VALUE_NULL) {
            kept[n] = intern_name(str_from(names[i]));
            values[n++] = v;
        }
    }
    /* Blocks there, objects here. */
    static const char *const objects[] = {"assume_role", "assume_role_with_web_identity",
                                          "endpoints"};
    for (size_t i = 0; i < COUNT(objects); i++) {
        struct value v;
        if (value_get(config, str_from(objects[i]), &v) && v.kind == VALUE_OBJECT) {
            kept[n] = intern_name(str_from(objects[i]));
            values[n++] = value_list(arena, value_type(v), &v, 1);
        }
    }
    struct value v;
    if (value_get(config, S("skip_metadata_api_check"), &v) && v.kind == VALUE_BOOL) {
        kept[n] = intern_name(S("skip_metadata_api_check"));
        values[n++] = value_string(arena, v.boolean ? S("true") : S("false"));
    }
    if (value_get(config, S("shared_credentials_file"), &v) && v.kind == VALUE_STRING) {
        kept[n] = intern_name(S("shared_credentials_files"));
        values[n++] = value_list(arena, type_string, &v, 1);
    }
    return value_object(arena, kept, values, n);
}

/* The accounts that may be used, where the block says so: asks who the credentials are. */
static bool check_accounts(struct s3 *s3, struct diags *diags) {
    struct settings settings = s3->settings;
    struct diags found = {.arena = diags->arena};
    if (settings.n_allowed == 0 && settings.n_forbidden == 0)
        return true;
    settings.skip_account_id = settings.skip_credentials_validation = false;
    struct service *service = service_new(s3->arena, &settings, NULL, &found);
    service_free(service);
    struct str mark = S("AWS account ID not allowed");
    for (size_t i = 0; i < found.n; i++) {
        struct diag *diag = &found.at[i];
        if (str_starts(diag->summary, mark)) {
            diag->detail = diag->summary;
            diag->summary = S("Invalid account ID");
        }
    }
    diags_append(diags, &found);
    return found.n_errors == 0;
}

static struct str endpoint(struct arena *arena, struct value config, const char *service,
                           const char *old_argument, const char *const *variables) {
    struct value endpoints;
    struct value v;
    if (value_get(config, S("endpoints"), &endpoints) && endpoints.kind == VALUE_OBJECT &&
        value_get(endpoints, str_from(service), &v) && v.kind == VALUE_STRING)
        return str_dup(arena, value_str(v));
    struct str text = backend_text(config, old_argument, variables);
    while (text.len > 0 && text.at[text.len - 1] == '/')
        text.len--;
    return str_dup(arena, text);
}

/* URL of the bucket (virtual host) or of the service (path style). */
static void place_services(struct s3 *s3, struct value config) {
    static const char *const s3_variables[] = {"AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT",
                                               "AWS_ENDPOINT_URL", NULL};
    static const char *const table_variables[] = {
        "AWS_ENDPOINT_URL_DYNAMODB", "AWS_DYNAMODB_ENDPOINT", "AWS_ENDPOINT_URL", NULL};
    static const char *const key_variables[] = {"AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL", NULL};
    struct str given = endpoint(s3->arena, config, "s3", "endpoint", s3_variables);
    s3->tables = endpoint(s3->arena, config, "dynamodb", "dynamodb_endpoint", table_variables);
    s3->keys = endpoint(s3->arena, config, "kms", "kms_endpoint", key_variables);
    if (s3->keys.len == 0) {
        s3->keys = str_format(s3->arena, "https://kms%s.%.*s.amazonaws.com",
                              s3->settings.fips ? "-fips" : "", STR_ARG(s3->region));
    }
    s3->path_style = backend_flag(config, "use_path_style", NULL, false) ||
                     backend_flag(config, "force_path_style", NULL, false) ||
                     str_find_byte(s3->bucket, '.') >= 0;
    if (given.len == 0)
        given = str_format(s3->arena, "https://s3.%.*s.amazonaws.com", STR_ARG(s3->region));
    if (s3->tables.len == 0) {
        s3->tables =
            str_format(s3->arena, "https://dynamodb.%.*s.amazonaws.com", STR_ARG(s3->region));
    }
    ptrdiff_t scheme = str_find(given, S("://"));
    if (s3->path_style || scheme < 0) {
        s3->path_style = true;
        s3->objects = given;
        return;
    }
    struct str head = str_slice(given, 0, (size_t)scheme + 3);
    struct str host = str_slice(given, (size_t)scheme + 3, given.len);
    s3->objects =
        str_format(s3->arena, "%.*s%.*s.%.*s", STR_ARG(head), STR_ARG(s3->bucket), STR_ARG(host));
}

void s3_close(struct s3 *s3) {
    if (s3 != NULL) {
        keychain_free(s3->keychain);
        api_free(s3->api);
    }
}

/* Said before the first request, as the reference does. */
static bool have_credentials(struct s3 *s3, struct diags *diags) {
    struct credentials credentials;
    struct str error = S("");
    if (keychain_get(s3->keychain, s3->arena, &credentials, &error))
        return true;
    s3_close(s3);
    return backend_failed(
        diags, "No valid credential sources found",
        str_format(diags->arena,
                   "Please see https://developer.hashicorp.com/terraform/language/backend/s3\nfor "
                   "more information about providing credentials.\n\nError: %.*s\n",
                   STR_ARG(error)));
}

struct s3 *s3_open(struct arena *arena, struct value config, struct diags *diags) {
    struct s3 *s3 = arena_alloc(arena, sizeof *s3);
    struct str error = S("");
    s3->arena = arena;
    s3->bucket = str_dup(arena, backend_text(config, "bucket", NULL));
    if (!settings_read(arena, common_settings(arena, config), &s3->settings, diags))
        return NULL;
    s3->region = s3->settings.region;
    struct str sts = backend_text(config, "sts_endpoint", NULL);
    struct str iam = backend_text(config, "iam_endpoint", NULL);
    if (sts.len > 0)
        s3->settings.endpoint_sts = str_dup(arena, sts);
    if (iam.len > 0)
        s3->settings.endpoint_iam = str_dup(arena, iam);
    if (!check_accounts(s3, diags))
        return NULL;
    place_services(s3, config);
    s3->api = api_new(arena, &s3->settings, NULL);
    s3->keychain = keychain_new(arena, &s3->settings, s3->api);
    s3->client = api_client(s3->api, arena, &error);
    if (s3->client == NULL) {
        (void)backend_failed(diags, "Failed to open the backend", error);
        return NULL;
    }
    return have_credentials(s3, diags) ? s3 : NULL;
}

struct signed_request {
    struct str service, method, url, host;
    struct str path; /* as signed: plain */
    struct str query, body;
    struct http_header headers[MAX_HEADERS];
    size_t n;
};

static void add_header(struct signed_request *r, struct str name, struct str value) {
    if (r->n < MAX_HEADERS)
        r->headers[r->n++] = (struct http_header){.name = name, .value = value};
}

static bool send_once(struct s3 *s3, struct arena *arena, const struct signed_request *r,
                      struct client_response *ret_response, struct str *ret_error,
                      bool *ret_retryable) {
    struct credentials credentials;
    *ret_retryable = false;
    if (!keychain_get(s3->keychain, arena, &credentials, ret_error))
        return false;
    const struct http_request request = {.method = r->method,
                                         .path = r->path,
                                         .query = r->query,
                                         .headers = r->headers,
                                         .n_headers = r->n,
                                         .body = r->body};
    size_t n_signed = 0;
    struct http_header *added = sigv4_sign(arena, &request, &credentials, s3->region, r->service,
                                           clock_now_ms(), &n_signed);
    struct client_header *headers = arena_array(arena, r->n + n_signed, sizeof *headers);
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        headers[n++] = (struct client_header){r->headers[i].name, r->headers[i].value};
    for (size_t i = 0; i < n_signed; i++)
        headers[n++] = (struct client_header){added[i].name, added[i].value};
    const struct client_request out = {.method = r->method,
                                       .url = r->url,
                                       .headers = headers,
                                       .n_headers = n,
                                       .body = r->body,
                                       .max_body = BACKEND_MAX_STATE};
    return client_send(s3->client, arena, &out, ret_response, ret_error, ret_retryable);
}

/* Text between the first <name> and its end; enough for the flat errors of S3. */
static struct str xml_text(struct arena *arena, struct str body, const char *name) {
    struct str open = str_format(arena, "<%s>", name);
    struct str close = str_format(arena, "</%s>", name);
    ptrdiff_t start = str_find(body, open);
    if (start < 0)
        return S("");
    struct str rest = str_slice(body, (size_t)start + open.len, body.len);
    ptrdiff_t end = str_find(rest, close);
    return end < 0 ? S("") : str_slice(rest, 0, (size_t)end);
}

static void read_error(struct arena *arena, struct s3_answer *answer) {
    struct json_error error;
    const struct json *json =
        str_starts(str_trim(answer->body), S("{")) ? json_parse(arena, answer->body, &error) : NULL;
    if (json == NULL) {
        answer->code = xml_text(arena, answer->body, "Code");
        answer->message = xml_text(arena, answer->body, "Message");
        return;
    }
    struct str type = json_get_str(json, S("__type"));
    ptrdiff_t hash = str_rfind_byte(type, '#');
    answer->code = str_slice(type, (size_t)(hash + 1), type.len);
    answer->message = json_get_str(json, S("message"));
    if (answer->message.len == 0)
        answer->message = json_get_str(json, S("Message"));
}

static bool send_signed(struct s3 *s3, struct arena *arena, struct signed_request *r,
                        struct s3_answer *ret_answer, struct str *ret_error) {
    int64_t wait_ms = 200;
    add_header(r, S("Host"), r->host);
    add_header(r, S("X-Amz-Content-Sha256"), digest_hex(arena, DIGEST_SHA256, r->body));
    for (int attempt = 1;; attempt++) {
        struct client_response response = {.status = 0};
        bool retryable = false;
        bool sent = send_once(s3, arena, r, &response, ret_error, &retryable);
        bool again = sent ? response.status >= 500 || response.status == 429 : retryable;
        if (!again || attempt == MAX_ATTEMPTS) {
            if (sent) {
                *ret_answer = (struct s3_answer){.status = response.status,
                                                 .body = response.body,
                                                 .code = S(""),
                                                 .message = S("")};
                if (response.status >= 300)
                    read_error(arena, ret_answer);
            }
            return sent;
        }
        clock_sleep_ms(wait_ms);
        wait_ms *= 2;
    }
}

static struct str host_of(struct str url) {
    ptrdiff_t scheme = str_find(url, S("://"));
    struct str rest = scheme < 0 ? url : str_slice(url, (size_t)scheme + 3, url.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    return slash < 0 ? rest : str_slice(rest, 0, (size_t)slash);
}

bool s3_object(struct s3 *s3, struct arena *arena, struct str method, struct str key,
               struct str query, const struct s3_header *headers, size_t n_headers, struct str body,
               struct s3_answer *ret_answer, struct str *ret_error) {
    struct signed_request r = {.service = S("s3"),
                               .method = method,
                               .query = query,
                               .body = body,
                               .host = host_of(s3->objects)};
    r.path = s3->path_style ? str_format(arena, "/%.*s/%.*s", STR_ARG(s3->bucket), STR_ARG(key))
                            : str_format(arena, "/%.*s", STR_ARG(key));
    struct buf url;
    buf_init(&url, BUF_MAX_TEXT);
    buf_add(&url, s3->objects);
    query_escape(&url, r.path, true);
    if (query.len > 0) {
        buf_byte(&url, '?');
        buf_add(&url, query);
    }
    r.url = buf_take(&url, arena);
    for (size_t i = 0; i < n_headers; i++)
        add_header(&r, headers[i].name, headers[i].value);
    return send_signed(s3, arena, &r, ret_answer, ret_error);
}

/* A service that speaks JSON: target is what its operations are headed by. */
static bool send_json(struct s3 *s3, struct arena *arena, struct signed_request *r, struct str at,
                      const char *content_type, struct str target, struct s3_answer *ret_answer,
                      struct str *ret_error) {
    r->method = S("POST");
    r->query = S("");
    r->path = S("/");
    r->host = host_of(at);
    r->url = str_cat(arena, at, S("/"));
    add_header(r, S("Content-Type"), str_from(content_type));
    add_header(r, S("X-Amz-Target"), target);
    return send_signed(s3, arena, r, ret_answer, ret_error);
}

bool s3_table(struct s3 *s3, struct arena *arena, const char *operation, struct str body,
              struct s3_answer *ret_answer, struct str *ret_error) {
    struct signed_request r = {.service = S("dynamodb"), .body = body};
    return send_json(s3, arena, &r, s3->tables, "application/x-amz-json-1.0",
                     str_format(arena, "DynamoDB_20120810.%s", operation), ret_answer, ret_error);
}

bool s3_keys(struct s3 *s3, struct arena *arena, const char *operation, struct str body,
             struct s3_answer *ret_answer, struct str *ret_error) {
    struct signed_request r = {.service = S("kms"), .body = body};
    return send_json(s3, arena, &r, s3->keys, "application/x-amz-json-1.1",
                     str_format(arena, "TrentService.%s", operation), ret_answer, ret_error);
}
