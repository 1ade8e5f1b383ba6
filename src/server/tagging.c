/* SPDX-License-Identifier: Apache-2.0 */
#include "server/tagging.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/named.h"
#include "server/quota.h"
#include "server/server_int.h"
#include "store/tag.h"

static bool same_key_before(struct call *call, int member, size_t i, bool exact) {
    struct str key = message_str(message_at(call->request, member, i), M_Tag_Key);
    for (size_t k = 0; k < i; k++) {
        struct str before = message_str(message_at(call->request, member, k), M_Tag_Key);
        if (exact ? str_eq(key, before) : str_eq_nocase(key, before))
            return true;
    }
    return false;
}

bool tagging_check(struct call *call, int member) {
    bool exact = kind_has_exact_tags(call->action->kind);
    for (size_t i = 0; i < message_count(call->request, member); i++) {
        struct str key = message_str(message_at(call->request, member, i), M_Tag_Key);
        if (key.len >= 4 && str_eq_nocase(str_slice(key, 0, 4), S("aws:")))
            return call_fail(call, FAULT_INVALID_INPUT,
                             "Tag keys with the prefix aws: are reserved for AWS use.");
        if (same_key_before(call, member, i, exact))
            return call_fail(call, FAULT_INVALID_INPUT, "Duplicate tag keys found.%s",
                             exact ? "" : " Please note that Tag keys are case insensitive.");
    }
    return true;
}

void tagging_echo(struct call *call, int from, struct message *to, int member) {
    message_unset(to, member);
    for (size_t i = 0; i < message_count(call->request, from); i++)
        message_copy(message_add_message(call->arena, to, member),
                     message_at(call->request, from, i));
}

static void put_all(struct call *call, struct str owner, int member) {
    for (size_t i = 0; i < message_count(call->request, member); i++) {
        const struct message *tag = message_at(call->request, member, i);
        tag_put(call->tx, call->arena, owner, kind_has_exact_tags(call->action->kind),
                message_str(tag, M_Tag_Key), message_str(tag, M_Tag_Value));
    }
}

bool tagging_create(struct call *call, struct str owner, int member) {
    if (!tagging_check(call, member))
        return false;
    put_all(call, owner, member);
    return true;
}

bool tagging_add(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity || !tagging_check(call, call->action->a))
        return false;
    put_all(call, entity->id, call->action->a);
    return tag_count(call->tx, entity->id) <= quota_of(call, "TagsPerResource") ||
           call->server->permissive ||
           call_fail(call, FAULT_LIMIT_EXCEEDED,
                     "The number of tags has reached the maximum limit.");
}

bool tagging_remove(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity)
        return false;
    for (size_t i = 0; i < message_count(call->request, call->action->a); i++)
        tag_delete(call->tx, call->arena, entity->id, kind_has_exact_tags(call->action->kind),
                   message_str_at(call->request, call->action->a, i));
    return true;
}

bool tagging_list(struct call *call) {
    struct page page;
    struct entity *entity = named_target(call);
    if (!entity || !call_page(call, &page))
        return false;
    struct tag_page found = tag_list(call->tx, call->arena, entity->id, page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, call->action->a);
    for (size_t i = 0; i < n; i++) {
        struct message *tag = message_add_message(call->arena, call->response, call->action->a);
        message_set_str(tag, M_Tag_Key, found.items[i].name);
        message_set_str(tag, M_Tag_Value, found.items[i].value);
    }
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}
