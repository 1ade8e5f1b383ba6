/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/tags.h"

#include "base/arena.h"
#include "wire/model_ids.h"

static size_t count(struct value map) {
    return map.kind == VALUE_MAP ? value_count(map) : 0;
}

/* A map under construction. */
struct pairs {
    struct str *keys;
    struct value *values;
    size_t n;
};

static struct pairs pairs_new(struct arena *arena, size_t cap) {
    return (struct pairs){arena_array(arena, cap, sizeof(struct str)),
                          arena_array(arena, cap, sizeof(struct value)), 0};
}

static void pairs_add(struct pairs *p, struct str key, struct value v) {
    p->keys[p->n] = key;
    p->values[p->n++] = v;
}

static struct value pairs_map(struct arena *arena, const struct pairs *p) {
    return value_map(arena, type_string, p->keys, p->values, p->n);
}

static bool is_ignored(const struct settings *settings, struct str key) {
    for (size_t i = 0; i < settings->n_ignore_keys; i++)
        if (str_eq(settings->ignore_keys[i], key))
            return true;
    for (size_t i = 0; i < settings->n_ignore_prefixes; i++)
        if (str_starts(key, settings->ignore_prefixes[i]))
            return true;
    return false;
}

struct value tags_merge(struct arena *arena, const struct settings *settings, struct value tags) {
    if (!value_is_known(tags) || !value_is_wholly_known(tags))
        return value_unknown(type_map(type_string));
    struct value defaults = settings->default_tags;
    struct pairs p = pairs_new(arena, count(defaults) + count(tags));
    for (size_t i = 0; i < count(defaults); i++)
        if (!is_ignored(settings, value_key(defaults, i)))
            pairs_add(&p, value_key(defaults, i), value_at(defaults, i));
    for (size_t i = 0; i < count(tags); i++)
        if (!is_ignored(settings, value_key(tags, i)) && !value_is_null(value_at(tags, i)))
            pairs_add(&p, value_key(tags, i), value_at(tags, i));
    return pairs_map(arena, &p);
}

struct value tags_visible(struct arena *arena, const struct settings *settings,
                          const struct message *from, int list) {
    size_t n = message_count(from, list);
    struct pairs p = pairs_new(arena, n);
    for (size_t i = 0; i < n; i++) {
        const struct message *tag = message_at(from, list, i);
        struct str key = message_str(tag, M_Tag_Key);
        if (!str_starts(key, S("aws:")) && !is_ignored(settings, key))
            pairs_add(&p, key, value_string(arena, message_str(tag, M_Tag_Value)));
    }
    return pairs_map(arena, &p);
}

static bool is_default(const struct settings *settings, struct str key, struct value v) {
    struct value other;
    return value_get(settings->default_tags, key, &other) && value_same(v, other);
}

struct value tags_own(struct arena *arena, const struct settings *settings, struct value all,
                      struct value configured) {
    struct pairs p = pairs_new(arena, count(all) + count(configured));
    for (size_t i = 0; i < count(all); i++)
        if (!is_default(settings, value_key(all, i), value_at(all, i)))
            pairs_add(&p, value_key(all, i), value_at(all, i));
    for (size_t i = 0; i < count(configured); i++)
        if (is_default(settings, value_key(configured, i), value_at(configured, i)) &&
            !is_ignored(settings, value_key(configured, i)))
            pairs_add(&p, value_key(configured, i), value_at(configured, i));
    return pairs_map(arena, &p);
}

void tags_write(struct arena *arena, struct message *into, int member, struct value tags) {
    for (size_t i = 0; i < count(tags); i++) {
        struct value v = value_at(tags, i);
        struct message *tag = message_add_message(arena, into, member);
        message_set_str(tag, M_Tag_Key, value_key(tags, i));
        message_set_str(tag, M_Tag_Value, v.kind == VALUE_STRING ? value_str(v) : S(""));
    }
}

struct value tags_added(struct arena *arena, struct value from, struct value to) {
    struct pairs p = pairs_new(arena, count(to));
    for (size_t i = 0; i < count(to); i++) {
        struct value v = value_at(to, i), old;
        bool same =
            count(from) > 0 && value_get(from, value_key(to, i), &old) && value_same(v, old);
        if (!same)
            pairs_add(&p, value_key(to, i), v);
    }
    return pairs_map(arena, &p);
}

const struct str *tags_removed(struct arena *arena, struct value from, struct value to,
                               size_t *ret_n) {
    struct str *keys = arena_array(arena, count(from), sizeof *keys);
    *ret_n = 0;
    for (size_t i = 0; i < count(from); i++) {
        struct value kept;
        if (count(to) == 0 || !value_get(to, value_key(from, i), &kept))
            keys[(*ret_n)++] = value_key(from, i);
    }
    return keys;
}
