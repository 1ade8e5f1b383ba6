/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_run.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/operation.h"
#include "cli/test_expect.h"
#include "cli/test_scope.h"
#include "cli/test_stage.h"
#include "value/convert.h"

static const struct span nowhere = {.file = 0};

/* What one run works with. */
struct attempt {
    struct test_suite *suite;
    const struct test_run *run;
    struct cli *cli;
    struct test_stage stage;
    struct test_expect expect;
    struct test_state *kept;
    struct map inputs;  /* name -> struct variable_input *: declared by the module */
    struct map visible; /* the same with those that are not */
    struct plan *plan;
    struct state *after; /* NULL unless it applied */
};

/* ---- variables ---- */

static bool is_in_folder(struct str path) {
    return path.len && str_find_byte(path, '/') >= 0;
}

/* Variables that only the test file uses are not the root module's to declare. */
static void drop_undeclared(struct diags *diags) {
    size_t kept = 0;
    for (size_t i = 0; i < diags->n; i++) {
        if (str_eq(diags->at[i].summary, S("Value for undeclared variable"))) {
            diags->n_errors -= diags->at[i].severity == SEVERITY_ERROR;
            continue;
        }
        diags->at[kept++] = diags->at[i];
    }
    diags->n = kept;
}

bool test_run_prepare(struct test_suite *suite) {
    struct cli *cli = suite->cli;
    struct config *config = suite->session->config;
    (void)variables_collect(cli->arena, config, S("."), cli->environ_, suite->variables->at,
                            suite->variables->n, &suite->globals, cli->diags);
    drop_undeclared(cli->diags);
    if (diags_failed(cli->diags))
        return false;
    if (is_in_folder(suite->file->path)) {
        struct map more = {.n = 0};
        if (!variables_collect(cli->arena, config, fs_dirname(suite->file->path), NULL, NULL, 0,
                               &more, cli->diags))
            return false;
        for (size_t i = 0; i < more.n; i++) {
            const struct variable_input *have = map_get(&suite->globals, more.entries[i].key);
            if (!have || have->origin != ORIGIN_CLI)
                map_put(cli->arena, &suite->globals, more.entries[i].key, more.entries[i].value);
        }
    }
    for (size_t i = 0; i < suite->globals.n; i++)
        map_put(cli->arena, &suite->shared, suite->globals.entries[i].key,
                suite->globals.entries[i].value);
    return test_scope_inputs(suite, &suite->file->inputs, &suite->globals, &suite->shared);
}

/* A test has nobody to ask for a value. */
static bool has_required(struct attempt *a, const struct map *declared) {
    bool all = true;
    for (size_t i = 0; i < declared->n; i++) {
        const struct config_variable *v = declared->entries[i].value;
        if (v->has_default || map_get(&a->inputs, v->name))
            continue;
        diags_error(a->cli->diags, v->span, "No value for required variable",
                    "The module under test for run block \"%.*s\" has a required variable "
                    "\"%.*s\" with no set value. Use a -var or -var-file command line argument or "
                    "add this variable into a \"variables\" block within the test file or run "
                    "block.",
                    STR_ARG(a->run->name), STR_ARG(v->name));
        all = false;
    }
    return all;
}

static bool set_inputs(struct attempt *a) {
    struct test_suite *suite = a->suite;
    const struct map *declared = &a->stage.config->root->variables;
    for (size_t i = 0; i < suite->shared.n; i++)
        map_put(a->cli->arena, &a->visible, suite->shared.entries[i].key,
                suite->shared.entries[i].value);
    if (!test_scope_inputs(suite, &a->run->inputs, &suite->shared, &a->visible))
        return false;
    for (size_t i = 0; i < a->run->inputs.n; i++) {
        const struct test_input *input = &a->run->inputs.at[i];
        if (!map_get(declared, input->name))
            diags_warn(a->cli->diags, input->span, "Value for undeclared variable",
                       "The module under test does not declare a variable named \"%.*s\", but it "
                       "is declared in run block \"%.*s\".",
                       STR_ARG(input->name), STR_ARG(a->run->name));
    }
    for (size_t i = 0; i < a->visible.n; i++)
        if (map_get(declared, a->visible.entries[i].key))
            map_put(a->cli->arena, &a->inputs, a->visible.entries[i].key,
                    a->visible.entries[i].value);
    return has_required(a, declared);
}

/* ---- plan and apply ---- */

static struct plan_options plan_options(const struct attempt *a, enum plan_mode mode) {
    return (struct plan_options){
        .mode = mode,
        .refresh = !a->run->no_refresh,
        .parallelism = (uint32_t)a->suite->parallelism,
        .targets = a->run->targets,
        .n_targets = a->run->n_targets,
        .force_replace = a->run->replace,
        .n_force_replace = a->run->n_replace,
        .variables = a->inputs,
        .workspace = a->suite->session->workspace,
        .root_dir = a->stage.dir,
        .cwd = a->cli->start_dir,
        .cancel = operation_cancelled(),
    };
}

static struct state *apply(struct test_suite *suite, struct config *config, struct plan *plan,
                           const struct provider_factories *providers, struct map inputs,
                           struct str dir) {
    struct apply_counts counts;
    struct apply_options options = {
        .parallelism = (uint32_t)suite->parallelism,
        .variables = inputs,
        .root_dir = dir,
        .cwd = suite->cli->start_dir,
        .workspace = suite->session->workspace,
        .cancel = operation_cancelled(),
        .abort_now = operation_aborted(),
    };
    return apply_run(suite->cli->arena, config, plan, providers, &options, &counts,
                     suite->cli->diags);
}

static struct test_state *keep_state(struct test_suite *suite, const struct test_run *run) {
    struct str key = run->state_key.len ? str_cat(suite->cli->arena, S("key "), run->state_key)
                                        : str_cat(suite->cli->arena, S("dir "), run->source);
    for (size_t i = 0; i < suite->n_states; i++)
        if (str_eq(suite->states[i].key, key))
            return &suite->states[i];
    suite->states = arena_grow(suite->cli->arena, suite->states, suite->n_states,
                               &suite->cap_states, sizeof *suite->states);
    suite->states[suite->n_states] =
        (struct test_state){.key = key, .state = state_new(suite->cli->arena)};
    return &suite->states[suite->n_states++];
}

/* An expected failure that kept an apply from taking place is told all the same. */
static void tell_stopped(struct attempt *a, const struct diag *stopped, struct str object,
                         struct span expectation) {
    struct diags *diags = a->cli->diags;
    struct span span = str_starts(object, S("output.")) ? expectation : nowhere;
    diags_warn(diags, span, "Expected failure while planning",
               "A custom condition within %.*s failed during the planning stage and prevented the "
               "requested apply operation. While this was an expected failure, the apply operation "
               "could not be executed and so the overall test case will be marked as a failure and "
               "the original diagnostic included in the test report.",
               STR_ARG(object));
    struct diags one = {.arena = diags->arena};
    *diags_add(&one, SEVERITY_ERROR, stopped->subject, stopped->summary, stopped->detail) =
        *stopped;
    diags_append(diags, &one);
}

/* An apply tells what checks find once more. */
static void forget_checks(struct diags *diags) {
    size_t kept = 0;
    for (size_t i = 0; i < diags->n; i++)
        if (diags->at[i].severity == SEVERITY_ERROR ||
            (diags->at[i].kind != DIAG_CHECK &&
             !str_eq(diags->at[i].summary, S("Check block assertion known after apply"))))
            diags->at[kept++] = diags->at[i];
    diags->n = kept;
}

/* false: the run is over, with errors or because what was to fail has failed. */
static bool make_plan(struct attempt *a, bool *ret_ok) {
    struct diags *diags = a->cli->diags;
    struct plan_options options =
        plan_options(a, a->run->refresh_only ? PLAN_REFRESH_ONLY : PLAN_NORMAL);
    struct str object = S("");
    struct span span = nowhere;
    if (a->run->n_targets)
        operation_warn_targets(diags, false);
    a->plan = plan_make(a->cli->arena, a->stage.config, a->kept->state, &a->stage.providers,
                        &options, diags);
    if (!a->run->plan && !diags_failed(diags)) {
        forget_checks(diags);
        return true;
    }
    const struct diag *stopped = test_expect_sort(&a->expect, diags, &object, &span);
    if (stopped && !a->run->plan)
        tell_stopped(a, stopped, object, span);
    (void)test_expect_check(&a->expect, diags);
    *ret_ok = !diags_failed(diags);
    return *ret_ok && !stopped;
}

static bool apply_plan(struct attempt *a) {
    struct diags *diags = a->cli->diags;
    struct str object = S("");
    struct span span = nowhere;
    a->after =
        apply(a->suite, a->stage.config, a->plan, &a->stage.providers, a->inputs, a->stage.dir);
    a->kept->state = a->after;
    a->kept->config = a->stage.config;
    a->kept->providers = a->stage.providers;
    a->kept->inputs = a->inputs;
    a->kept->dir = a->stage.dir;
    a->kept->run = a->run;
    (void)test_expect_sort(&a->expect, diags, &object, &span);
    (void)test_expect_check(&a->expect, diags);
    return !diags_failed(diags);
}

/* ---- assertions ---- */

static struct value planned_output(const struct plan *plan, struct str name) {
    for (size_t i = 0; i < plan->n_outputs; i++)
        if (str_eq(plan->outputs[i].name, name))
            return plan->outputs[i].after;
    return value_null(type_dynamic);
}

/* Outputs as the assertions and later runs see them; declared ones without a value are null. */
static struct map collect_outputs(const struct attempt *a) {
    struct arena *arena = a->cli->arena;
    const struct map *declared = &a->stage.config->root->outputs;
    struct map outputs = {.n = 0};
    for (size_t i = 0; i < declared->n; i++) {
        const struct config_output *output = declared->entries[i].value;
        struct value *value = arena_alloc(arena, sizeof *value);
        const struct state_output *reached =
            a->after ? map_get(&a->after->outputs, output->name) : NULL;
        *value = reached    ? reached->value
                 : a->after ? value_null(type_dynamic)
                            : planned_output(a->plan, output->name);
        if (output->sensitive)
            *value = value_mark(*value, VALUE_SENSITIVE);
        map_put(arena, &outputs, output->name, value);
    }
    return outputs;
}

static void remember_outputs(struct attempt *a, const struct map *outputs) {
    struct arena *arena = a->cli->arena;
    const struct name **names = arena_array(arena, outputs->n, sizeof *names);
    struct value *values = arena_array(arena, outputs->n, sizeof *values);
    struct value *whole = arena_alloc(arena, sizeof *whole);
    for (size_t i = 0; i < outputs->n; i++) {
        names[i] = intern_name(outputs->entries[i].key);
        values[i] = *(const struct value *)outputs->entries[i].value;
    }
    *whole = value_object(arena, names, values, outputs->n);
    map_put(arena, &a->suite->outputs, a->run->name, whole);
}

static struct str assertion_message(struct attempt *a, const struct scope *scope,
                                    const struct expr *expr) {
    struct convert_error error;
    struct value v = eval_expr(a->cli->arena, scope, expr, a->cli->diags);
    if (value_marks_inside(v))
        return S("The error message included a sensitive value, so it will not be displayed.");
    if (!value_is_known(v))
        return S("");
    if (!convert_value(a->cli->arena, v, type_string, &v, &error) || v.kind != VALUE_STRING)
        return S("The error message could not be worked out.");
    return str_trim(value_str(v));
}

/* One assertion: pass, fail, or error when it cannot be decided. */
static enum test_status assert_one(struct attempt *a, const struct scope *scope,
                                   const struct config_rule *rule) {
    struct arena *arena = a->cli->arena;
    struct diags *diags = a->cli->diags;
    size_t before = diags->n_errors;
    struct span span = expr_span(rule->condition);
    struct convert_error error;
    struct value v = value_unmark(eval_expr(arena, scope, rule->condition, diags));
    if (diags->n_errors > before)
        return TEST_ERROR;
    if (!value_is_known(v)) {
        eval_describe(
            arena, scope, rule->condition,
            diags_error(diags, span, "Unknown condition value",
                        "Condition expression could not be evaluated at this time. This means "
                        "you have executed a `run` block with `command = plan` and one of the "
                        "values your condition depended on is not known until after the plan "
                        "has been applied. Either remove this value from your condition, or "
                        "execute an `apply` command from this `run` block. Alternatively, if "
                        "there is an override for this value, you can make it available during "
                        "the plan phase by setting `override_during = plan` in the `override_` "
                        "block."));
        return TEST_ERROR;
    }
    if (value_is_null(v)) {
        eval_describe(arena, scope, rule->condition,
                      diags_error(diags, span, "Invalid condition run",
                                  "Condition expression must return either true or false, not "
                                  "null."));
        return TEST_ERROR;
    }
    if (!convert_value(arena, v, type_bool, &v, &error)) {
        struct str why = convert_error_text(arena, &error);
        eval_describe(arena, scope, rule->condition,
                      diags_error(diags, span, "Invalid condition run",
                                  "Invalid condition run value: %.*s.", STR_ARG(why)));
        return TEST_ERROR;
    }
    if (v.boolean)
        return TEST_PASS;
    struct str message = assertion_message(a, scope, rule->error_message);
    eval_describe(arena, scope, rule->condition,
                  diags_add(diags, SEVERITY_ERROR, span, S("Test assertion failed"), message));
    return TEST_FAIL;
}

static enum test_status check_assertions(struct attempt *a) {
    struct plan_options options = plan_options(a, PLAN_NORMAL);
    struct map outputs = collect_outputs(a);
    struct test_scope scope;
    enum test_status worst = TEST_PASS;
    options.planned = a->after ? NULL : a->plan;
    test_scope_init(&scope, a->suite);
    scope.module = plan_console_scope(a->cli->arena, a->stage.config,
                                      a->after ? a->after : a->plan->prior_state,
                                      &a->stage.providers, &options, a->cli->diags);
    scope.config = a->stage.config;
    scope.inputs = &a->visible;
    scope.outputs = &outputs;
    if (!scope.module)
        return TEST_ERROR;
    for (size_t i = 0; i < a->run->asserts.n; i++) {
        enum test_status one = assert_one(a, &scope.scope, &a->run->asserts.at[i]);
        worst = one > worst ? one : worst;
    }
    remember_outputs(a, &outputs);
    return worst;
}

static enum test_status execute(struct attempt *a) {
    bool ok = false;
    /* What is wrong with the file's variables is told by its first run. */
    if (diags_failed(a->cli->diags))
        return TEST_ERROR;
    if (!test_stage_set(a->suite, a->run, &a->stage) || !set_inputs(a))
        return TEST_ERROR;
    a->kept = keep_state(a->suite, a->run);
    a->expect = test_expect_new(a->cli->arena, a->run, a->stage.config);
    if (!make_plan(a, &ok))
        return ok ? TEST_PASS : TEST_ERROR;
    if (!a->run->plan && !apply_plan(a))
        return TEST_ERROR;
    return check_assertions(a);
}

struct test_result test_run_execute(struct test_suite *suite, const struct test_run *run) {
    struct attempt a = {.suite = suite, .run = run, .cli = suite->cli};
    struct test_result result = {.start_ms = clock_now_ms()};
    int64_t start = clock_monotonic_ms();
    result.status = execute(&a);
    result.elapsed_ms = clock_monotonic_ms() - start;
    result.plan = run->plan ? a.plan : NULL;
    result.state = a.after;
    result.providers = a.stage.providers;
    result.diags = diags_new(suite->cli->arena);
    diags_append(result.diags, suite->cli->diags);
    diags_truncate(suite->cli->diags, 0);
    return result;
}

/* ---- afterwards ---- */

bool test_run_tear_down(struct test_suite *suite, struct test_state *kept) {
    struct plan_options options = {
        .mode = PLAN_DESTROY,
        .refresh = true,
        .parallelism = (uint32_t)suite->parallelism,
        .variables = kept->inputs,
        .workspace = suite->session->workspace,
        .root_dir = kept->dir,
        .cwd = suite->cli->start_dir,
        .cancel = operation_cancelled(),
    };
    struct diags *diags = suite->cli->diags;
    size_t before = diags->n_errors;
    struct plan *plan =
        plan_make(suite->cli->arena, kept->config, kept->state, &kept->providers, &options, diags);
    if (diags->n_errors == before)
        kept->state = apply(suite, kept->config, plan, &kept->providers, kept->inputs, kept->dir);
    return diags->n_errors == before;
}
