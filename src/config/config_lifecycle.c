/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema lifecycle_attrs[] = {
    {STR("create_before_destroy"), false},
    {STR("prevent_destroy"), false},
    {STR("ignore_changes"), false},
    {STR("replace_triggered_by"), false},
    {STR("enabled"), false},
    {STR("destroy"), false},
};
static const struct body_block_schema lifecycle_blocks[] = {{.type = STR("precondition")},
                                                            {.type = STR("postcondition")}};
static const struct body_schema lifecycle_schema = {.attrs = lifecycle_attrs,
                                                    .n_attrs = COUNT(lifecycle_attrs),
                                                    .blocks = lifecycle_blocks,
                                                    .n_blocks = COUNT(lifecycle_blocks)};

static bool is_star(const struct expr *expr) {
    return expr->kind == EXPR_LITERAL && expr->literal.kind == VALUE_STRING &&
           str_eq(value_str(expr->literal), S("*"));
}

static void read_ignore_changes(const struct config_reader *reader, const struct attribute *attr,
                                struct config_lifecycle *lifecycle) {
    struct expr_list list;
    if (str_eq(body_keyword(attr->expr), S("all")) ||
        (attr->expr->json && attr->expr->kind == EXPR_LITERAL &&
         attr->expr->literal.kind == VALUE_STRING &&
         str_eq(value_str(attr->expr->literal), S("all")))) {
        lifecycle->ignore_all = true;
        return;
    }
    if (!body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return;
    struct span star = {.file = 0};
    lifecycle->ignore_changes =
        arena_array(reader->arena, list.n, sizeof *lifecycle->ignore_changes);
    lifecycle->ignore_exprs = arena_array(reader->arena, list.n, sizeof *lifecycle->ignore_exprs);
    for (uint32_t i = 0; i < list.n; i++) {
        struct traversal traversal;
        if (is_star(list.at[i])) {
            lifecycle->ignore_all = true;
            star = expr_span(list.at[i]);
            (void)diags_error(reader->diags, expr_span(attr->expr),
                              "Invalid ignore_changes wildcard",
                              "The [\"*\"] form of ignore_changes wildcard is was deprecated and "
                              "is now invalid. Use \"ignore_changes = all\" to ignore changes to "
                              "all attributes.");
        } else if (body_static_traversal(reader->arena, reader->sources, list.at[i], &traversal,
                                         reader->diags)) {
            lifecycle->ignore_changes[lifecycle->n_ignore] = traversal;
            lifecycle->ignore_exprs[lifecycle->n_ignore++] = list.at[i];
        }
    }
    if (lifecycle->ignore_all && lifecycle->n_ignore > 0) {
        struct diag *diag =
            diags_error(reader->diags, star, "Invalid ignore_changes ruleset",
                        "Cannot mix wildcard string \"*\" with non-wildcard references.");
        diag->context = expr_span(attr->expr);
    }
}

static void bad_trigger(const struct config_reader *reader, const struct expr *expr,
                        const char *summary, const char *detail) {
    (void)diags_error(reader->diags, expr_span(expr), summary, "%s", detail);
}

/* false: what comes behind it is not looked at any more. */
static bool check_trigger(const struct config_reader *reader, const struct expr *expr) {
    struct refs refs = {.n = 0};
    size_t before = reader->diags->n;
    if (!refs_of_expr(reader->arena, expr, &refs, reader->diags)) {
        for (size_t i = before; i < reader->diags->n; i++)
            reader->diags->at[i].subject = expr_span(expr);
        return false;
    }
    size_t resources = 0;
    for (size_t i = 0; i < refs.n; i++) {
        const struct ref *ref = &refs.at[i];
        switch (ref->kind) {
        case REF_MANAGED:
        case REF_DATA:
        case REF_EPHEMERAL:
            resources++;
            break;
        case REF_EACH:
            if (!str_eq(ref->name, S("key"))) {
                bad_trigger(reader, expr,
                            "Invalid each reference in replace_triggered_by expression",
                            "Only each.key may be used in replace_triggered_by.");
            }
            break;
        case REF_COUNT:
            if (!str_eq(ref->name, S("index"))) {
                bad_trigger(reader, expr,
                            "Invalid count reference in replace_triggered_by expression",
                            "Only count.index may be used in replace_triggered_by.");
            }
            break;
        default:
            bad_trigger(reader, expr, "Invalid reference in replace_triggered_by expression",
                        "Only resources, count.index, and each.key may be used in "
                        "replace_triggered_by.");
        }
    }
    if (resources != 1) {
        bad_trigger(reader, expr, "Invalid replace_triggered_by expression",
                    resources == 0
                        ? "Missing resource reference in replace_triggered_by expression."
                        : "Multiple resource references in replace_triggered_by expression.");
    }
    return reader->diags->n == before;
}

static void read_triggers(const struct config_reader *reader, const struct attribute *attr,
                          struct config_lifecycle *lifecycle) {
    struct expr_list list;
    if (!body_static_list(reader->arena, attr->expr, &list, reader->diags))
        return;
    lifecycle->replace_triggered_by =
        arena_array(reader->arena, list.n, sizeof *lifecycle->replace_triggered_by);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct expr *expr =
            body_static_expr(reader->arena, reader->sources, list.at[i], reader->diags);
        lifecycle->replace_triggered_by[lifecycle->n_replace_triggered_by++] = expr;
        if (!check_trigger(reader, expr))
            return;
    }
}

/* OpenTofu lets variables in here; what is constant must be a bool at once. */
static void read_prevent_destroy(const struct config_reader *reader, const struct attribute *attr,
                                 struct config_lifecycle *lifecycle) {
    struct refs refs = {.n = 0};
    bool ignored = false;
    lifecycle->prevent_destroy = attr->expr;
    (void)refs_of_expr(reader->arena, attr->expr, &refs, NULL);
    if (refs.n == 0 && !config_static_bool(reader, attr->expr, &ignored))
        lifecycle->prevent_destroy = NULL;
}

static void read_managed(const struct config_reader *reader, const struct body_content *content,
                         struct config_lifecycle *lifecycle) {
    const struct attribute *attr = body_attr(content, S("create_before_destroy"));
    if (attr != NULL) {
        (void)config_static_bool(reader, attr->expr, &lifecycle->create_before_destroy);
        lifecycle->create_before_destroy_set = true;
    }
    attr = body_attr(content, S("prevent_destroy"));
    if (attr != NULL)
        read_prevent_destroy(reader, attr, lifecycle);
    attr = body_attr(content, S("destroy"));
    if (attr != NULL)
        lifecycle->destroy = attr->expr;
    attr = body_attr(content, S("replace_triggered_by"));
    if (attr != NULL)
        read_triggers(reader, attr, lifecycle);
    attr = body_attr(content, S("ignore_changes"));
    if (attr != NULL)
        read_ignore_changes(reader, attr, lifecycle);
}

static void refuse_managed(const struct config_reader *reader, const struct body_content *content,
                           enum resource_mode mode) {
    const char *kind = mode == MODE_DATA ? "data" : "ephemeral";
    for (size_t i = 0; i < content->n_attrs; i++) {
        const struct attribute *attr = content->attrs[i];
        if (str_eq(attr->name, S("enabled")))
            continue;
        struct str summary =
            str_format(reader->arena, "Invalid %s resource lifecycle argument", kind);
        (void)diags_error(reader->diags, attr->name_span, str_c(reader->arena, summary),
                          "The lifecycle argument \"%.*s\" is defined only for managed resources "
                          "(\"resource\" blocks), and is not valid for %s resources.",
                          STR_ARG(attr->name), kind);
    }
}

/* The resource itself is `self` in a postcondition, and not there yet in a precondition. */
static void check_self(const struct config_reader *reader, const struct block *block,
                       const struct expr *expr, struct resource_addr addr) {
    struct refs refs = {.n = 0};
    if (expr == NULL)
        return;
    (void)refs_of_expr(reader->arena, expr, &refs, NULL);
    for (size_t i = 0; i < refs.n; i++) {
        const struct ref *ref = &refs.at[i];
        enum resource_mode mode = ref->kind == REF_DATA        ? MODE_DATA
                                  : ref->kind == REF_EPHEMERAL ? MODE_EPHEMERAL
                                                               : MODE_MANAGED;
        bool is_resource = ref->kind == REF_MANAGED || mode != MODE_MANAGED;
        if (is_resource && mode == addr.mode && str_eq(ref->type, addr.type) &&
            str_eq(ref->name, addr.name)) {
            struct str summary =
                str_format(reader->arena, "Invalid reference in %.*s", STR_ARG(block->type));
            struct str text = addr_resource_text(reader->arena, addr);
            (void)diags_error(reader->diags, expr_span(expr), str_c(reader->arena, summary),
                              "Configuration for %.*s may not refer to itself.", STR_ARG(text));
            return;
        }
    }
}

void config_lifecycle_read(const struct config_reader *reader, const struct block *block,
                           struct config_resource *resource,
                           struct config_lifecycle_attrs *ret_attrs) {
    struct body_content *content =
        body_content(reader->arena, block->body, &lifecycle_schema, reader->diags);
    const struct attribute *enabled = body_attr(content, S("enabled"));
    if (enabled != NULL) {
        resource->lifecycle.enabled = enabled->expr;
        ret_attrs->enabled = enabled;
    }
    if (resource->addr.mode == MODE_MANAGED)
        read_managed(reader, content, &resource->lifecycle);
    else
        refuse_managed(reader, content, resource->addr.mode);
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *inner = content->blocks[i];
        struct config_rule rule = config_rule_read(reader, inner);
        check_self(reader, inner, rule.condition, resource->addr);
        check_self(reader, inner, rule.error_message, resource->addr);
        config_rule_add(reader,
                        str_eq(inner->type, S("precondition")) ? &resource->preconditions
                                                               : &resource->postconditions,
                        rule);
    }
}
