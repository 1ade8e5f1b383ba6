/* SPDX-License-Identifier: Apache-2.0 */
/* Laws that hold for every value, over random ones: writing and reading, and conversion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/as_json.h"
#include "value/as_msgpack.h"
#include "value/convert.h"

enum { VALUES = 20000, DEPTH = 3, WIDTH_MAX = 4 };

static struct arena *arena;
static uint64_t seed;

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    seed = 88172645463325252;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* The same values on every machine; rand() does not promise that. */
static size_t draw(size_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % below);
}

static const struct type *draw_primitive(void) {
    const struct type *const primitives[] = {type_bool, type_number, type_string};
    return primitives[draw(COUNT(primitives))];
}

/* A type without holes, or with some where `holes` says so. */
static const struct type *draw_type(int depth, bool holes) {
    static const char *const names[WIDTH_MAX] = {"a", "b c", "\xc3\xa9", ""};
    const struct type *items[WIDTH_MAX];
    const struct name *keys[WIDTH_MAX];
    if (depth == 0)
        return holes && draw(3) == 0 ? type_dynamic : draw_primitive();
    size_t kind = draw(6), n = draw(WIDTH_MAX + 1);
    /* What is in a collection has one type, so there is no hole in it here. */
    bool inner = holes && kind > 3;
    for (size_t i = 0; i < n || i == 0; i++) {
        items[i] = draw_type((int)draw((size_t)depth), inner);
        keys[i] = intern_name(str_from(names[i]));
    }
    switch (kind) {
    case 0:
        return draw_primitive();
    case 1:
        return type_list(items[0]);
    case 2:
        return type_set(items[0]);
    case 3:
        return type_map(items[0]);
    case 4:
        return type_tuple(items, n);
    default:
        return type_object(keys, items, NULL, n);
    }
}

static struct value draw_number(void) {
    char text[64];
    struct value v;
    if (draw(2))
        return value_int((int64_t)draw(2000) - 1000);
    snprintf(text, sizeof text, "%s%zu.%zue%d", draw(2) ? "-" : "", draw(1000000), draw(100000),
             (int)draw(60) - 30);
    assert_true(value_number_parse(arena, str_from(text), &v));
    return v;
}

static struct str draw_text(void) {
    static const char *const parts[] = {
        "a",  "\"", "\\",           "\n",   "<&>", "\xc3\xa9", "\xf0\x9f\x98\x80",
        "${", "1",  "\xe2\x80\xa8", "\x01",
    };
    char text[64] = "";
    for (size_t n = draw(6); n; n--)
        strcat(text, parts[draw(COUNT(parts))]);
    return str_dup(arena, str_from(text));
}

/* Unknown, and for half of them something is known of it. */
static struct value draw_unknown(const struct type *type) {
    struct value_unknown what = {.type = type, .not_null = true};
    if (draw(2) || type == type_dynamic)
        return value_unknown(type);
    if (type == type_string) {
        what.prefix = draw(2) ? S("arn:aws:") : S("");
    } else if (type == type_number) {
        what.has_min = what.min_inclusive = true;
        what.min = draw_number();
    } else if (type_is_collection(type)) {
        what.min_length = 1;
        what.max_length = 2 + (int64_t)draw(9);
    }
    return value_unknown_refined(arena, &what);
}

static struct value draw_value(const struct type *type, bool unknowns);

static struct value draw_parts(const struct type *type, bool unknowns) {
    struct value parts[WIDTH_MAX];
    struct str keys[WIDTH_MAX];
    size_t n = type_is_collection(type) ? draw(WIDTH_MAX + 1) : type->n;
    for (size_t i = 0; i < n; i++) {
        parts[i] = draw_value(type_is_collection(type) ? type->element : type->items[i], unknowns);
        keys[i] = draw_text();
    }
    switch (type->kind) {
    case TYPE_LIST:
        return value_list(arena, type->element, parts, n);
    case TYPE_SET:
        return value_set(arena, type->element, parts, n);
    case TYPE_MAP:
        return value_map(arena, type->element, keys, parts, n);
    case TYPE_TUPLE:
        return value_tuple(arena, parts, n);
    default:
        return value_object(arena, type->names, parts, n);
    }
}

static struct value draw_value(const struct type *type, bool unknowns) {
    if (type == type_dynamic)
        type = draw_type(1, false);
    if (draw(8) == 0)
        return value_null(type);
    if (unknowns && draw(6) == 0)
        return draw_unknown(type);
    switch (type->kind) {
    case TYPE_BOOL:
        return value_bool(draw(2));
    case TYPE_NUMBER:
        return draw_number();
    case TYPE_STRING:
        return value_string(arena, draw_text());
    default:
        return draw_parts(type, unknowns);
    }
}

static struct str as_text(struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    as_msgpack_write(&out, v, type_dynamic);
    return buf_take(&out, arena);
}

static void comes_back_from_json(void **state) {
    (void)state;
    for (int i = 0; i < VALUES; i++) {
        arena_reset(arena);
        const struct type *type = draw_type(DEPTH, true);
        struct value v = draw_value(type, false), back;
        struct buf out;
        struct json_error error;
        struct convert_error why;
        buf_init(&out, BUF_MAX_DOCUMENT);
        as_json_write(&out, v, type, draw(2));
        struct json *json = json_parse(arena, buf_take(&out, arena), &error);
        assert_non_null(json);
        assert_true(as_json_read(arena, json, type, &back, &why));
        assert_true(value_same(v, back));
    }
}

static void comes_back_from_msgpack(void **state) {
    (void)state;
    for (int i = 0; i < VALUES; i++) {
        arena_reset(arena);
        const struct type *type = draw_type(DEPTH, true);
        struct value v = draw_value(type, true), back;
        struct buf out;
        struct convert_error why;
        buf_init(&out, BUF_MAX_DOCUMENT);
        as_msgpack_write(&out, v, type);
        assert_true(as_msgpack_read(arena, buf_take(&out, arena), type, &back, &why));
        assert_true(value_same(v, back));
    }
}

static void stays_itself_in_its_own_type(void **state) {
    (void)state;
    for (int i = 0; i < VALUES; i++) {
        arena_reset(arena);
        struct value v = draw_value(draw_type(DEPTH, false), true), same;
        struct convert_error why;
        assert_true(convert_value(arena, v, value_type(v), &same, &why));
        assert_true(value_same(v, same));
    }
}

static void converts_no_further_the_second_time(void **state) {
    (void)state;
    int converted = 0;
    for (int i = 0; i < 10 * VALUES; i++) {
        arena_reset(arena);
        const struct type *from = draw_type(DEPTH, false), *to = draw_type(DEPTH, true);
        /* A set with unknowns inside becomes a list of its own elements' type, as with cty. */
        struct value v = draw(8) ? draw_value(from, false) : draw_unknown(from), once, twice;
        struct convert_error why;
        if (from == to || !convert_value(arena, v, to, &once, &why))
            continue;
        converted++;
        assert_true(convert_possible(from, to));
        assert_true(type_conforms(value_type(once), to));
        assert_true(convert_value(arena, once, to, &twice, &why));
        assert_memory_equal(as_text(once).at, as_text(twice).at, as_text(once).len);
        assert_true(value_same(once, twice));
    }
    assert_true(converted > VALUES / 10);
}

static void numbers_survive_as_strings(void **state) {
    (void)state;
    for (int i = 0; i < VALUES; i++) {
        arena_reset(arena);
        struct value number = draw_number(), text, back, again;
        struct convert_error why;
        assert_true(convert_value(arena, number, type_string, &text, &why));
        assert_true(convert_value(arena, text, type_number, &back, &why));
        assert_true(convert_value(arena, back, type_string, &again, &why));
        assert_true(value_same(number, back));
        assert_true(value_same(text, again));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_from_json),
        cmocka_unit_test(comes_back_from_msgpack),
        cmocka_unit_test(stays_itself_in_its_own_type),
        cmocka_unit_test(converts_no_further_the_second_time),
        cmocka_unit_test(numbers_survive_as_strings),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
