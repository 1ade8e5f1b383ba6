/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/configure.h"

#include "config/decode.h"
#include "resolve/expansion.h"
#include "resolve/locate.h"
#include "value/convert.h"

struct configured {
    struct provider *provider; /* NULL: failed */
};

const struct unit *configure_unit(const struct units *units,
                                  const struct provider_config_addr *addr) {
    const struct unit_module *module = unit_module(units, addr->module);
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

void configure_not_present(struct arena *arena, const struct provider_config_addr *addr,
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

static void instance_gone(struct arena *arena, const struct provider_config_addr *addr,
                          struct str user, struct diags *diags) {
    struct str text = addr_provider_config_text(arena, addr);
    diags_error(diags, (struct span){0}, "Provider instance not present",
                "To work with %.*s its original provider instance at %.*s is required, but it has "
                "been removed. This occurs when an element is removed from the provider "
                "configuration's for_each collection, or for_each is added to or removed from "
                "it, while objects created by that provider instance still exist in the state. "
                "Restore the provider configuration to destroy %.*s, after which it can be "
                "changed.",
                STR_ARG(user), STR_ARG(text), STR_ARG(user));
}

/* The scope of a configuration: with for_each, of the instance of it that is meant. */
static bool config_frame(struct frame *frame, struct resolve *r, struct arena *arena,
                         const struct unit *unit, const struct provider_config_addr *addr,
                         struct str user, struct diags *diags) {
    struct module_inst *inst = resolve_module(r, unit->module->path, diags);
    struct expansion *e = inst ? expansion_of(r, inst, unit, diags) : NULL;
    if (!e)
        return false;
    struct resolve_instance *instance = expansion_find(e, addr->key);
    if (!instance) {
        instance_gone(arena, addr, user, diags);
        return false;
    }
    frame_init(frame, r, inst, e, instance);
    return true;
}

static bool evaluate_config(struct resolve *r, struct arena *arena, const struct unit *unit,
                            const struct provider_config_addr *addr, struct str user,
                            const struct schema *schema, struct value *ret_value,
                            struct diags *diags) {
    if (!unit || !unit->provider || !unit->provider->config) {
        *ret_value = schema_empty(arena, schema->block);
        return true;
    }
    struct frame frame;
    if (!config_frame(&frame, r, arena, unit, addr, user, diags))
        return false;
    return decode_block(arena, &frame.scope, unit->provider->config, schema->block, ret_value,
                        diags);
}

static struct provider *configure(struct resolve *r, struct arena *arena,
                                  const struct provider_config_addr *addr, struct str user,
                                  struct diags *diags) {
    const struct unit *unit = configure_unit(r->units, addr);
    if (!unit && (addr->module.n > 0 || addr->alias.len > 0)) {
        configure_not_present(arena, addr, user, diags);
        return NULL;
    }
    const struct provider_schema *schema = pool_schema(r->pool, addr->provider, diags);
    if (!schema || !schema->config)
        return NULL;
    struct value config;
    if ((unit && unit->broken) ||
        !evaluate_config(r, arena, unit, addr, user, schema->config, &config, diags))
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

/* Why a key is none, or an empty text and the key. */
static struct str key_problem(struct arena *arena, struct value v, const struct instance_addr *user,
                              struct key *ret_key) {
    struct convert_error error;
    unsigned marks = value_marks(v);
    v = value_unmark(v);
    if (marks & VALUE_SENSITIVE)
        return S("A provider instance key must not be derived from a sensitive value.");
    if (marks & VALUE_EPHEMERAL)
        return S("A provider instance key must not be derived from an ephemeral value.");
    if (value_is_null(v))
        return S("A provider instance key must not be null.");
    if (!value_is_known(v)) {
        struct str text = addr_instance_text(arena, user);
        return str_format(arena,
                          "The provider instance key for %.*s depends on values that cannot be "
                          "determined until apply, and so Loam cannot select a provider instance "
                          "to create a plan for this resource instance.",
                          STR_ARG(text));
    }
    if (!convert_value(arena, v, type_string, &v, &error)) {
        struct str why = convert_error_text(arena, &error);
        return str_format(arena, "The given instance key is unsuitable: %.*s.", STR_ARG(why));
    }
    *ret_key = addr_key_string(str_dup(arena, value_str(v)));
    return S("");
}

static bool evaluate_key(struct frame *frame, struct arena *arena, const struct expr *expr,
                         const struct instance_addr *user, struct key *ret_key,
                         struct diags *diags) {
    size_t before = diags->n_errors;
    struct value v = eval_expr(arena, &frame->scope, expr, diags);
    if (diags->n_errors > before)
        return false;
    struct str problem = key_problem(arena, v, user, ret_key);
    if (problem.len)
        diags_add(diags, SEVERITY_ERROR, expr_span(expr), S("Invalid provider instance key"),
                  problem);
    return problem.len == 0;
}

bool configure_address(struct frame *own, struct arena *arena,
                       struct provider_config_addr *ret_addr, struct diags *diags) {
    const struct unit *unit = own->unit;
    *ret_addr = unit->provider_addr;
    if (!unit->provider_key)
        return true;
    const struct instance_addr user = {own->inst->path, unit->resource->addr, own->key};
    if (!unit->key_call)
        return evaluate_key(own, arena, unit->provider_key, &user, &ret_addr->key, diags);
    /* As the call has it: with the each of the instance of its module that this stands in. */
    struct module_inst *inst = own->inst;
    while (inst->unit->call != unit->key_call)
        inst = inst->parent;
    struct frame frame;
    const struct expansion caller = {.kind = inst->kind};
    frame_init(&frame, own->r, inst->parent, &caller, inst->self);
    return evaluate_key(&frame, arena, unit->provider_key, &user, &ret_addr->key, diags);
}
