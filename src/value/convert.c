/* SPDX-License-Identifier: Apache-2.0 */
#include "value/convert.h"

#include "base/arena.h"
#include "base/buf.h"
#include "value/unify.h"
#include "value/value_int.h"

/* What a conversion carries down. */
struct run {
    struct arena *arena;
    struct convert_error *error;
};

static bool convert(struct run *run, struct value v, const struct type *to,
                    const struct trail *trail, struct value *ret_value);

static bool fail(struct run *run, const struct trail *trail, struct str text) {
    *run->error = (struct convert_error){path_from_trail(run->arena, trail), text};
    return false;
}

/* What is known of an unknown keeps what the conversion does not change. */
static struct value convert_unknown(struct run *run, struct value v, const struct type *to) {
    struct value_unknown from = value_refinement(v);
    struct value_unknown what = {.type = unify_fill_dynamic(from.type, to),
                                 .not_null = from.not_null};
    if (!type_is_collection(what.type))
        return value_unknown_refined(run->arena, &what);
    bool set = what.type->kind == TYPE_SET;
    if (from.type->kind == TYPE_OBJECT || from.type->kind == TYPE_TUPLE) {
        what.max_length = from.type->n;
        what.min_length = set && what.max_length > 1 ? 1 : what.max_length;
    } else if (type_is_collection(from.type)) {
        what.max_length = from.max_length;
        what.min_length = set && from.min_length > 1 ? 1 : from.min_length;
    }
    return value_unknown_refined(run->arena, &what);
}

static bool string_to_bool(struct run *run, struct str text, const struct trail *trail,
                           struct value *ret_value) {
    bool yes = str_eq(text, S("true")) || str_eq(text, S("1"));
    if (yes || str_eq(text, S("false")) || str_eq(text, S("0"))) {
        *ret_value = value_bool(yes);
        return true;
    }
    if (str_eq_nocase(text, S("true")))
        return fail(run, trail,
                    S("a bool is required; to convert from string, use lowercase \"true\""));
    if (str_eq_nocase(text, S("false")))
        return fail(run, trail,
                    S("a bool is required; to convert from string, use lowercase \"false\""));
    return fail(run, trail, S("a bool is required"));
}

static bool convert_primitive(struct run *run, struct value v, const struct type *to,
                              const struct trail *trail, struct value *ret_value) {
    if (to == type_bool)
        return string_to_bool(run, value_str(v), trail, ret_value);
    if (to == type_number)
        return value_number_parse(run->arena, value_str(v), ret_value) ||
               fail(run, trail, S("a number is required"));
    if (v.kind == VALUE_BOOL) {
        *ret_value = value_string_view(v.boolean ? S("true") : S("false"));
        return true;
    }
    struct buf text;
    buf_init(&text, BUF_MAX_TEXT);
    value_write_number(&text, v);
    *ret_value = value_string_view(buf_take(&text, run->arena));
    return true;
}

/* Brings converted elements that differ in type, because the wanted one has "any" in it, together.
 */
static bool align(struct run *run, struct value *at, size_t n, const struct trail *trail) {
    bool same = true;
    for (size_t i = 1; i < n; i++)
        same &= value_type(at[i]) == value_type(at[0]);
    if (same)
        return true;
    const struct type **types = arena_array(run->arena, n, sizeof *types);
    for (size_t i = 0; i < n; i++)
        types[i] = value_type(at[i]);
    const struct type *common = unify_types(types, n, true);
    if (!common || common->kind == TYPE_DYNAMIC)
        return common || fail(run, trail, S("cannot find a common base type for all elements"));
    for (size_t i = 0; i < n; i++)
        if (!convert(run, at[i], common, trail, &at[i]))
            return false;
    return true;
}

/* Element type of a new collection: that of its elements, where one is known. */
static bool element_type(const struct value *at, size_t n, const struct type *wanted,
                         const struct type **ret_type) {
    const struct type *found = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct type *type = value_type(at[i]);
        if (type->kind == TYPE_DYNAMIC)
            continue;
        if (found && found != type)
            return false;
        found = type;
    }
    *ret_type = found ? found : type_without_optional(wanted);
    return true;
}

static struct str words_of(const struct value v, enum type_kind to) {
    if (to == TYPE_MAP)
        return v.kind == VALUE_OBJECT ? S("attribute types must all match for conversion to map")
                                      : S("element types must all match for conversion to map");
    return to == TYPE_SET ? S("element types must all match for conversion to set")
                          : S("element types must all match for conversion to list");
}

static struct value collect(struct run *run, struct value v, const struct type *to,
                            const struct type *element, const struct value *at, size_t n) {
    if (to->kind == TYPE_LIST)
        return value_list(run->arena, element, at, n);
    if (to->kind == TYPE_SET)
        return value_set(run->arena, element, at, n);
    struct str *keys = arena_array(run->arena, n, sizeof *keys);
    for (size_t i = 0; i < n; i++)
        keys[i] = value_key(v, i);
    return value_map(run->arena, element, keys, at, n);
}

/* Only these conversions look for a common type; the others want the elements to have one. */
static bool aligns(const struct type *own, const struct type *to, const struct type *wanted) {
    if (!wanted->has_dynamic)
        return false;
    if (to->kind == TYPE_MAP)
        return type_is_collection(wanted) || wanted->kind == TYPE_OBJECT;
    return to->kind == TYPE_LIST && own->kind == TYPE_TUPLE;
}

static bool convert_to_collection(struct run *run, struct value v, const struct type *to,
                                  const struct trail *trail, struct value *ret_value) {
    const struct type *own = value_type(v), *wanted = to->element;
    size_t n = value_count(v);
    if (v.kind == VALUE_SET && to->kind == TYPE_LIST && n > 1 && !value_is_wholly_known(v)) {
        *ret_value = value_unknown(type_list(own->element));
        return true;
    }
    if (wanted->kind == TYPE_DYNAMIC && own->element)
        wanted = own->element;
    else if (wanted->kind == TYPE_DYNAMIC && n)
        wanted = unify_types(own->items, own->n, true);
    struct value *at = arena_array(run->arena, n, sizeof *at);
    bool named = to->kind == TYPE_MAP;
    struct trail step = {trail, {.kind = named ? PATH_KEY : PATH_INDEX}};
    for (size_t i = 0; i < n; i++) {
        if (named)
            step.step.name = value_key(v, i);
        else
            step.step.index = (int64_t)i;
        if (!convert(run, value_at(v, i), wanted, &step, &at[i]))
            return false;
    }
    /* A list is blamed at its last element, as the reference does. */
    if (aligns(own, to, wanted) && !align(run, at, n, n && !named ? &step : trail))
        return false;
    const struct type *element;
    if (!element_type(at, n, wanted, &element))
        return fail(run, trail, words_of(v, to->kind));
    *ret_value = collect(run, v, to, element, at, n);
    return true;
}

static bool convert_to_tuple(struct run *run, struct value v, const struct type *to,
                             const struct trail *trail, struct value *ret_value) {
    struct value *at = arena_array(run->arena, to->n, sizeof *at);
    for (uint32_t i = 0; i < to->n; i++) {
        struct trail step = {trail, {.kind = PATH_INDEX, .index = i}};
        if (!convert(run, value_at(v, i), to->items[i], &step, &at[i]))
            return false;
    }
    *ret_value = value_tuple(run->arena, at, to->n);
    return true;
}

/* An attribute that an object or map may lack. */
static bool convert_attribute(struct run *run, struct value v, const struct type *to, uint32_t i,
                              const struct trail *trail, struct value *ret_value) {
    struct str name = intern_str(to->names[i]);
    struct value given;
    if (!value_get(v, name, &given)) {
        bool optional = to->optional && to->optional[i];
        *ret_value = value_null(type_without_optional(to->items[i]));
        return optional ||
               fail(run, trail,
                    str_format(run->arena, "map has no element for required attribute \"%.*s\"",
                               STR_ARG(name)));
    }
    if (v.kind == VALUE_MAP && !unify_can_convert(value_type(given), to->items[i], true)) {
        struct str why = unify_mismatch(run->arena, value_type(given), to->items[i]);
        return fail(run, trail,
                    str_format(run->arena,
                               "map element type is incompatible with attribute \"%.*s\": %.*s",
                               STR_ARG(name), STR_ARG(why)));
    }
    enum path_kind kind = v.kind == VALUE_MAP ? PATH_KEY : PATH_ATTR;
    struct trail step = {trail, {.kind = kind, .name = name}};
    return convert(run, given, to->items[i], &step, ret_value);
}

static bool convert_to_object(struct run *run, struct value v, const struct type *to,
                              const struct trail *trail, struct value *ret_value) {
    struct value *at = arena_array(run->arena, to->n, sizeof *at);
    for (uint32_t i = 0; i < to->n; i++)
        if (!convert_attribute(run, v, to, i, trail, &at[i]))
            return false;
    *ret_value = value_object(run->arena, to->names, at, to->n);
    return true;
}

static bool convert(struct run *run, struct value v, const struct type *to,
                    const struct trail *trail, struct value *ret_value) {
    if (to->kind == TYPE_DYNAMIC || value_type(v) == to ||
        value_type(v) == type_without_optional(to)) {
        *ret_value = v;
        return true;
    }
    unsigned marks = value_marks(v);
    v = value_unmark(v);
    struct value made = v;
    bool ok = true;
    if (v.kind == VALUE_UNKNOWN)
        made = convert_unknown(run, v, type_without_optional(to));
    else if (v.kind == VALUE_NULL)
        made = value_null(unify_fill_dynamic(value_type(v), type_without_optional(to)));
    else if (!unify_can_convert(value_type(v), to, true))
        ok = fail(run, trail, unify_mismatch(run->arena, value_type(v), to));
    else if (type_is_primitive(to))
        ok = convert_primitive(run, v, to, trail, &made);
    else if (type_is_collection(to))
        ok = convert_to_collection(run, v, to, trail, &made);
    else if (to->kind == TYPE_TUPLE)
        ok = convert_to_tuple(run, v, to, trail, &made);
    else
        ok = convert_to_object(run, v, to, trail, &made);
    if (ok)
        *ret_value = value_mark(made, marks);
    return ok;
}

bool convert_value(struct arena *arena, struct value v, const struct type *type,
                   struct value *ret_value, struct convert_error *ret_error) {
    struct run run = {arena, ret_error};
    /* A type that cannot fit is said once for the whole, in words that name the place. */
    if (!unify_can_convert(value_type(v), type, true) &&
        value_type(v) != type_without_optional(type))
        return fail(&run, NULL, unify_mismatch(arena, value_type(v), type));
    return convert(&run, v, type, NULL, ret_value);
}

bool convert_possible(const struct type *from, const struct type *to) {
    return unify_can_convert(from, to, true) || from == type_without_optional(to);
}

const struct type *convert_unify(struct arena *scratch, const struct type *const *types, size_t n) {
    (void)scratch;
    return unify_types(types, n, true);
}

struct str convert_error_text(struct arena *arena, const struct convert_error *error) {
    if (!error->path.n)
        return error->text;
    struct str path = path_text(arena, error->path);
    return str_format(arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(error->text));
}

struct str convert_mismatch(struct arena *arena, const struct type *from, const struct type *to) {
    return unify_mismatch(arena, from, to);
}
