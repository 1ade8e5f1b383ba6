/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "addr/addr.h"
#include "base/arena.h"

static void addresses_print_as_they_parse(void **unused) {
    (void)unused;
    static const char *const texts[] = {
        "a.b",
        "a.b[0]",
        "a.b[\"x\"]",
        "a.b[\"x y/\\\"z\\\"\"]",
        "a.b[\"$${x}\"]",
        "data.a.b",
        "ephemeral.a.b[1]",
        "module.m",
        "module.m[0].module.n[\"k\"]",
        "module.m.data.a.b[\"k\"]",
        "module.m[\"a.b\"].aws_iam_user.users[\"alice@example.com\"]",
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct target target;
        struct diags diags = {.arena = arena};
        assert_true(addr_parse_target(arena, str_from(texts[i]), &target, &diags));
        assert_string_equal(str_c(arena, addr_target_text(arena, &target)), texts[i]);
    }
    struct target target;
    struct diags diags = {.arena = arena};
    assert_true(addr_parse_target(arena, S("resource.a.b"), &target, &diags));
    assert_string_equal(str_c(arena, addr_target_text(arena, &target)), "a.b");
    arena_free(arena);
}

static void bad_addresses_say_why(void **unused) {
    (void)unused;
    static const struct {
        const char *text, *detail;
    } cases[] = {
        {"", "Must begin with a variable name."},
        {"5", "Must begin with a variable name."},
        {"a", "Resource specification must include a resource type and name."},
        {"data.x", "Resource specification must include a resource type and name."},
        {"module.m.x", "Resource specification must include a resource type and name."},
        {"module", "Prefix \"module.\" must be followed by a module name."},
        {"module.x[", "Index brackets must contain either a literal number or a literal string."},
        {"x.y.z", "Resource instance key must be given in square brackets."},
        {"x.y[*]", "Splat expressions ([*]) may not be used here."},
        {"each.key", "The keyword \"each\" is reserved and cannot be used to target a resource "
                     "address. If you are targeting a resource type that uses a reserved keyword, "
                     "please prefix your address with \"resource.\"."},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target target;
        struct diags diags = {.arena = arena};
        assert_false(addr_parse_target(arena, str_from(cases[i].text), &target, &diags));
        assert_int_equal(diags.n_errors, 1);
        assert_string_equal(str_c(arena, diags.at[0].detail), cases[i].detail);
        assert_int_equal(diags.at[0].subject.file, 0);
    }
    arena_free(arena);
}

static struct instance_addr parse(struct arena *arena, const char *text) {
    struct instance_addr addr;
    struct diags diags = {.arena = arena};
    assert_true(addr_parse_instance(arena, str_from(text), &addr, &diags));
    return addr;
}

static void order(void **unused) {
    (void)unused;
    static const char *const sorted[] = {
        "data.z.z",   "a.a",        "a.b",          "a.b[2]",          "a.b[10]",
        "a.b[\"a\"]", "a.b[\"b\"]", "module.m.a.a", "module.m[0].a.a", "module.a.module.b.a.a",
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(sorted); i++) {
        for (size_t j = 0; j < COUNT(sorted); j++) {
            struct instance_addr a = parse(arena, sorted[i]);
            struct instance_addr b = parse(arena, sorted[j]);
            int got = addr_instance_order(&a, &b);
            assert_int_equal(got < 0 ? -1 : got > 0, i < j ? -1 : i > j);
            assert_int_equal(addr_instance_eq(&a, &b), i == j);
        }
    }
    arena_free(arena);
}

static void containment(void **unused) {
    (void)unused;
    static const struct {
        const char *target, *inside, *outside;
    } cases[] = {
        {"a.b", "a.b[0]", "a.c"},
        {"a.b[0]", "a.b[0]", "a.b[1]"},
        {"module.m", "module.m[3].a.b", "module.n.a.b"},
        {"module.m", "module.m.module.n.a.b", "a.b"},
        {"module.m[0]", "module.m[0].a.b", "module.m[1].a.b"},
        {"module.m.a.b", "module.m.a.b[\"x\"]", "module.m[0].a.b"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target target;
        struct diags diags = {.arena = arena};
        struct instance_addr in = parse(arena, cases[i].inside);
        struct instance_addr out = parse(arena, cases[i].outside);
        assert_true(addr_parse_target(arena, str_from(cases[i].target), &target, &diags));
        assert_true(addr_target_contains(&target, &in));
        assert_false(addr_target_contains(&target, &out));
    }
    arena_free(arena);
}

static void modules_of_state_files(void **unused) {
    (void)unused;
    static const char *const good[] = {"", "module.a", "module.a[0].module.b[\"x.y\\n\"]"};
    static const char *const bad[] = {
        "a",           "module",        "module.",    "module.a.",        "module.a[",
        "module.a[x]", "module.a[\"x]", "module.a.b", "module.a[\"\\q\"]"};
    struct arena *arena = arena_new();
    struct module_path path;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(addr_parse_module(arena, str_from(good[i]), &path));
        assert_string_equal(str_c(arena, addr_module_text(arena, path)), good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(addr_parse_module(arena, str_from(bad[i]), &path));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_print_as_they_parse),
        cmocka_unit_test(bad_addresses_say_why),
        cmocka_unit_test(order),
        cmocka_unit_test(containment),
        cmocka_unit_test(modules_of_state_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
