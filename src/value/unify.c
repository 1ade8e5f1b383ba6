/* SPDX-License-Identifier: Apache-2.0 */
#include "value/unify.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

/* Possibility of a conversion. */

static bool can_primitive(const struct type *from, const struct type *to, bool unsafe) {
    if (to == type_string)
        return true;
    return unsafe && from == type_string;
}

static bool can_object(const struct type *from, const struct type *to, bool unsafe) {
    for (uint32_t i = 0; i < to->n; i++) {
        ptrdiff_t at = type_attr(from, to->names[i]);
        if (at < 0 && !(to->optional && to->optional[i]))
            return false;
        if (at >= 0 && !unify_can_convert(from->items[at], to->items[i], unsafe))
            return false;
    }
    return true;
}

static bool can_tuple(const struct type *from, const struct type *to, bool unsafe) {
    if (from->n != to->n)
        return false;
    for (uint32_t i = 0; i < to->n; i++)
        if (!unify_can_convert(from->items[i], to->items[i], unsafe))
            return false;
    return true;
}

/* Tuple or object to a collection of `element`. */
static bool can_collect(const struct type *from, const struct type *element, bool unsafe) {
    if (!from->n)
        return true;
    bool found = element->kind == TYPE_DYNAMIC;
    if (found)
        element = unify_types(from->items, from->n, unsafe);
    if (!element)
        return false;
    const struct type *last = NULL;
    for (uint32_t i = 0; i < from->n; i++) {
        if (found && from->kind == TYPE_TUPLE && element->kind == TYPE_DYNAMIC &&
            from->items[i]->kind != TYPE_DYNAMIC)
            return false;
        if (from->items[i] != last && !unify_can_convert(from->items[i], element, unsafe))
            return false;
        last = from->items[i];
    }
    return true;
}

static bool can_map_to_object(const struct type *from, const struct type *to) {
    for (uint32_t i = 0; i < to->n; i++) {
        bool optional = to->optional && to->optional[i];
        if (!optional && !unify_can_convert(from->element, to->items[i], true))
            return false;
    }
    return true;
}

static bool can_collection(const struct type *from, const struct type *to, bool unsafe) {
    bool from_sequence = from->kind == TYPE_LIST || from->kind == TYPE_SET;
    switch (to->kind) {
    case TYPE_LIST:
        if (from->kind == TYPE_TUPLE)
            return can_collect(from, to->element, unsafe);
        return from_sequence && unify_can_convert(from->element, to->element, unsafe);
    case TYPE_SET:
        if (from->kind == TYPE_TUPLE)
            return can_collect(from, to->element, unsafe);
        if (!from_sequence || (from->kind == TYPE_LIST && !unsafe))
            return false;
        return unify_can_convert(from->element, to->element, unsafe);
    default:
        if (from->kind == TYPE_OBJECT)
            return can_collect(from, to->element, unsafe);
        return from->kind == TYPE_MAP && unify_can_convert(from->element, to->element, unsafe);
    }
}

bool unify_can_convert(const struct type *from, const struct type *to, bool unsafe) {
    if (from == to || to->kind == TYPE_DYNAMIC)
        return true;
    if (from->kind == TYPE_DYNAMIC)
        return unsafe;
    if (type_is_primitive(from))
        return type_is_primitive(to) && can_primitive(from, to, unsafe);
    if (type_is_collection(to))
        return can_collection(from, to, unsafe);
    if (to->kind == TYPE_TUPLE)
        return from->kind == TYPE_TUPLE && can_tuple(from, to, unsafe);
    if (to->kind == TYPE_OBJECT && from->kind == TYPE_OBJECT)
        return can_object(from, to, unsafe);
    if (to->kind == TYPE_OBJECT && from->kind == TYPE_MAP)
        return unsafe && can_map_to_object(from, to);
    return false;
}

/* Which of two types is more general: -1 when a is, 1 when b is, 0 when neither. */

static int compare_types(const struct type *a, const struct type *b);

static int compare_items(const struct type *a, const struct type *b) {
    if (a->n != b->n)
        return 0;
    bool a_super = false, b_super = false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->kind == TYPE_OBJECT && a->names[i] != b->names[i])
            return 0;
        int order = compare_types(a->items[i], b->items[i]);
        a_super |= order < 0;
        b_super |= order > 0;
    }
    return a_super == b_super ? 0 : a_super ? -1 : 1;
}

static int generality(enum type_kind kind) {
    switch (kind) {
    case TYPE_SET:
        return 1;
    case TYPE_LIST:
        return 2;
    case TYPE_TUPLE:
        return 3;
    default:
        return 0;
    }
}

static int compare_types(const struct type *a, const struct type *b) {
    if (a == b)
        return 0;
    if (a->kind == TYPE_DYNAMIC || b->kind == TYPE_DYNAMIC)
        return a->kind == TYPE_DYNAMIC ? 1 : -1;
    if (type_is_primitive(a) && type_is_primitive(b))
        return a == type_string ? -1 : b == type_string ? 1 : 0;
    if (a->kind == b->kind && type_is_collection(a))
        return compare_types(a->element, b->element);
    if (a->kind == b->kind && (a->kind == TYPE_TUPLE || a->kind == TYPE_OBJECT))
        return compare_items(a, b);
    if (a->kind == TYPE_MAP && b->kind == TYPE_OBJECT)
        return -1;
    if (a->kind == TYPE_OBJECT && b->kind == TYPE_MAP)
        return 1;
    int x = generality(a->kind), y = generality(b->kind);
    if (!x || !y)
        return 0;
    /* A list or tuple is preferred to a set, a list to a tuple. */
    if (x == 1 || y == 1)
        return x == 1 ? 1 : -1;
    return x < y ? -1 : 1;
}

/* Unification works on the distinct types, in order of their first appearance. */
struct list {
    const struct type **at;
    size_t n;
};

static int compare_pointers(const void *a, const void *b) {
    const struct type *const *x = *(const struct type *const *const *)a;
    const struct type *const *y = *(const struct type *const *const *)b;
    if (*x != *y)
        return (uintptr_t)*x < (uintptr_t)*y ? -1 : 1;
    return (x > y) - (x < y);
}

static int compare_places(const void *a, const void *b) {
    const struct type *const *x = *(const struct type *const *const *)a;
    const struct type *const *y = *(const struct type *const *const *)b;
    return (x > y) - (x < y);
}

static struct list distinct(struct arena *scratch, const struct type *const *types, size_t n) {
    const struct type *const **refs = arena_array(scratch, n, sizeof *refs);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || types[i] != types[i - 1])
            refs[kept++] = &types[i];
    qsort(refs, kept, sizeof *refs, compare_pointers);
    size_t n_distinct = 0;
    for (size_t i = 0; i < kept; i++)
        if (!n_distinct || *refs[i] != *refs[n_distinct - 1])
            refs[n_distinct++] = refs[i];
    qsort(refs, n_distinct, sizeof *refs, compare_places);
    struct list list = {arena_array(scratch, n_distinct, sizeof *list.at), n_distinct};
    for (size_t i = 0; i < n_distinct; i++)
        list.at[i] = *refs[i];
    return list;
}

static const struct type *unify(struct arena *scratch, struct list types, bool unsafe);

static const struct type *unify_raw(struct arena *scratch, const struct type *const *types,
                                    size_t n, bool unsafe) {
    return n ? unify(scratch, distinct(scratch, types, n), unsafe) : NULL;
}

/* One type for all elements or attributes of all the types. */
static const struct type *unify_flat(struct arena *scratch, struct list types, bool unsafe) {
    size_t n = 0;
    for (size_t i = 0; i < types.n; i++)
        n += types.at[i]->n;
    const struct type **all = arena_array(scratch, n, sizeof *all);
    n = 0;
    for (size_t i = 0; i < types.n; i++)
        for (uint32_t k = 0; k < types.at[i]->n; k++)
            all[n++] = types.at[i]->items[k];
    return unify_raw(scratch, all, n, unsafe);
}

static const struct type *all_or_null(struct list types, const struct type *to, bool unsafe) {
    for (size_t i = 0; to && i < types.n; i++)
        if (!unify_can_convert(types.at[i], to, unsafe))
            return NULL;
    return to;
}

static const struct type *unify_to_collection(struct arena *scratch, struct list types,
                                              enum type_kind kind, bool unsafe) {
    const struct type *element = unify_flat(scratch, types, unsafe);
    if (!element)
        return NULL;
    const struct type *to = kind == TYPE_MAP ? type_map(element) : type_list(element);
    return all_or_null(types, to, unsafe);
}

static bool same_names(const struct type *a, const struct type *b) {
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; a->names && i < a->n; i++)
        if (a->names[i] != b->names[i])
            return false;
    return true;
}

/* Objects with the same attributes, or tuples of one length, unify part by part. */
static const struct type *unify_structural(struct arena *scratch, struct list types, bool unsafe) {
    const struct type *first = types.at[0];
    enum type_kind collection = first->kind == TYPE_OBJECT ? TYPE_MAP : TYPE_LIST;
    for (size_t i = 1; i < types.n; i++)
        if (!same_names(first, types.at[i]))
            return unify_to_collection(scratch, types, collection, unsafe);
    const struct type **items = arena_array(scratch, first->n, sizeof *items);
    const struct type **across = arena_array(scratch, types.n, sizeof *across);
    for (uint32_t k = 0; k < first->n; k++) {
        for (size_t i = 0; i < types.n; i++)
            across[i] = types.at[i]->items[k];
        if (!(items[k] = unify_raw(scratch, across, types.n, unsafe)))
            return NULL;
    }
    const struct type *to = first->kind == TYPE_OBJECT
                                ? type_object(first->names, items, NULL, first->n)
                                : type_tuple(items, first->n);
    if (all_or_null(types, to, unsafe))
        return to;
    return unify_to_collection(scratch, types, collection, unsafe);
}

static const struct type *unify_collections(struct arena *scratch, struct list types, bool unsafe) {
    const struct type **elements = arena_array(scratch, types.n, sizeof *elements);
    for (size_t i = 0; i < types.n; i++)
        elements[i] = types.at[i]->element;
    const struct type *element = unify_raw(scratch, elements, types.n, unsafe);
    if (!element)
        return NULL;
    enum type_kind kind = types.at[0]->kind;
    const struct type *to = kind == TYPE_MAP   ? type_map(element)
                            : kind == TYPE_SET ? type_set(element)
                                               : type_list(element);
    return all_or_null(types, to, unsafe);
}

/* Tuples among lists, or objects among maps, first become one list or map. */
static const struct type *unify_disguised(struct arena *scratch, struct list types,
                                          enum type_kind disguise, enum type_kind kind,
                                          bool unsafe) {
    struct list hidden = {arena_array(scratch, types.n, sizeof *hidden.at), 0};
    for (size_t i = 0; i < types.n; i++)
        if (types.at[i]->kind == disguise)
            hidden.at[hidden.n++] = types.at[i];
    const struct type *open = unify_to_collection(scratch, hidden, kind, unsafe);
    if (!open)
        return NULL;
    const struct type **all = arena_array(scratch, types.n, sizeof *all);
    for (size_t i = 0; i < types.n; i++)
        all[i] = types.at[i]->kind == disguise ? open : types.at[i];
    const struct type *to = unify_raw(scratch, all, types.n, unsafe);
    return to && to->kind == kind ? to : NULL;
}

/* The most general of the given types that all others convert to. */
static const struct type *unify_preferred(struct arena *scratch, struct list types, bool unsafe) {
    size_t n = types.n;
    size_t *blockers = arena_array(scratch, n, sizeof *blockers);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (i != j && compare_types(types.at[j], types.at[i]) < 0)
                blockers[i]++;
    size_t *queue = arena_array(scratch, n, sizeof *queue), filled = 0;
    for (size_t i = 0; i < n; i++)
        if (!blockers[i])
            queue[filled++] = i;
    for (size_t head = 0; head < filled; head++) {
        const struct type *want = types.at[queue[head]];
        if (all_or_null(types, want, unsafe))
            return want;
        for (size_t j = 0; j < n; j++)
            if (compare_types(want, types.at[j]) < 0 && --blockers[j] == 0)
                queue[filled++] = j;
    }
    return NULL;
}

static const struct type *unify(struct arena *scratch, struct list types, bool unsafe) {
    size_t counts[TYPE_TYPE + 1] = {0}, n = types.n;
    if (n == 1)
        return types.at[0];
    for (size_t i = 0; i < n; i++)
        counts[types.at[i]->kind]++;
    size_t maps = counts[TYPE_MAP], lists = counts[TYPE_LIST], sets = counts[TYPE_SET];
    size_t objects = counts[TYPE_OBJECT], tuples = counts[TYPE_TUPLE];
    size_t dynamic = counts[TYPE_DYNAMIC];
    const struct type *to = NULL;
    if (dynamic && (maps + dynamic == n || lists + dynamic == n || sets + dynamic == n ||
                    objects + dynamic == n || tuples + dynamic == n))
        return type_dynamic;
    if (maps == n || lists == n || sets == n)
        return unify_collections(scratch, types, unsafe);
    if (objects == n || tuples == n)
        return unify_structural(scratch, types, unsafe);
    if (maps && maps + objects + dynamic == n)
        to = unify_disguised(scratch, types, TYPE_OBJECT, TYPE_MAP, unsafe);
    else if (lists && lists + tuples + dynamic == n)
        to = unify_disguised(scratch, types, TYPE_TUPLE, TYPE_LIST, unsafe);
    else if (objects && tuples)
        return NULL;
    return to ? to : unify_preferred(scratch, types, unsafe);
}

const struct type *unify_types(const struct type *const *types, size_t n, bool unsafe) {
    if (!n)
        return NULL;
    struct arena *scratch = arena_new();
    const struct type *to = unify_raw(scratch, types, n, unsafe);
    arena_free(scratch);
    return to;
}

/* Filling in what "any" stood for. */

static const struct type *fill_element(const struct type *in, const struct type *out) {
    const struct type *element = in->element;
    if (!element)
        element = unify_types(in->items, in->n, true);
    return element ? unify_fill_dynamic(element, out->element) : out->element;
}

static const struct type *fill_items(const struct type *in, const struct type *out) {
    const struct type **items = xmalloc((out->n + 1) * sizeof *items);
    for (uint32_t i = 0; i < out->n; i++) {
        ptrdiff_t at = out->kind == TYPE_TUPLE   ? (ptrdiff_t)i
                       : in->kind == TYPE_OBJECT ? type_attr(in, out->names[i])
                                                 : -1;
        items[i] = in->kind == TYPE_MAP ? unify_fill_dynamic(in->element, out->items[i])
                   : at >= 0 && at < (ptrdiff_t)in->n
                       ? unify_fill_dynamic(in->items[at], out->items[i])
                       : out->items[i];
    }
    const struct type *filled = out->kind == TYPE_TUPLE
                                    ? type_tuple(items, out->n)
                                    : type_object(out->names, items, NULL, out->n);
    free(items);
    return filled;
}

const struct type *unify_fill_dynamic(const struct type *in, const struct type *out) {
    if (!out->has_dynamic || in->kind == TYPE_DYNAMIC)
        return out;
    if (out->kind == TYPE_DYNAMIC)
        return in;
    bool sequence = in->kind == TYPE_LIST || in->kind == TYPE_SET || in->kind == TYPE_TUPLE;
    bool keyed = in->kind == TYPE_MAP || in->kind == TYPE_OBJECT;
    if (out->kind == TYPE_MAP)
        return keyed ? type_map(fill_element(in, out)) : out;
    if (out->kind == TYPE_LIST)
        return sequence ? type_list(fill_element(in, out)) : out;
    if (out->kind == TYPE_SET)
        return sequence ? type_set(fill_element(in, out)) : out;
    return keyed || in->kind == TYPE_TUPLE ? fill_items(in, out) : out;
}

/* Words for what does not fit. */

static struct str required(struct arena *arena, const struct type *want) {
    return str_cat(arena, type_friendly_constraint(arena, want), S(" required"));
}

static struct str missing_text(struct arena *arena, const struct str *missing, size_t n) {
    if (n == 1)
        return str_format(arena, "attribute \"%.*s\" is required", STR_ARG(missing[0]));
    if (n == 2)
        return str_format(arena, "attributes \"%.*s\" and \"%.*s\" are required",
                          STR_ARG(missing[0]), STR_ARG(missing[1]));
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out, "attributes ");
    for (size_t i = 0; i + 1 < n; i++)
        buf_addf(&out, "\"%.*s\", ", STR_ARG(missing[i]));
    buf_addf(&out, "and \"%.*s\" are required", STR_ARG(missing[n - 1]));
    return buf_take(&out, arena);
}

static struct str mismatch_objects(struct arena *arena, const struct type *got,
                                   const struct type *want) {
    struct str *missing = arena_array(arena, want->n, sizeof *missing);
    size_t n_missing = 0;
    uint32_t wrong = want->n;
    for (uint32_t i = 0; i < want->n; i++) {
        ptrdiff_t at = type_attr(got, want->names[i]);
        if (at < 0 && !(want->optional && want->optional[i]))
            missing[n_missing++] = intern_str(want->names[i]);
        if (at >= 0 && wrong == want->n && !unify_can_convert(got->items[at], want->items[i], true))
            wrong = i;
    }
    if (n_missing)
        return missing_text(arena, missing, n_missing);
    if (wrong == want->n)
        return S("incorrect object attributes");
    const struct type *have = got->items[type_attr(got, want->names[wrong])];
    struct str why = unify_mismatch(arena, have, want->items[wrong]);
    return str_format(arena, "attribute \"%.*s\": %.*s", STR_ARG(intern_str(want->names[wrong])),
                      STR_ARG(why));
}

static struct str mismatch_elements(struct arena *arena, const struct type *got,
                                    const struct type *want) {
    bool fits = want->kind == TYPE_MAP ? got->kind == TYPE_OBJECT : got->kind == TYPE_TUPLE;
    if (!fits)
        return required(arena, want);
    for (uint32_t i = 0; i < got->n; i++) {
        if (unify_can_convert(got->items[i], want->element, true))
            continue;
        struct str why = unify_mismatch(arena, got->items[i], want->element);
        if (got->kind == TYPE_TUPLE)
            return str_format(arena, "element %u: %.*s", i, STR_ARG(why));
        return str_format(arena, "element \"%.*s\": %.*s", STR_ARG(intern_str(got->names[i])),
                          STR_ARG(why));
    }
    return str_cat(arena, S("all elements must be "),
                   type_friendly_constraint(arena, want->element));
}

static struct str mismatch_collections(struct arena *arena, const struct type *got,
                                       const struct type *want) {
    if ((want->kind == TYPE_MAP) != (got->kind == TYPE_MAP))
        return required(arena, want);
    const char *noun = want->kind == TYPE_LIST ? "list" : want->kind == TYPE_SET ? "set" : "map";
    struct str why = unify_mismatch(arena, got->element, want->element);
    return str_format(arena, "incorrect %s element type: %.*s", noun, STR_ARG(why));
}

struct str unify_mismatch(struct arena *arena, const struct type *got, const struct type *want) {
    bool any_element = type_is_collection(want) && want->element->kind == TYPE_DYNAMIC;
    if (got->kind == TYPE_OBJECT && want->kind == TYPE_OBJECT)
        return mismatch_objects(arena, got, want);
    if (any_element && got->kind == TYPE_TUPLE && want->kind == TYPE_LIST)
        return S("all list elements must have the same type");
    if (any_element && got->kind == TYPE_TUPLE && want->kind == TYPE_SET)
        return S("all set elements must have the same type");
    if (any_element && got->kind == TYPE_OBJECT && want->kind == TYPE_MAP)
        return S("all map elements must have the same type");
    if (type_is_collection(want) && (got->kind == TYPE_TUPLE || got->kind == TYPE_OBJECT))
        return mismatch_elements(arena, got, want);
    if (type_is_collection(want) && type_is_collection(got))
        return mismatch_collections(arena, got, want);
    return required(arena, want);
}
