/* SPDX-License-Identifier: Apache-2.0 */
#include "config/decode.h"

#include "base/arena.h"
#include "config/decode_int.h"
#include "value/convert.h"

struct decoder {
    struct arena *arena;
    struct arena *work; /* for what is dead when the value is made */
    const struct scope *scope;
    struct diags *diags;
    struct decode_scope bound; /* iterators of dynamic blocks */
};

static struct value decode_body(struct decoder *d, const struct body *body,
                                const struct schema_block *block);

static struct value evaluate(struct decoder *d, const struct expr *expr) {
    if (d->bound.n == 0)
        return eval_expr(d->arena, d->scope, expr, d->diags);
    return eval_with(d->arena, d->scope, expr, d->bound.names, d->bound.values, d->bound.n,
                     d->diags);
}

static struct value decode_attr(struct decoder *d, const struct attribute *attr,
                                const struct schema_attr *schema) {
    const struct type *type = decode_attr_type(d->work, schema);
    if (attr == NULL)
        return value_null(schema->type);
    struct convert_error error;
    struct value v = evaluate(d, attr->expr);
    if (convert_value(d->arena, v, type, &v, &error))
        return v;
    struct diag *diag =
        diags_error(d->diags, expr_span(attr->expr), "Incorrect attribute value type",
                    "Inappropriate value for attribute \"%.*s\": %.*s.", STR_ARG(schema->name),
                    STR_ARG(error.text));
    diag->context = span_join(attr->name_span, expr_span(attr->expr));
    eval_describe(d->arena, d->scope, attr->expr, diag);
    return value_unknown(schema->type);
}

/* Blocks of one type as they are found, generated ones included. */
struct found {
    struct value *values;
    struct str *keys;
    const struct block **blocks;
    size_t n, cap_values, cap_keys, cap_blocks;
    bool unknown; /* a dynamic block whose number is not known yet */
    unsigned marks;
};

static void found_add(struct decoder *d, struct found *found, struct value v, struct str key,
                      const struct block *block) {
    found->values =
        arena_grow(d->work, found->values, found->n, &found->cap_values, sizeof *found->values);
    found->keys = arena_grow(d->work, found->keys, found->n, &found->cap_keys, sizeof *found->keys);
    found->blocks =
        arena_grow(d->work, found->blocks, found->n, &found->cap_blocks, sizeof *found->blocks);
    found->values[found->n] = v;
    found->keys[found->n] = key;
    found->blocks[found->n] = block;
    found->n++;
}

static bool check_for_each(struct decoder *d, const struct decode_dynamic *dynamic,
                           struct value each) {
    const struct type *type = value_type(each);
    bool iterable = type_is_collection(type) || type->kind == TYPE_TUPLE ||
                    type->kind == TYPE_OBJECT || type->kind == TYPE_DYNAMIC;
    struct diag *diag = NULL;
    if (!iterable) {
        struct str name = type_friendly(d->arena, type);
        diag = diags_error(d->diags, expr_span(dynamic->for_each), "Invalid dynamic for_each value",
                           "Cannot use a %.*s value in for_each. An iterable collection is "
                           "required.",
                           STR_ARG(name));
    } else if (value_is_null(each)) {
        diag = diags_error(d->diags, expr_span(dynamic->for_each), "Invalid dynamic for_each value",
                           "Cannot use a null value in for_each.");
    }
    if (diag != NULL)
        eval_describe(d->arena, d->scope, dynamic->for_each, diag);
    return diag == NULL;
}

static struct str dynamic_label(struct decoder *d, const struct decode_dynamic *dynamic) {
    struct convert_error error;
    if (dynamic->labels.n == 0)
        return S("");
    struct value v = value_unmark(evaluate(d, dynamic->labels.at[0]));
    if (!convert_value(d->arena, v, type_string, &v, &error) || v.kind != VALUE_STRING) {
        (void)diags_error(d->diags, expr_span(dynamic->labels.at[0]), "Invalid dynamic block label",
                          value_is_known(v)
                              ? "Cannot use this value as a dynamic block label."
                              : "This value is not yet known. Dynamic block labels must be "
                                "immediately-known values.");
        return S("");
    }
    return value_str(v);
}

static struct value element_key(struct decoder *d, struct value each, size_t i) {
    if (each.kind == VALUE_MAP || each.kind == VALUE_OBJECT)
        return value_string(d->arena, value_key(each, i));
    return each.kind == VALUE_SET ? value_at(each, i) : value_int((int64_t)i);
}

static void expand(struct decoder *d, const struct block *block, const struct schema_block *schema,
                   const struct schema_nested *nested, struct found *found) {
    struct decode_dynamic dynamic;
    if (!decode_dynamic_read(d->work, block, schema, &dynamic, d->diags))
        return;
    size_t before = d->diags->n_errors;
    struct value each = evaluate(d, dynamic.for_each);
    if (d->diags->n_errors > before || !check_for_each(d, &dynamic, each)) {
        found->unknown = true;
        return;
    }
    found->marks |= value_marks(each);
    each = value_unmark(each);
    if (!value_is_known(each)) {
        found->unknown = true;
        return;
    }
    if (d->bound.n == DECODE_MAX_ITERATORS) {
        (void)diags_error(d->diags, block->header, "Dynamic blocks nested too deeply",
                          "Dynamic blocks may be nested at most %d levels deep.",
                          DECODE_MAX_ITERATORS);
        return;
    }
    static const struct str parts[] = {STR("key"), STR("value")};
    const struct name *names[] = {intern_name(parts[0]), intern_name(parts[1])};
    size_t slot = d->bound.n++;
    d->bound.names[slot] = dynamic.iterator;
    for (size_t i = 0; i < value_count(each); i++) {
        const struct value item[] = {element_key(d, each, i), value_at(each, i)};
        d->bound.values[slot] = value_object(d->arena, names, item, COUNT(item));
        struct str key = nested->nesting == NESTING_MAP ? dynamic_label(d, &dynamic) : S("");
        found_add(d, found, decode_body(d, dynamic.content->body, nested->block), key, block);
    }
    d->bound.n--;
}

static void find_blocks(struct decoder *d, const struct body_content *content,
                        const struct schema_block *schema, const struct schema_nested *nested,
                        struct found *found) {
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (decode_is_dynamic(block, schema)) {
            if (str_eq(block->labels[0], nested->name))
                expand(d, block, schema, nested, found);
        } else if (str_eq(block->type, nested->name)) {
            struct str key = block->n_labels > 0 ? block->labels[0] : S("");
            found_add(d, found, decode_body(d, block->body, nested->block), key, block);
        }
    }
}

static void check_count(struct decoder *d, const struct schema_nested *nested,
                        const struct found *found, struct span missing) {
    struct arena *arena = d->diags->arena;
    if (found->unknown)
        return;
    if (found->n < nested->min_items) {
        struct str summary = str_format(arena, "Insufficient %.*s blocks", STR_ARG(nested->name));
        (void)diags_error(d->diags, missing, str_c(arena, summary),
                          "At least %u \"%.*s\" blocks are required.", nested->min_items,
                          STR_ARG(nested->name));
    } else if (nested->max_items > 0 && found->n > nested->max_items) {
        struct str summary = str_format(arena, "Too many %.*s blocks", STR_ARG(nested->name));
        (void)diags_error(d->diags, found->blocks[nested->max_items]->header, str_c(arena, summary),
                          "No more than %u \"%.*s\" blocks are allowed", nested->max_items,
                          STR_ARG(nested->name));
    }
}

static struct value single(struct decoder *d, const struct schema_nested *nested,
                           const struct found *found, struct span missing) {
    const struct type *type = schema_type(nested->block);
    struct arena *arena = d->diags->arena;
    if (found->unknown)
        return value_unknown(type);
    if (found->n > 1) {
        struct str place = sources_range(arena, d->scope->sources, found->blocks[0]->header);
        struct str summary = str_format(arena, "Duplicate %.*s block", STR_ARG(nested->name));
        (void)diags_error(d->diags, found->blocks[1]->header, str_c(arena, summary),
                          "Only one block of type \"%.*s\" is allowed. Previous definition was at "
                          "%.*s.",
                          STR_ARG(nested->name), STR_ARG(place));
    }
    if (found->n > 0)
        return found->values[0];
    if (nested->min_items > 0) {
        struct str summary = str_format(arena, "Missing %.*s block", STR_ARG(nested->name));
        (void)diags_error(d->diags, missing, str_c(arena, summary),
                          "A block of type \"%.*s\" is required here.", STR_ARG(nested->name));
    }
    return nested->nesting == NESTING_GROUP ? schema_empty(d->arena, nested->block)
                                            : value_null(type);
}

static void check_keys(struct decoder *d, const struct schema_nested *nested,
                       const struct found *found) {
    for (size_t i = 1; i < found->n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!str_eq(found->keys[i], found->keys[j]))
                continue;
            struct arena *arena = d->diags->arena;
            struct str place = sources_range(arena, d->scope->sources, found->blocks[j]->header);
            struct str summary = str_format(arena, "Duplicate %.*s block", STR_ARG(nested->name));
            (void)diags_error(d->diags, found->blocks[i]->header, str_c(arena, summary),
                              "A block of type \"%.*s\" with the label \"%.*s\" was already "
                              "defined at %.*s.",
                              STR_ARG(nested->name), STR_ARG(found->keys[i]), STR_ARG(place));
            break;
        }
    }
}

static struct value keyed(struct decoder *d, const struct found *found,
                          const struct type *element) {
    if (!element->has_dynamic)
        return value_map(d->arena, element, found->keys, found->values, found->n);
    const struct name **names = arena_array(d->work, found->n, sizeof *names);
    struct value *values = arena_array(d->work, found->n, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        const struct name *name = intern_name(found->keys[i]);
        bool seen = false;
        for (size_t j = 0; j < n; j++)
            seen = seen || names[j] == name;
        if (!seen) {
            names[n] = name;
            values[n++] = found->values[i];
        }
    }
    return value_object(d->arena, names, values, n);
}

static struct value decode_nested(struct decoder *d, const struct body_content *content,
                                  const struct schema_block *schema,
                                  const struct schema_nested *nested) {
    struct found found = {.n = 0};
    const struct type *element = schema_type(nested->block);
    struct value v;
    find_blocks(d, content, schema, nested, &found);
    if (nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP)
        return value_mark(single(d, nested, &found, content->missing_item), found.marks);
    check_count(d, nested, &found, content->missing_item);
    switch (nested->nesting) {
    case NESTING_SET:
        v = found.unknown ? value_unknown(type_set(element))
                          : value_set(d->arena, element, found.values, found.n);
        break;
    case NESTING_MAP:
        check_keys(d, nested, &found);
        v = found.unknown ? value_unknown(element->has_dynamic ? type_dynamic : type_map(element))
                          : keyed(d, &found, element);
        break;
    default:
        if (found.unknown)
            v = value_unknown(element->has_dynamic ? type_dynamic : type_list(element));
        else if (element->has_dynamic)
            v = value_tuple(d->arena, found.values, found.n);
        else
            v = value_list(d->arena, element, found.values, found.n);
    }
    return value_mark(v, found.marks);
}

static void check_dynamic_types(struct decoder *d, const struct body_content *content,
                                const struct schema_block *schema, const struct body *body) {
    for (size_t i = 0; i < content->n_blocks; i++) {
        const struct block *block = content->blocks[i];
        if (!decode_is_dynamic(block, schema))
            continue;
        const struct schema_attr *attr = schema_attr(schema, block->labels[0]);
        bool known = schema_nested(schema, block->labels[0]) != NULL ||
                     (attr != NULL && decode_attr_block(d->work, body, attr) != NULL);
        if (!known) {
            (void)diags_error(d->diags, block->label_spans[0], "Unsupported block type",
                              "Blocks of type \"%.*s\" are not expected here.",
                              STR_ARG(block->labels[0]));
        }
    }
}

static struct value decode_body(struct decoder *d, const struct body *body,
                                const struct schema_block *block) {
    const struct type *type = schema_type(block);
    struct body_schema schema = decode_schema(d->work, body, block);
    struct body_content *content = body_content(d->work, body, &schema, d->diags);
    const struct name **names = arena_array(d->work, type->n, sizeof *names);
    struct value *values = arena_array(d->work, type->n, sizeof *values);
    size_t n = 0;
    check_dynamic_types(d, content, block, body);
    for (size_t i = 0; i < block->n_attrs; i++) {
        const struct schema_attr *attr = &block->attrs[i];
        const struct schema_nested *as_block = decode_attr_block(d->work, body, attr);
        names[n] = intern_name(attr->name);
        values[n++] = as_block != NULL ? decode_nested(d, content, block, as_block)
                                       : decode_attr(d, body_attr(content, attr->name), attr);
    }
    for (size_t i = 0; i < block->n_blocks; i++) {
        names[n] = intern_name(block->blocks[i].name);
        values[n++] = decode_nested(d, content, block, &block->blocks[i]);
    }
    return value_object(d->arena, names, values, n);
}

bool decode_block(struct arena *arena, const struct scope *scope, const struct body *body,
                  const struct schema_block *block, struct value *ret_value, struct diags *diags) {
    /* Expressions of JSON bodies are made while they are read, and values may be views of them. */
    bool lasting = body->is_json || body->over != NULL;
    struct arena *scratch = lasting ? NULL : arena_new();
    struct decoder d = {
        .arena = arena, .work = lasting ? arena : scratch, .scope = scope, .diags = diags};
    size_t before = diags->n_errors;
    *ret_value = decode_body(&d, body, block);
    if (scratch != NULL)
        arena_free(scratch);
    return diags->n_errors == before;
}
