/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/message_json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"

static void write_message(struct buf *out, const struct message *m);

static void write_field(struct buf *out, const struct field *field) {
    struct arena *scratch;
    switch (field->kind) {
    case SHAPE_STRUCTURE:
        write_message(out, field->message);
        break;
    case SHAPE_LIST:
        buf_byte(out, '[');
        for (size_t i = 0; i < field->list.n; i++) {
            if (i)
                buf_byte(out, ',');
            write_field(out, &field->list.items[i]);
        }
        buf_byte(out, ']');
        break;
    case SHAPE_MAP:
        buf_byte(out, '{');
        for (size_t i = 0; i < field->map.n; i++) {
            if (i)
                buf_byte(out, ',');
            json_write_string(out, field->map.keys[i], false);
            buf_byte(out, ':');
            write_field(out, &field->map.items[i]);
        }
        buf_byte(out, '}');
        break;
    case SHAPE_INTEGER:
    case SHAPE_TIMESTAMP:
        buf_addf(out, "%lld", (long long)field->number);
        break;
    case SHAPE_BOOLEAN:
        buf_add_c(out, field->boolean ? "true" : "false");
        break;
    case SHAPE_BLOB:
        scratch = arena_new();
        json_write_string(out, digest_to_base64(scratch, field->text), false);
        arena_free(scratch);
        break;
    case SHAPE_STRING:
        json_write_string(out, field->text, false);
        break;
    }
}

static void write_message(struct buf *out, const struct message *m) {
    bool first = true;
    buf_byte(out, '{');
    for (int i = 0; i < m->shape->n_members; i++) {
        if (!m->fields[i].set)
            continue;
        if (!first)
            buf_byte(out, ',');
        first = false;
        json_write_string(out, m->shape->members[i].name, false);
        buf_byte(out, ':');
        write_field(out, &m->fields[i]);
    }
    buf_byte(out, '}');
}

struct str message_json_text(struct arena *arena, const struct message *m) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    write_message(&out, m);
    return buf_take(&out, arena);
}

static struct message *read_message(struct arena *arena, const struct model_api *api,
                                    const struct model_shape *shape, const struct json *json);

static void read_field(struct arena *arena, const struct model_api *api,
                       const struct model_shape *shape, const struct json *json,
                       struct field *field) {
    const struct model_shape *element = &api->shapes[shape->element];
    field->kind = shape->kind;
    field->set = true;
    switch (shape->kind) {
    case SHAPE_STRUCTURE:
        field->message = read_message(arena, api, shape, json);
        break;
    case SHAPE_LIST:
        field->list.n = field->list.cap = json->kind == JSON_ARRAY ? json->n : 0;
        field->list.items = arena_array(arena, field->list.n, sizeof *field->list.items);
        for (size_t i = 0; i < field->list.n; i++)
            read_field(arena, api, element, &json->items[i], &field->list.items[i]);
        break;
    case SHAPE_MAP:
        field->map.n = field->map.cap = json->kind == JSON_OBJECT ? json->n : 0;
        field->map.keys = arena_array(arena, field->map.n, sizeof *field->map.keys);
        field->map.items = arena_array(arena, field->map.n, sizeof *field->map.items);
        for (size_t i = 0; i < field->map.n; i++) {
            field->map.keys[i] = json->members[i].name;
            read_field(arena, api, element, &json->members[i].value, &field->map.items[i]);
        }
        break;
    case SHAPE_INTEGER:
    case SHAPE_TIMESTAMP:
        field->set = json->kind == JSON_NUMBER && str_to_int(json->text, &field->number);
        break;
    case SHAPE_BOOLEAN:
        field->boolean = json->boolean;
        break;
    case SHAPE_BLOB:
        field->set = digest_from_base64(arena, json->text, &field->text);
        break;
    case SHAPE_STRING:
        field->text = json->text.at ? json->text : S("");
        break;
    }
}

static struct message *read_message(struct arena *arena, const struct model_api *api,
                                    const struct model_shape *shape, const struct json *json) {
    struct message *m = message_new(arena, api, shape);
    for (size_t i = 0; json->kind == JSON_OBJECT && i < json->n; i++) {
        int member = model_member(shape, json->members[i].name);
        if (member >= 0)
            read_field(arena, api, &api->shapes[shape->members[member].shape],
                       &json->members[i].value, &m->fields[member]);
    }
    return m;
}

struct message *message_json_read(struct arena *arena, const struct model_api *api,
                                  const struct model_shape *shape, struct str text) {
    struct json_error error;
    struct json *json = json_parse(arena, text, &error);
    if (!json || json->kind != JSON_OBJECT)
        return NULL;
    return read_message(arena, api, shape, json);
}
