/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/message.h"

#include "base/arena.h"

static const struct model_shape no_members = {.kind = SHAPE_STRUCTURE};

struct message *message_new(struct arena *arena, const struct model_api *api,
                            const struct model_shape *shape) {
    struct message *m = arena_alloc(arena, sizeof *m);
    m->api = api;
    m->shape = shape ? shape : &no_members;
    m->fields = arena_array(arena, m->shape->n_members, sizeof *m->fields);
    return m;
}

struct message *message_request(struct arena *arena, const struct model_action *action) {
    return message_new(arena, model_api(action->service), model_shape(action, action->input));
}

struct message *message_response(struct arena *arena, const struct model_action *action) {
    return message_new(arena, model_api(action->service), model_shape(action, action->output));
}

static const struct model_shape *member_shape(const struct message *m, int member) {
    return &m->api->shapes[m->shape->members[member].shape];
}

/* The slot, checked: a member id of another structure or a wrong kind is a bug in the caller. */
static struct field *slot(const struct message *m, int member) {
    if (member < 0 || member >= m->shape->n_members)
        bug("member id of another structure");
    return &m->fields[member];
}

static struct field *mark(struct message *m, int member, enum shape_kind kind) {
    struct field *field = slot(m, member);
    enum shape_kind actual = member_shape(m, member)->kind;
    if (actual != kind)
        bug("member has another kind");
    field->set = true;
    field->kind = kind;
    return field;
}

void message_set_str(struct message *m, int member, struct str text) {
    bool blob = member_shape(m, member)->kind == SHAPE_BLOB;
    mark(m, member, blob ? SHAPE_BLOB : SHAPE_STRING)->text = text;
}

void message_set_int(struct message *m, int member, int64_t number) {
    bool time = member_shape(m, member)->kind == SHAPE_TIMESTAMP;
    mark(m, member, time ? SHAPE_TIMESTAMP : SHAPE_INTEGER)->number = number;
}

void message_set_bool(struct message *m, int member, bool b) {
    mark(m, member, SHAPE_BOOLEAN)->boolean = b;
}

struct str message_str(const struct message *m, int member) {
    const struct field *field = m ? slot(m, member) : NULL;
    bool text = field && field->set && (field->kind == SHAPE_STRING || field->kind == SHAPE_BLOB);
    return text ? field->text : S("");
}

int64_t message_int(const struct message *m, int member) {
    const struct field *field = m ? slot(m, member) : NULL;
    bool number =
        field && field->set && (field->kind == SHAPE_INTEGER || field->kind == SHAPE_TIMESTAMP);
    return number ? field->number : 0;
}

bool message_bool(const struct message *m, int member) {
    const struct field *field = m ? slot(m, member) : NULL;
    return field && field->set && field->kind == SHAPE_BOOLEAN && field->boolean;
}

bool message_has(const struct message *m, int member) {
    return m && slot(m, member)->set;
}

struct message *message_get(const struct message *m, int member) {
    const struct field *field = m ? slot(m, member) : NULL;
    return field && field->set && field->kind == SHAPE_STRUCTURE ? field->message : NULL;
}

struct message *message_make(struct arena *arena, struct message *m, int member) {
    struct message *have = message_get(m, member);
    if (have)
        return have;
    struct field *field = mark(m, member, SHAPE_STRUCTURE);
    field->message = message_new(arena, m->api, member_shape(m, member));
    return field->message;
}

void message_open(struct message *m, int member) {
    bool map = member_shape(m, member)->kind == SHAPE_MAP;
    mark(m, member, map ? SHAPE_MAP : SHAPE_LIST);
}

static void start_element(struct arena *arena, struct message *m, int member, struct field *item) {
    const struct model_shape *element = &m->api->shapes[member_shape(m, member)->element];
    item->set = true;
    item->kind = element->kind;
    if (element->kind == SHAPE_STRUCTURE)
        item->message = message_new(arena, m->api, element);
}

struct field *message_add(struct arena *arena, struct message *m, int member) {
    struct field *field = mark(m, member, SHAPE_LIST);
    field->list.items = arena_grow(arena, field->list.items, field->list.n, &field->list.cap,
                                   sizeof *field->list.items);
    struct field *item = &field->list.items[field->list.n++];
    *item = (struct field){0};
    start_element(arena, m, member, item);
    return item;
}

struct message *message_add_message(struct arena *arena, struct message *m, int member) {
    return message_add(arena, m, member)->message;
}

void message_add_str(struct arena *arena, struct message *m, int member, struct str text) {
    message_add(arena, m, member)->text = text;
}

void message_share(struct arena *arena, struct message *m, int member, struct message *element) {
    struct field *field = mark(m, member, SHAPE_LIST);
    if (&m->api->shapes[member_shape(m, member)->element] != element->shape)
        bug("element of another shape");
    field->list.items = arena_grow(arena, field->list.items, field->list.n, &field->list.cap,
                                   sizeof *field->list.items);
    field->list.items[field->list.n++] =
        (struct field){.set = true, .kind = SHAPE_STRUCTURE, .message = element};
}

struct field *message_put(struct arena *arena, struct message *m, int member, struct str key) {
    struct field *field = mark(m, member, SHAPE_MAP);
    size_t cap = field->map.cap;
    field->map.keys =
        arena_grow(arena, field->map.keys, field->map.n, &cap, sizeof *field->map.keys);
    field->map.items = arena_grow(arena, field->map.items, field->map.n, &field->map.cap,
                                  sizeof *field->map.items);
    field->map.keys[field->map.n] = key;
    struct field *item = &field->map.items[field->map.n++];
    *item = (struct field){0};
    start_element(arena, m, member, item);
    return item;
}

void message_copy(struct message *to, const struct message *from) {
    for (int i = 0; i < from->shape->n_members; i++) {
        int member =
            from->fields[i].set ? model_member(to->shape, from->shape->members[i].name) : -1;
        if (member >= 0 && member_shape(to, member)->kind == from->fields[i].kind)
            to->fields[member] = from->fields[i];
    }
}

void message_unset(struct message *m, int member) {
    *slot(m, member) = (struct field){0};
}

static struct field clone_field(struct arena *arena, const struct field *from);

static struct field *clone_items(struct arena *arena, const struct field *from, size_t n) {
    struct field *items = arena_array(arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = clone_field(arena, &from[i]);
    return items;
}

static struct field clone_field(struct arena *arena, const struct field *from) {
    struct field to = *from;
    if (from->kind == SHAPE_STRING || from->kind == SHAPE_BLOB) {
        to.text = str_dup(arena, from->text);
    } else if (from->kind == SHAPE_STRUCTURE) {
        to.message = message_clone(arena, from->message, -1);
    } else if (from->kind == SHAPE_LIST) {
        to.list.items = clone_items(arena, from->list.items, from->list.n);
        to.list.cap = from->list.n;
    } else if (from->kind == SHAPE_MAP) {
        to.map.items = clone_items(arena, from->map.items, from->map.n);
        to.map.keys = arena_array(arena, from->map.n, sizeof *to.map.keys);
        for (size_t i = 0; i < from->map.n; i++)
            to.map.keys[i] = str_dup(arena, from->map.keys[i]);
        to.map.cap = from->map.n;
    }
    return to;
}

struct message *message_clone(struct arena *arena, const struct message *from, int without) {
    struct message *to = message_new(arena, from->api, from->shape);
    for (int i = 0; i < from->shape->n_members; i++)
        if (i != without && from->fields[i].set)
            to->fields[i] = clone_field(arena, &from->fields[i]);
    return to;
}

size_t message_count(const struct message *m, int member) {
    const struct field *field = m ? slot(m, member) : NULL;
    if (!field || !field->set)
        return 0;
    return field->kind == SHAPE_LIST ? field->list.n : field->kind == SHAPE_MAP ? field->map.n : 0;
}

struct message *message_at(const struct message *m, int member, size_t i) {
    if (i >= message_count(m, member) || m->fields[member].kind != SHAPE_LIST)
        return NULL;
    const struct field *item = &m->fields[member].list.items[i];
    return item->kind == SHAPE_STRUCTURE ? item->message : NULL;
}

struct str message_str_at(const struct message *m, int member, size_t i) {
    if (i >= message_count(m, member) || m->fields[member].kind != SHAPE_LIST)
        return S("");
    const struct field *item = &m->fields[member].list.items[i];
    return item->kind == SHAPE_STRING ? item->text : S("");
}
