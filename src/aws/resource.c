/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/resource.h"

#include "aws/lost.h"
#include "aws/names.h"
#include "aws/resource_call.h"
#include "aws/tags.h"
#include "base/arena.h"
#include "base/clock.h"

#define VISIBLE_MS (2 * 60 * 1000)

void resource_op(struct op *op, struct arena *arena, struct service *service,
                 const struct resource *resource, struct diags *diags) {
    *op = (struct op){.arena = arena, .service = service, .resource = resource, .diags = diags};
    struct value none = value_null(resource->type);
    record_init(&op->now, arena, resource->type, none);
    record_init(&op->prior, arena, resource->type, none);
    record_init(&op->config, arena, resource->type, none);
}

static bool run_hook(struct op *op, resource_hook *hook) {
    return !hook || hook(op);
}

static void set_id(struct op *op) {
    const struct resource_row *row = op->resource->row;
    bool kept = row->flags & ROW_KEEPS_ID && record_text(&op->now, S("id")).len > 0;
    if (row->id && !kept && !(row->flags & ROW_GENERATED_ID))
        record_set(&op->now, S("id"),
                   value_string(op->arena, record_expand(&op->now, NULL, row->id)));
}

/* One read: true with *ret_found NULL when there is no such object. */
static bool read_once(struct op *op, const struct read_row *read,
                      const struct message **ret_found) {
    struct fault fault;
    *ret_found = NULL;
    struct message *answer = resource_try(op, &read->call, &fault);
    if (!answer) {
        if (fault.code == FAULT_NO_SUCH_ENTITY)
            return true;
        resource_fault(op, &read->call, &fault);
        return false;
    }
    *ret_found = resource_call_find(op, answer, read);
    return true;
}

/* What was just made may take a while to show. */
static bool read_patiently(struct op *op, const struct read_row *read,
                           const struct message **ret_found) {
    int64_t deadline = clock_monotonic_ms() + VISIBLE_MS;
    for (int64_t attempt = 0;; attempt++) {
        if (!read_once(op, read, ret_found))
            return false;
        if (*ret_found || !op->lenient || clock_monotonic_ms() > deadline)
            return true;
        resource_call_pause(attempt);
    }
}

static void take_tags(struct op *op, const struct message *from, int list) {
    const struct settings *settings = service_settings(op->service);
    struct value configured = record_get(&op->now, S("tags"));
    struct value all = tags_visible(op->arena, settings, from, list);
    record_set(&op->now, S("tags_all"), all);
    record_set(&op->now, S("tags"), tags_own(op->arena, settings, all, configured));
}

static bool read_tags(struct op *op) {
    const struct resource_row *row = op->resource->row;
    struct message *answer;
    if (!row->has_tags || row->tags.read.call.action == 0)
        return true;
    if (!resource_call(op, &row->tags.read.call, &answer))
        return false;
    if (answer)
        take_tags(op, answer, row->tags.read.tags);
    return true;
}

static struct message *list_children(struct op *op, const struct children_row *c) {
    struct message *answer;
    if (op->listed && op->listed_action == c->list.action)
        return op->listed;
    if (!resource_call(op, &c->list, &answer))
        return NULL;
    op->listed = answer;
    op->listed_action = c->list.action;
    return answer;
}

static bool contains(struct value set, struct value element) {
    if (set.kind != VALUE_SET && set.kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < value_count(set); i++)
        if (value_same(value_at(set, i), element))
            return true;
    return false;
}

static struct value intersect(struct arena *arena, struct value a, struct value b) {
    size_t n = value_count(a), kept = 0;
    struct value *at = arena_array(arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        if (contains(b, value_at(a, i)))
            at[kept++] = value_at(a, i);
    return value_set(arena, type_string, at, kept);
}

/* Missing parents show as NoSuchEntity of the list call: the resource is gone. */
static bool read_children(struct op *op) {
    const struct resource_row *row = op->resource->row;
    bool any = false, must = false;
    for (size_t i = 0; row->children && row->children[i].attr; i++) {
        const struct children_row *c = &row->children[i];
        if (c->flags & CHILDREN_FROM_READ)
            continue;
        struct fault fault;
        if (!op->listed || op->listed_action != c->list.action) {
            op->listed = resource_try(op, &c->list, &fault);
            op->listed_action = c->list.action;
        }
        if (!op->listed && fault.code == FAULT_NO_SUCH_ENTITY) {
            op->gone = true;
            return true;
        }
        if (!op->listed) {
            resource_fault(op, &c->list, &fault);
            return false;
        }
        struct value there = resource_call_texts(op->arena, op->listed, c->items, c->item);
        if (c->flags & CHILDREN_SHARED)
            there = intersect(op->arena, there, record_get(&op->now, str_from(c->attr)));
        must = must || c->flags & CHILDREN_MUST_EXIST;
        any = any || value_count(there) > 0;
        record_set(&op->now, str_from(c->attr), there);
    }
    op->gone = op->gone || (must && !any);
    return true;
}

bool resource_read(struct op *op) {
    const struct resource_row *row = op->resource->row;
    op->listed = NULL;
    if (!run_hook(op, row->before_read))
        return false;
    for (size_t i = 0; row->reads && row->reads[i].call.action; i++) {
        const struct read_row *read = &row->reads[i];
        const struct message *found;
        if (!read_patiently(op, read, &found))
            return false;
        if (!found) {
            op->gone = true;
            return true;
        }
        resource_take(op, found, read->out);
        if (row->has_tags && read->tags != NO_TAGS && row->tags.read.call.action == 0 && i == 0)
            take_tags(op, found, read->tags);
    }
    if (!read_children(op))
        return false;
    if (op->gone)
        return true;
    if (!read_tags(op))
        return false;
    if (row->flags & ROW_NAMED)
        record_set_text(&op->now, S("name_prefix"), names_prefix(record_text(&op->now, S("name"))));
    set_id(op);
    return run_hook(op, row->after_read);
}

static bool each_child(struct op *op, const struct call_row *call, struct value wanted,
                       struct value have) {
    struct message *answer;
    if (wanted.kind != VALUE_SET && wanted.kind != VALUE_LIST)
        return true;
    for (size_t i = 0; i < value_count(wanted); i++) {
        struct value item = value_at(wanted, i);
        if (contains(have, item))
            continue;
        op->listed = NULL;
        record_set(&op->now, S(".item"), item);
        if (!resource_call(op, call, &answer))
            return false;
    }
    return true;
}

/* Brings one set of children from what they are to what they are to be. */
static bool sync_children(struct op *op, const struct children_row *c) {
    struct value wanted = record_get(&op->now, str_from(c->attr));
    struct value have = record_get(&op->prior, str_from(c->attr));
    if (!value_is_known(wanted) || (op->creating && c->flags & CHILDREN_CREATED))
        return true;
    if (c->flags & CHILDREN_EXCLUSIVE) {
        struct message *answer = list_children(op, c);
        if (!answer)
            return false;
        have = resource_call_texts(op->arena, answer, c->items, c->item);
    }
    bool first = c->flags & CHILDREN_REMOVE_FIRST;
    if (first && !each_child(op, &c->remove, have, wanted))
        return false;
    if (!each_child(op, &c->add, wanted, have))
        return false;
    return first || each_child(op, &c->remove, have, wanted);
}

static bool sync_all(struct op *op) {
    const struct resource_row *row = op->resource->row;
    for (size_t i = 0; row->children && row->children[i].attr; i++)
        if (!sync_children(op, &row->children[i]))
            return false;
    return true;
}

/* The provider spells the service out here: "IAM User" is one of "IAM (...) User". */
static const char *tags_frame(struct op *op, const char *doing) {
    return str_format(op->arena,
                      "updating tags for IAM (Identity & Access Management) %s ({id}): %s resource "
                      "({id})",
                      op->resource->row->noun + 4, doing)
        .at;
}

static bool tag(struct op *op, struct value tags) {
    const struct tags_row *t = &op->resource->row->tags;
    if (tags.kind != VALUE_MAP || value_count(tags) == 0)
        return true;
    struct message *m = service_request(op->arena, t->tag);
    message_set_str(m, t->tag_key, record_text(&op->now, str_from(t->key)));
    tags_write(op->arena, m, t->tag_tags, tags);
    struct call_row call = {.action = t->tag, .frame = tags_frame(op, "tagging")};
    struct fault fault;
    if (resource_call_send(op, &call, m, &fault))
        return true;
    resource_fault(op, &call, &fault);
    return false;
}

static bool untag(struct op *op, const struct str *keys, size_t n) {
    const struct tags_row *t = &op->resource->row->tags;
    if (n == 0)
        return true;
    struct message *m = service_request(op->arena, t->untag);
    message_set_str(m, t->untag_key, record_text(&op->prior, str_from(t->key)));
    for (size_t i = 0; i < n; i++)
        message_add_str(op->arena, m, t->untag_keys, keys[i]);
    struct call_row call = {.action = t->untag, .frame = tags_frame(op, "untagging")};
    struct fault fault;
    if (resource_call_send(op, &call, m, &fault))
        return true;
    resource_fault(op, &call, &fault);
    return false;
}

/* An update renames too, but tags are changed first, under the old name. */
static bool update_tags(struct op *op) {
    struct value from = record_get(&op->prior, S("tags_all"));
    struct value to = record_get(&op->now, S("tags_all"));
    size_t n;
    if (!op->resource->row->has_tags)
        return true;
    if (!value_is_known(to))
        to = tags_merge(op->arena, service_settings(op->service), record_get(&op->now, S("tags")));
    if (!value_is_known(to))
        return true;
    const struct str *removed = tags_removed(op->arena, from, to, &n);
    struct str key = str_from(op->resource->row->tags.key);
    struct value renamed = record_get(&op->now, key);
    record_set(&op->now, key, record_get(&op->prior, key));
    bool done = untag(op, removed, n) && tag(op, tags_added(op->arena, from, to));
    record_set(&op->now, key, renamed);
    return done;
}

/* Gives a name where the configuration leaves it to the provider. */
static void choose_name(struct op *op) {
    struct value name = record_get(&op->now, S("name"));
    if (!(op->resource->row->flags & ROW_NAMED) ||
        (value_is_known(name) && record_text(&op->now, S("name")).len > 0))
        return;
    struct str prefix = record_text(&op->now, S("name_prefix"));
    record_set(&op->now, S("name"), value_string(op->arena, names_unique(op->arena, prefix)));
}

static bool call_create(struct op *op) {
    const struct resource_row *row = op->resource->row;
    struct message *answer;
    if (row->create.action == 0)
        return true;
    struct message *request = resource_call_request(op, &row->create);
    struct value tags = record_get(&op->now, S("tags_all"));
    if (!value_is_known(tags))
        tags =
            tags_merge(op->arena, service_settings(op->service), record_get(&op->now, S("tags")));
    record_set(&op->now, S("tags_all"), tags);
    if (row->has_tags && row->tags.in_create)
        tags_write(op->arena, request, row->tags.create, tags);
    if (!lost_create(op, request, &answer))
        return false;
    if (!answer || !row->created)
        return true;
    const struct message *made =
        row->created_result == WHOLE ? answer : message_get(answer, row->created_result);
    if (made)
        resource_take(op, made, row->created);
    return true;
}

bool resource_create(struct op *op) {
    const struct resource_row *row = op->resource->row;
    op->creating = true;
    choose_name(op);
    op->gone = true; /* nothing is there yet */
    if (!run_hook(op, row->before_create) || !call_create(op))
        return false;
    op->gone = false;
    if (row->flags & ROW_GENERATED_ID)
        record_set(&op->now, S("id"),
                   value_string(op->arena,
                                names_unique(op->arena, record_expand(&op->now, NULL, row->id))));
    set_id(op);
    if (!run_hook(op, row->after_create) || !sync_all(op))
        return false;
    if (row->has_tags && !row->tags.in_create && row->tags.tag != 0 &&
        !tag(op, record_get(&op->now, S("tags_all"))))
        return false;
    if (row->flags & ROW_NO_READ)
        return true;
    op->lenient = true;
    bool done = resource_read(op);
    op->lenient = false;
    if (done && op->gone) {
        op->gone = false;
        resource_error(op, str_format(op->arena, "reading %s ({id})", row->noun).at,
                       "couldn't find resource");
        return false;
    }
    return done;
}

static bool changed(const struct op *op, struct str name) {
    return !value_same(record_get(&op->now, name), record_get(&op->prior, name));
}

static bool run_updates(struct op *op) {
    const struct resource_row *row = op->resource->row;
    struct message *answer;
    for (size_t i = 0; row->updates && row->updates[i].attrs[0]; i++) {
        const struct update_row *u = &row->updates[i];
        bool any = false;
        for (size_t a = 0; a < COUNT(u->attrs) && u->attrs[a]; a++)
            any = any || changed(op, str_from(u->attrs[a]));
        if (!any)
            continue;
        bool empty = record_text(&op->now, str_from(u->attrs[0])).len == 0;
        const struct call_row *call = empty && u->when_empty.action ? &u->when_empty : &u->call;
        if (empty && record_text(&op->prior, str_from(u->attrs[0])).len == 0 &&
            u->when_empty.action)
            continue; /* null and "" are the same to the API */
        if (!resource_call(op, call, &answer))
            return false;
    }
    return true;
}

static bool changed_beside_tags(const struct op *op) {
    for (uint32_t i = 0; i < op->now.type->n; i++) {
        struct str name = intern_str(op->now.type->names[i]);
        if (!str_eq(name, S("tags")) && !str_eq(name, S("tags_all")) && changed(op, name))
            return true;
    }
    return false;
}

static bool apply_changes(struct op *op) {
    const struct resource_row *row = op->resource->row;
    struct message *answer;
    if (!update_tags(op) || !run_hook(op, row->before_update))
        return false;
    if (row->flags & ROW_UPDATE_ALL && changed_beside_tags(op) &&
        !resource_call(op, &row->create, &answer))
        return false;
    return run_updates(op) && sync_all(op);
}

/* What an update that failed half way left behind: read again over what was there before. */
static void read_truth(struct op *op) {
    struct value before = record_value(&op->prior);
    size_t n = op->diags->n;
    record_init(&op->now, op->arena, op->resource->type, before);
    op->gone = false;
    if (!resource_read(op)) {
        record_init(&op->now, op->arena, op->resource->type, before);
        diags_truncate(op->diags, n);
    }
}

bool resource_update(struct op *op) {
    if (!apply_changes(op)) {
        read_truth(op);
        return false;
    }
    set_id(op);
    return resource_read(op);
}

/* Is this element one that the sweep is about? */
static bool swept(struct op *op, const struct sweep_row *s, const struct message *item) {
    if (s->has_skip && message_bool(item, s->skip))
        return false;
    if (!s->only)
        return true;
    const struct message *at =
        s->only->flags & BIND_INNER ? message_get(item, s->only->member) : item;
    int member = s->only->flags & BIND_INNER ? s->only->inner : s->only->member;
    return at && str_eq(message_str(at, member), record_text(&op->now, str_from(s->only->attr)));
}

static bool sweep(struct op *op, const struct sweep_row *s) {
    struct message *answer, *ignored;
    if (s->when && !record_true(&op->now, str_from(s->when)))
        return true;
    if (s->list.action == 0)
        return resource_call(op, &s->remove, &ignored);
    if (!resource_call(op, &s->list, &answer))
        return false;
    size_t n = answer ? message_count(answer, s->items) : 0;
    for (size_t i = 0; i < n; i++) {
        struct str text;
        if (s->item == WHOLE) {
            text = message_str_at(answer, s->items, i);
        } else {
            const struct message *item = message_at(answer, s->items, i);
            if (!swept(op, s, item))
                continue;
            text = message_str(item, s->item);
        }
        record_set(&op->now, S(".item"), value_string(op->arena, text));
        if (!resource_call(op, &s->remove, &ignored))
            return false;
        if (s->also.action != 0 && !resource_call(op, &s->also, &ignored))
            return false;
    }
    return true;
}

bool resource_destroy(struct op *op) {
    const struct resource_row *row = op->resource->row;
    struct message *answer;
    op->destroying = true;
    if (row->flags & ROW_STAYS)
        return true;
    if (!run_hook(op, row->before_destroy))
        return false;
    for (size_t i = 0; row->children && row->children[i].attr; i++) {
        const struct children_row *c = &row->children[i];
        struct value have = record_get(&op->now, str_from(c->attr));
        if (!(c->flags & CHILDREN_STAY) &&
            !each_child(op, &c->remove, have, value_null(type_string)))
            return false;
    }
    for (size_t i = 0; row->sweeps && row->sweeps[i].remove.action; i++)
        if (!sweep(op, &row->sweeps[i]))
            return false;
    struct call_row destroy = row->destroy;
    destroy.missing_is_done = true;
    if (destroy.action != 0 && !resource_call(op, &destroy, &answer))
        return false;
    return run_hook(op, row->after_destroy);
}
