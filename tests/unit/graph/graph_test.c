/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void build(struct graph *g, struct arena *arena, uint32_t n, const uint32_t (*edges)[2],
                  size_t n_edges) {
    graph_init(g, arena);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(graph_node(g), i);
    for (size_t i = 0; i < n_edges; i++)
        graph_edge(g, edges[i][0], edges[i][1]);
    graph_freeze(g);
}

static void rows_are_sorted_and_distinct(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    const uint32_t edges[][2] = {{3, 2}, {3, 0}, {3, 2}, {1, 0}, {3, 1}};
    build(&g, arena, 4, edges, 5);
    uint32_t n;
    const uint32_t *needs = graph_needs(&g, 3, &n);
    assert_int_equal(n, 3);
    assert_int_equal(needs[0], 0);
    assert_int_equal(needs[1], 1);
    assert_int_equal(needs[2], 2);
    const uint32_t *users = graph_users(&g, 0, &n);
    assert_int_equal(n, 2);
    assert_int_equal(users[0], 1);
    assert_int_equal(users[1], 3);
    graph_needs(&g, 2, &n);
    assert_int_equal(n, 0);
    arena_free(arena);
}

static void order_puts_needs_first(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    const uint32_t edges[][2] = {{0, 1}, {1, 2}, {0, 3}, {3, 2}, {4, 0}};
    build(&g, arena, 5, edges, 5);
    uint32_t *order = graph_order(arena, &g), place[5];
    for (uint32_t i = 0; i < 5; i++)
        place[order[i]] = i;
    for (size_t i = 0; i < 5; i++)
        assert_true(place[edges[i][0]] > place[edges[i][1]]);
    arena_free(arena);
}

static void cycles_name_their_members(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    /* Two cycles, a node that needs itself, and nodes that only lead there. */
    const uint32_t edges[][2] = {{5, 4}, {4, 5}, {0, 1}, {1, 2}, {2, 0}, {3, 0}, {6, 6}, {7, 6}};
    build(&g, arena, 8, edges, 8);
    size_t n;
    struct graph_cycle *cycles = graph_cycles(arena, &g, &n);
    assert_int_equal(n, 3);
    assert_int_equal(cycles[0].n, 3);
    assert_int_equal(cycles[0].members[0], 0);
    assert_int_equal(cycles[0].members[2], 2);
    assert_int_equal(cycles[1].n, 2);
    assert_int_equal(cycles[1].members[0], 4);
    assert_int_equal(cycles[2].n, 1);
    assert_int_equal(cycles[2].members[0], 6);
    arena_free(arena);
}

static void long_chains_need_no_stack(void **state) {
    (void)state;
    enum { N = 300000 };
    struct arena *arena = arena_new();
    struct graph g;
    graph_init(&g, arena);
    for (uint32_t i = 0; i < N; i++)
        graph_node(&g);
    for (uint32_t i = 1; i < N; i++)
        graph_edge(&g, i - 1, i);
    graph_freeze(&g);
    size_t n;
    graph_cycles(arena, &g, &n);
    assert_int_equal(n, 0);
    assert_int_equal(graph_order(arena, &g)[0], N - 1);
    arena_free(arena);
}

static void close_follows_either_way(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    const uint32_t edges[][2] = {{0, 1}, {1, 2}, {3, 1}};
    build(&g, arena, 4, edges, 3);
    bool needs[4] = {false, true}, users[4] = {false, true};
    graph_close(&g, needs, false);
    assert_false(needs[0]);
    assert_true(needs[2]);
    assert_false(needs[3]);
    graph_close(&g, users, true);
    assert_true(users[0]);
    assert_false(users[2]);
    assert_true(users[3]);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_distinct), cmocka_unit_test(order_puts_needs_first),
        cmocka_unit_test(cycles_name_their_members),    cmocka_unit_test(long_chains_need_no_stack),
        cmocka_unit_test(close_follows_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
