/* SPDX-License-Identifier: Apache-2.0 */
/* Date and time. */
#include "base/clock.h"
#include "eval/func_int.h"
#include "eval/timestamp.h"

static bool run_formatdate(struct func_call *call, struct value *ret_value) {
    struct timestamp time;
    struct str error;
    struct buf out;
    if (!timestamp_parse(call->arena, func_text(call, 1), true, &time, &error))
        return func_fail_arg(call, 1, "%.*s", STR_ARG(error));
    buf_init(&out, BUF_MAX_TEXT);
    if (timestamp_format(&out, call->arena, func_text(call, 0), time, &error))
        return func_string_result(call, &out, ret_value);
    buf_clear(&out);
    return func_fail_arg(call, 0, "%.*s", STR_ARG(error));
}

static bool run_timeadd(struct func_call *call, struct value *ret_value) {
    struct timestamp time;
    int64_t duration;
    struct str error;
    struct buf out;
    if (!timestamp_parse(call->arena, func_text(call, 0), true, &time, &error) ||
        !timestamp_parse_duration(call->arena, func_text(call, 1), &duration, &error))
        return func_fail(call, "%.*s", STR_ARG(error));
    buf_init(&out, BUF_MAX_TEXT);
    timestamp_write(&out, timestamp_add(time, duration));
    return func_string_result(call, &out, ret_value);
}

static bool run_timecmp(struct func_call *call, struct value *ret_value) {
    struct timestamp time[2];
    for (size_t i = 0; i < 2; i++) {
        struct str error;
        if (!timestamp_parse(call->arena, func_text(call, i), false, &time[i], &error))
            return func_fail_arg(call, i, "%.*s", STR_ARG(error));
    }
    int64_t a = time[0].seconds, b = time[1].seconds;
    if (a == b) {
        a = time[0].nanoseconds;
        b = time[1].nanoseconds;
    }
    *ret_value = value_int((a > b) - (a < b));
    return true;
}

static bool run_timestamp(struct func_call *call, struct value *ret_value) {
    *ret_value = value_string_view(clock_rfc3339(call->arena, clock_now_ms()));
    return true;
}

static bool run_plantimestamp(struct func_call *call, struct value *ret_value) {
    struct value_unknown what = {.type = type_string, .not_null = true, .max_length = -1};
    if (call->scope && call->scope->plan_time.len)
        *ret_value = value_string(call->arena, call->scope->plan_time);
    else
        *ret_value = value_unknown_refined(call->arena, &what);
    return true;
}

static const struct func_param formatdate_params[] = {{"format", &type_string, NULL, 0, NULL},
                                                      {"time", &type_string, NULL, 0, NULL}};
static const struct func_param timeadd_params[] = {{"timestamp", &type_string, NULL, 0, NULL},
                                                   {"duration", &type_string, NULL, 0, NULL}};
static const struct func_param timecmp_params[] = {{"timestamp_a", &type_string, NULL, 0, NULL},
                                                   {"timestamp_b", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"formatdate", formatdate_params, 2, .result = &type_string, .run = run_formatdate},
    {"plantimestamp", NULL, 0, .result = &type_string, .run = run_plantimestamp, .plan_only = true},
    {"timeadd", timeadd_params, 2, .result = &type_string, .run = run_timeadd},
    {"timecmp", timecmp_params, 2, .result = &type_number, .run = run_timecmp},
    {"timestamp", NULL, 0, .result = &type_string, .run = run_timestamp, .impure = true},
};

const struct func_table func_time_table = {functions, COUNT(functions)};
