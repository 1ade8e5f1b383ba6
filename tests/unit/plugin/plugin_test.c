/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/arena.h"
#include "plugin/plugin.h"

/*
 * Against a real provider, where one is: LOAM_TEST_PLUGINS names a folder laid out as a filesystem
 * mirror that holds hashicorp/aws.
 */
struct fixture {
    struct arena *arena;
    struct diags *diags;
    struct plugin_host *host;
    struct provider *provider;
};

static int open_fixture(void **state) {
    struct fixture *f = test_calloc(1, sizeof *f);
    const char *folder = getenv("LOAM_TEST_PLUGINS");
    struct plugin_release *releases;
    size_t n = 0;
    f->arena = arena_new();
    f->diags = diags_new(f->arena);
    if (folder)
        plugin_find(f->arena, str_from(folder), S("registry.terraform.io/hashicorp/aws"),
                    S(PLUGIN_PLATFORM), &releases, &n);
    if (n > 0) {
        const struct plugin_spec spec = {.source = S("registry.terraform.io/hashicorp/aws"),
                                         .name = S("aws"),
                                         .version = releases[0].version,
                                         .program = releases[0].program,
                                         .terraform_version = S("1.11.4")};
        f->host = plugin_host(f->arena, &spec);
        f->provider = plugin_open(f->arena, f->host, f->diags);
    }
    *state = f;
    return 0;
}

static int close_fixture(void **state) {
    struct fixture *f = *state;
    if (f->provider)
        f->provider->ops->close(f->provider);
    arena_free(f->arena);
    test_free(f);
    return 0;
}

static void show(const struct diags *diags) {
    for (size_t i = 0; i < diags->n; i++)
        print_error("%.*s: %.*s (%.*s)\n", STR_ARG(diags->at[i].summary),
                    STR_ARG(diags->at[i].detail), STR_ARG(diags->at[i].path));
}

/* An object of the block with some attributes set; the others are null, blocks empty. */
static struct value with(struct arena *arena, const struct schema_block *block,
                         const char *const *names, const struct value *values, size_t n) {
    struct value v = schema_empty(arena, block);
    for (size_t i = 0; i < n; i++)
        v = path_set(arena, v, path_attr(arena, (struct path){0}, str_from(names[i])), values[i]);
    return v;
}

static void configure(struct fixture *f, const struct provider_schema *schema) {
    static const char *const names[] = {"region",
                                        "access_key",
                                        "secret_key",
                                        "skip_credentials_validation",
                                        "skip_requesting_account_id",
                                        "skip_metadata_api_check",
                                        "skip_region_validation"};
    const struct value values[] = {value_string(f->arena, S("us-east-1")),
                                   value_string(f->arena, S("AKIAXXXXXXXXXXXXXXXX")),
                                   value_string(f->arena, S("x")),
                                   value_bool(true),
                                   value_bool(true),
                                   value_string(f->arena, S("true")),
                                   value_bool(true)};
    struct value config = with(f->arena, schema->config->block, names, values, COUNT(names));
    bool done = f->provider->ops->validate_config(f->provider, f->arena, config, f->diags) &&
                f->provider->ops->configure(f->provider, f->arena, config, f->diags);
    show(f->diags);
    assert_true(done);
}

static void plans_a_user_with_the_real_provider(void **state) {
    struct fixture *f = *state;
    if (!f->provider)
        skip();
    const struct provider_schema *schema = f->provider->ops->schema(f->provider, f->diags);
    show(f->diags);
    assert_non_null(schema);
    const struct schema *user = map_get(&schema->resources, S("aws_iam_user"));
    assert_non_null(user);
    assert_true(schema_attr(user->block, S("arn"))->computed);
    configure(f, schema);
    static const char *const names[] = {"name"};
    const struct value values[] = {value_string(f->arena, S("alice"))};
    struct value config = with(f->arena, user->block, names, values, 1);
    assert_true(f->provider->ops->validate_resource(f->provider, f->arena, S("aws_iam_user"),
                                                    config, f->diags));
    struct value none = value_null(schema_type(user->block));
    struct provider_plan_request request = {.type = S("aws_iam_user"),
                                            .prior = none,
                                            .proposed =
                                                schema_propose(f->arena, user->block, none, config),
                                            .config = config};
    struct provider_plan_response response;
    bool planned = f->provider->ops->plan(f->provider, f->arena, &request, &response, f->diags);
    show(f->diags);
    assert_true(planned);
    assert_true(response.legacy);
    assert_false(value_is_known(value_attr(response.planned, S("arn"))));
    assert_true(
        value_same(value_attr(response.planned, S("path")), value_string(f->arena, S("/"))));
    assert_true(value_same(value_attr(response.planned, S("name")), values[0]));
}

static void errors_carry_their_path(void **state) {
    struct fixture *f = *state;
    if (!f->provider)
        skip();
    const struct provider_schema *schema = f->provider->ops->schema(f->provider, f->diags);
    assert_non_null(schema);
    const struct schema *role = map_get(&schema->resources, S("aws_iam_role"));
    static const char *const names[] = {"name", "assume_role_policy"};
    const struct value values[] = {value_string(f->arena, S("a b")),
                                   value_string(f->arena, S("{"))};
    struct value config = with(f->arena, role->block, names, values, 2);
    assert_false(f->provider->ops->validate_resource(f->provider, f->arena, S("aws_iam_role"),
                                                     config, f->diags));
    bool found = false;
    for (size_t i = 0; i < f->diags->n; i++)
        found = found || str_eq(f->diags->at[i].path, S(".assume_role_policy"));
    assert_true(found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plans_a_user_with_the_real_provider, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(errors_carry_their_path, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
