/* SPDX-License-Identifier: Apache-2.0 */
/* Where credentials come from: files, environment, roles; and what is said when nothing has any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/keychain.h"
#include "aws/shared_config.h"
#include "base/arena.h"
#include "base/fs.h"

struct world {
    struct arena *arena;
    struct settings settings;
    struct aws_transport transport;
    struct api *api;
    struct keychain *keychain;
    struct str form;      /* the last request */
    struct str signature; /* its Authorization header */
    const char *expires;
    size_t n_calls;
};

/* STS: a role session named after the key that asked for it. */
static bool send(void *context, struct arena *arena, struct str endpoint, struct str method,
                 struct str path, const struct str *names, const struct str *values, size_t n,
                 struct str body, int *ret_status, struct str *ret_body, struct str *ret_request_id,
                 struct str *ret_error) {
    struct world *w = context;
    (void)endpoint, (void)method, (void)path, (void)ret_error;
    w->n_calls++;
    w->form = str_dup(w->arena, body);
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], S("Authorization")))
            w->signature = str_dup(w->arena, values[i]);
    *ret_status = 200;
    *ret_request_id = S("r");
    *ret_body = str_format(arena,
                           "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA%zu"
                           "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                           "</SessionToken><Expiration>%s</Expiration></Credentials>"
                           "</AssumeRoleResult></AssumeRoleResponse>",
                           w->n_calls, w->expires);
    return true;
}

static const char config_text[] = "[default]\n"
                                  "region = eu-west-1\n"
                                  "# a comment\n"
                                  "[profile admin]\n"
                                  "role_arn = arn:aws:iam::123456789012:role/Admin\n"
                                  "source_profile = base ; where the keys are\n"
                                  "external_id = x-1\n"
                                  "[profile loop]\n"
                                  "role_arn = arn:aws:iam::123456789012:role/L\n"
                                  "source_profile = loop2\n"
                                  "[profile loop2]\n"
                                  "role_arn = arn:aws:iam::123456789012:role/L\n"
                                  "source_profile = loop\n"
                                  "[profile process]\n"
                                  "credential_process = echo '{\"Version\":1,\"AccessKeyId\":"
                                  "\"AKPROC\",\"SecretAccessKey\":\"s\"}'\n"
                                  "[profile empty]\n"
                                  "region = us-east-1\n"
                                  "services = local\n"
                                  "[services local]\n"
                                  "iam =\n"
                                  "  endpoint_url = http://iam.test\n";
static const char credentials_text[] = "[base]\n"
                                       "aws_access_key_id = AKBASE\n"
                                       "aws_secret_access_key = secret\n";

static void open_profile(struct world *w, const char *profile) {
    w->settings.profile = str_from(profile);
    w->settings.profile_from_block = true;
    w->api = api_new(w->arena, &w->settings, &w->transport);
    w->keychain = keychain_new(w->arena, &w->settings, w->api);
}

static bool get(struct world *w, struct credentials *ret, struct str *ret_error) {
    return keychain_get(w->keychain, w->arena, ret, ret_error);
}

static void static_keys(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    open_profile(w, "base");
    assert_true(get(w, &c, &error));
    assert_true(str_eq(c.access_key_id, S("AKBASE")));
    assert_int_equal(w->n_calls, 0);
}

static void role_of_a_profile(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    open_profile(w, "admin");
    assert_true(get(w, &c, &error));
    assert_true(str_eq(c.access_key_id, S("ASIA1")) && str_eq(c.session_token, S("t")));
    assert_true(str_find(w->form, S("Action=AssumeRole")) >= 0);
    assert_true(str_find(w->form, S("ExternalId=x-1")) >= 0);
    assert_true(str_find(w->signature, S("Credential=AKBASE/")) >= 0);
    assert_true(get(w, &c, &error)); /* kept until it expires */
    assert_int_equal(w->n_calls, 1);
}

static void fetches_anew_before_the_end(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    w->expires = "2020-01-01T00:00:00Z";
    open_profile(w, "admin");
    assert_true(get(w, &c, &error) && get(w, &c, &error));
    assert_int_equal(w->n_calls, 2);
    assert_true(str_eq(c.access_key_id, S("ASIA2")));
}

static void chain_of_roles(void **state) {
    static const struct settings_role roles[] = {{.role_arn = STR("arn:aws:iam::1:role/A")},
                                                 {.role_arn = STR("arn:aws:iam::2:role/B")}};
    struct world *w = *state;
    struct credentials c;
    struct str error;
    w->settings.roles = roles;
    w->settings.n_roles = COUNT(roles);
    open_profile(w, "base");
    assert_true(get(w, &c, &error));
    assert_int_equal(w->n_calls, 2);
    assert_true(str_find(w->signature, S("Credential=ASIA1/")) >= 0); /* B with A's session */
}

static void circles(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    open_profile(w, "loop");
    assert_false(get(w, &c, &error));
    assert_true(str_find(error, S("refers to itself")) >= 0);
}

static void process(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    open_profile(w, "process");
    assert_true(get(w, &c, &error));
    assert_true(str_eq(c.access_key_id, S("AKPROC")));
}

static void environment_without_a_profile(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    open_profile(w, "default");
    w->settings.profile_from_block = false;
    setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    assert_true(get(w, &c, &error));
    assert_true(str_eq(c.access_key_id, S("AKENV")));
}

static void nothing_anywhere(void **state) {
    struct world *w = *state;
    struct credentials c;
    struct str error;
    open_profile(w, "empty");
    w->settings.profile_from_block = false;
    assert_false(get(w, &c, &error));
    assert_true(str_find(error, S("environment: ")) >= 0);
    assert_true(str_find(error, S("profile \"empty\" has no credentials")) >= 0);
    assert_true(str_find(error, S("EC2 instance metadata: switched off")) >= 0);
}

static void files(void **state) {
    struct world *w = *state;
    const struct shared_config *shared = w->settings.shared;
    assert_true(str_eq(shared_config_get(shared, S("default"), S("region")), S("eu-west-1")));
    assert_true(str_eq(shared_config_get(shared, S("admin"), S("source_profile")), S("base")));
    assert_true(str_eq(shared_config_service(shared, S("empty"), S("iam"), S("endpoint_url")),
                       S("http://iam.test")));
    assert_false(shared_config_has(shared, S("nobody")));
}

static int set_up(void **state) {
    struct arena *arena = arena_new();
    struct world *w = arena_alloc(arena, sizeof *w);
    struct str dir, error;
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_ROLE_ARN");
    assert_int_equal(fs_make_temporary(arena, S("loam-keychain"), &dir), 0);
    struct str config = fs_join(arena, dir, S("config"));
    struct str credentials = fs_join(arena, dir, S("credentials"));
    assert_int_equal(fs_write(config, str_from(config_text), 0600), 0);
    assert_int_equal(fs_write(credentials, str_from(credentials_text), 0600), 0);
    w->arena = arena;
    w->expires = "2099-01-01T00:00:00Z";
    w->transport = (struct aws_transport){.send = send, .context = w};
    w->settings = (struct settings){
        .region = S("us-east-1"),
        .max_attempts = 1,
        .no_metadata = true,
        .endpoint_iam = S("loam:x"),
        .endpoint_sts = S("loam:x"),
        .shared = shared_config_read(arena, &config, 1, &credentials, 1, &error),
    };
    fs_remove_tree(dir);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    keychain_free(w->keychain);
    api_free(w->api);
    arena_free(w->arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(static_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(role_of_a_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fetches_anew_before_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chain_of_roles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(circles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(environment_without_a_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
