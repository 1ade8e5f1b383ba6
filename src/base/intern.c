/* SPDX-License-Identifier: Apache-2.0 */
#include "base/intern.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct arena *names;
static const struct name **slots;
static size_t n_slots, n_names;

static const struct name *find(struct str s, uint64_t hash) {
    if (!n_slots)
        return NULL;
    size_t mask = n_slots - 1;
    for (size_t i = hash & mask; slots[i]; i = (i + 1) & mask)
        if (slots[i]->hash == hash && str_eq(intern_str(slots[i]), s))
            return slots[i];
    return NULL;
}

static void place(const struct name *name) {
    size_t mask = n_slots - 1;
    size_t i = name->hash & mask;
    while (slots[i])
        i = (i + 1) & mask;
    slots[i] = name;
}

static void grow_slots(void) {
    const struct name **old = slots;
    size_t n_old = n_slots;
    n_slots = n_old ? n_old * 2 : 1024;
    slots = xmalloc(n_slots * sizeof *slots);
    memset(slots, 0, n_slots * sizeof *slots);
    for (size_t i = 0; i < n_old; i++)
        if (old[i])
            place(old[i]);
    free(old);
}

static const struct name *add(struct str s, uint64_t hash) {
    const struct name *found = find(s, hash);
    if (found)
        return found;
    if (!names)
        names = arena_new();
    if ((n_names + 1) * 2 > n_slots)
        grow_slots();
    struct name *name = arena_alloc(names, sizeof *name + s.len + 1);
    name->hash = hash;
    name->len = s.len;
    if (s.len)
        memcpy(name->at, s.at, s.len);
    place(name);
    n_names++;
    return name;
}

const struct name *intern_name(struct str s) {
    uint64_t hash = str_hash(s);
    pthread_rwlock_rdlock(&lock);
    const struct name *name = find(s, hash);
    pthread_rwlock_unlock(&lock);
    if (name)
        return name;
    pthread_rwlock_wrlock(&lock);
    name = add(s, hash);
    pthread_rwlock_unlock(&lock);
    return name;
}

struct str intern_str(const struct name *name) {
    return (struct str){name->at, name->len};
}
