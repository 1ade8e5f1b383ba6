/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/configure.h"

#include "config/decode.h"
#include "resolve/frame.h"
#include "resolve/locate.h"

struct configured {
    struct provider *provider; /* NULL: failed */
};

static const struct unit *find_unit(const struct resolve *r,
                                    const struct provider_config_addr *addr) {
    const struct unit_module *module = unit_module(r->units, addr->module);
    if (!module)
        return NULL;
    for (size_t i = 0; i < module->n_units; i++) {
        const struct unit *unit = module->units[i];
        if (unit->kind == UNIT_PROVIDER &&
            addr_provider_eq(unit->provider_addr.provider, addr->provider) &&
            str_eq(unit->provider_addr.alias, addr->alias))
            return unit;
    }
    return NULL;
}

static void not_present(struct arena *arena, const struct provider_config_addr *addr,
                        struct str user, struct diags *diags) {
    struct str text = addr_provider_config_text(arena, addr);
    diags_error(diags, (struct span){0}, "Provider configuration not present",
                "To work with %.*s its original provider configuration at %.*s is required, but "
                "it has been removed. This occurs when a provider configuration is removed while "
                "objects created by that provider still exist in the state. Re-add the provider "
                "configuration to destroy %.*s, after which you can remove the provider "
                "configuration again.",
                STR_ARG(user), STR_ARG(text), STR_ARG(user));
}

static bool evaluate_config(struct resolve *r, struct arena *arena, const struct unit *unit,
                            const struct schema *schema, struct value *ret_value,
                            struct diags *diags) {
    if (!unit || !unit->provider || !unit->provider->config) {
        *ret_value = schema_empty(arena, schema->block);
        return true;
    }
    struct module_inst *inst = resolve_module(r, unit->module->path, diags);
    if (!inst)
        return false;
    struct frame frame;
    frame_init(&frame, r, inst, NULL, NULL);
    return decode_block(arena, &frame.scope, unit->provider->config, schema->block, ret_value,
                        diags);
}

static struct provider *configure(struct resolve *r, struct arena *arena,
                                  const struct provider_config_addr *addr, struct str user,
                                  struct diags *diags) {
    const struct unit *unit = find_unit(r, addr);
    if (!unit && (addr->module.n > 0 || addr->alias.len > 0)) {
        not_present(arena, addr, user, diags);
        return NULL;
    }
    const struct provider_schema *schema = pool_schema(r->pool, addr->provider, diags);
    if (!schema || !schema->config)
        return NULL;
    struct value config;
    if ((unit && unit->broken) || !evaluate_config(r, arena, unit, schema->config, &config, diags))
        return NULL;
    struct provider *provider = pool_open(r->pool, addr->provider, diags);
    if (!provider)
        return NULL;
    size_t first = diags->n;
    struct value plain = value_unmark_deep(arena, config);
    bool ok = !provider->ops->validate_config ||
              provider->ops->validate_config(provider, arena, plain, diags);
    ok = ok &&
         (!provider->ops->configure || provider->ops->configure(provider, arena, plain, diags));
    locate_diags(arena, diags, first, addr_provider_config_text(arena, addr),
                 unit && unit->provider ? unit->provider->config : NULL, schema->config->block);
    return ok ? provider : NULL;
}

struct provider *configure_provider(struct resolve *r, const struct provider_config_addr *addr,
                                    struct str user, struct diags *diags) {
    struct arena *scratch = arena_new();
    struct str key = addr_provider_config_text(scratch, addr);
    struct str other = pool_stand_in(r->pool, key, user);
    struct provider_config_addr stand_in = {.alias = S("")};
    struct addr_error error;
    if (other.len && addr_provider_parse(scratch, other, &stand_in.provider, &error)) {
        addr = &stand_in;
        key = other;
    }
    pthread_mutex_lock(&r->lock);
    struct configured *known = map_get(&r->configured, key);
    if (!known) {
        known = arena_alloc(r->arena, sizeof *known);
        known->provider = configure(r, r->arena, addr, user, diags);
        map_put(r->arena, &r->configured, str_dup(r->arena, key), known);
    }
    struct provider *provider = known->provider;
    pthread_mutex_unlock(&r->lock);
    arena_free(scratch);
    return provider;
}
