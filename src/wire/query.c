/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/query.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/utf8.h"

#define MAX_DEPTH 8     /* the deepest parameter of the description has 5 levels */
#define MAX_SLOTS 50000 /* members of all lists of one request */
#define MAX_PARAMS 20000

void query_escape(struct buf *out, struct str text, bool slash) {
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~' || (slash && c == '/');
        if (plain) {
            buf_byte(out, (char)c);
        } else {
            char escape[3] = {'%', hex[c >> 4], hex[c & 15]};
            buf_add(out, (struct str){escape, 3});
        }
    }
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool query_unescape(struct arena *arena, struct str text, bool plus, struct str *ret_text) {
    char *to = arena_bytes(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (plus && c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        to[n++] = c;
    }
    to[n] = 0;
    *ret_text = (struct str){to, n};
    return true;
}

/* ---- writing ---- */

static void write_field(struct buf *out, const struct model_api *api,
                        const struct model_shape *shape, const struct field *field,
                        struct arena *scratch, struct str name);

static void write_scalar(struct buf *out, const struct field *field, struct arena *scratch,
                         struct str name) {
    struct str text = field->text;
    if (field->kind == SHAPE_INTEGER)
        text = str_format(scratch, "%lld", (long long)field->number);
    else if (field->kind == SHAPE_TIMESTAMP)
        text = clock_rfc3339(scratch, field->number);
    else if (field->kind == SHAPE_BOOLEAN)
        text = field->boolean ? S("true") : S("false");
    else if (field->kind == SHAPE_BLOB)
        text = digest_to_base64(scratch, field->text);
    buf_byte(out, '&');
    query_escape(out, name, false);
    buf_byte(out, '=');
    query_escape(out, text, false);
}

static void write_message(struct buf *out, const struct message *m, struct arena *scratch,
                          struct str prefix) {
    for (int i = 0; i < m->shape->n_members; i++) {
        if (!m->fields[i].set)
            continue;
        struct str name = m->shape->members[i].name;
        if (prefix.len)
            name = str_format(scratch, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(name));
        write_field(out, m->api, &m->api->shapes[m->shape->members[i].shape], &m->fields[i],
                    scratch, name);
    }
}

static void write_list(struct buf *out, const struct model_api *api,
                       const struct model_shape *shape, const struct field *field,
                       struct arena *scratch, struct str name) {
    for (size_t i = 0; i < field->list.n; i++) {
        struct str item = str_format(scratch, "%.*s.%.*s.%zu", STR_ARG(name),
                                     STR_ARG(shape->element_name), i + 1);
        write_field(out, api, &api->shapes[shape->element], &field->list.items[i], scratch, item);
    }
    /* An empty list is said by its bare name. */
    if (field->list.n == 0)
        write_scalar(out, &(struct field){.kind = SHAPE_STRING}, scratch, name);
}

static void write_map(struct buf *out, const struct model_api *api, const struct model_shape *shape,
                      const struct field *field, struct arena *scratch, struct str name) {
    for (size_t i = 0; i < field->map.n; i++) {
        struct str entry = str_format(scratch, "%.*s.entry.%zu", STR_ARG(name), i + 1);
        struct field key = {.kind = SHAPE_STRING, .text = field->map.keys[i]};
        write_scalar(out, &key, scratch, str_cat(scratch, entry, S(".key")));
        write_field(out, api, &api->shapes[shape->element], &field->map.items[i], scratch,
                    str_cat(scratch, entry, S(".value")));
    }
}

static void write_field(struct buf *out, const struct model_api *api,
                        const struct model_shape *shape, const struct field *field,
                        struct arena *scratch, struct str name) {
    if (shape->kind == SHAPE_STRUCTURE)
        write_message(out, field->message, scratch, name);
    else if (shape->kind == SHAPE_LIST)
        write_list(out, api, shape, field, scratch, name);
    else if (shape->kind == SHAPE_MAP)
        write_map(out, api, shape, field, scratch, name);
    else
        write_scalar(out, field, scratch, name);
}

void query_write(struct buf *out, const struct model_action *action,
                 const struct message *request) {
    struct arena *scratch = arena_new();
    buf_addf(out, "Action=%.*s&Version=%.*s", STR_ARG(action->name),
             STR_ARG(model_api(action->service)->version));
    write_message(out, request, scratch, S(""));
    arena_free(scratch);
}

/* ---- reading ---- */

struct param {
    struct str name, value;
};

struct reader {
    struct arena *arena;
    const struct model_api *api;
    struct fault *fault;
    int64_t slots; /* still free */
};

static bool fail(struct reader *r, enum fault_code code, const char *text) {
    fault_set(r->fault, r->arena, code, "%s", text);
    return false;
}

static bool read_scalar(struct reader *r, const struct model_shape *shape, struct str value,
                        struct field *field) {
    field->kind = shape->kind;
    switch (shape->kind) {
    case SHAPE_STRING:
        if (!utf8_valid(value))
            return fail(r, FAULT_MALFORMED_INPUT, "Invalid UTF-8 in the request");
        field->text = value;
        break;
    case SHAPE_BLOB:
        if (!digest_from_base64(r->arena, value, &field->text))
            return fail(r, FAULT_MALFORMED_INPUT, "Invalid base64 in the request");
        break;
    case SHAPE_INTEGER:
        if (!str_to_int(value, &field->number) || field->number > INT32_MAX ||
            field->number < INT32_MIN)
            return fail(r, FAULT_MALFORMED_INPUT, "Invalid integer in the request");
        break;
    case SHAPE_TIMESTAMP:
        if (!clock_parse(value, &field->number))
            return fail(r, FAULT_MALFORMED_INPUT, "Invalid timestamp in the request");
        break;
    case SHAPE_BOOLEAN:
        field->boolean = str_eq_nocase(value, S("true"));
        if (!field->boolean && !str_eq_nocase(value, S("false")))
            return fail(r, FAULT_MALFORMED_INPUT, "Invalid boolean in the request");
        break;
    default:
        return fail(r, FAULT_MALFORMED_INPUT,
                    "Top level element may not be treated as a list, map or structure");
    }
    field->set = true;
    return true;
}

static bool read_into(struct reader *r, const struct model_shape *shape, struct str path,
                      struct str value, int depth, struct field *field);

/* "1" of "member.1..." as a slot of the list; slots that nobody fills are dropped at the end. */
static bool list_slot(struct reader *r, struct field *field, struct str index,
                      struct field **ret_item) {
    int64_t at;
    if (!str_to_int(index, &at) || at < 1 || at - (int64_t)field->list.n > r->slots)
        return fail(r, FAULT_MALFORMED_INPUT, "Invalid list index in the request");
    while (field->list.n < (size_t)at) {
        r->slots--;
        field->list.items = arena_grow(r->arena, field->list.items, field->list.n, &field->list.cap,
                                       sizeof *field->list.items);
        field->list.items[field->list.n++] = (struct field){0};
    }
    *ret_item = &field->list.items[at - 1];
    return true;
}

static bool map_slot(struct reader *r, struct field *field, struct str index, size_t *ret_at) {
    int64_t at;
    if (!str_to_int(index, &at) || at < 1 || at - (int64_t)field->map.n > r->slots)
        return fail(r, FAULT_MALFORMED_INPUT, "Invalid map index in the request");
    while (field->map.n < (size_t)at) {
        r->slots--;
        size_t cap = field->map.cap;
        field->map.keys =
            arena_grow(r->arena, field->map.keys, field->map.n, &cap, sizeof *field->map.keys);
        field->map.items = arena_grow(r->arena, field->map.items, field->map.n, &field->map.cap,
                                      sizeof *field->map.items);
        field->map.keys[field->map.n] = S("");
        field->map.items[field->map.n++] = (struct field){0};
    }
    *ret_at = (size_t)at - 1;
    return true;
}

static bool read_list(struct reader *r, const struct model_shape *shape, struct str path,
                      struct str value, int depth, struct field *field) {
    struct str word, index;
    struct field *item;
    field->set = true;
    field->kind = SHAPE_LIST;
    if (!path.len)
        return !value.len || fail(r, FAULT_MALFORMED_INPUT, "Unexpected list element");
    if (!str_split(&path, '.', &word) || !str_eq(word, shape->element_name) ||
        !str_split(&path, '.', &index))
        return fail(r, FAULT_MALFORMED_INPUT, "Unexpected list element");
    return list_slot(r, field, index, &item) &&
           read_into(r, &r->api->shapes[shape->element], path, value, depth, item);
}

static bool read_map(struct reader *r, const struct model_shape *shape, struct str path,
                     struct str value, int depth, struct field *field) {
    struct str word, index, part;
    size_t at;
    field->set = true;
    field->kind = SHAPE_MAP;
    if (!str_split(&path, '.', &word) || !str_eq(word, S("entry")) ||
        !str_split(&path, '.', &index) || !str_split(&path, '.', &part))
        return fail(r, FAULT_MALFORMED_INPUT, "Unexpected map entry");
    if (!map_slot(r, field, index, &at))
        return false;
    if (str_eq(part, S("key"))) {
        field->map.keys[at] = value;
        return true;
    }
    return read_into(r, &r->api->shapes[shape->element], path, value, depth, &field->map.items[at]);
}

/* The value at the end of `path`, which names what is below `shape`. */
static bool read_into(struct reader *r, const struct model_shape *shape, struct str path,
                      struct str value, int depth, struct field *field) {
    struct str word;
    if (depth > MAX_DEPTH)
        return fail(r, FAULT_MALFORMED_INPUT, "Parameter nested too deep");
    if (shape->kind == SHAPE_LIST)
        return read_list(r, shape, path, value, depth + 1, field);
    if (shape->kind == SHAPE_MAP)
        return read_map(r, shape, path, value, depth + 1, field);
    if (shape->kind != SHAPE_STRUCTURE) {
        if (path.len)
            return fail(r, FAULT_MALFORMED_INPUT,
                        "Start of structure or map found where not expected");
        return read_scalar(r, shape, value, field);
    }
    if (!path.len || !str_split(&path, '.', &word))
        return fail(r, FAULT_MALFORMED_INPUT, "Unexpected value for a structure");
    int member = model_member(shape, word);
    if (member < 0)
        return true;
    if (!field->set) {
        field->set = true;
        field->kind = SHAPE_STRUCTURE;
        field->message = message_new(r->arena, r->api, shape);
    }
    return read_into(r, &r->api->shapes[shape->members[member].shape], path, value, depth + 1,
                     &field->message->fields[member]);
}

/* Lists may be numbered with gaps; what counts is their order. */
static void close_gaps(struct message *m) {
    for (int i = 0; i < m->shape->n_members; i++) {
        struct field *field = &m->fields[i];
        if (!field->set)
            continue;
        if (field->kind == SHAPE_STRUCTURE)
            close_gaps(field->message);
        if (field->kind != SHAPE_LIST)
            continue;
        size_t n = 0;
        for (size_t k = 0; k < field->list.n; k++) {
            if (!field->list.items[k].set)
                continue;
            if (field->list.items[k].kind == SHAPE_STRUCTURE)
                close_gaps(field->list.items[k].message);
            field->list.items[n++] = field->list.items[k];
        }
        field->list.n = n;
    }
}

static bool split_form(struct arena *arena, struct str form, struct param **ret_params,
                       size_t *ret_n, struct fault *ret_fault) {
    struct param *params = NULL;
    size_t n = 0, cap = 0;
    struct str pair;
    if (!form.at)
        form = S("");
    while (str_split(&form, '&', &pair)) {
        if (!pair.len)
            continue;
        ptrdiff_t equal = str_find_byte(pair, '=');
        size_t end = equal < 0 ? pair.len : (size_t)equal;
        struct str value = equal < 0 ? S("") : str_slice(pair, end + 1, pair.len);
        struct param param;
        if (n >= MAX_PARAMS || !query_unescape(arena, str_slice(pair, 0, end), true, &param.name) ||
            !query_unescape(arena, value, true, &param.value)) {
            fault_set(ret_fault, arena, FAULT_MALFORMED_QUERY,
                      "The query string contains a syntax error");
            return false;
        }
        params = arena_grow(arena, params, n, &cap, sizeof *params);
        params[n++] = param;
    }
    *ret_params = params;
    *ret_n = n;
    return true;
}

static struct str param_value(const struct param *params, size_t n, struct str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(params[i].name, name))
            return params[i].value;
    return S("");
}

static const struct model_action *find_action(struct arena *arena, const struct param *params,
                                              size_t n, struct fault *ret_fault) {
    struct str name = param_value(params, n, S("Action"));
    struct str version = param_value(params, n, S("Version"));
    if (!name.len) {
        fault_set(ret_fault, arena, FAULT_MISSING_ACTION,
                  "Missing Action: The request is missing an action or a required parameter.");
        return NULL;
    }
    const struct model_action *action = model_action(name, version);
    if (!action)
        fault_set(ret_fault, arena, FAULT_INVALID_ACTION,
                  version.len
                      ? "Could not find operation %.*s for version %.*s"
                      : "Could not find operation %.*s for version NO_VERSION_SPECIFIED%.*s",
                  STR_ARG(name), STR_ARG(version));
    return action;
}

/* Presigned requests carry the signature among the parameters. */
static bool is_protocol_param(struct str name) {
    return str_eq(name, S("Action")) || str_eq(name, S("Version")) || str_starts(name, S("X-Amz-"));
}

bool query_read(struct arena *arena, struct str form, const struct model_action **ret_action,
                struct message **ret_request, struct fault *ret_fault) {
    struct param *params;
    size_t n;
    if (!split_form(arena, form, &params, &n, ret_fault))
        return false;
    const struct model_action *action = find_action(arena, params, n, ret_fault);
    if (!action)
        return false;
    struct reader r = {arena, model_api(action->service), ret_fault, MAX_SLOTS};
    struct message *request = message_request(arena, action);
    for (size_t i = 0; i < n; i++) {
        struct str path = params[i].name, word;
        if (is_protocol_param(path) || !path.len || !str_split(&path, '.', &word))
            continue;
        int member = model_member(request->shape, word);
        if (member >= 0 && !read_into(&r, &r.api->shapes[request->shape->members[member].shape],
                                      path, params[i].value, 0, &request->fields[member]))
            return false;
    }
    close_gaps(request);
    *ret_action = action;
    *ret_request = request;
    return true;
}
