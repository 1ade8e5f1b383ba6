/* SPDX-License-Identifier: Apache-2.0 */
/* templatefile() and templatestring(). */
#include "eval/func_int.h"
#include "eval/local_file.h"
#include "eval/refs.h"
#include "hcl/parse.h"

/* A template being rendered: its own source texts, since those of the run are closed. */
struct template {
    struct func_call *call;
    struct sources *sources;
    struct diags *diags;
    struct expr *expr;
    struct str *names;
    struct value *values;
    size_t n;
};

static const char *range(const struct template *t, struct span span) {
    return str_c(t->call->arena, sources_range(t->call->arena, t->sources, span));
}

/* The first error, and how many others. */
static struct str errors_text(const struct template *t) {
    const struct diag *first = &t->diags->at[0];
    struct str text = str_format(t->call->arena, "%s: %.*s; %.*s", range(t, first->subject),
                                 STR_ARG(first->summary), STR_ARG(first->detail));
    if (t->diags->n < 2)
        return text;
    return str_format(t->call->arena, "%.*s, and %zu other diagnostic(s)", STR_ARG(text),
                      t->diags->n - 1);
}

static struct template parse(struct func_call *call, struct str name, struct str text) {
    struct template t = {
        .call = call, .sources = sources_new(call->arena), .diags = diags_new(call->arena)};
    uint32_t file = sources_add(t.sources, name, text);
    t.expr = parse_template(call->arena, t.sources, file, t.diags);
    return t;
}

/* Variables from the map in argument 1. */
static bool bind(struct template *t) {
    struct value vars = t->call->args[1];
    int kind = value_type(vars)->kind;
    if (kind != TYPE_MAP && kind != TYPE_OBJECT)
        return func_fail_arg(t->call, 1, "invalid vars value: must be a map");
    t->n = value_count(vars);
    t->names = arena_array(t->call->arena, t->n, sizeof *t->names);
    t->values = arena_array(t->call->arena, t->n, sizeof *t->values);
    for (size_t i = 0; i < t->n; i++) {
        t->names[i] = value_key(vars, i);
        t->values[i] = value_at(vars, i);
        if (!parse_is_identifier(t->names[i]))
            return func_fail_arg(t->call, 1,
                                 "invalid template variable name %s: must start with a letter, "
                                 "followed by zero or more letters, digits, and underscores",
                                 quote_text(t->call->arena, t->names[i]));
    }
    struct str missing;
    struct span where;
    if (refs_unbound(t->call->arena, t->expr, t->names, t->n, &missing, &where))
        return func_fail_arg(t->call, 1, "vars map does not contain key %s, referenced at %s",
                             quote_text(t->call->arena, missing), range(t, where));
    return true;
}

static bool render(struct template *t, struct value *ret_value) {
    struct scope scope = {.base_dir = S(".")};
    if (!bind(t))
        return false;
    if (t->call->scope)
        scope = *t->call->scope;
    scope.ops = NULL;
    scope.sources = t->sources;
    scope.in_template = true;
    scope.console = false;
    *ret_value = eval_with(t->call->arena, &scope, t->expr, t->names, t->values, t->n, t->diags);
    if (diags_failed(t->diags))
        return func_fail(t->call, "%.*s", STR_ARG(errors_text(t)));
    return true;
}

static bool run_templatefile(struct func_call *call, struct value *ret_value) {
    struct str bytes;
    if (call->scope && call->scope->in_template)
        return func_fail(call, "cannot recursively call templatefile from inside another template "
                               "function");
    if (!local_file_read_text(call, 0, &bytes))
        return false;
    struct template t = parse(call, func_text(call, 0), bytes);
    if (diags_failed(t.diags))
        return func_fail(call, "%.*s", STR_ARG(errors_text(&t)));
    return render(&t, ret_value);
}

static bool run_templatestring(struct func_call *call, struct value *ret_value) {
    struct convert_error why;
    struct value text, result;
    if (value_is_null(call->args[0]) ||
        !convert_value(call->arena, call->args[0], type_string, &text, &why))
        return func_fail_arg(call, 0, "invalid template value: a string is required");
    struct template t = parse(call, S("<templatestring argument>"), value_str(text));
    if (diags_failed(t.diags))
        return func_fail_arg(call, 0, "invalid template: %.*s", STR_ARG(errors_text(&t)));
    if (!render(&t, &result))
        return false;
    if (value_is_null(result))
        return func_fail(call,
                         "%s: Template result is null; The result of the template is null, which "
                         "is not a valid result for a templatestring call.",
                         range(&t, expr_span(t.expr)));
    if (!convert_value(call->arena, result, type_string, ret_value, &why))
        return func_fail(call, "invalid template result: %.*s", STR_ARG(why.text));
    return true;
}

static const struct func_param file_params[] = {{"path", &type_string, NULL, 0, NULL},
                                                {"vars", NULL, NULL, FUNC_PARTIAL, NULL}};
static const struct func_param string_params[] = {
    {"template", NULL, NULL, FUNC_NULL, NULL, &type_string},
    {"vars", NULL, NULL, FUNC_PARTIAL, NULL}};

static const struct func functions[] = {
    {"templatefile", file_params, 2, .run = run_templatefile, .maybe_null = true},
    {"templatestring", string_params, 2, .result = &type_string, .run = run_templatestring,
     .special = FUNC_TEMPLATESTRING},
};

const struct func_table func_template_table = {functions, COUNT(functions)};
