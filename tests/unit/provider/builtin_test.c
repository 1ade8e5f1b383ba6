/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "provider/builtin.h"
#include "value/as_json.h"

struct fixture {
    struct arena *arena;
    struct diags *diags;
    struct provider *provider;
    const struct type *type;
};

static void copy_source(struct arena *scratch, struct str source, struct buf *out) {
    (void)scratch;
    buf_add(out, source);
}

static bool remote_state(void *context, struct arena *arena, struct str backend,
                         struct value config, struct str workspace, bool *ret_found,
                         struct value *ret_outputs, struct diags *diags) {
    (void)context, (void)config, (void)diags, (void)backend;
    *ret_found = str_eq(workspace, S("default"));
    if (ret_outputs && *ret_found) {
        const struct name *names[] = {intern_name(S("a"))};
        struct value values[] = {value_int(2)};
        *ret_outputs = value_object(arena, names, values, 1);
    }
    return true;
}

static const struct builtin_hooks hooks = {.remote_state = remote_state, .format = copy_source};

static int open_fixture(void **state) {
    struct fixture *f = test_malloc(sizeof *f);
    f->arena = arena_new();
    f->diags = diags_new(f->arena);
    f->provider = builtin_open(f->arena, &hooks);
    const struct provider_schema *schema = f->provider->ops->schema(f->provider, f->diags);
    const struct schema *data = map_get(&schema->resources, S("terraform_data"));
    f->type = schema_type(data->block);
    *state = f;
    return 0;
}

static int close_fixture(void **state) {
    struct fixture *f = *state;
    arena_free(f->arena);
    test_free(f);
    return 0;
}

static struct value data(struct fixture *f, struct value id, struct value input,
                         struct value output, struct value trigger) {
    const struct name *names[] = {intern_name(S("id")), intern_name(S("input")),
                                  intern_name(S("output")), intern_name(S("triggers_replace"))};
    struct value values[] = {id, input, output, trigger};
    return value_object(f->arena, names, values, 4);
}

static struct value text(struct fixture *f, const char *s) {
    return value_string(f->arena, str_from(s));
}

static struct provider_plan_response plan(struct fixture *f, struct value prior,
                                          struct value proposed) {
    struct provider_plan_request request = {
        .type = S("terraform_data"), .prior = prior, .proposed = proposed, .config = proposed};
    struct provider_plan_response response = {0};
    assert_true(f->provider->ops->plan(f->provider, f->arena, &request, &response, f->diags));
    return response;
}

static void creates_with_a_new_id(void **state) {
    struct fixture *f = *state;
    struct value none = value_null(type_dynamic);
    struct value proposed =
        data(f, value_unknown(type_string), text(f, "x"), value_unknown(type_dynamic), none);
    struct provider_plan_response planned = plan(f, value_null(f->type), proposed);
    assert_false(value_is_known(value_attr(planned.planned, S("id"))));
    assert_ptr_equal(value_type(value_attr(planned.planned, S("output"))), type_string);
    struct provider_apply_request request = {.type = S("terraform_data"),
                                             .prior = value_null(f->type),
                                             .planned = planned.planned,
                                             .config = proposed};
    struct provider_apply_response response = {0};
    assert_true(f->provider->ops->apply(f->provider, f->arena, &request, &response, f->diags));
    assert_int_equal(value_str(value_attr(response.state, S("id"))).len, 36);
    assert_true(value_same(value_attr(response.state, S("output")), text(f, "x")));
}

static void input_changes_in_place_and_triggers_replace(void **state) {
    struct fixture *f = *state;
    struct value id = text(f, "1"), a = text(f, "a"), b = text(f, "b");
    struct value none = value_null(type_dynamic);
    struct value prior = data(f, id, a, a, none);
    struct provider_plan_response same = plan(f, prior, prior);
    assert_true(value_same(same.planned, prior));
    struct provider_plan_response input = plan(f, prior, data(f, id, b, a, none));
    assert_int_equal(input.replace.n, 0);
    assert_false(value_is_known(value_attr(input.planned, S("output"))));
    assert_true(value_same(value_attr(input.planned, S("id")), id));
    struct provider_plan_response trigger = plan(f, prior, data(f, id, a, a, b));
    assert_int_equal(trigger.replace.n, 1);
    assert_false(value_is_known(value_attr(trigger.planned, S("id"))));
}

static void null_resource_moves_to_data(void **state) {
    struct fixture *f = *state;
    struct json_error error;
    struct json *old = json_parse(f->arena, S("{\"id\":\"7\",\"triggers\":{\"a\":\"1\"}}"), &error);
    struct provider_move_request request = {.from_provider = S("example.com/hashicorp/null"),
                                            .from_type = S("null_resource"),
                                            .state = old,
                                            .to = S("terraform_data")};
    struct provider_move_response moved;
    assert_true(f->provider->ops->move(f->provider, f->arena, &request, &moved, f->diags));
    assert_true(value_same(value_attr(moved.state, S("id")), text(f, "7")));
    assert_int_equal(value_type(value_attr(moved.state, S("triggers_replace")))->kind, TYPE_OBJECT);
    request.from_type = S("other");
    assert_false(f->provider->ops->move(f->provider, f->arena, &request, &moved, f->diags));
    assert_true(
        str_eq(f->diags->at[0].summary, S("Unsupported source resource type for move operation")));
    request.from_provider = S("example.com/other/null");
    assert_false(f->provider->ops->move(f->provider, f->arena, &request, &moved, f->diags));
    assert_true(
        str_eq(f->diags->at[1].summary, S("Unsupported source provider for move operation")));
}

static struct value remote(struct fixture *f, struct value config, const char *workspace) {
    const struct name *names[] = {intern_name(S("backend")), intern_name(S("config")),
                                  intern_name(S("defaults")), intern_name(S("outputs")),
                                  intern_name(S("workspace"))};
    const struct name *default_names[] = {intern_name(S("a")), intern_name(S("b"))};
    struct value default_values[] = {value_int(1), value_int(1)};
    struct value values[] = {text(f, "local"), config,
                             value_object(f->arena, default_names, default_values, 2),
                             value_null(type_dynamic), text(f, workspace)};
    return value_object(f->arena, names, values, 5);
}

static void remote_state_merges_defaults(void **state) {
    struct fixture *f = *state;
    struct value read;
    struct value none = value_null(type_dynamic);
    assert_true(f->provider->ops->read_data(f->provider, f->arena, S("terraform_remote_state"),
                                            remote(f, none, "default"), &read, f->diags));
    struct value outputs = value_attr(read, S("outputs"));
    assert_true(value_same(value_attr(outputs, S("a")), value_int(2)));
    assert_true(value_same(value_attr(outputs, S("b")), value_int(1)));
    assert_false(f->provider->ops->read_data(f->provider, f->arena, S("terraform_remote_state"),
                                             remote(f, none, "other"), &read, f->diags));
    assert_true(str_eq(f->diags->at[0].summary, S("Unable to find remote state")));
}

static void local_backend_is_checked(void **state) {
    struct fixture *f = *state;
    const struct name *names[] = {intern_name(S("foo"))};
    struct value values[] = {value_int(1)};
    struct value config = remote(f, value_object(f->arena, names, values, 1), "default");
    assert_false(f->provider->ops->validate_data(f->provider, f->arena, S("terraform_remote_state"),
                                                 config, f->diags));
    assert_true(str_eq(f->diags->at[0].detail,
                       S("The given configuration is not valid for backend \"local\": unexpected "
                         "attribute \"foo\".")));
    assert_true(str_eq(f->diags->at[0].path, S(".config")));
}

struct encoding {
    const char *json, *text;
};

static const struct encoding encodings[] = {
    {"{\"a\":1,\"x y\":[true,null]}", "{\na = 1\n\"x y\" = [true, null]\n}"},
    {"[[],{}]", "[[], {}]"},
    {"\"${x} %{y} $z \\\"q\\\" \\n\\u0007\"", "\"$${x} %%{y} $z \\\"q\\\" \\n\\u0007\""},
    {"1.5", "1.5"},
};

static void values_are_encoded(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(encodings); i++) {
        struct json_error error;
        struct json *json = json_parse(f->arena, str_from(encodings[i].json), &error);
        struct value v = as_json_implied(f->arena, json), got;
        assert_true(
            f->provider->ops->call(f->provider, f->arena, S("encode_expr"), &v, 1, &got, f->diags));
        assert_string_equal(str_c(f->arena, value_str(got)), encodings[i].text);
    }
    struct value list = value_tuple(f->arena, NULL, 0), got;
    assert_false(f->provider->ops->call(f->provider, f->arena, S("encode_tfvars"), &list, 1, &got,
                                        f->diags));
    assert_true(str_starts(f->diags->at[0].detail, S("invalid value to encode: must be an obj")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(creates_with_a_new_id, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(input_changes_in_place_and_triggers_replace, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(null_resource_moves_to_data, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(remote_state_merges_defaults, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(local_backend_is_checked, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(values_are_encoded, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
