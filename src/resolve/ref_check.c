/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/ref_check.h"

#include "eval/refs.h"

static struct str module_display(struct arena *arena, const struct unit_module *module) {
    return module->parent ? addr_module_text(arena, module->path) : S("the root module");
}

static struct str nearest_key(struct arena *scratch, struct str word, const struct map *map) {
    struct str *names = arena_array(scratch, map->n, sizeof *names);
    for (size_t i = 0; i < map->n; i++)
        names[i] = map->entries[i].key;
    return str_nearest(word, names, map->n);
}

static struct str did_you_mean(struct arena *arena, struct str word, const struct map *map) {
    struct str near = nearest_key(arena, word, map);
    return near.len ? str_format(arena, " Did you mean \"%.*s\"?", STR_ARG(near)) : S("");
}

static bool variable_missing(const struct unit_module *module, const struct ref *ref,
                             struct diags *diags) {
    struct str hint = did_you_mean(diags->arena, ref->name, &module->variables);
    if (!hint.len)
        hint = str_format(diags->arena,
                          " This variable can be declared with a variable \"%.*s\" {} block.",
                          STR_ARG(ref->name));
    diags_error(diags, ref->span, "Reference to undeclared input variable",
                "An input variable with the name \"%.*s\" has not been declared.%.*s",
                STR_ARG(ref->name), STR_ARG(hint));
    return false;
}

static bool resource_missing(const struct unit_module *module, const struct ref *ref,
                             struct diags *diags) {
    struct str where = module_display(diags->arena, module);
    struct str hint = S("");
    struct resource_addr other = {MODE_DATA, ref->type, ref->name};
    if (ref->kind == REF_MANAGED && unit_resource(module, other))
        hint = str_format(diags->arena, "\n\nDid you mean the data resource data.%.*s.%.*s?",
                          STR_ARG(ref->type), STR_ARG(ref->name));
    const char *kind = ref->kind == REF_DATA        ? "A data"
                       : ref->kind == REF_EPHEMERAL ? "An ephemeral"
                       : ref->kind == REF_LIST      ? "A list"
                                                    : "A managed";
    diags_error(diags, ref->span, "Reference to undeclared resource",
                "%s resource \"%.*s\" \"%.*s\" has not been declared in %.*s.%.*s", kind,
                STR_ARG(ref->type), STR_ARG(ref->name), STR_ARG(where), STR_ARG(hint));
    return false;
}

static bool call_missing(const struct unit_module *module, const struct ref *ref,
                         struct diags *diags) {
    struct str where = module_display(diags->arena, module);
    struct str hint = did_you_mean(diags->arena, ref->name, &module->calls);
    diags_error(diags, ref->span, "Reference to undeclared module",
                "No module call named \"%.*s\" is declared in %.*s.%.*s", STR_ARG(ref->name),
                STR_ARG(where), STR_ARG(hint));
    return false;
}

/* Attributes and blocks of a schema as candidates for "Did you mean". */
static bool attr_missing(const struct schema_block *block, const struct step *step,
                         struct diags *diags) {
    size_t n = block->n_attrs + block->n_blocks;
    struct str *names = arena_array(diags->arena, n, sizeof *names);
    for (size_t i = 0; i < block->n_attrs; i++)
        names[i] = block->attrs[i].name;
    for (size_t i = 0; i < block->n_blocks; i++)
        names[block->n_attrs + i] = block->blocks[i].name;
    struct str near = str_nearest(step->name, names, n);
    struct str hint =
        near.len ? str_format(diags->arena, " Did you mean \"%.*s\"?", STR_ARG(near)) : S("");
    diags_error(diags, step->span, "Unsupported attribute",
                "This object has no argument, nested block, or exported attribute named "
                "\"%.*s\".%.*s",
                STR_ARG(step->name), STR_ARG(hint));
    return false;
}

/* Steps into an attribute, as far as its type decides them. */
static bool check_type_steps(const struct type *type, const struct step *steps, uint32_t n,
                             struct diags *diags) {
    for (uint32_t i = 0; i < n && type; i++) {
        if (steps[i].kind != STEP_ATTR)
            return true;
        if (type_is_primitive(type)) {
            struct str name = type_friendly(diags->arena, type);
            diags_error(diags, steps[i].span, "Unsupported attribute",
                        "Can't access attributes on a primitive-typed value (%.*s).",
                        STR_ARG(name));
            return false;
        }
        if (type->kind == TYPE_MAP) {
            type = type->element;
            continue;
        }
        if (type->kind != TYPE_OBJECT)
            return true;
        ptrdiff_t at = type_attr(type, intern_name(steps[i].name));
        if (at < 0) {
            diags_error(diags, steps[i].span, "Unsupported attribute",
                        "This object does not have an attribute named \"%.*s\".",
                        STR_ARG(steps[i].name));
            return false;
        }
        type = type->items[at];
    }
    return true;
}

bool ref_check_steps(const struct schema_block *block, const struct step *steps, uint32_t n,
                     struct diags *diags) {
    for (uint32_t i = 0; i < n; i++) {
        const struct step *step = &steps[i];
        if (step->kind != STEP_ATTR)
            return true;
        const struct schema_attr *attr = schema_attr(block, step->name);
        if (attr) {
            if (attr->deprecated)
                diags_warn(diags, step->span, "Deprecated attribute",
                           "The attribute \"%.*s\" is deprecated. Refer to the provider "
                           "documentation for details.",
                           STR_ARG(step->name));
            return check_type_steps(attr->type, steps + i + 1, n - i - 1, diags);
        }
        const struct schema_nested *nested = schema_nested(block, step->name);
        if (!nested)
            return attr_missing(block, step, diags);
        block = nested->block;
        if (nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP)
            continue;
        if (nested->nesting == NESTING_SET || ++i >= n || steps[i].kind != STEP_INDEX)
            return true;
    }
    return true;
}

static bool key_missing(const struct unit *unit, const struct ref *ref, struct str thing,
                        struct diags *diags) {
    bool counted =
        unit->kind == UNIT_CALL ? unit->call->count != NULL : unit->resource->count != NULL;
    struct str text = refs_text(diags->arena, ref);
    diags_error(diags, ref->span,
                unit->kind == UNIT_CALL ? "Missing module instance key"
                                        : "Missing resource instance key",
                "Because %.*s has \"%s\" set, its %.*s must be accessed on specific "
                "instances.\n\nFor example, to correlate with indices of a referring resource, "
                "use:\n    %.*s[%s]",
                STR_ARG(text), counted ? "count" : "for_each", STR_ARG(thing), STR_ARG(text),
                counted ? "count.index" : "each.key");
    return false;
}

static bool check_resource_use(const struct unit *unit, const struct ref *ref,
                               struct diags *diags) {
    const struct config_resource *c = unit->resource;
    if (!c->count && !c->for_each) {
        if (ref->has_key) {
            struct str text = refs_text(diags->arena, ref);
            diags_error(diags, ref->span, "Unexpected resource instance key",
                        "Because %.*s does not have \"count\" or \"for_each\" set, references "
                        "to it must not include an index key. Remove the bracketed index to "
                        "refer to the single instance of this resource.",
                        STR_ARG(text));
            return false;
        }
    } else if (!ref->has_key) {
        if (ref->n_rest > 0 && ref->rest[0].kind == STEP_ATTR)
            return key_missing(unit, ref, S("attributes"), diags);
        return true;
    }
    return !unit->schema || ref_check_steps(unit->schema->block, ref->rest, ref->n_rest, diags);
}

/* The words that say what refers to itself. */
static bool check_self(const struct unit *user, const struct unit *used, const struct ref *ref,
                       struct diags *diags) {
    if (user != used)
        return true;
    if (user->kind == UNIT_LOCAL) {
        diags_error(diags, ref->span, "Self-referencing local value",
                    "Local value local.%.*s cannot use its own result as part of its expression.",
                    STR_ARG(user->name));
        return false;
    }
    return true;
}

bool ref_check(const struct unit_module *module, const struct unit *user, bool own,
               const struct ref *ref, struct diags *diags) {
    const struct unit *used = unit_of_ref(module, ref);
    switch (ref->kind) {
    case REF_VARIABLE:
        return used || variable_missing(module, ref, diags);
    case REF_LOCAL:
        if (!used) {
            struct str hint = did_you_mean(diags->arena, ref->name, &module->locals);
            diags_error(diags, ref->span, "Reference to undeclared local value",
                        "A local value with the name \"%.*s\" has not been declared.%.*s",
                        STR_ARG(ref->name), STR_ARG(hint));
            return false;
        }
        return !own || check_self(user, used, ref, diags);
    case REF_MANAGED:
    case REF_DATA:
    case REF_EPHEMERAL:
    case REF_LIST:
        if (!used)
            return resource_missing(module, ref, diags);
        return check_resource_use(used, ref, diags);
    case REF_MODULE:
        if (!used)
            return call_missing(module, ref, diags);
        if ((used->call->count || used->call->for_each) && !ref->has_key && ref->n_rest > 0 &&
            ref->rest[0].kind == STEP_ATTR)
            return key_missing(used, ref, S("attributes"), diags);
        return true;
    default:
        return true;
    }
}

void ref_check_type(const struct unit *unit, const struct provider_schema *schema,
                    struct diags *diags) {
    static const struct {
        const char *summary, *what;
    } words[] = {
        [MODE_MANAGED] = {"Invalid resource type", "resource type"},
        [MODE_DATA] = {"Invalid data source", "data source"},
        [MODE_EPHEMERAL] = {"Invalid ephemeral resource", "ephemeral resource"},
        [MODE_LIST] = {"Invalid list resource", "list resource"},
    };
    const struct config_resource *c = unit->resource;
    const struct map *types[] = {&schema->resources, &schema->data_sources, &schema->ephemerals,
                                 &schema->lists};
    struct str hint = did_you_mean(diags->arena, c->addr.type, types[c->addr.mode]);
    if (c->addr.mode == MODE_MANAGED && map_get(&schema->data_sources, c->addr.type))
        hint = str_format(diags->arena,
                          "\n\nDid you intend to use the data source \"%.*s\"? If so, declare "
                          "this using a \"data\" block instead of a \"resource\" block.",
                          STR_ARG(c->addr.type));
    if (c->addr.mode == MODE_DATA && map_get(&schema->resources, c->addr.type))
        hint = str_format(diags->arena,
                          "\n\nDid you intend to use the managed resource type \"%.*s\"? If so, "
                          "declare this using a \"resource\" block instead of a \"data\" block.",
                          STR_ARG(c->addr.type));
    struct str provider = addr_provider_display(diags->arena, c->provider_addr);
    diags_error(diags, c->type_span, words[c->addr.mode].summary,
                "The provider %.*s does not support %s \"%.*s\".%.*s", STR_ARG(provider),
                words[c->addr.mode].what, STR_ARG(c->addr.type), STR_ARG(hint));
}
