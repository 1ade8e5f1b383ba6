/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "server/aws_managed.h"
#include "server/dispatch.h"
#include "server/ident.h"
#include "server/issuer.h"
#include "server/kind.h"
#include "server/policy_cache.h"
#include "server/server_int.h"
#include "server/usage.h"
#include "store/setting.h"
#include "wire/message_json.h"
#include "wire/model_ids.h"

#define DEFAULT_ACCOUNT S("123456789012")
#define ROOT_KEY S("root-key")
#define ACCOUNT S("account")
#define USAGE S("usage")
#define USAGE_SAVE_MS 60000
#define MAX_ATTEMPTS 5 /* at founding, beside others who do the same */

/* ---- founding ---- */

static void add_root_key(struct server *server, struct store_tx *tx, struct arena *arena,
                         struct credentials *key) {
    const struct model_api *api = model_api(SERVICE_IAM);
    struct message *body = message_new(arena, api, &api->shapes[T_IAM_AccessKey]);
    message_set_str(body, M_AccessKey_Status, S("Active"));
    message_set_str(body, M_AccessKey_UserName, S("root"));
    struct entity entity = {
        .id = key->access_key_id,
        .account = server->account,
        .kind = KIND_ACCESS_KEY,
        .key = key->access_key_id,
        .name = key->access_key_id,
        .path = S("/"),
        .owner = server->account,
        .created_ms = store_now_ms(server->store),
        .body = message_json_text(arena, body),
        .secret = seal_text(&server->seal, arena, key->secret_access_key),
    };
    entity_add(tx, &entity);
    setting_put(tx, server->account, ROOT_KEY, key->access_key_id);
}

static enum store_status found(struct server *server, const struct server_options *options,
                               struct arena *arena, struct credentials *ret_new_key,
                               struct str *ret_why) {
    struct store_tx *tx = store_begin(server->store, true);
    struct str value;
    struct credentials key = {options->root_access_key_id, options->root_secret_access_key, S("")};
    *ret_new_key = (struct credentials){S(""), S(""), S("")};
    if (!setting_get(tx, arena, S(SERVER_AWS_ACCOUNT), ACCOUNT, &value)) {
        aws_managed_add(tx, arena);
        setting_put(tx, S(SERVER_AWS_ACCOUNT), ACCOUNT, S("1"));
    }
    if (server->data_dir.len)
        aws_managed_load(tx, arena, fs_join(arena, server->data_dir, S("aws-policies")));
    if (!setting_get(tx, arena, server->account, ACCOUNT, &value)) {
        bool given = key.access_key_id.len && key.secret_access_key.len;
        if (!given) {
            key.access_key_id = ident_access_key(arena, "AKIA", server->account);
            key.secret_access_key = ident_secret(arena);
            if (!server->permissive)
                *ret_new_key = key;
        }
        setting_put(tx, server->account, ACCOUNT,
                    str_format(arena, "%lld", (long long)clock_now_ms()));
        /* A test double knows every key, and its account has none of its own. */
        if (given || !server->permissive)
            add_root_key(server, tx, arena, &key);
    }
    if (setting_get(tx, arena, S(SERVER_AWS_ACCOUNT), USAGE, &value))
        usage_load(server->usage, value);
    *ret_why = str_dup(arena, store_error_text(tx));
    return store_commit(tx);
}

/* Accounts, root keys and AWS's policies of a new store. */
static bool found_at_last(struct server *server, const struct server_options *options,
                          struct arena *arena, struct credentials *ret_new_key,
                          struct str *ret_error) {
    struct str why;
    enum store_status status = STORE_RETRY;
    for (int attempt = 0; status == STORE_RETRY && attempt < MAX_ATTEMPTS; attempt++)
        status = found(server, options, arena, ret_new_key, &why);
    if (status == STORE_OK)
        return true;
    if (status == STORE_FULL)
        why = S("no space left on device");
    *ret_error = str_format(arena, "cannot write to the database: %.*s",
                            STR_ARG(why.len ? why : S("the commit failed")));
    return false;
}

/* ---- opening ---- */

static bool open_store(struct server *server, const struct server_options *options,
                       struct arena *arena, struct str *ret_error) {
    struct store_options store = {.url = options->store_url};
    struct str key_file = S("");
    bool is_new;
    if (options->file.len) {
        store.file = options->file;
        key_file = str_cat(arena, options->file, S(".key"));
    } else if (options->data_dir.len) {
        int error = fs_mkdirs(options->data_dir, 0700);
        if (error) {
            *ret_error =
                str_format(arena, "cannot use data directory %.*s: %.*s",
                           STR_ARG(options->data_dir), STR_ARG(fs_error_text(arena, error)));
            return false;
        }
        if (!store.url.len)
            store.file = fs_join(arena, options->data_dir, S("loam.db"));
        key_file = fs_join(arena, options->data_dir, S("loam.key"));
    }
    if (key_file.len && !seal_open(&server->seal, key_file, arena, ret_error))
        return false;
    if (!key_file.len)
        seal_random(&server->seal);
    server->store = store_open(&store, arena, &is_new, ret_error);
    return server->store != NULL;
}

struct server *server_open(const struct server_options *options, struct arena *arena,
                           struct credentials *ret_new_key, struct str *ret_error) {
    struct arena *own = arena_new();
    struct server *server = arena_alloc(own, sizeof *server);
    struct credentials new_key = {{0}};
    server->arena = own;
    server->permissive = options->permissive;
    server->account = str_dup(own, options->account_id.len ? options->account_id : DEFAULT_ACCOUNT);
    server->data_dir = str_dup(own, options->data_dir);
    server->quotas = str_dup(own, options->quotas);
    server->started_ms = clock_now_ms();
    server->usage_saved_ms = server->started_ms;
    server->policies = policy_cache_new();
    server->usage = usage_new();
    if (open_store(server, options, arena, ret_error) &&
        found_at_last(server, options, arena, &new_key, ret_error)) {
        *ret_new_key = new_key;
        return server;
    }
    store_close(server->store);
    policy_cache_free(server->policies);
    usage_free(server->usage);
    arena_free(own);
    return NULL;
}

static void save_usage(struct server *server) {
    struct arena *scratch = arena_new();
    struct str text = usage_text(server->usage, scratch);
    if (text.len) {
        struct store_tx *tx = store_begin(server->store, true);
        setting_put(tx, S(SERVER_AWS_ACCOUNT), USAGE, text);
        (void)store_commit(tx);
    }
    arena_free(scratch);
}

/* Now and then, by whoever comes first after the time is up. */
static void save_usage_if_due(struct server *server) {
    int64_t now = clock_now_ms(), last = atomic_load(&server->usage_saved_ms);
    if (now - last >= USAGE_SAVE_MS &&
        atomic_compare_exchange_strong(&server->usage_saved_ms, &last, now))
        save_usage(server);
}

void server_close(struct server *server) {
    if (!server)
        return;
    save_usage(server);
    store_close(server->store);
    policy_cache_free(server->policies);
    usage_free(server->usage);
    arena_free(server->arena);
}

struct credentials server_root_key(struct server *server, struct arena *arena) {
    struct credentials key = {S(""), S(""), S("")};
    struct store_tx *tx = store_begin(server->store, false);
    struct entity *entity = NULL;
    if (setting_get(tx, arena, server->account, ROOT_KEY, &key.access_key_id))
        entity = entity_by_id(tx, arena, key.access_key_id);
    if (!entity || !seal_unseal(&server->seal, arena, entity->secret, &key.secret_access_key))
        key = (struct credentials){S(""), S(""), S("")};
    store_rollback(tx);
    return key;
}

/* ---- requests ---- */

static void answer_text(struct server_answer *answer, int status, struct str body) {
    *answer = (struct server_answer){
        .status = status, .content_type = S("text/plain; version=0.0.4"), .body = body};
}

static void answer_metrics(struct server *server, struct arena *arena,
                           struct server_answer *answer) {
    const struct {
        const char *name, *help;
        uint64_t value;
    } counters[] = {
        {"loam_requests_total", "API requests answered.", atomic_load(&server->requests)},
        {"loam_faults_total", "Requests answered with a 4xx fault.", atomic_load(&server->faults)},
        {"loam_denied_total", "Requests refused by policies.", atomic_load(&server->denied)},
        {"loam_failures_total", "Requests answered with a 5xx fault.",
         atomic_load(&server->failures)},
    };
    struct str text = str_format(arena,
                                 "# HELP loam_uptime_seconds Time since the start.\n"
                                 "# TYPE loam_uptime_seconds gauge\nloam_uptime_seconds %.3f\n",
                                 (double)(clock_now_ms() - server->started_ms) / 1000);
    for (size_t i = 0; i < COUNT(counters); i++)
        text = str_format(arena, "%.*s# HELP %s %s\n# TYPE %s counter\n%s %llu\n", STR_ARG(text),
                          counters[i].name, counters[i].help, counters[i].name, counters[i].name,
                          (unsigned long long)counters[i].value);
    answer_text(answer, 200, text);
}

static void answer_reset(struct server *server, struct arena *arena, struct server_answer *answer) {
    struct server_options options = {0};
    struct credentials key;
    struct str error;
    struct store_tx *tx = store_begin(server->store, true);
    store_empty(tx);
    usage_empty(server->usage);
    bool ok = store_commit(tx) == STORE_OK && found_at_last(server, &options, arena, &key, &error);
    answer_text(answer, ok ? 200 : 500, ok ? S("{\"status\": \"ok\"}") : S("reset failed"));
}

/* What is asked of the server itself and not of AWS's API. */
static bool answer_own(struct server *server, struct arena *arena, const struct http_request *http,
                       struct server_answer *answer) {
    bool get = str_eq(http->method, S("GET")), post = str_eq(http->method, S("POST"));
    struct str document;
    if (get && str_eq(http->path, S("/healthz"))) {
        struct store_tx *tx = store_begin(server->store, false);
        struct str value;
        (void)setting_get(tx, arena, server->account, ACCOUNT, &value);
        bool up = store_commit(tx) == STORE_OK;
        answer_text(answer, up ? 200 : 503, up ? S("ok\n") : S("database down\n"));
    } else if (get && str_eq(http->path, S("/metrics"))) {
        answer_metrics(server, arena, answer);
    } else if (get && issuer_publish(server, arena, http, &document)) {
        *answer = (struct server_answer){
            .status = 200, .content_type = S("application/json"), .body = document};
    } else if (post && server->permissive && str_eq(http->path, S("/moto-api/reset"))) {
        answer_reset(server, arena, answer);
    } else {
        return false;
    }
    return true;
}

void server_handle(struct server *server, struct arena *arena, const struct http_request *request,
                   struct str peer, struct server_answer *ret_answer) {
    struct server_answer answer = {0};
    if (!answer_own(server, arena, request, &answer)) {
        dispatch_run(server, arena, request, peer, &answer);
        save_usage_if_due(server);
        atomic_fetch_add(&server->requests, 1);
        if (answer.status >= 500)
            atomic_fetch_add(&server->failures, 1);
        else if (answer.status >= 400)
            atomic_fetch_add(&server->faults, 1);
    }
    *ret_answer = answer;
}
