/* SPDX-License-Identifier: Apache-2.0 */
/* `for` expressions and splats. */
#include "base/map.h"
#include "eval/eval_int.h"
#include "eval/quote.h"
#include "value/convert.h"

/* One run of a `for` expression. */
struct run {
    struct eval_env env; /* with the two names bound */
    const struct expr *expr;
    const struct loop *loop;
    struct eval_binding key, value;
    unsigned marks;
    bool known; /* turns false when the result cannot be told */
};

static struct value dynamic(unsigned marks) {
    return value_mark(value_unknown(type_dynamic), marks);
}

static void fail_at(const struct run *run, const struct expr *at, const char *summary,
                    const char *detail, const char *word) {
    eval_fail(&run->env, expr_span(at), expr_span(run->expr), at, summary, detail, word);
}

/* What makes the result unknown is said of the first element only. */
static void spoil(struct run *run, const struct expr *at, const char *summary, const char *detail,
                  const char *word) {
    if (run->known)
        fail_at(run, at, summary, detail, word);
    run->known = false;
}

static void bind(struct run *run, struct value key, struct value value) {
    run->key.value = key;
    run->value.value = value;
}

static struct value element_key(struct value collection, size_t i) {
    switch ((enum value_kind)collection.kind) {
    case VALUE_MAP:
    case VALUE_OBJECT:
        return value_string_view(value_key(collection, i));
    case VALUE_SET:
        return value_at(collection, i);
    default:
        return value_int((int64_t)i);
    }
}

/* Before the first element: catches a condition of the wrong type once rather than each time. */
static bool check_condition(struct run *run) {
    const struct expr *condition = run->loop->condition;
    struct convert_error why;
    struct value as_bool;
    size_t errors = run->env.diags->n_errors;
    bind(run, dynamic(0), dynamic(0));
    struct value v = eval_any(&run->env, condition);
    if (value_is_null(v))
        fail_at(run, condition, "Condition is null",
                "The value of the 'if' clause must not be null.%s", "");
    else if (!convert_value(run->env.arena, v, type_bool, &as_bool, &why))
        fail_at(run, condition, "Invalid 'for' condition", "The 'if' clause value is invalid: %s.",
                eval_why(&run->env, &why));
    return run->env.diags->n_errors == errors;
}

/* False: this element is left out. */
static bool included(struct run *run) {
    const struct expr *condition = run->loop->condition;
    struct convert_error why;
    struct value as_bool;
    if (!condition)
        return true;
    struct value v = eval_any(&run->env, condition);
    if (value_is_null(v)) {
        spoil(run, condition, "Invalid 'for' condition",
              "The value of the 'if' clause must not be null.%s", "");
        return false;
    }
    if (!convert_value(run->env.arena, v, type_bool, &as_bool, &why)) {
        spoil(run, condition, "Invalid 'for' condition", "The 'if' clause value is invalid: %s.",
              eval_why(&run->env, &why));
        return false;
    }
    run->marks |= value_marks(as_bool);
    if (!value_is_known(as_bool)) {
        run->known = false;
        return false;
    }
    return value_unmark(as_bool).boolean;
}

/* False: no usable key, the whole result is unknown. */
static bool item_key(struct run *run, struct str *ret_key) {
    const struct expr *expr = run->loop->key;
    struct convert_error why;
    struct value key, v = eval_any(&run->env, expr);
    if (value_is_null(v)) {
        spoil(run, expr, "Invalid object key",
              "Key expression in 'for' expression must not produce a null value.%s", "");
        return false;
    }
    run->marks |= value_marks(v);
    if (!value_is_known(v)) {
        run->known = false;
        return false;
    }
    if (!convert_value(run->env.arena, v, type_string, &key, &why)) {
        spoil(run, expr, "Invalid object key", "The key expression produced an invalid result: %s.",
              eval_why(&run->env, &why));
        return false;
    }
    *ret_key = value_str(value_unmark(key));
    return true;
}

static struct value for_tuple(struct run *run, struct value collection) {
    size_t n = value_count(collection), kept = 0;
    struct value *items = arena_array(run->env.arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++) {
        bind(run, element_key(collection, i), value_at(collection, i));
        if (included(run))
            items[kept++] = eval_any(&run->env, run->loop->value);
    }
    return run->known ? value_tuple(run->env.arena, items, kept) : dynamic(0);
}

static struct value for_object(struct run *run, struct value collection) {
    size_t n = value_count(collection);
    struct object_build build;
    object_build_init(&build, run->env.arena);
    for (size_t i = 0; i < n; i++) {
        struct str key;
        bind(run, element_key(collection, i), value_at(collection, i));
        if (!included(run) || !item_key(run, &key))
            continue;
        if (!object_build_put(&build, key, eval_any(&run->env, run->loop->value), false))
            fail_at(run, run->loop->key, "Duplicate object key",
                    "Two different items produced the key %s in this 'for' expression. If "
                    "duplicates are expected, use the ellipsis (...) after the value expression "
                    "to enable grouping by key.",
                    quote_text(run->env.arena, key));
    }
    return run->known ? object_build_value(&build) : dynamic(0);
}

struct group {
    struct value *at;
    size_t n, cap;
};

static struct value for_groups(struct run *run, struct value collection) {
    struct arena *arena = run->env.arena;
    struct object_build build;
    struct map groups = {0};
    for (size_t i = 0; i < value_count(collection); i++) {
        struct str key;
        bind(run, element_key(collection, i), value_at(collection, i));
        if (!included(run) || !item_key(run, &key))
            continue;
        struct group *group = map_get(&groups, key);
        if (!group)
            map_put(arena, &groups, key, group = arena_alloc(arena, sizeof *group));
        group->at = arena_grow(arena, group->at, group->n, &group->cap, sizeof *group->at);
        group->at[group->n++] = eval_any(&run->env, run->loop->value);
    }
    if (!run->known)
        return dynamic(0);
    object_build_init(&build, arena);
    for (size_t i = 0; i < groups.n; i++) {
        const struct group *group = groups.entries[i].value;
        object_build_put(&build, groups.entries[i].key, value_tuple(arena, group->at, group->n),
                         true);
    }
    return object_build_value(&build);
}

static bool can_iterate(const struct type *type) {
    return type_is_collection(type) || type->kind == TYPE_TUPLE || type->kind == TYPE_OBJECT;
}

struct value loop_for(const struct eval_env *env, const struct expr *expr) {
    const struct loop *loop = expr->loop;
    struct run run = {.env = *env, .expr = expr, .loop = loop, .known = true};
    struct value result, collection = eval_any(env, loop->collection);
    const struct type *type = value_type(collection);
    run.marks = value_marks(collection);
    if (value_is_null(collection)) {
        fail_at(&run, loop->collection, "Iteration over null value",
                "A null value cannot be used as the collection in a 'for' expression.%s", "");
        return dynamic(0);
    }
    if (type == type_dynamic)
        return dynamic(run.marks);
    if (!can_iterate(type)) {
        fail_at(&run, loop->collection, "Iteration over non-iterable value",
                "A value of type %s cannot be used as the collection in a 'for' expression.",
                str_c(env->arena, type_friendly(env->arena, type)));
        return dynamic(0);
    }
    run.key = (struct eval_binding){loop->key_name, dynamic(0), env->bindings};
    run.value = (struct eval_binding){loop->value_name, dynamic(0),
                                      loop->key_name.len ? &run.key : env->bindings};
    run.env.bindings = &run.value;
    if (loop->condition && !check_condition(&run))
        return dynamic(0);
    if (!value_is_known(collection))
        return dynamic(run.marks);
    if (!loop->key)
        result = for_tuple(&run, collection);
    else
        result = loop->group ? for_groups(&run, collection) : for_object(&run, collection);
    return value_mark(result, run.marks);
}

/* The result's type, found by evaluating with elements that are unknown. */
static const struct type *splat_type(const struct eval_env *env, const struct expr *expr,
                                     const struct type *source) {
    struct eval_env inner = *env;
    struct value element;
    inner.each = &element;
    if (source->kind != TYPE_TUPLE) {
        element = value_unknown(source->element);
        return type_list(value_type(eval_any(&inner, expr->operand[1])));
    }
    const struct type **items = arena_array(env->arena, source->n, sizeof(*items));
    for (uint32_t i = 0; i < source->n; i++) {
        element = value_unknown(source->items[i]);
        items[i] = value_type(eval_any(&inner, expr->operand[1]));
    }
    return type_tuple(items, source->n);
}

static struct value splat_unknown(const struct eval_env *env, const struct expr *expr,
                                  struct value source) {
    const struct type *type = splat_type(env, expr, value_type(source));
    struct value_unknown what = {.type = type, .not_null = true, .max_length = -1};
    if (type->kind == TYPE_LIST) {
        struct value_unknown range = value_refinement(source);
        what.min_length = range.min_length;
        what.max_length = range.max_length;
    }
    return value_mark(value_unknown_refined(env->arena, &what), value_marks(source));
}

static struct value splat_list(const struct eval_env *env, const struct expr *expr,
                               const struct type *source, const struct value *items, size_t n) {
    if (n == 0)
        return value_list(env->arena, splat_type(env, expr, source)->element, NULL, 0);
    const struct type *element = type_dynamic;
    for (size_t i = 0; i < n; i++) {
        const struct type *type = value_type(items[i]);
        if (element != type_dynamic && type != type_dynamic && type != element) {
            eval_fail(env, expr_span(expr->operand[1]), expr_span(expr), NULL,
                      "Invalid nested splat expressions",
                      "The second level of splat expression produced elements of different types, "
                      "so it isn't possible to construct a valid list to represent the top-level "
                      "result.\n\nConsider using a for expression instead, to produce a "
                      "tuple-typed result which can therefore have non-homogenous element types.");
            return dynamic(0);
        }
        if (type != type_dynamic)
            element = type;
    }
    return value_list(env->arena, element, items, n);
}

static struct value splat_elements(const struct eval_env *env, const struct expr *expr,
                                   struct value source) {
    const struct type *type = value_type(source);
    size_t n = value_count(source), errors = env->diags->n_errors;
    struct value *items = arena_array(env->arena, n, sizeof *items);
    struct eval_env inner = *env;
    struct value element;
    inner.each = &element;
    for (size_t i = 0; i < n; i++) {
        element = value_at(source, i);
        items[i] = eval_any(&inner, expr->operand[1]);
    }
    if (env->diags->n_errors > errors) {
        /* The errors are told already; what is left is the result's type. */
        struct diags ignored = {.arena = env->arena};
        inner = *env;
        inner.diags = &ignored;
        return value_unknown(splat_type(&inner, expr, type));
    }
    if (type->kind == TYPE_TUPLE)
        return value_tuple(env->arena, items, n);
    return splat_list(env, expr, type, items, n);
}

struct value loop_splat(const struct eval_env *env, const struct expr *expr) {
    size_t errors = env->diags->n_errors;
    struct value source = eval_any(env, expr->operand[0]);
    const struct type *type = value_type(source);
    unsigned marks = value_marks(source);
    bool upgrade = type->kind != TYPE_TUPLE && type->kind != TYPE_LIST && type->kind != TYPE_SET;
    bool maybe_null = false;
    if (env->diags->n_errors > errors)
        return dynamic(0);
    if (value_is_null(source)) {
        if (upgrade)
            return value_mark(value_tuple(env->arena, NULL, 0), marks);
        eval_fail(env, expr_span(expr->operand[0]), expr_span(expr), expr->operand[0],
                  "Splat of null value",
                  "Splat expressions (with the * symbol) cannot be applied to null sequences.");
        return dynamic(0);
    }
    if (type == type_dynamic)
        return dynamic(marks);
    if (upgrade) {
        /* Null would give no element, so not even the type of the result is known; the element is
         * looked at all the same, for its errors. */
        maybe_null = !value_is_known(source) && !value_refinement(source).not_null;
        source = value_mark(value_tuple(env->arena, &source, 1), marks);
    }
    if (!value_is_known(source))
        return splat_unknown(env, expr, source);
    struct value result = splat_elements(env, expr, value_unmark(source));
    return maybe_null ? dynamic(marks) : value_mark(result, marks);
}
