/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/compat.h"

#include "apply/gostring.h"
#include "base/arena.h"
#include "base/buf.h"
#include "value/convert.h"

/* Where a comparison is and where its problems go. */
struct compare {
    struct arena *arena;
    struct compat_problems *problems;
    struct path path;
};

static void report(const struct compare *c, struct str text) {
    if (c->path.n > 0)
        text = str_format(c->arena, "%.*s: %.*s", STR_ARG(path_text(c->arena, c->path)),
                          STR_ARG(text));
    struct compat_problems *p = c->problems;
    p->at = arena_grow(c->arena, p->at, p->n, &p->cap, sizeof *p->at);
    p->at[p->n++] = text;
}

static struct compare below(const struct compare *c, struct path path) {
    return (struct compare){c->arena, c->problems, path};
}

static bool usable(struct value v) {
    return value_is_known(v) && !value_is_null(v);
}

/* Would the comparison find anything? */
typedef bool matches_fn(struct arena *arena, const void *context, struct value planned,
                        struct value actual);

static void compare_sets(const struct compare *c, struct value planned, struct value actual,
                         const char *length_text, matches_fn *matches, const void *context) {
    size_t n = value_count(planned), m = value_count(actual);
    bool *seen = arena_array(c->arena, m, sizeof *seen);
    size_t before = c->problems->n;
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t j = 0; j < m; j++)
            if (matches(c->arena, context, value_at(planned, i), value_at(actual, j)))
                found = seen[j] = true;
        if (!found)
            report(c, str_format(c->arena,
                                 "planned set element %.*s does not correlate with any element in "
                                 "actual",
                                 STR_ARG(gostring_value(c->arena, value_at(planned, i)))));
    }
    for (size_t j = 0; j < m && c->problems->n == before; j++) {
        if (!seen[j])
            report(c, str_format(c->arena,
                                 "actual set element %.*s does not correlate with any element in "
                                 "plan",
                                 STR_ARG(gostring_value(c->arena, value_at(actual, j)))));
    }
    if (n < m)
        report(c, str_format(c->arena, "%s changed from %zu to %zu", length_text, n, m));
}

static void compare_values(const struct compare *c, struct value planned, struct value actual);

static bool values_match(struct arena *arena, const void *context, struct value planned,
                         struct value actual) {
    (void)context;
    struct compat_problems problems = {0};
    compare_values(&(struct compare){arena, &problems, {0}}, planned, actual);
    return problems.n == 0;
}

static struct str element_text(struct arena *arena, struct value v, size_t i) {
    if (v.kind != VALUE_MAP && v.kind != VALUE_OBJECT)
        return str_format(arena, "%zu", i);
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    gostring_quote(&out, value_key(v, i));
    return buf_take(&out, arena);
}

static bool element_of(struct value whole, struct value like, size_t i, struct value *ret_element) {
    if (whole.kind == VALUE_MAP || whole.kind == VALUE_OBJECT)
        return value_get(whole, value_key(like, i), ret_element);
    if (i >= value_count(whole))
        return false;
    *ret_element = value_at(whole, i);
    return true;
}

static struct path element_path(const struct compare *c, struct value v, size_t i) {
    if (v.kind == VALUE_OBJECT)
        return path_attr(c->arena, c->path, value_key(v, i));
    if (v.kind == VALUE_MAP)
        return path_key(c->arena, c->path, value_key(v, i));
    return path_index(c->arena, c->path, (int64_t)i);
}

static void compare_keyed(const struct compare *c, struct value planned, struct value actual) {
    struct value other;
    for (size_t i = 0; i < value_count(planned); i++) {
        if (!element_of(actual, planned, i, &other)) {
            report(c, str_format(c->arena, "element %.*s has vanished",
                                 STR_ARG(element_text(c->arena, planned, i))));
            continue;
        }
        struct compare inner = below(c, element_path(c, planned, i));
        compare_values(&inner, value_at(planned, i), other);
    }
    for (size_t i = 0; i < value_count(actual); i++) {
        if (!element_of(planned, actual, i, &other))
            report(c, str_format(c->arena, "new element %.*s has appeared",
                                 STR_ARG(element_text(c->arena, actual, i))));
    }
}

static void report_pair(const struct compare *c, const char *format, struct value a) {
    struct str text = gostring_value(c->arena, a);
    report(c, str_format(c->arena, format, STR_ARG(text)));
}

/* A type that holds where the planned one is dynamic may be any. */
static bool conforms(const struct type *actual, const struct type *planned) {
    if (actual == planned || planned->kind == TYPE_DYNAMIC)
        return true;
    if (actual->kind != planned->kind || !planned->has_dynamic || actual->n != planned->n)
        return false;
    if (type_is_collection(planned))
        return conforms(actual->element, planned->element);
    for (uint32_t i = 0; i < planned->n; i++) {
        if (planned->kind == TYPE_OBJECT && actual->names[i] != planned->names[i])
            return false;
        if (!conforms(actual->items[i], planned->items[i]))
            return false;
    }
    return true;
}

static bool within(const struct value_unknown *what, struct value actual) {
    if (what->not_null && value_is_null(actual))
        return false;
    return actual.kind != VALUE_STRING || str_starts(value_str(actual), what->prefix);
}

static void compare_values(const struct compare *c, struct value planned, struct value actual) {
    const struct type *wanted = value_type(planned);
    if (wanted->kind == TYPE_DYNAMIC)
        return;
    if (!conforms(value_type(actual), wanted)) {
        struct str why = convert_mismatch(c->arena, value_type(actual), wanted);
        report(c, str_format(c->arena, "wrong final value type: %.*s", STR_ARG(why)));
        return;
    }
    if (!value_is_known(planned)) {
        struct value_unknown what = value_refinement(planned);
        if (!within(&what, actual))
            report(c, str_format(c->arena,
                                 "final value %.*s does not conform to planning placeholder %.*s",
                                 STR_ARG(gostring_value(c->arena, actual)),
                                 STR_ARG(gostring_value(c->arena, planned))));
        return;
    }
    if (value_is_null(actual)) {
        if (!value_is_null(planned))
            report_pair(c, "was %.*s, but now null", planned);
        return;
    }
    if (value_is_null(planned)) {
        report_pair(c, "was null, but now %.*s", actual);
        return;
    }
    if (!value_is_known(actual)) {
        report(c, S("was known, but now unknown"));
        return;
    }
    if (planned.kind == VALUE_SET)
        compare_sets(c, planned, actual, "length", values_match, NULL);
    else if (planned.kind >= VALUE_LIST && planned.kind <= VALUE_OBJECT)
        compare_keyed(c, planned, actual);
    else if (!value_same(planned, actual))
        report(c, str_format(c->arena, "was %.*s, but now %.*s",
                             STR_ARG(gostring_value(c->arena, planned)),
                             STR_ARG(gostring_value(c->arena, actual))));
}

static void compare_attr(const struct compare *c, const struct schema_attr *attr,
                         struct value planned, struct value actual) {
    unsigned marks = value_marks_inside(planned) | value_marks_inside(actual);
    planned = value_unmark_deep(c->arena, planned);
    actual = value_unmark_deep(c->arena, actual);
    if (!attr->sensitive && !(marks & VALUE_SENSITIVE)) {
        compare_values(c, planned, actual);
        return;
    }
    if (!values_match(c->arena, NULL, planned, actual))
        report(c, S("inconsistent values for sensitive attribute"));
}

static void compare_block(const struct compare *c, const struct schema_block *block,
                          struct value planned, struct value actual);

static bool blocks_match(struct arena *arena, const void *context, struct value planned,
                         struct value actual) {
    struct compat_problems problems = {0};
    compare_block(&(struct compare){arena, &problems, {0}}, context, planned, actual);
    return problems.n == 0;
}

static void compare_block_elements(const struct compare *c, const struct schema_block *block,
                                   struct value planned, struct value actual) {
    size_t n = value_count(planned), m = value_count(actual);
    if (n != m && planned.kind != VALUE_OBJECT) {
        report(c, str_format(c->arena, "block count changed from %zu to %zu", n, m));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct value other;
        if (!element_of(actual, planned, i, &other)) {
            if (planned.kind == VALUE_OBJECT)
                report(c, str_format(c->arena, "block key \"%.*s\" has vanished",
                                     STR_ARG(value_key(planned, i))));
            continue;
        }
        struct compare inner = below(c, element_path(c, planned, i));
        compare_block(&inner, block, value_at(planned, i), other);
    }
}

static void compare_nested(const struct compare *c, const struct schema_nested *nested,
                           struct value planned, struct value actual) {
    planned = value_unmark(planned);
    actual = value_unmark(actual);
    switch (nested->nesting) {
    case NESTING_SINGLE:
    case NESTING_GROUP:
        /* A block of unknown number may have come to nothing. */
        if (value_is_known(planned) || !value_is_null(actual))
            compare_block(c, nested->block, planned, actual);
        return;
    case NESTING_LIST:
    case NESTING_MAP:
        if (usable(planned) && usable(actual))
            compare_block_elements(c, nested->block, planned, actual);
        return;
    case NESTING_SET:
        if (usable(planned) && usable(actual))
            compare_sets(c, planned, actual, "block set length", blocks_match, nested->block);
        return;
    }
}

static void compare_block(const struct compare *c, const struct schema_block *block,
                          struct value planned, struct value actual) {
    const char *root = c->path.n == 0 ? "root object " : "";
    if (value_is_null(planned) != value_is_null(actual)) {
        report(c, str_format(c->arena,
                             value_is_null(planned) ? "%swas absent, but now present"
                                                    : "%swas present, but now absent",
                             root));
        return;
    }
    if (!usable(planned) || !usable(actual))
        return;
    for (size_t i = 0; i < block->n_attrs; i++) {
        const struct schema_attr *attr = &block->attrs[i];
        struct value a, b;
        if (!value_get(planned, attr->name, &a) || !value_get(actual, attr->name, &b))
            continue;
        struct compare inner = below(c, path_attr(c->arena, c->path, attr->name));
        compare_attr(&inner, attr, a, b);
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        const struct schema_nested *nested = &block->blocks[i];
        struct value a, b;
        if (!value_get(planned, nested->name, &a) || !value_get(actual, nested->name, &b))
            continue;
        struct compare inner = below(c, path_attr(c->arena, c->path, nested->name));
        compare_nested(&inner, nested, a, b);
    }
}

void compat_check(struct arena *arena, const struct schema_block *block, struct value planned,
                  struct value actual, struct compat_problems *problems) {
    compare_block(&(struct compare){arena, problems, {0}}, block, planned, actual);
}
