/* SPDX-License-Identifier: Apache-2.0 */
#include "server/managed_policy.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/describe.h"
#include "server/inline_policy.h"
#include "server/named.h"
#include "server/quota.h"
#include "server/server_int.h"
#include "server/tagging.h"
#include "store/row_document.h"
#include "store/link.h"
#include "store/setting.h"

/* Keys of versions sort by number. */
static struct str version_key(struct call *call, int64_t number) {
    return str_format(call->arena, "%010lld", (long long)number);
}

static bool version_number(struct str id, int64_t *ret_number) {
    ptrdiff_t dot = str_find_byte(id, '.');
    return id.len > 1 && str_to_int(str_slice(id, 1, dot < 0 ? id.len : (size_t)dot), ret_number);
}

static struct document *find_version(struct call *call, const struct entity *policy,
                                     struct str id) {
    int64_t number = 0;
    struct document *found = NULL;
    if (version_number(id, &number))
        found = row_document_find(call->tx, call->arena, policy->id, version_key(call, number));
    if (!found)
        call_fail(call, FAULT_NO_SUCH_ENTITY,
                  "Policy %.*s version %.*s does not exist or is not attachable.",
                  STR_ARG(kind_arn(call, policy)), STR_ARG(id));
    return found;
}

static bool is_aws(const struct entity *policy) {
    return str_eq(policy->account, S(SERVER_AWS_ACCOUNT));
}

/* A customer's policy to change; AWS's own are not. `what` is what the caller would do with it. */
static struct entity *own_policy(struct call *call, const char *what) {
    struct entity *policy = named_target(call);
    if (!policy || !is_aws(policy))
        return policy;
    call_fail(call, FAULT_ACCESS_DENIED, "Cannot %s outside your own account.", what);
    return NULL;
}

/* Where a version is asked for, a policy that is not there has no such version. */
static struct entity *versioned_policy(struct call *call, struct str version) {
    struct str arn = call_str(call, call->action->name);
    struct entity *policy = kind_look_up(call, KIND_POLICY, arn);
    if (!policy && str_starts(arn, S("arn:")))
        call_fail(call, FAULT_NO_SUCH_ENTITY,
                  "Policy %.*s version %.*s does not exist or is not attachable.", STR_ARG(arn),
                  STR_ARG(version));
    return policy ? policy : str_starts(arn, S("arn:")) ? NULL : named_target(call);
}

static void put_version(struct call *call, const struct entity *policy, int64_t number,
                        struct str text) {
    struct document version = {.key = version_key(call, number),
                               .name = str_format(call->arena, "v%lld", (long long)number),
                               .created_ms = call->now_ms,
                               .body = text};
    row_document_put(call->tx, policy->id, &version);
}

bool managed_policy_create(struct call *call) {
    struct message *body = message_new(call->arena, model_api(SERVICE_IAM),
                                       &model_api(SERVICE_IAM)->shapes[T_IAM_Policy]);
    struct str text = message_str(call->request, M_CreatePolicyRequest_PolicyDocument);
    struct str name = message_str(call->request, M_CreatePolicyRequest_PolicyName);
    struct str path = message_str(call->request, M_CreatePolicyRequest_Path);
    if (!tagging_check(call, M_CreatePolicyRequest_Tags) ||
        !inline_policy_check(call, POLICY_MANAGED, text))
        return false;
    if (message_has(call->request, M_CreatePolicyRequest_Description))
        message_set_str(body, M_Policy_Description,
                        message_str(call->request, M_CreatePolicyRequest_Description));
    message_set_str(body, M_Policy_DefaultVersionId, S("v1"));
    message_set_bool(body, M_Policy_IsAttachable, true);
    message_set_int(body, M_Policy_UpdateDate, call->now_ms);
    struct entity *policy = kind_create(call, KIND_POLICY, name, path, S(""), body, text);
    if (!policy || !tagging_create(call, policy->id, M_CreatePolicyRequest_Tags))
        return false;
    put_version(call, policy, 1, text);
    struct message *answer =
        message_make(call->arena, call->response, M_CreatePolicyResponse_Policy);
    describe_full(call, policy, answer);
    message_unset(answer, M_Policy_Description);
    tagging_echo(call, M_CreatePolicyRequest_Tags, answer, M_Policy_Tags);
    return true;
}

/* Where the highest number that was ever given is kept once its version is gone. */
static struct str newest_setting(struct call *call, const struct entity *policy) {
    return str_cat(call->arena, S("newest-version:"), policy->id);
}

bool managed_policy_delete(struct call *call) {
    struct entity *policy = own_policy(call, "delete policies");
    if (!policy)
        return false;
    if (link_count_sources(call->tx, LINK_ATTACHED, policy->id) ||
        link_count_sources(call->tx, LINK_BOUNDARY, policy->id))
        return call_fail(call, FAULT_DELETE_CONFLICT,
                         "Cannot delete a policy attached to entities.");
    if (row_document_count(call->tx, policy->id) > 1)
        return call_fail(call, FAULT_DELETE_CONFLICT,
                         "This policy has more than one version. Before you delete a policy, you "
                         "must delete the policy's versions. The default version is deleted with "
                         "the policy.");
    setting_delete(call->tx, policy->account, newest_setting(call, policy));
    entity_delete(call->tx, policy->id);
    return true;
}

/* Scope, OnlyAttached and PolicyUsageFilter. */
static bool is_wanted(struct call *call, const struct entity *policy) {
    struct str use = message_str(call->request, M_ListPoliciesRequest_PolicyUsageFilter);
    if (message_bool(call->request, M_ListPoliciesRequest_OnlyAttached) &&
        !link_count_sources(call->tx, LINK_ATTACHED, policy->id) &&
        !link_count_sources(call->tx, LINK_BOUNDARY, policy->id))
        return false;
    if (str_eq(use, S("PermissionsPolicy")))
        return link_count_sources(call->tx, LINK_ATTACHED, policy->id) > 0;
    return !str_eq(use, S("PermissionsBoundary")) ||
           link_count_sources(call->tx, LINK_BOUNDARY, policy->id) > 0;
}

/* Customer policies first, then AWS's; `have` counts up to one more than the page holds. */
static void list_scope(struct call *call, struct str account, char mark, const struct page *page,
                       size_t *have, struct str *last) {
    struct str after = S(""), path = call_str(call, M_ListPoliciesRequest_PathPrefix);
    if (page->after.len && page->after.at[0] > mark)
        return;
    if (page->after.len && page->after.at[0] == mark)
        after = str_slice(page->after, 1, page->after.len);
    while (*have <= (size_t)page->size) {
        struct entity_page found =
            entity_list(call->tx, call->arena, account, KIND_POLICY, path, after, page->size + 1);
        for (size_t i = 0; i < found.n; i++) {
            after = found.items[i].key;
            if (!is_wanted(call, &found.items[i]))
                continue;
            if (++*have > (size_t)page->size)
                return;
            describe_listed(
                call, &found.items[i],
                message_add_message(call->arena, call->response, M_ListPoliciesResponse_Policies));
            *last = str_format(call->arena, "%c%.*s", mark, STR_ARG(after));
        }
        if (found.n <= (size_t)page->size)
            return;
    }
}

bool managed_policy_list(struct call *call) {
    struct page page;
    size_t have = 0;
    struct str last = S(""), scope = message_str(call->request, M_ListPoliciesRequest_Scope);
    if (!call_page(call, &page))
        return false;
    message_open(call->response, M_ListPoliciesResponse_Policies);
    if (!str_eq(scope, S("AWS")))
        list_scope(call, call->account, '1', &page, &have, &last);
    if (!str_eq(scope, S("Local")))
        list_scope(call, S(SERVER_AWS_ACCOUNT), '2', &page, &have, &last);
    call_page_end(call, &page, have, last);
    return true;
}

static void describe_version(struct call *call, const struct entity *policy,
                             const struct document *version, struct str default_id, bool document,
                             struct message *to) {
    (void)policy;
    if (document)
        message_set_str(to, M_PolicyVersion_Document, call_escaped(call, version->body));
    message_set_str(to, M_PolicyVersion_VersionId, version->name);
    message_set_bool(to, M_PolicyVersion_IsDefaultVersion, str_eq(version->name, default_id));
    message_set_int(to, M_PolicyVersion_CreateDate, version->created_ms);
}

static struct str default_version(struct call *call, const struct entity *policy) {
    return message_str(kind_body(call, policy), M_Policy_DefaultVersionId);
}

static void make_default(struct call *call, struct entity *policy, const struct document *version) {
    struct message *body = kind_body(call, policy);
    message_set_str(body, M_Policy_DefaultVersionId, version->name);
    message_set_int(body, M_Policy_UpdateDate, call->now_ms);
    policy->secret = version->body;
    kind_save(call, policy, body);
}

/* Numbers are never given twice, also when the newest version was deleted. */
static int64_t newest_number(struct call *call, const struct entity *policy) {
    int64_t newest = 0, number;
    struct str kept;
    struct document_page have = row_document_list(call->tx, call->arena, policy->id, S(""), 0);
    if (setting_get(call->tx, call->arena, policy->account, newest_setting(call, policy), &kept))
        (void)str_to_int(kept, &newest);
    for (size_t i = 0; i < have.n; i++)
        if (version_number(have.items[i].name, &number) && number > newest)
            newest = number;
    return newest;
}

bool managed_policy_create_version(struct call *call) {
    struct str text = message_str(call->request, M_CreatePolicyVersionRequest_PolicyDocument);
    struct entity *policy = own_policy(call, "update policies");
    if (!policy || !inline_policy_check(call, POLICY_MANAGED, text))
        return false;
    if (row_document_count(call->tx, policy->id) >= quota_of(call, "VersionsPerPolicy"))
        return call_fail(call, FAULT_LIMIT_EXCEEDED,
                         "A managed policy can have up to 5 versions. Before you create a new "
                         "version, you must delete an existing version.");
    int64_t number = newest_number(call, policy) + 1;
    put_version(call, policy, number, text);
    struct document version = {.name = str_format(call->arena, "v%lld", (long long)number),
                               .created_ms = call->now_ms,
                               .body = text};
    if (message_bool(call->request, M_CreatePolicyVersionRequest_SetAsDefault))
        make_default(call, policy, &version);
    describe_version(
        call, policy, &version, default_version(call, policy), false,
        message_make(call->arena, call->response, M_CreatePolicyVersionResponse_PolicyVersion));
    return true;
}

bool managed_policy_delete_version(struct call *call) {
    struct str id = message_str(call->request, M_DeletePolicyVersionRequest_VersionId);
    struct entity *policy = own_policy(call, "delete policy versions for policies");
    struct document *version = policy ? find_version(call, policy, id) : NULL;
    if (!version)
        return false;
    if (str_eq(version->name, default_version(call, policy)))
        return call_fail(call, FAULT_DELETE_CONFLICT,
                         "Cannot delete the default version of a policy.");
    setting_put(call->tx, policy->account, newest_setting(call, policy),
                str_format(call->arena, "%lld", (long long)newest_number(call, policy)));
    row_document_delete(call->tx, policy->id, version->key);
    return true;
}

bool managed_policy_get_version(struct call *call) {
    struct str id = message_str(call->request, M_GetPolicyVersionRequest_VersionId);
    struct entity *policy = versioned_policy(call, id);
    struct document *version = policy ? find_version(call, policy, id) : NULL;
    if (!version)
        return false;
    describe_version(
        call, policy, version, default_version(call, policy), true,
        message_make(call->arena, call->response, M_GetPolicyVersionResponse_PolicyVersion));
    return true;
}

void managed_policy_versions(struct call *call, const struct entity *policy, struct message *to,
                             int member, bool documents) {
    struct document_page found = row_document_list(call->tx, call->arena, policy->id, S(""), 0);
    struct str default_id = default_version(call, policy);
    message_open(to, member);
    for (size_t i = found.n; i-- > 0;)
        describe_version(call, policy, &found.items[i], default_id, documents,
                         message_add_message(call->arena, to, member));
}

bool managed_policy_list_versions(struct call *call) {
    struct page page;
    struct entity *policy = named_target(call);
    if (!policy || !call_page(call, &page))
        return false;
    struct document_page found = row_document_list(call->tx, call->arena, policy->id, S(""), 0);
    struct str default_id = default_version(call, policy), last = S("");
    size_t have = 0;
    message_open(call->response, M_ListPolicyVersionsResponse_Versions);
    for (size_t i = found.n; i-- > 0;) {
        if (page.after.len && str_cmp(found.items[i].key, page.after) >= 0)
            continue;
        if (++have > (size_t)page.size)
            break;
        last = found.items[i].key;
        describe_version(call, policy, &found.items[i], default_id, false,
                         message_add_message(call->arena, call->response,
                                             M_ListPolicyVersionsResponse_Versions));
    }
    call_page_end(call, &page, have, last);
    return true;
}

bool managed_policy_set_default(struct call *call) {
    struct str id = message_str(call->request, M_SetDefaultPolicyVersionRequest_VersionId);
    struct entity *policy = versioned_policy(call, id);
    if (policy && is_aws(policy))
        return call_fail(call, FAULT_ACCESS_DENIED,
                         "Cannot update policies outside your own account.");
    struct document *version = policy ? find_version(call, policy, id) : NULL;
    if (!version)
        return false;
    make_default(call, policy, version);
    return true;
}
