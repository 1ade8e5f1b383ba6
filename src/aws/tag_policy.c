/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/tag_policy.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/client.h"

#define ATTEMPTS_MAX 5
#define PAGES_MAX 1000
#define ANSWER_MAX ((size_t)4 << 20)

/* Resource types in the words of tag policies ("Services and resource types that support tag
 * policies", AWS Organizations User Guide). */
static const struct {
    struct str tagged, type;
} names[] = {
    {STR("iam:instance-profile"), STR("aws_iam_instance_profile")},
    {STR("iam:mfa"), STR("aws_iam_virtual_mfa_device")},
    {STR("iam:oidc-provider"), STR("aws_iam_openid_connect_provider")},
    {STR("iam:policy"), STR("aws_iam_policy")},
    {STR("iam:role"), STR("aws_iam_role")},
    {STR("iam:saml-provider"), STR("aws_iam_saml_provider")},
    {STR("iam:server-certificate"), STR("aws_iam_server_certificate")},
    {STR("iam:user"), STR("aws_iam_user")},
};

static bool enforced(const struct settings *settings) {
    return str_eq(settings->tag_compliance, S("error")) ||
           str_eq(settings->tag_compliance, S("warning"));
}

/* One POST; NULL and *ret_error when there is no answer of the service. */
static struct json *post(struct arena *arena, struct api *api, struct str url,
                         const struct http_request *signed_request, const struct http_header *more,
                         size_t n_more, struct str *ret_error, bool *ret_again) {
    struct client_header headers[8];
    size_t n = 0;
    for (size_t i = 1; i < signed_request->n_headers; i++) /* without Host, the client's own */
        headers[n++] = (struct client_header){signed_request->headers[i].name,
                                              signed_request->headers[i].value};
    for (size_t i = 0; i < n_more && n < COUNT(headers); i++)
        headers[n++] = (struct client_header){more[i].name, more[i].value};
    struct client_request request = {.method = S("POST"),
                                     .url = str_cat(arena, url, S("/")),
                                     .headers = headers,
                                     .n_headers = n,
                                     .body = signed_request->body,
                                     .max_body = ANSWER_MAX};
    struct client_response response;
    struct json_error syntax;
    struct client *client = api_client(api, arena, ret_error);
    *ret_again = false;
    if (!client || !client_send(client, arena, &request, &response, ret_error, ret_again))
        return NULL;
    struct json *json = json_parse(arena, response.body, &syntax);
    *ret_again = response.status >= 500 || response.status == 429;
    if (response.status == 200 && json)
        return json;
    *ret_error = str_format(arena, "https response error StatusCode: %d, RequestID: , %.*s: %.*s",
                            response.status, STR_ARG(json_get_str(json, S("__type"))),
                            STR_ARG(json_get_str(json, S("message"))));
    return NULL;
}

static struct json *ask(struct arena *arena, const struct settings *settings, struct api *api,
                        struct str url, const struct credentials *credentials, struct str token,
                        struct str *ret_error) {
    struct buf body;
    buf_init(&body, BUF_MAX_TEXT);
    buf_byte(&body, '{');
    if (token.len > 0) {
        buf_add_c(&body, "\"NextToken\":");
        json_write_string(&body, token, false);
    }
    buf_byte(&body, '}');
    ptrdiff_t scheme = str_find(url, S("://"));
    struct http_header headers[] = {
        {S("Host"), scheme < 0 ? url : str_slice(url, (size_t)scheme + 3, url.len)},
        {S("Content-Type"), S("application/x-amz-json-1.1")},
        {S("X-Amz-Target"), S("ResourceGroupsTaggingAPI_20170126.ListRequiredTags")},
    };
    struct http_request request = {.method = S("POST"),
                                   .path = S("/"),
                                   .headers = headers,
                                   .n_headers = COUNT(headers),
                                   .body = buf_take(&body, arena)};
    for (int attempt = 1;; attempt++) {
        size_t n;
        bool again;
        const struct http_header *more = sigv4_sign(arena, &request, credentials, settings->region,
                                                    S("tagging"), api_now_ms(api), &n);
        struct json *json = post(arena, api, url, &request, more, n, ret_error, &again);
        if (json || !again || attempt == ATTEMPTS_MAX)
            return json;
        clock_sleep_ms((int64_t)100 << attempt);
    }
}

static void add_keys(struct arena *arena, struct tag_policy *policy, struct str type,
                     const struct json *given) {
    struct tag_keys *keys = map_get(&policy->required, type);
    if (!keys) {
        keys = arena_alloc(arena, sizeof *keys);
        map_put(arena, &policy->required, type, keys);
    }
    struct str *all = arena_array(arena, keys->n + given->n, sizeof *all);
    size_t n = 0;
    for (; n < keys->n; n++)
        all[n] = keys->at[n];
    for (size_t i = 0; i < given->n; i++)
        if (given->items[i].kind == JSON_STRING && !str_is_in(given->items[i].text, all, n))
            all[n++] = str_dup(arena, given->items[i].text);
    qsort(all, n, sizeof *all, str_cmp_qsort);
    *keys = (struct tag_keys){all, n};
}

static void take(struct arena *arena, struct tag_policy *policy, const struct json *page) {
    const struct json *rows = json_get(page, S("RequiredTags"));
    for (size_t i = 0; rows && rows->kind == JSON_ARRAY && i < rows->n; i++) {
        const struct json *keys = json_get(&rows->items[i], S("ReportingTagKeys"));
        struct str tagged = json_get_str(&rows->items[i], S("ResourceType"));
        for (size_t k = 0; keys && keys->kind == JSON_ARRAY && k < COUNT(names); k++)
            if (str_eq(names[k].tagged, tagged))
                add_keys(arena, policy, names[k].type, keys);
    }
}

bool tag_policy_fetch(struct arena *arena, const struct settings *settings, struct api *api,
                      const struct credentials *credentials, struct tag_policy *ret,
                      struct diags *diags) {
    struct str token = S(""), error = S("the answer does not end");
    *ret = (struct tag_policy){0};
    if (!enforced(settings) || api_endpoint(api, SERVICE_IAM)->in_process)
        return true;
    struct str url = api_other_url(api, arena, "RESOURCE_GROUPS_TAGGING_API",
                                   S("resource_groups_tagging_api"), settings->endpoint_tagging);
    if (url.len == 0)
        url = str_format(arena, "https://tagging.%.*s.amazonaws.com", STR_ARG(settings->region));
    for (int page = 0; page < PAGES_MAX; page++) {
        const struct json *json = ask(arena, settings, api, url, credentials, token, &error);
        if (!json)
            break;
        take(arena, ret, json);
        token = json_get_str(json, S("NextToken"));
        if (token.len == 0)
            return true;
    }
    struct str text = str_format(arena,
                                 "fetching the tags that tag policies require: operation error "
                                 "Resource Groups Tagging API: ListRequiredTags, %.*s",
                                 STR_ARG(error));
    diags_add(diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
    return false;
}

/* "[Owner Team]" of those that are not there. */
static struct str missing(struct arena *arena, const struct tag_keys *keys, struct value tags) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < keys->n; i++) {
        struct value ignored;
        if (tags.kind == VALUE_MAP && value_get(tags, keys->at[i], &ignored))
            continue;
        buf_addf(&out, "%s%.*s", out.len > 0 ? " " : "", STR_ARG(keys->at[i]));
    }
    return buf_take(&out, arena);
}

bool tag_policy_check(const struct tag_policy *policy, const struct settings *settings,
                      struct str type, struct value tags, struct diags *diags) {
    static const char summary[] = "Missing Required Tags";
    const struct tag_keys *keys = map_get(&policy->required, type);
    struct str lacks = keys ? missing(diags->arena, keys, tags) : S("");
    if (lacks.len == 0)
        return true;
    struct str detail = str_format(
        diags->arena, "An organizational tag policy requires the following tags for %.*s: [%.*s]",
        STR_ARG(type), STR_ARG(lacks));
    if (str_eq(settings->tag_compliance, S("warning"))) {
        diags_add(diags, SEVERITY_WARNING, (struct span){0}, S(summary), detail);
        return true;
    }
    diags_add(diags, SEVERITY_ERROR, (struct span){0},
              str_format(diags->arena, "%s - %.*s", summary, STR_ARG(detail)), S(""));
    return false;
}
