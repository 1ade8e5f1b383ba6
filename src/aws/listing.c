/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/listing.h"

#include "aws/arn.h"
#include "aws/prefetch.h"
#include "aws/resource_call.h"
#include "base/arena.h"

const struct list_row *listing_row(struct str type) {
    for (size_t i = 0; i < list_table_n; i++)
        if (str_eq(list_table[i].type, type))
            return &list_table[i];
    return NULL;
}

const struct schema *listing_schema(struct arena *arena, const struct list_row *row) {
    struct fact_schema facts = {.name = row->type, .block = row->config};
    return facts_schema(arena, &facts);
}

/* What an ARN says behind `prefix` of its resource, as the hidden attribute `name`. */
static void set_end_of_arn(struct op *op, struct str attr, struct str prefix, struct str name) {
    struct arn arn;
    if (arn_parse(record_text(&op->now, attr), &arn) && str_starts(arn.resource, prefix))
        record_set_text(&op->now, name, str_slice(arn.resource, prefix.len, arn.resource.len));
}

/* For `display`: the path without its first slash, and what ARNs name. */
static void set_short_texts(struct op *op) {
    struct str path = record_text(&op->now, S(".path"));
    if (path.len > 0)
        record_set_text(&op->now, S(".folder"), str_slice(path, 1, path.len));
    set_end_of_arn(op, S("policy_arn"), S("policy/"), S(".policy"));
    set_end_of_arn(op, S("arn"), S("oidc-provider/"), S(".issuer"));
}

static void begin_op(struct listing *l, struct op *op) {
    resource_op(op, l->arena, l->service, l->resource, l->diags);
    record_init(&op->now, l->arena, l->resource->type, value_null(l->resource->type));
    for (size_t i = 0; i < l->row->config.n_facts; i++) {
        struct value v;
        struct str name = l->row->config.facts[i].name;
        if (l->config.kind == VALUE_OBJECT && value_get(l->config, name, &v))
            record_set(&op->now,
                       l->row->owner ? str_from(l->row->owner)
                                     : str_format(l->arena, ".%.*s", STR_ARG(name)),
                       v);
    }
}

static bool refuse(struct listing *l, struct op *op, const struct call_row *call,
                   const struct fault *fault) {
    struct str frame = record_expand(&op->now, NULL, call->frame);
    struct str why = api_fault_text(l->arena, call->action, fault);
    diags_error(l->diags, (struct span){0}, "Error Listing Remote Resources", "Error: %.*s: %.*s",
                STR_ARG(frame), STR_ARG(why));
    return false;
}

static void add_object(struct listing *l, struct op *op) {
    set_short_texts(op);
    l->at = arena_grow(l->arena, l->at, l->n, &l->cap, sizeof *l->at);
    l->at[l->n++] = (struct listing_object){
        .identity = resource_identity(op),
        .display = record_expand(&op->now, NULL, l->row->display),
    };
}

/* op->now with what item i of a page says; false: it is left out. */
static bool take_item(struct op *op, const struct list_level *level, const struct message *page,
                      size_t i) {
    if (level->text) {
        record_set_text(&op->now, str_from(level->text), message_str_at(page, level->items, i));
        return true;
    }
    resource_take(op, message_at(page, level->items, i), level->out);
    return !level->skip ||
           !str_starts(record_text(&op->now, str_from(level->skip)), str_from(level->skip_prefix));
}

/* The objects behind the first level: each is asked for what belongs to it. */
struct owners {
    struct record *at;
    size_t n, cap;
};

struct visit {
    struct listing *listing;
    const struct list_level *level;
    const struct op *from; /* what is known before */
    struct owners *owners; /* NULL: the objects themselves are listed */
};

/* A page of a level; false: enough. */
static bool visit_page(void *context, const struct message *page) {
    struct visit *v = context;
    struct listing *l = v->listing;
    for (size_t i = 0; i < message_count(page, v->level->items); i++) {
        struct op op = *v->from;
        op.now.at = arena_copy(l->arena, op.now.at, op.now.type->n * sizeof *op.now.at);
        if (!take_item(&op, v->level, page, i))
            continue;
        if (!v->owners) {
            if (l->n == l->limit)
                return false;
            add_object(l, &op);
            continue;
        }
        v->owners->at = arena_grow(l->arena, v->owners->at, v->owners->n, &v->owners->cap,
                                   sizeof *v->owners->at);
        v->owners->at[v->owners->n++] = op.now;
    }
    return v->owners || l->n < l->limit;
}

static bool list_level(struct visit *v, struct op *op, bool skip_missing) {
    struct fault fault;
    const struct call_row *call = &v->level->call;
    if (service_pages(v->listing->service, v->listing->arena, call->action,
                      resource_call_request(op, call), visit_page, v, &fault) ||
        (skip_missing && fault.code == FAULT_NO_SUCH_ENTITY))
        return true;
    return refuse(v->listing, op, call, &fault);
}

/* Many owners' lists at the price of a few calls. No more owners than objects that are wanted. */
static void prefetch_owned(struct listing *l, struct owners *owners) {
    struct arena *scratch = arena_new();
    struct prefetch_plan *planned = prefetch_plan_new(scratch);
    struct op op;
    begin_op(l, &op);
    for (size_t i = 0; i < owners->n && i < l->limit; i++) {
        op.now = owners->at[i];
        prefetch_plan_add(planned, &op);
    }
    struct str fault;
    if (!prefetch_run(planned, l->service, scratch, &fault))
        l->refused = str_dup(l->arena, fault);
    prefetch_plan_free(planned);
    arena_free(scratch);
}

bool listing_run(struct listing *l) {
    struct op op;
    begin_op(l, &op);
    struct owners owners = {0};
    struct visit first = {.listing = l, .level = &l->row->levels[0], .from = &op};
    if (l->row->n_levels == 1)
        return list_level(&first, &op, false);
    first.owners = &owners;
    if (!list_level(&first, &op, false))
        return false;
    prefetch_owned(l, &owners);
    for (size_t i = 0; i < owners.n && l->n < l->limit; i++) {
        struct visit second = {.listing = l, .level = &l->row->levels[1], .from = &op};
        op.now = owners.at[i];
        if (!list_level(&second, &op, true))
            return false;
    }
    return true;
}
