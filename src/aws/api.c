/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/api.h"

#include <pthread.h>
#include <stdio.h>

#include "aws/partition.h"
#include "aws/shared_config.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/trace.h"
#include "net/client.h"
#include "wire/codec.h"
#include "wire/model_ids.h"

#define DELAY_MAX_MS 20000
#define CONNECT_ATTEMPTS_MAX 3 /* nobody listens: waiting longer rarely helps */
#define RETRY_COST 5
#define ANSWER_MAX ((size_t)64 << 20)

static const struct str scheme = STR("loam:");

struct api {
    const struct settings *settings;
    const struct aws_transport *transport;
    struct api_endpoint endpoints[SERVICE_COUNT];
    struct arena *arena;
    pthread_mutex_t lock; /* client, skew, ahead, tokens */
    struct client *client;
    int64_t skew_ms;  /* server's clock minus ours: 0 until a signature is refused for its time */
    int64_t ahead_ms; /* the same, as the last answer told it */
    int64_t tokens;
    int64_t slow_until_ms; /* adaptive mode: no call before */
    atomic_uint_fast64_t calls;
    atomic_bool stopped;
};

const struct model_action *api_action(int action) {
    if (action < A_STS_AssumeRole)
        return &model_iam.actions[action];
    return &model_sts.actions[action - A_STS_AssumeRole];
}

/* Order: block, TF_AWS_IAM_ENDPOINT, AWS_ENDPOINT_URL_IAM, AWS_IAM_ENDPOINT, the profile's
 * services section, AWS_ENDPOINT_URL, the profile's endpoint_url. */
static struct str configured_url(struct arena *arena, const struct settings *s, const char *upper,
                                 struct str service, struct str from_block) {
    if (from_block.len > 0)
        return from_block;
    static const char *const forms[] = {"TF_AWS_%s_ENDPOINT", "AWS_ENDPOINT_URL_%s",
                                        "AWS_%s_ENDPOINT"};
    if (str_eq_nocase(settings_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), S("true")))
        return S("");
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct str v = settings_env(str_format(arena, forms[i], upper).at);
        if (v.len > 0)
            return v;
    }
    struct str url = shared_config_service(s->shared, s->profile, service, S("endpoint_url"));
    if (url.len == 0)
        url = settings_env("AWS_ENDPOINT_URL");
    if (url.len == 0)
        url = shared_config_get(s->shared, s->profile, S("endpoint_url"));
    return url;
}

struct str api_other_url(const struct api *api, struct arena *arena, const char *upper,
                         struct str service, struct str from_block) {
    struct str url = configured_url(arena, api->settings, upper, service, from_block);
    while (url.len > 0 && url.at[url.len - 1] == '/')
        url.len--;
    return str_starts(url, scheme) ? S("") : url;
}

static struct api_endpoint endpoint_of(struct arena *arena, const struct settings *s,
                                       const char *upper, struct str service, struct str from_block,
                                       struct str region) {
    struct api_endpoint e = {0};
    struct str standard =
        partition_endpoint(arena, service, region, s->fips, s->dualstack, &e.sign_region);
    e.url = configured_url(arena, s, upper, service, from_block);
    if (e.url.len == 0)
        e.url = standard;
    while (e.url.len > 0 && e.url.at[e.url.len - 1] == '/')
        e.url.len--;
    e.url = str_dup(arena, e.url);
    e.in_process = str_starts(e.url, scheme);
    bool custom = !e.in_process && !str_eq(e.url, standard);
    if (custom && (s->fips || s->dualstack))
        e.wrong = s->fips ? "failed to resolve service endpoint, endpoint rule error, Invalid "
                            "Configuration: FIPS and custom endpoint are not supported"
                          : "failed to resolve service endpoint, endpoint rule error, Invalid "
                            "Configuration: Dualstack and custom endpoint are not supported";
    return e;
}

struct api *api_new(struct arena *arena, const struct settings *settings,
                    const struct aws_transport *transport) {
    struct api *api = arena_alloc(arena, sizeof *api);
    struct str region = settings->region.len > 0 ? settings->region : S("us-east-1");
    *api = (struct api){.settings = settings,
                        .transport = transport,
                        .arena = arena,
                        .tokens = settings->token_bucket};
    pthread_mutex_init(&api->lock, NULL);
    api->endpoints[SERVICE_IAM] =
        endpoint_of(arena, settings, "IAM", S("iam"), settings->endpoint_iam, region);
    api->endpoints[SERVICE_STS] =
        endpoint_of(arena, settings, "STS", S("sts"), settings->endpoint_sts,
                    settings->sts_region.len > 0 ? settings->sts_region : region);
    return api;
}

void api_free(struct api *api) {
    if (!api)
        return;
    client_free(api->client);
    pthread_mutex_destroy(&api->lock);
}

const struct api_endpoint *api_endpoint(const struct api *api, enum model_service service) {
    return &api->endpoints[service];
}

uint64_t api_calls(const struct api *api) {
    return atomic_load(&api->calls);
}

void api_stop(struct api *api) {
    atomic_store(&api->stopped, true);
}

bool api_root_key(struct api *api, struct arena *arena, struct credentials *ret) {
    const struct api_endpoint *e = &api->endpoints[SERVICE_IAM];
    if (!e->in_process)
        e = &api->endpoints[SERVICE_STS];
    if (!e->in_process || !api->transport || !api->transport->root_key)
        return false;
    *ret = (struct credentials){0};
    return api->transport->root_key(api->transport->context, arena, e->url, &ret->access_key_id,
                                    &ret->secret_access_key);
}

struct client *api_client(struct api *api, struct arena *arena, struct str *ret_error) {
    const struct settings *s = api->settings;
    pthread_mutex_lock(&api->lock);
    if (!api->client) {
        struct client_options options = {
            .ca_bundle = s->ca_bundle,
            .proxy_http = s->http_proxy,
            .proxy_https = s->https_proxy,
            .no_proxy = s->no_proxy,
            .insecure = s->insecure,
            .connect_timeout_ms = 10000,
            .timeout_ms = 120000,
            .user_agent = str_format(api->arena, "loam/0.1.0%s%.*s",
                                     s->user_agent.len > 0 ? " " : "", STR_ARG(s->user_agent)),
        };
        api->client = client_new(&options, arena, ret_error);
    }
    struct client *client = api->client;
    pthread_mutex_unlock(&api->lock);
    return client;
}

/* A request on its way: what is sent, and what came back. */
struct attempt {
    struct api *api;
    struct arena *arena;
    const struct model_action *action;
    const struct api_endpoint *endpoint;
    const struct credentials *credentials;
    struct str body;
    int status;
    struct str answer, request_id, date;
    struct str error; /* no answer at all */
    bool error_retryable;
    bool repeated; /* it was sent more than once */
};

static struct str host_of(struct str url) {
    ptrdiff_t at = str_find(url, S("://"));
    struct str rest = at < 0 ? url : str_slice(url, (size_t)at + 3, url.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    return slash < 0 ? rest : str_slice(rest, 0, (size_t)slash);
}

static struct str path_of(struct str url) {
    ptrdiff_t at = str_find(url, S("://"));
    struct str rest = at < 0 ? url : str_slice(url, (size_t)at + 3, url.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    return slash < 0 ? S("/") : str_slice(rest, (size_t)slash, rest.len);
}

static int64_t now_ms(struct api *api) {
    pthread_mutex_lock(&api->lock);
    int64_t now = clock_now_ms() + api->skew_ms;
    pthread_mutex_unlock(&api->lock);
    return now;
}

int64_t api_now_ms(struct api *api) {
    pthread_mutex_lock(&api->lock);
    int64_t now = clock_now_ms() + api->ahead_ms;
    pthread_mutex_unlock(&api->lock);
    return now;
}

static struct http_header *headers(struct attempt *a, size_t *ret_n) {
    struct http_header *base = arena_array(a->arena, 8, sizeof *base);
    size_t n = 0;
    base[n++] = (struct http_header){
        S("Host"), a->endpoint->in_process ? S("loam") : host_of(a->endpoint->url)};
    base[n++] = (struct http_header){S("Content-Type"),
                                     S("application/x-www-form-urlencoded; charset=utf-8")};
    if (a->credentials) {
        struct http_request request = {
            .method = S("POST"),
            .path = a->endpoint->in_process ? S("/") : path_of(a->endpoint->url),
            .headers = base,
            .n_headers = n,
            .body = a->body,
        };
        size_t n_signed;
        struct str service = model_api(a->action->service)->id;
        struct http_header *more =
            sigv4_sign(a->arena, &request, a->credentials, a->endpoint->sign_region, service,
                       now_ms(a->api), &n_signed);
        for (size_t i = 0; i < n_signed && n < 8; i++)
            base[n++] = more[i];
    }
    *ret_n = n;
    return base;
}

static bool send_in_process(struct attempt *a, const struct http_header *h, size_t n) {
    const struct aws_transport *t = a->api->transport;
    struct str names[8], values[8];
    for (size_t i = 0; i < n; i++) {
        names[i] = h[i].name;
        values[i] = h[i].value;
    }
    if (!t) {
        a->error = S("no embedded IAM here");
        return false;
    }
    return t->send(t->context, a->arena, a->endpoint->url, S("POST"), S("/"), names, values, n,
                   a->body, &a->status, &a->answer, &a->request_id, &a->error);
}

static bool send_http(struct attempt *a, const struct http_header *h, size_t n) {
    struct client *client = api_client(a->api, a->arena, &a->error);
    if (!client)
        return false;
    struct client_header list[8];
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(h[i].name, S("Host"))) /* the client's own */
            list[kept++] = (struct client_header){h[i].name, h[i].value};
    struct client_request request = {
        .method = S("POST"),
        .url = str_format(a->arena, "%.*s%s", STR_ARG(a->endpoint->url),
                          path_of(a->endpoint->url).len > 1 ? "" : "/"),
        .headers = list,
        .n_headers = kept,
        .body = a->body,
        .max_body = ANSWER_MAX,
    };
    struct client_response response;
    if (!client_send(client, a->arena, &request, &response, &a->error, &a->error_retryable))
        return false;
    a->status = response.status;
    a->repeated = a->repeated || response.repeated;
    a->answer = response.body;
    for (size_t i = 0; i < response.n_headers; i++) {
        if (str_eq_nocase(response.headers[i].name, S("x-amzn-RequestId")))
            a->request_id = response.headers[i].value;
        if (str_eq_nocase(response.headers[i].name, S("Date")))
            a->date = response.headers[i].value;
    }
    return true;
}

/* "Tue, 24 Nov 2026 22:13:00 GMT" of an answer. */
static bool parse_http_date(struct str date, int64_t *ret_ms) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4];
    int day, year, hour, minute, second;
    char text[64];
    if (date.len >= sizeof text)
        return false;
    for (size_t i = 0; i < date.len; i++)
        text[i] = date.at[i];
    text[date.len] = 0;
    if (sscanf(text, "%*3s, %d %3s %d %d:%d:%d", &day, month, &year, &hour, &minute, &second) != 6)
        return false;
    ptrdiff_t at = str_find(str_from(months), str_from(month));
    if (at < 0)
        return false;
    *ret_ms = clock_from_civil(year, (int)at / 3 + 1, day, hour, minute, second);
    return true;
}

static void note_clock(struct attempt *a) {
    int64_t server;
    if (!parse_http_date(a->date, &server))
        return;
    pthread_mutex_lock(&a->api->lock);
    a->api->ahead_ms = server - clock_now_ms();
    pthread_mutex_unlock(&a->api->lock);
}

/* A signature refused for its time: take the server's clock as right. True: try again. */
static bool correct_clock(struct attempt *a, const struct fault *fault) {
    static const struct str codes[] = {
        STR("RequestTimeTooSkewed"),      STR("RequestExpired"),
        STR("RequestInTheFuture"),        STR("SignatureDoesNotMatch"),
        STR("InvalidSignatureException"), STR("AuthFailure")};
    int64_t server;
    bool about_time = false;
    for (size_t i = 0; i < COUNT(codes); i++)
        about_time = about_time || str_eq(fault->code_text, codes[i]);
    if (!about_time || !parse_http_date(a->date, &server))
        return false;
    pthread_mutex_lock(&a->api->lock);
    int64_t skew = server - clock_now_ms();
    int64_t change = skew - a->api->skew_ms;
    bool far = change > 240000 || change < -240000;
    if (far)
        a->api->skew_ms = skew;
    pthread_mutex_unlock(&a->api->lock);
    return far;
}

static bool throttled(const struct fault *fault) {
    static const struct str codes[] = {
        STR("Throttling"),
        STR("ThrottlingException"),
        STR("ThrottledException"),
        STR("RequestThrottledException"),
        STR("TooManyRequestsException"),
        STR("ProvisionedThroughputExceededException"),
        STR("TransactionInProgressException"),
        STR("RequestLimitExceeded"),
        STR("BandwidthLimitExceeded"),
        STR("LimitExceededException"),
        STR("RequestThrottled"),
        STR("SlowDown"),
        STR("PriorRequestNotComplete"),
        STR("EC2ThrottledException"),
    };
    if (fault->http == 429)
        return true;
    for (size_t i = 0; i < COUNT(codes); i++)
        if (str_eq(fault->code_text, codes[i]))
            return true;
    return false;
}

static bool retryable(const struct fault *fault) {
    static const struct str codes[] = {STR("RequestTimeout"), STR("RequestTimeoutException"),
                                       STR("IDPCommunicationError")};
    if (throttled(fault) || fault->retryable)
        return true;
    for (size_t i = 0; i < COUNT(codes); i++)
        if (str_eq(fault->code_text, codes[i]))
            return true;
    return fault->http == 500 || fault->http == 502 || fault->http == 503 || fault->http == 504;
}

/* Takes from the retry bucket, where one is configured; false: the bucket is empty. */
static bool take_tokens(struct api *api) {
    if (api->settings->token_bucket == 0)
        return true;
    pthread_mutex_lock(&api->lock);
    bool enough = api->tokens >= RETRY_COST;
    if (enough)
        api->tokens -= RETRY_COST;
    pthread_mutex_unlock(&api->lock);
    return enough;
}

static void give_tokens(struct api *api, bool was_retry) {
    if (api->settings->token_bucket == 0)
        return;
    pthread_mutex_lock(&api->lock);
    api->tokens += was_retry ? RETRY_COST : 1;
    if (api->tokens > api->settings->token_bucket)
        api->tokens = api->settings->token_bucket;
    pthread_mutex_unlock(&api->lock);
}

static void back_off(struct api *api, int64_t attempt, bool throttle) {
    int64_t limit = attempt >= 6 ? DELAY_MAX_MS : (int64_t)500 << attempt;
    if (limit > DELAY_MAX_MS)
        limit = DELAY_MAX_MS;
    int64_t delay = (int64_t)rand_below((uint64_t)limit);
    if (throttle && api->settings->adaptive) {
        pthread_mutex_lock(&api->lock);
        int64_t until = clock_monotonic_ms() + delay;
        if (until > api->slow_until_ms)
            api->slow_until_ms = until;
        pthread_mutex_unlock(&api->lock);
    }
    for (int64_t slept = 0; slept < delay && !atomic_load(&api->stopped); slept += 100)
        clock_sleep_ms(delay - slept < 100 ? delay - slept : 100);
}

/* Adaptive mode: one throttled call holds all others back too. */
static void wait_turn(struct api *api) {
    if (!api->settings->adaptive)
        return;
    pthread_mutex_lock(&api->lock);
    int64_t wait = api->slow_until_ms - clock_monotonic_ms();
    pthread_mutex_unlock(&api->lock);
    if (wait > 0)
        clock_sleep_ms(wait);
}

/* One try. NULL: *ret_fault tells why. */
static struct message *try_once(struct attempt *a, struct fault *ret_fault) {
    size_t n;
    struct http_header *h = headers(a, &n);
    atomic_fetch_add(&a->api->calls, 1);
    bool answered = a->endpoint->in_process ? send_in_process(a, h, n) : send_http(a, h, n);
    trace_line(TRACE_DEBUG, "aws: %.*s %.*s: %d", STR_ARG(a->action->name),
               STR_ARG(a->endpoint->url), answered ? a->status : 0);
    if (!answered) {
        *ret_fault = (struct fault){
            .code = FAULT_TRANSPORT, .text = a->error, .retryable = a->error_retryable};
        return NULL;
    }
    struct message *response;
    note_clock(a);
    if (codec_read_response(a->arena, a->action, a->status, a->answer, a->request_id, &response,
                            ret_fault))
        return response;
    return NULL;
}

/* The two usual failures in the words that logs of the reference are searched for. */
static struct str dial_error(struct arena *arena, struct str url, struct str text) {
    struct str host = host_of(url);
    ptrdiff_t colon = str_rfind_byte(host, ':');
    if (str_find(text, S("resolve host")) >= 0)
        return str_format(arena, "dial tcp: lookup %.*s: no such host",
                          STR_ARG(colon < 0 ? host : str_slice(host, 0, (size_t)colon)));
    if (str_find(text, S("connect to server")) >= 0 || str_find(text, S("refused")) >= 0)
        return str_format(arena, "dial tcp %.*s%s: connect: connection refused", STR_ARG(host),
                          colon >= 0                       ? ""
                          : str_starts(url, S("https://")) ? ":443"
                                                           : ":80");
    return text;
}

/* "exceeded maximum number of attempts, 25, " in front of what the last attempt said. */
static void note_attempts(struct arena *arena, struct fault *fault, int64_t attempts,
                          struct str url) {
    if (fault->code == FAULT_TRANSPORT)
        fault->text = str_format(
            arena,
            "exceeded maximum number of attempts, %lld, https response error StatusCode: 0, "
            "RequestID: , request send failed, Post \"%.*s/\": %.*s",
            (long long)attempts, STR_ARG(url), STR_ARG(dial_error(arena, url, fault->text)));
}

/* Nobody there, or no such host. */
static bool never_connected(const struct fault *fault) {
    static const struct str signs[] = {STR("refused"), STR("no such host"), STR("resolve host"),
                                       STR("connect to server")};
    if (fault->code != FAULT_TRANSPORT)
        return false;
    for (size_t i = 0; i < COUNT(signs); i++)
        if (str_find(fault->text, signs[i]) >= 0)
            return true;
    return false;
}

/* The request may have been carried out though its answer is lost or says otherwise. */
static bool may_have_worked(const struct fault *fault) {
    if (fault->code == FAULT_TRANSPORT)
        return !never_connected(fault);
    return fault->http >= 500 || fault->http == 200;
}

struct message *api_call(struct api *api, struct arena *arena, int action,
                         const struct message *request, const struct credentials *credentials,
                         struct fault *ret_fault) {
    const struct model_action *model = api_action(action);
    struct buf body;
    buf_init(&body, BUF_MAX_REQUEST);
    codec_write_query(&body, model, request);
    struct attempt a = {
        .api = api,
        .arena = arena,
        .action = model,
        .endpoint = &api->endpoints[model->service],
        .credentials = model->unsigned_ ? NULL : credentials,
        .body = buf_take(&body, arena),
    };
    bool uncertain = false;
    if (a.endpoint->wrong) {
        *ret_fault = (struct fault){.code = FAULT_TRANSPORT, .text = str_from(a.endpoint->wrong)};
        return NULL;
    }
    for (int64_t attempt = 1;; attempt++) {
        wait_turn(api);
        struct message *response = try_once(&a, ret_fault);
        if (response) {
            give_tokens(api, attempt > 1);
            ret_fault->repeated = uncertain || a.repeated;
            return response;
        }
        bool skewed = attempt == 1 && correct_clock(&a, ret_fault);
        int64_t max = api->settings->max_attempts;
        if (never_connected(ret_fault) && max > CONNECT_ATTEMPTS_MAX)
            max = CONNECT_ATTEMPTS_MAX;
        if (!skewed && (!retryable(ret_fault) || attempt >= max || !take_tokens(api) ||
                        atomic_load(&api->stopped))) {
            note_attempts(arena, ret_fault, attempt, a.endpoint->url);
            ret_fault->repeated = uncertain || a.repeated || may_have_worked(ret_fault);
            return NULL;
        }
        uncertain = uncertain || may_have_worked(ret_fault);
        if (!skewed)
            back_off(api, attempt - 1, throttled(ret_fault));
    }
}

/* Does the service description list this code for the action? */
static bool is_modelled(const struct model_action *action, struct str code) {
    const struct model_api *api = model_api(action->service);
    for (uint16_t i = 0; i < action->n_faults; i++)
        if (str_eq(api->shapes[action->faults[i]].fault_code, code))
            return true;
    return false;
}

struct str api_fault_text(struct arena *arena, int action, const struct fault *fault) {
    const struct model_action *model = api_action(action);
    struct str service = str_upper(arena, model_api(model->service)->id);
    if (fault->code == FAULT_TRANSPORT)
        return str_format(arena, "operation error %.*s: %.*s, %.*s", STR_ARG(service),
                          STR_ARG(model->name), STR_ARG(fault->text));
    struct str code = fault->code_text.len > 0 ? fault->code_text : fault_text(fault->code);
    return str_format(arena,
                      "operation error %.*s: %.*s, https response error StatusCode: %d, RequestID: "
                      "%.*s, %s%.*s: %.*s",
                      STR_ARG(service), STR_ARG(model->name), fault->http,
                      STR_ARG(fault->request_id), is_modelled(model, code) ? "" : "api error ",
                      STR_ARG(code), STR_ARG(fault->text));
}
