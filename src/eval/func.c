/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/func.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "eval/func_int.h"

static const struct func_table *const tables[] = {
    &func_number_table,     &func_string_table,   &func_format_table, &func_regex_table,
    &func_collection_table, &func_map_table,      &func_set_table,    &func_encoding_table,
    &func_type_table,       &func_time_table,     &func_crypto_table, &func_net_table,
    &func_file_table,       &func_template_table, &func_yaml_table,
};

/* Sorted once for the process; rows themselves are constant. */
static struct {
    pthread_once_t once;
    const struct func **at;
    size_t n;
} sorted = {.once = PTHREAD_ONCE_INIT};

static int by_name(const void *a, const void *b) {
    const struct func *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void sort_once(void) {
    static const struct func *rows[256];
    for (size_t t = 0; t < COUNT(tables); t++)
        for (size_t i = 0; i < tables[t]->n && sorted.n < COUNT(rows); i++)
            rows[sorted.n++] = &tables[t]->at[i];
    qsort(rows, sorted.n, sizeof(*rows), by_name);
    sorted.at = rows;
}

const struct func *const *func_all(size_t *ret_n) {
    pthread_once(&sorted.once, sort_once);
    *ret_n = sorted.n;
    return sorted.at;
}

/* Whether this scope knows the function. */
static bool offered(const struct func *func, const struct scope *scope) {
    bool console = scope && scope->console;
    if (func->plan_only && console && !scope->plan_time.len)
        return false;
    return console || !func->console_only;
}

const struct func *func_find(struct str name, const struct scope *scope) {
    size_t n, low = 0;
    const struct func *const *all = func_all(&n);
    struct str core = S("core::");
    if (str_starts(name, core))
        name = str_slice(name, core.len, name.len);
    while (low < n) {
        size_t middle = (low + n) / 2;
        int order = str_cmp(name, str_from(all[middle]->name));
        if (order == 0)
            return offered(all[middle], scope) ? all[middle] : NULL;
        if (order < 0)
            n = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct str func_nearest(struct arena *scratch, struct str name, const struct scope *scope) {
    size_t n, kept = 0;
    const struct func *const *all = func_all(&n);
    struct str *names = arena_array(scratch, n, sizeof *names);
    for (size_t i = 0; i < n; i++)
        if (offered(all[i], scope))
            names[kept++] = str_from(all[i]->name);
    return str_nearest(name, names, kept);
}

const struct func_param *func_param(const struct func *func, size_t i) {
    return i < func->n_params ? &func->params[i] : func->variadic;
}

const struct type *func_param_type(const struct func_param *param) {
    if (param->make_type)
        return param->make_type();
    return param->type ? *param->type : type_dynamic;
}

/* Dynamic when it depends on the arguments. */
static const struct type *result_type_of(const struct func *func) {
    if (func->make_result)
        return func->make_result();
    return func->result ? *func->result : type_dynamic;
}

const struct type *func_signature_type(const struct func *func) {
    return func->dynamic_signature ? type_dynamic : result_type_of(func);
}

static void set_error(struct func_call *call, size_t arg, const char *format, va_list args) {
    call->error = str_vformat(call->arena, format, args);
    call->error_arg = arg;
}

bool func_fail(struct func_call *call, const char *format, ...) {
    va_list args;
    va_start(args, format);
    set_error(call, FUNC_NO_ARG, format, args);
    va_end(args);
    return false;
}

bool func_fail_arg(struct func_call *call, size_t arg, const char *format, ...) {
    va_list args;
    va_start(args, format);
    set_error(call, arg, format, args);
    va_end(args);
    return false;
}

const struct type *func_no_type(struct func_call *call, const char *format, ...) {
    va_list args;
    va_start(args, format);
    set_error(call, FUNC_NO_ARG, format, args);
    va_end(args);
    return NULL;
}

const struct type *func_no_type_arg(struct func_call *call, size_t arg, const char *format, ...) {
    va_list args;
    va_start(args, format);
    set_error(call, arg, format, args);
    va_end(args);
    return NULL;
}

const struct type *func_list_of_string(void) {
    return type_list(type_string);
}

const struct type *func_list_of_any(void) {
    return type_list(type_dynamic);
}

const struct type *func_list_of_number(void) {
    return type_list(type_number);
}

const struct type *func_list_of_bool(void) {
    return type_list(type_bool);
}

const struct type *func_list_of_lists(void) {
    return type_list(func_list_of_any());
}

const struct type *func_set_of_any(void) {
    return type_set(type_dynamic);
}

const struct type *func_set_of_string(void) {
    return type_set(type_string);
}

const struct type *func_map_of_any(void) {
    return type_map(type_dynamic);
}

const struct type *func_map_of_list_of_string(void) {
    return type_map(type_list(type_string));
}

bool func_string_result(struct func_call *call, struct buf *out, struct value *ret_value) {
    if (out->overflow) {
        buf_clear(out);
        return func_fail(call, "the result is longer than loam allows for one string");
    }
    *ret_value = value_string(call->arena, buf_str(out));
    buf_clear(out);
    return true;
}

bool func_int_arg(struct func_call *call, size_t arg, int64_t *ret_int) {
    if (value_to_int(call->args[arg], ret_int))
        return true;
    return func_fail(call, "value must be a whole number, between -9223372036854775808 and "
                           "9223372036854775807");
}

struct str func_text(const struct func_call *call, size_t arg) {
    return value_str(call->args[arg]);
}

bool func_is_secret(const struct func_call *call, size_t arg) {
    return call->marks[arg] & VALUE_SENSITIVE;
}

const char *func_shown(const struct func_call *call, size_t arg) {
    return func_is_secret(call, arg) ? "(sensitive value)"
                                     : quote_text(call->arena, func_text(call, arg));
}

const char *func_friendly(const struct func_call *call, const struct type *type) {
    return str_c(call->arena, type_friendly(call->arena, type));
}

/* What the arguments are before the function sees them. */
struct prepared {
    struct value *args;
    unsigned *arg_marks;
    unsigned marks; /* of arguments whose parameter does not want them */
    bool unknown;   /* an argument is unknown where the function cannot deal with it */
    bool dynamic;   /* an argument's type is unknown where the function cannot deal with it */
};

static bool prepare_arg(struct func_call *call, const struct func *func, size_t i, struct value arg,
                        struct prepared *p) {
    const struct func_param *param = func_param(func, i);
    struct convert_error why;
    struct value v;
    if (!convert_value(call->arena, arg, func_param_type(param), &v, &why))
        return func_fail_arg(call, i, "%.*s", STR_ARG(why.text));
    p->arg_marks[i] = value_marks_inside(v);
    if (!(param->allow & FUNC_MARKED) && value_marks_inside(v)) {
        p->marks |= value_marks_inside(v);
        v = value_unmark_deep(call->arena, v);
    }
    if (value_is_null(v) && !(param->allow & FUNC_NULL) && !p->dynamic)
        return func_fail_arg(call, i, "argument must not be null");
    if (value_type(v) == type_dynamic && !(param->allow & FUNC_DYNAMIC) && !value_is_null(v))
        p->dynamic = true;
    if (!(param->allow & FUNC_UNKNOWN) &&
        (param->allow & FUNC_PARTIAL ? !value_is_known(v) : !value_is_wholly_known(v)))
        p->unknown = true;
    p->args[i] = v;
    return true;
}

static struct value unknown_result(struct arena *arena, const struct func *func,
                                   const struct type *type) {
    if (type == type_dynamic || func->maybe_null)
        return value_unknown(type);
    struct value_unknown what = {.type = type, .not_null = true, .max_length = -1};
    return value_unknown_refined(arena, &what);
}

/* An answer given without running the function has the marks of everything it was asked about. */
static unsigned all_marks(const struct func_call *call, const struct prepared *p) {
    unsigned marks = p->marks;
    for (size_t i = 0; i < call->n; i++)
        marks |= p->arg_marks[i];
    return marks;
}

static bool call_prepared(struct func_call *call, const struct func *func, const struct prepared *p,
                          struct value *ret_value) {
    struct value result;
    unsigned marks = p->marks;
    call->type = func->result_type ? func->result_type(call) : result_type_of(func);
    if (!call->type)
        return false;
    if (p->unknown || (func->impure && call->scope && call->scope->pure)) {
        result = unknown_result(call->arena, func, call->type);
        marks = all_marks(call, p);
    } else if (!func->run(call, &result)) {
        return false;
    }
    *ret_value = value_mark(result, marks);
    return true;
}

bool func_call(struct arena *arena, const struct scope *scope, const struct func *func,
               const struct value *args, size_t n, struct func_call *ret_failure,
               struct value *ret_value) {
    struct func_call call = {
        .func = func, .arena = arena, .scope = scope, .n = n, .error_arg = FUNC_NO_ARG};
    struct prepared p = {.args = arena_array(arena, n, sizeof *p.args)};
    bool ok = true;
    p.arg_marks = arena_array(arena, n, sizeof *p.arg_marks);
    call.args = p.args;
    call.marks = p.arg_marks;
    for (size_t i = 0; ok && i < n; i++)
        ok = prepare_arg(&call, func, i, args[i], &p);
    if (ok && p.dynamic) {
        *ret_value = value_mark(value_unknown(type_dynamic), all_marks(&call, &p));
        return true;
    }
    if (ok && call_prepared(&call, func, &p, ret_value))
        return true;
    *ret_failure = call;
    return false;
}
