/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json_out.h"

#include "base/json.h"

static void separate(struct json_out *o) {
    if (o->comma)
        buf_byte(o->to, ',');
    o->comma = true;
}

void json_out_open(struct json_out *o, char bracket) {
    buf_byte(o->to, bracket);
    o->comma = false;
}

void json_out_close(struct json_out *o, char bracket) {
    buf_byte(o->to, bracket);
    o->comma = true;
}

void json_out_key(struct json_out *o, struct str name) {
    separate(o);
    json_write_string(o->to, name, true);
    buf_byte(o->to, ':');
}

void json_out_item(struct json_out *o) {
    separate(o);
}

void json_out_str(struct json_out *o, struct str text) {
    json_write_string(o->to, text, true);
}

void json_out_bool(struct json_out *o, bool b) {
    buf_add_c(o->to, b ? "true" : "false");
}

void json_out_int(struct json_out *o, int64_t number) {
    buf_addf(o->to, "%lld", (long long)number);
}

void json_out_raw(struct json_out *o, struct str json) {
    buf_add(o->to, json);
}

void json_out_member(struct json_out *o, struct str name, struct str text) {
    json_out_key(o, name);
    json_out_str(o, text);
}

void json_out_flag(struct json_out *o, struct str name, bool b) {
    json_out_key(o, name);
    json_out_bool(o, b);
}

static bool is_keyed(struct value v) {
    return v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
}

static bool is_items(struct value v) {
    return v.kind == VALUE_LIST || v.kind == VALUE_SET || v.kind == VALUE_TUPLE;
}

static void known_scalar(struct json_out *o, struct value v) {
    if (v.kind == VALUE_BOOL)
        json_out_bool(o, v.boolean);
    else if (v.kind == VALUE_STRING)
        json_out_str(o, value_str(v));
    else if (value_is_number(v))
        value_write_number(o->to, v);
    else
        buf_add_c(o->to, "null");
}

void json_out_known(struct json_out *o, struct value v) {
    if (is_keyed(v)) {
        json_out_open(o, '{');
        for (size_t i = 0; i < value_count(v); i++) {
            struct value member = value_at(v, i);
            if (member.kind == VALUE_UNKNOWN)
                continue;
            json_out_key(o, value_key(v, i));
            json_out_known(o, member);
        }
        json_out_close(o, '}');
    } else if (is_items(v)) {
        json_out_open(o, '[');
        for (size_t i = 0; i < value_count(v); i++) {
            json_out_item(o);
            json_out_known(o, value_at(v, i));
        }
        json_out_close(o, ']');
    } else {
        known_scalar(o, v);
    }
}

/* Is the answer for this value more than `false`? */
typedef bool flag_fn(struct value v);

static bool is_unknown(struct value v) {
    return v.kind == VALUE_UNKNOWN;
}

static bool is_sensitive(struct value v) {
    return (value_marks(v) & VALUE_SENSITIVE) != 0;
}

/* Brackets of the empty answer for an unknown whose type has parts; NULL for others. */
static const char *unknown_shape(struct value v) {
    if (v.kind != VALUE_UNKNOWN)
        return NULL;
    switch (value_type(v)->kind) {
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_TUPLE:
        return "[]";
    case TYPE_MAP:
    case TYPE_OBJECT:
        return "{}";
    default:
        return NULL;
    }
}

/* A structure keeps its shape in the answer; of the rest only `true` is told. */
static bool says_something(struct value v, flag_fn *flag) {
    return flag(v) || is_keyed(v) || is_items(v) || unknown_shape(v);
}

static void flags(struct json_out *o, struct value v, flag_fn *flag) {
    if (flag(v)) {
        json_out_bool(o, true);
    } else if (is_keyed(v)) {
        json_out_open(o, '{');
        for (size_t i = 0; i < value_count(v); i++) {
            struct value member = value_at(v, i);
            if (!says_something(member, flag))
                continue;
            json_out_key(o, value_key(v, i));
            flags(o, member, flag);
        }
        json_out_close(o, '}');
    } else if (is_items(v)) {
        json_out_open(o, '[');
        for (size_t i = 0; i < value_count(v); i++) {
            json_out_item(o);
            flags(o, value_at(v, i), flag);
        }
        json_out_close(o, ']');
    } else if (unknown_shape(v)) {
        json_out_raw(o, str_from(unknown_shape(v)));
    } else {
        json_out_bool(o, false);
    }
}

void json_out_unknown(struct json_out *o, struct value v) {
    flags(o, v, is_unknown);
}

void json_out_sensitive(struct json_out *o, struct value v) {
    flags(o, v, is_sensitive);
}
