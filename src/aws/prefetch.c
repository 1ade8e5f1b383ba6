/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/prefetch.h"

#include "aws/holdings.h"
#include "base/arena.h"
#include "base/trace.h"
#include "wire/model_ids.h"

#define READS_MIN 100 /* below this, single reads are as good and disturb nobody */
#define PAGE_ITEMS 1000

struct prefetch_plan {
    struct holdings *holdings; /* what is wanted; NULL when it was handed on */
    size_t reads[HOLDINGS_KINDS];
};

struct prefetch_plan *prefetch_plan_new(struct arena *arena) {
    struct prefetch_plan *plan = arena_alloc(arena, sizeof *plan);
    plan->holdings = holdings_new();
    return plan;
}

void prefetch_plan_free(struct prefetch_plan *plan) {
    holdings_free(plan->holdings);
    plan->holdings = NULL;
}

static struct str name_in(const struct op *op, const struct call_row *call, int member) {
    for (const struct bind *b = call->in; b && b->attr; b++)
        if (b->member == member)
            return record_text(&op->now, str_from(b->attr));
    return S("");
}

static void count_call(struct prefetch_plan *plan, struct op *op, const struct call_row *call) {
    int member;
    enum holdings_kind kind = holdings_kind_of(call->action, &member);
    if (kind == HOLDINGS_KINDS)
        return;
    struct str name =
        kind == HOLDINGS_LIST ? api_action(call->action)->name : name_in(op, call, member);
    if (name.len == 0)
        return;
    plan->reads[kind]++;
    holdings_want(plan->holdings, kind, name);
}

void prefetch_plan_add(struct prefetch_plan *plan, struct op *op) {
    const struct resource_row *row = op->resource->row;
    int listed = 0; /* several sets of children may come from one call */
    for (const struct read_row *r = row->reads; r && r->call.action; r++)
        count_call(plan, op, &r->call);
    for (const struct children_row *c = row->children; c && c->attr; c++) {
        if (c->list.action != listed)
            count_call(plan, op, &c->list);
        listed = c->list.action;
    }
}

typedef void take_page(struct holdings *h, const struct message *page);

/* The fetch at work. */
struct bulk {
    struct holdings *holdings;
    struct service *service;
    struct arena *arena, *page; /* page: for what is dead when a page was taken */
    size_t calls_max;           /* it gives up when it has taken more calls than it can save */
};

static bool each_page(struct bulk *b, int action, struct message *request, take_page *take,
                      struct fault *ret_fault) {
    const struct model_action *model = api_action(action);
    const struct model_shape *out = model_shape(model, model->output);
    int truncated = model_member(out, S("IsTruncated")), marker = model_member(out, S("Marker"));
    int next = model_member(request->shape, S("Marker"));
    while (b->calls_max-- > 0) {
        arena_reset(b->page);
        struct message *page = service_call(b->service, b->page, action, request, ret_fault);
        if (!page)
            return false;
        take(b->holdings, page);
        if (!message_bool(page, truncated))
            return true;
        message_set_str(request, next, str_dup(b->arena, message_str(page, marker)));
    }
    *ret_fault = (struct fault){.code = FAULT_OTHER, .text = S("the account is too large")};
    return false;
}

static bool fetch_details(struct bulk *b, const bool worth[HOLDINGS_KINDS],
                          struct fault *ret_fault) {
    static const struct str names[HOLDINGS_KINDS] = {
        [HOLDINGS_USER] = STR("User"),
        [HOLDINGS_ROLE] = STR("Role"),
        [HOLDINGS_GROUP] = STR("Group"),
        [HOLDINGS_POLICY] = STR("LocalManagedPolicy"),
    };
    struct message *request = service_request(b->arena, A_IAM_GetAccountAuthorizationDetails);
    bool any = false;
    for (size_t i = 0; i < HOLDINGS_KINDS; i++) {
        any = any || (worth[i] && names[i].len > 0);
        if (worth[i] && names[i].len > 0)
            message_add_str(b->arena, request, M_GetAccountAuthorizationDetailsRequest_Filter,
                            names[i]);
    }
    message_set_int(request, M_GetAccountAuthorizationDetailsRequest_MaxItems, PAGE_ITEMS);
    return !any || each_page(b, A_IAM_GetAccountAuthorizationDetails, request,
                             holdings_take_details, ret_fault);
}

static bool fetch_roles(struct bulk *b, struct fault *ret_fault) {
    struct message *request = service_request(b->arena, A_IAM_ListRoles);
    message_set_int(request, M_ListRolesRequest_MaxItems, PAGE_ITEMS);
    return each_page(b, A_IAM_ListRoles, request, holdings_take_roles, ret_fault);
}

/* What all who ask of it ask in the same words. Where that is denied, they will be told. */
static void fetch_lists(struct bulk *b) {
    struct fault fault;
    arena_reset(b->page);
    struct message *request = service_request(b->page, A_IAM_ListVirtualMFADevices);
    struct message *all =
        service_list(b->service, b->page, A_IAM_ListVirtualMFADevices, request, &fault);
    if (all)
        holdings_take_list(b->holdings, A_IAM_ListVirtualMFADevices, all);
}

/* Kinds that somebody asks of, and those that are shown by others. */
static size_t choose(const struct prefetch_plan *plan, bool worth[HOLDINGS_KINDS]) {
    size_t saved = 0;
    for (size_t i = 0; i < HOLDINGS_KINDS; i++) {
        worth[i] = plan->reads[i] > 0;
        saved += plan->reads[i];
    }
    bool uses = worth[HOLDINGS_USE];
    worth[HOLDINGS_USER] |= worth[HOLDINGS_GROUP] || uses; /* members of groups */
    worth[HOLDINGS_ROLE] |= uses;
    worth[HOLDINGS_GROUP] |= uses;
    return saved;
}

static bool fetch(struct bulk *b, const struct prefetch_plan *plan, struct fault *ret_fault) {
    bool worth[HOLDINGS_KINDS];
    choose(plan, worth);
    if (!fetch_details(b, worth, ret_fault) ||
        (plan->reads[HOLDINGS_ROLE] > 0 && !fetch_roles(b, ret_fault)))
        return false;
    if (worth[HOLDINGS_LIST])
        fetch_lists(b);
    return true;
}

bool prefetch_run(struct prefetch_plan *plan, struct service *service, struct arena *scratch,
                  struct str *ret_fault) {
    bool worth[HOLDINGS_KINDS];
    size_t saved = choose(plan, worth);
    if (saved < READS_MIN)
        return true;
    struct fault fault = {0};
    struct bulk b = {plan->holdings, service, scratch, arena_new(), saved / 2};
    bool done = fetch(&b, plan, &fault);
    if (!done)
        *ret_fault =
            str_dup(scratch, api_fault_text(scratch, A_IAM_GetAccountAuthorizationDetails, &fault));
    arena_free(b.page);
    if (!done) {
        trace_line(TRACE_DEBUG, "aws: no bulk refresh: %.*s", STR_ARG(*ret_fault));
        return fault.code != FAULT_ACCESS_DENIED;
    }
    trace_line(TRACE_DEBUG, "aws: bulk refresh stands for %zu reads", saved);
    service_preload(service, plan->holdings);
    plan->holdings = NULL;
    return true;
}
