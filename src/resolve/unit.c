/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/unit.h"

#include "resolve/configure.h"
#include "resolve/ref_check.h"
#include "resolve/unit_int.h"

#include "hcl/body.h"

#include <stdlib.h>

static struct unit *add_unit(struct units *units, struct unit_module *module, enum unit_kind kind,
                             struct str name) {
    struct unit *unit = arena_alloc(units->arena, sizeof *unit);
    unit->kind = kind;
    unit->index = graph_node(&units->graph);
    unit->slot = module->n_slots++;
    unit->module = module;
    unit->name = name;
    units->at = arena_grow(units->arena, units->at, units->n, &units->cap, sizeof *units->at);
    units->at[units->n++] = unit;
    module->units = arena_grow(units->arena, module->units, module->n_units, &module->cap_units,
                               sizeof *module->units);
    module->units[module->n_units++] = unit;
    return unit;
}

/* What a module call gives to its module's variables. */
static void read_arguments(struct units *units, struct unit_module *module, struct diags *diags) {
    const struct config_call *call = module->config->call;
    if (!call || !call->config)
        return;
    size_t n = module->config->variables.n;
    struct body_attr_schema *attrs = arena_array(units->arena, n, sizeof *attrs);
    for (size_t i = 0; i < n; i++)
        attrs[i] = (struct body_attr_schema){module->config->variables.entries[i].key, false};
    const struct body_schema schema = {.attrs = attrs, .n_attrs = n};
    struct body_content *content = body_content(units->arena, call->config, &schema, diags);
    for (size_t i = 0; i < content->n_attrs; i++)
        map_put(units->arena, &module->arguments, content->attrs[i]->name,
                (void *)content->attrs[i]);
}

static void check_arguments(const struct unit_module *module, struct diags *diags) {
    const struct config_call *call = module->config->call;
    for (size_t i = 0; i < module->config->variables.n; i++) {
        const struct config_variable *v = module->config->variables.entries[i].value;
        if (!v->has_default && !v->default_expr && !map_get(&module->arguments, v->name))
            diags_error(diags, call->config ? call->config->missing_item : call->span,
                        "Missing required argument",
                        "The argument \"%.*s\" is required, but no definition was found.",
                        STR_ARG(v->name));
    }
}

static void add_variables(struct units *units, struct unit_module *module) {
    for (size_t i = 0; i < module->config->variables.n; i++) {
        struct config_variable *v = module->config->variables.entries[i].value;
        struct unit *unit = add_unit(units, module, UNIT_VARIABLE, v->name);
        unit->variable = v;
        unit->input = map_get(&module->arguments, v->name);
        map_put(units->arena, &module->variables, v->name, unit);
        if (v->validations.n == 0)
            continue;
        unit->validation = add_unit(units, module, UNIT_VALIDATION, v->name);
        unit->validation->variable = v;
    }
}

static void add_resource(struct units *units, struct unit_module *module, struct str key,
                         const struct config_resource *resource, struct unit *in_check) {
    struct unit *unit = add_unit(units, module, UNIT_RESOURCE, key);
    unit->resource = resource;
    unit->in_check = in_check;
    map_put(units->arena, &module->resources, key, unit);
}

static void add_checks(struct units *units, struct unit_module *module) {
    for (size_t i = 0; i < module->config->checks.n; i++) {
        const struct config_check *check = module->config->checks.entries[i].value;
        struct unit *unit = add_unit(units, module, UNIT_CHECK, check->name);
        unit->check = check;
        map_put(units->arena, &module->checks, check->name, unit);
        if (!check->data)
            continue;
        struct str key = addr_resource_text(units->arena, check->data->addr);
        struct unit *known = map_get(&module->resources, key);
        if (known)
            known->in_check = unit;
        else
            add_resource(units, module, key, check->data, unit);
    }
}

static void add_values(struct units *units, struct unit_module *module) {
    struct config_module *config = module->config;
    for (size_t i = 0; i < config->locals.n; i++) {
        struct unit *unit = add_unit(units, module, UNIT_LOCAL, config->locals.entries[i].key);
        unit->local = config->locals.entries[i].value;
        map_put(units->arena, &module->locals, unit->name, unit);
    }
    for (size_t i = 0; i < config->outputs.n; i++) {
        struct unit *unit = add_unit(units, module, UNIT_OUTPUT, config->outputs.entries[i].key);
        unit->output = config->outputs.entries[i].value;
        map_put(units->arena, &module->outputs, unit->name, unit);
    }
    for (size_t i = 0; i < config->resources.n; i++)
        add_resource(units, module, config->resources.entries[i].key,
                     config->resources.entries[i].value, NULL);
}

static void add_provider_blocks(struct units *units, struct unit_module *module) {
    for (size_t i = 0; i < module->config->providers.n; i++) {
        const struct config_provider *p = module->config->providers.entries[i].value;
        struct unit *unit =
            add_unit(units, module, UNIT_PROVIDER, module->config->providers.entries[i].key);
        unit->provider = p;
        unit->provider_addr = (struct provider_config_addr){
            .module = module->path,
            .provider = config_provider_addr(units->arena, module->config, p->name),
            .alias = p->alias,
        };
        map_put(units->arena, &module->providers, unit->name, unit);
    }
}

static struct unit_module *add_module(struct units *units, struct config_module *config,
                                      struct unit_module *parent, struct unit *call,
                                      struct diags *diags) {
    struct unit_module *module = arena_alloc(units->arena, sizeof *module);
    module->config = config;
    module->parent = parent;
    module->call = call;
    if (parent)
        module->path = addr_module_child(units->arena, parent->path, call->name, (struct key){0});
    read_arguments(units, module, diags);
    if (call)
        check_arguments(module, diags);
    add_variables(units, module);
    add_values(units, module);
    add_checks(units, module);
    add_provider_blocks(units, module);
    for (size_t i = 0; i < config->calls.n; i++) {
        struct config_call *c = config->calls.entries[i].value;
        struct unit *unit = add_unit(units, module, UNIT_CALL, c->name);
        unit->call = c;
        unit->close = add_unit(units, module, UNIT_CLOSE, c->name);
        unit->close->call = c;
        map_put(units->arena, &module->calls, c->name, unit);
        if (c->module)
            unit->child = add_module(units, c->module, module, unit, diags);
        unit->close->child = unit->child;
    }
    return module;
}

/* The root configuration of a provider that has no block. */
static struct unit *implied_provider(struct units *units, struct provider_addr addr,
                                     struct str name) {
    struct unit_module *root = units->root;
    struct str key = addr_provider_text(units->arena, addr);
    struct unit *unit = map_get(&root->providers, key);
    if (unit)
        return unit;
    for (size_t i = 0; i < root->providers.n; i++) {
        unit = root->providers.entries[i].value;
        if (unit->provider_addr.alias.len == 0 &&
            addr_provider_eq(unit->provider_addr.provider, addr))
            return unit;
    }
    unit = add_unit(units, root, UNIT_PROVIDER, name);
    unit->provider_addr = (struct provider_config_addr){.provider = addr};
    map_put(units->arena, &root->providers, key, unit);
    return unit;
}

static const struct config_provider_map *passed_provider(const struct config_call *call,
                                                         struct str name, struct str alias) {
    for (size_t i = 0; i < call->n_providers; i++)
        if (str_eq(call->providers[i].inner.name, name) &&
            str_eq(call->providers[i].inner.alias, alias))
            return &call->providers[i];
    return NULL;
}

/* Follows a local provider name out of its module to the configuration that serves it; a key may
 * be given on any step. */
static struct unit *find_provider(struct units *units, struct unit *resource, struct str name) {
    struct unit_module *module = resource->module;
    struct str alias = resource->resource->provider.alias;
    resource->provider_key = resource->resource->provider.key;
    for (;; module = module->parent) {
        struct str key =
            alias.len ? str_format(units->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(alias)) : name;
        struct unit *unit = map_get(&module->providers, key);
        if (unit && unit->kind == UNIT_PROVIDER)
            return unit;
        if (!module->parent)
            return alias.len ? NULL
                             : implied_provider(units, resource->resource->provider_addr, name);
        const struct config_provider_map *passed = passed_provider(module->call->call, name, alias);
        if (passed) {
            name = passed->outer.name;
            alias = passed->outer.alias;
            if (passed->outer.key) {
                resource->provider_key = passed->outer.key;
                resource->key_call = module->call;
            }
        } else if (alias.len) {
            return NULL;
        }
    }
}

static struct str implied_name(const struct config_resource *resource) {
    ptrdiff_t end = str_find_byte(resource->addr.type, '_');
    return end < 0 ? resource->addr.type : str_slice(resource->addr.type, 0, (size_t)end);
}

/*
 * What a list block may hold and has: its block `config`, which must be there when something in it
 * must, and `data`, the objects found.
 */
static const struct schema *list_schema(struct arena *arena, const struct schema *type) {
    struct schema *schema = arena_alloc(arena, sizeof *schema);
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    struct schema_attr *data = arena_alloc(arena, sizeof *data);
    struct schema_nested *config = arena_alloc(arena, sizeof *config);
    *data = (struct schema_attr){.name = S("data"), .type = type_dynamic, .computed = true};
    *config = (struct schema_nested){
        .name = S("config"), .nesting = NESTING_SINGLE, .max_items = 1, .block = type->block};
    for (size_t i = 0; i < type->block->n_attrs; i++)
        if (type->block->attrs[i].required)
            config->min_items = 1;
    *block = (struct schema_block){.attrs = data, .n_attrs = 1, .blocks = config, .n_blocks = 1};
    *schema = (struct schema){.name = type->name, .version = type->version, .block = block};
    return schema;
}

static void bind_resource(struct units *units, struct unit *unit, struct diags *diags) {
    const struct config_resource *c = unit->resource;
    const struct provider_schema *schema = pool_schema(units->pool, c->provider_addr, diags);
    unit->schema = pool_type(schema, c->addr.mode, c->addr.type);
    if (unit->schema && c->addr.mode == MODE_LIST)
        unit->schema = list_schema(units->arena, unit->schema);
    struct str name = c->provider.name.len ? c->provider.name : implied_name(c);
    unit->provider_unit = find_provider(units, unit, name);
    unit->provider_addr = (struct provider_config_addr){.provider = c->provider_addr};
    if (unit->provider_unit) {
        unit->provider_addr = unit->provider_unit->provider_addr;
        unit->provider_unit->used = true;
    } else {
        unit->provider_addr.module = unit->module->path;
        unit->provider_addr.alias = c->provider.alias;
        configure_not_present(units->arena, &unit->provider_addr,
                              unit_config_text(units->arena, unit), diags);
    }
    unit->bad_type = schema && !unit->schema;
    if (unit->bad_type)
        ref_check_type(unit, schema, diags);
}

static void bind_providers(struct units *units, struct diags *diags) {
    size_t n = units->n; /* implied providers are added behind */
    for (size_t i = 0; i < n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE)
            bind_resource(units, units->at[i], diags);
    for (size_t i = 0; i < units->n; i++) {
        struct unit *unit = units->at[i];
        if (unit->kind != UNIT_PROVIDER)
            continue;
        const struct provider_schema *schema =
            pool_schema(units->pool, unit->provider_addr.provider, diags);
        unit->schema = schema ? schema->config : NULL;
    }
}

static bool report_cycles(struct units *units, struct diags *diags) {
    size_t n;
    struct graph_cycle *cycles = graph_cycles(units->arena, &units->graph, &n);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        /* What needs only itself has been reported as a self-reference. */
        if (cycles[i].n == 1 && diags_failed(diags)) {
            ok = false;
            continue;
        }
        struct str *names = arena_array(units->arena, cycles[i].n, sizeof *names);
        for (uint32_t k = 0; k < cycles[i].n; k++)
            names[k] = unit_text(units->arena, units->at[cycles[i].members[k]]);
        struct str list = str_join(units->arena, names, cycles[i].n, S(", "));
        struct str summary = str_format(units->arena, "Cycle: %.*s", STR_ARG(list));
        diags_add(diags, SEVERITY_ERROR, (struct span){0}, summary, (struct str){"", 0});
        ok = false;
    }
    return ok;
}

/*
 * Every unit that `from` needs, near or far, after itself in `found`. `seen` has `from + 1` where
 * this walk has been: no clearing between walks, so the whole costs what is really reached.
 */
static uint32_t reach(const struct graph *graph, uint32_t from, uint32_t *seen, uint32_t *found) {
    uint32_t n_found = 0;
    seen[from] = from + 1;
    found[n_found++] = from;
    for (uint32_t at = 0; at < n_found; at++) {
        uint32_t n;
        const uint32_t *needs = graph_needs(graph, found[at], &n);
        for (uint32_t k = 0; k < n; k++) {
            if (seen[needs[k]] != from + 1) {
                seen[needs[k]] = from + 1;
                found[n_found++] = needs[k];
            }
        }
    }
    return n_found;
}

/* For each resource, all resources it needs directly or not: what the state records. */
static void find_dependencies(struct units *units) {
    struct arena *scratch = arena_new();
    size_t n = units->n;
    uint32_t *seen = arena_array(scratch, n, sizeof *seen);
    uint32_t *found = arena_array(scratch, n, sizeof *found);
    struct str *texts = arena_array(scratch, n, sizeof *texts);
    for (size_t i = 0; i < n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE)
            texts[i] = unit_config_text(units->arena, units->at[i]);
    for (size_t i = 0; i < n; i++) {
        struct unit *unit = units->at[i];
        if (unit->kind != UNIT_RESOURCE)
            continue;
        uint32_t n_found = reach(&units->graph, (uint32_t)i, seen, found);
        unit->dependencies = arena_array(units->arena, n_found, sizeof *unit->dependencies);
        for (uint32_t k = 1; k < n_found; k++)
            if (units->at[found[k]]->kind == UNIT_RESOURCE)
                unit->dependencies[unit->n_dependencies++] = texts[found[k]];
        qsort(unit->dependencies, unit->n_dependencies, sizeof *unit->dependencies, str_cmp_qsort);
    }
    arena_free(scratch);
}

struct units *units_new(struct arena *arena, struct config *config, struct pool *pool,
                        struct diags *diags) {
    struct units *units = arena_alloc(arena, sizeof *units);
    units->arena = arena;
    units->config = config;
    units->pool = pool;
    graph_init(&units->graph, arena);
    units->root = add_module(units, config->root, NULL, NULL, diags);
    bind_providers(units, diags);
    unit_refs_connect(units, diags);
    graph_freeze(&units->graph);
    if (!report_cycles(units, diags))
        return NULL;
    find_dependencies(units);
    return units;
}

struct unit *unit_resource(const struct unit_module *module, struct resource_addr addr) {
    char text[512];
    size_t at = 0;
    const struct str prefix = addr.mode == MODE_DATA        ? S("data.")
                              : addr.mode == MODE_EPHEMERAL ? S("ephemeral.")
                              : addr.mode == MODE_LIST      ? S("list.")
                                                            : S("");
    const struct str parts[] = {prefix, addr.type, S("."), addr.name};
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].len > sizeof text - at)
            return NULL;
        for (size_t k = 0; k < parts[i].len; k++)
            text[at++] = parts[i].at[k];
    }
    return map_get(&module->resources, (struct str){text, at});
}

struct unit *unit_of_ref(const struct unit_module *module, const struct ref *ref) {
    switch (ref->kind) {
    case REF_VARIABLE:
        return map_get(&module->variables, ref->name);
    case REF_LOCAL:
        return map_get(&module->locals, ref->name);
    case REF_MANAGED:
        return unit_resource(module, (struct resource_addr){MODE_MANAGED, ref->type, ref->name});
    case REF_DATA:
        return unit_resource(module, (struct resource_addr){MODE_DATA, ref->type, ref->name});
    case REF_EPHEMERAL:
        return unit_resource(module, (struct resource_addr){MODE_EPHEMERAL, ref->type, ref->name});
    case REF_LIST:
        return unit_resource(module, (struct resource_addr){MODE_LIST, ref->type, ref->name});
    case REF_MODULE:
        return map_get(&module->calls, ref->name);
    case REF_CHECK:
        return map_get(&module->checks, ref->name);
    default:
        return NULL;
    }
}

struct unit_module *unit_module(const struct units *units, struct module_path path) {
    struct unit_module *module = units->root;
    for (size_t i = 0; i < path.n && module; i++) {
        struct unit *call = map_get(&module->calls, path.at[i].name);
        module = call ? call->child : NULL;
    }
    return module;
}

struct str unit_config_text(struct arena *arena, const struct unit *unit) {
    struct instance_addr addr = {.module = unit->module->path, .resource = unit->resource->addr};
    return addr_instance_text(arena, &addr);
}

struct str unit_text(struct arena *arena, const struct unit *unit) {
    struct str module = addr_module_text(arena, unit->module->path);
    struct str dot = module.len ? S(".") : S("");
    static const struct {
        const char *before, *after;
    } forms[] = {
        [UNIT_VARIABLE] = {"var.", " (expand)"},
        [UNIT_VALIDATION] = {"var.", " (validation)"},
        [UNIT_LOCAL] = {"local.", " (expand)"},
        [UNIT_OUTPUT] = {"output.", " (expand)"},
        [UNIT_RESOURCE] = {"", ""},
        [UNIT_CALL] = {"module.", " (expand)"},
        [UNIT_CLOSE] = {"module.", " (close)"},
        [UNIT_PROVIDER] = {"provider.", ""},
        [UNIT_CHECK] = {"check.", " (expand)"},
    };
    const char *after = forms[unit->kind].after;
    if (unit->kind == UNIT_OUTPUT && !unit->module->parent)
        after = " (expand)";
    if (unit->kind == UNIT_PROVIDER)
        return addr_provider_config_text(arena, &unit->provider_addr);
    return str_format(arena, "%.*s%.*s%s%.*s%s", STR_ARG(module), STR_ARG(dot),
                      forms[unit->kind].before, STR_ARG(unit->name), after);
}
