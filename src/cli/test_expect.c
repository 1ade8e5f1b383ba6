/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_expect.h"

#include "base/arena.h"
#include "eval/refs.h"
#include "hcl/body.h"

struct test_expect test_expect_new(struct arena *arena, const struct test_run *run,
                                   const struct config *config) {
    return (struct test_expect){.arena = arena,
                                .run = run,
                                .config = config,
                                .met = arena_array(arena, run->n_expected, sizeof(bool))};
}

static bool has_rule(const struct config_rules *rules, struct span at) {
    for (size_t i = 0; i < rules->n; i++) {
        struct span span = expr_span(rules->at[i].condition);
        if (span.file == at.file && span.start == at.start && span.end == at.end)
            return true;
    }
    return false;
}

static bool validates(const struct test_expect *e, const struct config_variable *variable,
                      const struct diag *diag) {
    for (size_t i = 0; i < variable->validations.n; i++) {
        struct str place =
            sources_range(e->arena, e->config->sources, variable->validations.at[i].span);
        if (str_ends(diag->detail, str_format(e->arena, " at %.*s.", STR_ARG(place))))
            return true;
    }
    return false;
}

/* Whose condition failed, as an address inside the module; empty: none that can be named. */
static struct str object_in(const struct test_expect *e, const struct config_module *module,
                            const struct diag *diag) {
    for (size_t i = 0; i < module->variables.n; i++) {
        const struct config_variable *v = module->variables.entries[i].value;
        if (diag->kind == DIAG_VARIABLE_VALIDATION && validates(e, v, diag))
            return str_cat(e->arena, S("var."), v->name);
    }
    for (size_t i = 0; i < module->outputs.n; i++) {
        const struct config_output *o = module->outputs.entries[i].value;
        if (has_rule(&o->preconditions, diag->subject))
            return str_cat(e->arena, S("output."), o->name);
    }
    for (size_t i = 0; i < module->checks.n; i++) {
        const struct config_check *c = module->checks.entries[i].value;
        if (has_rule(&c->asserts, diag->subject))
            return str_cat(e->arena, S("check."), c->name);
    }
    for (size_t i = 0; i < module->resources.n; i++) {
        const struct config_resource *r = module->resources.entries[i].value;
        if (has_rule(&r->preconditions, diag->subject) ||
            has_rule(&r->postconditions, diag->subject))
            return addr_resource_text(e->arena, r->addr);
    }
    return S("");
}

static bool is_condition(const struct diag *diag) {
    return diag->kind == DIAG_CHECK || diag->kind == DIAG_VARIABLE_VALIDATION;
}

/* What one of them names; references in quotes are still read as references. */
static struct str expected_object(const struct test_expect *e, size_t i) {
    struct str text = sources_text(e->config->sources, expr_span(e->run->expected[i]));
    bool quoted = text.len > 1 && text.at[0] == '"';
    return quoted ? str_slice(text, 1, text.len - 1) : text;
}

/* An expectation of a resource is met by any of its instances; returns the first that is met. */
static ptrdiff_t meet(const struct test_expect *e, struct str object, const struct diag *diag) {
    ptrdiff_t first = -1;
    for (size_t i = 0; object.len && i < e->run->n_expected; i++) {
        struct str text = expected_object(e, i);
        if (!str_eq(text, object) && (!diag->address.len || !str_eq(text, diag->address)))
            continue;
        e->met[i] = true;
        first = first < 0 ? (ptrdiff_t)i : first;
    }
    return first;
}

const struct diag *test_expect_sort(struct test_expect *expect, struct diags *diags,
                                    struct str *ret_object, struct span *ret_span) {
    const struct diag *stopped = NULL;
    size_t kept = 0;
    diags->n_errors = 0;
    for (size_t i = 0; i < diags->n; i++) {
        struct diag d = diags->at[i];
        if (is_condition(&d)) {
            struct str object = object_in(expect, expect->config->root, &d);
            ptrdiff_t met = meet(expect, object, &d);
            if (met >= 0) {
                if (d.severity == SEVERITY_ERROR && !stopped) {
                    stopped = arena_copy(expect->arena, &d, sizeof d);
                    *ret_object = object;
                    *ret_span = expr_span(expect->run->expected[met]);
                }
                continue;
            }
            d.severity = SEVERITY_ERROR;
        }
        diags->at[kept++] = d;
        diags->n_errors += d.severity == SEVERITY_ERROR;
    }
    diags->n = kept;
    return stopped;
}

static bool is_checkable(const struct test_expect *e, const struct expr *expr,
                         struct diags *diags) {
    struct traversal traversal;
    struct ref ref;
    struct diags quiet = {.arena = diags->arena};
    if (!body_static_traversal(e->arena, e->config->sources, expr, &traversal, &quiet) ||
        !refs_parse(e->arena, &traversal, expr_span(expr), &ref, &quiet))
        return true;
    return ref.kind != REF_LOCAL && ref.kind != REF_MODULE && ref.kind != REF_PATH &&
           ref.kind != REF_TERRAFORM && ref.kind != REF_EACH && ref.kind != REF_COUNT &&
           ref.kind != REF_SELF;
}

bool test_expect_check(const struct test_expect *expect, struct diags *diags) {
    bool all = true;
    for (size_t i = 0; i < expect->run->n_expected; i++) {
        if (expect->met[i])
            continue;
        struct span span = expr_span(expect->run->expected[i]);
        struct str text = expected_object(expect, i);
        all = false;
        if (!is_checkable(expect, expect->run->expected[i], diags)) {
            diags_error(diags, span, "Invalid `expect_failures` reference",
                        "You cannot expect failures from %.*s. You can only expect failures from "
                        "checkable objects such as input variables, output values, check blocks, "
                        "managed resources and data sources.",
                        STR_ARG(text));
            continue;
        }
        diags_error(diags, span, "Missing expected failure",
                    "The checkable object, %.*s, was expected to report an error but did not.",
                    STR_ARG(text));
    }
    return all;
}
