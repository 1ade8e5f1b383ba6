/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "state/state_int.h"

struct state *state_new(struct arena *arena) {
    struct state *state = arena_alloc(arena, sizeof *state);
    state->arena = arena;
    state->terraform_version = S("");
    state->lineage = S("");
    return state;
}

bool state_is_empty(const struct state *state) {
    for (size_t i = 0; i < state->resources.n; i++) {
        const struct state_resource *resource = state->resources.entries[i].value;
        if (resource->n_instances > 0)
            return false;
    }
    return state->outputs.n == 0;
}

struct json *state_attributes(struct arena *arena, const struct state_object *object) {
    struct json_error error;
    return json_parse(arena, object->attributes, &error);
}

/* Index of the instances of one resource by key: open addressing, at most half full. */

static uint64_t key_hash(struct key key) {
    if (key.kind == KEY_STRING)
        return str_hash(key.text);
    uint64_t x = (uint64_t)key.number + 0x9e3779b97f4a7c15u * ((uint64_t)key.kind + 1);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static size_t find_slot(const struct state_resource *resource, struct key key) {
    size_t mask = resource->n_slots - 1;
    size_t slot = (size_t)key_hash(key) & mask;
    while (resource->slots[slot] != 0) {
        const struct state_instance *instance = resource->instances[resource->slots[slot] - 1];
        if (addr_key_eq(instance->key, key))
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow_slots(struct arena *arena, struct state_resource *resource) {
    resource->n_slots = resource->n_slots == 0 ? 4 : resource->n_slots * 2;
    resource->slots = arena_array(arena, resource->n_slots, sizeof *resource->slots);
    for (size_t i = 0; i < resource->n_instances; i++) {
        size_t slot = find_slot(resource, resource->instances[i]->key);
        resource->slots[slot] = (uint32_t)i + 1;
    }
}

struct state_instance *state_find_instance(const struct state_resource *resource, struct key key) {
    if (resource->n_slots == 0)
        return NULL;
    uint32_t at = resource->slots[find_slot(resource, key)];
    return at == 0 ? NULL : resource->instances[at - 1];
}

struct state_instance *state_add_instance(struct arena *arena, struct state_resource *resource,
                                          struct key key) {
    if ((resource->n_instances + 1) * 2 > resource->n_slots)
        grow_slots(arena, resource);
    struct state_instance *instance = arena_alloc(arena, sizeof *instance);
    instance->key = key;
    resource->instances = arena_grow(arena, resource->instances, resource->n_instances,
                                     &resource->cap_instances, sizeof *resource->instances);
    resource->instances[resource->n_instances++] = instance;
    resource->slots[find_slot(resource, key)] = (uint32_t)resource->n_instances;
    return instance;
}

/* Empties a slot and moves up what only stood behind it because it was taken. */
static void vacate(struct state_resource *resource, size_t slot) {
    size_t mask = resource->n_slots - 1;
    size_t next = (slot + 1) & mask;
    resource->slots[slot] = 0;
    while (resource->slots[next] != 0) {
        uint32_t at = resource->slots[next];
        resource->slots[next] = 0;
        resource->slots[find_slot(resource, resource->instances[at - 1]->key)] = at;
        next = (next + 1) & mask;
    }
}

static void remove_instance(struct state_resource *resource, struct key key) {
    size_t slot = find_slot(resource, key);
    uint32_t at = resource->slots[slot];
    if (at == 0)
        return;
    /* The last one takes its place, so that removal costs the same wherever it is. */
    size_t last_slot = find_slot(resource, resource->instances[resource->n_instances - 1]->key);
    resource->slots[last_slot] = at;
    resource->instances[at - 1] = resource->instances[resource->n_instances - 1];
    resource->n_instances--;
    vacate(resource, slot);
}

static struct str resource_text(struct arena *arena, struct module_path module,
                                struct resource_addr addr) {
    const struct instance_addr whole = {.module = module, .resource = addr};
    return addr_instance_text(arena, &whole);
}

struct state_resource *state_resource(const struct state *state, struct module_path module,
                                      struct resource_addr addr) {
    const struct instance_addr whole = {.module = module, .resource = addr};
    struct buf key;
    buf_init(&key, BUF_MAX_TEXT);
    addr_instance_write(&key, &whole);
    struct state_resource *resource = map_get(&state->resources, buf_str(&key));
    buf_clear(&key);
    return resource;
}

struct state_instance *state_instance(const struct state *state, const struct instance_addr *addr) {
    const struct state_resource *resource = state_resource(state, addr->module, addr->resource);
    return resource == NULL ? NULL : state_find_instance(resource, addr->key);
}

static struct state_resource *ensure_resource(struct state *state, const struct instance_addr *addr,
                                              const struct provider_config_addr *provider) {
    struct state_resource *resource = state_resource(state, addr->module, addr->resource);
    if (resource == NULL) {
        struct instance_addr copy = addr_instance_copy(state->arena, addr);
        resource = arena_alloc(state->arena, sizeof *resource);
        *resource = (struct state_resource){.module = copy.module, .addr = copy.resource};
        map_put(state->arena, &state->resources,
                resource_text(state->arena, copy.module, copy.resource), resource);
    }
    if (provider != NULL) {
        resource->provider = *provider;
        resource->provider.key = (struct key){.kind = KEY_NONE};
    }
    return resource;
}

struct provider_config_addr state_provider(const struct state_resource *resource,
                                           const struct state_instance *instance) {
    struct provider_config_addr provider = resource->provider;
    provider.key = instance->provider_key;
    return provider;
}

static void drop_if_dead(struct state_resource *resource, const struct state_instance *instance) {
    if (instance->current == NULL && instance->n_deposed == 0)
        remove_instance(resource, instance->key);
}

static struct key key_copy(struct arena *arena, struct key key) {
    if (key.kind == KEY_STRING)
        key.text = str_dup(arena, key.text);
    return key;
}

/* With a provider given, it is the instance's from now on. */
static struct state_instance *ensure_instance(struct state *state, struct state_resource *resource,
                                              struct key key,
                                              const struct provider_config_addr *provider) {
    struct state_instance *instance = state_find_instance(resource, key);
    if (instance == NULL)
        instance = state_add_instance(state->arena, resource, key_copy(state->arena, key));
    if (provider != NULL && !addr_key_eq(instance->provider_key, provider->key))
        instance->provider_key = key_copy(state->arena, provider->key);
    return instance;
}

static struct state_object *object_copy(struct arena *arena, const struct state_object *object) {
    return arena_copy(arena, object, sizeof *object);
}

void state_set_current(struct state *state, const struct instance_addr *addr,
                       const struct provider_config_addr *provider,
                       const struct state_object *object) {
    if (object == NULL) {
        struct state_resource *resource = state_resource(state, addr->module, addr->resource);
        struct state_instance *instance =
            resource == NULL ? NULL : state_find_instance(resource, addr->key);
        if (instance != NULL) {
            instance->current = NULL;
            drop_if_dead(resource, instance);
        }
        return;
    }
    struct state_resource *resource = ensure_resource(state, addr, provider);
    struct state_instance *instance = ensure_instance(state, resource, addr->key, provider);
    instance->current = object_copy(state->arena, object);
}

void state_set_deposed(struct state *state, const struct instance_addr *addr,
                       const struct provider_config_addr *provider, struct str key,
                       const struct state_object *object) {
    struct state_resource *resource = object == NULL
                                          ? state_resource(state, addr->module, addr->resource)
                                          : ensure_resource(state, addr, provider);
    if (resource == NULL)
        return;
    struct state_instance *instance = object == NULL
                                          ? state_find_instance(resource, addr->key)
                                          : ensure_instance(state, resource, addr->key, provider);
    if (instance == NULL)
        return;
    struct state_deposed *at = arena_array(state->arena, instance->n_deposed + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; i < instance->n_deposed; i++)
        if (!str_eq(instance->deposed[i].key, key))
            at[n++] = instance->deposed[i];
    if (object != NULL)
        at[n++] = (struct state_deposed){.key = str_dup(state->arena, key), .object = *object};
    instance->deposed = at;
    instance->n_deposed = n;
    drop_if_dead(resource, instance);
}

bool state_move(struct state *state, const struct instance_addr *from,
                const struct instance_addr *to) {
    struct state_resource *source = state_resource(state, from->module, from->resource);
    struct state_instance *instance =
        source == NULL ? NULL : state_find_instance(source, from->key);
    if (instance == NULL || state_instance(state, to) != NULL)
        return false;
    struct provider_config_addr provider = state_provider(source, instance);
    struct state_object *current = instance->current;
    struct state_deposed *deposed = instance->deposed;
    size_t n_deposed = instance->n_deposed;
    remove_instance(source, from->key);
    struct state_resource *target = ensure_resource(state, to, NULL);
    if (target->provider.provider.type.len == 0)
        target->provider = source->provider;
    struct state_instance *moved = ensure_instance(state, target, to->key, &provider);
    moved->current = current;
    moved->deposed = deposed;
    moved->n_deposed = n_deposed;
    return true;
}

static struct state_resource *resource_copy(struct arena *arena,
                                            const struct state_resource *resource) {
    struct state_resource *copy = arena_copy(arena, resource, sizeof *resource);
    struct state_instance *block = arena_array(arena, resource->n_instances, sizeof *block);
    copy->instances = arena_array(arena, resource->n_instances, sizeof(struct state_instance *));
    copy->cap_instances = resource->n_instances;
    for (size_t i = 0; i < resource->n_instances; i++) {
        block[i] = *resource->instances[i];
        copy->instances[i] = &block[i];
    }
    if (resource->n_slots > 0) {
        copy->slots =
            arena_copy(arena, resource->slots, resource->n_slots * sizeof *resource->slots);
    }
    return copy;
}

struct state *state_copy(struct arena *arena, const struct state *state) {
    struct state *copy = arena_alloc(arena, sizeof *copy);
    *copy = *state;
    copy->arena = arena;
    copy->resources = copy->outputs = (struct map){.n = 0};
    for (size_t i = 0; i < state->resources.n; i++) {
        const struct map_entry *entry = &state->resources.entries[i];
        map_put(arena, &copy->resources, entry->key, resource_copy(arena, entry->value));
    }
    for (size_t i = 0; i < state->outputs.n; i++) {
        const struct map_entry *entry = &state->outputs.entries[i];
        map_put(arena, &copy->outputs, entry->key,
                arena_copy(arena, entry->value, sizeof(struct state_output)));
    }
    return copy;
}

static int resource_order(const void *a, const void *b) {
    const struct state_resource *x = *(struct state_resource *const *)a;
    const struct state_resource *y = *(struct state_resource *const *)b;
    int order = addr_module_order(x->module, y->module);
    return order != 0 ? order : addr_resource_order(x->addr, y->addr);
}

static int entry_key_order(const void *a, const void *b) {
    return addr_key_order(((const struct state_entry *)a)->addr.key,
                          ((const struct state_entry *)b)->addr.key);
}

static bool keys_sorted(const struct state_entry *entries, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (addr_key_order(entries[i - 1].addr.key, entries[i].addr.key) > 0)
            return false;
    return true;
}

void state_keep_resource(struct state *state, struct module_path module, struct resource_addr addr,
                         const struct provider_config_addr *provider) {
    const struct instance_addr whole = {.module = module, .resource = addr};
    ensure_resource(state, &whole, provider)->husk = true;
}

void state_drop_husks(struct state *state) {
    for (size_t i = 0; i < state->resources.n; i++)
        ((struct state_resource *)state->resources.entries[i].value)->husk = false;
}

struct state_entry *state_entries(struct arena *arena, const struct state *state, size_t *ret_n) {
    size_t total = 0;
    struct state_resource **resources =
        arena_array(arena, state->resources.n, sizeof(struct state_resource *));
    for (size_t i = 0; i < state->resources.n; i++) {
        resources[i] = state->resources.entries[i].value;
        total += resources[i]->n_instances;
    }
    if (state->resources.n > 1)
        qsort(resources, state->resources.n, sizeof *resources, resource_order);
    struct state_entry *entries = arena_array(arena, total, sizeof *entries);
    size_t n = 0;
    for (size_t i = 0; i < state->resources.n; i++) {
        struct state_resource *resource = resources[i];
        size_t first = n;
        for (size_t j = 0; j < resource->n_instances; j++) {
            entries[n++] = (struct state_entry){.addr = {.module = resource->module,
                                                         .resource = resource->addr,
                                                         .key = resource->instances[j]->key},
                                                .resource = resource,
                                                .instance = resource->instances[j]};
        }
        if (!keys_sorted(entries + first, n - first))
            qsort(entries + first, n - first, sizeof *entries, entry_key_order);
    }
    *ret_n = n;
    return entries;
}
