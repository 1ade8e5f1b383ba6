/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "fake_plugin.h"
#include "plugin/plugin.h"
#include "plugin/protobuf.h"

struct fixture {
    struct arena *arena;
    struct diags *diags;
    struct provider *provider;
    const struct schema *thing;
};

static void open_plugin(struct fixture *f, const char *mode) {
    setenv("FAKE_PLUGIN", mode, 1);
    f->arena = arena_new();
    f->diags = diags_new(f->arena);
    const struct plugin_spec spec = {.source = S("registry.terraform.io/acme/fake"),
                                     .name = S("fake"),
                                     .version = S("1.0.0"),
                                     .program = S("/proc/self/exe"),
                                     .terraform_version = S("1.11.4")};
    struct plugin_host *host = plugin_host(f->arena, &spec);
    f->provider = plugin_open(f->arena, host, f->diags);
    const struct provider_schema *schema = f->provider->ops->schema(f->provider, f->diags);
    f->thing = schema ? map_get(&schema->resources, S("fake_thing")) : NULL;
}

static void close_plugin(struct fixture *f) {
    f->provider->ops->close(f->provider);
    arena_free(f->arena);
}

static struct value thing(struct arena *arena, struct value id, const char *name) {
    const struct name *names[] = {intern_name(S("id")), intern_name(S("name")),
                                  intern_name(S("secret"))};
    struct value values[] = {id, value_string(arena, str_from(name)), value_null(type_string)};
    return value_object(arena, names, values, 3);
}

static struct provider_plan_request plan_request(struct arena *arena, const char *name) {
    struct value config = thing(arena, value_null(type_string), name);
    return (struct provider_plan_request){.type = S("fake_thing"),
                                          .prior = value_null(value_type(config)),
                                          .proposed =
                                              thing(arena, value_unknown(type_string), name),
                                          .config = config};
}

static void both_protocols_are_spoken(void **state) {
    (void)state;
    static const char *const modes[] = {"5", "6", "tls", "noise"};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct fixture f;
        open_plugin(&f, modes[i]);
        assert_non_null(f.thing);
        assert_true(f.thing->version == 3);
        assert_true(schema_attr(f.thing->block, S("secret"))->write_only);
        struct value config = value_object(f.arena, NULL, NULL, 0);
        assert_true(f.provider->ops->validate_config(f.provider, f.arena, config, f.diags));
        assert_true(f.provider->ops->configure(f.provider, f.arena, config, f.diags));
        struct provider_plan_request request = plan_request(f.arena, "a");
        struct provider_plan_response planned;
        assert_true(f.provider->ops->plan(f.provider, f.arena, &request, &planned, f.diags));
        /* What the protocol wants on create are nulls for what is computed. */
        assert_true(value_same(planned.planned, request.config));
        assert_true(str_eq(planned.private_, S("kept")));
        assert_int_equal(planned.replace.n, 1);
        close_plugin(&f);
    }
}

static void errors_bring_the_object_and_its_path(void **state) {
    (void)state;
    struct fixture f;
    open_plugin(&f, "5");
    struct value planned = thing(f.arena, value_string(f.arena, S("7")), "a");
    struct provider_apply_request request = {.type = S("fake_thing"),
                                             .prior = value_null(value_type(planned)),
                                             .planned = planned,
                                             .config = planned};
    struct provider_apply_response response;
    assert_false(f.provider->ops->apply(f.provider, f.arena, &request, &response, f.diags));
    assert_true(value_same(response.state, planned));
    assert_true(str_eq(f.diags->at[0].path, S(".name")));
    struct diags *warnings = diags_new(f.arena);
    assert_true(f.provider->ops->validate_resource(f.provider, f.arena, S("fake_thing"), planned,
                                                   warnings));
    assert_int_equal(warnings->at[0].severity, SEVERITY_WARNING);
    const struct provider_move_request from = {
        .from_type = S("x_y"), .state = &(struct json){.kind = JSON_NULL}, .to = S("fake_thing")};
    struct provider_move_response moved;
    assert_false(f.provider->ops->move(f.provider, f.arena, &from, &moved, f.diags));
    assert_true(str_eq(f.diags->at[f.diags->n - 1].summary, S("Unsupported plugin method")));
    close_plugin(&f);
}

struct listed {
    struct provider_listed at[4];
    size_t n, max;
};

static bool take_listed(void *context, const struct provider_listed *listed) {
    struct listed *all = context;
    all->at[all->n++] = *listed;
    return all->n < all->max;
}

static void lists_come_as_a_stream(void **state) {
    (void)state;
    static const char *const modes[] = {"5", "6"};
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct fixture f;
        open_plugin(&f, modes[i]);
        struct provider_list_request request = {.type = S("fake_thing"),
                                                .config =
                                                    thing(f.arena, value_null(type_string), "a"),
                                                .limit = 10};
        struct listed all = {.max = COUNT(all.at)};
        assert_true(
            f.provider->ops->list(f.provider, f.arena, &request, take_listed, &all, f.diags));
        assert_int_equal(all.n, 2);
        assert_true(str_eq(all.at[0].display_name, S("first")));
        assert_true(value_is_null(all.at[0].state));
        struct value key;
        assert_true(value_get(all.at[1].identity, S("key"), &key));
        assert_true(str_eq(value_str(key), S("new")));
        assert_int_equal(f.diags->n, 1);
        assert_int_equal(f.diags->at[0].severity, SEVERITY_WARNING);
        /* With what the objects are, and no more than are wanted. */
        request.include_resource = true;
        all = (struct listed){.max = 1};
        assert_true(
            f.provider->ops->list(f.provider, f.arena, &request, take_listed, &all, f.diags));
        assert_int_equal(all.n, 1);
        struct value name;
        assert_true(value_get(all.at[0].state, S("name"), &name));
        assert_true(str_eq(value_str(name), S("x")));
        close_plugin(&f);
    }
}

struct failure {
    const char *mode, *summary, *detail;
};

static const struct failure failures[] = {
    {"silent", "Failed to load plugin schemas", "Unrecognized remote plugin message: "},
    {"garbage", "Failed to load plugin schemas", "Unrecognized remote plugin message: hello"},
    {"bad cert", "Failed to load plugin schemas", "the plugin's certificate cannot be read"},
    {"other cert", "Failed to load plugin schemas", "the TLS handshake with the plugin failed"},
    {"short", "Failed to load plugin schemas",
     "code = Internal desc = malformed answer: not one whole message"},
    {"twice", "Failed to load plugin schemas",
     "code = Internal desc = malformed answer: more than one message"},
    {"huge", "Failed to load plugin schemas",
     "code = ResourceExhausted desc = the answer is larger than 512 MiB"},
};

static void broken_plugins_are_told(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(failures); i++) {
        struct fixture f;
        open_plugin(&f, failures[i].mode);
        assert_null(f.thing);
        assert_true(str_eq(f.diags->at[0].summary, str_from(failures[i].summary)));
        assert_true(str_find(f.diags->at[0].detail, str_from(failures[i].detail)) >= 0);
        close_plugin(&f);
    }
}

static void a_crash_ends_the_call_with_an_error(void **state) {
    (void)state;
    struct fixture f;
    open_plugin(&f, "crash");
    struct provider_plan_request request = plan_request(f.arena, "a");
    struct provider_plan_response planned;
    assert_false(f.provider->ops->plan(f.provider, f.arena, &request, &planned, f.diags));
    assert_true(str_eq(f.diags->at[0].summary, S("Plugin did not respond")));
    assert_false(f.provider->ops->plan(f.provider, f.arena, &request, &planned, f.diags));
    close_plugin(&f);
}

static void *plan_one(void *context) {
    struct fixture *f = context;
    struct provider_plan_request request = plan_request(f->arena, "a");
    struct provider_plan_response planned;
    bool done = f->provider->ops->plan(f->provider, f->arena, &request, &planned, f->diags);
    return done ? f : NULL;
}

static void a_second_interrupt_ends_calls_that_hang(void **state) {
    (void)state;
    struct fixture f;
    pthread_t thread;
    void *done;
    open_plugin(&f, "hang");
    assert_int_equal(pthread_create(&thread, NULL, plan_one, &f), 0);
    f.provider->ops->stop(f.provider, true);
    pthread_join(thread, &done);
    assert_null(done);
    assert_true(str_eq(f.diags->at[0].summary, S("Request cancelled")));
    close_plugin(&f);
}

static struct value identity(struct arena *arena, struct str key) {
    const struct name *names[] = {intern_name(S("key"))};
    struct value values[] = {value_string(arena, key)};
    return value_object(arena, names, values, 1);
}

static void identities_go_both_ways(void **state) {
    (void)state;
    struct fixture f;
    struct json_error error;
    struct value upgraded;
    open_plugin(&f, "6");
    assert_int_equal(f.thing->identity_version, 2);
    const struct json *old = json_parse(f.arena, S("{\"name\": \"old\"}"), &error);
    assert_true(f.provider->ops->upgrade_identity(f.provider, f.arena, S("fake_thing"), 1, old,
                                                  &upgraded, f.diags));
    assert_true(value_same(upgraded, identity(f.arena, S("new"))));
    const struct provider_read_request read = {
        .type = S("fake_thing"),
        .state = thing(f.arena, value_string(f.arena, S("1")), "a"),
        .identity = identity(f.arena, S("mine"))};
    struct provider_read_response found;
    assert_true(f.provider->ops->read(f.provider, f.arena, &read, &found, f.diags));
    assert_true(value_same(found.identity, read.identity));
    struct provider_plan_request request = plan_request(f.arena, "a");
    struct provider_plan_response planned;
    assert_true(f.provider->ops->plan(f.provider, f.arena, &request, &planned, f.diags));
    assert_false(planned.identity.kind == VALUE_OBJECT);
    request.identity = read.identity;
    assert_true(f.provider->ops->plan(f.provider, f.arena, &request, &planned, f.diags));
    assert_true(value_same(planned.identity, read.identity));
    close_plugin(&f);
}

static void nothing_may_be_deferred(void **state) {
    (void)state;
    struct fixture f;
    open_plugin(&f, "defer");
    assert_null(plan_one(&f));
    assert_true(str_eq(f.diags->at[0].summary,
                       S("Provider deferred changes when Loam did not allow deferrals")));
    close_plugin(&f);
}

static void *plan_many(void *context) {
    struct fixture *f = context;
    struct arena *arena = arena_new();
    size_t wrong = 0;
    for (int i = 0; i < 50; i++) {
        struct diags *diags = diags_new(arena);
        struct str name = str_format(arena, "%d", i);
        struct provider_plan_request request = plan_request(arena, str_c(arena, name));
        struct provider_plan_response planned;
        bool done = f->provider->ops->plan(f->provider, arena, &request, &planned, diags);
        wrong += !done || !value_same(planned.planned, request.config);
        arena_reset(arena);
    }
    arena_free(arena);
    return (void *)wrong;
}

static void many_threads_share_a_connection(void **state) {
    (void)state;
    struct fixture f;
    pthread_t threads[8];
    open_plugin(&f, "6");
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, plan_many, &f), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    close_plugin(&f);
}

static void malformed_messages_end_reading(void **state) {
    (void)state;
    static const struct str messages[] = {
        STR("\x0a"), STR("\x0a\x05xx"), STR("\xff"),
        STR("\x0b"), STR("\x0d\x01"),   STR("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")};
    for (size_t i = 0; i < COUNT(messages); i++) {
        struct protobuf p = protobuf_reader(messages[i]);
        while (protobuf_next(&p))
            ;
        assert_true(p.failed);
    }
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    protobuf_uint(&out, 1, 300);
    protobuf_bytes(&out, 2, S("x"));
    struct protobuf p = protobuf_reader(buf_str(&out));
    assert_true(protobuf_next(&p) && p.field == 1 && p.number == 300);
    assert_true(protobuf_next(&p) && p.field == 2 && str_eq(p.bytes, S("x")));
    assert_false(protobuf_next(&p) || p.failed);
    buf_clear(&out);
}

int main(void) {
    const char *mode = getenv("FAKE_PLUGIN");
    if (mode)
        return fake_plugin_main(mode);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_protocols_are_spoken),
        cmocka_unit_test(errors_bring_the_object_and_its_path),
        cmocka_unit_test(lists_come_as_a_stream),
        cmocka_unit_test(broken_plugins_are_told),
        cmocka_unit_test(a_crash_ends_the_call_with_an_error),
        cmocka_unit_test(a_second_interrupt_ends_calls_that_hang),
        cmocka_unit_test(identities_go_both_ways),
        cmocka_unit_test(nothing_may_be_deferred),
        cmocka_unit_test(many_threads_share_a_connection),
        cmocka_unit_test(malformed_messages_end_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
