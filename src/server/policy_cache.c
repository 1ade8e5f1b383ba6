/* SPDX-License-Identifier: Apache-2.0 */
#include "server/policy_cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "policy/policy.h"

#define MAX_BYTES ((size_t)8 << 20) /* of a generation, texts and trees */

struct generation {
    _Atomic int users;
    struct arena *arena;
    struct map policies; /* document -> struct policy * */
};

struct policy_cache {
    pthread_mutex_t lock;
    struct generation *now;
};

static struct generation *generation_new(void) {
    struct generation *g = xmalloc(sizeof *g);
    memset(g, 0, sizeof *g);
    g->users = 1;
    g->arena = arena_new();
    return g;
}

static void generation_drop(void *object) {
    struct generation *g = object;
    if (atomic_fetch_sub(&g->users, 1) > 1)
        return;
    arena_free(g->arena);
    free(g);
}

struct policy_cache *policy_cache_new(void) {
    struct policy_cache *cache = xmalloc(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    cache->now = generation_new();
    return cache;
}

void policy_cache_free(struct policy_cache *cache) {
    if (!cache)
        return;
    generation_drop(cache->now);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

struct policy *policy_cache_get(struct policy_cache *cache, struct arena *arena,
                                struct str document) {
    struct str error;
    pthread_mutex_lock(&cache->lock);
    struct policy *policy = map_get(&cache->now->policies, document);
    if (!policy) {
        if (arena_used(cache->now->arena) > MAX_BYTES) {
            generation_drop(cache->now);
            cache->now = generation_new();
        }
        struct arena *own = cache->now->arena;
        struct str text = str_dup(own, document);
        policy = policy_parse(own, text, &error);
        if (policy)
            map_put(own, &cache->now->policies, text, policy);
    }
    if (policy) {
        atomic_fetch_add(&cache->now->users, 1);
        arena_hold(arena, generation_drop, cache->now);
    }
    pthread_mutex_unlock(&cache->lock);
    return policy;
}
