/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_account.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

/* An answer being read. */
struct reader {
    struct arena *arena;
    struct map managed; /* ARN -> policy */
    struct map groups;  /* name -> struct json */
    const struct json **documents;
    size_t n_documents, documents_cap;
    struct str error;
};

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str url_decoded(struct arena *arena, struct str text) {
    char *out = arena_bytes(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.at[i] == '%' && i + 2 < text.len && hex(text.at[i + 1]) >= 0 &&
                      hex(text.at[i + 2]) >= 0;
        out[n++] = escape ? (char)(hex(text.at[i + 1]) * 16 + hex(text.at[i + 2])) : text.at[i];
        i += escape ? 2 : 0;
    }
    return (struct str){out, n};
}

struct str policy_account_text(struct arena *arena, const struct json *document) {
    if (document->kind == JSON_STRING)
        return str_starts(document->text, S("%")) ? url_decoded(arena, document->text)
                                                  : document->text;
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_write(&out, document, 0, false);
    return buf_take(&out, arena);
}

/* The document itself, also where it stands as a text in JSON; NULL: r->error says why. */
static const struct json *open_document(struct reader *r, const struct json *document) {
    struct json_error error;
    if (document->kind != JSON_STRING)
        return document;
    const struct json *opened =
        json_parse(r->arena, policy_account_text(r->arena, document), &error);
    if (!opened)
        r->error = S("a policy document is no JSON");
    return opened;
}

static struct policy *read_document(struct reader *r, const struct json *document, bool trust) {
    const struct json *opened = document ? open_document(r, document) : NULL;
    if (opened && !trust) {
        r->documents = arena_grow(r->arena, r->documents, r->n_documents, &r->documents_cap,
                                  sizeof(const struct json *));
        r->documents[r->n_documents++] = opened;
    }
    return opened ? policy_compile(r->arena, opened, &r->error) : NULL;
}

static const struct json *list_of(const struct json *object, struct str name) {
    static const struct json none = {.kind = JSON_ARRAY};
    const struct json *list = json_get(object, name);
    return list && list->kind == JSON_ARRAY ? list : &none;
}

static const struct json *default_version(const struct json *policy) {
    const struct json *versions = list_of(policy, S("PolicyVersionList"));
    for (size_t i = 0; i < versions->n; i++)
        if (json_get_bool(&versions->items[i], S("IsDefaultVersion")))
            return json_get(&versions->items[i], S("Document"));
    return versions->n ? json_get(&versions->items[0], S("Document")) : NULL;
}

static void read_managed(struct reader *r, const struct json *details) {
    const struct json *policies = list_of(details, S("Policies"));
    for (size_t i = 0; i < policies->n; i++) {
        struct policy *policy = read_document(r, default_version(&policies->items[i]), false);
        if (policy)
            map_put(r->arena, &r->managed, json_get_str(&policies->items[i], S("Arn")), policy);
    }
    const struct json *groups = list_of(details, S("GroupDetailList"));
    for (size_t i = 0; i < groups->n; i++)
        map_put(r->arena, &r->groups, json_get_str(&groups->items[i], S("GroupName")),
                &groups->items[i]);
}

/* Policies of an identity as they are found. */
struct policies {
    struct policy **at;
    size_t n, cap;
};

static void add_policy(struct reader *r, struct policies *policies, struct policy *policy) {
    if (!policy)
        return;
    policies->at =
        arena_grow(r->arena, policies->at, policies->n, &policies->cap, sizeof *policies->at);
    policies->at[policies->n++] = policy;
}

/* Inline and attached policies of a user, group or role. */
static void add_own(struct reader *r, const struct json *entity, struct str inline_list,
                    struct policies *policies) {
    const struct json *inlines = list_of(entity, inline_list);
    for (size_t i = 0; i < inlines->n; i++)
        add_policy(r, policies,
                   read_document(r, json_get(&inlines->items[i], S("PolicyDocument")), false));
    const struct json *attached = list_of(entity, S("AttachedManagedPolicies"));
    for (size_t i = 0; i < attached->n; i++)
        add_policy(r, policies,
                   map_get(&r->managed, json_get_str(&attached->items[i], S("PolicyArn"))));
}

static void add_groups(struct reader *r, const struct json *user, struct policies *policies) {
    const struct json *names = list_of(user, S("GroupList"));
    for (size_t i = 0; i < names->n; i++) {
        const struct json *group = map_get(&r->groups, names->items[i].text);
        if (group)
            add_own(r, group, S("GroupPolicyList"), policies);
    }
}

static void set_key(struct reader *r, struct policy_key *keys, size_t *n, struct str name,
                    struct str value) {
    struct str *values = arena_copy(r->arena, &value, sizeof value);
    keys[(*n)++] = (struct policy_key){name, values, 1};
}

static void derive_context(struct reader *r, const struct json *entity,
                           struct policy_identity *identity, struct str account) {
    const struct json *tags = list_of(entity, S("Tags"));
    struct policy_key *keys = arena_array(r->arena, tags->n + 4, sizeof *keys);
    size_t n = 0;
    set_key(r, keys, &n, S("aws:PrincipalArn"), identity->arn);
    set_key(r, keys, &n, S("aws:PrincipalAccount"), account);
    set_key(r, keys, &n, S("aws:PrincipalType"), identity->role ? S("AssumedRole") : S("User"));
    if (!identity->role)
        set_key(r, keys, &n, S("aws:username"), identity->name);
    for (size_t i = 0; i < tags->n; i++)
        set_key(r, keys, &n,
                str_cat(r->arena, S("aws:PrincipalTag/"), json_get_str(&tags->items[i], S("Key"))),
                json_get_str(&tags->items[i], S("Value")));
    identity->context = keys;
    identity->n_context = n;
}

/* The fifth part of an ARN; empty when there is none, as with buckets. */
static struct str account_of(struct str arn) {
    struct str part = {0};
    int n = 0;
    while (n < 5 && str_split(&arn, ':', &part))
        n++;
    return n == 5 ? part : (struct str){0};
}

static struct str session_arn(struct arena *arena, struct str account, struct str role) {
    return str_format(arena, "arn:aws:sts::%.*s:assumed-role/%.*s/session", STR_ARG(account),
                      STR_ARG(role));
}

static void read_identity(struct reader *r, const struct json *entity, bool role,
                          struct policy_identity *identity) {
    identity->role = role;
    identity->name = json_get_str(entity, role ? S("RoleName") : S("UserName"));
    identity->arn = json_get_str(entity, S("Arn"));
    struct str account = account_of(identity->arn);
    identity->principal = role ? session_arn(r->arena, account, identity->name) : identity->arn;
    struct policies policies = {0};
    add_own(r, entity, role ? S("RolePolicyList") : S("UserPolicyList"), &policies);
    if (role)
        identity->trust = read_document(r, json_get(entity, S("AssumeRolePolicyDocument")), true);
    else
        add_groups(r, entity, &policies);
    identity->set.identity = policies.at;
    identity->set.n_identity = policies.n;
    const struct json *boundary = json_get(entity, S("PermissionsBoundary"));
    if (boundary && boundary->kind == JSON_OBJECT)
        identity->set.boundary =
            map_get(&r->managed, json_get_str(boundary, S("PermissionsBoundaryArn")));
    derive_context(r, entity, identity, account);
}

struct policy_account *policy_account_read(struct arena *arena, const struct json *details,
                                           struct str *ret_error) {
    struct reader r = {.arena = arena};
    if (details->kind != JSON_OBJECT ||
        (!json_get(details, S("UserDetailList")) && !json_get(details, S("RoleDetailList")))) {
        *ret_error = S("this is no answer of GetAccountAuthorizationDetails");
        return NULL;
    }
    read_managed(&r, details);
    const struct json *users = list_of(details, S("UserDetailList"));
    const struct json *roles = list_of(details, S("RoleDetailList"));
    struct policy_account *account = arena_alloc(arena, sizeof *account);
    account->at = arena_array(arena, users->n + roles->n, sizeof *account->at);
    for (size_t i = 0; i < users->n; i++)
        read_identity(&r, &users->items[i], false, &account->at[account->n++]);
    for (size_t i = 0; i < roles->n; i++)
        read_identity(&r, &roles->items[i], true, &account->at[account->n++]);
    account->documents = r.documents;
    account->n_documents = r.n_documents;
    if (account->n)
        account->id = account_of(account->at[0].arn);
    if (r.error.len) {
        *ret_error = r.error;
        return NULL;
    }
    return account;
}

static struct policy *trust_of(const struct policy_account *account, struct str arn) {
    for (size_t i = 0; i < account->n; i++)
        if (account->at[i].role && str_eq(account->at[i].arn, arn))
            return account->at[i].trust;
    return NULL;
}

struct policy_result policy_account_decide(struct arena *scratch,
                                           const struct policy_account *account,
                                           const struct policy_identity *identity,
                                           struct str action, struct str resource,
                                           const struct policy_key *context, size_t n_context) {
    size_t n = identity->n_context + n_context;
    struct policy_key *keys = arena_array(scratch, n, sizeof *keys);
    for (size_t i = 0; i < n; i++)
        keys[i] = i < n_context ? context[i] : identity->context[i - n_context];
    struct str owner = account_of(resource);
    struct policy_request request = {.principal = identity->principal,
                                     .action = action,
                                     .resource = resource,
                                     .resource_account = owner,
                                     .context = keys,
                                     .n_context = n};
    struct policy_set set = identity->set;
    set.resource = trust_of(account, resource);
    return policy_decide(scratch, &request, &set);
}
