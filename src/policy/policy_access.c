/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_access.h"

#include "base/arena.h"
#include "base/map.h"
#include "policy/policy_int.h"

#define ASSUME_ROLE S("sts:AssumeRole")

/* A member that may be one text or a list of them. */
static const struct json *texts_of(const struct json *member, size_t *ret_n) {
    bool list = member && member->kind == JSON_ARRAY;
    *ret_n = list ? member->n : member ? 1 : 0;
    return list ? member->items : member;
}

static void add_question(struct arena *arena, struct map *questions, struct str action,
                         struct str resource) {
    struct str key = str_format(arena, "%.*s %.*s", STR_ARG(action), STR_ARG(resource));
    if (map_get(questions, key))
        return;
    struct policy_question *question = arena_alloc(arena, sizeof *question);
    *question = (struct policy_question){action, resource};
    map_put(arena, questions, key, question);
}

/* NotAction and NotResource name what is not meant; "*" asks for the rest with it. */
static void add_statement(struct arena *arena, struct map *questions,
                          const struct json *statement) {
    static const struct json all = {.kind = JSON_STRING, .text = STR("*")};
    const struct json *action = json_get(statement, S("Action"));
    const struct json *resource = json_get(statement, S("Resource"));
    size_t n_actions, n_resources;
    const struct json *actions = texts_of(action ? action : &all, &n_actions);
    const struct json *resources = texts_of(resource ? resource : &all, &n_resources);
    for (size_t i = 0; i < n_actions; i++)
        for (size_t k = 0; k < n_resources; k++)
            add_question(arena, questions, actions[i].text, resources[k].text);
}

static void add_account(struct arena *arena, struct map *questions,
                        const struct policy_account *account) {
    for (size_t i = 0; i < account->n_documents; i++) {
        size_t n;
        const struct json *statements =
            texts_of(json_get(account->documents[i], S("Statement")), &n);
        for (size_t k = 0; k < n; k++)
            add_statement(arena, questions, &statements[k]);
    }
    for (size_t i = 0; i < account->n; i++)
        if (account->at[i].role)
            add_question(arena, questions, ASSUME_ROLE, account->at[i].arn);
}

struct policy_question *policy_access_questions(struct arena *arena,
                                                const struct policy_account *const *accounts,
                                                size_t n_accounts, size_t *ret_n) {
    struct map questions = {0};
    for (size_t i = 0; i < n_accounts; i++)
        add_account(arena, &questions, accounts[i]);
    struct map_entry *sorted = map_sorted(arena, &questions);
    struct policy_question *list = arena_array(arena, questions.n, sizeof *list);
    for (size_t i = 0; i < questions.n; i++)
        list[i] = *(const struct policy_question *)sorted[i].value;
    *ret_n = questions.n;
    return list;
}

bool policy_access_allowed(struct arena *scratch, const struct policy_account *account,
                           const struct policy_identity *identity,
                           const struct policy_question *question, const struct policy_key *context,
                           size_t n_context) {
    struct str resource = question->resource;
    if (!identity->role)
        resource = str_replace(scratch, resource, S("${aws:username}"), identity->name);
    return policy_account_decide(scratch, account, identity, question->action, resource, context,
                                 n_context)
               .decision == POLICY_ALLOWED;
}

static bool is_within(struct arena *scratch, struct str wide, struct str narrow, bool fold) {
    static const struct policy_request none;
    struct policy_pattern pattern;
    policy_pattern_compile(scratch, wide, PATTERN_WILDCARDS, &pattern);
    return fold ? policy_pattern_match_nocase(&pattern, narrow, &none)
                : policy_pattern_match(&pattern, narrow, &none);
}

bool policy_access_covers(struct arena *scratch, const struct policy_question *wide,
                          const struct policy_question *narrow) {
    return is_within(scratch, wide->action, narrow->action, true) &&
           is_within(scratch, wide->resource, narrow->resource, false);
}

const struct policy_identity *policy_access_find(const struct policy_account *account,
                                                 struct str arn_or_name) {
    for (size_t i = 0; i < account->n; i++)
        if (str_eq(account->at[i].arn, arn_or_name) || str_eq(account->at[i].name, arn_or_name))
            return &account->at[i];
    return NULL;
}

const struct policy_identity **policy_access_reach(struct arena *arena,
                                                   const struct policy_account *account,
                                                   const struct policy_identity *from,
                                                   const struct policy_key *context,
                                                   size_t n_context, size_t *ret_n) {
    const struct policy_identity **reached = arena_array(arena, account->n, sizeof *reached);
    bool *seen = arena_array(arena, account->n, sizeof *seen);
    struct arena *scratch = arena_new();
    size_t n = 0;
    reached[n++] = from;
    seen[from - account->at] = true;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < account->n; k++) {
            const struct policy_question question = {ASSUME_ROLE, account->at[k].arn};
            if (seen[k] || !account->at[k].role ||
                !policy_access_allowed(scratch, account, reached[i], &question, context, n_context))
                continue;
            seen[k] = true;
            reached[n++] = &account->at[k];
        }
        arena_reset(scratch);
    }
    arena_free(scratch);
    *ret_n = n;
    return reached;
}
