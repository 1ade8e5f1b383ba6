/* SPDX-License-Identifier: Apache-2.0 */
/* Conversion, marks, and what a value is. */
#include "eval/func_int.h"

static const struct type *convert_type(struct func_call *call, const struct type *want) {
    const struct type *from = value_type(call->args[0]);
    if (from == want || from == type_dynamic || convert_possible(from, want))
        return want;
    return func_no_type_arg(call, 0, "cannot convert %s to %s", func_friendly(call, from),
                            str_c(call->arena, type_friendly_constraint(call->arena, want)));
}

static const struct type *type_tobool(struct func_call *call) {
    return convert_type(call, type_bool);
}

static const struct type *type_tonumber(struct func_call *call) {
    return convert_type(call, type_number);
}

static const struct type *type_tostring(struct func_call *call) {
    return convert_type(call, type_string);
}

static const struct type *type_tolist(struct func_call *call) {
    return convert_type(call, func_list_of_any());
}

static const struct type *type_toset(struct func_call *call) {
    return convert_type(call, func_set_of_any());
}

static const struct type *type_tomap(struct func_call *call) {
    return convert_type(call, func_map_of_any());
}

static bool conversion_failed(struct func_call *call) {
    struct value v = call->args[0];
    const struct type *from = value_type(v);
    struct str want = type_friendly_constraint(call->arena, call->type);
    if (value_marks_inside(v) & VALUE_SENSITIVE)
        return func_fail_arg(call, 0, "cannot convert this sensitive %s to %.*s",
                             func_friendly(call, from), STR_ARG(want));
    if (from == type_string && call->type == type_bool)
        return func_fail_arg(call, 0,
                             "cannot convert %s to bool; only the strings \"true\" or "
                             "\"false\" are allowed",
                             quote_text(call->arena, value_str(v)));
    if (from == type_string && call->type == type_number)
        return func_fail_arg(call, 0,
                             "cannot convert %s to number; given string must be a decimal "
                             "representation of a number",
                             quote_text(call->arena, value_str(v)));
    return func_fail_arg(call, 0, "cannot convert %s to %.*s", func_friendly(call, from),
                         STR_ARG(want));
}

static bool run_convert(struct func_call *call, struct value *ret_value) {
    struct convert_error why;
    if (convert_value(call->arena, call->args[0], call->type, ret_value, &why))
        return true;
    return conversion_failed(call);
}

static const struct type *type_same(struct func_call *call) {
    return value_type(call->args[0]);
}

static bool run_sensitive(struct func_call *call, struct value *ret_value) {
    *ret_value = value_mark(call->args[0], VALUE_SENSITIVE);
    return true;
}

static bool run_nonsensitive(struct func_call *call, struct value *ret_value) {
    unsigned marks = value_marks(call->args[0]) & ~(unsigned)VALUE_SENSITIVE;
    *ret_value = value_mark(value_unmark(call->args[0]), marks);
    return true;
}

static bool run_issensitive(struct func_call *call, struct value *ret_value) {
    struct value v = call->args[0];
    bool sensitive = value_marks(v) & VALUE_SENSITIVE;
    *ret_value = sensitive || value_is_known(v) ? value_bool(sensitive) : value_unknown(type_bool);
    return true;
}

static struct value without_ephemeral(struct arena *arena, struct value v);

static struct value rebuild(struct arena *arena, struct value v) {
    const struct type *type = value_type(v);
    size_t n = value_count(v);
    struct value *items = arena_array(arena, n, sizeof *items);
    struct str *keys = NULL;
    for (size_t i = 0; i < n; i++)
        items[i] = without_ephemeral(arena, value_at(v, i));
    switch ((enum value_kind)v.kind) {
    case VALUE_TUPLE:
        return value_tuple(arena, items, n);
    case VALUE_LIST:
        return value_list(arena, type->element, items, n);
    case VALUE_SET:
        return value_set(arena, type->element, items, n);
    case VALUE_OBJECT:
        return value_object(arena, type->names, items, n);
    case VALUE_MAP:
        keys = arena_array(arena, n, sizeof *keys);
        for (size_t i = 0; i < n; i++)
            keys[i] = value_key(v, i);
        return value_map(arena, type->element, keys, items, n);
    default:
        return v;
    }
}

/* Ephemeral parts become null of their type. */
static struct value without_ephemeral(struct arena *arena, struct value v) {
    unsigned marks = value_marks(v) & ~(unsigned)VALUE_EPHEMERAL;
    if (value_marks(v) & VALUE_EPHEMERAL)
        return value_mark(value_null(value_type(v)), marks);
    if (!(value_marks_inside(v) & VALUE_EPHEMERAL))
        return v;
    return value_mark(rebuild(arena, value_unmark(v)), marks);
}

static bool run_ephemeralasnull(struct func_call *call, struct value *ret_value) {
    *ret_value = without_ephemeral(call->arena, call->args[0]);
    return true;
}

static bool run_type(struct func_call *call, struct value *ret_value) {
    *ret_value = value_of_type(value_type(call->args[0]));
    return true;
}

/* try() and can() never get here: they are evaluated from their expressions. */
static bool run_never(struct func_call *call, struct value *ret_value) {
    (void)ret_value;
    return func_fail(call, "this function cannot be called with values");
}

#define ANYTHING (FUNC_NULL | FUNC_UNKNOWN | FUNC_MARKED | FUNC_DYNAMIC)

static const struct func_param v[] = {
    {"v", NULL, NULL, FUNC_NULL | FUNC_MARKED | FUNC_DYNAMIC | FUNC_PARTIAL, NULL}};
static const struct func_param any_value[] = {{"value", NULL, NULL, ANYTHING, NULL}};
static const struct func_param can_params[] = {{"expression", NULL, NULL, ANYTHING, NULL}};
static const struct func_param try_params = {"expressions", NULL, NULL, ANYTHING, NULL};

static const struct func functions[] = {
    {"can", can_params, 1, .result = &type_bool, .run = run_never, .special = FUNC_CAN},
    {"ephemeralasnull", any_value, 1, .result_type = type_same, .run = run_ephemeralasnull,
     .maybe_null = true},
    {"issensitive", any_value, 1, .result = &type_bool, .run = run_issensitive},
    {"nonsensitive", any_value, 1, .result_type = type_same, .run = run_nonsensitive,
     .maybe_null = true},
    {"sensitive", any_value, 1, .result_type = type_same, .run = run_sensitive, .maybe_null = true},
    {"tobool", v, 1, .result_type = type_tobool, .result = &type_bool, .run = run_convert,
     .maybe_null = true},
    {"tolist", v, 1, .result_type = type_tolist, .make_result = func_list_of_any,
     .run = run_convert, .maybe_null = true},
    {"tomap", v, 1, .result_type = type_tomap, .make_result = func_map_of_any, .run = run_convert,
     .maybe_null = true},
    {"tonumber", v, 1, .result_type = type_tonumber, .result = &type_number, .run = run_convert,
     .maybe_null = true},
    {"toset", v, 1, .result_type = type_toset, .make_result = func_set_of_any, .run = run_convert,
     .maybe_null = true},
    {"tostring", v, 1, .result_type = type_tostring, .result = &type_string, .run = run_convert,
     .maybe_null = true},
    {"try", NULL, 0, &try_params, .run = run_never, .special = FUNC_TRY},
    {"type", any_value, 1, .result = &type_type, .run = run_type, .console_only = true},
};

const struct func_table func_type_table = {functions, COUNT(functions)};
