/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_lint.h"

#include <stdlib.h>

#include "base/arena.h"
#include "policy/policy_lint_int.h"
#include "policy/policy_names.h"

void policy_lint_note(struct lint *lint, const char *code, const char *alias, uint32_t at,
                      const char *text, ...) {
    va_list args;
    va_start(args, text);
    lint->at = arena_grow(lint->arena, lint->at, lint->n, &lint->cap, sizeof *lint->at);
    lint->at[lint->n++] = (struct policy_finding){str_from(code), str_from(alias),
                                                  str_vformat(lint->arena, text, args), at};
    va_end(args);
}

size_t policy_lint_count(const struct json *values) {
    if (!values)
        return 0;
    return values->kind == JSON_ARRAY ? values->n : 1;
}

const struct json *policy_lint_value(const struct json *values, size_t i) {
    return values->kind == JSON_ARRAY ? &values->items[i] : values;
}

static bool is_allow(const struct json *statement) {
    return str_eq(json_get_str(statement, S("Effect")), S("Allow"));
}

static bool has_text(const struct json *values, struct str text) {
    for (size_t i = 0; i < policy_lint_count(values); i++)
        if (str_eq(policy_lint_value(values, i)->text, text))
            return true;
    return false;
}

static const struct json *either(const struct json *statement, struct str a, struct str b) {
    const struct json *found = json_get(statement, a);
    return found ? found : json_get(statement, b);
}

/* Elements. */

static void check_types(struct lint *lint, const struct json *statement) {
    static const struct str elements[] = {STR("Action"), STR("NotAction"), STR("Resource"),
                                          STR("NotResource")};
    for (size_t e = 0; e < COUNT(elements); e++) {
        const struct json *values = json_get(statement, elements[e]);
        for (size_t i = 0; i < policy_lint_count(values); i++)
            if (policy_lint_value(values, i)->kind != JSON_STRING)
                policy_lint_note(lint, "DATA_TYPE_MISMATCH", "MALFORMED",
                                 policy_lint_value(values, i)->start,
                                 "%.*s takes text or a list of texts.", STR_ARG(elements[e]));
    }
}

static void check_unknown_elements(struct lint *lint, const struct json *statement) {
    static const struct str known[] = {
        STR("Sid"),       STR("Effect"),       STR("Action"),
        STR("NotAction"), STR("Resource"),     STR("NotResource"),
        STR("Principal"), STR("NotPrincipal"), STR("Condition"),
    };
    for (size_t i = 0; i < statement->n; i++) {
        bool found = false;
        for (size_t k = 0; k < COUNT(known); k++)
            found |= str_eq(known[k], statement->members[i].name);
        if (!found)
            policy_lint_note(
                lint, "UNSUPPORTED_ELEMENT", "MALFORMED", statement->members[i].name_start,
                "A statement has no element \"%.*s\".", STR_ARG(statement->members[i].name));
    }
}

static void check_effect(struct lint *lint, const struct json *statement) {
    const struct json *effect = json_get(statement, S("Effect"));
    if (!effect)
        policy_lint_note(lint, "MISSING_EFFECT", "MALFORMED", statement->start,
                         "The statement has no Effect.");
    else if (!str_eq(effect->text, S("Allow")) && !str_eq(effect->text, S("Deny")))
        policy_lint_note(lint, "INVALID_EFFECT", "MALFORMED", effect->start,
                         "Effect is Allow or Deny, written so.");
}

static void check_presence(struct lint *lint, const struct json *statement) {
    const struct json *action = either(statement, S("Action"), S("NotAction"));
    const struct json *resource = either(statement, S("Resource"), S("NotResource"));
    const struct json *sid = json_get(statement, S("Sid"));
    if (!action)
        policy_lint_note(lint, "MISSING_ACTION", "MALFORMED", statement->start,
                         "The statement has neither Action nor NotAction.");
    else if (!policy_lint_count(action))
        policy_lint_note(lint, "EMPTY_ARRAY_ACTION", NULL, action->start,
                         "An empty list of actions makes the statement say nothing.");
    if (!resource && lint->kind != POLICY_TRUST)
        policy_lint_note(lint, "MISSING_RESOURCE", "MALFORMED", statement->start,
                         "The statement has neither Resource nor NotResource.");
    else if (resource && !policy_lint_count(resource))
        policy_lint_note(lint, "EMPTY_ARRAY_RESOURCE", NULL, resource->start,
                         "An empty list of resources makes the statement say nothing.");
    if (sid && sid->kind == JSON_STRING && !sid->text.len)
        policy_lint_note(lint, "EMPTY_SID_VALUE", NULL, sid->start, "An empty Sid is no use.");
}

/* Actions. */

static void check_action(struct lint *lint, const struct json *value) {
    ptrdiff_t colon = str_find_byte(value->text, ':');
    if (value->kind != JSON_STRING || colon < 0)
        return;
    struct str service = str_slice(value->text, 0, (size_t)colon);
    if (str_find_byte(service, '*') < 0 && !policy_names_service(service))
        policy_lint_note(lint, "INVALID_SERVICE_IN_ACTION", "UNKNOWN_PREFIX", value->start,
                         "There is no service \"%.*s\".", STR_ARG(service));
    else if (!policy_names_action(value->text))
        policy_lint_note(lint, "INVALID_ACTION", "UNKNOWN_ACTION", value->start,
                         "There is no action \"%.*s\".", STR_ARG(value->text));
}

/* A value that another value of the same list covers; wildcards may be few, so pairs are few. */
static void check_redundant(struct lint *lint, const struct json *values, const char *code,
                            const char *noun) {
    for (size_t i = 0; i < policy_lint_count(values); i++) {
        struct str wide = policy_lint_value(values, i)->text;
        if (str_find_byte(wide, '*') < 0)
            continue;
        for (size_t k = 0; k < policy_lint_count(values); k++) {
            const struct json *narrow = policy_lint_value(values, k);
            if (k != i && !str_eq(narrow->text, wide) && policy_names_covers(wide, narrow->text))
                policy_lint_note(lint, code, NULL, narrow->start,
                                 "The %s \"%.*s\" is covered by \"%.*s\".", noun,
                                 STR_ARG(narrow->text), STR_ARG(wide));
        }
    }
}

static void check_actions(struct lint *lint, const struct json *statement) {
    const struct json *actions = either(statement, S("Action"), S("NotAction"));
    for (size_t i = 0; i < policy_lint_count(actions); i++)
        check_action(lint, policy_lint_value(actions, i));
    check_redundant(lint, actions, "REDUNDANT_ACTION", "action");
    check_redundant(lint, either(statement, S("Resource"), S("NotResource")), "REDUNDANT_RESOURCE",
                    "resource");
}

/* Dangers. */

static bool grants(const struct json *statement, struct str action, bool *ret_wild) {
    const struct json *actions = json_get(statement, S("Action"));
    for (size_t i = 0; i < policy_lint_count(actions); i++) {
        struct str pattern = policy_lint_value(actions, i)->text;
        if (!policy_names_covers(pattern, action))
            continue;
        *ret_wild = str_find_byte(pattern, '*') >= 0;
        return true;
    }
    return false;
}

/* Whether a resource of the statement stands for every role. */
static bool every_role(const struct json *statement) {
    const struct json *resources = json_get(statement, S("Resource"));
    for (size_t i = 0; i < policy_lint_count(resources); i++) {
        struct str resource = policy_lint_value(resources, i)->text;
        if (str_eq(resource, S("*")) || str_ends(resource, S(":*")) ||
            str_ends(resource, S(":role/*")))
            return true;
    }
    return false;
}

static void check_star_grant(struct lint *lint, const struct json *statement, struct str action,
                             const char *code, const char *wild_code) {
    bool wild;
    if (!is_allow(statement) || !every_role(statement) || !grants(statement, action, &wild))
        return;
    bool star = wild && has_text(json_get(statement, S("Resource")), S("*"));
    policy_lint_note(lint, star ? wild_code : code, NULL, statement->start,
                     "%.*s on every role lets its holder take the rights of any of them.",
                     STR_ARG(action));
}

static void check_admin(struct lint *lint, const struct json *statement) {
    const struct json *actions = json_get(statement, S("Action"));
    const struct json *resources = json_get(statement, S("Resource"));
    if (!is_allow(statement) || !has_text(resources, S("*")) || json_get(statement, S("Condition")))
        return;
    if (has_text(actions, S("*"))) {
        policy_lint_note(lint, "LOAM_ADMIN", NULL, statement->start,
                         "This allows everything on everything.");
        return;
    }
    static const struct str raising[] = {
        STR("iam:AttachUserPolicy"),       STR("iam:AttachRolePolicy"),
        STR("iam:AttachGroupPolicy"),      STR("iam:PutUserPolicy"),
        STR("iam:PutRolePolicy"),          STR("iam:PutGroupPolicy"),
        STR("iam:CreatePolicyVersion"),    STR("iam:SetDefaultPolicyVersion"),
        STR("iam:UpdateAssumeRolePolicy"), STR("iam:AddUserToGroup"),
        STR("iam:CreateAccessKey"),        STR("iam:CreateLoginProfile"),
        STR("iam:UpdateLoginProfile"),
    };
    bool wild;
    for (size_t i = 0; i < COUNT(raising); i++)
        if (grants(statement, raising[i], &wild)) {
            policy_lint_note(
                lint, i < 3 ? "LOAM_PRIVESC_ATTACH" : "LOAM_PRIVESC_WRITE", NULL, statement->start,
                "%.*s on everything lets its holder become administrator.", STR_ARG(raising[i]));
            return;
        }
}

static void check_statement(struct lint *lint, const struct json *statement) {
    if (statement->kind != JSON_OBJECT) {
        policy_lint_note(lint, "DATA_TYPE_MISMATCH", "MALFORMED", statement->start,
                         "A statement is a JSON object.");
        return;
    }
    check_unknown_elements(lint, statement);
    check_effect(lint, statement);
    check_types(lint, statement);
    check_presence(lint, statement);
    check_actions(lint, statement);
    policy_lint_resource(lint, statement);
    policy_lint_principal(lint, statement);
    policy_lint_condition(lint, statement);
    check_star_grant(lint, statement, S("iam:PassRole"), "PASS_ROLE_WITH_STAR_IN_RESOURCE",
                     "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE");
    check_star_grant(lint, statement, S("iam:CreateServiceLinkedRole"),
                     "CREATE_SLR_WITH_STAR_IN_RESOURCE",
                     "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE");
    check_admin(lint, statement);
}

/* The document. */

static void check_version(struct lint *lint, const struct json *root) {
    const struct json *version = json_get(root, S("Version"));
    if (!version)
        policy_lint_note(lint, "MISSING_VERSION", NULL, root->start,
                         "Without Version 2012-10-17 variables are plain text.");
    else if (str_eq(version->text, S("2008-10-17")))
        policy_lint_note(lint, NULL, "OLD_VERSION", version->start,
                         "Version 2008-10-17 knows no variables.");
    else if (!str_eq(version->text, S("2012-10-17")))
        policy_lint_note(lint, "INVALID_VERSION", "INVALID_VERSION", version->start,
                         "Version is 2012-10-17 or 2008-10-17.");
    lint->variables = version && str_eq(version->text, S("2012-10-17"));
}

static int compare_sids(const void *a, const void *b) {
    const struct json *x = *(const struct json *const *)a, *y = *(const struct json *const *)b;
    int order = str_cmp(x->text, y->text);
    return order ? order : (x->start > y->start) - (x->start < y->start);
}

static void check_sids(struct lint *lint, const struct json *statements) {
    const struct json **sids =
        arena_array(lint->arena, policy_lint_count(statements), sizeof *sids);
    size_t n = 0;
    for (size_t i = 0; i < policy_lint_count(statements); i++) {
        const struct json *statement = policy_lint_value(statements, i);
        const struct json *sid =
            statement->kind == JSON_OBJECT ? json_get(statement, S("Sid")) : NULL;
        if (sid && sid->text.len)
            sids[n++] = sid;
    }
    qsort(sids, n, sizeof *sids, compare_sids);
    for (size_t i = 1; i < n; i++)
        if (str_eq(sids[i]->text, sids[i - 1]->text))
            policy_lint_note(lint, "UNIQUE_SIDS_RECOMMENDED", "DUPLICATE_SID", sids[i]->start,
                             "Another statement has the Sid \"%.*s\" too.", STR_ARG(sids[i]->text));
}

static bool all_covered(const struct json *narrow, const struct json *wide) {
    for (size_t i = 0; i < policy_lint_count(narrow); i++) {
        bool found = false;
        for (size_t k = 0; k < policy_lint_count(wide) && !found; k++)
            found = policy_names_covers(policy_lint_value(wide, k)->text,
                                        policy_lint_value(narrow, i)->text);
        if (!found)
            return false;
    }
    return narrow && wide;
}

static bool is_plain(const struct json *statement) {
    return statement->kind == JSON_OBJECT && !json_get(statement, S("Condition")) &&
           !either(statement, S("Principal"), S("NotPrincipal"));
}

/* Statements without conditions that another covers. A document has few, quotas see to it. */
static void check_redundant_statements(struct lint *lint, const struct json *statements) {
    size_t n = policy_lint_count(statements);
    for (size_t i = 0; n <= 200 && i < n; i++) {
        const struct json *narrow = policy_lint_value(statements, i);
        for (size_t k = 0; k < n; k++) {
            const struct json *wide = policy_lint_value(statements, k);
            if (i == k || !is_plain(narrow) || !is_plain(wide) ||
                is_allow(narrow) != is_allow(wide))
                continue;
            bool both = all_covered(json_get(wide, S("Action")), json_get(narrow, S("Action"))) &&
                        all_covered(json_get(wide, S("Resource")), json_get(narrow, S("Resource")));
            if (all_covered(json_get(narrow, S("Action")), json_get(wide, S("Action"))) &&
                all_covered(json_get(narrow, S("Resource")), json_get(wide, S("Resource"))) &&
                (!both || i > k)) {
                policy_lint_note(lint, "REDUNDANT_STATEMENT", NULL, narrow->start,
                                 "Another statement says this and more.");
                break;
            }
        }
    }
}

static int compare_findings(const void *a, const void *b) {
    const struct policy_finding *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return str_cmp(x->code, y->code);
}

struct policy_finding *policy_lint(struct arena *arena, enum policy_kind kind, struct str document,
                                   size_t *ret_n) {
    struct lint lint = {.arena = arena, .kind = kind};
    struct json_error error;
    const struct json *root = json_parse(arena, document, &error);
    if (!root || root->kind != JSON_OBJECT) {
        policy_lint_note(&lint, "JSON_SYNTAX_ERROR", "MALFORMED_JSON", root ? 0 : error.at,
                         "A policy document is a JSON object.");
        *ret_n = lint.n;
        return lint.at;
    }
    check_version(&lint, root);
    const struct json *statements = json_get(root, S("Statement"));
    if (!statements)
        policy_lint_note(&lint, "MISSING_STATEMENT", "MALFORMED", root->start,
                         "The document has no Statement.");
    for (size_t i = 0; i < policy_lint_count(statements); i++)
        check_statement(&lint, policy_lint_value(statements, i));
    if (statements) {
        check_sids(&lint, statements);
        check_redundant_statements(&lint, statements);
    }
    if (lint.n)
        qsort(lint.at, lint.n, sizeof *lint.at, compare_findings);
    *ret_n = lint.n;
    return lint.at;
}
