/* SPDX-License-Identifier: Apache-2.0 */
#include "steps/pack.h"

#include "base/arena.h"
#include "base/json.h"
#include "value/as_msgpack.h"

/* Sets may hold sets of sets in their paths; no real path is deeper. */
#define PACK_MAX_STEPS 1000

static void fail(struct pack *p) {
    p->failed = true;
    p->in.len = 0;
}

void pack_u64(struct pack *p, uint64_t *v) {
    if (p->writing) {
        uint64_t left = *v;
        for (; left >= 0x80; left >>= 7)
            buf_byte(p->out, (char)(left | 0x80));
        buf_byte(p->out, (char)left);
        return;
    }
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 64 && p->in.len > 0; shift += 7) {
        uint8_t byte = (uint8_t)p->in.at[0];
        p->in = str_slice(p->in, 1, p->in.len);
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *v = sum;
            return;
        }
    }
    *v = 0;
    fail(p);
}

void pack_i64(struct pack *p, int64_t *v) {
    uint64_t bits = ((uint64_t)*v << 1) ^ (*v < 0 ? UINT64_MAX : 0);
    pack_u64(p, &bits);
    *v = (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
}

void pack_bool(struct pack *p, bool *v) {
    *v = pack_choice(p, *v, 2) != 0;
}

uint32_t pack_choice(struct pack *p, uint32_t v, uint32_t limit) {
    uint64_t wide = v;
    pack_u64(p, &wide);
    if (wide < limit)
        return (uint32_t)wide;
    fail(p);
    return 0;
}

static void take(struct pack *p, uint64_t n, struct str *ret_bytes) {
    *ret_bytes = (struct str){0};
    if (n > p->in.len) {
        fail(p);
        return;
    }
    *ret_bytes = str_slice(p->in, 0, (size_t)n);
    p->in = str_slice(p->in, (size_t)n, p->in.len);
}

void pack_str(struct pack *p, struct str *v) {
    uint64_t n = v->len;
    pack_u64(p, &n);
    if (p->writing)
        buf_add(p->out, *v);
    else
        take(p, n, v);
}

void pack_array(struct pack *p, void **items, size_t *n, size_t size) {
    uint64_t wide = *n;
    pack_u64(p, &wide);
    if (p->writing)
        return;
    *n = 0;
    *items = NULL;
    /* Every element takes a byte at least. */
    if (wide > p->in.len) {
        fail(p);
        return;
    }
    *n = (size_t)wide;
    *items = arena_array(p->arena, *n, size);
}

void pack_strs(struct pack *p, struct str **items, size_t *n) {
    pack_array(p, (void **)items, n, sizeof **items);
    for (size_t i = 0; i < *n; i++)
        pack_str(p, &(*items)[i]);
}

static bool same_strs(const struct str *a, const struct str *b, size_t n) {
    for (size_t i = 0; a != b && i < n; i++)
        if (!str_eq(a[i], b[i]))
            return false;
    return true;
}

void pack_strs_shared(struct pack *p, struct str **items, size_t *n, struct str *last,
                      size_t n_last) {
    bool same = p->writing && *n == n_last && same_strs(*items, last, *n);
    pack_bool(p, &same);
    if (same) {
        *items = last;
        *n = n_last;
    } else {
        pack_strs(p, items, n);
    }
}

/* ---- values ---- */

static void add_type(struct pack *p, const struct type *type) {
    p->types = arena_grow(p->arena, p->types, p->n_types, &p->cap_types, sizeof *p->types);
    p->types[p->n_types++] = type;
}

static void write_type(struct pack *p, const struct type *type) {
    uint64_t i = 0;
    while (i < p->n_types && p->types[i] != type)
        i++;
    pack_u64(p, &i);
    if (i < p->n_types)
        return;
    struct buf text;
    buf_init(&text, BUF_MAX_DOCUMENT);
    type_write_json(&text, type);
    struct str json = buf_str(&text);
    pack_str(p, &json);
    buf_clear(&text);
    add_type(p, type);
}

/* Types are written out on their first use and numbered from then on. */
static const struct type *read_type(struct pack *p) {
    uint64_t i = 0;
    pack_u64(p, &i);
    if (i < p->n_types)
        return p->types[i];
    struct str text = {0};
    pack_str(p, &text);
    struct json_error error;
    struct json *json = p->failed ? NULL : json_parse(p->arena, text, &error);
    const struct type *type = json ? type_from_json(p->arena, json) : NULL;
    if (!type || i != p->n_types) {
        fail(p);
        return type_dynamic;
    }
    add_type(p, type);
    return type;
}

static void pack_plain_value(struct pack *p, struct value *v) {
    if (p->writing) {
        write_type(p, value_type(*v));
        struct buf bytes;
        buf_init(&bytes, BUF_MAX_DOCUMENT);
        as_msgpack_write(&bytes, *v, value_type(*v));
        struct str packed = buf_str(&bytes);
        pack_str(p, &packed);
        buf_clear(&bytes);
        return;
    }
    const struct type *type = read_type(p);
    struct str bytes = {0};
    struct convert_error error = {0};
    pack_str(p, &bytes);
    *v = value_null(type_dynamic);
    if (!p->failed && !as_msgpack_read(p->arena, bytes, type, v, &error))
        fail(p);
}

void pack_value(struct pack *p, struct value *v) {
    static const unsigned marks[] = {VALUE_SENSITIVE, VALUE_EPHEMERAL, VALUE_DEPRECATED};
    if (p->writing && !value_type(*v)) {
        struct value none = value_null(type_dynamic);
        pack_value(p, &none);
        return;
    }
    struct value plain = p->writing ? value_unmark_deep(p->arena, *v) : *v;
    pack_plain_value(p, &plain);
    for (size_t i = 0; i < COUNT(marks); i++) {
        struct paths paths = {0};
        if (p->writing && value_marks_inside(*v) & marks[i])
            path_marked(p->arena, *v, marks[i], &paths);
        pack_paths(p, &paths);
        if (!p->writing && !p->failed && paths.n > 0)
            plain = path_mark(p->arena, plain, &paths, marks[i]);
    }
    if (!p->writing)
        *v = plain;
}

static void pack_step(struct pack *p, struct path_step *step) {
    step->kind = pack_choice(p, step->kind, PATH_ELEMENT + 1);
    switch (step->kind) {
    case PATH_ATTR:
    case PATH_KEY:
        pack_str(p, &step->name);
        return;
    case PATH_INDEX:
        pack_i64(p, &step->index);
        return;
    case PATH_ELEMENT:
        pack_plain_value(p, &step->element);
        return;
    }
}

void pack_path(struct pack *p, struct path *v) {
    struct path_step *steps = (struct path_step *)v->at;
    pack_array(p, (void **)&steps, &v->n, sizeof *steps);
    v->at = steps;
    for (size_t i = 0; i < v->n && !p->failed; i++) {
        struct path_step step = p->writing ? steps[i] : (struct path_step){0};
        if (p->writing && step.kind == PATH_ELEMENT)
            step.element = value_unmark_deep(p->arena, step.element);
        pack_step(p, &step);
        if (!p->writing)
            steps[i] = step;
    }
    if (v->n > PACK_MAX_STEPS)
        fail(p);
}

void pack_paths(struct pack *p, struct paths *v) {
    pack_array(p, (void **)&v->at, &v->n, sizeof *v->at);
    v->cap = v->n;
    for (size_t i = 0; i < v->n && !p->failed; i++)
        pack_path(p, &v->at[i]);
}

/* ---- addresses ---- */

static void pack_key(struct pack *p, struct key *v) {
    v->kind = pack_choice(p, v->kind, KEY_ANY + 1);
    if (v->kind == KEY_INT)
        pack_i64(p, &v->number);
    else if (v->kind == KEY_STRING)
        pack_str(p, &v->text);
}

static void pack_module(struct pack *p, struct module_path *v) {
    struct module_step *steps = (struct module_step *)v->at;
    pack_array(p, (void **)&steps, &v->n, sizeof *steps);
    v->at = steps;
    for (size_t i = 0; i < v->n && !p->failed; i++) {
        pack_str(p, &steps[i].name);
        pack_key(p, &steps[i].key);
    }
}

void pack_instance(struct pack *p, struct instance_addr *v) {
    pack_module(p, &v->module);
    v->resource.mode = pack_choice(p, v->resource.mode, MODE_LIST + 1);
    pack_str(p, &v->resource.type);
    pack_str(p, &v->resource.name);
    pack_key(p, &v->key);
}

void pack_target(struct pack *p, struct target *v) {
    v->kind = pack_choice(p, v->kind, TARGET_INSTANCE + 1);
    pack_instance(p, &v->addr);
}

void pack_provider(struct pack *p, struct provider_config_addr *v) {
    pack_module(p, &v->module);
    pack_str(p, &v->provider.host);
    pack_str(p, &v->provider.namespace_);
    pack_str(p, &v->provider.type);
    pack_str(p, &v->alias);
    pack_key(p, &v->key);
}
