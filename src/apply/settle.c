/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/settle.h"

#include "base/arena.h"

/* Same kind with other elements; types may change where they are dynamic. */
static struct value rebuild(struct arena *arena, struct value like, const struct value *items) {
    size_t n = value_count(like);
    const struct type *type = value_type(like);
    switch ((enum value_kind)like.kind) {
    case VALUE_LIST:
        return value_list(arena, n > 0 ? value_type(items[0]) : type->element, items, n);
    case VALUE_SET:
        return value_set(arena, n > 0 ? value_type(items[0]) : type->element, items, n);
    case VALUE_TUPLE:
        return value_tuple(arena, items, n);
    case VALUE_OBJECT:
        return value_object(arena, type->names, items, n);
    case VALUE_MAP: {
        struct str *keys = arena_array(arena, n, sizeof *keys);
        for (size_t i = 0; i < n; i++)
            keys[i] = value_key(like, i);
        return value_map(arena, n > 0 ? value_type(items[0]) : type->element, keys, items, n);
    }
    default:
        return like;
    }
}

static bool is_composite(struct value v) {
    return v.kind >= VALUE_LIST && v.kind <= VALUE_OBJECT;
}

struct value settle_planned(struct arena *arena, struct value planned, struct value final) {
    if (!value_is_known(planned))
        return final;
    if (value_is_wholly_known(planned) || !is_composite(planned))
        return planned;
    if (final.kind != planned.kind)
        return planned;
    /* Elements of a set have no place of their own by which to find their final selves. */
    if (planned.kind == VALUE_SET)
        return final;
    size_t n = value_count(planned);
    struct value *items = arena_array(arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        items[i] = value_at(planned, i);
        struct value other = items[i];
        if (planned.kind == VALUE_MAP || planned.kind == VALUE_OBJECT)
            found = value_get(final, value_key(planned, i), &other);
        else if (i < value_count(final))
            other = value_at(final, i), found = true;
        if (found)
            items[i] = settle_planned(arena, items[i], other);
    }
    return rebuild(arena, planned, items);
}

struct value settle_known(struct arena *arena, struct value v) {
    if (value_is_wholly_known(v))
        return v;
    if (!value_is_known(v))
        return value_mark(value_null(value_type(v)), value_marks(v));
    size_t n = value_count(v);
    struct value *items = arena_array(arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = settle_known(arena, value_at(v, i));
    return value_mark(rebuild(arena, v, items), value_marks(v));
}
