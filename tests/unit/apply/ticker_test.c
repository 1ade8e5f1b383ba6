/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "apply/ticker.h"
#include "base/clock.h"

struct counts {
    atomic_int started, progressed, cancelled, aborted;
    _Atomic int64_t last_ms;
};

static void on_event(void *context, const struct event *event) {
    struct counts *counts = context;
    if (event->kind == EVENT_APPLY_START)
        counts->started++;
    if (event->kind == EVENT_APPLY_PROGRESS) {
        counts->progressed++;
        counts->last_ms = event->elapsed_ms;
    }
}

static void on_interrupt(void *context, bool at_once) {
    struct counts *counts = context;
    if (at_once)
        counts->aborted++;
    else
        counts->cancelled++;
}

static void long_operations_are_reported(void **state) {
    (void)state;
    struct counts counts = {0};
    struct events events = {on_event, &counts};
    struct ticking slots[2] = {0};
    struct ticker t = {.slots = slots, .n_slots = 2, .interval_ms = 150, .events = &events};
    struct event event = {.kind = EVENT_APPLY_START};
    ticker_start(&t);
    ticker_begin(&t, 1, &event);
    for (int i = 0; i < 100 && counts.progressed < 2; i++)
        clock_sleep_ms(50);
    int64_t elapsed = ticker_end(&t, 1);
    int progressed = counts.progressed;
    clock_sleep_ms(400);
    ticker_stop(&t);
    assert_int_equal(counts.started, 1);
    assert_true(progressed >= 2);
    assert_true(counts.last_ms >= 300);
    assert_true(elapsed >= counts.last_ms);
    /* Nothing more is said of an operation that has ended. */
    assert_int_equal(counts.progressed, progressed);
}

static void each_interrupt_is_passed_on_once(void **state) {
    (void)state;
    struct counts counts = {0};
    _Atomic bool cancel = false, abort_now = false;
    struct ticker t = {.cancel = &cancel,
                       .abort_now = &abort_now,
                       .on_interrupt = on_interrupt,
                       .context = &counts};
    ticker_start(&t);
    cancel = true;
    for (int i = 0; i < 100 && counts.cancelled < 1; i++)
        clock_sleep_ms(50);
    assert_int_equal(counts.aborted, 0);
    abort_now = true;
    for (int i = 0; i < 100 && counts.aborted < 1; i++)
        clock_sleep_ms(50);
    clock_sleep_ms(300);
    ticker_stop(&t);
    assert_int_equal(counts.cancelled, 1);
    assert_int_equal(counts.aborted, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_operations_are_reported),
        cmocka_unit_test(each_interrupt_is_passed_on_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
