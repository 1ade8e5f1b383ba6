/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/config_int.h"

/* Needs by provider address text while the tree is walked. */
struct needs {
    struct arena *arena;
    struct map by_text;
};

static struct config_need *need_of(struct needs *needs, struct provider_addr addr,
                                   struct config_module *module, struct span span) {
    struct str text = addr_provider_text(needs->arena, addr);
    struct config_need *need = map_get(&needs->by_text, text);
    if (need == NULL) {
        need = arena_alloc(needs->arena, sizeof *need);
        *need = (struct config_need){.addr = addr, .module = module, .span = span};
        map_put(needs->arena, &needs->by_text, text, need);
    }
    return need;
}

static void add_constraint(struct needs *needs, struct config_need *need, struct str version) {
    if (version.len == 0)
        return;
    struct str *at = arena_array(needs->arena, need->n_constraints + 1, sizeof *at);
    for (size_t i = 0; i < need->n_constraints; i++) {
        if (str_eq(need->constraints[i], version))
            return;
        at[i] = need->constraints[i];
    }
    at[need->n_constraints++] = version;
    need->constraints = at;
}

/* What will manage an imported object: as the block says, or as the target's type implies. */
static struct provider_addr import_provider(struct arena *arena, const struct config_module *module,
                                            const struct config_import *import) {
    struct str type = import->to_static.addr.resource.type;
    ptrdiff_t end = str_find_byte(type, '_');
    struct str implied = end < 0 ? type : str_slice(type, 0, (size_t)end);
    const struct config_resource *resource =
        config_resource(module, import->to_static.addr.resource);
    if (resource != NULL)
        return resource->provider_addr;
    return config_provider_addr(arena, module,
                                import->provider.name.len > 0 ? import->provider.name : implied);
}

static void walk_module(struct needs *needs, struct config_module *module) {
    for (size_t i = 0; i < module->required.n; i++) {
        const struct config_required_provider *required = module->required.entries[i].value;
        struct config_need *need = need_of(needs, required->addr, module, required->span);
        add_constraint(needs, need, required->version);
    }
    for (size_t i = 0; i < module->providers.n; i++) {
        const struct config_provider *provider = module->providers.entries[i].value;
        struct provider_addr addr = config_provider_addr(needs->arena, module, provider->name);
        add_constraint(needs, need_of(needs, addr, module, provider->span), provider->version);
    }
    for (size_t i = 0; i < module->resources.n; i++) {
        const struct config_resource *resource = module->resources.entries[i].value;
        (void)need_of(needs, resource->provider_addr, module, resource->span);
    }
    for (size_t i = 0; i < module->n_imports; i++) {
        const struct config_import *import = &module->imports[i];
        /* Inside a module the resource is configured, and counted there. */
        if (import->to_static.addr.module.n == 0) {
            (void)need_of(needs, import_provider(needs->arena, module, import), module,
                          import->span);
        }
    }
    for (size_t i = 0; i < module->calls.n; i++) {
        const struct config_call *call = module->calls.entries[i].value;
        if (call->module != NULL)
            walk_module(needs, call->module);
    }
}

static int need_order(const void *a, const void *b) {
    const struct config_need *x = a;
    const struct config_need *y = b;
    return addr_provider_order(x->addr, y->addr);
}

struct config_need *config_needs(struct arena *arena, const struct config *config, size_t *ret_n) {
    struct needs needs = {.arena = arena};
    if (config->root != NULL)
        walk_module(&needs, config->root);
    struct config_need *list = arena_array(arena, needs.by_text.n, sizeof *list);
    for (size_t i = 0; i < needs.by_text.n; i++)
        list[i] = *(struct config_need *)needs.by_text.entries[i].value;
    if (needs.by_text.n > 1)
        qsort(list, needs.by_text.n, sizeof *list, need_order);
    *ret_n = needs.by_text.n;
    return list;
}
