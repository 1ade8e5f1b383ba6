/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object is to become. The reference provider plans with a library that sees a state as
 * flat text: null, "" and empty collections are one thing there, an argument that is gone keeps its
 * empty old value, and without any difference the prior state is the plan. Its plans are reproduced
 * here.
 */
#include "aws/resource.h"

#include "aws/resource_call.h"
#include "aws/tag_policy.h"
#include "aws/tags.h"
#include "base/arena.h"
#include "policy/policy_equal.h"

/* "", an empty collection, or null. */
static bool is_blank(struct value v) {
    switch (v.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_STRING:
        return value_str(v).len == 0;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_MAP:
        return value_count(v) == 0;
    default:
        return false;
    }
}

static bool same(struct value a, struct value b) {
    return value_same(a, b) || (is_blank(a) && is_blank(b));
}

static bool is_document(const struct fact *fact) {
    return fact->check && fact->check->format == FORMAT_POLICY;
}

/* No text, or a document without a member: the reference sees no difference between the two. */
static bool says_nothing(struct value document) {
    if (document.kind != VALUE_STRING)
        return value_is_null(document);
    struct str text = str_trim(value_str(document));
    return text.len == 0 || str_eq(text, S("{}"));
}

/* A policy text from the configuration: the old text where it says the same. */
static struct value plan_document(struct op *op, struct value configured, struct value prior,
                                  bool inline_) {
    if (configured.kind != VALUE_STRING)
        return configured;
    if (says_nothing(configured) && says_nothing(prior))
        return value_is_null(prior) ? value_string(op->arena, S("")) : prior;
    return resource_call_document(op->arena, inline_, prior, value_str(configured));
}

static const struct equal_row *equal_of(const struct op *op, struct str attr) {
    for (const struct equal_row *e = op->resource->row->equals; e && e->attr; e++)
        if (str_eq(str_from(e->attr), attr))
            return e;
    return NULL;
}

/* A configured value as it is kept: the old one where it means the same. */
static struct value plan_value(struct op *op, const struct fact *fact, struct value configured) {
    struct value prior = record_get(&op->prior, fact->name);
    const struct equal_row *equal = equal_of(op, fact->name);
    if (is_document(fact))
        return plan_document(op, configured, prior, op->resource->row->flags & ROW_INLINE);
    if (!equal || configured.kind != VALUE_STRING)
        return configured;
    if (prior.kind == VALUE_STRING &&
        equal->same(op->arena, value_str(prior), value_str(configured)))
        return prior;
    return equal->normal ? value_string(op->arena, equal->normal(op->arena, value_str(configured)))
                         : configured;
}

/* An argument that is gone: collections become empty, the rest null. */
static struct value removed(struct arena *arena, struct value null) {
    const struct type *type = value_type(null);
    switch (type->kind) {
    case TYPE_LIST:
        return value_list(arena, type->element, NULL, 0);
    case TYPE_SET:
        return value_set(arena, type->element, NULL, 0);
    case TYPE_MAP:
        return value_map(arena, type->element, NULL, NULL, 0);
    default:
        return null;
    }
}

static bool is_false(struct value v) {
    return v.kind == VALUE_BOOL && !v.boolean;
}

static struct value plan_attr(struct op *op, const struct fact *fact) {
    struct value configured = record_get(&op->config, fact->name);
    struct value prior = record_get(&op->prior, fact->name);
    bool framework = op->resource->row->flags & ROW_FRAMEWORK;
    /* The legacy library has no sets with unknown elements. */
    if (!framework && value_type(configured)->kind == TYPE_SET &&
        !value_is_wholly_known(configured))
        return value_unknown(value_type(configured));
    struct value wanted = value_is_null(configured) && fact->fallback.len > 0
                              ? facts_default(op->arena, fact)
                              : configured;
    if (!framework && !op->creating && is_false(wanted) && value_is_null(prior))
        return prior; /* to the legacy library one is the other */
    bool unset = value_is_null(configured) || (!framework && op->creating &&
                                               fact->flags & FACT_COMPUTED && is_blank(configured));
    if (!unset)
        return plan_value(op, fact, configured);
    if (fact->fallback.len > 0)
        return facts_default(op->arena, fact);
    if (fact->flags & FACT_COMPUTED)
        return op->creating ? value_unknown(value_type(configured)) : prior;
    if (framework || value_is_null(prior))
        return configured;
    return is_blank(prior) ? prior : removed(op->arena, configured);
}

/* Blocks that the provider also fills in: unknown at first, then as they were. */
static bool is_computed_block(const struct fact_block *block) {
    return str_eq(block->name, S("inline_policy"));
}

/* An object of a nested block as the legacy library keeps it. */
static struct value plan_block_object(struct op *op, const struct fact_block *block,
                                      struct value object) {
    struct record r;
    record_init(&r, op->arena, value_type(object), object);
    for (size_t i = 0; i < block->n_facts; i++) {
        struct str attr = block->facts[i].name;
        struct value v = record_get(&r, attr);
        if (value_is_null(v) && value_type(v) == type_string)
            record_set_text(&r, attr, S("")); /* it has no nulls in sets */
        else if (is_document(&block->facts[i]))
            record_set(&r, attr, plan_document(op, v, value_null(type_string), true));
    }
    return record_value(&r);
}

/* The same but for documents that say the same in other words? */
static bool same_object(struct op *op, const struct fact_block *block, struct value a,
                        struct value b) {
    for (size_t i = 0; i < block->n_facts; i++) {
        struct value x, y;
        bool has = value_get(a, block->facts[i].name, &x) && value_get(b, block->facts[i].name, &y);
        bool texts = has && x.kind == VALUE_STRING && y.kind == VALUE_STRING;
        if (texts && is_document(&block->facts[i])) {
            if (!policy_equal(op->arena, value_str(x), value_str(y)))
                return false;
        } else if (!has || !value_same(x, y)) {
            return false;
        }
    }
    return true;
}

static bool same_objects(struct op *op, const struct fact_block *block, struct value a,
                         struct value b) {
    if (a.kind != VALUE_SET || b.kind != VALUE_SET || value_count(a) != value_count(b))
        return false;
    for (size_t i = 0; i < value_count(a); i++) {
        bool found = false;
        for (size_t k = 0; k < value_count(b) && !found; k++)
            found = same_object(op, block, value_at(a, i), value_at(b, k));
        if (!found)
            return false;
    }
    return true;
}

static struct value plan_block(struct op *op, const struct fact_block *block) {
    struct value configured = record_get(&op->config, block->name);
    struct value prior = record_get(&op->prior, block->name);
    if (configured.kind != VALUE_SET)
        return configured;
    size_t n = value_count(configured);
    if (n == 0 && is_computed_block(block))
        return op->creating ? value_unknown(value_type(configured)) : prior;
    struct value *at = arena_array(op->arena, n, sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[i] = plan_block_object(op, block, value_at(configured, i));
    struct value planned = value_set(op->arena, value_type(configured)->element, at, n);
    return same_objects(op, block, planned, prior) ? prior : planned;
}

static bool has_empty_text(struct value map) {
    for (size_t i = 0; map.kind == VALUE_MAP && i < value_count(map); i++) {
        struct value v = value_at(map, i);
        if (v.kind == VALUE_STRING && value_str(v).len == 0)
            return true;
    }
    return false;
}

/* tags_all follows tags and the provider's defaults. It stays open where nothing says anything yet,
 * and, as in the provider, where a tag that it changes for is empty. */
static struct value planned_tags(const struct op *op, struct value tags, struct value all) {
    struct value prior = record_get(&op->prior, S("tags_all"));
    struct value open = value_unknown(value_type(all));
    if (!value_is_known(all))
        return all;
    bool changed = !same(tags, record_get(&op->prior, S("tags")));
    if (op->creating && is_blank(all))
        return open;
    if (!changed && same(all, prior))
        return prior;
    return has_empty_text(changed ? tags : all) ? open : all;
}

static void plan_tags(struct op *op) {
    struct value tags = record_get(&op->now, S("tags"));
    if (op->creating && value_is_known(tags) && is_blank(tags))
        record_set(&op->now, S("tags"), value_null(value_type(tags)));
    struct value all = tags_merge(op->arena, service_settings(op->service), tags);
    if (!op->creating && !value_is_wholly_known(tags)) /* the library knows no map in part */
        record_set(&op->now, S("tags"), value_unknown(value_type(tags)));
    record_set(&op->now, S("tags_all"), planned_tags(op, tags, all));
}

/* Of new objects and changed tags: what has nothing to do with tags is not held up. */
static bool check_tags(struct op *op) {
    const struct settings *settings = service_settings(op->service);
    struct value tags = record_get(&op->now, S("tags"));
    struct value all = tags_merge(op->arena, settings, tags);
    struct value before = tags_merge(op->arena, settings, record_get(&op->prior, S("tags")));
    return !value_is_wholly_known(tags) || (!op->creating && same(all, before)) ||
           tag_policy_check(service_tag_policy(op->service), settings, op->resource->row->type, all,
                            op->diags);
}

static void plan_replace(struct op *op) {
    const struct fact_block *block = &op->resource->facts->block;
    struct path root = {0};
    for (size_t i = 0; !op->creating && i < block->n_facts; i++) {
        const struct fact *fact = &block->facts[i];
        if (fact->flags & FACT_FORCE_NEW &&
            !same(record_get(&op->now, fact->name), record_get(&op->prior, fact->name)))
            paths_add(op->arena, op->replace, path_attr(op->arena, root, fact->name));
    }
}

static bool any_difference(const struct op *op) {
    for (uint32_t i = 0; i < op->now.type->n; i++)
        if (!same(op->now.at[i], op->prior.at[i]))
            return true;
    return false;
}

bool resource_plan(struct op *op) {
    const struct resource_row *row = op->resource->row;
    const struct fact_block *block = &op->resource->facts->block;
    for (size_t i = 0; i < block->n_facts; i++)
        record_set(&op->now, block->facts[i].name, plan_attr(op, &block->facts[i]));
    for (size_t i = 0; i < block->n_blocks; i++)
        record_set(&op->now, block->blocks[i].name, plan_block(op, &block->blocks[i]));
    if (row->has_tags) {
        plan_tags(op);
        if (!check_tags(op))
            return false;
    }
    if (row->plan && !row->plan(op))
        return false;
    plan_replace(op);
    if (!op->creating && !(row->flags & ROW_FRAMEWORK) && !any_difference(op))
        record_init(&op->now, op->arena, op->resource->type, record_value(&op->prior));
    return true;
}

void resource_known(struct op *op) {
    const struct fact_block *block = &op->resource->facts->block;
    for (size_t i = 0; i < block->n_facts; i++) {
        const struct fact *fact = &block->facts[i];
        struct value planned = record_get(&op->now, fact->name);
        struct value configured = record_get(&op->config, fact->name);
        if (!value_is_wholly_known(planned) && !value_is_null(configured))
            planned = configured;
        record_set(&op->now, fact->name, plan_value(op, fact, planned));
    }
}

/* After apply: null or empty as planned. Text that was "" is not lost. */
static struct value normalized(struct value got, struct value like, bool applied) {
    bool collection = type_is_collection(value_type(got));
    if (!value_is_known(like))
        return got;
    if (collection && applied && is_blank(got) && is_blank(like))
        return like;
    if (collection && !applied && value_is_null(got) && is_blank(like))
        return like;
    if (value_type(got) == type_string && value_is_null(got) && is_blank(like))
        return like;
    return got;
}

void resource_normalize(struct op *op, const struct record *like, bool applied) {
    if (op->resource->row->flags & ROW_FRAMEWORK)
        return;
    for (uint32_t i = 0; i < op->now.type->n; i++)
        op->now.at[i] = normalized(op->now.at[i], like->at[i], applied);
}
