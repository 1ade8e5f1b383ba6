/* SPDX-License-Identifier: Apache-2.0 */
#include "value/as_json.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value_int.h"

static void write_member(struct buf *out, struct value v, size_t i, bool html) {
    json_write_string(out, value_key(v, i), html);
    buf_byte(out, ':');
}

static void write_elements(struct buf *out, struct value v, const struct type *type, bool html) {
    bool named = v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
    buf_byte(out, named ? '{' : '[');
    for (size_t i = 0; i < value_count(v); i++) {
        if (i)
            buf_byte(out, ',');
        if (named)
            write_member(out, v, i, html);
        const struct type *element = type->element ? type->element : type->items[i];
        as_json_write(out, value_at(v, i), element, html);
    }
    buf_byte(out, named ? '}' : ']');
}

/* False when v is compound. */
static bool write_simple(struct buf *out, struct value v, bool html) {
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
    case VALUE_UNKNOWN:
    case VALUE_TYPE:
        buf_add_c(out, "null");
        return true;
    case VALUE_BOOL:
        buf_add_c(out, v.boolean ? "true" : "false");
        return true;
    case VALUE_INT:
    case VALUE_BIGNUM:
        value_write_number(out, v);
        return true;
    case VALUE_STRING:
        json_write_string(out, value_str(v), html);
        return true;
    default:
        return false;
    }
}

void as_json_write(struct buf *out, struct value v, const struct type *type, bool html) {
    const struct type *own = value_type(v);
    if (type->kind == TYPE_DYNAMIC && own->kind != TYPE_DYNAMIC) {
        buf_add_c(out, "{\"value\":");
        as_json_write(out, v, own, html);
        buf_add_c(out, ",\"type\":");
        type_write_json(out, own);
        buf_byte(out, '}');
        return;
    }
    if (!write_simple(out, v, html))
        write_elements(out, v, type, html);
}

static void new_line(struct buf *out, int indent, int depth) {
    if (!indent)
        return;
    buf_byte(out, '\n');
    buf_fill(out, ' ', (size_t)indent * (size_t)depth);
}

static void write_plain(struct buf *out, struct value v, int indent, int depth, bool html) {
    if (write_simple(out, v, html))
        return;
    bool named = v.kind == VALUE_MAP || v.kind == VALUE_OBJECT;
    buf_byte(out, named ? '{' : '[');
    for (size_t i = 0; i < value_count(v); i++) {
        if (i)
            buf_byte(out, ',');
        new_line(out, indent, depth + 1);
        if (named)
            write_member(out, v, i, html);
        if (named && indent)
            buf_byte(out, ' ');
        write_plain(out, value_at(v, i), indent, depth + 1, html);
    }
    if (value_count(v))
        new_line(out, indent, depth);
    buf_byte(out, named ? '}' : ']');
}

void as_json_write_plain(struct buf *out, struct value v, int indent, bool html) {
    write_plain(out, v, indent, 0, html);
}

static bool fail(struct arena *arena, const struct trail *trail, struct convert_error *ret_error,
                 struct str text) {
    *ret_error = (struct convert_error){path_from_trail(arena, trail), text};
    return false;
}

/* What a reader carries down. */
struct reader {
    struct arena *arena;
    struct arena *scratch; /* for elements until the value that they are in is made */
    struct convert_error *error;
};

static bool read_value(struct reader *r, const struct json *json, const struct type *type,
                       const struct trail *trail, struct value *ret_value);

static bool read_number(struct reader *r, struct str text, const struct trail *trail,
                        struct value *ret_value) {
    return value_number_parse(r->arena, text, ret_value) ||
           fail(r->arena, trail, r->error, S("a number is required"));
}

static bool read_bool(struct reader *r, const struct json *json, const struct trail *trail,
                      struct value *ret_value) {
    if (json->kind == JSON_BOOL) {
        *ret_value = value_bool(json->boolean);
        return true;
    }
    if (json->kind != JSON_STRING)
        return fail(r->arena, trail, r->error, S("bool is required"));
    struct convert_error error;
    if (convert_value(r->arena, value_string_view(json->text), type_bool, ret_value, &error))
        return true;
    return fail(r->arena, trail, r->error, error.text);
}

static bool read_primitive(struct reader *r, const struct json *json, const struct type *type,
                           const struct trail *trail, struct value *ret_value) {
    if (type->kind == TYPE_BOOL)
        return read_bool(r, json, trail, ret_value);
    bool text = json->kind == JSON_STRING || json->kind == JSON_NUMBER;
    if (type->kind == TYPE_NUMBER)
        return text ? read_number(r, json->text, trail, ret_value)
                    : fail(r->arena, trail, r->error, S("number is required"));
    if (json->kind == JSON_BOOL)
        *ret_value = value_string_view(json->boolean ? S("true") : S("false"));
    else if (text)
        *ret_value = value_string(r->arena, json->text);
    else
        return fail(r->arena, trail, r->error, S("string is required"));
    return true;
}

static bool read_list(struct reader *r, const struct json *json, const struct type *type,
                      const struct trail *trail, struct value *ret_value) {
    if (json->kind != JSON_ARRAY)
        return fail(r->arena, trail, r->error, S("missing expected ["));
    if (type->kind == TYPE_TUPLE && json->n != type->n)
        return fail(r->arena, trail, r->error,
                    str_format(r->arena, "%s tuple elements (need %u)",
                               json->n > type->n ? "too many" : "not enough", type->n));
    struct value *at = arena_array(r->scratch, json->n, sizeof *at);
    for (size_t i = 0; i < json->n; i++) {
        const struct type *element = type->element ? type->element : type->items[i];
        struct trail step = {trail, {.kind = PATH_INDEX, .index = (int64_t)i}};
        if (!read_value(r, &json->items[i], element, &step, &at[i]))
            return false;
    }
    const struct type *element = type->element;
    if (element && element->has_dynamic && json->n)
        element = value_type(at[0]);
    if (type->kind == TYPE_LIST)
        *ret_value = value_list(r->arena, element, at, json->n);
    else if (type->kind == TYPE_SET)
        *ret_value = value_set(r->arena, element, at, json->n);
    else
        *ret_value = value_tuple(r->arena, at, json->n);
    return true;
}

static bool read_map(struct reader *r, const struct json *json, const struct type *type,
                     const struct trail *trail, struct value *ret_value) {
    if (json->kind != JSON_OBJECT)
        return fail(r->arena, trail, r->error, S("missing expected {"));
    struct str *keys = arena_array(r->scratch, json->n, sizeof *keys);
    struct value *at = arena_array(r->scratch, json->n, sizeof *at);
    for (size_t i = 0; i < json->n; i++) {
        keys[i] = json->members[i].name;
        struct trail step = {trail, {.kind = PATH_KEY, .name = keys[i]}};
        if (!read_value(r, &json->members[i].value, type->element, &step, &at[i]))
            return false;
    }
    const struct type *element = type->element;
    if (element->has_dynamic && json->n)
        element = value_type(at[0]);
    *ret_value = value_map(r->arena, element, keys, at, json->n);
    return true;
}

static bool read_object(struct reader *r, const struct json *json, const struct type *type,
                        const struct trail *trail, struct value *ret_value) {
    if (json->kind != JSON_OBJECT)
        return fail(r->arena, trail, r->error, S("missing expected {"));
    struct value *at = arena_array(r->scratch, type->n, sizeof *at);
    for (uint32_t i = 0; i < type->n; i++)
        at[i] = value_null(type->items[i]);
    for (size_t i = 0; i < json->n; i++) {
        struct str name = json->members[i].name;
        ptrdiff_t to = type_attr(type, intern_name(name));
        if (to < 0)
            return fail(r->arena, trail, r->error,
                        str_format(r->arena, "unsupported attribute \"%.*s\"", STR_ARG(name)));
        struct trail step = {trail, {.kind = PATH_ATTR, .name = name}};
        if (!read_value(r, &json->members[i].value, type->items[to], &step, &at[to]))
            return false;
    }
    /* Where the type says "any", the attributes read have found their own. */
    *ret_value = type->has_dynamic ? value_object(r->arena, type->names, at, type->n)
                                   : value_object_of(r->arena, type, at);
    return true;
}

static bool read_dynamic(struct reader *r, const struct json *json, const struct trail *trail,
                         struct value *ret_value) {
    if (json->kind != JSON_OBJECT)
        return fail(r->arena, trail, r->error, S("missing expected {"));
    const struct json *type = json_get(json, S("type")), *value = json_get(json, S("value"));
    if (!type)
        return fail(r->arena, trail, r->error, S("missing type in dynamically-typed value"));
    if (!value)
        return fail(r->arena, trail, r->error, S("missing value in dynamically-typed value"));
    const struct type *found = type_from_json(r->scratch, type);
    if (!found)
        return fail(r->arena, trail, r->error, S("failed to decode type for dynamic value"));
    return read_value(r, value, found, trail, ret_value);
}

static bool read_value(struct reader *r, const struct json *json, const struct type *type,
                       const struct trail *trail, struct value *ret_value) {
    if (json->kind == JSON_NULL) {
        *ret_value = value_null(type);
        return true;
    }
    switch (type->kind) {
    case TYPE_DYNAMIC:
        return read_dynamic(r, json, trail, ret_value);
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_TUPLE:
        return read_list(r, json, type, trail, ret_value);
    case TYPE_MAP:
        return read_map(r, json, type, trail, ret_value);
    case TYPE_OBJECT:
        return read_object(r, json, type, trail, ret_value);
    case TYPE_TYPE:
        return fail(r->arena, trail, r->error, S("unsupported type"));
    default:
        return read_primitive(r, json, type, trail, ret_value);
    }
}

bool as_json_read(struct arena *arena, const struct json *json, const struct type *type,
                  struct value *ret_value, struct convert_error *ret_error) {
    struct reader reader = {arena, arena_new(), ret_error};
    bool ok = read_value(&reader, json, type_without_optional(type), NULL, ret_value);
    arena_free(reader.scratch);
    return ok;
}

/* By name, then by place, so that the last of duplicates is the last of its run. */
static int compare_members(const void *a, const void *b) {
    const struct json_member *x = *(struct json_member *const *)a;
    const struct json_member *y = *(struct json_member *const *)b;
    int order = str_cmp(x->name, y->name);
    return order ? order : (x > y) - (x < y);
}

static struct value implied_object(struct arena *arena, const struct json *json) {
    const struct json_member **members = xmalloc((json->n + 1) * sizeof *members);
    for (size_t i = 0; i < json->n; i++)
        members[i] = &json->members[i];
    qsort(members, json->n, sizeof *members, compare_members);
    const struct name **names = xmalloc((json->n + 1) * sizeof *names);
    struct value *at = xmalloc((json->n + 1) * sizeof *at);
    size_t n = 0;
    for (size_t i = 0; i < json->n; i++) {
        if (i + 1 < json->n && str_eq(members[i]->name, members[i + 1]->name))
            continue;
        names[n] = intern_name(members[i]->name);
        at[n++] = as_json_implied(arena, &members[i]->value);
    }
    struct value v = value_object(arena, names, at, n);
    free(members);
    free(names);
    free(at);
    return v;
}

static struct value implied_tuple(struct arena *arena, const struct json *json) {
    struct value *at = xmalloc((json->n + 1) * sizeof *at);
    for (size_t i = 0; i < json->n; i++)
        at[i] = as_json_implied(arena, &json->items[i]);
    struct value v = value_tuple(arena, at, json->n);
    free(at);
    return v;
}

struct value as_json_implied(struct arena *arena, const struct json *json) {
    switch (json->kind) {
    case JSON_NULL:
        return value_null(type_dynamic);
    case JSON_BOOL:
        return value_bool(json->boolean);
    case JSON_NUMBER: {
        struct value number;
        if (!value_number_parse(arena, json->text, &number))
            return value_null(type_number);
        return number;
    }
    case JSON_STRING:
        return value_string(arena, json->text);
    case JSON_ARRAY:
        return implied_tuple(arena, json);
    case JSON_OBJECT:
        return implied_object(arena, json);
    }
    return value_null(type_dynamic);
}
