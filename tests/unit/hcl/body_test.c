/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "hcl/body.h"
#include "hcl/parse.h"

static struct arena *arena;
static struct sources *sources;
static struct diags *diags;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    sources = sources_new(arena);
    diags = diags_new(arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct body_attr_schema attrs[] = {{STR("count"), false}, {STR("region"), true}};
static const struct str labels[] = {STR("type"), STR("name")};
static const struct body_block_schema blocks[] = {{STR("resource"), labels, 2},
                                                  {STR("locals"), NULL, 0}};
static const struct body_schema schema = {attrs, COUNT(attrs), blocks, COUNT(blocks)};

static struct body *parse(const char *text) {
    uint32_t file = sources_add(sources, S("f"), str_from(text));
    bool json = text[0] == '{' || text[0] == '[';
    return (json ? parse_json_file : parse_file)(arena, sources, file, diags);
}

/* "LINE:COLUMN Summary: detail" of every message, and forgets them. */
static const char *messages(void) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    diags_sort(diags, sources);
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *diag = &diags->at[i];
        struct place at = sources_place(sources, diag->subject.file, diag->subject.start);
        buf_addf(&out, "%s%u:%u %.*s: %.*s", i ? "\n" : "", at.line, at.column,
                 STR_ARG(diag->summary), STR_ARG(diag->detail));
    }
    diags_truncate(diags, 0);
    return buf_take(&out, arena).at;
}

static void errors_in_their_words(void **state) {
    (void)state;
    static const struct {
        const char *text, *messages;
    } rows[] = {
        {"region = 1\n", ""},
        {"count = 1\n",
         "1:1 Missing required argument: The argument \"region\" is required, but no definition "
         "was found."},
        {"region = 1\ncuont = 2\n",
         "2:1 Unsupported argument: An argument named \"cuont\" is not expected here. Did you mean "
         "\"count\"?"},
        {"region = 1\nlocals = 2\n",
         "2:1 Unsupported argument: An argument named \"locals\" is not expected here. Did you "
         "mean to define a block of type \"locals\"?"},
        {"region = 1\nresourc \"a\" \"b\" {}\n",
         "2:1 Unsupported block type: Blocks of type \"resourc\" are not expected here. Did you "
         "mean \"resource\"?"},
        {"region = 1\ncount {}\n",
         "2:1 Unsupported block type: Blocks of type \"count\" are not expected here. Did you mean "
         "to define argument \"count\"? If so, use the equals sign to assign it a value."},
        {"region = 1\nresource \"a\" {}\n",
         "2:14 Missing name for resource: All resource blocks must have 2 labels (type, name)."},
        {"region = 1\nresource \"a\" \"b\" c {}\n",
         "2:18 Extraneous label for resource: Only 2 labels (type, name) are expected for resource "
         "blocks."},
        {"region = 1\nlocals x {}\n",
         "2:8 Extraneous label for locals: No labels are expected for locals blocks."},
        {"{\"region\": 1, \"//\": \"a comment\", \"locals\": [{}, {}]}", ""},
        {"{\"regoin\": 1}",
         "1:2 Extraneous JSON object property: No argument or block type is named \"regoin\". Did "
         "you mean \"region\"?\n1:13 Missing required argument: The argument \"region\" is "
         "required, but no definition was found."},
        {"[{\"region\": 1}, {\"region\": 2}]",
         "1:18 Duplicate argument: The argument \"region\" was already set at f:1,3-14."},
        {"[{\"region\": 1}, 2]",
         "1:17 Incorrect JSON value type: A JSON object is required here, to define arguments and "
         "child blocks."},
        {"{\"region\": 1, \"resource\": {\"a\": \"b\"}}",
         "1:33 Incorrect JSON value type: Either a JSON object or JSON array of objects is "
         "required here, to specify name labels for this block.\n1:33 Missing block label: At "
         "least one object property is required, whose name represents the resource block's "
         "name."},
        {"{\"region\": 1, \"locals\": 2}",
         "1:25 Incorrect JSON value type: Either a JSON object or a JSON array is required, "
         "representing the contents of one or more \"locals\" blocks."},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        body_content(arena, parse(rows[i].text), &schema, diags);
        assert_string_equal(messages(), rows[i].messages);
    }
}

/* Both syntaxes give the same content. */
static void reads_content(void **state) {
    (void)state;
    static const char *const texts[] = {
        "region = \"x\"\nresource \"a\" b {\n  c = 1\n}\nresource a c {}\nother = 1\nmore {}\n",
        "{\"region\": \"x\", \"resource\": {\"a\": {\"b\": {\"c\": 1}, \"c\": {}}}, \"other\": 1,"
        " \"more\": {}}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct body *rest;
        struct body_content *content =
            body_partial_content(arena, parse(texts[i]), &schema, &rest, diags);
        assert_int_equal(content->n_attrs, 1);
        assert_true(str_eq(value_str(body_attr(content, S("region"))->expr->literal), S("x")));
        assert_int_equal(content->n_blocks, 2);
        assert_true(str_eq(content->blocks[0]->labels[1], S("b")));
        assert_true(str_eq(content->blocks[1]->labels[1], S("c")));
        content = body_attributes(arena, content->blocks[0]->body, diags);
        assert_int_equal(content->n_attrs, 1);
        assert_string_equal(messages(), "");
        content = body_attributes(arena, rest, diags);
        assert_non_null(body_attr(content, S("other")));
        assert_null(body_attr(content, S("region")));
        diags_truncate(diags, 0);
    }
}

static const struct expr *value_of(const char *text) {
    return body_attributes(arena, parse(text), diags)->attrs[0]->expr;
}

static void static_forms(void **state) {
    (void)state;
    struct expr_list list;
    struct object_items items;
    struct traversal traversal;
    assert_true(body_static_list(arena, value_of("a = [b, c]"), &list, diags));
    assert_int_equal(list.n, 2);
    assert_true(body_static_list(arena, value_of("{\"a\": [\"b\"]}"), &list, diags));
    assert_true(body_static_map(arena, value_of("a = { b = c }"), &items, diags));
    assert_true(body_static_traversal(arena, sources, value_of("a = b.c[0]"), &traversal, diags));
    assert_int_equal(traversal.n, 2);
    assert_true(
        body_static_traversal(arena, sources, value_of("{\"a\": \"b.c\"}"), &traversal, diags));
    assert_true(str_eq(traversal.root, S("b")));
    assert_true(str_eq(body_keyword(value_of("a = all")), S("all")));
    assert_true(str_eq(body_keyword(value_of("{\"a\": \"all\"}")), S("all")));
    assert_int_equal(body_keyword(value_of("a = \"all\"")).len, 0);
    assert_string_equal(messages(), "");
    assert_false(body_static_list(arena, value_of("a = b + 1"), &list, diags));
    assert_string_equal(messages(),
                        "1:5 Invalid expression: A static list expression is required.");
    assert_false(body_static_traversal(arena, sources, value_of("a = f(x)"), &traversal, diags));
    assert_non_null(strstr(messages(), "A single static variable reference is required"));
    assert_true(body_static_traversal(arena, sources, value_of("a = \"b.c\""), &traversal, diags));
    assert_non_null(strstr(messages(), "1:5 Quoted references are deprecated"));
}

static void expressions_in_json_strings(void **state) {
    (void)state;
    const struct expr *expr = value_of("{\"a\": \"list(string)\"}");
    assert_int_equal(expr->kind, EXPR_LITERAL);
    expr = body_static_expr(arena, sources, expr, diags);
    assert_int_equal(expr->kind, EXPR_CALL);
    assert_int_equal(value_of("{\"a\": \"${b}\"}")->kind, EXPR_WRAP);
    assert_int_equal(value_of("{\"a\": \"x${b}\"}")->kind, EXPR_TEMPLATE);
    assert_int_equal(value_of("{\"a\": {\"${k}\": 1}}")->items.at[0].key->kind, EXPR_WRAP);
    assert_string_equal(messages(), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(errors_in_their_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_content, set_up, tear_down),
        cmocka_unit_test_setup_teardown(static_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expressions_in_json_strings, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
