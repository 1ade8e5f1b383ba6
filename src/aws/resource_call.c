/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to requests and answers to attributes: the part of the interpreter that touches messages. */
#include "aws/resource_call.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "aws/equal.h"
#include "base/arena.h"
#include "base/clock.h"
#include "policy/policy_equal.h"
#include "wire/model_ids.h"

#define SETTLE_MS (2 * 60 * 1000)
#define SETTLE_STEP_MAX_MS 5000

static void fill_text(struct message *m, const struct bind *bind, struct arena *arena,
                      struct str text) {
    const struct model_api *api = m->api;
    const struct model_shape *shape = &api->shapes[m->shape->members[bind->member].shape];
    if (shape->kind == SHAPE_BOOLEAN)
        message_set_bool(m, bind->member, str_eq(text, S("true")));
    else if (shape->kind == SHAPE_INTEGER)
        message_set_int(m, bind->member, strtoll(str_c(arena, text), NULL, 10));
    else if (shape->kind == SHAPE_LIST)
        message_add_str(arena, m, bind->member, text);
    else
        message_set_str(m, bind->member, text);
}

static void fill_value(struct op *op, struct message *m, const struct bind *bind, struct value v) {
    if (v.kind == VALUE_BOOL) {
        message_set_bool(m, bind->member, v.boolean);
    } else if (value_is_number(v)) {
        int64_t n = 0;
        if (value_to_int(v, &n) && (n != 0 || bind->flags & BIND_ALWAYS))
            message_set_int(m, bind->member, n);
    } else if (v.kind == VALUE_STRING) {
        if (value_str(v).len > 0 || bind->flags & BIND_ALWAYS)
            fill_text(m, bind, op->arena, value_str(v));
    } else if (v.kind == VALUE_SET || v.kind == VALUE_LIST) {
        for (size_t i = 0; i < value_count(v); i++)
            message_add_str(op->arena, m, bind->member, value_str(value_at(v, i)));
    } else if (bind->flags & BIND_ALWAYS) {
        fill_text(m, bind, op->arena, S(""));
    }
}

static struct message *make_request(struct op *op, const struct call_row *call) {
    struct message *m = service_request(op->arena, call->action);
    for (const struct bind *b = call->in; b && b->attr; b++) {
        if (b->text) {
            fill_text(m, b, op->arena, str_from(b->text));
            continue;
        }
        const struct record *from = b->flags & BIND_PRIOR ? &op->prior : &op->now;
        fill_value(op, m, b, record_get(from, str_from(b->attr)));
    }
    return m;
}

static bool settles(const struct call_row *call, const struct fault *fault) {
    if (fault->code == FAULT_CONCURRENT_MODIFICATION)
        return true;
    for (const struct settle *s = call->settle; s && s->code != FAULT_NONE; s++)
        if (s->code == fault->code && (!s->text || str_find(fault->text, str_from(s->text)) >= 0))
            return true;
    return false;
}

int64_t resource_call_pause(int64_t attempt) {
    int64_t ms = attempt > 5 ? SETTLE_STEP_MAX_MS : (int64_t)250 << attempt;
    clock_sleep_ms(ms > SETTLE_STEP_MAX_MS ? SETTLE_STEP_MAX_MS : ms);
    return ms;
}

struct message *resource_call_send(struct op *op, const struct call_row *call,
                                   struct message *request, struct fault *ret_fault) {
    int64_t deadline = clock_monotonic_ms() + SETTLE_MS;
    bool repeated = false;
    for (int64_t attempt = 0;; attempt++) {
        struct message *answer =
            service_list(op->service, op->arena, call->action, request, ret_fault);
        repeated = repeated || ret_fault->repeated;
        ret_fault->repeated = repeated;
        if (answer || !settles(call, ret_fault) || clock_monotonic_ms() > deadline)
            return answer;
        resource_call_pause(attempt);
    }
}

struct message *resource_call_request(struct op *op, const struct call_row *call) {
    return make_request(op, call);
}

struct message *resource_try(struct op *op, const struct call_row *call, struct fault *ret_fault) {
    return resource_call_send(op, call, make_request(op, call), ret_fault);
}

/* Removals, and changes of the name: what they are about is missing when they have been done. */
static bool leaves_nothing(const struct call_row *call) {
    static const struct str verbs[] = {STR("Delete"), STR("Remove"), STR("Detach"),
                                       STR("Deactivate"), STR("Untag")};
    struct str name = api_action(call->action)->name;
    for (size_t i = 0; i < COUNT(verbs); i++)
        if (str_starts(name, verbs[i]))
            return true;
    for (const struct bind *b = call->in; b && b->attr; b++)
        if (b->flags & BIND_PRIOR)
            return true;
    return false;
}

bool resource_call(struct op *op, const struct call_row *call, struct message **ret_answer) {
    struct fault fault;
    *ret_answer = resource_try(op, call, &fault);
    if (*ret_answer)
        return true;
    if (fault.code == FAULT_NO_SUCH_ENTITY &&
        (call->missing_is_done || (fault.repeated && leaves_nothing(call))))
        return true;
    resource_fault(op, call, &fault);
    return false;
}

static struct str frame_of(struct op *op, const struct call_row *call) {
    if (call->frame)
        return record_expand(&op->now, &op->prior, call->frame);
    struct str verb = op->destroying ? S("deleting") : op->creating ? S("creating") : S("reading");
    struct str key = record_text(&op->now, S("id"));
    if (key.len == 0)
        key = record_text(&op->prior, S("id"));
    return str_format(op->arena, "%.*s %s (%.*s)", STR_ARG(verb), op->resource->row->noun,
                      STR_ARG(key));
}

static void add_error(struct op *op, struct str frame, struct str why) {
    struct str whole = str_format(op->arena, "%.*s: %.*s", STR_ARG(frame), STR_ARG(why));
    bool framework = op->resource->row->flags & ROW_FRAMEWORK;
    diags_add(op->diags, SEVERITY_ERROR, (struct span){0}, whole, framework ? why : S(""));
}

void resource_fault(struct op *op, const struct call_row *call, const struct fault *fault) {
    add_error(op, frame_of(op, call), api_fault_text(op->arena, call->action, fault));
    if (op->creating && fault->code == FAULT_ENTITY_ALREADY_EXISTS)
        op->diags->at[op->diags->n - 1].import_id =
            str_dup(op->diags->arena, resource_import_id(op));
}

void resource_error(struct op *op, const char *frame, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct str why = str_vformat(op->arena, format, args);
    va_end(args);
    add_error(op, record_expand(&op->now, &op->prior, frame), why);
}

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str resource_call_decode(struct arena *arena, struct str text) {
    if (str_find_byte(text, '%') < 0)
        return text;
    char *out = arena_bytes(arena, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' && i + 2 < text.len && hex(text.at[i + 1]) >= 0 &&
            hex(text.at[i + 2]) >= 0) {
            out[n++] = (char)(hex(text.at[i + 1]) * 16 + hex(text.at[i + 2]));
            i += 2;
        } else {
            out[n++] = text.at[i];
        }
    }
    return (struct str){out, n};
}

struct value resource_call_document(struct arena *arena, bool inline_, struct value kept,
                                    struct str text) {
    if (kept.kind == VALUE_STRING && policy_equal(arena, value_str(kept), text))
        return kept;
    struct str normal =
        inline_ ? equal_inline_normal(arena, text) : equal_policy_normal(arena, text);
    return value_string(arena, normal.len > 0 ? normal : text);
}

/* The structure in a message that the bind speaks of; NULL when it is absent. */
static const struct message *holder(const struct message *from, const struct bind *bind) {
    if (bind->flags & BIND_FIRST)
        return message_count(from, bind->member) > 0 ? message_at(from, bind->member, 0) : NULL;
    return bind->flags & BIND_INNER ? message_get(from, bind->member) : from;
}

int64_t resource_call_time(const struct message *from, const struct bind *bind) {
    const struct message *at = holder(from, bind);
    return message_int(at, bind->flags & BIND_INNER ? bind->inner : bind->member);
}

static struct value field_value(struct arena *arena, const struct message *m, int member,
                                const struct type *type, bool null_if_absent) {
    const struct field *f = m ? &m->fields[member] : NULL;
    bool set = f && f->set;
    if (!set && null_if_absent)
        return value_null(type);
    if (type->kind == TYPE_BOOL)
        return value_bool(set && f->boolean);
    if (type->kind == TYPE_NUMBER)
        return value_int(set ? f->number : 0);
    if (type->kind == TYPE_LIST || type->kind == TYPE_SET) {
        size_t n = set ? f->list.n : 0;
        struct value *at = arena_array(arena, n, sizeof *at);
        for (size_t i = 0; i < n; i++)
            at[i] = value_string(arena, f->list.items[i].text);
        return type->kind == TYPE_LIST ? value_list(arena, type_string, at, n)
                                       : value_set(arena, type_string, at, n);
    }
    if (!set)
        return value_string_view(S(""));
    if (f->kind == SHAPE_STRUCTURE) /* all that is asked of one is whether it is there */
        return value_string_view(S("true"));
    if (f->kind == SHAPE_TIMESTAMP)
        return value_string(arena, clock_rfc3339(arena, f->number));
    if (f->kind == SHAPE_BOOLEAN)
        return value_string_view(f->boolean ? S("true") : S("false"));
    if (f->kind == SHAPE_INTEGER)
        return value_string(arena, str_format(arena, "%lld", (long long)f->number));
    return value_string(arena, f->text);
}

static void take_one(struct op *op, const struct message *from, const struct bind *b) {
    struct str name = str_from(b->attr);
    struct value kept = record_get(&op->now, name);
    if (b->flags & BIND_KEEP && value_is_known(kept) && !value_is_null(kept))
        return;
    const struct type *type = value_type(kept);
    if (name.at[0] == '.')
        type = type_string;
    const struct message *at = holder(from, b);
    int member = b->flags & (BIND_INNER | BIND_FIRST) ? b->inner : b->member;
    bool null = b->flags & BIND_NULL || op->resource->row->flags & ROW_FRAMEWORK;
    struct str first = b->flags & BIND_FIRST ? message_str_at(from, b->member, 0) : S("");
    struct value v = first.len > 0 ? value_string(op->arena, first)
                                   : field_value(op->arena, at, member, type, null);
    if (b->flags & BIND_DOCUMENT && v.kind == VALUE_STRING) {
        struct str text = resource_call_decode(op->arena, value_str(v));
        v = resource_call_document(op->arena, op->resource->row->flags & ROW_INLINE, kept, text);
    }
    record_set(&op->now, name, v);
}

void resource_take(struct op *op, const struct message *from, const struct bind *out) {
    for (const struct bind *b = out; b && b->attr; b++)
        take_one(op, from, b);
}

const struct message *resource_call_find(struct op *op, const struct message *answer,
                                         const struct read_row *read) {
    if (!read->match && read->result != WHOLE && message_count(answer, read->result) > 0)
        return answer; /* a list without names: what is first in it */
    if (!read->match)
        return read->result == WHOLE ? answer : message_get(answer, read->result);
    struct str wanted = record_text(&op->now, str_from(read->match));
    for (size_t i = 0; i < message_count(answer, read->result); i++) {
        if (read->match_member == WHOLE) {
            if (str_eq(message_str_at(answer, read->result, i), wanted))
                return answer;
            continue;
        }
        const struct message *item = message_at(answer, read->result, i);
        if (str_eq(message_str(item, read->match_member), wanted))
            return item;
    }
    return NULL;
}

struct value resource_call_texts(struct arena *arena, const struct message *answer, int items,
                                 int item) {
    size_t n = message_count(answer, items);
    struct value *at = arena_array(arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++) {
        struct str text = item == WHOLE ? message_str_at(answer, items, i)
                                        : message_str(message_at(answer, items, i), item);
        at[i] = value_string(arena, text);
    }
    return value_set(arena, type_string, at, n);
}
