/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/arena.h"
#include "steps/steps_file.h"

struct fixture {
    struct arena *arena;
    struct steps_file file;
};

static struct value sample(struct arena *arena) {
    const struct name *names[] = {intern_name(S("id")), intern_name(S("list")),
                                  intern_name(S("secret"))};
    struct value list = value_list(arena, type_number, (struct value[]){value_int(1)}, 1);
    struct value values[] = {value_unknown(type_string), list,
                             value_mark(value_string(arena, S("hush")), VALUE_SENSITIVE)};
    return value_object(arena, names, values, 3);
}

static struct plan *make_plan(struct arena *arena) {
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    plan->mode = PLAN_DESTROY;
    plan->applyable = plan->complete = true;
    plan->timestamp_ms = -5;
    plan->workspace = S("default");
    plan->changes = arena_array(arena, 1, sizeof(struct change *));
    plan->n_changes = 1;
    struct change *c = plan->changes[0] = arena_alloc(arena, sizeof *c);
    c->addr = (struct instance_addr){
        .module = addr_module_child(arena, (struct module_path){0}, S("m"), addr_key_int(3)),
        .resource = {MODE_MANAGED, S("terraform_data"), S("a")},
        .key = addr_key_string(S("k \"q\""))};
    c->prev_addr = &c->addr;
    struct provider_config_addr *provider = arena_alloc(arena, sizeof *provider);
    provider->provider = addr_provider_builtin;
    c->provider = provider;
    c->action = ACTION_UPDATE;
    c->before = value_null(value_type(sample(arena)));
    c->after = sample(arena);
    c->private_ = (struct str){"\0x", 2};
    paths_add(arena, &c->replace, path_attr(arena, (struct path){0}, S("id")));
    struct str dependency = S("terraform_data.b");
    c->dependencies = arena_copy(arena, &dependency, sizeof dependency);
    c->n_dependencies = 1;
    struct value *variable = arena_alloc(arena, sizeof *variable);
    *variable = value_bool(true);
    map_put(arena, &plan->variables, S("v"), variable);
    plan->nodes = arena_array(arena, 2, sizeof *plan->nodes);
    plan->n_nodes = 2;
    uint32_t first = 0;
    plan->nodes[0] = (struct step_node){.kind = STEP_PROVIDER};
    plan->nodes[1] = (struct step_node){
        .kind = STEP_CREATE_UPDATE, .after = arena_copy(arena, &first, sizeof first), .n_after = 1};
    plan->prev_state = state_new(arena);
    plan->prior_state = state_new(arena);
    plan->prior_state->lineage = S("l-1");
    plan->prior_state->serial = 4;
    return plan;
}

static int open_fixture(void **state) {
    struct fixture *f = test_malloc(sizeof *f);
    f->arena = arena_new();
    f->file = (struct steps_file){.plan = make_plan(f->arena),
                                  .lineage = S("l-1"),
                                  .serial = 4,
                                  .engine_version = S("0.1.0")};
    struct str source = S("a = 1\n");
    map_put(f->arena, &f->file.sources, S("main.tf"), arena_copy(f->arena, &source, sizeof source));
    *state = f;
    return 0;
}

static int close_fixture(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    test_free(f);
    return 0;
}

static struct str written(struct fixture *f) {
    struct str bytes;
    assert_true(steps_file_encode(f->arena, &f->file, &bytes));
    return bytes;
}

static void plan_comes_back(void **state) {
    struct fixture *f = *state;
    struct steps_file got;
    struct str error;
    assert_true(steps_file_decode(f->arena, written(f), &got, &error));
    assert_int_equal(got.plan->mode, PLAN_DESTROY);
    assert_true(got.plan->timestamp_ms == -5);
    assert_int_equal(got.plan->n_changes, 1);
    const struct change *a = f->file.plan->changes[0], *b = got.plan->changes[0];
    assert_true(addr_instance_eq(&a->addr, &b->addr));
    assert_true(value_same(a->after, b->after));
    assert_true(value_same(a->before, b->before));
    assert_true(str_eq(a->private_, b->private_));
    assert_int_equal(b->action, ACTION_UPDATE);
    assert_int_equal(b->replace.n, 1);
    assert_true(str_eq(b->dependencies[0], S("terraform_data.b")));
    assert_int_equal(got.plan->nodes[1].after[0], 0);
    assert_true(
        value_same(*(struct value *)map_get(&got.plan->variables, S("v")), value_bool(true)));
    assert_true(str_eq(got.plan->prior_state->lineage, S("l-1")));
    assert_true(str_eq(*(struct str *)map_get(&got.sources, S("main.tf")), S("a = 1\n")));
}

/* Every shortened file and every changed byte is noticed. */
static void damage_is_refused(void **state) {
    struct fixture *f = *state;
    struct str bytes = written(f);
    struct steps_file got;
    struct str error;
    struct arena *scratch = arena_new();
    for (size_t n = 0; n < bytes.len; n++) {
        assert_false(steps_file_decode(scratch, str_slice(bytes, 0, n), &got, &error));
        assert_true(error.len > 0);
        char *copy = arena_copy(scratch, bytes.at, bytes.len);
        copy[n] = (char)(copy[n] ^ 0x41);
        assert_false(steps_file_decode(scratch, (struct str){copy, bytes.len}, &got, &error));
        arena_reset(scratch);
    }
    arena_free(scratch);
}

struct refusal {
    const char *bytes, *text;
};

static const struct refusal refusals[] = {
    {"hello",
     "couldn't load the provided path as either a local plan file (zip: not a valid zip file) or a "
     "saved cloud plan (invalid character 'h' looking for beginning of value)"},
    {"PK\x03\x04 and more",
     "this plan file was made by another tool; loam applies only plan files that loam made"},
    {"\x89loam plan\r\n\x1a\n\x07\x01 ",
     "this plan file has format version 7, and this loam reads only version 3; make a new plan "
     "with this version"},
};

static void others_are_refused_by_name(void **state) {
    struct fixture *f = *state;
    struct steps_file got;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct str error = {0};
        assert_false(steps_file_decode(f->arena, str_from(refusals[i].bytes), &got, &error));
        assert_string_equal(str_c(f->arena, error), refusals[i].text);
    }
}

static void staleness_is_by_lineage_and_serial(void **state) {
    struct fixture *f = *state;
    struct state *now = state_new(f->arena);
    struct diags *diags = diags_new(f->arena);
    now->lineage = S("l-1");
    now->serial = 4;
    assert_true(steps_file_check(&f->file, now, diags));
    now->serial = 5;
    assert_false(steps_file_check(&f->file, now, diags));
    assert_true(str_eq(diags->at[0].summary, S("Saved plan is stale")));
    now->lineage = S("l-2");
    assert_false(steps_file_check(&f->file, now, diags));
    assert_true(str_eq(diags->at[1].summary, S("Saved plan does not match the given state")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plan_comes_back, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(damage_is_refused, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(others_are_refused_by_name, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(staleness_is_by_lineage_and_serial, open_fixture,
                                        close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
