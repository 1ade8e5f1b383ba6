/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/repetition.h"

#define COUNT_MAX_INSTANCES 16777216

static struct diag *unsuitable(struct frame *frame, struct arena *arena, const struct expr *expr,
                               unsigned cause, struct diags *diags, const char *summary,
                               struct str detail) {
    struct diag *d = diags_add(diags, SEVERITY_ERROR, expr_span(expr), str_from(summary), detail);
    if (cause)
        eval_describe_cause(arena, &frame->scope, expr, cause, d);
    else
        eval_describe(arena, &frame->scope, expr, d);
    return d;
}

/* Without the values involved, as the reference tells it. */
static bool bad_count(const struct expr *expr, struct diags *diags, const char *detail) {
    diags_error(diags, expr_span(expr), "Invalid count argument", "%s", detail);
    return false;
}

bool repetition_count(struct frame *frame, struct arena *arena, const struct expr *expr,
                      bool allow_unknown, int64_t *ret_count, struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v =
        eval_expr_as(arena, &frame->scope, expr, type_number, S("Incorrect value type"), diags);
    if (diags->n_errors > before)
        return false;
    if (value_marks(v) & VALUE_EPHEMERAL)
        return bad_count(expr, diags,
                         "The given \"count\" is derived from an ephemeral value, which means "
                         "that Loam cannot persist it between plan/apply rounds. Use only "
                         "non-ephemeral values to specify the number of resource instances.");
    v = value_unmark(v);
    if (!value_is_known(v)) {
        *ret_count = 1;
        if (!allow_unknown)
            diags_error(diags, expr_span(expr), "Invalid count argument",
                        "The \"count\" value depends on resource attributes that cannot be "
                        "determined until apply, so Loam cannot predict how many instances "
                        "will be created. To work around this, use the -target argument to "
                        "first apply only the resources that the count depends on.");
        return allow_unknown;
    }
    if (value_is_null(v))
        return bad_count(expr, diags,
                         "The given \"count\" argument value is null. An integer is required.");
    if (!value_to_int(v, ret_count))
        return bad_count(expr, diags,
                         "The given \"count\" argument value is unsuitable: value must be a "
                         "whole number, between -9223372036854775808 and 9223372036854775807.");
    if (*ret_count < 0)
        return bad_count(expr, diags,
                         "The given \"count\" argument value is unsuitable: must be greater than "
                         "or equal to zero.");
    if (*ret_count > COUNT_MAX_INSTANCES)
        return bad_count(expr, diags,
                         "The given \"count\" argument value is unsuitable: more than 16777216 "
                         "instances are not supported.");
    return true;
}

#define EACH_UNKNOWN_TAIL                                                                          \
    "Alternatively, you could use the -target planning option to first apply only the resources "  \
    "that the for_each value depends on, and then apply a second time to fully converge."

static const char each_map_unknown[] =
    "The \"for_each\" map includes keys derived from resource attributes that cannot be "
    "determined until apply, and so Loam cannot determine the full set of keys that will "
    "identify the instances of this resource.\n\nWhen working with unknown values in for_each, "
    "it's better to define the map keys statically in your configuration and place apply-time "
    "results only in the map values.\n\n" EACH_UNKNOWN_TAIL;
static const char each_set_unknown[] =
    "The \"for_each\" set includes values derived from resource attributes that cannot be "
    "determined until apply, and so Loam cannot determine the full set of keys that will "
    "identify the instances of this resource.\n\nWhen working with unknown values in for_each, "
    "it's better to use a map value where the keys are defined statically in your configuration "
    "and where only the values contain apply-time results.\n\n" EACH_UNKNOWN_TAIL;

static bool bad_each(struct frame *frame, struct arena *arena, const struct expr *expr,
                     unsigned cause, struct diags *diags, const char *detail) {
    unsuitable(frame, arena, expr, cause, diags, "Invalid for_each argument", str_from(detail));
    return false;
}

static bool bad_set(struct frame *frame, struct arena *arena, const struct expr *expr,
                    struct diags *diags, const char *detail) {
    unsuitable(frame, arena, expr, 0, diags, "Invalid for_each set argument", str_from(detail));
    return false;
}

static bool check_each_set(struct frame *frame, struct arena *arena, const struct expr *expr,
                           struct value v, bool allow_unknown, struct diags *diags) {
    if (!value_is_wholly_known(v))
        return allow_unknown ||
               bad_each(frame, arena, expr, EVAL_CAUSE_UNKNOWN, diags, each_set_unknown);
    const struct type *element = value_type(v)->element;
    if (value_count(v) > 0 && element != type_string) {
        struct str name = element == type_dynamic ? S("dynamic") : type_friendly(arena, element);
        return bad_set(frame, arena, expr, diags,
                       str_format(arena,
                                  "The given \"for_each\" argument value is unsuitable: "
                                  "\"for_each\" supports maps and sets of strings, but you have "
                                  "provided a set containing type %.*s.",
                                  STR_ARG(name))
                           .at);
    }
    for (size_t i = 0; i < value_count(v); i++)
        if (value_is_null(value_at(v, i)))
            return bad_set(frame, arena, expr, diags,
                           "The given \"for_each\" argument value is unsuitable: \"for_each\" "
                           "sets must not contain null values.");
    return true;
}

static bool check_each(struct frame *frame, struct arena *arena, const struct expr *expr,
                       struct value v, bool allow_unknown, struct diags *diags) {
    const struct type *type = value_type(v);
    if (value_is_null(v))
        return bad_each(frame, arena, expr, 0, diags,
                        "The given \"for_each\" argument value is unsuitable: the given "
                        "\"for_each\" argument value is null. A map, or set of strings is "
                        "allowed.");
    if (!value_is_known(v) &&
        (type == type_dynamic || type->kind == TYPE_MAP || type->kind == TYPE_OBJECT))
        return allow_unknown ||
               bad_each(frame, arena, expr, EVAL_CAUSE_UNKNOWN, diags, each_map_unknown);
    if (type->kind == TYPE_SET)
        return check_each_set(frame, arena, expr, v, allow_unknown, diags);
    if (type->kind == TYPE_MAP || type->kind == TYPE_OBJECT)
        return true;
    struct str name = type_friendly(arena, type);
    return bad_each(frame, arena, expr, 0, diags,
                    str_format(arena,
                               "The given \"for_each\" argument value is unsuitable: the "
                               "\"for_each\" argument must be a map, or set of strings, and you "
                               "have provided a value of type %.*s.",
                               STR_ARG(name))
                        .at);
}

bool repetition_each(struct frame *frame, struct arena *arena, const struct expr *expr,
                     bool allow_unknown, struct value *ret_value, struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v = eval_expr(arena, &frame->scope, expr, diags);
    if (diags->n_errors > before)
        return false;
    if (value_marks(v) & VALUE_SENSITIVE)
        return bad_each(frame, arena, expr, EVAL_CAUSE_SENSITIVE, diags,
                        "Sensitive values, or values derived from sensitive values, cannot be "
                        "used as for_each arguments. If used, the sensitive value could be "
                        "exposed as a resource instance key.");
    if (value_marks(v) & VALUE_EPHEMERAL)
        return bad_each(frame, arena, expr, EVAL_CAUSE_EPHEMERAL, diags,
                        "The given \"for_each\" value is derived from an ephemeral value, which "
                        "means that Loam cannot persist it between plan/apply rounds. Use only "
                        "non-ephemeral values to specify a resource's instance keys.");
    v = value_unmark(v);
    if (!check_each(frame, arena, expr, v, allow_unknown, diags))
        return false;
    *ret_value = v;
    return true;
}

bool repetition_enabled(struct frame *frame, struct arena *arena, const struct expr *expr,
                        bool allow_unknown, bool *ret_enabled, struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v =
        eval_expr_as(arena, &frame->scope, expr, type_bool, S("Incorrect value type"), diags);
    if (diags->n_errors > before)
        return false;
    v = value_unmark(v);
    const char *detail = NULL;
    if (value_is_null(v))
        detail = "The given \"enabled\" argument value is unsuitable: the given \"enabled\" "
                 "argument value is null.";
    else if (!value_is_known(v) && !allow_unknown)
        detail = "The \"enabled\" value depends on resource attributes that cannot be determined "
                 "until apply, so Loam cannot predict whether the object will exist.";
    if (detail) {
        unsuitable(frame, arena, expr, EVAL_CAUSE_UNKNOWN, diags, "Invalid enabled argument",
                   str_from(detail));
        return false;
    }
    *ret_enabled = !value_is_known(v) || v.boolean;
    return true;
}
