/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/service.h"

#include <pthread.h>

#include "aws/arn.h"
#include "aws/holdings.h"
#include "aws/keychain.h"
#include "aws/partition.h"
#include "aws/tag_policy.h"
#include "base/arena.h"
#include "base/map.h"
#include "base/trace.h"
#include "wire/model_ids.h"

#define PAGES_MAX 100000

/* What bulk fetches held, one after the other. */
struct kept {
    struct holdings *holdings;
    struct kept *older;
};

struct service {
    const struct settings *settings;
    struct api *api;
    struct keychain *keychain;
    struct str account, partition;
    struct tag_policy tag_policy;
    pthread_rwlock_t lock; /* held, stale, answering */
    struct kept *held;     /* the newest first */
    struct kept *stale;    /* from here on: not asked any more */
    bool answering;
    pthread_rwlock_t making;
    pthread_mutex_t noting; /* arena, made */
    struct arena *arena;
    struct map made; /* ids that create calls have told */
};

const struct settings *service_settings(const struct service *service) {
    return service->settings;
}

struct str service_account(const struct service *service) {
    return service->account;
}

struct str service_partition(const struct service *service) {
    return service->partition;
}

uint64_t service_calls(const struct service *service) {
    return api_calls(service->api);
}

const struct tag_policy *service_tag_policy(const struct service *service) {
    return &service->tag_policy;
}

int64_t service_now_ms(const struct service *service) {
    return api_now_ms(service->api);
}

void service_making(struct service *service, bool alone) {
    if (alone)
        pthread_rwlock_wrlock(&service->making);
    else
        pthread_rwlock_rdlock(&service->making);
}

void service_made(struct service *service) {
    pthread_rwlock_unlock(&service->making);
}

void service_note_made(struct service *service, struct str id) {
    pthread_mutex_lock(&service->noting);
    map_put(service->arena, &service->made, str_dup(service->arena, id), service);
    pthread_mutex_unlock(&service->noting);
}

bool service_is_made(const struct service *service, struct str id) {
    return map_get(&service->made, id) != NULL;
}

void service_stop(struct service *service) {
    api_stop(service->api);
}

void service_free(struct service *service) {
    if (!service)
        return;
    api_free(service->api);
    keychain_free(service->keychain);
    for (struct kept *k = service->held; k; k = k->older)
        holdings_free(k->holdings);
    arena_free(service->arena);
    pthread_rwlock_destroy(&service->lock);
    pthread_rwlock_destroy(&service->making);
    pthread_mutex_destroy(&service->noting);
}

struct message *service_request(struct arena *arena, int action) {
    return message_request(arena, api_action(action));
}

/* "frame: operation error IAM: ..."; frame may be empty. */
static void add_error(struct arena *arena, struct diags *diags, struct str frame, int action,
                      const struct fault *fault) {
    struct str why = api_fault_text(arena, action, fault);
    struct str summary =
        frame.len > 0 ? str_format(arena, "%.*s: %.*s", STR_ARG(frame), STR_ARG(why)) : why;
    diags_add(diags, SEVERITY_ERROR, (struct span){0}, summary, S(""));
}

/* Reads begin with Get or List (or Simulate); everything else may change something. */
static bool is_read(int action) {
    struct str name = api_action(action)->name;
    return str_starts(name, S("Get")) || str_starts(name, S("List")) ||
           str_starts(name, S("Simulate"));
}

void service_preload(struct service *service, struct holdings *held) {
    pthread_mutex_lock(&service->noting);
    struct kept *kept = arena_alloc(service->arena, sizeof *kept);
    pthread_mutex_unlock(&service->noting);
    pthread_rwlock_wrlock(&service->lock);
    if (!service->answering)
        service->stale = service->held;
    *kept = (struct kept){held, service->held};
    service->held = kept;
    service->answering = true;
    pthread_rwlock_unlock(&service->lock);
}

/*
 * A known answer, or NULL. Answers may be used while something changes or more is fetched, so what
 * they are made of lives until the end, and is only no longer asked.
 */
static struct message *known_answer(struct service *service, struct arena *arena, int action,
                                    const struct message *request) {
    pthread_rwlock_rdlock(&service->lock);
    struct message *found = NULL;
    for (struct kept *k = service->answering ? service->held : service->stale;
         k != service->stale && !found; k = k->older)
        found = holdings_answer(k->holdings, arena, action, request);
    pthread_rwlock_unlock(&service->lock);
    return found;
}

static void forget_answers(struct service *service) {
    pthread_rwlock_rdlock(&service->lock);
    bool any = service->answering;
    pthread_rwlock_unlock(&service->lock);
    if (!any)
        return;
    pthread_rwlock_wrlock(&service->lock);
    service->answering = false;
    pthread_rwlock_unlock(&service->lock);
}

struct message *service_call(struct service *service, struct arena *arena, int action,
                             const struct message *request, struct fault *ret_fault) {
    if (is_read(action)) {
        struct message *known = known_answer(service, arena, action, request);
        ret_fault->repeated = false;
        if (known)
            return known;
    } else {
        forget_answers(service);
    }
    struct credentials credentials;
    struct str error;
    if (!keychain_get(service->keychain, arena, &credentials, &error)) {
        *ret_fault = (struct fault){
            .code = FAULT_TRANSPORT,
            .text = str_format(arena, "get identity: get credentials: %.*s", STR_ARG(error))};
        return NULL;
    }
    struct message *answer =
        api_call(service->api, arena, action, request, &credentials, ret_fault);
    if (!is_read(action))
        forget_answers(service);
    return answer;
}

/* Members that page an answer: the cursor to send back, and whether there is more. */
struct pager {
    int request_marker, response_marker, truncated;
};

static bool pager_of(const struct model_action *action, struct pager *ret) {
    if (!action->paged)
        return false;
    const struct model_shape *in = model_shape(action, action->input);
    const struct model_shape *out = model_shape(action, action->output);
    *ret = (struct pager){model_member(in, S("Marker")), model_member(out, S("Marker")),
                          model_member(out, S("IsTruncated"))};
    return ret->request_marker >= 0 && ret->response_marker >= 0 && ret->truncated >= 0;
}

static void append_lists(struct arena *arena, struct message *into, const struct message *from) {
    for (uint16_t i = 0; i < from->shape->n_members; i++) {
        struct field *f = &from->fields[i];
        if (!f->set || f->kind != SHAPE_LIST)
            continue;
        for (size_t j = 0; j < f->list.n; j++)
            *message_add(arena, into, i) = f->list.items[j];
    }
}

bool service_pages(struct service *service, struct arena *arena, int action,
                   struct message *request,
                   bool (*visit)(void *context, const struct message *page), void *context,
                   struct fault *ret_fault) {
    struct pager pager = {0};
    bool paged = pager_of(api_action(action), &pager);
    for (size_t n = 0; n <= PAGES_MAX; n++) {
        const struct message *page = service_call(service, arena, action, request, ret_fault);
        if (!page)
            return false;
        if (!visit(context, page) || !paged || !message_bool(page, pager.truncated))
            return true;
        message_set_str(request, pager.request_marker, message_str(page, pager.response_marker));
    }
    return true;
}

struct gathered {
    struct arena *arena;
    struct message *all;
};

static bool gather_page(void *context, const struct message *page) {
    struct gathered *g = context;
    if (g->all)
        append_lists(g->arena, g->all, page);
    else
        g->all = (struct message *)page;
    return true;
}

struct message *service_list(struct service *service, struct arena *arena, int action,
                             struct message *request, struct fault *ret_fault) {
    struct gathered gathered = {.arena = arena};
    if (!service_pages(service, arena, action, request, gather_page, &gathered, ret_fault))
        return NULL;
    return gathered.all;
}

/* Account and partition from the caller's ARN. */
static bool find_account(struct service *service, struct arena *arena, struct diags *diags) {
    struct fault fault;
    struct message *request = service_request(arena, A_STS_GetCallerIdentity);
    struct message *who = service_call(service, arena, A_STS_GetCallerIdentity, request, &fault);
    if (!who) {
        add_error(arena, diags,
                  S("Retrieving AWS account details: validating provider credentials: "
                    "retrieving caller identity from STS"),
                  A_STS_GetCallerIdentity, &fault);
        return false;
    }
    struct arn arn;
    service->account = str_dup(arena, message_str(who, M_GetCallerIdentityResponse_Account));
    if (arn_parse(message_str(who, M_GetCallerIdentityResponse_Arn), &arn))
        service->partition = str_dup(arena, arn.partition);
    return true;
}

static bool check_account(const struct service *service, struct diags *diags) {
    const struct settings *s = service->settings;
    if (service->account.len == 0)
        return true;
    if (str_is_in(service->account, s->forbidden_accounts, s->n_forbidden) ||
        (s->n_allowed > 0 && !str_is_in(service->account, s->allowed_accounts, s->n_allowed))) {
        diags_error(diags, (struct span){0}, "AWS account ID not allowed: ", NULL)->summary =
            str_format(diags->arena, "AWS account ID not allowed: %.*s", STR_ARG(service->account));
        return false;
    }
    return true;
}

static bool fetch_tag_policy(struct service *service, struct arena *arena, struct diags *diags) {
    struct credentials credentials;
    struct str error;
    return !keychain_get(service->keychain, arena, &credentials, &error) ||
           tag_policy_fetch(arena, service->settings, service->api, &credentials,
                            &service->tag_policy, diags);
}

struct service *service_new(struct arena *arena, const struct settings *settings,
                            const struct aws_transport *transport, struct diags *diags) {
    struct service *service = arena_alloc(arena, sizeof *service);
    service->settings = settings;
    service->partition = partition_of_region(settings->region)->id;
    service->arena = arena_new();
    pthread_rwlock_init(&service->lock, NULL);
    pthread_rwlock_init(&service->making, NULL);
    pthread_mutex_init(&service->noting, NULL);
    service->api = api_new(arena, settings, transport);
    service->keychain = keychain_new(arena, settings, service->api);
    bool done = keychain_check(service->keychain, diags);
    if (done && !(settings->skip_credentials_validation && settings->skip_account_id))
        done = find_account(service, arena, diags);
    if (done && check_account(service, diags) && fetch_tag_policy(service, arena, diags))
        return service;
    service_free(service);
    return NULL;
}
