/* SPDX-License-Identifier: Apache-2.0 */
#include "value/type.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

#define TYPE_MAX_DEPTH 500

static const struct type plain_dynamic = {.kind = TYPE_DYNAMIC, .has_dynamic = true};
static const struct type plain_bool = {.kind = TYPE_BOOL};
static const struct type plain_number = {.kind = TYPE_NUMBER};
static const struct type plain_string = {.kind = TYPE_STRING};
static const struct type plain_type = {.kind = TYPE_TYPE};

const struct type *const type_dynamic = &plain_dynamic;
const struct type *const type_bool = &plain_bool;
const struct type *const type_number = &plain_number;
const struct type *const type_string = &plain_string;
const struct type *const type_type = &plain_type;

/* The table of all compound types: open addressing, never shrinks. */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct arena *types;
static const struct type **slots;
static size_t n_slots, n_types;

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash ^= word;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_type(const struct type *t) {
    uint64_t hash = mix(t->kind, (uintptr_t)t->element);
    for (uint32_t i = 0; i < t->n; i++) {
        hash = mix(hash, (uintptr_t)t->items[i]);
        if (t->names)
            hash = mix(hash, (uintptr_t)t->names[i]);
        if (t->optional)
            hash = mix(hash, t->optional[i]);
    }
    return mix(hash, t->n);
}

static bool same_shape(const struct type *a, const struct type *b) {
    if (a->kind != b->kind || a->element != b->element || a->n != b->n ||
        !a->optional != !b->optional)
        return false;
    size_t n = a->n;
    if (!n)
        return true;
    return memcmp(a->items, b->items, n * sizeof(struct type *)) == 0 &&
           (!a->names || memcmp(a->names, b->names, n * sizeof(struct name *)) == 0) &&
           (!a->optional || memcmp(a->optional, b->optional, n) == 0);
}

static const struct type *find(const struct type *key, uint64_t hash) {
    if (!n_slots)
        return NULL;
    for (size_t i = hash & (n_slots - 1); slots[i]; i = (i + 1) & (n_slots - 1))
        if (same_shape(slots[i], key))
            return slots[i];
    return NULL;
}

static void place(const struct type *type) {
    size_t i = hash_type(type) & (n_slots - 1);
    while (slots[i])
        i = (i + 1) & (n_slots - 1);
    slots[i] = type;
}

static void grow_slots(void) {
    const struct type **old = slots;
    size_t n_old = n_slots;
    n_slots = n_old ? n_old * 2 : 256;
    slots = xmalloc(n_slots * sizeof *slots);
    memset(slots, 0, n_slots * sizeof *slots);
    for (size_t i = 0; i < n_old; i++)
        if (old[i])
            place(old[i]);
    free(old);
}

static const struct type *add(const struct type *key, uint64_t hash) {
    const struct type *found = find(key, hash);
    if (found)
        return found;
    if (!types)
        types = arena_new();
    if ((n_types + 1) * 2 > n_slots)
        grow_slots();
    struct type *type = arena_copy(types, key, sizeof *key);
    if (key->n) {
        type->items = arena_copy(types, key->items, key->n * sizeof *key->items);
        if (key->names)
            type->names = arena_copy(types, key->names, key->n * sizeof *key->names);
        if (key->optional)
            type->optional = arena_copy(types, key->optional, key->n);
    }
    place(type);
    n_types++;
    return type;
}

static const struct type *intern(const struct type *key) {
    uint64_t hash = hash_type(key);
    pthread_rwlock_rdlock(&lock);
    const struct type *type = find(key, hash);
    pthread_rwlock_unlock(&lock);
    if (type)
        return type;
    pthread_rwlock_wrlock(&lock);
    type = add(key, hash);
    pthread_rwlock_unlock(&lock);
    return type;
}

static const struct type *collection(enum type_kind kind, const struct type *element) {
    assert(element);
    return intern(&(struct type){.kind = kind,
                                 .has_dynamic = element->has_dynamic,
                                 .has_optional = element->has_optional,
                                 .element = element});
}

const struct type *type_list(const struct type *element) {
    return collection(TYPE_LIST, element);
}

const struct type *type_set(const struct type *element) {
    return collection(TYPE_SET, element);
}

const struct type *type_map(const struct type *element) {
    return collection(TYPE_MAP, element);
}

static struct type structural(enum type_kind kind, const struct type *const *items, size_t n) {
    struct type key = {.kind = kind, .n = (uint32_t)n, .items = items};
    for (size_t i = 0; i < n; i++) {
        key.has_dynamic |= items[i]->has_dynamic;
        key.has_optional |= items[i]->has_optional;
    }
    return key;
}

const struct type *type_tuple(const struct type *const *items, size_t n) {
    struct type key = structural(TYPE_TUPLE, items, n);
    return intern(&key);
}

struct attribute {
    const struct name *name;
    const struct type *type;
    bool optional;
};

static int compare_attributes(const void *a, const void *b) {
    const struct attribute *x = a, *y = b;
    return str_cmp(intern_str(x->name), intern_str(y->name));
}

static bool names_sorted(const struct name *const *names, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (str_cmp(intern_str(names[i - 1]), intern_str(names[i])) >= 0)
            return false;
    return true;
}

static const struct type *object_sorted(const struct name *const *names,
                                        const struct type *const *items, const bool *optional,
                                        size_t n) {
    struct type key = structural(TYPE_OBJECT, items, n);
    key.names = names;
    for (size_t i = 0; optional && i < n; i++)
        if (optional[i]) {
            key.optional = optional;
            key.has_optional = true;
        }
    return intern(&key);
}

const struct type *type_object(const struct name *const *names, const struct type *const *items,
                               const bool *optional, size_t n) {
    if (names_sorted(names, n))
        return object_sorted(names, items, optional, n);
    struct arena *scratch = arena_new();
    struct attribute *all = arena_array(scratch, n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct attribute){names[i], items[i], optional && optional[i]};
    qsort(all, n, sizeof *all, compare_attributes);
    const struct name **sorted_names = arena_array(scratch, n, sizeof *sorted_names);
    const struct type **sorted_items = arena_array(scratch, n, sizeof *sorted_items);
    bool *sorted_optional = arena_array(scratch, n, sizeof *sorted_optional);
    for (size_t i = 0; i < n; i++) {
        assert(i == 0 || all[i].name != all[i - 1].name);
        sorted_names[i] = all[i].name;
        sorted_items[i] = all[i].type;
        sorted_optional[i] = all[i].optional;
    }
    const struct type *type =
        object_sorted(sorted_names, sorted_items, optional ? sorted_optional : NULL, n);
    arena_free(scratch);
    return type;
}

bool type_is_primitive(const struct type *type) {
    return type->kind == TYPE_BOOL || type->kind == TYPE_NUMBER || type->kind == TYPE_STRING;
}

bool type_is_collection(const struct type *type) {
    return type->kind == TYPE_LIST || type->kind == TYPE_SET || type->kind == TYPE_MAP;
}

ptrdiff_t type_attr(const struct type *type, const struct name *name) {
    size_t low = 0, high = type->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (type->names[middle] == name)
            return (ptrdiff_t)middle;
        if (str_cmp(intern_str(type->names[middle]), intern_str(name)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

bool type_conforms(const struct type *given, const struct type *want) {
    if (given == want || want->kind == TYPE_DYNAMIC)
        return true;
    if (given->kind != want->kind || given->n != want->n || !want->has_dynamic)
        return false;
    if (want->element)
        return type_conforms(given->element, want->element);
    for (uint32_t i = 0; i < want->n; i++)
        if ((want->names && given->names[i] != want->names[i]) ||
            !type_conforms(given->items[i], want->items[i]))
            return false;
    return true;
}

const struct type *type_without_optional(const struct type *type) {
    if (!type->has_optional)
        return type;
    if (type->element)
        return collection(type->kind, type_without_optional(type->element));
    const struct type **items = xmalloc((type->n + 1) * sizeof *items);
    for (uint32_t i = 0; i < type->n; i++)
        items[i] = type_without_optional(type->items[i]);
    const struct type *plain = type->kind == TYPE_TUPLE
                                   ? type_tuple(items, type->n)
                                   : type_object(type->names, items, NULL, type->n);
    free(items);
    return plain;
}

static struct str simple_name(const struct type *type) {
    switch (type->kind) {
    case TYPE_BOOL:
        return S("bool");
    case TYPE_NUMBER:
        return S("number");
    case TYPE_STRING:
        return S("string");
    case TYPE_TUPLE:
        return S("tuple");
    case TYPE_OBJECT:
        return S("object");
    case TYPE_TYPE:
        return S("type");
    default:
        return S("dynamic");
    }
}

static const char *collection_name(const struct type *type) {
    return type->kind == TYPE_LIST ? "list" : type->kind == TYPE_SET ? "set" : "map";
}

struct str type_friendly(struct arena *arena, const struct type *type) {
    if (!type_is_collection(type))
        return simple_name(type);
    struct str element = type_friendly(arena, type->element);
    return str_format(arena, "%s of %.*s", collection_name(type), STR_ARG(element));
}

struct str type_friendly_constraint(struct arena *arena, const struct type *type) {
    if (type->kind == TYPE_DYNAMIC)
        return S("any type");
    if (!type_is_collection(type))
        return simple_name(type);
    struct str element = type->element->kind == TYPE_DYNAMIC
                             ? S("any single type")
                             : type_friendly_constraint(arena, type->element);
    return str_format(arena, "%s of %.*s", collection_name(type), STR_ARG(element));
}

static void write_json_object(struct buf *out, const struct type *type) {
    buf_add_c(out, "[\"object\",{");
    for (uint32_t i = 0; i < type->n; i++) {
        if (i)
            buf_byte(out, ',');
        json_write_string(out, intern_str(type->names[i]), true);
        buf_byte(out, ':');
        type_write_json(out, type->items[i]);
    }
    buf_byte(out, '}');
    bool first = true;
    for (uint32_t i = 0; type->optional && i < type->n; i++) {
        if (!type->optional[i])
            continue;
        buf_add_c(out, first ? ",[" : ",");
        first = false;
        json_write_string(out, intern_str(type->names[i]), true);
    }
    buf_add_c(out, first ? "]" : "]]");
}

void type_write_json(struct buf *out, const struct type *type) {
    if (type_is_collection(type)) {
        buf_addf(out, "[\"%s\",", collection_name(type));
        type_write_json(out, type->element);
        buf_byte(out, ']');
    } else if (type->kind == TYPE_TUPLE) {
        buf_add_c(out, "[\"tuple\",[");
        for (uint32_t i = 0; i < type->n; i++) {
            if (i)
                buf_byte(out, ',');
            type_write_json(out, type->items[i]);
        }
        buf_add_c(out, "]]");
    } else if (type->kind == TYPE_OBJECT) {
        write_json_object(out, type);
    } else {
        buf_addf(out, "\"%.*s\"", STR_ARG(simple_name(type)));
    }
}

static const struct type *simple_from_name(struct str name) {
    const struct type *const all[] = {type_dynamic, type_bool, type_number, type_string};
    for (size_t i = 0; i < COUNT(all); i++)
        if (str_eq(simple_name(all[i]), name))
            return all[i];
    return NULL;
}

static const struct type *from_json(struct arena *scratch, const struct json *json, int depth);

static const struct type *tuple_from_json(struct arena *scratch, const struct json *list,
                                          int depth) {
    if (list->kind != JSON_ARRAY)
        return NULL;
    const struct type **items = arena_array(scratch, list->n, sizeof *items);
    for (size_t i = 0; i < list->n; i++)
        if (!(items[i] = from_json(scratch, &list->items[i], depth + 1)))
            return NULL;
    return type_tuple(items, list->n);
}

static bool mark_optional(const struct json *list, const struct name *const *names, size_t n,
                          bool *optional) {
    if (list->kind != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < list->n; i++) {
        const struct name *name = intern_name(list->items[i].text);
        size_t at = 0;
        while (at < n && names[at] != name)
            at++;
        if (list->items[i].kind != JSON_STRING || at == n)
            return false;
        optional[at] = true;
    }
    return true;
}

static const struct type *object_from_json(struct arena *scratch, const struct json *json,
                                           int depth) {
    struct json *members = &json->items[1];
    if (members->kind != JSON_OBJECT)
        return NULL;
    json_sort(members);
    size_t n = members->n;
    const struct name **names = arena_array(scratch, n, sizeof *names);
    const struct type **items = arena_array(scratch, n, sizeof *items);
    bool *optional = arena_array(scratch, n, sizeof *optional);
    for (size_t i = 0; i < n; i++) {
        names[i] = intern_name(members->members[i].name);
        if (!(items[i] = from_json(scratch, &members->members[i].value, depth + 1)))
            return NULL;
    }
    if (json->n == 3 && !mark_optional(&json->items[2], names, n, optional))
        return NULL;
    return type_object(names, items, optional, n);
}

static const struct type *from_json(struct arena *scratch, const struct json *json, int depth) {
    if (json->kind == JSON_STRING)
        return simple_from_name(json->text);
    if (depth > TYPE_MAX_DEPTH || json->kind != JSON_ARRAY || json->n < 2 || json->n > 3 ||
        json->items[0].kind != JSON_STRING)
        return NULL;
    struct str kind = json->items[0].text;
    if (str_eq(kind, S("object")))
        return object_from_json(scratch, json, depth);
    if (json->n != 2)
        return NULL;
    if (str_eq(kind, S("tuple")))
        return tuple_from_json(scratch, &json->items[1], depth);
    const struct type *element = from_json(scratch, &json->items[1], depth + 1);
    if (!element)
        return NULL;
    if (str_eq(kind, S("list")))
        return type_list(element);
    if (str_eq(kind, S("set")))
        return type_set(element);
    return str_eq(kind, S("map")) ? type_map(element) : NULL;
}

const struct type *type_from_json(struct arena *scratch, const struct json *json) {
    return from_json(scratch, json, 0);
}

static void new_line(struct buf *out, int indent) {
    buf_byte(out, '\n');
    buf_fill(out, ' ', (size_t)indent);
}

static void write_hcl_object(struct buf *out, const struct type *type, int indent) {
    if (!type->n) {
        buf_add_c(out, "object({})");
        return;
    }
    buf_add_c(out, "object({");
    for (uint32_t i = 0; i < type->n; i++) {
        new_line(out, indent + 4);
        buf_add(out, intern_str(type->names[i]));
        buf_add_c(out, ": ");
        bool optional = type->optional && type->optional[i];
        buf_add_c(out, optional ? "optional(" : "");
        type_write_hcl(out, type->items[i], indent + 4);
        buf_add_c(out, optional ? ")," : ",");
    }
    new_line(out, indent);
    buf_add_c(out, "})");
}

void type_write_hcl(struct buf *out, const struct type *type, int indent) {
    if (type_is_collection(type)) {
        buf_addf(out, "%s(", collection_name(type));
        bool lines = type->element->kind == TYPE_OBJECT || type->element->kind == TYPE_TUPLE;
        if (lines)
            new_line(out, indent + 4);
        type_write_hcl(out, type->element, lines ? indent + 4 : indent);
        if (lines) {
            buf_byte(out, ',');
            new_line(out, indent);
        }
        buf_byte(out, ')');
    } else if (type->kind == TYPE_OBJECT) {
        write_hcl_object(out, type, indent);
    } else if (type->kind == TYPE_TUPLE && type->n) {
        buf_add_c(out, "tuple([");
        for (uint32_t i = 0; i < type->n; i++) {
            new_line(out, indent + 4);
            type_write_hcl(out, type->items[i], indent + 4);
            buf_byte(out, ',');
        }
        new_line(out, indent);
        buf_add_c(out, "])");
    } else if (type->kind == TYPE_TUPLE) {
        buf_add_c(out, "tuple([])");
    } else {
        buf_add(out, simple_name(type));
    }
}
