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

/* How the conditions of objects and the validation rules of variables say the same. */
struct wording {
    enum severity severity;
    const char *summary, *detail, *message;
};

/* Why a message with this mark is not shown. */
static const struct wording *wording_of(bool validation, bool sensitive) {
    static const struct wording wordings[2][2] = {
        {{SEVERITY_WARNING, "Error message refers to ephemeral values",
          "The error expression used to explain this condition refers to ephemeral values, so "
          "Loam will not display the resulting message.\n\nYou can correct this by removing "
          "references to ephemeral values, or by using the ephemeralasnull() function on the "
          "references to not reveal ephemeral data.",
          no_message},
         {SEVERITY_WARNING, "Error message refers to sensitive values",
          "The error expression used to explain this condition refers to sensitive values, so "
          "Loam will not display the resulting message.\n\nYou can correct this by removing "
          "references to sensitive values, or by carefully using the nonsensitive() function if "
          "the expression will not reveal the sensitive data.",
          no_message}},
        {{SEVERITY_ERROR, "Error message refers to ephemeral values",
          "The error expression used to explain this condition refers to ephemeral values. Loam "
          "will not display the resulting message.\n\nYou can correct this by removing "
          "references to ephemeral values, or by carefully using the ephemeralasnull() function "
          "if the expression will not reveal the ephemeral data.",
          "The error message included a sensitive value, so it will not be displayed."},
         {SEVERITY_ERROR, "Error message refers to sensitive values",
          "The error expression used to explain this condition refers to sensitive values. Loam "
          "will not display the resulting message.\n\nYou can correct this by removing "
          "references to sensitive values, or by carefully using the nonsensitive() function if "
          "the expression will not reveal the sensitive data.",
          "The error message included a sensitive value, so it will not be displayed."}},
    };
    return &wordings[validation][sensitive];
}

/* The text to show instead of a marked message. */
static struct str hide_message(struct frame *frame, struct arena *arena, const struct expr *expr,
                               unsigned marks, bool validation, struct diags *diags) {
    const struct wording *w = wording_of(validation, marks & VALUE_SENSITIVE);
    struct diag *d =
        diags_add(diags, w->severity, expr_span(expr), str_from(w->summary), str_from(w->detail));
    if (validation)
        describe_at(frame, arena, expr, d);
    return str_from(w->message);
}

/* What to say of a failed rule; never empty. */
static struct str rule_message(struct frame *frame, struct arena *arena,
                               const struct config_rule *rule, bool validation,
                               struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v = rule->error_message
                         ? eval_expr(arena, &frame->scope, rule->error_message, diags)
                         : value_null(type_string);
    struct convert_error error;
    struct value text;
    if (diags->n_errors > before)
        return str_from(no_message);
    if (value_marks(v))
        return hide_message(frame, arena, rule->error_message, value_marks(v), validation, diags);
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
    size_t before = diags->n_errors, first = diags->n;
    *ret_result = (struct rules_result){.status = CHECK_PASS};
    for (size_t i = 0; i < rules->n; i++) {
        const struct config_rule *rule = &rules->at[i];
        struct value v;
        size_t errors = diags->n_errors;
        bool decided = condition_value(frame, arena, rule->condition, false, &v, diags);
        struct str message = rule_message(frame, arena, rule, false, diags);
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
    /* What a check block says is told each time, however often. */
    for (size_t i = first; kind == RULES_ASSERT && i < diags->n; i++)
        diags->at[i].kind = DIAG_CHECK;
    return diags->n_errors == before;
}

bool rules_validate(struct frame *frame, struct arena *arena,
                    const struct config_variable *variable, struct value value, struct span span,
                    struct rules_result *ret_result, struct diags *diags) {
    size_t before = diags->n_errors;
    *ret_result = (struct rules_result){.status = CHECK_PASS};
    /* That the variable is declared to be sensitive is not for its own rules, as in the reference,
     * but what the caller marked is. */
    const struct unit *unit = map_get(&frame->inst->unit->variables, variable->name);
    unsigned hidden = value_marks(value);
    if (unit && variable->sensitive && !frame->inst->cells[unit->slot].given_sensitive)
        hidden &= ~(unsigned)VALUE_SENSITIVE;
    frame->has_variable = true;
    frame->variable_name = variable->name;
    frame->variable = value_unmark(value);
    if (hidden)
        frame->variable = value_mark(frame->variable, hidden);
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
        struct str message = rule_message(frame, arena, rule, true, diags);
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
