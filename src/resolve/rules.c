/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/rules.h"

#include "value/convert.h"

static const char *const summaries[] = {
    [RULES_PRECONDITION] = "Resource precondition failed",
    [RULES_POSTCONDITION] = "Resource postcondition failed",
    [RULES_OUTPUT] = "Module output value precondition failed",
    [RULES_ASSERT] = "Check block assertion failed",
};

static void describe_at(struct frame *frame, struct arena *arena, const struct expr *expr,
                        struct diag *d) {
    eval_describe(arena, &frame->scope, expr, d);
}

/* The condition as a bool; false adds an error. An unknown one passes as unknown. */
static bool condition_value(struct frame *frame, struct arena *arena, const struct expr *expr,
                            bool validation, struct value *ret_value, struct diags *diags) {
    size_t before = diags->n_errors;
    frame->in_rule = true;
    struct value v = eval_expr(arena, &frame->scope, expr, diags);
    if (diags->n_errors > before)
        return false;
    v = value_unmark(v);
    const char *summary =
        validation ? "Invalid variable validation result" : "Invalid condition result";
    if (value_is_null(v)) {
        describe_at(frame, arena, expr,
                    diags_error(diags, expr_span(expr), summary,
                                "%s expression must return either true or false, not null.",
                                validation ? "Validation condition" : "Condition"));
        return false;
    }
    struct convert_error error;
    if (!convert_value(arena, v, type_bool, ret_value, &error)) {
        struct str why = convert_error_text(arena, &error);
        describe_at(frame, arena, expr,
                    diags_error(diags, expr_span(expr), summary,
                                "Invalid %scondition result value: %.*s.",
                                validation ? "validation " : "", STR_ARG(why)));
        return false;
    }
    return true;
}

static const char no_message[] = "This check failed, but has an invalid error message as described "
                                 "in the other accompanying messages.";

static bool message_is_marked(struct value v, const struct expr *expr, struct diags *diags) {
    if (value_marks(v) & VALUE_SENSITIVE)
        diags_warn(diags, expr_span(expr), "Error message refers to sensitive values",
                   "The error expression used to explain this condition refers to sensitive "
                   "values, so Loam will not display the resulting message.\n\nYou can "
                   "correct this by removing references to sensitive values, or by carefully "
                   "using the nonsensitive() function if the expression will not reveal the "
                   "sensitive data.");
    if (value_marks(v) & VALUE_EPHEMERAL)
        diags_warn(diags, expr_span(expr), "Error message refers to ephemeral values",
                   "The error expression used to explain this condition refers to ephemeral "
                   "values, so Loam will not display the resulting message.\n\nYou can "
                   "correct this by removing references to ephemeral values, or by using the "
                   "ephemeralasnull() function on the reference to not reveal the ephemeral "
                   "data.");
    return value_marks(v) != 0;
}

/* What to say of a failed rule; never empty. */
static struct str rule_message(struct frame *frame, struct arena *arena,
                               const struct config_rule *rule, struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v = rule->error_message
                         ? eval_expr(arena, &frame->scope, rule->error_message, diags)
                         : value_null(type_string);
    struct convert_error error;
    struct value text;
    if (diags->n_errors > before)
        return str_from(no_message);
    if (message_is_marked(v, rule->error_message, diags))
        return str_from(no_message);
    if (!convert_value(arena, value_unmark(v), type_string, &text, &error)) {
        struct str why = convert_error_text(arena, &error);
        diags_error(diags, expr_span(rule->error_message), "Invalid error message",
                    "Unsuitable value for error message: %.*s.", STR_ARG(why));
        return str_from(no_message);
    }
    if (value_is_null(text)) {
        if (rule->error_message)
            diags_error(diags, expr_span(rule->error_message), "Invalid error message",
                        "Unsuitable value for error message: must not be null.");
        return str_from(no_message);
    }
    if (!value_is_known(text))
        return str_from(no_message);
    return str_trim(value_str(text));
}

static void add_problem(struct arena *arena, struct rules_result *result, struct str text,
                        size_t n_rules) {
    if (!result->problems)
        result->problems = arena_array(arena, n_rules, sizeof *result->problems);
    result->problems[result->n_problems++] = text;
}

/* Failure beats error beats unknown beats pass. */
static void worsen(struct rules_result *result, enum check_status status) {
    static const int rank[] = {
        [CHECK_PASS] = 0, [CHECK_UNKNOWN] = 1, [CHECK_ERROR] = 2, [CHECK_FAIL] = 3};
    if (rank[status] > rank[result->status])
        result->status = status;
}

static struct diag *warn_undecided(const struct config_rule *rule, struct diags *diags) {
    struct diag *d = diags_warn(
        diags, expr_span(rule->condition), "Check block assertion known after apply",
        "The condition could not be evaluated at this time, a result will be known when this plan "
        "is applied.");
    d->kind = DIAG_CHECK;
    return d;
}

bool rules_check(struct frame *frame, struct arena *arena, const struct config_rules *rules,
                 enum rules_kind kind, struct rules_result *ret_result, struct diags *diags) {
    size_t before = diags->n_errors;
    *ret_result = (struct rules_result){.status = CHECK_PASS};
    for (size_t i = 0; i < rules->n; i++) {
        const struct config_rule *rule = &rules->at[i];
        struct value v;
        size_t errors = diags->n_errors;
        bool decided = condition_value(frame, arena, rule->condition, false, &v, diags);
        struct str message = rule_message(frame, arena, rule, diags);
        if (!decided || diags->n_errors > errors) {
            worsen(ret_result, CHECK_ERROR);
            continue;
        }
        if (!value_is_known(v)) {
            worsen(ret_result, CHECK_UNKNOWN);
            if (kind == RULES_ASSERT && frame->r->options.phase == RESOLVE_PLAN)
                describe_at(frame, arena, rule->condition, warn_undecided(rule, diags));
            continue;
        }
        if (v.boolean)
            continue;
        worsen(ret_result, CHECK_FAIL);
        add_problem(arena, ret_result, message, rules->n);
        struct diag *d = diags_add(diags, kind == RULES_ASSERT ? SEVERITY_WARNING : SEVERITY_ERROR,
                                   expr_span(rule->condition), str_from(summaries[kind]), message);
        d->kind = DIAG_CHECK;
        describe_at(frame, arena, rule->condition, d);
    }
    return diags->n_errors == before;
}

bool rules_validate(struct frame *frame, struct arena *arena,
                    const struct config_variable *variable, struct value value, struct span span,
                    struct rules_result *ret_result, struct diags *diags) {
    size_t before = diags->n_errors;
    *ret_result = (struct rules_result){.status = CHECK_PASS};
    /* The rules see the variable without its own marks, as the reference shows it. */
    frame->has_variable = true;
    frame->variable_name = variable->name;
    frame->variable = value_unmark(value);
    for (size_t i = 0; i < variable->validations.n; i++) {
        const struct config_rule *rule = &variable->validations.at[i];
        struct value v;
        if (!condition_value(frame, arena, rule->condition, true, &v, diags)) {
            worsen(ret_result, CHECK_ERROR);
            continue;
        }
        if (!value_is_known(v)) {
            worsen(ret_result, CHECK_UNKNOWN);
            continue;
        }
        if (v.boolean)
            continue;
        worsen(ret_result, CHECK_FAIL);
        struct str message = rule_message(frame, arena, rule, diags);
        add_problem(arena, ret_result, message, variable->validations.n);
        struct str place = sources_range(arena, frame->r->units->config->sources, rule->span);
        struct diag *d = diags_error(diags, span, "Invalid value for variable",
                                     "%.*s\n\nThis was checked by the validation rule at %.*s.",
                                     STR_ARG(message), STR_ARG(place));
        d->kind = DIAG_VARIABLE_VALIDATION;
        describe_at(frame, arena, rule->condition, d);
    }
    return diags->n_errors == before;
}
