/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "cli/session_hooks.h"
#include "cli/test_mock.h"

static struct provider *open_real(struct arena *arena, void *context, struct diags *diags) {
    (void)context;
    (void)diags;
    return builtin_open(arena, session_hooks_builtin(arena, NULL));
}

/* terraform_data with everything computed unknown, as it is proposed for a new object. */
static struct value proposed(struct arena *arena, struct provider *mock, struct diags *diags) {
    const struct provider_schema *all = mock->ops->schema(mock, diags);
    const struct schema *schema = map_get(&all->resources, S("terraform_data"));
    return schema_unknown_computed(arena, schema->block, schema_empty(arena, schema->block));
}

static struct value values_with_id(struct arena *arena) {
    const struct name *names[] = {intern_name(S("id"))};
    struct value values[] = {value_string(arena, S("fixed"))};
    return value_object(arena, names, values, 1);
}

/* Unknown until applied, unless the values are for the plan too. */
static void makes_up_values(void **state) {
    (void)state;
    for (int during_plan = 0; during_plan < 2; during_plan++) {
        struct arena *arena = arena_new();
        struct diags *diags = diags_new(arena);
        struct test_mock_values values = {.values = values_with_id(arena),
                                          .during_plan = during_plan};
        struct test_mock_setup setup = {.real = {.open = open_real}, .at = &values, .n = 1};
        struct provider *mock = test_mock_open(arena, &setup, diags);
        struct provider_plan_request plan = {.type = S("terraform_data"),
                                             .proposed = proposed(arena, mock, diags)};
        struct provider_plan_response planned;
        assert_true(mock->ops->plan(mock, arena, &plan, &planned, diags));
        assert_int_equal(value_is_known(value_attr(planned.planned, S("id"))), during_plan);
        struct provider_apply_request apply = {.type = S("terraform_data"),
                                               .planned = planned.planned};
        struct provider_apply_response applied;
        assert_true(mock->ops->apply(mock, arena, &apply, &applied, diags));
        assert_true(str_eq(value_str(value_attr(applied.state, S("id"))), S("fixed")));
        assert_true(value_is_wholly_known(applied.state));
        mock->ops->close(mock);
        arena_free(arena);
    }
}

/* Without values of its own a computed string is short random text. */
static void makes_up_text(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct diags *diags = diags_new(arena);
    struct test_mock_setup setup = {.real = {.open = open_real}};
    struct provider *mock = test_mock_open(arena, &setup, diags);
    struct provider_apply_request apply = {.type = S("terraform_data"),
                                           .planned = proposed(arena, mock, diags)};
    struct provider_apply_response first, second;
    assert_true(mock->ops->apply(mock, arena, &apply, &first, diags));
    assert_true(mock->ops->apply(mock, arena, &apply, &second, diags));
    struct str id = value_str(value_attr(first.state, S("id")));
    assert_int_equal(id.len, 8);
    assert_false(str_eq(id, value_str(value_attr(second.state, S("id")))));
    mock->ops->close(mock);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_up_values),
        cmocka_unit_test(makes_up_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
