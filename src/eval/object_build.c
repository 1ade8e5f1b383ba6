/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/object_build.h"

#include "base/arena.h"
#include "base/map.h"

void object_build_init(struct object_build *o, struct arena *arena) {
    *o = (struct object_build){.arena = arena, .index = arena_alloc(arena, sizeof(struct map))};
}

bool object_build_put(struct object_build *o, struct str name, struct value v, bool replace) {
    ptrdiff_t at = map_find(o->index, name);
    if (at >= 0) {
        if (replace)
            o->values[at] = v;
        return false;
    }
    o->names = arena_grow(o->arena, o->names, o->n, &o->cap, sizeof(*o->names));
    o->values = arena_grow(o->arena, o->values, o->n, &o->value_cap, sizeof *o->values);
    o->names[o->n] = intern_name(name);
    map_put(o->arena, o->index, intern_str(o->names[o->n]), NULL);
    o->values[o->n++] = v;
    return true;
}

struct value object_build_value(const struct object_build *o) {
    return value_object(o->arena, o->names, o->values, o->n);
}
