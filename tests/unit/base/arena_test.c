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
#include "base/intern.h"
#include "base/map.h"

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

static void hands_out_zeroed_aligned_memory(void **state) {
    (void)state;
    for (size_t n = 0; n < 3000; n += 7) {
        unsigned char *p = arena_alloc(arena, n);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
    }
    char *large = arena_alloc(arena, 5 << 20);
    large[0] = large[(5 << 20) - 1] = 1;
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    assert_int_equal(*(char *)arena_alloc(arena, 1), 0);
}

static char order[8];
static size_t n_dropped;

static void drop(void *object) {
    order[n_dropped++] = *(char *)object;
}

static void drops_held_objects_last_first(void **state) {
    (void)state;
    struct arena *other = arena_new();
    n_dropped = 0;
    arena_hold(other, drop, "a");
    arena_hold(other, drop, "b");
    arena_free(other);
    assert_memory_equal(order, "ba", 2);
}

static void merged_memory_outlives_its_arena(void **state) {
    (void)state;
    struct arena *other = arena_new();
    struct str s = str_dup(other, S("kept"));
    n_dropped = 0;
    arena_hold(other, drop, "x");
    arena_merge(arena, other);
    arena_free(other);
    assert_string_equal(s.at, "kept");
    assert_int_equal(n_dropped, 0);
    arena_reset(arena);
    assert_int_equal(n_dropped, 1);
}

static void arrays_grow(void **state) {
    (void)state;
    size_t *at = NULL, n = 0, cap = 0;
    for (size_t i = 0; i < 10000; i++) {
        at = arena_grow(arena, at, n, &cap, sizeof *at);
        at[n++] = i;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(at[i], i);
}

static void buffers_stop_at_their_maximum(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_add(&b, S("12345"));
    buf_addf(&b, "%d", 67890);
    assert_false(b.overflow);
    buf_byte(&b, 'x');
    assert_true(b.overflow);
    assert_true(str_eq(buf_str(&b), S("1234567890")));
    buf_reset(&b);
    buf_add(&b, S("12345678901"));
    assert_true(b.overflow);
    assert_int_equal(b.len, 0);
    buf_clear(&b);
}

static void maps_keep_insertion_order(void **state) {
    (void)state;
    struct map map = {0};
    int values[2000];
    for (int i = 0; i < 2000; i++)
        map_put(arena, &map, str_format(arena, "k%d", (i * 7919) % 2000), &values[i]);
    assert_int_equal(map.n, 2000);
    for (int i = 0; i < 2000; i++) {
        struct str key = str_format(arena, "k%d", (i * 7919) % 2000);
        assert_ptr_equal(map_get(&map, key), &values[i]);
        assert_int_equal(map_find(&map, key), i);
    }
    assert_null(map_get(&map, S("none")));
    map_put(arena, &map, S("k0"), &values[5]);
    assert_int_equal(map.n, 2000);
    assert_true(map_remove(&map, S("k0")));
    assert_false(map_remove(&map, S("k0")));
    assert_null(map_get(&map, S("k0")));
    assert_ptr_equal(map_get(&map, S("k1999")), map.entries[map_find(&map, S("k1999"))].value);
    struct map_entry *sorted = map_sorted(arena, &map);
    for (size_t i = 1; i < map.n; i++)
        assert_true(str_cmp(sorted[i - 1].key, sorted[i].key) < 0);
}

static void names_are_equal_by_pointer(void **state) {
    (void)state;
    const struct name *name = intern_name(S("alpha"));
    for (int i = 0; i < 5000; i++)
        intern_name(str_format(arena, "n%d", i));
    assert_ptr_equal(intern_name(str_dup(arena, S("alpha"))), name);
    assert_ptr_not_equal(intern_name(S("alph")), name);
    assert_true(str_eq(intern_str(name), S("alpha")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_zeroed_aligned_memory),
        cmocka_unit_test(drops_held_objects_last_first),
        cmocka_unit_test(merged_memory_outlives_its_arena),
        cmocka_unit_test(arrays_grow),
        cmocka_unit_test(buffers_stop_at_their_maximum),
        cmocka_unit_test(maps_keep_insertion_order),
        cmocka_unit_test(names_are_equal_by_pointer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
