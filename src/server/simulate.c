/* SPDX-License-Identifier: Apache-2.0 */
#include "server/simulate.h"

#include "base/arena.h"
#include "policy/policy_explain.h"
#include "server/authorize.h"
#include "server/policy_cache.h"
#include "server/server_int.h"
#include "store/row_document.h"
#include "store/link.h"

/* A policy that takes part, with what its statements are reported under. */
struct source {
    struct str id;
    struct str document;
};

struct simulation {
    struct call *call;
    struct source *sources;
    struct policy **policies; /* of the sources */
    size_t n, cap, cap_policies;
    struct policy *resource, *boundary;
    bool has_boundary;
    struct policy_level *levels;
    size_t n_levels;
    bool is_principal; /* of an account, which no organization narrows */
    struct str caller, owner;
    struct authorize_keys keys;
    struct page page;
    size_t have;
    struct str last;
};

/* The members of the two requests that mean the same. */
struct members {
    int inputs, boundaries, actions, resources, resource_policy, owner, caller, context;
};

static struct policy *compile(struct simulation *s, struct str document) {
    struct str error;
    struct policy *policy = policy_parse(s->call->arena, document, &error);
    if (!policy)
        call_fail(s->call, FAULT_INVALID_INPUT, "Invalid policy document: %.*s", STR_ARG(error));
    return policy;
}

/* What the account has is compiled already, for the requests that it decides. */
static struct policy *compiled(struct simulation *s, struct str document) {
    struct policy *policy = policy_cache_get(s->call->server->policies, s->call->arena, document);
    return policy ? policy : compile(s, document);
}

static bool add_source(struct simulation *s, struct str id, struct str document,
                       struct policy *policy) {
    struct arena *a = s->call->arena;
    if (!policy)
        return false;
    s->sources = arena_grow(a, s->sources, s->n, &s->cap, sizeof *s->sources);
    s->policies = arena_grow(a, s->policies, s->n, &s->cap_policies, sizeof *s->policies);
    s->sources[s->n] = (struct source){id, document};
    s->policies[s->n++] = policy;
    return true;
}

static bool add_inputs(struct simulation *s, int member) {
    for (size_t i = 0; i < message_count(s->call->request, member); i++)
        if (!add_source(s, str_format(s->call->arena, "PolicyInputList.%zu", i + 1),
                        message_str_at(s->call->request, member, i),
                        compile(s, message_str_at(s->call->request, member, i))))
            return false;
    return true;
}

/* Inline and attached policies of one entity. */
static bool add_entity(struct simulation *s, const struct entity *entity) {
    struct call *call = s->call;
    const char *label = kind_rows[entity->kind].label;
    struct document_page documents = row_document_list(call->tx, call->arena, entity->id, S(""), 0);
    struct entity_page attached =
        link_targets(call->tx, call->arena, LINK_ATTACHED, entity->id, S(""), S(""), 0);
    for (size_t i = 0; i < documents.n; i++)
        if (!add_source(s,
                        str_format(call->arena, "%s_%.*s_%.*s", label, STR_ARG(entity->name),
                                   STR_ARG(documents.items[i].name)),
                        documents.items[i].body, compiled(s, documents.items[i].body)))
            return false;
    for (size_t i = 0; i < attached.n; i++)
        if (!add_source(s, attached.items[i].name, attached.items[i].secret,
                        compiled(s, attached.items[i].secret)))
            return false;
    return true;
}

static bool add_principal(struct simulation *s, const struct entity *entity) {
    if (!add_entity(s, entity))
        return false;
    if (entity->kind != KIND_USER)
        return true;
    struct entity_page groups =
        link_targets(s->call->tx, s->call->arena, LINK_MEMBER, entity->id, S(""), S(""), 0);
    for (size_t i = 0; i < groups.n; i++)
        if (!add_entity(s, &groups.items[i]))
            return false;
    return true;
}

struct entity *simulate_source(struct call *call, struct str arn) {
    static const enum kind_id kinds[] = {KIND_USER, KIND_ROLE, KIND_GROUP};
    struct str part[5], rest = arn;
    for (size_t i = 0; i < COUNT(part); i++)
        if (!rest.at || !str_split(&rest, ':', &part[i]))
            rest.at = NULL;
    for (size_t i = 0; rest.at && i < COUNT(kinds); i++) {
        struct str head = str_format(call->arena, "%s/", kind_rows[kinds[i]].arn_type);
        if (!str_starts(rest, head))
            continue;
        struct str name = str_slice(rest, (size_t)(str_rfind_byte(rest, '/') + 1), rest.len);
        struct entity *entity = kind_look_up(call, kinds[i], name);
        if (entity && str_eq(kind_arn(call, entity), arn))
            return entity;
    }
    call_fail(call, FAULT_NO_SUCH_ENTITY, "The ARN %.*s cannot be found.", STR_ARG(arn));
    return NULL;
}

static bool add_boundaries(struct simulation *s, int member) {
    size_t n = message_count(s->call->request, member);
    if (!n)
        return true;
    s->boundary = compile(s, message_str_at(s->call->request, member, 0));
    s->has_boundary = true;
    return s->boundary != NULL;
}

static bool add_levels(struct simulation *s, int member, int list) {
    struct call *call = s->call;
    s->n_levels = message_count(call->request, member);
    s->levels = arena_array(call->arena, s->n_levels, sizeof *s->levels);
    for (size_t i = 0; i < s->n_levels; i++) {
        const struct message *level = message_at(call->request, member, i);
        size_t n = message_count(level, list);
        struct policy **policies = arena_array(call->arena, n, sizeof *policies);
        for (size_t k = 0; k < n; k++)
            if (!(policies[k] = compile(s, message_str_at(level, list, k))))
                return false;
        s->levels[i] = (struct policy_level){policies, n};
    }
    return true;
}

static void add_context(struct simulation *s, int member) {
    struct call *call = s->call;
    s->keys.arena = call->arena;
    for (size_t i = 0; i < message_count(call->request, member); i++) {
        const struct message *entry = message_at(call->request, member, i);
        size_t n = message_count(entry, M_ContextEntry_ContextKeyValues);
        struct str *values = arena_array(call->arena, n, sizeof *values);
        for (size_t k = 0; k < n; k++)
            values[k] = message_str_at(entry, M_ContextEntry_ContextKeyValues, k);
        authorize_add_values(&s->keys, message_str(entry, M_ContextEntry_ContextKeyName), values,
                             n);
    }
}

/* ---- answering ---- */

/* Columns stand behind the brace they are about. */
static void set_position(struct message *m, struct str document, uint32_t at, bool start) {
    int64_t line = 1, column = start ? 2 : 1;
    for (uint32_t i = 0; i < at && i < document.len; i++) {
        column++;
        if (document.at[i] == '\n') {
            line++;
            column = 1;
        }
    }
    message_set_int(m, M_Position_Line, line);
    message_set_int(m, M_Position_Column, column);
}

static void add_matches(struct simulation *s, const struct policy_request *request,
                        enum policy_decision decision, struct message *to) {
    struct arena *a = s->call->arena;
    size_t n;
    struct policy_match *matches = policy_explain_matches(a, request, s->policies, s->n, &n);
    message_open(to, M_EvaluationResult_MatchedStatements);
    for (size_t i = 0; i < n; i++) {
        if ((decision == POLICY_EXPLICITLY_DENIED) != matches[i].deny)
            continue;
        const struct source *source = &s->sources[matches[i].policy];
        struct message *m = message_add_message(a, to, M_EvaluationResult_MatchedStatements);
        message_set_str(m, M_Statement_SourcePolicyId, source->id);
        message_set_str(m, M_Statement_SourcePolicyType, S("IAM Policy"));
        set_position(message_make(a, m, M_Statement_StartPosition), source->document,
                     matches[i].start, true);
        set_position(message_make(a, m, M_Statement_EndPosition), source->document, matches[i].end,
                     false);
    }
}

static void add_missing(struct simulation *s, const struct policy_request *request,
                        struct message *to) {
    size_t n;
    struct str *names = policy_explain_missing(s->call->arena, request, s->policies, s->n, &n);
    message_open(to, M_EvaluationResult_MissingContextValues);
    for (size_t i = 0; i < n; i++)
        message_add_str(s->call->arena, to, M_EvaluationResult_MissingContextValues, names[i]);
}

static bool allowed_by(struct simulation *s, const struct policy_request *request,
                       const struct policy_set *set) {
    return policy_decide(s->call->arena, request, set).decision == POLICY_ALLOWED;
}

/* Whether the boundary, and the organization, would let the action through by themselves. */
static void add_limits(struct simulation *s, const struct policy_request *request,
                       struct message *to) {
    if (s->has_boundary) {
        struct policy_set alone = {.identity = &s->boundary, .n_identity = 1};
        message_set_bool(
            message_make(s->call->arena, to, M_EvaluationResult_PermissionsBoundaryDecisionDetail),
            M_PermissionsBoundaryDecisionDetail_AllowedByPermissionsBoundary,
            allowed_by(s, request, &alone));
    }
    if (s->n_levels || s->is_principal) {
        bool all = true;
        for (size_t i = 0; i < s->n_levels; i++) {
            struct policy_set level = {.identity = s->levels[i].policies,
                                       .n_identity = s->levels[i].n};
            all = all && allowed_by(s, request, &level);
        }
        message_set_bool(
            message_make(s->call->arena, to, M_EvaluationResult_OrganizationsDecisionDetail),
            M_OrganizationsDecisionDetail_AllowedByOrganizations, all);
    }
}

/* The same once more, for the one resource that it is about. */
static void add_specific(struct simulation *s, struct message *result) {
    struct arena *a = s->call->arena;
    struct message *m = message_add_message(a, result, M_EvaluationResult_ResourceSpecificResults);
    message_open(m, M_ResourceSpecificResult_MatchedStatements);
    message_open(m, M_ResourceSpecificResult_MissingContextValues);
    message_copy(m, result);
    message_unset(m, M_ResourceSpecificResult_EvalDecisionDetails);
    message_set_str(m, M_ResourceSpecificResult_EvalResourceDecision,
                    message_str(result, M_EvaluationResult_EvalDecision));
}

static void evaluate(struct simulation *s, struct str action, struct str resource) {
    static const struct str decisions[] = {[POLICY_ALLOWED] = STR("allowed"),
                                           [POLICY_IMPLICITLY_DENIED] = STR("implicitDeny"),
                                           [POLICY_EXPLICITLY_DENIED] = STR("explicitDeny")};
    struct call *call = s->call;
    struct policy_request request = {
        .principal = s->caller,
        .principal_account = call->account,
        .action = action,
        .resource = resource,
        .resource_account = s->owner.len ? s->owner : call->account,
        .context = s->keys.items,
        .n_context = s->keys.n,
    };
    struct policy_set set = {
        .identity = s->policies,
        .n_identity = s->n,
        .resource = s->resource,
        .boundary = s->boundary,
        .scps = s->levels,
        .n_scps = s->n_levels,
    };
    struct policy_result result = policy_decide(call->arena, &request, &set);
    struct message *m = message_add_message(call->arena, call->response,
                                            M_SimulatePolicyResponse_EvaluationResults);
    message_set_str(m, M_EvaluationResult_EvalActionName, action);
    message_set_str(m, M_EvaluationResult_EvalResourceName, resource);
    message_set_str(m, M_EvaluationResult_EvalDecision, decisions[result.decision]);
    add_matches(s, &request, result.decision, m);
    add_missing(s, &request, m);
    add_limits(s, &request, m);
    message_open(m, M_EvaluationResult_EvalDecisionDetails);
    if (!str_eq(resource, S("*")))
        add_specific(s, m);
}

/* Every action on every resource; a page is a range of those pairs. */
static bool run(struct simulation *s, const struct members *members) {
    struct call *call = s->call;
    size_t n_actions = message_count(call->request, members->actions);
    size_t n_resources = message_count(call->request, members->resources);
    size_t pairs = n_actions * (n_resources ? n_resources : 1), first = 0;
    int64_t after;
    if (!call_page(call, &s->page))
        return false;
    if (s->page.after.len && str_to_int(s->page.after, &after) && after >= 0)
        first = (size_t)after;
    message_open(call->response, M_SimulatePolicyResponse_EvaluationResults);
    for (size_t i = first; i < pairs && s->have < (size_t)s->page.size; i++, s->have++) {
        size_t width = n_resources ? n_resources : 1;
        struct str action = message_str_at(call->request, members->actions, i / width);
        struct str resource =
            n_resources ? message_str_at(call->request, members->resources, i % width) : S("*");
        if (str_find_byte(action, ':') <= 0)
            return call_fail(call, FAULT_INVALID_INPUT, "Invalid Entity Arn: %.*s",
                             STR_ARG(action));
        evaluate(s, action, resource);
    }
    bool more = first + s->have < pairs;
    call_page_end(call, &s->page, more ? (size_t)s->page.size + 1 : s->have,
                  str_format(call->arena, "%zu", first + s->have));
    return true;
}

static bool prepare(struct simulation *s, const struct members *members) {
    struct call *call = s->call;
    struct str policy = call_str(call, members->resource_policy);
    s->owner = call_str(call, members->owner);
    s->caller = call_str(call, members->caller);
    /* An owner is given as the ARN of its account's root. */
    if (str_starts(s->owner, S("arn:"))) {
        struct str part = S(""), rest = s->owner;
        for (int i = 0; i < 5 && rest.at; i++)
            (void)str_split(&rest, ':', &part);
        s->owner = part;
    }
    add_context(s, members->context);
    if (policy.len && !(s->resource = compile(s, policy)))
        return false;
    return add_inputs(s, members->inputs) && add_boundaries(s, members->boundaries);
}

bool simulate_custom(struct call *call) {
    static const struct members members = {
        M_SimulateCustomPolicyRequest_PolicyInputList,
        M_SimulateCustomPolicyRequest_PermissionsBoundaryPolicyInputList,
        M_SimulateCustomPolicyRequest_ActionNames,
        M_SimulateCustomPolicyRequest_ResourceArns,
        M_SimulateCustomPolicyRequest_ResourcePolicy,
        M_SimulateCustomPolicyRequest_ResourceOwner,
        M_SimulateCustomPolicyRequest_CallerArn,
        M_SimulateCustomPolicyRequest_ContextEntries,
    };
    struct simulation s = {.call = call};
    if (!prepare(&s, &members) ||
        !add_levels(&s, M_SimulateCustomPolicyRequest_OrderedOrganizationPolicyInputList,
                    M_OrderedOrganizationPolicyType_ServiceControlPolicyInputList))
        return false;
    if (!s.caller.len)
        s.caller = call_arn(call, call->account, "user", S("/"), S("simulated"));
    return run(&s, &members);
}

bool simulate_principal(struct call *call) {
    static const struct members members = {
        M_SimulatePrincipalPolicyRequest_PolicyInputList,
        M_SimulatePrincipalPolicyRequest_PermissionsBoundaryPolicyInputList,
        M_SimulatePrincipalPolicyRequest_ActionNames,
        M_SimulatePrincipalPolicyRequest_ResourceArns,
        M_SimulatePrincipalPolicyRequest_ResourcePolicy,
        M_SimulatePrincipalPolicyRequest_ResourceOwner,
        M_SimulatePrincipalPolicyRequest_CallerArn,
        M_SimulatePrincipalPolicyRequest_ContextEntries,
    };
    struct simulation s = {.call = call, .is_principal = true};
    struct str arn = message_str(call->request, M_SimulatePrincipalPolicyRequest_PolicySourceArn);
    struct entity *entity = simulate_source(call, arn);
    if (!entity || !prepare(&s, &members) || !add_principal(&s, entity))
        return false;
    if (!s.caller.len)
        s.caller = arn;
    if (s.resource && str_find(s.caller, S(":user/")) < 0)
        return call_fail(call, FAULT_INVALID_INPUT,
                         "Invalid caller - Caller must be an IAM user in this context.");
    if (!s.has_boundary && entity->kind != KIND_GROUP) {
        s.boundary = authorize_boundary(call, entity);
        s.has_boundary = s.boundary != NULL;
    }
    return run(&s, &members);
}

static bool answer_keys(struct simulation *s) {
    size_t n;
    struct call *call = s->call;
    struct str *names = policy_explain_keys(call->arena, s->policies, s->n, &n);
    message_open(call->response, M_GetContextKeysForPolicyResponse_ContextKeyNames);
    for (size_t i = 0; i < n; i++)
        message_add_str(call->arena, call->response,
                        M_GetContextKeysForPolicyResponse_ContextKeyNames, names[i]);
    return true;
}

bool simulate_custom_keys(struct call *call) {
    struct simulation s = {.call = call};
    return add_inputs(&s, M_GetContextKeysForCustomPolicyRequest_PolicyInputList) &&
           answer_keys(&s);
}

bool simulate_principal_keys(struct call *call) {
    struct simulation s = {.call = call};
    struct entity *entity = simulate_source(
        call,
        message_str(call->request, M_GetContextKeysForPrincipalPolicyRequest_PolicySourceArn));
    return entity && add_principal(&s, entity) &&
           add_inputs(&s, M_GetContextKeysForPrincipalPolicyRequest_PolicyInputList) &&
           answer_keys(&s);
}
