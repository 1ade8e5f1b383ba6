/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli/diff_list.h"

/*
 * One place in the two values. A side that is not `set` is absent, as a removed list element is; an
 * unknown `after` counts as null with `unknown` beside it.
 */
struct spot {
    struct value before, after;
    bool before_set, after_set; /* an explicit null is set */
    bool unknown;
    bool before_sensitive, after_sensitive;
    struct paths replace; /* relative to here */
    struct paths relevant;
    bool all_relevant;
};

static struct diff *by_type(struct arena *arena, const struct spot *s, const struct type *type);
static struct diff *by_block(struct arena *arena, const struct spot *s,
                             const struct schema_block *block);
static struct diff *by_nested(struct arena *arena, const struct spot *s,
                              const struct schema_object *nested, enum schema_nesting nesting);
static struct diff *by_value(struct arena *arena, const struct spot *s);

static const struct value nothing = {.kind = VALUE_NULL};

static bool is_nil(struct value v) {
    return v.kind == VALUE_NULL || v.kind == VALUE_UNKNOWN;
}

static struct diff *new_diff(struct arena *arena, enum diff_kind kind, enum action action,
                             bool replace) {
    struct diff *d = arena_alloc(arena, sizeof *d);
    d->kind = kind;
    d->action = action;
    d->replace = replace;
    return d;
}

static bool matches(const struct paths *paths) {
    for (size_t i = 0; i < paths->n; i++)
        if (!paths->at[i].n)
            return true;
    return false;
}

static bool is_relevant(const struct spot *s) {
    return s->all_relevant || s->relevant.n;
}

/* Does one step of a path lead to the child with this key or, without a key, this index? */
static bool leads(const struct path_step *step, const struct str *key, size_t index) {
    int64_t number;
    switch (step->kind) {
    case PATH_ATTR:
    case PATH_KEY:
        if (key)
            return str_eq(step->name, *key);
        return str_to_int(step->name, &number) && number == (int64_t)index;
    case PATH_INDEX:
        return !key && step->index == (int64_t)index;
    case PATH_ELEMENT:
        return false;
    }
    return false;
}

/* The paths below one child; those that end here go on when `propagate`. */
static struct paths below(struct arena *arena, const struct paths *paths, const struct str *key,
                          size_t index, bool propagate) {
    struct paths child = {0};
    for (size_t i = 0; i < paths->n; i++) {
        struct path p = paths->at[i];
        if (!p.n && !propagate)
            continue;
        if (p.n && !leads(&p.at[0], key, index))
            continue;
        child.at = arena_grow(arena, child.at, child.n, &child.cap, sizeof *child.at);
        child.at[child.n++] = p.n ? (struct path){p.at + 1, p.n - 1} : p;
    }
    return child;
}

static void set_before(struct spot *s, struct value v, bool set) {
    s->before_sensitive = (value_marks(v) & VALUE_SENSITIVE) != 0;
    s->before = value_unmark(v);
    s->before_set = set;
}

static void set_after(struct spot *s, struct value v, bool set) {
    s->after_sensitive = (value_marks(v) & VALUE_SENSITIVE) != 0;
    v = value_unmark(v);
    s->unknown = v.kind == VALUE_UNKNOWN;
    s->after = s->unknown ? nothing : v;
    /* JSON has no member where an attribute is unknown. */
    s->after_set = set && !s->unknown;
}

static struct spot child_by_key(struct arena *arena, const struct spot *s, struct str key) {
    struct spot c = {.all_relevant = s->all_relevant, .before = nothing, .after = nothing};
    struct value v;
    if (!is_nil(s->before) && value_get(s->before, key, &v))
        set_before(&c, v, true);
    if (!is_nil(s->after) && value_get(s->after, key, &v))
        set_after(&c, v, true);
    c.replace = below(arena, &s->replace, &key, 0, false);
    c.relevant = below(arena, &s->relevant, &key, 0, true);
    return c;
}

static size_t length(struct value v) {
    return is_nil(v) ? 0 : value_count(v);
}

static struct spot child_by_index(struct arena *arena, const struct spot *s, size_t before_at,
                                  size_t after_at) {
    struct spot c = {.all_relevant = s->all_relevant, .before = nothing, .after = nothing};
    bool has_before = before_at < length(s->before);
    if (has_before)
        set_before(&c, value_at(s->before, before_at), true);
    if (after_at < length(s->after)) {
        set_after(&c, value_at(s->after, after_at), true);
        c.after_set = true;
    }
    size_t index = has_before ? before_at : after_at;
    c.replace = below(arena, &s->replace, NULL, index, false);
    c.relevant = below(arena, &s->relevant, NULL, index, true);
    return c;
}

static struct spot as_noop(struct spot s) {
    s.after = s.before;
    s.after_set = s.before_set;
    s.unknown = false;
    s.after_sensitive = s.before_sensitive;
    return s;
}

static struct spot relevant_only(struct spot s) {
    return is_relevant(&s) ? s : as_noop(s);
}

static enum action combine(enum action current, enum action next) {
    if (next == ACTION_NOOP)
        return current;
    return current == next ? current : ACTION_UPDATE;
}

/* Where only the children can tell an update from nothing. */
static enum action start_action(const struct spot *s) {
    if (is_nil(s->before) && is_nil(s->after))
        return ACTION_NOOP;
    if (is_nil(s->before))
        return ACTION_CREATE;
    return is_nil(s->after) ? ACTION_DELETE : ACTION_NOOP;
}

static enum action simple_action(const struct spot *s) {
    bool before = s->before_set || !is_nil(s->before), after = s->after_set || !is_nil(s->after);
    if (!before && after)
        return ACTION_CREATE;
    if (before && !after)
        return ACTION_DELETE;
    if (diff_list_equal(s->before, s->after) && s->before_set == s->after_set &&
        s->before_sensitive == s->after_sensitive)
        return ACTION_NOOP;
    return ACTION_UPDATE;
}

/* How to compute the same place again, once its sensitivity or unknown was dealt with. */
struct how {
    const struct type *type; /* by_type, or: */
    const struct schema_block *block;
    const struct schema_object *nested;
    enum schema_nesting nesting;
};

static struct diff *compute(struct arena *arena, const struct spot *s, const struct how *how) {
    if (how->block)
        return by_block(arena, s, how->block);
    if (how->nested)
        return by_nested(arena, s, how->nested, how->nesting);
    if (how->type)
        return by_type(arena, s, how->type);
    return by_value(arena, s);
}

static struct diff *sensitive(struct arena *arena, const struct spot *s, const struct how *how) {
    if (!s->before_sensitive && !s->after_sensitive)
        return NULL;
    struct spot bare = *s;
    bare.before_sensitive = bare.after_sensitive = false;
    struct diff *inner = compute(arena, &bare, how);
    enum action action = inner->action;
    bool null_noop =
        is_nil(s->before) && !s->before_set && is_nil(s->after) && !s->after_set && !s->unknown;
    if (action == ACTION_NOOP && s->before_sensitive != s->after_sensitive && !null_noop)
        action = ACTION_UPDATE;
    struct diff *d = new_diff(arena, how->block ? DIFF_SENSITIVE_BLOCK : DIFF_SENSITIVE, action,
                              matches(&s->replace));
    d->inner = inner;
    d->before_sensitive = s->before_sensitive;
    d->after_sensitive = s->after_sensitive;
    return d;
}

static struct diff *unknown(struct arena *arena, const struct spot *s, const struct how *how) {
    if (!s->unknown)
        return NULL;
    struct spot current = *s;
    current.after_set = true;
    struct diff *d = new_diff(arena, DIFF_UNKNOWN, simple_action(&current), matches(&s->replace));
    if (is_nil(s->before))
        return d;
    struct spot before = *s;
    before.after = nothing;
    before.after_set = before.unknown = before.after_sensitive = false;
    d->inner = compute(arena, &before, how);
    d->inner->replace = false; /* said once, behind what is not known yet */
    return d;
}

static struct diff *primitive(struct arena *arena, const struct spot *s) {
    struct diff *d = new_diff(arena, DIFF_PRIMITIVE, simple_action(s), matches(&s->replace));
    d->before = s->before;
    d->after = s->after;
    return d;
}

static void add_child(struct arena *arena, struct diff *parent, size_t *cap, struct str key,
                      struct diff *child) {
    parent->children =
        arena_grow(arena, parent->children, parent->n_children, cap, sizeof *parent->children);
    parent->children[parent->n_children++] = (struct diff_child){key, child};
    parent->action = combine(parent->action, child->action);
}

/* Attributes of an object that are null on both sides are left out altogether. */
static bool is_absent(const struct diff *d, const struct spot *s) {
    return d->action == ACTION_NOOP && is_nil(s->before) && is_nil(s->after) && !s->unknown;
}

static struct diff *object_by_type(struct arena *arena, const struct spot *s,
                                   const struct type *type) {
    struct diff *d = new_diff(arena, DIFF_OBJECT, start_action(s), matches(&s->replace));
    size_t cap = 0;
    for (uint32_t i = 0; i < type->n; i++) {
        struct str key = intern_str(type->names[i]);
        struct spot c = relevant_only(child_by_key(arena, s, key));
        c.before_set = c.after_set = false;
        struct diff *child = by_type(arena, &c, type->items[i]);
        if (!is_absent(child, &c))
            add_child(arena, d, &cap, key, child);
    }
    return d;
}

/* Keys of both sides, sorted, each once. */
static struct str *all_keys(struct arena *arena, const struct spot *s, size_t *ret_n) {
    size_t n = 0, n_before = length(s->before), n_after = length(s->after);
    struct str *keys = arena_array(arena, n_before + n_after, sizeof *keys);
    for (size_t i = 0; i < n_before; i++)
        keys[n++] = value_key(s->before, i);
    for (size_t i = 0; i < n_after; i++)
        keys[n++] = value_key(s->after, i);
    if (n)
        qsort(keys, n, sizeof *keys, str_cmp_qsort);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || !str_eq(keys[kept - 1], keys[i]))
            keys[kept++] = keys[i];
    *ret_n = kept;
    return keys;
}

static struct diff *keyed(struct arena *arena, const struct spot *s, enum diff_kind kind,
                          const struct how *how) {
    enum action start = is_nil(s->before) == is_nil(s->after) ? ACTION_NOOP
                        : is_nil(s->before)                   ? ACTION_CREATE
                                                              : ACTION_DELETE;
    struct diff *d = new_diff(arena, kind, start, matches(&s->replace));
    size_t n, cap = 0;
    struct str *keys = all_keys(arena, s, &n);
    for (size_t i = 0; i < n; i++) {
        struct spot c = relevant_only(child_by_key(arena, s, keys[i]));
        add_child(arena, d, &cap, keys[i], compute(arena, &c, how));
    }
    return d;
}

struct list_job {
    struct arena *arena;
    const struct spot *spot;
    const struct how *how;
    struct diff *diff;
    size_t cap;
};

static void list_pair(void *context, size_t before_at, size_t after_at) {
    struct list_job *job = context;
    struct spot c = child_by_index(job->arena, job->spot, before_at, after_at);
    c.all_relevant = true;
    struct diff *child = compute(job->arena, &c, job->how);
    add_child(job->arena, job->diff, &job->cap, (struct str){NULL, 0}, child);
}

static struct diff *list(struct arena *arena, const struct spot *s, const struct how *how) {
    enum action start = is_nil(s->before) == is_nil(s->after) ? ACTION_NOOP
                        : is_nil(s->before)                   ? ACTION_CREATE
                                                              : ACTION_DELETE;
    struct diff *d = new_diff(arena, DIFF_LIST, start, matches(&s->replace));
    struct list_job job = {arena, s, how, d, 0};
    bool objects = how->type && how->type->kind == TYPE_OBJECT;
    diff_list_pairs(arena, s->before, s->after, objects, list_pair, &job);
    return d;
}

static struct diff *tuple(struct arena *arena, const struct spot *s, const struct type *type) {
    struct diff *d = new_diff(arena, DIFF_LIST, start_action(s), matches(&s->replace));
    size_t cap = 0;
    for (uint32_t i = 0; i < type->n; i++) {
        struct spot c = relevant_only(child_by_index(arena, s, i, i));
        add_child(arena, d, &cap, (struct str){NULL, 0}, by_type(arena, &c, type->items[i]));
    }
    return d;
}

/* Elements found on both sides first, then removed ones, in order; added ones last. */
static void set_pairs(const struct spot *s, struct list_job *job) {
    size_t n_before = length(s->before), n_after = length(s->after);
    size_t *pair = arena_array(job->arena, n_before, sizeof *pair);
    bool *taken = arena_array(job->arena, n_after, sizeof *taken);
    diff_list_match_sets(job->arena, s->before, s->after, pair, taken);
    for (size_t i = 0; i < n_before; i++)
        list_pair(job, i, pair[i] == SIZE_MAX ? n_after : pair[i]);
    for (size_t j = 0; j < n_after; j++)
        if (!taken[j])
            list_pair(job, n_before, j);
}

static struct diff *set(struct arena *arena, const struct spot *s, const struct how *how) {
    struct diff *d = new_diff(arena, DIFF_SET, start_action(s), matches(&s->replace));
    struct list_job job = {arena, s, how, d, 0};
    set_pairs(s, &job);
    return d;
}

static struct diff *by_type(struct arena *arena, const struct spot *s, const struct type *type) {
    if (type->kind == TYPE_DYNAMIC)
        return by_value(arena, s);
    struct how how = {.type = type};
    struct diff *d = sensitive(arena, s, &how);
    if (!d)
        d = unknown(arena, s, &how);
    if (d)
        return d;
    struct how element = {.type = type->element};
    switch (type->kind) {
    case TYPE_OBJECT:
        return object_by_type(arena, s, type);
    case TYPE_MAP:
        return keyed(arena, s, DIFF_MAP, &element);
    case TYPE_LIST:
        return list(arena, s, &element);
    case TYPE_TUPLE:
        return tuple(arena, s, type);
    case TYPE_SET:
        return set(arena, s, &element);
    default:
        return primitive(arena, s);
    }
}

/* What a value is as JSON, which is how dynamic values are compared. */
enum json_shape { SHAPE_NOTHING, SHAPE_BOOL, SHAPE_NUMBER, SHAPE_TEXT, SHAPE_ITEMS, SHAPE_MEMBERS };

static enum json_shape shape_of(struct value v) {
    switch (v.kind) {
    case VALUE_BOOL:
        return SHAPE_BOOL;
    case VALUE_INT:
    case VALUE_BIGNUM:
        return SHAPE_NUMBER;
    case VALUE_STRING:
        return SHAPE_TEXT;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_TUPLE:
        return SHAPE_ITEMS;
    case VALUE_MAP:
    case VALUE_OBJECT:
        return SHAPE_MEMBERS;
    default:
        return SHAPE_NOTHING;
    }
}

static struct diff *of_shape(struct arena *arena, const struct spot *s, enum json_shape shape) {
    static const struct how by_own_type = {0};
    if (shape == SHAPE_MEMBERS)
        return keyed(arena, s, DIFF_OBJECT, &by_own_type);
    if (shape == SHAPE_ITEMS)
        return list(arena, s, &by_own_type);
    struct diff *d = primitive(arena, s);
    d->replace = false;
    return d;
}

static struct diff *by_value(struct arena *arena, const struct spot *s) {
    struct how how = {0};
    struct diff *d = sensitive(arena, s, &how);
    if (!d)
        d = unknown(arena, s, &how);
    if (d)
        return d;
    enum json_shape before = shape_of(s->before), after = shape_of(s->after);
    bool deleted = after == SHAPE_NOTHING && !s->after_set;
    bool created = before == SHAPE_NOTHING && !s->before_set;
    if (before == after || created || deleted) {
        d = of_shape(arena, s, before == SHAPE_NOTHING ? after : before);
        d->replace = false; /* as in the reference, dynamic values never say so */
        return d;
    }
    struct spot gone = *s, made = *s;
    gone.after = nothing;
    gone.after_set = gone.after_sensitive = false;
    made.before = nothing;
    made.before_set = made.before_sensitive = false;
    d = new_diff(arena, DIFF_TYPE_CHANGE, ACTION_UPDATE, false);
    d->inner = of_shape(arena, &gone, before);
    d->other = of_shape(arena, &made, after);
    return d;
}

static struct diff *write_only(struct arena *arena, const struct spot *s, enum action parent) {
    bool replace = matches(&s->replace);
    /* Neither state nor plan has a value: it changes with the whole object only. */
    if (parent != ACTION_CREATE && parent != ACTION_DELETE)
        parent = replace ? ACTION_UPDATE : ACTION_NOOP;
    return new_diff(arena, DIFF_WRITE_ONLY, parent, replace);
}

static struct diff *by_attr(struct arena *arena, const struct spot *s,
                            const struct schema_attr *attr, enum action parent) {
    if (attr->write_only)
        return write_only(arena, s, parent);
    if (attr->nested)
        return by_nested(arena, s, attr->nested, attr->nested->nesting);
    return by_type(arena, s, attr->type);
}

static struct diff *nested_object(struct arena *arena, const struct spot *s,
                                  const struct schema_object *nested) {
    struct diff *d = new_diff(arena, DIFF_OBJECT, start_action(s), matches(&s->replace));
    size_t cap = 0;
    d->nested = true;
    for (size_t i = 0; i < nested->n_attrs; i++) {
        struct spot c = relevant_only(child_by_key(arena, s, nested->attrs[i].name));
        c.before_set = c.after_set = false;
        struct diff *child = by_attr(arena, &c, &nested->attrs[i], d->action);
        if (!is_absent(child, &c))
            add_child(arena, d, &cap, nested->attrs[i].name, child);
    }
    return d;
}

static struct diff *nested_list(struct arena *arena, const struct spot *s, const struct how *how) {
    struct diff *d = new_diff(arena, DIFF_LIST, start_action(s), matches(&s->replace));
    size_t cap = 0, n_before = length(s->before), n_after = length(s->after);
    d->nested = true;
    for (size_t i = 0; i < n_before || i < n_after; i++) {
        struct spot c = relevant_only(child_by_index(arena, s, i, i));
        add_child(arena, d, &cap, (struct str){NULL, 0}, compute(arena, &c, how));
    }
    return d;
}

static struct diff *by_nested(struct arena *arena, const struct spot *s,
                              const struct schema_object *nested, enum schema_nesting nesting) {
    struct how how = {.nested = nested, .nesting = nesting};
    struct diff *d = sensitive(arena, s, &how);
    if (!d)
        d = unknown(arena, s, &how);
    if (d)
        return d;
    struct how single = {.nested = nested, .nesting = NESTING_SINGLE};
    switch (nesting) {
    case NESTING_MAP:
        d = keyed(arena, s, DIFF_MAP, &single);
        break;
    case NESTING_LIST:
        d = nested_list(arena, s, &single);
        break;
    case NESTING_SET:
        d = set(arena, s, &single);
        break;
    default:
        d = nested_object(arena, s, nested);
        break;
    }
    d->nested = true;
    return d;
}

/* The old SDK cannot write null strings: in blocks an empty one counts as null. */
static void empty_is_null(const struct schema_attr *attr, struct value *v) {
    if (attr->type == type_string && v->kind == VALUE_STRING && !value_str(*v).len)
        *v = nothing;
}

static void add_attr(struct arena *arena, const struct spot *s, const struct schema_attr *attr,
                     struct diff *d, size_t *cap) {
    struct spot c = relevant_only(child_by_key(arena, s, attr->name));
    bool absent = is_nil(c.before) && is_nil(c.after) && !c.unknown;
    empty_is_null(attr, &c.before);
    empty_is_null(attr, &c.after);
    c.before_set = c.after_set = false;
    struct diff *child = by_attr(arena, &c, attr, d->action);
    if (!attr->write_only && absent && child->action == ACTION_NOOP)
        return;
    add_child(arena, d, cap, attr->name, child);
}

static void block_elements(struct arena *arena, const struct spot *s,
                           const struct schema_nested *nested, struct diff *group) {
    struct how how = {.block = nested->block};
    struct list_job job = {arena, s, &how, group, 0};
    switch (nested->nesting) {
    case NESTING_SET:
        group->action = start_action(s);
        set_pairs(s, &job);
        return;
    case NESTING_MAP: {
        struct diff *all = keyed(arena, s, DIFF_MAP, &how);
        group->children = all->children;
        group->n_children = all->n_children;
        group->action = all->action;
        return;
    }
    default: {
        struct diff *all = nested_list(arena, s, &how);
        group->children = all->children;
        group->n_children = all->n_children;
        group->action = all->action;
    }
    }
}

static void add_blocks(struct arena *arena, const struct spot *s,
                       const struct schema_nested *nested, struct diff *d) {
    struct spot c = relevant_only(child_by_key(arena, s, nested->name));
    struct diff group = {0};
    size_t cap = 0;
    struct how how = {.block = nested->block};
    struct diff *whole = unknown(arena, &c, &how);
    bool single = nested->nesting == NESTING_SINGLE || nested->nesting == NESTING_GROUP;
    bool absent = is_nil(c.before) && is_nil(c.after) && !c.unknown;
    if (whole)
        add_child(arena, &group, &cap, (struct str){NULL, 0}, whole);
    else if (single)
        add_child(arena, &group, &cap, (struct str){NULL, 0}, by_block(arena, &c, nested->block));
    else
        block_elements(arena, &c, nested, &group);
    if (group.action == ACTION_NOOP && absent)
        return;
    d->blocks[d->n_blocks++] = (struct diff_blocks){
        .type = nested->name,
        .nesting = whole ? NESTING_SINGLE : nested->nesting,
        .at = group.children,
        .n = group.n_children,
        .replace = matches(&c.replace),
        .before_sensitive = c.before_sensitive,
        .after_sensitive = c.after_sensitive,
    };
    if (!whole)
        d->action = combine(d->action, group.action);
}

static int by_child_key(const void *a, const void *b) {
    return str_cmp(((const struct diff_child *)a)->key, ((const struct diff_child *)b)->key);
}

static struct diff *by_block(struct arena *arena, const struct spot *s,
                             const struct schema_block *block) {
    struct how how = {.block = block};
    struct diff *d = sensitive(arena, s, &how);
    if (!d)
        d = unknown(arena, s, &how);
    if (d)
        return d;
    size_t cap = 0;
    d = new_diff(arena, DIFF_BLOCK, start_action(s), matches(&s->replace));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < block->n_attrs; i++)
            if (block->attrs[i].write_only == (pass == 1))
                add_attr(arena, s, &block->attrs[i], d, &cap);
    if (d->n_children)
        qsort(d->children, d->n_children, sizeof *d->children, by_child_key);
    d->blocks = arena_array(arena, block->n_blocks, sizeof *d->blocks);
    for (size_t i = 0; i < block->n_blocks; i++)
        add_blocks(arena, s, &block->blocks[i], d);
    return d;
}

struct diff *diff_block(struct arena *arena, const struct schema_block *block, struct value before,
                        struct value after, const struct paths *replace,
                        struct diff_paths relevant) {
    struct spot s = {.all_relevant = relevant.all};
    set_before(&s, before, false);
    set_after(&s, after, false);
    if (replace)
        s.replace = *replace;
    if (relevant.paths)
        s.relevant = *relevant.paths;
    return by_block(arena, &s, block);
}

struct diff *diff_values(struct arena *arena, struct value before, struct value after) {
    struct spot s = {.all_relevant = true};
    set_before(&s, before, false);
    set_after(&s, after, false);
    return by_value(arena, &s);
}

struct diff *diff_unchanged(struct arena *arena, struct value v) {
    struct spot s = {.all_relevant = true};
    set_before(&s, v, false);
    set_after(&s, v, false);
    return by_type(arena, &s, value_type(v));
}

struct diff *diff_json(struct arena *arena, const struct value *before, const struct value *after) {
    struct spot s = {.all_relevant = true, .before = nothing, .after = nothing};
    if (before)
        set_before(&s, *before, true);
    if (after)
        set_after(&s, *after, true);
    return by_value(arena, &s);
}
