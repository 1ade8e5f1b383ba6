/* SPDX-License-Identifier: Apache-2.0 */
/* The list block of query files ("list block reference"). */
#include "base/arena.h"
#include "config/config_int.h"

static const struct body_attr_schema list_attrs[] = {
    {STR("provider"), false},         {STR("count"), false}, {STR("for_each"), false},
    {STR("include_resource"), false}, {STR("limit"), false}, {STR("data"), false},
};
static const struct body_schema list_schema = {.attrs = list_attrs, .n_attrs = COUNT(list_attrs)};

static const struct expr *expr_of(const struct body_content *content, struct str name) {
    const struct attribute *attr = body_attr(content, name);
    return attr ? attr->expr : NULL;
}

void config_list_read(struct config_reader *reader, const struct block *block) {
    struct config_resource *list = arena_alloc(reader->arena, sizeof *list);
    struct body *remain = NULL;
    struct body_content *content =
        body_partial_content(reader->arena, block->body, &list_schema, &remain, reader->diags);
    *list = (struct config_resource){
        .addr = {.mode = MODE_LIST, .type = block->labels[0], .name = block->labels[1]},
        .count = expr_of(content, S("count")),
        .for_each = expr_of(content, S("for_each")),
        .limit = expr_of(content, S("limit")),
        .include_resource = expr_of(content, S("include_resource")),
        .config = remain,
        .span = block->header,
        .type_span = block->label_spans[0],
        .body_span = block->body->span,
    };
    const struct attribute *provider = body_attr(content, S("provider"));
    if (provider)
        (void)config_static_provider(reader, provider->expr, "provider", &list->provider);
    else
        (void)diags_error(reader->diags, block->header, "Missing \"provider\" attribute",
                          "You must specify a provider attribute when defining a list block.");
    const struct attribute *data = body_attr(content, S("data"));
    if (data) /* it has that name, but as its result */
        (void)diags_error(reader->diags, data->name_span, "Unsupported argument",
                          "An argument named \"data\" is not expected here.");
    (void)config_static_is_name(reader, list->addr.type, block->label_spans[0],
                                "Invalid list block type");
    (void)config_static_is_name(reader, list->addr.name, block->label_spans[1],
                                "Invalid list block name");
    config_resource_repetition(reader, body_attr(content, S("count")), NULL,
                               body_attr(content, S("for_each")));
    config_resource_add(reader, list);
}
