/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/lease.h"

#include "base/arena.h"
#include "base/clock.h"
#include "toy_provider.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int n_open, n_renew;
static char closed[64];

static bool open_soon(struct provider *p, struct arena *arena, struct str type, struct value config,
                      struct value *ret_result, struct str *ret_private, int64_t *ret_renew_at_ms,
                      struct diags *diags) {
    (void)p, (void)arena, (void)type, (void)diags;
    pthread_mutex_lock(&lock);
    n_open++;
    pthread_mutex_unlock(&lock);
    *ret_result = config;
    *ret_private = S("0");
    *ret_renew_at_ms = clock_now_ms() + 5;
    return true;
}

static bool renew(struct provider *p, struct arena *arena, struct str type, struct str private_,
                  struct str *ret_private, int64_t *ret_renew_at_ms, struct diags *diags) {
    (void)p, (void)type, (void)diags;
    pthread_mutex_lock(&lock);
    n_renew++;
    *ret_private = str_cat(arena, private_, S("+"));
    *ret_renew_at_ms = n_renew < 3 ? clock_now_ms() + 5 : 0;
    pthread_mutex_unlock(&lock);
    return true;
}

static bool close_it(struct provider *p, struct arena *arena, struct str type, struct str private_,
                     struct diags *diags) {
    (void)p, (void)arena, (void)type, (void)diags;
    snprintf(closed + strlen(closed), sizeof closed - strlen(closed), "%.*s;", STR_ARG(private_));
    return true;
}

static int renewals(void) {
    pthread_mutex_lock(&lock);
    int n = n_renew;
    pthread_mutex_unlock(&lock);
    return n;
}

/* The unit of ephemeral.toy_secret.s. */
static const struct unit *make_unit(struct arena *arena) {
    const char *const files[] = {"main.tf", "ephemeral \"toy_secret\" \"s\" { in = \"x\" }\n",
                                 NULL};
    struct diags diags = {.arena = arena};
    struct config *config = toy_config(arena, files, &diags);
    struct pool *pool = pool_new(arena, &toy_factories);
    struct units *units = units_new(arena, config, pool, &diags);
    assert_non_null(units);
    for (size_t i = 0; i < units->n; i++)
        if (units->at[i]->kind == UNIT_RESOURCE)
            return units->at[i];
    return NULL;
}

static void leases_are_renewed_until_closed(void **state) {
    (void)state;
    static const struct provider_ops ops = {
        .open_ephemeral = open_soon, .renew_ephemeral = renew, .close_ephemeral = close_it};
    struct provider provider = {.ops = &ops};
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const struct unit *unit = make_unit(arena);
    const struct instance_addr addr = {.resource = unit->resource->addr};
    const struct lease_request request = {&addr, unit, &provider, value_bool(true)};
    struct leases *leases = lease_begin(NULL);
    struct value v, same;
    assert_false(lease_find(leases, &addr, &v));
    assert_true(lease_open(leases, arena, &request, &v, &diags));
    assert_true(value_marks(v) & VALUE_EPHEMERAL);
    assert_true(lease_open(leases, arena, &request, &same, &diags));
    assert_true(lease_find(leases, &addr, &same));
    assert_int_equal(n_open, 1);
    while (renewals() < 3)
        clock_sleep_ms(1);
    assert_true(lease_close(leases, unit, &diags));
    assert_string_equal(closed, "0+++;");
    assert_true(lease_find(leases, &addr, &same)); /* what it was is still known */
    lease_end(leases, false, &diags);
    assert_string_equal(closed, "0+++;");
    assert_int_equal(diags.n, 0);
    arena_free(arena);
}

static void what_is_open_is_closed_at_the_end(void **state) {
    (void)state;
    static const struct provider_ops ops = {.open_ephemeral = open_soon,
                                            .close_ephemeral = close_it};
    struct provider provider = {.ops = &ops};
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    const struct unit *unit = make_unit(arena);
    struct leases *leases = lease_begin(NULL);
    closed[0] = '\0';
    for (int64_t i = 0; i < 2; i++) {
        struct value v;
        const struct instance_addr addr = {.resource = unit->resource->addr,
                                           .key = {.kind = KEY_INT, .number = i}};
        const struct lease_request request = {&addr, unit, &provider, value_bool(true)};
        assert_true(lease_open(leases, arena, &request, &v, &diags));
    }
    lease_end(leases, false, &diags);
    assert_string_equal(closed, "0;0;");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leases_are_renewed_until_closed),
        cmocka_unit_test(what_is_open_is_closed_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
