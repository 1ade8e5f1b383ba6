/* SPDX-License-Identifier: Apache-2.0 */
/* Functions over lists, tuples and sequences in general. */
#include <stdlib.h>

#include "eval/func_int.h"
#include "base/utf8.h"
#include "eval/value_set.h"

static bool is_sequence(const struct type *type) {
    return type->kind == TYPE_LIST || type->kind == TYPE_TUPLE;
}

static bool is_iterable_sequence(const struct type *type) {
    return is_sequence(type) || type->kind == TYPE_SET;
}

static struct value bool_unknown(struct arena *arena) {
    struct value_unknown what = {.type = type_bool, .not_null = true, .max_length = -1};
    return value_unknown_refined(arena, &what);
}

static bool run_alltrue(struct func_call *call, struct value *ret_value) {
    *ret_value = value_bool(true);
    for (size_t i = 0; i < value_count(call->args[0]); i++) {
        struct value v = value_at(call->args[0], i);
        if (!value_is_known(v)) {
            *ret_value = bool_unknown(call->arena);
            return true;
        }
        if (value_is_null(v) || !v.boolean) {
            *ret_value = value_bool(false);
            return true;
        }
    }
    return true;
}

static bool run_anytrue(struct func_call *call, struct value *ret_value) {
    bool unknown = false;
    for (size_t i = 0; i < value_count(call->args[0]); i++) {
        struct value v = value_at(call->args[0], i);
        if (!value_is_known(v)) {
            unknown = true;
        } else if (!value_is_null(v) && v.boolean) {
            *ret_value = value_bool(true);
            return true;
        }
    }
    *ret_value = unknown ? bool_unknown(call->arena) : value_bool(false);
    return true;
}

static const struct type *type_chunklist(struct func_call *call) {
    return type_list(value_type(call->args[0]));
}

static bool run_chunklist(struct func_call *call, struct value *ret_value) {
    struct value list = call->args[0];
    const struct type *type = value_type(list);
    size_t n = value_count(list);
    int64_t size;
    if (!value_to_int(call->args[1], &size))
        return func_fail(call, "invalid size: value must be a whole number, between "
                               "-9223372036854775808 and 9223372036854775807");
    if (size < 0)
        return func_fail(call, "the size argument must be positive");
    size_t step = size == 0 || (uint64_t)size > n ? n : (size_t)size;
    size_t chunks = n ? (n + step - 1) / step : 0;
    struct value *items = arena_array(call->arena, n, sizeof *items);
    struct value *out = arena_array(call->arena, chunks, sizeof *out);
    for (size_t i = 0; i < n; i++)
        items[i] = value_at(list, i);
    for (size_t i = 0; i < chunks; i++) {
        size_t start = i * step, len = n - start < step ? n - start : step;
        out[i] = value_list(call->arena, type->element, items + start, len);
    }
    *ret_value = value_mark(value_list(call->arena, type, out, chunks), value_marks(list));
    return true;
}

static const struct type *type_coalesce(struct func_call *call) {
    const struct type **types = arena_array(call->arena, call->n, sizeof(*types));
    for (size_t i = 0; i < call->n; i++)
        types[i] = value_type(call->args[i]);
    const struct type *type = call->n ? convert_unify(call->arena, types, call->n) : NULL;
    return type ? type : func_no_type(call, "all arguments must have the same type");
}

static bool run_coalesce(struct func_call *call, struct value *ret_value) {
    unsigned marks = 0;
    for (size_t i = 0; i < call->n; i++) {
        struct convert_error why;
        struct value v;
        marks |= value_marks(call->args[i]);
        if (value_is_null(call->args[i]))
            continue;
        if (!convert_value(call->arena, call->args[i], call->type, &v, &why))
            return func_fail_arg(call, i, "%.*s", STR_ARG(why.text));
        if (!value_is_known(v)) {
            *ret_value = value_mark(value_unknown(call->type), marks);
            return true;
        }
        if (v.kind == VALUE_STRING && value_str(v).len == 0)
            continue;
        *ret_value = value_mark(v, marks);
        return true;
    }
    return func_fail(call, "no non-null, non-empty-string arguments");
}

static const struct type *type_coalescelist(struct func_call *call) {
    const struct type *first = NULL;
    bool mixed = false;
    if (call->n == 0)
        return func_no_type(call, "at least one argument is required");
    for (size_t i = 0; i < call->n; i++) {
        const struct type *type = value_type(call->args[i]);
        if (!value_is_known(call->args[i]))
            return type_dynamic;
        if (!is_sequence(type))
            return func_no_type(call, "coalescelist arguments must be lists or tuples");
        mixed = mixed || (first && type != first);
        first = first ? first : type;
    }
    return mixed ? type_dynamic : first;
}

static bool run_coalescelist(struct func_call *call, struct value *ret_value) {
    for (size_t i = 0; i < call->n; i++) {
        if (value_is_known(call->args[i]) &&
            (value_is_null(call->args[i]) || value_count(call->args[i]) == 0))
            continue;
        *ret_value = value_is_known(call->args[i]) ? call->args[i] : value_unknown(call->type);
        return true;
    }
    return func_fail(call, "no non-null arguments");
}

static bool run_compact(struct func_call *call, struct value *ret_value) {
    size_t n = value_count(call->args[0]), kept = 0;
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++) {
        struct value v = value_at(call->args[0], i);
        if (!value_is_null(v) && value_str(v).len)
            items[kept++] = v;
    }
    *ret_value = value_list(call->arena, type_string, items, kept);
    return true;
}

/* The type all arguments have as lists; NULL when they are not all lists or do not fit. */
static const struct type *common_list(struct func_call *call) {
    const struct type **types = arena_array(call->arena, call->n, sizeof(*types));
    bool same = true;
    for (size_t i = 0; i < call->n; i++) {
        types[i] = value_type(call->args[i]);
        if (types[i]->kind != TYPE_LIST)
            return NULL;
        same = same && types[i] == types[0];
    }
    return same ? types[0] : convert_unify(call->arena, types, call->n);
}

static const struct type *type_concat(struct func_call *call) {
    if (call->n == 0)
        return func_no_type(call, "at least one argument is required");
    const struct type *list = common_list(call);
    if (list)
        return list;
    for (size_t i = 0; i < call->n; i++) {
        if (!is_sequence(value_type(call->args[i])))
            return func_no_type_arg(call, i, "all arguments must be lists or tuples; got %s",
                                    func_friendly(call, value_type(call->args[i])));
        /* A list of unknown length ends what can be told of the type, faults included. */
        if (value_type(call->args[i])->kind == TYPE_LIST && !value_is_known(call->args[i]))
            break;
    }
    return type_dynamic;
}

static bool run_concat(struct func_call *call, struct value *ret_value) {
    unsigned marks = 0;
    size_t total = 0, at = 0;
    for (size_t i = 0; i < call->n; i++)
        total += value_count(call->args[i]);
    struct value *items = arena_array(call->arena, total, sizeof *items);
    for (size_t i = 0; i < call->n; i++) {
        struct value list = call->args[i];
        struct convert_error why;
        marks |= value_marks(list);
        if (call->type != type_dynamic &&
            !convert_value(call->arena, list, call->type, &list, &why))
            return func_fail_arg(call, i, "%.*s", STR_ARG(why.text));
        for (size_t j = 0; j < value_count(list); j++)
            items[at++] = value_at(list, j);
    }
    struct value result = call->type == type_dynamic
                              ? value_tuple(call->arena, items, total)
                              : value_list(call->arena, call->type->element, items, total);
    *ret_value = value_mark(result, marks);
    return true;
}

static bool run_contains(struct func_call *call, struct value *ret_value) {
    struct value list = call->args[0];
    bool unknown = false;
    if (!is_iterable_sequence(value_type(list)))
        return func_fail(call, "argument must be list, tuple, or set");
    for (size_t i = 0; i < value_count(list); i++) {
        struct value equal = ops_equal(call->arena, call->args[1], value_at(list, i));
        if (!value_is_known(equal)) {
            unknown = true;
        } else if (equal.boolean) {
            *ret_value = value_bool(true);
            return true;
        }
    }
    *ret_value = unknown ? bool_unknown(call->arena) : value_bool(false);
    return true;
}

static const struct type *type_first(struct func_call *call) {
    return value_type(call->args[0]);
}

static bool run_distinct(struct func_call *call, struct value *ret_value) {
    size_t n = value_count(call->args[0]), kept = 0;
    struct value *items = arena_array(call->arena, n, sizeof *items);
    struct value_set seen;
    value_set_init(&seen, call->arena, n);
    for (size_t i = 0; i < n; i++) {
        struct value v = value_at(call->args[0], i);
        if (value_set_add(&seen, v))
            items[kept++] = v;
    }
    *ret_value = value_list(call->arena, call->type->element, items, kept);
    return true;
}

/* Where element() looks in n elements. */
static bool wrapped_index(struct func_call *call, size_t n, size_t *ret_at) {
    struct value index = value_unmark(call->args[1]);
    int64_t at;
    if (!value_to_int(index, &at))
        return func_fail(call, "invalid index: value must be a whole number, between "
                               "-9223372036854775808 and 9223372036854775807");
    if (n == 0)
        return func_fail(call, "cannot use element function with an empty list");
    at %= (int64_t)n;
    *ret_at = (size_t)(at < 0 ? at + (int64_t)n : at);
    return true;
}

static const struct type *type_element(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    size_t at = 0;
    if (type->kind == TYPE_LIST)
        return type->element;
    if (type->kind != TYPE_TUPLE)
        return func_no_type(call, "cannot read elements from %s", func_friendly(call, type));
    if (!value_is_known(call->args[1]))
        return type_dynamic;
    return wrapped_index(call, type->n, &at) ? type->items[at] : NULL;
}

static bool run_element(struct func_call *call, struct value *ret_value) {
    unsigned marks = value_marks(call->args[0]) | value_marks(call->args[1]);
    size_t at = 0;
    if (!wrapped_index(call, value_count(call->args[0]), &at))
        return false;
    *ret_value = value_mark(value_at(call->args[0], at), marks);
    return true;
}

struct flat {
    struct arena *arena;
    struct value *at;
    size_t n, cap;
    unsigned marks;
    bool known;
    bool too_deep;
};

static void flatten_into(struct flat *flat, struct value list, int depth) {
    flat->marks |= value_marks(list);
    flat->known = flat->known && !ops_may_shrink(list);
    if (depth > 1000) {
        flat->too_deep = true;
        return;
    }
    for (size_t i = 0; i < value_count(list); i++) {
        struct value v = value_at(list, i);
        bool nested = !value_is_null(v) && is_iterable_sequence(value_type(v));
        if (!value_is_known(v) && (nested || value_type(v) == type_dynamic)) {
            flat->known = false;
            flat->marks |= value_marks(v);
        } else if (nested) {
            flatten_into(flat, v, depth + 1);
        } else {
            flat->at = arena_grow(flat->arena, flat->at, flat->n, &flat->cap, sizeof *flat->at);
            flat->at[flat->n++] = v;
        }
    }
}

static const struct type *type_flatten(struct func_call *call) {
    if (value_is_wholly_known(call->args[0]) && !is_iterable_sequence(value_type(call->args[0])))
        return func_no_type(call, "can only flatten lists, sets and tuples");
    return type_dynamic;
}

static bool run_flatten(struct func_call *call, struct value *ret_value) {
    struct flat flat = {.arena = call->arena, .known = true};
    flatten_into(&flat, call->args[0], 0);
    if (flat.too_deep)
        return func_fail(call, "the given value is nested too deeply");
    *ret_value = value_mark(flat.known ? value_tuple(call->arena, flat.at, flat.n)
                                       : value_unknown(type_dynamic),
                            flat.marks);
    return true;
}

static bool run_index(struct func_call *call, struct value *ret_value) {
    struct value list = call->args[0];
    if (!is_sequence(value_type(list)))
        return func_fail(call, "argument must be a list or tuple");
    if (value_count(list) == 0)
        return func_fail(call, "cannot search an empty list");
    for (size_t i = 0; i < value_count(list); i++) {
        struct value equal = ops_equal(call->arena, call->args[1], value_at(list, i));
        if (!value_is_known(equal)) {
            *ret_value = value_unknown(type_number);
            return true;
        }
        if (equal.boolean) {
            *ret_value = value_int((int64_t)i);
            return true;
        }
    }
    return func_fail(call, "item not found");
}

static const struct type *type_length(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    bool fits = is_iterable_sequence(type) || type->kind == TYPE_OBJECT || type->kind == TYPE_MAP ||
                type == type_string || type == type_dynamic;
    if (fits)
        return type_number;
    return func_no_type(call, "argument must be a string, a collection type, or a structural type");
}

/* The length of what is not known, as far as it is. */
static struct value length_unknown(struct arena *arena, struct value v) {
    struct value_unknown what = {.min_length = 1,
                                 .max_length = value_is_known(v) ? (int64_t)value_count(v) : -1};
    struct value_unknown length = {.type = type_number};
    if (!value_is_known(v))
        what = value_refinement(v);
    length.not_null = true;
    length.max_length = -1;
    if (!type_is_collection(value_type(v)))
        return value_unknown_refined(arena, &length);
    length.has_min = length.min_inclusive = true;
    length.min = value_int(what.min_length);
    if (what.max_length >= 0) {
        length.has_max = length.max_inclusive = true;
        length.max = value_int(what.max_length);
    }
    return value_unknown_refined(arena, &length);
}

static bool run_length(struct func_call *call, struct value *ret_value) {
    struct value v = call->args[0];
    const struct type *type = value_type(v);
    struct value length;
    if (type->kind == TYPE_TUPLE || type->kind == TYPE_OBJECT)
        length = value_int(type->n);
    else if (!value_is_known(v) || ops_may_shrink(v))
        length = length_unknown(call->arena, v);
    else if (type == type_string)
        length = value_int((int64_t)utf8_graphemes(value_str(v)));
    else
        length = value_int((int64_t)value_count(v));
    *ret_value = value_mark(length, value_marks(v));
    return true;
}

/* With unknown texts to look for, the reference gives up with an empty list at the first doubt. */
static struct value match_doubtful(struct func_call *call, struct value values, struct value keys,
                                   struct value wanted) {
    size_t n = value_count(values), kept = 0;
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < value_count(wanted); k++) {
            struct value equal = ops_equal(call->arena, value_at(keys, i), value_at(wanted, k));
            if (!value_is_known(equal))
                return value_list(call->arena, call->type->element, NULL, 0);
            if (equal.boolean) {
                items[kept++] = value_at(values, i);
                break;
            }
        }
    return value_list(call->arena, call->type->element, items, kept);
}

static bool run_matchkeys(struct func_call *call, struct value *ret_value) {
    struct value values = call->args[0], keys = call->args[1], wanted = call->args[2];
    const struct type *types[2] = {value_type(keys), value_type(wanted)};
    const struct type *type = convert_unify(call->arena, types, 2);
    struct convert_error why;
    struct value_set set;
    size_t kept = 0, n = value_count(values);
    if (n != value_count(keys))
        return func_fail(call, "length of keys and values should be equal");
    if (!convert_value(call->arena, keys, type, &keys, &why) ||
        !convert_value(call->arena, wanted, type, &wanted, &why))
        return func_fail(call, "%.*s", STR_ARG(why.text));
    if (!value_is_wholly_known(wanted) || !value_is_wholly_known(keys) ||
        !value_is_wholly_known(values)) {
        bool doubtful = value_is_wholly_known(keys) && value_is_wholly_known(values);
        *ret_value =
            doubtful ? match_doubtful(call, values, keys, wanted) : value_unknown(call->type);
        return true;
    }
    value_set_init(&set, call->arena, value_count(wanted));
    for (size_t i = 0; i < value_count(wanted); i++)
        value_set_add(&set, value_at(wanted, i));
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        if (value_set_has(&set, value_at(keys, i)))
            items[kept++] = value_at(values, i);
    *ret_value = value_list(call->arena, call->type->element, items, kept);
    return true;
}

static const struct type *type_matchkeys(struct func_call *call) {
    const struct type *types[2] = {value_type(call->args[1]), value_type(call->args[2])};
    if (!convert_unify(call->arena, types, 2))
        return func_no_type(call, "keys and searchset must be of the same type");
    return value_type(call->args[0]);
}

#define ONE_ERROR "must be a list, set, or tuple value with either zero or one elements"

static const struct type *type_one(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    if (type->kind == TYPE_LIST || type->kind == TYPE_SET)
        return type->element;
    if (type->kind == TYPE_TUPLE && type->n == 0)
        return type_dynamic;
    if (type->kind == TYPE_TUPLE && type->n == 1)
        return type->items[0];
    return func_no_type_arg(call, 0, ONE_ERROR);
}

static bool run_one(struct func_call *call, struct value *ret_value) {
    size_t n = value_count(call->args[0]);
    if (ops_may_shrink(call->args[0])) {
        *ret_value = value_unknown(call->type);
        return true;
    }
    if (n > 1)
        return func_fail_arg(call, 0, ONE_ERROR);
    *ret_value = n ? value_at(call->args[0], 0) : value_null(call->type);
    return true;
}

static bool range_bounds(struct func_call *call, struct value *start, struct value *end,
                         struct value *step) {
    if (call->n == 0 || call->n > 3)
        return func_fail(call, "must have one, two, or three arguments");
    *start = call->n == 1 ? value_int(0) : call->args[0];
    *end = call->args[call->n == 1 ? 0 : 1];
    *step = call->n == 3 ? call->args[2] : value_int(ops_compare(*end, *start) < 0 ? -1 : 1);
    int direction = ops_compare(*step, value_int(0));
    if (direction < 0 && ops_compare(*end, *start) > 0)
        return func_fail_arg(call, 1, "end must be less than start when step is negative");
    if (direction >= 0 && ops_compare(*end, *start) < 0)
        return func_fail_arg(call, 1, "end must be greater than start when step is positive");
    return true;
}

static bool run_range(struct func_call *call, struct value *ret_value) {
    enum { LIMIT = 1024 };
    struct value start, end, step, items[LIMIT];
    size_t n = 0;
    if (!range_bounds(call, &start, &end, &step))
        return false;
    bool down = ops_compare(step, value_int(0)) < 0;
    for (struct value v = start;; v = ops_add(call->arena, v, step)) {
        int order = ops_compare(v, end);
        if (down ? order <= 0 : order >= 0)
            break;
        if (n >= LIMIT)
            return func_fail(call,
                             "more than %d values were generated; either decrease the "
                             "difference between start and end or use a smaller step",
                             LIMIT);
        items[n++] = v;
    }
    *ret_value = value_list(call->arena, type_number, items, n);
    return true;
}

static const struct type *type_reverse(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    if (type->kind == TYPE_LIST || type->kind == TYPE_SET)
        return type_list(type->element);
    if (type->kind != TYPE_TUPLE)
        return func_no_type_arg(call, 0, "can only reverse list or tuple values, not %s",
                                func_friendly(call, type));
    const struct type **items = arena_array(call->arena, type->n, sizeof(*items));
    for (uint32_t i = 0; i < type->n; i++)
        items[i] = type->items[type->n - 1 - i];
    return type_tuple(items, type->n);
}

static bool run_reverse(struct func_call *call, struct value *ret_value) {
    struct value list = call->args[0];
    size_t n = value_count(list);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = value_at(list, n - 1 - i);
    struct value result = call->type->kind == TYPE_TUPLE
                              ? value_tuple(call->arena, items, n)
                              : value_list(call->arena, call->type->element, items, n);
    *ret_value = value_mark(result, value_marks(list));
    return true;
}

/* One bound of slice(); -1 when unknown. limit -1: the length is not known. */
static bool slice_bound(struct func_call *call, size_t arg, const char *which, int64_t limit,
                        int64_t *ret_bound) {
    struct value v = value_unmark(call->args[arg]);
    *ret_bound = -1;
    if (!value_is_known(v))
        return true;
    if (!value_to_int(v, ret_bound))
        return func_fail_arg(call, arg,
                             "invalid %s index: value must be a whole number, between "
                             "-9223372036854775808 and 9223372036854775807",
                             which);
    if (*ret_bound < 0)
        return func_fail_arg(call, arg, "%s index must not be less than zero", which);
    if (limit >= 0 && *ret_bound > limit)
        return func_fail_arg(call, arg, "%s index must not be greater than the length of the list",
                             which);
    return true;
}

static bool slice_bounds(struct func_call *call, int64_t *ret_start, int64_t *ret_end) {
    struct value list = call->args[0];
    const struct type *type = value_type(list);
    int64_t n = type->kind == TYPE_TUPLE ? (int64_t)type->n
                : value_is_known(list)   ? (int64_t)value_count(list)
                                         : -1;
    if (!slice_bound(call, 1, "start", n, ret_start) || !slice_bound(call, 2, "end", n, ret_end))
        return false;
    if (*ret_start >= 0 && *ret_end >= 0 && *ret_start > *ret_end)
        return func_fail_arg(call, 1, "start index must not be greater than end index");
    return true;
}

static const struct type *type_slice(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    int64_t start, end;
    if (type->kind == TYPE_SET)
        return func_no_type_arg(call, 0,
                                "cannot slice a set, because its elements do not have indices; "
                                "explicitly convert to a list if the ordering of the result is not "
                                "important");
    if (!is_sequence(type))
        return func_no_type_arg(call, 0, "must be a list or tuple value");
    if (!slice_bounds(call, &start, &end))
        return NULL;
    if (type->kind == TYPE_LIST)
        return type;
    if (start < 0 || end < 0)
        return type_dynamic;
    return type_tuple(type->items + start, (size_t)(end - start));
}

static bool run_slice(struct func_call *call, struct value *ret_value) {
    struct value list = call->args[0];
    int64_t start, end;
    if (!slice_bounds(call, &start, &end))
        return false;
    size_t n = (size_t)(end - start);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = value_at(list, (size_t)start + i);
    struct value result = call->type->kind == TYPE_TUPLE
                              ? value_tuple(call->arena, items, n)
                              : value_list(call->arena, call->type->element, items, n);
    *ret_value = value_mark(result, value_marks(list) | value_marks(call->args[1]) |
                                        value_marks(call->args[2]));
    return true;
}

static int by_bytes(const void *a, const void *b) {
    const struct value *x = a, *y = b;
    return str_cmp(value_str(*x), value_str(*y));
}

static bool run_sort(struct func_call *call, struct value *ret_value) {
    size_t n = value_count(call->args[0]);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    bool known = value_is_wholly_known(call->args[0]);
    for (size_t i = 0; i < n; i++) {
        items[i] = known ? value_at(call->args[0], i) : value_unknown(type_string);
        if (value_is_null(items[i]))
            return func_fail(call, "given list element %zu is null; a null string cannot be sorted",
                             i);
    }
    if (n && known)
        qsort(items, n, sizeof *items, by_bytes);
    *ret_value = value_list(call->arena, type_string, items, n);
    return true;
}

static const struct type *type_sum(struct func_call *call) {
    const struct type *type = value_type(call->args[0]);
    if (value_is_known(call->args[0]) && !type_is_collection(type) && type->kind != TYPE_TUPLE &&
        type->kind != TYPE_OBJECT)
        return func_no_type_arg(call, 0, "cannot sum noniterable");
    return type_number;
}

static bool run_sum(struct func_call *call, struct value *ret_value) {
    struct value sum = value_int(0), list = call->args[0];
    if (value_count(list) == 0)
        return func_fail_arg(call, 0, "cannot sum an empty list");
    if (!is_iterable_sequence(value_type(list)))
        return func_fail_arg(call, 0, "argument must be list, set, or tuple. Received %s",
                             func_friendly(call, value_type(list)));
    if (!value_is_wholly_known(list)) {
        *ret_value = value_unknown(type_number);
        return true;
    }
    for (size_t i = 0; i < value_count(list); i++) {
        struct convert_error why;
        struct value v = value_at(list, i);
        if (value_is_null(v) || !convert_value(call->arena, v, type_number, &v, &why))
            return func_fail_arg(call, 0, "argument must be list, set, or tuple of number values");
        sum = i ? ops_add(call->arena, sum, v) : v;
    }
    *ret_value = sum;
    return true;
}

#define ANY_INSIDE (FUNC_PARTIAL | FUNC_MARKED)

static const struct func_param bools[] = {{"list", NULL, func_list_of_bool, FUNC_PARTIAL, NULL}};
static const struct func_param chunklist_params[] = {
    {"list", NULL, func_list_of_any, ANY_INSIDE, "The list to split into chunks."},
    {"size", &type_number, NULL, 0,
     "The maximum length of each chunk. All but the last element of the result is guaranteed to be "
     "of exactly this size."}};
static const struct func_param coalesce_vals = {"vals", NULL, NULL,
                                                FUNC_NULL | FUNC_UNKNOWN | FUNC_DYNAMIC, NULL};
static const struct func_param coalescelist_vals = {
    "vals", NULL, NULL, FUNC_NULL | FUNC_UNKNOWN | FUNC_DYNAMIC,
    "List or tuple values to test in the given order."};
static const struct func_param strings[] = {{"list", NULL, func_list_of_string, 0, NULL}};
static const struct func_param sorted[] = {{"list", NULL, func_list_of_string, FUNC_PARTIAL, NULL}};
static const struct func_param concat_seqs = {"seqs", NULL, NULL, ANY_INSIDE, NULL};
static const struct func_param contains_params[] = {{"list", NULL, NULL, FUNC_PARTIAL, NULL},
                                                    {"value", NULL, NULL, FUNC_PARTIAL, NULL}};
static const struct func_param lists[] = {{"list", NULL, func_list_of_any, 0, NULL}};
static const struct func_param element_params[] = {
    {"list", NULL, NULL, ANY_INSIDE, NULL}, {"index", &type_number, NULL, FUNC_MARKED, NULL}};
static const struct func_param any_marked[] = {{"list", NULL, NULL, ANY_INSIDE, NULL}};
static const struct func_param length_params[] = {
    {"value", NULL, NULL, FUNC_UNKNOWN | FUNC_MARKED | FUNC_DYNAMIC, NULL}};
static const struct func_param matchkeys_params[] = {
    {"values", NULL, func_list_of_any, FUNC_PARTIAL, NULL},
    {"keys", NULL, func_list_of_any, FUNC_PARTIAL, NULL},
    {"searchset", NULL, func_list_of_any, FUNC_PARTIAL, NULL}};
static const struct func_param any_list[] = {{"list", NULL, NULL, FUNC_PARTIAL, NULL}};
static const struct func_param one_params[] = {{"list", NULL, NULL, FUNC_PARTIAL, NULL}};
static const struct func_param range_params = {"params", &type_number, NULL, 0, NULL};
static const struct func_param slice_params[] = {
    {"list", NULL, NULL, ANY_INSIDE, NULL},
    {"start_index", &type_number, NULL, FUNC_MARKED, NULL},
    {"end_index", &type_number, NULL, FUNC_MARKED, NULL}};

static const struct func functions[] = {
    {"alltrue", bools, 1, .result = &type_bool, .run = run_alltrue},
    {"anytrue", bools, 1, .result = &type_bool, .run = run_anytrue},
    {"chunklist", chunklist_params, 2, .result_type = type_chunklist,
     .make_result = func_list_of_lists, .run = run_chunklist},
    {"coalesce", NULL, 0, &coalesce_vals, type_coalesce, .run = run_coalesce},
    {"coalescelist", NULL, 0, &coalescelist_vals, type_coalescelist, .run = run_coalescelist},
    {"compact", strings, 1, .make_result = func_list_of_string, .run = run_compact},
    {"concat", NULL, 0, &concat_seqs, type_concat, .run = run_concat},
    {"contains", contains_params, 2, .result = &type_bool, .run = run_contains,
     .dynamic_signature = true},
    {"distinct", lists, 1, .result_type = type_first, .make_result = func_list_of_any,
     .run = run_distinct},
    {"element", element_params, 2, .result_type = type_element, .run = run_element,
     .maybe_null = true},
    {"flatten", any_marked, 1, .result_type = type_flatten, .run = run_flatten},
    {"index", contains_params, 2, .result = &type_number, .run = run_index,
     .dynamic_signature = true},
    {"length", length_params, 1, .result_type = type_length, .result = &type_number,
     .run = run_length},
    {"matchkeys", matchkeys_params, 3, .result_type = type_matchkeys,
     .make_result = func_list_of_any, .run = run_matchkeys},
    {"one", one_params, 1, .result_type = type_one, .run = run_one, .maybe_null = true},
    {"range", NULL, 0, &range_params, .make_result = func_list_of_number, .run = run_range},
    {"reverse", any_marked, 1, .result_type = type_reverse, .run = run_reverse},
    {"slice", slice_params, 3, .result_type = type_slice, .run = run_slice},
    {"sort", sorted, 1, .make_result = func_list_of_string, .run = run_sort},
    {"sum", any_list, 1, .result_type = type_sum, .run = run_sum},
};

const struct func_table func_collection_table = {functions, COUNT(functions)};
