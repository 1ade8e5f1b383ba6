/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_explain.h"

#include <stdlib.h>
#include <strings.h>

#include "base/arena.h"
#include "policy/policy_int.h"

struct policy_match *policy_explain_matches(struct arena *arena,
                                            const struct policy_request *request,
                                            struct policy *const *policies, size_t n,
                                            size_t *ret_n) {
    struct policy_match *matches = NULL;
    size_t found = 0, cap = 0;
    struct str action = str_lower(arena, request->action);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; policies[i] && k < policies[i]->n; k++) {
            const struct policy_statement *statement = &policies[i]->at[k];
            if (!policy_concerns(statement, request, action))
                continue;
            matches = arena_grow(arena, matches, found, &cap, sizeof *matches);
            matches[found++] =
                (struct policy_match){i, k, statement->deny, statement->start, statement->end};
        }
    *ret_n = found;
    return matches;
}

static int compare_names(const void *a, const void *b) {
    const struct str *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int order = n ? strncasecmp(x->at, y->at, n) : 0;
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static struct str *sorted(struct policy_names_list *names, size_t *ret_n) {
    size_t n = 0;
    if (names->n)
        qsort(names->at, names->n, sizeof *names->at, compare_names);
    for (size_t i = 0; i < names->n; i++)
        if (!n || compare_names(&names->at[i], &names->at[n - 1]) != 0)
            names->at[n++] = names->at[i];
    *ret_n = n;
    return names->at;
}

static void collect(const struct policy_statement *statement, struct policy_names_list *names) {
    policy_condition_names(&statement->conditions, names);
    for (size_t i = 0; i < statement->resources.n; i++)
        policy_pattern_names(&statement->resources.at[i], names);
}

struct str *policy_explain_keys(struct arena *arena, struct policy *const *policies, size_t n,
                                size_t *ret_n) {
    struct policy_names_list names = {.arena = arena};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; policies[i] && k < policies[i]->n; k++)
            collect(&policies[i]->at[k], &names);
    return sorted(&names, ret_n);
}

struct str *policy_explain_missing(struct arena *arena, const struct policy_request *request,
                                   struct policy *const *policies, size_t n, size_t *ret_n) {
    struct policy_names_list names = {.arena = arena};
    struct str action = str_lower(arena, request->action);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; policies[i] && k < policies[i]->n; k++) {
            struct policy_statement open = policies[i]->at[k];
            open.conditions = (struct policy_conditions){0};
            if (policy_concerns(&open, request, action))
                collect(&policies[i]->at[k], &names);
        }
    size_t kept = 0;
    for (size_t i = 0; i < names.n; i++)
        if (!policy_pattern_key(request, names.at[i]))
            names.at[kept++] = names.at[i];
    names.n = kept;
    return sorted(&names, ret_n);
}
