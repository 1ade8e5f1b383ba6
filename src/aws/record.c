/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/record.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

void record_init(struct record *r, struct arena *arena, const struct type *type, struct value v) {
    *r = (struct record){.arena = arena, .type = type};
    r->at = arena_array(arena, type->n, sizeof *r->at);
    for (uint32_t i = 0; i < type->n; i++)
        r->at[i] = v.kind == VALUE_OBJECT ? value_at(v, i) : value_null(type->items[i]);
}

struct value record_value(const struct record *r) {
    return value_object_of(r->arena, r->type, r->at);
}

static struct value *slot(const struct record *r, struct str name) {
    for (uint32_t i = 0; i < r->type->n; i++) {
        const struct name *n = r->type->names[i];
        if (n->len == name.len && memcmp(n->at, name.at, name.len) == 0)
            return &r->at[i];
    }
    for (size_t i = 0; i < r->n_hidden; i++)
        if (str_eq(r->hidden_names[i], name))
            return (struct value *)&r->hidden[i];
    return NULL;
}

bool record_has(const struct record *r, struct str name) {
    return slot(r, name) != NULL;
}

struct value record_get(const struct record *r, struct str name) {
    struct value *v = slot(r, name);
    return v ? *v : value_null(type_string);
}

void record_set(struct record *r, struct str name, struct value v) {
    struct value *found = slot(r, name);
    if (found) {
        *found = v;
    } else if (name.len > 0 && name.at[0] == '.') {
        if (r->n_hidden == RECORD_HIDDEN_MAX)
            bug("too many hidden attributes");
        r->hidden_names[r->n_hidden] = name;
        r->hidden[r->n_hidden++] = v;
    }
}

struct str record_text(const struct record *r, struct str name) {
    struct value v = record_get(r, name);
    if (v.kind == VALUE_STRING)
        return value_str(v);
    if (v.kind == VALUE_BOOL)
        return v.boolean ? S("true") : S("false");
    if (v.kind == VALUE_INT)
        return str_format(r->arena, "%lld", (long long)v.integer);
    return S("");
}

void record_set_text(struct record *r, struct str name, struct str text) {
    record_set(r, name, value_string(r->arena, text));
}

bool record_true(const struct record *r, struct str name) {
    struct value v = record_get(r, name);
    return v.kind == VALUE_BOOL && v.boolean;
}

struct str record_expand(const struct record *r, const struct record *prior, const char *text) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (const char *at = text; *at;) {
        const char *open = strchr(at, '{');
        const char *close = open ? strchr(open, '}') : NULL;
        if (!close) {
            buf_add_c(&out, at);
            break;
        }
        buf_add(&out, (struct str){at, (size_t)(open - at)});
        bool old = open[1] == '~';
        const char *name = open + 1 + old;
        const struct record *from = old && prior ? prior : r;
        buf_add(&out, record_text(from, (struct str){name, (size_t)(close - name)}));
        at = close + 1;
    }
    return buf_take(&out, r->arena);
}

void record_settle(struct record *r) {
    for (uint32_t i = 0; i < r->type->n; i++)
        if (!value_is_known(r->at[i]))
            r->at[i] = value_null(r->type->items[i]);
}
