/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "provider/schema_json.h"
#include "value/as_json.h"

/*
 * Values are written as JSON, `"<unknown>"` standing for an unknown one, so that a case is three
 * texts: what was, what the configuration says, what is proposed.
 */
static struct value of_json(struct arena *arena, const char *text, const struct type *type);

static struct value with_unknowns(struct arena *arena, const struct json *json,
                                  const struct type *type) {
    if (json->kind == JSON_STRING && str_eq(json->text, S("<unknown>")))
        return value_unknown(type);
    if (json->kind != JSON_OBJECT && json->kind != JSON_ARRAY) {
        struct value v;
        struct convert_error error;
        assert_true(as_json_read(arena, json, type, &v, &error));
        return v;
    }
    struct value *items = arena_array(arena, json->n, sizeof *items);
    struct str *keys = arena_array(arena, json->n, sizeof *keys);
    for (size_t i = 0; i < json->n; i++) {
        const struct json *part =
            json->kind == JSON_ARRAY ? &json->items[i] : &json->members[i].value;
        const struct type *inner = type->element;
        if (json->kind == JSON_OBJECT)
            keys[i] = json->members[i].name;
        if (type->kind == TYPE_OBJECT)
            inner = type->items[type_attr(type, intern_name(keys[i]))];
        items[i] = with_unknowns(arena, part, inner);
    }
    if (type->kind == TYPE_LIST)
        return value_list(arena, type->element, items, json->n);
    if (type->kind == TYPE_SET)
        return value_set(arena, type->element, items, json->n);
    if (type->kind == TYPE_MAP)
        return value_map(arena, type->element, keys, items, json->n);
    struct value *ordered = arena_array(arena, type->n, sizeof *ordered);
    for (uint32_t i = 0; i < type->n; i++) {
        ordered[i] = value_null(type->items[i]);
        for (size_t j = 0; j < json->n; j++)
            if (str_eq(keys[j], intern_str(type->names[i])))
                ordered[i] = items[j];
    }
    return value_object_of(arena, type, ordered);
}

static struct value of_json(struct arena *arena, const char *text, const struct type *type) {
    struct json_error error;
    struct json *json = json_parse(arena, str_from(text), &error);
    assert_non_null(json);
    if (json->kind == JSON_NULL)
        return value_null(type);
    return with_unknowns(arena, json, type);
}

/* A block with one attribute of each mode and a nested block of each nesting. */
static const struct schema_block *sample(struct arena *arena, enum schema_nesting nesting) {
    const struct schema_attr inner_attrs[] = {
        {.name = STR("computed"), .type = type_string, .computed = true},
        {.name = STR("name"), .type = type_string, .required = true},
    };
    const struct schema_attr attrs[] = {
        {.name = STR("both"), .type = type_string, .optional = true, .computed = true},
        {.name = STR("id"), .type = type_string, .computed = true},
        {.name = STR("name"), .type = type_string, .optional = true},
        {.name = STR("secret"), .type = type_string, .optional = true, .sensitive = true},
    };
    struct schema_block *inner = arena_alloc(arena, sizeof *inner);
    inner->attrs = arena_copy(arena, inner_attrs, sizeof inner_attrs);
    inner->n_attrs = COUNT(inner_attrs);
    struct schema_nested *nested = arena_alloc(arena, sizeof *nested);
    *nested = (struct schema_nested){.name = S("part"), .nesting = nesting, .block = inner};
    struct schema_block *block = arena_alloc(arena, sizeof *block);
    block->attrs = arena_copy(arena, attrs, sizeof attrs);
    block->n_attrs = COUNT(attrs);
    block->blocks = nested;
    block->n_blocks = 1;
    return block;
}

struct proposal {
    enum schema_nesting nesting;
    const char *prior, *config, *proposed;
};

static const struct proposal proposals[] = {
    /* on create, what is computed is unknown */
    {NESTING_LIST, "null", "{\"name\":\"a\",\"part\":[{\"name\":\"x\"}]}",
     "{\"both\":\"<unknown>\",\"id\":\"<unknown>\",\"name\":\"a\","
     "\"part\":[{\"computed\":\"<unknown>\",\"name\":\"x\"}]}"},
    /* computed attributes stay as they were, others follow the configuration */
    {NESTING_LIST, "{\"both\":\"b\",\"id\":\"1\",\"name\":\"a\",\"secret\":\"s\",\"part\":[]}",
     "{\"part\":[]}", "{\"both\":\"b\",\"id\":\"1\",\"part\":[]}"},
    /* what is configured wins over what was computed */
    {NESTING_LIST, "{\"both\":\"b\",\"id\":\"1\",\"part\":[]}", "{\"both\":\"c\",\"part\":[]}",
     "{\"both\":\"c\",\"id\":\"1\",\"part\":[]}"},
    /* unknown configuration is unknown, not the prior */
    {NESTING_LIST, "{\"both\":\"b\",\"id\":\"1\",\"part\":[]}",
     "{\"both\":\"<unknown>\",\"part\":[]}", "{\"both\":\"<unknown>\",\"id\":\"1\",\"part\":[]}"},
    /* lists go by place; what is new is taken as configured */
    {NESTING_LIST, "{\"part\":[{\"computed\":\"1\",\"name\":\"x\"}]}",
     "{\"part\":[{\"name\":\"y\"},{\"name\":\"x\"}]}",
     "{\"part\":[{\"computed\":\"1\",\"name\":\"y\"},{\"name\":\"x\"}]}"},
    /* maps go by key */
    {NESTING_MAP, "{\"part\":{\"k\":{\"computed\":\"1\",\"name\":\"x\"}}}",
     "{\"part\":{\"k\":{\"name\":\"y\"},\"l\":{\"name\":\"x\"}}}",
     "{\"part\":{\"k\":{\"computed\":\"1\",\"name\":\"y\"},\"l\":{\"name\":\"x\"}}}"},
    /* sets go by what was configured */
    {NESTING_SET,
     "{\"part\":[{\"computed\":\"1\",\"name\":\"x\"},{\"computed\":\"2\",\"name\":\"y\"}]}",
     "{\"part\":[{\"name\":\"y\"},{\"name\":\"z\"}]}",
     "{\"part\":[{\"computed\":\"2\",\"name\":\"y\"},{\"name\":\"z\"}]}"},
    /* a single block may come and go */
    {NESTING_SINGLE, "{\"part\":{\"computed\":\"1\",\"name\":\"x\"}}", "{\"part\":null}",
     "{\"part\":null}"},
    {NESTING_SINGLE, "{\"part\":{\"computed\":\"1\",\"name\":\"x\"}}",
     "{\"part\":{\"name\":\"y\"}}", "{\"part\":{\"computed\":\"1\",\"name\":\"y\"}}"},
};

static void proposes_as_the_reference(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(proposals); i++) {
        const struct schema_block *block = sample(arena, proposals[i].nesting);
        const struct type *type = schema_type(block);
        struct value got = schema_propose(arena, block, of_json(arena, proposals[i].prior, type),
                                          of_json(arena, proposals[i].config, type));
        struct value want = of_json(arena, proposals[i].proposed, type);
        if (!value_same(got, want))
            fail_msg("proposal %zu differs", i);
    }
    arena_free(arena);
}

static void plain_proposal_has_nulls(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct schema_block *block = sample(arena, NESTING_LIST);
    const struct type *type = schema_type(block);
    struct value config = of_json(arena, "{\"name\":\"a\",\"part\":[{\"name\":\"x\"}]}", type);
    struct value got = schema_propose_plain(arena, block, value_null(type), config);
    assert_true(value_same(got, config));
    arena_free(arena);
}

static void type_and_empty_value_agree(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (int nesting = NESTING_SINGLE; nesting <= NESTING_MAP; nesting++) {
        const struct schema_block *block = sample(arena, (enum schema_nesting)nesting);
        assert_ptr_equal(value_type(schema_empty(arena, block)), schema_type(block));
    }
    arena_free(arena);
}

static void sensitive_paths_are_found(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    const struct schema_block *block = sample(arena, NESTING_LIST);
    struct paths paths = {0};
    schema_sensitive(arena, block, of_json(arena, "{\"part\":[]}", schema_type(block)), &paths);
    assert_int_equal(paths.n, 1);
    struct str text = path_text(arena, paths.at[0]);
    assert_true(str_eq(text, S(".secret")));
    schema_sensitive(arena, block, value_null(schema_type(block)), &paths);
    assert_int_equal(paths.n, 1);
    arena_free(arena);
}

static void schema_is_written_as_json(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    schema_json_write_block(&out, sample(arena, NESTING_LIST));
    assert_true(str_eq(
        buf_take(&out, arena),
        S("{\"attributes\":{\"both\":{\"type\":\"string\",\"description_kind\":\"plain\","
          "\"optional\":true,\"computed\":true},\"id\":{\"type\":\"string\",\"description_kind\":"
          "\"plain\",\"computed\":true},\"name\":{\"type\":\"string\",\"description_kind\":"
          "\"plain\",\"optional\":true},\"secret\":{\"type\":\"string\",\"description_kind\":"
          "\"plain\",\"optional\":true,\"sensitive\":true}},\"block_types\":{\"part\":{"
          "\"nesting_mode\":\"list\",\"block\":{\"attributes\":{\"computed\":{\"type\":\"string\","
          "\"description_kind\":\"plain\",\"computed\":true},\"name\":{\"type\":\"string\","
          "\"description_kind\":\"plain\",\"required\":true}},\"description_kind\":\"plain\"}}},"
          "\"description_kind\":\"plain\"}")));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proposes_as_the_reference),  cmocka_unit_test(plain_proposal_has_nulls),
        cmocka_unit_test(type_and_empty_value_agree), cmocka_unit_test(sensitive_paths_are_found),
        cmocka_unit_test(schema_is_written_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
