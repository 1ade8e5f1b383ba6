/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "policy/policy_int.h"

enum principal_kind {
    PRINCIPAL_ANYONE,
    PRINCIPAL_ACCOUNT, /* number or root ARN: text is the number */
    PRINCIPAL_ARN,     /* user, session, federated user */
    PRINCIPAL_ROLE,
    PRINCIPAL_SERVICE,
    PRINCIPAL_FEDERATED,
    PRINCIPAL_OTHER, /* canonical user and what is unknown: names nobody here */
};

struct policy_principal {
    enum principal_kind kind;
    struct str text;
    struct str account; /* of a role */
    struct str role;    /* its name without path */
};

/* Part i of an ARN (0 = "arn"); the last has all that is left. */
static struct str arn_part(struct str arn, size_t i) {
    struct str part = {0};
    for (size_t k = 0; k <= i; k++) {
        ptrdiff_t colon = k < 5 ? str_find_byte(arn, ':') : -1;
        part = colon < 0 ? arn : str_slice(arn, 0, (size_t)colon);
        if (colon < 0)
            return k == i ? part : (struct str){0};
        arn = str_slice(arn, (size_t)colon + 1, arn.len);
    }
    return part;
}

static struct str last_part(struct str path) {
    ptrdiff_t slash = str_rfind_byte(path, '/');
    return str_slice(path, (size_t)(slash + 1), path.len);
}

static bool is_account(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len == 12;
}

/* The caller. */

static void role_of_session(struct policy_caller *caller, struct str resource) {
    struct str rest = str_slice(resource, strlen("assumed-role/"), resource.len);
    ptrdiff_t slash = str_find_byte(rest, '/');
    caller->kind = CALLER_ROLE_SESSION;
    caller->role = slash < 0 ? rest : str_slice(rest, 0, (size_t)slash);
}

static bool is_provider(const struct policy_request *request, struct str resource) {
    return str_starts(resource, S("saml-provider/")) || str_starts(resource, S("oidc-provider/")) ||
           str_eq_nocase(request->action, S("sts:AssumeRoleWithWebIdentity")) ||
           str_eq_nocase(request->action, S("sts:AssumeRoleWithSAML"));
}

void policy_principal_caller(const struct policy_request *request,
                             struct policy_caller *ret_caller) {
    struct policy_caller caller = {.kind = CALLER_USER, .arn = request->principal};
    struct str resource = {0};
    if (str_starts(caller.arn, S("arn:"))) {
        caller.account = arn_part(caller.arn, 4);
        resource = arn_part(caller.arn, 5);
    }
    if (request->principal_account.len)
        caller.account = request->principal_account;
    if (is_provider(request, resource))
        caller.kind = CALLER_PROVIDER;
    else if (!resource.len)
        caller.kind = CALLER_SERVICE;
    else if (str_starts(resource, S("assumed-role/")))
        role_of_session(&caller, resource);
    else if (str_starts(resource, S("federated-user/")))
        caller.kind = CALLER_FEDERATED_USER;
    else if (str_eq(resource, S("root")))
        caller.kind = CALLER_ROOT;
    *ret_caller = caller;
}

/* The element. */

static struct policy_principal aws_principal(struct str text) {
    struct policy_principal principal = {.kind = PRINCIPAL_ARN, .text = text};
    struct str resource = arn_part(text, 5);
    if (str_eq(text, S("*"))) {
        principal.kind = PRINCIPAL_ANYONE;
    } else if (is_account(text)) {
        principal.kind = PRINCIPAL_ACCOUNT;
    } else if (str_eq(resource, S("root"))) {
        principal.kind = PRINCIPAL_ACCOUNT;
        principal.text = arn_part(text, 4);
    } else if (str_starts(resource, S("role/"))) {
        principal.kind = PRINCIPAL_ROLE;
        principal.account = arn_part(text, 4);
        principal.role = last_part(resource);
    }
    return principal;
}

static struct policy_principal principal_of(struct str type, struct str text) {
    if (str_eq(type, S("AWS")))
        return aws_principal(text);
    struct policy_principal principal = {.kind = PRINCIPAL_OTHER, .text = text};
    if (str_eq(type, S("Service")))
        principal.kind = PRINCIPAL_SERVICE;
    else if (str_eq(type, S("Federated")))
        principal.kind = PRINCIPAL_FEDERATED;
    return principal;
}

static size_t count_values(const struct json *json) {
    return json->kind == JSON_ARRAY ? json->n : 1;
}

void policy_principal_compile(struct arena *arena, const struct json *json,
                              struct policy_principals *ret_principals) {
    size_t n = json->kind == JSON_OBJECT ? 0 : 1;
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->n; i++)
        n += count_values(&json->members[i].value);
    struct policy_principal *all = arena_array(arena, n, sizeof *all);
    *ret_principals = (struct policy_principals){all, n};
    if (json->kind != JSON_OBJECT) {
        all[0] = aws_principal(str_dup(arena, json->text));
        return;
    }
    n = 0;
    for (size_t i = 0; i < json->n; i++) {
        const struct json *values = &json->members[i].value;
        for (size_t k = 0; k < count_values(values); k++) {
            const struct json *value = values->kind == JSON_ARRAY ? &values->items[k] : values;
            all[n++] = principal_of(json->members[i].name, str_dup(arena, value->text));
        }
    }
}

/* Names of roles are unique in an account, so a session's ARN, which has no path, is enough. */
static bool is_role_of(const struct policy_principal *principal,
                       const struct policy_caller *caller) {
    return str_eq(principal->role, caller->role) && str_eq(principal->account, caller->account);
}

static enum policy_naming naming(const struct policy_principal *principal,
                                 const struct policy_caller *caller) {
    bool local = caller->kind != CALLER_SERVICE && caller->kind != CALLER_PROVIDER;
    switch (principal->kind) {
    case PRINCIPAL_ANYONE:
        return NAMED_ANYONE;
    case PRINCIPAL_ACCOUNT:
        return local && str_eq(principal->text, caller->account) ? NAMED_ACCOUNT : NAMED_NOT;
    case PRINCIPAL_ARN:
        return local && str_eq(principal->text, caller->arn) ? NAMED_ITSELF : NAMED_NOT;
    case PRINCIPAL_ROLE:
        return caller->kind == CALLER_ROLE_SESSION && is_role_of(principal, caller) ? NAMED_ROLE
                                                                                    : NAMED_NOT;
    case PRINCIPAL_SERVICE:
        return caller->kind == CALLER_SERVICE && str_eq(principal->text, caller->arn) ? NAMED_ITSELF
                                                                                      : NAMED_NOT;
    case PRINCIPAL_FEDERATED:
        return caller->kind == CALLER_PROVIDER && str_eq(principal->text, caller->arn)
                   ? NAMED_ITSELF
                   : NAMED_NOT;
    case PRINCIPAL_OTHER:
        break;
    }
    return NAMED_NOT;
}

enum policy_naming policy_principal_match(const struct policy_principals *principals,
                                          const struct policy_caller *caller) {
    enum policy_naming best = NAMED_NOT;
    for (size_t i = 0; i < principals->n; i++) {
        enum policy_naming one = naming(&principals->at[i], caller);
        best = one > best ? one : best;
    }
    return best;
}

bool policy_principal_spares(const struct policy_principals *principals,
                             const struct policy_caller *caller) {
    return policy_principal_match(principals, caller) >= NAMED_ANYONE;
}
