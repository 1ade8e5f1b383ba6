/* SPDX-License-Identifier: Apache-2.0 */
#include "value/path.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "value/as_json.h"
#include "value/value_int.h"

static struct path extended(struct arena *arena, struct path path, struct path_step step) {
    struct path_step *at = arena_array(arena, path.n + 1, sizeof *at);
    for (size_t i = 0; i < path.n; i++)
        at[i] = path.at[i];
    at[path.n] = step;
    return (struct path){at, path.n + 1};
}

struct path path_attr(struct arena *arena, struct path path, struct str name) {
    return extended(arena, path, (struct path_step){.kind = PATH_ATTR, .name = name});
}

struct path path_index(struct arena *arena, struct path path, int64_t index) {
    return extended(arena, path, (struct path_step){.kind = PATH_INDEX, .index = index});
}

struct path path_key(struct arena *arena, struct path path, struct str key) {
    return extended(arena, path, (struct path_step){.kind = PATH_KEY, .name = key});
}

struct path path_element(struct arena *arena, struct path path, struct value element) {
    return extended(arena, path, (struct path_step){.kind = PATH_ELEMENT, .element = element});
}

struct path path_copy(struct arena *arena, struct path path) {
    struct path_step *at = arena_array(arena, path.n, sizeof *at);
    for (size_t i = 0; i < path.n; i++) {
        at[i] = path.at[i];
        at[i].name = str_dup(arena, at[i].name);
        if (at[i].kind == PATH_ELEMENT)
            at[i].element = value_copy(arena, at[i].element);
    }
    return (struct path){at, path.n};
}

struct path path_from_trail(struct arena *arena, const struct trail *trail) {
    size_t n = 0;
    for (const struct trail *t = trail; t; t = t->up)
        n++;
    struct path_step *at = arena_array(arena, n, sizeof *at);
    for (size_t i = n; trail; trail = trail->up)
        at[--i] = trail->step;
    return path_copy(arena, (struct path){at, n});
}

static bool same_step(const struct path_step *a, const struct path_step *b) {
    if (a->kind != b->kind)
        return false;
    if (a->kind == PATH_INDEX)
        return a->index == b->index;
    if (a->kind == PATH_ELEMENT)
        return value_same(a->element, b->element);
    return str_eq(a->name, b->name);
}

static bool starts_with(struct path path, struct path prefix) {
    if (path.n < prefix.n)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (!same_step(&path.at[i], &prefix.at[i]))
            return false;
    return true;
}

bool path_eq(struct path a, struct path b) {
    return a.n == b.n && starts_with(a, b);
}

void paths_add(struct arena *arena, struct paths *paths, struct path path) {
    paths->at = arena_grow(arena, paths->at, paths->n, &paths->cap, sizeof *paths->at);
    paths->at[paths->n++] = path;
}

/* Position of the element that a step leads to, or -1. */
static ptrdiff_t find_step(struct value whole, const struct path_step *step) {
    size_t n = value_count(whole);
    if (step->kind == PATH_INDEX) {
        bool indexed = whole.kind == VALUE_LIST || whole.kind == VALUE_TUPLE;
        bool inside = step->index >= 0 && (uint64_t)step->index < n;
        return indexed && inside ? (ptrdiff_t)step->index : -1;
    }
    if (step->kind == PATH_ELEMENT) {
        for (size_t i = 0; whole.kind == VALUE_SET && i < n; i++)
            if (value_same(value_at(whole, i), step->element))
                return (ptrdiff_t)i;
        return -1;
    }
    if (whole.kind != VALUE_MAP && whole.kind != VALUE_OBJECT)
        return -1;
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(value_key(whole, middle), step->name);
        if (order == 0)
            return (ptrdiff_t)middle;
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return -1;
}

bool path_get(struct value whole, struct path path, struct value *ret_part) {
    for (size_t i = 0; i < path.n; i++) {
        ptrdiff_t at = find_step(whole, &path.at[i]);
        if (at < 0)
            return false;
        whole = value_at(whole, (size_t)at);
    }
    *ret_part = whole;
    return true;
}

static bool same_types(const struct value *at, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (value_type(at[i]) != value_type(at[0]))
            return false;
    return true;
}

/* The same compound with other elements; element types may have changed. */
static struct value rebuild(struct arena *arena, struct value whole, const struct value *at) {
    size_t n = value_count(whole);
    const struct type *type = value_type(whole), *element = type->element;
    if (element && n && same_types(at, n))
        element = value_type(at[0]);
    struct value made;
    switch (type->kind) {
    case TYPE_LIST:
        made = value_list(arena, element, at, n);
        break;
    case TYPE_SET:
        made = value_set(arena, element, at, n);
        break;
    case TYPE_TUPLE:
        made = value_tuple(arena, at, n);
        break;
    case TYPE_OBJECT:
        made = value_object(arena, type->names, at, n);
        break;
    default: {
        struct str *keys = arena_array(arena, n, sizeof *keys);
        for (size_t i = 0; i < n; i++)
            keys[i] = value_key(whole, i);
        made = value_map(arena, element, keys, at, n);
    }
    }
    return value_mark(made, value_marks(whole));
}

static struct value *elements(struct arena *arena, struct value whole) {
    struct value *at = arena_array(arena, value_count(whole), sizeof *at);
    for (size_t i = 0; i < value_count(whole); i++)
        at[i] = value_at(whole, i);
    return at;
}

struct value path_set(struct arena *arena, struct value whole, struct path path,
                      struct value part) {
    if (!path.n)
        return part;
    ptrdiff_t at = find_step(whole, &path.at[0]);
    if (at < 0)
        return whole;
    struct value *all = elements(arena, whole);
    all[at] = path_set(arena, all[at], (struct path){path.at + 1, path.n - 1}, part);
    return rebuild(arena, whole, all);
}

/*
 * Paths are taken together, so that marking n paths costs one walk over the value rather than n
 * copies of it. `live` holds the paths that lead to `whole`, all with at least `depth` steps; they
 * are sorted by the element they go on to.
 */
static struct value mark_live(struct arena *arena, struct arena *scratch, struct value whole,
                              const struct path *live, size_t n, size_t depth, unsigned marks) {
    size_t count = value_count(whole), n_deeper = 0;
    ptrdiff_t *to = arena_array(scratch, n, sizeof *to);
    size_t *ends = arena_array(scratch, count + 1, sizeof *ends);
    bool here = false;
    for (size_t i = 0; i < n; i++) {
        here |= live[i].n == depth;
        to[i] = live[i].n == depth ? -1 : find_step(whole, &live[i].at[depth]);
        if (to[i] >= 0) {
            ends[to[i] + 1]++;
            n_deeper++;
        }
    }
    if (n_deeper) {
        struct path *deeper = arena_array(scratch, n_deeper, sizeof *deeper);
        for (size_t c = 1; c <= count; c++)
            ends[c] += ends[c - 1];
        for (size_t i = 0; i < n; i++)
            if (to[i] >= 0)
                deeper[ends[to[i]]++] = live[i];
        struct value *all = elements(arena, whole);
        for (size_t c = 0, start = 0; c < count; start = ends[c], c++)
            if (ends[c] > start)
                all[c] = mark_live(arena, scratch, all[c], deeper + start, ends[c] - start,
                                   depth + 1, marks);
        whole = rebuild(arena, whole, all);
    }
    return here ? value_mark(whole, marks) : whole;
}

struct value path_mark(struct arena *arena, struct value whole, const struct paths *paths,
                       unsigned marks) {
    if (!paths->n)
        return whole;
    struct arena *scratch = arena_new();
    whole = mark_live(arena, scratch, whole, paths->at, paths->n, 0, marks);
    arena_free(scratch);
    return whole;
}

static void marked(struct arena *arena, struct value whole, unsigned marks, struct path path,
                   struct paths *paths) {
    if (value_marks(whole) & marks)
        paths_add(arena, paths, path);
    for (size_t i = 0; i < value_count(whole); i++) {
        struct value v = value_at(whole, i);
        if (!(value_marks_inside(v) & marks))
            continue;
        struct path step = whole.kind == VALUE_OBJECT ? path_attr(arena, path, value_key(whole, i))
                           : whole.kind == VALUE_MAP  ? path_key(arena, path, value_key(whole, i))
                                                      : path_index(arena, path, (int64_t)i);
        marked(arena, v, marks, step, paths);
    }
}

void path_marked(struct arena *arena, struct value whole, unsigned marks, struct paths *paths) {
    if (value_marks_inside(whole) & marks)
        marked(arena, whole, marks, (struct path){0}, paths);
}

static void write_element_text(struct buf *out, struct value v) {
    if (v.kind == VALUE_STRING)
        json_write_string(out, value_str(v), false);
    else if (value_is_number(v))
        value_write_number(out, v);
    else if (v.kind == VALUE_BOOL)
        buf_add_c(out, v.boolean ? "true" : "false");
    else
        buf_add_c(out, "...");
}

struct str path_text(struct arena *arena, struct path path) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    for (size_t i = 0; i < path.n; i++) {
        const struct path_step *step = &path.at[i];
        if (step->kind == PATH_ATTR) {
            buf_byte(&out, '.');
            buf_add(&out, step->name);
            continue;
        }
        buf_byte(&out, '[');
        if (step->kind == PATH_INDEX)
            buf_addf(&out, "%lld", (long long)step->index);
        else if (step->kind == PATH_KEY)
            json_write_string(&out, step->name, false);
        else
            write_element_text(&out, step->element);
        buf_byte(&out, ']');
    }
    return buf_take(&out, arena);
}

/* {"value":...,"type":...}, as every index in state has it. */
static void write_index(struct buf *out, const struct path_step *step) {
    struct value key = step->kind == PATH_INDEX ? value_int(step->index)
                       : step->kind == PATH_KEY ? value_string_view(step->name)
                                                : step->element;
    as_json_write(out, key, type_dynamic, true);
}

void path_write_json(struct buf *out, struct path path) {
    buf_byte(out, '[');
    for (size_t i = 0; i < path.n; i++) {
        if (i)
            buf_byte(out, ',');
        if (path.at[i].kind == PATH_ATTR) {
            buf_add_c(out, "{\"type\":\"get_attr\",\"value\":");
            json_write_string(out, path.at[i].name, true);
        } else {
            buf_add_c(out, "{\"type\":\"index\",\"value\":");
            write_index(out, &path.at[i]);
        }
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static bool step_from_json(struct arena *arena, const struct json *json,
                           struct path_step *ret_step) {
    const struct json *value = json->kind == JSON_OBJECT ? json_get(json, S("value")) : NULL;
    if (!value)
        return false;
    struct str type = json_get_str(json, S("type"));
    if (str_eq(type, S("get_attr")) && value->kind == JSON_STRING) {
        *ret_step = (struct path_step){.kind = PATH_ATTR, .name = str_dup(arena, value->text)};
        return true;
    }
    struct value key;
    struct convert_error error;
    if (!str_eq(type, S("index")) || !as_json_read(arena, value, type_dynamic, &key, &error))
        return false;
    struct path_step step = {.kind = PATH_ELEMENT, .element = key};
    if (key.kind == VALUE_STRING) {
        step = (struct path_step){.kind = PATH_KEY, .name = value_str(key)};
    } else if (value_to_int(key, &step.index)) {
        step.kind = PATH_INDEX;
        step.element = (struct value){0};
    }
    *ret_step = step;
    return true;
}

bool path_from_json(struct arena *arena, const struct json *json, struct path *ret_path) {
    if (json->kind != JSON_ARRAY)
        return false;
    struct path_step *at = arena_array(arena, json->n, sizeof *at);
    for (size_t i = 0; i < json->n; i++)
        if (!step_from_json(arena, &json->items[i], &at[i]))
            return false;
    *ret_path = (struct path){at, json->n};
    return true;
}
