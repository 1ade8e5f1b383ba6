/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "config/decode.h"
#include "hcl/parse.h"
#include "value/as_json.h"

static struct schema_attr attrs[2];
static struct schema_attr inner_attrs[2];
static struct schema_block inner;
static struct schema_nested nested[4];
static struct schema_block block;

static int make_schema(void **unused) {
    (void)unused;
    inner_attrs[0] = (struct schema_attr){.name = S("k"), .type = type_string, .optional = true};
    inner_attrs[1] = (struct schema_attr){.name = S("v"), .type = type_number, .optional = true};
    inner = (struct schema_block){.attrs = inner_attrs, .n_attrs = 2};
    attrs[0] = (struct schema_attr){.name = S("name"), .type = type_string, .required = true};
    attrs[1] =
        (struct schema_attr){.name = S("tags"), .type = type_map(type_string), .optional = true};
    nested[0] = (struct schema_nested){
        .name = S("item"), .nesting = NESTING_LIST, .max_items = 3, .block = &inner};
    nested[1] = (struct schema_nested){.name = S("keyed"), .nesting = NESTING_MAP, .block = &inner};
    nested[2] =
        (struct schema_nested){.name = S("one"), .nesting = NESTING_SINGLE, .block = &inner};
    nested[3] = (struct schema_nested){.name = S("set"), .nesting = NESTING_SET, .block = &inner};
    block = (struct schema_block){.attrs = attrs, .n_attrs = 2, .blocks = nested, .n_blocks = 4};
    return 0;
}

struct parsed {
    struct arena *arena;
    struct sources *sources;
    struct diags diags;
    struct scope scope;
    struct body *body;
};

static struct parsed parse(const char *text, bool json) {
    struct parsed p = {.arena = arena_new()};
    p.sources = sources_new(p.arena);
    p.diags.arena = p.arena;
    p.scope = (struct scope){.sources = p.sources};
    uint32_t file = sources_add(p.sources, S("t"), str_from(text));
    p.body = json ? parse_json_file(p.arena, p.sources, file, &p.diags)
                  : parse_file(p.arena, p.sources, file, &p.diags);
    assert_int_equal(p.diags.n, 0);
    return p;
}

static void bodies_become_values(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *value;
        bool json;
    } cases[] = {
        {"name = 5\n",
         "{\"item\":[],\"keyed\":{},\"name\":\"5\",\"one\":null,\"set\":[],\"tags\":null}", false},
        {"name = \"a\"\ntags = { b = 1, a = true }\nitem {\n k = \"x\"\n}\nitem {\n v = \"2\"\n}\n"
         "one {}\nkeyed \"z\" {\n v = 1\n}\nset {\n v = 2\n}\nset {\n v = 2\n}\n",
         "{\"item\":[{\"k\":\"x\",\"v\":null},{\"k\":null,\"v\":2}],\"keyed\":{\"z\":{\"k\":null,"
         "\"v\":1}},\"name\":\"a\",\"one\":{\"k\":null,\"v\":null},\"set\":[{\"k\":null,\"v\":2}],"
         "\"tags\":{\"a\":\"true\",\"b\":\"1\"}}",
         false},
        {"name = \"a\"\ndynamic \"item\" {\n  for_each = { x = 1, y = 2 }\n  content {\n"
         "    k = item.key\n    v = item.value\n  }\n}\n",
         "{\"item\":[{\"k\":\"x\",\"v\":1},{\"k\":\"y\",\"v\":2}],\"keyed\":{},\"name\":\"a\","
         "\"one\":null,\"set\":[],\"tags\":null}",
         false},
        {"name = \"a\"\ndynamic \"keyed\" {\n  for_each = [\"p\"]\n  iterator = it\n"
         "  labels = [it.value]\n  content {\n    v = it.key\n  }\n}\n",
         "{\"item\":[],\"keyed\":{\"p\":{\"k\":null,\"v\":0}},\"name\":\"a\",\"one\":null,"
         "\"set\":[],\"tags\":null}",
         false},
        {"{\"name\":\"a\",\"item\":[{\"k\":\"x\"},{\"k\":\"y\"}],\"dynamic\":{\"set\":{"
         "\"for_each\":[3],\"content\":{\"v\":\"${set.value}\"}}}}",
         "{\"item\":[{\"k\":\"x\",\"v\":null},{\"k\":\"y\",\"v\":null}],\"keyed\":{},\"name\":\"a\","
         "\"one\":null,\"set\":[{\"k\":null,\"v\":3}],\"tags\":null}",
         true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct parsed p = parse(cases[i].text, cases[i].json);
        struct value v;
        assert_true(decode_block(p.arena, &p.scope, p.body, &block, &v, &p.diags));
        assert_ptr_equal(value_type(v), schema_type(&block));
        struct buf out;
        buf_init(&out, BUF_MAX_TEXT);
        as_json_write(&out, v, schema_type(&block), false);
        assert_string_equal(str_c(p.arena, buf_str(&out)), cases[i].value);
        buf_clear(&out);
        arena_free(p.arena);
    }
}

static void mistakes_are_told(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *summary, *detail;
    } cases[] = {
        {"", "Missing required argument",
         "The argument \"name\" is required, but no definition was found."},
        {"name = []\n", "Incorrect attribute value type",
         "Inappropriate value for attribute \"name\": string required."},
        {"name = \"a\"\nnope = 1\n", "Unsupported argument",
         "An argument named \"nope\" is not expected here."},
        {"name = \"a\"\none {}\none {}\n", "Duplicate one block",
         "Only one block of type \"one\" is allowed. Previous definition was at t:2,1-4."},
        {"name = \"a\"\nitem {}\nitem {}\nitem {}\nitem {}\n", "Too many item blocks",
         "No more than 3 \"item\" blocks are allowed"},
        {"name = \"a\"\ndynamic \"item\" {\n  for_each = 5\n  content {}\n}\n",
         "Invalid dynamic for_each value",
         "Cannot use a number value in for_each. An iterable collection is required."},
        {"name = \"a\"\ndynamic \"item\" {\n  for_each = []\n}\n", "Missing dynamic content block",
         "A dynamic block must have a nested block of type \"content\" to describe the body of "
         "each generated block."},
        {"name = \"a\"\ndynamic \"nope\" {\n  for_each = []\n  content {}\n}\n",
         "Unsupported block type", "Blocks of type \"nope\" are not expected here."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct parsed p = parse(cases[i].text, false);
        struct value v;
        assert_false(decode_block(p.arena, &p.scope, p.body, &block, &v, &p.diags));
        assert_int_equal(p.diags.n_errors, 1);
        assert_string_equal(str_c(p.arena, p.diags.at[0].summary), cases[i].summary);
        assert_string_equal(str_c(p.arena, p.diags.at[0].detail), cases[i].detail);
        arena_free(p.arena);
    }
}

static void references_are_found(void **unused) {
    (void)unused;
    struct parsed p = parse("name = var.a\ndynamic \"item\" {\n  for_each = local.b\n  content {\n"
                            "    k = item.value\n    v = data.c.d.e\n  }\n}\n",
                            false);
    struct refs refs = {.n = 0};
    assert_true(decode_refs(p.arena, p.body, &block, &refs, &p.diags));
    assert_int_equal(refs.n, 3);
    assert_int_equal(refs.at[0].kind, REF_VARIABLE);
    assert_int_equal(refs.at[1].kind, REF_LOCAL);
    assert_int_equal(refs.at[2].kind, REF_DATA);
    arena_free(p.arena);
}

static void paths_have_places(void **unused) {
    (void)unused;
    struct parsed p = parse("name = \"a\"\ntags = { x = 1 }\nitem {\n  k = \"one\"\n}\n"
                            "item {\n  k = \"two\"\n}\n",
                            false);
    static const struct {
        const char *parts[3];
        const char *text;
    } cases[] = {
        {{"name"}, "\"a\""},
        {{"tags"}, "{ x = 1 }"},
        {{"tags", "x"}, "1"},
        {{"item", "1", "k"}, "\"two\""},
        {{"item", "0", "k"}, "\"one\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct path path = {.n = 0};
        for (size_t j = 0; j < COUNT(cases[i].parts) && cases[i].parts[j] != NULL; j++) {
            struct str part = str_from(cases[i].parts[j]);
            int64_t index = 0;
            path = str_to_int(part, &index)         ? path_index(p.arena, path, index)
                   : j == 1 && str_eq(part, S("x")) ? path_key(p.arena, path, part)
                                                    : path_attr(p.arena, path, part);
        }
        struct span span = decode_span(p.body, &block, path);
        assert_string_equal(str_c(p.arena, sources_text(p.sources, span)), cases[i].text);
    }
    struct path missing = path_attr(p.arena, (struct path){.n = 0}, S("one"));
    assert_int_equal(decode_span(p.body, &block, missing).start, p.body->missing_item.start);
    arena_free(p.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_become_values),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(references_are_found),
        cmocka_unit_test(paths_have_places),
    };
    return cmocka_run_group_tests(tests, make_schema, NULL);
}
