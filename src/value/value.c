/* SPDX-License-Identifier: Apache-2.0 */
#include "value/value.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bignum.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "value/value_int.h"

#define REFINED 1 /* in `spare` of an unknown: it points to a struct value_unknown */

_Static_assert(sizeof(struct value) == 16, "values are passed in two registers");

static bool is_group(struct value v) {
    return v.kind >= VALUE_LIST && v.kind <= VALUE_OBJECT;
}

struct value value_null(const struct type *type) {
    return (struct value){.kind = VALUE_NULL, .type = type};
}

struct value value_unknown(const struct type *type) {
    return (struct value){.kind = VALUE_UNKNOWN, .flags = VALUE_UNKNOWN_INSIDE, .type = type};
}

/* A collection that is known once its length is. */
static bool known_by_length(struct arena *arena, const struct value_unknown *what,
                            struct value *ret_value) {
    const struct type *type = what->type;
    if (!what->not_null || what->min_length != what->max_length || what->max_length <= 0)
        return false;
    struct value element = value_unknown(type->element);
    if (type->kind == TYPE_LIST && what->max_length <= 1024) {
        struct value *at = arena_array(arena, (size_t)what->max_length, sizeof *at);
        for (int64_t i = 0; i < what->max_length; i++)
            at[i] = element;
        *ret_value = value_list(arena, type->element, at, (size_t)what->max_length);
        return true;
    }
    if (type->kind != TYPE_SET || what->max_length != 1)
        return false;
    *ret_value = value_set(arena, type->element, &element, 1);
    return true;
}

static bool refines(const struct value_unknown *what) {
    return what->not_null || what->prefix.len || what->has_min || what->has_max ||
           what->min_length > 0 || what->max_length > 0;
}

struct value value_unknown_refined(struct arena *arena, const struct value_unknown *what) {
    const struct type *type = what->type;
    if (type->kind == TYPE_DYNAMIC || !refines(what))
        return value_unknown(type);
    struct value known;
    if (type_is_collection(type) && known_by_length(arena, what, &known))
        return known;
    if (type->kind == TYPE_NUMBER && what->not_null && what->has_min && what->has_max &&
        what->min_inclusive && what->max_inclusive && value_same(what->min, what->max))
        return what->min;
    struct value_unknown *copy = arena_copy(arena, what, sizeof *what);
    copy->prefix = str_dup(arena, what->prefix);
    if (copy->max_length <= 0)
        copy->max_length = -1;
    return (struct value){
        .kind = VALUE_UNKNOWN, .flags = VALUE_UNKNOWN_INSIDE, .spare = REFINED, .unknown = copy};
}

struct value value_bool(bool b) {
    return (struct value){.kind = VALUE_BOOL, .boolean = b};
}

struct value value_int(int64_t i) {
    return (struct value){.kind = VALUE_INT, .integer = i};
}

struct value value_bignum(const struct bignum *b) {
    int64_t i;
    if (bignum_to_int(b, &i) && !bignum_is_minus_zero(b))
        return value_int(i);
    return (struct value){.kind = VALUE_BIGNUM, .bignum = b};
}

const struct bignum *value_to_bignum(struct arena *arena, struct value v) {
    assert(value_is_number(v));
    return v.kind == VALUE_INT ? bignum_from_int(arena, v.integer) : v.bignum;
}

bool value_number_parse(struct arena *arena, struct str text, struct value *ret_value) {
    int64_t i;
    if (text.len < 19 && str_to_int(text, &i) && (i || text.at[0] != '-')) {
        *ret_value = value_int(i);
        return true;
    }
    const struct bignum *b = bignum_parse(arena, text);
    if (!b)
        return false;
    *ret_value = value_bignum(b);
    return true;
}

struct value value_double(struct arena *arena, double d) {
    if (d >= -9007199254740992.0 && d <= 9007199254740992.0 && d == floor(d) &&
        !(d == 0 && signbit(d)))
        return value_int((int64_t)d);
    return value_bignum(bignum_from_double(arena, d));
}

struct value value_string(struct arena *arena, struct str text) {
    struct str nfc = utf8_nfc(arena, text);
    if (nfc.at == text.at)
        nfc = str_dup(arena, text);
    return value_string_view(nfc);
}

struct value value_string_view(struct str text) {
    if (text.len > UINT32_MAX)
        bug("string longer than 4 GiB");
    return (struct value){.kind = VALUE_STRING, .count = (uint32_t)text.len, .bytes = text.at};
}

struct value value_of_type(const struct type *type) {
    return (struct value){.kind = VALUE_TYPE, .type = type};
}

static struct value_group *group_new(struct arena *arena, const struct type *type, size_t n) {
    if (n > UINT32_MAX)
        bug("more than 2^32 elements");
    struct value_group *group = arena_alloc(arena, sizeof *group + n * sizeof(struct value));
    group->type = type;
    return group;
}

static struct value group_value(enum value_kind kind, struct value_group *group, size_t n) {
    unsigned inside = 0;
    for (size_t i = 0; i < n; i++)
        inside |= group->at[i].flags;
    group->inside = inside & ~(unsigned)VALUE_MARKS;
    return (struct value){.kind = (uint8_t)kind,
                          .flags = (uint8_t)group->inside,
                          .count = (uint32_t)n,
                          .group = group};
}

static struct value simple_group(struct arena *arena, enum value_kind kind, const struct type *type,
                                 const struct value *at, size_t n) {
    struct value_group *group = group_new(arena, type, n);
    if (n)
        memcpy(group->at, at, n * sizeof *at);
    return group_value(kind, group, n);
}

struct value value_list(struct arena *arena, const struct type *element, const struct value *at,
                        size_t n) {
    return simple_group(arena, VALUE_LIST, type_list(element), at, n);
}

struct value value_tuple(struct arena *arena, const struct value *at, size_t n) {
    const struct type *few[16] = {0};
    const struct type **types = n <= COUNT(few) ? few : xmalloc(n * sizeof *types);
    for (size_t i = 0; i < n; i++)
        types[i] = value_type(at[i]);
    const struct type *type = type_tuple(types, n);
    if (types != few)
        free(types);
    return simple_group(arena, VALUE_TUPLE, type, at, n);
}

struct value value_object_of(struct arena *arena, const struct type *type, const struct value *at) {
    return simple_group(arena, VALUE_OBJECT, type, at, type->n);
}

struct value value_object(struct arena *arena, const struct name *const *names,
                          const struct value *at, size_t n) {
    const struct type **types = xmalloc((n + 1) * sizeof *types);
    for (size_t i = 0; i < n; i++)
        types[i] = value_type(at[i]);
    const struct type *type = type_object(names, types, NULL, n);
    free(types);
    struct value_group *group = group_new(arena, type, n);
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t to = type->names[i] == names[i] ? (ptrdiff_t)i : type_attr(type, names[i]);
        group->at[to] = at[i];
    }
    return group_value(VALUE_OBJECT, group, n);
}

/* Sets. Elements that only their bytes order carry those while they are sorted. */

struct keyed {
    struct str key;
    struct value value;
};

static int order_primitives(struct value a, struct value b) {
    switch ((enum value_kind)a.kind) {
    case VALUE_BOOL:
        return (int)a.boolean - (int)b.boolean;
    case VALUE_STRING:
        return str_cmp(value_str(a), value_str(b));
    case VALUE_INT:
        if (b.kind == VALUE_INT)
            return (a.integer > b.integer) - (a.integer < b.integer);
        return -bignum_compare_int(b.bignum, a.integer);
    case VALUE_BIGNUM:
        if (b.kind == VALUE_BIGNUM)
            return bignum_compare(a.bignum, b.bignum);
        return bignum_compare_int(a.bignum, b.integer);
    default:
        return 0;
    }
}

/* Known before unknown before null. */
static int order_states(struct value a, struct value b) {
    int x = a.kind == VALUE_NULL ? 2 : a.kind == VALUE_UNKNOWN;
    int y = b.kind == VALUE_NULL ? 2 : b.kind == VALUE_UNKNOWN;
    return x - y;
}

/* Any total order: what breaks ties between equal set keys. */
static int order_structure(struct value a, struct value b) {
    int order = order_states(a, b);
    if (order || a.kind <= VALUE_UNKNOWN)
        return order;
    if (!is_group(a) || !is_group(b))
        return order_primitives(a, b);
    if (a.count != b.count)
        return a.count < b.count ? -1 : 1;
    for (size_t i = 0; i < a.count && !order; i++) {
        if (a.kind == VALUE_MAP && b.kind == VALUE_MAP)
            order = str_cmp(a.group->keys[i], b.group->keys[i]);
        if (!order)
            order = order_structure(a.group->at[i], b.group->at[i]);
    }
    return order;
}

int value_order(struct value a, struct value b) {
    int order = order_states(a, b);
    if (order || a.kind <= VALUE_UNKNOWN)
        return order;
    if (!is_group(a) || !is_group(b))
        return order_primitives(a, b);
    struct buf x, y;
    buf_init(&x, BUF_MAX_DOCUMENT);
    buf_init(&y, BUF_MAX_DOCUMENT);
    set_key_write(&x, a);
    set_key_write(&y, b);
    order = str_cmp(buf_str(&x), buf_str(&y));
    buf_clear(&x);
    buf_clear(&y);
    return order ? order : order_structure(a, b);
}

static int compare_plain(const void *a, const void *b) {
    return value_order(*(const struct value *)a, *(const struct value *)b);
}

static int compare_keyed(const void *a, const void *b) {
    const struct keyed *x = a, *y = b;
    int order = order_states(x->value, y->value);
    if (!order)
        order = str_cmp(x->key, y->key);
    return order ? order : order_structure(x->value, y->value);
}

static void sort_compound(struct value *at, size_t n) {
    struct arena *scratch = arena_new();
    struct keyed *all = arena_array(scratch, n, sizeof *all);
    struct buf key;
    buf_init(&key, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < n; i++) {
        buf_reset(&key);
        set_key_write(&key, at[i]);
        all[i] = (struct keyed){str_dup(scratch, buf_str(&key)), at[i]};
    }
    buf_clear(&key);
    qsort(all, n, sizeof *all, compare_keyed);
    for (size_t i = 0; i < n; i++)
        at[i] = all[i].value;
    arena_free(scratch);
}

struct value value_set(struct arena *arena, const struct type *element, const struct value *at,
                       size_t n) {
    struct value_group *group = group_new(arena, type_set(element), n);
    unsigned marks = 0;
    bool compound = false;
    for (size_t i = 0; i < n; i++) {
        marks |= value_marks_inside(at[i]);
        group->at[i] = value_unmark_deep(arena, at[i]);
        compound |= is_group(at[i]);
    }
    if (compound)
        sort_compound(group->at, n);
    else if (n > 1)
        qsort(group->at, n, sizeof(struct value), compare_plain);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct value v = group->at[i];
        if (kept && value_is_wholly_known(v) && value_same(v, group->at[kept - 1]))
            continue;
        group->at[kept++] = v;
    }
    return value_mark(group_value(VALUE_SET, group, kept), marks);
}

/* Maps. */

struct entry {
    struct str key;
    size_t from;
};

static int compare_entries(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int order = str_cmp(x->key, y->key);
    return order ? order : (x->from > y->from) - (x->from < y->from);
}

static struct str map_key(struct arena *arena, struct str key) {
    struct str nfc = utf8_nfc(arena, key);
    return nfc.at == key.at ? str_dup(arena, key) : nfc;
}

struct value value_map(struct arena *arena, const struct type *element, const struct str *keys,
                       const struct value *at, size_t n) {
    struct entry *entries = xmalloc((n + 1) * sizeof *entries);
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        entries[i] = (struct entry){map_key(arena, keys[i]), i};
        sorted &= i == 0 || str_cmp(entries[i - 1].key, entries[i].key) < 0;
    }
    if (!sorted)
        qsort(entries, n, sizeof *entries, compare_entries);
    struct value_group *group = group_new(arena, type_map(element), n);
    struct str *kept_keys = arena_array(arena, n, sizeof *kept_keys);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept && str_eq(kept_keys[kept - 1], entries[i].key))
            kept--;
        kept_keys[kept] = entries[i].key;
        group->at[kept++] = at[entries[i].from];
    }
    free(entries);
    group->keys = kept_keys;
    return group_value(VALUE_MAP, group, kept);
}

/* Copying. */

static struct value copy_unknown(struct arena *arena, struct value v) {
    if (v.spare != REFINED)
        return v;
    struct value_unknown *copy = arena_copy(arena, v.unknown, sizeof *copy);
    copy->prefix = str_dup(arena, copy->prefix);
    if (copy->has_min)
        copy->min = value_copy(arena, copy->min);
    if (copy->has_max)
        copy->max = value_copy(arena, copy->max);
    v.unknown = copy;
    return v;
}

struct value value_copy(struct arena *arena, struct value v) {
    if (v.kind == VALUE_STRING) {
        v.bytes = str_dup(arena, value_str(v)).at;
    } else if (v.kind == VALUE_BIGNUM) {
        v.bignum = bignum_copy(arena, v.bignum);
    } else if (v.kind == VALUE_UNKNOWN) {
        return copy_unknown(arena, v);
    } else if (is_group(v)) {
        struct value_group *group = group_new(arena, v.group->type, v.count);
        group->inside = v.group->inside;
        for (size_t i = 0; i < v.count; i++)
            group->at[i] = value_copy(arena, v.group->at[i]);
        if (v.kind == VALUE_MAP) {
            struct str *keys = arena_array(arena, v.count, sizeof *keys);
            for (size_t i = 0; i < v.count; i++)
                keys[i] = str_dup(arena, v.group->keys[i]);
            group->keys = keys;
        }
        v.group = group;
    }
    return v;
}

static struct str keep_text(struct arena *arena, const struct arena *scratch, struct str text) {
    return arena_has(scratch, text.at) ? str_dup(arena, text) : text;
}

static struct value keep_group(struct arena *arena, const struct arena *scratch, struct value v) {
    struct value_group *group = group_new(arena, v.group->type, v.count);
    group->inside = v.group->inside;
    for (size_t i = 0; i < v.count; i++)
        group->at[i] = value_keep(arena, scratch, v.group->at[i]);
    if (v.kind == VALUE_MAP) {
        struct str *keys = arena_array(arena, v.count, sizeof *keys);
        for (size_t i = 0; i < v.count; i++)
            keys[i] = keep_text(arena, scratch, v.group->keys[i]);
        group->keys = keys;
    }
    v.group = group;
    return v;
}

struct value value_keep(struct arena *arena, const struct arena *scratch, struct value v) {
    if (v.kind == VALUE_STRING)
        v.bytes = keep_text(arena, scratch, value_str(v)).at;
    else if (is_group(v) && arena_has(scratch, v.group))
        v = keep_group(arena, scratch, v);
    else if (v.kind == VALUE_BIGNUM || v.kind == VALUE_UNKNOWN)
        v = value_copy(arena, v);
    return v;
}

/* Looking. */

const struct type *value_type(struct value v) {
    switch ((enum value_kind)v.kind) {
    case VALUE_NULL:
        return v.type ? v.type : type_dynamic;
    case VALUE_UNKNOWN:
        return v.spare == REFINED ? v.unknown->type : v.type;
    case VALUE_BOOL:
        return type_bool;
    case VALUE_INT:
    case VALUE_BIGNUM:
        return type_number;
    case VALUE_STRING:
        return type_string;
    case VALUE_TYPE:
        return type_type;
    default:
        return v.group->type;
    }
}

bool value_is_null(struct value v) {
    return v.kind == VALUE_NULL;
}

bool value_is_known(struct value v) {
    return v.kind != VALUE_UNKNOWN;
}

bool value_is_wholly_known(struct value v) {
    return !(v.flags & VALUE_UNKNOWN_INSIDE);
}

bool value_is_number(struct value v) {
    return v.kind == VALUE_INT || v.kind == VALUE_BIGNUM;
}

struct str value_str(struct value v) {
    assert(v.kind == VALUE_STRING);
    return (struct str){v.bytes, v.count};
}

size_t value_count(struct value v) {
    return is_group(v) ? v.count : 0;
}

struct value value_at(struct value v, size_t i) {
    assert(is_group(v) && i < v.count);
    return v.group->at[i];
}

struct str value_key(struct value v, size_t i) {
    assert(i < v.count);
    return v.kind == VALUE_MAP ? v.group->keys[i] : intern_str(v.group->type->names[i]);
}

bool value_get(struct value v, struct str key, struct value *ret_element) {
    if (v.kind != VALUE_MAP && v.kind != VALUE_OBJECT)
        return false;
    size_t low = 0, high = v.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(value_key(v, middle), key);
        if (order == 0) {
            *ret_element = v.group->at[middle];
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

struct value value_attr(struct value v, struct str name) {
    struct value attribute;
    if (!value_get(v, name, &attribute))
        bug("object without an attribute that its type must have");
    return attribute;
}

struct value_unknown value_refinement(struct value v) {
    if (v.kind == VALUE_UNKNOWN && v.spare == REFINED)
        return *v.unknown;
    return (struct value_unknown){.type = value_type(v), .max_length = -1};
}

bool value_to_int(struct value v, int64_t *ret_int) {
    bool minus_zero = v.kind == VALUE_BIGNUM && bignum_sign(v.bignum) == 0;
    if (v.kind != VALUE_INT && !minus_zero)
        return false;
    *ret_int = minus_zero ? 0 : v.integer;
    return true;
}

double value_to_double(struct value v) {
    assert(value_is_number(v));
    return v.kind == VALUE_INT ? (double)v.integer : bignum_to_double(v.bignum, NULL);
}

/* Marks. */

unsigned value_marks(struct value v) {
    return v.flags & VALUE_MARKS;
}

unsigned value_marks_inside(struct value v) {
    return (v.flags >> VALUE_INSIDE_SHIFT) & VALUE_MARKS;
}

struct value value_mark(struct value v, unsigned marks) {
    marks &= VALUE_MARKS;
    v.flags = (uint8_t)(v.flags | marks | (marks << VALUE_INSIDE_SHIFT));
    return v;
}

static unsigned inside_flags(struct value v) {
    if (is_group(v))
        return v.group->inside;
    return v.kind == VALUE_UNKNOWN ? VALUE_UNKNOWN_INSIDE : 0;
}

struct value value_unmark(struct value v) {
    v.flags = (uint8_t)inside_flags(v);
    return v;
}

struct value value_unmark_deep(struct arena *arena, struct value v) {
    if (!value_marks_inside(v))
        return v;
    if (!is_group(v) || !((v.group->inside >> VALUE_INSIDE_SHIFT) & VALUE_MARKS))
        return value_unmark(v);
    struct value_group *group = group_new(arena, v.group->type, v.count);
    group->keys = v.group->keys;
    for (size_t i = 0; i < v.count; i++)
        group->at[i] = value_unmark_deep(arena, v.group->at[i]);
    return group_value((enum value_kind)v.kind, group, v.count);
}

/* Comparing. */

static bool same_bound(bool a_has, struct value a, bool a_inclusive, bool b_has, struct value b,
                       bool b_inclusive) {
    return a_has == b_has && (!a_has || (a_inclusive == b_inclusive && value_same(a, b)));
}

static bool same_unknowns(struct value a, struct value b) {
    struct value_unknown x = value_refinement(a), y = value_refinement(b);
    return x.not_null == y.not_null && str_eq(x.prefix, y.prefix) && x.min_length == y.min_length &&
           x.max_length == y.max_length &&
           same_bound(x.has_min, x.min, x.min_inclusive, y.has_min, y.min, y.min_inclusive) &&
           same_bound(x.has_max, x.max, x.max_inclusive, y.has_max, y.max, y.max_inclusive);
}

static bool same_elements(struct value a, struct value b) {
    if (a.count != b.count)
        return false;
    if (a.group == b.group)
        return true;
    for (size_t i = 0; i < a.count; i++) {
        if (a.kind == VALUE_MAP && !str_eq(a.group->keys[i], b.group->keys[i]))
            return false;
        if (!value_same(a.group->at[i], b.group->at[i]))
            return false;
    }
    return true;
}

bool value_same(struct value a, struct value b) {
    if (a.flags != b.flags || value_type(a) != value_type(b))
        return false;
    if (value_is_number(a) && value_is_number(b))
        return order_primitives(a, b) == 0;
    if (a.kind != b.kind)
        return false;
    if (is_group(a))
        return a.group == b.group || same_elements(a, b);
    switch ((enum value_kind)a.kind) {
    case VALUE_UNKNOWN:
        return same_unknowns(a, b);
    case VALUE_NULL:
        return true;
    case VALUE_TYPE:
        return a.type == b.type;
    default:
        return order_primitives(a, b) == 0;
    }
}

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 31);
}

uint64_t value_hash(struct value v) {
    uint64_t hash = mix(v.kind, 1);
    if (v.kind == VALUE_BOOL)
        return mix(hash, v.boolean);
    if (v.kind == VALUE_INT)
        return mix(hash, (uint64_t)v.integer);
    if (v.kind == VALUE_STRING)
        return mix(hash, str_hash(value_str(v)));
    if (v.kind == VALUE_BIGNUM && bignum_is_minus_zero(v.bignum))
        return value_hash(value_int(0));
    if (v.kind == VALUE_BIGNUM) {
        double d = bignum_to_double(v.bignum, NULL);
        uint64_t bits;
        memcpy(&bits, &d, sizeof bits);
        return mix(hash, bits);
    }
    for (size_t i = 0; is_group(v) && i < v.count; i++) {
        if (v.kind == VALUE_MAP)
            hash = mix(hash, str_hash(v.group->keys[i]));
        hash = mix(hash, value_hash(v.group->at[i]));
    }
    return hash;
}

void value_write_number(struct buf *out, struct value v) {
    if (v.kind == VALUE_INT)
        buf_addf(out, "%lld", (long long)v.integer);
    else
        bignum_write(out, v.bignum);
}
