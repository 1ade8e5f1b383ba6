/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/pool.h"

#include "base/arena.h"

#include <pthread.h>

struct pool_entry {
    struct provider *plain;
    const struct provider_schema *schema;
    bool failed;
};

struct pool {
    struct arena *arena; /* its own, used with the lock held */
    const struct provider_factories *factories;
    struct map entries; /* source -> struct pool_entry * */
    struct provider **open;
    size_t n_open, cap_open;
    pthread_mutex_t lock;
};

static void drop_pool(void *object) {
    struct pool *pool = object;
    pthread_mutex_destroy(&pool->lock);
    arena_free(pool->arena);
}

struct pool *pool_new(struct arena *arena, const struct provider_factories *factories) {
    struct pool *pool = arena_alloc(arena, sizeof *pool);
    pool->arena = arena_new();
    pool->factories = factories;
    pthread_mutex_init(&pool->lock, NULL);
    arena_hold(arena, drop_pool, pool);
    return pool;
}

bool pool_has_stand_ins(const struct pool *pool) {
    return pool->factories->stand_in != NULL;
}

struct str pool_stand_in(const struct pool *pool, struct str config, struct str address) {
    const struct provider_factories *f = pool->factories;
    return f->stand_in ? f->stand_in(f->stand_in_context, config, address) : S("");
}

static const struct provider_factory *find_factory(const struct pool *pool, struct str source) {
    for (size_t i = 0; i < pool->factories->n; i++)
        if (str_eq(pool->factories->at[i].source, source))
            return &pool->factories->at[i];
    return NULL;
}

static struct provider *open_locked(struct pool *pool, struct str source, struct diags *diags) {
    const struct provider_factory *factory = find_factory(pool, source);
    if (!factory) {
        diags_error(diags, (struct span){0}, "Missing required provider",
                    "This configuration requires provider %.*s, but that provider isn't "
                    "available. You may be able to install it automatically by running:\n"
                    "  loam init",
                    STR_ARG(source));
        return NULL;
    }
    struct provider *provider = factory->open(pool->arena, factory->context, diags);
    if (!provider)
        return NULL;
    pool->open =
        arena_grow(pool->arena, pool->open, pool->n_open, &pool->cap_open, sizeof *pool->open);
    pool->open[pool->n_open++] = provider;
    return provider;
}

static struct pool_entry *entry_locked(struct pool *pool, struct provider_addr addr,
                                       struct diags *diags) {
    struct str source = addr_provider_text(pool->arena, addr);
    struct pool_entry *entry = map_get(&pool->entries, source);
    if (entry)
        return entry;
    entry = arena_alloc(pool->arena, sizeof *entry);
    map_put(pool->arena, &pool->entries, source, entry);
    entry->plain = open_locked(pool, source, diags);
    if (entry->plain)
        entry->schema = entry->plain->ops->schema(entry->plain, diags);
    entry->failed = !entry->schema;
    return entry;
}

static struct pool_entry *entry_of(struct pool *pool, struct provider_addr addr,
                                   struct diags *diags) {
    pthread_mutex_lock(&pool->lock);
    struct pool_entry *entry = entry_locked(pool, addr, diags);
    pthread_mutex_unlock(&pool->lock);
    return entry;
}

struct provider *pool_plain(struct pool *pool, struct provider_addr addr, struct diags *diags) {
    return entry_of(pool, addr, diags)->plain;
}

const struct provider_schema *pool_schema(struct pool *pool, struct provider_addr addr,
                                          struct diags *diags) {
    return entry_of(pool, addr, diags)->schema;
}

const struct schema *pool_type(const struct provider_schema *schema, enum resource_mode mode,
                               struct str type) {
    if (!schema)
        return NULL;
    switch (mode) {
    case MODE_MANAGED:
        return map_get(&schema->resources, type);
    case MODE_DATA:
        return map_get(&schema->data_sources, type);
    case MODE_EPHEMERAL:
        return map_get(&schema->ephemerals, type);
    case MODE_LIST:
        return map_get(&schema->lists, type);
    }
    return NULL;
}

struct provider *pool_open(struct pool *pool, struct provider_addr addr, struct diags *diags) {
    pthread_mutex_lock(&pool->lock);
    struct provider *provider = open_locked(pool, addr_provider_text(pool->arena, addr), diags);
    pthread_mutex_unlock(&pool->lock);
    return provider;
}

void pool_close(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->n_open; i++)
        if (pool->open[i]->ops->close)
            pool->open[i]->ops->close(pool->open[i]);
    pool->n_open = 0;
    pool->entries = (struct map){0};
    pthread_mutex_unlock(&pool->lock);
}

uint64_t pool_calls(struct pool *pool) {
    uint64_t calls = 0;
    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->n_open; i++)
        if (pool->open[i]->ops->calls)
            calls += pool->open[i]->ops->calls(pool->open[i]);
    pthread_mutex_unlock(&pool->lock);
    return calls;
}
