/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/as_json.h"
#include "value/as_msgpack.h"
#include "value/convert.h"
#include "value/ops.h"

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static struct json *json(const char *text) {
    struct json_error error;
    struct json *parsed = json_parse(arena, str_from(text), &error);
    assert_non_null(parsed);
    return parsed;
}

static const struct type *type(const char *text) {
    const struct type *found = type_from_json(arena, json(text));
    assert_non_null(found);
    return found;
}

static const char *written(struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    as_json_write(&out, v, type_dynamic, false);
    return buf_take(&out, arena).at;
}

/* Values as jsondecode() makes them: objects and tuples. */
static void converts(void **state) {
    (void)state;
    static const struct {
        const char *value, *type, *result;
    } rows[] = {
        {"\"5\"", "\"number\"", "{\"value\":5,\"type\":\"number\"}"},
        {"5", "\"string\"", "{\"value\":\"5\",\"type\":\"string\"}"},
        {"true", "\"string\"", "{\"value\":\"true\",\"type\":\"string\"}"},
        {"\"1\"", "\"bool\"", "{\"value\":true,\"type\":\"bool\"}"},
        {"null", "\"string\"", "{\"value\":null,\"type\":\"string\"}"},
        {"[1,\"a\",true]", "[\"list\",\"dynamic\"]",
         "{\"value\":[\"1\",\"a\",\"true\"],\"type\":[\"list\",\"string\"]}"},
        {"[]", "[\"list\",\"string\"]", "{\"value\":[],\"type\":[\"list\",\"string\"]}"},
        {"[\"b\",\"a\",\"b\"]", "[\"set\",\"string\"]",
         "{\"value\":[\"a\",\"b\"],\"type\":[\"set\",\"string\"]}"},
        {"{\"a\":1,\"b\":\"x\"}", "[\"map\",\"dynamic\"]",
         "{\"value\":{\"a\":\"1\",\"b\":\"x\"},\"type\":[\"map\",\"string\"]}"},
        {"{\"a\":1,\"c\":2}", "[\"object\",{\"a\":\"string\",\"b\":\"bool\"},[\"b\"]]",
         "{\"value\":{\"a\":\"1\",\"b\":null},"
         "\"type\":[\"object\",{\"a\":\"string\",\"b\":\"bool\"}]}"},
        {"[{\"a\":1},{\"a\":\"x\"}]", "[\"list\",\"dynamic\"]",
         "{\"value\":[{\"a\":\"1\"},{\"a\":\"x\"}],\"type\":[\"list\",[\"object\",{\"a\":"
         "\"string\"}]]}"},
        {"[{\"a\":1},{\"b\":2}]", "[\"list\",\"dynamic\"]",
         "{\"value\":[{\"a\":1},{\"b\":2}],\"type\":[\"list\",[\"map\",\"number\"]]}"},
        {"[[1],[\"a\",true]]", "[\"list\",\"dynamic\"]",
         "{\"value\":[[\"1\"],[\"a\",\"true\"]],\"type\":[\"list\",[\"list\",\"string\"]]}"},
        {"[{\"a\":1},{\"a\":[]}]", "[\"tuple\",[\"dynamic\",\"dynamic\"]]",
         "{\"value\":[{\"a\":1},{\"a\":[]}],\"type\":[\"tuple\",[[\"object\",{\"a\":\"number\"}],"
         "[\"object\",{\"a\":[\"tuple\",[]]}]]]}"},
        {"[null,\"a\"]", "[\"list\",\"dynamic\"]",
         "{\"value\":[null,\"a\"],\"type\":[\"list\",\"string\"]}"},
        {"[{\"a\":null},{\"a\":5}]", "[\"list\",[\"object\",{\"a\":\"dynamic\"}]]",
         "{\"value\":[{\"a\":null},{\"a\":5}],\"type\":[\"list\",[\"object\",{\"a\":\"number\"}]]}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct value v;
        struct convert_error error;
        struct value from = as_json_implied(arena, json(rows[i].value));
        assert_true(convert_possible(value_type(from), type(rows[i].type)));
        if (!convert_value(arena, from, type(rows[i].type), &v, &error))
            fail_msg("%s: %s", rows[i].value, convert_error_text(arena, &error).at);
        assert_string_equal(written(v), rows[i].result);
        /* What has the type already stays as it is. */
        struct value again;
        assert_true(convert_value(arena, v, value_type(v), &again, &error));
        assert_true(value_same(v, again));
    }
}

static void says_why_not(void **state) {
    (void)state;
    static const struct {
        const char *value, *type, *text;
    } rows[] = {
        {"\"x\"", "\"number\"", "a number is required"},
        {"\"TRUE\"", "\"bool\"",
         "a bool is required; to convert from string, use lowercase \"true\""},
        {"\"x\"", "\"bool\"", "a bool is required"},
        {"true", "\"number\"", "number required"},
        {"[]", "\"string\"", "string required"},
        {"{}", "[\"object\",{\"a\":\"string\"}]", "attribute \"a\" is required"},
        {"{}", "[\"object\",{\"a\":\"string\",\"b\":\"string\"}]",
         "attributes \"a\" and \"b\" are required"},
        {"{}", "[\"object\",{\"a\":\"string\",\"b\":\"string\",\"c\":\"string\"}]",
         "attributes \"a\", \"b\", and \"c\" are required"},
        {"{\"a\":[]}", "[\"object\",{\"a\":\"string\"}]", "attribute \"a\": string required"},
        {"{\"k\":{}}", "[\"map\",[\"object\",{\"x\":\"string\"}]]",
         "element \"k\": attribute \"x\" is required"},
        {"[\"a\",[]]", "[\"list\",\"string\"]", "element 1: string required"},
        {"[1,[]]", "[\"list\",\"dynamic\"]", "all list elements must have the same type"},
        {"[1,[]]", "[\"set\",\"dynamic\"]", "all set elements must have the same type"},
        {"{\"a\":1,\"b\":[]}", "[\"map\",\"dynamic\"]", "all map elements must have the same type"},
        {"{}", "[\"list\",\"string\"]", "list of string required"},
        {"5", "[\"list\",\"dynamic\"]", "list of any single type required"},
        {"{\"a\":{\"b\":\"x\"}}", "[\"map\",[\"map\",\"number\"]]",
         "[\"a\"][\"b\"]: a number is required"},
        {"[[1],[\"a\"]]", "[\"set\",[\"set\",\"dynamic\"]]",
         "element types must all match for conversion to set"},
        {"[{\"a\":1},{\"a\":[]}]", "[\"list\",[\"object\",{\"a\":\"dynamic\"}]]",
         "[1]: cannot find a common base type for all elements"},
        {"[{\"a\":\"x\"}]", "[\"list\",[\"object\",{\"a\":\"number\"}]]",
         "[0].a: a number is required"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct value v;
        struct convert_error error;
        struct value from = as_json_implied(arena, json(rows[i].value));
        assert_false(convert_value(arena, from, type(rows[i].type), &v, &error));
        assert_string_equal(str_c(arena, convert_error_text(arena, &error)), rows[i].text);
    }
}

static void unifies(void **state) {
    (void)state;
    static const struct {
        const char *types, *result;
    } rows[] = {
        {"[\"string\",\"number\"]", "\"string\""},
        {"[\"bool\",\"number\"]", NULL},
        {"[\"bool\",\"number\",\"string\"]", "\"string\""},
        {"[\"string\",\"dynamic\"]", "\"string\""},
        {"[[\"list\",\"string\"],[\"tuple\",[\"number\"]]]", "[\"list\",\"string\"]"},
        {"[[\"map\",\"number\"],[\"object\",{\"a\":\"string\"}]]", "[\"map\",\"string\"]"},
        {"[[\"set\",\"string\"],[\"list\",\"string\"]]", "[\"list\",\"string\"]"},
        {"[[\"object\",{}],[\"tuple\",[]]]", NULL},
        {"[[\"object\",{\"a\":\"string\"}],[\"object\",{\"a\":\"bool\"}]]",
         "[\"object\",{\"a\":\"string\"}]"},
        {"[[\"tuple\",[\"string\"]],[\"tuple\",[\"bool\",\"bool\"]]]", "[\"list\",\"string\"]"},
        {"[[\"list\",\"string\"],\"dynamic\"]", "\"dynamic\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json *list = json(rows[i].types);
        const struct type *types[8];
        for (size_t k = 0; k < list->n; k++)
            types[k] = type_from_json(arena, &list->items[k]);
        const struct type *found = convert_unify(arena, types, list->n);
        if (rows[i].result)
            assert_ptr_equal(found, type(rows[i].result));
        else
            assert_null(found);
    }
}

static void keeps_marks_and_refinements(void **state) {
    (void)state;
    struct convert_error error;
    struct value v;
    assert_true(
        convert_value(arena, value_mark(value_int(5), VALUE_SENSITIVE), type_string, &v, &error));
    assert_int_equal(value_marks(v), VALUE_SENSITIVE);
    struct value_unknown what = {
        .type = type_list(type_number), .not_null = true, .min_length = 2, .max_length = 5};
    assert_true(convert_value(arena, value_unknown_refined(arena, &what), type_set(type_string), &v,
                              &error));
    struct value_unknown got = value_refinement(v);
    assert_ptr_equal(got.type, type_set(type_string));
    assert_true(got.not_null);
    assert_int_equal(got.min_length, 1);
    assert_int_equal(got.max_length, 5);
}

static struct value unknown_number(int64_t min, int64_t max) {
    struct value_unknown what = {.type = type_number,
                                 .not_null = true,
                                 .has_min = true,
                                 .has_max = true,
                                 .min = value_int(min),
                                 .max = value_int(max),
                                 .min_inclusive = true,
                                 .max_inclusive = true};
    return value_unknown_refined(arena, &what);
}

static void decides_from_refinements(void **state) {
    (void)state;
    struct value small = unknown_number(1, 3), large = unknown_number(10, 20);
    assert_true(value_same(ops_less(arena, small, large), value_bool(true)));
    assert_true(value_same(ops_less(arena, large, small), value_bool(false)));
    assert_false(value_is_known(ops_less(arena, small, small)));
    assert_true(value_same(ops_equal(arena, small, value_int(4)), value_bool(false)));
    assert_true(value_refinement(ops_equal(arena, small, value_int(2))).not_null);
    struct value sum = ops_add(arena, small, large);
    assert_true(value_refinement(sum).not_null && !value_refinement(sum).has_min);
    assert_true(value_same(ops_equal(arena, small, value_null(type_number)), value_bool(false)));
    assert_true(
        value_same(ops_and(arena, value_unknown(type_bool), value_bool(false)), value_bool(false)));
}

static void equality_needs_only_what_differs(void **state) {
    (void)state;
    struct value a[] = {value_int(1), value_unknown(type_number)};
    struct value b[] = {value_int(2), value_unknown(type_number)};
    struct value c[] = {value_int(1), value_int(5)};
    struct value x = value_tuple(arena, a, 2), y = value_tuple(arena, b, 2);
    assert_true(value_same(ops_equal(arena, x, y), value_bool(false)));
    assert_false(value_is_known(ops_equal(arena, x, value_tuple(arena, c, 2))));
    struct value secret = value_mark(value_int(1), VALUE_SENSITIVE);
    assert_int_equal(value_marks(ops_equal(arena, secret, value_int(1))), VALUE_SENSITIVE);
}

static struct value random_value(const struct type *of, int depth) {
    int dice = rand() % 12;
    if (dice == 0)
        return value_null(of);
    if (dice == 1)
        return value_unknown(of);
    struct value at[4];
    size_t n = of->kind == TYPE_TUPLE || of->kind == TYPE_OBJECT ? of->n : (size_t)rand() % 4;
    for (size_t i = 0; i < n && of->kind > TYPE_STRING; i++)
        at[i] = random_value(of->element ? of->element : of->items[i], depth + 1);
    struct str keys[] = {S("k\xc3\xa9"), S("<a>"), S("\""), S("")};
    switch (of->kind) {
    case TYPE_BOOL:
        return value_bool(dice & 1);
    case TYPE_NUMBER:
        return dice < 6 ? value_int(((int64_t)rand() << 31) - ((int64_t)rand() << dice))
                        : value_double(arena, (double)rand() / 1024.0);
    case TYPE_STRING:
        return value_string(arena, str_format(arena, "s%d<&>\n\xc3\xa9", rand() % 5));
    case TYPE_LIST:
        return value_list(arena, of->element, at, n);
    case TYPE_SET:
        return value_set(arena, of->element, at, n);
    case TYPE_MAP:
        return value_map(arena, of->element, keys, at, n);
    case TYPE_TUPLE:
        return value_tuple(arena, at, n);
    default:
        return value_object_of(arena, of, at);
    }
}

static void msgpack_and_json_round_trips(void **state) {
    (void)state;
    static const char *const types[] = {
        "\"string\"",
        "\"number\"",
        "\"bool\"",
        "[\"list\",\"number\"]",
        "[\"set\",[\"object\",{\"a\":\"string\",\"b\":\"number\"}]]",
        "[\"map\",[\"set\",\"string\"]]",
        "[\"tuple\",[\"bool\",[\"list\",[\"map\",\"string\"]]]]"};
    srand(11);
    for (int round = 0; round < 500; round++) {
        const struct type *of = type(types[(size_t)round % COUNT(types)]);
        struct value v = random_value(of, 0), back;
        struct buf out;
        struct convert_error error;
        buf_init(&out, BUF_MAX_TEXT);
        as_msgpack_write(&out, v, of);
        assert_true(as_msgpack_read(arena, buf_str(&out), of, &back, &error));
        assert_true(value_same(v, back));
        /* Every strict prefix is refused, not read past its end. */
        for (size_t n = 0; n < out.len; n += 1 + out.len / 8)
            assert_false(as_msgpack_read(arena, str_slice(buf_str(&out), 0, n), of, &back, &error));
        buf_reset(&out);
        as_msgpack_write(&out, v, type_dynamic);
        assert_true(as_msgpack_read(arena, buf_str(&out), type_dynamic, &back, &error));
        assert_true(value_same(v, back));
        buf_reset(&out);
        if (value_is_wholly_known(v)) {
            as_json_write(&out, v, of, round & 1);
            struct json *text = json(buf_take(&out, arena).at);
            assert_true(as_json_read(arena, text, of, &back, &error));
            assert_true(value_same(v, back));
        }
        buf_clear(&out);
    }
}

static void msgpack_is_ctys(void **state) {
    (void)state;
    struct value_unknown prefix = {.type = type_string, .not_null = true, .prefix = S("ab")};
    const struct {
        struct value v;
        const char *hex;
    } rows[] = {
        {value_unknown(type_string), "d40000"},
        {value_unknown_refined(arena, &prefix), "c7070c8201c202a26162"},
        {value_int(-33), "d0df"},
        {value_int(300), "cd012c"},
        {value_double(arena, 1.5), "cb3ff8000000000000"},
        {value_null(type_string), "c0"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out, hex;
        buf_init(&out, BUF_MAX_TEXT);
        buf_init(&hex, BUF_MAX_TEXT);
        as_msgpack_write(&out, rows[i].v, value_type(rows[i].v));
        for (size_t k = 0; k < out.len; k++)
            buf_addf(&hex, "%02x", (unsigned char)out.at[k]);
        assert_string_equal(buf_take(&hex, arena).at, rows[i].hex);
        buf_clear(&out);
    }
}

static void msgpack_bounds_what_it_allocates(void **state) {
    (void)state;
    struct value v;
    struct convert_error error;
    assert_false(
        as_msgpack_read(arena, S("\xdd\xff\xff\xff\xff"), type_list(type_string), &v, &error));
    assert_string_equal(error.text.at, "a list is required");
    assert_false(as_msgpack_read(arena, S("\xdb\xff\xff\xff\xff"), type_string, &v, &error));
}

static void paths_mark_and_find(void **state) {
    (void)state;
    struct value whole =
        as_json_implied(arena, json("{\"a\":[{\"b\":\"x\"},{\"b\":\"y\"}],\"c\":1}"));
    struct path b =
        path_attr(arena, path_index(arena, path_attr(arena, (struct path){0}, S("a")), 1), S("b"));
    struct paths paths = {0};
    paths_add(arena, &paths, b);
    paths_add(arena, &paths, path_attr(arena, (struct path){0}, S("c")));
    paths_add(arena, &paths, path_attr(arena, (struct path){0}, S("none")));
    struct value marked = path_mark(arena, whole, &paths, VALUE_SENSITIVE), part;
    assert_true(path_get(marked, b, &part));
    assert_int_equal(value_marks(part), VALUE_SENSITIVE);
    struct paths found = {0};
    path_marked(arena, marked, VALUE_SENSITIVE, &found);
    assert_int_equal(found.n, 2);
    assert_true(path_eq(found.at[0], b));
    assert_string_equal(path_text(arena, b).at, ".a[1].b");
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    path_write_json(&out, b);
    struct path back;
    assert_true(path_from_json(arena, json(buf_take(&out, arena).at), &back));
    assert_true(path_eq(back, b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts),
        cmocka_unit_test(says_why_not),
        cmocka_unit_test(unifies),
        cmocka_unit_test(keeps_marks_and_refinements),
        cmocka_unit_test(decides_from_refinements),
        cmocka_unit_test(equality_needs_only_what_differs),
        cmocka_unit_test(msgpack_and_json_round_trips),
        cmocka_unit_test(msgpack_is_ctys),
        cmocka_unit_test(msgpack_bounds_what_it_allocates),
        cmocka_unit_test(paths_mark_and_find),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
