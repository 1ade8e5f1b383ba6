/* SPDX-License-Identifier: Apache-2.0 */
/* Functions over maps and objects. */
#include <stdlib.h>

#include "base/map.h"
#include "eval/func_int.h"

static bool is_mapping(const struct type *type) {
    return type->kind == TYPE_MAP || type->kind == TYPE_OBJECT;
}

static const struct type *type_keys(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    if (type->kind == TYPE_MAP)
        return type_list(type_string);
    if (type->kind != TYPE_OBJECT)
        return func_no_type_arg(call, 0, "must have map or object type");
    const struct type **items = arena_array(call->arena, type->n, sizeof(*items));
    for (uint32_t i = 0; i < type->n; i++)
        items[i] = type_string;
    return type_tuple(items, type->n);
}

static bool run_keys(struct func_call *call, struct value *ret_value) {
    struct value v = call->args[0];
    const struct type *type = value_type(v);
    if (!value_is_known(v) && type->kind == TYPE_MAP) {
        struct value_unknown what = value_refinement(v);
        what.type = call->type;
        what.not_null = true;
        *ret_value = value_mark(value_unknown_refined(call->arena, &what), value_marks(v));
        return true;
    }
    size_t n = type->kind == TYPE_OBJECT ? type->n : value_count(v);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = value_string_view(type->kind == TYPE_OBJECT ? intern_str(type->names[i])
                                                               : value_key(v, i));
    struct value result = type->kind == TYPE_OBJECT
                              ? value_tuple(call->arena, items, n)
                              : value_list(call->arena, type_string, items, n);
    *ret_value = value_mark(result, value_marks(v));
    return true;
}

static const struct type *type_values(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    if (type->kind == TYPE_MAP)
        return type_list(type->element);
    if (type->kind == TYPE_OBJECT)
        return type_tuple(type->items, type->n);
    return func_no_type(call, "values() requires a map as the first argument");
}

static bool run_values(struct func_call *call, struct value *ret_value) {
    struct value v = call->args[0];
    size_t n = value_count(v);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = value_at(v, i);
    struct value result = call->type->kind == TYPE_TUPLE
                              ? value_tuple(call->arena, items, n)
                              : value_list(call->arena, call->type->element, items, n);
    *ret_value = value_mark(result, value_marks(v));
    return true;
}

static const struct type *type_lookup_object(struct func_call *call, const struct type *type) {
    if (!value_is_known(call->args[1]))
        return type_dynamic;
    struct str key = value_str(value_unmark(call->args[1]));
    ptrdiff_t at = type_attr(type, intern_name(key));
    if (at >= 0)
        return type->items[at];
    if (call->n == 3)
        return value_type(call->args[2]);
    return func_no_type_arg(call, 0, "the given object has no attribute %s",
                            quote_text(call->arena, key));
}

static const struct type *type_lookup(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    struct convert_error why;
    struct value v;
    if (call->n > 3)
        return func_no_type(call, "lookup() takes two or three arguments, got %zu", call->n);
    if (type->kind == TYPE_OBJECT)
        return type_lookup_object(call, type);
    if (type->kind != TYPE_MAP)
        return func_no_type_arg(call, 0, "lookup() requires a map as the first argument");
    if (call->n == 3 && !convert_value(call->arena, call->args[2], type->element, &v, &why))
        return func_no_type_arg(call, 2,
                                "the default value must have the same type as the map elements");
    return type->element;
}

static bool run_lookup(struct func_call *call, struct value *ret_value) {
    unsigned marks = value_marks(call->args[0]) | value_marks(call->args[1]);
    struct value found, key = value_unmark(call->args[1]);
    struct convert_error why;
    if (value_get(call->args[0], value_str(key), &found)) {
        *ret_value = value_mark(found, marks);
        return true;
    }
    if (call->n < 3)
        return func_fail(call, "lookup failed to find key %s",
                         value_marks(call->args[1]) & VALUE_SENSITIVE
                             ? "(sensitive value)"
                             : quote_text(call->arena, value_str(key)));
    if (!convert_value(call->arena, call->args[2], call->type, &found, &why))
        return func_fail_arg(call, 2, "%.*s", STR_ARG(why.text));
    *ret_value = value_mark(found, marks);
    return true;
}

static const struct type *type_merge(struct func_call *call) {
    const struct type *first = call->n ? value_type(call->args[0]) : type_dynamic;
    bool same = true;
    for (size_t i = 0; i < call->n; i++) {
        const struct type *type = value_type(call->args[i]);
        if (type == type_dynamic)
            return type_dynamic; /* and what comes behind is not looked at */
        if (!is_mapping(type))
            return func_no_type(call, "arguments must be maps or objects, got \"%s\"",
                                func_friendly(call, type));
        same = same && type == first;
    }
    return same ? first : type_dynamic;
}

static struct value merged_map(struct func_call *call, const struct object_build *build) {
    struct str *keys = arena_array(call->arena, build->n, sizeof *keys);
    for (size_t i = 0; i < build->n; i++)
        keys[i] = intern_str(build->names[i]);
    return value_map(call->arena, call->type->element, keys, build->values, build->n);
}

static bool run_merge(struct func_call *call, struct value *ret_value) {
    struct object_build build;
    unsigned marks = 0;
    object_build_init(&build, call->arena);
    for (size_t i = 0; i < call->n; i++) {
        struct value v = call->args[i];
        marks |= value_marks(v);
        if (value_is_null(v))
            continue;
        if (!is_mapping(value_type(v)))
            return func_fail(call, "arguments must be maps or objects, got \"%s\"",
                             func_friendly(call, value_type(v)));
        if (!value_is_known(v)) {
            *ret_value = value_mark(value_unknown(call->type), marks);
            return true;
        }
        for (size_t j = 0; j < value_count(v); j++)
            object_build_put(&build, value_key(v, j), value_at(v, j), true);
    }
    *ret_value = value_mark(call->type->kind == TYPE_MAP ? merged_map(call, &build)
                                                         : object_build_value(&build),
                            marks);
    return true;
}

/* The keys of zipmap() fit its n values. */
static bool check_zip(struct func_call *call, size_t n) {
    struct value keys = call->args[0];
    if (value_count(keys) != n)
        return func_fail(call, "number of keys (%zu) does not match number of values (%zu)",
                         value_count(keys), n);
    for (size_t i = 0; i < n; i++)
        if (value_is_null(value_at(keys, i)))
            return func_fail(call, "keys list has null value at index %zu", i);
    return true;
}

static const struct type *type_zipmap(struct func_call *call) {
    const struct type *type = value_type(call->args[1]);
    if (type->kind == TYPE_LIST)
        return type_map(type->element);
    if (type->kind != TYPE_TUPLE)
        return func_no_type(call, "values argument must be a list or tuple value");
    if (value_is_wholly_known(call->args[0]) && !check_zip(call, type->n))
        return NULL;
    return type_dynamic;
}

static bool run_zipmap(struct func_call *call, struct value *ret_value) {
    struct value keys = call->args[0], values = call->args[1];
    size_t n = value_count(values);
    struct object_build build;
    unsigned marks = value_marks(keys) | value_marks(values);
    if (!value_is_wholly_known(keys)) {
        *ret_value = value_mark(value_unknown(call->type), marks);
        return true;
    }
    if (!check_zip(call, n))
        return false;
    object_build_init(&build, call->arena);
    for (size_t i = 0; i < n; i++) {
        struct value key = value_at(keys, i);
        marks |= value_marks(key);
        object_build_put(&build, value_str(value_unmark(key)), value_at(values, i), true);
    }
    *ret_value = value_mark(call->type->kind == TYPE_MAP ? merged_map(call, &build)
                                                         : object_build_value(&build),
                            marks);
    return true;
}

struct names {
    struct value *at;
    size_t n, cap;
};

static bool transpose_one(struct func_call *call, struct map *out, struct str key,
                          struct value list) {
    if (value_is_null(list))
        return func_fail(call, "input must not contain null list");
    for (size_t i = 0; i < value_count(list); i++) {
        struct value v = value_at(list, i);
        if (value_is_null(v))
            return func_fail(call, "input list must not contain null string");
        struct names *names = map_get(out, value_str(v));
        if (!names)
            map_put(call->arena, out, value_str(v),
                    names = arena_alloc(call->arena, sizeof *names));
        names->at = arena_grow(call->arena, names->at, names->n, &names->cap, sizeof *names->at);
        names->at[names->n++] = value_string_view(key);
    }
    return true;
}

static bool run_transpose(struct func_call *call, struct value *ret_value) {
    struct map out = {0};
    for (size_t i = 0; i < value_count(call->args[0]); i++)
        if (!transpose_one(call, &out, value_key(call->args[0], i), value_at(call->args[0], i)))
            return false;
    struct str *keys = arena_array(call->arena, out.n, sizeof *keys);
    struct value *lists = arena_array(call->arena, out.n, sizeof *lists);
    for (size_t i = 0; i < out.n; i++) {
        const struct names *names = out.entries[i].value;
        keys[i] = out.entries[i].key;
        lists[i] = value_list(call->arena, type_string, names->at, names->n);
    }
    *ret_value = value_map(call->arena, type_list(type_string), keys, lists, out.n);
    return true;
}

static bool run_removed_map(struct func_call *call, struct value *ret_value) {
    (void)ret_value;
    return func_fail(call,
                     "the \"map\" function was deprecated in Terraform v0.12 and is no longer "
                     "available; use tomap({ ... }) syntax to write a literal map");
}

static bool run_removed_list(struct func_call *call, struct value *ret_value) {
    (void)ret_value;
    return func_fail(call, "the \"list\" function was deprecated in Terraform v0.12 and is no "
                           "longer available; use tolist([ ... ]) syntax to write a literal list");
}

static const struct func_param keys_params[] = {
    {"inputMap", NULL, NULL, FUNC_UNKNOWN | FUNC_MARKED,
     "The map to extract keys from. May instead be an object-typed value, in which case the result "
     "is a tuple of the object attributes."}};
static const struct func_param values_params[] = {
    {"mapping", NULL, NULL, FUNC_PARTIAL | FUNC_MARKED, NULL}};
static const struct func_param lookup_params[] = {
    {"inputMap", NULL, NULL, FUNC_PARTIAL | FUNC_MARKED, NULL},
    {"key", &type_string, NULL, FUNC_MARKED, NULL}};
static const struct func_param lookup_default = {
    "default", NULL, NULL, FUNC_UNKNOWN | FUNC_NULL | FUNC_DYNAMIC | FUNC_MARKED, NULL};
static const struct func_param merge_maps = {
    "maps", NULL, NULL, FUNC_PARTIAL | FUNC_NULL | FUNC_DYNAMIC | FUNC_MARKED, NULL};
static const struct func_param zipmap_params[] = {
    {"keys", NULL, func_list_of_string, FUNC_PARTIAL | FUNC_MARKED, NULL},
    {"values", NULL, NULL, FUNC_PARTIAL | FUNC_MARKED, NULL}};
static const struct func_param transpose_params[] = {
    {"values", NULL, func_map_of_list_of_string, 0, NULL}};
static const struct func_param removed_vals = {
    "vals", NULL, NULL, FUNC_UNKNOWN | FUNC_NULL | FUNC_DYNAMIC | FUNC_MARKED, NULL};

static const struct func functions[] = {
    {"keys", keys_params, 1, .result_type = type_keys, .run = run_keys},
    {"list", NULL, 0, &removed_vals, .run = run_removed_list},
    {"lookup", lookup_params, 2, &lookup_default, type_lookup, .run = run_lookup,
     .maybe_null = true},
    {"map", NULL, 0, &removed_vals, .run = run_removed_map},
    {"merge", NULL, 0, &merge_maps, type_merge, .run = run_merge},
    {"transpose", transpose_params, 1, .make_result = func_map_of_list_of_string,
     .run = run_transpose},
    {"values", values_params, 1, .result_type = type_values, .run = run_values},
    {"zipmap", zipmap_params, 2, .result_type = type_zipmap, .run = run_zipmap},
};

const struct func_table func_map_table = {functions, COUNT(functions)};
