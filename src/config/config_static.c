/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "config/config_int.h"
#include "config/version.h"
#include "eval/eval.h"
#include "hcl/parse.h"
#include "value/convert.h"

void *config_static_grow(const struct config_reader *reader, void *items, size_t n, size_t size) {
    /* The room is always the next power of two, so it need not be remembered. */
    if ((n & (n - 1)) != 0)
        return items;
    void *room = arena_array(reader->arena, n == 0 ? 1 : n * 2, size);
    if (n > 0)
        memcpy(room, items, n * size);
    return room;
}

struct str config_static_range(const struct config_reader *reader, struct span span) {
    return sources_range(reader->arena, reader->sources, span);
}

bool config_static_is_name(const struct config_reader *reader, struct str name, struct span span,
                           const char *summary) {
    if (parse_is_identifier(name))
        return true;
    (void)diags_error(reader->diags, span, summary, CONFIG_BAD_NAME);
    return false;
}

struct value config_static_value(const struct config_reader *reader, const struct expr *expr) {
    struct scope scope = {.sources = reader->sources, .constant_only = true};
    return eval_expr(reader->arena, &scope, expr, reader->diags);
}

bool config_static_quoted(const struct expr *expr) {
    return expr->kind == EXPR_LITERAL && !expr->json && expr->literal.kind == VALUE_STRING;
}

static bool unsuitable(const struct config_reader *reader, const struct expr *expr,
                       struct str why) {
    struct diag *diag = diags_error(reader->diags, expr_start(expr), "Unsuitable value type",
                                    "Unsuitable value: %.*s", STR_ARG(why));
    diag->context = expr_span(expr);
    return false;
}

static bool static_as(const struct config_reader *reader, const struct expr *expr,
                      const struct type *type, struct value *ret_value) {
    struct value v = config_static_value(reader, expr);
    struct convert_error error;
    if (!convert_value(reader->arena, v, type, &v, &error))
        return unsuitable(reader, expr, error.text);
    v = value_unmark(v);
    if (!value_is_known(v))
        return unsuitable(reader, expr, S("value must be known"));
    if (value_is_null(v))
        return unsuitable(reader, expr, S("null value is not allowed"));
    *ret_value = v;
    return true;
}

bool config_static_string(const struct config_reader *reader, const struct expr *expr,
                          struct str *ret_string) {
    struct value v;
    if (!static_as(reader, expr, type_string, &v))
        return false;
    *ret_string = value_str(v);
    return true;
}

bool config_static_bool(const struct config_reader *reader, const struct expr *expr,
                        bool *ret_bool) {
    struct value v;
    if (!static_as(reader, expr, type_bool, &v))
        return false;
    *ret_bool = v.boolean;
    return true;
}

bool config_static_version(const struct config_reader *reader, const struct attribute *attr,
                           struct str *ret_version) {
    size_t before = reader->diags->n_errors;
    struct value v = config_static_value(reader, attr->expr);
    struct convert_error error;
    if (reader->diags->n_errors > before)
        return false;
    if (!convert_value(reader->arena, v, type_string, &v, &error)) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid version constraint",
                          "A string value is required for %.*s.", STR_ARG(attr->name));
        return false;
    }
    if (value_is_null(v) || !value_is_known(v)) {
        *ret_version = S("");
        return true;
    }
    struct version_constraints constraints;
    if (!version_parse_constraints(reader->arena, value_str(v), &constraints)) {
        (void)diags_error(reader->diags, expr_span(attr->expr), "Invalid version constraint",
                          "This string does not use correct version constraint syntax.");
        return false;
    }
    *ret_version = value_str(v);
    return true;
}

static void warn_quoted(const struct config_reader *reader, struct span span) {
    (void)diags_warn(reader->diags, span, "Quoted keywords are deprecated",
                     "In this context, keywords are expected literally rather than in quotes. "
                     "Terraform 0.11 and earlier required quotes, but quoted keywords are now "
                     "deprecated and will be removed in a future version of Terraform. Remove the "
                     "quotes surrounding this keyword to silence this warning.");
}

struct str config_static_keyword(const struct config_reader *reader, const struct expr *expr) {
    if (expr->kind == EXPR_LITERAL && expr->literal.kind == VALUE_STRING) {
        if (!expr->json)
            warn_quoted(reader, expr_span(expr));
        return value_str(expr->literal);
    }
    return body_keyword(expr);
}

struct span config_static_span(const struct traversal *traversal) {
    return traversal->n == 0
               ? traversal->root_span
               : span_join(traversal->root_span, traversal->steps[traversal->n - 1].span);
}

bool config_static_address(const struct config_reader *reader, const struct expr *expr,
                           struct traversal *ret_traversal) {
    if (config_static_quoted(expr)) {
        (void)diags_error(reader->diags, expr_span(expr), "Invalid expression",
                          "A single static variable reference is required: only attribute access "
                          "and indexing with constant keys. No calculations, function calls, "
                          "template expressions, etc are allowed here.");
        return false;
    }
    return body_static_traversal(reader->arena, reader->sources, expr, ret_traversal,
                                 reader->diags);
}

void config_static_depends_on(const struct config_reader *reader, const struct attribute *attr,
                              struct refs *refs) {
    struct expr_list list;
    if (!body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return;
    for (uint32_t i = 0; i < list.n; i++) {
        struct traversal traversal;
        struct ref ref;
        if (!body_static_traversal(reader->arena, reader->sources, list.at[i], &traversal,
                                   reader->diags))
            continue;
        /* What it names, if anything, is a question for when everything is read. */
        if (!refs_parse(reader->arena, &traversal, config_static_span(&traversal), &ref,
                        diags_new(reader->arena)))
            ref = (struct ref){.kind = REF_MALFORMED,
                               .root = traversal.root,
                               .span = traversal.root_span,
                               .rest = traversal.steps,
                               .n_rest = traversal.n};
        refs->at = arena_grow(reader->arena, refs->at, refs->n, &refs->cap, sizeof *refs->at);
        refs->at[refs->n++] = ref;
    }
}

bool config_static_provider_name(const struct config_reader *reader, struct str name,
                                 struct span span) {
    struct provider_addr provider;
    struct addr_error error;
    struct str lower = str_lower(reader->arena, name);
    if (str_find_byte(name, '.') >= 0) {
        (void)diags_error(reader->diags, span, "Invalid provider local name",
                          "%.*s is an invalid provider local name: dots are not allowed",
                          STR_ARG(name));
        return false;
    }
    if (str_find_byte(name, '/') >= 0 ||
        !addr_provider_parse(reader->arena, name, &provider, &error)) {
        (void)diags_error(reader->diags, span, "Invalid provider local name",
                          "%.*s is an invalid provider local name: must contain only letters, "
                          "digits, and dashes, and may not use leading or trailing dashes",
                          STR_ARG(name));
        return false;
    }
    if (!str_eq(lower, name)) {
        (void)diags_error(reader->diags, span, "Invalid provider local name",
                          "Provider names must be normalized. Replace \"%.*s\" with \"%.*s\" to "
                          "fix this error.",
                          STR_ARG(name), STR_ARG(lower));
        return false;
    }
    return true;
}

static bool bad_provider(const struct config_reader *reader, struct span span, const char *detail) {
    (void)diags_error(reader->diags, span, "Invalid provider configuration reference", "%s",
                      detail);
    return false;
}

bool config_static_provider(const struct config_reader *reader, const struct expr *expr,
                            const char *argument, struct config_provider_ref *ret_ref) {
    struct config_provider_ref ref = {.alias = S(""), .span = expr_span(expr)};
    uint32_t max_steps = 2;
    if (expr->kind == EXPR_INDEX) {
        ref.key = expr->operand[1];
        expr = expr->operand[0];
        max_steps = 1;
    }
    /* A bare name as the key of `providers` may come as a plain string. */
    struct diags attempt = {.arena = reader->diags->arena};
    struct traversal traversal = {.n = 0};
    bool ok = body_static_traversal(reader->arena, reader->sources, expr, &traversal, &attempt);
    if (!ok || traversal.n > max_steps) {
        return bad_provider(
            reader, expr_span(expr),
            str_c(reader->arena, str_format(reader->arena,
                                            "The %s argument requires a provider type name, "
                                            "optionally followed by a period and then a "
                                            "configuration alias.",
                                            argument)));
    }
    diags_append(reader->diags, &attempt);
    ref.name = traversal.root;
    if (!config_static_provider_name(reader, ref.name, traversal.root_span))
        return false;
    if (traversal.n > 0) {
        if (traversal.steps[0].kind != STEP_ATTR) {
            return bad_provider(reader, traversal.steps[0].span,
                                "Provider name must either stand alone or be followed by a period "
                                "and then a configuration alias.");
        }
        ref.alias = traversal.steps[0].name;
    }
    if (traversal.n > 1) {
        if (traversal.steps[1].kind != STEP_INDEX) {
            return bad_provider(
                reader, expr_span(expr),
                str_c(reader->arena, str_format(reader->arena,
                                                "The %s argument requires a provider type name, "
                                                "optionally followed by a period and then a "
                                                "configuration alias.",
                                                argument)));
        }
        struct expr *key = arena_alloc(reader->arena, sizeof *key);
        *key = (struct expr){.kind = EXPR_LITERAL,
                             .file = traversal.steps[1].span.file,
                             .start = traversal.steps[1].span.start,
                             .end = traversal.steps[1].span.end,
                             .literal = traversal.steps[1].index};
        ref.key = key;
    }
    *ret_ref = ref;
    return true;
}
