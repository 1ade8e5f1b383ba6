/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_int.h"

static struct value keep(struct arena *arena, struct value prior, struct value v,
                         const struct step *steps, uint32_t n);

static struct str step_name(const struct step *step) {
    if (step->kind == STEP_ATTR)
        return step->name;
    return step->index.kind == VALUE_STRING ? value_str(step->index) : (struct str){0};
}

static struct value keep_attr(struct arena *arena, struct value prior, struct value v,
                              const struct step *steps, uint32_t n) {
    const struct type *type = value_type(v);
    struct str name = step_name(steps);
    size_t count = value_count(v);
    struct value *values = arena_array(arena, count, sizeof *values);
    bool fits = true;
    for (size_t i = 0; i < count; i++) {
        values[i] = value_at(v, i);
        struct value old;
        if (!str_eq(value_key(v, i), name) || !value_get(prior, name, &old))
            continue;
        values[i] = keep(arena, old, values[i], steps + 1, n - 1);
        fits = type->items[i]->kind == TYPE_DYNAMIC || value_type(values[i]) == type->items[i];
    }
    /* Within an attribute of any type the old part may be of another type than the new one. */
    return fits ? value_object_of(arena, type, values)
                : value_object(arena, type->names, values, count);
}

/* An element of a map may also be missing on either side. */
static struct value keep_element(struct arena *arena, struct value prior, struct value v,
                                 const struct step *steps, uint32_t n) {
    struct str key = step_name(steps);
    bool usable = !value_is_null(v);
    size_t count = usable ? value_count(v) : 0;
    struct str *keys = arena_array(arena, count + 1, sizeof *keys);
    struct value *values = arena_array(arena, count + 1, sizeof *values);
    struct value old;
    bool had = !value_is_null(prior) && value_get(prior, key, &old);
    bool seen = false;
    size_t out = 0;
    for (size_t i = 0; i < count; i++) {
        keys[out] = value_key(v, i);
        values[out] = value_at(v, i);
        if (str_eq(keys[out], key)) {
            seen = true;
            if (!had)
                continue;
            values[out] = keep(arena, old, values[out], steps + 1, n - 1);
        }
        out++;
    }
    if (!seen && had && n == 1) {
        keys[out] = key;
        values[out++] = old;
    }
    if (out == 0 && !usable)
        return v;
    return value_map(arena, value_type(v)->element, keys, values, out);
}

static struct value keep_item(struct arena *arena, struct value prior, struct value v,
                              const struct step *steps, uint32_t n) {
    int64_t index;
    if (steps->kind != STEP_INDEX || !value_to_int(steps->index, &index) || index < 0 ||
        (size_t)index >= value_count(v) || (size_t)index >= value_count(prior))
        return v;
    size_t count = value_count(v);
    struct value *values = arena_array(arena, count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = value_at(v, i);
    values[index] = keep(arena, value_at(prior, (size_t)index), values[index], steps + 1, n - 1);
    return v.kind == VALUE_LIST ? value_list(arena, value_type(v)->element, values, count)
                                : value_tuple(arena, values, count);
}

/* v with the part at steps as it is in prior. */
static struct value keep(struct arena *arena, struct value prior, struct value v,
                         const struct step *steps, uint32_t n) {
    if (n == 0)
        return prior;
    unsigned marks = value_marks(v);
    struct value plain = value_unmark(v), old = value_unmark(prior);
    if (!value_is_known(plain) || !value_is_known(old))
        return v;
    const struct type *type = value_type(plain);
    struct value result = plain;
    /* A key in quotes means an element of a map; anything else is ignored as a whole. */
    if (n == 1 && steps->kind == STEP_INDEX && steps->index.kind == VALUE_STRING &&
        type->kind != TYPE_MAP)
        return prior;
    if (type->kind == TYPE_MAP && !(value_is_null(plain) && value_is_null(old)))
        result = keep_element(arena, old, plain, steps, n);
    else if (value_is_null(plain) || value_is_null(old))
        return v;
    else if (type->kind == TYPE_OBJECT && old.kind == VALUE_OBJECT)
        result = keep_attr(arena, old, plain, steps, n);
    else if ((type->kind == TYPE_LIST || type->kind == TYPE_TUPLE) && old.kind == plain.kind)
        result = keep_item(arena, old, plain, steps, n);
    return marks ? value_mark(result, marks) : result;
}

/* `all`: everything that the configuration could have set is as it was. */
static struct value keep_all(struct arena *arena, const struct schema_block *block,
                             struct value prior, struct value v) {
    if (!block)
        return prior;
    const struct type *type = value_type(v);
    struct value *values = arena_array(arena, type->n, sizeof *values);
    for (uint32_t i = 0; i < type->n; i++) {
        struct str name = intern_str(type->names[i]);
        const struct schema_attr *attr = schema_attr(block, name);
        bool computed_only = attr && attr->computed && !attr->optional;
        values[i] = computed_only ? value_at(v, i) : value_attr(prior, name);
    }
    return value_object_of(arena, type, values);
}

struct value ignore_changes_apply(struct arena *arena, const struct config_resource *config,
                                  const struct schema_block *block, struct value prior,
                                  struct value v) {
    const struct config_lifecycle *lifecycle = &config->lifecycle;
    if (value_is_null(prior) || value_is_null(v) ||
        (!lifecycle->ignore_all && lifecycle->n_ignore == 0))
        return v;
    if (lifecycle->ignore_all)
        return keep_all(arena, block, prior, v);
    for (size_t i = 0; i < lifecycle->n_ignore; i++) {
        const struct traversal *t = &lifecycle->ignore_changes[i];
        struct step *steps = arena_array(arena, (size_t)t->n + 1, sizeof *steps);
        uint32_t n = 0;
        if (t->root.len)
            steps[n++] = (struct step){.kind = STEP_ATTR, .name = t->root};
        for (uint32_t k = 0; k < t->n; k++)
            steps[n++] = t->steps[k];
        v = keep(arena, prior, v, steps, n);
    }
    return v;
}
