/* SPDX-License-Identifier: Apache-2.0 */
/* Set algebra and the cartesian product. */
#include "eval/func_int.h"
#include "eval/value_set.h"

static const struct type *type_sets(struct func_call *call) {
    const struct type **types = arena_array(call->arena, call->n, sizeof(*types));
    size_t n = 0;
    for (size_t i = 0; i < call->n; i++) {
        const struct type *element = value_type(call->args[i])->element;
        bool empty = value_is_known(call->args[i]) && value_count(call->args[i]) == 0;
        if (!empty || element != type_dynamic)
            types[n++] = element;
    }
    const struct type *element = n ? convert_unify(call->arena, types, n) : type_dynamic;
    if (!element)
        return func_no_type(call, "given sets must all have compatible element types");
    return type_set(element);
}

static bool as_result_type(struct func_call *call, size_t i, struct value *ret_set) {
    struct convert_error why;
    if (convert_value(call->arena, call->args[i], call->type, ret_set, &why))
        return true;
    return func_fail_arg(call, i, "%.*s", STR_ARG(why.text));
}

static bool run_setunion(struct func_call *call, struct value *ret_value) {
    size_t total = 0, at = 0;
    for (size_t i = 0; i < call->n; i++)
        total += value_count(call->args[i]);
    struct value *items = arena_array(call->arena, total, sizeof *items);
    for (size_t i = 0; i < call->n; i++) {
        struct value set;
        if (!as_result_type(call, i, &set))
            return false;
        for (size_t j = 0; j < value_count(set); j++)
            items[at++] = value_at(set, j);
    }
    *ret_value = value_set(call->arena, call->type->element, items, at);
    return true;
}

/* Keeps what set number `i` has (or has not). */
static bool keep_by(struct func_call *call, size_t i, bool wanted, struct value *items, size_t *n) {
    struct value set;
    struct value_set index;
    size_t kept = 0;
    if (!as_result_type(call, i, &set))
        return false;
    value_set_init(&index, call->arena, value_count(set));
    for (size_t j = 0; j < value_count(set); j++)
        value_set_add(&index, value_at(set, j));
    for (size_t j = 0; j < *n; j++)
        if (value_set_has(&index, items[j]) == wanted)
            items[kept++] = items[j];
    *n = kept;
    return true;
}

static bool filter_first(struct func_call *call, bool wanted, struct value *ret_value) {
    struct value first;
    if (!as_result_type(call, 0, &first))
        return false;
    size_t n = value_count(first);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = value_at(first, i);
    for (size_t i = 1; i < call->n; i++)
        if (!keep_by(call, i, wanted, items, &n))
            return false;
    *ret_value = value_set(call->arena, call->type->element, items, n);
    return true;
}

static bool run_setintersection(struct func_call *call, struct value *ret_value) {
    return filter_first(call, true, ret_value);
}

static bool run_setsubtract(struct func_call *call, struct value *ret_value) {
    return filter_first(call, false, ret_value);
}

/* Type of the elements that argument i contributes; NULL: an error was set. */
static const struct type *product_element(struct func_call *call, size_t i) {
    const struct type *type = value_type(call->args[i]);
    if (type->kind == TYPE_SET || type->kind == TYPE_LIST)
        return type->element;
    if (type->kind != TYPE_TUPLE)
        return func_no_type_arg(call, i, "a set or a list is required");
    if (type->n == 0)
        return type_dynamic;
    const struct type *element = convert_unify(call->arena, type->items, type->n);
    return element ? element : func_no_type_arg(call, i, "all elements must be of the same type");
}

static const struct type *type_setproduct(struct func_call *call) {
    const struct type **items = arena_array(call->arena, call->n, sizeof(*items));
    bool lists = true;
    if (call->n < 2)
        return func_no_type(call, "at least two arguments are required");
    for (size_t i = 0; i < call->n; i++) {
        items[i] = product_element(call, i);
        if (!items[i])
            return NULL;
        lists = lists && value_type(call->args[i])->kind != TYPE_SET;
    }
    const struct type *tuple = type_tuple(items, call->n);
    return lists ? type_list(tuple) : type_set(tuple);
}

static bool product_size(struct func_call *call, size_t *ret_total) {
    size_t total = 1, parts = 0;
    for (size_t i = 0; i < call->n; i++)
        if (value_count(value_unmark(call->args[i])) == 0)
            total = 0;
    for (size_t i = 0; total && i < call->n; i++) {
        total *= value_count(value_unmark(call->args[i]));
        parts = total * call->n;
        if (total > EVAL_MAX_ELEMENTS || parts > 4 * EVAL_MAX_ELEMENTS)
            return func_fail(call, "the result would have more than %zu elements",
                             EVAL_MAX_ELEMENTS);
    }
    *ret_total = total;
    return true;
}

/* The elements of argument i, each of its place's type in the result's tuples. */
static bool product_column(struct func_call *call, size_t i, struct value *ret_items) {
    const struct type *want = call->type->element->items[i];
    struct value list = value_unmark(call->args[i]);
    for (size_t j = 0; j < value_count(list); j++) {
        struct convert_error why;
        if (!convert_value(call->arena, value_at(list, j), want, &ret_items[j], &why))
            return func_fail_arg(call, i, "%.*s", STR_ARG(why.text));
    }
    return true;
}

static bool run_setproduct(struct func_call *call, struct value *ret_value) {
    size_t total = 0;
    unsigned marks = 0;
    bool doubtful = false;
    if (!product_size(call, &total))
        return false;
    for (size_t i = 0; i < call->n; i++) {
        marks |= value_marks(call->args[i]);
        doubtful = doubtful || ops_may_shrink(call->args[i]);
    }
    if (doubtful) {
        *ret_value = value_mark(value_unknown(call->type), marks);
        return true;
    }
    struct value **columns = arena_array(call->arena, call->n, sizeof *columns);
    struct value *tuples = arena_array(call->arena, total, sizeof *tuples);
    struct value *row = arena_array(call->arena, call->n, sizeof *row);
    for (size_t i = 0; total && i < call->n; i++) {
        size_t n = value_count(value_unmark(call->args[i]));
        columns[i] = arena_array(call->arena, n, sizeof **columns);
        if (!product_column(call, i, columns[i]))
            return false;
    }
    for (size_t t = 0; t < total; t++) {
        size_t rest = t;
        for (size_t i = call->n; i-- > 0;) {
            size_t n = value_count(value_unmark(call->args[i]));
            row[i] = columns[i][rest % n];
            rest /= n;
        }
        tuples[t] = value_tuple(call->arena, row, call->n);
    }
    struct value all = call->type->kind == TYPE_LIST
                           ? value_list(call->arena, call->type->element, tuples, total)
                           : value_set(call->arena, call->type->element, tuples, total);
    *ret_value = value_mark(all, marks);
    return true;
}

static const struct func_param first_set[] = {{"first_set", NULL, func_set_of_any, 0, NULL}};
static const struct func_param other_sets = {"other_sets", NULL, func_set_of_any, 0, NULL};
static const struct func_param union_first[] = {
    {"first_set", NULL, func_set_of_any, FUNC_PARTIAL, NULL}};
static const struct func_param union_others = {"other_sets", NULL, func_set_of_any, FUNC_PARTIAL,
                                               NULL};
static const struct func_param subtract_params[] = {{"a", NULL, func_set_of_any, 0, NULL},
                                                    {"b", NULL, func_set_of_any, 0, NULL}};
static const struct func_param product_sets = {"sets", NULL, NULL, FUNC_PARTIAL | FUNC_MARKED,
                                               NULL};

static const struct func functions[] = {
    {"setintersection", first_set, 1, &other_sets, type_sets, .make_result = func_set_of_any,
     .run = run_setintersection},
    {"setproduct", NULL, 0, &product_sets, type_setproduct, .run = run_setproduct},
    {"setsubtract", subtract_params, 2, .result_type = type_sets, .make_result = func_set_of_any,
     .run = run_setsubtract},
    {"setunion", union_first, 1, &union_others, type_sets, .make_result = func_set_of_any,
     .run = run_setunion},
};

const struct func_table func_set_table = {functions, COUNT(functions)};
