/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"
#include "value/convert.h"

static bool has_attribute(const struct body *body, struct str name) {
    for (uint32_t i = 0; i < body->n_attributes; i++)
        if (str_eq(body->attributes[i].name, name))
            return true;
    return false;
}

/* The type a block stands for: a dynamic block is one of its label's type. */
static struct str block_kind(const struct block *block) {
    bool dynamic = str_eq(block->type, S("dynamic")) && block->n_labels == 1;
    return dynamic ? block->labels[0] : block->type;
}

static bool has_block(const struct body *body, struct str kind) {
    for (uint32_t i = 0; i < body->n_blocks; i++)
        if (str_eq(block_kind(&body->blocks[i]), kind))
            return true;
    return false;
}

/*
 * All of over, and of base what over does not replace: arguments one by one, blocks by type
 * ("Merging Behavior" of override files). Without `replace` the two are simply put together.
 */
const struct body *config_merge_bodies(struct arena *arena, const struct body *base,
                                       const struct body *over, bool replace) {
    struct body *merged = arena_alloc(arena, sizeof *merged);
    if (base->is_json || over->is_json) {
        *merged = *base;
        merged->over = over;
        merged->over_adds = !replace;
        return merged;
    }
    *merged = *base;
    merged->attributes =
        arena_array(arena, base->n_attributes + over->n_attributes, sizeof *merged->attributes);
    merged->n_attributes = 0;
    for (uint32_t i = 0; i < base->n_attributes; i++)
        if (!replace || !has_attribute(over, base->attributes[i].name))
            merged->attributes[merged->n_attributes++] = base->attributes[i];
    for (uint32_t i = 0; i < over->n_attributes; i++)
        merged->attributes[merged->n_attributes++] = over->attributes[i];
    merged->blocks = arena_array(arena, base->n_blocks + over->n_blocks, sizeof *merged->blocks);
    merged->n_blocks = 0;
    for (uint32_t i = 0; i < base->n_blocks; i++)
        if (!replace || !has_block(over, block_kind(&base->blocks[i])))
            merged->blocks[merged->n_blocks++] = base->blocks[i];
    for (uint32_t i = 0; i < over->n_blocks; i++)
        merged->blocks[merged->n_blocks++] = over->blocks[i];
    return merged;
}

static void merge_text(struct str *base, struct str over, bool over_set) {
    if (over_set)
        *base = over;
}

static void merge_flag(bool *base, bool over, bool over_set) {
    if (over_set)
        *base = over;
}

static void check_default(const struct config_reader *reader, struct config_variable *base,
                          const struct config_variable *over) {
    struct value v = base->default_value;
    struct convert_error error;
    if (base->defaults != NULL && !value_is_null(v))
        v = typeexpr_apply(reader->arena, base->defaults, v);
    if (!convert_value(reader->arena, v, base->type, &v, &error)) {
        struct str why = convert_error_text(reader->arena, &error);
        const char *what =
            over->type_set && !over->has_default
                ? "Overriding this variable's type constraint has made its default value invalid"
            : !over->type_set && over->has_default
                ? "The overridden default value for this variable is not compatible with the "
                  "variable's type constraint"
                : "This variable's default value is not compatible with its type constraint";
        (void)diags_error(reader->diags, over->span, "Invalid default value for variable",
                          "%s: %.*s.", what, STR_ARG(why));
    } else {
        base->default_value = v;
    }
    if (!base->nullable && value_is_null(base->default_value)) {
        (void)diags_error(reader->diags, over->span, "Invalid default value for variable",
                          "A null default value is not valid when nullable=false.");
    }
}

void config_merge_variable(const struct config_reader *reader, struct config_variable *base,
                           const struct config_variable *over) {
    merge_text(&base->description, over->description, over->description_set);
    merge_flag(&base->sensitive, over->sensitive, over->sensitive_set);
    merge_flag(&base->ephemeral, over->ephemeral, over->ephemeral_set);
    merge_text(&base->deprecated, over->deprecated, over->deprecated.len > 0);
    if (over->has_default) {
        base->default_value = over->default_value;
        base->default_expr = over->default_expr;
        base->has_default = true;
    }
    if (over->type_set) {
        base->type = over->type;
        base->defaults = over->defaults;
        base->type_set = true;
    }
    merge_flag(&base->nullable, over->nullable, over->nullable_set);
    if (base->has_default)
        check_default(reader, base, over);
}

static void refuse_depends_on(const struct config_reader *reader, const struct refs *refs) {
    if (refs->n > 0) {
        (void)diags_error(reader->diags, refs->at[0].span, "Unsupported override",
                          "The depends_on argument may not be overridden.");
    }
}

void config_merge_output(const struct config_reader *reader, struct config_output *base,
                         const struct config_output *over) {
    merge_text(&base->description, over->description, over->description_set);
    if (over->expr != NULL) {
        base->expr = over->expr;
        base->value_attr = over->value_attr;
    }
    merge_flag(&base->sensitive, over->sensitive, over->sensitive_set);
    merge_flag(&base->ephemeral, over->ephemeral, over->ephemeral_set);
    merge_text(&base->deprecated, over->deprecated, over->deprecated.len > 0);
    refuse_depends_on(reader, &over->depends_on);
}

void config_merge_call(const struct config_reader *reader, struct config_call *base,
                       const struct config_call *over) {
    if (over->source_expr != NULL) {
        base->source = over->source;
        base->source_expr = over->source_expr;
        base->source_span = over->source_span;
    }
    if (over->count != NULL)
        base->count = over->count;
    if (over->for_each != NULL)
        base->for_each = over->for_each;
    if (over->version.len > 0)
        base->version = over->version;
    base->config = config_merge_bodies(reader->arena, base->config, over->config, true);
    if (over->providers_set) {
        base->providers = over->providers;
        base->n_providers = over->n_providers;
        base->providers_set = true;
    }
    refuse_depends_on(reader, &over->depends_on);
}

static void merge_lifecycle(struct config_lifecycle *base, const struct config_lifecycle *over) {
    if (over->create_before_destroy_set) {
        base->create_before_destroy = over->create_before_destroy;
        base->create_before_destroy_set = true;
    }
    if (over->n_ignore > 0) {
        base->ignore_changes = over->ignore_changes;
        base->ignore_exprs = over->ignore_exprs;
        base->n_ignore = over->n_ignore;
    }
    if (over->ignore_all)
        base->ignore_all = true;
    if (over->prevent_destroy != NULL)
        base->prevent_destroy = over->prevent_destroy;
    if (over->destroy != NULL)
        base->destroy = over->destroy;
    if (over->enabled != NULL)
        base->enabled = over->enabled;
}

void config_merge_resource(const struct config_reader *reader, struct config_resource *base,
                           const struct config_resource *over) {
    if (over->count != NULL)
        base->count = over->count;
    if (over->for_each != NULL)
        base->for_each = over->for_each;
    if (over->provider.name.len > 0)
        base->provider = over->provider;
    if (over->connection != NULL)
        base->connection = over->connection;
    if (over->n_provisioners > 0) {
        base->provisioners = over->provisioners;
        base->n_provisioners = over->n_provisioners;
    }
    merge_lifecycle(&base->lifecycle, &over->lifecycle);
    base->config = config_merge_bodies(reader->arena, base->config, over->config, true);
    refuse_depends_on(reader, &over->depends_on);
}
