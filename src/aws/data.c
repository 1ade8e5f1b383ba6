/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/data.h"

#include "aws/resource_call.h"
#include "aws/tags.h"
#include "base/arena.h"

static void not_found(struct op *op) {
    struct str key = record_expand(&op->now, NULL, "{name}");
    if (key.len == 0)
        key = record_expand(&op->now, NULL, "{arn}");
    struct str text = str_format(op->arena, "reading %s (%.*s): couldn't find resource",
                                 op->resource->row->noun, STR_ARG(key));
    diags_add(op->diags, SEVERITY_ERROR, (struct span){0}, text, S(""));
}

bool data_call(struct op *op, const struct call_row *call, struct message **ret_answer) {
    struct fault fault;
    *ret_answer = resource_try(op, call, &fault);
    if (!*ret_answer && fault.code == FAULT_NO_SUCH_ENTITY)
        resource_error(op, call->frame, "couldn't find resource");
    else if (!*ret_answer)
        resource_fault(op, call, &fault);
    return *ret_answer != NULL;
}

static bool read_one(struct op *op, const struct read_row *read) {
    struct fault fault;
    struct message *answer = resource_try(op, &read->call, &fault);
    if (!answer) {
        if (fault.code == FAULT_NO_SUCH_ENTITY && !(op->resource->row->flags & ROW_RAW))
            not_found(op);
        else
            resource_fault(op, &read->call, &fault);
        return false;
    }
    const struct message *found = resource_call_find(op, answer, read);
    if (!found) {
        not_found(op);
        return false;
    }
    resource_take(op, found, read->out);
    if (read->tags != NO_TAGS)
        record_set(&op->now, S("tags"),
                   tags_visible(op->arena, service_settings(op->service), found, read->tags));
    return true;
}

static bool read_list(struct op *op, const struct children_row *c) {
    struct message *answer;
    if (!resource_call(op, &c->list, &answer))
        return false;
    record_set(&op->now, str_from(c->attr),
               resource_call_texts(op->arena, answer, c->items, c->item));
    return true;
}

bool data_read(struct op *op) {
    const struct resource_row *row = op->resource->row;
    const struct fact_block *block = &op->resource->facts->block;
    for (size_t i = 0; i < block->n_facts; i++)
        if (block->facts[i].fallback.len > 0 &&
            value_is_null(record_get(&op->now, block->facts[i].name)))
            record_set(&op->now, block->facts[i].name, facts_default(op->arena, &block->facts[i]));
    if (row->before_read && !row->before_read(op))
        return false;
    for (const struct read_row *r = row->reads; r && r->call.action; r++)
        if (!read_one(op, r))
            return false;
    for (const struct children_row *c = row->children; c && c->attr; c++)
        if (!read_list(op, c))
            return false;
    if (row->after_read && !row->after_read(op))
        return false;
    for (size_t i = 0; i < block->n_blocks; i++) {
        struct value nested = record_get(&op->now, block->blocks[i].name);
        bool many = nested.kind == VALUE_LIST || nested.kind == VALUE_SET;
        if (many && value_count(nested) == 0) /* as the legacy library leaves them */
            record_set(&op->now, block->blocks[i].name, value_null(value_type(nested)));
    }
    if (row->id)
        record_set_text(&op->now, S("id"), record_expand(&op->now, NULL, row->id));
    record_settle(&op->now);
    return true;
}
