/* SPDX-License-Identifier: Apache-2.0 */
#include "server/owned.h"

#include "base/arena.h"
#include "server/action_table.h"
#include "server/server_int.h"
#include "wire/message_json.h"

struct entity *owned_user(struct call *call, int member) {
    struct str given = call_str(call, member);
    if (given.len)
        return kind_find(call, KIND_USER, given);
    if (call->caller.kind == CALLER_USER)
        return call->caller.entity;
    if (call->caller.kind == CALLER_ROOT || call->caller.kind == CALLER_ANYONE) {
        /* The account's own keys hang on the account. */
        struct entity *root = arena_alloc(call->arena, sizeof *root);
        *root = (struct entity){
            .id = call->account,
            .account = call->account,
            .kind = KIND_USER,
            .name = call->caller.kind == CALLER_ANYONE ? S("default_user") : S("root"),
            .path = S("/"),
            .created_ms = call->server->started_ms,
            .body = S("{}"),
        };
        return root;
    }
    call_fail(call, FAULT_VALIDATION,
              "Must specify userName when calling with non-User credentials");
    return NULL;
}

struct entity *owned_child(struct call *call, const struct entity *user, enum kind_id kind,
                           struct str id) {
    struct entity *child = entity_by_key(call->tx, call->arena, user->account, kind, id);
    /* A test double does not ask whose key an unnamed user's is. */
    bool anyones = call->caller.kind == CALLER_ANYONE && str_eq(user->id, user->account);
    if (child && (anyones || str_eq(child->owner, user->id)))
        return child;
    call_fail(call, FAULT_NO_SUCH_ENTITY, kind_rows[kind].missing, STR_ARG(id));
    return NULL;
}

struct entity *owned_add(struct call *call, const struct entity *user, enum kind_id kind,
                         struct str key, struct message *body, struct str secret) {
    struct entity *child = arena_alloc(call->arena, sizeof *child);
    *child = (struct entity){
        .id = key,
        .account = user->account,
        .kind = (int)kind,
        .key = key,
        .name = key,
        .path = S("/"),
        .owner = user->id,
        .created_ms = call->now_ms,
        .body = message_json_text(call->arena, body),
        .secret = secret,
    };
    entity_add(call->tx, child);
    return child;
}

bool owned_list(struct call *call) {
    struct page page;
    struct entity *user = owned_user(call, call->action->name);
    if (!user || !call_page(call, &page))
        return false;
    struct entity_page found = entity_owned(call->tx, call->arena, user->id, call->action->kind,
                                            page.after, page.size + 1);
    size_t n = call_page_count(&page, found.n);
    message_open(call->response, call->action->a);
    for (size_t i = 0; i < n; i++) {
        struct message *m = message_add_message(call->arena, call->response, call->action->a);
        int name = model_member(m->shape, S("UserName"));
        kind_describe(call, &found.items[i], m);
        /* The user may have another name by now. */
        if (name >= 0 && message_has(m, name))
            message_set_str(m, name, user->name);
    }
    call_page_end(call, &page, found.n, n ? found.items[n - 1].key : S(""));
    return true;
}

static struct entity *target(struct call *call) {
    struct entity *user = owned_user(call, call->action->name);
    return user ? owned_child(call, user, call->action->kind, call_str(call, call->action->a))
                : NULL;
}

bool owned_delete(struct call *call) {
    struct entity *child = target(call);
    if (child)
        entity_delete(call->tx, child->id);
    return child != NULL;
}

bool owned_update(struct call *call) {
    struct entity *child = target(call);
    if (!child)
        return false;
    struct message *body = kind_body(call, child);
    struct str owner = S("");
    int user_member = model_member(body->shape, call->request->shape->members[0].name);
    if (user_member >= 0)
        owner = message_str(body, user_member);
    message_copy(body, call->request);
    if (user_member >= 0 && owner.len)
        message_set_str(body, user_member, owner);
    kind_save(call, child, body);
    return true;
}
