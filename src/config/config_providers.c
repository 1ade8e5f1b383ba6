/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the provider configurations that modules pass to each other fit together? ("Providers Within
 * Modules"): checked over the loaded tree, before anything is evaluated.
 */
#include "base/arena.h"
#include "base/json.h"
#include "config/config_int.h"

struct checker {
    struct arena *arena;
    const struct sources *sources;
    struct diags *diags;
};

static bool is_empty(const struct body *body) {
    if (body->over != NULL && !is_empty(body->over))
        return false;
    if (body->is_json)
        return body->json == NULL || body->json->n == 0;
    return body->n_attributes == 0 && body->n_blocks == 0;
}

static struct str ref_text(struct arena *arena, const struct config_provider_ref *ref) {
    return ref->alias.len == 0
               ? ref->name
               : str_format(arena, "%.*s.%.*s", STR_ARG(ref->name), STR_ARG(ref->alias));
}

/* A provider block with settings of its own; an empty one only declares that one is expected. */
static bool is_configured(const struct config_module *module, struct str name) {
    const struct config_provider *provider = map_get(&module->providers, name);
    return provider != NULL &&
           (provider->version.len > 0 || provider->for_each != NULL || !is_empty(provider->config));
}

static struct str module_name(struct arena *arena, const struct config_module *module) {
    return module->parent == NULL ? S("the root module") : addr_module_text(arena, module->path);
}

/* hashicorp/NAME, which an undeclared local name is taken to mean. */
static struct str assumed(struct arena *arena, struct str name) {
    return str_format(arena, "hashicorp/%.*s", STR_ARG(name));
}

static bool has_alias(const struct config_required_provider *required, struct str alias) {
    for (size_t i = 0; required != NULL && i < required->n_aliases; i++)
        if (str_eq(required->aliases[i], alias))
            return true;
    return false;
}

static void check_required(struct checker *c, const struct config_module *module) {
    for (size_t i = 0; i < module->required.n; i++) {
        const struct config_required_provider *required = module->required.entries[i].value;
        for (size_t j = 0; j < i; j++) {
            const struct config_required_provider *other = module->required.entries[j].value;
            if (!addr_provider_eq(required->addr, other->addr))
                continue;
            struct str display = addr_provider_display(c->arena, required->addr);
            (void)diags_warn(c->diags, required->span, "Duplicate required provider",
                             "Provider %.*s with the local name \"%.*s\" was previously required "
                             "as \"%.*s\". A provider can only be required once within "
                             "required_providers.",
                             STR_ARG(display), STR_ARG(required->name), STR_ARG(other->name));
            break;
        }
    }
}

/* The left side in the child: is it declared there, and of the same type as the right side? */
static void check_passed(struct checker *c, const struct config_module *parent,
                         const struct config_module *child, const struct config_provider_map *map) {
    struct arena *arena = c->arena;
    struct str inner = ref_text(arena, &map->inner);
    struct str inside = module_name(arena, child);
    struct str outside = module_name(arena, parent);
    const struct config_required_provider *required = map_get(&child->required, map->inner.name);
    bool declared =
        map->inner.alias.len == 0 ? required != NULL : has_alias(required, map->inner.alias);
    if (is_configured(child, inner)) {
        (void)diags_error(c->diags, map->inner.span, "Cannot override provider configuration",
                          "The configuration of %.*s has its own local configuration for %.*s, and "
                          "so it cannot accept an overridden configuration provided by %.*s.",
                          STR_ARG(inside), STR_ARG(inner), STR_ARG(outside));
    }
    struct provider_addr type = config_provider_addr(arena, child, map->inner.name);
    struct provider_addr given = config_provider_addr(arena, parent, map->outer.name);
    if (!declared && map_get(&child->providers, inner) == NULL) {
        struct str display =
            required == NULL ? assumed(arena, map->inner.name) : addr_provider_display(arena, type);
        (void)diags_warn(c->diags, map->inner.span, "Reference to undefined provider",
                         "There is no explicit declaration for local provider name \"%.*s\" in "
                         "%.*s, so Loam is assuming you mean to pass a configuration for "
                         "\"%.*s\".\n\nIf you also control the child module, add a "
                         "required_providers entry named \"%.*s\" with the source address "
                         "\"%.*s\".",
                         STR_ARG(inner), STR_ARG(inside), STR_ARG(display), STR_ARG(inner),
                         STR_ARG(display));
    }
    if (!addr_provider_eq(type, given)) {
        struct str outer = ref_text(arena, &map->outer);
        struct str want = addr_provider_display(arena, type);
        struct str got = addr_provider_display(arena, given);
        (void)diags_error(c->diags, map->outer.span, "Provider type mismatch",
                          "The local name \"%.*s\" in %.*s represents provider \"%.*s\", but "
                          "\"%.*s\" in %.*s represents \"%.*s\".\n\nEach provider has its own "
                          "distinct configuration schema and provider types, so this module's "
                          "\"%.*s\" can be assigned only a configuration for %.*s, which is not "
                          "required by %.*s.",
                          STR_ARG(outer), STR_ARG(outside), STR_ARG(got), STR_ARG(inner),
                          STR_ARG(inside), STR_ARG(want), STR_ARG(inner), STR_ARG(want),
                          STR_ARG(inside));
    }
}

/* The right side in the parent. */
static void check_source(struct checker *c, const struct config_module *parent,
                         const struct config_provider_map *map) {
    struct str name = map->outer.name;
    if (map->outer.alias.len > 0 || is_configured(parent, name) ||
        map_get(&parent->required, name) != NULL)
        return;
    struct str display = assumed(c->arena, name);
    struct str where = module_name(c->arena, parent);
    (void)diags_warn(c->diags, map->outer.span, "Reference to undefined provider",
                     "There is no explicit declaration for local provider name \"%.*s\" in %.*s, "
                     "so Loam is assuming you mean to pass a configuration for provider "
                     "\"%.*s\".\n\nTo clarify your intent and silence this warning, add to %.*s a "
                     "required_providers entry named \"%.*s\" with source = \"%.*s\", or a "
                     "different source address if appropriate.",
                     STR_ARG(name), STR_ARG(where), STR_ARG(display), STR_ARG(where), STR_ARG(name),
                     STR_ARG(display));
}

/* A key is given exactly where the configuration has for_each, in the module that has it. */
static void check_key(struct checker *c, const struct config_module *module,
                      const struct config_provider_ref *ref, const char *what) {
    const struct config_provider *provider = map_get(&module->providers, ref_text(c->arena, ref));
    bool keyed = provider != NULL && provider->for_each != NULL;
    struct str summary = str_format(c->arena, "Invalid %s provider configuration", what);
    struct str detail = S("");
    struct span span = ref->span;
    if (ref->key == NULL && keyed) {
        detail = S("A reference to a provider configuration which uses for_each requires an "
                   "instance key. Passing a collection of provider instances into a child module "
                   "is not allowed.");
    } else if (ref->key != NULL && ref->alias.len == 0) {
        span = expr_span(ref->key);
        detail = S("An instance key can be specified only for a provider configuration which has "
                   "an alias and uses for_each.");
    } else if (ref->key != NULL && provider == NULL) {
        detail = str_format(c->arena,
                            "This module doesn't declare a provider \"%.*s\" block with alias = "
                            "\"%.*s\", which is required for use with for_each.",
                            STR_ARG(ref->name), STR_ARG(ref->alias));
    } else if (ref->key != NULL && !keyed) {
        span = expr_span(ref->key);
        detail = S("An instance key can be specified only for a provider configuration that uses "
                   "for_each.");
    }
    if (detail.len > 0)
        (void)diags_add(c->diags, SEVERITY_ERROR, span, summary, detail);
}

static void check_keys(struct checker *c, const struct config_module *module) {
    for (size_t i = 0; i < module->resources.n; i++) {
        const struct config_resource *resource = module->resources.entries[i].value;
        if (resource->provider.name.len > 0)
            check_key(c, module, &resource->provider, "resource");
    }
}

/*
 * A resource block says itself which provider configuration its object has; its import may only
 * repeat it, as configuration does that a query generates.
 */
static void check_imports(struct checker *c, const struct config_module *module) {
    for (size_t i = 0; i < module->n_imports; i++) {
        const struct config_import *import = &module->imports[i];
        const struct instance_addr *to = &import->to_static.addr;
        const struct config_resource *resource = config_resource(module, to->resource);
        if (import->provider.name.len == 0 || to->module.n > 0 || resource == NULL ||
            str_eq(ref_text(c->arena, &resource->provider), ref_text(c->arena, &import->provider)))
            continue;
        (void)diags_error(c->diags, import->provider_span, "Invalid import provider argument",
                          "The provider argument can only be specified in import blocks that "
                          "will generate configuration.\n\nUse the provider argument in the "
                          "target resource block to configure the provider for a resource with "
                          "explicit provider configuration.");
    }
}

static void check_inner_key(struct checker *c, const struct config_provider_ref *inner) {
    if (inner->key != NULL) {
        (void)diags_error(c->diags, expr_span(inner->key), "Invalid module provider configuration",
                          "Instance keys are not allowed on the left side of a provider "
                          "configuration assignment.");
    }
}

static bool is_passed(struct arena *arena, const struct config_call *call, struct str name) {
    for (size_t i = 0; i < call->n_providers; i++)
        if (str_eq(ref_text(arena, &call->providers[i].inner), name))
            return true;
    return false;
}

/* configuration_aliases of the child must all be given. */
static void check_aliases(struct checker *c, const struct config_call *call) {
    const struct config_module *child = call->module;
    for (size_t i = 0; i < child->required.n; i++) {
        const struct config_required_provider *required = child->required.entries[i].value;
        for (size_t j = 0; j < required->n_aliases; j++) {
            struct str name = str_format(c->arena, "%.*s.%.*s", STR_ARG(required->name),
                                         STR_ARG(required->aliases[j]));
            if (is_configured(child, name) || is_passed(c->arena, call, name))
                continue;
            struct str display = addr_provider_display(c->arena, required->addr);
            (void)diags_error(c->diags, call->span, "Missing required provider configuration",
                              "The child module requires an additional configuration for provider "
                              "%.*s, with the local name \"%.*s\".\n\nRefer to the module's "
                              "documentation to understand the intended purpose of this additional "
                              "provider configuration, and then add an entry for %.*s in the "
                              "\"providers\" meta-argument in the module block to choose which "
                              "provider configuration the module should use for that purpose.",
                              STR_ARG(display), STR_ARG(name), STR_ARG(name));
        }
    }
}

/* Where a call is repeated or ordered: nothing below it may configure providers. */
static struct span repetition_span(const struct config_call *call, struct span outer) {
    if (call->count != NULL)
        return expr_span(call->count);
    if (call->for_each != NULL)
        return expr_span(call->for_each);
    if (call->enabled != NULL)
        return expr_span(call->enabled);
    return call->depends_on.n > 0 ? call->depends_on.at[0].span : outer;
}

static void check_legacy(struct checker *c, const struct config_call *call, struct span span) {
    for (size_t i = 0; span.file != 0 && i < call->module->providers.n; i++) {
        struct map_entry *entry = &call->module->providers.entries[i];
        if (!is_configured(call->module, entry->key))
            continue;
        struct str path = addr_module_text(c->arena, call->module->path);
        (void)diags_error(c->diags, span,
                          "Module is incompatible with count, for_each, and depends_on",
                          "The module at %.*s is a legacy module which contains its own local "
                          "provider configurations, and so calls to it may not use the count, "
                          "for_each, or depends_on arguments.\n\nIf you also control the module "
                          "\"%.*s\", consider updating this module to instead expect provider "
                          "configurations to be passed by its caller.",
                          STR_ARG(path), STR_ARG(call->source));
        return;
    }
}

/* Provider blocks of one local name that only say that a configuration is expected. */
struct proxies {
    struct str name, source;
    struct str first; /* where the first of them stands, as text */
    struct span span;
    struct buf configs; /* a line for each */
    bool aliased;
};

static void add_proxy(struct checker *c, struct proxies *proxies, struct str key,
                      const struct config_provider *provider) {
    struct str place = sources_range(c->arena, c->sources, provider->span);
    if (proxies->first.len == 0 || str_cmp(place, proxies->first) < 0) {
        proxies->first = place;
        proxies->span = provider->span;
    }
    proxies->aliased = proxies->aliased || provider->alias.len > 0;
    buf_addf(&proxies->configs, "        %.*s,\n", STR_ARG(key));
}

static void warn_proxies(struct checker *c, const struct config_module *module,
                         struct proxies *proxies) {
    struct str inside = module_name(c->arena, module);
    struct str configs = buf_take(&proxies->configs, c->arena);
    struct str aliases = S("");
    if (proxies->aliased) {
        aliases = str_format(c->arena, "      configuration_aliases = [\n%.*s      ]\n",
                             STR_ARG(configs));
    }
    (void)diags_warn(
        c->diags, proxies->span, "Redundant empty provider block",
        "Earlier versions of Terraform used empty provider blocks (\"proxy provider "
        "configurations\") for child modules to declare their need to be passed a provider "
        "configuration by their callers. That approach was ambiguous and is now deprecated.\n\n"
        "If you control this module, you can migrate to the new declaration syntax by removing "
        "all of the empty provider \"%.*s\" blocks and then adding or updating an entry like the "
        "following to the required_providers block of %.*s:\n    %.*s = {\n      source = "
        "\"%.*s\"\n%.*s    }",
        STR_ARG(proxies->name), STR_ARG(inside), STR_ARG(proxies->name), STR_ARG(proxies->source),
        STR_ARG(aliases));
}

/*
 * The source is the declared one only if `key`, the first of the name's, has no alias: so it is in
 * Terraform, which takes any of them for the first.
 */
static struct proxies *proxies_new(struct checker *c, const struct config_module *module,
                                   struct str key, struct str name) {
    const struct config_required_provider *required = map_get(&module->required, key);
    struct proxies *proxies = arena_alloc(c->arena, sizeof *proxies);
    *proxies = (struct proxies){.name = name, .first = S("")};
    proxies->source = required == NULL ? assumed(c->arena, name)
                                       : addr_provider_display(c->arena, required->addr);
    buf_init(&proxies->configs, BUF_MAX_TEXT);
    return proxies;
}

/* One warning for each local name. */
static void check_proxies(struct checker *c, const struct config_module *module) {
    struct map_entry *entries = map_sorted(c->arena, &module->providers);
    struct map by_name = {0};
    for (size_t i = 0; i < module->providers.n; i++) {
        const struct config_provider *provider = entries[i].value;
        if (is_configured(module, entries[i].key))
            continue;
        struct proxies *proxies = map_get(&by_name, provider->name);
        if (proxies == NULL) {
            proxies = proxies_new(c, module, entries[i].key, provider->name);
            map_put(c->arena, &by_name, provider->name, proxies);
        }
        add_proxy(c, proxies, entries[i].key, provider);
    }
    for (size_t i = 0; i < by_name.n; i++)
        warn_proxies(c, module, by_name.entries[i].value);
}

static void check_module(struct checker *c, const struct config_module *module,
                         struct span repeated) {
    struct map_entry *calls = map_sorted(c->arena, &module->calls);
    check_required(c, module);
    check_keys(c, module);
    check_imports(c, module);
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = calls[i].value;
        if (call->module == NULL)
            continue;
        struct span span = repetition_span(call, repeated);
        check_module(c, call->module, span);
        check_legacy(c, call, span);
        check_aliases(c, call);
        for (size_t j = 0; j < call->n_providers; j++) {
            check_inner_key(c, &call->providers[j].inner);
            check_key(c, module, &call->providers[j].outer, "module");
            check_source(c, module, &call->providers[j]);
            check_passed(c, module, call->module, &call->providers[j]);
        }
        check_proxies(c, call->module);
    }
}

void config_providers_check(struct arena *arena, const struct sources *sources,
                            const struct config_module *root, struct diags *diags) {
    struct checker c = {.arena = arena, .sources = sources, .diags = diags};
    check_module(&c, root, (struct span){.file = 0});
}
