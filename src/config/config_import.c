/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "config/config_int.h"
#include "hcl/parse.h"

static const struct body_attr_schema import_attrs[] = {
    {STR("provider"), false}, {STR("id"), false},       {STR("identity"), false},
    {STR("to"), true},        {STR("for_each"), false},
};
static const struct body_schema import_schema = {.attrs = import_attrs,
                                                 .n_attrs = COUNT(import_attrs)};

/* Steps of an address whose keys may be expressions: those become unknown keys. */
struct flat {
    struct traversal traversal;
    struct step *steps;
    size_t cap;
    const struct expr **keys; /* those expressions, in order */
    size_t n_keys, cap_keys;
};

static void flat_add(struct arena *arena, struct flat *flat, struct step step) {
    flat->steps = arena_grow(arena, flat->steps, flat->traversal.n, &flat->cap, sizeof step);
    flat->steps[flat->traversal.n++] = step;
    flat->traversal.steps = flat->steps;
}

static bool flatten(const struct config_reader *reader, const struct expr *expr,
                    struct flat *flat) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_TRAVERSAL:
        flat->traversal.root = expr->traversal.root;
        flat->traversal.root_span = expr->traversal.root_span;
        for (uint32_t i = 0; i < expr->traversal.n; i++)
            flat_add(reader->arena, flat, expr->traversal.steps[i]);
        return true;
    case EXPR_RELATIVE:
        if (!flatten(reader, expr->relative.source, flat))
            return false;
        for (uint32_t i = 0; i < expr->relative.traversal.n; i++)
            flat_add(reader->arena, flat, expr->relative.traversal.steps[i]);
        return true;
    case EXPR_INDEX:
        if (!flatten(reader, expr->operand[0], flat))
            return false;
        flat_add(reader->arena, flat,
                 (struct step){.kind = STEP_INDEX,
                               .index = value_unknown(type_dynamic),
                               .span = expr_span(expr->operand[1])});
        flat->keys = arena_grow(reader->arena, flat->keys, flat->n_keys, &flat->cap_keys,
                                sizeof *flat->keys);
        flat->keys[flat->n_keys++] = expr->operand[1];
        return true;
    default:
        return body_static_traversal(reader->arena, reader->sources, expr, &flat->traversal,
                                     reader->diags);
    }
}

/* Gives each key that is an expression to its place in the address. */
static void place_keys(struct arena *arena, const struct flat *flat, struct config_import *import) {
    struct instance_addr *addr = &import->to_static.addr;
    struct module_step *steps = arena_array(arena, addr->module.n, sizeof *steps);
    size_t used = 0;
    import->module_keys = arena_array(arena, addr->module.n, sizeof *import->module_keys);
    for (size_t i = 0; i < addr->module.n; i++) {
        steps[i] = addr->module.at[i];
        if (steps[i].key.kind != KEY_ANY || used == flat->n_keys)
            continue;
        import->module_keys[i] = flat->keys[used++];
        steps[i].key = (struct key){.kind = KEY_NONE};
    }
    addr->module.at = steps;
    if (used < flat->n_keys) {
        import->to_key = flat->keys[used];
        import->to_static.kind = TARGET_RESOURCE;
        addr->key = (struct key){.kind = KEY_NONE};
    }
}

static bool read_to(const struct config_reader *reader, const struct attribute *attr,
                    struct config_import *import) {
    struct flat flat = {.traversal = {.root = S("")}};
    size_t errors = reader->diags->n_errors;
    import->to = attr->expr;
    if (attr->expr->json) {
        struct value text = config_static_value(reader, attr->expr);
        if (text.kind != VALUE_STRING) {
            (void)diags_error(reader->diags, expr_start(attr->expr), "Invalid reference expression",
                              "A single reference string is required.");
            return false;
        }
        import->to = parse_expr_at(reader->arena, reader->sources, attr->expr->file,
                                   value_str(text), attr->expr->start, reader->diags);
    }
    if (reader->diags->n_errors > errors)
        return false;
    import->to_span = expr_span(import->to);
    bool ok = false;
    if (config_static_quoted(import->to))
        ok = config_static_address(reader, import->to, &flat.traversal);
    else
        ok = flatten(reader, import->to, &flat);
    if (!ok || !addr_parse_traversal(reader->arena, &flat.traversal, import->to_span,
                                     &import->to_static, reader->diags)) {
        ok = false;
    } else if (import->to_static.kind == TARGET_MODULE) {
        (void)diags_error(reader->diags, import->to_span, "Invalid address",
                          "A resource instance address is required here. The module path must be "
                          "followed by a resource instance specification.");
        ok = false;
    }
    if (!ok || import->to_static.addr.resource.mode != MODE_MANAGED) {
        (void)diags_error(reader->diags, attr->span, "Invalid import address",
                          "Only managed resources can be imported.");
        return false;
    }
    if (flat.n_keys > 0) {
        import->dynamic = true;
        place_keys(reader->arena, &flat, import);
    }
    return true;
}

static void check_arguments(const struct config_reader *reader, const struct block *block,
                            const struct attribute *id, const struct attribute *identity) {
    if (id == NULL && identity == NULL) {
        (void)diags_error(reader->diags, block->header, "Missing required import argument",
                          "One of 'id' or 'identity' must be specified in an import block to "
                          "identify the resource instance to import.");
    }
    if (id != NULL && identity != NULL) {
        bool first = id->span.start < identity->span.start;
        (void)diags_error(reader->diags,
                          first ? span_join(id->span, identity->span)
                                : span_join(identity->span, id->span),
                          "Conflicting import arguments",
                          "Only one of 'id' or 'identity' can be specified in an import block. "
                          "'id' identifies the resource instance by its ID, while 'identity' "
                          "identifies the resource instance by its Resource Identity. Choose one "
                          "method to identify the resource instance to import.");
    }
}

static bool is_duplicate(const struct config_reader *reader, const struct config_import *import) {
    struct map *seen = &reader->module->import_spans;
    if (import->dynamic)
        return false;
    struct str text = addr_instance_text(reader->arena, &import->to_static.addr);
    const struct span *first = map_get(seen, text);
    if (first == NULL) {
        map_put(reader->arena, seen, text,
                arena_copy(reader->arena, &import->span, sizeof import->span));
        return false;
    }
    struct str place = config_static_range(reader, *first);
    struct str summary =
        str_format(reader->arena, "Duplicate import configuration for \"%.*s\"", STR_ARG(text));
    (void)diags_error(reader->diags, import->to_span, str_c(reader->arena, summary),
                      "An import block for the resource \"%.*s\" was already declared at %.*s. A "
                      "resource can have only one import block.",
                      STR_ARG(text), STR_ARG(place));
    return true;
}

static void add_import(const struct config_reader *reader, const struct config_import *import) {
    struct config_module *module = reader->module;
    module->imports =
        config_static_grow(reader, module->imports, module->n_imports, sizeof *module->imports);
    module->imports[module->n_imports++] = *import;
}

void config_import_read(struct config_reader *reader, const struct block *block) {
    struct config_import import = {.span = block->header,
                                   .provider = {.name = S(""), .alias = S("")}};
    struct body_content *content =
        body_content(reader->arena, block->body, &import_schema, reader->diags);
    const struct attribute *id = body_attr(content, S("id"));
    const struct attribute *identity = body_attr(content, S("identity"));
    const struct attribute *to = body_attr(content, S("to"));
    const struct attribute *provider = body_attr(content, S("provider"));
    const struct attribute *for_each = body_attr(content, S("for_each"));
    import.id = id != NULL ? id->expr : NULL;
    import.identity = identity != NULL ? identity->expr : NULL;
    import.for_each = for_each != NULL ? for_each->expr : NULL;
    bool ok = to != NULL && read_to(reader, to, &import);
    if (provider != NULL) {
        import.provider_span = provider->span;
        if (ok && import.to_static.addr.module.n > 0) {
            (void)diags_error(reader->diags, provider->span, "Invalid import provider argument",
                              "The provider argument can only be specified in import blocks that "
                              "will generate configuration.\n\nUse the providers argument within "
                              "the module block to configure providers for all resources within a "
                              "module, including imported resources.");
        }
        ok = config_static_provider(reader, provider->expr, "provider", &import.provider) && ok;
    }
    check_arguments(reader, block, id, identity);
    if (reader->override) {
        (void)diags_error(reader->diags, block->header, "Cannot override 'import' blocks",
                          "Import blocks can appear only in normal files, not in override files.");
        return;
    }
    if (ok && !is_duplicate(reader, &import))
        add_import(reader, &import);
}
