/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_mock.h"

#include "base/arena.h"
#include "base/rand.h"
#include "value/convert.h"

#define MADE_UP_LENGTH 8

struct mock {
    struct provider base;
    const struct test_mock_setup *setup;
    struct provider *real;
};

static struct mock *mock_of(struct provider *p) {
    return (struct mock *)p;
}

static const struct test_mock_values *find(const struct mock *mock, bool data, struct str type) {
    for (size_t i = 0; i < mock->setup->n; i++) {
        const struct test_mock_values *v = &mock->setup->at[i];
        if (!v->type.len || (v->data == data && str_eq(v->type, type)))
            return v;
    }
    return NULL;
}

/* A plausible value of a type: short random text, zero, false, empty. */
static struct value make_up(struct arena *arena, const struct type *type) {
    switch (type->kind) {
    case TYPE_STRING:
        return value_string(
            arena, rand_text(arena, MADE_UP_LENGTH, S("abcdefghijklmnopqrstuvwxyz0123456789")));
    case TYPE_NUMBER:
        return value_int(0);
    case TYPE_BOOL:
        return value_bool(false);
    case TYPE_LIST:
        return value_list(arena, type->element, NULL, 0);
    case TYPE_SET:
        return value_set(arena, type->element, NULL, 0);
    case TYPE_MAP:
        return value_map(arena, type->element, NULL, NULL, 0);
    case TYPE_TUPLE:
    case TYPE_OBJECT:
        break;
    default:
        return value_null(type);
    }
    struct value *items = arena_array(arena, type->n, sizeof *items);
    for (uint32_t i = 0; i < type->n; i++)
        items[i] = make_up(arena, type->items[i]);
    return type->kind == TYPE_TUPLE ? value_tuple(arena, items, type->n)
                                    : value_object_of(arena, type, items);
}

static bool has_elements(struct value v) {
    return !value_is_null(v) && value_is_known(v) && v.kind >= VALUE_LIST && v.kind <= VALUE_OBJECT;
}

/* What the defaults say of an unknown, else something made up. */
static struct value settle(struct arena *arena, const struct type *type,
                           const struct value *given) {
    struct convert_error error;
    struct value v;
    if (given && convert_value(arena, *given, type, &v, &error))
        return v;
    if (!given || type->kind != TYPE_OBJECT || !has_elements(*given))
        return make_up(arena, type);
    struct value *items = arena_array(arena, type->n, sizeof *items);
    for (uint32_t i = 0; i < type->n; i++) {
        struct value inner;
        struct str key = {type->names[i]->at, type->names[i]->len};
        bool found = value_get(*given, key, &inner);
        items[i] = settle(arena, type->items[i], found ? &inner : NULL);
    }
    return value_object_of(arena, type, items);
}

/* Replaces what is unknown in v. given: what the defaults have at this place, or NULL. */
static struct value fill(struct arena *arena, struct value v, const struct value *given) {
    if (!value_is_known(v))
        return settle(arena, value_type(v), given);
    if (value_is_wholly_known(v) || !has_elements(v))
        return v;
    size_t n = value_count(v);
    struct value *items = arena_array(arena, n, sizeof *items);
    struct str *keys = arena_array(arena, n, sizeof *keys);
    bool keyed = v.kind == VALUE_OBJECT || v.kind == VALUE_MAP;
    for (size_t i = 0; i < n; i++) {
        struct value inner;
        bool found = false;
        if (keyed)
            keys[i] = value_key(v, i);
        if (keyed && given && has_elements(*given) &&
            (given->kind == VALUE_OBJECT || given->kind == VALUE_MAP))
            found = value_get(*given, keys[i], &inner);
        else if (!keyed && given)
            found = true, inner = *given;
        items[i] = fill(arena, value_at(v, i), found ? &inner : NULL);
    }
    const struct type *type = value_type(v);
    switch (v.kind) {
    case VALUE_LIST:
        return value_list(arena, type->element, items, n);
    case VALUE_SET:
        return value_set(arena, type->element, items, n);
    case VALUE_MAP:
        return value_map(arena, type->element, keys, items, n);
    case VALUE_TUPLE:
        return value_tuple(arena, items, n);
    default:
        return value_object_of(arena, type, items);
    }
}

static struct value fill_from(struct arena *arena, struct value v,
                              const struct test_mock_values *from) {
    bool given = from && !value_is_null(from->values);
    return fill(arena, v, given ? &from->values : NULL);
}

static const struct provider_schema *schema(struct provider *p, struct diags *diags) {
    struct mock *mock = mock_of(p);
    return mock->real->ops->schema(mock->real, diags);
}

static const struct schema *type_schema(struct provider *p, bool data, struct str type,
                                        struct diags *diags) {
    const struct provider_schema *all = schema(p, diags);
    return all ? map_get(data ? &all->data_sources : &all->resources, type) : NULL;
}

static bool accept_config(struct provider *p, struct arena *arena, struct value config,
                          struct diags *diags) {
    (void)p;
    (void)arena;
    (void)config;
    (void)diags;
    return true;
}

static bool validate_resource(struct provider *p, struct arena *arena, struct str type,
                              struct value config, struct diags *diags) {
    struct provider *real = mock_of(p)->real;
    return !real->ops->validate_resource ||
           real->ops->validate_resource(real, arena, type, config, diags);
}

static bool validate_data(struct provider *p, struct arena *arena, struct str type,
                          struct value config, struct diags *diags) {
    struct provider *real = mock_of(p)->real;
    return !real->ops->validate_data || real->ops->validate_data(real, arena, type, config, diags);
}

static bool upgrade(struct provider *p, struct arena *arena, struct str type, int64_t version,
                    const struct json *attributes, struct value *ret_state, struct diags *diags) {
    struct provider *real = mock_of(p)->real;
    return real->ops->upgrade(real, arena, type, version, attributes, ret_state, diags);
}

static bool read_back(struct provider *p, struct arena *arena,
                      const struct provider_read_request *req, struct provider_read_response *ret,
                      struct diags *diags) {
    (void)p;
    (void)arena;
    (void)diags;
    *ret = (struct provider_read_response){.state = req->state, .private_ = req->private_};
    return true;
}

static bool plan(struct provider *p, struct arena *arena, const struct provider_plan_request *req,
                 struct provider_plan_response *ret, struct diags *diags) {
    (void)diags;
    const struct test_mock_values *from = find(mock_of(p), false, req->type);
    *ret = (struct provider_plan_response){.planned = req->proposed, .private_ = req->private_};
    if (from && from->during_plan && !value_is_null(req->proposed))
        ret->planned = fill_from(arena, req->proposed, from);
    return true;
}

static bool apply(struct provider *p, struct arena *arena, const struct provider_apply_request *req,
                  struct provider_apply_response *ret, struct diags *diags) {
    (void)diags;
    const struct test_mock_values *from = find(mock_of(p), false, req->type);
    *ret = (struct provider_apply_response){.state = req->planned, .private_ = req->private_};
    if (!value_is_null(req->planned))
        ret->state = fill_from(arena, req->planned, from);
    return true;
}

static bool read_data(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_state, struct diags *diags) {
    const struct schema *s = type_schema(p, true, type, diags);
    if (!s)
        return false;
    *ret_state = fill_from(arena, schema_unknown_computed(arena, s->block, config),
                           find(mock_of(p), true, type));
    return true;
}

static bool import(struct provider *p, struct arena *arena, struct str type, struct str id,
                   struct value identity, struct provider_imported *ret, struct diags *diags) {
    (void)id;
    (void)identity;
    const struct schema *s = type_schema(p, false, type, diags);
    if (!s)
        return false;
    struct value empty = schema_unknown_computed(arena, s->block, schema_empty(arena, s->block));
    *ret = (struct provider_imported){
        .type = type, .state = fill_from(arena, empty, find(mock_of(p), false, type))};
    return true;
}

static bool call(struct provider *p, struct arena *arena, struct str function,
                 const struct value *args, size_t n, struct value *ret_value, struct diags *diags) {
    struct provider *real = mock_of(p)->real;
    return real->ops->call(real, arena, function, args, n, ret_value, diags);
}

static bool open_ephemeral(struct provider *p, struct arena *arena, struct str type,
                           struct value config, struct value *ret_result, struct str *ret_private,
                           int64_t *ret_renew_at_ms, struct diags *diags) {
    const struct provider_schema *all = schema(p, diags);
    const struct schema *s = all ? map_get(&all->ephemerals, type) : NULL;
    if (!s)
        return false;
    *ret_result = fill_from(arena, schema_unknown_computed(arena, s->block, config),
                            find(mock_of(p), false, type));
    *ret_private = S("");
    *ret_renew_at_ms = 0;
    return true;
}

static void close_mock(struct provider *p) {
    struct provider *real = mock_of(p)->real;
    real->ops->close(real);
}

static const struct provider_ops ops = {
    .schema = schema,
    .validate_config = accept_config,
    .validate_resource = validate_resource,
    .validate_data = validate_data,
    .configure = accept_config,
    .upgrade = upgrade,
    .read = read_back,
    .plan = plan,
    .apply = apply,
    .import = import,
    .read_data = read_data,
    .call = call,
    .open_ephemeral = open_ephemeral,
    .close = close_mock,
};

struct provider *test_mock_open(struct arena *arena, void *setup, struct diags *diags) {
    struct mock *mock = arena_alloc(arena, sizeof *mock);
    mock->setup = setup;
    mock->real = mock->setup->real.open(arena, mock->setup->real.context, diags);
    if (!mock->real)
        return NULL;
    mock->base =
        (struct provider){.ops = &ops, .name = mock->real->name, .version = mock->real->version};
    return &mock->base;
}
