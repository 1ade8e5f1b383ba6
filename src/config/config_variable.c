/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"
#include "hcl/parse.h"
#include "value/convert.h"

static const struct body_attr_schema variable_attrs[] = {
    {STR("description"), false}, {STR("default"), false},   {STR("type"), false},
    {STR("sensitive"), false},   {STR("ephemeral"), false}, {STR("deprecated"), false},
    {STR("nullable"), false},    {STR("const"), false},
};
static const struct body_block_schema variable_blocks[] = {{.type = STR("validation")}};
static const struct body_schema variable_schema = {.attrs = variable_attrs,
                                                   .n_attrs = COUNT(variable_attrs),
                                                   .blocks = variable_blocks,
                                                   .n_blocks = COUNT(variable_blocks)};

/* Arguments and blocks of a module call, which an input variable must not shadow. */
static const struct str reserved_names[] = {
    STR("source"),    STR("version"), STR("count"),     STR("for_each"), STR("depends_on"),
    STR("providers"), STR("_"),       STR("lifecycle"), STR("locals"),   STR("provider"),
};

static void check_name(const struct config_reader *reader, const struct block *block,
                       struct str name) {
    (void)config_static_is_name(reader, name, block->label_spans[0], "Invalid variable name");
    for (size_t i = 0; i < COUNT(reserved_names); i++) {
        if (str_eq(reserved_names[i], name)) {
            (void)diags_error(reader->diags, block->label_spans[0], "Invalid variable name",
                              "The variable name \"%.*s\" is reserved due to its special meaning "
                              "inside module blocks.",
                              STR_ARG(name));
        }
    }
}

/* type = "string", as before Terraform 0.12 */
static bool quoted_type(const struct config_reader *reader, const struct expr *expr) {
    static const struct {
        struct str word;
        const char *advice;
    } words[] = {
        {STR("string"), "Remove the quotes around \"string\"."},
        {STR("list"), "Remove the quotes around \"list\" and write list(string) instead to "
                      "explicitly indicate that the list elements are strings."},
        {STR("map"), "Remove the quotes around \"map\" and write map(string) instead to "
                     "explicitly indicate that the map elements are strings."},
    };
    if (!config_static_quoted(expr))
        return false;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (str_eq(words[i].word, value_str(expr->literal))) {
            (void)diags_error(reader->diags, expr_span(expr), "Invalid quoted type constraints",
                              "Terraform 0.11 and earlier required type constraints to be given "
                              "in quotes, but that form is now deprecated and will be removed in a "
                              "future version of Terraform. %s",
                              words[i].advice);
            return true;
        }
    }
    (void)diags_error(reader->diags, expr_span(expr), "Invalid legacy variable type hint",
                      "To provide a full type expression, remove the surrounding quotes and give "
                      "the type expression directly.");
    return true;
}

/* In JSON a text that holds the expression, whose place is that of the text. */
static const struct expr *type_expr(const struct config_reader *reader, const struct expr *expr) {
    struct diags ignored = {.arena = reader->diags->arena};
    if (!expr->json || expr->kind != EXPR_LITERAL || expr->literal.kind != VALUE_STRING)
        return expr;
    struct expr *parsed = parse_expr_at(reader->arena, reader->sources, expr->file,
                                        value_str(expr->literal), expr->start, &ignored);
    if (diags_failed(&ignored))
        parsed->kind = EXPR_INVALID;
    parsed->start = expr->start;
    parsed->end = expr->end;
    return parsed;
}

static void read_type(const struct config_reader *reader, const struct expr *expr,
                      struct config_variable *variable) {
    variable->type_set = true;
    if (quoted_type(reader, expr)) {
        variable->type = type_dynamic;
        return;
    }
    expr = type_expr(reader, expr);
    struct str keyword = body_keyword(expr);
    if (str_eq(keyword, S("list"))) {
        variable->type = type_list(type_dynamic);
        return;
    }
    if (str_eq(keyword, S("map"))) {
        variable->type = type_map(type_dynamic);
        return;
    }
    if (!typeexpr_parse(reader->arena, expr, &variable->type, &variable->defaults, reader->diags)) {
        variable->type = type_dynamic;
        variable->defaults = NULL;
    }
}

static void read_default(const struct config_reader *reader, const struct attribute *attr,
                         struct config_variable *variable) {
    struct value v = config_static_value(reader, attr->expr);
    struct convert_error error;
    variable->default_expr = attr->expr;
    variable->has_default = true;
    /* In an override file the type may be given elsewhere: merging checks it. */
    if (!reader->override || variable->type_set) {
        if (variable->defaults != NULL && !value_is_null(v))
            v = typeexpr_apply(reader->arena, variable->defaults, v);
        if (!convert_value(reader->arena, v, variable->type, &v, &error)) {
            struct str why = convert_error_text(reader->arena, &error);
            (void)diags_error(reader->diags, expr_span(attr->expr),
                              "Invalid default value for variable",
                              "This default value is not compatible with the variable's type "
                              "constraint: %.*s.",
                              STR_ARG(why));
            v = value_unknown(type_dynamic);
        }
    }
    if (!variable->nullable && value_is_null(v)) {
        (void)diags_error(reader->diags, expr_span(attr->expr),
                          "Invalid default value for variable",
                          "A null default value is not valid when nullable=false.");
    }
    variable->default_value = v;
}

static void read_validation(const struct config_reader *reader, const struct block *block,
                            struct config_variable *variable) {
    struct config_rule rule = config_rule_read(reader, block);
    config_rule_add(reader, &variable->validations, rule);
    if (rule.condition == NULL)
        return;
    struct refs refs = {.n = 0};
    (void)refs_of_expr(reader->arena, rule.condition, &refs, NULL);
    for (size_t i = 0; i < refs.n; i++)
        if (refs.at[i].kind == REF_VARIABLE && str_eq(refs.at[i].name, variable->name))
            return;
    (void)diags_error(reader->diags, expr_span(rule.condition),
                      "Invalid variable validation condition",
                      "The condition for variable \"%.*s\" must refer to var.%.*s in order to test "
                      "incoming values.",
                      STR_ARG(variable->name), STR_ARG(variable->name));
}

static void read_deprecated(const struct config_reader *reader, const struct block *block,
                            const struct attribute *attr, struct config_variable *variable) {
    if (config_static_string(reader, attr->expr, &variable->deprecated) &&
        str_trim(variable->deprecated).len == 0) {
        (void)diags_error(reader->diags, block->label_spans[0], "Invalid `deprecated` value",
                          "The \"deprecated\" argument must not be empty, and should provide "
                          "instructions on how to migrate away from usage of this deprecated "
                          "variable.");
    }
}

static void read_arguments(const struct config_reader *reader, const struct block *block,
                           const struct body_content *content, struct config_variable *variable) {
    const struct attribute *attr = body_attr(content, S("description"));
    if (attr != NULL) {
        (void)config_static_string(reader, attr->expr, &variable->description);
        variable->description_set = true;
    }
    attr = body_attr(content, S("type"));
    if (attr != NULL)
        read_type(reader, attr->expr, variable);
    attr = body_attr(content, S("sensitive"));
    if (attr != NULL) {
        (void)config_static_bool(reader, attr->expr, &variable->sensitive);
        variable->sensitive_set = true;
    }
    attr = body_attr(content, S("deprecated"));
    if (attr != NULL)
        read_deprecated(reader, block, attr, variable);
    attr = body_attr(content, S("ephemeral"));
    if (attr != NULL) {
        (void)config_static_bool(reader, attr->expr, &variable->ephemeral);
        variable->ephemeral_set = true;
    }
    attr = body_attr(content, S("nullable"));
    if (attr != NULL) {
        variable->nullable = false;
        (void)config_static_bool(reader, attr->expr, &variable->nullable);
        variable->nullable_set = true;
    }
    attr = body_attr(content, S("default"));
    if (attr != NULL)
        read_default(reader, attr, variable);
}

static void add_variable(const struct config_reader *reader, struct config_variable *variable) {
    struct map *variables = &reader->module->variables;
    struct config_variable *existing = map_get(variables, variable->name);
    if (reader->override) {
        if (existing == NULL) {
            (void)diags_error(reader->diags, variable->span,
                              "Missing base variable declaration to override",
                              "There is no variable named \"%.*s\". An override file can only "
                              "override a variable that was already declared in a primary "
                              "configuration file.",
                              STR_ARG(variable->name));
            return;
        }
        config_merge_variable(reader, existing, variable);
        return;
    }
    if (existing != NULL) {
        struct str place = config_static_range(reader, existing->span);
        (void)diags_error(reader->diags, variable->span, "Duplicate variable declaration",
                          "A variable named \"%.*s\" was already declared at %.*s. Variable names "
                          "must be unique within a module.",
                          STR_ARG(variable->name), STR_ARG(place));
    }
    map_put(reader->arena, variables, variable->name, variable);
}

void config_variable_read(struct config_reader *reader, const struct block *block) {
    struct config_variable *variable = arena_alloc(reader->arena, sizeof *variable);
    *variable = (struct config_variable){.name = block->labels[0],
                                         .type = type_dynamic,
                                         .nullable = true,
                                         .description = S(""),
                                         .deprecated = S(""),
                                         .span = block->header};
    struct body_content *content =
        body_content(reader->arena, block->body, &variable_schema, reader->diags);
    check_name(reader, block, variable->name);
    read_arguments(reader, block, content, variable);
    for (size_t i = 0; i < content->n_blocks; i++)
        read_validation(reader, content->blocks[i], variable);
    add_variable(reader, variable);
}
