/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/xml_read.h"

#include <expat.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"

#define MAX_DEPTH 64

enum frame_kind {
    FRAME_SKIP, /* what the model does not know */
    FRAME_ROOT,
    FRAME_STRUCTURE,
    FRAME_LIST,
    FRAME_MAP,
    FRAME_ENTRY,
    FRAME_SCALAR,
    FRAME_KEY,
    FRAME_ERROR,
    FRAME_TEXT, /* goes to *frame.text */
};

struct frame {
    enum frame_kind kind;
    const struct model_shape *shape;
    struct field *field;
    struct message *message;
    struct str *text;
};

struct reader {
    struct arena *arena;
    XML_Parser parser;
    const struct model_action *action;
    const struct model_api *api;
    struct xml_answer *answer;
    struct frame frames[MAX_DEPTH];
    int depth;
    struct buf text;
    bool rejected;
    bool own_root; /* "CreateUserResponse" for CreateUser */
};

static struct frame frame_for_field(struct reader *r, const struct model_shape *shape,
                                    struct field *field) {
    struct frame frame = {.shape = shape, .field = field};
    field->set = true;
    field->kind = shape->kind;
    switch (shape->kind) {
    case SHAPE_STRUCTURE:
        field->message = message_new(r->arena, r->api, shape);
        frame.kind = FRAME_STRUCTURE;
        frame.message = field->message;
        break;
    case SHAPE_LIST:
        frame.kind = FRAME_LIST;
        break;
    case SHAPE_MAP:
        frame.kind = FRAME_MAP;
        break;
    default:
        frame.kind = FRAME_SCALAR;
    }
    return frame;
}

static struct frame text_frame(struct str *text) {
    return (struct frame){.kind = FRAME_TEXT, .text = text};
}

static struct frame root_child(struct reader *r, struct str name) {
    if (str_eq(name, S("Error")))
        return (struct frame){.kind = FRAME_ERROR};
    if (str_eq(name, S("RequestId")) || str_eq(name, S("RequestID")))
        return text_frame(&r->answer->request_id);
    /* <ResponseMetadata>, and <Errors> of the older error form, hold the same as the root. */
    if (str_eq(name, S("ResponseMetadata")) || str_eq(name, S("Errors")))
        return (struct frame){.kind = FRAME_ROOT};
    if (r->action->result_wrapper.len && str_eq(name, r->action->result_wrapper)) {
        r->answer->own = r->own_root;
        return (struct frame){.kind = FRAME_STRUCTURE, .message = r->answer->response};
    }
    return (struct frame){.kind = FRAME_SKIP};
}

static struct frame error_child(struct reader *r, struct str name) {
    if (str_eq(name, S("Code")))
        return text_frame(&r->answer->fault_code);
    if (str_eq(name, S("Message")) || str_eq(name, S("message")))
        return text_frame(&r->answer->fault_text);
    return (struct frame){.kind = FRAME_SKIP};
}

static struct frame list_child(struct reader *r, const struct frame *parent) {
    struct field *list = parent->field;
    list->list.items = arena_grow(r->arena, list->list.items, list->list.n, &list->list.cap,
                                  sizeof *list->list.items);
    struct field *item = &list->list.items[list->list.n++];
    *item = (struct field){0};
    return frame_for_field(r, &r->api->shapes[parent->shape->element], item);
}

static struct frame map_child(struct reader *r, const struct frame *parent) {
    struct field *map = parent->field;
    size_t cap = map->map.cap;
    map->map.keys = arena_grow(r->arena, map->map.keys, map->map.n, &cap, sizeof *map->map.keys);
    map->map.items =
        arena_grow(r->arena, map->map.items, map->map.n, &map->map.cap, sizeof *map->map.items);
    map->map.keys[map->map.n] = S("");
    map->map.items[map->map.n++] = (struct field){0};
    return (struct frame){.kind = FRAME_ENTRY, .shape = parent->shape, .field = map};
}

static struct frame entry_child(struct reader *r, const struct frame *parent, struct str name) {
    struct field *map = parent->field;
    if (str_eq(name, S("key")))
        return text_frame(&map->map.keys[map->map.n - 1]);
    if (str_eq(name, S("value")))
        return frame_for_field(r, &r->api->shapes[parent->shape->element],
                               &map->map.items[map->map.n - 1]);
    return (struct frame){.kind = FRAME_SKIP};
}

static struct frame child(struct reader *r, const struct frame *parent, struct str name) {
    int member;
    switch (parent->kind) {
    case FRAME_ROOT:
        return root_child(r, name);
    case FRAME_ERROR:
        return error_child(r, name);
    case FRAME_STRUCTURE:
        member = model_member(parent->message->shape, name);
        if (member < 0)
            return (struct frame){.kind = FRAME_SKIP};
        return frame_for_field(r, &r->api->shapes[parent->message->shape->members[member].shape],
                               &parent->message->fields[member]);
    case FRAME_LIST:
        return list_child(r, parent);
    case FRAME_MAP:
        return map_child(r, parent);
    case FRAME_ENTRY:
        return entry_child(r, parent, name);
    default:
        return (struct frame){.kind = FRAME_SKIP};
    }
}

static void reject(struct reader *r) {
    r->rejected = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
    struct reader *r = data;
    (void)attributes;
    if (r->depth >= MAX_DEPTH) {
        reject(r);
        return;
    }
    buf_reset(&r->text);
    if (r->depth == 0) {
        struct str rest = str_from(name);
        r->own_root = str_starts(rest, r->action->name) &&
                      str_eq(str_slice(rest, r->action->name.len, rest.len), S("Response"));
        r->answer->own = r->own_root && r->action->result_wrapper.len == 0;
        r->frames[0] = (struct frame){.kind = FRAME_ROOT};
    } else {
        r->frames[r->depth] = child(r, &r->frames[r->depth - 1], str_from(name));
    }
    r->depth++;
}

static void finish_scalar(struct reader *r, struct field *field) {
    struct str text = buf_str(&r->text);
    switch (field->kind) {
    case SHAPE_INTEGER:
        field->set = str_to_int(str_trim(text), &field->number);
        break;
    case SHAPE_BOOLEAN:
        field->boolean = str_eq(str_trim(text), S("true"));
        break;
    case SHAPE_TIMESTAMP:
        field->set = clock_parse(str_trim(text), &field->number);
        break;
    case SHAPE_BLOB:
        field->set = digest_from_base64(r->arena, text, &field->text);
        break;
    default:
        field->text = str_dup(r->arena, text);
    }
}

static void XMLCALL on_end(void *data, const XML_Char *name) {
    struct reader *r = data;
    (void)name;
    struct frame *frame = &r->frames[--r->depth];
    if (frame->kind == FRAME_SCALAR)
        finish_scalar(r, frame->field);
    else if (frame->kind == FRAME_TEXT)
        *frame->text = str_dup(r->arena, buf_str(&r->text));
    buf_reset(&r->text);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len) {
    struct reader *r = data;
    enum frame_kind kind = r->depth ? r->frames[r->depth - 1].kind : FRAME_SKIP;
    if (kind == FRAME_SCALAR || kind == FRAME_TEXT)
        buf_add(&r->text, (struct str){text, (size_t)len});
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset) {
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    reject(data);
}

void xml_read_answer(struct arena *arena, const struct model_action *action, struct str body,
                     struct xml_answer *ret_answer) {
    struct reader r = {.arena = arena, .action = action, .api = model_api(action->service)};
    *ret_answer = (struct xml_answer){.response = message_response(arena, action)};
    r.answer = ret_answer;
    r.parser = XML_ParserCreate("UTF-8");
    if (!r.parser)
        bug("out of memory");
    buf_init(&r.text, BUF_MAX_RESPONSE);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    enum XML_Status status = body.len > BUF_MAX_RESPONSE
                                 ? XML_STATUS_ERROR
                                 : XML_Parse(r.parser, body.at, (int)body.len, XML_TRUE);
    ret_answer->well_formed = status == XML_STATUS_OK && !r.rejected;
    XML_ParserFree(r.parser);
    buf_clear(&r.text);
}
