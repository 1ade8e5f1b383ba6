/* SPDX-License-Identifier: Apache-2.0 */
#include "server/named.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/describe.h"
#include "server/owned.h"
#include "server/server_int.h"
#include "store/row_document.h"
#include "store/link.h"

struct entity *named_target(struct call *call) {
    const struct action *action = call->action;
    struct str given = call_str(call, action->name);
    if (given.len || action->kind != KIND_USER)
        return kind_find(call, action->kind, given);
    if (call->caller.kind == CALLER_USER)
        return kind_by_id(call, call->caller.entity->id);
    if (call->caller.kind == CALLER_ANYONE || call->caller.kind == CALLER_ROOT)
        return owned_user(call, -1);
    call_fail(call, FAULT_VALIDATION,
              "Must specify userName when calling with non-User credentials");
    return NULL;
}

bool named_get(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity)
        return false;
    describe_full(call, entity, message_make(call->arena, call->response, call->action->a));
    return true;
}

bool named_list(struct call *call) {
    struct page page;
    if (!call_page(call, &page))
        return false;
    struct entity_page found =
        entity_list(call->tx, call->arena, call->account, call->action->kind,
                    call_str(call, call->action->name), page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, call->action->a);
    for (size_t i = 0; i < n; i++)
        describe_listed(call, &found.items[i],
                        message_add_message(call->arena, call->response, call->action->a));
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}

bool named_rename(struct call *call) {
    struct entity *entity = named_target(call);
    return entity && kind_rename(call, entity, call_str(call, call->action->a),
                                 call_str(call, call->action->b));
}

#define REFERENCED "Cannot delete entity, must remove referenced objects first."

/* What must be gone before a thing may be deleted, in the order in which AWS looks. */
static const struct obstacle {
    enum kind_id kind;
    enum { TARGETS, SOURCES, OWNED, DOCUMENTS } what;
    int number; /* link kind, or kind of what is owned */
    const char *text;
} obstacles[] = {
    {KIND_USER, OWNED, KIND_LOGIN, "Cannot delete entity, must delete login profile first."},
    {KIND_USER, OWNED, KIND_ACCESS_KEY, "Cannot delete entity, must delete access keys first."},
    {KIND_USER, OWNED, KIND_MFA, "Cannot delete entity, must delete MFA device first."},
    {KIND_USER, OWNED, KIND_SIGNING_CERTIFICATE,
     "Cannot delete entity, must delete signing certificates first."},
    {KIND_USER, OWNED, KIND_SSH_KEY, REFERENCED},
    {KIND_USER, OWNED, KIND_SERVICE_CREDENTIAL, REFERENCED},
    {KIND_USER, DOCUMENTS, 0, "Cannot delete entity, must delete policies first."},
    {KIND_USER, TARGETS, LINK_ATTACHED, "Cannot delete entity, must detach all policies first."},
    {KIND_USER, TARGETS, LINK_MEMBER, "Cannot delete entity, must remove users from group first."},
    {KIND_GROUP, SOURCES, LINK_MEMBER, "Cannot delete entity, must remove users from group first."},
    {KIND_GROUP, DOCUMENTS, 0, "Cannot delete entity, must delete policies first."},
    {KIND_GROUP, TARGETS, LINK_ATTACHED, "Cannot delete entity, must detach all policies first."},
    {KIND_ROLE, SOURCES, LINK_IN_PROFILE,
     "Cannot delete entity, must remove roles from instance profile first."},
    {KIND_ROLE, TARGETS, LINK_ATTACHED, "Cannot delete entity, must detach all policies first."},
    {KIND_ROLE, DOCUMENTS, 0, "Cannot delete entity, must delete policies first."},
    {KIND_PROFILE, TARGETS, LINK_IN_PROFILE,
     "Cannot delete entity, must remove roles from instance profile first."},
};

static int64_t count_obstacle(struct call *call, const struct obstacle *o,
                              const struct entity *entity) {
    switch (o->what) {
    case TARGETS:
        return link_count_targets(call->tx, o->number, entity->id);
    case SOURCES:
        return link_count_sources(call->tx, o->number, entity->id);
    case OWNED:
        return entity_count_owned(call->tx, entity->id, o->number);
    case DOCUMENTS:
        return row_document_count(call->tx, entity->id);
    }
    return 0;
}

bool named_delete(struct call *call) {
    struct entity *entity = named_target(call);
    if (!entity)
        return false;
    if (!kind_check_modifiable(call, entity))
        return false;
    for (size_t i = 0; i < COUNT(obstacles); i++)
        if (obstacles[i].kind == (enum kind_id)entity->kind &&
            count_obstacle(call, &obstacles[i], entity))
            return call_fail(call, FAULT_DELETE_CONFLICT, "%s", obstacles[i].text);
    struct entity_page bounds =
        link_targets(call->tx, call->arena, LINK_BOUNDARY, entity->id, S(""), S(""), 1);
    if (bounds.n)
        link_delete(call->tx, LINK_BOUNDARY, entity->id, bounds.items[0].id);
    entity_delete(call->tx, entity->id);
    return true;
}
