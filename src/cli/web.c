/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/web.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cli/cli_config.h"
#include "cli/ui.h"

#define MAX_REDIRECTS 10
#define MAX_TRIES 3
#define CONNECT_TIMEOUT_MS 10000
#define TIMEOUT_MS 600000

static struct client *open_client(struct cli *cli, struct str *ret_error) {
    const struct client_options options = {.ca_bundle = ui_env(cli, "SSL_CERT_FILE"),
                                           .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                           .timeout_ms = TIMEOUT_MS,
                                           .user_agent = S("loam")};
    return client_new(&options, cli->arena, ret_error);
}

static struct str host_of(struct str url) {
    ptrdiff_t scheme = str_find(url, S("://"));
    struct str rest = scheme < 0 ? url : str_slice(url, (size_t)scheme + 3, url.len), host;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.at[i] == '/' || rest.at[i] == '?' || rest.at[i] == '#') {
            rest = str_slice(rest, 0, i);
            break;
        }
    ptrdiff_t at = str_rfind_byte(rest, '@');
    host = at < 0 ? rest : str_slice(rest, (size_t)at + 1, rest.len);
    return host;
}

struct str web_header(const struct client_response *response, const char *name) {
    for (size_t i = 0; i < response->n_headers; i++)
        if (str_eq_nocase(response->headers[i].name, str_from(name)))
            return response->headers[i].value;
    return S("");
}

struct str web_resolve(struct arena *arena, struct str base, struct str link) {
    ptrdiff_t scheme = str_find(base, S("://"));
    if (str_find(link, S("://")) >= 0 || scheme < 0)
        return link;
    if (str_starts(link, S("//")))
        return str_format(arena, "%.*s:%.*s", (int)scheme, base.at, STR_ARG(link));
    ptrdiff_t query = str_find_byte(base, '?');
    if (query >= 0)
        base = str_slice(base, 0, (size_t)query);
    ptrdiff_t path = str_find_byte(str_slice(base, (size_t)scheme + 3, base.len), '/');
    size_t root = path < 0 ? base.len : (size_t)scheme + 3 + (size_t)path;
    if (str_starts(link, S("/")))
        return str_cat(arena, str_slice(base, 0, root), link);
    ptrdiff_t last = str_rfind_byte(base, '/');
    size_t folder = (size_t)last >= root ? (size_t)last + 1 : root;
    struct str dir = str_slice(base, 0, folder);
    while (str_starts(link, S("./")))
        link = str_slice(link, 2, link.len);
    return str_ends(dir, S("/")) ? str_cat(arena, dir, link)
                                 : str_format(arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(link));
}

static bool send(struct cli *cli, struct client *client, struct str url,
                 struct client_response *ret_response, struct str *ret_error) {
    struct str token = cli_config_token(cli, host_of(url)), why = S("");
    struct client_header header = {S("Authorization"), str_cat(cli->arena, S("Bearer "), token)};
    struct client_request request = {.method = S("GET"),
                                     .url = url,
                                     .headers = &header,
                                     .n_headers = token.len ? 1 : 0,
                                     .max_body = BUF_MAX_DOCUMENT};
    bool again = true;
    for (int i = 0; i < MAX_TRIES && again; i++)
        if (client_send(client, cli->arena, &request, ret_response, &why, &again) &&
            ret_response->status < 500)
            return true;
        else if (ret_response->status >= 500)
            why = str_format(cli->arena, "%d", ret_response->status);
    *ret_error = str_format(cli->arena, "Get \"%.*s\": %.*s", STR_ARG(url), STR_ARG(why));
    return false;
}

bool web_get(struct cli *cli, struct str url, struct client_response *ret_response,
             struct str *ret_url, struct str *ret_error) {
    struct client *client = open_client(cli, ret_error);
    bool ok = client != NULL;
    for (int i = 0; ok && i <= MAX_REDIRECTS; i++) {
        struct client_response response = {.status = 0};
        ok = send(cli, client, url, &response, ret_error);
        struct str to = ok ? web_header(&response, "Location") : S("");
        if (!ok || response.status < 300 || response.status > 399 || !to.len) {
            *ret_response = response;
            *ret_url = url;
            break;
        }
        struct str next = web_resolve(cli->arena, url, to);
        ok = !(str_starts(url, S("https:")) && !str_starts(next, S("https:")));
        if (!ok || i == MAX_REDIRECTS)
            *ret_error =
                str_format(cli->arena, "Get \"%.*s\": %s", STR_ARG(url),
                           ok ? "stopped after 10 redirects" : "a redirect leads away from HTTPS");
        ok = ok && i < MAX_REDIRECTS;
        url = next;
    }
    if (client)
        client_free(client);
    return ok;
}

bool web_get_json(struct cli *cli, struct str url, const struct json **ret_json,
                  struct str *ret_url, struct str *ret_error) {
    struct client_response response;
    struct json_error error;
    if (!web_get(cli, url, &response, ret_url, ret_error))
        return false;
    if (response.status != 200) {
        *ret_error = str_format(cli->arena, "the request to %.*s was answered with status %d",
                                STR_ARG(url), response.status);
        return false;
    }
    *ret_json = json_parse(cli->arena, response.body, &error);
    if (*ret_json && (*ret_json)->kind == JSON_OBJECT)
        return true;
    *ret_error = str_format(cli->arena, "the answer of %.*s is no JSON object", STR_ARG(url));
    return false;
}
