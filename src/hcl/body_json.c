/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies in JSON syntax: what a property means depends on the schema. */
#include "base/arena.h"
#include "hcl/body_int.h"
#include "hcl/hint.h"
#include "hcl/parse_json.h"

/* Properties of an object, or of all objects of an array. */
struct members {
    const struct json_member **at;
    size_t n, cap;
};

static void add_members(struct arena *arena, struct members *members, const struct json *object) {
    for (size_t i = 0; i < object->n; i++) {
        members->at =
            arena_grow(arena, members->at, members->n, &members->cap, sizeof(struct json_member *));
        members->at[members->n++] = &object->members[i];
    }
}

static void refuse_kind(struct diags *diags, uint32_t file, const struct json *value,
                        const char *what, struct str label) {
    struct span at = parse_json_start(file, value);
    if (label.len)
        diags_error(diags, at, "Incorrect JSON value type",
                    "%s required here, to specify %.*s labels for this block.", what,
                    STR_ARG(label));
    else
        diags_error(diags, at, "Incorrect JSON value type",
                    "%s required here, to define arguments and child blocks.", what);
}

/* label: what the names of the properties are, for messages; empty for arguments. */
static struct members collect(struct arena *arena, uint32_t file, const struct json *value,
                              struct str label, struct diags *diags) {
    struct members members = {0};
    switch (value->kind) {
    case JSON_NULL:
        if (parse_json_is_invalid(value))
            refuse_kind(diags, file, value, "Either a JSON object or JSON array of objects is",
                        label);
        break;
    case JSON_OBJECT:
        add_members(arena, &members, value);
        break;
    case JSON_ARRAY:
        for (size_t i = 0; i < value->n; i++)
            if (value->items[i].kind == JSON_OBJECT)
                add_members(arena, &members, &value->items[i]);
            else
                refuse_kind(diags, file, &value->items[i], "A JSON object is", label);
        break;
    default:
        refuse_kind(diags, file, value, "Either a JSON object or JSON array of objects is", label);
    }
    return members;
}

static struct span name_span(uint32_t file, const struct json_member *member) {
    return (struct span){file, member->name_start, member->name_end};
}

static struct span member_span(uint32_t file, const struct json_member *member) {
    return (struct span){file, member->name_start, member->value.end};
}

static const struct attribute *new_attr(struct arena *arena, const struct body *body,
                                        const struct json_member *member) {
    uint32_t file = body->span.file;
    struct attribute *attr = arena_alloc(arena, sizeof *attr);
    attr->name = member->name;
    attr->name_span = name_span(file, member);
    attr->equals_span = attr->name_span;
    attr->span = member_span(file, member);
    attr->expr = parse_json_expr(arena, body->sources, file, &member->value);
    return attr;
}

/* Labels found so far on the way to a block's content. */
struct unpack {
    struct body_builder *b;
    const struct body *body;
    const struct body_block_schema *schema;
    struct span type_span;
    struct str *labels;
    struct span *spans;
};

static struct span missing_item(uint32_t file, const struct json *value) {
    if (value->kind == JSON_OBJECT)
        return (struct span){file, value->end - 1, value->end};
    return parse_json_start(file, value);
}

static void add_block(struct unpack *u, const struct json *content, struct span open) {
    struct arena *arena = u->b->arena;
    uint32_t file = u->body->span.file;
    struct body *body = arena_alloc(arena, sizeof *body);
    *body = (struct body){
        .is_json = true,
        .json = content,
        .sources = u->body->sources,
        .span = {file, content->start, content->end},
        .missing_item = missing_item(file, content),
    };
    struct block *block = arena_alloc(arena, sizeof *block);
    size_t n = u->schema->n_labels;
    *block = (struct block){
        .type = u->schema->type,
        .type_span = u->type_span,
        .labels = arena_copy(arena, u->labels, n * sizeof *u->labels),
        .label_spans = arena_copy(arena, u->spans, n * sizeof *u->spans),
        .n_labels = (uint32_t)n,
        .open_brace = open,
        .close_brace = body->missing_item,
        .header = open,
        .body = body,
    };
    body_add_block(u->b, block);
}

static void unpack_content(struct unpack *u, const struct json *value) {
    uint32_t file = u->body->span.file;
    struct span open = parse_json_start(file, value);
    if (value->kind == JSON_OBJECT) {
        add_block(u, value, open);
    } else if (value->kind == JSON_ARRAY) {
        for (size_t i = 0; i < value->n; i++)
            add_block(u, &value->items[i], open);
    } else if (value->kind != JSON_NULL || parse_json_is_invalid(value)) {
        diags_error(u->b->diags, open, "Incorrect JSON value type",
                    "Either a JSON object or a JSON array is required, representing the contents "
                    "of one or more \"%.*s\" blocks.",
                    STR_ARG(u->schema->type));
    }
}

/* One level of objects for each label; the depth is that of the schema. */
static void unpack_labels(struct unpack *u, const struct json *value, size_t depth) {
    if (depth == u->schema->n_labels) {
        unpack_content(u, value);
        return;
    }
    uint32_t file = u->body->span.file;
    struct str label = u->schema->label_names[depth];
    struct members members = collect(u->b->arena, file, value, label, u->b->diags);
    if (!members.n)
        diags_error(u->b->diags, parse_json_start(file, value), "Missing block label",
                    "At least one object property is required, whose name represents the %.*s "
                    "block's %.*s.",
                    STR_ARG(u->schema->type), STR_ARG(label));
    for (size_t i = 0; i < members.n; i++) {
        u->labels[depth] = members.at[i]->name;
        u->spans[depth] = name_span(file, members.at[i]);
        unpack_labels(u, &members.at[i]->value, depth + 1);
    }
}

static void take_block(struct body_builder *b, const struct body *body,
                       const struct body_block_schema *schema, const struct json_member *member) {
    struct unpack u = {
        .b = b,
        .body = body,
        .schema = schema,
        .type_span = name_span(body->span.file, member),
        .labels = arena_array(b->arena, schema->n_labels, sizeof *u.labels),
        .spans = arena_array(b->arena, schema->n_labels, sizeof *u.spans),
    };
    unpack_labels(&u, &member->value, 0);
}

static bool is_hidden(const struct body *body, struct str name) {
    for (size_t i = 0; i < body->n_hidden; i++)
        if (str_eq(body->hidden[i], name))
            return true;
    return false;
}

static void report_duplicate(struct diags *diags, const struct body *body,
                             const struct json_member *member, const struct attribute *first,
                             const char *summary) {
    struct str where = sources_range(diags->arena, body->sources, first->span);
    struct diag *diag = diags_error(diags, name_span(body->span.file, member), summary,
                                    "The argument \"%.*s\" was already set at %.*s.",
                                    STR_ARG(member->name), STR_ARG(where));
    diag->context = member_span(body->span.file, member);
}

static void take_known(struct body_builder *b, const struct body *body,
                       const struct members *members) {
    for (size_t i = 0; i < members->n; i++) {
        const struct json_member *member = members->at[i];
        if (is_hidden(body, member->name))
            continue;
        if (body_find_attr(b->schema, member->name)) {
            const struct attribute *first = body_attr(b->content, member->name);
            if (first)
                report_duplicate(b->diags, body, member, first, "Duplicate argument");
            else
                body_add_attr(b, new_attr(b->arena, body, member));
            continue;
        }
        const struct body_block_schema *block = body_find_block(b->schema, member->name);
        if (block)
            take_block(b, body, block, member);
    }
    body_check_required(b);
}

static void refuse_unknown(struct body_builder *b, const struct body *body,
                           const struct json_member *member) {
    struct arena *arena = b->diags->arena;
    const struct body_schema *schema = b->schema;
    struct str *names = arena_array(arena, schema->n_attrs + schema->n_blocks, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < schema->n_attrs; i++)
        if (!body_attr(b->content, schema->attrs[i].name))
            names[n++] = schema->attrs[i].name;
    for (size_t i = 0; i < schema->n_blocks; i++)
        names[n++] = schema->blocks[i].type;
    struct str hint = hint_did_you_mean(arena, member->name, names, n);
    diags_error(b->diags, name_span(body->span.file, member), "Extraneous JSON object property",
                "No argument or block type is named \"%.*s\".%.*s", STR_ARG(member->name),
                STR_ARG(hint));
}

/* A "//" property is a comment. */
static bool is_comment(const struct json_member *member) {
    return str_eq(member->name, S("//"));
}

static bool is_known(const struct body *body, const struct body_schema *schema, struct str name) {
    return is_hidden(body, name) || body_find_attr(schema, name) || body_find_block(schema, name);
}

static struct body *remaining(struct arena *arena, const struct body *body,
                              const struct body_schema *schema) {
    struct body *rest = arena_copy(arena, body, sizeof *body);
    size_t n = body->n_hidden;
    struct str *hidden = arena_array(arena, n + schema->n_attrs + schema->n_blocks, sizeof *hidden);
    for (size_t i = 0; i < n; i++)
        hidden[i] = body->hidden[i];
    for (size_t i = 0; i < schema->n_attrs; i++)
        hidden[n++] = schema->attrs[i].name;
    for (size_t i = 0; i < schema->n_blocks; i++)
        hidden[n++] = schema->blocks[i].type;
    rest->hidden = hidden;
    rest->n_hidden = n;
    return rest;
}

struct body_content *body_json_content(struct arena *arena, const struct body *body,
                                       const struct body_schema *schema, bool strict,
                                       struct body **ret_remain, struct diags *diags) {
    struct body_builder b;
    body_begin(&b, arena, body, schema, diags);
    struct members members = collect(arena, body->span.file, body->json, S(""), diags);
    take_known(&b, body, &members);
    for (size_t i = 0; strict && i < members.n; i++)
        if (!is_comment(members.at[i]) && !is_known(body, schema, members.at[i]->name))
            refuse_unknown(&b, body, members.at[i]);
    if (ret_remain)
        *ret_remain = remaining(arena, body, schema);
    return b.content;
}

struct body_content *body_json_attributes(struct arena *arena, const struct body *body,
                                          struct diags *diags) {
    struct body_builder b;
    body_begin(&b, arena, body, NULL, diags);
    if (body->json->kind != JSON_OBJECT) {
        diags_error(diags, parse_json_start(body->span.file, body->json),
                    "Incorrect JSON value type",
                    "A JSON object is required here, setting the arguments for this block.");
        return b.content;
    }
    for (size_t i = 0; i < body->json->n; i++) {
        const struct json_member *member = &body->json->members[i];
        if (is_comment(member) || is_hidden(body, member->name))
            continue;
        const struct attribute *first = body_attr(b.content, member->name);
        if (first)
            report_duplicate(diags, body, member, first, "Duplicate attribute definition");
        else
            body_add_attr(&b, new_attr(arena, body, member));
    }
    return b.content;
}
