/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

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

static void reads_times(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-03-01T12:00:00Z", 1772366400000},
        {"2026-03-01T13:00:00+01:00", 1772366400000},
        {"2026-03-01T12:00:00.25Z", 1772366400250},
        {"20260301T120000Z", 1772366400000},
        {"1969-12-31T23:59:59Z", -1000},
        {"2000-02-29T00:00:00Z", 951782400000},
        {"9999-12-31T23:59:59Z", 253402300799000},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms;
        assert_true(clock_parse(str_from(rows[i].text), &ms));
        assert_true(ms == rows[i].ms);
    }
}

static void refuses_what_is_no_time(void **state) {
    (void)state;
    static const char *const rows[] = {
        "",
        "2026",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00Zx",
        "2026-01-01T00:00:00+25:00",
        "2026-00-10T00:00:00Z",
        "tomorrow",
    };
    int64_t ms;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_false(clock_parse(str_from(rows[i]), &ms));
}

/* Every day of 400 years, forth and back, and the weekday goes round. */
static void days_follow_each_other(void **state) {
    (void)state;
    int64_t day = clock_from_civil(1800, 1, 1, 0, 0, 0);
    int weekday = clock_civil(day).weekday;
    for (int i = 0; i < 146097; i++, day += 86400000) {
        struct clock_civil c = clock_civil(day);
        assert_int_equal(c.weekday, (weekday + i) % 7);
        assert_true(clock_from_civil(c.year, c.month, c.day, c.hour, c.minute, c.second) == day);
    }
    assert_string_equal(clock_rfc3339(arena, day).at, "2200-01-01T00:00:00Z");
    assert_string_equal(clock_basic(arena, day + 3661000).at, "22000101T010101Z");
}

static void monotonic_time_does_not_go_back(void **state) {
    (void)state;
    int64_t before = clock_monotonic_ms();
    clock_sleep_ms(5);
    assert_true(clock_monotonic_ms() - before >= 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(days_follow_each_other),
        cmocka_unit_test(monotonic_time_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
