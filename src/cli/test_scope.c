/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_scope.h"

#include "base/arena.h"

static bool get_variable(const struct test_scope *t, const struct ref *ref, struct value *ret_value,
                         struct diags *diags) {
    const struct variable_input *input = map_get(t->inputs, ref->name);
    if (input) {
        *ret_value = input->value;
        return true;
    }
    diags_error(diags, ref->span, "Reference to unavailable variable",
                t->global ? "The input variable \"%.*s\" is not available to the current context. "
                            "You can only reference global variables."
                          : "The input variable \"%.*s\" is not available to the current run "
                            "block. You can only reference variables defined at the file or "
                            "global levels.",
                STR_ARG(ref->name));
    return false;
}

/* An assertion about a run that is still to come, or that the file does not have. */
static bool no_results(const struct test_scope *t, const struct ref *ref, struct diags *diags) {
    const struct test_file *file = t->suite->file;
    struct str *names = arena_array(diags->arena, file->n_runs, sizeof *names);
    for (size_t i = 0; i < file->n_runs; i++) {
        names[i] = file->runs[i].name;
        if (!str_eq(names[i], ref->name))
            continue;
        diags_error(diags, ref->span, "Reference to unevaluated run block",
                    "The run \"%.*s\" block has not yet been evaluated, so its results are not "
                    "available here.",
                    STR_ARG(ref->name));
        return false;
    }
    struct str near = str_nearest(ref->name, names, file->n_runs);
    struct str hint =
        near.len ? str_format(diags->arena, " Did you mean \"%.*s\"?", STR_ARG(near)) : S("");
    diags_error(diags, ref->span, "Reference to undeclared run block",
                "There is no run \"%.*s\" declared in this test suite.%.*s", STR_ARG(ref->name),
                STR_ARG(hint));
    return false;
}

static bool get_run(const struct test_scope *t, const struct ref *ref, struct value *ret_value,
                    struct diags *diags) {
    const struct test_file *file = t->suite->file;
    const struct value *outputs = map_get(&t->suite->outputs, ref->name);
    if (outputs) {
        *ret_value = *outputs;
        return true;
    }
    if (t->module)
        return no_results(t, ref, diags);
    for (size_t i = 0; i < file->n_runs; i++)
        if (str_eq(file->runs[i].name, ref->name)) {
            diags_error(diags, ref->span, "Reference to unavailable run block",
                        "The run block \"%.*s\" has not executed yet. You can only reference run "
                        "blocks that are in the same test file and will execute before the "
                        "current run block.",
                        STR_ARG(ref->name));
            return false;
        }
    diags_error(diags, ref->span, "Reference to unknown run block",
                "The run block \"%.*s\" does not exist within this test file. You can only "
                "reference run blocks that are in the same test file and will execute before the "
                "current run block.",
                STR_ARG(ref->name));
    return false;
}

static bool get_output(const struct test_scope *t, const struct ref *ref, struct value *ret_value,
                       struct diags *diags) {
    const struct value *value = map_get(t->outputs, ref->name);
    if (value) {
        *ret_value = *value;
        return true;
    }
    diags_error(diags, ref->span, "Reference to undeclared output value",
                "An output value with the name \"%.*s\" has not been declared.",
                STR_ARG(ref->name));
    return false;
}

/* Outside test files output.x and run.x would be resources of these types. */
static bool names(const struct ref *ref, enum ref_kind kind, struct str word) {
    return ref->kind == kind || (ref->kind == REF_MANAGED && str_eq(ref->type, word));
}

static bool get(const struct scope *scope, struct arena *arena, const struct ref *ref,
                const struct value *key, struct value *ret_value, bool *ret_used_key,
                struct diags *diags) {
    const struct test_scope *t = scope->context;
    *ret_used_key = false;
    if (t->global && names(ref, REF_RUN, S("run"))) {
        diags_error(diags, ref->span, "Invalid reference",
                    "You can not reference run blocks from within the file variables block.");
        return false;
    }
    if (names(ref, REF_RUN, S("run")))
        return get_run(t, ref, ret_value, diags);
    if (t->module && names(ref, REF_OUTPUT, S("output")))
        return get_output(t, ref, ret_value, diags);
    if (ref->kind == REF_VARIABLE &&
        (!t->module || !map_get(&t->config->root->variables, ref->name)))
        return get_variable(t, ref, ret_value, diags);
    if (t->module)
        return t->module->ops->get(t->module, arena, ref, key, ret_value, ret_used_key, diags);
    diags_error(diags, ref->span, "Invalid reference",
                t->global ? "You can only reference global variables within the test file "
                            "variables block."
                          : "You can only reference earlier run blocks, file level, and global "
                            "variables while defining variables from inside a run block.");
    return false;
}

static const struct provider_function *signature(const struct scope *scope, struct arena *arena,
                                                 struct str provider, struct str function,
                                                 struct span span, struct diags *diags) {
    const struct test_scope *t = scope->context;
    if (t->module && t->module->ops->signature)
        return t->module->ops->signature(t->module, arena, provider, function, span, diags);
    diags_error(diags, span, "Call to unknown function",
                "There is no function named \"provider::%.*s::%.*s\" here.", STR_ARG(provider),
                STR_ARG(function));
    return NULL;
}

/* Only what signature() found is called. */
static bool call(const struct scope *scope, struct arena *arena, struct str provider,
                 struct str function, const struct value *args, size_t n, struct span span,
                 struct value *ret_value, struct diags *diags) {
    const struct test_scope *t = scope->context;
    return t->module->ops->call(t->module, arena, provider, function, args, n, span, ret_value,
                                diags);
}

static const struct scope_ops ops = {.get = get, .signature = signature, .call = call};

void test_scope_init(struct test_scope *scope, const struct test_suite *suite) {
    *scope = (struct test_scope){.suite = suite, .inputs = &suite->shared};
    scope->scope = (struct scope){
        .ops = &ops, .context = scope, .sources = suite->cli->sources, .base_dir = S(".")};
}

/* A variable cannot wait for what a run that only planned does not know. */
static bool check_known(const struct test_scope *scope, const struct expr *expr, struct value v,
                        struct diags *diags) {
    struct refs refs = {0};
    if (value_is_wholly_known(v) || !refs_of_expr(diags->arena, expr, &refs, NULL))
        return true;
    for (size_t i = 0; i < refs.n; i++) {
        const struct ref *ref = &refs.at[i];
        const struct value *outputs = map_get(&scope->suite->outputs, ref->name);
        struct value output;
        if (!names(ref, REF_RUN, S("run")) || !outputs || ref->n_rest == 0 ||
            ref->rest[0].kind != STEP_ATTR || !value_get(*outputs, ref->rest[0].name, &output) ||
            value_is_wholly_known(output))
            continue;
        diags_error(diags, ref->span, "Reference to unknown value",
                    "The value for run.%.*s.%.*s is unknown. Run block \"%.*s\" is executing a "
                    "\"plan\" operation, and the specified output value is only known after "
                    "apply.",
                    STR_ARG(ref->name), STR_ARG(ref->rest[0].name), STR_ARG(ref->name));
        return false;
    }
    return true;
}

/* Errors of variables are told without the values of what they refer to. */
static void drop_values(struct diags *diags, size_t from) {
    for (size_t i = from; i < diags->n; i++)
        diags->at[i].n_values = 0;
}

bool test_scope_inputs(const struct test_suite *suite, const struct test_inputs *inputs,
                       const struct map *visible, struct map *into) {
    struct arena *arena = suite->cli->arena;
    struct diags *diags = suite->cli->diags;
    size_t before = diags->n_errors;
    struct test_scope scope;
    test_scope_init(&scope, suite);
    scope.inputs = visible;
    scope.global = visible == &suite->globals;
    for (size_t i = 0; i < inputs->n; i++) {
        struct variable_input *input = arena_alloc(arena, sizeof *input);
        input->name = inputs->at[i].name;
        input->origin = ORIGIN_FILE;
        input->expr = inputs->at[i].expr;
        input->span = expr_span(input->expr);
        size_t first = diags->n;
        input->value = eval_expr(arena, &scope.scope, input->expr, diags);
        drop_values(diags, first);
        check_known(&scope, input->expr, input->value, diags);
        map_put(arena, into, input->name, input);
    }
    return diags->n_errors == before;
}

const struct body *test_scope_bake(struct test_scope *scope, const struct body *body) {
    struct arena *arena = scope->suite->cli->arena;
    if (body->is_json)
        return body;
    struct body *baked = arena_copy(arena, body, sizeof *body);
    baked->attributes =
        arena_copy(arena, body->attributes, body->n_attributes * sizeof *body->attributes);
    for (uint32_t i = 0; i < body->n_attributes; i++) {
        const struct expr *expr = body->attributes[i].expr;
        baked->attributes[i].expr = expr_literal(
            arena, expr, eval_expr(arena, &scope->scope, expr, scope->suite->cli->diags));
    }
    baked->blocks = arena_copy(arena, body->blocks, body->n_blocks * sizeof *body->blocks);
    for (uint32_t i = 0; i < body->n_blocks; i++)
        baked->blocks[i].body = (struct body *)test_scope_bake(scope, body->blocks[i].body);
    return baked;
}
