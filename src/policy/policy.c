/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include <string.h>

#include "base/arena.h"
#include "policy/policy_int.h"

/* Compiling. */

static void compile_patterns(struct arena *arena, const struct json *json, unsigned flags,
                             struct policy_patterns *ret_patterns) {
    size_t n = json->kind == JSON_ARRAY ? json->n : 1;
    struct policy_pattern *all = arena_array(arena, n, sizeof *all);
    for (size_t i = 0; i < n; i++) {
        const struct json *one = json->kind == JSON_ARRAY ? &json->items[i] : json;
        policy_pattern_compile(arena, one->text, flags, &all[i]);
    }
    *ret_patterns = (struct policy_patterns){all, n};
}

/* Element names are written as documented, but the evaluator does not mind their case. */
static const struct json *element(const struct json *statement, const char *name) {
    const struct json *found = NULL;
    for (size_t i = 0; i < statement->n; i++)
        if (str_eq_nocase(statement->members[i].name, str_from(name)))
            found = &statement->members[i].value;
    return found;
}

static void compile_statement(struct arena *arena, const struct json *json, bool variables,
                              struct policy_statement *statement) {
    const struct json *effect = element(json, "Effect");
    statement->start = json->start;
    statement->end = json->end;
    statement->deny = effect && str_eq_nocase(effect->text, S("Deny"));
    const struct json *action = element(json, "Action"), *not_action = element(json, "NotAction");
    statement->not_action = !action && not_action;
    if (action || not_action)
        compile_patterns(arena, action ? action : not_action, PATTERN_WILDCARDS | PATTERN_FOLD,
                         &statement->actions);
    const struct json *resource = element(json, "Resource");
    const struct json *not_resource = element(json, "NotResource");
    statement->not_resource = !resource && not_resource;
    statement->has_resource = resource || not_resource;
    if (statement->has_resource)
        compile_patterns(arena, resource ? resource : not_resource,
                         PATTERN_WILDCARDS | (variables ? PATTERN_VARIABLES : 0),
                         &statement->resources);
    const struct json *principal = element(json, "Principal");
    const struct json *not_principal = element(json, "NotPrincipal");
    statement->not_principal = !principal && not_principal;
    statement->has_principal = principal || not_principal;
    if (statement->has_principal)
        policy_principal_compile(arena, principal ? principal : not_principal,
                                 &statement->principals);
    policy_condition_compile(arena, element(json, "Condition"), variables, &statement->conditions);
}

struct policy *policy_compile(struct arena *arena, const struct json *document,
                              struct str *ret_error) {
    if (document->kind != JSON_OBJECT) {
        *ret_error = S("a policy document is a JSON object");
        return NULL;
    }
    const struct json *version = element(document, "Version");
    const struct json *list = element(document, "Statement");
    bool variables = version && str_eq(version->text, S("2012-10-17"));
    struct policy *policy = arena_alloc(arena, sizeof *policy);
    if (!list)
        return policy;
    bool several = list->kind == JSON_ARRAY;
    size_t n = several ? list->n : 1;
    struct policy_statement *statements = arena_array(arena, n, sizeof *statements);
    for (size_t i = 0; i < n; i++) {
        const struct json *one = several ? &list->items[i] : list;
        if (one->kind != JSON_OBJECT) {
            *ret_error = S("a statement is a JSON object");
            return NULL;
        }
        compile_statement(arena, one, variables, &statements[i]);
    }
    *policy = (struct policy){statements, n};
    return policy;
}

struct policy *policy_parse(struct arena *arena, struct str document, struct str *ret_error) {
    struct arena *scratch = arena_new();
    struct json_error error;
    struct json *json = json_parse(scratch, document, &error);
    struct policy *policy = NULL;
    if (json)
        policy = policy_compile(arena, json, ret_error);
    else
        *ret_error = str_dup(arena, error.text);
    arena_free(scratch);
    return policy;
}

/* Deciding. */

/* A request with what every statement asks of it, worked out once. */
struct question {
    const struct policy_request *request;
    struct policy_caller caller;
    struct str action; /* lower case */
    bool bounded;      /* the caller has a permissions boundary */
};

static bool any_matches(const struct policy_patterns *patterns, struct str text,
                        const struct policy_request *request) {
    for (size_t i = 0; i < patterns->n; i++)
        if (policy_pattern_match(&patterns->at[i], text, request))
            return true;
    return false;
}

bool policy_concerns(const struct policy_statement *statement, const struct policy_request *request,
                     struct str action) {
    if (any_matches(&statement->actions, action, request) == statement->not_action)
        return false;
    if (statement->has_resource &&
        any_matches(&statement->resources, request->resource, request) == statement->not_resource)
        return false;
    return policy_condition_holds(&statement->conditions, request);
}

static bool concerns(const struct policy_statement *statement, const struct question *question) {
    return policy_concerns(statement, question->request, question->action);
}

/* How a statement of a resource policy names the caller. */
static enum policy_naming named_by(const struct policy_statement *statement,
                                   const struct question *question) {
    if (!statement->has_principal)
        return NAMED_NOT;
    if (!statement->not_principal)
        return policy_principal_match(&statement->principals, &question->caller);
    /* AWS: a Deny with NotPrincipal always denies who has a permissions boundary. */
    bool spared = policy_principal_spares(&statement->principals, &question->caller) &&
                  !(statement->deny && question->bounded);
    return spared ? NAMED_NOT : NAMED_ANYONE;
}

/* What one policy or several of one kind say. */
struct verdict {
    bool denied, allowed;
    enum policy_naming naming; /* strongest of the statements that allow */
    const struct policy *policy;
    size_t statement;
};

static void note(struct verdict *verdict, const struct policy *policy, size_t i) {
    verdict->policy = policy;
    verdict->statement = i;
}

static void ask_identity(const struct policy *policy, const struct question *question,
                         struct verdict *verdict) {
    for (size_t i = 0; policy && i < policy->n && !verdict->denied; i++) {
        const struct policy_statement *statement = &policy->at[i];
        if ((verdict->allowed && !statement->deny) || !concerns(statement, question))
            continue;
        verdict->denied = statement->deny;
        verdict->allowed = verdict->allowed || !statement->deny;
        note(verdict, policy, i);
    }
}

static struct verdict ask_all(struct policy *const *policies, size_t n,
                              const struct question *question) {
    struct verdict verdict = {0};
    for (size_t i = 0; i < n && !verdict.denied; i++)
        ask_identity(policies[i], question, &verdict);
    return verdict;
}

static struct verdict ask_resource(const struct policy *policy, const struct question *question) {
    struct verdict verdict = {0};
    for (size_t i = 0; policy && i < policy->n && !verdict.denied; i++) {
        const struct policy_statement *statement = &policy->at[i];
        enum policy_naming naming = named_by(statement, question);
        if (naming == NAMED_NOT || (!statement->deny && naming <= verdict.naming) ||
            !concerns(statement, question))
            continue;
        verdict.denied = statement->deny;
        if (!statement->deny) {
            verdict.allowed = true;
            verdict.naming = naming;
        }
        note(&verdict, policy, i);
    }
    return verdict;
}

/*
 * Levels of organization policies: a Deny anywhere denies; a service control policy must allow at
 * every level, a resource control policy does so by itself. Organization policies for principals
 * name none; those for resources name everyone, and a Principal of theirs is honoured.
 */
static struct verdict ask_levels(const struct policy_level *levels, size_t n, bool resource,
                                 const struct question *question) {
    struct verdict whole = {.allowed = true};
    for (size_t i = 0; i < n; i++) {
        struct verdict level = {.allowed = resource};
        for (size_t k = 0; k < levels[i].n && !level.denied; k++) {
            struct verdict one = {0};
            if (resource)
                one = ask_resource(levels[i].policies[k], question);
            else
                ask_identity(levels[i].policies[k], question, &one);
            level.denied = one.denied;
            level.allowed = level.allowed || one.allowed;
            if (one.denied || one.allowed)
                note(&level, one.policy, one.statement);
        }
        if (level.denied)
            return level;
        whole.allowed = whole.allowed && level.allowed;
    }
    return whole;
}

static struct policy_result result(enum policy_decision decision, enum policy_source source,
                                   const struct verdict *verdict) {
    return (struct policy_result){decision, source, verdict ? verdict->policy : NULL,
                                  verdict ? verdict->statement : 0};
}

/* All that was asked, before it is weighed. */
struct verdicts {
    struct verdict scp, rcp, identity, resource, boundary, session;
};

static bool explicit_deny(const struct verdicts *v, struct policy_result *ret_result) {
    const struct {
        const struct verdict *verdict;
        enum policy_source source;
    } all[] = {
        {&v->scp, POLICY_FROM_SCP},           {&v->rcp, POLICY_FROM_RCP},
        {&v->resource, POLICY_FROM_RESOURCE}, {&v->identity, POLICY_FROM_IDENTITY},
        {&v->boundary, POLICY_FROM_BOUNDARY}, {&v->session, POLICY_FROM_SESSION},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        if (all[i].verdict->denied) {
            *ret_result = result(POLICY_EXPLICITLY_DENIED, all[i].source, all[i].verdict);
            return true;
        }
    return false;
}

static struct policy_result denied_by(enum policy_source source) {
    return result(POLICY_IMPLICITLY_DENIED, source, NULL);
}

/* What the caller's own side must allow besides: boundary and session policy. */
static bool within_limits(const struct verdicts *v, const struct policy_set *set,
                          struct policy_result *ret_result) {
    if (set->boundary && !v->boundary.allowed) {
        *ret_result = denied_by(POLICY_FROM_BOUNDARY);
        return false;
    }
    if (set->has_session && !v->session.allowed) {
        *ret_result = denied_by(POLICY_FROM_SESSION);
        return false;
    }
    return true;
}

static bool own_side_allows(const struct verdicts *v, const struct policy_set *set,
                            struct policy_result *ret_result) {
    if (!v->identity.allowed) {
        *ret_result = denied_by(POLICY_FROM_IDENTITY);
        return false;
    }
    return within_limits(v, set, ret_result);
}

/*
 * In one account either side suffices. Naming a user or a session itself goes past the implicit
 * denies of its other policies; naming a session's role, or everyone, only past those of identity
 * policies; naming the account past none.
 */
static struct policy_result decide_same_account(const struct verdicts *v,
                                                const struct policy_set *set,
                                                const struct question *question) {
    struct policy_result denied;
    bool session = question->caller.kind == CALLER_ROLE_SESSION ||
                   question->caller.kind == CALLER_FEDERATED_USER;
    enum policy_naming naming = v->resource.allowed ? v->resource.naming : NAMED_NOT;
    if (naming == NAMED_ITSELF || (naming == NAMED_ANYONE && !session))
        return result(POLICY_ALLOWED, POLICY_FROM_RESOURCE, &v->resource);
    if (naming == NAMED_ROLE || naming == NAMED_ANYONE) {
        if (within_limits(v, set, &denied))
            return result(POLICY_ALLOWED, POLICY_FROM_RESOURCE, &v->resource);
        return denied;
    }
    if (own_side_allows(v, set, &denied))
        return result(POLICY_ALLOWED, POLICY_FROM_IDENTITY, &v->identity);
    return denied;
}

static struct policy_result decide_across(const struct verdicts *v, const struct policy_set *set) {
    struct policy_result denied;
    if (!own_side_allows(v, set, &denied))
        return denied;
    if (!v->resource.allowed)
        return denied_by(POLICY_FROM_RESOURCE);
    return result(POLICY_ALLOWED, POLICY_FROM_RESOURCE, &v->resource);
}

static bool is_role_trust(const struct policy_request *request) {
    return str_starts(request->action, S("sts:AssumeRole")) ||
           str_starts(request->action, S("sts:TagSession")) ||
           str_starts(request->action, S("sts:SetSourceIdentity"));
}

static struct policy_result weigh(const struct verdicts *v, const struct policy_set *set,
                                  const struct question *question) {
    const struct policy_request *request = question->request;
    struct policy_result denied;
    if (explicit_deny(v, &denied))
        return denied;
    bool outside =
        question->caller.kind == CALLER_SERVICE || question->caller.kind == CALLER_PROVIDER;
    if (outside)
        return v->resource.allowed ? result(POLICY_ALLOWED, POLICY_FROM_RESOURCE, &v->resource)
                                   : denied_by(POLICY_FROM_RESOURCE);
    if (!v->scp.allowed)
        return denied_by(POLICY_FROM_SCP);
    bool across = request->resource_account.len &&
                  !str_eq(request->resource_account, question->caller.account);
    if (across)
        return decide_across(v, set);
    /* A role must trust whoever assumes it, in its own account too. */
    if (is_role_trust(request) && !v->resource.allowed)
        return denied_by(POLICY_FROM_RESOURCE);
    return decide_same_account(v, set, question);
}

static struct str lower_action(struct arena *scratch, struct str action, char *few, size_t n_few) {
    if (action.len > n_few)
        return str_lower(scratch, action);
    for (size_t i = 0; i < action.len; i++)
        few[i] =
            (char)(action.at[i] >= 'A' && action.at[i] <= 'Z' ? action.at[i] + 32 : action.at[i]);
    return (struct str){few, action.len};
}

struct policy_result policy_decide(struct arena *scratch, const struct policy_request *request,
                                   const struct policy_set *set) {
    char few[128];
    struct question question = {.request = request,
                                .action = lower_action(scratch, request->action, few, sizeof few),
                                .bounded = set->boundary != NULL};
    if (str_eq(question.action, S("sts:getcalleridentity")))
        return result(POLICY_ALLOWED, POLICY_FROM_NONE, NULL); /* AWS: even against a Deny */
    policy_principal_caller(request, &question.caller);
    struct verdicts v = {
        .scp = ask_levels(set->scps, set->n_scps, false, &question),
        .rcp = ask_levels(set->rcps, set->n_rcps, true, &question),
        .identity = ask_all(set->identity, set->n_identity, &question),
        .resource = ask_resource(set->resource, &question),
        .session = ask_all(set->session, set->n_session, &question),
    };
    ask_identity(set->boundary, &question, &v.boundary);
    return weigh(&v, set, &question);
}

/* Words. */

static const char *noun(enum policy_source source, bool trust) {
    switch (source) {
    case POLICY_FROM_RESOURCE:
        return trust ? "role trust policy" : "resource-based policy";
    case POLICY_FROM_BOUNDARY:
        return "permissions boundary";
    case POLICY_FROM_SESSION:
        return "session policy";
    case POLICY_FROM_SCP:
        return "service control policy";
    case POLICY_FROM_RCP:
        return "resource control policy";
    default:
        return "identity-based policy";
    }
}

struct str policy_denied_text(struct arena *arena, const struct policy_request *request,
                              const struct policy_result *result) {
    struct str head = str_format(
        arena, "User: %.*s is not authorized to perform: %.*s on resource: %.*s",
        STR_ARG(request->principal), STR_ARG(request->action), STR_ARG(request->resource));
    const char *what = noun(result->source, is_role_trust(request));
    if (result->decision == POLICY_EXPLICITLY_DENIED) {
        const char *article = *what == 'i' ? "an" : "a";
        return str_format(arena, "%.*s with an explicit deny in %s %s", STR_ARG(head), article,
                          what);
    }
    return str_format(arena, "%.*s because no %s allows the %.*s action", STR_ARG(head), what,
                      STR_ARG(request->action));
}
