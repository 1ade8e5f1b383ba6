/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "state/state_file.h"

static struct state *read_text(struct arena *arena, struct str text, struct diags *diags) {
    struct state *state = NULL;
    return state_file_read(arena, text, S("test"), &state, diags) ? state : NULL;
}

static struct str write_text(struct arena *arena, const struct state *state) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    state_file_write(&out, state);
    return buf_take(&out, arena);
}

static void assert_str(struct str got, struct str want) {
    if (!str_eq(got, want)) {
        size_t at = 0;
        while (at < got.len && at < want.len && got.at[at] == want.at[at])
            at++;
        size_t from = at > 60 ? at - 60 : 0;
        print_error("differ at byte %zu\n got: ...%.*s\nwant: ...%.*s\n", at,
                    (int)(got.len - from > 120 ? 120 : got.len - from), got.at + from,
                    (int)(want.len - from > 120 ? 120 : want.len - from), want.at + from);
        fail();
    }
}

/* Files that Terraform wrote come out again byte for byte. */
static void files_survive(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct str *names = NULL;
    size_t n = 0;
    size_t seen = 0;
    assert_int_equal(fs_list(arena, S(TEST_DATA), &names, &n), 0);
    for (size_t i = 0; i < n; i++) {
        struct str bytes;
        struct diags diags = {.arena = arena};
        if (!str_ends(names[i], S(".tfstate")))
            continue;
        assert_int_equal(
            fs_read(arena, fs_join(arena, S(TEST_DATA), names[i]), BUF_MAX_DOCUMENT, &bytes), 0);
        struct state *state = read_text(arena, bytes, &diags);
        assert_non_null(state);
        assert_str(write_text(arena, state), bytes);
        struct state *copy = state_copy(arena, state);
        assert_str(write_text(arena, copy), bytes);
        seen++;
    }
    assert_true(seen > 5);
    arena_free(arena);
}

static void compact_input_is_laid_out(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct state *state = read_text(
        arena,
        S("{\"resources\":[{\"instances\":[{\"index_key\":1,\"attributes\":{\"b\":[],\"a\":\"<\"}}"
          ",{\"index_key\":0,\"attributes\":{},\"dependencies\":[\"z.z\",\"a.a\"],\"new\":{\"x\":1}}"
          "],\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\","
          "\"provider\":\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"].west\"}],"
          "\"version\":4,\"serial\":7,\"lineage\":\"l\",\"terraform_version\":\"1.0.0\","
          "\"future\":true}"),
        &diags);
    assert_non_null(state);
    assert_str(write_text(arena, state),
               S("{\n  \"version\": 4,\n  \"terraform_version\": \"1.0.0\",\n  \"serial\": 7,\n"
                 "  \"lineage\": \"l\",\n  \"outputs\": {},\n  \"resources\": [\n    {\n"
                 "      \"mode\": \"managed\",\n      \"type\": \"t\",\n      \"name\": \"n\",\n"
                 "      \"provider\": "
                 "\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"].west\",\n"
                 "      \"instances\": [\n        {\n          \"index_key\": 0,\n"
                 "          \"schema_version\": 0,\n          \"attributes\": {},\n"
                 "          \"sensitive_attributes\": [],\n          \"dependencies\": [\n"
                 "            \"a.a\",\n            \"z.z\"\n          ],\n"
                 "          \"new\": {\n            \"x\": 1\n          }\n        },\n"
                 "        {\n          \"index_key\": 1,\n          \"schema_version\": 0,\n"
                 "          \"attributes\": {\n            \"b\": [],\n"
                 "            \"a\": \"\\u003c\"\n          },\n"
                 "          \"sensitive_attributes\": []\n        }\n      ]\n    }\n  ],\n"
                 "  \"check_results\": null,\n  \"future\": true\n}\n"));
    arena_free(arena);
}

static void bad_files_are_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *summary, *detail;
    } cases[] = {
        {"nonsense", "Unsupported state file format",
         "The state file could not be parsed as JSON: syntax error at byte offset 1."},
        {"{\"version\":4,}", "Unsupported state file format", NULL},
        {"{\"version\":4", "Unsupported state file format", NULL},
        {"{\"version\":4} x", "Unsupported state file format", NULL},
        {"{\"version\":4,\"resources\":[{\"instances\":[{]}]}", "Unsupported state file format",
         NULL},
        {"{\"version\":4,\"a\":[1,{\"b\":}]}", "Unsupported state file format", NULL},
        {"{}", "Unsupported state file format",
         "The state file does not have a \"version\" attribute, which is required to identify the "
         "format version."},
        {"{\"version\":\"x\"}", "Unsupported state file format", NULL},
        {"{\"version\":3,\"modules\":[{\"resources\":{\"a.b\":{}}}]}",
         "Unsupported state file format", NULL},
        {"{\"version\":0}", "Unsupported state file format", NULL},
        {"{\"version\":5}", "Unsupported state file format",
         "The state file uses format version 5, which is not supported by Terraform 1.14.0. This "
         "state file may have been created by a newer version of Terraform."},
        {"{\"version\":4,\"resources\":[{\"mode\":\"odd\",\"type\":\"t\",\"name\":\"n\","
         "\"provider\":\"p\",\"instances\":[]}]}",
         "Invalid resource mode in state",
         "State contains a resource with mode \"odd\" (\"t\" \"n\") which is not supported."},
        {"{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\","
         "\"provider\":\"provider[\\\"a/b\\\"]\",\"instances\":[{},{}]}]}",
         "Duplicate resource instance in state",
         "Instance t.n appears multiple times in the state file."},
        {"{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\","
         "\"provider\":\"provider[\\\"a/b\\\"]\",\"instances\":[{\"status\":\"sad\"}]}]}",
         "Invalid resource instance metadata in state", "Instance t.n has invalid status \"sad\"."},
        {"{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\","
         "\"provider\":\"provider[\\\"a/b\\\"].c[\\\"k\\\"]\",\"instances\":[]}]}",
         "Invalid provider configuration address", NULL},
        {"{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\","
         "\"instances\":[{}]}]}",
         "Invalid provider configuration address", NULL},
        {"{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\","
         "\"instances\":[{\"index_key\":0,\"provider\":\"provider[\\\"a/b\\\"].c[\\\"k\\\"]\"},"
         "{\"index_key\":1,\"provider\":\"provider[\\\"a/b\\\"].d[\\\"k\\\"]\"}]}]}",
         "Provider instance field conflict in state", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        assert_null(read_text(arena, str_from(cases[i].text), &diags));
        assert_true(diags.n_errors > 0);
        assert_str(diags.at[0].summary, str_from(cases[i].summary));
        if (cases[i].detail != NULL)
            assert_str(diags.at[0].detail, str_from(cases[i].detail));
        arena_free(arena);
    }
}

/* Every prefix of a file is refused without reading past its end. */
/* Outputs are taken; data sources are read anew; outputs of modules are not the state's. */
static void old_formats_give_their_outputs(void **unused) {
    (void)unused;
    static const char *const texts[] = {
        "{\"version\":1,\"serial\":7,\"modules\":[{\"path\":[\"root\"],"
        "\"outputs\":{\"a\":\"x\"}}]}",
        "{\"version\":2,\"serial\":7,\"modules\":[{\"path\":[\"root\"],\"resources\":{},"
        "\"outputs\":{\"a\":{\"sensitive\":true,\"type\":\"string\",\"value\":\"x\"}}}]}",
        "{\"version\":3,\"serial\":7,\"modules\":[{\"path\":[\"root\"],"
        "\"resources\":{\"data.t.n\":{\"type\":\"t\"}},"
        "\"outputs\":{\"a\":{\"value\":[\"x\",\"y\"],\"type\":\"list\"}}},"
        "{\"path\":[\"root\",\"m\"],\"outputs\":{\"b\":{\"value\":1}}}]}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        struct state *state = read_text(arena, str_from(texts[i]), &diags);
        assert_non_null(state);
        assert_int_equal(state->serial, 7);
        assert_int_equal(state->resources.n, 0);
        assert_int_equal(state->outputs.n, 1);
        const struct state_output *output = map_get(&state->outputs, S("a"));
        assert_non_null(output);
        assert_int_equal(output->sensitive, i == 1);
        struct value first = i == 2 ? value_at(output->value, 0) : output->value;
        assert_str(value_str(first), S("x"));
        arena_free(arena);
    }
}

static void cut_files_are_refused(void **unused) {
    (void)unused;
    static const char text[] =
        "{\"version\":4,\"outputs\":{\"o\":{\"value\":\"\\u00e9\",\"type\":\"string\"}},"
        "\"resources\":[{\"module\":\"module.m[\\\"k\\\"]\",\"mode\":\"data\",\"type\":\"t\","
        "\"name\":\"n\",\"provider\":\"provider[\\\"a/b\\\"]\",\"instances\":[{\"index_key\":\"a\","
        "\"attributes\":{\"x\":[1,true,null,\"\\\\\"]},\"private\":\"bnVsbA==\"}]}]}";
    for (size_t n = 1; n < sizeof text - 1; n++) {
        struct arena *arena = arena_new();
        struct diags diags = {.arena = arena};
        char *exact = arena_copy(arena, text, n);
        assert_null(read_text(arena, (struct str){exact, n}, &diags));
        assert_true(diags.n_errors > 0);
        arena_free(arena);
    }
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    assert_non_null(read_text(arena, str_from(text), &diags));
    arena_free(arena);
}

static void one_object_goes_over_a_line(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct instance_addr addr;
    struct provider_config_addr provider;
    assert_true(addr_parse_instance(arena, S("module.m[\"a\"].t.n[2]"), &addr, &diags));
    assert_true(addr_provider_parse_config(
        arena, S("provider[\"registry.terraform.io/hashicorp/aws\"]"), &provider));
    struct state_object object = {.attributes = S("{\"id\":\"x\"}"),
                                  .schema_version = 1,
                                  .private_ = S("null"),
                                  .tainted = true};
    struct buf line;
    buf_init(&line, BUF_MAX_TEXT);
    state_file_write_object(&line, &addr, &provider, S(""), &object);
    assert_str(buf_str(&line),
               S("{\"module\":\"module.m[\\\"a\\\"]\",\"mode\":\"managed\",\"type\":\"t\","
                 "\"name\":\"n\",\"provider\":"
                 "\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\"instances\":["
                 "{\"index_key\":2,\"status\":\"tainted\",\"schema_version\":1,"
                 "\"attributes\":{\"id\":\"x\"},\"sensitive_attributes\":[],"
                 "\"private\":\"bnVsbA==\"}]}"));
    struct state *state = state_new(arena);
    assert_true(state_file_read_object(state, buf_str(&line), &diags));
    const struct state_instance *instance = state_instance(state, &addr);
    assert_non_null(instance);
    assert_true(instance->current->tainted);
    assert_str(instance->current->attributes, S("{\"id\":\"x\"}"));
    assert_str(instance->current->private_, S("null"));
    assert_int_equal(instance->current->schema_version, 1);
    buf_clear(&line);
    arena_free(arena);
}

static void an_object_keeps_the_key_of_its_provider(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct instance_addr addr;
    struct provider_config_addr provider;
    assert_true(addr_parse_instance(arena, S("t.n[\"a\"]"), &addr, &diags));
    assert_true(addr_provider_parse_config(
        arena, S("provider[\"registry.terraform.io/hashicorp/aws\"].by[\"k\"]"), &provider));
    struct state_object object = {.attributes = S("{}")};
    struct buf line;
    buf_init(&line, BUF_MAX_TEXT);
    state_file_write_object(&line, &addr, &provider, S("0badcafe"), &object);
    assert_str(buf_str(&line),
               S("{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\",\"instances\":["
                 "{\"index_key\":\"a\",\"deposed\":\"0badcafe\",\"provider\":"
                 "\"provider[\\\"registry.terraform.io/hashicorp/aws\\\"].by[\\\"k\\\"]\","
                 "\"schema_version\":0,\"attributes\":{},\"sensitive_attributes\":[]}]}"));
    struct state *state = state_new(arena);
    assert_true(state_file_read_object(state, buf_str(&line), &diags));
    const struct state_instance *instance = state_instance(state, &addr);
    assert_non_null(instance);
    struct provider_config_addr read =
        state_provider(state_resource(state, addr.module, addr.resource), instance);
    assert_str(addr_provider_config_text(arena, &read),
               addr_provider_config_text(arena, &provider));
    buf_clear(&line);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_survive),
        cmocka_unit_test(compact_input_is_laid_out),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(old_formats_give_their_outputs),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(one_object_goes_over_a_line),
        cmocka_unit_test(an_object_keeps_the_key_of_its_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
