/* SPDX-License-Identifier: Apache-2.0 */
#include "server/inline_policy.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/named.h"
#include "server/quota.h"
#include "server/server_int.h"
#include "store/row_document.h"
#include "store/setting.h"

/* Users and roles of the accounts that this server holds; others cannot be looked into. */
static bool principal_exists(void *context, struct str arn) {
    struct call *call = context;
    struct str part[6], rest = arn, value;
    size_t n = 0;
    while (n < COUNT(part) - 1 && rest.at && str_split(&rest, ':', &part[n]))
        n++;
    if (!rest.at || !setting_get(call->tx, call->arena, part[4], S("account"), &value))
        return true;
    enum kind_id kind = str_starts(rest, S("user/")) ? KIND_USER : KIND_ROLE;
    struct str name = str_slice(rest, (size_t)(str_rfind_byte(rest, '/') + 1), rest.len);
    struct entity *entity =
        entity_by_key(call->tx, call->arena, part[4], kind, kind_key(call, kind, S("/"), name));
    return entity && str_eq(kind_arn(call, entity), arn);
}

bool inline_policy_check(struct call *call, enum policy_kind kind, struct str document) {
    struct policy_fault fault;
    bool ok = policy_check(call->arena, kind, document, &fault);
    if (ok && kind == POLICY_TRUST && !call->server->permissive)
        ok = policy_check_principals(call->arena, kind, document, principal_exists, call, &fault);
    if (ok)
        return true;
    enum fault_code code = fault_from_text(fault.code);
    return call_fail(call, code == FAULT_OTHER ? FAULT_MALFORMED_POLICY : code, "%.*s",
                     STR_ARG(fault.text));
}

static bool within_size(struct call *call, const struct entity *entity, struct str key,
                        struct str document) {
    static const char *const quotas[] = {[KIND_USER] = "UserPolicySizeQuota",
                                         [KIND_GROUP] = "GroupPolicySizeQuota",
                                         [KIND_ROLE] = "RolePolicySizeQuota"};
    int64_t quota = quota_of(call, quotas[entity->kind]);
    int64_t size = (int64_t)policy_check_size(document);
    struct document_page have = row_document_list(call->tx, call->arena, entity->id, S(""), 0);
    for (size_t i = 0; i < have.n; i++)
        if (!str_eq(have.items[i].key, key))
            size += (int64_t)policy_check_size(have.items[i].body);
    return size <= quota ||
           call_fail(call, FAULT_LIMIT_EXCEEDED,
                     "Maximum policy size of %lld bytes exceeded for %s %.*s", (long long)quota,
                     kind_rows[entity->kind].label, STR_ARG(entity->name));
}

bool inline_policy_put(struct call *call) {
    struct str name = call_str(call, call->action->a);
    struct str text = call_str(call, call->action->b);
    struct entity *entity = named_target(call);
    if (!entity || !kind_check_modifiable(call, entity) ||
        !inline_policy_check(call, POLICY_INLINE, text))
        return false;
    struct document document = {
        .key = name, .name = name, .created_ms = call->now_ms, .body = text};
    if (!within_size(call, entity, document.key, text))
        return false;
    row_document_put(call->tx, entity->id, &document);
    return true;
}

static bool missing(struct call *call, const struct entity *entity, struct str name) {
    return call_fail(call, FAULT_NO_SUCH_ENTITY, "The %s policy with name %.*s cannot be found.",
                     kind_rows[entity->kind].label, STR_ARG(name));
}

/* The response's members by position: the owner's name, PolicyName, PolicyDocument. */
bool inline_policy_get(struct call *call) {
    struct str name = call_str(call, call->action->a);
    struct entity *entity = named_target(call);
    if (!entity)
        return false;
    struct document *found = row_document_find(call->tx, call->arena, entity->id, name);
    if (!found)
        return missing(call, entity, name);
    message_copy(call->response, call->request);
    message_set_str(call->response, M_GetUserPolicyResponse_PolicyDocument,
                    call_escaped(call, found->body));
    return true;
}

_Static_assert((int)M_GetUserPolicyResponse_PolicyDocument ==
                       (int)M_GetRolePolicyResponse_PolicyDocument &&
                   (int)M_GetUserPolicyResponse_PolicyDocument ==
                       (int)M_GetGroupPolicyResponse_PolicyDocument,
               "one handler serves the three");

bool inline_policy_delete(struct call *call) {
    struct str name = call_str(call, call->action->a);
    struct entity *entity = named_target(call);
    if (!entity || !kind_check_modifiable(call, entity))
        return false;
    return row_document_delete(call->tx, entity->id, name) || missing(call, entity, name);
}

bool inline_policy_list(struct call *call) {
    struct page page;
    struct entity *entity = named_target(call);
    if (!entity || !call_page(call, &page))
        return false;
    struct document_page found =
        row_document_list(call->tx, call->arena, entity->id, page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, call->action->a);
    for (size_t i = 0; i < n; i++)
        message_add_str(call->arena, call->response, call->action->a, found.items[i].name);
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}
