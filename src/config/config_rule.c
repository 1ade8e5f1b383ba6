/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema rule_attrs[] = {
    {STR("condition"), true},
    {STR("error_message"), true},
};
static const struct body_schema rule_schema = {.attrs = rule_attrs, .n_attrs = COUNT(rule_attrs)};

struct config_rule config_rule_read(const struct config_reader *reader, const struct block *block) {
    struct config_rule rule = {.span = block->header};
    if (reader->override) {
        struct str summary =
            str_format(reader->arena, "Can't override %.*s blocks", STR_ARG(block->type));
        (void)diags_error(reader->diags, block->header, str_c(reader->arena, summary),
                          "Override files cannot override \"%.*s\" blocks.", STR_ARG(block->type));
        return rule;
    }
    struct body_content *content =
        body_content(reader->arena, block->body, &rule_schema, reader->diags);
    const struct attribute *condition = body_attr(content, S("condition"));
    const struct attribute *message = body_attr(content, S("error_message"));
    if (condition != NULL) {
        struct refs refs = {.n = 0};
        struct diags malformed = {.arena = reader->diags->arena};
        rule.condition = condition->expr;
        (void)refs_of_expr(reader->arena, condition->expr, &refs, &malformed);
        size_t named = malformed.n;
        for (size_t i = 0; i < refs.n; i++)
            named += refs.at[i].kind != REF_PROVIDER_FUNCTION;
        if (named == 0) {
            struct str summary =
                str_format(reader->arena, "Invalid %.*s expression", STR_ARG(block->type));
            (void)diags_error(reader->diags, expr_span(condition->expr),
                              str_c(reader->arena, summary),
                              "The condition expression must refer to at least one object from "
                              "elsewhere in the configuration, or else its result would not be "
                              "checking anything.");
        }
    }
    if (message != NULL)
        rule.error_message = message->expr;
    return rule;
}

void config_rule_add(const struct config_reader *reader, struct config_rules *rules,
                     struct config_rule rule) {
    rules->at = config_static_grow(reader, rules->at, rules->n, sizeof rule);
    rules->at[rules->n++] = rule;
}
