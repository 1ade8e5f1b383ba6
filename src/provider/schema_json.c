/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/schema_json.h"

#include "base/arena.h"
#include "base/json.h"

/* Separates members; `first` starts true for each object. */
static void member(struct buf *out, bool *first, struct str name) {
    if (!*first)
        buf_byte(out, ',');
    *first = false;
    json_write_string(out, name, true);
    buf_byte(out, ':');
}

static void member_text(struct buf *out, bool *first, struct str name, struct str text) {
    if (text.len == 0)
        return;
    member(out, first, name);
    json_write_string(out, text, true);
}

static void member_true(struct buf *out, bool *first, struct str name, bool is_set) {
    if (!is_set)
        return;
    member(out, first, name);
    buf_add(out, S("true"));
}

static struct str kind_name(bool markdown) {
    return markdown ? S("markdown") : S("plain");
}

static struct str nesting_name(enum schema_nesting nesting) {
    static const struct str names[] = {
        [NESTING_SINGLE] = STR("single"), [NESTING_GROUP] = STR("group"),
        [NESTING_LIST] = STR("list"),     [NESTING_SET] = STR("set"),
        [NESTING_MAP] = STR("map"),
    };
    return names[nesting];
}

static void write_attrs(struct buf *out, const struct schema_attr *attrs, size_t n);

static void write_attr(struct buf *out, const struct schema_attr *attr) {
    bool first = true;
    buf_byte(out, '{');
    if (attr->nested) {
        member(out, &first, S("nested_type"));
        buf_byte(out, '{');
        bool first_nested = true;
        if (attr->nested->n_attrs > 0) {
            member(out, &first_nested, S("attributes"));
            write_attrs(out, attr->nested->attrs, attr->nested->n_attrs);
        }
        member_text(out, &first_nested, S("nesting_mode"), nesting_name(attr->nested->nesting));
        buf_byte(out, '}');
    } else {
        member(out, &first, S("type"));
        type_write_json(out, attr->type);
    }
    member_text(out, &first, S("description"), attr->description);
    member_text(out, &first, S("description_kind"), kind_name(attr->markdown));
    member_true(out, &first, S("deprecated"), attr->deprecated);
    member_text(out, &first, S("deprecation_message"), attr->deprecation);
    member_true(out, &first, S("required"), attr->required);
    member_true(out, &first, S("optional"), attr->optional);
    member_true(out, &first, S("computed"), attr->computed);
    member_true(out, &first, S("sensitive"), attr->sensitive);
    member_true(out, &first, S("write_only"), attr->write_only);
    buf_byte(out, '}');
}

static void write_attrs(struct buf *out, const struct schema_attr *attrs, size_t n) {
    bool first = true;
    buf_byte(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (attrs[i].unlisted)
            continue;
        member(out, &first, attrs[i].name);
        write_attr(out, &attrs[i]);
    }
    buf_byte(out, '}');
}

static void write_nested(struct buf *out, const struct schema_nested *nested) {
    buf_add(out, S("{\"nesting_mode\":"));
    json_write_string(out, nesting_name(nested->nesting), true);
    buf_add(out, S(",\"block\":"));
    schema_json_write_block(out, nested->block);
    if (nested->min_items > 0)
        buf_addf(out, ",\"min_items\":%u", nested->min_items);
    if (nested->max_items > 0)
        buf_addf(out, ",\"max_items\":%u", nested->max_items);
    buf_byte(out, '}');
}

void schema_json_write_block(struct buf *out, const struct schema_block *block) {
    bool first = true;
    buf_byte(out, '{');
    if (block->n_attrs > 0) {
        member(out, &first, S("attributes"));
        write_attrs(out, block->attrs, block->n_attrs);
    }
    if (block->n_blocks > 0) {
        member(out, &first, S("block_types"));
        bool first_block = true;
        buf_byte(out, '{');
        for (size_t i = 0; i < block->n_blocks; i++) {
            member(out, &first_block, block->blocks[i].name);
            write_nested(out, &block->blocks[i]);
        }
        buf_byte(out, '}');
    }
    member_text(out, &first, S("description"), block->description);
    member_text(out, &first, S("description_kind"), kind_name(block->markdown));
    member_true(out, &first, S("deprecated"), block->deprecated);
    member_text(out, &first, S("deprecation_message"), block->deprecation);
    buf_byte(out, '}');
}

static void write_schema(struct buf *out, const struct schema *schema) {
    buf_addf(out, "{\"version\":%lld,\"block\":", (long long)schema->version);
    schema_json_write_block(out, schema->block);
    buf_byte(out, '}');
}

static void write_schemas(struct buf *out, bool *first, struct str name,
                          const struct map *schemas) {
    if (schemas->n == 0)
        return;
    struct arena *scratch = arena_new();
    struct map_entry *entries = map_sorted(scratch, schemas);
    bool first_schema = true;
    member(out, first, name);
    buf_byte(out, '{');
    for (size_t i = 0; i < schemas->n; i++) {
        member(out, &first_schema, entries[i].key);
        write_schema(out, entries[i].value);
    }
    buf_byte(out, '}');
    arena_free(scratch);
}

static void write_param(struct buf *out, struct str name, const struct type *type) {
    buf_add(out, S("{\"name\":"));
    json_write_string(out, name, true);
    buf_add(out, S(",\"type\":"));
    type_write_json(out, type);
    buf_byte(out, '}');
}

static void write_function(struct buf *out, const struct provider_function *function) {
    bool first = true;
    buf_byte(out, '{');
    member_text(out, &first, S("description"), function->description);
    member_text(out, &first, S("summary"), function->summary);
    member(out, &first, S("return_type"));
    type_write_json(out, function->result);
    if (function->n_params > 0) {
        member(out, &first, S("parameters"));
        for (size_t i = 0; i < function->n_params; i++) {
            buf_byte(out, i == 0 ? '[' : ',');
            write_param(out, function->param_names[i], function->param_types[i]);
        }
        buf_byte(out, ']');
    }
    if (function->variadic) {
        member(out, &first, S("variadic_parameter"));
        write_param(out, S("args"), function->variadic);
    }
    buf_byte(out, '}');
}

static void write_functions(struct buf *out, bool *first, const struct map *functions) {
    if (functions->n == 0)
        return;
    struct arena *scratch = arena_new();
    struct map_entry *entries = map_sorted(scratch, functions);
    bool first_function = true;
    member(out, first, S("functions"));
    buf_byte(out, '{');
    for (size_t i = 0; i < functions->n; i++) {
        member(out, &first_function, entries[i].key);
        write_function(out, entries[i].value);
    }
    buf_byte(out, '}');
    arena_free(scratch);
}

static void write_identity(struct buf *out, const struct schema *schema) {
    bool first = true;
    buf_addf(out, "{\"version\":%lld,\"attributes\":{", (long long)schema->identity_version);
    for (size_t i = 0; i < schema->identity->n_attrs; i++) {
        const struct schema_attr *attr = &schema->identity->attrs[i];
        bool first_member = true;
        member(out, &first, attr->name);
        buf_byte(out, '{');
        member(out, &first_member, S("type"));
        type_write_json(out, attr->type);
        member_text(out, &first_member, S("description"), attr->description);
        member_true(out, &first_member, S("required_for_import"), attr->required);
        member_true(out, &first_member, S("optional_for_import"), attr->optional);
        buf_byte(out, '}');
    }
    buf_add(out, S("}}"));
}

static void write_identities(struct buf *out, bool *first, const struct map *resources) {
    struct arena *scratch = arena_new();
    struct map_entry *entries = map_sorted(scratch, resources);
    bool first_identity = true;
    for (size_t i = 0; i < resources->n; i++) {
        const struct schema *schema = entries[i].value;
        if (!schema->identity)
            continue;
        if (first_identity) {
            member(out, first, S("resource_identity_schemas"));
            buf_byte(out, '{');
        }
        member(out, &first_identity, entries[i].key);
        write_identity(out, schema);
    }
    if (!first_identity)
        buf_byte(out, '}');
    arena_free(scratch);
}

void schema_json_write(struct buf *out, const struct provider_schema *schema) {
    bool first = true;
    buf_byte(out, '{');
    member(out, &first, S("provider"));
    if (schema->config && schema->config->block != &schema_no_block)
        write_schema(out, schema->config);
    else
        buf_add(out, S("{\"version\":0}"));
    write_schemas(out, &first, S("resource_schemas"), &schema->resources);
    write_schemas(out, &first, S("data_source_schemas"), &schema->data_sources);
    write_schemas(out, &first, S("ephemeral_resource_schemas"), &schema->ephemerals);
    write_schemas(out, &first, S("list_resource_schemas"), &schema->lists);
    write_functions(out, &first, &schema->functions);
    write_identities(out, &first, &schema->resources);
    buf_byte(out, '}');
}
