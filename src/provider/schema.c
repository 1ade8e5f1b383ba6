/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/schema.h"

#include <string.h>

#include "base/arena.h"

/*
 * Blocks and nested attributes follow one set of rules; a level is either of them, seen as its
 * attributes and its nested blocks.
 */
struct level {
    const struct schema_attr *attrs;
    size_t n_attrs;
    const struct schema_nested *blocks;
    size_t n_blocks;
};

const struct schema_block schema_no_block = {0};

static struct level level_of_block(const struct schema_block *block) {
    return (struct level){block->attrs, block->n_attrs, block->blocks, block->n_blocks};
}

static struct level level_of_object(const struct schema_object *object) {
    return (struct level){object->attrs, object->n_attrs, NULL, 0};
}

static const struct schema_attr *find_attr(struct level level, struct str name) {
    size_t low = 0, high = level.n_attrs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(level.attrs[middle].name, name);
        if (order == 0)
            return &level.attrs[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct schema_nested *find_block(struct level level, struct str name) {
    size_t low = 0, high = level.n_blocks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(level.blocks[middle].name, name);
        if (order == 0)
            return &level.blocks[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct schema_attr *schema_attr(const struct schema_block *block, struct str name) {
    return find_attr(level_of_block(block), name);
}

const struct schema_nested *schema_nested(const struct schema_block *block, struct str name) {
    return find_block(level_of_block(block), name);
}

/* The type of what `nesting` makes of objects of one type. */
static const struct type *nested_type(enum schema_nesting nesting, const struct type *object) {
    switch (nesting) {
    case NESTING_SINGLE:
    case NESTING_GROUP:
        return object;
    case NESTING_LIST:
        return object->has_dynamic ? type_dynamic : type_list(object);
    case NESTING_SET:
        return type_set(object);
    case NESTING_MAP:
        return object->has_dynamic ? type_dynamic : type_map(object);
    }
    return type_dynamic;
}

static const struct type *level_type(struct arena *scratch, struct level level) {
    size_t n = level.n_attrs + level.n_blocks;
    const struct name **names = arena_array(scratch, n, sizeof *names);
    const struct type **types = arena_array(scratch, n, sizeof *types);
    size_t at = 0;
    for (size_t i = 0; i < level.n_attrs; i++, at++) {
        names[at] = intern_name(level.attrs[i].name);
        types[at] = level.attrs[i].type;
    }
    for (size_t i = 0; i < level.n_blocks; i++, at++) {
        const struct schema_nested *nested = &level.blocks[i];
        names[at] = intern_name(nested->name);
        types[at] =
            nested_type(nested->nesting, level_type(scratch, level_of_block(nested->block)));
    }
    return type_object(names, types, NULL, n);
}

const struct type *schema_type(const struct schema_block *block) {
    struct arena *scratch = arena_new();
    const struct type *type = level_type(scratch, level_of_block(block));
    arena_free(scratch);
    return type;
}

const struct type *schema_object_type(const struct schema_object *object) {
    struct arena *scratch = arena_new();
    const struct type *type = level_type(scratch, level_of_object(object));
    arena_free(scratch);
    return nested_type(object->nesting, type);
}

/* A block type of which there is none. */
static struct value empty_nested(struct arena *arena, const struct schema_nested *nested) {
    if (nested->nesting == NESTING_GROUP)
        return schema_empty(arena, nested->block);
    const struct type *object = schema_type(nested->block);
    switch (nested->nesting) {
    case NESTING_LIST:
        return object->has_dynamic ? value_tuple(arena, NULL, 0)
                                   : value_list(arena, object, NULL, 0);
    case NESTING_SET:
        return value_set(arena, object, NULL, 0);
    case NESTING_MAP:
        return object->has_dynamic ? value_object(arena, NULL, NULL, 0)
                                   : value_map(arena, object, NULL, NULL, 0);
    case NESTING_SINGLE:
    case NESTING_GROUP:
        break;
    }
    return value_null(object);
}

struct value schema_empty(struct arena *arena, const struct schema_block *block) {
    size_t n = block->n_attrs + block->n_blocks;
    const struct name **names = arena_array(arena, n, sizeof *names);
    struct value *values = arena_array(arena, n, sizeof *values);
    size_t at = 0;
    for (size_t i = 0; i < block->n_attrs; i++, at++) {
        names[at] = intern_name(block->attrs[i].name);
        values[at] = value_null(block->attrs[i].type);
    }
    for (size_t i = 0; i < block->n_blocks; i++, at++) {
        names[at] = intern_name(block->blocks[i].name);
        values[at] = empty_nested(arena, &block->blocks[i]);
    }
    return value_object(arena, names, values, n);
}

/* ---- sensitive paths ---- */

static bool can_look_inside(struct value v) {
    return value_is_known(v) && !value_is_null(v);
}

static struct path path_of_element(struct arena *arena, struct path path, struct value whole,
                                   size_t i) {
    switch (whole.kind) {
    case VALUE_MAP:
    case VALUE_OBJECT:
        return path_key(arena, path, value_key(whole, i));
    case VALUE_SET:
        return path_element(arena, path, value_at(whole, i));
    default:
        return path_index(arena, path, (int64_t)i);
    }
}

static void level_sensitive(struct arena *arena, struct level level, struct value v,
                            struct path path, struct paths *paths);

static void nested_sensitive(struct arena *arena, struct level level, enum schema_nesting nesting,
                             struct value v, struct path path, struct paths *paths) {
    if (nesting == NESTING_SINGLE || nesting == NESTING_GROUP) {
        level_sensitive(arena, level, v, path, paths);
        return;
    }
    if (!can_look_inside(v))
        return;
    for (size_t i = 0; i < value_count(v); i++)
        level_sensitive(arena, level, value_at(v, i), path_of_element(arena, path, v, i), paths);
}

static bool level_has_sensitive(struct level level) {
    for (size_t i = 0; i < level.n_attrs; i++) {
        const struct schema_attr *attr = &level.attrs[i];
        if (attr->sensitive || (attr->nested && level_has_sensitive(level_of_object(attr->nested))))
            return true;
    }
    for (size_t i = 0; i < level.n_blocks; i++)
        if (level_has_sensitive(level_of_block(level.blocks[i].block)))
            return true;
    return false;
}

static void level_sensitive(struct arena *arena, struct level level, struct value v,
                            struct path path, struct paths *paths) {
    if (!can_look_inside(v) || !level_has_sensitive(level))
        return;
    for (size_t i = 0; i < level.n_attrs; i++) {
        const struct schema_attr *attr = &level.attrs[i];
        struct value part;
        if (!value_get(v, attr->name, &part))
            continue;
        struct path here = path_attr(arena, path, attr->name);
        if (attr->sensitive)
            paths_add(arena, paths, here);
        else if (attr->nested)
            nested_sensitive(arena, level_of_object(attr->nested), attr->nested->nesting, part,
                             here, paths);
    }
    for (size_t i = 0; i < level.n_blocks; i++) {
        const struct schema_nested *nested = &level.blocks[i];
        struct value part;
        if (value_get(v, nested->name, &part))
            nested_sensitive(arena, level_of_block(nested->block), nested->nesting, part,
                             path_attr(arena, path, nested->name), paths);
    }
}

void schema_sensitive(struct arena *arena, const struct schema_block *block, struct value v,
                      struct paths *paths) {
    level_sensitive(arena, level_of_block(block), v, (struct path){0}, paths);
}

/* ---- proposals ---- */

/* A part of a prior object, which may be null or wholly unknown itself. */
static struct value prior_part(struct value prior, struct str name, const struct type *type) {
    if (value_is_null(prior))
        return value_null(type);
    if (!value_is_known(prior))
        return value_unknown(type);
    struct value part;
    return value_get(prior, name, &part) ? part : value_null(type);
}

static bool level_was_configured(struct level level, struct value v);

/* Does v hold something that only configuration can have set? */
static bool nested_was_configured(const struct schema_object *object, struct value v) {
    if (!can_look_inside(v))
        return false;
    if (object->nesting == NESTING_SINGLE || object->nesting == NESTING_GROUP)
        return level_was_configured(level_of_object(object), v);
    for (size_t i = 0; i < value_count(v); i++)
        if (level_was_configured(level_of_object(object), value_at(v, i)))
            return true;
    return false;
}

static bool level_was_configured(struct level level, struct value v) {
    if (!can_look_inside(v))
        return false;
    for (size_t i = 0; i < level.n_attrs; i++) {
        const struct schema_attr *attr = &level.attrs[i];
        struct value part;
        if (!value_get(v, attr->name, &part) || value_is_null(part))
            continue;
        if (!attr->computed || (attr->nested && nested_was_configured(attr->nested, part)))
            return true;
    }
    return false;
}

static bool level_fits(struct level level, struct value prior, struct value config);

static bool same_unmarked(struct value a, struct value b) {
    return value_same(value_unmark(a), value_unmark(b));
}

/* Elements of prior against those of config at the same place. */
static bool nested_fits(struct level level, enum schema_nesting nesting, struct value prior,
                        struct value config) {
    if (same_unmarked(prior, config))
        return true;
    if (nesting == NESTING_SET)
        return false;
    if (!can_look_inside(prior))
        return true;
    if (!can_look_inside(config))
        return false;
    if (nesting == NESTING_SINGLE || nesting == NESTING_GROUP)
        return level_fits(level, prior, config);
    for (size_t i = 0; i < value_count(prior); i++) {
        struct value other;
        if (nesting == NESTING_MAP) {
            if (!value_get(config, value_key(prior, i), &other))
                return false;
        } else if (i < value_count(config)) {
            other = value_at(config, i);
        } else {
            return false;
        }
        if (!level_fits(level, value_at(prior, i), other))
            return false;
    }
    return true;
}

/*
 * Could the provider have made `prior` of `config` by filling in computed attributes? That is how
 * elements of sets, which have no index, find their former selves.
 */
static bool level_fits(struct level level, struct value prior, struct value config) {
    if (same_unmarked(prior, config))
        return true;
    if (!can_look_inside(prior) || !can_look_inside(config))
        return false;
    for (size_t i = 0; i < level.n_attrs; i++) {
        const struct schema_attr *attr = &level.attrs[i];
        struct value before = prior_part(prior, attr->name, attr->type);
        struct value wanted = prior_part(config, attr->name, attr->type);
        if (same_unmarked(before, wanted))
            continue;
        if (attr->computed && value_is_null(wanted))
            continue;
        if (!attr->nested ||
            !nested_fits(level_of_object(attr->nested), attr->nested->nesting, before, wanted))
            return false;
    }
    for (size_t i = 0; i < level.n_blocks; i++) {
        const struct schema_nested *nested = &level.blocks[i];
        struct value before, wanted;
        if (!value_get(prior, nested->name, &before) || !value_get(config, nested->name, &wanted) ||
            !nested_fits(level_of_block(nested->block), nested->nesting, before, wanted))
            return false;
    }
    return true;
}

static struct value propose_level(struct arena *arena, struct level level, struct value prior,
                                  struct value config);

static struct value propose_list(struct arena *arena, struct level level, struct value prior,
                                 struct value config) {
    size_t n = value_count(config);
    struct value *items = arena_array(arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++) {
        struct value wanted = value_at(config, i);
        if (!value_is_known(prior))
            items[i] = propose_level(arena, level, value_unknown(value_type(wanted)), wanted);
        else if (can_look_inside(prior) && i < value_count(prior))
            items[i] = propose_level(arena, level, value_at(prior, i), wanted);
        else
            items[i] = wanted;
    }
    return config.kind == VALUE_TUPLE ? value_tuple(arena, items, n)
                                      : value_list(arena, value_type(config)->element, items, n);
}

static struct value propose_map(struct arena *arena, struct level level, struct value prior,
                                struct value config) {
    size_t n = value_count(config);
    struct value *items = arena_array(arena, n, sizeof *items);
    struct str *keys = arena_array(arena, n, sizeof *keys);
    const struct name **names = arena_array(arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        struct value before, wanted = value_at(config, i);
        keys[i] = value_key(config, i);
        names[i] = config.kind == VALUE_OBJECT ? intern_name(keys[i]) : NULL;
        if (!value_is_known(prior))
            items[i] = propose_level(arena, level, value_unknown(value_type(wanted)), wanted);
        else if (can_look_inside(prior) && value_get(prior, keys[i], &before))
            items[i] = propose_level(arena, level, before, wanted);
        else
            items[i] = wanted;
    }
    return config.kind == VALUE_OBJECT
               ? value_object(arena, names, items, n)
               : value_map(arena, value_type(config)->element, keys, items, n);
}

static struct value propose_set(struct arena *arena, struct level level, struct value prior,
                                struct value config) {
    size_t n = value_count(config);
    size_t n_prior = can_look_inside(prior) ? value_count(prior) : 0;
    struct value *items = arena_array(arena, n, sizeof *items);
    bool *used = arena_array(arena, n_prior, sizeof *used);
    for (size_t i = 0; i < n; i++) {
        struct value wanted = value_at(config, i);
        const struct type *type = value_type(wanted);
        struct value before = value_is_known(prior) ? value_null(type) : value_unknown(type);
        for (size_t j = 0; j < n_prior; j++) {
            if (used[j] || !level_fits(level, value_at(prior, j), wanted))
                continue;
            used[j] = true;
            before = value_at(prior, j);
            break;
        }
        items[i] = propose_level(arena, level, before, wanted);
    }
    return value_set(arena, value_type(config)->element, items, n);
}

static struct value propose_nested(struct arena *arena, struct level level,
                                   enum schema_nesting nesting, struct value prior,
                                   struct value config) {
    if (!can_look_inside(config))
        return config;
    struct value proposed;
    switch (nesting) {
    case NESTING_SINGLE:
    case NESTING_GROUP:
        proposed = propose_level(arena, level, prior, config);
        break;
    case NESTING_LIST:
        proposed = propose_list(arena, level, prior, config);
        break;
    case NESTING_MAP:
        proposed = propose_map(arena, level, prior, config);
        break;
    case NESTING_SET:
        proposed = propose_set(arena, level, prior, config);
        break;
    }
    return value_mark(proposed, value_marks(config));
}

static struct value propose_attr(struct arena *arena, const struct schema_attr *attr,
                                 struct value prior, struct value config) {
    if (attr->computed && value_is_null(config)) {
        if (attr->optional && attr->nested && nested_was_configured(attr->nested, prior))
            return config;
        return prior;
    }
    if (attr->nested)
        return propose_nested(arena, level_of_object(attr->nested), attr->nested->nesting, prior,
                              config);
    return config;
}

static struct value propose_level(struct arena *arena, struct level level, struct value prior,
                                  struct value config) {
    if (!can_look_inside(config))
        return value_is_null(config) ? prior : config;
    const struct type *type = value_type(config);
    struct value *values = arena_array(arena, type->n, sizeof *values);
    bool same_type = true;
    for (uint32_t i = 0; i < type->n; i++) {
        struct str name = intern_str(type->names[i]);
        struct value wanted = value_at(config, i);
        struct value before = prior_part(prior, name, type->items[i]);
        const struct schema_attr *attr = find_attr(level, name);
        const struct schema_nested *nested = attr ? NULL : find_block(level, name);
        if (attr)
            values[i] = propose_attr(arena, attr, before, wanted);
        else if (nested)
            values[i] = propose_nested(arena, level_of_block(nested->block), nested->nesting,
                                       before, wanted);
        else
            values[i] = wanted;
        same_type = same_type && value_type(values[i]) == type->items[i];
    }
    if (same_type)
        return value_object_of(arena, type, values);
    return value_object(arena, type->names, values, type->n);
}

struct value schema_propose(struct arena *arena, const struct schema_block *block,
                            struct value prior, struct value config) {
    if (value_is_null(prior))
        return schema_unknown_computed(arena, block, config);
    return propose_level(arena, level_of_block(block), prior, config);
}

struct value schema_propose_plain(struct arena *arena, const struct schema_block *block,
                                  struct value prior, struct value config) {
    if (value_is_null(prior) && value_is_null(config))
        return prior;
    return propose_level(arena, level_of_block(block), prior, config);
}

struct value schema_unknown_computed(struct arena *arena, const struct schema_block *block,
                                     struct value config) {
    if (!can_look_inside(config))
        return config;
    return propose_level(arena, level_of_block(block), value_unknown(schema_type(block)), config);
}
