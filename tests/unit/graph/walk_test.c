/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/walk.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MAX = 400, ITEMS = 1000 };

struct run {
    const struct graph *g;
    uint32_t fail;      /* node that fails, or MAX */
    uint32_t fail_item; /* item of node 0 that fails, or ITEMS */
    uint32_t items;     /* of node 0 */
    atomic_int begun[MAX], ended[MAX];
    atomic_int done[ITEMS];
    atomic_int early; /* nodes begun before what they need was ended */
    atomic_uint highest_worker;
    _Atomic bool cancel;
    uint32_t cancel_at;
};

static void note_worker(struct run *run, unsigned worker) {
    unsigned high = atomic_load(&run->highest_worker);
    while (worker > high && !atomic_compare_exchange_weak(&run->highest_worker, &high, worker))
        ;
}

static bool begin(void *context, unsigned worker, uint32_t node, uint32_t *ret_items) {
    struct run *run = context;
    note_worker(run, worker);
    uint32_t n;
    const uint32_t *needs = graph_needs(run->g, node, &n);
    for (uint32_t i = 0; i < n; i++)
        if (atomic_load(&run->ended[needs[i]]) != 1)
            atomic_fetch_add(&run->early, 1);
    atomic_fetch_add(&run->begun[node], 1);
    *ret_items = node == 0 ? run->items : 0;
    if (node == run->cancel_at)
        run->cancel = true;
    return node != run->fail;
}

static bool item(void *context, unsigned worker, uint32_t node, uint32_t i) {
    struct run *run = context;
    note_worker(run, worker);
    assert_int_equal(node, 0);
    atomic_fetch_add(&run->done[i], 1);
    return i != run->fail_item;
}

static bool end(void *context, unsigned worker, uint32_t node) {
    struct run *run = context;
    note_worker(run, worker);
    atomic_fetch_add(&run->ended[node], 1);
    return true;
}

static const struct walk_ops ops = {begin, item, end};

/* A lattice: node i needs up to three smaller ones. */
static void lattice(struct graph *g, struct arena *arena, uint32_t n) {
    graph_init(g, arena);
    for (uint32_t i = 0; i < n; i++) {
        graph_node(g);
        if (i > 0)
            graph_edge(g, i, i / 2);
        if (i > 6)
            graph_edge(g, i, i - 5);
        if (i > 40)
            graph_edge(g, i, (i * 7) % (i - 1));
    }
    graph_freeze(g);
}

static struct run *new_run(struct arena *arena, const struct graph *g) {
    struct run *run = arena_alloc(arena, sizeof *run);
    run->g = g;
    run->fail = run->cancel_at = MAX;
    run->fail_item = ITEMS;
    return run;
}

static void every_node_runs_once_after_its_needs(void **state) {
    (void)state;
    for (unsigned workers = 1; workers <= 8; workers += 7) {
        struct arena *arena = arena_new();
        struct graph g;
        lattice(&g, arena, MAX);
        struct run *run = new_run(arena, &g);
        run->items = ITEMS;
        const struct walk_options options = {.workers = workers};
        uint8_t *status = walk_graph(arena, &g, &options, &ops, run);
        for (uint32_t i = 0; i < MAX; i++) {
            assert_int_equal(status[i], WALK_DONE);
            assert_int_equal(run->begun[i], 1);
            assert_int_equal(run->ended[i], 1);
        }
        for (uint32_t i = 0; i < ITEMS; i++)
            assert_int_equal(run->done[i], 1);
        assert_int_equal(run->early, 0);
        assert_true(run->highest_worker < workers);
        arena_free(arena);
    }
}

static void what_needs_a_failed_node_is_skipped(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    lattice(&g, arena, 100);
    struct run *run = new_run(arena, &g);
    run->fail = 3;
    bool behind[100] = {false};
    behind[3] = true;
    graph_close(&g, behind, true);
    const struct walk_options options = {.workers = 4};
    uint8_t *status = walk_graph(arena, &g, &options, &ops, run);
    for (uint32_t i = 0; i < 100; i++) {
        enum walk_status want = i == 3 ? WALK_FAILED : behind[i] ? WALK_SKIPPED : WALK_DONE;
        assert_int_equal(status[i], want);
        assert_int_equal(run->begun[i], want != WALK_SKIPPED);
    }
    arena_free(arena);
}

static void a_failed_item_fails_its_node_alone(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    graph_init(&g, arena);
    for (int i = 0; i < 3; i++)
        graph_node(&g);
    graph_edge(&g, 1, 0);
    graph_freeze(&g);
    struct run *run = new_run(arena, &g);
    run->items = 50;
    run->fail_item = 7;
    const struct walk_options options = {.workers = 3};
    uint8_t *status = walk_graph(arena, &g, &options, &ops, run);
    assert_int_equal(status[0], WALK_FAILED);
    assert_int_equal(status[1], WALK_SKIPPED);
    assert_int_equal(status[2], WALK_DONE);
    for (uint32_t i = 0; i < 50; i++)
        assert_int_equal(run->done[i], 1);
    assert_int_equal(run->ended[0], 1);
    arena_free(arena);
}

static void a_cancel_begins_nothing_new(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    graph_init(&g, arena);
    for (uint32_t i = 0; i < 10; i++) {
        graph_node(&g);
        if (i > 0)
            graph_edge(&g, i, i - 1);
    }
    graph_freeze(&g);
    struct run *run = new_run(arena, &g);
    run->cancel_at = 4;
    const struct walk_options options = {.workers = 2, .cancel = &run->cancel};
    uint8_t *status = walk_graph(arena, &g, &options, &ops, run);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(status[i], i <= 4 ? WALK_DONE : WALK_WAITING);
    arena_free(arena);
}

static void an_empty_graph_is_done(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct graph g;
    graph_init(&g, arena);
    graph_freeze(&g);
    const struct walk_options options = {.workers = 2};
    assert_non_null(walk_graph(arena, &g, &options, &ops, NULL));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_runs_once_after_its_needs),
        cmocka_unit_test(what_needs_a_failed_node_is_skipped),
        cmocka_unit_test(a_failed_item_fails_its_node_alone),
        cmocka_unit_test(a_cancel_begins_nothing_new),
        cmocka_unit_test(an_empty_graph_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
