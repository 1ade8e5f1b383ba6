/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "state/state.h"

static const struct provider_config_addr provider = {
    .provider = {STR("registry.terraform.io"), STR("hashicorp"), STR("aws")}};

static struct instance_addr parse(struct arena *arena, const char *text) {
    struct instance_addr addr;
    struct diags diags = {.arena = arena};
    assert_true(addr_parse_instance(arena, str_from(text), &addr, &diags));
    return addr;
}

static void set(struct state *state, const char *text) {
    struct instance_addr addr = parse(state->arena, text);
    struct state_object object = {.attributes = str_from(text)};
    state_set_current(state, &addr, &provider, &object);
}

static bool has(struct state *state, const char *text) {
    struct instance_addr addr = parse(state->arena, text);
    const struct state_instance *instance = state_instance(state, &addr);
    return instance != NULL && instance->current != NULL &&
           str_eq(instance->current->attributes, str_from(text));
}

static void objects_come_and_go(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct state *state = state_new(arena);
    assert_true(state_is_empty(state));
    set(state, "a.b");
    set(state, "a.c[\"x\"]");
    set(state, "a.c[\"y\"]");
    set(state, "module.m[0].a.b");
    assert_false(state_is_empty(state));
    assert_true(has(state, "a.c[\"y\"]"));
    assert_false(has(state, "a.c[\"z\"]"));
    struct state *copy = state_copy(arena, state);
    struct instance_addr gone = parse(arena, "a.c[\"x\"]");
    state_set_current(state, &gone, NULL, NULL);
    assert_false(has(state, "a.c[\"x\"]"));
    assert_true(has(state, "a.c[\"y\"]"));
    assert_true(has(copy, "a.c[\"x\"]"));
    size_t n = 0;
    struct state_entry *entries = state_entries(arena, copy, &n);
    const char *order[] = {"a.b", "a.c[\"x\"]", "a.c[\"y\"]", "module.m[0].a.b"};
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++)
        assert_true(str_eq(addr_instance_text(arena, &entries[i].addr), str_from(order[i])));
    arena_free(arena);
}

/* Removing from anywhere keeps the index of keys right. */
static void many_keys(void **unused) {
    (void)unused;
    enum { N = 3000 };
    struct arena *arena = arena_new();
    struct state *state = state_new(arena);
    struct instance_addr addr = parse(arena, "a.b");
    struct state_object object = {.attributes = S("{}")};
    for (int i = 0; i < N; i++) {
        addr.key = addr_key_int(i);
        state_set_current(state, &addr, &provider, &object);
    }
    for (int i = 0; i < N; i += 3) {
        addr.key = addr_key_int(i);
        state_set_current(state, &addr, NULL, NULL);
    }
    for (int i = 0; i < N; i++) {
        addr.key = addr_key_int(i);
        assert_int_equal(state_instance(state, &addr) != NULL, i % 3 != 0);
    }
    for (int i = 0; i < N; i++) {
        addr.key = addr_key_int(i);
        state_set_current(state, &addr, NULL, NULL);
    }
    assert_true(state_is_empty(state));
    arena_free(arena);
}

static void deposed_objects(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct state *state = state_new(arena);
    struct instance_addr addr = parse(arena, "a.b");
    struct state_object object = {.attributes = S("{}")};
    state_set_deposed(state, &addr, &provider, S("00000001"), &object);
    state_set_deposed(state, &addr, &provider, S("00000002"), &object);
    const struct state_instance *instance = state_instance(state, &addr);
    assert_non_null(instance);
    assert_null(instance->current);
    assert_int_equal(instance->n_deposed, 2);
    state_set_deposed(state, &addr, NULL, S("00000001"), NULL);
    assert_int_equal(instance->n_deposed, 1);
    state_set_deposed(state, &addr, NULL, S("00000002"), NULL);
    assert_null(state_instance(state, &addr));
    arena_free(arena);
}

static void moving(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct state *state = state_new(arena);
    set(state, "a.b");
    set(state, "a.c");
    struct instance_addr b = parse(arena, "a.b");
    struct instance_addr c = parse(arena, "a.c");
    struct instance_addr d = parse(arena, "module.m.a.d[\"k\"]");
    assert_false(state_move(state, &b, &c));
    assert_true(state_move(state, &b, &d));
    assert_false(state_move(state, &b, &d));
    assert_null(state_instance(state, &b));
    const struct state_instance *moved = state_instance(state, &d);
    assert_non_null(moved);
    assert_true(str_eq(moved->current->attributes, S("a.b")));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_come_and_go),
        cmocka_unit_test(many_keys),
        cmocka_unit_test(deposed_objects),
        cmocka_unit_test(moving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
