/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "value/as_json.h"

struct world_provider {
    struct provider base;
    struct world *world;
    struct provider_schema schema;
    const struct schema *thing;
};

static pthread_mutex_t world_lock = PTHREAD_MUTEX_INITIALIZER;

struct world *world_new(void) {
    return mmap(NULL, sizeof(struct world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                0);
}

void world_free(struct world *world) {
    munmap(world, sizeof *world);
}

void world_clear(struct world *world) {
    memset((void *)world, 0, sizeof *world);
}

size_t world_count(const struct world *world) {
    size_t n = 0;
    for (size_t i = 0; i < WORLD_MAX; i++)
        n += world->objects[i].exists;
    return n;
}

const struct world_object *world_find(const struct world *world, struct str id) {
    for (size_t i = 0; i < WORLD_MAX; i++)
        if (world->objects[i].exists && str_eq(id, str_from(world->objects[i].id)))
            return &world->objects[i];
    return NULL;
}

void world_add(struct world *world, const char *id, const char *name) {
    for (size_t i = 0; i < WORLD_MAX; i++) {
        struct world_object *object = &world->objects[i];
        if (object->exists)
            continue;
        snprintf(object->id, sizeof object->id, "%s", id);
        snprintf(object->name, sizeof object->name, "%s", name);
        object->exists = true;
        return;
    }
}

const struct schema *world_schema(struct arena *arena) {
    const struct schema_attr attrs[] = {
        {.name = STR("id"), .type = type_string, .computed = true},
        {.name = STR("name"), .type = type_string, .required = true},
        {.name = STR("note"), .type = type_string, .optional = true, .sensitive = true},
    };
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    block->attrs = arena_copy(arena, attrs, sizeof attrs);
    block->n_attrs = COUNT(attrs);
    struct schema *schema = arena_alloc(arena, sizeof *schema);
    schema->name = S("test_thing");
    schema->block = block;
    return schema;
}

struct value world_value(struct arena *arena, struct value id, struct value name) {
    const struct name *names[] = {intern_name(S("id")), intern_name(S("name")),
                                  intern_name(S("note"))};
    struct value values[] = {id, name, value_null(type_string)};
    return value_object(arena, names, values, 3);
}

static const struct provider_schema *get_schema(struct provider *p, struct diags *diags) {
    (void)diags;
    return &((struct world_provider *)p)->schema;
}

static bool accept(struct provider *p, struct arena *arena, struct value config,
                   struct diags *diags) {
    (void)p, (void)arena, (void)config, (void)diags;
    return true;
}

static bool accept_type(struct provider *p, struct arena *arena, struct str type,
                        struct value config, struct diags *diags) {
    (void)type;
    return accept(p, arena, config, diags);
}

static bool read_data(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_state, struct diags *diags) {
    (void)p, (void)type, (void)diags;
    struct value name = value_attr(config, S("name"));
    *ret_state = world_value(arena, value_string(arena, S("read")), name);
    return true;
}

static void note(struct world *world, char sign, const char *name) {
    size_t used = strlen(world->log);
    snprintf(world->log + used, sizeof world->log - used, "%c%s ", sign, name);
}

static struct world_object *find_mutable(struct world *world, struct value state) {
    return (struct world_object *)world_find(world, value_str(value_attr(state, S("id"))));
}

/* The effect itself; the object that results, or null. */
static struct value change(struct world *world, struct arena *arena, int call,
                           const struct provider_apply_request *req) {
    if (value_is_null(req->planned)) {
        struct world_object *object = find_mutable(world, req->prior);
        if (object) {
            object->exists = false;
            note(world, '-', object->name);
        }
        return req->planned;
    }
    char name[16];
    struct str wanted = value_str(value_attr(req->planned, S("name")));
    snprintf(name, sizeof name, "%.*s", STR_ARG(wanted));
    if (!value_is_null(req->prior)) {
        struct world_object *object = find_mutable(world, req->prior);
        if (object)
            snprintf(object->name, sizeof object->name, "%s", name);
        note(world, '~', name);
        return req->planned;
    }
    char id[16];
    snprintf(id, sizeof id, "id-%d", call);
    world_add(world, id, name);
    note(world, '+', name);
    return world_value(arena, value_string(arena, str_from(id)),
                       value_string(arena, str_from(name)));
}

static bool apply(struct provider *p, struct arena *arena, const struct provider_apply_request *req,
                  struct provider_apply_response *ret, struct diags *diags) {
    struct world *world = ((struct world_provider *)p)->world;
    int call = atomic_fetch_add(&world->calls, 1) + 1;
    enum world_fault fault = call == world->fault_at ? world->fault : WORLD_FINE;
    if (fault == WORLD_DIE_BEFORE)
        kill(getpid(), SIGKILL);
    if (fault == WORLD_FAIL_BEFORE) {
        diags_error(diags, (struct span){0}, "Refused", "call %d", call);
        return false;
    }
    pthread_mutex_lock(&world_lock);
    struct value made = change(world, arena, call, req);
    pthread_mutex_unlock(&world_lock);
    if (fault == WORLD_DIE_AFTER)
        kill(getpid(), SIGKILL);
    if (fault == WORLD_CANCEL)
        world->cancel = true;
    if (fault == WORLD_LIE)
        made = world_value(arena, value_attr(made, S("id")), value_string(arena, S("lie")));
    ret->state = made;
    ret->private_ = S("private");
    if (fault != WORLD_FAIL_PARTIAL)
        return true;
    diags_error(diags, (struct span){0}, "Half done", "call %d", call);
    return false;
}

static void do_nothing(struct provider *p) {
    (void)p;
}

static const struct provider_ops ops = {
    .schema = get_schema,
    .validate_config = accept,
    .validate_resource = accept_type,
    .validate_data = accept_type,
    .configure = accept,
    .apply = apply,
    .read_data = read_data,
    .close = do_nothing,
};

struct provider *world_open(struct arena *arena, void *world, struct diags *diags) {
    (void)diags;
    struct world_provider *p = arena_alloc(arena, sizeof *p);
    p->base = (struct provider){.ops = &ops, .name = S("test")};
    p->world = world;
    p->thing = world_schema(arena);
    struct schema_block *empty = arena_alloc(arena, sizeof *empty);
    struct schema *config = arena_alloc(arena, sizeof *config);
    config->block = empty;
    p->schema.config = config;
    map_put(arena, &p->schema.resources, p->thing->name, (void *)p->thing);
    map_put(arena, &p->schema.data_sources, p->thing->name, (void *)p->thing);
    return &p->base;
}
